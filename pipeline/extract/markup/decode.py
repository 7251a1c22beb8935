"""From bytes to characters: which encoding a file is really in, and its text in chunks.

The declared encoding is believed only when the bytes agree; a disagreement is a repair or an error, never silence.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from pipeline.extract.model import ExtractError, Repair, Source, Unread

CHUNK = 1 << 20

_FRENCH = frozenset("àâäçéèêëîïôöùûüÿœæñÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆÑ«»‹›’‘“”–—…•€£§°ºª²³¹·×±½¼¾µ\u00a0\u00ad")

_FOREIGN = re.compile(r"[^\x00-\x7f]")

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
    if wide := _wide(head):
        return _strict(stream, wide)
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


def decode_text(data: bytes) -> tuple[str, Encoding]:
    """The text of a file that declares no encoding: UTF-8, UTF-16 or windows-1252, with its repair.

    ExtractError for a mixture, for bytes that make no French text in any of them, and for binary content.
    """
    stream = io.BytesIO(data)
    encoding = encoding_of(stream)
    text = "".join(text_chunks(stream, encoding))
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        reason = f"ligne {line} : octet nul, ce n'est pas du texte."
        raise ExtractError(reason, "vérifier le fichier", Source(line=line))
    return text, encoding


def cut_in_a_character(encoding: Encoding) -> Unread | None:
    """The gap of a file that ends inside a character."""
    if not encoding.lost_tail:
        return None
    return Unread("fichier_tronque", Source(), f"{encoding.lost_tail} octets d'un caractère coupé en fin de fichier")


def _wide(head: bytes) -> str:
    """UTF-16 without its mark, by the zero bytes that Latin letters have in it."""
    even, odd = head[0:200:2], head[1:200:2]
    if len(odd) < 2 or head[:1] == head[1:2]:
        return ""
    if not even.count(0) and odd.count(0) * 10 >= len(odd) * 9:
        return "utf-16-le"
    return "utf-16-be" if not odd.count(0) and even.count(0) * 10 >= len(even) * 9 else ""


def _check_french(chunks: Iterable[str]) -> None:
    """Text read as windows-1252 for want of better must look French: other code pages give signs and boxes.
    ExtractError with the first of them."""
    french = strange = 0
    lines, first, line = 0, "", 1
    for text in chunks:
        for char in _FOREIGN.findall(text):
            french, strange = (french + 1, strange) if char in _FRENCH else (french, strange + 1)
            if strange == 1 and not first:
                first, line = char, lines + text[: text.index(char)].count("\n") + 1
        lines += text.count("\n")
    if strange and french < (french + strange) * 0.9:
        reason = f"ligne {line} : « {first} », le fichier n'est ni en UTF-8, ni en UTF-16, ni en windows-1252"
        raise ExtractError(reason, "convertir le fichier en UTF-8 depuis son encodage d'origine", Source(line=line))


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
        return Encoding("utf-8", lost_tail=tail)
    if foreign * 10 > wrong:
        line = _first_wrong_line(stream)
        reason = f"ligne {line} : le fichier mêle de l'UTF-8 et un autre encodage."
        raise ExtractError(reason, "reprendre le fichier à sa source", Source(line=line))
    name = _fits(stream, _ANSI)
    _check_french(text_chunks(stream, Encoding(name)))
    return Encoding(name, (Repair("encodage_errone", Source(), "utf-8", name),))


def _single_byte(stream: BinaryIO, declared: str) -> Encoding:
    wrong, foreign, tail = _utf8_errors(stream)
    if foreign and not wrong and not tail:
        return Encoding("utf-8", (Repair("encodage_errone", Source(), declared, "utf-8"),))
    return Encoding(_fits(stream, _SINGLE_BYTE[declared]))


def _fits(stream: BinaryIO, name: str) -> str:
    """`name`, or latin-1 (which reads any byte) where the file holds bytes that it leaves undefined."""
    return name if _reads(stream, name) else "iso-8859-1"


def _first_wrong_line(stream: BinaryIO) -> int:
    """The line of the first byte that is not UTF-8."""
    stream.seek(0)
    for n, line in enumerate(stream, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return n
    return 1


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
