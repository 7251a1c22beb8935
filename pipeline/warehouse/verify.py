"""What must hold of a built file before it is published. Only queries; nothing is changed or mended here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.warehouse import marts
from pipeline.warehouse.build import Inputs
from pipeline.warehouse.ddl import identifier
from pipeline.warehouse.load import data_table, rows_of_files, shape

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

    from pipeline.contract.dataset import Dataset
    from pipeline.store.records import VersionRecord
    from pipeline.store.versions import VersionStore
    from pipeline.warehouse.append import Addition


def undocumented(connection: DuckDBPyConnection) -> list[str]:
    """Every schema, table, view, column, macro and type of the current database without a comment, by name."""
    return [
        name
        for (name,) in connection.execute(
            """
            SELECT 'schema ' || schema_name FROM duckdb_schemas()
            WHERE database_name = current_database() AND NOT internal
              AND schema_name NOT IN (SELECT schema_name FROM meta.schemas WHERE comment <> '')
            UNION ALL SELECT 'table ' || schema_name || '.' || table_name FROM duckdb_tables()
            WHERE database_name = current_database() AND coalesce(comment, '') = ''
            UNION ALL SELECT 'view ' || schema_name || '.' || view_name FROM duckdb_views()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            UNION ALL SELECT 'column ' || schema_name || '.' || table_name || '.' || column_name FROM duckdb_columns()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            UNION ALL SELECT DISTINCT 'macro ' || schema_name || '.' || function_name FROM duckdb_functions()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            UNION ALL SELECT 'type ' || schema_name || '.' || type_name FROM duckdb_types()
            WHERE database_name = current_database() AND NOT internal AND coalesce(comment, '') = ''
            ORDER BY ALL
            """
        ).fetchall()
    ]


def problems(connection: DuckDBPyConnection, inputs: Inputs, added: Addition | None = None) -> Iterator[str]:
    """What is wrong with the file made (French), nothing when it may be published. Connected to it, as current.

    Of a file that versions were added to, these are read back; of the others, it must hold as much as before. A mart is
    run where it is made of a dataset looked at, or of none; elsewhere what it is asked must still be understood.
    """
    looked_at = inputs.held.records if added is None else added.records
    by_dataset: dict[str, list[VersionRecord]] = {}
    for record in looked_at:
        by_dataset.setdefault(record.dataset, []).append(record)
    for dataset in inputs.datasets:
        records = by_dataset.get(dataset.name, [])
        yield from _lost_rows(connection, dataset, records, added)
        for view in (f"main.{identifier(dataset.name)}", f"history.{identifier(dataset.name)}"):
            connection.execute(f"SELECT * FROM {view} LIMIT 1").fetchall()
        yield from _altered_rows(connection, inputs.store, dataset, records)
    yield from _lost_cells(connection, inputs.store, looked_at, added)
    for name in undocumented(connection):
        yield f"sans commentaire : {name}"
    filled = {record.dataset for record in looked_at if record.rows}
    yield from _failing_marts(connection, {d.name for d in inputs.datasets} - filled)


def _lost_rows(
    connection: DuckDBPyConnection, dataset: Dataset, records: list[VersionRecord], added: Addition | None
) -> Iterator[str]:
    table = data_table(dataset).qualified
    counted = _by_version(connection, table, records, added)
    if added is not None:
        found, expected = _count(connection, table), added.rows[dataset.name] + sum(r.rows for r in records)
        if found != expected:
            yield f"{dataset.name} : {found} lignes en tout, {expected} attendues"
    for record in records:
        if counted.get(record.version_no, 0) != record.rows:
            yield (
                f"{dataset.name}, version {record.version_no} : {counted.get(record.version_no, 0)} lignes chargées, "
                f"{record.rows} attendues"
            )


def _altered_rows(
    connection: DuckDBPyConnection, store: VersionStore, dataset: Dataset, records: list[VersionRecord]
) -> Iterator[str]:
    """Each version's rows read back from the file against its record's content hash.

    A version written under an earlier declaration (columns added, widened, taken away since) is compared with its
    file as today's declaration reads it; the file itself was checked against the record when the store was read.
    """
    from pipeline.store.tables import content_hash

    today = {name: c.name for c in dataset.columns for name in (c.formerly, c.name) if name}
    for names, some in _alike(store, records):
        held = [today[name] for name in names if name in today]
        for record, loaded in _loaded(connection, dataset, held, some):
            found = content_hash(loaded)
            if found != record.content_sha256:
                path, business = store.path(record.dataset, record.version_no), ", ".join(map(identifier, held))
                written = f"SELECT {business} FROM ({rows_of_files(dataset, names, [path])}) ORDER BY row_no"
                if found != content_hash(connection.sql(written).to_arrow_table()):
                    named = f"{dataset.name}, version {record.version_no}"
                    yield f"{named} : le contenu chargé n'est pas celui qui a été accepté"


def _alike(
    store: VersionStore, records: Sequence[VersionRecord]
) -> Iterator[tuple[tuple[str, ...], list[VersionRecord]]]:
    """Versions whose files have one shape, in order, about so many rows at once."""
    for names, alike in groupby(records, key=lambda r: shape(store.path(r.dataset, r.version_no)).names):
        some: list[VersionRecord] = []
        rows = 0
        for record in alike:
            some.append(record)
            rows += record.rows
            if rows > _ROWS_AT_ONCE or len(some) == _VERSIONS_AT_ONCE:
                yield names, some
                some, rows = [], 0
        if some:
            yield names, some


_ROWS_AT_ONCE, _VERSIONS_AT_ONCE = 50_000, 1_000
"""Rows, and versions, in memory together while they are compared."""


def _loaded(
    connection: DuckDBPyConnection, dataset: Dataset, columns: Sequence[str], records: Sequence[VersionRecord]
) -> Iterator[tuple[VersionRecord, pa.Table]]:
    """The rows of each of these versions as the file has them, in order."""
    numbers = [record.version_no for record in records]
    listed = ", ".join(map(str, numbers))
    found = connection.sql(
        f"SELECT version_no, {', '.join(map(identifier, columns))} FROM {data_table(dataset).qualified} "
        f"WHERE version_no BETWEEN {numbers[0]} AND {numbers[-1]} AND version_no IN ({listed}) "
        "ORDER BY version_no, row_no"
    ).to_arrow_table()
    of = found.column("version_no").to_numpy()
    business = found.drop_columns(["version_no"])
    starts, ends = of.searchsorted(numbers, "left").tolist(), of.searchsorted(numbers, "right").tolist()
    for record, start, end in zip(records, starts, ends, strict=True):
        yield record, business.slice(start, end - start)


def _lost_cells(
    connection: DuckDBPyConnection, store: VersionStore, records: Sequence[VersionRecord], added: Addition | None
) -> Iterator[str]:
    """Citations counted against those of the version files."""
    counted, in_files = _by_version(connection, "meta.cells", records, added), 0
    for record in records:
        path = store.path(record.dataset, record.version_no, ".cells.parquet")
        found, expected = counted.get(record.version_no, 0), shape(path).rows
        in_files += expected
        if found != expected:
            yield f"{record.dataset}, version {record.version_no} : {found} citations chargées, {expected} attendues"
    if added is not None and (found := _count(connection, "meta.cells")) != added.cells + in_files:
        yield f"{found} citations en tout, {added.cells + in_files} attendues"


def _by_version(
    connection: DuckDBPyConnection, table: str, records: Sequence[VersionRecord], added: Addition | None
) -> dict[int, int]:
    """Lines of a table by version: of those added, or of all."""
    if added is None:
        where = ""
    elif records:
        where = f"WHERE version_no >= {min(r.version_no for r in records)}"
    else:
        return {}
    return dict(connection.execute(f"SELECT version_no, count(*) FROM {table} {where} GROUP BY version_no").fetchall())


def _count(connection: DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def differences(connection: DuckDBPyConnection, one: str, other: str) -> Iterator[str]:
    """What two attached files do not say alike (French): tables with their types and comments, views, macros, and the
    content of each table, whatever the order of its lines."""
    said = {name: _declared(connection, name) for name in (one, other)}
    for key in sorted(said[one].keys() | said[other].keys()):
        if said[one].get(key) != said[other].get(key):
            yield f"{' '.join(filter(None, key))} : autrement défini"
    tables = sorted(key[1:3] for key in said[one].keys() & said[other].keys() if key[0] == "table")
    for schema, table in tables:
        here, there = (_content(connection, name, schema, table) for name in (one, other))
        if here != there:
            yield f"{schema}.{table} : autre contenu ({here[0]} et {there[0]} lignes)"


def _declared(connection: DuckDBPyConnection, database: str) -> dict[tuple[str, str, str, str], tuple[object, ...]]:
    """Every object of an attached file: (kind, schema, name, column) → how it is defined and commented."""
    found = connection.execute(_OBJECTS, [database]).fetchall()
    return {tuple(row[:4]): tuple(row[4:]) for row in found}


_OBJECTS = """
WITH file AS (SELECT ? AS name)
SELECT 'table', schema_name, table_name, '', comment, '' FROM duckdb_tables(), file
    WHERE database_name = file.name AND NOT internal
UNION ALL SELECT 'column', schema_name, table_name, column_name, coalesce(comment, ''), data_type
    FROM duckdb_columns(), file WHERE database_name = file.name AND NOT internal
UNION ALL SELECT 'view', schema_name, view_name, '', comment, sql FROM duckdb_views(), file
    WHERE database_name = file.name AND NOT internal
UNION ALL SELECT 'macro', schema_name, function_name, array_to_string(parameters, ','), comment, macro_definition
    FROM duckdb_functions(), file WHERE database_name = file.name AND NOT internal
UNION ALL SELECT 'type', schema_name, type_name, '', comment, array_to_string(labels, '|') FROM duckdb_types(), file
    WHERE database_name = file.name AND NOT internal
"""


def _content(connection: DuckDBPyConnection, database: str, schema: str, table: str) -> tuple[int, int]:
    """Lines, and one sum over what each says."""
    named = f"{identifier(database)}.{identifier(schema)}.{identifier(table)}"
    counted = connection.execute(f"SELECT count(*), coalesce(sum(hash(t)::HUGEINT), 0) FROM {named} t").fetchall()
    return counted[0][0], int(counted[0][1])


def _failing_marts(connection: DuckDBPyConnection, still: Collection[str]) -> Iterator[str]:
    """Smoke queries of the marts that were built; only bound for those made of the datasets `still` alone."""
    import duckdb

    everything = marts.read_marts()
    fed = marts.fed_by(everything, [dataset for (dataset,) in connection.execute(_DATASETS).fetchall()])
    for mart in marts.buildable(everything, marts.present(connection)):
        bound = "DESCRIBE " if fed[mart.name] and fed[mart.name] <= set(still) else ""
        for query in mart.smoke:
            try:
                connection.execute(bound + query).fetchall()
            except duckdb.Error as error:
                yield f"croisement {mart.name} : {error}"


_DATASETS = "SELECT dataset FROM meta.datasets"
