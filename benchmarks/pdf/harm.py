"""What each bad file costs under the default limits, and what becomes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from pipeline.extract.model import ExtractError
from pipeline.extract.pdf.limits import MIB
from pipeline.extract.pdf.worker import read_pdf
from tests.extract.pdf.corpus.damaged import BAD, good

SAMPLE_SECONDS = 0.01


@dataclass(frozen=True)
class Outcome:
    """`peak_mib`: of the worker, as sampled. `next_reads`: whether a good file read right after it."""

    name: str
    file_bytes: int
    seconds: float
    peak_mib: float
    became: str
    next_reads: bool


def outcomes(folder: Path) -> Iterator[Outcome]:
    bad, sound = folder / "bad.pdf", folder / "good.pdf"
    sound.write_bytes(good())
    for name, make in BAD.items():
        bad.write_bytes(make())
        start = time.perf_counter()
        with children_peak() as peak:
            became = _became(bad)
        seconds = time.perf_counter() - start
        yield Outcome(name, bad.stat().st_size, seconds, peak[0] / MIB, became, bool(read_pdf(sound).grids))


def _became(path: Path) -> str:
    try:
        reading = read_pdf(path)
    except ExtractError as error:
        return f"refused: {error.reason}"
    kinds = sorted({unread.kind for unread in reading.unread})
    return f"read: {len(reading.grids)} grid(s)" + (f", declared {', '.join(kinds)}" if kinds else "")


@contextmanager
def children_peak() -> Iterator[list[int]]:
    """The most resident bytes that the children hold together, in the one item of the list."""
    peak, done, parent = [0], threading.Event(), psutil.Process()

    def watch() -> None:
        while not done.wait(SAMPLE_SECONDS):
            held = 0
            for child in parent.children():
                try:
                    held += child.memory_info().rss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], held)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
