"""Rows against the declaration: which are refused, by which rule and with which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from pipeline.contract.dataset import Check, Column
from pipeline.contract.rows import Value
from pipeline.quality.validate import Rejected, frame_of, table_of, validate
from tests.quality.made import optional_key, prepared, prices, rows


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


TYPED: tuple[tuple[str, Any], ...] = (
    ("TEXT", "01"),
    ("INTEGER", 4100),
    ("BIGINT", 5_000_000_000),
    ("DOUBLE", 2.5),
    ("BOOLEAN", False),
    ("DATE", date(2009, 4, 29)),
    ("DECIMAL(5,2)", Decimal("19.60")),
    ("TEXT[]", ("01004", "01007")),
)


def typed(*columns: Column) -> Any:
    """A dataset of a number and these columns, the number its key."""
    return replace(prices(), key=("n",), columns=(Column("n", "INTEGER", "N."), *columns))


@pytest.mark.parametrize(("kind", "value"), TYPED)
def test_a_value_of_each_type_and_a_missing_one_come_to_the_version_as_they_were_given(kind: str, value: Any) -> None:
    dataset = typed(Column("v", kind, "V.", nullable=True))
    given = [{"n": Value(n), "v": Value(v)} for n, v in enumerate((value, None))]
    accepted, rejected = validate(frame_of(dataset, given), dataset)
    assert rejected == []
    kept = table_of(dataset, accepted).to_pylist()
    assert kept == [{"n": 0, "v": list(value) if kind == "TEXT[]" else value}, {"n": 1, "v": None}]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("TEXT", 1),
        ("INTEGER", "1"),
        ("INTEGER", 2.0),
        ("INTEGER", True),
        ("INTEGER", 2**31),
        ("DOUBLE", True),
        ("BOOLEAN", 1),
        ("DATE", datetime(2009, 4, 29, 12)),  # noqa: DTZ001
        ("DATE", "2009-04-29"),
        ("DECIMAL(5,2)", 19.6),
        ("DECIMAL(5,2)", Decimal("19.605")),
        ("TEXT[]", "01004"),
    ],
)
def test_a_value_that_its_type_does_not_hold_as_it_is_is_our_own_mistake(kind: str, value: Any) -> None:
    with pytest.raises(TypeError, match=r"prix\.v"):
        frame_of(typed(Column("v", kind, "V.")), [{"n": Value(1), "v": Value(value)}])


def test_a_range_holds_for_exact_decimals() -> None:
    dataset = typed(Column("taux", "DECIMAL(5,2)", "Taux.", checks=(Check(between=(0, 30)),)))
    given = [{"n": Value(n), "taux": Value(Decimal(v))} for n, v in enumerate(("0", "30.00", "30.01"))]
    accepted, rejected = validate(frame_of(dataset, given), dataset)
    assert list(accepted["n"]) == [0, 1]
    assert [r.reason for r in rejected] == ["taux : « 30.01 » ne respecte pas de 0 à 30"]


def test_a_frame_of_other_columns_is_our_own_mistake() -> None:
    frame = frame_of(prices(), rows([("A", "x", 4100)]))
    with pytest.raises(SchemaErrors):
        validate(frame.drop(columns=["nom"]), prices())
    with pytest.raises(SchemaErrors):
        validate(frame.assign(prix=frame["prix"].astype(str)), prices())


ROWS = st.tuples(
    st.none() | st.sampled_from(["A", "B1"]), st.none() | st.sampled_from(["x", "y"]), st.none() | st.integers(98, 101)
)


@settings(max_examples=25)
@given(st.lists(ROWS, max_size=6), st.booleans())
def test_what_is_accepted_is_accepted_again_and_every_row_is_accepted_or_rejected_once(
    values: list[tuple[object, ...]], two: bool
) -> None:
    dataset = prices(**(optional_key() if two else {}))
    frame = frame_of(dataset, rows(values))
    accepted, rejected = validate(frame, dataset)
    again, nothing = validate(accepted, dataset)
    assert (list(again.index), nothing) == (list(accepted.index), [])
    assert sorted([*accepted.index, *(r.index for r in rejected)]) == list(range(len(values)))


def test_keys_are_those_that_a_version_file_gives_back() -> None:
    made = prepared([("A", None, 4100), ("B1", "Lyon", 2750)], **optional_key())
    assert made.keys == {("A", None), ("B1", "Lyon")}
