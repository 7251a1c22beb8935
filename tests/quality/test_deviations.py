"""Amounts far from their edition and from the one before are pointed at, and both are named."""

from __future__ import annotations

import pytest

from pipeline.datasets.plafonds_plus import PLAFONDS_PLUS
from pipeline.quality.deviations import Columns, deviations

AMOUNTS = [18955, 25313, 30441, 36748, 43233, 48723, 5435, 21802, 32584, 39168, 46917]


def columns(amounts: list[int], territoire: str = "autres_regions") -> Columns:
    return {
        "categorie_menage": [str(n) for n in range(len(amounts))],
        "territoire": [territoire] * len(amounts),
        "plafond_euros": amounts,
    }


def test_a_figure_too_many_is_far_from_what_the_edition_before_makes_expect() -> None:
    raised = [round(1.01 * amount) for amount in AMOUNTS]
    raised[3] = 371155
    (said,) = deviations(PLAFONDS_PLUS, columns(raised), columns(AMOUNTS), "A2009")
    assert said.rule == "montant_ecarte"
    assert "371155, 36748 dans l'édition d'avant (A2009)" in said.message
    assert "variation médiane est de +1,0 % et la médiane de l'édition 32910" in said.message


@pytest.mark.parametrize("rise", [0.8, 1.0, 1.02, 1.6])
def test_amounts_that_all_change_alike_are_not_far(rise: float) -> None:
    assert deviations(PLAFONDS_PLUS, columns([round(rise * a) for a in AMOUNTS]), columns(AMOUNTS)) == []


def test_two_figures_exchanged_are_seen() -> None:
    swapped = list(AMOUNTS)
    swapped[0] = 81955
    assert len(deviations(PLAFONDS_PLUS, columns(swapped), columns(AMOUNTS))) == 1


def test_a_first_edition_has_only_itself_to_be_held_against() -> None:
    alike = [10000 + 37 * n for n in range(40)]
    assert deviations(PLAFONDS_PLUS, columns(alike), None) == []
    (said,) = deviations(PLAFONDS_PLUS, columns([*alike, 99000]), None)
    assert "99000, loin de la médiane de l'édition" in said.message


def test_few_amounts_say_nothing() -> None:
    assert deviations(PLAFONDS_PLUS, columns([10, 11, 12, 9999]), None) == []
