"""pdfium's C interface, called in batches: one C loop over a page's characters or objects instead of Python calls.

Only handles, numbers and buffers here; what they mean for reading is in `chars_pdfium` and `rules_pdfium`.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2_raw.bindings as raw  # type: ignore[import-untyped]

from pipeline.extract.model import ExtractError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TEXT, PATH, IMAGE, SHADING, FORM = 1, 2, 3, 4, 5

# Forms inside forms: drawing programs make two or three levels.
DEEPEST = 12

_REASONS = {
    2: ("le fichier PDF ne s'ouvre pas", "le télécharger de nouveau"),
    3: ("ce fichier n'est pas un PDF lisible", "vérifier le fichier ou le télécharger de nouveau"),
    4: ("ce PDF est protégé par un mot de passe", "obtenir le fichier sans protection"),
    5: ("la protection de ce PDF n'est pas prise en charge", "obtenir le fichier sans protection"),
}


def _prototype(name: str, result: Any, *arguments: Any) -> Any:
    """The C function under plain integer types: ctypes converts those in a third of the time of typed pointers.

    Called with Python's lock held: each call is shorter than letting it go, and a child has one thread.
    """
    address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value
    assert address
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_P, _I, _U, _F = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_float

loose_box = _prototype("FPDFText_GetLooseCharBox", _I, _P, _I, _P)
# As a number: a null pointer is 0, not None.
char_object = _prototype("FPDFText_GetTextObject", ctypes.c_size_t, _P, _I)
page_text = _prototype("FPDFText_GetText", _I, _P, _I, _I, _P)
char_unicode = _prototype("FPDFText_GetUnicode", _U, _P, _I)
char_unmapped = _prototype("FPDFText_HasUnicodeMapError", _I, _P, _I)
page_object = _prototype("FPDFPage_GetObject", _P, _P, _I)
form_object = _prototype("FPDFFormObj_GetObject", _P, _P, ctypes.c_ulong)
object_type = _prototype("FPDFPageObj_GetType", _I, _P)
object_matrix = _prototype("FPDFPageObj_GetMatrix", _I, _P, _P)
object_bounds = _prototype("FPDFPageObj_GetBounds", _I, _P, _P, _P, _P, _P)
fill_color = _prototype("FPDFPageObj_GetFillColor", _I, _P, _P, _P, _P, _P)
stroke_color = _prototype("FPDFPageObj_GetStrokeColor", _I, _P, _P, _P, _P, _P)
render_mode = _prototype("FPDFTextObj_GetTextRenderMode", _I, _P)
text_font = _prototype("FPDFTextObj_GetFont", _P, _P)
font_size = _prototype("FPDFTextObj_GetFontSize", _I, _P, _P)
font_ascent = _prototype("FPDFFont_GetAscent", _I, _P, _F, _P)
font_weight = _prototype("FPDFFont_GetWeight", _I, _P)
font_name = _prototype("FPDFFont_GetBaseFontName", ctypes.c_size_t, _P, _P, ctypes.c_size_t)
draw_mode = _prototype("FPDFPath_GetDrawMode", _I, _P, _P, _P)
segment_count = _prototype("FPDFPath_CountSegments", _I, _P)
segment_at = _prototype("FPDFPath_GetPathSegment", _P, _P, _I)
segment_type = _prototype("FPDFPathSegment_GetType", _I, _P)
segment_point = _prototype("FPDFPathSegment_GetPoint", _I, _P, _P, _P)
segment_closes = _prototype("FPDFPathSegment_GetClose", _I, _P)
clip_path = _prototype("FPDFPageObj_GetClipPath", _P, _P)
clip_count = _prototype("FPDFClipPath_CountPaths", _I, _P)
clip_segments = _prototype("FPDFClipPath_CountPathSegments", _I, _P, _I)
clip_segment = _prototype("FPDFClipPath_GetPathSegment", _P, _P, _I, _I)
transparent = _prototype("FPDFPageObj_HasTransparency", _I, _P)
mark_count = _prototype("FPDFPageObj_CountMarks", _I, _P)
mark_at = _prototype("FPDFPageObj_GetMark", _P, _P, ctypes.c_ulong)
mark_name = _prototype("FPDFPageObjMark_GetName", _I, _P, _P, ctypes.c_ulong, _P)
mark_string = _prototype("FPDFPageObjMark_GetParamStringValue", _I, _P, _P, _P, ctypes.c_ulong, _P)


def text_of(function: Any, handle: int) -> str:
    """What `function(handle, buffer, size, length)` writes as UTF-16; empty where it refuses."""
    buffer, length = ctypes.create_string_buffer(512), ctypes.c_ulong()
    if not function(handle, ctypes.addressof(buffer), 512, ctypes.addressof(length)):
        return ""
    return buffer.raw[: min(length.value, 512)].decode("utf-16-le", "replace").rstrip("\0")


def each(function: Any, handles: Sequence[int]) -> list[Any]:
    """`function(handle)` for each handle."""
    return list(map(function, handles))


def numbers(buffer: Any, kind: Any, n: int) -> npt.NDArray[Any]:
    """The first `n` numbers of a ctypes buffer, copied out of it."""
    found: npt.NDArray[Any] = np.frombuffer(buffer, kind, n).copy()
    return found


def floats_of(function: Any, handles: Sequence[int], width: int) -> Floats:
    """`function(handle, out)` for each handle, each writing `width` floats into one buffer; zeros where it refuses."""
    buffer = (ctypes.c_float * (width * len(handles) or 1))()
    start = ctypes.addressof(buffer)
    list(map(function, handles, range(start, start + 4 * width * len(handles), 4 * width)))
    return numbers(buffer, np.float32, width * len(handles)).reshape(len(handles), width).astype(np.float64)


def split_out(function: Any, handles: Sequence[int], width: int, kind: Any = np.float32) -> npt.NDArray[Any]:
    """As `floats_of`, for functions that take `width` separate out pointers of 4 bytes each."""
    buffer = (ctypes.c_uint * (width * len(handles) or 1))()
    start = ctypes.addressof(buffer)
    stop = start + 4 * width * len(handles)
    list(map(function, handles, *(range(start + 4 * k, stop + 4 * k, 4 * width) for k in range(width))))
    return numbers(buffer, kind, width * len(handles)).reshape(len(handles), width)


@dataclass(frozen=True, slots=True)
class Page:
    """One loaded page: handles, bounding box (left, bottom, right, top) in user space, rotation in quarter turns."""

    handle: Any
    address: int
    bbox: tuple[float, float, float, float]
    turns: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points as the page is seen."""
        width, height = self.bbox[2] - self.bbox[0], self.bbox[3] - self.bbox[1]
        return (height, width) if self.turns % 2 else (width, height)

    def seen(self, points: Floats) -> Floats:
        """User-space (n, 2) points as (x, top) from the top left of the page as seen, to 3 decimals (float32 noise)."""
        left, bottom, right, top = self.bbox
        x, y = points[:, 0], points[:, 1]
        turned: tuple[tuple[Floats, Floats], ...] = (
            (x - left, top - y),
            (y - bottom, x - left),
            (right - x, y - bottom),
            (top - y, right - x),
        )
        return np.asarray(np.round(np.stack(turned[self.turns], axis=1), 3), np.float64)

    def seen_boxes(self, boxes: Floats) -> Floats:
        """User-space (n, 4) boxes, any corner order, as (x0, top, x1, bottom) of the page as seen."""
        a, b = self.seen(boxes[:, :2]), self.seen(boxes[:, 2:])
        return np.hstack([np.minimum(a, b), np.maximum(a, b)])


@dataclass(frozen=True, slots=True)
class Drawn:
    """Every object of a page in drawing order, forms opened: address, type, matrix of the form it stands in."""

    addresses: list[int]
    types: list[int]
    forms: list[Floats | None]


@contextmanager
def document(path: str) -> Iterator[Any]:
    """The open document's handle. An empty password is tried; raises ExtractError when pdfium refuses the file."""
    raw.FPDF_InitLibrary()
    handle = raw.FPDF_LoadDocument(os.fsencode(path), None)
    if not handle:
        raise ExtractError(*_REASONS.get(raw.FPDF_GetLastError(), _REASONS[3]))
    try:
        yield handle
    finally:
        raw.FPDF_CloseDocument(handle)


def page_count(doc: Any) -> int:
    """How many pages the document says it has; never below 0."""
    return max(int(raw.FPDF_GetPageCount(doc)), 0)


@contextmanager
def page(doc: Any, index: int) -> Iterator[Page | None]:
    """Page `index` (from 0), closed on leaving; None where pdfium cannot load it."""
    handle = raw.FPDF_LoadPage(doc, index)
    if not handle:
        yield None
        return
    try:
        box = raw.FS_RECTF()
        raw.FPDF_GetPageBoundingBox(handle, box)
        address = ctypes.cast(handle, _P).value
        assert address
        yield Page(handle, address, (box.left, box.bottom, box.right, box.top), raw.FPDFPage_GetRotation(handle) % 4)
    finally:
        raw.FPDF_ClosePage(handle)


def drawn(of: Page, limit: int) -> Drawn | None:
    """All objects of the page, nested forms opened in place. None when they are more than `limit` or nest too deep."""
    found = Drawn([], [], [])
    whole = _collect(page_object, of.address, raw.FPDFPage_CountObjects(of.handle), None, found, limit, DEEPEST)
    return None if whole is None else found


def _collect(
    get: Any, parent: int, count: int, matrix: Floats | None, into: Drawn, left: int, deeper: int
) -> int | None:
    """Adds an object's children to `into`; how many more may be looked at, None when there are too many.

    Forms count too: a form of ten forms of ten forms … draws nothing and has no end.
    """
    left -= count
    if left < 0 or deeper < 0:
        return None
    addresses = list(map(get, repeat(parent), range(count)))
    for address, kind in zip(addresses, each(object_type, addresses), strict=True):
        if kind != FORM:
            into.addresses.append(address)
            into.types.append(kind)
            into.forms.append(matrix)
            continue
        inner = matrix_of([address])[0]
        outer = inner if matrix is None else inner @ matrix
        children = raw.FPDFFormObj_CountObjects(ctypes.cast(address, raw.FPDF_PAGEOBJECT))
        more = _collect(form_object, address, max(children, 0), outer, into, left, deeper - 1)
        if more is None:
            return None
        left = more
    return left


def matrix_of(addresses: Sequence[int]) -> Floats:
    """Matrices of objects as (n, 3, 3), to be applied to row vectors (x, y, 1)."""
    six = floats_of(object_matrix, addresses, 6)
    full = np.zeros((len(addresses), 3, 3))
    full[:, :, :2] = six.reshape(-1, 3, 2)
    full[:, 2, 2] = 1.0
    return full
