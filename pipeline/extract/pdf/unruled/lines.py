"""What a line outside rules may be: a row in pieces, an item of a list, contents, a caption, a note, prose; and the
upright gaps that lines leave open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.unruled.columns import Span
from pipeline.extract.pdf.words import Strip

BEYOND = 1e5
# What stands before an item of a list: one sign that is no letter (a bullet of any font), or a number or letter and a
# stop.
MARK = re.compile(r"^(?:[^\w\s]|\(?[0-9ivxIVX]{1,4}[.)°]|\(?[a-zA-Z][.)]|[0-9]+(?:\.[0-9]+)+\.?)$")
CAPTION = re.compile(r"^(?:table|tableau|tab\.|figure|fig\.|graphique|annexe|exhibit)\s*[0-9IVX]", re.IGNORECASE)
NOTE = re.compile(r"^(?:\(?[*†‡]|\([0-9a-z]\)|Notes?\b|Sources?\b|Source\s*:|N\.B\.)", re.IGNORECASE)
# What says where a table is from, below its last row.
SOURCE = re.compile(r"^(?:Notes?|Sources?|N\.B\.)(?:\W|$)", re.IGNORECASE)


def tabular(strip: Strip) -> bool:
    """Whether a line has pieces in several columns: not an item of a list behind its mark, not a line of contents."""
    return len(strip.chunks) - item(strip) >= 2 and not contents(strip)


def contents(strip: Strip) -> bool:
    """Whether dots lead to one figure, a page's number; in a table they lead to several."""
    last = max((i for i, c in enumerate(strip.chunks) if c.leads), default=-1)
    return strip.leader and sum(c.figure for c in strip.chunks[last + 1 :]) < 2


def leading(lines: Sequence[Strip]) -> Sequence[Strip]:
    """The lines, their dots overlooked where those lead to one column of figures that are no page numbers.

    Page numbers are whole, and fall from one line to the next only where another list begins.
    """
    led = [s for s in lines if contents(s) and s.chunks[-1].figure]
    shown = [s.chunks[-1].text.lstrip(". ") for s in led]
    if all(text.isdecimal() for text in shown) and 4 * sum(int(a) > int(b) for a, b in pairwise(shown)) <= len(shown):
        return lines
    found = {id(s) for s in led}
    return [replace(s, leader=False) if id(s) in found else s for s in lines]


def item(strip: Strip) -> bool:
    return bool(MARK.match(strip.chunks[0].text)) and len(strip.chunks) == 2 and len(strip.chunks[1].words) > 3


def under(line: Strip, head: Strip) -> bool:
    """Whether a line's pieces begin where those of a header do: what looks like a list's marks is a column of codes."""
    starts = [(a.x0, b.x0) for a, b in zip(head.chunks, line.chunks, strict=False)]
    return len(head.chunks) == len(line.chunks) and not item(head) and all(abs(a - b) <= 3.0 for a, b in starts)


def prose(line: Strip, members: Sequence[Strip]) -> bool:
    left, right = min(s.x0 for s in members), max(s.x1 for s in members)
    return len(line.words) >= 8 and line.x1 - line.x0 > 0.6 * (right - left)


def shared_gaps(lines: Sequence[Strip]) -> list[Span]:
    """The gaps that stay open through all lines with several chunks, and part the text of one at least."""
    gaps = [(-BEYOND, BEYOND)]
    rows = [s for s in lines if len(s.chunks) > 1]
    for strip in rows:
        gaps = meet(gaps, strip)
    return [(a, b) for a, b in gaps if any(s.x0 < a and s.x1 > b for s in rows)]


def inner_gaps(strip: Strip) -> list[Span]:
    return [(a.x1, b.x0) for a, b in pairwise(strip.chunks)]


def meet(gaps: Sequence[Span], strip: Strip) -> list[Span]:
    """What is left of gaps beside a line's chunks, where wide enough to part two columns."""
    kept = []
    for a, b in gaps:
        x = a
        for chunk in strip.chunks:
            if chunk.x1 > x and chunk.x0 < b:
                kept.append((x, min(chunk.x0, b)))
                x = max(x, chunk.x1)
        kept.append((x, b))
    return [(a, b) for a, b in kept if b - a >= thresholds.COLUMN_GAP * strip.size]


def crosses(line: Strip, gaps: Sequence[Span]) -> bool:
    """Whether a line runs over a gap, as prose does and a wrapped cell does not."""
    return any(line.x0 < a and line.x1 > b for a, b in gaps)
