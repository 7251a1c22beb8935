"""The exact engine, pdfplumber: slow, and right where pdfium cannot be trusted. Characters, and cells of ruled tables.

It knows nothing of clipping, layers and what is drawn over what: what is hidden is what pdfium says is hidden, and the
rules are those that pdfium says are seen.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pdfplumber.page
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from pipeline.extract.model import Box
from pipeline.extract.pdf import thresholds
from pipeline.extract.pdf.chars import EMPTY, OBLIQUE, Bools, Chars, Floats, Ints, PageChars, on_baselines
from pipeline.extract.pdf.pdfium import Page
from pipeline.extract.pdf.rules import Rules

# A page tree deeper than this is a trap.
DEEPEST = 64
# Points: what pdfplumber is to take for one rule is one.
SAME = 0.001
# What pdfplumber raises on malformed pages: its own exceptions, and those of whatever it trips over.
MALFORMED: tuple[type[Exception], ...] = (
    *(MalformedPDFException, PdfminerException, PSException, struct.error, zlib.error),
    *(ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError),
)


class Exact:
    """A file opened by pdfplumber at the first page asked for; leaving closes it. One for each chunk of pages."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.files = ExitStack()
        self.pdf: Any = None

    def __enter__(self) -> Exact:
        return self

    def __exit__(self, *_: object) -> None:
        self.files.close()

    def read(self, page: Page, number: int, seen_by_pdfium: PageChars) -> PageChars | None:
        """The characters of page `number` (from 1); None when pdfplumber cannot read it."""
        try:
            found = self._page(number)
            if found is None:
                return None
            glyphs = list(_glyphs(found.layout))
            found.close()
        except MALFORMED:
            return None
        if not glyphs:
            return PageChars(EMPTY, seen_by_pdfium.hidden)
        chars = _chars(page, tuple(map(float, found.page_obj.mediabox)), glyphs)
        width, height = page.size
        x, y = (chars.box[:, 0] + chars.box[:, 2]) / 2, (chars.box[:, 1] + chars.box[:, 3]) / 2
        shown = (x >= 0) & (x <= width) & (y >= 0) & (y <= height) & ~_found(chars, seen_by_pdfium.hidden)
        return PageChars(chars.take(shown), chars.take(~shown & ~chars.blank), unseen=seen_by_pdfium.unseen)

    def off_layers(self) -> frozenset[str]:
        """The names of the layers that a reader is not shown unless it asks."""
        from pdfminer.pdftypes import dict_value, list_value, resolve1
        from pdfminer.utils import decode_text

        try:
            layers = dict_value(self._opened().doc.catalog.get("OCProperties") or {})
            shown = dict_value(layers.get("D") or {})
            listed = list_value(layers.get("OCGs") or []) if str(shown.get("BaseState")) == "/'OFF'" else []
            on = {getattr(ref, "objid", None) for ref in list_value(shown.get("ON") or [])}
            off = [*list_value(shown.get("OFF") or []), *(ref for ref in listed if ref.objid not in on)]
            return frozenset(decode_text(resolve1(dict_value(ref).get("Name"))) for ref in off)
        except MALFORMED:
            return frozenset()

    def cells(self, number: int, ruled: Rules) -> list[Box] | None:
        """The cells that the rules make on page `number`, by x0 then top; None when pdfplumber cannot tell."""
        if len(ruled.v) < 2 or len(ruled.h) < 2:
            return []
        if len(ruled.v) * len(ruled.h) > thresholds.EXACT_CROSSINGS:
            return None
        upright = [_edge("v", x, top, x, bottom) for x, top, bottom in ruled.v.tolist()]
        level = [_edge("h", x0, y, x1, y) for y, x0, x1 in ruled.h.tolist()]
        settings = {
            "vertical_strategy": "explicit",
            "horizontal_strategy": "explicit",
            "explicit_vertical_lines": upright,
            "explicit_horizontal_lines": level,
            # They are merged already.
            "snap_tolerance": SAME,
            "join_tolerance": SAME,
            "intersection_tolerance": thresholds.CROSS,
        }
        try:
            found = self._page(number)
            tables = found.find_tables(settings) if found is not None else []
        except MALFORMED:
            return None
        return sorted((float(a), float(b), float(c), float(d)) for table in tables for a, b, c, d in table.cells)

    def _page(self, number: int) -> Any:
        """pdfplumber's page, None when the page tree has none.

        Made of its own, and the file closed by the stack: pdfplumber's own list of pages, which it also goes through
        on closing, resolves every page of the file: with 900 pages that costs more than reading fifty.
        """
        found = page_object(self._opened().doc, number - 1)
        return None if found is None else pdfplumber.page.Page(self.pdf, found, number)

    def _opened(self) -> Any:
        if self.pdf is None:
            file = self.files.enter_context(Path(self.path).open("rb"))  # noqa: SIM115 - the stack closes it
            self.pdf = pdfplumber.open(file)
        return self.pdf


def _edge(orientation: str, x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    """A rule as pdfplumber describes one."""
    sides = {"x0": x0, "top": top, "x1": x1, "bottom": bottom, "width": x1 - x0, "height": bottom - top}
    return {"object_type": "line", "orientation": orientation, **sides}


def _glyphs(container: Any) -> Iterator[Any]:
    from pdfminer.layout import LTChar, LTContainer

    for item in container:
        if isinstance(item, LTChar):
            yield item
        elif isinstance(item, LTContainer):
            yield from _glyphs(item)


def page_object(doc: Any, index: int) -> Any:
    """pdfminer's page `index` (from 0), None when the page tree has none."""
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdftypes import dict_value, list_value, resolve1

    inherited: dict[str, Any] = {}
    reference: Any = doc.catalog.get("Pages")
    for _ in range(DEEPEST):
        node = dict_value(reference)
        inherited |= {k: v for k, v in node.items() if k in PDFPage.INHERITABLE_ATTRS}
        kids = list(list_value(node["Kids"])) if "Kids" in node else None
        if kids is None:
            return PDFPage(doc, getattr(reference, "objid", None), inherited | node, None)
        if resolve1(node.get("Count")) == len(kids):
            reference = kids[index] if index < len(kids) else None
            index = 0
        else:
            reference, index = _branch(kids, index)
        if reference is None:
            return None
    return None


def _branch(kids: list[Any], index: int) -> tuple[Any, int]:
    """The kid that holds page `index` of these, and the page's index in it."""
    from pdfminer.pdftypes import dict_value, resolve1

    for kid in kids:
        node = dict_value(kid)
        count = int(resolve1(node.get("Count", 1))) if "Kids" in node else 1
        if index < count:
            return kid, index
        index -= count
    return None, 0


def _chars(page: Page, media: tuple[float, ...], glyphs: list[Any]) -> Chars:
    # pdfminer prints '(cid:17)' for a glyph without Unicode, and several letters for a ligature.
    texts = ["\ufffd" if (t := g.get_text()).startswith("(cid:") or not t else t for g in glyphs]
    lengths = np.array([len(t) for t in texts])
    at = np.repeat(np.arange(len(glyphs)), lengths)
    share = (np.arange(len(at)) - np.repeat(np.cumsum(lengths) - lengths, lengths)) / lengths[at]
    raw = np.array([(g.x0, g.y0, g.x1, g.y1) for g in glyphs], np.float64)
    names = {name: k for k, name in enumerate({str(g.fontname) for g in glyphs})}
    font = np.array([names[str(g.fontname)] for g in glyphs])
    origin = np.array([g.matrix[5] for g in glyphs])
    box = page.seen_boxes(_user_space(raw, media, page.turns))
    base = page.seen_boxes(_user_space(_on_base(raw, origin, font), media, page.turns))[:, 1]
    turn = np.array([_turn(g.matrix) for g in glyphs], np.int64)
    # pdfminer's own size is a glyph's height on the page: its advance, where text reads upwards.
    size = np.where(turn % 2 == 1, box[:, 2] - box[:, 0], [g.size for g in glyphs])
    box = np.where(turn[:, None] == 0, on_baselines(box, base, size), box)[at]
    turn, size = turn[at], size[at]
    width = np.where(turn == 0, box[:, 2] - box[:, 0], 0.0)
    left = box[:, 0] + share * width
    box[:, 2] = np.where(width > 0, left + width / lengths[at], box[:, 2])
    box[:, 0] = left
    bold = np.array(["bold" in name.lower() for name in names], np.bool_)[font][at]
    codes = np.array([ord(c) for c in "".join(texts)], np.int64)
    return Chars(codes, box, size, bold, turn, np.zeros(len(at), np.int64))


def _on_base(boxes: Floats, origins: Floats, font: Ints) -> Floats:
    """Flat boxes on the baselines of glyphs, which pdfminer does not keep: its boxes begin where the font's descent
    ends. What most glyphs of a font stand below the origin `origins` of their text, as a share of their height, is that
    descent; what others differ by is raised or lowered text."""
    height = np.maximum(boxes[:, 3] - boxes[:, 1], 0.01)
    below = (boxes[:, 1] - origins) / height
    usual = np.array([np.median(below[font == k]) for k in range(font.max() + 1)])
    base = boxes[:, 1] - usual[font] * height
    return np.column_stack([boxes[:, 0], base, boxes[:, 2], base])


def _user_space(boxes: Floats, media: tuple[float, ...], turns: int) -> Floats:
    """pdfminer's boxes, from the bottom left of the rotated media box, back in the page's user space."""
    x0, y0, x1, y1 = media
    a, b = boxes[:, ::2], boxes[:, 1::2]
    x, y = ((a + x0, b + y0), (x1 - b, a + y0), (x1 - a, y1 - b), (b + x0, y1 - a))[turns]
    return np.column_stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]])


def _turn(matrix: tuple[float, ...]) -> int:
    a, b = matrix[0], matrix[1]
    if abs(b) <= 0.02 * abs(a):
        return 0 if a > 0 else 2
    if abs(a) <= 0.02 * abs(b):
        return 1 if b > 0 else 3
    return OBLIQUE


def _found(chars: Chars, among: Chars) -> Bools:
    """Which characters also stand, same letter and same place, among others: one for each of those, the first drawn, as
    what was painted over may have been typed again at its place."""
    found = np.zeros(len(chars), np.bool_)
    for code, box in zip(among.codes.tolist(), among.box, strict=True):
        near = (np.abs(chars.box[:, [0, 3]] - box[[0, 3]]) < thresholds.SAME_PLACE).all(axis=1)
        here = np.flatnonzero(near & (chars.codes == code) & ~found)
        if len(here):
            found[here[0]] = True
    return found
