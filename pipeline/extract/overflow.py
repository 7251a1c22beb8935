"""Lines that go on with everything below them, as unclosed table rows do once flattened: found and cut by structure.

Nothing here knows what a cell means: only the sequence of texts is compared, since positions drift inside overflow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from pipeline.extract.model import Cell, Repair

_BOLD = re.compile(r"</?(?:b|strong)>", re.IGNORECASE)
# Of the cells compared, how many must agree before a line that differs is still called overflow.
_LIKENESS = 0.5
# How many widths of the sheet the cells of one line may take before its overflow begins.
_REACH = 4


@dataclass(frozen=True)
class Cut:
    """One line: the cells that are its own (or could not be told apart), the overflow left out, the repair."""

    kept: tuple[Cell, ...]
    dropped: tuple[Cell, ...] = ()
    repair: Repair | None = None


def plain(text: str) -> str:
    """A cell's text without bold marks, which unclosed rows repeat or lose."""
    return _BOLD.sub("", text).strip()


def cut_overflow(rows: Sequence[Sequence[Cell]], width: int) -> list[Cut]:
    """Each line of `rows` (its printed cells, in order) cut where it begins to repeat all lines below it.

    Worked from the last line up, so that a line is compared with the lines below as already cut. `width`: columns of
    the sheet's header; a line inside it is never called a differing overflow.
    """
    cuts: list[Cut] = []
    upwards: list[Cell] = []
    for row in reversed(rows):
        # A line much shorter than all that is below it cannot repeat it: no need to turn the cells below round.
        below = upwards[::-1] if len(row) > _LIKENESS * len(upwards) else []
        cut = _cut(row, below, width)
        cuts.append(cut)
        upwards.extend(reversed(_own(cut)))
    return cuts[::-1]


def _own(cut: Cut) -> Sequence[Cell]:
    """The cells before the overflow, dropped or not."""
    if cut.repair is None:
        return cut.kept
    begins = cut.repair.source.start or 0
    return [cell for cell in cut.kept if (cell.source.start or 0) < begins]


def _cut(row: Sequence[Cell], below: Sequence[Cell], width: int) -> Cut:
    own = len(row) - len(below)
    if 0 < own < len(row) and _repeats(row[own:], below, width):
        over = tuple(row[own:])
        first, last = below[0].source.line, below[-1].source.line
        repair = Repair(
            "ligne_non_fermee",
            over[0].source | over[-1].source,
            before=f"{len(over)} cellules de trop, à partir de « {plain(over[0].text)} »",
            after=f"retirées, égales aux cellules des lignes {first} à {last}",
        )
        return Cut(tuple(row[:own]), over, repair)
    start = _differing_start(row, below, width)
    return Cut(tuple(row), (), _difference(row[start:], below) if start else None)


def _repeats(over: Sequence[Cell], below: Sequence[Cell], width: int) -> bool:
    """The same texts, pushed out of their columns. A row that repeats the last one in its own columns is a row printed
    twice, not overflow."""
    if any(plain(a.text) != plain(b.text) for a, b in zip(over, below, strict=True)):
        return False
    past_the_sheet = over[-1].col >= width and any(a.col != b.col for a, b in zip(over, below, strict=True))
    return past_the_sheet or over[0].col > below[0].col


def _differing_start(row: Sequence[Cell], below: Sequence[Cell], width: int) -> int | None:
    """Where an overflow that is not equal to the lines below begins: the start that leaves the fewest differences.

    None when the line stays within the sheet, or resembles nothing below.
    """
    if not below or row[-1].col < width:
        return None
    texts, tail = [plain(c.text) for c in row], [plain(c.text) for c in below]
    best: tuple[float, int, int] | None = None
    for start in range(1, min(len(texts), _REACH * width + 1)):
        # The sheet may be cut below: then all that is left of it begins the overflow.
        ends = (len(texts), start + len(tail))
        likeness = max(Levenshtein.normalized_similarity(texts[start:end], tail) for end in ends)
        ranked = (-likeness, abs(len(texts) - start - len(tail)), start)
        if likeness >= _LIKENESS and (best is None or ranked < best):
            best = ranked
    return best[2] if best else None


def _difference(over: Sequence[Cell], below: Sequence[Cell]) -> Repair:
    """The repair of an overflow that differs: it covers all of it, and shows the first cell where they part."""
    texts, tail = [plain(c.text) for c in over], [plain(c.text) for c in below]
    at = next((i for i, (a, b) in enumerate(zip(texts, tail, strict=False)) if a != b), min(len(texts), len(tail)))
    return Repair(
        "debordement_different",
        over[0].source | over[-1].source,
        before=texts[at] if at < len(texts) else "",
        after=tail[at] if at < len(tail) else "",
    )
