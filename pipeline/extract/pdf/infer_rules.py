"""Horizontal rules that frame a table without column rules: gathered into levels, levels of one width into regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.chunks import Strip

SHORTEST = 40.0
SAME_END = 8.0
# Rules nearer than this are one (double rules); a level is full when its pieces cover this share of the table's width.
DOUBLE = 2.5
FULL = 0.7
# The rules around a title of two lines stand no further apart, in sizes.
TITLE = 4.0


@dataclass(frozen=True, slots=True)
class Level:
    """Rules at one height: from x0 to x1, with `covered` points of it drawn."""

    y: float
    x0: float
    x1: float
    covered: float


@dataclass(frozen=True, slots=True)
class RuledRegion:
    """What stands between the first and the last of several levels of one width; `full` of them are."""

    levels: tuple[Level, ...]
    full: int

    def holds(self, strip: Strip) -> bool:
        """Whether a line stands between the rules and within their width."""
        middle = (strip.top + strip.bottom) / 2
        if not self.levels[0].y < middle < self.levels[-1].y:
            return False
        x0, x1 = min(lv.x0 for lv in self.levels), max(lv.x1 for lv in self.levels)
        return strip.x0 < x1 and strip.x1 > x0

    def frames(self, lines: Sequence[Strip]) -> bool:
        """Whether the rules are as wide as what stands between them: rules above and below sums are not."""
        x0, x1 = min(lv.x0 for lv in self.levels), max(lv.x1 for lv in self.levels)
        within = sum(s.x0 >= x0 - 2 * SAME_END and s.x1 <= x1 + 2 * SAME_END for s in lines)
        return within * 10 >= 7 * len(lines)

    def header(self, lines: Sequence[Strip]) -> int:
        """How many lines stand above the first full rule after the top one; -1 when that is the last rule."""
        width = max(lv.x1 - lv.x0 for lv in self.levels)
        full = [lv.y for lv in self.levels if lv.covered >= FULL * width]
        for y in full[1:-1] if len(full) > 2 else []:
            above = sum((s.top + s.bottom) / 2 < y for s in lines)
            if 0 < above < len(lines):
                return above if above <= 8 else -1
        return -1


def levels_in(h_rules: Floats, left: float, right: float, lines: Sequence[Strip]) -> list[Level]:
    """Levels that lie over the lines' width, from top to bottom, without those that only underline words."""
    found: list[Level] = []
    for y, x0, x1 in h_rules.tolist():
        if x1 < left or x0 > right or _underlines(y, x0, x1, lines):
            continue
        if found and y - found[-1].y <= DOUBLE:
            last = found[-1]
            gain = max(0.0, min(x1, right + SAME_END) - max(x0, last.x1)) if x0 >= last.x0 else x1 - x0
            found[-1] = Level(last.y, min(last.x0, x0), max(last.x1, x1), last.covered + max(gain, 0.0))
        else:
            found.append(Level(y, x0, x1, x1 - x0))
    return found


def _underlines(y: float, x0: float, x1: float, lines: Sequence[Strip]) -> bool:
    """Whether a rule stands just below words and is exactly as long as they are."""
    return any(
        -1.0 <= y - s.bottom + 0.25 * s.size <= 0.35 * s.size and abs(c.x0 - x0) < 1.5 and abs(c.x1 - x1) < 1.5
        for s in lines
        if s.bottom - s.size <= y <= s.bottom + s.size
        for c in s.chunks
    )


def ruled_regions(levels: Sequence[Level], lines: Sequence[Strip]) -> list[RuledRegion]:
    """Runs of levels of one width with table lines between them; shorter levels inside the width come along."""
    found: list[RuledRegion] = []
    i = 0
    while i < len(levels):
        first = levels[i]
        group, end = [first], i
        for j in range(i + 1, len(levels)):
            level = levels[j]
            if level.x0 < first.x0 - SAME_END or level.x1 > first.x1 + SAME_END:
                break
            group.append(level)
            if _same_width(first, level):
                if not _table_between(levels[end], level, lines):
                    break
                end = j
        kept = group[: end - i + 1]
        full = sum(_same_width(first, lv) for lv in kept)
        if full >= 2 and first.x1 - first.x0 >= SHORTEST:
            found.append(RuledRegion(tuple(kept), full))
            i = end + 1
        else:
            i += 1
    return found


def _same_width(a: Level, b: Level) -> bool:
    return abs(a.x0 - b.x0) <= SAME_END and abs(a.x1 - b.x1) <= SAME_END and b.covered >= FULL * (a.x1 - a.x0)


def _table_between(a: Level, b: Level, lines: Sequence[Strip]) -> bool:
    """Whether what stands between two rules can be rows: mostly lines in pieces or short ones, not running text.

    What is in one piece between two rules is a title, unless it leaves room for more: then one table ends at the first
    rule and another begins at the second.
    """
    inside = [s for s in lines if a.y < (s.top + s.bottom) / 2 < b.y]
    if inside and all(len(s.chunks) == 1 for s in inside) and b.y - a.y > TITLE * inside[0].size:
        return False
    prose = sum(len(s.chunks) == 1 and len(s.words) >= 7 and s.x1 - s.x0 > 0.6 * (a.x1 - a.x0) for s in inside)
    return prose * 3 <= len(inside)
