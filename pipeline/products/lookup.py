"""Rows of the published file found by the words of a command line: column=value, in force a day, as known a day;
findings and quarantine, filtered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipeline.contract.dataset import Dataset
from pipeline.errors import USAGE, AnnexesError
from pipeline.warehouse.ddl import identifier, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


Record = Mapping[str, Any]
_TOTAL = "rows_found"


class LookupFailure(AnnexesError):  # noqa: N818 - said to the user as it is
    """Nothing can be shown; the French message says why and what to do. `usage`: the question itself is wrong."""

    def __init__(self, message: str, usage: bool = False) -> None:
        super().__init__(message, USAGE if usage else None)


@dataclass(frozen=True)
class Question:
    """Which rows: the values of some columns as text ('' is NULL), the day they are in force (None: the latest edition
    held, undated ones too), the moment of knowledge (UTC; None: now)."""

    dataset: Dataset
    where: Mapping[str, str] = field(default_factory=dict)
    as_of: date | None = None
    known_at: datetime | None = None


@dataclass(frozen=True)
class Found:
    """The first rows, each with the columns of the dataset's view, and how many there are in all."""

    rows: tuple[Record, ...]
    total: int


def conditions(words: Sequence[str]) -> dict[str, str]:
    """`column=value` words. Raises LookupFailure for a word without '=' or a column given twice."""
    found: dict[str, str] = {}
    for word in words:
        column, sign, value = word.partition("=")
        if not sign or not column:
            raise LookupFailure(f"« {word} » : attendu colonne=valeur, par exemple siren=200071751", usage=True)
        if column in found:
            raise LookupFailure(f"la colonne {column} est donnée deux fois", usage=True)
        found[column.strip()] = value.strip()
    return found


def check_columns(dataset: Dataset, names: Iterable[str]) -> None:
    """Raises LookupFailure for a name that is no column of the dataset."""
    columns = [c.name for c in dataset.columns]
    for name in names:
        if name not in columns:
            raise LookupFailure(f"{dataset.name} n'a pas de colonne {name} ; colonnes : {', '.join(columns)}", True)


def records(connection: DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    """The rows of a query of this project, each by column name."""
    done = connection.execute(sql, list(values))
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def find(connection: DuckDBPyConnection, question: Question, limit: int) -> Found:
    """The rows asked for, in the dataset's order. Raises LookupFailure for an unknown column, and when there is none:
    it then says whether the day is not held, the row was refused, or the values are of no row."""
    dataset = question.dataset
    check_columns(dataset, question.where)
    tests = [_test(name, value) for name, value in question.where.items()]
    values = [value for value in question.where.values() if value]
    source = _source(question)
    kept = f"FROM {source}" + (f" WHERE {' AND '.join(tests)}" if tests else "")
    sql = f"SELECT count(*) OVER () AS {_TOTAL}, * {kept} ORDER BY version_no, row_no LIMIT {int(limit)}"
    rows = records(connection, sql, values)
    if not rows:
        raise LookupFailure(_nothing(connection, question, source))
    totals = [int(row.pop(_TOTAL)) for row in rows]
    return Found(tuple(rows), totals[0])


def _test(column: str, value: str) -> str:
    return f"CAST({identifier(column)} AS TEXT) = ?" if value else f"{identifier(column)} IS NULL"


def _source(question: Question) -> str:
    name = question.dataset.name
    if question.as_of is None:
        if question.known_at is not None:
            raise LookupFailure("--known-at se donne avec --as-of : le jour où l'acte doit être en vigueur", True)
        return f"main.{identifier(name)}"
    known = f", known_at := {literal(question.known_at.isoformat(sep=' '))}" if question.known_at else ""
    return f"main.{identifier(name + '_as_of')}(DATE {literal(question.as_of)}{known})"


def _nothing(connection: DuckDBPyConnection, question: Question, source: str) -> str:
    """Why no row answers: nothing held in force that day, or no row of these values (then where to look)."""
    dataset = question.dataset
    if question.as_of and not records(connection, f"SELECT 1 FROM {source} LIMIT 1"):
        return _not_held(connection, question)
    said = " ".join(f"{name}={value or 'NULL'}" for name, value in question.where.items())
    message = f"{dataset.name} : aucune ligne {said}"
    key_words = [value for value in question.where.values() if value]
    refused = records(
        connection,
        "SELECT quarantine_id, raw, place, reason FROM meta.quarantine WHERE dataset = ?",
        [dataset.name],
    )
    hits = [q for q in refused if any(re.search(rf"(?<!\w){re.escape(w)}(?!\w)", str(q["raw"])) for w in key_words)]
    if hits:
        return message + "".join(f"\n  écartée ({q['place']}) : {q['raw']} : {q['reason']}" for q in hits[:3])
    elsewhere = _versions_with(connection, question)
    if elsewhere:
        return f"{message} ; elle est dans {', '.join(elsewhere)} : `--as-of` choisit le jour"
    return f"{message} ; `annexes sql \"from {dataset.name}\"` montre les lignes, les codes sont des textes ('01')"


def _versions_with(connection: DuckDBPyConnection, question: Question) -> list[str]:
    tests = [_test(name, value) for name, value in question.where.items()] or ["true"]
    table = f"data.{identifier(question.dataset.name)}"
    values = [value for value in question.where.values() if value]
    sql = f"SELECT DISTINCT version_no FROM {table} WHERE {' AND '.join(tests)} ORDER BY 1"
    rows = records(connection, sql, values)
    return [f"la version {row['version_no']}" for row in rows]


def _not_held(connection: DuckDBPyConnection, question: Question) -> str:
    """The French sentence for a day that no edition held answers for: what is held before and after it, and the act
    known that would answer. Said with what is known now, whatever the moment asked about."""
    day, name = question.as_of, question.dataset.name
    message = f"{name} : rien de ce qui est détenu n'était en vigueur le {day:%d/%m/%Y}"
    sql = "FROM meta.periods WHERE dataset = ? AND known_to IS NULL AND valid_from"
    before = records(connection, f"SELECT max(valid_to) AS day {sql} <= ?", [name, day])[0]["day"]
    after = records(connection, f"SELECT min(valid_from) AS day {sql} > ?", [name, day])[0]["day"]
    missing = records(
        connection,
        "SELECT title, effect_from FROM meta.coverage WHERE dataset = ? AND etat = 'connu_non_detenu' "
        "AND effect_from <= ? AND effect_from >= ? ORDER BY effect_from DESC LIMIT 1",
        [name, day, before or date.min],
    )
    said = [f"ce qui est détenu avant finit le {before:%d/%m/%Y}"] if before else []
    said += [f"acte connu et non détenu : {a['title']} (effet le {a['effect_from']:%d/%m/%Y})" for a in missing]
    said += [f"l'édition détenue suivante commence le {after:%d/%m/%Y}"] if after else []
    return " ; ".join([message, *(said or ["aucune édition datée n'est détenue : ne pas donner --as-of"])])


@dataclass(frozen=True)
class Filter:
    """What to keep; an empty field keeps all."""

    severities: Collection[str] = ()
    document: str = ""
    dataset: str = ""
    rule: str = ""
    only: Collection[str] | None = None
    """Ids; None: any."""

    def keeps(self, row: Record) -> bool:
        return (
            (not self.severities or row.get("severity") in self.severities)
            and (not self.document or row["document"] == self.document)
            and (not self.dataset or row["dataset"] == self.dataset)
            and (not self.rule or row["rule"] == self.rule)
            and (self.only is None or row["id"] in self.only)
        )


def published_findings(connection: DuckDBPyConnection, kept: Filter) -> list[Record]:
    """Rows of meta.findings, most severe first, the id as `id`."""
    rows = records(
        connection,
        """SELECT finding AS id, * EXCLUDE (finding) FROM meta.findings
        ORDER BY list_position(['erreur', 'avertissement', 'info'], severity), document, dataset, rule, subject""",
    )
    return [row for row in rows if kept.keeps(row)]


def published_quarantine(connection: DuckDBPyConnection, kept: Filter) -> list[Record]:
    """Rows of meta.quarantine in the order of the documents, the id as `id`: also that of the finding about it."""
    rows = records(
        connection,
        """SELECT quarantine_id AS id, * EXCLUDE (quarantine_id) FROM meta.quarantine
        ORDER BY document, dataset, edition, page, line, raw""",
    )
    return [row for row in rows if kept.keeps(row)]
