"""A Reading to and from one Parquet file, whole: blocks, cells, repairs, unread parts, signs, in their order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.extract.model import (
    Aside,
    Block,
    Cell,
    Grid,
    Heading,
    Paragraph,
    Reading,
    Repair,
    Sign,
    Source,
    Unread,
)

_SOURCE: tuple[tuple[str, pa.DataType], ...] = (
    ("page", pa.int32()),
    ("box", pa.list_(pa.float64(), 4)),
    ("line", pa.int32()),
    ("last_line", pa.int32()),
    ("start", pa.int32()),
    ("end", pa.int32()),
    ("path", pa.string()),
    ("offset", pa.int64()),
    ("typeset", pa.int32()),
)
_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    (
        "item",
        pa.dictionary(pa.int8(), pa.string()),
    ),  # heading, paragraph, grid, cell, repair, unread, …
    ("kind", pa.dictionary(pa.int16(), pa.string())),  # of a repair, an unread part, an aside or a sign
    ("text", pa.string()),
    ("detail", pa.string()),  # after a repair, title of a grid
    ("under", pa.string()),  # headings path, as JSON
    ("row", pa.int32()),  # of a cell; level of a heading; rows of a grid
    ("col", pa.int32()),  # of a cell; columns of a grid
    ("row_span", pa.int32()),
    ("col_span", pa.int32()),
    ("header", pa.bool_()),
    *_SOURCE,
    ("context", pa.string()),  # of a grid, as JSON: caption, annex, intro, unit, those that are not empty
)
SCHEMA = pa.schema([pa.field(name, kind) for name, kind in _COLUMNS])
_ITEM_COLUMNS = [name for name, _ in _COLUMNS if name not in dict(_SOURCE) and name != "context"]
_CONTEXT = ("caption", "annex", "intro", "unit")


def save(reading: Reading, path: Path) -> None:
    """Write the reading; the file's metadata holds `reading.meta`."""
    columns: dict[str, list[Any]] = {f.name: [] for f in SCHEMA}
    for item in _items(reading):
        for name, value in zip(columns, item, strict=True):
            columns[name].append(value)
    meta = {b"reading.meta": json.dumps(reading.meta, ensure_ascii=False).encode()}
    pq.write_table(pa.table(columns, schema=SCHEMA.with_metadata(meta)), path, compression="zstd")


def load(path: Path) -> Reading:
    """The reading as it was saved; a column that came later is empty in an older file."""
    table = pq.read_table(path)
    meta = json.loads((table.schema.metadata or {}).get(b"reading.meta", b"{}"))
    blocks: list[Block] = []
    cells: list[Cell] = []
    repairs: list[Repair] = []
    unread: list[Unread] = []
    asides: list[Aside] = []
    signs: list[Sign] = []
    recognised: list[tuple[Source, float]] = []
    grid: tuple[Any, ...] | None = None
    held = set(table.column_names)
    columns = (table.column(n).to_pylist() if n in held else [None] * table.num_rows for n in SCHEMA.names)
    for row in zip(*columns, strict=True):
        item, kind, text, detail, under, r, c, row_span, col_span, header, *place, context = row
        source = Source(place[0], tuple(place[1]) if place[1] else None, *place[2:])
        if item == "cell":
            cells.append(Cell(r, c, text, source, row_span, col_span, header))
            continue
        if grid is not None:
            blocks.append(_grid(grid, cells))
            grid, cells = None, []
        path_of = tuple(json.loads(under)) if under else ()
        if item == "heading":
            blocks.append(Heading(r, text, source, path_of))
        elif item == "paragraph":
            blocks.append(Paragraph(text, source, path_of))
        elif item == "grid":
            grid = (r, c, source, detail or "", path_of, json.loads(context) if context else {})
        elif item == "repair":
            repairs.append(Repair(kind, source, text, detail))
        elif item == "unread":
            unread.append(Unread(kind, source, text))
        elif item == "sign":
            signs.append(Sign(kind, source, text))
        elif item == "recognised":
            recognised.append((source, float(text)))
        else:
            asides.append(Aside(kind, text, source))
    if grid is not None:
        blocks.append(_grid(grid, cells))
    return Reading(tuple(blocks), tuple(repairs), tuple(unread), tuple(asides), meta, tuple(signs), tuple(recognised))


def _grid(head: tuple[Any, ...], cells: list[Cell]) -> Grid:
    n_rows, n_cols, source, title, under, context = head
    return Grid(n_rows, n_cols, tuple(cells), source, title, under, **context)


def _items(reading: Reading) -> Iterator[tuple[Any, ...]]:
    for block in reading.blocks:
        under = json.dumps(block.under, ensure_ascii=False) if block.under else None
        if isinstance(block, Grid):
            size = {"row": block.n_rows, "col": block.n_cols}
            around = {name: value for name in _CONTEXT if (value := getattr(block, name))}
            context = json.dumps(around, ensure_ascii=False) if around else None
            yield _item("grid", block.source, detail=block.title, under=under, context=context, **size)
            for c in block.cells:
                spans = {"row_span": c.row_span, "col_span": c.col_span, "header": c.header}
                yield _item("cell", c.source, text=c.text, row=c.row, col=c.col, **spans)
        elif isinstance(block, Heading):
            yield _item("heading", block.source, text=block.text, under=under, row=block.level)
        else:
            yield _item("paragraph", block.source, text=block.text, under=under)
    for repair in reading.repairs:
        yield _item("repair", repair.source, kind=repair.kind, text=repair.before, detail=repair.after)
    for part in reading.unread:
        yield _item("unread", part.source, kind=part.kind, text=part.detail)
    for aside in reading.asides:
        yield _item("aside", aside.source, kind=aside.reason, text=aside.text)
    for sign in reading.signs:
        yield _item("sign", sign.source, kind=sign.kind, text=sign.detail)
    for place, sure in reading.recognised:
        yield _item("recognised", place, text=f"{sure:.2f}")


_place = attrgetter(*(field.name for field in fields(Source)))


def _item(item: str, source: Source, **values: Any) -> tuple[Any, ...]:
    head = [item, *(values.get(name) for name in _ITEM_COLUMNS[1:])]
    # `astuple` copies each field deeply: it took half of the time of a save.
    return (*head, *_place(source), values.get("context"))
