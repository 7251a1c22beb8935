"""Columns of a table without column rules: the upright gaps that its lines leave open.

Which column a piece of a line is in is decided in `infer_pieces`.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from pipeline.extract.pdf.chunks import Strip

Span = tuple[float, float]

# Half-point steps: finer than any gap that matters.
STEP = 2.0
MIN_GAP = 0.3
# One line in sixteen may run over a gap (a title inside the table, text too long) without closing it.
TOLERATED = 16
# Lines of a table, as a share, that make a place one where cells begin.
OFTEN = 0.4


@dataclass(frozen=True, slots=True)
class Columns:
    """`edges` of the columns, the table's sides included; `cores[c]` is from where to where column c holds text."""

    edges: tuple[float, ...]
    cores: tuple[Span, ...]

    def __len__(self) -> int:
        return len(self.cores)

    def holding(self, x0: float, x1: float) -> int:
        """The column between whose edges most of x0..x1 stands."""
        return column(self.edges, x0, x1)


def column(edges: Sequence[float], x0: float, x1: float) -> int:
    """The column between whose edges most of x0..x1 stands."""
    a = min(max(bisect_right(edges, x0) - 1, 0), len(edges) - 2)
    b = min(max(bisect_right(edges, x1) - 1, 0), len(edges) - 2)
    return max(range(a, b + 1), key=lambda c: min(x1, edges[c + 1]) - max(x0, edges[c]))


def frequent_starts(lines: Sequence[Strip]) -> set[int]:
    """The x, in half points, where so many lines begin a piece that cells begin there."""
    inside = min(s.x0 for s in lines) + median(s.size for s in lines)
    starts = Counter(x for s in lines for x in {round(c.x0 * 2) for c in s.chunks if c.x0 > inside})
    return _often(starts, len(lines))


def _frequent_ends(lines: Sequence[Strip]) -> set[int]:
    """The x, in half points, where so many lines end a piece, and go on, that cells end there."""
    ends = Counter(x for s in lines for x in {round(c.x1 * 2) for c in s.chunks[:-1]})
    return _often(ends, len(lines))


def _often(counted: Counter[int], lines: int) -> set[int]:
    return {x for x, n in counted.items() if counted[x - 1] + n + counted[x + 1] >= max(3, OFTEN * lines)}


def columns_of(body: Sequence[Strip], header: Sequence[Strip], size: float) -> Columns:
    """The columns that the gaps open through the body's lines make.

    A gap is at least 0.3 of the font size wide, or half of that where many lines end before or begin behind; what it
    parts must hold text in two lines or more. Labels of the header push edges aside, and add a column where one stands
    between columns that have each their own.
    """
    left, right = min(s.x0 for s in body), max(s.x1 for s in body)
    gaps = _open_gaps(body, left, right, len(body) // TOLERATED, MIN_GAP * size)
    edges = _occupied(body, header, [left, *((a + b) / 2 for a, b in gaps), right])
    cores = _cores(body, edges)
    cores = sorted([*cores, *_header_only(header, cores)])
    left, right = min(left, *(s.x0 for s in header), left), max(right, *(s.x1 for s in header), right)
    between = [_beside((a[1], b[0]), header) for a, b in itertools.pairwise(cores)]
    return Columns((left, *((a + b) / 2 for a, b in between), right), tuple(cores))


def between_rules(edges: tuple[float, ...]) -> Columns:
    """Columns that rules part: their cores reach from rule to rule."""
    return Columns(edges, tuple(itertools.pairwise(edges)))


def _open_gaps(lines: Sequence[Strip], left: float, right: float, tolerated: int, narrowest: float) -> list[Span]:
    n = int((right - left) * STEP) + 2
    starts, ends = frequent_starts(lines), _frequent_ends(lines)
    change = np.zeros(n + 1, np.int64)
    for strip in lines:
        for chunk in strip.chunks:
            change[max(int((chunk.x0 - left) * STEP), 0)] += 1
            change[min(int((chunk.x1 - left) * STEP) + 1, n)] -= 1
    cover = np.cumsum(change)[:n]
    open_ = cover <= tolerated
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], open_, [False]]).astype(np.int8)))
    found = []
    for a, b in zip(bounds[::2].tolist(), bounds[1::2].tolist(), strict=True):
        low, high = round((left + a / STEP) * 2), round((left + b / STEP) * 2)
        aligned = not ends.isdisjoint(range(low - 2, low + 2)) or not starts.isdisjoint(range(high - 1, high + 3))
        if a > 0 and b < n - 1 and (b - a) / STEP >= (narrowest / 2 if aligned else narrowest):
            # Within what few lines cross, the part that the fewest do is the gap.
            inner = np.flatnonzero(cover[a:b] == cover[a:b].min()) + a
            found.append((left + inner[0] / STEP, left + (inner[-1] + 1) / STEP))
    return found


def _occupied(lines: Sequence[Strip], header: Sequence[Strip], edges: list[float]) -> list[float]:
    """Edges without those of columns that hold text in one line only (a mark, a note number) and have no label."""
    if len(lines) < 4:
        return edges
    while len(edges) > 2:
        count = [0] * (len(edges) - 1)
        for strip in (*lines, *header):
            for c in {column(edges, chunk.x0, chunk.x1) for chunk in strip.chunks}:
                count[c] += 1
        poor = [c for c, n in enumerate(count) if n < 2]
        if not poor:
            break
        c = poor[0]
        del edges[c if c == len(edges) - 2 else max(c, 1)]
    return edges


def _cores(lines: Sequence[Strip], edges: Sequence[float]) -> list[Span]:
    low, high = list(edges[1:]), list(edges[:-1])
    for strip in lines:
        for chunk in strip.chunks:
            c = column(edges, chunk.x0, chunk.x1)
            low[c] = min(low[c], max(chunk.x0, edges[c]))
            high[c] = max(high[c], min(chunk.x1, edges[c + 1]))
    return [(a, max(a, b)) for a, b in zip(low, high, strict=True)]


def _header_only(header: Sequence[Strip], cores: Sequence[Span]) -> list[Span]:
    """Labels between two columns labelled in the same line: columns whose body is blank or nearly so."""
    found: list[Span] = []
    for strip in header:
        labels = [(c.x0, c.x1) for c in strip.chunks]
        for x0, x1 in labels:
            if any(x0 < b and x1 > a for a, b in [*cores, *found]):
                continue
            near = [core for core in (_last_before(cores, x0), _first_after(cores, x1)) if core]
            if len(near) == 2 and all(any(p < b and q > a for p, q in labels) for a, b in near):
                found.append((x0, x1))
    return found


def _last_before(cores: Sequence[Span], x: float) -> Span | None:
    return max((core for core in cores if core[1] <= x), default=None)


def _first_after(cores: Sequence[Span], x: float) -> Span | None:
    return min((core for core in cores if core[0] >= x), default=None)


def _beside(gap: Span, header: Sequence[Strip]) -> Span:
    """The widest part of a gap that no label of the header stands in; the gap itself when labels fill it."""
    a, b = gap
    inside = sorted(
        (c.x0, c.x1) for s in header for c in s.chunks if c.x0 < b and c.x1 > a and not (c.x0 < a and c.x1 > b)
    )
    parts, x = [], a
    for x0, x1 in inside:
        parts.append((x, x0))
        x = max(x, x1)
    parts.append((x, b))
    low, high = max(parts, key=lambda p: p[1] - p[0])
    return (low, high) if high > low else gap
