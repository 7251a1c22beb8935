"""The shipped sheet, whole: both tables and all that is said of them, as golden files; the original gives the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from pipeline import extract
from pipeline.datasets.places import PLACES_REGIONS, PLACES_SITES
from pipeline.documents.decisions import read_corrections
from pipeline.documents.declaration import read_document
from tests.conftest import ROOT
from tests.datasets.places_made import Heard, hear, hear_reading

FOLDER = ROOT / "raw" / "places-regionales"
GOLDEN = ROOT / "tests" / "golden"


def as_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV as people review it: lists joined by blanks, NULL empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([" ".join(v) if isinstance(v, tuple) else "" if v is None else v for v in row])
    return out.getvalue()


@pytest.fixture(scope="module")
def shipped() -> Heard:
    document = read_document(FOLDER)
    (rendition,) = document.renditions
    reading = extract.read(document.path(rendition), rendition.media, rendition.line_offset)
    return hear_reading(reading, read_corrections(FOLDER))


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


def test_regions(shipped: Heard) -> None:
    names = [column.name for column in PLACES_REGIONS.columns]
    assert as_csv(names, (row.values() for row in shipped.regions)) == golden("places_regions.csv")


def test_sites(shipped: Heard) -> None:
    names = [column.name for column in PLACES_SITES.columns]
    assert as_csv(names, (row.values() for row in shipped.sites)) == golden("places_sites.csv")


def test_findings(shipped: Heard) -> None:
    said = [(o.rule, o.severity, o.source.label if o.source else "", o.message) for o in shipped.observations]
    assert as_csv(("regle", "gravite", "lieu", "message"), said) == golden("places_findings.csv")


def test_nothing_is_refused_and_every_cell_has_one_fate(shipped: Heard) -> None:
    assert not shipped.refused
    assert not shipped.unbalanced


def test_the_original_gives_the_same_rows(shipped: Heard, seeds: Path) -> None:
    original = hear((seeds / "places_regionales.tsv.txt").read_bytes(), read_corrections(FOLDER))
    assert original == shipped
