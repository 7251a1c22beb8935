"""Rules (straight lines, edges of rectangles) of one page: snapped and joined as pdfplumber does, by sorting.

The engines give raw segments; cells are found in `cells`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.extract.pdf.chars import Floats, Ints

SNAP = JOIN = CROSS = 3.0
MIN_LENGTH = 3.0
MIN_PIECE = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Merged rules: `h` rows are (y, x0, x1) sorted by y then x0, `v` rows (x, top, bottom) sorted by x then top."""

    h: Floats
    v: Floats

    def __len__(self) -> int:
        return len(self.h) + len(self.v)


NONE = Rules(np.zeros((0, 3)), np.zeros((0, 3)))


def merged(h: Floats, v: Floats) -> Rules:
    """Raw segments (position, from, to) snapped by clusters of 3 points to their mean, then joined over gaps of 3.

    The same as pdfplumber's `merge_edges` with its default tolerances, then its length filter.
    """
    return Rules(_merge_axis(h), _merge_axis(v))


def _merge_axis(segments: Floats) -> Floats:
    segments = segments[segments[:, 2] - segments[:, 1] >= MIN_PIECE]
    if not len(segments):
        return np.zeros((0, 3))
    cluster = clusters(segments[:, 0], SNAP)
    means = np.bincount(cluster, segments[:, 0]) / np.bincount(cluster)
    order = np.lexsort((segments[:, 1], cluster))
    merged_rows: list[tuple[float, float, float]] = []
    last, start, end = -1, 0.0, 0.0
    for c, a, b in zip(cluster[order].tolist(), segments[order, 1].tolist(), segments[order, 2].tolist(), strict=True):
        if c == last and a <= end + JOIN:
            end = max(end, b)
            continue
        if last >= 0 and end - start >= MIN_LENGTH:
            merged_rows.append((float(means[last]), start, end))
        last, start, end = c, a, b
    if end - start >= MIN_LENGTH:
        merged_rows.append((float(means[last]), start, end))
    return np.array(merged_rows).reshape(-1, 3)


def clusters(values: Floats, tolerance: float) -> Ints:
    """Cluster number of each value: sorted values nearer than `tolerance` to the one before share a cluster."""
    order = np.argsort(values, kind="stable")
    steps = np.diff(values[order], prepend=values[order[:1]]) > tolerance
    found = np.empty(len(values), np.int64)
    found[order] = np.cumsum(steps)
    return found
