"""What a field of a record is in the published file: its column's name, SQL type and comment, said where the field is
declared and nowhere else.

    signed: Annotated[date | None, Published("Date de signature.")] = None

`fields_of` gives the columns of a record, those of the records it holds among them; `values_of` one record's values by
column. A field that says nothing of itself is not published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

_SQL: Mapping[Any, str] = {str: "TEXT", int: "INTEGER", bool: "BOOLEAN", date: "DATE", datetime: "TIMESTAMP"}


Words = tuple[tuple[str, str], ...]
"""(word of the records, the French one that is published), each."""


@dataclass(frozen=True)
class Published:
    """A field's column: what it is (French); its name and SQL type where the field's own do not say them; what is
    published for the words that the record keeps."""

    comment: str
    name: str = ""
    type: str = ""
    words: Words = ()


@dataclass(frozen=True)
class Field:
    """One column of a published table: name, DuckDB type, what it is (French), what stands there for the words that
    records keep."""

    name: str
    type: str
    comment: str
    words: Words = ()

    def shown(self, value: Any) -> Any:
        """The value as it is published."""
        return dict(self.words).get(value, value) if self.words and isinstance(value, str) else value


# What several records say of themselves.
DatasetName = Annotated[str, Published("Jeu de données.", "dataset")]
EditionId = Annotated[str, Published("Acte (ou document) qui porte l'édition.", "edition")]
DocumentId = Annotated[str, Published("Identifiant du document archivé.", "document")]
VersionNo = Annotated[int, Published("Numéro de version, unique sur tous les jeux.", "version_no")]


def fields_of(record: type) -> tuple[Field, ...]:
    """The columns of a record, in the order of its declaration."""
    return tuple(column for column, _ in _columns(record))


def values_of(record: Any) -> dict[str, Any]:
    """A record's values by column: moments as plain UTC times, None for all that a record it lacks would say."""
    return {column.name: value(record) for column, value in _columns(record.__class__)}


def utc(moment: datetime | None) -> datetime | None:
    """The moment as a plain UTC time, as the file keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


Reader = Callable[[Any], Any]


@cache
def _columns(record: Any) -> tuple[tuple[Field, Reader], ...]:
    hints = get_type_hints(record, include_extras=True)
    return tuple(column for each in fields(record) for column in _of_field(each.name, hints[each.name]))


def _of_field(name: str, hint: Any) -> Iterator[tuple[Field, Reader]]:
    said = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Published)), None)
    kind = _without_none(get_args(hint)[0] if get_origin(hint) is Annotated else hint)
    if said:
        read = (lambda record: utc(getattr(record, name))) if kind is datetime else (lambda r: getattr(r, name))
        yield Field(said.name or name, said.type or _sql(kind), said.comment, said.words), read
    elif is_dataclass(kind):
        for column, inner in _columns(kind):  # type: ignore[arg-type]
            yield column, _through(name, inner)


def _through(name: str, inner: Reader) -> Reader:
    def read(record: Any) -> Any:
        held = getattr(record, name)
        return None if held is None else inner(held)

    return read


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, UnionType):
        return hint
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if len(kinds) == 1 else hint


def _sql(kind: Any) -> str:
    return "TEXT" if get_origin(kind) is Literal else _SQL[kind]
