"""What a field says of itself is its column, whatever record holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Annotated, Literal

from pipeline.published import Field, Published, fields_of, values_of


@dataclass(frozen=True)
class Inner:
    day: Annotated[date | None, Published("Un jour.", "effect_from")] = None
    silent: str = ""


@dataclass(frozen=True)
class Record:
    name: Annotated[str, Published("Un nom.")]
    kind: Annotated[Literal["a", "b"], Published("a ou b.")]
    rank: Annotated[int, Published("Un rang.", type="SMALLINT")] = 0
    held: Annotated[bool, Published("Vrai ou faux.")] = False
    inner: Inner | None = None
    seen: Annotated[datetime | None, Published("Un moment.")] = None
    silent: str = ""


def test_columns_stand_in_the_order_of_the_fields_with_name_type_and_comment() -> None:
    assert fields_of(Record) == (
        Field("name", "TEXT", "Un nom."),
        Field("kind", "TEXT", "a ou b."),
        Field("rank", "SMALLINT", "Un rang."),
        Field("held", "BOOLEAN", "Vrai ou faux."),
        Field("effect_from", "DATE", "Un jour."),
        Field("seen", "TIMESTAMP", "Un moment."),
    )


def test_values_are_those_of_the_columns() -> None:
    moment = datetime(2026, 1, 2, 12, tzinfo=timezone(timedelta(hours=2)))
    record = Record("x", "a", 3, True, Inner(date(2026, 1, 1), "non publié"), moment, "non publié")
    assert values_of(record) == {
        "name": "x",
        "kind": "a",
        "rank": 3,
        "held": True,
        "effect_from": date(2026, 1, 1),
        "seen": moment.astimezone(UTC).replace(tzinfo=None),
    }


def test_what_a_record_lacks_is_null() -> None:
    assert values_of(Record("x", "b")) == {
        "name": "x",
        "kind": "b",
        "rank": 0,
        "held": False,
        "effect_from": None,
        "seen": None,
    }


def test_one_field_more_is_one_column_more() -> None:
    @dataclass(frozen=True)
    class Longer(Record):
        address: Annotated[str, Published("Une adresse.")] = ""

    assert fields_of(Longer) == (*fields_of(Record), Field("address", "TEXT", "Une adresse."))
    assert values_of(Longer("x", "a", address="y"))["address"] == "y"
