"""What one worker hands back for its pages: compact, picklable, and free of any library's objects.

Texts stay in lines: whether two lines make one word is decided over the whole document, in `assemble`; the words by
which it is decided come along.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple, Self

from pipeline.extract.model import Box, Repair, SignKind, Unread
from pipeline.extract.pdf.flow import vocabulary


class PageCell(NamedTuple):
    """A cell as printed on one page: rows and columns it covers (ends exclusive), its box, its lines of text.

    A named tuple: a long file has a million, and frozen dataclasses take three times as long to make, five to unpickle.
    """

    row: int
    col: int
    row_end: int
    col_end: int
    box: Box
    lines: tuple[str, ...]
    bold: bool = False

    @property
    def blank(self) -> bool:
        return not self.lines

    def moved(self, rows: int) -> PageCell:
        """The cell so many rows further down."""
        if not rows:
            return self
        return PageCell(self.row + rows, self.col, self.row_end + rows, self.col_end, self.box, self.lines, self.bold)


class PageSign(NamedTuple):
    """A sign that a table, or a page, may be read wrong: its kind, where, and what it shows."""

    kind: SignKind
    box: Box
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PageTable:
    """One table of one page: its cells by row, then column. `edges` are the x of its columns' left sides and of its
    right side."""

    n_rows: int
    n_cols: int
    cells: tuple[PageCell, ...]
    box: Box
    edges: tuple[float, ...]
    how: Literal["ruled", "inferred"] = "ruled"
    signs: tuple[PageSign, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _table, (self.n_rows, self.n_cols, _columns(self.cells), self.box, self.edges, self.how, self.signs)


def _columns(cells: Sequence[PageCell]) -> tuple[Any, ...]:
    """Cells as one column for each of their fields: pickled in a fifth of the time that cell after cell takes."""
    if not cells:
        return ()
    *places, boxes, lines, bold = zip(*cells, strict=True)
    texts = [text[0] if len(text) == 1 else text for text in lines]
    return *(array("I", column) for column in places), array("d", chain.from_iterable(boxes)), texts, bytes(bold)


def _table(n_rows: int, n_cols: int, columns: tuple[Any, ...], *rest: Any) -> PageTable:
    if not columns:
        return PageTable(n_rows, n_cols, (), *rest)
    *places, sides, texts, bold = columns
    side = iter(sides)
    boxes = zip(side, side, side, side, strict=True)
    lines = [(text,) if type(text) is str else text for text in texts]
    cells = map(tuple.__new__, repeat(PageCell), zip(*places, boxes, lines, map(bool, bold), strict=True))
    return PageTable(n_rows, n_cols, tuple(cells), *rest)


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text outside tables (or a hidden one)."""

    text: str
    box: Box
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class PageRead:
    """All that was read of one page, `number` from 1; `lines` and `tables` from top to bottom.

    `hidden` is text that nobody sees, `notes` are raised marks of notes.
    """

    number: int
    width: float
    height: float
    lines: tuple[PageLine, ...] = ()
    tables: tuple[PageTable, ...] = ()
    hidden: tuple[PageLine, ...] = ()
    notes: tuple[PageLine, ...] = ()
    repairs: tuple[Repair, ...] = ()
    unread: tuple[Unread, ...] = ()
    signs: tuple[PageSign, ...] = ()
    engine: Literal["pdfium", "pdfplumber"] = "pdfium"


@dataclass(frozen=True, slots=True)
class PageResults:
    """Pages `first` to `last` of a file (from 1, both included), and the words they print in one piece, lower-cased."""

    first: int
    last: int
    pages: tuple[PageRead, ...]
    words: frozenset[str] = frozenset()

    @classmethod
    def of(cls, first: int, last: int, pages: Iterable[PageRead]) -> Self:
        read = tuple(pages)
        return cls(first, last, read, vocabulary(line for page in read for line in _printed(page)))


def _printed(page: PageRead) -> Iterator[str]:
    yield from (line.text for line in page.lines)
    for table in page.tables:
        for cell in table.cells:
            yield from cell.lines
