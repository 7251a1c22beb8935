"""Straight segments that pdfium's page objects draw: lines, edges of rectangles, straight parts of longer paths."""

from __future__ import annotations

import numpy as np

from pipeline.extract.pdf import pdfium
from pipeline.extract.pdf.chars import Bools, Floats, Ints

_LINE, _MOVE = 0, 2
_NEARLY_WHITE = 0xF7


def read(page: pdfium.Page, drawn: pdfium.Drawn, limit: int) -> tuple[Floats, Floats] | None:
    """Raw horizontal (y, x0, x1) and vertical (x, top, bottom) segments as seen; None when more than `limit`."""
    places = [i for i, kind in enumerate(drawn.types) if kind == pdfium.PATH]
    if not places:
        return np.zeros((0, 3)), np.zeros((0, 3))
    paths = [drawn.addresses[i] for i in places]
    visible = _visible(paths)
    counts = np.array(pdfium.each(pdfium.segment_count, paths), np.int64)
    counts[~visible | (counts < 0)] = 0
    if counts.sum() > 5 * limit:
        return None
    owner = np.repeat(np.arange(len(paths)), counts)
    at = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    segments = list(map(pdfium.segment_at, [paths[i] for i in owner.tolist()], at.tolist()))
    points = _placed(page, drawn, places, owner, pdfium.split_out(pdfium.segment_point, segments, 2).astype(np.float64))
    kinds = np.array(pdfium.each(pdfium.segment_type, segments), np.int64)
    closes = np.array(pdfium.each(pdfium.segment_closes, segments), np.bool_)
    starts, ends = _lines(points, kinds, closes)
    return _axis(starts, ends, 1), _axis(starts, ends, 0)


def _visible(paths: list[int]) -> Bools:
    """Painted in any way, and not white: pdfium keeps white and unpainted paths that nobody sees."""
    mode = pdfium.split_out(pdfium.draw_mode, paths, 2, np.int32)
    fill = pdfium.split_out(pdfium.fill_color, paths, 4, np.uint32)
    stroke = pdfium.split_out(pdfium.stroke_color, paths, 4, np.uint32)
    dark = [(c[:, :3] < _NEARLY_WHITE).any(axis=1) & (c[:, 3] > 0) for c in (fill, stroke)]
    return np.asarray(((mode[:, 0] != 0) & dark[0]) | ((mode[:, 1] != 0) & dark[1]))


def _placed(page: pdfium.Page, drawn: pdfium.Drawn, places: list[int], owner: Ints, points: Floats) -> Floats:
    """Segment points, each through its path's matrix and its form's, as seen."""
    if not len(points):
        return points
    full = pdfium.matrix_of([drawn.addresses[i] for i in places])
    for k, i in enumerate(places):
        form = drawn.forms[i]
        if form is not None:
            full[k] = full[k] @ form
    homogeneous = np.column_stack([points, np.ones(len(points))])
    return page.seen(np.einsum("ni,nij->nj", homogeneous, full[owner])[:, :2])


def _lines(points: Floats, kinds: Ints, closes: Bools) -> tuple[Floats, Floats]:
    """Start and end of each straight segment, closing segments included."""
    if not len(points):
        return points, points
    straight = np.flatnonzero(kinds == _LINE)
    moves = np.where(kinds == _MOVE, np.arange(len(kinds)), 0)
    first = np.maximum.accumulate(moves)
    closing = np.flatnonzero(closes)
    return np.vstack([points[straight - 1], points[closing]]), np.vstack([points[straight], points[first[closing]]])


def _axis(starts: Floats, ends: Floats, axis: int) -> Floats:
    """Segments that do not move along `axis`: 1 gives horizontal (y, x0, x1), 0 gives vertical (x, top, bottom)."""
    level = np.abs(starts[:, axis] - ends[:, axis]) <= 0.01
    a, b = starts[level, 1 - axis], ends[level, 1 - axis]
    return np.column_stack([starts[level, axis], np.minimum(a, b), np.maximum(a, b)])
