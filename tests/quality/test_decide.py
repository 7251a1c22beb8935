"""The gate: each reason to refuse an edition, alone, and where exactly each limit lies."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.quality.gate import Accepted, Change, Decision, Evidence, Pending, Refused, decide


def gate(**changes: Any) -> Decision:
    """The decision on an edition of 98 rows with nothing wrong, but for these changes."""
    return decide(Evidence(**({"rows": 98, "quarantined": 0, "tolerance": 0.02} | changes)))


def keys(*numbers: int) -> frozenset[tuple[object, ...]]:
    return frozenset((n,) for n in numbers)


def test_nothing_wrong_is_accepted() -> None:
    assert gate() == Accepted()


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        ({"missing_grids": ["annexe II"]}, "annexe attendue et absente : annexe II"),
        ({"unknown_grids": ["couleur | nombre"]}, "annexe inconnue : couleur | nombre"),
        ({"unbalanced": 1}, "le registre ne tombe pas juste : 1 cellules sans destin unique"),
        ({"failed_checks": ["une ligne par zone"]}, "contrôle en échec : une ligne par zone"),
        ({"rows": 0}, "aucune ligne publiable"),
        ({"quarantined": 3}, "3 lignes écartées sur 101 (3.0 %)"),
        (
            {"keys": keys(1), "previous_keys": keys(1, 2)},
            "50 % seulement des clés de l'édition précédente",
        ),
    ],
)
def test_one_thing_wrong_refuses_with_its_reason_alone(evidence: dict[str, Any], reason: str) -> None:
    assert gate(**evidence) == Refused((reason,))


def test_every_reason_is_said_and_none_is_left_out() -> None:
    refused = gate(
        missing_grids=["A", "B"],
        unknown_grids=["C"],
        unbalanced=2,
        failed_checks=["D"],
        rows=0,
        quarantined=1,
        keys=keys(),
        previous_keys=keys(1),
    )
    assert isinstance(refused, Refused)
    assert len(refused.reasons) == 8


def test_rows_set_aside_up_to_the_tolerance_are_borne() -> None:
    assert gate(rows=98, quarantined=2, tolerance=0.02) == Accepted()
    assert gate(rows=97, quarantined=3, tolerance=0.02) == Refused(("3 lignes écartées sur 100 (3.0 %)",))
    assert gate(rows=97, quarantined=3, tolerance=0.03) == Accepted()


def test_an_edition_without_any_row_read_is_refused_once() -> None:
    assert gate(rows=0, quarantined=0) == Refused(("aucune ligne publiable",))


@pytest.mark.parametrize(
    ("kept", "accepted"),
    [(10, True), (9, True), (8, False), (0, False)],
)
def test_nine_keys_in_ten_of_the_edition_before_are_kept(kept: int, accepted: bool) -> None:
    decision = gate(keys=keys(*range(kept), 98, 99), previous_keys=keys(*range(10)))
    assert isinstance(decision, Accepted if accepted else Refused)


def test_just_under_nine_keys_in_ten_is_not_enough() -> None:
    """87 of 100: a limit at 85 % would let it through."""
    decision = gate(keys=keys(*range(87)), previous_keys=keys(*range(100)))
    assert decision == Refused(("87 % seulement des clés de l'édition précédente",))


@pytest.mark.parametrize("excuse", ["partial", "loss_declared"])
def test_an_act_that_changes_some_keys_or_says_that_it_drops_some_may_lose_them(excuse: str) -> None:
    assert gate(keys=keys(1), previous_keys=keys(1, 2), **{excuse: True}) == Accepted()


def test_a_first_edition_has_no_keys_to_keep() -> None:
    assert gate(keys=keys(1), previous_keys=None) == Accepted()
    assert gate(keys=keys(1), previous_keys=keys()) == Accepted()


def test_a_change_that_calls_a_person_waits_and_a_fault_goes_before_it() -> None:
    change = Change(keys_before=10, keys_lost=1, keys_added=0)
    assert gate(change=change) == Pending(("clés perdues : 1 sur 10",))
    assert gate(change=change, unbalanced=1) == Refused(
        ("le registre ne tombe pas juste : 1 cellules sans destin unique",)
    )
    assert gate(change=Change(keys_before=10, keys_lost=0, keys_added=3)) == Accepted()
