"""Rows that column rules enclose but no row rule parts: cut where their lines print one record each.

Used on small ruled tables only, and only where figures stand one below the other in one cell.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.extract.pdf.chunks import Chunk, strips
from pipeline.extract.pdf.infer import structured
from pipeline.extract.pdf.infer_regions import Region
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.tables import Filled, page_table
from pipeline.extract.pdf.words import Line, Word, lines_of

# A table with more ruled rows than this has rules between its rows: what its cells hold in lines belongs together.
MOST_ROWS = 3
# So many figures in one cell, one a line, are as many records.
FEWEST = 3


def split(filled: Filled) -> PageTable:
    """The page table, with each row that holds several records cut into those."""
    table = page_table(filled)
    if table.n_rows > MOST_ROWS or table.n_cols < 2:
        return table
    for row in range(table.n_rows - 1, -1, -1):
        places = [i for i, p in enumerate(filled.lattice.places) if p.row <= row < p.row_end]
        alone = all(filled.lattice.places[i].row_end - filled.lattice.places[i].row == 1 for i in places)
        if alone and any(_column_of_figures(lines_of(filled.inside[i])) for i in places):
            table = _replaced(table, row, [w for i in places for w in filled.inside[i]])
    return table


def _column_of_figures(lines: list[Line]) -> bool:
    """Lines that are one figure each, but for one at most (a unit, a dash)."""
    figures = sum(len(line.words) <= 3 and Chunk(line.words).figure for line in lines)
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
