"""Ruled columns that hold several columns, with no rule between those: cut where their lines share upright gaps.

What is cut is a filled lattice, into a finer one. Rows that no rule parts are the matter of `rows_split`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.extract.pdf.cells import Place
from pipeline.extract.pdf.chunks import Strip, strips
from pipeline.extract.pdf.infer_columns import Columns, Span, columns_of
from pipeline.extract.pdf.infer_pieces import Habits, Piece, body_pieces, header_pieces
from pipeline.extract.pdf.tables import Filled
from pipeline.extract.pdf.words import Word

# So many lines show a gap, and most of a ruled column's lines must: text set wide does so now and then.
FEWEST_LINES = 3
# Where rules part the rows, two texts of one cell may stand apart in every row: more of them are asked for.
FEWEST_ROWS = 4
# A label is centred in a cell when its middle is this near the cell's, as a share of the cell's width.
CENTRED = 0.1


def with_all_columns(filled: Filled, unparted: Set[int]) -> Filled:
    """The lattice with each ruled column cut into those its lines show; the same one where none is.

    `unparted` are the rows that hold several records each.
    """
    columns = _columns(filled, unparted)
    if columns is None:
        return filled
    habits = Habits.of([s for words in filled.inside if words for s in strips(words)])
    places: list[Place] = []
    inside: list[tuple[Word, ...]] = []
    for place, words in zip(filled.lattice.places, filled.inside, strict=True):
        wide = _widened(place, columns)
        body = place.row in unparted or (not unparted and place.row > 0)
        for part, held in _parts(wide, words, columns, habits, body):
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
    if not body or 3 * apart < 2 * len(body) or (not unparted and len(body) < FEWEST_ROWS):
        return None
    lines = [s for words in body for s in strips(words)]
    several = [s for s in lines if len(s.chunks) > 1]
    if len(several) < FEWEST_LINES or 3 * len(several) < 2 * len(lines):
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
    place: Place, words: tuple[Word, ...], columns: Columns, habits: Habits, body: bool
) -> list[tuple[Place, tuple[Word, ...]]]:
    """The place cut into cells with their words; whole where it holds one text over all its columns."""
    if place.col_end - place.col == 1:
        return [(place, words)]
    pieces: list[Piece] = []
    for strip in strips(words):
        cut = body_pieces(strip, columns, habits) if body else header_pieces(strip, columns, habits, (), ())
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
    return abs((x0 + x1) - (left + right)) / 2 <= CENTRED * (right - left)


def _between(place: Place, columns: Columns, first: int, last: int) -> Place:
    _, top, _, bottom = place.box
    return Place((columns.edges[first], top, columns.edges[last], bottom), place.row, first, place.row_end, last)
