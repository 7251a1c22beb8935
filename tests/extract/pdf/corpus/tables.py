"""Tables set on paper in every way an annex is printed, each with the grid that a reader should find.

`KINDS` names the ways; `make(rows, KINDS[name])` gives the file and the truth. How good a reading is lives in `score`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from tests.extract.pdf.corpus.layout import PAD, Box, Setting, draw, heights, wrap
from tests.extract.pdf.corpus.paper import Page, Pen, write

Row = tuple[str, ...]
Place = tuple[int, int]

HEADER: Row = ("Code département", "Département", "Nom de l'EPCI", "SIRET de l'EPCI", "Valeur du seuil 1er quartile")
# Upper label, its columns, and the lower labels under it; a lower label of "" means that the upper one takes both rows.
GROUPS = (("Département", ("Code", "Nom")), ("Établissement", ("Nom de l'EPCI", "SIREN")), ("Seuil en euros", ("",)))
MARGIN, HEAD, FOOT = 45.0, 70.0, 50.0


@dataclass(frozen=True)
class Style(Setting):
    """`merged`: equal neighbours in the first two columns share one cell. `two_rows`: the header has groups.

    `overflow`: names run past their column into the free space of the next. `repeated`: the header is printed on each
    page. `hidden`: invisible text lies over the table. `no_break`: spaces inside départements and values are U+00A0.
    `rotate`, `cropped`, `form`: see `Page`.
    """

    merged: bool = False
    overflow: bool = False
    two_rows: bool = False
    repeated: bool = True
    hidden: bool = False
    no_break: bool = False
    rotate: Literal[0, 90, 180, 270] = 0
    cropped: bool = False
    form: bool = False


KINDS = {
    "ruled": Style(),
    "rectangles": Style(rules="rectangles"),
    "merged": Style(merged=True),
    "rotated_90": Style(rotate=90),
    "rotated_270": Style(rotate=270),
    "cropped": Style(cropped=True),
    "cropped_and_rotated": Style(cropped=True, rotate=90),
    "in_a_form": Style(form=True),
    "type_3_font": Style(pen=Pen(type3=True)),
    "glyph_per_operator": Style(pen=Pen(unit="glyph")),
    "glyph_and_space_per_operator": Style(pen=Pen(unit="glyph", spaces=True)),
    "fake_bold": Style(pen=Pen(twice=True)),
    "wrapped": Style(widths=(58, 62, 90, 70, 72)),
    "overflowing": Style(overflow=True, widths=(58, 100, 120, 155, 72)),
    "two_header_rows": Style(two_rows=True),
    "header_once": Style(repeated=False),
    "hidden_text": Style(hidden=True),
    "no_break_spaces": Style(no_break=True),
    "no_space_glyphs": Style(pen=Pen(unit="word")),
    "no_outer_border": Style(rules="inner"),
    "horizontal_only": Style(rules="horizontal"),
    "three_rules": Style(rules="three"),
    "no_rules": Style(rules="none", centred_header=False),
}


@dataclass(frozen=True)
class Truth:
    """The whole table over all pages, the header once. A spanned place repeats the text of the cell that spans it.

    `spans`: (row_span, col_span) by the first place of each cell that spans. A merged cell ends with its page: the
    label is printed again on the next one.
    """

    rows: tuple[Row, ...]
    header_rows: int
    spans: dict[Place, tuple[int, int]]

    @property
    def spanned(self) -> frozenset[Place]:
        """The places under a span, without its first."""
        return frozenset(
            (r + i, c + j)
            for (r, c), (row_span, col_span) in self.spans.items()
            for i in range(row_span)
            for j in range(col_span)
            if i or j
        )


@dataclass(frozen=True)
class Sheet:
    pdf: bytes
    truth: Truth
    pages: int


def make(rows: Sequence[Row], style: Style, page_height: float = 842) -> Sheet:
    """Sets `rows` of five texts on as many pages of `page_height` points as they take."""
    if style.no_break:
        rows = [tuple(no_break(text) if c in (1, 4) else text for c, text in enumerate(row)) for row in rows]
    header = header_boxes(style)
    depth = 2 if style.two_rows else 1
    pages: list[Page] = []
    spans = {(b.row, b.col): (b.row_span, b.col_span) for b in header if (b.row_span, b.col_span) != (1, 1)}
    for first, last in _cuts(rows, header, depth, style, page_height):
        top = depth if first == 0 or style.repeated else 0
        body = body_boxes(rows[first:last], style, top)
        pages.append(_page([*(header if top else ()), *body], top, top + last - first, style, page_height, len(pages)))
        spans |= {(b.row - top + depth + first, b.col): (b.row_span, 1) for b in body if b.row_span > 1}
    truth = Truth((*_header_rows(header, depth), *rows), depth, spans)
    return Sheet(write(pages), truth, len(pages))


def no_break(text: str) -> str:
    return text.replace(" ", "\u00a0")


def header_boxes(style: Style) -> list[Box]:
    if not style.two_rows:
        return [Box(0, c, wrap(label, style.widths[c], style.size, "F2"), bold=True) for c, label in enumerate(HEADER)]
    boxes, col = [], 0
    for upper, lowers in GROUPS:
        alone = lowers == ("",)
        width = sum(style.widths[col : col + len(lowers)])
        boxes.append(Box(0, col, wrap(upper, width, style.size, "F2"), 2 if alone else 1, len(lowers), bold=True))
        for label in () if alone else lowers:
            boxes.append(Box(1, col, wrap(label, style.widths[col], style.size, "F2"), bold=True))
            col += 1
    return boxes


def body_boxes(rows: Sequence[Row], style: Style, top: int) -> list[Box]:
    """The boxes of these rows, the first of them at row `top`; with `merged`, one box a run of equal départements."""
    boxes = []
    for c in range(len(HEADER)):
        room = style.widths[c]
        if style.overflow and c == 2:
            # The next cell's text is centred and about 40 pt wide: what is free before it may be run into.
            room += style.widths[3] / 2 - 25
        shared = style.merged and c < 2
        for _, run in groupby(range(len(rows)), key=lambda r: rows[r][0] if shared else r):
            members = list(run)
            boxes.append(Box(top + members[0], c, wrap(rows[members[0]][c], room, style.size), len(members)))
    return boxes


def _cuts(
    rows: Sequence[Row], header: Sequence[Box], depth: int, style: Style, page_height: float
) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) row of each page."""
    tall = heights(body_boxes(rows, replace(style, merged=False), 0), len(rows), style)
    head = sum(heights(header, depth, style))
    room = page_height - HEAD - FOOT
    first, left = 0, room - head
    for r, height in enumerate(tall):
        if height > left:
            yield first, r
            first, left = r, room - (head if style.repeated else 0)
        left -= height
    yield first, len(rows)


def _page(boxes: Sequence[Box], top: int, n_rows: int, style: Style, height: float, number: int) -> Page:
    page = Page(height=height, rotate=style.rotate, cropped=style.cropped, form=style.form)
    page.text(MARGIN, 36, "JOURNAL OFFICIEL DE LA RÉPUBLIQUE FRANÇAISE", 7)
    page.text(page.width - MARGIN - 60, 36, "Texte 23 sur 92", 7)
    page.text(page.width / 2, height - 24, str(number + 1), 8)
    xs, ys = draw(page, boxes, top, n_rows, (MARGIN, HEAD), style)
    if style.hidden:
        _draw_hidden(page, xs, ys)
    return page


def _draw_hidden(page: Page, xs: list[float], ys: list[float]) -> None:
    """Over the middle of the table in the two invisible ways, and beyond each side of the page."""
    middle = ys[len(ys) // 2] - PAD
    page.text(xs[2] + 60, middle, "INVISIBLE", 8, pen=Pen(mode=3))
    page.text(xs[4] + 2, middle, "BLANC", 8, pen=Pen(grey=1))
    for x, y in ((-80, middle), (page.width + 10, middle), (xs[1], -20), (xs[1], page.height + 20)):
        page.text(x, y, "DEHORS", 8)


def _header_rows(header: Sequence[Box], depth: int) -> list[Row]:
    rows = [[""] * len(HEADER) for _ in range(depth)]
    for box in header:
        for r in range(box.row, box.row + box.row_span):
            for c in range(box.col, box.col + box.col_span):
                rows[r][c] = " ".join(box.lines)
    return [tuple(row) for row in rows]
