"""EPCI of a year: the Métropole du Grand Paris and its parts, the grid by département, years kept apart."""

from collections import Counter
from pathlib import Path

import pytest

from pipeline.gazetteer import ReferenceMissing, epci, epci_years, load
from tests.gazetteer.places import REFERENCE, YEAR_2020

SEED = Path(__file__).parents[3] / "shared" / "seeds" / "arrete_2020-06-15_premier_quartile.txt"
GRAND_PARIS, PARIS, LYON = "200054781", "217500016", "200046977"


@pytest.fixture(scope="module")
def of_2020():
    return epci(REFERENCE, 2020)


def luhn(siren: str) -> bool:
    digits = [int(c) * (1 + i % 2) for i, c in enumerate(reversed(siren))]
    return sum(d // 10 + d % 10 for d in digits) % 10 == 0


def test_the_sirens_of_2020_are_sirens(of_2020):
    assert all(len(s) == 9 and s.isascii() and s.isdigit() and luhn(s) for s in of_2020.by_siren)


def test_every_commune_of_2020_has_one_epci_but_four_islands(of_2020):
    alone = [c.nom for c in load(REFERENCE, YEAR_2020).communes() if not of_2020.of_commune(c.code)]
    assert alone == ["Île-de-Bréhat", "Île-de-Sein", "Ouessant", "L'Île-d'Yeu"]


def test_a_commune_of_grand_paris_has_the_metropole_and_its_part(of_2020):
    assert of_2020.of_commune("93066") == (GRAND_PARIS, "200057867")
    assert of_2020.of_commune("75056") == (GRAND_PARIS, PARIS)
    assert of_2020.of_commune("69123") == (LYON,)
    assert of_2020.of_commune("99999") == ()


@pytest.mark.parametrize("year", epci_years(REFERENCE))
def test_ept_and_paris_share_out_the_metropole(year):
    held = epci(REFERENCE, year)
    parts = [e for e in held.epci if e.kind in ("EPT", "COMMUNE")]
    assert Counter(e.kind for e in parts) == {"EPT": 11, "COMMUNE": 1}
    assert sorted(code for e in parts for code in e.membres) == list(held.by_siren[GRAND_PARIS].membres)


def test_the_grid_gives_every_departement_of_an_epci(of_2020):
    macon = "200070308"
    assert of_2020.grid([macon]) == {(macon, "01"), (macon, "71")}
    assert of_2020.grid(["000000000"]) == set()
    assert of_2020.grid([macon]) < of_2020.grid()


def test_the_arrete_of_2020_names_epci_of_2020(of_2020):
    if not SEED.exists():
        pytest.skip("the arrêté of 15 June 2020 is not beside the repository")
    lines = [line.strip() for line in SEED.read_text(encoding="utf-8").splitlines()]
    at = [i for i, line in enumerate(lines) if len(line) == 9 and line.isdigit()]
    printed = {(lines[i], lines[i - 3].upper()) for i in at}
    kinds = Counter(of_2020.by_siren[siren].kind for siren in {siren for siren, _ in printed})
    assert kinds == {"CA": 218, "CC": 149, "METRO": 20, "CU": 14, "EPT": 11, "MET69": 1, "COMMUNE": 1}
    assert of_2020.grid(siren for siren, _ in printed) == printed


def test_another_year_is_never_borrowed():
    with pytest.raises(ReferenceMissing, match=r"EPCI de 2019 ; années détenues : 2020, 2021"):
        epci(REFERENCE, 2019)


def test_a_merger_gives_a_new_siren_and_ends_the_old_ones(of_2020):
    lille, haute_deule, lille_2021 = "245900410", "245901061", "200093201"
    assert {lille, haute_deule} <= of_2020.by_siren.keys()
    of_2021 = epci(REFERENCE, 2021).by_siren
    assert lille_2021 in of_2021
    assert not {lille, haute_deule} & of_2021.keys()
    assert set(of_2021[lille_2021].membres) > set(of_2020.by_siren[lille].membres)
