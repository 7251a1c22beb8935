"""The published tables and marts as files with their data package, all read from one snapshot of the published file:
Parquet, CSV as Table Schema reads it, workbooks, and the Frictionless description of them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipeline.contract.dataset import Check, Dataset
from pipeline.errors import USAGE, AnnexesError
from pipeline.files import sha256_of, write_durably, write_json
from pipeline.products import xlsx
from pipeline.settings import Settings
from pipeline.warehouse import marts
from pipeline.warehouse.ddl import identifier, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


Descriptor = dict[str, Any]
FileKind = Literal["csv", "xlsx", "parquet"]

_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}

_TYPES = {
    "VARCHAR": "string",
    "DATE": "date",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
    "TIMESTAMP": "datetime",
}
_LICENCES = {
    "Licence Ouverte 2.0": {
        "name": "etalab-2.0",
        "title": "Licence Ouverte 2.0",
        "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
    }
}


@dataclass(frozen=True)
class PublishedColumn:
    """A column of a published view: its DuckDB type and its comment, the unit said in it."""

    name: str
    type: str
    comment: str
    example: str | int | float | bool | None = None
    """A value that the column holds, as its file writes it."""

    @property
    def title(self) -> str:
        """The head of the comment, before what explains it."""
        return re.split(r" : | ; |, | \(|\. | \[", self.comment, maxsplit=1)[0].rstrip(".")


@dataclass(frozen=True)
class Origin:
    """A document that a table was read from; empty fields are not known."""

    document: str
    title: str
    publisher: str
    url: str
    licence: str


@dataclass(frozen=True)
class PublishedTable:
    """A view of main with its columns, and `dataset` when it is one and not a mart."""

    name: str
    comment: str
    columns: tuple[PublishedColumn, ...]
    origins: tuple[Origin, ...]
    dataset: Dataset | None = None
    references: tuple[tuple[str, str], ...] = ()
    """(column, reference table) where every value is a code of that table."""
    rows: str = ""
    """What its rows are asked of, when that is not the view itself (SQL)."""

    @property
    def relation(self) -> str:
        return self.rows or f"main.{identifier(self.name)}"


@dataclass(frozen=True)
class WrittenFile:
    """A file of the export, by its path in the folder."""

    table: str
    path: str
    kind: FileKind
    bytes: int
    sha256: str


def field_type(sql: str) -> str:
    """The Table Schema type of a DuckDB type."""
    if sql.endswith("[]"):
        return "array"
    if sql.startswith(("STRUCT", "MAP", "JSON")):
        return "object"
    if sql.startswith("DECIMAL"):
        return "number"
    return "integer" if "INT" in sql else _TYPES.get(sql, "string")


def table_schema(table: PublishedTable) -> Descriptor:
    """The Table Schema of a table: types, descriptions, constraints of the declared columns, primary key."""
    declared = table.dataset.by_name if table.dataset else {}
    fields: list[Descriptor] = []
    for column in table.columns:
        found: Descriptor = {"name": column.name, "title": column.title, "type": field_type(column.type)}
        found |= {"description": column.comment}
        found |= {"example": column.example} if column.example is not None else {}
        if column.name in declared:
            constraints = {} if declared[column.name].nullable else {"required": True}
            for check in declared[column.name].published_checks:
                constraints |= _constraint(check)
            found |= {"constraints": constraints} if constraints else {}
        fields.append(found)
    schema: Descriptor = {
        "name": table.name,
        "title": table.comment.partition(" : ")[0],
        "version": version("annexes"),
        "fields": fields,
        "missingValues": [""],
    }
    if table.dataset:
        # Where each act stands alone, the key names a row inside one act.
        own = ("edition",) if table.dataset.succession == "accumulates" else ()
        schema["primaryKey"] = list(dict.fromkeys((*own, *table.dataset.key)))
    if table.references:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": reference, "fields": [column]}}
            for column, reference in table.references
        ]
    return schema


def _constraint(check: Check) -> Descriptor:
    if check.pattern is not None:
        # Validators put anchors around it, which bind tighter than a choice.
        return {"pattern": f"({check.pattern})" if "|" in check.pattern else check.pattern}
    if check.values is not None:
        return {"enum": list(check.values)}
    low, high = check.between or (None, None)
    return {name: bound for name, bound in (("minimum", low), ("maximum", high)) if bound is not None}


def package(tables: Sequence[PublishedTable], files: Sequence[WrittenFile], created: str) -> Descriptor:
    """datapackage.json: a resource a file; those in plain CSV carry their Table Schema. `created` is ISO, UTC."""
    by_name = {table.name: table for table in tables}
    origins = tuple(dict.fromkeys(o for table in tables for o in table.origins))
    unlicensed = sorted({o.document for o in origins if not o.licence})
    said = "Tables d'annexes du Journal officiel, chaque ligne avec l'acte et le lieu où elle est imprimée."
    if unlicensed:
        said += f" Licence non indiquée par la source : {', '.join(unlicensed)}."
    return {
        "profile": "data-package",
        "name": "annexes",
        "title": "Annexes du Journal officiel",
        "description": said,
        "created": created,
        "licenses": _licences(origins),
        "sources": _sources(origins),
        "resources": [_resource(by_name[file.table], file) for file in files],
    }


def _resource(table: PublishedTable, file: WrittenFile) -> Descriptor:
    described: Descriptor = {
        "name": table.name if file.kind == "csv" else f"{table.name}-{file.kind}",
        "path": file.path,
        "title": table.comment.partition(" : ")[0],
        "description": table.comment,
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "licenses": _licences(table.origins),
        "sources": _sources(table.origins),
    }
    if file.kind == "csv":
        # `type` is what frictionless 5 reads, `profile` what version 1 of the specification says.
        tabular = {"type": "table", "profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv"}
        layout = {"encoding": "utf-8", "dialect": {"delimiter": ",", "lineTerminator": "\n"}}
        return _filled(described | tabular | layout | {"schema": table_schema(table)})
    return _filled(described | {"type": "file", "format": file.kind, "mediatype": _MEDIA[file.kind]})


def _filled(described: Descriptor) -> Descriptor:
    """Without lists that say nothing: the specification wants one item at least."""
    return {name: value for name, value in described.items() if value != []}


def _licences(origins: Sequence[Origin]) -> list[Mapping[str, str]]:
    named = dict.fromkeys(o.licence for o in origins if o.licence)
    return [_LICENCES.get(text, {"name": _slug(text), "title": text}) for text in named]


def _sources(origins: Sequence[Origin]) -> list[Mapping[str, str]]:
    """One a document, named with its publisher; the address where one is known."""
    return [{"title": f"{o.title} ({o.document}), {o.publisher}"} | ({"path": o.url} if o.url else {}) for o in origins]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-") or "licence"


_BATCH_ROWS = 50_000


def write_table(
    connection: DuckDBPyConnection, table: PublishedTable, target: Path, workbook: bool
) -> Iterator[WrittenFile]:
    """Each file of the table as it is written into the folder `target`, and its Table Schema. Raises OSError."""
    order = "version_no, row_no" if table.dataset else "ALL"
    typed = f"SELECT * FROM {table.relation} ORDER BY {order}"
    plain = f"SELECT {', '.join(map(_text, table.columns))} FROM ({typed})"
    yield _written(table, target, f"{table.name}.csv", "csv", lambda p: _csv(connection, plain, p))
    if workbook:
        yield _written(
            table, target, f"xlsx/{table.name}.xlsx", "xlsx", lambda p: _workbook(connection, typed, table, p)
        )
    yield _written(table, target, f"{table.name}.parquet", "parquet", lambda p: _parquet(connection, typed, p))
    write_json(target / f"{table.name}.schema.json", table_schema(table))


def _written(
    table: PublishedTable, target: Path, name: str, kind: FileKind, write: Callable[[Path], None]
) -> WrittenFile:
    path = target / name
    path.parent.mkdir(exist_ok=True)
    write_durably(path, write)
    return WrittenFile(table.name, name, kind, path.stat().st_size, sha256_of(path))


def _text(column: PublishedColumn) -> str:
    """SQL of the column as Table Schema writes it: ISO dates, decimal point, lists as JSON."""
    name, kind = identifier(column.name), field_type(column.type)
    if kind in ("array", "object"):
        return f"CAST(to_json({name}) AS TEXT) AS {name}"
    if kind == "datetime":
        return f"strftime({name}, '%Y-%m-%dT%H:%M:%SZ') AS {name}"
    return name if kind in ("integer", "boolean", "date") else f"CAST({name} AS TEXT) AS {name}"


def _workbook(connection: DuckDBPyConnection, query: str, table: PublishedTable, path: Path) -> None:
    columns = tuple(xlsx.Column(c.name, c.type, *_unit(table, c)) for c in table.columns)
    reader = connection.execute(query)
    rows = (row for batch in iter(lambda: reader.fetchmany(_BATCH_ROWS), []) for row in batch)
    xlsx.write(path, [xlsx.Sheet(table.name, columns, rows)])


def _unit(table: PublishedTable, column: PublishedColumn) -> tuple[str, str]:
    """The unit of a declared column, and its comment."""
    declared = table.dataset.by_name.get(column.name) if table.dataset else None
    return (declared.unit or "" if declared else ""), column.comment


def _csv(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    """Texts are quoted, numbers are not; NULL is nothing between two delimiters."""
    from pyarrow import csv

    options = csv.WriteOptions(quoting_style="needed")
    with path.open("wb") as stream:
        reader = connection.execute(query).to_arrow_reader(_BATCH_ROWS)
        with csv.CSVWriter(stream, reader.schema, write_options=options) as writer:
            for batch in reader:
                writer.write_batch(batch)


def _parquet(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    import pyarrow.parquet as pq

    reader = connection.execute(query).to_arrow_reader(_BATCH_ROWS)
    with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)


REFERENCE = "ref"
"""The schema of the reference tables, which marts join."""


class ExportError(AnnexesError):
    """The export cannot be made; the message is French."""

    code = USAGE


def export(
    settings: Settings,
    datasets: Sequence[Dataset],
    target: Path,
    now: datetime,
    only: Collection[str] = (),
    workbooks: bool = False,
    on: date | None = None,
    history: bool = False,
) -> list[WrittenFile]:
    """Write the tables and marts of `main` and the reference tables, as ref_<table> (or `only` those), into the folder
    `target`, made when it is not there.

    <table>.parquet, <table>.csv, <table>.schema.json, with `workbooks` also xlsx/<table>.xlsx, and
    datapackage.json last.
    With `on`, what was in force that day, of the tables that can be asked that; with `history`, every row of every
    version of the datasets, with the days it is for and the moments it was known.
    Files of the same names are replaced, others left. Raises ExportError for a name that is not published, QueryError
    when nothing is, OSError.
    """
    from pipeline.warehouse.access import connect

    target.mkdir(parents=True, exist_ok=True)
    with connect(settings) as connection:
        reference = _reference_origin(settings)
        tables = published_tables(connection, datasets, reference)
        if on is not None:
            tables = list(_in_force(connection, tables, on))
        elif history:
            tables = list(_histories(connection, tables))
        tables += reference_tables(connection, reference)
        unknown = sorted(set(only) - {t.name for t in tables})
        if unknown:
            names = ", ".join(t.name for t in tables)
            raise ExportError(f"pas de table publiée de ce nom : {', '.join(unknown)} ; publiées : {names}")
        chosen = [t for t in tables if not only or t.name in only]
        chosen = [_referring(connection, table, {t.name for t in chosen}) for table in chosen]
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


def reference_tables(connection: DuckDBPyConnection, origin: Origin) -> list[PublishedTable]:
    """The tables of `ref`, which the others are joined with, under the names ref_<table>."""
    tables = connection.execute(
        "SELECT table_name, coalesce(comment, '') FROM duckdb_tables() WHERE schema_name = 'ref' ORDER BY 1"
    ).fetchall()
    return [
        PublishedTable(
            f"{REFERENCE}_{name}",
            comment,
            tuple(_columns(connection, name, REFERENCE)),
            (origin,),
            rows=f"{REFERENCE}.{identifier(name)}",
        )
        for name, comment in tables
    ]


_CODES = {
    "code_commune": "communes",
    "code_departement": "departements",
    "code_region": "regions",
    "siren": "epci",
}
"""Columns of codes and the reference table that lists them."""


def _referring(connection: DuckDBPyConnection, table: PublishedTable, chosen: Collection[str]) -> PublishedTable:
    """The same with the reference tables of the export in which all of a column's values are found, and an example for
    each column."""
    names = {c.name for c in table.columns} if not table.name.startswith(f"{REFERENCE}_") else set()
    kept = tuple(
        (column, f"{REFERENCE}_{reference}")
        for column, reference in _CODES.items()
        if column in names and f"{REFERENCE}_{reference}" in chosen and _holds(connection, table, column, reference)
    )
    return replace(table, references=kept, columns=_with_examples(connection, table))


def _holds(connection: DuckDBPyConnection, table: PublishedTable, column: str, reference: str) -> bool:
    name = identifier(column)
    (strange,) = connection.execute(
        f"SELECT count(*) FROM (SELECT DISTINCT {name} FROM {table.relation} WHERE {name} IS NOT NULL) t "
        f"ANTI JOIN {REFERENCE}.{identifier(reference)} r ON r.{name} = t.{name}"
    ).fetchone() or (1,)
    return bool(strange == 0)


def _with_examples(connection: DuckDBPyConnection, table: PublishedTable) -> tuple[PublishedColumn, ...]:
    """The columns with the first value each has among the first rows."""
    columns = ", ".join(f"first({identifier(c.name)}) FILTER ({identifier(c.name)} IS NOT NULL)" for c in table.columns)
    row = connection.execute(f"SELECT {columns} FROM (FROM {table.relation} LIMIT 1000)").fetchone()
    return tuple(replace(c, example=_example(v)) for c, v in zip(table.columns, row or (), strict=False))


def _example(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _in_force(connection: DuckDBPyConnection, tables: Sequence[PublishedTable], on: date) -> Iterator[PublishedTable]:
    """The tables with a macro <table>_as_of, as they stood that day; their origins are the versions in force then."""
    macros = {
        str(name)
        for (name,) in connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'table_macro'"
        ).fetchall()
    }
    for table in tables:
        if f"{table.name}_as_of" in macros:
            rows = f"main.{identifier(table.name + '_as_of')}(DATE {literal(on.isoformat())})"
            comment = f"{table.comment} En vigueur le {on:%d/%m/%Y}."
            yield replace(table, rows=rows, comment=comment, columns=_asked(connection, rows, table))


def _histories(connection: DuckDBPyConnection, tables: Sequence[PublishedTable]) -> Iterator[PublishedTable]:
    """The datasets with all their versions. No key: a row comes again in each of its periods."""
    for table in tables:
        if table.dataset:
            rows = f"history.{identifier(table.name)}"
            comment = f"{table.comment} Toutes les versions : chaque ligne, quand elle vaut, quand on l'a su."
            columns = _asked(connection, rows, table)
            yield replace(table, rows=rows, comment=comment, columns=columns, dataset=None)


def _asked(connection: DuckDBPyConnection, rows: str, table: PublishedTable) -> tuple[PublishedColumn, ...]:
    """The columns of these rows, with the comments of the view where it has them."""
    comments = {column.name: column.comment for column in table.columns}
    found = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    return tuple(PublishedColumn(str(name), str(kind), comments.get(str(name), "")) for name, kind, *_ in found)


def _columns(connection: DuckDBPyConnection, view: str, schema: str = "main") -> Iterator[PublishedColumn]:
    found = connection.execute(
        "SELECT column_name, data_type, coalesce(comment, '') FROM duckdb_columns() "
        f"WHERE schema_name = {literal(schema)} AND table_name = {literal(view)} ORDER BY column_index"
    ).fetchall()
    return (PublishedColumn(str(name), str(kind), str(comment)) for name, kind, comment in found)


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
