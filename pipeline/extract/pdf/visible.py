"""Which of a page's text nobody sees: painted over, cut off by a clipping path, in a layer that is off, too small.

Text without colour on white, or drawn as invisible, is told where characters are read; this needs the page's objects in
their order.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Set

import numpy as np

from pipeline.extract.pdf import pdfium, thresholds
from pipeline.extract.pdf.chars import Bools, Chars, Floats, PageChars
from pipeline.extract.pdf.rules import Drawing


def without_unseen(
    page: pdfium.Page, drawn: pdfium.Drawn, found: PageChars, drawing: Drawing, off_layers: Callable[[], Set[str]]
) -> PageChars:
    """The page's characters, those that nobody sees among the hidden ones; `unseen` are those alone.

    `off_layers` gives the names of the layers that are not shown; it is asked only where a page has layers.
    """
    chars = found.visible
    solid = ~chars.blank
    if not solid.any():
        return found
    away = chars.size < thresholds.TINY
    away |= _covered(drawn, chars, drawing)
    ranks = np.unique(chars.drawn)
    ranks = ranks[ranks < len(drawn.addresses)]
    away |= _clipped(page, drawn, chars, ranks.tolist())
    hidden_ranks = _in_layers(drawn, ranks.tolist(), off_layers)
    if hidden_ranks:
        away |= np.isin(chars.drawn, sorted(hidden_ranks))
    if not (away & solid).any():
        return found
    unseen = chars.take(away & solid)
    hidden = joined(found.hidden, unseen)
    # pdfium leaves out a letter drawn on the same one: what was typed again over what was painted over is not whole.
    doubts = (*found.doubts, "texte recouvert ou coupé")
    return PageChars(chars.take(~away), hidden, doubts, unseen)


def joined(one: Chars, other: Chars) -> Chars:
    """The characters of both."""
    return Chars(
        np.concatenate([one.codes, other.codes]),
        np.vstack([one.box, other.box]),
        np.concatenate([one.size, other.size]),
        np.concatenate([one.bold, other.bold]),
        np.concatenate([one.turn, other.turn]),
        np.concatenate([one.drawn, other.drawn]),
    )


def _covered(drawn: pdfium.Drawn, chars: Chars, drawing: Drawing) -> Bools:
    """Which characters an opaque area or picture is painted over."""
    over = np.zeros(len(chars), np.bool_)
    if not len(drawing.covers):
        return over
    x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
    first = int(chars.drawn.min())
    for x0, top, x1, bottom, rank in drawing.covers[drawing.covers[:, 4] > first].tolist():
        under = (x > x0) & (x < x1) & (y > top) & (y < bottom) & (chars.drawn < rank)
        if under.any() and not pdfium.transparent(drawn.addresses[int(rank)]):
            over |= under
    return over


def _clipped(page: pdfium.Page, drawn: pdfium.Drawn, chars: Chars, ranks: list[int]) -> Bools:
    """Which characters stand outside the clipping path of their text."""
    away = np.zeros(len(chars), np.bool_)
    boxes: dict[tuple[int, int], Floats | None] = {}
    outside: dict[int, Floats] = {}
    for rank in ranks:
        if drawn.forms[rank] is not None:
            continue
        clip = pdfium.clip_path(drawn.addresses[rank])
        paths = pdfium.clip_count(clip) if clip else 0
        if paths <= 0 or paths > thresholds.MOST_CLIPS:
            continue
        key = (paths, pdfium.clip_segment(clip, paths - 1, 0) or 0)
        if key not in boxes:
            boxes[key] = _clip_box(page, clip, paths)
        box = boxes[key]
        if box is not None:
            outside[rank] = box
    if not outside:
        return away
    known = np.array(sorted(outside))
    limits = np.array([outside[rank] for rank in known.tolist()])
    where = np.flatnonzero(np.isin(chars.drawn, known))
    box = limits[np.searchsorted(known, chars.drawn[where])]
    x = (chars.box[where, 0] + chars.box[where, 2]) / 2
    y = (chars.box[where, 1] + chars.box[where, 3]) / 2
    away[where] = (x < box[:, 0]) | (x > box[:, 2]) | (y < box[:, 1]) | (y > box[:, 3])
    return away


def _clip_box(page: pdfium.Page, clip: int, paths: int) -> Floats | None:
    """The box, as seen, that all the paths of a clipping path leave open; None where it cannot be told."""
    box = np.array([-np.inf, -np.inf, np.inf, np.inf])
    for path in range(paths):
        n = pdfium.clip_segments(clip, path)
        if n <= 0:
            return None
        segments = [pdfium.clip_segment(clip, path, k) for k in range(n)]
        points = page.seen(pdfium.split_out(pdfium.segment_point, segments, 2).astype(np.float64))
        low, high = points.min(axis=0), points.max(axis=0)
        box = np.concatenate([np.maximum(box[:2], low), np.minimum(box[2:], high)])
    return box


def _in_layers(drawn: pdfium.Drawn, ranks: list[int], off_layers: Callable[[], Set[str]]) -> set[int]:
    """The text objects, by rank, that belong to a layer which is off."""
    found: set[int] = set()
    off: Set[str] | None = None
    for rank in ranks:
        address = drawn.addresses[rank]
        for k in range(max(pdfium.mark_count(address), 0)):
            mark = pdfium.mark_at(address, k)
            if not mark or pdfium.text_of(pdfium.mark_name, mark) != "OC":
                continue
            off = off_layers() if off is None else off
            if off and pdfium.text_of(_layer_name, mark) in off:
                found.add(rank)
    return found


def _layer_name(mark: int, buffer: int, size: int, out: int) -> int:
    return int(pdfium.mark_string(mark, _NAME, buffer, size, out))


_NAME = ctypes.create_string_buffer(b"Name")
