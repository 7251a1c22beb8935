"""An analyst's SQL reads the published tables and nothing else, in bounded time and memory."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.warehouse import access
from pipeline.warehouse.access import QueryError
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.publish import publish
from tests.warehouse.made import accept, project, seuils

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = project(tmp_path_factory.mktemp("projet"))
    accept(settings, "A1", [(2020, "200000001", "CA Un", 10_000)])
    publish(settings, [seuils()], Catalogue())
    return settings


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "COPY seuils TO '{folder}/vol.csv'",
        "EXPORT DATABASE '{folder}/vol'",
        "ATTACH '{folder}/autre.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT 1; COPY seuils TO '{folder}/vol.csv'",
        "CREATE PERSISTENT SECRET vol (TYPE http)",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM parquet_metadata('/etc/passwd')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "SET threads = 8",
        "SET enable_external_access = true",
        "PRAGMA enable_profiling = 'json'",
        "CALL enable_logging(storage_path = '{folder}/journal')",
        "SELECT * FROM getenv('HOME')",
        "DELETE FROM data.seuils",
        "CREATE TABLE intrus (x INTEGER)",
        "SELECT * FROM settings",
        "",
    ],
)
def test_hostile_sql_is_refused(published: Settings, tmp_path: Path, sql: str) -> None:
    with pytest.raises(QueryError):
        access.query(published, sql.format(folder=tmp_path), timeout=20)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(1000000000000) a, range(1000000) b",
        "WITH RECURSIVE t AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM t) SELECT max(x) FROM t",
        # These two are deaf to DuckDB's interrupt.
        "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))",
        "SELECT length(repeat('x', 4000000000))",
    ],
)
def test_a_query_without_end_is_stopped(published: Settings, sql: str) -> None:
    started = time.monotonic()
    with pytest.raises(QueryError):
        access.query(published, sql, timeout=1.5)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT array_agg(a) FROM range(1000000000) t(a)",
        "SELECT count(DISTINCT a || 'x') FROM range(100000000) t(a)",
        "SELECT a, repeat('x', 1000) FROM range(1000000000) t(a)",
    ],
)
def test_a_memory_bomb_is_refused(published: Settings, sql: str) -> None:
    with pytest.raises(QueryError):
        access.query(published, sql, timeout=60, memory=200 * MEGABYTE)


def test_a_log_asked_for_by_a_query_is_not_written(published: Settings, tmp_path: Path) -> None:
    with suppress(QueryError):  # DuckDB 1.5 lets it run and writes nothing, DuckDB 2 refuses it
        access.query(published, f"SELECT * FROM enable_logging(storage_path = '{tmp_path}/journal')")
    assert list(tmp_path.iterdir()) == []


def test_a_python_variable_is_no_table(published: Settings) -> None:
    import pandas as pd

    intrus = pd.DataFrame({"x": [1]})
    with access.connect(published) as connection, pytest.raises(Exception, match="intrus"):
        connection.execute("SELECT * FROM intrus")
    assert len(intrus) == 1


def test_ordinary_queries_run(published: Settings) -> None:
    for sql in (
        "FROM seuils",
        "DESCRIBE seuils",
        "SHOW TABLES",
        "SUMMARIZE seuils",
        "PIVOT seuils ON annee USING max(nom)",
    ):
        assert access.query(published, sql).num_rows > 0


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="aucune base"):
        access.query(project(tmp_path), "SELECT 1")
