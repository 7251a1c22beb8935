"""The page's own columns: lines parted into regions in reading order, so that prose in columns is not read across.

A table's columns are not the page's: a gutter counts only where prose stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Floats
from pipeline.extract.pdf.words import Strip, Word, strips


def regions(words: Sequence[Word], h_rules: Floats, depth: int = thresholds.GUTTER_DEPTH) -> list[list[Strip]]:
    """Lines of each region, in reading order. `h_rules` are (y, x0, x1); no gutter goes through a rule."""
    lines = strips(words)
    gutter = _gutter(lines) if depth else None
    if gutter is None:
        return [lines] if lines else []
    found: list[list[Strip]] = []
    sides = _columned(lines, gutter, h_rules)
    for columned, group in groupby(zip(lines, sides, strict=True), key=lambda pair: pair[1]):
        band = [strip for strip, _ in group]
        if columned:
            inside = [w for strip in band for w in strip.words]
            for part in ([w for w in inside if w.x0 < gutter], [w for w in inside if w.x0 >= gutter]):
                found += regions(part, h_rules, depth - 1)
        else:
            found.append(band)
    return found


def _gutter(lines: Sequence[Strip]) -> float | None:
    """Where a gutter runs: before the x at which prose begins again and again, or after the one at which it ends.

    Left of the first there is prose too, in columns set beside each other; justified prose alone tells the second.
    """
    if len(lines) < thresholds.GUTTER_LINES:
        return None
    chunks = [c for s in lines for c in s.chunks]
    running = [c for c in chunks if len(c.words) >= thresholds.PROSE_WORDS]
    left, right = min(c.x0 for c in chunks), max(c.x1 for c in chunks)
    starts = _frequent([c.x0 for c in running], left + thresholds.NARROWEST_COLUMN * (right - left), right)
    ends = _frequent([c.x1 for c in running], left, right - thresholds.NARROWEST_COLUMN * (right - left))
    for x in (*(start - thresholds.GUTTER / 2 for start in starts), *(end + thresholds.GUTTER / 2 for end in ends)):
        beside = [c for c in chunks if c.x1 < x]
        near = sum(c.x1 > x - thresholds.GUTTER / 2 + 1 for c in beside) + sum(
            x <= c.x0 < x + thresholds.GUTTER / 2 - 1 for c in chunks
        )
        before = sum(c.x1 < x and c.x1 - c.x0 > thresholds.PROSE_FILL * (x - left) for c in running)
        after = sum(c.x0 > x and c.x1 - c.x0 > thresholds.PROSE_FILL * (right - x) for c in running)
        few, many = sorted((before, after))
        if (
            near * 10 <= len(beside)
            and few >= 2
            and many >= thresholds.GUTTER_LINES
            and few + many >= 2 * thresholds.GUTTER_LINES
        ):
            return x
    return None


def _frequent(xs: Sequence[float], low: float, high: float) -> list[float]:
    """The x shared, within a point, by enough lines to make a margin, the most frequent first."""
    counted = Counter(round(x) for x in xs if low < x < high)
    shared = {x: counted[x - 1] + n + counted[x + 1] for x, n in counted.items()}
    often = sorted((x for x, n in shared.items() if n >= thresholds.GUTTER_LINES), key=lambda x: -shared[x])
    return [float(x) for x in often[:8]]


def _columned(lines: Sequence[Strip], gutter: float, h_rules: Floats) -> list[bool]:
    """For each line, whether it stands in columns: in a stretch that nothing crosses, between two lines of prose.

    A stretch with prose on one side only may be a table whose last column is text. It is one unless prose stands on
    both sides elsewhere and the two sides of the stretch are set apart, each on lines of its own.
    """
    left, right = min(s.x0 for s in lines), max(s.x1 for s in lines)
    crossing = [y for y, x0, x1 in h_rules.tolist() if x0 < gutter - 2 and x1 > gutter + 2]
    open_ = [not any(c.x0 < gutter < c.x1 for c in s.chunks) for s in lines]
    prose = [_prose(s, gutter, left, right) for s in lines]
    fewest = thresholds.GUTTER_LINES if crossing else thresholds.GUTTER_LINES // 2
    stretches, bounds, start = list[range](), dict[int, tuple[int, int]](), 0
    for i in range(len(lines) + 1):
        if i < len(lines) and open_[i] and not _ruled_off(lines, i, start, crossing):
            continue
        inside = [k for k in range(start, i) if any(prose[k])]
        within = range(inside[0], inside[-1] + 1) if inside else range(0)
        if len(inside) >= fewest and (2 * len(inside) >= len(within) or _set_apart(lines, prose, within, gutter)):
            stretches.append(within)
            bounds[inside[0]] = (start, i)
        start = i if i < len(lines) and open_[i] else i + 1
    if stretches and _rows_begin_together(lines[stretches[0].start : stretches[-1].stop], gutter):
        return [False] * len(lines)
    both = [r for r in stretches if all(sum(prose[k][side] for k in r) >= 2 for side in (0, 1))]
    apart = [r for r in stretches if both and r not in both and not _in_rows(lines[r.start : r.stop], gutter)]
    beside = [not s.x0 < gutter < s.x1 for s in lines]
    found = {k for r in (*both, *apart) for k in _widened(r, bounds[r.start], beside)}
    return [k in found for k in range(len(lines))]


def _set_apart(lines: Sequence[Strip], prose: Sequence[tuple[bool, bool]], within: range, gutter: float) -> bool:
    """Whether columns of a page hold more tables than prose: prose on both sides, each side on lines of its own."""
    enough = all(sum(prose[k][side] for k in within) >= thresholds.GUTTER_LINES for side in (0, 1))
    return enough and not _in_rows(lines[within.start : within.stop], gutter)


def _widened(inner: range, bounds: tuple[int, int], beside: Sequence[bool]) -> range:
    """A stretch with the lines before and after it that stand on one side of the gutter only."""
    first, last = inner.start, inner.stop
    while first > bounds[0] and beside[first - 1]:
        first -= 1
    while last < bounds[1] and beside[last]:
        last += 1
    return range(first, last)


def _rows_begin_together(lines: Sequence[Strip], gutter: float) -> bool:
    """Whether blocks of text begin at the same heights on both sides, as the rows of a table of texts do."""
    left, right = (_block_starts(heights) for heights in _sides(lines, gutter))
    few, many = sorted((left, right), key=len)
    return len(few) >= 2 and 3 * sum(any(abs(y - other) <= 1 for other in many) for y in few) >= 2 * len(few)


def _block_starts(heights: Sequence[float]) -> list[float]:
    """The heights of lines that stand further below the one before than most lines do."""
    steps = [b - a for a, b in pairwise(heights)]
    usual = median(steps) if steps else 0.0
    return [y for step, y in zip(steps, heights[1:], strict=True) if step > thresholds.BLOCK_STEP * usual]


def _sides(lines: Sequence[Strip], gutter: float) -> tuple[list[float], list[float]]:
    """The baselines of the lines on the left, and on the right, of the gutter."""
    left, right = (
        [y for s in lines for y in {round(c.words[0].bottom, 1) for c in s.chunks if (c.x0 < gutter) == side}]
        for side in (True, False)
    )
    return left, right


def _in_rows(lines: Sequence[Strip], gutter: float) -> bool:
    """Whether what stands on the side with fewer lines stands on the other's lines, as the cells of rows do."""
    few, many = sorted(_sides(lines, gutter), key=len)
    return sum(any(abs(y - other) < 0.5 for other in many) for y in few) * 10 >= 9 * len(few)


def _ruled_off(lines: Sequence[Strip], i: int, start: int, crossing: Sequence[float]) -> bool:
    return i > start and any(lines[i - 1].bottom - 1 <= y <= lines[i].top + 1 for y in crossing)


def _prose(strip: Strip, gutter: float, left: float, right: float) -> tuple[bool, bool]:
    """Whether text fills the column on the left, and on the right, of the gutter as running text does."""
    sides = (
        ([c for c in strip.chunks if c.x1 <= gutter], gutter - left),
        ([c for c in strip.chunks if c.x0 >= gutter], right - gutter),
    )
    before, after = (
        len(inside) == 1
        and len(inside[0].words) >= thresholds.PROSE_WORDS
        and inside[0].x1 - inside[0].x0 > thresholds.PROSE_FILL * width
        for inside, width in sides
    )
    return before, after
