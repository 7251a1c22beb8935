"""An accepted edition as Arrow tables: the rows and the citations of a version file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipeline.contract.dataset import Column, Dataset
from pipeline.contract.rows import Value
from pipeline.extract.model import Cell, Source
from pipeline.quality.prepare import Prepared, shared_values, values_in_order
from pipeline.warehouse.schemas import CELLS_SCHEMA

_ARROW: dict[str, pa.DataType] = {
    "TEXT": pa.string(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TEXT[]": pa.list_(pa.string()),
}


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a declared DuckDB type."""
    if column.type.startswith("DECIMAL"):
        precision, scale = column.type[8:-1].split(",")
        return pa.decimal128(int(precision), int(scale))
    return _ARROW[column.type]


def rows_schema(dataset: Dataset) -> pa.Schema:
    """row_no INT32 from 1, then the business columns."""
    fields = [pa.field(c.name, arrow_type(c)) for c in dataset.columns]
    return pa.schema([pa.field("row_no", pa.int32(), nullable=False), *fields])


def rows_table(prepared: Prepared) -> pa.Table:
    """The business rows in their published order."""
    columns: dict[str, list[Any]] = {name: [] for name in rows_schema(prepared.dataset).names}
    for row_no, row in values_in_order(prepared):
        columns["row_no"].append(row_no)
        for column in prepared.dataset.columns:
            value = row[column.name].value if column.name in row else None
            columns[column.name].append(list(value) if isinstance(value, tuple) else value)
    return pa.table(columns, schema=rows_schema(prepared.dataset))


def cells_table(prepared: Prepared) -> pa.Table:
    """One line a citation; a value with a rule and no printed piece has one line without a place; a value shared by
    the whole edition is cited once, as row 0."""
    columns: dict[str, list[Any]] = {name: [] for name in CELLS_SCHEMA.names}
    rendition = prepared.context.rendition.file
    for line in _citations(prepared):
        for name, value in zip(columns, line(rendition), strict=True):
            columns[name].append(value)
    return pa.table(columns, schema=CELLS_SCHEMA)


class _Citation:
    __slots__ = ("cell", "cite_no", "col_no", "row_no", "value")

    def __init__(self, row_no: int, col_no: int, cite_no: int, value: Value, cell: Cell | None) -> None:
        self.row_no, self.col_no, self.cite_no, self.value, self.cell = row_no, col_no, cite_no, value, cell

    def __call__(self, rendition: str) -> tuple[Any, ...]:
        source = self.cell.source if self.cell else Source()
        x0, top, x1, bottom = source.box or (None, None, None, None)
        return (
            self.row_no,
            self.col_no,
            self.cite_no,
            self.value.how,
            self.cell.text if self.cell else None,
            rendition,
            source.page,
            source.line,
            source.last_line,
            source.start,
            source.end,
            x0,
            top,
            x1,
            bottom,
            source.path,
            source.offset,
            "|".join(self.value.rules),
        )


def _citations(prepared: Prepared) -> Iterator[_Citation]:
    numbers = {column.name: n for n, column in enumerate(prepared.dataset.columns, start=1)}
    for name, value in shared_values(prepared).items():
        yield from _of_value(0, numbers[name], value)
    for row_no, row in values_in_order(prepared):
        for name, value in row.items():
            if name not in prepared.shared:
                yield from _of_value(row_no, numbers[name], value)


def _of_value(row_no: int, col_no: int, value: Value) -> Iterator[_Citation]:
    if value.cites:
        for n, cell in enumerate(value.cites, start=1):
            yield _Citation(row_no, col_no, n, value, cell)
    elif value.value is not None:
        yield _Citation(row_no, col_no, 1, value, None)
