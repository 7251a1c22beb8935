"""What one worker hands back for its pages: compact, picklable, and free of any library's objects.

Texts stay in lines: whether two lines make one word is decided over the whole document, in `assemble`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pipeline.extract.model import Box, Repair, Unread


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


@dataclass(frozen=True, slots=True)
class PageTable:
    """One table of one page. `edges` are the x of its columns' left sides and of its right side."""

    n_rows: int
    n_cols: int
    cells: tuple[PageCell, ...]
    box: Box
    edges: tuple[float, ...]
    how: Literal["ruled", "inferred"] = "ruled"


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text outside tables (or a hidden one)."""

    text: str
    box: Box
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class PageRead:
    """All that was read of one page, `number` from 1; `lines` and `tables` from top to bottom."""

    number: int
    width: float
    height: float
    lines: tuple[PageLine, ...] = ()
    tables: tuple[PageTable, ...] = ()
    hidden: tuple[PageLine, ...] = ()
    repairs: tuple[Repair, ...] = ()
    unread: tuple[Unread, ...] = ()
    engine: Literal["pdfium", "pdfminer"] = "pdfium"


@dataclass(frozen=True, slots=True)
class PageResults:
    """Pages `first` to `last` of a file (from 1, both included)."""

    first: int
    last: int
    pages: tuple[PageRead, ...]
