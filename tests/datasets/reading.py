"""Read a document with its datasets, without a project: what the dataset tests start from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pyarrow as pa

from pipeline.documents.declaration import read_document
from pipeline.documents.model import Document, Rendition
from pipeline.extract import read
from pipeline.extract.model import Reading
from pipeline.refresh.read import Edition, ReadEditions, read_editions
from pipeline.settings import Settings
from pipeline.store.tables import rows_table
from tests.conftest import ROOT

SETTINGS = Settings(ROOT)


def document(name: str) -> Document:
    return read_document(ROOT / "raw" / name)


@cache
def editions_of(name: str, original: Path | None = None) -> ReadEditions:
    """Every edition of a shipped document, from all its renditions, or from the complete original instead (once)."""
    declared = document(name)
    if original is None:
        readings = [(r, read(declared.path(r), r.media, r.line_offset)) for r in declared.renditions]
    else:
        best = declared.renditions[0]
        readings = [(best, read(original, best.media))]
    return read_editions(SETTINGS, declared, readings)


def editions_from(name: str, readings: Sequence[tuple[Rendition, Reading]]) -> ReadEditions:
    """Every edition of a shipped document's acts, from made-up readings."""
    return read_editions(SETTINGS, document(name), readings)


def of(read: ReadEditions, dataset: str) -> Edition:
    return next(e for e in read.editions if e.dataset.name == dataset)


def rows(edition: Edition) -> list[dict[str, object]]:
    table: pa.Table = rows_table(edition.prepared)
    return table.drop_columns(["row_no"]).to_pylist()
