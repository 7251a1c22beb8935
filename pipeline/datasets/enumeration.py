"""The names of a printed list, each with its place, out of the paragraphs that a printer or a scanner cut it into.

Nothing here knows what the names are, nor where a list begins: that is the dataset's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.extract.model import Cell, Paragraph

# What stands between two separators; a colon ends a piece and belongs to it; what is in brackets is never cut, nor is
# a raised note call.
_PIECE = re.compile(r"(?:\([^()]*\)|\[[^\[\]]*\]|<sup>[^<>]*</sup>|[^,;:·•|/\t\n])+:?")
_BULLET = re.compile(r"\s*(?:[-–—•·*]|[0-9]{1,3}[.)°])\s+")
# What may lead to a name in a sentence or stand before it in a table: it does where the rest alone is a name.
_LEAD = re.compile(
    r"(?:(?:et enfin|et|ou|puis|ainsi que|de même que)\s+)?"
    r"(?:(?:les?|la|des|aux?|à la)\s+)?(?:communes?\b\s*)?(?:suivantes?\s+)?(?:[-–—]\s*)?(?:de\s+|d['’]\s*)?"
    r"(?:(?:[0-9]{5}|2[AB][0-9]{3})\s*[-–—]?\s*)?",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:.*\s)?(?:le|la|les|l['’])", re.IGNORECASE)
_HYPHENS = "-\u2010\u2011"
# Brackets, unless they hold an article put behind; calls of notes; and the words that take a part of a place only.
_NOTE = re.compile(
    r"\s*(?P<note>\((?!\s*(?:le|la|les|l\s*['’ʼ`´]?|las|los|aux)\s*\))[^()]*\)|\[[^\[\]]*\]|<sup>[^<>]*</sup>"
    r"|\*+|[¹²³⁴⁵⁶⁷⁸⁹⁰]+"
    r"|(?<=\w)\s+(?:[-–—]\s+)?(?:(?:en|pour)\s+(?:partie|totalité)|partiellement|entièrement|uniquement|seulement"
    r"|sauf|hors|excepté|à\s+l['’]exception)\b.*)",
    re.IGNORECASE,
)

_ALONE = re.compile(r"(?:en|pour)\s+(?:partie|totalité)|partiellement|uniquement|seulement|p\.\s*p\.?", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")

Aside = Literal["introduction", "note"]


@dataclass(frozen=True)
class Remark:
    """What is printed in a list and is no name: words that introduce names, or a note on the name of rank `on`."""

    cell: Cell
    kind: Aside
    on: int | None = None

    @property
    def restricts(self) -> bool:
        """Whether a note says something: more than a call of a footnote."""
        return any(c.isalpha() for c in _TAG.sub("", self.cell.text))


@dataclass(frozen=True)
class Enumeration:
    """The names in printed order. `finished`: the last paragraph ends with its full stop; `cut`: the last name is
    followed by no punctuation at all, or by a hyphen, so it may be the beginning of a longer one."""

    names: tuple[Cell, ...]
    finished: bool
    cut: bool
    remarks: tuple[Remark, ...] = ()

    def followed(self, by: Enumeration) -> Enumeration:
        """This list and the rest of it."""
        shift = len(self.names)
        names = tuple(replace(name, row=rank) for rank, name in enumerate((*self.names, *by.names)))
        moved = (replace(r, on=None if r.on is None else r.on + shift) for r in by.remarks)
        return Enumeration(names, by.finished, by.cut, (*self.remarks, *moved))

    def split(self, cuts: Sequence[Sequence[tuple[int, int]]]) -> Enumeration:
        """The list with each name cut into its spans of characters (`cuts`, one entry a name; one span: whole)."""
        names: list[Cell] = []
        last: dict[int, int] = {}
        for rank, (name, spans) in enumerate(zip(self.names, cuts, strict=True)):
            if len(spans) > 1:
                names += (replace(name, text=name.text[a:b], source=name.source.piece(a, b)) for a, b in spans)
            else:
                names.append(name)
            last[rank] = len(names) - 1
        ranked = tuple(replace(name, row=rank) for rank, name in enumerate(names))
        remarks = tuple(replace(r, on=None if r.on is None else last[r.on]) for r in self.remarks)
        return replace(self, names=ranked, remarks=remarks)


def enumerate_names(
    paragraphs: Sequence[Paragraph], is_name: Callable[[str], bool] = lambda _text: False
) -> Enumeration:
    """The names of one list, which blank lines and page breaks may have cut anywhere, inside a name too.

    Each name is a Cell whose row is its rank in the list, from 0; its place runs over two lines when the cut went
    through it. A name cut after its hyphen, after an article or before a small letter goes on in the next paragraph.
    What ends with a colon where a paragraph begins introduces names, unless `is_name` knows it; behind another name a
    colon only parts them. Words without which a name is known lead to it.
    """
    names: list[Cell] = []
    remarks: list[Remark] = []
    before = ""
    for paragraph in paragraphs:
        for i, (is_note, piece) in enumerate(_pieces(paragraph)):
            named = piece.text.removesuffix(":").rstrip()
            if is_note or (names and _ALONE.fullmatch(piece.text)):
                remarks.append(Remark(piece, "note", len(names) - 1 if names else None))
            elif named != piece.text and (i == 0 or "commune" in named.lower()) and not is_name(named):
                remarks.append(Remark(piece, "introduction"))
            elif i == 0 and names and _goes_on(before, piece.text):
                names[-1] = _joined(names[-1], piece)
            else:
                lead = _lead(named, is_name)
                if lead:
                    introduction = named[:lead].rstrip()
                    place = piece.source.piece(0, len(introduction))
                    remarks.append(Remark(replace(piece, text=introduction, source=place), "introduction"))
                names.append(replace(piece, text=named[lead:], source=piece.source.piece(lead, len(named))))
        before = paragraph.text.rstrip()
    ranked = tuple(replace(name, row=rank) for rank, name in enumerate(names))
    return Enumeration(ranked, before.endswith("."), bool(before) and before[-1] not in ",;.)", tuple(remarks))


def _lead(text: str, is_name: Callable[[str], bool]) -> int:
    """How many characters of a piece lead to its name: none where it is a name, or where what follows is none."""
    found = _LEAD.match(text)
    end = found.end() if found else 0
    surely = "commune" in text[:end].lower() or is_name(text[end:])
    return end if 0 < end < len(text) and surely and not is_name(text) else 0


def _pieces(paragraph: Paragraph) -> Iterator[tuple[bool, Cell]]:
    """(whether it is a note, the piece) in order, without blanks around it, nor the full stop at the end."""
    text = paragraph.text.rstrip()
    text = text.removesuffix(".")
    bullet = _BULLET.match(text)
    for match in _PIECE.finditer(text, bullet.end() if bullet else 0):
        start = match.start()
        for note in _NOTE.finditer(match.group()):
            yield from _cell(paragraph, False, start, match.start() + note.start())
            yield from _cell(paragraph, True, match.start() + note.start("note"), match.start() + note.end())
            start = match.start() + note.end()
        yield from _cell(paragraph, False, start, match.end())


def _cell(paragraph: Paragraph, is_note: bool, start: int, end: int) -> Iterator[tuple[bool, Cell]]:
    piece = paragraph.text[start:end]
    name = piece.strip()
    if name:
        start += len(piece) - len(piece.lstrip())
        yield is_note, Cell(0, 0, name, paragraph.source.piece(start, start + len(name)))


def _goes_on(before: str, after: str) -> bool:
    """Whether the name that ends a paragraph goes on in the next one."""
    if not before or before[-1] in ",;.":
        return False
    last = re.split(r"[,;]", before)[-1].strip()
    return last[-1:] in _HYPHENS or bool(_ARTICLE.fullmatch(last)) or after[:1].islower()


def _joined(head: Cell, tail: Cell) -> Cell:
    glue = "" if head.text[-1] in _HYPHENS + "'’" else " "
    return replace(head, text=head.text + glue + tail.text, source=head.source | tail.source)
