"""Everything at once: the shipped documents, the acts of later years and the lists that witness their state; what is in
force on a day of 2026, and on days before it. The figures of later years are not of this repository."""

from __future__ import annotations

from collections import Counter
from datetime import date

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
    """Of the communes that are in the ministry's list too: the acts here start from those of 2022."""
    listed = {
        row["CODGEO"]: row["zone_2026-06-26_derivee"] for row in made.rows_of("zonage_abc_2026-06-26_derive.csv", ";")
    }
    found = zones(law, "2026-11-28")
    assert len(found.keys() & listed.keys()) == 34863
    assert {code for code in found.keys() & listed.keys() if found[code] != listed[code]} == set()
    assert Counter(found.values())["Abis"] == 134
    assert None not in found.values()


@pytest.mark.parametrize(
    ("code", "on", "zone"),
    [
        ("94002", "2009-06-15", "A"),
        ("94002", "2014-07-31", "A"),
        ("94002", "2016-03-01", None),
        ("94002", "2026-06-25", "A"),
        ("94002", "2026-06-26", "Abis"),
        ("01078", "2022-03-01", "B1"),
        ("01078", "2024-07-04", "B1"),
        ("01078", "2024-07-05", "A"),
        ("01047", "2025-09-04", "C"),
        ("01047", "2025-09-05", "B2"),
        ("2B184", "2025-09-05", "B2"),
    ],
)
def test_zone_of_a_commune_on_a_day(law: Settings, code: str, on: str, zone: str | None) -> None:
    assert zones(law, on).get(code) == zone


@pytest.mark.parametrize(
    ("on", "threshold"),
    [
        ("2020-12-01", 8861),
        ("2022-12-01", None),
        ("2024-06-01", 10161),
        ("2025-03-01", 10896),
        ("2026-05-02", 10896),
        ("2026-11-28", 11168),
    ],
)
def test_threshold_of_a_territory_on_a_day(law: Settings, on: str, threshold: int | None) -> None:
    sql = "SELECT seuil_euros_par_uc_an FROM premier_quartile_as_of(?) WHERE siren = '200071751'"
    assert ask(law, sql, on) == ([(threshold,)] if threshold else [])


def test_a_merger_of_2026_has_its_threshold_and_no_name_of_a_list_of_before(law: Settings) -> None:
    sql = "SELECT nom_epci, nom_officiel FROM premier_quartile_as_of(DATE '2026-11-28') WHERE siren = '992367730'"
    assert ask(law, sql) == [("Thionville Fensch Agglomération", None)]


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
    "29232": ("Quimper", 2026, "B1", 23403),
}


@pytest.mark.parametrize("code", COMMUNES)
def test_ten_communes_in_november_2026(law: Settings, code: str) -> None:
    name, year, zone, ceiling = COMMUNES[code]
    with connect(law) as connection:
        page = fiche(connection, code, date(2026, 11, 28))
    sections = {section.title: {line.label: line.value for line in section.lines} for section in page.sections}
    lines = {label: value for found in sections.values() for label, value in found.items()}
    assert page.title.startswith(f"{name} ({code}) au 28 novembre 2026")
    assert lines["Zone"] == zone
    assert sections["Plafonds de ressources PLUS"]["Catégorie 1"].replace("\u202f", "") == f"{ceiling}€"
    assert lines[f"Seuil {year}"].endswith("€ par unité de consommation et par an")
