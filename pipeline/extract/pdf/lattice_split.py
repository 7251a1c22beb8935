"""Rows and columns of a ruled table that no rule parts: cut where their lines, or shared upright gaps, show them.

What is cut is a filled lattice, into a finer one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import pairwise, product, starmap
from statistics import median

import numpy as np

from pipeline.extract.pdf import signs, thresholds
from pipeline.extract.pdf.chars import Ints
from pipeline.extract.pdf.lattice import Filled, Lattice, Place, page_table
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.rules import Rules
from pipeline.extract.pdf.unruled.columns import (
    Columns,
    EdgeHistogram,
    Piece,
    Span,
    between_rules,
    body_pieces,
    columns_of,
    header_pieces,
)
from pipeline.extract.pdf.unruled.regions import Region
from pipeline.extract.pdf.unruled.tables import YEAR, structured
from pipeline.extract.pdf.words import Strip, Word, strips


def with_all_columns(filled: Filled, unparted: Set[int]) -> Filled:
    """The lattice with each ruled column cut into those its lines show; the same one where none is.

    `unparted` are the rows that hold several records each.
    """
    columns = _columns(filled, unparted)
    if columns is None:
        return filled
    histogram = EdgeHistogram.of([s for words in filled.inside if words for s in strips(words)])
    places: list[Place] = []
    inside: list[tuple[Word, ...]] = []
    for place, words in zip(filled.lattice.places, filled.inside, strict=True):
        wide = _widened(place, columns)
        body = place.row in unparted or (not unparted and place.row > 0)
        for part, held in _parts(wide, words, columns, histogram, body):
            places.append(part)
            inside.append(held)
    lattice = replace(filled.lattice, places=tuple(places), lefts=columns.edges[:-1])
    return Filled(lattice, tuple(inside), filled.loose)


def _columns(filled: Filled, unparted: Set[int]) -> Columns | None:
    """The lattice's columns with those inside them; None when nothing is added."""
    edges = (*filled.lattice.lefts, filled.lattice.box[2])
    alone: list[list[tuple[int, tuple[Word, ...]]]] = [[] for _ in filled.lattice.lefts]
    for p, words in zip(filled.lattice.places, filled.inside, strict=True):
        if words and p.col_end == p.col + 1:
            alone[p.col].append((p.row, words))
    cut = [_inner(column, unparted) for column in alone]
    if not any(cut):
        return None
    bounds = list(edges)
    cores: list[Span] = []
    for outer, inner in zip(pairwise(edges), cut, strict=True):
        bounds += inner.edges[1:-1] if inner else ()
        cores += inner.cores if inner else (outer,)
    return Columns(tuple(sorted(bounds)), tuple(cores))


def _inner(alone: Sequence[tuple[int, tuple[Word, ...]]], unparted: Set[int]) -> Columns | None:
    """The columns inside a ruled one, told by the rows that hold data; None when it is one. `alone` are its cells that
    span no other, each as its row and its words."""
    body = [words for row, words in alone if (row in unparted if unparted else row > 0)]
    apart = sum(words[0].run != words[-1].run for words in body)
    if not body or 3 * apart < 2 * len(body) or (not unparted and len(body) < thresholds.GAP_ROWS):
        return None
    lines = [s for words in body for s in strips(words)]
    several = [s for s in lines if len(s.chunks) > 1]
    if len(several) < thresholds.GAP_LINES or 3 * len(several) < 2 * len(lines):
        return None
    first = min(unparted, default=1)
    header = [s for row, words in alone if row < first for s in strips(words)]
    columns = columns_of(lines, header, median(s.size for s in lines))
    return columns if len(columns) > 1 and _tabular(lines, columns, not unparted) else None


def _tabular(lines: Sequence[Strip], columns: Columns, with_figures: bool) -> bool:
    """Whether the columns hold records: each filled in half of the lines, and figures in one or more if asked."""
    held: list[list[bool]] = [[] for _ in columns.cores]
    for strip in lines:
        for chunk in strip.chunks:
            held[columns.holding(chunk.x0, chunk.x1)].append(chunk.figure)
    full = all(2 * len(figures) >= len(lines) for figures in held)
    return full and (not with_figures or any(2 * sum(figures) > len(figures) for figures in held))


def _widened(place: Place, columns: Columns) -> Place:
    """The place with its columns counted in the finer lattice."""
    x0, _, x1, _ = place.box
    return place._replace(col=bisect_left(columns.edges, x0), col_end=bisect_left(columns.edges, x1))


def _parts(
    place: Place, words: tuple[Word, ...], columns: Columns, histogram: EdgeHistogram, body: bool
) -> list[tuple[Place, tuple[Word, ...]]]:
    """The place cut into cells with their words; whole where it holds one text over all its columns."""
    if place.col_end - place.col == 1:
        return [(place, words)]
    pieces: list[Piece] = []
    for strip in strips(words):
        cut = body_pieces(strip, columns, histogram) if body else header_pieces(strip, columns, histogram, (), ())
        pieces += [(max(a, place.col), min(b, place.col_end), held) for a, b, held in cut]
    groups = _groups(pieces)
    if words and (groups is None or (len(groups) == 1 and not body and _centred(place, words))):
        return [(place, words)]
    found: list[tuple[Place, tuple[Word, ...]]] = []
    at = place.col
    for first, last, held in [*(groups or []), (place.col_end, place.col_end, ())]:
        found += [(_between(place, columns, c, c + 1), ()) for c in range(at, first)]
        if last > first:
            found.append((_between(place, columns, first, last), held))
        at = last
    return found


def _groups(pieces: Sequence[Piece]) -> list[Piece] | None:
    """Pieces of several lines put together by column; None when one spans what others part."""
    spans = sorted({(first, last) for first, last, _ in pieces})
    if any(b[0] < a[1] for a, b in pairwise(spans)):
        return None
    return [(a, b, tuple(w for first, _, held in pieces if first == a for w in held)) for a, b in spans]


def _centred(place: Place, words: Sequence[Word]) -> bool:
    x0, x1 = min(w.x0 for w in words), max(w.x1 for w in words)
    left, _, right, _ = place.box
    return abs((x0 + x1) - (left + right)) / 2 <= thresholds.CENTRED * (right - left)


def _between(place: Place, columns: Columns, first: int, last: int) -> Place:
    _, top, _, bottom = place.box
    return Place((columns.edges[first], top, columns.edges[last], bottom), place.row, first, place.row_end, last)


def without_phantoms(filled: Filled, drawn: Rules) -> Filled:
    """The lattice without the rows and columns that nobody would call so.

    A row or column without any text is none; nor is what only edges of fills part, and never two texts. `drawn` are the
    rules that are drawn.
    """
    owners = _owners(filled)
    if _all_part(owners):
        return filled
    for axis in (0, 1):
        k = 1
        while k < (filled.lattice.n_cols, filled.lattice.n_rows)[axis]:
            before, after = (owners[:, k - 1], owners[:, k]) if axis == 0 else (owners[k - 1], owners[k])
            if _parts_nothing(before, after) and not (
                _both_printed(before, after) and _drawn_between(filled.lattice, axis, k, drawn)
            ):
                filled = _joined(filled, axis, k)
                owners = _owners(filled)
            else:
                k += 1
    return filled


def _owners(filled: Filled) -> Ints:
    """The number of the printed cell that holds each square of the lattice, -1 where it is blank."""
    return filled.lattice.owners([bool(words) for words in filled.inside])


def _all_part(owners: Ints) -> bool:
    """Whether every two neighbouring columns, and rows, print two cells beside each other."""
    for one, other, axis in ((owners[:, :-1], owners[:, 1:], 0), (owners[:-1], owners[1:], 1)):
        if not ((one >= 0) & (other >= 0) & (one != other)).any(axis=axis).all():
            return False
    return True


def _parts_nothing(before: Ints, after: Ints) -> bool:
    """Whether two neighbouring columns (or rows) never print two cells beside each other, or one of them prints none
    but those that go over both."""
    return not ((before >= 0) & (after >= 0) & (before != after)).any() or not _both_printed(before, after)


def _both_printed(before: Ints, after: Ints) -> bool:
    """Whether each of two neighbouring columns (or rows) prints a cell that the other has no part in."""
    apart = before != after
    return bool((apart & (before >= 0)).any() and (apart & (after >= 0)).any())


def _drawn_between(lattice: Lattice, axis: int, k: int, drawn: Rules) -> bool:
    """Whether the boundary before column (axis 0) or row (1) k is drawn, for a good part of its length."""
    at = (lattice.lefts, lattice.tops)[axis][k]
    low, high = lattice.box[1 - axis], lattice.box[3 - axis]
    rules = (drawn.v, drawn.h)[axis]
    near = rules[np.abs(rules[:, 0] - at) <= thresholds.SNAP]
    covered = np.clip(np.minimum(near[:, 2], high) - np.maximum(near[:, 1], low), 0, None).sum()
    return bool(covered >= thresholds.DRAWN_SHARE * (high - low))


def _joined(filled: Filled, axis: int, k: int) -> Filled:
    """The lattice with columns (axis 0) or rows (1) k - 1 and k made one; printed cells stay, blank ones give way."""
    lattice = filled.lattice
    taken: dict[tuple[int, int], int] = {}
    kept: list[tuple[Place, tuple[Word, ...]]] = []
    for words_wanted in (True, False):
        for place, words in zip(lattice.places, filled.inside, strict=True):
            if bool(words) == words_wanted:
                moved = _renumbered(place, axis, k)
                squares = list(product(range(moved.row, moved.row_end), range(moved.col, moved.col_end)))
                if taken.keys().isdisjoint(squares):
                    taken |= dict.fromkeys(squares, len(kept))
                    kept.append((moved, words))
    kept.sort(key=lambda pair: (pair[0].row, pair[0].col))
    edges = [list(lattice.lefts), list(lattice.tops)]
    del edges[axis][k]
    places = tuple(place for place, _ in kept)
    smaller = Lattice(places, tuple(edges[1]), tuple(edges[0]), lattice.box)
    return Filled(smaller, tuple(words for _, words in kept), filled.loose)


def _renumbered(place: Place, axis: int, k: int) -> Place:
    """The place counted in columns (axis 0) or rows (1) of which k - 1 and k are one."""
    first, last = (place.col, place.col_end) if axis == 0 else (place.row, place.row_end)
    first, last = first - (first >= k), last - (last > k)
    last = max(last, first + 1)
    return place._replace(col=first, col_end=last) if axis == 0 else place._replace(row=first, row_end=last)


def split(filled: Filled, drawn: Rules) -> PageTable:
    """The page table, with each row that holds several records cut into those, and each column that holds several.

    `drawn` are the rules that are drawn, and no edges of fills.
    """
    filled, open_rows = with_open_cells_cut(without_phantoms(filled, drawn))
    rows = unparted(filled, open_rows)
    whole_rows = filled
    cut = with_all_columns(filled, rows.keys())
    filled = without_phantoms(cut, drawn) if cut is not filled else filled
    whole = zip(filled.lattice.places, filled.inside, strict=True)
    table = replace(
        page_table(filled), signs=tuple(signs.of_cells((p.box, words) for p, words in whole if p.row not in rows))
    )
    heads = _heads(whole_rows, filled.lattice.n_cols)
    for row in sorted(heads | rows.keys(), reverse=True):
        inside = zip(filled.lattice.places, filled.inside, strict=True)
        words = [w for place, held in inside if place.row == row for w in held]
        table = _replaced(table, row, words, rows.get(row, True), row in heads)
    return table


def _heads(filled: Filled, columns: int) -> frozenset[int]:
    """The first row, where it is one cell over all columns that labels them in several lines, without a figure.

    `columns` is how many there are once those that no rule parts are cut."""
    lattice = filled.lattice
    for place, words in zip(lattice.places, filled.inside, strict=True):
        if place.row == 0 and place.row_end == 1 and place.col_end - place.col == lattice.n_cols:
            lines = strips(words)
            labels = all(not c.figure or YEAR.match(c.text) for s in lines for c in s.chunks)
            if labels and len(lines) > 1 and 2 * max(len(s.chunks) for s in lines) >= columns > 1:
                return frozenset({0})
    return frozenset()


def with_open_cells_cut(filled: Filled) -> tuple[Filled, frozenset[int]]:
    """The lattice with each cell over several columns cut into those where its lines stand in them, piece by piece; and
    the rows of such cells, in which no rule parts the lines.

    So it is where upright rules stop below the header, or where every other row is a band.
    """
    lattice = filled.lattice
    if not any(words and p.col_end - p.col > 1 for p, words in zip(lattice.places, filled.inside, strict=True)):
        return filled, frozenset()
    edges = (*lattice.lefts, lattice.box[2])
    histogram = EdgeHistogram.of([s for words in filled.inside if words for s in strips(words)])
    cuts: dict[int, list[Piece]] = {}
    shown = 0
    for i, (place, words) in enumerate(zip(lattice.places, filled.inside, strict=True)):
        if words and place.col_end - place.col > 1:
            columns = between_rules(edges[place.col : place.col_end + 1])
            lines = [body_pieces(strip, columns, histogram) for strip in strips(words)]
            several = [pieces for pieces in lines if len(pieces) > 1]
            every = all(_fits(piece, columns) for line in lines for piece in line)
            shown_by = lines if every else several
            enough = (thresholds.WRAPPED_LINES if every else 2) * len(several) >= len(lines)
            if enough and all(_fits(piece, columns) for line in shown_by for piece in line):
                cuts[i] = [piece for line in lines for piece in line]
                shown += sum(len(line) > 2 for line in several) + len(several)
    if shown < thresholds.OPEN_LINES:
        return filled, frozenset()
    kept: list[tuple[Place, tuple[Word, ...]]] = []
    for i, (place, words) in enumerate(zip(lattice.places, filled.inside, strict=True)):
        kept += _by_column(place, cuts[i], edges) if i in cuts else [(place, words)]
    places = tuple(place for place, _ in kept)
    cut = Filled(replace(lattice, places=places), tuple(words for _, words in kept), filled.loose)
    return cut, frozenset(lattice.places[i].row for i in cuts)


def _fits(piece: Piece, columns: Columns) -> bool:
    """Whether a piece of a line stands between the edges of its column."""
    first, last, words = piece
    slack = thresholds.SNAP
    return columns.edges[first] - slack <= words[0].x0 and max(w.x1 for w in words) <= columns.edges[last] + slack


def _by_column(
    place: Place, pieces: Sequence[Piece], edges: Sequence[float]
) -> Iterator[tuple[Place, tuple[Word, ...]]]:
    """A cell for each column of the place, or for those that a piece spans, with its words."""
    _, top, _, bottom = place.box
    c = place.col
    while c < place.col_end:
        over = max((last for first, last, _ in pieces if first + place.col == c), default=1) + place.col
        end = max(c + 1, over)
        held = tuple(w for first, _, words in pieces if c <= first + place.col < end for w in words)
        yield Place((edges[c], top, edges[end], bottom), place.row, c, place.row_end, end), held
        c = end


def unparted(filled: Filled, open_rows: Set[int] = frozenset()) -> dict[int, bool]:
    """The rows that hold several records, and whether each of their lines is one: a record may be wrapped.

    In `open_rows` no rule parts the lines, whatever rules part elsewhere.
    """
    lattice = filled.lattice
    if lattice.n_cols < 2:
        return {}
    ruled = lattice.n_rows > thresholds.FEW_RULED_ROWS
    rows: dict[int, list[tuple[float, tuple[Word, ...]]]] = {}
    out: set[int] = set()
    for p, words in zip(lattice.places, filled.inside, strict=True):
        rows.setdefault(p.row, []).append((p.box[2], words))
        if p.row_end - p.row > 1:
            out |= set(range(p.row, p.row_end))
        elif ruled and p.row not in open_rows and words and words[-1].top < words[0].bottom:
            out.add(p.row)
    found = {row: _several(inside, ruled and row not in open_rows) for row, inside in rows.items() if row not in out}
    return {row: by_line for row, by_line in found.items() if by_line is not None}


def _several(inside: list[tuple[float, tuple[Word, ...]]], ruled: bool) -> bool | None:
    """Whether each line of a row's cells, given as their right side and their words, is a record; None when the row is
    one. `ruled`: rules part most rows of the table."""
    cells = [(right, strips(words)) for right, words in inside if words or not ruled]
    lines = [found for _, found in cells]
    level = len(cells) > 1 and len({len(found) for found in lines}) == 1 and _on_one_level(lines)
    if level and len(lines[0]) >= thresholds.RECORD_TEXTS and all(map(any, zip(*starmap(_broken, cells), strict=True))):
        return True
    if ruled and not level:
        return None
    if not ruled and not level and _blocks(lines) >= thresholds.BLOCKS:
        return False
    figures = any(_column_of_figures(found, 2 if level and not ruled else thresholds.RECORD_FIGURES) for found in lines)
    return level if figures else None


def _blocks(cells: Sequence[Sequence[Strip]]) -> int:
    """At how many heights below the first line texts begin anew in two cells or more, set apart from those above."""
    begun: Counter[int] = Counter()
    for lines in cells:
        begun.update({round(b.top) for a, b in pairwise(lines) if b.top - a.bottom > thresholds.WRAP_GAP * b.size})
    return sum(begun[y] + begun[y + 1] > 1 for y in begun)


def _broken(right: float, lines: list[Strip]) -> list[bool]:
    """For each line but the last, whether it ends although the next one's first word had room in the cell."""
    return [a.x1 + b.words[0].x1 - b.x0 + a.size < right for a, b in pairwise(lines)]


def _on_one_level(cells: list[list[Strip]]) -> bool:
    """Whether cells of as many lines have each line on one line with their neighbours'."""
    rows = zip(*cells, strict=True)
    return all(max(s.bottom for s in row) - min(s.bottom for s in row) < 0.2 * row[0].size for row in rows)


def _column_of_figures(lines: list[Strip], fewest: int) -> bool:
    """Lines of figures or marks, one or more to the line, but for one line at most (a unit, a dash)."""
    figures = sum(
        2 * sum(len(c.words) <= 3 and (c.figure or _mark(c.text)) for c in s.chunks) >= len(s.chunks) for s in lines
    )
    return figures >= fewest and figures >= len(lines) - (len(lines) > thresholds.RECORD_FIGURES)


def _mark(text: str) -> bool:
    """A cross, a tick, a dot: what says yes in a table."""
    return len(text) <= 3 and not any(c.isalpha() for c in text if c not in "xX")


def _replaced(table: PageTable, row: int, words: list[Word], by_line: bool, header: bool) -> PageTable:
    """The table with the row cut into those that its words make: one a line if so, or those of labels."""
    lines = strips(words)
    bands = tuple(range(len(lines))) if by_line and not header else (0,) * len(lines)
    cut = structured(Region(tuple(lines), bands, len(lines) if header else 0), table.edges)
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
