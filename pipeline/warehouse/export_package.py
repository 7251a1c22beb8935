"""The description of an export: a Frictionless data package with one Table Schema a table, made from the declarations
and from the comments of the published file. Plain values; the files are written by `export`.

Data Package v1 and Table Schema v1, the ones that French validators read: specs.frictionlessdata.io.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.contract.dataset import Check, Dataset

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
        found: Descriptor = {"name": column.name, "type": field_type(column.type), "description": column.comment}
        if column.name in declared:
            constraints = {} if declared[column.name].nullable else {"required": True}
            for check in declared[column.name].checks:
                constraints |= _constraint(check)
            found |= {"constraints": constraints} if constraints else {}
        fields.append(found)
    schema: Descriptor = {"fields": fields, "missingValues": [""]}
    if table.dataset:
        # Where each act stands alone, the key names a row inside one act.
        own = ("edition",) if table.dataset.succession == "accumulates" else ()
        schema["primaryKey"] = list(dict.fromkeys((*own, *table.dataset.key)))
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
