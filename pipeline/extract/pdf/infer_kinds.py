"""What lines may be: rows of a table, or items of a list, contents, captions, notes, prose; and the gaps they share.

Which lines make a table together is decided in `infer_regions`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from pipeline.extract.pdf.chunks import Chunk, Strip
from pipeline.extract.pdf.infer_columns import MIN_GAP, Span

BEYOND = 1e5
# Lines of the longest label beside several figures, on average.
LONGEST_CELL = 10
# What stands before an item of a list: one sign that is no letter (a bullet of any font), or a number or letter and a
# stop.
_MARK = re.compile(r"^(?:[^\w\s]|\(?[0-9ivxIVX]{1,4}[.)°]|\(?[a-zA-Z][.)]|[0-9]+(?:\.[0-9]+)+\.?)$")
CAPTION = re.compile(r"^(?:table|tableau|tab\.|figure|fig\.|graphique|annexe|exhibit)\s*[0-9IVX]", re.IGNORECASE)
NOTE = re.compile(r"^(?:\(?[*†‡]|\([0-9a-z]\)|Notes?\b|Sources?\b|Source\s*:|N\.B\.)", re.IGNORECASE)


def tabular(strip: Strip) -> bool:
    """Whether a line has pieces in several columns: not an item of a list behind its mark, not a line of contents."""
    return len(strip.chunks) - item(strip) >= 2 and not _contents(strip)


def _contents(strip: Strip) -> bool:
    """Whether dots lead to one figure, a page's number; in a table they lead to several."""
    return strip.leader and sum(c.figure for c in strip.chunks) < 2


def leading(lines: Sequence[Strip]) -> Sequence[Strip]:
    """The lines, their dots overlooked where those lead to one column of figures that are no page numbers.

    Page numbers are whole, and fall from one line to the next only where another list begins.
    """
    led = [s for s in lines if _contents(s) and s.chunks[-1].figure]
    shown = [s.chunks[-1].text for s in led]
    if all(text.isdecimal() for text in shown) and 4 * sum(int(a) > int(b) for a, b in pairwise(shown)) <= len(shown):
        return lines
    found = {id(s) for s in led}
    return [replace(s, leader=False) if id(s) in found else s for s in lines]


def item(strip: Strip) -> bool:
    return bool(_MARK.match(strip.chunks[0].text)) and len(strip.chunks) == 2 and len(strip.chunks[1].words) > 3


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
    return [(a, b) for a, b in kept if b - a >= MIN_GAP * strip.size]


def crosses(line: Strip, gaps: Sequence[Span]) -> bool:
    """Whether a line runs over a gap, as prose does and a wrapped cell does not."""
    return any(line.x0 < a and line.x1 > b for a, b in gaps)


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
    if len(rows) < 3 or (words > 7 and not _rows_of_text(members)):
        return False
    # Lines of one piece are wrapped cells, or titles of sections when they go over the gaps.
    gaps = shared_gaps(members)
    titles = sum(crosses(s, gaps) for s in members if len(s.chunks) == 1)
    several = sorted(len(s.chunks) for s in rows)[len(rows) // 2] >= 3
    if titles > len(rows) or len(members) > (LONGEST_CELL if several else 4) * len(rows):
        return False
    if several:
        return True
    figures = sum(c.figure for c in chunks) / len(chunks)
    return (len(rows) >= 4 or figures >= 0.3) and 2 * titles <= len(rows) and not _labelled(rows)


def _rows_of_text(members: Sequence[Strip]) -> bool:
    """Whether lines set apart from those above are all in pieces, the first of them at the left: rows of texts."""
    steps = [b.top - a.top for a, b in pairwise(members)]
    starts = [b for step, b in zip(steps, members[1:], strict=True) if step > 1.2 * median(steps)]
    left = min(s.x0 for s in members)
    return len(starts) >= 2 and all(len(s.chunks) > 1 and s.x0 - left < s.size for s in starts)


def _labelled(rows: Sequence[Strip]) -> bool:
    """Two columns whose first is labels with a colon, marks or the numbers of lines: a form, a list or a listing."""
    labels: list[Chunk] = [s.chunks[0] for s in rows]
    if _counted(labels):
        return True
    if all(under(s, rows[0]) for s in rows) and not _MARK.match(rows[0].chunks[0].text):
        return False
    return sum(c.text.endswith(":") or bool(_MARK.match(c.text)) for c in labels) * 2 > len(labels)


def _counted(labels: Sequence[Chunk]) -> bool:
    """Whether all labels are numbers, most of them one more than the one above, as lines of a listing are numbered.

    Ranks begin at 1; the lines of a page of a listing seldom do.
    """
    shown = [c.text for c in labels]
    if not all(text.isdecimal() for text in shown) or shown[0] == "1":
        return False
    return 5 * sum(int(b) == int(a) + 1 for a, b in pairwise(shown)) >= 4 * (len(shown) - 1)
