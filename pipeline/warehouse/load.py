"""Bulk loading: version files into `data` and `meta.cells`, small tables from values. Views are in `views`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pipeline.datasets.model import Dataset, How
from pipeline.warehouse import meta_tables as meta
from pipeline.warehouse.ddl import Field, TableSpec, identifier, literal, names
from pipeline.warehouse.meta_rows import Renditions
from pipeline.warehouse.records import VersionRecord

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


def load_rows(
    connection: DuckDBPyConnection, dataset: Dataset, records: Sequence[VersionRecord], versions: Path
) -> None:
    """Create and fill data.<dataset>, in the order of versions; a column an old file has not is NULL there."""
    table = data_table(dataset)
    connection.execute(table.create)
    for columns, files in _runs(records, versions / dataset.name):
        selected = ", ".join(
            f"CAST({identifier(f.name) if f.name in columns else 'NULL'} AS {f.type})" for f in table.fields[1:]
        )
        connection.execute(f"INSERT INTO {table.qualified} SELECT {_VERSION_NO}, {selected} FROM {_parquet(files)}")


def load_cells(
    connection: DuckDBPyConnection, records: Sequence[VersionRecord], renditions: Renditions, versions: Path
) -> None:
    """Create and fill meta.cells from all versions, in their order; renditions become numbers."""
    kinds = ", ".join(literal(how) for how in get_args(How))
    connection.execute(f"CREATE TYPE meta.how AS ENUM ({kinds})")
    connection.execute(meta.CELLS.create)
    selected = names(meta.CELLS.fields[1:6]) + ", rendition_no, " + names(meta.CELLS.fields[7:])
    for document, group in groupby(records, key=lambda r: r.document):
        files = [versions / r.dataset / f"{r.version_no:06d}.cells.parquet" for r in group]
        numbers = {file: number for (owner, file), number in renditions.items() if owner == document}
        cases = " ".join(f"WHEN {literal(file)} THEN {number}" for file, number in numbers.items())
        number = f"CAST(CASE rendition {cases} END AS SMALLINT) AS rendition_no"
        connection.execute(
            f"INSERT INTO meta.cells SELECT {_VERSION_NO}, {selected} FROM (SELECT *, {number} FROM {_parquet(files)})"
        )


def load_values(connection: DuckDBPyConnection, table: TableSpec, rows: Sequence[tuple[Any, ...]]) -> None:
    """Create a small table and fill it from Python values, in the order of its fields."""
    import pyarrow as pa

    connection.execute(table.create)
    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(values, type=_arrow_type(f.type)) for values, f in zip(columns, table.fields, strict=True)]
    load_arrow(connection, table.qualified, pa.Table.from_arrays(arrays, names=[f.name for f in table.fields]))


def load_arrow(connection: DuckDBPyConnection, target: str, rows: pa.Table) -> None:
    """Append an Arrow table to an existing table, by position."""
    connection.register("incoming", rows)
    try:
        connection.execute(f"INSERT INTO {target} SELECT * FROM incoming")
    finally:
        connection.unregister("incoming")


def _arrow_type(sql: str) -> pa.DataType:
    import pyarrow as pa

    types: Mapping[str, pa.DataType] = {
        "TEXT": pa.string(),
        "DATE": pa.date32(),
        "BOOLEAN": pa.bool_(),
        "SMALLINT": pa.int16(),
        "INTEGER": pa.int32(),
        "TIMESTAMP": pa.timestamp("us"),
    }
    return types[sql]


def _runs(records: Sequence[VersionRecord], folder: Path) -> Iterator[tuple[frozenset[str], list[Path]]]:
    """Neighbouring versions whose files have the same columns."""
    import pyarrow.parquet as pq

    files = [folder / f"{r.version_no:06d}.parquet" for r in records]
    shapes = [(frozenset(pq.read_schema(file).names), file) for file in files]
    for columns, group in groupby(shapes, key=lambda shape: shape[0]):
        yield columns, [file for _, file in group]


def _parquet(files: Sequence[Path]) -> str:
    listed = ", ".join(literal(str(file)) for file in files)
    return f"read_parquet([{listed}], filename = true)"
