"""Where tables without enclosing rules stand: between rules of one width, or where lines share upright gaps.

Gives runs of lines. Their columns and rows are cut in `infer_columns` and `infer_rows`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from statistics import median

from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.chunks import Strip
from pipeline.extract.pdf.infer_columns import Span
from pipeline.extract.pdf.infer_kinds import (
    BEYOND,
    CAPTION,
    NOTE,
    accepted,
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
from pipeline.extract.pdf.infer_rules import RuledRegion, levels_in, ruled_regions

# Lines further apart than this many font sizes are not one table, unless rules say so.
FAR = 2.2
# Print this much larger than the table's is a heading's.
LARGER = 1.2


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
    head = _head(free, first, members, gaps)
    members = [*head, *members]
    labels = _above(free, first - len(head), members) if head else []
    members, above = [*labels, *members], len(head) + len(labels)
    members += _below(free, last, inside, open_ended=len(inside) <= 3 or ruled.full < 3)
    if not accepted(members, ruled=True):
        return None, list(free)
    header = above or ruled.header(members)
    kept = {id(s) for s in members}
    return _region(members, h_rules, header), [s for s in free if id(s) not in kept]


def _head(free: Sequence[Strip], first: int, members: Sequence[Strip], gaps: Sequence[Span]) -> list[Strip]:
    """Lines of labels, or rows, that stand close above the first rule, with a title or a unit alone on its line."""
    found, pending = list[Strip](), list[Strip]()
    for line in reversed(free[max(0, first - 6) : first]):
        below = (pending or found or members)[0]
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


def _headline(line: Strip, below: Strip, gaps: Sequence[Span]) -> bool:
    """Whether a line above the first rule is the table's header: it stands close, in several of its columns."""
    if not _near(line, below) or len(line.chunks) < 2 or not gaps:
        return False
    return not any(c.x0 < a and c.x1 > b for c in line.chunks for a, b in gaps)


def _near(line: Strip, below: Strip) -> bool:
    return below.top - line.bottom <= 1.4 * line.size and not CAPTION.match(line.chunks[0].text)


def _grown(lines: Sequence[Strip], start: int) -> list[Strip]:
    """Lines from `start` on that keep a gap open; single pieces between them come along."""
    members, pending = [lines[start]], list[Strip]()
    gaps = [(-BEYOND, lines[start].x0), *inner_gaps(lines[start]), (lines[start].x1, BEYOND)]
    for line in lines[start + 1 :]:
        before = (pending or members)[-1]
        if line.top - before.bottom > FAR * line.size or sum(crosses(p, gaps) for p in pending) > 3:
            break
        if CAPTION.match(line.chunks[0].text) and any(s.x0 < line.x1 and s.x1 > line.x0 for s in members):
            break
        if tabular(line) or (item(line) and under(line, lines[start])):
            left = meet(gaps, line)
            inner = [(a, b) for a, b in left if line.x0 < a and line.x1 > b]
            if not inner and _close(before, line) and not crosses(line, gaps):
                # Justified text within one column, whatever its spaces.
                pending.append(line)
                continue
            if not inner or not (_close(before, line) or _inside(inner, members)):
                break
            gaps = left
            members += [*pending, line]
            pending = []
        elif prose(line, members) and crosses(line, gaps):
            break
        else:
            pending.append(line)
    return [*members, *_wrapped(members, pending, gaps)]


def _headed(members: Sequence[Strip]) -> bool:
    """Whether the first line is a running head or a title: in larger print than the others, over gaps they leave."""
    rest = members[1:]
    if len(rest) < 2 or members[0].size < LARGER * median(s.size for s in rest):
        return False
    return any(c.x0 < a and c.x1 > b for c in members[0].chunks for a, b in shared_gaps(rest))


def _wrapped(members: Sequence[Strip], pending: Sequence[Strip], gaps: Sequence[Span]) -> list[Strip]:
    """Of the single pieces below the last full line, those that go on with a cell of it or are rows of their own."""
    kept: list[Strip] = []
    for line in pending:
        before = (kept or members)[-1]
        if crosses(line, gaps) or NOTE.match(line.chunks[0].text):
            break
        first = bool(gaps) and line.x1 <= gaps[0][1]
        close = line.top - before.bottom <= 0.6 * line.size and (not first or line.chunks[0].text[0].islower())
        if not close and not (first and _at_pitch(members, line)):
            break
        kept.append(line)
    return kept


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


def _close(above: Strip, line: Strip) -> bool:
    return line.top - above.bottom <= 1.0 * line.size


def _inside(gaps: Sequence[Span], members: Sequence[Strip]) -> bool:
    """Whether one of the gaps parts text in the lines above too, rather than standing beside all of it."""
    return any(s.x0 < a and s.x1 > b for s in members for a, b in gaps)
