"""Rules (straight lines, edges of rectangles) of one page: snapped, joined, and closed where a side is missing.

Snapping and joining do what pdfplumber does, by sorting. The engines give raw segments; cells are found in `lattice`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Floats, Ints
from pipeline.extract.pdf.words import Word, faced_boxes


@dataclass(frozen=True, slots=True)
class Rules:
    """Merged rules: `h` rows are (y, x0, x1) sorted by y then x0, `v` rows (x, top, bottom) sorted by x then top."""

    h: Floats
    v: Floats

    def __len__(self) -> int:
        return len(self.h) + len(self.v)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a page draws in straight lines, as seen: `h` (y, x0, x1) and `v` (x, top, bottom) are raw segments, `fills`
    (n, 4) filled rectangles as (x0, top, x1, bottom), `colours` theirs; `shapes` (n, 4) are the boxes of curves and
    slanted lines; `covers` (n, 5) are areas and pictures that hide what was drawn before: box, rank when drawn."""

    h: Floats
    v: Floats
    fills: Floats
    colours: Ints
    shapes: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    covers: Floats = field(default_factory=lambda: np.zeros((0, 5)))

    def __len__(self) -> int:
        return len(self.h) + len(self.v) + len(self.fills)

    def turned(self, turn: int) -> Drawing:
        """The same as it would stand if text of that turn were upright."""
        level, upright = faced_boxes(self.h[:, [1, 0, 2, 0]], turn), faced_boxes(self.v[:, [0, 1, 0, 2]], turn)
        if turn % 2:
            level, upright = upright, level
        fills, shapes = faced_boxes(self.fills, turn), faced_boxes(self.shapes, turn)
        return replace(self, h=level[:, [1, 0, 2]], v=upright[:, [0, 1, 3]], fills=fills, shapes=shapes)


BLANK = Drawing(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 4)), np.zeros(0, np.int64))


def merged(h: Floats, v: Floats) -> Rules:
    """Raw segments (position, from, to) snapped by clusters of 3 points to their mean, then joined over gaps of 3.

    The same as pdfplumber's `merge_edges` with its default tolerances, then its length filter.
    """
    return Rules(_merge_axis(h), _merge_axis(v))


def _merge_axis(segments: Floats) -> Floats:
    segments = segments[segments[:, 2] - segments[:, 1] >= thresholds.SHORTEST_PIECE]
    if not len(segments):
        return np.zeros((0, 3))
    cluster = clusters(segments[:, 0], thresholds.SNAP)
    means = np.bincount(cluster, segments[:, 0]) / np.bincount(cluster)
    order = np.lexsort((segments[:, 1], cluster))
    merged_rows: list[tuple[float, float, float]] = []
    last, start, end = -1, 0.0, 0.0
    for c, a, b in zip(cluster[order].tolist(), segments[order, 1].tolist(), segments[order, 2].tolist(), strict=True):
        if c == last and a <= end + thresholds.JOIN:
            end = max(end, b)
            continue
        if last >= 0 and end - start >= thresholds.SHORTEST_RULE:
            merged_rows.append((float(means[last]), start, end))
        last, start, end = c, a, b
    if end - start >= thresholds.SHORTEST_RULE:
        merged_rows.append((float(means[last]), start, end))
    return np.array(merged_rows).reshape(-1, 3)


def clusters(values: Floats, tolerance: float) -> Ints:
    """Cluster number of each value: sorted values nearer than `tolerance` to the one before share a cluster."""
    order = np.argsort(values, kind="stable")
    steps = np.diff(values[order], prepend=values[order[:1]]) > tolerance
    found = np.empty(len(values), np.int64)
    found[order] = np.cumsum(steps)
    return found


# A missing rule: position, from, to, and the position of the last rule that is there.
Side = tuple[float, float, float, float]


def closed(rules: Rules, words: Sequence[Word]) -> Rules:
    """The rules with the sides that were left open; the same rules when none is."""
    if not len(rules.h) or not len(rules.v):
        return rules
    new_v: list[Side] = []
    new_h: list[Side] = []
    for hs, vs in _groups(rules):
        h, v = rules.h[hs], rules.v[vs]
        new_h += [(y, x0, x1, y) for y, x0, x1 in _tops_inside(h, v, words)]
        new_v += [side for side in _sides(h, v) if _text_in(side, words, 0)]
        new_h += [side for side in _sides(v, h) if _text_in(side, words, 1)]
    if not new_v and not new_h:
        return rules
    return Rules(_sorted(rules.h, new_h), _sorted(rules.v, new_v))


def _tops_inside(h: Floats, v: Floats, words: Sequence[Word]) -> list[tuple[float, float, float]]:
    """Level rules (y, x0, x1) that are not drawn, above upright ones that begin inside a table: below a label that is
    set over several columns, between the nearest upright rules that go on past it."""
    if len(v) < 3 or len(h) < 2:
        return []
    found: dict[tuple[float, float], tuple[float, float, float]] = {}
    for x, top, _ in v.tolist():
        crossed = (np.abs(h[:, 0] - top) <= thresholds.CROSS) & (h[:, 1] <= x) & (h[:, 2] >= x)
        above = h[(h[:, 0] < top) & (h[:, 1] <= x) & (h[:, 2] >= x), 0]
        if crossed.any() or not len(above):
            continue
        past = v[(v[:, 1] < top - thresholds.REACH) & (v[:, 2] > top + thresholds.REACH), 0]
        left, right = past[past < x - thresholds.SNAP], past[past > x + thresholds.SNAP]
        over = [w for w in words if above.max() < w.mid < top and w.x0 < x < w.x1 and not w.turn]
        if len(left) and len(right) and over:
            found[float(left.max()), round(top)] = (top, float(left.max()), float(right.min()))
    return list(found.values())


def _sorted(have: Floats, new: list[Side]) -> Floats:
    every = np.vstack([have, np.array([side[:3] for side in new]).reshape(-1, 3)])
    return every[np.lexsort((every[:, 1], every[:, 0]))]


def _sides(along: Floats, across: Floats) -> list[Side]:
    """Missing rules, or missing parts of rules, across both ends of the rules `along`.

    `along` rows are (level, from, to), `across` rows (position, from, to) with the other axis. A side is missing where
    most rules reach beyond the last one they cross, and nothing is drawn across their ends.
    """
    low, high = float(along[:, 1].min()), float(along[:, 2].max())
    top, bottom = min(along[:, 0].min(), across[:, 1].min()), max(along[:, 0].max(), across[:, 2].max())
    found: list[Side] = []
    for end, reaching, inside in (
        (low, along[:, 1] <= low + thresholds.CROSS, across[:, 0] >= low + thresholds.REACH),
        (high, along[:, 2] >= high - thresholds.CROSS, across[:, 0] <= high - thresholds.REACH),
    ):
        if 2 * reaching.sum() < len(along) or not inside.any():
            continue
        inner = float(across[inside, 0].min() if end == low else across[inside, 0].max())
        drawn = across[np.abs(across[:, 0] - end) < thresholds.REACH]
        at = float(drawn[0, 0]) if len(drawn) else end
        found += [(at, a, b, inner) for a, b in _uncovered(float(top), float(bottom), drawn[:, 1:])]
    return found


def _uncovered(top: float, bottom: float, drawn: Floats) -> list[tuple[float, float]]:
    """The parts of top..bottom longer than a line of text that no drawn piece (from, to) covers."""
    parts, reached = [], top
    for start, end in sorted(drawn.tolist()):
        parts.append((reached, start))
        reached = max(reached, end)
    return [(a, b) for a, b in [*parts, (reached, bottom)] if b - a > thresholds.REACH]


def _text_in(side: Side, words: Sequence[Word], axis: int) -> bool:
    """Whether text stands between the missing rule and the last one crossed. `axis` 0: the rule is upright."""
    end, top, bottom, inner = side
    low, high = min(end, inner), max(end, inner)
    places = ((w.at_x, w.at_y) if axis == 0 else (w.at_y, w.at_x) for w in words if not w.turn)
    return any(low < position < high and top < level < bottom for position, level in places)


def _groups(rules: Rules) -> list[tuple[list[int], list[int]]]:
    """Horizontal and vertical rules, by number, that hang together by crossings; those that cross none are left out."""
    h, v = rules.h, rules.v
    near = (
        (v[:, None, 1] <= h[None, :, 0] + thresholds.CROSS)
        & (v[:, None, 2] >= h[None, :, 0] - thresholds.CROSS)
        & (v[:, None, 0] >= h[None, :, 1] - thresholds.CROSS)
        & (v[:, None, 0] <= h[None, :, 2] + thresholds.CROSS)
    )
    left = set(np.flatnonzero(near.any(axis=1)).tolist())
    found = []
    while left:
        vs, hs, todo = set[int](), set[int](), [left.pop()]
        while todo:
            k = todo.pop()
            vs.add(k)
            fresh = set(np.flatnonzero(near[k]).tolist()) - hs
            hs |= fresh
            for j in fresh:
                more = set(np.flatnonzero(near[:, j]).tolist()) & left
                left -= more
                todo += more
        found.append((sorted(hs), sorted(vs)))
    return found
