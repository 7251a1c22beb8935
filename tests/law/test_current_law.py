"""Everything at once: the shipped documents, the acts of later years and the lists that witness their state; what is in
force on a day of 2026, and on days before it. The figures of later years are not of this repository."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.products.fiche.sections import fiche
from pipeline.settings import Settings
from pipeline.warehouse.access import connect
from tests.conftest import new_project
from tests.law import made
from tests.reference import link_small
from tests.shipped import read_and_publish

pytestmark = pytest.mark.soak
YEARS = ("2022", "2023", "2024", "2025", "2026")
Answer = tuple[int | None, str | None, int | None]
"""Threshold, zone, PLUS ceiling of category 1."""


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    if not made.LATER.is_dir():
        pytest.skip("the figures of later years (../shared/samples/later_years) are not at hand")
    settings = new_project(tmp_path_factory.mktemp("law"), "BOI-8A-2-09", "JORFTEXT000042056679")
    link_small(settings.reference, *YEARS)
    for document in made.everything():
        document.write(settings.raw)
    return read_and_publish(settings)


def ask(law: Settings, sql: str, *values: object) -> list[tuple[object, ...]]:
    with connect(law) as connection:
        return connection.execute(sql, list(values)).fetchall()


def test_every_year_of_ceilings_is_an_edition(law: Settings) -> None:
    held = ask(law, "SELECT year(valid_from), row_count FROM meta.editions WHERE dataset = 'plafonds_plus' ORDER BY 1")
    assert held == [(year, 21) for year in range(2009, 2027)]
    plai = ask(law, "SELECT year(valid_from), row_count FROM meta.editions WHERE dataset = 'plafonds_plai' ORDER BY 1")
    assert plai == [(year, 21) for year in range(2017, 2023)]


@pytest.mark.parametrize(
    ("on", "plus", "plai"),
    [
        ("2009-06-15", 18955, None),
        ("2010-01-01", 19016, None),
        ("2017-12-31", 20123, 11067),
        ("2018-01-01", 20304, 11167),
        ("2022-07-14", 21139, 11626),
        ("2026-11-28", 23403, None),
    ],
)
def test_ceilings_of_a_day(law: Settings, on: str, plus: int, plai: int | None) -> None:
    where = "WHERE categorie_menage = '1' AND territoire = 'autres_regions'"
    assert ask(law, f"SELECT plafond_euros FROM plafonds_plus_as_of(?) {where}", on) == [(plus,)]
    if plai:
        assert ask(law, f"SELECT plafond_euros FROM plafonds_plai_as_of(?) {where}", on) == [(plai,)]


def test_the_yearly_rise(law: Settings) -> None:
    rises = ask(
        law,
        "SELECT DISTINCT round(100 * (after.plafond_euros / before.plafond_euros - 1), 1) "
        "FROM plafonds_plus_as_of(DATE '2026-06-01') after JOIN plafonds_plus_as_of(DATE '2025-06-01') before "
        "USING (categorie_menage, territoire)",
    )
    assert rises == [(0.9,)]


def test_the_lists_of_the_ministry_witness_the_state_that_the_acts_give(law: Settings) -> None:
    said = dict(ask(law, "SELECT document, rule FROM meta.findings WHERE dataset = 'zonage_abc_liste'"))
    assert said == {
        "liste-2024-07-05": "liste_concordante",
        "liste-2025-09-05": "liste_concordante",
        "liste-2026-06-26": "liste_concordante",
    }


def zones(law: Settings, on: str) -> dict[object, object]:
    return dict(ask(law, "SELECT code_commune, zone FROM zonage_abc_as_of(?)", on))


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [("2024-07-04", "2024-07-05", 865), ("2025-09-04", "2025-09-05", 487), ("2026-06-25", "2026-06-26", 1)],
)
def test_communes_that_each_act_moves(law: Settings, before: str, after: str, moved: int) -> None:
    old, new = zones(law, before), zones(law, after)
    assert sum(1 for code, zone in new.items() if old.get(code) != zone) == moved


def test_zones_of_2026(law: Settings) -> None:
    found = Counter(zones(law, "2026-11-28").values())
    assert {zone: found[zone] for zone in ("Abis", "A", "B1", "B2")} == {"Abis": 134, "A": 870, "B1": 2383, "B2": 3162}


COMMUNES = {
    "75056": ("Paris", 2026, "Abis", 26920),
    "94002": ("Alfortville", 2026, "Abis", 26920),
    "93066": ("Saint-Denis", 2026, "Abis", 26920),
    "69123": ("Lyon", 2026, "A", 23403),
    "13055": ("Marseille", 2026, "A", 23403),
    "31555": ("Toulouse", 2026, "A", 23403),
    "74010": ("Annecy", 2026, "A", 23403),
    "01053": ("Bourg-en-Bresse", 2026, "B1", 23403),
    "63113": ("Clermont-Ferrand", 2026, "B1", 23403),
    "29232": ("Quimper", 2026, "B2", 23403),
}


@pytest.mark.parametrize("code", COMMUNES)
def test_ten_communes_in_november_2026(law: Settings, code: str) -> None:
    name, year, zone, ceiling = COMMUNES[code]
    with connect(law) as connection:
        page = fiche(connection, code, __import__("datetime").date(2026, 11, 28))
    lines = {line.label: line.value for section in page.sections for line in section.lines}
    assert page.title.startswith(f"{name} ({code}) au 28 novembre 2026")
    assert lines["Zone"] == zone
    assert lines["Catégorie 1"].replace("\u202f", "") == f"{ceiling}€"
    assert lines[f"Seuil {year}"].endswith("€ par unité de consommation et par an")
