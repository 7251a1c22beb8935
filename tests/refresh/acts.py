"""First-quartile acts declared and printed for a test: the annex of 2020, others made from its figures, and acts that
print no table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.refresh.state import DocumentOutcome
from pipeline.settings import Settings
from tests import reference
from tests.conftest import ROOT
from tests.production import read_document
from tests.refresh.small import REFERENCE

ARRETE = "JORFTEXT000042056679"
TITLE = "Arrêté relatif au seuil de ressources du premier quartile des demandeurs de logement social"
_ANNEX = ROOT / "raw" / ARRETE / "annexe.txt"
_HEADER_LINES, _ROW_LINES = 9, 5

Row = tuple[str, ...]
"""Code and name of the département, name of the EPCI, SIREN, threshold, as printed."""


@dataclass(frozen=True)
class Act:
    """What document.toml says of an act alone in its document; `relation` holds its keys as TOML values."""

    id: str
    effect: date
    title: str = TITLE
    year: int = 2020
    signed: date | None = None
    relation: Mapping[str, object] | None = None

    def declaration(self, file: str) -> str:
        relation = "".join(f"{key} = {_toml(value)}\n" for key, value in (self.relation or {}).items())
        return f"""\
[document]
id = "{self.id}"
title = "{self.title}"
publisher = "Ministère du logement"
nature = "arrete"

[[rendition]]
file = "{file}"
role = "published"

[[act]]
id = "{self.id}"
title = "{self.title}"
signed = {self.signed or self.effect}

[act.effect]
valid_from = {self.effect}
valid_from_base = "texte"
{"[act.relation]" if relation else ""}
{relation}
[act.parameters.premier_quartile]
annee = {self.year}
citation = "« pour l'année {self.year} »"
"""


def _toml(value: object) -> str:
    return str(value) if isinstance(value, date) else f'"{value}"'


FIRST = Act(ARRETE, date(2020, 6, 15))


def printed_rows() -> list[Row]:
    """The 455 rows of the annex of 2020."""
    lines = _ANNEX.read_text(encoding="utf-8").splitlines()[_HEADER_LINES:]
    return [tuple(lines[i : i + _ROW_LINES]) for i in range(0, len(lines), _ROW_LINES)]


def with_thresholds(rows: Sequence[Row], changed: Mapping[str, str]) -> list[Row]:
    """The rows with these thresholds, by SIREN."""
    return [(*row[:4], changed.get(row[3], row[4])) for row in rows]


def project(root: Path) -> Settings:
    """A project without any document, nor acts known."""
    settings = Settings(root)
    later = reference.tables("communes_2021-01-01", "noms_anciens_2021-01-01", "epci_2021")
    reference.link(settings.reference, (*REFERENCE, *later))
    return settings


def add(settings: Settings, act: Act, rows: Sequence[Row] = ()) -> None:
    """Declare the act, with an annex one cell a line, or without any."""
    folder = settings.raw / act.id
    folder.mkdir(exist_ok=True)
    header = _ANNEX.read_text(encoding="utf-8").splitlines()[:_HEADER_LINES]
    file, lines = "texte.md", ["# Article 1er", "", "L'arrêté susvisé cesse de s'appliquer."]
    if rows:
        file, lines = "annexe.txt", [*header, *(cell for row in rows for cell in row)]
    (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "document.toml").write_text(act.declaration(file), encoding="utf-8")


def read(settings: Settings, act: Act, now: datetime) -> DocumentOutcome:
    return read_document(settings, act.id, lambda: now)


def noon(month: int) -> datetime:
    """A known time: the first of a month of 2026."""
    return datetime(2026, month, 1, 12, tzinfo=UTC)
