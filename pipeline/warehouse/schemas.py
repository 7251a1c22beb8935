"""The shape of version files, and the hash of what they say. No file is opened here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

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
