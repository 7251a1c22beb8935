"""Small builders for the tests of this folder: words, rules and page cells without a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.extract.model import Reading
from pipeline.extract.pdf import lattice, pdfium
from pipeline.extract.pdf.assemble import assemble
from pipeline.extract.pdf.chars import Chars
from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.pages import read_pages
from pipeline.extract.pdf.results import PageCell, PageTable
from pipeline.extract.pdf.rules import Rules, merged
from pipeline.extract.pdf.words import Word, words_of
from tests.extract.pdf.corpus.score import own_rows

# Letters half as wide as high: 10 points of text take 5 a letter.
SIZE, ADVANCE = 10.0, 5.0


def chars(*texts: tuple[float, float, str], size: float = SIZE, bold: bool = False) -> Chars:
    """Each (x, top, text) set from x on, one operator a text, letters half the size wide."""
    codes, boxes, operators = [], [], []
    for operator, (x, top, text) in enumerate(texts):
        for i, letter in enumerate(text):
            codes.append(ord(letter))
            boxes.append((x + i * size / 2, top, x + (i + 1) * size / 2, top + size))
            operators.append(operator)
    n = len(codes)
    return Chars(
        np.array(codes, np.int64),
        np.array(boxes, np.float64).reshape(-1, 4),
        np.full(n, size),
        np.full(n, bold),
        np.zeros(n, np.int64),
        np.array(operators, np.int64),
    )


def words(*texts: tuple[float, float, str]) -> list[Word]:
    """Words of texts as `chars` sets them."""
    return words_of(chars(*texts))


def table_words(rows: list[list[str]], xs: list[float], top: float = 100.0, pitch: float = 14.0) -> list[Word]:
    """Rows of texts, each at its column's x; blank texts print nothing."""
    return words(*[(x, top + r * pitch, t) for r, row in enumerate(rows) for x, t in zip(xs, row, strict=True) if t])


def ruled(xs: list[float], ys: list[float]) -> Rules:
    """A full grid of rules at these x and y."""
    h = [(y, xs[0], xs[-1]) for y in ys]
    v = [(x, ys[0], ys[-1]) for x in xs]
    return merged(np.array(h, np.float64).reshape(-1, 3), np.array(v, np.float64).reshape(-1, 3))


def page_table(rows: list[list[str]], edges: tuple[float, ...] = (), top: float = 100.0) -> PageTable:
    """A ruled page table of one-line cells, 20 points high and 50 wide."""
    n_cols = len(rows[0])
    edges = edges or tuple(50.0 * i for i in range(n_cols + 1))
    cells = tuple(
        PageCell(
            r, c, r + 1, c + 1, (edges[c], top + 20 * r, edges[c + 1], top + 20 * (r + 1)), tuple(filter(None, (text,)))
        )
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    )
    return PageTable(len(rows), n_cols, cells, (edges[0], top, edges[-1], top + 20 * len(rows)), edges)


def texts(table: PageTable) -> list[list[str]]:
    """The rows of a page table; a place under a span is '^'."""
    rows = [["^"] * table.n_cols for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row][cell.col] = " ".join(cell.lines)
    return rows


def lattices(rules: Rules) -> list[lattice.Lattice]:
    """The tables that rules enclose."""
    return lattice.lattices(lattice.cell_boxes(rules))


def reading_of(path: Path) -> Reading:
    """The reading of a file, in this process."""
    with pdfium.document(str(path)) as document:
        pages = pdfium.page_count(document)
    return assemble([read_pages(str(path), 1, pages, DEFAULT)])


def tables_of(path: Path) -> list[list[list[str | None]]]:
    """The tables of a file as rows of texts; a place under a span is None."""
    return [own_rows(grid) for grid in reading_of(path).grids]


def aside_texts(path: Path, reason: str) -> list[str]:
    """What the reading of a file sets aside for a reason."""
    return [aside.text for aside in reading_of(path).asides if aside.reason == reason]
