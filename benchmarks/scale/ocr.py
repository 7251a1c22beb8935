"""Scans: exact cells of the 455 rows typeset, then scanned; values that would be published wrong; and what a second
worker gains."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pdf.files import rows
from pipeline.extract import read
from pipeline.extract.model import Grid, Reading
from pipeline.parallel import Pool
from pipeline.quality.recognised import is_siren
from tests.extract.ocr.scan import scanned
from tests.extract.pdf.corpus.score import exact_share, rows_of
from tests.extract.pdf.corpus.tables import KINDS, Sheet, make


@dataclass(frozen=True)
class Exactness:
    """`share` of exact cells; of those SIREN that their check digit confirms, how many there are and are wrong."""

    share: float
    confirmed: int
    wrong: int


def exactness(folder: Path, count: int, kind: str = "ruled", askew: float = 0.3) -> Exactness:
    """The rows as a ruled table, scanned at 300 dots an inch, laid a third of a degree askew."""
    sheet, path = _scan(folder, count, kind, askew)
    reading = read(path, "pdf", language="fra")
    printed = {row[3] for row in sheet.truth.rows}
    confirmed = [text for text in _texts(reading) if is_siren(text)]
    wrong = sum("".join(text.split()) not in printed for text in confirmed)
    return Exactness(exact_share(sheet.truth, rows_of(reading)), len(confirmed), wrong)


def spread(folder: Path, pages: int) -> float:
    """How many times faster two workers recognise a scan of so many pages than one."""
    _, path = _scan(folder, 45 * pages, "ruled", 0.0)
    times: list[float] = []
    for workers in (1, 2):
        with Pool(workers) as pool:
            started = time.monotonic()
            read(path, "pdf", language="fra", engine=pool)
            times.append(time.monotonic() - started)
    return times[0] / times[1]


def _scan(folder: Path, count: int, kind: str, askew: float) -> tuple[Sheet, Path]:
    sheet = make(rows(count), KINDS[kind])
    path = folder / f"scan_{kind}_{count}.pdf"
    path.write_bytes(scanned(sheet.pdf, askew=askew))
    return sheet, path


def _texts(reading: Reading) -> list[str]:
    return [cell.text for block in reading.blocks if isinstance(block, Grid) for cell in block.cells]
