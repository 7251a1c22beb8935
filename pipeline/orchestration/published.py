"""What the published file holds, counted and not estimated: its tables, views and macros, and how much of what was
printed is in them. Plain values; no Dagster here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FIRST = 5


@dataclass(frozen=True)
class Relation:
    """A table or view of the file: its rows, what it is (its COMMENT), its columns (name, type, comment)."""

    name: str
    rows: int
    comment: str
    columns: tuple[tuple[str, str, str], ...] = ()
    first: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True)
class Contents:
    """The file: dataset → rows of all its versions, table of ref → rows, marts that are views, and macros by name;
    severity → findings, and rows in quarantine."""

    datasets: Mapping[str, int] = field(default_factory=dict)
    reference: Mapping[str, int] = field(default_factory=dict)
    views: Mapping[str, Relation] = field(default_factory=dict)
    macros: frozenset[str] = frozenset()
    findings: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0


def contents(settings: Settings, views: Collection[str]) -> Contents:
    """Count the published file; of the views of main, those named. Raises QueryError when nothing is published."""
    from pipeline.warehouse.access import connect

    with connect(settings) as connection:
        tables = {(schema, name): comment for schema, name, comment in connection.execute(_TABLES).fetchall()}
        macros = {name for (name,) in connection.execute(_MACROS).fetchall()}
        held = {name: comment for (schema, name), comment in tables.items() if schema == "main" and name in views}
        return Contents(
            datasets=_counts(connection, "data", tables),
            reference=_counts(connection, "ref", tables),
            views={name: _relation(connection, name, comment) for name, comment in held.items()},
            macros=frozenset(macros),
            findings=dict(connection.execute("SELECT severity, count(*) FROM meta.findings GROUP BY 1").fetchall()),
            quarantined=_count(connection, "meta", "quarantine"),
        )


_TABLES = """
SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE database_name = current_database()
UNION ALL SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = current_database()
ORDER BY ALL
"""
_MACROS = """
SELECT function_name FROM duckdb_functions() WHERE schema_name = 'main' AND database_name = current_database()
"""
_COLUMNS = """
SELECT column_name, data_type, coalesce(comment, '') FROM duckdb_columns()
WHERE schema_name = 'main' AND table_name = ? AND database_name = current_database() ORDER BY column_index
"""


def _counts(connection: DuckDBPyConnection, schema: str, tables: Mapping[tuple[str, str], str]) -> dict[str, int]:
    return {name: _count(connection, schema, name) for own, name in tables if own == schema}


def _count(connection: DuckDBPyConnection, schema: str, name: str) -> int:
    found: Sequence[tuple[int]] = connection.execute(f'SELECT count(*) FROM {schema}."{name}"').fetchall()
    return found[0][0]


def _relation(connection: DuckDBPyConnection, name: str, comment: str) -> Relation:
    columns = tuple(connection.execute(_COLUMNS, [name]).fetchall())
    # Counted along: what a mart costs is to be computed at all.
    shown = connection.execute(f'SELECT *, count(*) OVER () FROM main."{name}" LIMIT {_FIRST}').fetchall()
    count: int = shown[0][-1] if shown else 0
    return Relation(name, count, comment or "", columns, tuple(row[:-1] for row in shown))
