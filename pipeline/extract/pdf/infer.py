"""Tables that rules do not enclose: regions whose lines share upright gaps, made into rows and columns.

Used for what ruled lattices leave over; when a region is one is in `infer_regions`, how it is cut in the other two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.extract.model import Box
from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.chunks import Strip
from pipeline.extract.pdf.infer_columns import Columns, between_rules, columns_of
from pipeline.extract.pdf.infer_kinds import crosses, shared_gaps
from pipeline.extract.pdf.infer_pieces import Habits, body_pieces, cut_where_others_begin, header_pieces
from pipeline.extract.pdf.infer_regions import Region, found_in
from pipeline.extract.pdf.infer_rows import YEAR, Laid, header_lines, rows_of
from pipeline.extract.pdf.layout import regions
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.words import Word, text_lines

# The gap between two tables is this many times the widest inside them.
APART = 2.5
# Two rows that no rule frames are lines that happen to share a gap.
FEWEST_ROWS = 3


def tables_in(words: Sequence[Word], h_rules: Floats) -> list[tuple[PageTable, frozenset[int]]]:
    """The tables that words form, each with the ids of the words it holds. `h_rules` rows are (y, x0, x1)."""
    found = []
    for lines in regions([w for w in words if not w.turn], h_rules):
        for region in found_in(lines, h_rules):
            for part in side_by_side(region):
                table = structured(part)
                if table:
                    found.append((table, frozenset(id(w) for strip in part.lines for w in strip.words)))
    return found


def side_by_side(region: Region) -> list[Region]:
    """Two tables that stand beside each other, parted by a far wider gap than any in them; else the region alone.

    Each has a column of labels of its own and columns to its right; a table whose figures stand far from its labels has
    labels on one side only.
    """
    body, header = _body(region)
    columns = columns_of(body, header, median(s.size for s in region.lines))
    gaps = [(b[0] - a[1], c) for c, (a, b) in enumerate(pairwise(columns.cores), start=1)]
    if len(columns) < 4 or region.rules:
        return [region]
    widest, at = max(gaps)
    others = max(gap for gap, c in gaps if c != at)
    labels = [not _figures(body, columns, c) for c in (0, at)]
    if not 2 <= at <= len(columns) - 2 or widest < APART * others or not all(labels):
        return [region]
    return [_side(region, columns.edges[at], left) for left in (True, False)]


def _figures(body: Sequence[Strip], columns: Columns, c: int) -> bool:
    held = [chunk for s in body for chunk in s.chunks if columns.holding(chunk.x0, chunk.x1) == c]
    return sum(chunk.figure for chunk in held) * 2 > len(held)


def _side(region: Region, x: float, left: bool) -> Region:
    lines = [
        (replace(s, chunks=tuple(c for c in s.chunks if (c.x0 < x) == left)), band)
        for s, band in zip(region.lines, region.bands, strict=True)
    ]
    kept = [(s, band) for s, band in lines if s.chunks]
    return Region(tuple(s for s, _ in kept), tuple(band for _, band in kept), region.header)


def structured(region: Region, ruled_edges: tuple[float, ...] = ()) -> PageTable | None:
    """The region's lines in rows and columns; None when they make fewer than two of either (three rows without rules).

    `ruled_edges` are the columns' edges where rules give them.
    """
    size = median(s.size for s in region.lines)
    region = replace(region, lines=tuple(cut_where_others_begin(region.lines)))
    body, above = _body(region)
    if not body:
        return None
    columns = between_rules(ruled_edges) if ruled_edges else columns_of(body, above, size)
    if len(columns) < 2:
        return None
    habits = Habits.of(region.lines)
    plain = _laid(region, columns, habits, 0)
    header = header_lines(plain, region.header) or max(region.header, 0)
    rows = rows_of(_laid(region, columns, habits, header), header)
    if len(rows) < (FEWEST_ROWS if not region.rules and not ruled_edges else 2):
        return None
    deep = next((r for r in range(len(rows)) if sum(map(len, rows[:r])) >= header), len(rows))
    return _table(rows, columns.edges, _tall_labels(rows[:deep], columns, region.rules))


def _laid(region: Region, columns: Columns, habits: Habits, header: int) -> list[Laid]:
    laid = []
    for i, (strip, band) in enumerate(zip(region.lines, region.bands, strict=True)):
        if i < header:
            pieces = header_pieces(strip, columns, habits, region.lines[i + 1 : header], region.rules)
        else:
            pieces = body_pieces(strip, columns, habits)
        laid.append(Laid(strip, tuple(pieces), band))
    return laid


def _body(region: Region) -> tuple[list[Strip], list[Strip]]:
    """The lines that show the columns, and those of the header, as rules or figures tell it."""
    first = region.header
    if first < 0:
        first = next((i for i, s in enumerate(region.lines) if _data(s)), 0)
    below = [s for s in region.lines[first:] if len(s.chunks) > 1]
    if len(below) >= 2:
        gaps = shared_gaps(below)
        # Wrapped cells show that a column is there; titles inside the table say nothing of columns.
        wrapped = [s for s in region.lines[first:] if len(s.chunks) == 1 and not crosses(s, gaps)]
        return [*below, *wrapped], list(region.lines[:first])
    return [s for s in region.lines if len(s.chunks) > 1], []


def _data(strip: Strip) -> bool:
    figures = [c for c in strip.chunks if c.figure and not YEAR.match(c.text)]
    return len(figures) * 3 >= len(strip.chunks) and len(strip.chunks) > 1


def _tall_labels(
    rows: Sequence[Sequence[Laid]], columns: Columns, rules: Sequence[tuple[float, float, float]]
) -> frozenset[tuple[int, int]]:
    """Boundaries (row above, column) that a header's label reaches over.

    Beside a rule that parts two header rows in other columns, a column with text in one of them only has one label for
    both; so has one whose label is set between the lines of its neighbours.
    """
    found = set()
    for r, (row, below) in enumerate(pairwise(rows)):
        high, low = _middle(row), _middle(below)
        between = [(x0, x1) for y, x0, x1 in rules if row[0].strip.top < y < below[-1].strip.bottom]
        for c, (a, b) in enumerate(columns.cores):
            filled = [any(c in line.filled for line in group) for group in (row, below)]
            if filled[0] == filled[1] or any(x0 - 2 <= (a + b) / 2 <= x1 + 2 for x0, x1 in between):
                continue
            at = _middle([line for line in (*row, *below) if c in line.filled])
            if between or min(at - high, low - at) > 0.25 * (low - high):
                found.add((r, c))
    return frozenset(found)


def _middle(lines: Sequence[Laid]) -> float:
    return (min(line.strip.top for line in lines) + max(line.strip.bottom for line in lines)) / 2


def _table(rows: Sequence[Sequence[Laid]], edges: Sequence[float], tall: frozenset[tuple[int, int]]) -> PageTable:
    tops = _row_edges(rows)
    cells: list[PageCell] = []
    for r, row in enumerate(rows):
        held: dict[int, tuple[int, list[Word]]] = {}
        for line in row:
            for first, last, words in line.pieces:
                at = next((c for c, (end, _) in held.items() if c <= first < end), first)
                end, inside = held.get(at, (last, []))
                held[at] = (max(end, last), [*inside, *words])
        cells += _row_cells(r, held, edges, tops)
    outline = (edges[0], tops[0], edges[-1], tops[-1])
    return PageTable(len(rows), len(edges) - 1, _joined_down(cells, tall), outline, tuple(edges), "inferred")


def _joined_down(cells: Sequence[PageCell], tall: frozenset[tuple[int, int]]) -> tuple[PageCell, ...]:
    """One cell for two above one another, one of them blank, where a label reaches over their boundary."""
    at = {(c.row, c.col): c for c in cells}
    for r, c in sorted(tall):
        above, below = at.get((r, c)), at.get((r + 1, c))
        if above and below and above.col_end == below.col_end and (above.blank or below.blank):
            printed = below if above.blank else above
            box = (above.box[0], above.box[1], above.box[2], below.box[3])
            at[r, c] = printed._replace(row=above.row, row_end=below.row_end, box=box)
            del at[r + 1, c]
    return tuple(sorted(at.values(), key=lambda c: (c.row, c.col)))


def _row_edges(rows: Sequence[Sequence[Laid]]) -> list[float]:
    tops = [min(line.strip.top for line in row) for row in rows]
    bottoms = [max(line.strip.bottom for line in row) for row in rows]
    between = [(b + t) / 2 for b, t in zip(bottoms, tops[1:], strict=False)]
    return [tops[0], *between, bottoms[-1]]


def _row_cells(
    r: int, held: dict[int, tuple[int, list[Word]]], edges: Sequence[float], tops: Sequence[float]
) -> list[PageCell]:
    cells: list[PageCell] = []
    c = 0
    while c < len(edges) - 1:
        end, words = held.get(c, (c + 1, []))
        # A span stops where another piece begins.
        end = next((k for k in range(c + 1, end) if k in held), end)
        box: Box = (edges[c], tops[r], edges[end], tops[r + 1])
        lines = tuple(line.text for line in text_lines(words)) if words else ()
        cells.append(PageCell(r, c, r + 1, end, box, lines, bool(words) and all(w.bold for w in words)))
        c = end
    return cells
