"""The words of a page with ruled tables: cells set one below the other in one long picture, what stands outside of them
left in the page. Recognised together with its neighbours, a cell of two lines is torn, and a lone figure is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.ocr import tesseract
from pipeline.extract.ocr.raster import DARK
from pipeline.extract.ocr.tesseract import Picture, Seen

INSET = 3
"""Pixels of a cell's side that may still show its rule."""
PADDING = 20
"""Pixels of white between two cells of the long picture, and around it."""
TALLEST = 24_000
"""Pixels: Tesseract takes pictures of at most 32 767."""
LEAST_INK = 6
"""Dark pixels: what has fewer is dust."""


@dataclass(frozen=True)
class _Placed:
    """A cell in the long picture: where it begins and ends there, and where its corner is on the page."""

    top: int
    bottom: int
    left_on_page: int
    top_on_page: int

    def on_page(self, word: Seen) -> Seen:
        dx, dy = self.left_on_page - PADDING, self.top_on_page - self.top
        x0, top, x1, bottom = word.box
        return Seen(word.text, (x0 + dx, top + dy, x1 + dx, bottom + dy), word.confidence)


def words(picture: Picture, boxes: Sequence[Box], dots: int, language: str) -> list[Seen]:
    """The words of a page without rules, whose ruled cells are `boxes` in pixels. Raises ExtractError."""
    rest = picture.copy()
    crops: list[tuple[int, int, Picture]] = []
    for x0, top, x1, bottom in sorted(boxes, key=lambda box: (round(box[0] / dots, 1), box[1])):
        left, upper = int(x0) + INSET, int(top) + INSET
        crop = picture[upper : int(bottom) - INSET + 1, left : int(x1) - INSET + 1]
        if crop.size and (crop < DARK).sum() >= LEAST_INK:
            crops.append((left, upper, crop))
        rest[int(top) : int(bottom) + 1, int(x0) : int(x1) + 1] = 255
    found = tesseract.words(rest, dots, language) if (rest < DARK).sum() >= LEAST_INK else []
    for whole, placed in _stacked(crops):
        for word in tesseract.words(whole, dots, language):
            middle = (word.box[1] + word.box[3]) / 2
            own = next((each for each in placed if each.top <= middle < each.bottom), None)
            if own is not None:
                found.append(own.on_page(word))
    return found


def _stacked(crops: Sequence[tuple[int, int, Picture]]) -> Iterator[tuple[Picture, list[_Placed]]]:
    """The cells one below the other, in as many pictures as they take."""
    batch: list[tuple[int, int, Picture]] = []
    height = PADDING
    for crop in crops:
        if batch and height + crop[2].shape[0] + PADDING > TALLEST:
            yield _stack(batch)
            batch, height = [], PADDING
        batch.append(crop)
        height += crop[2].shape[0] + PADDING
    if batch:
        yield _stack(batch)


def _stack(crops: Sequence[tuple[int, int, Picture]]) -> tuple[Picture, list[_Placed]]:
    heights = [crop.shape[0] + PADDING for _, _, crop in crops]
    widest = max(crop.shape[1] for _, _, crop in crops)
    whole = np.full((PADDING + sum(heights), widest + 2 * PADDING), 255, np.uint8)
    placed: list[_Placed] = []
    top = PADDING
    for (left, upper, crop), height in zip(crops, heights, strict=True):
        whole[top : top + crop.shape[0], PADDING : PADDING + crop.shape[1]] = crop
        placed.append(_Placed(top, top + crop.shape[0], left, upper))
        top += height
    return whole, placed


PITCH, SPACE = 0.66, 0.38
"""Of the size of the print: figures whose middles are farther apart have a space between them (figures are half as wide
as they are high, or .56, and a space is a fifth or more); white that is a space where letters touch or are broken."""


def with_spaces(word: Seen, picture: Picture, size: float) -> Iterator[Seen]:
    """A figure cut where its ink shows that a space was set: '9019' is printed '9 019'. `size` is that of its print in
    pixels; words that do not begin with a digit are left as they are."""
    x0, top, x1, bottom = map(int, word.box)
    at = np.flatnonzero((picture[top:bottom, x0:x1] < DARK).any(axis=0))
    if not word.text[:1].isdigit() or len(word.text) < 2 or len(at) < 2:
        yield word
        return
    breaks = np.flatnonzero(np.diff(at) > 1)
    starts, ends = at[np.r_[0, breaks + 1]], at[np.r_[breaks, len(at) - 1]]
    start, left = 0, x0
    for k in range(len(breaks)):
        if len(starts) == len(word.text):
            cut, apart = k + 1, (starts[k + 1] + ends[k + 1] - starts[k] - ends[k]) / 2 >= PITCH * size
        else:
            middle = (ends[k] + starts[k + 1]) / 2
            cut, apart = round(middle / (x1 - x0) * len(word.text)), starts[k + 1] - ends[k] > SPACE * size
        if apart and start < cut < len(word.text):
            gap = x0 + int(ends[k]) + 1
            yield Seen(word.text[start:cut], (left, word.box[1], gap, word.box[3]), word.confidence)
            start, left = cut, x0 + int(starts[k + 1])
    yield Seen(word.text[start:], (left, word.box[1], word.box[2], word.box[3]), word.confidence)
