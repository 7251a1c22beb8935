"""Tables of successive pages joined into one: repeated headers dropped, rows cut by the page's end put together.

Works on page tables; the model's Grid is made in `assemble`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.extract.model import Box
from pipeline.extract.pdf.headers import MAX_HEADER_ROWS
from pipeline.extract.pdf.results import PageCell, PageTable

# How far (points) the columns of two pages may be apart and still be the same columns.
SHIFT = 8.0


# The texts of a row by column, spaces and hyphens left out: wraps may fall elsewhere on another page.
RowTexts = tuple[tuple[int, str], ...]


@dataclass(slots=True)
class Stitched:
    """One table over one or more pages: its cells with the page each stands on, and what joining it changed.

    `cells` have rows counted over the whole table; a row cut by a page end is one row, its lines in order. `head` is
    what the first page's first rows print, `shapes` which columns any row fills, `last_row` the places in `cells` of
    the last row: joining a page looks at these and never at all that came before.
    """

    page: int
    table: PageTable
    cells: list[tuple[int, PageCell]]
    n_rows: int
    last_table: PageTable
    last_page: int
    head: dict[int, RowTexts]
    shapes: set[frozenset[int]]
    last_row: list[int]
    dropped: list[tuple[int, PageCell]] = field(default_factory=list)
    joined_rows: list[tuple[int, int, Box | None]] = field(default_factory=list)

    @classmethod
    def of(cls, page: int, table: PageTable) -> Stitched:
        last_row = [i for i, c in enumerate(table.cells) if c.row_end == table.n_rows]
        cells = [(page, c) for c in table.cells]
        head, shapes = _row_texts(table.cells), set(_shapes(table.cells).values())
        return cls(page, table, cells, table.n_rows, table, page, head, shapes, last_row)


def continues(above: Stitched, page: int, table: PageTable) -> bool:
    """Whether a table at the top of the next page goes on with the one at the foot of this page: the same columns.

    Columns are the same when there are as many and their edges agree once one page's shift (a gutter, left and right
    pages) is taken off.
    """
    if page != above.last_page + 1 or table.n_cols != above.table.n_cols:
        return False
    if above.table.how != table.how:
        return False
    same = _same_edges if table.how == "ruled" else _same_columns
    return same(above.last_table.edges, table.edges) or same(above.table.edges, table.edges)


def _same_edges(a: Sequence[float], b: Sequence[float]) -> bool:
    shift = b[0] - a[0]
    return all(abs(q - p - shift) <= SHIFT for p, q in zip(a, b, strict=True))


def _same_columns(a: Sequence[float], b: Sequence[float]) -> bool:
    """Inferred edges follow the text of their page: each column must share most of the narrower one's width."""
    pairs = zip(pairwise(a), pairwise(b), strict=True)
    return all(min(p1, q1) - max(p0, q0) > 0.5 * min(p1 - p0, q1 - q0) for (p0, p1), (q0, q1) in pairs)


def append(above: Stitched, page: int, table: PageTable) -> None:
    """Put a continuation below: its repeated header dropped, its first row joined to the last when the page cut it."""
    skip = repeated_rows(above, table)
    above.dropped += [(page, c) for c in table.cells if c.row < skip and not c.blank]
    shapes = {row: filled for row, filled in _shapes(table.cells).items() if row >= skip}
    if _cut_row(above, table, skip, shapes):
        rest = [(page, c) for c in table.cells if c.row == skip]
        _join(above, [c for _, c in rest])
        above.joined_rows.append((page, above.n_rows - 1, boxes(rest, page)))
        skip += 1
    first = len(above.cells)
    above.cells += [(page, c.moved(above.n_rows - skip)) for c in table.cells if c.row >= skip]
    above.n_rows += table.n_rows - skip
    above.shapes |= set(shapes.values())
    if len(above.cells) > first:
        above.last_row = [i for i in range(first, len(above.cells)) if above.cells[i][1].row_end == above.n_rows]
    above.last_table, above.last_page = table, page


def repeated_rows(above: Stitched, table: PageTable) -> int:
    """How many leading rows print again what the table's own first rows print."""
    again = _row_texts(table.cells)
    n = 0
    while n < min(table.n_rows, above.table.n_rows) and again.get(n) and again.get(n) == above.head.get(n):
        n += 1
    # A span that began in a dropped row must go with it.
    return max([n, *(c.row_end for c in table.cells if c.row < n)]) if n else 0


def _row_texts(cells: Sequence[PageCell]) -> dict[int, RowTexts]:
    """What the leading rows print, those that may be a header."""
    rows: dict[int, list[tuple[int, str]]] = {}
    for c in cells:
        if c.row < MAX_HEADER_ROWS and not c.blank:
            rows.setdefault(c.row, []).append((c.col, "".join("".join(c.lines).split()).replace("-", "")))
    return {r: tuple(sorted(texts)) for r, texts in rows.items()}


def _shapes(cells: Sequence[PageCell]) -> dict[int, frozenset[int]]:
    """For each row that prints something, the columns where it does."""
    filled: dict[int, set[int]] = {}
    for row, col, _, _, _, lines, _ in cells:
        if lines:
            filled.setdefault(row, set()).add(col)
    return {row: frozenset(columns) for row, columns in filled.items()}


def _cut_row(above: Stitched, table: PageTable, row: int, shapes: dict[int, frozenset[int]]) -> bool:
    """Whether the first row below continues the last row above.

    It fills at most half of the columns, each of them printed above too, and no other row of the table has that shape:
    an empty first cell under a spanning label recurs, the rest of a cut row does not.
    """
    first = shapes.get(row)
    if not first or any(c.row_end > row + 1 for c in table.cells if c.row == row and not c.blank):
        return False
    last = {c.col for c in (above.cells[i][1] for i in above.last_row) if not c.blank}
    if len(first) * 2 > table.n_cols or not first <= last:
        return False
    others = above.shapes | {shape for r, shape in shapes.items() if r > row}
    return not any(shape <= first for shape in others)


def _join(above: Stitched, rest: Sequence[PageCell]) -> None:
    lines = {c.col: c.lines for c in rest if not c.blank}
    for i in above.last_row:
        page, c = above.cells[i]
        if c.col in lines:
            above.cells[i] = (page, c._replace(lines=c.lines + lines[c.col]))


def boxes(cells: Sequence[tuple[int, PageCell]], page: int) -> Box | None:
    """The outline of the cells that stand on one page."""
    found = [c.box for p, c in cells if p == page]
    if not found:
        return None
    return min(b[0] for b in found), min(b[1] for b in found), max(b[2] for b in found), max(b[3] for b in found)
