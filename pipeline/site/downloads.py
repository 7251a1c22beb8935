"""The published tables as files to take away: written by the export, one set of files a dataset."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.contract.dataset import Dataset
from pipeline.products.export import write_table
from pipeline.site.source import SiteSource

KINDS = (("csv", "CSV"), ("xlsx", "XLSX"), ("parquet", "Parquet"), ("schema.json", "Table Schema"))


def files(source: SiteSource, dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    """telechargements/<dataset>.csv, .xlsx, .parquet and .schema.json."""
    table = source.tables[dataset.name]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)
        for _ in write_table(source.connection, table, target, workbook=True):
            pass
        for path in sorted(p for p in target.rglob("*") if p.is_file()):
            yield f"telechargements/{path.name}", path.read_bytes()
