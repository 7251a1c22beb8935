"""One published table written as files: Parquet, CSV as Table Schema reads it, and CSV as a French spreadsheet does.
Rows pass by batches. Which tables, and what describes them, is in `export` and `export_package`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.warehouse.ddl import identifier, literal
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
_BOM = b"\xef\xbb\xbf"
_MONTH = "janv?|f[ée]vr?|feb|mars?|avr|apr|mai|may|juin?|jun|juil|jul|ao[ûu]t?|aug|sept?|oct|nov|d[ée]c"
_TAKEN_AS_ELSE = rf"^[=+@\t\r-]|^\s*[0-9][0-9 .,/:eE+-]*$|^\s*(?i:{_MONTH})\p{{L}}*\.?[ -][0-9]{{1,4}}\s*$"
"""Texts that a spreadsheet takes for a formula, a number or a date: codes above all ('01', '2E5', 'mars 20')."""
_LONGEST_LITERAL = 255
"""Characters that a spreadsheet allows in a text inside a formula."""


def write_table(
    connection: DuckDBPyConnection, table: PublishedTable, target: Path, excel: bool
) -> Iterator[WrittenFile]:
    """Each file of the table as it is written into the folder `target`, and its Table Schema. Raises OSError."""
    order = "version_no, row_no" if table.dataset else "ALL"
    typed = f"SELECT * FROM main.{identifier(table.name)} ORDER BY {order}"
    plain = f"SELECT {', '.join(map(_text, table.columns))} FROM ({typed})"
    yield _written(table, target, f"{table.name}.csv", "csv", lambda p: _csv(connection, plain, p, ","))
    if excel:
        shown = f"SELECT {', '.join(map(_spreadsheet, table.columns))} FROM ({typed})"
        path = f"excel/{table.name}.csv"
        yield _written(table, target, path, "excel", lambda p: _csv(connection, shown, p, ";", _BOM))
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


def _spreadsheet(column: PublishedColumn) -> str:
    """SQL of the column as a French spreadsheet reads it: decimal comma, VRAI and FAUX, and texts that stay texts."""
    name, kind = identifier(column.name), field_type(column.type)
    if kind in ("number", "integer"):
        return f"replace(CAST({name} AS TEXT), '.', ',') AS {name}"
    if kind == "boolean":
        return f"CASE WHEN {name} THEN 'VRAI' WHEN NOT {name} THEN 'FAUX' END AS {name}"
    if kind in ("date", "datetime"):
        return _text(column)
    text = f"array_to_string({name}, ', ')" if kind == "array" else f"CAST({name} AS TEXT)"
    quote = literal('"')
    # ="01" is the one writing that keeps its zero when the file is opened by a double click, and runs nothing.
    kept = f"""'="' || replace({text}, {quote}, {quote} || {quote}) || {quote}"""
    return (
        f"CASE WHEN NOT regexp_matches({text}, {literal(_TAKEN_AS_ELSE)}) THEN {text} "
        f"WHEN length({text}) <= {_LONGEST_LITERAL} THEN {kept} ELSE {literal(chr(39))} || {text} END AS {name}"
    )


def _csv(connection: DuckDBPyConnection, query: str, path: Path, delimiter: str, begin: bytes = b"") -> None:
    """Texts are quoted, numbers are not; NULL is nothing between two delimiters."""
    from pyarrow import csv

    options = csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
    with path.open("wb") as stream:
        stream.write(begin)
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
