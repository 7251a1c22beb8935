"""Filled rectangles: which of them are rules, which say where cells are, and which only lie behind text.

Word processors shade cells in pieces and lines of text one by one; browsers paint a ground for each cell. An edge of a
fill is a rule only where drawn rules, text and other fills agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import Bools, Floats, Ints
from pipeline.extract.pdf.lattice import cell_boxes
from pipeline.extract.pdf.rules import Drawing, Rules, merged
from pipeline.extract.pdf.words import Word


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a page's drawing says of tables: its rules, those drawn with the edges of fills that say where cells are;
    those drawn alone; and the boxes of what is part of a chart or a diagram."""

    rules: Rules
    drawn: Rules
    pictures: Floats


def evidence(drawing: Drawing, words: Sequence[Word]) -> Evidence:
    """The rules and pictures of a page, told by its words."""
    if not len(drawing.fills):
        drawn = merged(drawing.h, drawing.v)
        return Evidence(drawn, drawn, drawing.shapes)
    middles = np.array([((w.x0 + w.x1) / 2, w.mid) for w in words if not w.turn]).reshape(-1, 2)
    thin, bars, areas = _kinds(drawing.fills, middles)
    h = np.vstack([drawing.h, _edges(drawing.fills[thin], 1), _middles(drawing.fills[bars], 1)])
    v = np.vstack([drawing.v, _edges(drawing.fills[thin], 0), _middles(drawing.fills[bars], 0)])
    drawn = merged(h, v)
    in_chart = _chart_bars(drawing.fills, areas, middles)
    areas &= ~in_chart
    cells = _cell_grounds(drawing.fills[areas], drawing.colours[areas], drawn, middles)
    rules = merged(np.vstack([h, _edges(cells, 1)]), np.vstack([v, _edges(cells, 0)]))
    return Evidence(rules, drawn, np.vstack([drawing.shapes, drawing.fills[in_chart]]))


def _chart_bars(fills: Floats, areas: Bools, middles: Floats) -> Bools:
    """Which areas are the bars of a chart: without text, three or more from one line, three or more lengths of them."""
    found = np.zeros(len(fills), np.bool_)
    where = np.flatnonzero(areas)
    if not thresholds.FEWEST_BARS <= len(where) <= thresholds.MOST_FILLS:
        return found
    where = where[[not _within(middles, fills[i]).any() for i in where.tolist()]]
    # Bars that stand on a line, hang from one, or lie against one at their left or right.
    for foot, end in ((3, 1), (1, 3), (0, 2), (2, 0)):
        feet = np.round(fills[where, foot])
        for y in np.unique(feet).tolist():
            group = where[feet == y]
            if len(np.unique(np.round(fills[group, end]))) >= thresholds.FEWEST_BARS:
                found[group] = True
    return found


def _kinds(fills: Floats, middles: Floats) -> tuple[Bools, Bools, Bools]:
    """Which fills are rules, which are thick rules (long bars without text), and which are areas."""
    width, height = fills[:, 2] - fills[:, 0], fills[:, 3] - fills[:, 1]
    low, high = np.minimum(width, height), np.maximum(width, height)
    thin = low <= thresholds.SNAP
    bars = ~thin & (low <= thresholds.THICKEST_RULE) & (high >= thresholds.LONG_BAR * low)
    for i in np.flatnonzero(bars).tolist():
        bars[i] = not _within(middles, fills[i]).any()
    return thin, bars, ~thin & ~bars


def _within(middles: Floats, box: Floats) -> Bools:
    """Which points stand in a box."""
    x, y = middles[:, 0], middles[:, 1]
    return np.asarray((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3]))


def _edges(boxes: Floats, axis: int) -> Floats:
    """The four sides of boxes as segments: level ones (y, x0, x1) for axis 1, upright ones (x, top, bottom) for 0."""
    low, high, start, end = boxes[:, axis], boxes[:, axis + 2], boxes[:, 1 - axis], boxes[:, 3 - axis]
    return np.vstack([np.column_stack([low, start, end]), np.column_stack([high, start, end])])


def _middles(boxes: Floats, axis: int) -> Floats:
    """The line along the middle of each bar that runs along the axis asked for."""
    across, along = boxes[:, axis + 2] - boxes[:, axis], boxes[:, 3 - axis] - boxes[:, 1 - axis]
    bars = boxes[across < along]
    return np.column_stack([(bars[:, axis] + bars[:, axis + 2]) / 2, bars[:, 1 - axis], bars[:, 3 - axis]])


def _cell_grounds(fills: Floats, colours: Ints, drawn: Rules, middles: Floats) -> Floats:
    """The fills that are the ground of cells, pieces of one ground put together, those behind text left out."""
    if not 0 < len(fills) <= thresholds.MOST_FILLS:
        return fills
    fills, where = np.unique(fills, axis=0, return_index=True)
    colours = colours[where]
    frames = np.array(cell_boxes(drawn)).reshape(-1, 4)
    frames = frames[(frames[:, 2] - frames[:, 0] > thresholds.SNAP) & (frames[:, 3] - frames[:, 1] > thresholds.SNAP)]
    inside = _containers(fills, np.vstack([frames, fills]))
    behind = np.array([_behind_text(f, c, middles) for f, c in zip(fills, inside, strict=True)], np.bool_)
    fills, colours, inside = fills[~behind], colours[~behind], inside[~behind]
    return _united(fills, colours, inside) if len(fills) else fills


def _containers(fills: Floats, boxes: Floats) -> Floats:
    """For each fill the smallest box that holds it and is larger; itself where none does."""
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    found = fills.copy()
    near = thresholds.FILL_SLACK
    for i, (x0, top, x1, bottom) in enumerate(fills):
        holds = (boxes[:, 0] <= x0 + near) & (boxes[:, 1] <= top + near)
        holds &= (boxes[:, 2] >= x1 - near) & (boxes[:, 3] >= bottom - near)
        holds &= area > thresholds.LARGER_BOX * (x1 - x0) * (bottom - top)
        if holds.any():
            candidates = np.flatnonzero(holds)
            found[i] = boxes[candidates[np.argmin(area[candidates])]]
    return found


def _behind_text(fill: Floats, box: Floats, middles: Floats) -> bool:
    """Whether a fill lies behind lines of text in a cell: inset from the cell at both sides, where nothing stands."""
    left, right = fill[0] - box[0], box[2] - fill[2]
    if min(left, right) <= thresholds.FILL_SLACK:
        return False
    beside = [(box[0], fill[1], fill[0], fill[3]), (fill[2], fill[1], box[2], fill[3])]
    return not any(_within(middles, np.array(gap)).any() for gap in beside)


def _united(fills: Floats, colours: Ints, inside: Floats) -> Floats:
    """The fills, those of one colour and width that touch from top to bottom made one, unless others beside them end at
    the same height: lines of one text are shaded one by one, and so are rows."""
    near = thresholds.FILL_SLACK
    order = np.lexsort((fills[:, 1], np.round(fills[:, 2]), np.round(fills[:, 0]), colours))
    merged_fills: list[Floats] = [fills[order[0]].copy()]
    for a, b in pairwise(order.tolist()):
        one, other = merged_fills[-1], fills[b]
        touches = colours[a] == colours[b] and np.abs(one[[0, 2]] - other[[0, 2]]).max() <= near
        touches = bool(touches and abs(one[3] - other[1]) <= near)
        if touches and (_framed(fills[a], fills[b], inside[a]) or not _ends_beside(fills, one, float(other[1]))):
            one[3] = other[3]
        else:
            merged_fills.append(other.copy())
    return np.array(merged_fills)


def _framed(a: Floats, b: Floats, box: Floats) -> bool:
    """Whether a box that both fills are as wide as holds them both."""
    near = thresholds.FILL_SLACK
    return bool(np.abs(a[[0, 2]] - box[[0, 2]]).max() <= near and box[1] <= a[1] + near and box[3] >= b[3] - near)


def _ends_beside(fills: Floats, one: Floats, y: float) -> bool:
    """Whether a fill that stands beside this one begins or ends at this height."""
    near = thresholds.FILL_SLACK
    level = (np.abs(fills[:, 1] - y) <= near) | (np.abs(fills[:, 3] - y) <= near)
    return bool((level & ((fills[:, 0] >= one[2] - near) | (fills[:, 2] <= one[0] + near))).any())
