"""An accepted edition as the Arrow tables of a version file, rows and citations, and the hash of what they say. No file
is opened here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from pipeline.contract.dataset import Dataset
from pipeline.contract.rows import Value
from pipeline.extract.model import Cell, Source
from pipeline.quality.validate import Prepared, arrow_schema, shared_values, table_of, values_in_order

CELLS_SCHEMA = pa.schema(
    [
        pa.field("row_no", pa.int32(), nullable=False),  # 0: cited once for the whole version
        pa.field("col_no", pa.int16(), nullable=False),  # from 1, in the dataset's order of columns
        pa.field("cite_no", pa.int16(), nullable=False),  # from 1, in reading order
        pa.field("how", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("printed", pa.string()),
        pa.field("rendition", pa.dictionary(pa.int16(), pa.string()), nullable=False),
        pa.field("page", pa.int32()),
        pa.field("line", pa.int32()),
        pa.field("last_line", pa.int32()),
        pa.field("start_char", pa.int32()),
        pa.field("end_char", pa.int32()),
        pa.field("x0", pa.float32()),
        pa.field("top", pa.float32()),
        pa.field("x1", pa.float32()),
        pa.field("bottom", pa.float32()),
        pa.field("path", pa.string()),
        pa.field("offset", pa.int64()),
        pa.field("typeset_line", pa.int32()),
        pa.field("rules", pa.dictionary(pa.int16(), pa.string())),  # joined by |, '' for none
    ]
)


def content_hash(rows: pa.Table) -> str:
    """sha256 of the business rows in their order: names and values, whatever the integer width, text layout or
    Parquet bytes. `row_no` does not count."""
    digest = hashlib.sha256()
    for name in rows.column_names:
        if name == "row_no":
            continue
        digest.update(f"\x1d{name}\x1d".encode())
        digest.update("\x1e".join(_texts(rows.column(name))).encode())
    return digest.hexdigest()


def _texts(column: pa.ChunkedArray[Any]) -> Iterable[str]:
    """Each value as text, unlike for NULL (\\x00) and the empty text; lists as JSON."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return ["\x00" if v is None else json.dumps(v, ensure_ascii=False) for v in column.to_pylist()]
    return ["\x00" if text is None else text for text in column.cast(pa.string()).to_pylist()]


def same_citations(before: pa.Table, after: pa.Table) -> bool:
    """Whether two tables of citations say the same words and places, in the columns that both have. Boxes do not
    count: a point more or less is the same place."""
    shared = [name for name in before.column_names if name in after.column_names and name not in _BOX]
    return content_hash(before.select(shared)) == content_hash(after.select(shared))


_BOX = frozenset({"x0", "top", "x1", "bottom"})


def rows_schema(dataset: Dataset) -> pa.Schema:
    """row_no INT32 from 1, then the business columns."""
    return pa.schema([pa.field("row_no", pa.int32(), nullable=False), *arrow_schema(dataset)])


def rows_table(prepared: Prepared) -> pa.Table:
    """The business rows in their published order: the validated frame, numbered."""
    rows = table_of(prepared.dataset, prepared.frame)
    numbers = pa.array(range(1, rows.num_rows + 1), pa.int32())
    return pa.Table.from_arrays([numbers, *rows.columns], schema=rows_schema(prepared.dataset))


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
            source.typeset,
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
