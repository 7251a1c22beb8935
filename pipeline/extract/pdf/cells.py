"""From merged rules to cells, and from cells to tables: pdfplumber's geometry, found by sorted search.

A table here is boxes and positions only; text is put into it in `tables`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.extract.model import Box
from pipeline.extract.pdf.rules import CROSS, Rules

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


def lattices(rules: Rules) -> list[Lattice]:
    """The tables that rules enclose, from top to bottom. A lone cell is a frame, not a table."""
    return [lattice(group) for group in _connected(cell_boxes(rules)) if len(group) > 1]


def cell_boxes(rules: Rules) -> list[Box]:
    """The smallest rectangles whose four corners are crossings and whose sides are ruled, by x0 then top.

    Same cells as pdfplumber's `Page.find_tables` with its default settings: from each crossing, the nearest lower
    crossing on a common vertical rule, then the nearest one to the right on a common horizontal rule.
    """
    columns, rows = _crossings(rules)
    found: list[Box] = []
    for x, y in sorted(columns):
        cell = _smallest(x, y, columns, rows)
        if cell:
            found.append(cell)
    return found


# For a crossing: the rules of one direction through it, each as (rule number, where it is crossed, rank among these).
Through = dict[Point, list[tuple[int, list[float], int]]]


def _crossings(rules: Rules) -> tuple[Through, Through]:
    """For each crossing (x, y): the vertical rules through it and where those are crossed, then the horizontal ones."""
    columns: Through = {}
    rows: Through = {}
    flat = rules.h.tolist()
    levels = [row[0] for row in flat]
    along_h: list[list[float]] = [[] for _ in flat]
    for number, (x, top, bottom) in enumerate(rules.v.tolist()):
        along_v: list[float] = []
        for k in range(bisect_left(levels, top - CROSS), bisect_right(levels, bottom + CROSS)):
            y, x0, x1 = flat[k]
            if x0 - CROSS <= x <= x1 + CROSS:
                point, along = (x, y), along_h[k]
                if not along_v or along_v[-1] != y:
                    columns.setdefault(point, []).append((number, along_v, len(along_v)))
                    along_v.append(y)
                if not along or along[-1] != x:
                    rows.setdefault(point, []).append((k, along, len(along)))
                    along.append(x)
    return columns, rows


def _smallest(x: float, y: float, columns: Through, rows: Through) -> Box | None:
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


def _share(of: Through, a: Point, b: Point) -> bool:
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
