"""Where the values of a published row come from: cited words and their neighbours, file and role, rules, versions.

Values only; what is shown of them is the command's to say. Finding the row is in `lookup`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pipeline.contract.dataset import Dataset
from pipeline.extract.model import Reading, Source
from pipeline.quality.around import Around, around
from pipeline.warehouse.ddl import identifier
from pipeline.warehouse.lookup import Record, records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ReadingOf = Callable[[str, str], Reading | None]
"""(document, file) → the reading of that file, None when it is not at hand."""

Span = tuple[date | None, date | None]
"""Days an edition answers for: the first, and the first it no longer does."""

_PLACE = 'page, line, last_line, start_char, end_char, x0, top, x1, bottom, path, "offset"'


@dataclass(frozen=True)
class Cited:
    """One printed piece that a value rests on. `around` is None when the file is no longer at hand, or prints it
    otherwise. `printed` is '' for a value that a rule gives without a printed piece."""

    printed: str
    place: str
    source: Source
    document: str
    file: str
    role: str
    how: str
    rules: tuple[str, ...]
    whole_version: bool
    around: Around | None = None


@dataclass(frozen=True)
class Explained:
    """One value of a row and all that it cites, in printed order."""

    column: str
    value: Any
    unit: str
    cites: tuple[Cited, ...]


@dataclass(frozen=True)
class KeyVersion:
    """The row of one key in one version. `valid` are the days it answers for now; `differs` are the columns whose
    value is not that of the row explained, with the value there."""

    version_no: int
    edition: str
    accepted_at: datetime
    status: str
    valid: tuple[Span, ...]
    differs: Mapping[str, Any]


@dataclass(frozen=True)
class Explanation:
    """A row, the version that holds it (a row of meta.versions) with its act, its values and its life in time."""

    row: Record
    version: Record
    values: tuple[Explained, ...]
    versions: tuple[KeyVersion, ...]

    def only(self, columns: Collection[str]) -> Explanation:
        """The same with the values of these columns; of all of them when none is named."""
        return replace(self, values=tuple(v for v in self.values if not columns or v.column in columns))


def explain(connection: DuckDBPyConnection, dataset: Dataset, row: Record, reading_of: ReadingOf) -> Explanation:
    """All that is known of where `row` (of `lookup.find`) comes from."""
    (version,) = records(connection, "SELECT * FROM meta.versions WHERE version_no = ?", [row["version_no"]])
    cited = _cited(connection, row, reading_of)
    values = tuple(Explained(c.name, row[c.name], c.unit or "", tuple(cited.get(c.name, ()))) for c in dataset.columns)
    return Explanation(row, version, values, _life(connection, dataset, row))


def _cited(connection: DuckDBPyConnection, row: Record, reading_of: ReadingOf) -> dict[str, list[Cited]]:
    """What the values of one row cite, what its whole version cites included, by column."""
    of_version = cited_by_row(connection, row["version_no"], reading_of, 0, 0).get(0, {})
    of_row = cited_by_row(connection, row["version_no"], reading_of, row["row_no"], row["row_no"]).get(
        row["row_no"], {}
    )
    return {name: [*of_version.get(name, []), *of_row.get(name, [])] for name in {**of_version, **of_row}}


def cited_by_row(
    connection: DuckDBPyConnection, version_no: int, reading_of: ReadingOf, first: int, last: int
) -> dict[int, dict[str, list[Cited]]]:
    """What the rows `first` to `last` of a version cite: row → column → pieces in printed order. Row 0 stands for
    what the whole version cites."""
    found: dict[int, dict[str, list[Cited]]] = {}
    for line in records(
        connection,
        f"SELECT colonne, how, printed, document, file, role, lieu, rules, row_no, {_PLACE} FROM meta.provenance "
        "WHERE version_no = ? AND row_no BETWEEN ? AND ? ORDER BY row_no, col_no, cite_no",
        [version_no, first, last],
    ):
        found.setdefault(line["row_no"], {}).setdefault(line["colonne"], []).append(_piece(line, reading_of))
    return found


def _piece(line: Record, reading_of: ReadingOf) -> Cited:
    source, printed = source_of(line), line["printed"] or ""
    placed = source != Source()
    reading = reading_of(line["document"], line["file"]) if placed and printed else None
    return Cited(
        printed=printed,
        place=line["lieu"] if placed else "",
        source=source,
        document=line["document"],
        file=line["file"],
        role=line["role"],
        how=line["how"],
        rules=tuple(rule for rule in (line["rules"] or "").split("|") if rule),
        whole_version=line["row_no"] == 0,
        around=around(reading, source, printed) if reading else None,
    )


def source_of(line: Record) -> Source:
    """The place that a line of meta.provenance keeps in its flat columns."""
    box = (line["x0"], line["top"], line["x1"], line["bottom"]) if line["x0"] is not None else None
    return Source(
        page=line["page"],
        box=box,
        line=line["line"],
        last_line=line["last_line"],
        start=line["start_char"],
        end=line["end_char"],
        path=line["path"],
        offset=line["offset"],
    )


def _life(connection: DuckDBPyConnection, dataset: Dataset, row: Record) -> tuple[KeyVersion, ...]:
    """Every version that has this key, oldest first."""
    key = dataset.diff_key
    same = " AND ".join(f"{identifier(name)} IS NOT DISTINCT FROM ?" for name in key)
    found = records(
        connection,
        f"SELECT d.*, v.edition, v.accepted_at, v.withdrawn_at FROM data.{identifier(dataset.name)} d "
        f"JOIN meta.versions v USING (version_no) WHERE {same} ORDER BY version_no",
        [row[name] for name in key],
    )
    answers = spans(connection, dataset)
    return tuple(_key_version(dataset, row, held, answers.get(held["version_no"], [])) for held in found)


def spans(connection: DuckDBPyConnection, dataset: Dataset) -> dict[int, list[Span]]:
    """The days that each version of a dataset answers for, as known now; versions that answer for none are not there."""
    found: dict[int, list[Span]] = {}
    for period in records(
        connection,
        "SELECT version_no, valid_from, valid_to FROM meta.periods WHERE dataset = ? AND known_to IS NULL "
        "ORDER BY valid_from",
        [dataset.name],
    ):
        found.setdefault(period["version_no"], []).append((period["valid_from"], period["valid_to"]))
    return found


def status_of(version: Record, answers: Sequence[Span]) -> str:
    """Whether a version (a row of meta.versions) still answers, in one word."""
    return "retirée" if version["withdrawn_at"] else "fait foi" if answers else "remplacée"


def _key_version(dataset: Dataset, row: Record, held: Record, answers: Sequence[Span]) -> KeyVersion:
    return KeyVersion(
        version_no=held["version_no"],
        edition=held["edition"],
        accepted_at=held["accepted_at"],
        status=status_of(held, answers),
        valid=tuple(answers),
        differs={c.name: held[c.name] for c in dataset.columns if held[c.name] != row[c.name]},
    )
