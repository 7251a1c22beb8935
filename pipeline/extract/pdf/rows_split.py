"""Rows that column rules enclose but no row rule parts: cut where their lines print one record each.

Only where figures stand one below the other in one cell, or as many lines in every cell. Columns that rules leave
together are cut as well, by `columns_split`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, starmap

from pipeline.extract.pdf.chunks import Strip, strips
from pipeline.extract.pdf.columns_split import with_all_columns
from pipeline.extract.pdf.infer import structured
from pipeline.extract.pdf.infer_regions import Region
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.tables import Filled, page_table
from pipeline.extract.pdf.words import Word

# A table with more ruled rows than this has rules between its rows: what a cell holds in lines belongs together, unless
# all the cells of its row hold as many lines.
MOST_ROWS = 3
# So many figures in one cell, one a line, are as many records; two are when every cell of the row has as many lines.
FEWEST = 3
# Texts are, when every cell of the row has so many lines, broken in one of them although the next word had room.
FEWEST_TEXTS = 4


def split(filled: Filled) -> PageTable:
    """The page table, with each row that holds several records cut into those, and each column that holds several."""
    rows = unparted(filled)
    filled = with_all_columns(filled, rows.keys())
    table = page_table(filled)
    for row in sorted(rows, reverse=True):
        inside = zip(filled.lattice.places, filled.inside, strict=True)
        table = _replaced(table, row, [w for place, words in inside if place.row == row for w in words], rows[row])
    return table


def unparted(filled: Filled) -> dict[int, bool]:
    """The rows that hold several records, and whether each of their lines is one: a record may be wrapped."""
    lattice = filled.lattice
    if lattice.n_cols < 2:
        return {}
    ruled = lattice.n_rows > MOST_ROWS
    rows: dict[int, list[tuple[float, tuple[Word, ...]]]] = {}
    out: set[int] = set()
    for p, words in zip(lattice.places, filled.inside, strict=True):
        rows.setdefault(p.row, []).append((p.box[2], words))
        if p.row_end - p.row > 1:
            out |= set(range(p.row, p.row_end))
        elif ruled and words and words[-1].top < words[0].bottom:
            out.add(p.row)
    found = {row: _several(inside, ruled) for row, inside in rows.items() if row not in out}
    return {row: by_line for row, by_line in found.items() if by_line is not None}


def _several(inside: list[tuple[float, tuple[Word, ...]]], ruled: bool) -> bool | None:
    """Whether each line of a row's cells, given as their right side and their words, is a record; None when the row is
    one. `ruled`: rules part most rows of the table."""
    cells = [(right, strips(words)) for right, words in inside if words or not ruled]
    lines = [found for _, found in cells]
    level = len(cells) > 1 and len({len(found) for found in lines}) == 1 and _level(lines)
    if level and len(lines[0]) >= FEWEST_TEXTS and all(map(any, zip(*starmap(_broken, cells), strict=True))):
        return True
    if ruled and not level:
        return None
    figures = any(_column_of_figures(found, 2 if level and not ruled else FEWEST) for found in lines)
    return level if figures else None


def _broken(right: float, lines: list[Strip]) -> list[bool]:
    """For each line but the last, whether it ends although the next one's first word had room in the cell."""
    return [a.x1 + b.words[0].x1 - b.x0 + a.size < right for a, b in pairwise(lines)]


def _level(cells: list[list[Strip]]) -> bool:
    """Whether cells of as many lines have each line on one line with their neighbours'."""
    rows = zip(*cells, strict=True)
    return all(max(s.bottom for s in row) - min(s.bottom for s in row) < 0.2 * row[0].size for row in rows)


def _column_of_figures(lines: list[Strip], fewest: int) -> bool:
    """Lines of figures or marks, one or more to the line, but for one line at most (a unit, a dash)."""
    figures = sum(
        2 * sum(len(c.words) <= 3 and (c.figure or _mark(c.text)) for c in s.chunks) > len(s.chunks) for s in lines
    )
    return figures >= fewest and figures >= len(lines) - (len(lines) > FEWEST)


def _mark(text: str) -> bool:
    """A cross, a tick, a dot: what says yes in a table."""
    return len(text) <= 3 and not any(c.isalpha() for c in text if c not in "xX")


def _replaced(table: PageTable, row: int, words: list[Word], by_line: bool) -> PageTable:
    lines = strips(words)
    bands = tuple(range(len(lines))) if by_line else (0,) * len(lines)
    cut = structured(Region(tuple(lines), bands, 0), table.edges)
    if cut is None:
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
