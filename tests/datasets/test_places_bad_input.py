"""Damaged sheets: what cannot be read is quarantined with its reason, the rest published, every cell has one fate."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.datasets.places_made import Heard, hear, sheet

BRITTANY = ("Bretagne | 172 | 348 | Finistère (29) | Quimper | 172", "|||Morbihan (56) | Lorient |")
TOTAL = "<b>Total</b> | <b>279</b> | <b>554</b>"


def rules(heard: Heard) -> list[str]:
    return [rule for rule, _ in heard.refused]


def test_a_region_no_one_knows() -> None:
    heard = hear(sheet(*BRITTANY, "Ponthieu | 107 | 206 | Loiret (45) | Orléans | 107", TOTAL))
    assert heard.refused == [("region_inconnue", "Ponthieu | 107 | 206")]
    assert [row["libelle_feuille"] for row in heard.regions] == ["Bretagne"]
    orleans = heard.site("Orléans")
    assert (orleans["libelle_region_feuille"], orleans["code_region_feuille"]) == ("Ponthieu", None)
    assert (orleans["code_region"], orleans["code_commune"]) == ("24", "45234")
    assert not heard.unbalanced


@pytest.mark.parametrize("number", ["2O6", "26l", "12 places", "deux cents", "12,5"])
def test_a_place_count_with_letters(number: str) -> None:
    heard = hear(sheet(*BRITTANY, f"Centre | 107 | 206 | Loiret (45) | Orléans | {number}", "|||Cher (18) | Bourges |"))
    ((rule, raw),) = heard.refused
    assert rule in ("nombre_illisible", "libelle_inconnu")
    assert raw == f"Loiret (45) | Orléans | {number}"
    assert [row["libelle_imprime"] for row in heard.sites] == ["Quimper", "Lorient", "Bourges"]
    # The lost number may have stood for Bourges too, and the sum of the region is not known.
    assert heard.site("Bourges")["groupe_places"] is None
    assert heard.regions[1]["ecart_sites"] is None
    assert not heard.said("ecart_sites")
    assert not heard.unbalanced


def test_a_region_count_with_letters() -> None:
    heard = hear(sheet(*BRITTANY, "Centre | 1O7 | 206 | Loiret (45) | Orléans | 107", TOTAL))
    assert heard.refused == [("nombre_illisible", "Centre | 206 | 1O7")]
    assert heard.site("Orléans")["code_region_feuille"] == "24"
    assert not heard.said("total_different"), "a sum with a number missing proves nothing"
    assert not heard.unbalanced


def test_a_region_with_one_number_of_two() -> None:
    heard = hear(sheet(*BRITTANY, "Centre || 206 | Loiret (45) | Orléans | 107"))
    assert rules(heard) == ["nombre_manquant"]
    assert len(heard.sites) == 3
    assert not heard.unbalanced


def test_a_region_of_before_2016_has_no_code_of_today() -> None:
    heard = hear(sheet(*BRITTANY, "Picardie | 10 | 20 | Oise (60) | Beauvais | 10"))
    (row,) = (r for r in heard.regions if r["libelle_feuille"] == "Picardie")
    assert (row["code_region"], row["nom_region"], row["places_connues"]) == (None, None, 10)
    (said,) = heard.said("region_ancienne")
    assert "(22)" in said
    assert "Hauts-de-France" in said
    assert heard.site("Beauvais")["code_commune"] == "60057"
    assert not heard.unbalanced


def test_a_code_that_contradicts_its_name() -> None:
    heard = hear(sheet(*BRITTANY, "Centre | 107 | 206 | Loiret (18) | Orléans | 107"))
    assert heard.site("Orléans")["code_commune"] == "45234"
    assert heard.site("Orléans")["departement_feuille"] == "Loiret (18)"
    assert "(Loiret ou Cher)" in heard.said("code_contredit_nom")[0]
    assert not heard.unbalanced


def test_a_code_that_contradicts_its_name_settles_no_homonym() -> None:
    heard = hear(sheet("Nouvelle-Aquitaine | 1 | 2 | Gironde (16) | Mérignac | 1"))
    assert heard.site("Mérignac")["code_commune"] is None
    assert heard.site("Mérignac")["communes_candidates"] == ("16216", "33281")


def overflow(*lines: str) -> str:
    return " | ".join(cell.strip() for line in lines for cell in line.split("|") if cell.strip())


CENTRE = "Centre | 107 | 206 | Loiret (45) | Orléans | 107"


@pytest.mark.parametrize(("before", "after"), [("107", "108"), ("Orléans | ", ""), ("Centre", "Bretagne")])
def test_an_overflow_that_differs_from_the_lines_below(before: str, after: str) -> None:
    differing = overflow(CENTRE, TOTAL).replace(before, after)
    heard = hear(sheet(BRITTANY[0], f"|||Morbihan (56) | Lorient | {differing}", CENTRE, TOTAL))
    assert rules(heard) == ["debordement_non_verifie"]
    assert [row["code_commune"] for row in heard.sites] == ["29232", "56121", "45234"]
    assert len(heard.regions) == 2
    assert not heard.unbalanced


def test_an_overflow_with_nothing_below_it() -> None:
    heard = hear(sheet(BRITTANY[0], f"|||Morbihan (56) | Lorient | {overflow(CENTRE, TOTAL)}"))
    assert rules(heard) == ["debordement_non_verifie"]
    assert [row["code_commune"] for row in heard.sites] == ["29232", "56121"]
    assert [row["libelle_feuille"] for row in heard.regions] == ["Bretagne"]
    assert not heard.unbalanced


@pytest.mark.parametrize(
    ("line", "refused", "sites"),
    [
        (f"{CENTRE} | géré par une association", "libelle_inconnu", ["Quimper", "Lorient", "Orléans"]),
        (f"{CENTRE} | 999", "nombre_en_trop", ["Quimper", "Lorient"]),
        ("Centre | 107 | 206 | 999 | Loiret (45) | Orléans | 107", "nombre_en_trop", ["Quimper", "Lorient", "Orléans"]),
        (f"{CENTRE} | Total", "debordement_non_verifie", ["Quimper", "Lorient", "Orléans"]),
    ],
    ids=["a note", "a second number", "a third number of the region", "a total"],
)
def test_a_row_with_seven_kinds_of_cells(line: str, refused: str, sites: list[str]) -> None:
    heard = hear(sheet(*BRITTANY, line))
    assert rules(heard) == [refused]
    assert [row["libelle_imprime"] for row in heard.sites] == sites
    assert not heard.unbalanced


def test_a_line_of_prose_is_no_site() -> None:
    heard = hear(sheet(*BRITTANY, "Source : enquête auprès des préfectures | "))
    assert heard.refused == [("libelle_inconnu", "Source : enquête auprès des préfectures")]
    assert len(heard.sites) == 2
    assert not heard.unbalanced


def test_a_sheet_without_its_first_region() -> None:
    heard = hear(sheet("|||Morbihan (56) | Lorient | 12", CENTRE))
    assert heard.site("Lorient")["libelle_region_feuille"] is None
    assert heard.site("Lorient")["code_commune"] == "56121"
    assert not heard.unbalanced


WHOLE = (ROOT / "raw" / "places-regionales" / "places.tsv").read_bytes()


@pytest.fixture(scope="module")
def whole() -> Heard:
    return hear(WHOLE)


@pytest.mark.parametrize("cut", range(320, len(WHOLE), len(WHOLE) // 31))
def test_the_sheet_cut_in_mid_line(whole: Heard, cut: int) -> None:
    """Wherever the file ends, what is published of a site is what the whole sheet says of it, or less."""
    heard = hear(WHOLE[:cut])
    assert not heard.unbalanced
    known = {row["ordre"]: row for row in whole.sites}
    for row in heard.sites:
        for name in (
            "libelle_imprime",
            "ligne",
            "libelle_region_feuille",
            "places",
            "code_commune",
            "code_departement",
        ):
            assert row[name] in (known[row["ordre"]][name], None), (name, row)
    for row in heard.regions:
        assert row["places_connues"] in [r["places_connues"] for r in whole.regions if r["ordre"] == row["ordre"]]
    assert len(heard.sites) <= len(whole.sites)
