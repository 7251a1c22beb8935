"""What must hold of a built file before it is published. Only queries; nothing is changed or mended here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.warehouse import marts
from pipeline.warehouse.build import Inputs
from pipeline.warehouse.ddl import identifier
from pipeline.warehouse.load import data_table, rows_of_files

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from pipeline.contract.dataset import Dataset
    from pipeline.store.records import VersionRecord
    from pipeline.store.versions import VersionStore


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


def problems(connection: DuckDBPyConnection, inputs: Inputs) -> Iterator[str]:
    """What is wrong with the built file (French), nothing when it may be published. Connected to it, as current."""
    for dataset in inputs.datasets:
        records = [r for r in inputs.held.records if r.dataset == dataset.name]
        yield from _lost_rows(connection, dataset, records)
        for view in (f"main.{identifier(dataset.name)}", f"history.{identifier(dataset.name)}"):
            connection.execute(f"SELECT * FROM {view} LIMIT 1").fetchall()
        yield from _altered_rows(connection, inputs.store, dataset, records)
    yield from _lost_cells(connection, inputs.store, inputs.held.records)
    for name in undocumented(connection):
        yield f"sans commentaire : {name}"
    yield from _failing_marts(connection)


def _lost_rows(connection: DuckDBPyConnection, dataset: Dataset, records: list[VersionRecord]) -> Iterator[str]:
    counted = dict(
        connection.execute(
            f"SELECT version_no, count(*) FROM {data_table(dataset).qualified} GROUP BY version_no"
        ).fetchall()
    )
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
    import pyarrow.parquet as pq

    from pipeline.store.tables import content_hash

    declared = [c.name for c in dataset.columns]
    for record in records:
        path = store.path(record.dataset, record.version_no)
        held = [name for name in pq.read_schema(path).names if name in declared]
        business = ", ".join(map(identifier, held))
        loaded = f"SELECT {business} FROM {data_table(dataset).qualified} WHERE version_no = {record.version_no}"
        found = content_hash(connection.sql(f"{loaded} ORDER BY row_no").to_arrow_table())
        if found != record.content_sha256:
            written = f"SELECT {business} FROM ({rows_of_files(dataset, held, [path])}) ORDER BY row_no"
            if found != content_hash(connection.sql(written).to_arrow_table()):
                named = f"{dataset.name}, version {record.version_no}"
                yield f"{named} : le contenu chargé n'est pas celui qui a été accepté"


def _lost_cells(connection: DuckDBPyConnection, store: VersionStore, records: Sequence[VersionRecord]) -> Iterator[str]:
    """Citations counted against those of the version files."""
    import pyarrow.parquet as pq

    counted = dict(connection.execute("SELECT version_no, count(*) FROM meta.cells GROUP BY version_no").fetchall())
    for record in records:
        path = store.path(record.dataset, record.version_no, ".cells.parquet")
        found, expected = counted.get(record.version_no, 0), pq.read_metadata(path).num_rows
        if found != expected:
            yield f"{record.dataset}, version {record.version_no} : {found} citations chargées, {expected} attendues"


def _failing_marts(connection: DuckDBPyConnection) -> Iterator[str]:
    """Smoke queries of the marts that were built."""
    import duckdb

    for mart in marts.buildable(marts.read_marts(), marts.present(connection)):
        for query in mart.smoke:
            try:
                connection.execute(query).fetchall()
            except duckdb.Error as error:
                yield f"croisement {mart.name} : {error}"
