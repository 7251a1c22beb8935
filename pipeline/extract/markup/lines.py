"""Lines of running text: collected between breaks, then told apart as headings, titles of tables and paragraphs.

Tables are not here (see `table`); which elements break a line is for `flow`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.extract.markup.limits import RepairLog
from pipeline.extract.markup.notices import heading_rank, is_title, missing
from pipeline.extract.markup.scan import Tag
from pipeline.extract.markup.text import printed
from pipeline.extract.markup.tree import Tree
from pipeline.extract.model import Block, Heading, Paragraph, Source, Unread

Part = Block | Unread

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

    emit: Callable[[Part], None]
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
