"""Rows that column rules enclose but no row rule parts: cut where their lines print one record each.

Only where figures stand one below the other in one cell. Columns that rules leave together are cut as well, by
`columns_split`.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.extract.pdf.chunks import Strip, strips
from pipeline.extract.pdf.columns_split import with_all_columns
from pipeline.extract.pdf.infer import structured
from pipeline.extract.pdf.infer_regions import Region
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.tables import Filled, page_table
from pipeline.extract.pdf.words import Word

# A table with more ruled rows than this has rules between its rows: what its cells hold in lines belongs together.
MOST_ROWS = 3
# So many figures in one cell, one a line, are as many records.
FEWEST = 3


def split(filled: Filled) -> PageTable:
    """The page table, with each row that holds several records cut into those, and each column that holds several."""
    rows = _unparted(filled)
    filled = with_all_columns(filled, rows)
    table = page_table(filled)
    for row in sorted(rows, reverse=True):
        inside = zip(filled.lattice.places, filled.inside, strict=True)
        table = _replaced(table, row, [w for place, words in inside if place.row == row for w in words])
    return table


def _unparted(filled: Filled) -> frozenset[int]:
    """The rows that hold several records."""
    lattice = filled.lattice
    if lattice.n_rows > MOST_ROWS or lattice.n_cols < 2:
        return frozenset()
    spanned = {r for p in lattice.places if p.row_end - p.row > 1 for r in range(p.row, p.row_end)}
    figures = {
        p.row for p, words in zip(lattice.places, filled.inside, strict=True) if _column_of_figures(strips(words))
    }
    return frozenset(figures - spanned)


def _column_of_figures(lines: list[Strip]) -> bool:
    """Lines of figures, one or more to the line, but for one line at most (a unit, a dash)."""
    figures = sum(2 * sum(c.figure and len(c.words) <= 3 for c in s.chunks) > len(s.chunks) for s in lines)
    return figures >= FEWEST and figures >= len(lines) - 1


def _replaced(table: PageTable, row: int, words: list[Word]) -> PageTable:
    lines = strips(words)
    cut = structured(Region(tuple(lines), (0,) * len(lines), 0), table.edges)
    if cut is None or cut.n_rows < FEWEST:
        return table
    more = cut.n_rows - 1
    old = [c for c in table.cells if c.row == row]
    top, bottom = min(c.box[1] for c in old), max(c.box[3] for c in old)
    above = [c for c in table.cells if c.row_end <= row]
    below = [c.moved(more) for c in table.cells if c.row > row]
    inside = [_placed(c, row, cut, top, bottom) for c in cut.cells]
    return replace(table, n_rows=table.n_rows + more, cells=(*above, *inside, *below))


def _placed(cell: PageCell, row: int, cut: PageTable, top: float, bottom: float) -> PageCell:
    """A new row's cell in the table's rows; the first and last rows reach the rules."""
    x0, y0, x1, y1 = cell.box
    y0, y1 = (top if cell.row == 0 else y0), (bottom if cell.row_end == cut.n_rows else y1)
    return cell._replace(row=cell.row + row, row_end=cell.row_end + row, box=(x0, y0, x1, y1))
