"""Table readers under one signature: path of a PDF -> tables as rows of texts, page by page.

Peers are imported where they run; those not installed are left out of the run. All are used as their manuals show,
without tuning to the corpus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from shutil import which

from pipeline.extract.model import Reading
from pipeline.extract.pdf.results import PageResults
from tests.extract.pdf.corpus.score import Rows, own_rows

# Pages, tables, rows.
Reader = Callable[[Path], Sequence[Sequence[Rows]]]
BY_TEXT = {"vertical_strategy": "text", "horizontal_strategy": "text"}


def ours(path: Path) -> Sequence[Sequence[Rows]]:
    """The whole reading as one page: repeated headers are already dropped."""
    from pipeline.extract.pdf.worker import read_pdf

    return [[own_rows(grid) for grid in read_pdf(path).grids]]


def ours_pages(path: Path) -> Sequence[PageResults]:
    """What the children do, in this process: every page read, sampled pages twice."""
    from pipeline.extract.pdf import pdfium
    from pipeline.extract.pdf.limits import DEFAULT
    from pipeline.extract.pdf.pages import read_pages
    from pipeline.extract.pdf.worker import cuts

    with pdfium.document(str(path)) as document:
        pages = pdfium.page_count(document)
    return [read_pages(str(path), first, last, DEFAULT) for first, last in cuts(pages)]


def ours_assembled(path: Path) -> Reading:
    """What the children and the parent do together, in this process."""
    from pipeline.extract.pdf.assemble import assemble

    return assemble(ours_pages(path))


def plumber(path: Path, settings: dict[str, str] | None = None) -> Sequence[Sequence[Rows]]:
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        return [page.extract_tables(settings) for page in pdf.pages]


def pymupdf(path: Path, strategy: str) -> Sequence[Sequence[Rows]]:
    import pymupdf

    with pymupdf.open(path) as pdf:
        return [[table.extract() for table in page.find_tables(strategy=strategy).tables] for page in pdf]


def camelot(path: Path, flavor: str) -> Sequence[Sequence[Rows]]:
    import camelot

    tables = camelot.read_pdf(str(path), pages="all", flavor=flavor)
    pages = groupby(tables, key=lambda table: table.page)
    return [[table.df.to_numpy().tolist() for table in page] for _, page in pages]


def tabula(path: Path, *, lattice: bool) -> Sequence[Sequence[Rows]]:
    import tabula

    # As text: frames would turn "01" into 1.
    tables = tabula.read_pdf(path, pages="all", lattice=lattice, stream=not lattice, output_format="json", silent=True)
    return [[[[cell["text"] for cell in row] for row in table["data"]]] for table in tables]


def readers() -> dict[str, Reader]:
    """By the name shown in the table, those that can run here."""
    found: dict[str, Reader] = {
        "ours": ours,
        "pdfplumber": plumber,
        "pdfplumber text": partial(plumber, settings=BY_TEXT),
    }
    if find_spec("pymupdf"):
        found |= {f"PyMuPDF {strategy}": partial(pymupdf, strategy=strategy) for strategy in ("lines", "text")}
    if find_spec("camelot"):
        flavors = ("lattice", "stream", "network", "hybrid")
        found |= {f"camelot {flavor}": partial(camelot, flavor=flavor) for flavor in flavors}
    if find_spec("tabula") and which("java"):
        found |= {"tabula lattice": partial(tabula, lattice=True), "tabula stream": partial(tabula, lattice=False)}
    return found
