"""What makes a new reading of an edition wait for a person, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.quality.gate import Accepted, Columns, Evidence, Pending, Refused, compare_readings, decide

COMMUNES = [f"{n:05d}" for n in range(1001, 1021)]
PLACES = [10] * 20


def table(codes: list[str], places: list[int | None], noms: list[str] | None = None) -> Columns:
    return {"code_commune": codes, "places": places, "nom": noms or [f"Commune {code}" for code in codes]}


BEFORE = table(COMMUNES, list(PLACES))


def reasons(after: Columns) -> tuple[str, ...]:
    return compare_readings(BEFORE, after, ("code_commune",), ("places",)).reasons


def test_a_few_changed_values_call_nobody() -> None:
    assert reasons(table(COMMUNES, [11, 9, *PLACES[2:]])) == ()


def test_new_keys_call_nobody() -> None:
    assert reasons(table([*COMMUNES, "01099"], [*PLACES, 500])) == ()


def test_one_lost_key_is_said_with_its_share() -> None:
    assert reasons(table(COMMUNES[1:], PLACES[1:])) == ("clés perdues : 1 sur 20",)


@pytest.mark.parametrize(("total", "waits"), [(101, False), (100, True), (0, True)])
def test_a_total_that_halves_is_said_with_both_sums(total: int, waits: bool) -> None:
    found = reasons(table(COMMUNES, [*PLACES[:9], total - 90, *[0] * 10] if total else [0] * 20))
    said = f"total de places divisé par deux ou plus : 200 → {total}"
    assert (said in found) is waits


@pytest.mark.parametrize(("changed", "waits"), [(10, False), (11, True)])
def test_a_column_waits_when_more_than_half_of_its_values_change(changed: int, waits: bool) -> None:
    noms = [f"{'Autre' if n < changed else 'Commune'} {code}" for n, code in enumerate(COMMUNES)]
    found = reasons(table(COMMUNES, list(PLACES), noms))
    assert found == ((f"valeurs changées dans nom : {changed} sur 20",) if waits else ())


def test_values_lost_count_as_changed_and_values_found_do_not() -> None:
    lost = reasons(table(COMMUNES, [None] * 11 + [100] * 9))
    assert lost == ("valeurs changées dans places : 20 sur 20",)
    empty = table(COMMUNES, [None] * 20)
    assert compare_readings(empty, BEFORE, ("code_commune",), ("places",)).reasons == ()


def test_a_column_that_one_reading_has_not_is_left_out() -> None:
    older = {name: values for name, values in BEFORE.items() if name != "nom"}
    assert compare_readings(older, BEFORE, ("code_commune",), ("places",)).reasons == ()


def test_the_gate_refuses_before_it_asks() -> None:
    loses = compare_readings(BEFORE, table(COMMUNES[1:], PLACES[1:]), ("code_commune",), ())
    evidence = Evidence(rows=19, quarantined=0, tolerance=0.02, change=loses)
    assert decide(evidence) == Pending(("clés perdues : 1 sur 20",))
    assert decide(replace(evidence, failed_checks=("total",))) == Refused(("contrôle en échec : total",))
    assert decide(replace(evidence, change=None)) == Accepted()
