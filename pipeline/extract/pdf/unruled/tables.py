"""Tables that rules do not enclose: regions whose lines share upright gaps, made into rows and columns.

Used for what ruled lattices leave over; which lines make a region is told in `regions`, where its columns are in
`columns`. Rows are told from rules, from spacing, from content.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from pipeline.extract.model import Box
from pipeline.extract.pdf import signs, thresholds
from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.layout import regions
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.unruled.columns import (
    Columns,
    EdgeHistogram,
    Piece,
    Span,
    between_rules,
    body_pieces,
    columns_of,
    cut_between_columns_of_figures,
    cut_where_others_begin,
    header_pieces,
    unit_of_all,
)
from pipeline.extract.pdf.unruled.lines import crosses, shared_gaps
from pipeline.extract.pdf.unruled.lookalikes import accepted
from pipeline.extract.pdf.unruled.regions import Region, found_in
from pipeline.extract.pdf.words import Chunk, Strip, Word, text_lines

YEAR = re.compile(r"^(?:FY|H[12]|[QT][1-4]|30|31)?\s?(?:19|20)[0-9]{2}(?:[/–-](?:19|20)?[0-9]{2})?\W*$")


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A line of a table, its pieces by column; `band` counts the row rules above it."""

    strip: Strip
    pieces: tuple[Piece, ...]
    band: int

    @property
    def filled(self) -> frozenset[int]:
        return frozenset(c for first, last, _ in self.pieces for c in range(first, last))

    @property
    def figures(self) -> frozenset[int]:
        """Columns with a figure (a year alone is more often a label)."""
        return frozenset(first for first, _, words in self.pieces if Chunk(words).figure)

    @property
    def years(self) -> bool:
        shown = [Chunk(words).text for _, _, words in self.pieces if Chunk(words).figure]
        return bool(shown) and all(YEAR.match(t) for t in shown)


def rows_of(lines: Sequence[PlacedLine], header: int) -> list[list[PlacedLine]]:
    """Lines grouped into rows. The first `header` lines are header and never share a row with the others."""
    by_rules = _ruled_rows(lines[header:])
    pitch = _pitch(lines[header:])
    rows: list[list[PlacedLine]] = []
    for i, line in enumerate(lines):
        if i == 0 or i == header or line.band != lines[i - 1].band:
            rows.append([line])
        elif i < header:
            gap = line.strip.top - lines[i - 1].strip.bottom
            _put(rows, line, gap <= thresholds.WRAP_GAP * line.strip.size and not _header_row_ends(rows[-1], line))
        elif _between_lines(rows[-1], line) or (
            by_rules and _one_record([ln for ln in lines[header:] if ln.band == line.band])
        ):
            rows[-1].append(line)
        elif pitch:
            _put(rows, line, line.strip.top - lines[i - 1].strip.bottom < pitch and not _another_record(rows[-1], line))
        else:
            _put(rows, line, _goes_on(rows[-1], line, lines))
    return rows


def _between_lines(row: Sequence[PlacedLine], line: PlacedLine) -> bool:
    """Whether a line is set between those of the cells beside it; lines of one column only stand close.

    Figures under figures are another record, whatever label is centred beside them.
    """
    return _overlaps(row[-1], line) and not row[-1].filled & line.filled and not _another_record(row, line)


def _overlaps(above: PlacedLine, line: PlacedLine) -> bool:
    return line.strip.top < above.strip.bottom - thresholds.ROW_OVERLAP * line.strip.size


def _another_record(row: Sequence[PlacedLine], line: PlacedLine) -> bool:
    """Whether a line that stands into the one above prints figures under the row's own."""
    return _overlaps(row[-1], line) and any(line.figures & before.figures for before in row)


def header_lines(lines: Sequence[PlacedLine], ruled: int) -> int:
    """How many leading lines are header, told by figures: those above the first figure in a column of figures.

    A lone label just above the figures is a section's title, not header, unless a rule below it says otherwise: `ruled`
    is how many lines stand above that rule, -1 without one. 0 when no column prints figures, or only below the rule.
    """
    columns = {c for line in lines for c in line.filled}
    numeric = set()
    for c in columns:
        filled = [line for line in lines if c in line.filled]
        figures = sum(c in line.figures and not line.years for line in filled)
        if figures >= 2 and figures * 2 >= len(filled):
            numeric.add(c)
    first = next((i for i, line in enumerate(lines) if line.figures & numeric and not line.years), 0)
    while first != ruled and first > 1 and lines[first - 1].filled == {0}:
        first -= 1
    if 0 < ruled < first <= ruled + thresholds.LABEL_LINES and _labels_each(lines[:ruled], lines[ruled], numeric):
        wrapped = lines[ruled + 1 : first]
        if all(line.band == lines[ruled].band and len(line.pieces) < len(lines[ruled].pieces) for line in wrapped):
            return first
    return first if first <= (thresholds.HEADER_LINES if ruled < 0 else ruled) else 0


def _labels_each(above: Sequence[PlacedLine], line: PlacedLine, numeric: Set[int]) -> bool:
    """Whether a line names every column of figures, one by one, and each line above names fewer."""
    own = {first for first, last, _ in line.pieces if last == first + 1}
    labels = line.years or not line.figures & numeric
    return bool(numeric) and numeric <= own and labels and all(len(ln.pieces) < len(line.pieces) for ln in above)


def _put(rows: list[list[PlacedLine]], line: PlacedLine, same: bool) -> None:
    if same:
        rows[-1].append(line)
    else:
        rows.append([line])


def _header_row_ends(row: Sequence[PlacedLine], line: PlacedLine) -> bool:
    """Whether a header's next line is a row of its own: under a label that spans, or under labels and not beside."""
    spans = [(first, last) for ln in row for first, last, _ in ln.pieces if last - first > 1]
    below = [first for first, _, _ in line.pieces]
    return any(sum(first <= c < last for c in below) > 1 for first, last in spans)


def _ruled_rows(lines: Sequence[PlacedLine]) -> bool:
    """Whether rules part the rows: three bands or more, at most a fifth of which hold several records."""
    bands: dict[int, list[PlacedLine]] = {}
    for line in lines:
        bands.setdefault(line.band, []).append(line)
    several = sum(not _one_record(band) for band in bands.values())
    return len(bands) >= 3 and several * 5 <= len(bands)


def _one_record(band: Sequence[PlacedLine]) -> bool:
    """Whether the lines between two rules may be one row: no column prints two figures, one below the other."""
    if len(band) < 2:
        return True
    seen: set[int] = set()
    for line in band:
        if seen & line.figures:
            return False
        seen |= line.figures
    return True


def _pitch(lines: Sequence[PlacedLine]) -> float:
    """The gap (points) from which a line begins a row, 0 when spacing does not tell.

    It tells when gaps fall in two groups, and lines after a small gap do not look like rows: most leave columns empty
    that the line above fills, and none repeats all of them.
    """
    gaps = [b.strip.top - a.strip.bottom for a, b in itertools.pairwise(lines) if a.band == b.band]
    if len(gaps) < 2:
        return 0.0
    size = median(line.strip.size for line in lines)
    ordered = sorted(gaps)
    step, at = max((b - a, i) for i, (a, b) in enumerate(itertools.pairwise(ordered)))
    if step < 0.2 * size or ordered[at] > 0.6 * size:
        return 0.0
    limit = (ordered[at] + ordered[at + 1]) / 2
    wrapped = [
        (a, b) for a, b in itertools.pairwise(lines) if a.band == b.band and b.strip.top - a.strip.bottom < limit
    ]
    rows = sum(len(b.filled) >= len(a.filled) > 1 and bool(a.figures & b.figures) for a, b in wrapped)
    starts = [b for a, b in itertools.pairwise(lines) if b.strip.top - a.strip.bottom >= limit]
    whole = sum(len(b.filled) > 1 for b in starts)
    return limit if rows * 10 <= len(wrapped) and 2 * whole >= len(starts) else 0.0


def _goes_on(row: Sequence[PlacedLine], line: PlacedLine, lines: Sequence[PlacedLine]) -> bool:
    """Whether a line continues the row above it, by its content.

    It does when it stands close, holds no figure, fills fewer columns than the row, all of them filled above, and
    either leaves the first column empty or goes on with a text cut there.
    """
    last = row[-1]
    gap = line.strip.top - last.strip.bottom
    filled = frozenset().union(*(ln.filled for ln in row))
    if gap > _close(lines) or line.figures or not line.filled <= filled:
        return _label_above(row, line, lines)
    if 0 not in line.filled:
        return len(line.filled) < len(filled) and (
            gap <= thresholds.WRAP_GAP * line.strip.size or _full(row, line, lines)
        )
    if line.filled != {0} or len(filled) == 1:
        return len(filled) > 1 and len(line.filled) < len(filled) and _cut_text(last, line, lines)
    return _cut_text(last, line, lines)


def _full(row: Sequence[PlacedLine], line: PlacedLine, lines: Sequence[PlacedLine]) -> bool:
    """Whether no text above had room for the first word that the line prints under it."""
    above = {first: words for ln in row for first, _, words in ln.pieces}
    for first, last, words in line.pieces:
        inside = [held for ln in lines for a, b, held in ln.pieces if (a, b) == (first, last)]
        room = max(_width(held) for held in inside)
        if first in above and _width(above[first]) + _width(words[:1]) + thresholds.NARROW_SPACE * words[0].size < room:
            return False
    return True


def _width(words: Sequence[Word]) -> float:
    return max(w.x1 for w in words) - words[0].x0


def _close(lines: Sequence[PlacedLine]) -> float:
    """How far apart (points) two lines of one cell may stand: as most lines do, however wide the leading."""
    gaps = [b.strip.top - a.strip.bottom for a, b in itertools.pairwise(lines)]
    return max(0.7 * median(line.strip.size for line in lines), 1.1 * median(gaps))


def _label_above(row: Sequence[PlacedLine], line: PlacedLine, lines: Sequence[PlacedLine]) -> bool:
    """A label over two lines whose figures stand beside the second."""
    if len(row) != 1 or row[0].filled != {0} or 0 not in line.filled or len(line.filled) < 2:
        return False
    return line.strip.top - row[0].strip.bottom <= _close(lines) and _cut_text(row[0], line, lines)


def _cut_text(above: PlacedLine, line: PlacedLine, lines: Sequence[PlacedLine]) -> bool:
    """Whether the first column's text was cut for want of room: it goes on in lower case, and had little room left."""
    first = next((words for c, _, words in line.pieces if c == 0), None)
    before = next((words for c, _, words in reversed(above.pieces) if c == 0), None)
    if not first or not before or Chunk(before).text.endswith((":", ".", ";")):
        return False
    widest = max(words[-1].x1 for ln in lines for c, last, words in ln.pieces if c == 0 and last == 1)
    room = widest - before[-1].x1
    return first[0].text[0].islower() and room < 3 * (first[0].x1 - first[0].x0) + 2 * line.strip.size


def tables_in(words: Sequence[Word], h_rules: Floats) -> list[tuple[PageTable, frozenset[int]]]:
    """The tables that words form, each with the ids of the words it holds. `h_rules` rows are (y, x0, x1)."""
    found = []
    for lines in regions([w for w in words if not w.turn], h_rules):
        for region in found_in(lines, h_rules):
            parts = side_by_side(region)
            for part in parts:
                table = structured(part) if len(parts) == 1 or accepted(part.lines, ruled=False) else None
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
    if not 2 <= at <= len(columns) - 2 or widest < thresholds.TABLES_APART * others or not all(labels):
        return [region]
    return [_half(region, columns.edges[at], left) for left in (True, False)]


def _figures(body: Sequence[Strip], columns: Columns, c: int) -> bool:
    held = [chunk for s in body for chunk in s.chunks if columns.holding(chunk.x0, chunk.x1) == c]
    return sum(chunk.figure for chunk in held) * 2 > len(held)


def _half(region: Region, x: float, left: bool) -> Region:
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
    region = replace(region, lines=tuple(cut_between_columns_of_figures(cut_where_others_begin(region.lines))))
    body, above = _body(region)
    if not body:
        return None
    columns = between_rules(ruled_edges) if ruled_edges else columns_of(body, above, size)
    if len(columns) < 2:
        return None
    histogram = EdgeHistogram.of(region.lines)
    plain = _laid(region, columns, histogram, 0)
    header = header_lines(plain, region.header) or max(region.header, 0)
    rows = rows_of(_laid(region, columns, histogram, header), header)
    if len(rows) < (thresholds.FEWEST_ROWS if not region.rules and not ruled_edges else 2):
        return None
    if not region.rules and not ruled_edges and not _in_columns(rows):
        return None
    deep = next((r for r in range(len(rows)) if sum(map(len, rows[:r])) >= header), len(rows))
    return _table(rows, columns.edges, _tall_labels(rows[:deep], columns, region.rules))


def _in_columns(rows: Sequence[Sequence[PlacedLine]]) -> bool:
    """Whether enough rows print in several columns: terms, each above its text set further in, do not."""
    several = sum(len(frozenset().union(*(line.filled for line in row))) > 1 for row in rows)
    return thresholds.ROWS_IN_COLUMNS * several >= len(rows)


def _laid(region: Region, columns: Columns, histogram: EdgeHistogram, header: int) -> list[PlacedLine]:
    laid = []
    for i, (strip, band) in enumerate(zip(region.lines, region.bands, strict=True)):
        if i and i in (header - 1, header) and unit_of_all(strip, columns, region.lines[i - 1]):
            pieces = [(1, len(columns), strip.words)]
        elif i < header:
            pieces = header_pieces(strip, columns, histogram, region.lines[i + 1 : header], region.rules)
        else:
            pieces = body_pieces(strip, columns, histogram)
        laid.append(PlacedLine(strip, tuple(pieces), band))
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
        alone = [s for s in region.lines[first:] if len(s.chunks) == 1 and not crosses(s, gaps)]
        wrapped = [s for s in alone if not _over_a_gap(s, gaps, below)]
        return [*below, *wrapped], list(region.lines[:first])
    return [s for s in region.lines if len(s.chunks) > 1], []


def _over_a_gap(line: Strip, gaps: Sequence[Span], rows: Sequence[Strip]) -> bool:
    """Whether a piece alone on its line stands over most of a gap, and begins where no cell does: a unit or a title."""
    over = any(min(line.x1, b) - max(line.x0, a) > (b - a) / 2 for a, b in gaps)
    return over and not any(abs(line.x0 - c.x0) <= thresholds.SAME_SIDE for s in rows for c in s.chunks)


def _data(strip: Strip) -> bool:
    figures = [c for c in strip.chunks if c.figure and not YEAR.match(c.text)]
    return len(figures) * 3 >= len(strip.chunks) and len(strip.chunks) > 1


def _tall_labels(
    rows: Sequence[Sequence[PlacedLine]], columns: Columns, rules: Sequence[tuple[float, float, float]]
) -> frozenset[tuple[int, int]]:
    """Boundaries (row above, column) that a header's label reaches over.

    Beside a rule that parts two header rows in other columns, a column with text in the upper one only has one label
    for both; so has one whose label is set between the lines of its neighbours. A label on the lower row's line is that
    row's.
    """
    found = set()
    for r, (row, below) in enumerate(pairwise(rows)):
        high, low = _middle(row), _middle(below)
        between = [(x0, x1) for y, x0, x1 in rules if row[0].strip.top < y < below[-1].strip.bottom]
        for c, (a, b) in enumerate(columns.cores):
            filled = [any(c in line.filled for line in group) for group in (row, below)]
            if filled[0] == filled[1] or any(x0 - 2 <= (a + b) / 2 <= x1 + 2 for x0, x1 in between):
                continue
            own = [line for line in (*row, *below) if c in line.filled]
            if filled[1] and _beside_others(own, below, c):
                continue
            at = _middle(own)
            if (between and filled[0]) or min(at - high, low - at) > 0.25 * (low - high):
                found.add((r, c))
    return frozenset(found)


def _beside_others(own: Sequence[PlacedLine], row: Sequence[PlacedLine], c: int) -> bool:
    """Whether a label of one line stands on the same one as another label of one line, in a row of several."""
    if len(own) != 1 or len(row) < 2:
        return False
    lone = [k for k in own[0].filled if k != c and sum(k in line.filled for line in row) == 1]
    return bool(lone)


def _middle(lines: Sequence[PlacedLine]) -> float:
    return (min(line.strip.top for line in lines) + max(line.strip.bottom for line in lines)) / 2


def _table(rows: Sequence[Sequence[PlacedLine]], edges: Sequence[float], tall: frozenset[tuple[int, int]]) -> PageTable:
    tops = _row_edges(rows)
    cells: list[PageCell] = []
    pieces: list[tuple[Box, Sequence[Word]]] = []
    for r, row in enumerate(rows):
        held: dict[int, tuple[int, list[Word]]] = {}
        for line in row:
            for first, last, words in line.pieces:
                at = next((c for c, (end, _) in held.items() if c <= first < end), first)
                end, inside = held.get(at, (last, []))
                held[at] = (max(end, last), [*inside, *words])
        cells += _row_cells(r, held, edges, tops)
        pieces += [((edges[c], tops[r], edges[end], tops[r + 1]), words) for c, (end, words) in held.items()]
    outline = (edges[0], tops[0], edges[-1], tops[-1])
    return PageTable(
        len(rows),
        len(edges) - 1,
        _joined_down(cells, tall),
        outline,
        tuple(edges),
        "inferred",
        tuple(signs.of_cells(pieces, inferred=True)),
    )


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


def _row_edges(rows: Sequence[Sequence[PlacedLine]]) -> list[float]:
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
