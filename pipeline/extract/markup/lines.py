"""Running text: printed form of raw markup text, and lines told apart as headings, titles of tables and paragraphs.

Also the lines that say something of the document: annexe headings, tables and annexes that are not reproduced. The
wordings are those of the Journal officiel and of bulletins. Tables are in `tables`; which elements break a line is
for `flow`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from pipeline.extract.limits import RepairLog
from pipeline.extract.markup.marks import CALL, SMALL, without_marks
from pipeline.extract.markup.scan import Tag, Tree
from pipeline.extract.model import Block, Heading, Paragraph, Source, Unread

BREAK = "\x1e"

_SPACES = re.compile(r"[ \t\r\n\f]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1d\x1f\x7f]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# A number no character has: the standard library would convert its digits, however many.
_ABSURD_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{7,}|[0-9]{8,});?")
_OPENS_LINE = re.compile(r"[A-ZÀ-ÖØ-ÞŒ•–—*-]")
# A line that is one number, or one date, and nothing else.
_FIGURE_LINE = re.compile(
    r"[(]?[+-]?[0-9][0-9 .,/\u00a0\u2007\u2009\u202f]*(?:€|%|F|euros?|francs?)?[)]?[⁰¹²³⁴-⁹]*", re.I
)


def printed(raw: str, source: Source, log: RepairLog) -> str:
    """The text as a reader sees it, from raw markup text where `BREAK` stands for each line break.

    White space is one space; no-break spaces stay. A break before a capital, a dash or a bullet is a new line, and so
    is one between two numbers; any other is a wrap and reads as one space. Entities escaped twice are decoded again,
    with a repair.
    """
    if CALL in raw or SMALL in raw:
        raw = without_marks(raw)
    text = _decoded(raw, source, log) if "&" in raw else raw
    if text.isprintable() and "  " not in text:
        return text.strip()
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", text)
        log.add("caractere_de_controle", source, repr(raw[:100]), text[:100].replace(BREAK, " "))
    if BREAK not in text:
        return _SPACES.sub(" ", text).strip()
    return _flowed([line for piece in text.split(BREAK) if (line := _SPACES.sub(" ", piece).strip())])


def decoded(raw: str) -> str:
    """Entities decoded as often as they were escaped, white space collapsed: for metadata."""
    return printed(raw.replace(BREAK, " "), Source(), RepairLog(0))


def _flowed(lines: list[str]) -> str:
    text = lines[0] if lines else ""
    for above, line in pairwise(lines):
        new_line = _OPENS_LINE.match(line) and not text.endswith("-")
        text += ("\n" if new_line or _are_figures(above, line) else " ") + line
    return text


def stacked(lines: list[str]) -> str:
    """Printed lines as one text where a break is a wrap; two numbers one above the other stay two lines."""
    text = lines[0] if lines else ""
    for above, line in pairwise(lines):
        text += ("\n" if _are_figures(above, line) else " ") + line
    return text


def _are_figures(above: str, line: str) -> bool:
    return line[0].isdigit() and bool(_FIGURE_LINE.fullmatch(above) and _FIGURE_LINE.fullmatch(line))


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


Missing = Literal["annexe_non_reproduite", "tableau_non_reproduit"]

_NUMBER = r"(?:n[°ºo]\s*)?(?:[IVXLC]{1,7}|[0-9]{1,3}|[A-Z])(?:[-.\s]?(?:bis|ter|quater|[0-9]{1,2}|[A-Z]))?"
_ANNEX = re.compile(rf"annexe(?:\s+{_NUMBER})?(?:\s*[:.–—-]\s*\S.*|\s*\(.*\)|\s+(?:à|au|de|relative)\b.*)?", re.I)
_ANNEXES = re.compile(r"annexes(?:\s+(?:à|au|de)\b.*)?", re.I)
_TABLE = re.compile(rf"tableau\s+{_NUMBER}(?:\s*[:.–—-]\s*\S.*)?", re.I)
_ARTICLE = re.compile(
    r"article\s+(?:(?:[LRDA]\.?\s*)?[0-9][0-9.-]*(?:er)?|premier|unique)(?:\s+(?:bis|ter|quater))?", re.I
)
_LONGEST_TITLE = 250

_DOTS = re.compile(r"[(\[]?\s*(?:\.{3,}|…)\s*[)\]]?")
_THING = r"(?:tableaux?|annexes?|cartes?|plans?|listes?|barèmes?|graphiques?|formules?|images?|documents?)"
_GONE = r"(?:non|pas)\s+(?:reproduite?s?|publiée?s?|insérée?s?|reprise?s?)"
_ELSEWHERE = r"(?:bulletin\s+officiel|\bBO\b|fac-?similé|\bsite\b|https?://|www\.|\bJO\s+n[°ºo]|préfecture|ministère)"
_MISSING = (
    re.compile(rf"\b{_THING}\b[^.;]{{0,120}}\b{_GONE}", re.I),
    re.compile(rf"\bconsulter\b[^.;]{{0,80}}\b{_THING}\b.{{0,120}}(?:\bJO\b|journal\s+officiel|fac-?similé)", re.I),
    re.compile(
        rf"\b(?:annexes?|tableaux?)\b[^.;]{{0,120}}\b(?:est|sont|sera|seront|peut|peuvent)\s+(?:être\s+)?"
        rf"(?:également\s+)?(?:publiée?s?|consultée?s?|consultables?|disponibles?|téléchargeables?|mise?s?\s+en\s+ligne)"
        rf"\b.{{0,160}}{_ELSEWHERE}",
        re.I,
    ),
)
_TABLE_WORD = re.compile(r"\btableaux?\b", re.I)
_ANNEX_WORD = re.compile(r"\bannexes?\b", re.I)


def missing(line: str, under: tuple[str, ...]) -> Missing | None:
    """What a line says is not reproduced; dots alone say so only in the place of an annex."""
    if _DOTS.fullmatch(line):
        return "annexe_non_reproduite" if any(_ANNEX_WORD.match(heading) for heading in under) else None
    if not any(pattern.search(line) for pattern in _MISSING):
        return None
    table, annex = _TABLE_WORD.search(line), _ANNEX_WORD.search(line)
    return (
        "tableau_non_reproduit" if table and not (annex and annex.start() < table.start()) else "annexe_non_reproduite"
    )


def heading_rank(line: str) -> int | None:
    """0 for "ANNEXES", 1 for one annex, 2 for an article, 3 for a numbered table; None for any other line."""
    if len(line) > _LONGEST_TITLE or line.endswith((";", ",")):
        return None
    if _ANNEXES.fullmatch(line):
        return 0
    if _ANNEX.fullmatch(line) and not _sentence(line):
        return 1
    if _ARTICLE.fullmatch(line.rstrip(" .-–—")):
        return 2
    return 3 if _TABLE.fullmatch(line) and not _sentence(line) else None


def is_title(line: str) -> bool:
    """Short, and not ended as a sentence or a clause is."""
    return 0 < len(line) <= _LONGEST_TITLE and not line.endswith((".", ";", ",", ":"))


def is_rectificatif(title: str, nor: str) -> bool:
    """A text that corrects another: by its title, or by a NOR that ends in Z."""
    return "(rectificatif" in title.lower() or (len(nor) == 12 and nor[-1] in "Zz")


def _sentence(line: str) -> bool:
    return line.endswith(".") and len(line.split()) > 4


Printed = Block | Unread

# Levels of headings told by their wording, under those that tags give (1 to 5 or 6).
RANKED = 6
TITLE = RANKED + 4
_MOST_TITLES = 3


@dataclass(slots=True)
class _Line:
    text: str
    source: Source
    bold: bool


@dataclass(slots=True)
class Outline:
    """Headings in force, and the lines that wait to know whether a table follows them."""

    emit: Callable[[Printed], None]
    log: RepairLog
    tree: Tree
    _path: list[tuple[int, str]] = field(default_factory=list)
    _waiting: list[_Line] = field(default_factory=list)
    _after_heading: bool = False
    _bare: bool = False  # nothing but titles since the last heading
    _parts: list[str] = field(default_factory=list)
    _source: Source = field(default_factory=Source)
    _bold: bool = True

    @property
    def under(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def add(self, raw: str, tag: Tag, *, bold: bool) -> None:
        """Raw text of the current line, which stands before `tag`."""
        blank = raw.isspace()
        if not blank:
            if not self._parts:
                self._source, self._bold = tag.text_source(self.tree.path or None), True
            self._bold = self._bold and bold
        if self._parts or not blank:
            self._parts.append(raw)

    def end_line(self, level: int | None = None, named: Callable[[str], str] = str) -> None:
        """The current line is whole; with `level` it is a heading by its tag, which `named` words."""
        if not self._parts:
            return
        text = printed("".join(self._parts), self._source, self.log)
        self._parts.clear()
        if not text:
            return
        if level is None and (rank := heading_rank(text)) is not None:
            level = RANKED + rank
        if level is not None:
            self.heading(level, named(text), self._source)
        elif is_title(text) and (self._bold or self._after_heading) and not missing(text, self.under):
            self._waiting.append(_Line(text, self._source, self._bold))
            if len(self._waiting) > _MOST_TITLES:
                self._flush()
        else:
            self._flush()
            self._paragraph(_Line(text, self._source, self._bold))

    def heading(self, level: int, text: str, source: Source) -> None:
        """A heading opens its section and ends those as deep as it is."""
        self._flush()
        self.leave(level)
        self.emit(Heading(level, text, source, self.under))
        self._path.append((level, text))
        self._after_heading = self._bare = True

    def leave(self, level: int) -> None:
        """End the sections of this level and deeper."""
        self.settle()
        while self._path and self._path[-1][0] >= level:
            self._path.pop()

    def before_table(self) -> str:
        """The lines that wait become titles of the table that begins; the last one, or ''."""
        self.end_line()
        lines, self._waiting = self._waiting, []
        for i, line in enumerate(lines):
            self.heading(TITLE + i, line.text, line.source)
        self._bare = False
        return lines[-1].text if lines else ""

    def settle(self) -> None:
        """No table follows: the current line ends, those that wait are paragraphs."""
        self.end_line()
        self._flush()

    def _flush(self) -> None:
        lines, self._waiting = self._waiting, []
        for line in lines:
            self._paragraph(line)

    def _paragraph(self, line: _Line) -> None:
        self._after_heading = False
        self.emit(Paragraph(line.text, line.source, self.under))
        if kind := missing(line.text, self.under if self._bare else ()):
            self.emit(Unread(kind, line.source, line.text))
        elif "<table" in line.text.lower():
            self.emit(Unread("tableau_non_reproduit", line.source, "tableau dont les balises sont échappées"))
        self._bare = self._bare and is_title(line.text)
