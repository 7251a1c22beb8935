"""Sheets of places made here, read as the refresh reads them, with their ledger closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.contract.dataset import Context
from pipeline.contract.rows import Observation, Rows
from pipeline.datasets.places import PLACES_REGIONS, PLACES_SITES
from pipeline.datasets.places.rows import SHEET
from pipeline.documents.decisions import Correction
from pipeline.documents.model import Document, Rendition
from pipeline.extract.model import Reading
from pipeline.extract.tsv import read_tsv
from pipeline.quality.corrections import apply
from pipeline.quality.ledger import Fates, close
from pipeline.quality.validate import prepare, record_fates
from tests.conftest import ROOT

HEADER = "Région\tPlaces connues\tPlaces prévues\tDépartement\tCommune\tNombre de places"
Published = list[dict[str, object]]


@dataclass(frozen=True)
class Heard:
    """What both datasets make of a sheet: business rows, refusals and findings, and what the ledger has to say."""

    regions: Published
    sites: Published
    refused: list[tuple[str, str]]
    """(rule, raw printed text)."""
    observations: tuple[Observation, ...]
    unbalanced: list[Observation]

    def said(self, rule: str) -> list[str]:
        return [o.message for o in self.observations if o.rule == rule]

    def site(self, label: str) -> dict[str, object]:
        (found,) = [row for row in self.sites if row["libelle_imprime"] == label]
        return found


def sheet(*lines: str) -> bytes:
    """A whole sheet: header, lines (cells parted by ` | `, which shows better than tabs), a last line end."""
    return ("\n".join([HEADER, *(line.replace(" | ", "\t").replace("|", "\t") for line in lines)]) + "\n").encode()


def context(reading: Reading) -> Context:
    document = Document("places-regionales", "Places", "", "feuille", Path(), ())
    rendition = Rendition("places.tsv", "extract", "tsv", "")
    return Context(document, rendition, None, ROOT / "raw" / "reference", {SHEET.name: reading.grids})


def hear(data: bytes, corrections: Sequence[Correction] = ()) -> Heard:
    return hear_reading(read_tsv(data), corrections)


def hear_reading(printed: Reading, corrections: Sequence[Correction] = ()) -> Heard:
    corrected = apply(printed, corrections)
    reading = corrected.reading
    fates = Fates()
    published: list[Published] = []
    refused: list[tuple[str, str]] = []
    observations: list[Observation] = list(corrected.observations)
    for dataset in (PLACES_REGIONS, PLACES_SITES):
        rows: Rows = dataset.read(reading, context(reading))
        prepared = prepare(dataset, context(reading), rows)
        record_fates(prepared, rows, fates)
        names = [column.name for column in dataset.columns]
        published.append([{name: rows.rows[i][name].value for name in names} for i in prepared.frame.index])
        refused += [(item.rule, item.raw) for item in prepared.refused]
        observations += prepared.observations
    _, unbalanced = close(reading, fates, "places-regionales", "places.tsv", {})
    return Heard(published[0], published[1], refused, tuple(observations), unbalanced)
