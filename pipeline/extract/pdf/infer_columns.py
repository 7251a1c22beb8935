"""Columns of a table without column rules: the upright gaps its lines leave open, and which column a chunk is in."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.extract.pdf.chunks import Chunk, Strip
from pipeline.extract.pdf.words import Word

# Half-point steps: finer than any gap that matters.
STEP = 2.0
MIN_GAP = 0.3
# One line in sixteen may run over a gap (a title inside the table, text too long) without closing it.
TOLERATED = 16


def edges_of(lines: Sequence[Strip], size: float) -> tuple[float, ...]:
    """Column edges, the table's sides included: the middle of each gap that stays open through the lines.

    A gap is at least 0.3 of the font size wide; what it parts must hold text in two lines or more.
    """
    left, right = min(s.x0 for s in lines), max(s.x1 for s in lines)
    gaps = _open_gaps(lines, left, right, len(lines) // TOLERATED, MIN_GAP * size)
    edges = [left, *((a + b) / 2 for a, b in gaps), right]
    return tuple(_occupied(lines, edges))


def _open_gaps(
    lines: Sequence[Strip], left: float, right: float, tolerated: int, narrowest: float
) -> list[tuple[float, float]]:
    n = int((right - left) * STEP) + 2
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
        if a > 0 and b < n - 1 and (b - a) / STEP >= narrowest:
            # Within what few lines cross, the part that the fewest do is the gap.
            inner = np.flatnonzero(cover[a:b] == cover[a:b].min()) + a
            found.append((left + inner[0] / STEP, left + (inner[-1] + 1) / STEP))
    return found


def _occupied(lines: Sequence[Strip], edges: list[float]) -> list[float]:
    """Edges without those of columns that hold text in one line only (a mark, a note number)."""
    if len(lines) < 4:
        return edges
    while len(edges) > 2:
        count = [0] * (len(edges) - 1)
        for strip in lines:
            for c in {column(edges, chunk.x0, chunk.x1) for chunk in strip.chunks}:
                count[c] += 1
        poor = [c for c, n in enumerate(count) if n < 2]
        if not poor:
            break
        c = poor[0]
        del edges[c if c == len(edges) - 2 else max(c, 1)]
    return edges


def column(edges: Sequence[float], x0: float, x1: float) -> int:
    """The column that holds most of x0..x1."""
    a = min(max(bisect_right(edges, x0) - 1, 0), len(edges) - 2)
    b = min(max(bisect_right(edges, x1) - 1, 0), len(edges) - 2)
    return max(range(a, b + 1), key=lambda c: min(x1, edges[c + 1]) - max(x0, edges[c]))


# A piece of a line in the table: first column, last column (exclusive), its words.
Piece = tuple[int, int, tuple[Word, ...]]


@dataclass(frozen=True, slots=True)
class Habits:
    """How many chunks of a table begin, and end, at each whole point of the page's width."""

    starts: Counter[int]
    ends: Counter[int]

    @classmethod
    def of(cls, lines: Sequence[Strip]) -> Habits:
        chunks = [chunk for strip in lines for chunk in strip.chunks]
        return cls(Counter(round(c.x0) for c in chunks), Counter(round(c.x1) for c in chunks))

    def part(self, before: Word, word: Word) -> bool:
        """Whether a cell usually begins where `word` does, or ends where the word before it does."""
        return _about(self.starts, word.x0) >= 3 or _about(self.ends, before.x1) >= 3


def _about(counted: Counter[int], x: float) -> int:
    return counted[round(x) - 1] + counted[round(x)] + counted[round(x) + 1]


def pieces(strip: Strip, edges: Sequence[float], habits: Habits, header: bool) -> list[Piece]:
    """A line's chunks as pieces, each with the columns it stands in.

    A chunk over an edge is cut there when cells usually begin or end at that place. What is left spans the columns it
    covers in a header; elsewhere it is text too long for its column: that of its greater part, or the first.
    """
    found: list[Piece] = []
    for chunk in strip.chunks:
        for words in _cut(chunk, edges, habits):
            x0, x1 = words[0].x0, max(w.x1 for w in words)
            if header:
                first, last = _spanned(edges, x0, x1)
            else:
                first = column(edges, x0, x1)
                share = (min(x1, edges[first + 1]) - max(x0, edges[first])) / max(x1 - x0, 0.1)
                first = first if share > 0.6 else column(edges, x0, words[0].x1)
                last = first + 1
            found.append((first, last, words))
    return found


def _spanned(edges: Sequence[float], x0: float, x1: float) -> tuple[int, int]:
    first = column(edges, x0, x1)
    last = first + 1
    slack = 2.0
    while first > 0 and x0 < edges[first] - slack:
        first -= 1
    while last < len(edges) - 1 and x1 > edges[last] + slack:
        last += 1
    return first, last


def _cut(chunk: Chunk, edges: Sequence[float], habits: Habits) -> list[tuple[Word, ...]]:
    parts: list[list[Word]] = [[chunk.words[0]]]
    for before, word in pairwise(chunk.words):
        over = bisect_right(edges, word.x0 + 1.0) > bisect_right(edges, before.x1 - 1.0)
        if over and habits.part(before, word):
            parts.append([word])
        else:
            parts[-1].append(word)
    return [tuple(p) for p in parts]
