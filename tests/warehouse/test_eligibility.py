"""The conditions of the reduced rate one by one, and the VAT to pay back, on the shipped bulletin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from pipeline.settings import Settings
from pipeline.warehouse.access import connect

Ask = Callable[[str], list[tuple[Any, ...]]]
ANNECY, PARIS, BORDEAUX, AJACCIO, SAINT_DENIS = "74010", "75056", "33063", "2A004", "97411"
ALL = (
    "surface_habitable := 70, prix_ht := 150000, ressources_n2 := 25000, contrat_le := DATE '2009-11-02', "
    "permis_le := DATE '2009-06-15', distance_m := 0, convention_le := DATE '2008-01-01', "
    "convention_fin_le := DATE '2012-12-31', residence_principale := true"
)


@pytest.fixture(scope="module")
def ask(shipped: Settings) -> Iterator[Ask]:
    with connect(shipped) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def verdicts(ask: Ask, arguments: str, commune: str = ANNECY, category: str = "2", on: str = "2009-12-15") -> list[str]:
    """Situation, convention, permit, price, resources, use, all of it: o, n, ? for each."""
    rows = ask(
        f"SELECT verdict FROM eligibilite_tva('{commune}', '{category}', DATE '{on}', {arguments}) ORDER BY rang"
    )
    return ["?" if row[0] == "non déterminé" else row[0][0] for row in rows]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("", "ooooooo"),
        ("distance_m := 499", "ooooooo"),
        ("distance_m := 500", "nooooon"),
        ("distance_m := NULL", "?ooooo?"),
        ("convention_le := DATE '2009-12-16'", "onoooon"),
        ("convention_le := NULL", "o?oooo?"),
        ("permis_le := DATE '2013-01-01'", "oonooon"),
        ("convention_fin_le := NULL", "oo?ooo?"),
        ("prix_ht := 192500", "ooooooo"),
        ("prix_ht := 192501", "ooonoon"),
        ("prix_ht := 500000, permis_le := DATE '2009-03-27'", "ooooooo"),
        ("prix_ht := 500000, permis_le := NULL", "oo??oo?"),
        ("permis_le := NULL", "oo?ooo?"),
        ("prix_ht := NULL", "ooo?oo?"),
        ("prix_ht := 200000, surface_annexes := 10", "ooooooo"),
        ("prix_ht := 209000, surface_garage := 12", "ooooooo"),
        ("prix_ht := 209001, surface_garage := 40", "ooonoon"),
        ("ressources_n2 := 32906.90", "ooooooo"),
        ("ressources_n2 := 32906.91", "oooonon"),
        ("contrat_le := DATE '2009-03-27'", "oooo?o?"),
        ("residence_principale := false", "ooooonn"),
        ("residence_principale := NULL, ressources_n2 := 90000", "oooon?n"),
    ],
)
def test_each_condition_and_all_of_them(ask: Ask, change: str, expected: str) -> None:
    """Annecy is in zone B1 (2 750 €/m²), category 2 has 25 313 € there, 32 906.90 € with 30 % more."""
    given = dict(part.split(" := ") for part in ALL.split(", "))
    given |= dict(part.split(" := ") for part in change.split(", ") if part)
    arguments = ", ".join(f"{name} := {value}" for name, value in given.items())
    assert "".join(verdicts(ask, arguments)) == expected.lower()


def test_before_its_zones_certainly_set_the_price_a_commune_has_the_bounds_of_all_zones(ask: Ask) -> None:
    low, between, high = (ALL.replace("150000", price) for price in ("147000", "200000", "287001"))
    on = "2009-09-01"
    assert [verdicts(ask, given, on=on)[3] for given in (low, between, high)] == ["o", "?", "n"]


def test_what_is_not_held_is_not_determined_and_says_why(ask: Ask) -> None:
    rows = ask(f"SELECT condition, verdict, motif FROM eligibilite_tva('{SAINT_DENIS}', '2', DATE '2009-12-15', {ALL})")
    said = {condition: (verdict, motif) for condition, verdict, motif in rows}
    assert said["ressources"] == (
        "non déterminé",
        "aucun plafond détenu pour la commune au jour du fait générateur",
    )
    assert verdicts(ask, ALL, on="2011-01-01")[3:5] == ["?", "?"]


def test_every_condition_says_its_source(ask: Ask) -> None:
    rows = ask(f"SELECT condition, source FROM eligibilite_tva('{ANNECY}', '2', DATE '2009-12-15', {ALL})")
    assert all("ligne" in source or condition == "ensemble" for condition, source in rows)
    assert dict(rows)["situation"] == "bulletin 8 A-2-09, § 14, ligne 107"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("eligibilite_tva('99999', '2', DATE '2009-12-15')", "commune inconnue : 99999"),
        ("eligibilite_tva('74010', '7', DATE '2009-12-15')", "connues : 1, 2, 3, 4, 5, 6$"),
        ("eligibilite_tva('74010', 'personne_supplementaire', DATE '2009-12-15')", "catégorie inconnue"),
        ("eligibilite_tva('74010', '2', DATE '2009-12-15', prix_ht := -1)", "négatif"),
        (
            "tva_a_reverser('74010', 1000, DATE '2009-09-01', DATE '2010-09-01', evenement := 'ruine')",
            "connus : revente",
        ),
        ("tva_a_reverser('74010', -1, DATE '2009-09-01', DATE '2010-09-01')", "base négative"),
    ],
)
def test_what_is_unknown_or_out_of_range_is_an_error_that_lists_what_is_known(ask: Ask, call: str, said: str) -> None:
    with pytest.raises(duckdb.InvalidInputException, match=said):
        ask(f"SELECT * FROM {call}")


@pytest.mark.parametrize(
    ("commune", "on", "event", "expected"),
    [
        (ANNECY, "2013-11-01", "revente", ("14100.00", "oui")),
        (ANNECY, "2019-04-01", "location", ("8460.00", "oui")),
        (ANNECY, "2024-09-01", "location", ("0.00", "non")),
        (ANNECY, "2019-04-01", "deces", ("0.00", "non")),
        (ANNECY, "2019-04-01", "mobilite", ("0.00", "non")),
        (ANNECY, "2019-04-01", "condition_initiale", ("14100.00", "oui")),
        (AJACCIO, "2019-04-01", "revente", ("1500.00", "oui")),
        (SAINT_DENIS, "2019-04-01", "revente", ("3840.00", "oui")),
        ("97302", "2019-04-01", "revente", (None, "non déterminé")),
        (ANNECY, "2009-08-31", "revente", (None, "non déterminé")),
    ],
)
def test_the_tax_to_pay_back(ask: Ask, commune: str, on: str, event: str, expected: tuple[str | None, str]) -> None:
    (row,) = ask(
        "SELECT complement_euros, verdict FROM "
        f"tva_a_reverser('{commune}', 100000, DATE '2009-09-01', DATE '{on}', evenement := '{event}')"
    )
    due = Decimal(expected[0]) if expected[0] else None
    assert row == (due, expected[1])


def test_rates_outside_of_the_days_they_are_observed_are_said_to_be_unsure(ask: Ask) -> None:
    asked = "SELECT vigueur_taux FROM tva_a_reverser('74010', 100000, DATE '{}', DATE '2019-04-01')"
    assert ask(asked.format("2009-10-14")) == [("en_vigueur",)]
    assert ask(asked.format("2009-10-15")) == [("a_verifier",)]


def test_the_worked_example_of_the_bulletin_agrees_with_the_macro(ask: Ask) -> None:
    assert ask("SELECT count(*), bool_and(concorde), any_value(source_role) FROM exemple_tva") == [(3, True, "compose")]


def test_the_constants_of_the_macros_are_those_of_the_rules(ask: Ask) -> None:
    """The years without reduction, the tenth a year, the end after fifteen years, and 30 % more."""
    (rules,) = ask("SELECT map_from_entries(list((regle, valeur))) FROM regles")
    years, part, end = (
        int(rules[0][f"reversement.{name}"]) for name in ("annees_sans_reduction", "reduction_annuelle", "duree")
    )

    def due(after: int) -> Decimal:
        (row,) = ask(f"SELECT complement_tva(1000, 20, 10, DATE '2009-09-01', DATE '{2009 + after}-09-01')")
        return Decimal(row[0])

    assert [due(years), due(years + 1), due(end - 1), due(end)] == [100, 100 - part, part, 0]
    (more,) = ask(
        "SELECT plafond_tva_anru('1', 0, t, d) / plafond_plus('1', 0, t, d) "
        "FROM (SELECT 'autres_regions' AS t, DATE '2009-07-01' AS d)"
    )
    assert more[0] == pytest.approx(1 + float(rules[0]["ressources.majoration"]) / 100)
