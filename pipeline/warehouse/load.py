"""Bulk loading: version files into `data` and `meta.cells`, small tables from values. Views are in `views`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.contract.dataset import Dataset
from pipeline.contract.rows import HOW_WORDS
from pipeline.published import Field, Words
from pipeline.store.records import VersionRecord
from pipeline.store.versions import VersionStore
from pipeline.warehouse import meta
from pipeline.warehouse.ddl import TableSpec, identifier, literal
from pipeline.warehouse.meta import Renditions

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

# Each file of a version begins with its number: the name says it once a file instead of once a row.
_VERSION_NO = "CAST(split_part(parse_filename(filename), '.', 1) AS INTEGER)"


def data_table(dataset: Dataset) -> TableSpec:
    """data.<dataset>: version_no, row_no, then the business columns as declared."""
    fields = (
        Field("version_no", "INTEGER", "Version (meta.versions)."),
        Field("row_no", "INTEGER", "Ligne dans la version, à partir de 1 ; avec elle, la clé de meta.provenance."),
        *business_fields(dataset),
    )
    return TableSpec("data", dataset.name, f"{dataset.title} : lignes de toutes les versions.", fields)


def business_fields(dataset: Dataset) -> tuple[Field, ...]:
    """The declared columns, the unit said in the comment."""
    return tuple(Field(c.name, c.type, f"{c.comment} [{c.unit}]" if c.unit else c.comment) for c in dataset.columns)


def in_words(value: str, words: Words) -> str:
    """The SQL expression in the words that are published."""
    if not words:
        return value
    return f"CASE {value} {' '.join(f'WHEN {literal(o)} THEN {literal(n)}' for o, n in words)} ELSE {value} END"


def load_rows(
    connection: DuckDBPyConnection, dataset: Dataset, records: Sequence[VersionRecord], store: VersionStore
) -> None:
    """Create and fill data.<dataset>, in the order of versions; a column an old file has not is NULL there."""
    connection.execute(data_table(dataset).create)
    add_rows(connection, dataset, records, store)


def add_rows(
    connection: DuckDBPyConnection, dataset: Dataset, records: Sequence[VersionRecord], store: VersionStore
) -> None:
    """Add the rows of these versions to data.<dataset>."""
    table = data_table(dataset)
    paths = [store.path(r.dataset, r.version_no) for r in records]
    for columns, files in groupby(paths, key=lambda path: shape(path).names):
        connection.execute(f"INSERT INTO {table.qualified} {rows_of_files(dataset, columns, list(files))}")


def rows_of_files(dataset: Dataset, columns: Collection[str], files: Sequence[Path]) -> str:
    """A query of version files that have `columns`, in the shape of data.<dataset>."""
    fields = data_table(dataset).fields
    former = {c.name: c.formerly for c in dataset.columns if c.formerly in columns}
    held = {f.name: f.name if f.name in columns else former.get(f.name) for f in fields[1:]}
    words = {c.name: c.words for c in dataset.columns}
    values = (in_words(identifier(n), words.get(f, ())) if n else "NULL" for f, n in held.items())
    typed = (f"CAST({v} AS {f.type}) AS {identifier(f.name)}" for v, f in zip(values, fields[1:], strict=True))
    return f"SELECT {_VERSION_NO} AS version_no, {', '.join(typed)} FROM {_parquet(files)}"


def load_cells(
    connection: DuckDBPyConnection,
    datasets: Sequence[Dataset],
    records: Sequence[VersionRecord],
    renditions: Renditions,
    store: VersionStore,
) -> None:
    """Create and fill meta.cells from all versions, and its types."""
    _create_types(connection, [_cells(store, r) for r in records])
    connection.execute(meta.CELLS.create)
    add_cells(connection, datasets, records, renditions, store)


def add_cells(
    connection: DuckDBPyConnection,
    datasets: Sequence[Dataset],
    records: Sequence[VersionRecord],
    renditions: Renditions,
    store: VersionStore,
) -> None:
    """Add the citations of these versions, one statement for those of a dataset whose files have one shape; renditions
    become numbers, and columns those of today's declaration, whatever place they had when the version was written."""
    today = {d.name: tuple(c.name for c in d.columns) for d in datasets}
    renamed = {d.name: {c.formerly: c.name for c in d.columns if c.formerly} for d in datasets}
    alike: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Path]] = {}
    for record in records:
        rows, cells = store.path(record.dataset, record.version_no), _cells(store, record)
        alike.setdefault((record.dataset, shape(rows).names, shape(cells).names), []).append(cells)
    _register_renditions(connection, records, renditions)
    for (dataset, then, held), files in alike.items():
        special = {
            "rendition_no": "numbers.rendition_no",
            "how": in_words("cells.how", HOW_WORDS),
            "col_no": _column_case([renamed[dataset].get(n, n) for n in then[1:]], today[dataset]),
        }
        values = (special.get(f.name, identifier(f.name) if f.name in held else "NULL") for f in meta.CELLS.fields[1:])
        connection.execute(
            f"INSERT INTO meta.cells SELECT {_VERSION_NO}, {', '.join(values)} FROM {_parquet(files)} AS cells "
            f"LEFT JOIN numbers ON numbers.version_no = {_VERSION_NO} AND numbers.file = cells.rendition"
        )
    connection.unregister("numbers")


def _register_renditions(
    connection: DuckDBPyConnection, records: Sequence[VersionRecord], renditions: Renditions
) -> None:
    """The numbers that files have, by version: `numbers` (version_no, file, rendition_no)."""
    import pyarrow as pa

    of: dict[str, list[tuple[str, int]]] = {}
    for (document, file), number in renditions.items():
        of.setdefault(document, []).append((file, number))
    lines = [(r.version_no, file, number) for r in records for file, number in of.get(r.document, ())]
    versions, files, numbers = zip(*lines, strict=True) if lines else ((), (), ())
    connection.register(
        "numbers",
        pa.table(
            {
                "version_no": pa.array(versions, pa.int32()),
                "file": pa.array(files, pa.string()),
                "rendition_no": pa.array(numbers, pa.int32()),
            }
        ),
    )


def _create_types(connection: DuckDBPyConnection, files: Sequence[Path]) -> None:
    """meta.how and meta.rules: texts of few kinds, kept as small integers."""
    kinds = ", ".join(literal(word) for _, word in HOW_WORDS)
    connection.execute(f"CREATE TYPE meta.how AS ENUM ({kinds})")
    connection.execute(f"CREATE TYPE meta.rules AS ENUM ({_rules(files) or _NO_RULE})")


_NO_RULE = "''"


def _rules(files: Sequence[Path]) -> str:
    """A query of the sets of rules that these files of citations name, in order; '' when none has any."""
    ruled = [file for file in files if "rules" in shape(file).names]
    return f"SELECT DISTINCT rules FROM {_parquet(ruled)} WHERE rules IS NOT NULL ORDER BY ALL" if ruled else ""


def new_rules(connection: DuckDBPyConnection, records: Sequence[VersionRecord], store: VersionStore) -> bool:
    """Whether these versions name a set of rules that the connected file has no number for."""
    query = _rules([_cells(store, record) for record in records])
    if not query:
        return False
    known = "SELECT unnest(enum_range(NULL::meta.rules))::TEXT"
    return bool(connection.execute(f"SELECT 1 FROM ({query}) WHERE rules NOT IN ({known}) LIMIT 1").fetchall())


def _cells(store: VersionStore, record: VersionRecord) -> Path:
    return store.path(record.dataset, record.version_no, ".cells.parquet")


def _column_case(then: Sequence[str], today: Sequence[str]) -> str:
    """The column number of today from that of the version; NULL for a column no longer declared."""
    if tuple(then) == tuple(today[: len(then)]):
        return "col_no"
    moved = {old: today.index(name) + 1 for old, name in enumerate(then, start=1) if name in today}
    return f"CASE col_no {' '.join(f'WHEN {old} THEN {new}' for old, new in moved.items())} END"


def load_values(connection: DuckDBPyConnection, table: TableSpec, rows: Sequence[tuple[Any, ...]]) -> None:
    """Create a small table and fill it from Python values, in the order of its fields."""
    connection.execute(table.create)
    insert_values(connection, table, rows)


def insert_values(connection: DuckDBPyConnection, table: TableSpec, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add Python values to a table that is there, in the order of its fields."""
    import pyarrow as pa

    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(values, type=_arrow_type(f.type)) for values, f in zip(columns, table.fields, strict=True)]
    connection.register("incoming", pa.Table.from_arrays(arrays, names=[f.name for f in table.fields]))
    connection.execute(f"INSERT INTO {table.qualified} SELECT * FROM incoming")
    connection.unregister("incoming")


def _arrow_type(sql: str) -> pa.DataType:
    import pyarrow as pa

    types: Mapping[str, pa.DataType] = {
        "TEXT": pa.string(),
        "TEXT[]": pa.list_(pa.string()),
        "DATE": pa.date32(),
        "BOOLEAN": pa.bool_(),
        "SMALLINT": pa.int16(),
        "INTEGER": pa.int32(),
        "TIMESTAMP": pa.timestamp("us"),
    }
    return types[sql]


@dataclass(frozen=True)
class Shape:
    """What the footer of a Parquet file says."""

    names: tuple[str, ...]
    rows: int


def shape(file: Path) -> Shape:
    """The columns and the number of rows of a Parquet file; read once as long as it has the same size and time."""
    there = file.stat()
    return _shape(str(file), there.st_size, there.st_mtime_ns)


@lru_cache(maxsize=1 << 17)
def _shape(file: str, _size: int, _changed: int) -> Shape:
    import pyarrow.parquet as pq

    found = pq.read_metadata(file)
    return Shape(_one(tuple(found.schema.to_arrow_schema().names)), found.num_rows)


@cache
def _one(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same object for the same names: there are few, of many files."""
    return names


def _parquet(files: Sequence[Path]) -> str:
    listed = ", ".join(literal(str(file)) for file in files)
    return f"read_parquet([{listed}], filename = true)"
