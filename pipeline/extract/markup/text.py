"""The printed text of a cell or a line: entities, white space, line breaks, superscripts.

Nothing here knows tables or headings; a text is never corrected beyond what its markup says.
"""

from __future__ import annotations

import html
import re

from pipeline.extract.markup.limits import RepairLog
from pipeline.extract.model import Source

BREAK = "\x1e"

_SPACES = re.compile(r"[ \t\r\n\f]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1d\x1f\x7f]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# A number no character has: the standard library would convert its digits, however many.
_ABSURD_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{7,}|[0-9]{8,});?")
_OPENS_LINE = re.compile(r"[A-ZÀ-ÖØ-ÞŒ•–—*-]")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(raw: str) -> str:
    """Text of a <sup>: digits are raised, so that a note call never becomes the last digit of an amount."""
    return raw.translate(_SUPERSCRIPTS) if raw.strip().isdigit() else raw


def printed(raw: str, source: Source, log: RepairLog) -> str:
    """The text as a reader sees it, from raw markup text where `BREAK` stands for each line break.

    White space is one space; no-break spaces stay. A break before a capital, a dash or a bullet is a new line,
    any other is a wrap and reads as one space. Entities escaped twice are decoded again, with a repair.
    """
    text = _decoded(raw, source, log) if "&" in raw else raw
    if text.isprintable() and "  " not in text:
        return text.strip()
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
        log.add("caractere_de_controle", source, repr(raw[:100]), text[:100].replace(BREAK, " "))
    if BREAK not in text:
        return _SPACES.sub(" ", text).strip()
    return _flowed([line for piece in text.split(BREAK) if (line := _SPACES.sub(" ", piece).strip())])


def one_line(text: str) -> str:
    """The same text with its line breaks read as wraps, as labels are."""
    return text.replace("\n", " ")


def decoded(raw: str) -> str:
    """Entities decoded as often as they were escaped, white space collapsed: for metadata."""
    return printed(raw.replace(BREAK, " "), Source(), RepairLog(0))


def _flowed(lines: list[str]) -> str:
    text = lines[0] if lines else ""
    for line in lines[1:]:
        new_line = _OPENS_LINE.match(line) and not text.endswith("-")
        text += ("\n" if new_line else " ") + line
    return text


def _decoded(raw: str, source: Source, log: RepairLog) -> str:
    text = _unescape(raw)
    if "&" in text and _ENTITY.search(text):
        once = text
        for _ in range(3):
            text = _ENTITY.sub(lambda found: _unescape(found[0]), text)
        if text != once:
            log.add("entite_echappee_deux_fois", source, _plain(once), _plain(text))
    return text


def _unescape(raw: str) -> str:
    return html.unescape(_ABSURD_REFERENCE.sub("\ufffd", raw))


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.replace(BREAK, " ")).strip()
