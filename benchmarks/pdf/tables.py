"""Tables of any kind in documents of several producers, scored by the measure of `measure`, ours and its peers alike.

Documents are drawn from seeds in two halves: readers are mended by looking at the building half, the other one judges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType

from benchmarks.pdf import measure
from benchmarks.pdf.measure import DocumentScore, Printed
from benchmarks.pdf.producers import html, office, platypus, tex
from benchmarks.pdf.producers.content import Lot, Table
from benchmarks.pdf.producers.document import with_tables, without_tables
from benchmarks.pdf.readers import Reader
from pipeline.extract.model import Grid
from pipeline.parallel import Pool, WorkerLost
from tests.extract.pdf.corpus.score import Rows

PRODUCERS: dict[str, ModuleType] = {"Chromium": html, "LibreOffice": office, "LaTeX": tex, "reportlab": platypus}
HALVES = ("building", "judging")
# Of the documents, so many have no table.
NONE_IN = 4


@dataclass(frozen=True)
class Made:
    """A document that was set: its file, its tables as printed."""

    producer: str
    path: Path
    tables: tuple[tuple[Printed, ...], ...]


@dataclass
class Signs:
    """How many tables of ours were right and wrong, and how many of each carried a sign against themselves."""

    right: int = 0
    right_signed: int = 0
    wrong: int = 0
    wrong_signed: int = 0


@dataclass
class Half:
    """Scores by reader and document, those by producer for ours, and our signs."""

    scores: dict[str, list[DocumentScore]] = field(default_factory=dict)
    own: dict[str, list[DocumentScore]] = field(default_factory=dict)
    signs: Signs = field(default_factory=Signs)


def documents(folder: Path, half: str, count: int) -> Iterator[Made]:
    """`count` documents of each producer that is installed."""
    for name, producer in PRODUCERS.items():
        if not producer.program():
            print(f"  {name} is not installed: its documents are left out")
            continue
        for seed in range(count):
            lot = Lot(f"{name} {half} {seed}")
            drawn = without_tables(lot) if seed % NONE_IN == NONE_IN - 1 else with_tables(lot)
            path = folder / f"{name}_{half}_{seed}.pdf"
            producer.write(drawn, path)
            yield Made(name, path, tuple(map(truth, drawn.tables)))


def truth(made: Table) -> tuple[Printed, ...]:
    """The cells of a table as printed; a row without any text is a gap."""
    rows = [row for row in made.rows if any(cell and cell.text for cell in row)]
    return tuple(
        Printed(r, c, r + cell.row_span, c + cell.col_span, cell.text)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
        if cell
    )


def run(readers: Mapping[str, Reader], folder: Path, half: str, count: int) -> Half:
    """Each file is read in a process of its own; a reader that fails found nothing."""
    made = Half()
    for document in documents(folder, half, count):
        with Pool(1) as pool:
            own, signs = _apart(pool, _own, document)
            made.scores.setdefault("ours", []).append(own)
            made.own.setdefault(document.producer, []).append(own)
            for name in ("right", "right_signed", "wrong", "wrong_signed"):
                setattr(made.signs, name, getattr(made.signs, name) + getattr(signs, name))
            for name, reader in readers.items():
                made.scores.setdefault(name, []).append(_apart(pool, partial(_peer, reader), document)[0])
    return made


def _apart(
    pool: Pool, read: Callable[[Made], tuple[DocumentScore, Signs]], document: Made
) -> tuple[DocumentScore, Signs]:
    try:
        (found,) = pool.map(read, [document])
    except Exception as error:  # noqa: BLE001 - a peer's failure is its score
        print(f"  {document.path.stem}: {type(error).__name__}: {error}")
        return measure.score(document.tables, []), Signs()
    return (measure.score(document.tables, []), Signs()) if isinstance(found, WorkerLost) else found


def _peer(reader: Reader, document: Made) -> tuple[DocumentScore, Signs]:
    found = [_of_rows(table) for page in reader(document.path) for table in page]
    return measure.score(document.tables, found), Signs()


def _own(document: Made) -> tuple[DocumentScore, Signs]:
    from pipeline.extract.pdf.worker import read_pdf

    reading = read_pdf(document.path)
    signs = Signs()
    for grid in reading.grids:
        signed = any(sign.source.touches(cell.source) for sign in reading.signs for cell in grid.cells)
        right = any(measure.same(own_cells(grid), table) for table in document.tables)
        signs.right += right
        signs.wrong += not right
        signs.right_signed += right and signed
        signs.wrong_signed += signed and not right
    return measure.score(document.tables, [own_cells(grid) for grid in reading.grids]), signs


def own_cells(grid: Grid) -> list[Printed]:
    return [Printed(c.row, c.col, c.row + c.row_span, c.col + c.col_span, c.text) for c in grid.cells]


def _of_rows(rows: Rows) -> Sequence[Printed]:
    """Cells of a reader that gives rows of texts."""
    return [Printed(r, c, r + 1, c + 1, text or "") for r, row in enumerate(rows) for c, text in enumerate(row)]
