"""Cells set on a page: wrapped, aligned, framed by whatever rules the table has.

What the cells say is in `tables` and `varied`; how glyphs are written in `paper`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import Literal

from tests.extract.pdf.corpus.paper import Page, Pen, width_of

Align = Literal["left", "centre", "right"]
Rules = Literal["lines", "rectangles", "inner", "horizontal", "three", "shaded", "none"]

# Between text and the sides of its column; between baselines, in sizes.
PAD, LEADING = 3.0, 1.15


@dataclass(frozen=True)
class Setting:
    """How a table is set. `widths` in points and `align` for each column; `size` of the font.

    `pad`: points above and below the text of a row. `centred_header`: else labels are aligned as their columns.

    `rules`: drawn as lines, as thin filled rectangles, the inner ones only, between rows only, three in the whole table
    (top, under the header, bottom), none but every other row shaded, or none.
    """

    rules: Rules = "lines"
    widths: tuple[float, ...] = (58, 100, 205, 70, 72)
    align: tuple[Align, ...] = ("centre", "left", "left", "centre", "right")
    size: float = 8
    pad: float = 3.0
    centred_header: bool = True
    pen: Pen = field(default_factory=Pen)


@dataclass(frozen=True)
class Box:
    """A cell to draw: its place among the rows of one page, header included, and its lines."""

    row: int
    col: int
    lines: tuple[str, ...]
    row_span: int = 1
    col_span: int = 1
    bold: bool = False


def wrap(text: str, width: float, size: float, font: str = "F1") -> tuple[str, ...]:
    """Lines of `text` no wider than the room in a column, broken at spaces and after hyphens."""
    lines, line = [], ""
    for piece in re.split(r"(?<=[- ])", text):
        if line and width_of((line + piece).rstrip(), size, font) > width - 2 * PAD:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return (*lines, line.rstrip())


def heights(boxes: Sequence[Box], n_rows: int, setting: Setting) -> list[float]:
    """Height of each row in points, so that every box holds its lines."""
    leading = LEADING * setting.size
    found = [leading + 2 * setting.pad] * n_rows
    for box in sorted(boxes, key=lambda b: b.row_span):
        room = sum(found[box.row : box.row + box.row_span])
        missing = leading * len(box.lines) + 2 * setting.pad - room
        found[box.row + box.row_span - 1] += max(0.0, missing)
    return found


def draw(
    page: Page, boxes: Sequence[Box], header_rows: int, n_rows: int, corner: tuple[float, float], setting: Setting
) -> tuple[list[float], list[float]]:
    """Draws the table with its top left at `corner`; returns its column edges and its row edges."""
    xs = list(accumulate(setting.widths, initial=corner[0]))
    ys = list(accumulate(heights(boxes, n_rows, setting), initial=corner[1]))
    if setting.rules == "shaded":
        for r in range(header_rows, n_rows, 2):
            page.rectangle(xs[0], ys[r], xs[-1], ys[r + 1], 0.9)
    for box in boxes:
        _draw_box(page, box, xs, ys, setting)
    _draw_rules(page, boxes, header_rows, xs, ys, setting.rules)
    return xs, ys


def _draw_box(page: Page, box: Box, xs: list[float], ys: list[float], setting: Setting) -> None:
    font = "F2" if box.bold else "F1"
    x0, x1 = xs[box.col], xs[box.col + box.col_span]
    y0, y1 = ys[box.row], ys[box.row + box.row_span]
    leading = LEADING * setting.size
    # Without rules a row begins where its first lines stand; inside a frame each text is centred in its own.
    slack = 0.0 if setting.rules in ("three", "none") else (y1 - y0 - leading * len(box.lines)) / 2 - setting.pad
    centred = box.col_span > 1 or (box.bold and setting.centred_header)
    for i, line in enumerate(box.lines):
        spare = x1 - x0 - width_of(line, setting.size, font)
        place = {"left": PAD, "centre": spare / 2, "right": spare - PAD}
        x = x0 + place["centre" if centred else setting.align[box.col]]
        page.text(x, y0 + slack + setting.pad + 0.8 * setting.size + i * leading, line, setting.size, font, setting.pen)


def _draw_rules(
    page: Page, boxes: Sequence[Box], header_rows: int, xs: list[float], ys: list[float], rules: Rules
) -> None:
    flat = {(i, c) for b in boxes for i in (b.row, b.row + b.row_span) for c in range(b.col, b.col + b.col_span)}
    upright = {(j, r) for b in boxes for j in (b.col, b.col + b.col_span) for r in range(b.row, b.row + b.row_span)}
    if rules in ("none", "shaded"):
        return
    if rules in ("horizontal", "three"):
        upright = set()
    if rules == "three":
        flat = {(i, c) for i, c in flat if i in (0, header_rows, len(ys) - 1)}
    if rules == "inner":
        flat = {(i, c) for i, c in flat if 0 < i < len(ys) - 1}
        upright = {(j, r) for j, r in upright if 0 < j < len(xs) - 1}
    for i, a, b in _runs(flat):
        _rule(page, xs[a], ys[i], xs[b], ys[i], rules)
    for j, a, b in _runs(upright):
        _rule(page, xs[j], ys[a], xs[j], ys[b], rules)


def _rule(page: Page, x0: float, y0: float, x1: float, y1: float, rules: Rules) -> None:
    if rules == "rectangles":
        page.rectangle(x0 - 0.25, y0 - 0.25, x1 + 0.25, y1 + 0.25)
    else:
        page.line(x0, y0, x1, y1)


def _runs(segments: set[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(edge, first, end) of each unbroken run of unit segments (edge, position)."""
    # Along a run, position minus rank stays the same.
    ranked = enumerate(sorted(segments))
    for (edge, _), run in groupby(ranked, key=lambda item: (item[1][0], item[1][1] - item[0])):
        positions = [position for _, (_, position) in run]
        yield edge, positions[0], positions[-1] + 1
