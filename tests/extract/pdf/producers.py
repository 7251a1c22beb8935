"""One way of drawing for the makers of PDF that tests have at hand: our own pen, fpdf2, and pdfium's own writer.

They differ in operators, fonts and precision: a rule of the reader that holds for one of them only is none.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pypdfium2
import pypdfium2.raw as raw
import pytest
from fpdf import FPDF

from tests.extract.pdf.corpus.paper import Page, write

WIDTH, HEIGHT = 595.0, 842.0
Box = tuple[float, float, float, float]


class Sheet(Protocol):
    """A page under construction; points from the top left, text by its baseline, grey from 0 (black) to 1."""

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None: ...
    def fill(self, box: Box, grey: float) -> None: ...
    def text(self, x: float, y: float, text: str, size: float, grey: float = 0) -> None: ...
    def save(self, path: Path) -> Path: ...


class OnPaper:
    """Our own operators."""

    def __init__(self) -> None:
        self.page = Page(width=WIDTH, height=HEIGHT)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.page.line(x0, y0, x1, y1)

    def fill(self, box: Box, grey: float) -> None:
        self.page.rectangle(*box, grey=grey)

    def text(self, x: float, y: float, text: str, size: float, grey: float = 0) -> None:
        self.page.operators.append(f"{grey:g} g")
        self.page.text(x, y, text, size)
        self.page.operators.append("0 g")

    def save(self, path: Path) -> Path:
        path.write_bytes(write([self.page]))
        return path


class ByFpdf:
    """fpdf2, in a serif font."""

    def __init__(self) -> None:
        self.made = FPDF(unit="pt", format=(WIDTH, HEIGHT))
        self.made.add_page()

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.made.line(x0, y0, x1, y1)

    def fill(self, box: Box, grey: float) -> None:
        self.made.set_fill_color(round(255 * grey))
        self.made.rect(box[0], box[1], box[2] - box[0], box[3] - box[1], style="F")

    def text(self, x: float, y: float, text: str, size: float, grey: float = 0) -> None:
        self.made.set_font("Times", size=size)
        self.made.set_text_color(round(255 * grey))
        self.made.text(x, y, text)

    def save(self, path: Path) -> Path:
        self.made.output(str(path))
        return path


class ByPdfium:
    """Objects put on a page one by one, each with a matrix of its own, as editors do."""

    def __init__(self) -> None:
        self.document = pypdfium2.PdfDocument.new()
        self.page = self.document.new_page(WIDTH, HEIGHT)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        path = raw.FPDFPageObj_CreateNewPath(x0, HEIGHT - y0)
        raw.FPDFPath_LineTo(path, x1, HEIGHT - y1)
        raw.FPDFPageObj_SetStrokeWidth(path, 0.5)
        raw.FPDFPath_SetDrawMode(path, 0, True)
        raw.FPDFPage_InsertObject(self.page, path)

    def fill(self, box: Box, grey: float) -> None:
        x0, top, x1, bottom = box
        path = raw.FPDFPageObj_CreateNewRect(x0, HEIGHT - bottom, x1 - x0, bottom - top)
        level = round(255 * grey)
        raw.FPDFPageObj_SetFillColor(path, level, level, level, 255)
        raw.FPDFPath_SetDrawMode(path, 2, False)
        raw.FPDFPage_InsertObject(self.page, path)

    def text(self, x: float, y: float, text: str, size: float, grey: float = 0) -> None:
        shown = raw.FPDFPageObj_NewTextObj(self.document, b"Helvetica", size)
        units = (text + "\0").encode("utf-16-le")
        raw.FPDFText_SetText(shown, ctypes.cast(ctypes.create_string_buffer(units), raw.FPDF_WIDESTRING))
        level = round(255 * grey)
        raw.FPDFPageObj_SetFillColor(shown, level, level, level, 255)
        raw.FPDFPageObj_Transform(shown, 1, 0, 0, 1, x, HEIGHT - y)
        raw.FPDFPage_InsertObject(self.page, shown)

    def save(self, path: Path) -> Path:
        raw.FPDFPage_GenerateContent(self.page)
        self.document.save(str(path))
        return path


every_producer = pytest.mark.parametrize("producer", [OnPaper, ByFpdf, ByPdfium])


def grid(sheet: Sheet, xs: Sequence[float], ys: Sequence[float]) -> None:
    """A full grid of rules."""
    for y in ys:
        sheet.line(xs[0], y, xs[-1], y)
    for x in xs:
        sheet.line(x, ys[0], x, ys[-1])


def write_rows(
    sheet: Sheet, rows: Sequence[Sequence[str]], xs: Sequence[float], top: float, pitch: float, size: float = 9
) -> None:
    """Texts row by row, each at its x; the first baseline a size below the row's top, lines a size and a bit apart."""
    for r, row in enumerate(rows):
        for x, text in zip(xs, row, strict=False):
            for k, line in enumerate(text.split("\n") if text else ()):
                sheet.text(x, top + pitch * r + 1.2 * size * (k + 1), line, size)
