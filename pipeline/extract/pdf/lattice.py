"""Ruled tables: from merged rules to cells, from cells to tables, and words put into the cells.

Nothing here looks for rules or infers missing ones; rows and columns that no rule parts are cut in `lattice_split`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Bools, Floats, Ints
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.rules import Rules
from pipeline.extract.pdf.words import Word, line_text, lines_of, text_lines

Point = tuple[float, float]


class Place(NamedTuple):
    """One cell of a lattice: its box and the rows and columns it covers (last ones exclusive)."""

    box: Box
    row: int
    col: int
    row_end: int
    col_end: int


@dataclass(frozen=True, slots=True)
class Lattice:
    """One table's geometry: its cells, the distinct tops and lefts that make its rows and columns, its outline."""

    places: tuple[Place, ...]
    tops: tuple[float, ...]
    lefts: tuple[float, ...]
    box: Box

    @property
    def n_rows(self) -> int:
        return len(self.tops)

    @property
    def n_cols(self) -> int:
        return len(self.lefts)

    def owners(self, among: Sequence[bool] | None = None) -> Ints:
        """The number of the place that covers each square, the first where several do, -1 where none does; of those
        places alone that `among` says."""
        found = np.full((self.n_rows, self.n_cols), -1)
        for i in range(len(self.places) - 1, -1, -1):
            if among is None or among[i]:
                p = self.places[i]
                found[p.row : p.row_end, p.col : p.col_end] = i
        return found


def lattices(boxes: list[Box]) -> list[Lattice]:
    """The tables that cells make, from top to bottom. A lone cell is a frame, not a table."""
    return [lattice(group) for group in _rejoined(_connected(boxes)) if len(group) > 1]


def _rejoined(groups: list[list[Box]]) -> list[list[Box]]:
    """The groups, those of the same columns that stand right below each other made one: a header on a ground, or under
    a double rule, is parted from its rows by a little white."""
    found: list[list[Box]] = []
    for group in groups:
        before = found[-1] if found else []
        if before and len(before) > 1 and len(group) > 1 and _same_columns(before, group):
            high, low = max(b[3] for b in before), min(b[1] for b in group)
            if 0 < low - high <= thresholds.PARTED:
                upper = [(x0, top, x1, low if bottom == high else bottom) for x0, top, x1, bottom in before]
                found[-1] = [*upper, *group]
                continue
        found.append(group)
    return found


def _same_columns(one: Sequence[Box], other: Sequence[Box]) -> bool:
    """Whether the cells of two groups begin and end at the same places across."""
    sides = [sorted({round(x) for b in group for x in (b[0], b[2])}) for group in (one, other)]
    return len(sides[0]) == len(sides[1]) and all(abs(a - b) <= 1 for a, b in zip(*sides, strict=True))


def outlines(boxes: list[Box]) -> list[Box]:
    """The outlines of what cells that hang together make, lone ones too."""
    return [
        (min(b[0] for b in group), min(b[1] for b in group), max(b[2] for b in group), max(b[3] for b in group))
        for group in _connected(boxes)
    ]


def inner_first(tables: Sequence[Lattice]) -> list[Lattice]:
    """The same lattices, those of two rows and columns or more that stand within one cell of another before the rest:
    what such a table holds is not the cell's text."""
    if len(tables) < 2:
        return list(tables)
    return sorted(tables, key=lambda t: not (t.n_rows > 1 and t.n_cols > 1 and any(_in_a_cell(t, o) for o in tables)))


def _in_a_cell(inner: Lattice, outer: Lattice) -> bool:
    x0, top, x1, bottom = inner.box
    return any(p.box[0] < x0 and p.box[1] < top and p.box[2] > x1 and p.box[3] > bottom for p in outer.places)


def cell_boxes(rules: Rules) -> list[Box]:
    """The smallest rectangles whose four corners are crossings and whose sides are ruled, by x0 then top.

    Same cells as pdfplumber's `Page.find_tables` with its default settings: from each crossing, the nearest lower
    crossing on a common vertical rule, then the nearest one to the right on a common horizontal rule.
    """
    if not len(rules.h) or not len(rules.v):
        return []
    numbered = _numbered_crossings(rules)
    if numbered is not None:
        return _boxes(*numbered)
    columns, rows = _crossings(rules)
    return [cell for x, y in sorted(columns) if (cell := _smallest(x, y, columns, rows))]


def _numbered_crossings(rules: Rules) -> tuple[Floats, Floats, Ints, Ints] | None:
    """The distinct x and y of rules, and for each pair of them (by x, then y) the number of the upright, and of the
    level, rule that goes through their crossing, -1 for none. None where two rules of one line end at one crossing."""
    h, v = rules.h, rules.v
    near = thresholds.CROSS
    cross = (v[:, None, 1] - near <= h[None, :, 0]) & (h[None, :, 0] <= v[:, None, 2] + near)
    cross &= (h[None, :, 1] - near <= v[:, None, 0]) & (v[:, None, 0] <= h[None, :, 2] + near)
    one, other = np.nonzero(cross)
    xs, column = np.unique(v[:, 0], return_inverse=True)
    ys, row = np.unique(h[:, 0], return_inverse=True)
    upright, level = np.full((len(xs), len(ys)), -1), np.full((len(xs), len(ys)), -1)
    upright[column[one], row[other]] = one
    level[column[one], row[other]] = other
    several = len(one) != int((upright >= 0).sum())
    return None if several else (xs, ys, upright, level)


def _boxes(xs: Floats, ys: Floats, upright: Ints, level: Ints) -> list[Box]:
    """The cells of numbered crossings: for each crossing its next lower one, and the first to the right of both."""
    found: list[Box] = []
    across, down = xs.tolist(), ys.tolist()
    for i in range(len(across) - 1):
        at = np.flatnonzero(upright[i] >= 0)
        above, below = at[:-1], at[1:]
        joined = upright[i, above] == upright[i, below]
        closes = _closing(upright, level, i, above, below)
        first = closes.argmax(axis=0)
        whole = np.asarray(closes.any(axis=0))
        for k in np.flatnonzero(joined).tolist():
            if whole[k]:
                found.append((across[i], down[above[k]], across[i + 1 + first[k]], down[below[k]]))
                continue
            for j in at[k + 2 :].tolist():
                if upright[i, j] != upright[i, above[k]]:
                    break
                right = np.flatnonzero(_closing(upright, level, i, above[k : k + 1], np.array([j])))
                if len(right):
                    found.append((across[i], down[above[k]], across[i + 1 + right[0]], down[j]))
                    break
    return found


def _closing(upright: Ints, level: Ints, i: int, above: Ints, below: Ints) -> Bools:
    """Which of the x right of the i-th close a cell between two y each: the same upright rule goes through both
    crossings there, and from each a level rule to the one on the left."""
    top, bottom = upright[i + 1 :, above], upright[i + 1 :, below]
    closes: Bools = (top >= 0) & (top == bottom)
    closes &= level[i + 1 :, above] == level[i, above]
    closes &= level[i + 1 :, below] == level[i, below]
    return np.asarray(closes)


# For a crossing: the rules of one direction through it, each as (rule number, where it is crossed, rank among these).
Crossings = dict[Point, list[tuple[int, list[float], int]]]


def _crossings(rules: Rules) -> tuple[Crossings, Crossings]:
    """For each crossing (x, y): the vertical rules through it and where those are crossed, then the horizontal ones."""
    columns: Crossings = {}
    rows: Crossings = {}
    flat = rules.h.tolist()
    levels = [row[0] for row in flat]
    along_h: list[list[float]] = [[] for _ in flat]
    for number, (x, top, bottom) in enumerate(rules.v.tolist()):
        along_v: list[float] = []
        for k in range(bisect_left(levels, top - thresholds.CROSS), bisect_right(levels, bottom + thresholds.CROSS)):
            y, x0, x1 = flat[k]
            if x0 - thresholds.CROSS <= x <= x1 + thresholds.CROSS:
                point, along = (x, y), along_h[k]
                if not along_v or along_v[-1] != y:
                    columns.setdefault(point, []).append((number, along_v, len(along_v)))
                    along_v.append(y)
                if not along or along[-1] != x:
                    rows.setdefault(point, []).append((k, along, len(along)))
                    along.append(x)
    return columns, rows


def _smallest(x: float, y: float, columns: Crossings, rows: Crossings) -> Box | None:
    right_of = _after(rows[x, y])
    for below in _after(columns[x, y]):
        for right in right_of:
            corner = (right, below)
            if corner in columns and _share(columns, corner, (right, y)) and _share(rows, corner, (x, below)):
                return x, y, right, below
    return None


def _after(through: list[tuple[int, list[float], int]]) -> list[float]:
    """Where the rules through a crossing are crossed next, in order."""
    if len(through) == 1:
        _, along, rank = through[0]
        return along[rank + 1 :]
    return sorted({p for _, along, rank in through for p in along[rank + 1 :]})


def _share(of: Crossings, a: Point, b: Point) -> bool:
    first, second = of[a], of[b]
    if len(first) == len(second) == 1:
        return first[0][0] == second[0][0]
    return any(p[0] == q[0] for p in first for q in second)


def _connected(boxes: list[Box]) -> list[list[Box]]:
    """Groups of cells linked by common corners, from top to bottom."""
    parent = list(range(len(boxes)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    owner: dict[Point, int] = {}
    for i, (x0, top, x1, bottom) in enumerate(boxes):
        for corner in ((x0, top), (x0, bottom), (x1, top), (x1, bottom)):
            if corner in owner:
                parent[root(i)] = root(owner[corner])
            else:
                owner[corner] = i
    groups: dict[int, list[Box]] = {}
    for i, box in enumerate(boxes):
        groups.setdefault(root(i), []).append(box)
    return sorted(groups.values(), key=lambda group: min((b[1], b[0]) for b in group))


def lattice(boxes: list[Box]) -> Lattice:
    """Boxes of one table placed in rows and columns by their distinct tops and lefts; spans count those they cover."""
    tops = sorted({b[1] for b in boxes})
    lefts = sorted({b[0] for b in boxes})
    row_of = {y: i for i, y in enumerate(tops)}
    col_of = {x: i for i, x in enumerate(lefts)}
    places = [
        Place((x0, top, x1, bottom), row_of[top], col_of[x0], bisect_left(tops, bottom), bisect_left(lefts, x1))
        for x0, top, x1, bottom in boxes
    ]
    places.sort(key=lambda p: (p.row, p.col))
    outline = (lefts[0], tops[0], max(b[2] for b in boxes), max(b[3] for b in boxes))
    return Lattice(tuple(places), tuple(tops), tuple(lefts), outline)


@dataclass(frozen=True, slots=True)
class Filled:
    """A lattice with its words: `inside[i]` are those of place i; `loose` stand in the outline but in no cell."""

    lattice: Lattice
    inside: tuple[tuple[Word, ...], ...]
    loose: tuple[Word, ...]


def fill(lattice: Lattice, words: Sequence[Word]) -> tuple[Filled, list[Word]]:
    """The lattice with its words, and the words that begin elsewhere."""
    x = np.array([(w.at_x, w.at_y, w.x0, w.x1) for w in words]).reshape(-1, 4)
    near = thresholds.SLACK
    x0, top, x1, bottom = lattice.box
    within = (x[:, 0] >= x0 - near) & (x[:, 0] < x1 + near) & (x[:, 1] >= top - near) & (x[:, 1] < bottom + near)
    owners = lattice.owners()
    lefts = np.array(lattice.lefts)
    held = _held(lattice, owners, x[:, 0], x[:, 1]).tolist()
    over = np.searchsorted(lefts, x[:, 2] - near, "right") != np.searchsorted(lefts, x[:, 3] + near, "right")
    runs: dict[int, list[int]] = defaultdict(list)
    for k in np.flatnonzero(within).tolist():
        runs[words[k].run].append(k)
    elsewhere = [words[k] for k in np.flatnonzero(~within).tolist()]
    borders = _Borders(lattice, [[words[k] for k in run] for run in runs.values()])

    def locate(at_x: float, at_y: float) -> int:
        return int(_held(lattice, owners, np.array([at_x]), np.array([at_y]))[0])

    inside: list[list[Word]] = [[] for _ in lattice.places]
    loose: list[Word] = []
    for run in runs.values():
        at = held[run[0]]
        if at >= 0 and (len(run) > 1 or over[run[0]]):
            at = borders.holding([words[k] for k in run], at, locate)
        (inside[at] if at >= 0 else loose).append(words[run[0]])
        for before, k in pairwise(run):
            here = held[k]
            if here != at and (at < 0 or borders.part(words[before], words[k])):
                at = here
            (inside[at] if at >= 0 else loose).append(words[k])
    return Filled(lattice, tuple(map(tuple, inside)), tuple(loose)), elsewhere


def _held(lattice: Lattice, owners: Ints, x: Floats, y: Floats) -> Ints:
    """For each point, the number of the place that holds it, -1 for none."""
    rows = np.maximum(np.searchsorted(lattice.tops, y, "right") - 1, 0)
    columns = np.maximum(np.searchsorted(lattice.lefts, x, "right") - 1, 0)
    found = owners[rows, columns]
    ends = np.array([p.box[2:] for p in lattice.places])[found] + thresholds.SLACK
    return np.where((found >= 0) & (x < ends[:, 0]) & (y < ends[:, 1]), found, -1)


def with_outer_labels(filled: Filled, rest: Sequence[Word]) -> tuple[Filled, list[Word]]:
    """The lattice with the labels of its rows that stand left of the frame as a first column, and the words left.

    They are when most rows have one, and every line beside the frame stands within a row, no longer than a label.
    """
    lattice = filled.lattice
    x0, top, _, bottom = lattice.box
    size = max((w.size for words in filled.inside for w in words), default=0.0)
    beside = [w for w in rest if not w.turn and top < w.mid < bottom and w.x1 <= x0 + thresholds.SLACK]
    lines = lines_of(beside)
    edges = (*lattice.tops, bottom)
    held: dict[int, list[Word]] = {}
    for line in lines:
        middle = (line.box[1] + line.box[3]) / 2
        row = bisect_right(edges, middle) - 1
        near = min(middle - edges[row], edges[row + 1] - middle)
        if near < thresholds.IN_ROW * line.size or len(line.words) > thresholds.LABEL_WORDS:
            return filled, list(rest)
        held.setdefault(row, []).extend(line.words)
    close = max((line.box[2] for line in lines), default=0.0) >= x0 - thresholds.LABEL_NEAR * size
    rows = lattice.n_rows
    if rows < thresholds.LABELLED_ROWS or not close or 3 * len(held) < 2 * rows or len(lines) > 2 * len(held):
        return filled, list(rest)
    left = min(w.x0 for w in beside)
    label_cells = [Place((left, edges[r], x0, edges[r + 1]), r, 0, r + 1, 1) for r in range(rows)]
    moved = [p._replace(col=p.col + 1, col_end=p.col_end + 1) for p in lattice.places]
    cells = [(p, tuple(held.get(p.row, ()))) for p in label_cells] + list(zip(moved, filled.inside, strict=True))
    cells.sort(key=lambda cell: (cell[0].row, cell[0].col))
    wider = Lattice(tuple(p for p, _ in cells), lattice.tops, (left, *lattice.lefts), (left, *lattice.box[1:]))
    taken = {id(w) for w in beside}
    return Filled(wider, tuple(words for _, words in cells), filled.loose), [w for w in rest if id(w) not in taken]


def holds(box: Box, x: float, y: float) -> bool:
    """Whether a point stands in a box, give or take the slack."""
    return (
        box[0] - thresholds.SLACK <= x < box[2] + thresholds.SLACK
        and box[1] - thresholds.SLACK <= y < box[3] + thresholds.SLACK
    )


class _Borders:
    """Whether a run that goes over a column border is text too long for its cell, or goes on in the next cell.

    It is the next cell's when it begins where that column's texts begin, when it is a figure behind one that ends where
    others of its column end, when it touches the text before although that
    one has not reached the border, or when whole rows are drawn as one string: runs part there and never overflow.
    """

    def __init__(self, lattice: Lattice, runs: Sequence[Sequence[Word]]) -> None:
        self.lefts = lattice.lefts
        parted: Counter[float] = Counter()
        covered: Counter[float] = Counter()
        starts: Counter[int] = Counter()
        ends: Counter[int] = Counter()
        starts.update([round(run[0].x0) for run in runs])
        ends.update([round(run[-1].x1) for run in runs])
        for run in runs:
            if not self._between(run[0].x0, run[-1].x1):
                continue
            for word in run:
                covered.update(self._between(word.x0, word.x1))
            for before, word in pairwise(run):
                parted.update(self._between(before.x1, word.x0))
        self.cut = {border for border, n in parted.items() if n >= 2 and n > 4 * covered[border]}
        self.starts = starts
        self.ends = ends

    def _between(self, a: float, b: float) -> tuple[float, ...]:
        """The borders from a to b, give or take the slack."""
        return self.lefts[
            bisect_right(self.lefts, a - thresholds.SLACK) : bisect_right(self.lefts, b + thresholds.SLACK)
        ]

    def holding(self, run: Sequence[Word], here: int, locate: Callable[[float, float], int]) -> int:
        """The place of a run that begins in place `here`: for figures, which are set from the right, the one where most
        of it lies."""
        first, last = run[0], run[-1]
        borders = self._between(first.x0, last.x1)
        if not borders or not all(any(c.isdigit() for c in w.text) for w in run):
            return here
        if any(self._between(a.x1, b.x0) and self.part(a, b) for a, b in pairwise(run)):
            return here
        a, b = max(pairwise((first.x0, *borders, last.x1)), key=lambda part: part[1] - part[0])
        there = locate((a + b) / 2, first.at_y)
        return there if there >= 0 and b - a >= thresholds.MOST_OF_IT * (last.x1 - first.x0) else here

    def part(self, before: Word, word: Word) -> bool:
        """Whether `word`, in another cell than the word before it in its run, belongs to that cell."""
        borders = self._between(before.x1, word.x0)
        gap = word.x0 - before.x1
        if borders and (word.glued or gap > thresholds.WIDEST_SPACE * word.size or any(b in self.cut for b in borders)):
            return True
        if borders and before.text[-1].isdigit() and word.text[0].isdigit() and _about(self.ends, before.x1) >= 2:
            return True
        return _about(self.starts, word.x0) >= 2


def _about(counted: Counter[int], x: float) -> int:
    return counted[round(x) - 1] + counted[round(x)] + counted[round(x) + 1]


def page_table(filled: Filled) -> PageTable:
    """The filled lattice as it crosses to assembly."""
    lattice = filled.lattice
    cells = tuple(
        PageCell(
            p.row, p.col, p.row_end, p.col_end, p.box, cell_lines(words), bool(words) and all(w.bold for w in words)
        )
        for p, words in zip(lattice.places, filled.inside, strict=True)
    )
    return PageTable(lattice.n_rows, lattice.n_cols, cells, lattice.box, (*lattice.lefts, lattice.box[2]))


def cell_lines(words: Sequence[Word]) -> tuple[str, ...]:
    """The lines printed in a cell, from top to bottom."""
    if not words:
        return ()
    if len(words) == 1 or all(w.run == words[0].run for w in words):
        return (line_text(words),)
    return tuple(line.text for line in text_lines(words))
