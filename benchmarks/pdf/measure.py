"""The measure of the table competition of ICDAR 2013: relations of printed cells with their neighbours, the blank cells
between them counted. Nothing here reads a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple


class Printed(NamedTuple):
    """A cell: the rows and columns it covers (last ones exclusive), its text."""

    row: int
    col: int
    row_end: int
    col_end: int
    text: str


# Text, text of the neighbour, direction, blank cells between them.
Relations = Counter[tuple[str, str, str, int]]


def relations(cells: Iterable[Printed]) -> Relations:
    """Each printed cell with the next printed one in each of its rows and columns; white space does not count."""
    solid = [c._replace(text="".join(c.text.split())) for c in cells if c.text.strip()]
    across: dict[int, list[tuple[int, int, int]]] = {}
    down: dict[int, list[tuple[int, int, int]]] = {}
    for i, c in enumerate(solid):
        for r in range(c.row, c.row_end):
            across.setdefault(r, []).append((c.col, c.col_end, i))
        for k in range(c.col, c.col_end):
            down.setdefault(k, []).append((c.row, c.row_end, i))
    found: set[tuple[int, int, str, int]] = set()
    for lines, direction in ((across, "right"), (down, "below")):
        for line in lines.values():
            found |= {(a, b, direction, start - end) for (_, end, a), (start, _, b) in pairwise(sorted(line))}
    return Counter((solid[a].text, solid[b].text, direction, blank) for a, b, direction, blank in found)


@dataclass(frozen=True)
class DocumentScore:
    """Of one document: relations right, wanted and found; tables found where none is; whether all is right."""

    right: int
    wanted: int
    found: int
    false_tables: int
    perfect: bool

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else float(not self.wanted)


def score(truth: Sequence[Sequence[Printed]], found: Sequence[Sequence[Printed]]) -> DocumentScore:
    """A table of fewer than two printed cells has no relation, and counts as false only where there is no table."""
    wanted, got = (sum(map(relations, tables), Relations()) for tables in (truth, found))
    right = (wanted & got).total()
    alike = Counter(map(_key, truth)) == Counter(map(_key, found))
    return DocumentScore(right, wanted.total(), got.total(), 0 if truth else len(found), alike)


def _key(table: Sequence[Printed]) -> tuple[tuple[tuple[str, str, str, int], int], ...]:
    return tuple(sorted(relations(table).items()))


def same(one: Sequence[Printed], other: Sequence[Printed]) -> bool:
    """Whether two tables print the same cells beside and below each other."""
    return _key(one) == _key(other)


def macro(scores: Sequence[DocumentScore]) -> float:
    """The harmonic mean of the documents' average recall and average precision."""
    if not scores:
        return 0.0
    recall = sum(s.recall for s in scores) / len(scores)
    precision = sum(s.precision for s in scores) / len(scores)
    return 2 * recall * precision / (recall + precision) if recall + precision else 0.0


def micro(scores: Sequence[DocumentScore]) -> float:
    """The same of all relations at once."""
    sums = [sum(getattr(s, name) for s in scores) for name in ("right", "wanted", "found")]
    return 2 * sums[0] / (sums[1] + sums[2]) if sums[1] + sums[2] else 1.0
