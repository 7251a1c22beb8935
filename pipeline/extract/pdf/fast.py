"""The fast engine, pdfium: the characters of a page, and the straight segments and filled rectangles that it draws.

It says when its characters should not be trusted; it decides nothing else.
"""

from __future__ import annotations

import ctypes
from dataclasses import replace
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2_raw.bindings as raw  # type: ignore[import-untyped]

from pipeline.extract.pdf import pdfium, thresholds
from pipeline.extract.pdf.chars import EMPTY, OBLIQUE, Bools, Chars, Floats, Ints, PageChars, on_baselines
from pipeline.extract.pdf.rules import BLANK, Drawing

_INVISIBLE, _CLIP_ONLY = 3, 7
# What pdfium gives for a hyphen at a line's end: one character at a time, and in the text of the page.
_LINE_END_HYPHENS = (2, 0xFFFE)
_UNKNOWN = 0xFFFD


def read_chars(page: pdfium.Page, drawn: pdfium.Drawn, limit: int) -> PageChars | None:
    """The page's characters; None when there are more than `limit`."""
    text_page = raw.FPDFText_LoadPage(page.handle)
    if not text_page:
        return PageChars(EMPTY, EMPTY, ("texte illisible par pdfium",))
    try:
        n = raw.FPDFText_CountChars(text_page)
        if n > limit:
            return None
        if n <= 0:
            return PageChars(EMPTY, EMPTY)
        address = ctypes.cast(text_page, ctypes.c_void_p).value
        assert address
        return _chars(page, drawn, address, n)
    finally:
        raw.FPDFText_ClosePage(text_page)


def _chars(page: pdfium.Page, drawn: pdfium.Drawn, text_page: int, n: int) -> PageChars:
    objects = np.fromiter(map(pdfium.char_object, repeat(text_page), range(n)), np.uint64, n)
    # Characters that pdfium generates (line ends, spaces it deduces) have no object; spaces are deduced from the
    # geometry of what was printed, in one way for both engines.
    printed = np.flatnonzero(objects)
    if not len(printed):
        return PageChars(EMPTY, EMPTY)
    indices = printed.tolist()
    codes = _codes(text_page, n)[printed]
    buffer = (ctypes.c_float * (4 * len(indices)))()
    start = ctypes.addressof(buffer)
    list(map(pdfium.loose_box, repeat(text_page), indices, range(start, start + 16 * len(indices), 16)))
    boxes = pdfium.numbers(buffer, np.float32, 4 * len(indices)).reshape(-1, 4).astype(np.float64)
    rank, size, bold, shown, turn, font, origin = _objects(drawn, objects[printed], page.turns)
    legible = _legible(codes)
    unmapped = _unmapped(text_page, printed, codes, font) | (legible == _UNKNOWN)
    box = on_baselines(page.seen_boxes(boxes), page.seen(origin)[:, 1], size)
    chars = Chars(legible, box, size, bold, turn, rank)
    order = np.argsort(rank, kind="stable")
    chars, unmapped, shown = chars.take(order), unmapped[order], shown[order]
    back = _vanished_spaces(drawn, chars.drawn)
    if len(back):
        chars, unmapped, shown = _spaced(chars, back), np.insert(unmapped, back, False), np.insert(shown, back, True)
    shown = shown & _inside(page, chars.box)
    blank = chars.blank
    doubts = _doubts(chars, unmapped & shown & ~blank, shown & ~blank)
    return PageChars(chars.take(shown), chars.take(~shown & ~blank), doubts)


def _codes(text_page: int, n: int) -> Ints:
    """UTF-16 units of the page's `n` characters: all in one call, unless some have none and would be left out there."""
    buffer = (ctypes.c_uint16 * (2 * n + 1))()
    # The closing zero counts.
    if pdfium.page_text(text_page, 0, n, ctypes.addressof(buffer)) == n + 1:
        return pdfium.numbers(buffer, np.uint16, n).astype(np.int64)
    return np.fromiter(map(pdfium.char_unicode, repeat(text_page), range(n)), np.int64, n)


def _vanished_spaces(drawn: pdfium.Drawn, ranks: Ints) -> Ints:
    """Where text objects of no width stand among the characters: white space, for which pdfium gives no character."""
    with_chars = set(ranks.tolist())
    empty = [r for r, kind in enumerate(drawn.types) if kind == pdfium.TEXT and r not in with_chars]
    if not empty:
        return np.zeros(0, np.int64)
    bounds = _bounds([drawn.addresses[r] for r in empty])
    flat = np.array(empty)[bounds[:, 2] - bounds[:, 0] <= 0]
    return np.unique(np.searchsorted(ranks, flat))


def _spaced(chars: Chars, at: Ints) -> Chars:
    """The characters with a space put before each position of `at`, as wide as nothing."""
    before = np.maximum(at - 1, 0)
    box = chars.box[before].copy()
    box[:, 0] = box[:, 2]
    return Chars(
        np.insert(chars.codes, at, ord(" ")),
        np.insert(chars.box, at, box, axis=0),
        np.insert(chars.size, at, chars.size[before]),
        np.insert(chars.bold, at, chars.bold[before]),
        np.insert(chars.turn, at, chars.turn[before]),
        np.insert(chars.drawn, at, chars.drawn[before]),
    )


def _legible(codes: Ints) -> Ints:
    """Code points; what is none is U+FFFD (letters beyond the first 65 536 come as half of a pair), and pdfium's marker
    for a hyphen at a line's end is a hyphen again."""
    legible = np.where((codes <= 0) | (codes >= 0x110000) | ((codes >= 0xD800) & (codes < 0xE000)), _UNKNOWN, codes)
    return np.where(np.isin(legible, _LINE_END_HYPHENS), ord("-"), legible)


def _unmapped(text_page: int, printed: Ints, codes: Ints, font: Ints) -> Bools:
    """Which characters their font gives no Unicode for, asked once for each code of each font."""
    _, first, back = np.unique((font << 32) | codes, return_index=True, return_inverse=True)
    asked = printed[first].tolist()
    found = np.fromiter(map(pdfium.char_unmapped, repeat(text_page), asked), np.bool_, len(asked))
    return np.asarray(found[back])


def _inside(page: pdfium.Page, box: Floats) -> Bools:
    width, height = page.size
    x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    return (x >= 0) & (x <= width) & (y >= 0) & (y <= height)


def _doubts(chars: Chars, unmapped: Bools, printed: Bools) -> tuple[str, ...]:
    """Why pdfplumber should read this page instead: what pdfium's boxes or codes cannot say."""
    flat = (chars.box[:, 2] - chars.box[:, 0] <= 0) | (chars.box[:, 3] - chars.box[:, 1] <= 0)
    found = (
        ("glyphes sans Unicode", unmapped.any()),
        ("texte non droit", (printed & (chars.turn != 0)).any()),
        ("boîtes de caractères vides", (printed & (chars.turn == 0) & flat).any()),
    )
    return tuple(reason for reason, present in found if present)


def _objects(
    drawn: pdfium.Drawn, of_chars: npt.NDArray[Any], page_turns: int
) -> tuple[Ints, Floats, Bools, Bools, Ints, Ints, Floats]:
    """For each character, of its text object: rank in drawing order, font size, bold face, whether it can be seen,
    turn, a number for its font, and where the object begins on its baseline (n, 2), in user space."""
    begins = np.concatenate([[True], of_chars[1:] != of_chars[:-1]])
    addresses, back = np.unique(of_chars[begins], return_inverse=True)
    back = back[np.cumsum(begins) - 1]
    handles = [int(a) for a in addresses]
    place = {address: i for i, address in enumerate(drawn.addresses)}
    rank = np.array([place.get(a, len(place)) for a in handles], np.int64)
    matrices = pdfium.matrix_of(handles)
    for k, r in enumerate(rank.tolist()):
        form = drawn.forms[r] if r < len(place) else None
        if form is not None:
            matrices[k] = matrices[k] @ form
    size = pdfium.floats_of(pdfium.font_size, handles, 1)[:, 0] * np.hypot(matrices[:, 1, 0], matrices[:, 1, 1])
    fonts, font = np.unique([f or 0 for f in pdfium.each(pdfium.text_font, handles)], return_inverse=True)
    bold = np.array([_is_bold(int(f)) for f in fonts], np.bool_)[font]
    modes = np.array(pdfium.each(pdfium.render_mode, handles))
    shown = (modes != _INVISIBLE) & (modes != _CLIP_ONLY)
    white = shown & _white(pdfium.split_out(pdfium.fill_color, handles, 4, np.uint32)) & (modes != 1)
    if white.any():
        shown &= ~white | _on_colour(drawn, handles, white)
    turn = _turns(matrices, page_turns)
    origin = matrices[:, 2, :2]
    return rank[back], size[back], bold[back], shown[back], turn[back], font[back].astype(np.int64), origin[back]


def _turns(matrices: Floats, page_turns: int) -> Ints:
    """How text of these matrices reads on the page as seen, in quarter turns or OBLIQUE."""
    quarters = np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0]) / (np.pi / 2) - page_turns
    whole = np.round(quarters)
    return np.where(np.abs(quarters - whole) < 0.02, whole.astype(np.int64) % 4, OBLIQUE)


def _white(rgba: npt.NDArray[Any]) -> Bools:
    return np.asarray((rgba[:, :3] >= thresholds.NEARLY_WHITE).all(axis=1) | (rgba[:, 3] == 0))


def _is_bold(font: int) -> bool:
    if not font:
        return False
    name = ctypes.create_string_buffer(128)
    pdfium.font_name(font, ctypes.addressof(name), 128)
    return pdfium.font_weight(font) >= 600 or b"bold" in name.value.lower() or b"black" in name.value.lower()


def _on_colour(drawn: pdfium.Drawn, handles: list[int], white: Bools) -> Bools:
    """Of white text objects: which stand on something that is not white (a coloured fill, a picture, a shading)."""
    grounds = _bounds(
        [a for a, kind in zip(drawn.addresses, drawn.types, strict=True) if kind in (pdfium.IMAGE, pdfium.SHADING)]
    )
    paths = [a for a, kind in zip(drawn.addresses, drawn.types, strict=True) if kind == pdfium.PATH]
    if paths:
        filled = pdfium.split_out(pdfium.draw_mode, paths, 2, np.int32)[:, 0] != 0
        filled &= ~_white(pdfium.split_out(pdfium.fill_color, paths, 4, np.uint32))
        grounds = np.vstack([grounds, _bounds([a for a, f in zip(paths, filled.tolist(), strict=True) if f])])
    on = np.zeros(len(handles), np.bool_)
    where = np.flatnonzero(white)
    texts = _bounds([handles[i] for i in where.tolist()])
    x, y = (texts[:, 0] + texts[:, 2]) / 2, (texts[:, 1] + texts[:, 3]) / 2
    for x0, y0, x1, y1 in grounds.tolist():
        on[where] |= (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    return on


def _bounds(addresses: list[int]) -> Floats:
    """(left, bottom, right, top) of each object, in its own space (that of the page, outside forms)."""
    return pdfium.split_out(pdfium.object_bounds, addresses, 4).astype(np.float64).reshape(-1, 4)


_LINE, _CURVE, _MOVE = 0, 1, 2


def read_drawing(page: pdfium.Page, drawn: pdfium.Drawn, limit: int) -> Drawing | None:
    """The straight segments and the filled rectangles that the page shows; None when they are more than `limit`."""
    places = [i for i, kind in enumerate(drawn.types) if kind == pdfium.PATH]
    pictures = [i for i, kind in enumerate(drawn.types) if kind == pdfium.IMAGE]
    if not places:
        return replace(BLANK, covers=_placed_boxes(page, drawn, pictures))
    paths = [drawn.addresses[i] for i in places]
    filled, stroked, colour, blanks = _painted(paths)
    covers = _placed_boxes(page, drawn, [*pictures, *(places[k] for k in np.flatnonzero(blanks).tolist())])
    counts = np.array(pdfium.each(pdfium.segment_count, paths), np.int64)
    counts[~(filled | stroked) | (counts < 0)] = 0
    if counts.sum() > 5 * limit:
        return None
    if not counts.any():
        return replace(BLANK, covers=covers)
    owner = np.repeat(np.arange(len(paths)), counts)
    at = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    segments = list(map(pdfium.segment_at, [paths[i] for i in owner.tolist()], at.tolist()))
    points = _placed(page, drawn, places, owner, pdfium.split_out(pdfium.segment_point, segments, 2).astype(np.float64))
    kinds = np.array(pdfium.each(pdfium.segment_type, segments), np.int64)
    closes = np.array(pdfium.each(pdfium.segment_closes, segments), np.bool_)
    boxes, first, inside = _rectangles(points, kinds, ~stroked[owner])
    starts, ends = _segments(points, kinds, closes, ~inside)
    painter = owner[first]
    opaque = colour[painter] % 256 == 255
    areas = np.column_stack([boxes, np.array(places)[painter]])[opaque]
    covers = np.vstack([covers, areas[(areas[:, 2:4] - areas[:, :2]).min(axis=1, initial=np.inf) > thresholds.SNAP]])
    level, upright = _axis(starts, ends, 1), _axis(starts, ends, 0)
    return Drawing(level, upright, boxes, colour[painter], _shapes(points, kinds, owner), covers)


def _placed_boxes(page: pdfium.Page, drawn: pdfium.Drawn, ranks: list[int]) -> Floats:
    """The boxes of objects as seen, each with its rank (n, 5); those in forms are left out."""
    ranks = [r for r in ranks if drawn.forms[r] is None]
    boxes = page.seen_boxes(_bounds([drawn.addresses[r] for r in ranks]))
    return np.column_stack([boxes, np.array(ranks, np.float64)]).reshape(-1, 5)


def _painted(paths: list[int]) -> tuple[Bools, Bools, Ints, Bools]:
    """Which paths are filled, and which are stroked, in a way that is seen on white, the colour of each one's fill, and
    which are filled in opaque white.

    pdfium keeps white and unpainted paths that nobody sees.
    """
    mode = pdfium.split_out(pdfium.draw_mode, paths, 2, np.int32)
    fill = pdfium.split_out(pdfium.fill_color, paths, 4, np.uint32)
    stroke = pdfium.split_out(pdfium.stroke_color, paths, 4, np.uint32)
    dark = [(c[:, :3] < thresholds.NEARLY_WHITE).any(axis=1) & (c[:, 3] > 0) for c in (fill, stroke)]
    colour = fill.astype(np.int64) @ np.array([1 << 24, 1 << 16, 1 << 8, 1])
    filled = mode[:, 0] != 0
    return filled & dark[0], (mode[:, 1] != 0) & dark[1], colour, filled & ~dark[0] & (fill[:, 3] == 255)


def _rectangles(points: Floats, kinds: Ints, asked: Bools) -> tuple[Floats, Ints, Bools]:
    """Upright rectangles among the outlines: their boxes, the number of the first point of each, and which points are
    theirs. `asked` says of each point whether its outline may be one."""
    first = np.flatnonzero(kinds == _MOVE)
    if not len(first) or first[0] != 0:
        return np.zeros((0, 4)), np.zeros(0, np.int64), np.zeros(len(points), np.bool_)
    length = np.diff(np.append(first, len(points)))
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    near = np.minimum(np.abs(points - np.repeat(low, length, axis=0)), np.abs(points - np.repeat(high, length, axis=0)))
    fits = asked & (near <= 0.01).all(axis=1) & ((kinds == _LINE) | (kinds == _MOVE))
    upright = np.logical_and.reduceat(fits, first) & (length >= 4) & (length <= 5)
    return np.hstack([low, high])[upright], first[upright], np.repeat(upright, length)


def _shapes(points: Floats, kinds: Ints, owner: Ints) -> Floats:
    """The boxes of paths with a curve or a slanted line."""
    slanted = np.zeros(len(points), np.bool_)
    slanted[1:] = (kinds[1:] == _LINE) & (np.abs(np.diff(points, axis=0)) > thresholds.SNAP).all(axis=1)
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    curved = np.logical_or.reduceat(slanted | (kinds == _CURVE), first)
    return np.hstack([np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)])[curved]


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


def _segments(points: Floats, kinds: Ints, closes: Bools, asked: Bools) -> tuple[Floats, Floats]:
    """Start and end of each straight segment, closing segments included, between points that are asked for."""
    straight = np.flatnonzero((kinds == _LINE) & asked)
    moves = np.where(kinds == _MOVE, np.arange(len(kinds)), 0)
    first = np.maximum.accumulate(moves)
    closing = np.flatnonzero(closes & asked)
    return np.vstack([points[straight - 1], points[closing]]), np.vstack([points[straight], points[first[closing]]])


def _axis(starts: Floats, ends: Floats, axis: int) -> Floats:
    """Segments that do not move along `axis`: 1 gives horizontal (y, x0, x1), 0 gives vertical (x, top, bottom)."""
    level = np.abs(starts[:, axis] - ends[:, axis]) <= 0.01
    a, b = starts[level, 1 - axis], ends[level, 1 - axis]
    return np.column_stack([starts[level, axis], np.minimum(a, b), np.maximum(a, b)])
