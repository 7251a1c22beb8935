"""What runs in the confined children: one page drawn, recognised, and read by the table reader of PDF pages.

Imports nothing that a child does not need.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline.extract.model import Box
from pipeline.extract.ocr import cells, raster
from pipeline.extract.ocr.tesseract import Picture, Seen
from pipeline.extract.pdf import lattice, pages, rules
from pipeline.extract.pdf.chars import EMPTY, Chars, Floats, PageChars
from pipeline.extract.pdf.child import Chunk
from pipeline.extract.pdf.limits import Limits
from pipeline.extract.pdf.results import PageRead

MODULES = ("pipeline.extract.ocr.child", "PIL.Image", "pypdfium2")
DOTS = 300
"""An inch: what Tesseract was trained for."""
# Pixels a side: a larger page is drawn smaller.
LARGEST = 6000
# Of the size of a font: how high its capitals and figures are, and how far letters reach below the line.
CAPITALS, BELOW = 0.70, 0.21
_SIGNS = frozenset("€%$£-–—+")
_REACH_DOWN = frozenset("gjpqyçQ,;()[]|@$/µ")

Recognised = tuple[PageRead, tuple[tuple[Box, float], ...]]
"""A page, and the box and confidence of each of its words."""


def pack_recognised(language: str, _: Limits, chunk: Chunk) -> bytes:
    """`Recognised` of the first page of the chunk, by words of that language of Tesseract's, pickled."""
    path, number, _last = chunk
    picture, size = drawn(path, number)
    dots = round(72 * picture.shape[1] / size[0])
    found = raster.without_rules(picture, dots)
    boxes = [_scaled(box, dots / 72) for box in lattice.cell_boxes(rules.merged(*_rules(found, 72 / dots)))]
    seen = cells.words(found.picture, boxes, dots, language)
    return pickle.dumps(_page(number, size, 72 / dots, found, seen), pickle.HIGHEST_PROTOCOL)


def drawn(path: str, number: int) -> tuple[Picture, tuple[float, float]]:
    """Page `number` (from 1) in grey, set upright where it was laid askew, with its size in points."""
    import pypdfium2
    from PIL import Image

    with pypdfium2.PdfDocument(path) as document:
        page = document[number - 1]
        size = page.get_size()
        scale = min(DOTS / 72, LARGEST / max(size))
        picture = np.array(page.render(scale=scale, grayscale=True).to_numpy())
    if degrees := raster.askew(picture):
        turned = Image.fromarray(picture).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255)
        picture = np.array(turned)
    return picture, size


def _page(
    number: int, size: tuple[float, float], scale: float, found: raster.Raster, seen: Sequence[Seen]
) -> Recognised:
    """The page as the table reader makes it of words and rules. `scale`: points of a pixel."""
    size_in_pixels = _usual_size(seen)
    legible = [
        piece for word in seen if _is_legible(word) for piece in cells.with_spaces(word, found.picture, size_in_pixels)
    ]
    h, v = _rules(found, scale)
    drawing = replace(rules.BLANK, h=h, v=v)
    read = pages.content(number, size, PageChars(_chars(legible, scale), EMPTY), drawing)
    placed = tuple((_scaled(word.box, scale), word.confidence) for word in legible)
    return read, placed


def _rules(found: raster.Raster, scale: float) -> tuple[Floats, Floats]:
    level, upright = (np.array(of, np.float64).reshape(-1, 3) * scale for of in (found.level, found.upright))
    return level, upright


def _is_legible(word: Seen) -> bool:
    """Whether a word is more than dust: letters, figures, signs that mean something, or what Tesseract is sure of."""
    return any(c.isalnum() or c in _SIGNS for c in word.text) or word.confidence > 0.5


def _scaled(box: Box, scale: float) -> Box:
    return box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale


def _chars(seen: Sequence[Seen], scale: float) -> Chars:
    """The letters of recognised words as if they had been set: each word's width shared among its letters, all of a
    page's words in the sizes that its lines have, a space after each."""
    if not seen:
        return EMPTY
    usual = _usual_size(seen) * scale
    codes: list[int] = []
    boxes: list[Box] = []
    sizes: list[float] = []
    for word in seen:
        x0, _, x1, bottom = _scaled(word.box, scale)
        size = _size(word, scale, usual)
        base = bottom - (BELOW * size if not _REACH_DOWN.isdisjoint(word.text) else 0.0)
        if word.text.strip("-–—_=.:*'’\"") == "":
            middle = (word.box[1] + word.box[3]) / 2 * scale
            base = middle + 0.3 * size
        top, below, width = base - 0.75 * size, base + 0.25 * size, (x1 - x0) / len(word.text)
        for n, letter in enumerate(word.text):
            codes.append(ord(letter))
            boxes.append((x0 + n * width, top, x0 + (n + 1) * width, below))
            sizes.append(size)
        codes.append(0x20)
        boxes.append((x1, top, x1, below))
        sizes.append(size)
    n = len(codes)
    return Chars(
        np.array(codes, np.int64),
        np.array(boxes, np.float64),
        np.array(sizes, np.float64),
        np.zeros(n, np.bool_),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
    )


def _usual_size(seen: Sequence[Seen]) -> float:
    """The size of the page's print in pixels, from the height of words that have a capital or a figure and nothing
    below the line."""
    if not seen:
        return 0.0
    heights = [w.box[3] - w.box[1] for w in seen if _is_tall(w.text)]
    if not heights:
        heights = [w.box[3] - w.box[1] for w in seen]
    return float(np.median(heights)) / CAPITALS


def _is_tall(text: str) -> bool:
    return any(c.isdigit() or c.isupper() for c in text) and _REACH_DOWN.isdisjoint(text)


def _size(word: Seen, scale: float, usual: float) -> float:
    """The size of a word's print: the page's, unless it is plainly another."""
    height = (word.box[3] - word.box[1]) * scale
    own = height / CAPITALS if _is_tall(word.text) else usual
    return own if math.fabs(own - usual) > 0.25 * usual else usual
