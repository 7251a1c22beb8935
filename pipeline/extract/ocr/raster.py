"""A page as a picture: set upright, its straight rules found, and the picture without them.

Rules that stay in the picture cost words: a figure that touches one is read with it as one letter. Places are pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.extract.ocr.tesseract import Picture

Bools = npt.NDArray[np.bool_]
Segment = tuple[float, float, float]
"""Position across, from, to."""

DARK = 140
"""Grey below which a pixel is print."""
# Of an inch: no letter of a text has a stroke as long.
SHORTEST = 0.3
# Of an inch: what is thicker is an area.
THICKEST = 0.05
# Share of the pixels of a rule that must be dark: a scan has holes.
SOLID = 0.92
# Degrees: a sheet is rarely laid more askew, and the step by which it is looked for.
ASKEW, STEP = 1.5, 0.05


@dataclass(frozen=True)
class Raster:
    """A picture without its rules, and those: `level` as (y, x0, x1), `upright` as (x, top, bottom)."""

    picture: Picture
    level: tuple[Segment, ...]
    upright: tuple[Segment, ...]


def without_rules(picture: Picture, dots: int) -> Raster:
    """The rules of a picture of `dots` dots an inch, and the picture with white in their place."""
    dark = picture < DARK
    shortest, thickest = int(SHORTEST * dots), max(2, int(THICKEST * dots))
    level_mask, upright_mask = _opened(dark, shortest), _opened(dark.T, shortest).T
    level, upright = _segments(level_mask, thickest), _segments(upright_mask.T, thickest)
    clean = picture.copy()
    for position, start, end in level:
        _whiten(clean, level_mask, int(position), int(start), int(end), thickest)
    for position, start, end in upright:
        _whiten(clean.T, upright_mask.T, int(position), int(start), int(end), thickest)
    return Raster(clean, tuple(level), tuple(upright))


def askew(picture: Picture) -> float:
    """By how many degrees the picture's lines rise to the right, to a twentieth; 0 for a page without lines.

    Set upright, the rows of a page with lines are the most unlike one another.
    """
    step = max(1, picture.shape[1] // 1000)
    dark = (picture[: picture.shape[0] // step * step : step, ::step] < DARK).astype(np.float64)
    ys, xs = np.nonzero(dark)
    if not len(ys):
        return 0.0

    def contrast(degrees: float) -> float:
        rows = np.round(ys + np.tan(np.radians(degrees)) * xs).astype(np.int64)
        profile = np.bincount(rows - rows.min())
        return float((np.diff(profile) ** 2).sum())

    angles = np.arange(-ASKEW, ASKEW + STEP / 2, STEP)
    found = [contrast(float(angle)) for angle in angles]
    best = int(np.argmax(found))
    # No clear gain over the page as it lies: it has no lines to tell by.
    level = contrast(0.0)
    return round(float(angles[best]), 2) if found[best] > 1.02 * level else 0.0


def _opened(dark: Bools, length: int) -> Bools:
    """The pixels that stand in a row of at least `length` that is dark but for small holes."""
    if dark.shape[1] <= length:
        return np.zeros_like(dark)
    sums = np.zeros((dark.shape[0], dark.shape[1] + 1), np.int32)
    np.cumsum(dark, axis=1, out=sums[:, 1:])
    full = (sums[:, length:] - sums[:, :-length]) >= SOLID * length
    # Each full window marks all of its pixels.
    marks = np.zeros((dark.shape[0], dark.shape[1] + 1), np.int32)
    marks[:, : full.shape[1]] += full
    marks[:, length : length + full.shape[1]] -= full
    opened: Bools = (np.cumsum(marks, axis=1)[:, :-1] > 0) & dark
    return opened


def _segments(mask: Bools, thickest: int) -> list[Segment]:
    """The rules of a mask of level ones: runs of neighbouring rows that lie over one another, as their middle."""
    open_: list[list[float]] = []  # first row, last row, from, to
    done: list[list[float]] = []
    for row in np.flatnonzero(mask.any(axis=1)).tolist():
        for start, end in _runs(mask[row]):
            for each in open_:
                if each[1] >= row - 2 and start <= each[3] and end >= each[2]:
                    each[1], each[2], each[3] = row, min(each[2], start), max(each[3], end)
                    break
            else:
                open_.append([row, row, start, end])
        still = [each for each in open_ if each[1] >= row - 2]
        done += [each for each in open_ if each[1] < row - 2]
        open_ = still
    found = [*done, *open_]
    return [((top + bottom) / 2, start, end) for top, bottom, start, end in found if bottom - top < thickest]


def _runs(row: Bools) -> list[tuple[int, int]]:
    """(from, to) of the dark stretches of a row, holes of three pixels closed."""
    at = np.flatnonzero(row)
    breaks = np.flatnonzero(np.diff(at) > 4)
    starts, ends = at[np.r_[0, breaks + 1]], at[np.r_[breaks, len(at) - 1]]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _whiten(picture: Picture, mask: Bools, position: int, start: int, end: int, thickest: int) -> None:
    """White where the rule is, and on the grey of its edges."""
    first, last = max(0, position - thickest), position + thickest + 1
    band = mask[first:last, start : end + 1]
    near = band.copy()
    near[1:] |= band[:-1]
    near[:-1] |= band[1:]
    near[2:] |= band[:-2]
    near[:-2] |= band[2:]
    picture[first:last, start : end + 1][near] = 255
