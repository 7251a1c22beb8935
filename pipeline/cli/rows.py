"""Rows of the warehouse as the command hands them over: drawn for people, or as CSV, JSON, Parquet, a spreadsheet.

Columns are known by their position throughout: two of them may have one name. Where a format needs names that differ
(JSON, Parquet), the second `a` is `a_1`, as in DuckDB.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from pipeline.cli import terminal
from pipeline.errors import USAGE, AnnexesError
from pipeline.language import translated as _

if TYPE_CHECKING:
    import pyarrow as pa

MOST_DRAWN = 1000
"""Rows drawn for people at most."""
_BATCH_ROWS = 5_000
_NUMBERS = ("int", "uint", "double", "decimal", "float", "halffloat")


class Output(StrEnum):
    """How rows are written."""

    table = "table"
    record = "record"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    xlsx = "xlsx"


Format = Annotated[Output, typer.Option("--format", "-f", help="How rows are written on standard output or to --out.")]
OutFile = Annotated[Path | None, typer.Option("--out", "-o", help="Write to this file.", dir_okay=False)]


def write(rows: pa.Table, output: Output, target: Path | None) -> None:
    """Rows to a file or to standard output. Binary formats on a terminal are refused."""
    if output in (Output.parquet, Output.xlsx):
        _write_binary(rows, output, target)
    elif target is not None:
        with target.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(pieces(rows, output, None))
    elif output in (Output.table, Output.record):
        terminal.show(rendered(rows, output, terminal.width()))
    else:
        _stream(pieces(rows, output, None), sys.stdout)


def rendered(rows: pa.Table, output: Output, room: int | None = None) -> str:
    """Rows as one text."""
    return "".join(pieces(rows, output, room))


def pieces(rows: pa.Table, output: Output, room: int | None) -> Iterator[str]:
    """The text of the rows, a few thousand at a time; `room` is the width there is for people to read, if any."""
    if output is Output.table:
        yield _drawn(rows, room)
    elif output is Output.record:
        yield from _records(rows, room)
    elif output is Output.csv:
        yield from _csv(rows)
    else:
        yield from _json(rows)


def tuples(rows: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows as tuples of Python values, a batch at a time."""
    for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def unique(names: Sequence[str]) -> list[str]:
    """The names, a number added to those that came before (in any case of letters): a, a_1."""
    seen: set[str] = set()
    found: list[str] = []
    for name in names:
        number, new = 0, name
        while new.lower() in seen:
            number += 1
            new = f"{name}_{number}"
        seen.add(new.lower())
        found.append(new)
    return found


def text_of(value: Any) -> str:
    """A value as text, without a place in any language: ISO dates, decimal point, lists and structures as JSON."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _stream(texts: Iterator[str], stream: TextIO) -> None:
    """Data as they are to a file or another program; to a terminal, without what would drive it."""
    plain = terminal.safe if stream.isatty() else str
    for text in texts:
        stream.write(plain(text))


def _drawn(rows: pa.Table, room: int | None) -> str:
    shown = rows.slice(0, MOST_DRAWN)
    cells = [[terminal.NULL if value is None else text_of(value) for value in row] for row in tuples(shown)]
    right = [str(field.type).startswith(_NUMBERS) for field in rows.schema]
    drawn, columns = terminal.table([rows.column_names, *cells], right, room)
    notes = []
    if columns < rows.num_columns:
        notes.append(
            _("{shown} columns of {count}; all: --format record").format(shown=columns, count=rows.num_columns)
        )
    if rows.num_rows > MOST_DRAWN:
        said = _("{shown} rows of {count}; all: --format csv")
        notes.append(said.format(shown=MOST_DRAWN, count=rows.num_rows))
    elif not rows.num_rows:
        notes.append(_("no row"))
    return drawn + "\n" + "".join(f" {note}\n" for note in notes)


def _records(rows: pa.Table, room: int | None) -> Iterator[str]:
    shown = rows.slice(0, MOST_DRAWN)
    for n, row in enumerate(tuples(shown), start=1):
        texts = [terminal.NULL if value is None else text_of(value) for value in row]
        yield terminal.record(rows.column_names, texts, f"{n} / {rows.num_rows}", room) + "\n"
    if rows.num_rows > MOST_DRAWN:
        said = _("{shown} rows of {count}; all: --format csv")
        yield f" {said.format(shown=MOST_DRAWN, count=rows.num_rows)}\n"
    elif not rows.num_rows:
        yield f" {_('no row')}\n"


def _csv(rows: pa.Table) -> Iterator[str]:
    """RFC 4180 with newlines; NULL is nothing between two commas, an empty text is two quotes."""
    yield ",".join(map(_csv_field, rows.column_names)) + "\n"
    for row in tuples(rows):
        yield ",".join(map(_csv_field, row)) + "\n"


def _csv_field(value: Any) -> str:
    if value is None:
        return ""
    text = text_of(value)
    if not text or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _json(rows: pa.Table) -> Iterator[str]:
    names = unique(rows.column_names)
    before = "["
    for row in tuples(rows):
        record = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, indent=1, default=str)
        yield before + "\n " + record.replace("\n", "\n ")
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def _write_binary(rows: pa.Table, output: Output, target: Path | None) -> None:
    if target is None and sys.stdout.isatty():
        said = _("a {kind} file cannot be shown: give --out file.{kind}")
        raise AnnexesError(said.format(kind=output.value), USAGE)
    sink: Any = target or sys.stdout.buffer
    if output is Output.parquet:
        import pyarrow.parquet as pq

        pq.write_table(rows.rename_columns(unique(rows.column_names)), sink)
    else:
        from pipeline.products import xlsx

        columns = tuple(xlsx.Column(field.name, str(field.type)) for field in rows.schema)
        xlsx.write(sink, [xlsx.Sheet("résultat", columns, tuples(rows))])
