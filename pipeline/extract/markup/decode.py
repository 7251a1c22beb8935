"""From bytes to characters: which encoding a file is really in, and its text in chunks.

The declared encoding is believed only when the bytes agree; a disagreement is a repair or an error, never silence.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.extract.model import ExtractError, Repair, Source

CHUNK = 1 << 20

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Browsers read latin-1 and ascii as windows-1252: the printed quotes and dashes of French pages are there.
# Names that Python and libxml2 both know.
_ANSI = "windows-1252"
_SINGLE_BYTE = {"ascii": _ANSI, "iso8859-1": _ANSI, "cp1252": _ANSI, "iso8859-15": "iso-8859-15"}
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})|<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """The codec to read with; `lost_tail` bytes at the end are a character cut in two and are not read."""

    name: str
    repairs: tuple[Repair, ...] = ()
    lost_tail: int = 0


def size_of(stream: BinaryIO) -> int:
    """Bytes of a seekable stream, which is left at its beginning."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def encoding_of(stream: BinaryIO) -> Encoding:
    """The encoding a whole stream can be read with, tried on all its bytes.

    A file that says utf-8 and holds single-byte accents is read as windows-1252 with a repair; one that says
    latin-1 and is valid utf-8 likewise. ExtractError for an unknown encoding or for a mixture of two.
    """
    stream.seek(0)
    head = stream.read(4096)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return _strict(stream, name)
    if head[:2] in (b"<\0", b"\0<"):
        return _strict(stream, "utf-16-le" if head[0] else "utf-16-be")
    declared = _declared(head)
    if declared in _SINGLE_BYTE:
        return _single_byte(stream, declared)
    if declared != "utf-8":
        raise ExtractError(
            f"L'encodage déclaré « {declared} » n'est pas de ceux qui se lisent.", "réenregistrer en UTF-8"
        )
    return _utf8(stream)


def text_chunks(stream: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """The text of the stream from its beginning, in pieces of about `CHUNK` bytes. A byte order mark is not text."""
    left = size_of(stream) - encoding.lost_tail
    decoder = codecs.getincrementaldecoder(encoding.name)("strict")
    while left > 0:
        data = stream.read(min(CHUNK, left))
        if not data:
            break
        left -= len(data)
        yield decoder.decode(data, final=left <= 0)


def _declared(head: bytes) -> str:
    found = _DECLARED.search(head)
    label = (found[1] or found[2]).decode("ascii", "replace") if found else "utf-8"
    try:
        return codecs.lookup(label).name
    except LookupError:
        return label


def _strict(stream: BinaryIO, name: str) -> Encoding:
    if not _reads(stream, name):
        raise ExtractError(f"Le fichier s'annonce en {name} et n'en est pas.", "réenregistrer en UTF-8")
    return Encoding(name)


def _reads(stream: BinaryIO, name: str) -> bool:
    try:
        for _ in text_chunks(stream, Encoding(name)):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _utf8(stream: BinaryIO) -> Encoding:
    if _reads(stream, "utf-8"):
        return Encoding("utf-8")
    wrong, foreign, tail = _utf8_errors(stream)
    if not wrong:
        mend = Repair("fichier_tronque", Source(), f"{tail} octets d'un caractère coupé en fin de fichier")
        return Encoding("utf-8", (mend,), lost_tail=tail)
    if foreign * 10 > wrong:
        raise ExtractError("Le fichier mêle de l'UTF-8 et un autre encodage.", "reprendre le fichier à sa source")
    name = _fits(stream, _ANSI)
    return Encoding(name, (Repair("encodage_errone", Source(), "utf-8", name),))


def _single_byte(stream: BinaryIO, declared: str) -> Encoding:
    wrong, foreign, tail = _utf8_errors(stream)
    if foreign and not wrong and not tail:
        return Encoding("utf-8", (Repair("encodage_errone", Source(), declared, "utf-8"),))
    return Encoding(_fits(stream, _SINGLE_BYTE[declared]))


def _fits(stream: BinaryIO, name: str) -> str:
    """`name`, or latin-1 (which reads any byte) where the file holds bytes that it leaves undefined."""
    return name if _reads(stream, name) else "iso-8859-1"


def _utf8_errors(stream: BinaryIO) -> tuple[int, int, int]:
    """(undecodable places, characters beyond ASCII that decode, bytes of a last character cut by the end)."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    wrong = foreign = 0
    stream.seek(0)
    while data := stream.read(CHUNK):
        text = decoder.decode(data)
        if not text.isascii():
            bad = text.count("\ufffd")
            wrong += bad
            foreign += sum(map(len, re.findall(r"[^\x00-\x7f]+", text))) - bad
    pending = decoder.getstate()[0]
    return wrong, foreign, len(pending)
