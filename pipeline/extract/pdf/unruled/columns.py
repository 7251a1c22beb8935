"""Columns of a table without column rules, and its lines as pieces, each with the columns it stands in.

Columns are the upright gaps that lines leave open; pieces are cut at column edges, and span in the header.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.words import Chunk, Strip, Word, thousands, typed

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Columns:
    """`edges` of the columns, the table's sides included; `cores[c]` is from where to where column c holds text."""

    edges: tuple[float, ...]
    cores: tuple[Span, ...]

    def __len__(self) -> int:
        return len(self.cores)

    def holding(self, x0: float, x1: float) -> int:
        """The column between whose edges most of x0..x1 stands."""
        return column(self.edges, x0, x1)


def column(edges: Sequence[float], x0: float, x1: float) -> int:
    """The column between whose edges most of x0..x1 stands."""
    a = min(max(bisect_right(edges, x0) - 1, 0), len(edges) - 2)
    b = min(max(bisect_right(edges, x1) - 1, 0), len(edges) - 2)
    return max(range(a, b + 1), key=lambda c: min(x1, edges[c + 1]) - max(x0, edges[c]))


def frequent_starts(lines: Sequence[Strip]) -> set[int]:
    """The x, in half points, where so many lines begin a piece that cells begin there."""
    inside = min(s.x0 for s in lines) + median(s.size for s in lines)
    starts = Counter(x for s in lines for x in {round(c.x0 * 2) for c in s.chunks if c.x0 > inside})
    return _often(starts, len(lines))


def _frequent_ends(lines: Sequence[Strip]) -> set[int]:
    """The x, in half points, where so many lines end a piece, and go on, that cells end there."""
    ends = Counter(x for s in lines for x in {round(c.x1 * 2) for c in s.chunks[:-1]})
    return _often(ends, len(lines))


def _often(counted: Counter[int], lines: int) -> set[int]:
    return {x for x, n in counted.items() if counted[x - 1] + n + counted[x + 1] >= max(3, thresholds.OFTEN * lines)}


def columns_of(body: Sequence[Strip], header: Sequence[Strip], size: float) -> Columns:
    """The columns that the gaps open through the body's lines make.

    A gap is at least 0.3 of the font size wide, or half of that where many lines end before or begin behind; what it
    parts must hold text in two lines or more. Labels of the header push edges aside, and add a column where one stands
    between columns that have each their own.
    """
    left, right = min(s.x0 for s in body), max(s.x1 for s in body)
    gaps = _open_gaps(body, left, right, len(body) // thresholds.GAP_TOLERATED, thresholds.COLUMN_GAP * size)
    edges = _occupied(body, header, [left, *((a + b) / 2 for a, b in gaps), right])
    cores = _cores(body, edges)
    cores = sorted([*cores, *_header_only(header, cores)])
    left, right = min(left, *(s.x0 for s in header), left), max(right, *(s.x1 for s in header), right)
    between = [_beside((a[1], b[0]), header) for a, b in itertools.pairwise(cores)]
    return Columns((left, *((a + b) / 2 for a, b in between), right), tuple(cores))


def between_rules(edges: tuple[float, ...]) -> Columns:
    """Columns that rules part: their cores reach from rule to rule."""
    return Columns(edges, tuple(itertools.pairwise(edges)))


def _open_gaps(lines: Sequence[Strip], left: float, right: float, tolerated: int, narrowest: float) -> list[Span]:
    n = int((right - left) * thresholds.GAP_STEPS) + 2
    starts, ends = frequent_starts(lines), _frequent_ends(lines)
    change = np.zeros(n + 1, np.int64)
    for strip in lines:
        for chunk in strip.chunks:
            change[max(int((chunk.x0 - left) * thresholds.GAP_STEPS), 0)] += 1
            change[min(int((chunk.x1 - left) * thresholds.GAP_STEPS) + 1, n)] -= 1
    cover = np.cumsum(change)[:n]
    open_ = cover <= tolerated
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], open_, [False]]).astype(np.int8)))
    found = []
    for a, b in zip(bounds[::2].tolist(), bounds[1::2].tolist(), strict=True):
        low, high = round((left + a / thresholds.GAP_STEPS) * 2), round((left + b / thresholds.GAP_STEPS) * 2)
        aligned = not ends.isdisjoint(range(low - 2, low + 2)) or not starts.isdisjoint(range(high - 1, high + 3))
        if a > 0 and b < n - 1 and (b - a) / thresholds.GAP_STEPS >= (narrowest / 2 if aligned else narrowest):
            # Within what few lines cross, the part that the fewest do is the gap.
            inner = np.flatnonzero(cover[a:b] == cover[a:b].min()) + a
            found.append((left + inner[0] / thresholds.GAP_STEPS, left + (inner[-1] + 1) / thresholds.GAP_STEPS))
    return found


def _occupied(lines: Sequence[Strip], header: Sequence[Strip], edges: list[float]) -> list[float]:
    """Edges without those of columns that hold text in one line only (a mark, a note number) and have no label."""
    if len(lines) < 4:
        return edges
    while len(edges) > 2:
        count = [0] * (len(edges) - 1)
        for strip in (*lines, *header):
            for c in {column(edges, chunk.x0, chunk.x1) for chunk in strip.chunks}:
                count[c] += 1
        poor = [c for c, n in enumerate(count) if n < 2]
        if not poor:
            break
        c = poor[0]
        del edges[c if c == len(edges) - 2 else max(c, 1)]
    return edges


def _cores(lines: Sequence[Strip], edges: Sequence[float]) -> list[Span]:
    low, high = list(edges[1:]), list(edges[:-1])
    for strip in lines:
        for chunk in strip.chunks:
            c = column(edges, chunk.x0, chunk.x1)
            low[c] = min(low[c], max(chunk.x0, edges[c]))
            high[c] = max(high[c], min(chunk.x1, edges[c + 1]))
    return [(a, max(a, b)) for a, b in zip(low, high, strict=True)]


def _header_only(header: Sequence[Strip], cores: Sequence[Span]) -> list[Span]:
    """Labels between two columns labelled in the same line: columns whose body is blank or nearly so."""
    found: list[Span] = []
    for strip in header:
        labels = [(c.x0, c.x1) for c in strip.chunks]
        over_first = bool(cores) and labels[0][0] < cores[0][1]
        if len(labels) <= len(cores) - (not over_first):
            # As many labels as columns: each is its own column's, however far to the side that prints.
            continue
        for x0, x1 in labels:
            if any(x0 < b and x1 > a for a, b in [*cores, *found]):
                continue
            near = [core for core in (_last_before(cores, x0), _first_after(cores, x1)) if core]
            if len(near) == 2 and all(any(p < b and q > a for p, q in labels) for a, b in near):
                found.append((x0, x1))
    return found


def _last_before(cores: Sequence[Span], x: float) -> Span | None:
    return max((core for core in cores if core[1] <= x), default=None)


def _first_after(cores: Sequence[Span], x: float) -> Span | None:
    return min((core for core in cores if core[0] >= x), default=None)


def _beside(gap: Span, header: Sequence[Strip]) -> Span:
    """The widest part of a gap that no label of the header stands in; the gap itself when labels fill it."""
    a, b = gap
    inside = sorted(
        (c.x0, c.x1) for s in header for c in s.chunks if c.x0 < b and c.x1 > a and not (c.x0 < a and c.x1 > b)
    )
    parts, x = [], a
    for x0, x1 in inside:
        parts.append((x, x0))
        x = max(x, x1)
    parts.append((x, b))
    low, high = max(parts, key=lambda p: p[1] - p[0])
    return (low, high) if high > low else gap


# First column, last column (exclusive), words.
Piece = tuple[int, int, tuple[Word, ...]]


@dataclass(frozen=True, slots=True)
class EdgeHistogram:
    """How many chunks of a table begin, and end, at each whole point of the page's width."""

    starts: Counter[int]
    ends: Counter[int]
    lines: int = 0

    @classmethod
    def of(cls, lines: Sequence[Strip]) -> EdgeHistogram:
        chunks = [chunk for strip in lines for chunk in strip.chunks]
        return cls(Counter(round(c.x0) for c in chunks), Counter(round(c.x1) for c in chunks), len(lines))

    def part(self, before: Word, word: Word) -> bool:
        """Whether a cell usually begins where `word` does, or ends where the word before it does."""
        return _about(self.starts, word.x0) >= 3 or _about(self.ends, before.x1) >= 3


def _about(counted: Counter[int], x: float) -> int:
    return counted[round(x) - 1] + counted[round(x)] + counted[round(x) + 1]


def cut_where_others_begin(lines: Sequence[Strip]) -> list[Strip]:
    """Lines whose pieces are cut at words that stand exactly where those of many other lines begin.

    A text that fills its column leaves no more than a space before the next one: alignment alone tells them apart. It
    begins where others of its column do; a centred label may have a word there by chance.
    """
    often = frequent_starts(lines)
    if not often:
        return list(lines)
    return [replace(s, chunks=tuple(part for c in s.chunks for part in _parted(c, often))) for s in lines]


def cut_between_columns_of_figures(lines: Sequence[Strip]) -> list[Strip]:
    """Lines whose pieces are cut where a figure ends and another begins at the same two places in most lines: columns
    set from the right beside others set from the left, nearer each other than columns usually are.

    A space within a text is narrower, and stands at another place when the texts differ in length.
    """
    counted = Counter(gap for s in lines for gap in _figure_gaps(s))
    shared = {(a, b): sum(counted[a + i, b + j] for i in (-1, 0, 1) for j in (-1, 0, 1)) for a, b in counted}
    fewest = max(thresholds.GAP_ROWS, thresholds.OFTEN * len(lines))
    often = {gap for gap, n in shared.items() if n >= fewest}
    if not often:
        return list(lines)
    return [replace(s, chunks=tuple(part for c in s.chunks for part in _cut_at(c, often))) for s in lines]


def _figure_gaps(strip: Strip) -> Iterator[tuple[int, int]]:
    """The gaps, in half points, between two figures of one piece of a line that are wider than its other spaces."""
    for chunk in strip.chunks:
        gaps = [word.x0 - before.x1 for before, word in pairwise(chunk.words)]
        for k, (before, word) in enumerate(pairwise(chunk.words)):
            widest = max(
                thresholds.SPACE_OF_FIGURES * word.size,
                *(thresholds.WIDER_GAP * g for g in gaps[:k] + gaps[k + 1 :]),
                0,
            )
            if gaps[k] > widest and _digit(before) and _digit(word) and not typed(before, word):
                yield round(before.x1 * 2), round(word.x0 * 2)


def _digit(word: Word) -> bool:
    return any(c.isdigit() for c in word.text)


def _cut_at(chunk: Chunk, gaps: Set[tuple[int, int]]) -> list[Chunk]:
    parts = [[chunk.words[0]]]
    for before, word in pairwise(chunk.words):
        if (round(before.x1 * 2), round(word.x0 * 2)) in gaps:
            parts.append([word])
        else:
            parts[-1].append(word)
    return [Chunk(tuple(words)) for words in parts]


def _parted(chunk: Chunk, often: set[int]) -> list[Chunk]:
    parts = [[chunk.words[0]]]
    for before, word in pairwise(chunk.words):
        apart = word.x0 - before.x1 > thresholds.NARROW_SPACE * word.size and not thousands(before.text, word.text)
        if apart and round(word.x0 * 2) in often and round(parts[-1][0].x0 * 2) in often:
            parts.append([word])
        else:
            parts[-1].append(word)
    return [Chunk(tuple(words)) for words in parts]


def body_pieces(strip: Strip, columns: Columns, histogram: EdgeHistogram) -> list[Piece]:
    """A chunk over an edge is cut there when cells usually begin or end at that place.

    What is left over an edge is text too long for its column: that of its greater part, or the one where it begins.
    """
    alone = len(strip.chunks) == 1 and len(columns) > 2 and not strip.chunks[0].figure
    if alone and _centred_title(strip, columns) and not _usual(strip, histogram):
        return [(0, len(columns), strip.words)]
    found: list[Piece] = []
    for words in _cut(strip, columns, histogram):
        x0, x1 = _extent(words)
        c = columns.holding(x0, x1)
        share = (min(x1, columns.edges[c + 1]) - max(x0, columns.edges[c])) / max(x1 - x0, 0.1)
        if share <= 0.6:
            c = columns.holding(x0, words[0].x1)
        found.append((c, c + 1, words))
    return found


def _usual(strip: Strip, histogram: EdgeHistogram) -> bool:
    """Whether a line begins, or ends, where many others do: it is a cell."""
    often = max(3, thresholds.OFTEN / 2 * histogram.lines)
    return _about(histogram.starts, strip.x0) >= often or _about(histogram.ends, strip.x1) >= often


def _centred_title(strip: Strip, columns: Columns) -> bool:
    """Whether a line is centred over the whole table, above the rows of a section."""
    off = abs(strip.x0 + strip.x1 - columns.edges[0] - columns.edges[-1]) / 2
    return off <= strip.size and strip.x0 > columns.cores[0][0] + 2 * strip.size


def header_pieces(
    strip: Strip,
    columns: Columns,
    histogram: EdgeHistogram,
    below: Sequence[Strip],
    rules: Sequence[tuple[float, float, float]],
) -> list[Piece]:
    """A header's line: each label spans the columns it stands over, of the rule under it, or that it is centred on.

    Labels of one line over a multiple of as many columns share them out evenly. `below` are the header's next
    lines, `rules` the table's rules as (y, x0, x1).
    """
    cut = [part for chunk in strip.chunks for part in _label_parts(chunk, strip, columns, histogram, below)]
    parts = [part for words in cut for part in _labels(words, columns, below)]
    spans = [_covered(columns, *_extent(words)) for words in parts]
    width = columns.edges[-1] - columns.edges[0]
    for k, words in enumerate(parts):
        x0, x1 = _extent(words)
        low = spans[k - 1][1] if k else 0
        high = spans[k + 1][0] if k + 1 < len(parts) else len(columns)
        # A rule under several labels is the header's, not theirs.
        others = [_extent(part) for part in parts if part is not words]
        under = [
            (a, b)
            for y, a, b in rules
            if _just_below(y, strip) and a < x1 and b > x0 and b - a < 0.95 * width
            if not any(a < q and b > p for p, q in others)
        ]
        if under:
            spans[k] = _within(columns, min(a for a, _ in under), max(b for _, b in under), spans[k])
        elif below:
            spans[k] = _centred(columns, (x0, x1), spans[k], (low, high), below)
    if below and (len(parts) > 1 or not all(_over_own(words, columns) for words in parts)):
        spans = _shared_out(columns, [_extent(words) for words in parts], spans, below[0])
    return [(first, last, words) for (first, last), words in zip(spans, parts, strict=True)]


def _label_parts(
    chunk: Chunk, strip: Strip, columns: Columns, histogram: EdgeHistogram, below: Sequence[Strip]
) -> list[tuple[Word, ...]]:
    """A label cut where cells usually begin or end; whole where it is centred on all its columns, or on what labels
    them, and its parts are not set over their own."""
    parts = _cut(replace(strip, chunks=(chunk,)), columns, histogram)
    if len(parts) > 1 and not all(_over_own(part, columns) for part in parts):
        first, last = columns.holding(*_extent(parts[0])), columns.holding(*_extent(parts[-1]))
        labels = [c for s in below for c in s.chunks if first <= columns.holding(c.x0, c.x1) <= last]
        low = min([columns.cores[first][0], *(c.x0 for c in labels)])
        high = max([columns.cores[last][1], *(c.x1 for c in labels)])
        middles = ((columns.cores[first][0] + columns.cores[last][1]) / 2, (low + high) / 2)
        if min(abs((chunk.x0 + chunk.x1) / 2 - middle) for middle in middles) <= thresholds.NEAR_SIDE * strip.size:
            return [chunk.words]
    return parts


def unit_of_all(strip: Strip, columns: Columns, above: Strip) -> bool:
    """Whether what stands alone below the labels is centred on all columns but the first, their unit, and goes on with
    no label of the line above."""
    if len(columns) < 3 or len(strip.chunks) > 1 or strip.chunks[0].figure:
        return False
    x0, x1 = strip.x0, strip.x1
    near = strip.size
    if strip.top - above.bottom <= thresholds.WRAP_GAP * near and any(
        min(abs(c.x0 - x0), abs(c.x0 + c.x1 - x0 - x1) / 2) <= thresholds.NEAR_SIDE * near for c in above.chunks
    ):
        return False
    middles = [(columns.cores[1][0] + columns.cores[-1][1]) / 2, (columns.edges[1] + columns.edges[-1]) / 2]
    return x0 >= columns.edges[1] and min(abs((x0 + x1) / 2 - middle) for middle in middles) <= near


def _labels(words: tuple[Word, ...], columns: Columns, below: Sequence[Strip]) -> list[tuple[Word, ...]]:
    """Labels of neighbouring columns a space apart: words cut at the edges, where each part stands right over its own
    column and no line below labels those columns one by one; else the words as they are."""
    x0, x1 = _extent(words)
    edges = [e for e in columns.edges[1:-1] if x0 < e < x1]
    if not edges or len(edges) >= len(words) or any(c.x0 < x1 and c.x1 > x0 for s in below for c in s.chunks):
        return [words]
    at = [0]
    for edge in edges:
        at.append(min(range(1, len(words)), key=lambda k: abs((words[k - 1].x1 + words[k].x0) / 2 - edge)))
    parts = [words[i:j] for i, j in pairwise([*at, len(words)])]
    return parts if all(parts) and all(_over_own(part, columns) for part in parts) else [words]


def _over_own(words: Sequence[Word], columns: Columns) -> bool:
    """Whether words are centred on their column's text, or begin or end where it does."""
    x0, x1 = _extent(words)
    a, b = columns.cores[columns.holding(x0, x1)]
    return min(abs(x0 - a), abs(x1 - b), abs(x0 + x1 - a - b) / 2) <= thresholds.NEAR_SIDE * words[0].size


def _shared_out(
    columns: Columns, labels: Sequence[Span], own: list[tuple[int, int]], below: Strip
) -> list[tuple[int, int]]:
    """Even groups of the columns labelled below, where each label stands over its own; else their own columns."""
    under = sorted({c for chunk in below.chunks for c in range(*_covered(columns, chunk.x0, chunk.x1))})
    under = under[1:] if under[:1] == [0] and own[0][0] > 0 else under
    each = len(under) // len(labels)
    if each < 2 or each * len(labels) != len(under) or under[-1] - under[0] + 1 != len(under):
        return own
    groups = [(under[k * each], under[k * each] + each) for k in range(len(labels))]
    for (x0, x1), (first, last), (a, b) in zip(labels, groups, own, strict=True):
        start, end = columns.cores[first][0], columns.cores[last - 1][1]
        if not first <= a < b <= last or abs((x0 + x1) / 2 - (start + end) / 2) > 0.35 * (end - start):
            return own
    return groups


def _extent(words: Sequence[Word]) -> Span:
    return words[0].x0, max(w.x1 for w in words)


def _covered(columns: Columns, x0: float, x1: float) -> tuple[int, int]:
    over = [
        c
        for c, (a, b) in enumerate(columns.cores)
        if min(x1, b) - max(x0, a) > thresholds.LABEL_OVER * min(max(b - a, 1.0), x1 - x0)
    ]
    if not over:
        c = columns.holding(x0, x1)
        return c, c + 1
    return over[0], over[-1] + 1


def _just_below(y: float, strip: Strip) -> bool:
    return (strip.top + strip.bottom) / 2 < y <= strip.bottom + strip.size


def _within(columns: Columns, x0: float, x1: float, own: tuple[int, int]) -> tuple[int, int]:
    inside = [c for c, (a, b) in enumerate(columns.cores) if x0 - 2 <= (a + b) / 2 <= x1 + 2]
    return (min(own[0], inside[0]), max(own[1], inside[-1] + 1)) if inside else own


def _centred(
    columns: Columns, label: Span, own: tuple[int, int], limits: tuple[int, int], below: Sequence[Strip]
) -> tuple[int, int]:
    """The neighbouring columns, labelled in the lines below, whose common middle is the label's; else its own."""
    middle, near = (label[0] + label[1]) / 2, 0.5 * below[0].size
    labels = [chunk for line in below for chunk in line.chunks]
    labelled = {c for chunk in labels for c in range(*_covered(columns, chunk.x0, chunk.x1))}

    def off(first: int, last: int) -> float:
        """How far the label's middle is from that of what columns print, their labels included."""
        own = [chunk for chunk in labels if first <= columns.holding(chunk.x0, chunk.x1) < last]
        low = min([columns.cores[first][0], *(chunk.x0 for chunk in own)])
        high = max([columns.cores[last - 1][1], *(chunk.x1 for chunk in own)])
        return abs((low + high) / 2 - middle)

    alone = off(*own)
    if own[1] - own[0] == 1 and alone <= near:
        return own
    best = own
    for first in range(limits[0], own[0] + 1):
        for last in range(own[1], limits[1] + 1):
            if labelled.issuperset(range(first, last)) and off(first, last) < off(*best):
                best = (first, last)
    width = columns.cores[best[1] - 1][1] - columns.cores[best[0]][0]
    return best if off(*best) <= min(max(2 * near, 0.1 * width), 0.7 * alone) else own


def _cut(strip: Strip, columns: Columns, histogram: EdgeHistogram) -> list[tuple[Word, ...]]:
    edges = columns.edges[1:-1]
    found: list[tuple[Word, ...]] = []
    for chunk in strip.chunks:
        parts: list[list[Word]] = [[chunk.words[0]]]
        for before, word in pairwise(chunk.words):
            over = bisect_right(edges, word.x0 + 1.0) > bisect_right(edges, before.x1 - 1.0)
            if over and (histogram.part(before, word) or _stands_out(chunk, word.x0 - before.x1)):
                parts.append([word])
            else:
                parts[-1].append(word)
        found += [tuple(p) for p in parts]
    return found


def _stands_out(chunk: Chunk, gap: float) -> bool:
    """Whether a gap is wider than the other spaces of its chunk, if it has others."""
    others = sorted(b.x0 - a.x1 for a, b in pairwise(chunk.words))[:-1]
    return bool(others) and gap > thresholds.WIDER_GAP * max(others[-1], 0.1)
