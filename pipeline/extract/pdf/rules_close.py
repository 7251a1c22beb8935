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


def closed(rules: Rules, words: Sequence[Word]) -> Rules:
    """The rules with the sides that were left open; the same rules when none is."""
    if not len(rules.h) or not len(rules.v):
        return rules
    at = np.array([(w.at_x, w.at_y) for w in words if not w.turn]).reshape(-1, 2)
    new_v: list[tuple[float, float, float]] = []
    new_h: list[tuple[float, float, float]] = []
    for hs, vs in _groups(rules):
        h, v = rules.h[hs], rules.v[vs]
        new_v += _sides(h, v, at)
        new_h += _sides(v, h, at[:, ::-1])
    if not new_v and not new_h:
        return rules
    return Rules(_sorted(rules.h, new_h), _sorted(rules.v, new_v))


def _sorted(have: Floats, new: list[tuple[float, float, float]]) -> Floats:
    every = np.vstack([have, np.array(new).reshape(-1, 3)])
    return every[np.lexsort((every[:, 1], every[:, 0]))]


def _sides(along: Floats, across: Floats, at: Floats) -> list[tuple[float, float, float]]:
    """Missing rules across both ends of the rules `along`, as (position, from, to).

    `along` rows are (level, from, to), `across` rows (position, from, to) with the other axis; `at` text points as
    (position, level).
    """
    low, high = along[:, 1].min(), along[:, 2].max()
    top, bottom = min(along[:, 0].min(), across[:, 1].min()), max(along[:, 0].max(), across[:, 2].max())
    found = []
    for end, inner, reaching in (
        (low, across[:, 0].min(), along[:, 1] <= low + CROSS),
        (high, across[:, 0].max(), along[:, 2] >= high - CROSS),
    ):
        a, b = min(end, inner), max(end, inner)
        if b - a < REACH or 2 * reaching.sum() < len(along):
            continue
        text = (at[:, 0] > a) & (at[:, 0] < b) & (at[:, 1] > top) & (at[:, 1] < bottom)
        if text.any():
            found.append((float(end), float(top), float(bottom)))
    return found


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
