"""The published tables and marts as files with their data package, all read from one snapshot of the published file.
One table's files are written in `export_files`; what describes them is in `export_package`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contract.dataset import Dataset
from pipeline.settings import Settings
from pipeline.warehouse import marts
from pipeline.warehouse.ddl import literal
from pipeline.warehouse.export_files import write_json, write_table
from pipeline.warehouse.export_package import Origin, PublishedColumn, PublishedTable, WrittenFile, package

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


REFERENCE = "ref"
"""The schema of the reference tables, which marts join."""


class ExportError(Exception):
    """The export cannot be made; the message is French."""


def export(
    settings: Settings,
    datasets: Sequence[Dataset],
    target: Path,
    now: datetime,
    only: Collection[str] = (),
    workbooks: bool = False,
) -> list[WrittenFile]:
    """Write the tables and marts of `main` (or `only` those) into the folder `target`, made when it is not there.

    <table>.parquet, <table>.csv, <table>.schema.json, with `workbooks` also xlsx/<table>.xlsx, and
    datapackage.json last.
    Files of the same names are replaced, others left. Raises ExportError for a name that is not published, QueryError
    when nothing is, OSError.
    """
    from pipeline.warehouse.access import connect

    target.mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection:
        tables = published_tables(connection, datasets, _reference_origin(settings))
        unknown = sorted(set(only) - {t.name for t in tables})
        if unknown:
            names = ", ".join(t.name for t in tables)
            raise ExportError(f"pas de table publiée de ce nom : {', '.join(unknown)} ; publiées : {names}")
        chosen = [t for t in tables if not only or t.name in only]
        files = [file for table in chosen for file in write_table(connection, table, target, workbooks)]
    described = package(chosen, files, now.isoformat(timespec="seconds").replace("+00:00", "Z"))
    write_json(target / "datapackage.json", described)
    return files


def published_tables(
    connection: DuckDBPyConnection, datasets: Sequence[Dataset], reference: Origin
) -> list[PublishedTable]:
    """The views of main, datasets first, each with its columns and where it comes from."""
    views = connection.execute(
        "SELECT view_name, coalesce(comment, '') FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal"
    ).fetchall()
    declared = {d.name: d for d in datasets}
    fed = _fed_by(marts.read_marts(), declared)
    order = [*(n for n in declared if n in dict(views)), *sorted(n for n, _ in views if n not in declared)]
    found: list[PublishedTable] = []
    for name in order:
        origin = {name} if name in declared else fed.get(name, set())
        origins = (*_origins(connection, origin), *([reference] if REFERENCE in origin else []))
        columns = tuple(_columns(connection, name))
        found.append(PublishedTable(name, str(dict(views)[name]), columns, origins, declared.get(name)))
    return found


def _columns(connection: DuckDBPyConnection, view: str) -> Iterator[PublishedColumn]:
    found = connection.execute(
        "SELECT column_name, data_type, coalesce(comment, '') FROM duckdb_columns() "
        f"WHERE schema_name = 'main' AND table_name = {literal(view)} ORDER BY column_index"
    ).fetchall()
    return (PublishedColumn(*map(str, row)) for row in found)


def _origins(connection: DuckDBPyConnection, datasets: Collection[str]) -> Iterator[Origin]:
    """The documents of the versions that these datasets show."""
    names = ", ".join(map(literal, sorted(datasets))) or "NULL"
    found = connection.execute(
        "SELECT DISTINCT v.document, coalesce(d.title, v.title, ''), coalesce(v.publisher, ''), "
        "coalesce(v.source_url, ''), coalesce(v.licence, '') "
        "FROM meta.periods p JOIN meta.versions v USING (version_no) LEFT JOIN meta.documents d USING (document) "
        f"WHERE p.latest AND p.dataset IN ({names}) ORDER BY ALL"
    ).fetchall()
    return (Origin(*map(str, row)) for row in found)


def _fed_by(found: Sequence[marts.Mart], declared: Collection[str]) -> Mapping[str, set[str]]:
    """View or macro of a mart → the datasets it is made of, through other marts too, and REFERENCE where it joins the
    reference tables."""
    needs = {name: mart.requires for mart in found for name in _created(mart)}

    def feeding(name: str, seen: frozenset[str]) -> set[str]:
        schema, _, bare = name.rpartition(".")
        if schema == REFERENCE:
            return {REFERENCE}
        table = bare.removesuffix("_as_of")
        if table in declared:
            return {table}
        return {d for n in needs.get(bare, frozenset()) - seen for d in feeding(n, seen | {n})}

    return {name: feeding(name, frozenset()) for name in needs}


def _created(mart: marts.Mart) -> list[str]:
    return re.findall(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:VIEW|MACRO)\s+(?:main\.)?\"?(\w+)", mart.sql, re.IGNORECASE)


def _reference_origin(settings: Settings) -> Origin:
    """The package that the reference tables come from, as raw/reference/sources.toml names it."""
    path = settings.reference / "sources.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    rights = str(said.get("licence_donnees", ""))
    publisher = rights.partition(" (")[2].removesuffix(")") or "INSEE, DGCL"
    title = f"Référentiels géographiques, {said.get('paquet', 'paquet non indiqué')}"
    return Origin("raw/reference", title, publisher, "", rights.partition(" (")[0])
