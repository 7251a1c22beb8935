"""One published table written as files: Parquet, CSV as Table Schema reads it, and a workbook for spreadsheets.
Rows pass by batches. Which tables, and what describes them, is in `export` and `export_package`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.warehouse import xlsx
from pipeline.warehouse.ddl import identifier
from pipeline.warehouse.export_package import (
    Descriptor,
    FileKind,
    PublishedColumn,
    PublishedTable,
    WrittenFile,
    field_type,
    table_schema,
)
from pipeline.warehouse.files import sha256_of, write_durably

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BATCH_ROWS = 50_000


def write_table(
    connection: DuckDBPyConnection, table: PublishedTable, target: Path, workbook: bool
) -> Iterator[WrittenFile]:
    """Each file of the table as it is written into the folder `target`, and its Table Schema. Raises OSError."""
    order = "version_no, row_no" if table.dataset else "ALL"
    typed = f"SELECT * FROM main.{identifier(table.name)} ORDER BY {order}"
    plain = f"SELECT {', '.join(map(_text, table.columns))} FROM ({typed})"
    yield _written(table, target, f"{table.name}.csv", "csv", lambda p: _csv(connection, plain, p))
    if workbook:
        yield _written(table, target, f"xlsx/{table.name}.xlsx", "xlsx", lambda p: _workbook(connection, typed, table, p))
    yield _written(table, target, f"{table.name}.parquet", "parquet", lambda p: _parquet(connection, typed, p))
    write_json(target / f"{table.name}.schema.json", table_schema(table))


def write_json(path: Path, value: Descriptor) -> None:
    """The descriptor as UTF-8 JSON. Raises OSError."""
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    write_durably(path, write)


def _written(
    table: PublishedTable, target: Path, name: str, kind: FileKind, write: Callable[[Path], None]
) -> WrittenFile:
    path = target / name
    path.parent.mkdir(exist_ok=True)
    write_durably(path, write)
    return WrittenFile(table.name, name, kind, path.stat().st_size, sha256_of(path))


def _text(column: PublishedColumn) -> str:
    """SQL of the column as Table Schema writes it: ISO dates, decimal point, lists as JSON."""
    name, kind = identifier(column.name), field_type(column.type)
    if kind in ("array", "object"):
        return f"CAST(to_json({name}) AS TEXT) AS {name}"
    if kind == "datetime":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') AS {name}"
    return name if kind in ("integer", "boolean", "date") else f"CAST({name} AS TEXT) AS {name}"


def _csv(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    """Texts are quoted, numbers are not; NULL is nothing between two delimiters."""
    from pyarrow import csv

    options = csv.WriteOptions(quoting_style="needed")
    with path.open("wb") as stream:
        reader = connection.execute(query).to_arrow_reader(_BATCH_ROWS)
        with csv.CSVWriter(stream, reader.schema, write_options=options) as writer:
            for batch in reader:
                writer.write_batch(batch)


def _parquet(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    import pyarrow.parquet as pq

    reader = connection.execute(query).to_arrow_reader(_BATCH_ROWS)
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


def _workbook(connection: DuckDBPyConnection, query: str, table: PublishedTable, path: Path) -> None:
    columns = tuple(xlsx.Column(c.name, c.type, *_unit(table, c)) for c in table.columns)
    reader = connection.execute(query)
    rows = (row for batch in iter(lambda: reader.fetchmany(_BATCH_ROWS), []) for row in batch)
    xlsx.write(path, [xlsx.Sheet(table.name, columns, rows)])


def _unit(table: PublishedTable, column: PublishedColumn) -> tuple[str, str]:
    """The unit of a declared column, and its comment."""
    declared = table.dataset.by_name.get(column.name) if table.dataset else None
    return (declared.unit or "" if declared else ""), column.comment
