"""Two renditions of one edition compared, row by row and column by column."""

from __future__ import annotations

import pytest

from pipeline.quality.witnesses import Comparison, compare, set_aside
from tests.quality.made import SECOND, prepared

ROWS = [("A", "Paris", 4100), ("B1", "Lyon", 2750), ("C", None, 2100)]


def against(*theirs: tuple[object, ...]) -> Comparison:
    """The rows of the first rendition compared with those of the second."""
    return compare(prepared(ROWS), prepared(theirs, SECOND))


def test_renditions_that_agree_are_said_to() -> None:
    found = against(*ROWS)
    assert found.contradicted == {}
    (said,) = found.observations
    assert (said.rule, said.severity) == ("temoins_concordants", "info")
    assert said.message == "3 lignes lues de même dans annexe.xml et annexe.pdf"


@pytest.mark.parametrize(
    ("row", "column", "shown"),
    [
        (("A", "Pari", 4100), "nom", "nom : « Paris » (annexe.xml), « Pari » (annexe.pdf)"),
        (("A", None, 4100), "nom", "nom : « Paris » (annexe.xml), rien (annexe.pdf)"),
        (("A", "Paris", 4101), "prix", "prix : « 4100 » (annexe.xml), « 4101 » (annexe.pdf)"),
    ],
)
def test_any_column_that_differs_contradicts_its_row(row: tuple[object, ...], column: str, shown: str) -> None:
    found = against(row, *ROWS[1:])
    assert list(found.contradicted) == [("A",)]
    assert found.contradicted["A",][0] == column
    assert found.contradicted["A",][1] == shown
    assert list(found.observations) == []


def test_a_value_that_only_one_has_is_a_difference() -> None:
    assert list(against(*ROWS[:2], ("C", "Gap", 2100)).contradicted) == [("C",)]


def test_every_column_that_differs_is_shown() -> None:
    (column, shown) = against(("A", "Pari", 4101), *ROWS[1:]).contradicted["A",]
    assert column == "nom"
    assert "prix : « 4100 »" in shown


def test_rows_that_the_witness_lacks_are_a_warning() -> None:
    found = against(*ROWS[:2])
    assert found.contradicted == {}
    (said,) = found.observations
    assert (said.rule, said.severity) == ("temoin_incomplet", "warning")
    assert said.message == "1 lignes absentes de annexe.pdf : C"


def test_rows_that_only_the_witness_has_are_a_warning() -> None:
    (said,) = against(*ROWS, ("D", None, 900)).observations
    assert (said.rule, said.severity) == ("temoin_incomplet", "warning")
    assert said.message == "1 lignes seulement dans annexe.pdf : D"


def test_five_of_many_rows_are_named() -> None:
    extra = [(f"Z{n}", None, 900) for n in range(7)]
    (said,) = against(*ROWS, *extra).observations
    assert said.message == "7 lignes seulement dans annexe.pdf : Z0, Z1, Z2, Z3, Z4 et 2 autres"
    (said,) = against(*ROWS, *extra[:5]).observations
    assert said.message.endswith(": Z0, Z1, Z2, Z3, Z4")


def test_both_sides_have_a_name_of_their_own() -> None:
    lacking, extra = against(*ROWS[:2], ("D", None, 900)).observations
    assert lacking.subject != extra.subject


def test_a_contradicted_row_is_set_aside_with_what_each_prints() -> None:
    first = prepared(ROWS)
    kept = set_aside(first, {("B1",): ("prix", "prix : « 2750 », « 2751 »"), ("absent",): ("prix", "rien")})
    assert list(kept.frame["zone"]) == ["A", "C"]
    (refusal,) = kept.refused
    assert (refusal.rule, refusal.column, refusal.reason) == (
        "temoins_en_desaccord",
        "prix",
        "prix : « 2750 », « 2751 »",
    )
    assert refusal.raw == "B1 | Lyon | 2750"
