"""Sides that a table's rules leave open: added where rules stop short together with text beyond the last crossing rule.

Without its outer border, a table's first and last columns (or rows) are enclosed on three sides only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.rules import CROSS, Rules
from pipeline.extract.pdf.words import Word

# A rule must reach this far (points) beyond the last rule it crosses to leave a cell open, more than a sloppy end.
REACH = 6.0

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
        new_v += [side for side in _sides(h, v) if _text_in(side, words, 0)]
        new_h += [side for side in _sides(v, h) if _text_in(side, words, 1)]
    if not new_v and not new_h:
        return rules
    return Rules(_sorted(rules.h, new_h), _sorted(rules.v, new_v))


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
        (low, along[:, 1] <= low + CROSS, across[:, 0] >= low + REACH),
        (high, along[:, 2] >= high - CROSS, across[:, 0] <= high - REACH),
    ):
        if 2 * reaching.sum() < len(along) or not inside.any():
            continue
        inner = float(across[inside, 0].min() if end == low else across[inside, 0].max())
        drawn = across[np.abs(across[:, 0] - end) < REACH]
        at = float(drawn[0, 0]) if len(drawn) else end
        found += [(at, a, b, inner) for a, b in _uncovered(float(top), float(bottom), drawn[:, 1:])]
    return found


def _uncovered(top: float, bottom: float, drawn: Floats) -> list[tuple[float, float]]:
    """The parts of top..bottom longer than a line of text that no drawn piece (from, to) covers."""
    parts, reached = [], top
    for start, end in sorted(drawn.tolist()):
        parts.append((reached, start))
        reached = max(reached, end)
    return [(a, b) for a, b in [*parts, (reached, bottom)] if b - a > REACH]


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
        (v[:, None, 1] <= h[None, :, 0] + CROSS)
        & (v[:, None, 2] >= h[None, :, 0] - CROSS)
        & (v[:, None, 0] >= h[None, :, 1] - CROSS)
        & (v[:, None, 0] <= h[None, :, 2] + CROSS)
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
