"""SQL text from declarations: tables, identifiers, literals, comments. Nothing is run here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.published import Field


@dataclass(frozen=True)
class TableSpec:
    """A published table and what it is (French)."""

    schema: str
    name: str
    comment: str
    fields: tuple[Field, ...]

    @property
    def qualified(self) -> str:
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    @property
    def create(self) -> str:
        columns = ", ".join(f"{identifier(f.name)} {f.type}" for f in self.fields)
        return f"CREATE TABLE {self.qualified} ({columns})"

    def comments(self) -> Iterator[str]:
        yield comment_on("TABLE", self.qualified, self.comment)
        yield from column_comments(self.qualified, self.fields)


def identifier(name: str) -> str:
    """The name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | int | date | datetime | None) -> str:
    """The value as a SQL literal; dates and times as quoted ISO text."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def comment_on(kind: str, target: str, text: str) -> str:
    """A COMMENT statement; `kind` is TABLE, VIEW, COLUMN, MACRO, MACRO TABLE or TYPE."""
    return f"COMMENT ON {kind} {target} IS {literal(text)}"


def column_comments(target: str, fields: Sequence[Field]) -> Iterator[str]:
    """One COMMENT for each column of a table or view."""
    for item in fields:
        yield comment_on("COLUMN", f"{target}.{identifier(item.name)}", item.comment)


def names(fields: Sequence[Field], prefix: str = "") -> str:
    """The columns as a SQL list, each with its table's alias when one is given."""
    dot = f"{prefix}." if prefix else ""
    return ", ".join(f"{dot}{identifier(f.name)}" for f in fields)
