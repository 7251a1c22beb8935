"""Zoning annexes made here as Markdown, read as the refresh reads them, with their ledger closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Observation, Rows
from pipeline.datasets.zonage import ZONAGE_ABC
from pipeline.documents.model import Act, Document, Rendition
from pipeline.extract.markdown import read_markdown
from pipeline.extract.model import Cell
from pipeline.gazetteer import departement_of, load
from pipeline.quality.ledger import Fates, close
from pipeline.quality.validate import prepare, record_fates
from tests.conftest import ROOT
from tests.kept import kept_folder

END = ("**Zone C**", "Le reste du territoire national.")
FRANCE = ROOT / "raw" / "reference"
_DAY = "2009-04-29"


@cache
def country(*departements: str, renamed: tuple[tuple[str, str], ...] = ()) -> Path:
    """Reference snapshots of a country that has these départements only: it is heard in a tenth of the time. `renamed`
    gives communes, by code, another name than theirs."""
    folder = kept_folder("country")
    for name in ("departements.parquet", "regions.parquet"):
        (folder / name).symlink_to(FRANCE / name)
    for table, code in ((f"communes_{_DAY}.parquet", "code"), (f"noms_anciens_{_DAY}.parquet", "code_commune")):
        rows = pq.read_table(FRANCE / table)
        kept = [departement_of(value) in departements for value in rows[code].to_pylist()]
        held = rows.filter(pa.array(kept)).to_pylist()
        if code == "code":
            held = [row | {"nom": dict(renamed).get(row["code"], row["nom"])} for row in held]
        pq.write_table(pa.Table.from_pylist(held, schema=rows.schema), folder / table)
    return folder


def communes_of(reference: Path) -> int:
    """How many communes the country has on the day of the zoning."""
    return len(load(reference, date.fromisoformat(_DAY)).communes())


@dataclass(frozen=True)
class ReadAnnex:
    """What the dataset makes of an annex: rows by code, refusals, findings, and what the ledger has to say."""

    rows: dict[str, dict[str, object]]
    refused: list[tuple[str, str]]
    """(rule, raw printed text)."""
    observations: tuple[Observation, ...]
    unbalanced: list[Observation]
    failed_checks: tuple[str, ...]

    def zone(self, code: str) -> object:
        return self.rows[code]["zone"]

    def reserve(self, code: str) -> object:
        return self.rows[code]["reserve"]

    def said(self, rule: str) -> list[str]:
        return [o.message for o in self.observations if o.rule == rule]

    def in_zone(self, zone: str) -> set[str]:
        return {code for code, row in self.rows.items() if row["zone"] == zone}


def read_annex(*blocks: str, piece: Callable[[Cell], Cell] = lambda cell: cell, reference: Path = FRANCE) -> ReadAnnex:
    """Read an annex given block by block (blank lines are put between them)."""
    reading = read_markdown(("\n\n".join(blocks) + "\n").encode())
    act = Act("LOGU0907606A", "Arrêté du 29 avril 2009", signed=date(2009, 4, 29))
    document = Document("BOI-8A-2-09", "Bulletin", "", "bulletin", Path(), (), (act,))
    rendition = Rendition("bulletin.md", "extract", "markdown", "")
    context = Context(document, rendition, act, reference, {}, piece)
    rows: Rows = ZONAGE_ABC.read(reading, context)
    prepared = prepare(ZONAGE_ABC, context, rows)
    fates = Fates()
    record_fates(prepared, rows, fates)
    _, unbalanced = close(reading, fates, document.id, rendition.file, {})
    names = [column.name for column in ZONAGE_ABC.columns]
    made = [{name: row[name].value for name in names} for row in (rows.rows[i] for i in prepared.frame.index)]
    return ReadAnnex(
        {str(row["code_commune"]): row for row in made},
        [(item.rule, item.raw) for item in prepared.refused],
        tuple(prepared.observations),
        unbalanced,
        prepared.failed_checks,
    )
