"""Whether two ways of reading a page give the same: pdfium and pdfplumber inside ours, our cells and pdfplumber's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.extract.pdf.limits import DEFAULT
from pipeline.extract.pdf.results import PageRead

Box = tuple[float, ...]
# pdfium's coordinates are float32 and pdfplumber's rules have a width: edges of one cell differ by less than this.
EDGE_POINTS = 1.0


def engines(path: Path) -> tuple[int, int]:
    """(cells that both engines read alike, white space aside; cells) over the tables of the file."""
    alike = total = 0
    for fast, slow in _read_twice(str(path)):
        first, second = _texts(fast), _texts(slow)
        alike += sum(first.get(key) == second.get(key) for key in first.keys() | second.keys())
        total += len(first.keys() | second.keys())
    return alike, total


def _read_twice(path: str) -> Iterator[tuple[PageRead, PageRead]]:
    from pipeline.extract.pdf import fast, pages, pdfium
    from pipeline.extract.pdf.exact import Exact

    with pdfium.document(path) as document, Exact(path) as exact:
        for number in range(1, pdfium.page_count(document) + 1):
            with pdfium.page(document, number - 1) as page:
                drawn = pdfium.drawn(page, DEFAULT.page_objects)
                found = fast.read_chars(page, drawn, DEFAULT.page_chars)
                drawing = fast.read_drawing(page, drawn, DEFAULT.page_edges)
                slow = exact.read(page, number, found)
                yield tuple(pages.content(number, page.size, chars, drawing) for chars in (found, slow))


def _texts(page: PageRead) -> dict[tuple[int, int, int], str]:
    return {
        (t, cell.row, cell.col): "".join("".join(cell.lines).split())
        for t, table in enumerate(page.tables)
        for cell in table.cells
    }


def boxes(path: Path) -> tuple[int, int]:
    """(cells that stand where pdfplumber's stand, cells of either) over the pages of the file."""
    import pdfplumber

    from pipeline.extract.pdf.pages import read_pages

    alike = total = 0
    with pdfplumber.open(path) as pdf:
        ours = read_pages(str(path), 1, len(pdf.pages), DEFAULT).pages
        for page, own in zip(pdf.pages, ours, strict=True):
            theirs = sorted(cell for table in page.find_tables() for cell in table.cells)
            mine = sorted(cell.box for table in own.tables for cell in table.cells)
            alike += sum(any(_near(a, b) for b in theirs) for a in mine)
            total += max(len(theirs), len(mine))
            page.close()
    return alike, total


def _near(a: Box, b: Box) -> bool:
    return all(abs(x - y) <= EDGE_POINTS for x, y in zip(a, b, strict=True))
