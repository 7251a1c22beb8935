"""Words put into the cells of a ruled lattice: a run of text belongs to the cell where it begins.

Nothing here looks for rules or infers missing ones; whether a lattice is a table is told in `frames`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.extract.model import Box
from pipeline.extract.pdf.cells import Lattice
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.words import Word, line_text, text_lines

# Printed text may stand this far (points) over a rule's middle without belonging to the neighbour.
SLACK = 0.5
# Within a text, a space is narrower than this share of the font size.
WIDEST_SPACE = 0.45


@dataclass(frozen=True, slots=True)
class Filled:
    """A lattice with its words: `inside[i]` are those of place i; `loose` stand in the outline but in no cell."""

    lattice: Lattice
    inside: tuple[tuple[Word, ...], ...]
    loose: tuple[Word, ...]


def fill(lattice: Lattice, words: Sequence[Word]) -> tuple[Filled, list[Word]]:
    """The lattice with its words, and the words that begin elsewhere."""
    locate = _locator(lattice)
    runs: dict[int, list[Word]] = defaultdict(list)
    elsewhere: list[Word] = []
    for word in words:
        if holds(lattice.box, word.at_x, word.at_y):
            runs[word.run].append(word)
        else:
            elsewhere.append(word)
    borders = _Borders(lattice, list(runs.values()))
    inside: list[list[Word]] = [[] for _ in lattice.places]
    loose: list[Word] = []
    for run in runs.values():
        at = -1
        for i, word in enumerate(run):
            here = locate(word.at_x, word.at_y)
            if i == 0 or (here != at and (at < 0 or borders.part(run[i - 1], word))):
                at = here
            (inside[at] if at >= 0 else loose).append(word)
    return Filled(lattice, tuple(map(tuple, inside)), tuple(loose)), elsewhere


def holds(box: Box, x: float, y: float) -> bool:
    """Whether a point stands in a box, give or take the slack."""
    return box[0] - SLACK <= x < box[2] + SLACK and box[1] - SLACK <= y < box[3] + SLACK


def _locator(lattice: Lattice) -> Callable[[float, float], int]:
    """A function from a point to the place that holds it, -1 for none."""
    cover: dict[tuple[int, int], int] = {}
    for i, p in enumerate(lattice.places):
        for r in range(p.row, p.row_end):
            for c in range(p.col, p.col_end):
                cover.setdefault((r, c), i)
    tops, lefts, places = lattice.tops, lattice.lefts, lattice.places

    def locate(x: float, y: float) -> int:
        i = cover.get((max(bisect_right(tops, y) - 1, 0), max(bisect_right(lefts, x) - 1, 0)), -1)
        if i < 0:
            return -1
        box = places[i].box
        return i if x < box[2] + SLACK and y < box[3] + SLACK else -1

    return locate


class _Borders:
    """Whether a run that goes over a column border is text too long for its cell, or goes on in the next cell.

    It is the next cell's when it begins where that column's texts begin, when it touches the text before although that
    one has not reached the border, or when whole rows are drawn as one string: runs part there and never overflow.
    """

    def __init__(self, lattice: Lattice, runs: Sequence[Sequence[Word]]) -> None:
        self.lefts = lattice.lefts
        parted: Counter[float] = Counter()
        covered: Counter[float] = Counter()
        starts: Counter[int] = Counter()
        for run in runs:
            starts[round(run[0].x0)] += 1
            if not self._between(run[0].x0, run[-1].x1):
                continue
            for word in run:
                covered.update(self._between(word.x0, word.x1))
            for before, word in pairwise(run):
                parted.update(self._between(before.x1, word.x0))
        self.cut = {border for border, n in parted.items() if n >= 2 and n > 4 * covered[border]}
        self.starts = starts

    def _between(self, a: float, b: float) -> tuple[float, ...]:
        """The borders from a to b, give or take the slack."""
        return self.lefts[bisect_right(self.lefts, a - SLACK) : bisect_right(self.lefts, b + SLACK)]

    def part(self, before: Word, word: Word) -> bool:
        """Whether `word`, in another cell than the word before it in its run, belongs to that cell."""
        borders = self._between(before.x1, word.x0)
        gap = word.x0 - before.x1
        if borders and (word.glued or gap > WIDEST_SPACE * word.size or any(b in self.cut for b in borders)):
            return True
        x = round(word.x0)
        return self.starts[x] + self.starts[x - 1] + self.starts[x + 1] >= 2


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
    if all(w.run == words[0].run for w in words):
        return (line_text(words),)
    return tuple(line.text for line in text_lines(words))
