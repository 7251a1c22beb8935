"""The files read by the benchmark, made from the 455 rows of the 2020 annex."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

from scripts.typeset_jo import parse
from tests.extract.pdf.corpus.tables import KINDS, Row, Sheet, make

ANNEX = Path(__file__).parents[2] / "raw" / "JORFTEXT000042056679" / "annexe.txt"


def rows(count: int = 455) -> list[Row]:
    """The annex's rows, said again with other codes when there are not enough."""
    held = parse(ANNEX.read_text(encoding="utf-8")).rows
    if count <= len(held):
        return list(held[:count])
    return [(*row[:3], str(200_000_000 + n), row[4]) for n, row in enumerate(islice(cycle(held), count))]


def write(folder: Path, kind: str, count: int) -> tuple[Path, Sheet]:
    """The file of that kind, and its truth."""
    sheet = make(rows(count), KINDS[kind])
    path = folder / f"{kind}_{count}.pdf"
    path.write_bytes(sheet.pdf)
    return path, sheet
