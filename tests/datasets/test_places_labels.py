"""Labels of the sheet told by kind: good and bad examples of each."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.datasets.places.sheet import Label, count, departement, is_damaged_count, is_total, parse, region_codes
from pipeline.gazetteer import Gazetteer, load
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load(ROOT / "raw" / "reference", date(2017, 9, 1))


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("Mérignac", Label("Mérignac")),
        ("Dunkerque (?)", Label("Dunkerque", uncertain=True)),
        ("Fontanil (plusieurs dispositifs?)", Label("Fontanil", several=True)),
        ("Besançon (plusieurs dispositifs?) (?)", Label("Besançon", uncertain=True, several=True)),
        ("Corse-du-Sud (2a)", Label("Corse-du-Sud", "2A")),
        ("<b>Total</b>", Label("Total")),
        ("Pouzin (Le)", Label("Pouzin (Le)")),
        ("Lyon (1)", Label("Lyon (1)")),
    ],
)
def test_notes_are_taken_off_and_nothing_else(printed: str, label: Label) -> None:
    assert parse(printed) == label


@pytest.mark.parametrize(("printed", "number"), [("475", 475), ("<b>3 513</b>", 3513), ("0", 0)])
def test_counts(printed: str, number: int) -> None:
    assert count(printed) == number
    assert not is_damaged_count(printed)


@pytest.mark.parametrize("printed", ["2O6", "26l", "12 places", "12,5", "-3"])
def test_counts_with_letters(printed: str) -> None:
    assert count(printed) is None
    assert is_damaged_count(printed)


@pytest.mark.parametrize("printed", ["Gironde (33)", "Mérignac", "Dunkerque (?)"])
def test_a_label_is_no_damaged_count(printed: str) -> None:
    assert not is_damaged_count(printed)


def test_totals() -> None:
    assert all(is_total(printed) for printed in ("<b>Total</b>", "TOTAL", "Total général", "Ensemble"))
    assert not any(is_total(printed) for printed in ("Totainville", "Toulon", ""))


@pytest.mark.parametrize(
    ("printed", "codes"),
    [
        ("PACA", ("93",)),
        ("Occitanie (Nouvelle-Aquitaine)", ("76", "75")),
        ("Bretagne / Normandie", ("53", "28")),
        ("Guadeloupe (971)", ()),
        ("Bretagne (Quimper)", ()),
        ("Ponthieu", ()),
    ],
)
def test_regions(gazetteer: Gazetteer, printed: str, codes: tuple[str, ...]) -> None:
    assert region_codes(printed, gazetteer) == codes


@pytest.mark.parametrize(
    ("printed", "codes", "spelling"),
    [
        ("Gironde (33)", ("33",), "exact"),
        ("Sarthe", ("72",), "exact"),
        ("Ille-et-Villaine (35)", ("35",), "altered"),
        ("Loiret (18)", ("45", "18"), "contradicted"),
        ("Loiret (99)", ("45",), "contradicted"),
        ("Ponthieu (80)", ("80",), "contradicted"),
    ],
)
def test_departements(gazetteer: Gazetteer, printed: str, codes: tuple[str, ...], spelling: str) -> None:
    read = departement(printed, gazetteer)
    assert read is not None
    assert (read.codes, read.spelling) == (codes, spelling)


@pytest.mark.parametrize("printed", ["Mérignac", "Mérignac (33)", "Ponthieu", "Bretagne"])
def test_what_is_no_departement(gazetteer: Gazetteer, printed: str) -> None:
    assert departement(printed, gazetteer) is None
