"""Where tables without enclosing rules stand: between rules of one width, or where lines share upright gaps.

Gives runs of lines. Their columns and rows are cut in `infer_columns` and `infer_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.chunks import Chunk, Strip
from pipeline.extract.pdf.infer_columns import MIN_GAP
from pipeline.extract.pdf.infer_rules import RuledRegion, levels_in, ruled_regions

# Lines further apart than this many font sizes are not one table, unless rules say so.
FAR = 2.2
BEYOND = 1e5
# What stands before an item of a list: one sign that is no letter (a bullet of any font), or a number or letter and a
# stop.
_MARK = re.compile(r"^(?:[^\w\s]|\(?[0-9ivxIVX]{1,4}[.)°]|\(?[a-zA-Z][.)]|[0-9]+(?:\.[0-9]+)+\.?)$")
_CAPTION = re.compile(r"^(?:table|tableau|tab\.|figure|fig\.|graphique|annexe|exhibit)\s*[0-9IVX]", re.IGNORECASE)
_NOTE = re.compile(r"^(?:\(?[*†‡]|\([0-9a-z]\)|Notes?\b|Sources?\b|Source\s*:|N\.B\.)", re.IGNORECASE)


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
    lines = _leading(lines)
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
        members = [*_above(free, start, members), *members] if members else []
        if members and accepted(members, ruled=False):
            found.append(_region(members, h_rules))
            start = free.index(members[-1]) + 1
        else:
            start += 1
    return sorted(found, key=lambda r: r.lines[0].top)


def tabular(strip: Strip) -> bool:
    """Whether a line has pieces in several columns: not an item of a list behind its mark, not a line of contents."""
    return len(strip.chunks) - _item(strip) >= 2 and not _contents(strip)


def _contents(strip: Strip) -> bool:
    """Whether dots lead to one figure, a page's number; in a table they lead to several."""
    return strip.leader and sum(c.figure for c in strip.chunks) < 2


def _leading(lines: Sequence[Strip]) -> Sequence[Strip]:
    """The lines, their dots overlooked where those lead to one column of figures that are no page numbers.

    Page numbers are whole, and fall from one line to the next only where another list begins.
    """
    led = [s for s in lines if _contents(s) and s.chunks[-1].figure]
    shown = [s.chunks[-1].text for s in led]
    if all(text.isdecimal() for text in shown) and 4 * sum(int(a) > int(b) for a, b in pairwise(shown)) <= len(shown):
        return lines
    found = {id(s) for s in led}
    return [replace(s, leader=False) if id(s) in found else s for s in lines]


def _item(strip: Strip) -> bool:
    return bool(_MARK.match(strip.chunks[0].text)) and len(strip.chunks) == 2 and len(strip.chunks[1].words) > 3


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
    above = 0
    while above < 4 and first > 0 and _headline(free[first - 1], members[0], gaps):
        first, above = first - 1, above + 1
        members.insert(0, free[first])
    labels = _above(free, first, members) if above else []
    members, above = [*labels, *members], above + len(labels)
    members += _below(free, last, inside, open_ended=len(inside) <= 3 or ruled.full < 3)
    if not accepted(members, ruled=True):
        return None, list(free)
    header = above or ruled.header(members)
    kept = {id(s) for s in members}
    return _region(members, h_rules, header), [s for s in free if id(s) not in kept]


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


def _headline(line: Strip, below: Strip, gaps: Sequence[tuple[float, float]]) -> bool:
    """Whether a line above the first rule is the table's header: it stands close, in several of its columns."""
    if below.top - line.bottom > 1.4 * line.size or len(line.chunks) < 2 or not gaps:
        return False
    if _CAPTION.match(line.chunks[0].text):
        return False
    return not any(c.x0 < a and c.x1 > b for c in line.chunks for a, b in gaps)


def shared_gaps(lines: Sequence[Strip]) -> list[tuple[float, float]]:
    """The gaps that stay open through all lines with several chunks, and part the text of one at least."""
    gaps = [(-BEYOND, BEYOND)]
    rows = [s for s in lines if len(s.chunks) > 1]
    for strip in rows:
        gaps = _meet(gaps, strip)
    return [(a, b) for a, b in gaps if any(s.x0 < a and s.x1 > b for s in rows)]


def _inner(strip: Strip) -> list[tuple[float, float]]:
    return [(a.x1, b.x0) for a, b in pairwise(strip.chunks)]


def _meet(gaps: Sequence[tuple[float, float]], strip: Strip) -> list[tuple[float, float]]:
    """What is left of gaps beside a line's chunks, where wide enough to part two columns."""
    kept = []
    for a, b in gaps:
        x = a
        for chunk in strip.chunks:
            if chunk.x1 > x and chunk.x0 < b:
                kept.append((x, min(chunk.x0, b)))
                x = max(x, chunk.x1)
        kept.append((x, b))
    return [(a, b) for a, b in kept if b - a >= MIN_GAP * strip.size]


def _grown(lines: Sequence[Strip], start: int) -> list[Strip]:
    """Lines from `start` on that keep a gap open; single pieces between them come along."""
    members, pending = [lines[start]], list[Strip]()
    gaps = [(-BEYOND, lines[start].x0), *_inner(lines[start]), (lines[start].x1, BEYOND)]
    for line in lines[start + 1 :]:
        before = (pending or members)[-1]
        if line.top - before.bottom > FAR * line.size or sum(_crosses(p, gaps) for p in pending) > 3:
            break
        if _CAPTION.match(line.chunks[0].text) and any(s.x0 < line.x1 and s.x1 > line.x0 for s in members):
            break
        if tabular(line) or (_item(line) and _under(line, lines[start])):
            left = _meet(gaps, line)
            inner = [(a, b) for a, b in left if line.x0 < a and line.x1 > b]
            if not inner or not (_close(before, line) or _inside(inner, members)):
                break
            gaps = left
            members += [*pending, line]
            pending = []
        elif _prose(line, members) and _crosses(line, gaps):
            break
        else:
            pending.append(line)
    return [*members, *_wrapped(members, pending, gaps)]


def _crosses(line: Strip, gaps: Sequence[tuple[float, float]]) -> bool:
    """Whether a line runs over a gap, as prose does and a wrapped cell does not."""
    return any(line.x0 < a and line.x1 > b for a, b in gaps)


def _under(line: Strip, head: Strip) -> bool:
    """Whether a line's pieces begin where those of a header do: what looks like a list's marks is a column of codes."""
    starts = [(a.x0, b.x0) for a, b in zip(head.chunks, line.chunks, strict=False)]
    return len(head.chunks) == len(line.chunks) and not _item(head) and all(abs(a - b) <= 3.0 for a, b in starts)


def _close(above: Strip, line: Strip) -> bool:
    return line.top - above.bottom <= 1.0 * line.size


def _inside(gaps: Sequence[tuple[float, float]], members: Sequence[Strip]) -> bool:
    """Whether one of the gaps parts text in the lines above too, rather than standing beside all of it."""
    return any(s.x0 < a and s.x1 > b for s in members for a, b in gaps)


def _prose(line: Strip, members: Sequence[Strip]) -> bool:
    left, right = min(s.x0 for s in members), max(s.x1 for s in members)
    return len(line.words) >= 8 and line.x1 - line.x0 > 0.6 * (right - left)


def _wrapped(members: Sequence[Strip], pending: Sequence[Strip], gaps: Sequence[tuple[float, float]]) -> list[Strip]:
    """Of the single pieces below the last full line, those that go on with a cell of it or are rows of their own."""
    kept: list[Strip] = []
    for line in pending:
        before = (kept or members)[-1]
        if any(line.x0 < a and line.x1 > b for a, b in gaps) or _NOTE.match(line.chunks[0].text):
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
            _CAPTION.match(line.chunks[0].text)
            or any(len(c.words) > 6 for c in line.chunks)
            or (not tabular(line) and len(line.chunks) > 1)
        ):
            break
        found.insert(0, line)
        i -= 1
    return found


def accepted(members: Sequence[Strip], ruled: bool) -> bool:
    """Whether lines with open gaps are a table, and not a list, an address, a signature or prose set wide."""
    rows = [s for s in members if len(s.chunks) > 1]
    widest = max((len(s.chunks) for s in rows), default=0)
    if widest < 2 or sum(map(_contents, members)) * 3 > len(members):
        return False
    chunks = [c for s in rows for c in s.chunks]
    words = sum(len(c.words) for c in chunks) / len(chunks)
    if ruled:
        return len(rows) * 6 >= len(members) >= 2 and (words <= 8 or len(rows) >= 3)
    if len(rows) < 3 or words > 7:
        return False
    # Lines of one piece are wrapped cells, or titles of sections when they go over the gaps.
    gaps = shared_gaps(members)
    titles = sum(any(s.x0 < a and s.x1 > b for a, b in gaps) for s in members if len(s.chunks) == 1)
    if titles > len(rows) or len(members) > 4 * len(rows):
        return False
    if sorted(len(s.chunks) for s in rows)[len(rows) // 2] >= 3:
        return True
    figures = sum(c.figure for c in chunks) / len(chunks)
    return (len(rows) >= 4 or figures >= 0.3) and 2 * titles <= len(rows) and not _labelled(rows)


def _labelled(rows: Sequence[Strip]) -> bool:
    """Two columns whose first is labels with a colon, or marks: a form or a list."""
    if all(_under(s, rows[0]) for s in rows) and not _MARK.match(rows[0].chunks[0].text):
        return False
    labels: list[Chunk] = [s.chunks[0] for s in rows]
    return sum(c.text.endswith(":") or bool(_MARK.match(c.text)) for c in labels) * 2 > len(labels)
