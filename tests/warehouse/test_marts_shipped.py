"""The marts and macros on the shipped documents: what an analyst asks, and what is not answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipeline.settings import Settings
from pipeline.warehouse.access import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Rows = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def rows(shipped: Settings) -> Iterator[Rows]:
    connection: DuckDBPyConnection
    with connect(shipped) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_thresholds_by_epci(rows: Rows) -> None:
    assert rows("SELECT count(*), count(DISTINCT siren), count(seuil_euros_par_uc_an) FROM seuil_par_epci") == [
        (414, 414, 414)
    ]
    assert rows("SELECT count(*) FROM seuil_par_epci WHERE len(departements) > 1") == [(39,)]


def test_thresholds_by_commune(rows: Rows) -> None:
    assert dict(rows("SELECT coalesce(motif, 'seuil'), count(*) FROM seuil_par_commune GROUP BY ALL")) == {
        "seuil": 12_808,
        "epci_non_liste": 22_026,
        "epci_attendu_absent": 130,
        "hors_epci": 4,
    }
    assert rows(
        "SELECT count(*) FROM seuil_par_commune WHERE (seuil_euros_par_uc_an IS NULL) != (motif IS NOT NULL)"
    ) == [(0,)]


def test_grand_paris_paris_and_lyon(rows: Rows) -> None:
    found = dict(
        rows("SELECT code_commune, siren FROM seuil_par_commune WHERE code_commune IN ('75056', '93066', '69123')")
    )
    assert found == {"75056": "217500016", "93066": "200057867", "69123": "200046977"}
    assert rows("SELECT count(*) FROM seuil_par_commune WHERE siren = '200054781'") == [(0,)]


def test_thresholds_of_a_day_that_is_not_held(rows: Rows) -> None:
    assert rows("SELECT count(*) FROM seuil_par_commune_as_of(DATE '2020-12-01')") == [(34_968,)]
    assert rows("SELECT count(*) FROM seuil_par_commune_as_of(DATE '2022-12-01')") == [(0,)]
    assert rows("SELECT count(*) FROM seuil_par_commune_as_of(DATE '2020-06-14')") == [(0,)]


def test_ceilings_by_commune_stand_at_the_last_day_that_all_parts_cover(rows: Rows) -> None:
    assert rows(
        "SELECT date_reference::TEXT, count(*), count(DISTINCT code_commune), "
        "count(prix_max_euros_m2_su) = count(zone) FROM plafonds_par_commune GROUP BY 1"
    ) == [("2009-12-31", 36_682, 36_682, True)]
    assert dict(rows("SELECT territoire_plus, count(*) FROM plafonds_par_commune GROUP BY 1")) == {
        "paris_et_limitrophes": 30,
        "ile_de_france_hors_paris_et_limitrophes": 1_251,
        "autres_regions": 35_289,
        None: 112,
    }


def test_a_territory_does_not_depend_on_the_zone(rows: Rows) -> None:
    """Fontainebleau is in zone B1, Chelles in zone A: both have the ceilings of Île-de-France."""
    found = rows(
        "SELECT zone, territoire_plus, plafond_plus_1_euros FROM plafonds_par_commune "
        "WHERE code_commune IN ('77186', '77108') ORDER BY code_commune"
    )
    assert [f[0] for f in found] == ["A", "B1"]
    assert len({f[1:] for f in found}) == 1


def test_overseas_has_no_ceiling_here(rows: Rows) -> None:
    assert rows("SELECT zone, plafond_plus_1_euros, motif FROM plafonds_par_commune WHERE code_commune = '97411'") == [
        ("B1", None, "plafonds_outre_mer_non_detenus")
    ]


@pytest.mark.parametrize(
    ("day", "zone", "price", "ceiling", "why"),
    [
        ("2009-12-15", "B1", 2_750, 18_955, None),
        ("2009-06-15", "B1", None, 18_955, "application_du_zonage_au_psla_non_certaine"),
        ("2009-05-15", "B1", None, None, "zonage_pas_encore_applicable_au_psla, plafonds_non_detenus"),
        ("2010-01-01", "B1", None, None, "prix_non_detenu, plafonds_non_detenus"),
    ],
)
def test_ceilings_of_annecy_as_of(rows: Rows, day: str, zone: str, price: int, ceiling: int, why: str) -> None:
    assert rows(
        "SELECT zone, prix_max_euros_m2_su, plafond_plus_1_euros, motif "
        f"FROM plafonds_par_commune_as_of(DATE '{day}') WHERE code_commune = '74010'"
    ) == [(zone, price, ceiling, why)]


def test_ceilings_of_a_day_of_which_nothing_is_held(rows: Rows) -> None:
    assert rows("SELECT count(*) FROM plafonds_par_commune_as_of(DATE '2020-01-01')") == [(0,)]


def test_plus_ceiling(rows: Rows) -> None:
    (found,) = rows(
        "SELECT plafond_plus('6', 0, t, d), plafond_plus('6', 2, t, d), plafond_tva_anru('6', 2, t, d), "
        "plafond_plus('3', 1, t, d), plafond_plus('6', 2, t, DATE '2010-01-01') "
        "FROM (SELECT 'paris_et_limitrophes' AS t, DATE '2009-07-01' AS d)"
    )
    assert found == (68_279, 83_493, Decimal("108540.90"), None, None)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("plafond_plus('7', 0, 'autres_regions', DATE '2009-07-01')", "connues : 1, 2, 3, 4, 5, 6, personne_supp"),
        ("plafond_plus('7', 0, 'autres_regions', DATE '2030-07-01')", "catégorie inconnue : 7"),
        ("plafond_plus('6', -1, 'autres_regions', DATE '2009-07-01')", "négatives"),
        (
            "plafond_tva_anru('6', 0, 'lune', DATE '2009-07-01')",
            "territoire inconnu : lune ; connus : autres_regions, ile",
        ),
        ("complement_tva(1000, 0.196, 0.055, DATE '2009-09-01', DATE '2019-04-01')", "en pour cent"),
        ("complement_tva(1000, 5.5, 19.6, DATE '2009-09-01', DATE '2019-04-01')", "dépasse le taux normal"),
        ("complement_tva(1000, 196, -5, DATE '2009-09-01', DATE '2019-04-01')", "hors de 0 à 100"),
        ("complement_tva(-1, 19.6, 5.5, DATE '2009-09-01', DATE '2019-04-01')", "base négative"),
    ],
)
def test_an_unknown_name_or_an_argument_out_of_range_is_an_error(rows: Rows, call: str, said: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=said):
        rows(f"SELECT {call}")


def test_rates_answer_for_the_days_the_bulletin_observes_them(rows: Rows) -> None:
    counted = "SELECT count(*) FROM taux_tva_logement_as_of(DATE '{}')"
    days = ("2009-08-31", "2009-09-01", "2009-10-14", "2009-10-15", "2100-01-01")
    assert [rows(counted.format(day))[0][0] for day in days] == [0, 6, 6, 0, 0]
    assert rows(
        "SELECT DISTINCT vigueur, taux_normal_pct "
        "FROM taux_tva_logement_as_of(DATE '2100-01-01', avec_a_verifier := true) "
        "WHERE territoire = 'france_continentale'"
    ) == [("a_verifier", Decimal("19.60"))]
    assert rows("SELECT effect_from::TEXT, etat FROM meta.coverage WHERE dataset = 'taux_tva_logement' ORDER BY 1") == [
        ("2009-09-01", "detenu"),
        ("2009-10-15", "a_verifier"),
    ]


def test_the_threshold_of_2020_carries_a_reserve_in_2021(rows: Rows) -> None:
    asked = "SELECT count(*), count(reserve) FROM {}(DATE '{}')"
    for macro, count in (("premier_quartile_as_of", 455), ("seuil_par_commune_as_of", 34_968)):
        assert rows(asked.format(macro, "2020-12-31")) == [(count, 0)]
        assert rows(asked.format(macro, "2021-03-01")) == [(count, count)]


def test_bounds_of_application_are_in_coverage(rows: Rows) -> None:
    assert rows(
        "SELECT dataset, applicable_au_plus_tot::TEXT, applicable_au_plus_tard::TEXT FROM meta.coverage "
        "WHERE act_id = 'LOGU0907606A' ORDER BY 1"
    ) == [
        ("zonage_abc", "2009-04-30", "2009-12-01"),
        ("zonage_abc_effets", "2009-04-30", "2009-12-01"),
    ]


def test_thresholds_of_todays_communes(rows: Rows) -> None:
    found = dict(rows("SELECT coalesce(motif, 'seuil'), count(*) FROM seuil_par_commune_actuelle GROUP BY 1"))
    assert sum(found.values()) == rows("SELECT count(*) FROM zonage_abc_communes_actuelles")[0][0]
    assert found["seuil"] == 12_782
    assert found["une_partie_sans_seuil"] == 1
    (row,) = rows(
        "SELECT seuils_composantes, seuil_euros_par_uc_an FROM seuil_par_commune_actuelle "
        "WHERE motif = 'une_partie_sans_seuil'"
    )
    assert len(row[0]) == 1 and row[1] is None


def test_coverage_by_region_adds_up(rows: Rows) -> None:
    assert rows(
        "SELECT sum(communes), sum(communes_avec_seuil), sum(epci_avec_seuil) FILTER (type_territoire = 'CA') >= 218 "
        "FROM couverture_par_region"
    ) == [(34_968, 12_808, True)]
    assert rows("SELECT min(seuil_min_euros), max(seuil_max_euros) FROM couverture_par_region") == rows(
        "SELECT min(seuil_euros_par_uc_an), max(seuil_euros_par_uc_an) FROM seuil_par_epci"
    )


def test_zoning_as_of(rows: Rows) -> None:
    def counted(arguments: str) -> int:
        return int(rows(f"SELECT count(*) FROM zonage_abc_as_of({arguments})")[0][0])

    assert counted("DATE '2009-06-15'") == 36_682
    assert counted("DATE '2009-04-28'") == counted("DATE '2014-08-01'") == 0
    assert counted("DATE '2009-11-30', dispositif := 'psla'") == 0, "its date hangs on a publication not known"
    assert counted("DATE '2009-12-01', dispositif := 'psla'") == counted("DATE '2009-10-15', dispositif := 'cgi_31_h'")
    assert counted("DATE '2009-12-01', dispositif := 'psla'") == 36_682
    assert counted("DATE '2009-06-15', known_at := TIMESTAMP '2000-01-01'") == 0


def test_the_zoning_macro_shows_what_the_generated_ones_show(rows: Rows) -> None:
    def columns(relation: str) -> list[str]:
        return [row[0] for row in rows(f"DESCRIBE SELECT * FROM {relation}")]

    assert columns("zonage_abc_as_of(DATE '2009-06-15')") == columns("zonage_abc")


def test_zones_of_todays_communes(rows: Rows) -> None:
    assert rows(
        "SELECT count(*) = count(DISTINCT code_commune), count(zone) + count(motif) = count(*) "
        "FROM zonage_abc_communes_actuelles"
    ) == [(True, True)]
    assert rows(
        "SELECT zone, len(communes_composantes) FROM zonage_abc_communes_actuelles WHERE code_commune = '74010'"
    ) == [("B1", 6)]
    mixed = rows("SELECT zone, zones_composantes FROM zonage_abc_communes_actuelles WHERE motif = 'zones_differentes'")
    assert mixed
    assert all(zone is None and len(zones) > 1 for zone, zones in mixed)
    assert rows(
        "SELECT DISTINCT code_departement FROM zonage_abc_communes_actuelles WHERE motif = 'hors_du_zonage'"
    ) == [("976",)]


def test_a_commune_made_of_an_undecided_one_has_no_zone(rows: Rows) -> None:
    assert rows(
        "SELECT count(*) FROM zonage_abc_communes_actuelles a WHERE a.zone IS NOT NULL AND EXISTS "
        "(SELECT 1 FROM zonage_abc z WHERE z.zone IS NULL AND list_contains(a.communes_composantes, z.code_commune))"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("event", "normal", "reduced", "due"),
    [
        ("2013-11-01", "19.6", "5.5", "14100.00"),
        ("2015-08-31", "19.6", "5.5", "14100.00"),
        ("2015-09-01", "19.6", "5.5", "12690.00"),
        ("2019-04-01", "19.6", "5.5", "8460.00"),
        ("2024-08-31", "19.6", "5.5", "1410.00"),
        ("2024-09-01", "19.6", "5.5", "0.00"),
        ("2050-01-01", "19.6", "5.5", "0.00"),
        ("2019-04-01", "8", "5.5", "1500.00"),
        ("2019-04-01", "8.5", "2.1", "3840.00"),
        ("2009-09-01", "19.6", "5.5", "14100.00"),
    ],
)
def test_value_added_tax_to_pay_back(rows: Rows, event: str, normal: str, reduced: str, due: str) -> None:
    """Begun on 1 September 2009, base 100 000 €: the bulletin's own example, its edges, Corsica, Guadeloupe."""
    call = f"complement_tva(100000, {normal}, {reduced}, DATE '2009-09-01', DATE '{event}')"
    assert rows(f"SELECT {call}, typeof({call})") == [(Decimal(due), "DECIMAL(14,2)")]


def test_value_added_tax_is_null_before_the_start_and_without_a_rate(rows: Rows) -> None:
    assert rows(
        "SELECT complement_tva(100000, 19.6, 5.5, DATE '2009-09-01', DATE '2009-08-31'), "
        "complement_tva(100000, NULL, NULL, DATE '2009-09-01', DATE '2019-04-01')"
    ) == [(None, None)]


def test_value_added_tax_with_the_rates_held(rows: Rows) -> None:
    assert rows(
        "SELECT territoire, "
        "complement_tva(100000, taux_normal_pct, taux_reduit_pct, DATE '2009-09-01', DATE '2019-04-01') "
        "FROM taux_tva_logement WHERE territoire IN ('corse', 'guadeloupe', 'guyane') ORDER BY 1"
    ) == [("corse", Decimal("1500.00")), ("guadeloupe", Decimal("3840.00")), ("guyane", None)]
