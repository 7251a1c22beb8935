"""Where tables without enclosing rules stand: between rules of one width, or where lines share upright gaps.

What a line may be is told in `lines`, what only looks like a table in `lookalikes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from statistics import median

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.unruled.columns import Span
from pipeline.extract.pdf.unruled.lines import (
    BEYOND,
    CAPTION,
    NOTE,
    SOURCE,
    crosses,
    inner_gaps,
    item,
    leading,
    meet,
    prose,
    shared_gaps,
    tabular,
    under,
)
from pipeline.extract.pdf.unruled.lookalikes import accepted
from pipeline.extract.pdf.words import Chunk, Strip


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
        within = sum(s.x0 >= x0 - 2 * thresholds.SAME_END and s.x1 <= x1 + 2 * thresholds.SAME_END for s in lines)
        return within * 10 >= 7 * len(lines)

    def header(self, lines: Sequence[Strip]) -> int:
        """How many lines stand above the first full rule after the top one; -1 when that is the last rule."""
        width = max(lv.x1 - lv.x0 for lv in self.levels)
        full = [lv.y for lv in self.levels if lv.covered >= thresholds.FULL_LEVEL * width]
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
        if found and y - found[-1].y <= thresholds.DOUBLE_RULE:
            last = found[-1]
            gain = max(0.0, min(x1, right + thresholds.SAME_END) - max(x0, last.x1)) if x0 >= last.x0 else x1 - x0
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
            if level.x0 < first.x0 - thresholds.SAME_END or level.x1 > first.x1 + thresholds.SAME_END:
                break
            group.append(level)
            if _same_width(first, level):
                if not _table_between(levels[end], level, lines):
                    break
                end = j
        kept = group[: end - i + 1]
        full = sum(_same_width(first, lv) for lv in kept)
        if full >= 2 and first.x1 - first.x0 >= thresholds.SHORTEST_LEVEL:
            found.append(RuledRegion(tuple(kept), full))
            i = end + 1
        else:
            i += 1
    return found


def _same_width(a: Level, b: Level) -> bool:
    return (
        abs(a.x0 - b.x0) <= thresholds.SAME_END
        and abs(a.x1 - b.x1) <= thresholds.SAME_END
        and b.covered >= thresholds.FULL_LEVEL * (a.x1 - a.x0)
    )


def _table_between(a: Level, b: Level, lines: Sequence[Strip]) -> bool:
    """Whether what stands between two rules can be rows: mostly lines in pieces or short ones, not running text.

    What is in one piece between two rules is a title, unless it leaves room for more: then one table ends at the first
    rule and another begins at the second.
    """
    inside = [s for s in lines if a.y < (s.top + s.bottom) / 2 < b.y]
    alone = [s.chunks[0].text for s in inside if len(s.chunks) == 1]
    if any(CAPTION.match(text) or SOURCE.match(text) for text in alone):
        return False
    if inside and all(len(s.chunks) == 1 for s in inside) and b.y - a.y > thresholds.TITLE_BAND * inside[0].size:
        return False
    prose = sum(len(s.chunks) == 1 and len(s.words) >= 7 and s.x1 - s.x0 > 0.6 * (a.x1 - a.x0) for s in inside)
    return prose * 3 <= len(inside)


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that make one table. `bands[i]` counts the rules above line i; `header` is how many lines stand above the
    rule that ends the header, -1 when no rule says so."""

    lines: tuple[Strip, ...]
    bands: tuple[int, ...]
    header: int
    rules: tuple[tuple[float, float, float], ...] = ()


def found_in(lines: Sequence[Strip], h_rules: Floats) -> list[Region]:
    """The tables among a region's lines, from top to bottom."""
    if not lines:
        return []
    lines = leading(lines)
    left, right = min(s.x0 for s in lines), max(s.x1 for s in lines)
    levels = levels_in(h_rules, left, right, lines)
    found: list[Region] = []
    free = list(lines)
    for ruled in ruled_regions(levels, lines):
        region, rest = _between_rules(ruled, free, h_rules)
        if region:
            found.append(region)
            free = rest
    start = 0
    while start < len(free):
        members = _grown(free, start) if tabular(free[start]) else []
        if _headed(members):
            members = []
        members = [*_above(free, start, members), *members] if members else []
        if members and accepted(members, ruled=False):
            found.append(_region(members, h_rules))
            start = free.index(members[-1]) + 1
        else:
            start += 1
    return sorted(found, key=lambda r: r.lines[0].top)


def _region(members: Sequence[Strip], h_rules: Floats, header: int = -1) -> Region:
    left, right = min(s.x0 for s in members), max(s.x1 for s in members)
    top, bottom = members[0].top, members[-1].bottom
    near = [(y, x0, x1) for y, x0, x1 in h_rules.tolist() if x0 < right and x1 > left and top < y < bottom]
    heights = sorted({round(y) for y, _, _ in near})
    middles = [(s.top + s.bottom) / 2 for s in members]
    return Region(tuple(members), tuple(sum(y < m for y in heights) for m in middles), header, tuple(near))


def _between_rules(ruled: RuledRegion, free: Sequence[Strip], h_rules: Floats) -> tuple[Region | None, list[Strip]]:
    """The table between the rules of one width, with its header when that stands above them, and the lines left."""
    inside = [s for s in free if ruled.holds(s)]
    if not inside or not ruled.frames(inside):
        return None, list(free)
    first, last = free.index(inside[0]), free.index(inside[-1])
    members = list(inside)
    gaps = shared_gaps(inside)
    head = _head(free[:first], ruled.levels[0].y, gaps)
    members = [*head, *members]
    labels = _above(free, first - len(head), members)
    if not head and not _labels_columns(labels, inside[0]):
        labels = []
    members, above = [*labels, *members], len(head) + len(labels)
    members += _below(free, last, inside, open_ended=len(inside) <= 3 or ruled.full < 3)
    if not accepted(members, ruled=True):
        return None, list(free)
    header = above or ruled.header(members)
    kept = {id(s) for s in members}
    return _region(members, h_rules, header), [s for s in free if id(s) not in kept]


def _labels_columns(labels: Sequence[Strip], row: Strip) -> bool:
    """Whether each piece of the labels is centred over neighbouring pieces of the first row, in all but its first
    column: over one where the row prints figures, else over several, and more than one label. A unit set apart at the
    margin or a title is not."""
    under = row.chunks[1:]
    figures = any(c.figure for c in under)

    def over(label: Chunk, few: int) -> bool:
        return any(
            abs(label.x0 + label.x1 - a.x0 - b.x1) <= 2 * row.size
            for i, a in enumerate(under)
            for b in under[i + few : None if few else i + 1]
        )

    chunks = [c for s in labels for c in s.chunks]
    return all(over(c, 0) for c in chunks) if figures else len(chunks) > 1 and all(over(c, 1) for c in chunks)


def _head(before: Sequence[Strip], rule: float, gaps: Sequence[Span]) -> list[Strip]:
    """Lines of labels, or rows, that stand close above the first rule, with a title or a unit alone on its line.

    `before` are the lines above that rule. What stands close to it is near, however far below it the first row is set.
    """
    found, pending = list[Strip](), list[Strip]()
    for line in reversed(before[-6:]):
        below = (pending or found)[0].top if pending or found else rule
        if _headline(line, below, gaps):
            found, pending = [line, *pending, *found], []
        elif len(pending) == 2 or len(line.chunks) > 1 or len(line.words) > 6 or not _near(line, below):
            break
        else:
            pending = [line, *pending]
    return found


def _below(free: Sequence[Strip], last: int, inside: Sequence[Strip], open_ended: bool) -> list[Strip]:
    """Lines below the last rule that belong to the table: all that go on when rules only frame its header, else those
    at the pitch of its rows (the last row of a striped table has neither fill nor rule)."""
    start = max((i for i in range(last + 1) if free[i] in inside and tabular(free[i])), default=None)
    if start is None:
        return []
    steps = [b.top - a.top for a, b in pairwise(inside)]
    pitch = 1.4 * max(sorted(steps)[len(steps) * 3 // 4], free[last].bottom - free[last].top) if steps else 0.0
    found: list[Strip] = []
    more = [s for s in _grown(free, start) if free.index(s) > last]
    for line, after in zip_longest(more, more[1:]):
        above = (found or [free[last]])[-1]
        # Cells centred beside a wrapped one stand between its lines.
        whole = (
            len(line.chunks) > 1
            or line.top - above.bottom <= 0.45 * line.size
            or (after and (after.top < line.bottom or (tabular(after) and after.top - line.top <= pitch)))
        )
        if not (open_ended or (whole and line.top - above.top <= pitch)) or not shared_gaps([*inside, *found, line]):
            break
        found.append(line)
    return found


def _headline(line: Strip, below: float, gaps: Sequence[Span]) -> bool:
    """Whether a line above the first rule is the table's header: it stands close, in several of its columns."""
    if not _near(line, below) or len(line.chunks) < 2 or not gaps:
        return False
    return not any(c.x0 < a and c.x1 > b for c in line.chunks for a, b in gaps)


def _near(line: Strip, below: float) -> bool:
    return below - line.bottom <= 1.4 * line.size and not CAPTION.match(line.chunks[0].text)


def _grown(lines: Sequence[Strip], start: int) -> list[Strip]:
    """Lines from `start` on that keep a gap open; single pieces between them come along."""
    members, pending = [lines[start]], list[Strip]()
    gaps = [(-BEYOND, lines[start].x0), *inner_gaps(lines[start]), (lines[start].x1, BEYOND)]
    for line in lines[start + 1 :]:
        before = (pending or members)[-1]
        far = line.top - before.bottom > thresholds.FAR * line.size
        if (far and not _goes_on_below([*members, *pending], line)) or sum(crosses(p, gaps) for p in pending) > 3:
            break
        if _begins_another([*members, *pending], line):
            break
        if CAPTION.match(line.chunks[0].text) and any(s.x0 < line.x1 and s.x1 > line.x0 for s in members):
            break
        if tabular(line) or (item(line) and under(line, lines[start])):
            left = meet(gaps, line)
            inner = [(a, b) for a, b in left if line.x0 < a and line.x1 > b]
            if not inner and _closely_below(before, line) and not crosses(line, gaps):
                # Justified text within one column, whatever its spaces.
                pending.append(line)
                continue
            if not inner or not (_closely_below(before, line) or _parts_text(inner, members)):
                break
            gaps = left
            members += [*pending, line]
            pending = []
        elif prose(line, members) and crosses(line, gaps):
            break
        else:
            pending.append(line)
    return [*members, *_wrapped(members, pending, gaps)]


def _goes_on_below(above: Sequence[Strip], line: Strip) -> bool:
    """Whether a line further down is one more row, after the space of a blank one: what it prints behind its label are
    figures, or marks that stand for one, set where those of the last rows are."""
    if len(above) < thresholds.FEWEST_ROWS or line.top - above[-1].bottom > thresholds.BLANK_ROW * line.size:
        return False
    set_there = [c for s in above[-thresholds.FEWEST_ROWS :] for c in s.chunks[1:] if _like_figure(c)]
    figures = line.chunks[1:]
    same = [_like_figure(c) and any(_set_alike(c, other) for other in set_there) for c in figures]
    return len(figures) > 1 and all(same) and abs(above[-1].size - line.size) < 0.5 and not line.bold


def _like_figure(chunk: Chunk) -> bool:
    return chunk.figure or len(chunk.text) <= thresholds.SHORT_MARK


def _set_alike(one: Chunk, other: Chunk) -> bool:
    """Whether two pieces begin, end or are centred at the same place."""
    sides = (one.x0 - other.x0, one.x1 - other.x1, (one.x0 + one.x1 - other.x0 - other.x1) / 2)
    return min(map(abs, sides)) <= thresholds.SAME_SIDE


def _begins_another(above: Sequence[Strip], line: Strip) -> bool:
    """Whether a line is the header of another table: in bold below rows that are not, further off than any of them."""
    if len(above) < thresholds.FEWEST_ROWS or not line.bold or len(line.chunks) < 2 or any(s.bold for s in above[1:]):
        return False
    widest = max(b.top - a.bottom for a, b in pairwise(above))
    return line.top - above[-1].bottom > max(thresholds.BLOCK_STEP * widest, line.size)


def _headed(members: Sequence[Strip]) -> bool:
    """Whether the first line is a running head or a title: in larger print than the others, over gaps they leave."""
    rest = members[1:]
    if len(rest) < 2 or members[0].size < thresholds.LARGER_PRINT * median(s.size for s in rest):
        return False
    return any(c.x0 < a and c.x1 > b for c in members[0].chunks for a, b in shared_gaps(rest))


def _wrapped(members: Sequence[Strip], pending: Sequence[Strip], gaps: Sequence[Span]) -> list[Strip]:
    """Of the single pieces below the last full line, those that go on with a cell of it or are rows of their own."""
    usual = max((b.top - a.bottom for a, b in pairwise(members) if len(b.chunks) == 1), default=0.0)
    kept: list[Strip] = []
    for line in pending:
        before = (kept or members)[-1]
        if crosses(line, gaps) or NOTE.match(line.chunks[0].text):
            break
        first = bool(gaps) and line.x1 <= gaps[0][1]
        gap = line.top - before.bottom
        near = gap <= 0.6 * line.size or (gap <= usual and _begins_under(before, line))
        close = near and (not first or line.chunks[0].text[0].islower())
        if not close and not (first and _at_pitch(members, line)):
            break
        kept.append(line)
    return kept


def _begins_under(above: Strip, line: Strip) -> bool:
    """Whether a line begins where a piece of the one above does, other than its first."""
    return any(abs(c.x0 - line.x0) <= 1.0 for c in above.chunks[1:])


def _at_pitch(members: Sequence[Strip], line: Strip) -> bool:
    """Whether a line follows at the step from row to row, as a row whose other cells are blank would."""
    steps = sorted(b.top - a.top for a, b in pairwise(members))
    step = line.top - members[-1].top
    return len(steps) > 3 and abs(step - steps[len(steps) // 2]) <= 0.1 * step and len(line.words) <= 8


def _above(lines: Sequence[Strip], start: int, members: Sequence[Strip]) -> list[Strip]:
    """The upper part of a header: labels close above the first full line, over its columns.

    A single label stands over the right-hand columns; several may cover gaps of the lines below, but not all of them.
    """
    gaps = shared_gaps(members)
    right = max(s.x1 for s in members)
    between = sorted(b.top - a.bottom for a, b in pairwise(members))
    usual = 1.15 * between[len(between) // 2] if between else 0.0
    found: list[Strip] = []
    i = start - 1
    while gaps and i >= 0 and len(found) < 3:
        line, below = lines[i], (found or list(members))[0]
        if below.top - line.bottom > max(line.size, usual) or line.x1 > right + 2 * line.size:
            break
        crossed = sum(any(c.x0 < a and c.x1 > b for c in line.chunks) for a, b in gaps)
        if len(line.words) > 12 or (line.x0 < gaps[0][0] if len(line.chunks) == 1 else crossed == len(gaps)):
            break
        if (
            CAPTION.match(line.chunks[0].text)
            or any(len(c.words) > 6 for c in line.chunks)
            or (not tabular(line) and len(line.chunks) > 1)
        ):
            break
        found.insert(0, line)
        i -= 1
    return found


def _closely_below(above: Strip, line: Strip) -> bool:
    return line.top - above.bottom <= 1.0 * line.size


def _parts_text(gaps: Sequence[Span], members: Sequence[Strip]) -> bool:
    """Whether one of the gaps parts text in the lines above too, rather than standing beside all of it."""
    return any(s.x0 < a and s.x1 > b for s in members for a, b in gaps)
