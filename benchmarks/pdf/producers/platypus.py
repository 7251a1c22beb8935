"""Documents of lots set by reportlab: tables of Platypus, charts and letterheads drawn one by one."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.pdf.producers.content import Cell
from benchmarks.pdf.producers.document import Block, Chart, Contents, Document, Index, Letterhead, Prose, Set

WIDTH = 480.0


def program() -> str | None:
    return "reportlab" if find_spec("reportlab") else None


def write(document: Document, path: Path) -> None:
    from reportlab.platypus import SimpleDocTemplate

    flow = [flowable for block in document.blocks for flowable in _block(block, document)]
    SimpleDocTemplate(str(path), leftMargin=57, rightMargin=57, topMargin=50, bottomMargin=50).build(flow)


def _paragraph(text: str, document: Document, size: float = 0, bold: bool = False, align: int = 0) -> Any:
    from xml.sax.saxutils import escape

    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    size = size or document.size
    family = ("Times-Bold" if bold else "Times-Roman") if document.serif else "Helvetica-Bold" if bold else "Helvetica"
    return Paragraph(
        escape(text), ParagraphStyle("p", fontName=family, fontSize=size, leading=1.2 * size, alignment=align)
    )


def _block(block: Block, document: Document) -> list[Any]:
    from reportlab.platypus import Spacer

    match block:
        case Prose(text, heading):
            return [_paragraph(text, document, bold=heading, align=0 if heading else 4), Spacer(0, 6)]
        case Set():
            return _set(block, document)
        case Contents() | Index() | Letterhead() | Chart():
            return [_drawn(block, document), Spacer(0, 10)]


def _set(made: Set, document: Document) -> list[Any]:
    from reportlab.platypus import KeepTogether, Spacer, Table

    n = len(made.table.rows[0])
    rows = [[_cell(cell, r, made, document) for cell in row] for r, row in enumerate(made.table.rows)]
    table = Table(rows, _widths(made, n), style=_commands(made, document), hAlign="LEFT")
    around = [[_paragraph(text, document)] if text else [] for text in (made.caption, made.note)]
    return [KeepTogether([*around[0], Spacer(0, 3), table, *around[1]]), Spacer(0, 10)]


def _cell(cell: Cell | None, r: int, made: Set, document: Document) -> Any:
    """A paragraph, which wraps, or the text of a figure, which does not."""
    style, header = made.style, r < made.table.header
    if cell is None:
        return ""
    if cell.figure and cell.col_span == 1 and not header:
        return cell.text
    text = "\u00a0" * 3 * cell.indent + cell.text
    return _paragraph(text, document, style.size, bold=style.bold and header, align=int(cell.figure))


def _widths(made: Set, n: int) -> list[float]:
    """As wide as the figures are; the labels, or texts, take what is left."""
    style = made.style
    wide = style.wide or made.table.texts
    if made.table.texts:
        return [WIDTH / n] * n
    longest = [1] * n
    for row in made.table.rows[made.table.header :]:
        for c, cell in enumerate(row):
            if cell and cell.col_span == 1:
                longest[c] = max(longest[c], len(cell.text) if cell.figure else 12)
    for row in made.table.rows[: made.table.header]:
        for c, cell in enumerate(row):
            if cell and cell.col_span == 1:
                longest[c] = max([longest[c], *map(len, cell.text.split())])
    widths = [max(38.0, 0.6 * style.size * k + 2 * style.padding) for k in longest[1:]]
    return [max(80.0, WIDTH - sum(widths)) if wide else min(130.0, max(80.0, WIDTH - sum(widths))), *widths]


def _commands(made: Set, document: Document) -> list[tuple[Any, ...]]:
    from reportlab.lib.colors import Color, black

    style, head, n_rows = made.style, made.table.header, len(made.table.rows)
    found: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (0, 0), (-1, -1), style.figures.upper()),
        ("FONT", (0, 0), (-1, -1), "Times-Roman" if document.serif else "Helvetica", style.size, 1.2 * style.size),
        ("TOPPADDING", (0, 0), (-1, -1), style.padding / 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), style.padding / 2),
        ("LEFTPADDING", (0, 0), (-1, -1), style.padding),
        ("RIGHTPADDING", (0, 0), (-1, -1), style.padding),
    ]
    for r, row in enumerate(made.table.rows):
        found += [
            ("SPAN", (c, r), (c + cell.col_span - 1, r)) for c, cell in enumerate(row) if cell and cell.col_span > 1
        ]
    under = ("LINEBELOW", (0, head - 1), (-1, head - 1), 0.7, black)
    found += {
        "grid": [("GRID", (0, 0), (-1, -1), 0.5, black)],
        "rows": [("LINEBELOW", (0, 0), (-1, -1), 0.4, black)],
        "groups": [
            *[("LINEABOVE", (0, 0), (-1, 0), 1, black), under, ("LINEBELOW", (0, -1), (-1, -1), 1, black)],
            *(
                ("LINEBELOW", (c, r), (c + cell.col_span - 1, r), 0.5, black)
                for r, row in enumerate(made.table.rows[:head])
                for c, cell in enumerate(row)
                if cell and cell.col_span > 1
            ),
        ],
        "three": [("LINEABOVE", (0, 0), (-1, 0), 1, black), under, ("LINEBELOW", (0, -1), (-1, -1), 1, black)],
        "header": [under],
        "outer": [("BOX", (0, 0), (-1, -1), 0.7, black), under],
        "columns": [("LINEBEFORE", (0, 0), (-1, -1), 0.4, black), ("LINEAFTER", (-1, 0), (-1, -1), 0.4, black)],
    }.get(style.rules, [])
    if style.shade != "none":
        found.append(("BACKGROUND", (0, 0), (-1, head - 1), Color(0.8, 0.82, 0.86)))
    step = {"zebra": 2, "lines": 2, "cells": 1}.get(style.shade, n_rows)
    found += [("BACKGROUND", (0, r), (-1, r), Color(0.92, 0.93, 0.9)) for r in range(head + step - 1, n_rows, step)]
    return found


def _drawn(block: Contents | Index | Letterhead | Chart, document: Document) -> Any:
    from reportlab.graphics.shapes import Drawing, Line, Rect, String

    family = "Times-Roman" if document.serif else "Helvetica"

    def text(x: float, y: float, shown: str, anchor: str = "start") -> Any:
        return String(x, y, shown, fontName=family, fontSize=document.size, textAnchor=anchor)

    step = 1.3 * document.size
    match block:
        case Contents(lines):
            made = Drawing(WIDTH, step * len(lines))
            for k, (number, title, page) in enumerate(reversed(lines)):
                dots = "." * int((WIDTH - 60 - 5.2 * len(title)) / (0.28 * document.size))
                for x, shown in ((0.0, number), (32.0, f"{title} {dots}")):
                    made.add(text(x, step * k, shown))
                made.add(text(WIDTH, step * k, page, "end"))
        case Index(lines):
            half = (len(lines) + 1) // 2
            made = Drawing(WIDTH, step * half)
            for k, line in enumerate(lines):
                made.add(text(WIDTH / 2 * (k // half), step * (half - 1 - k % half), line))
        case Letterhead(left, right):
            made = Drawing(WIDTH, step * 5)
            for x, side in ((0.0, left), (300.0, right)):
                for k, line in enumerate(side):
                    made.add(text(x, step * (4 - k), line))
        case Chart(bars):
            made = Drawing(WIDTH, 140)
            made.add(Line(20, 20, 400, 20))
            for k, (label, value) in enumerate(bars):
                made.add(Rect(30 + 46 * k, 20, 30, value, fillColor=None if k % 2 else document_colour()))
                made.add(text(45 + 46 * k, 8, label, "middle"))
                made.add(text(45 + 46 * k, 23 + value, str(value), "middle"))
    return made


def document_colour() -> Any:
    from reportlab.lib.colors import Color

    return Color(0.3, 0.5, 0.7)
