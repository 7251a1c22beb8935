"""Rows against the declaration: which are refused, by which rule and with which words."""

from __future__ import annotations

import pytest

from pipeline.contract.dataset import Check, Column
from pipeline.quality.validate import Rejected, frame_of, validate
from tests.quality.made import optional_key, prices, rows


def judged(*values: tuple[object, ...], **changes: object) -> tuple[list[int], list[tuple[int, str, str]]]:
    """The index of the rows accepted, and (index, column, rule) of those refused."""
    dataset = prices(**changes)
    accepted, rejected = validate(frame_of(dataset, rows(values)), dataset)
    return list(accepted.index), [(r.index, r.column, r.rule) for r in rejected]


def test_all_is_accepted_when_all_holds() -> None:
    assert judged(("A", "x", 4100), ("B1", None, 2750)) == ([0, 1], [])


def test_no_row_is_no_fault() -> None:
    assert judged() == ([], [])


def test_a_missing_value_costs_its_row_where_the_column_needs_one() -> None:
    assert judged(("A", None, None), ("B1", None, 2750)) == ([1], [(0, "prix", "valeur_absente")])
    dataset = prices()
    _, (rejected,) = validate(frame_of(dataset, rows([("A", None, None)])), dataset)
    assert rejected.reason == "prix : valeur absente"


@pytest.mark.parametrize(("price", "holds"), [(99, False), (100, True), (10_000, True), (10_001, False)])
def test_a_range_holds_at_both_ends(price: int, holds: bool) -> None:
    accepted, _ = judged(("A", "x", price))
    assert accepted == ([0] if holds else [])


def test_a_value_out_of_its_rule_is_named_with_the_rule() -> None:
    dataset = prices()
    _, rejected = validate(frame_of(dataset, rows([("A", "x", 7)])), dataset)
    assert rejected == [Rejected(0, "prix", "valeur_hors_regle", "prix : « 7 » ne respecte pas de 100 à 10000")]


@pytest.mark.parametrize(
    ("zone", "holds"), [("B1", True), ("B12", False), ("xB1", False), ("b1", False), ("٣1", False)]
)
def test_a_pattern_holds_for_the_whole_text(zone: str, holds: bool) -> None:
    columns = (Column("zone", "TEXT", "Zone.", checks=(Check(pattern="[A-Z0-9][0-9]"),)), *prices().columns[1:])
    accepted, refused = judged((zone, "x", 500), columns=columns)
    assert accepted == ([0] if holds else [])
    assert [rule for _, _, rule in refused] == ([] if holds else ["valeur_hors_regle"])


def test_a_list_of_values_is_closed_and_a_missing_one_passes_where_it_may() -> None:
    listed = Column("nom", "TEXT", "Nom.", nullable=True, checks=(Check(values=("x", "y")),))
    columns = (prices().columns[0], listed, prices().columns[2])
    assert judged(("A", "x", 500), ("B", None, 500), ("C", "z", 500), columns=columns) == (
        [0, 1],
        [(2, "nom", "valeur_hors_regle")],
    )


def test_a_row_refused_for_two_reasons_is_refused_once() -> None:
    _, refused = judged((None, "x", 7))
    assert [index for index, _, _ in refused] == [0]


def test_the_same_row_twice_loses_its_repetition_only() -> None:
    assert judged(("A", "x", 4100), ("B", "x", 500), ("A", "x", 4100)) == ([0, 1], [(2, "", "ligne_repetee")])


def test_different_rows_of_one_key_are_all_refused() -> None:
    assert judged(("A", "x", 4100), ("A", "x", 4200), ("B", "x", 500)) == (
        [2],
        [(0, "", "cle_en_double"), (1, "", "cle_en_double")],
    )


def test_a_key_of_which_a_part_is_missing_stands_twice_as_well() -> None:
    assert judged(("A", None, 4100), ("A", None, 4200), ("A", "x", 500), **optional_key()) == (
        [2],
        [(0, "", "cle_en_double"), (1, "", "cle_en_double")],
    )
    assert judged(("A", None, 4100), ("A", None, 4100), **optional_key()) == ([0], [(1, "", "ligne_repetee")])


def test_a_row_that_the_schema_refuses_doubles_no_other() -> None:
    assert judged(("A", "x", 7), ("A", "x", 4100)) == ([1], [(0, "prix", "valeur_hors_regle")])
