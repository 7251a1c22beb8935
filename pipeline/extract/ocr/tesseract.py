"""The words that Tesseract recognises in a picture: its program called with a picture, its table of words read."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.extract.model import Box, ExtractError

Picture = npt.NDArray[np.uint8]
"""Grey, rows × columns; 0 is black."""

PROGRAM = "tesseract"
REMEDY = "installer tesseract-ocr et tesseract-ocr-fra, ou retirer [ocr] d'annexes.toml"
# On a machine however busy: what holds a page is the processor time of its child, which Tesseract is given too.
SECONDS = 600.0
# One block of text whose lines are as wide as the page: cells of one row stay on one line.
_LAYOUT = "6"
_WORD = "5"
# Signs that no act prints, and that edges of letters are taken for.
_NEVER = "<>|~{}\\"


@dataclass(frozen=True, slots=True)
class Seen:
    """A word recognised: its box in pixels, and how sure Tesseract is of it, from 0 to 1."""

    text: str
    box: Box
    confidence: float


def words(picture: Picture, dots: int, language: str) -> list[Seen]:
    """The words of a picture of `dots` dots an inch, in the order of its lines.

    Raises ExtractError when the program is not there, does not know the language, or does not end in time.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise ExtractError(f"{PROGRAM} n'est pas installé", REMEDY)
    command = [program, "stdin", "stdout", "-l", language, "--psm", _LAYOUT, "--dpi", str(dots)]
    command += ["-c", f"tessedit_char_blacklist={_NEVER}", "tsv"]
    # One thread: pages are spread over processors, and its threads wait for one another.
    around = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    try:
        done = subprocess.run(command, input=_graymap(picture), capture_output=True, env=around, timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        raise ExtractError(f"{PROGRAM} n'a pas fini une page en {SECONDS:g} s", "transcrire la page") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1]
        raise ExtractError(f"{PROGRAM} s'est arrêté (code {done.returncode}, langue {language}) : {said}", REMEDY)
    return list(_read(done.stdout.decode("utf-8", "replace")))


def _graymap(picture: Picture) -> bytes:
    rows, columns = picture.shape
    return b"P5 %d %d 255\n" % (columns, rows) + picture.tobytes()


def _read(table: str) -> Iterator[Seen]:
    for line in table.split("\n")[1:]:
        fields: list[Any] = line.split("\t")
        if len(fields) == 12 and fields[0] == _WORD and (text := fields[11].strip()):
            left, top, width, height = map(int, fields[6:10])
            yield Seen(text, (left, top, left + width, top + height), max(0.0, float(fields[10])) / 100)
