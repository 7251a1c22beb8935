"""Which version answers for which day, as known when: each rule of succession on its smallest history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from pipeline.documents.model import Relation
from pipeline.store.records import KnownActs, VersionRecord, Withdrawal
from pipeline.timeline.periods import Period, periods
from tests.warehouse.made import NOON, amends, known, record

D2020, D2021, D2022 = date(2020, 6, 15), date(2021, 7, 18), date(2022, 5, 14)


def at(found: Sequence[Period], day: date, moment: datetime | None = None) -> list[int]:
    """The versions that answer for a day, lowest rank first, as known at a moment (now by default)."""
    return [
        p.version_no
        for p in sorted(found, key=lambda p: p.rank)
        if p.valid_from and p.valid_from <= day and (p.valid_to is None or day < p.valid_to)
        if (p.known_to is None if moment is None else _known(p, moment))
    ]


def _known(period: Period, moment: datetime) -> bool:
    return period.known_from <= moment and (period.known_to is None or moment < period.known_to)


def ends(found: Sequence[Period]) -> dict[int, tuple[date | None, str]]:
    """What ends each version, as known now."""
    return {p.version_no: (p.valid_to, p.valid_to_base) for p in found if p.known_to is None}


def test_the_next_edition_closes_the_one_before() -> None:
    found = periods([record(1, "A", valid_from=D2020), record(2, "B", valid_from=D2021)])
    assert ends(found) == {1: (D2021, "remplace"), 2: (None, "aucune")}
    assert at(found, date(2020, 12, 1)) == [1]
    assert at(found, D2021) == [2]
    assert at(found, D2020 - timedelta(days=1)) == []


def test_before_the_next_edition_was_held_no_end_was_known() -> None:
    found = periods([record(1, "A", valid_from=D2020), record(2, "B", valid_from=D2021)])
    assert at(found, date(2022, 1, 1), NOON + timedelta(hours=1)) == [1]
    assert at(found, date(2022, 1, 1), NOON + timedelta(hours=2)) == [2]
    assert at(found, date(2022, 1, 1), NOON) == []


def test_an_act_known_ends_all_datasets_of_the_act_that_it_replaces() -> None:
    acts = KnownActs(NOON, (known("B", D2021, dataset="zones"),))
    held = [record(1, "A", dataset="zones", valid_from=D2020), record(2, "A", dataset="regles", valid_from=D2020)]
    apart = record(3, "Z", dataset="autres", valid_from=D2020)
    found = periods([*held, apart], known_acts=[acts])
    ended = (D2021, "remplace_par_acte_non_detenu")
    assert ends(found) == {1: ended, 2: ended, 3: (None, "aucune")}


def test_an_act_known_and_not_held_leaves_a_gap() -> None:
    acts = KnownActs(NOON, (known("B", D2021), known("C", D2022)))
    found = periods([record(1, "A", valid_from=D2020)], known_acts=[acts])
    assert ends(found) == {1: (D2021, "remplace_par_acte_non_detenu")}
    found = periods([record(1, "A", valid_from=D2020), record(2, "C", valid_from=D2022)], known_acts=[acts])
    assert at(found, date(2022, 1, 1)) == []
    assert at(found, D2022) == [2]


@pytest.mark.parametrize(
    ("published", "ended"),
    [(date(2020, 6, 20), True), (date(2020, 6, 16), False), (date(2020, 6, 15), False), (None, False)],
)
def test_of_two_acts_that_take_effect_on_one_day_the_later_published_follows(
    published: date | None, ended: bool
) -> None:
    acts = KnownActs(NOON, (known("B", D2020, published=published),))
    found = periods([record(1, "A", valid_from=D2020, published=date(2020, 6, 16))], known_acts=[acts])
    assert at(found, D2021) == ([] if ended else [1])


def test_an_act_learnt_of_later_changes_only_what_is_known_from_then_on() -> None:
    states = [KnownActs(NOON, ()), KnownActs(NOON + timedelta(hours=5), (known("B", D2021),))]
    found = periods([record(1, "A", valid_from=D2020)], known_acts=states)
    assert at(found, D2022, NOON + timedelta(hours=4)) == [1]
    assert at(found, D2022, NOON + timedelta(hours=5)) == []


def test_an_act_held_under_its_nor_is_not_missing() -> None:
    acts = KnownActs(NOON, (known("JORFTEXT1", D2021, nor="NOR1"),))
    found = periods([record(1, "A", valid_from=D2020), record(2, "NOR1", valid_from=D2021)], known_acts=[acts])
    assert ends(found)[1] == (D2021, "remplace")


def test_an_act_listed_without_a_number_is_held_by_the_day_it_was_signed() -> None:
    signed = date(2021, 6, 30)
    listed = KnownActs(NOON, (known("seuils-2021", D2021, signed=signed), known("seuils-2022", D2022)))
    later = record(2, "JORFTEXT000000000001", valid_from=D2021 + timedelta(days=4), signed=signed)
    found = periods([record(1, "A", valid_from=D2020), later], known_acts=[listed])
    assert ends(found)[1] == (later.valid_from, "remplace")
    assert ends(found)[2] == (D2022, "remplace_par_acte_non_detenu")


def test_an_act_read_in_a_later_consolidated_state_leaves_a_gap_before_it() -> None:
    acts = KnownActs(NOON, (known("B", D2021),))
    later = record(2, "B", valid_from=D2022, valid_from_base="consolidation")
    found = periods([record(1, "A", valid_from=D2020), later], known_acts=[acts])
    assert ends(found)[1] == (D2021, "remplace_par_acte_non_detenu")
    assert at(found, date(2021, 12, 31)) == []
    assert at(found, D2022) == [2]


def test_a_stated_end_holds_unless_something_comes_before() -> None:
    stated = {"valid_from": date(2009, 6, 1), "valid_to": date(2010, 1, 1), "valid_to_base": "revision_annuelle"}
    assert ends(periods([record(1, "A", **stated)])) == {1: (date(2010, 1, 1), "revision_annuelle")}
    found = periods([record(1, "A", **stated), record(2, "B", valid_from=date(2009, 9, 1))])
    assert ends(found)[1] == (date(2009, 9, 1), "remplace")


def test_a_whole_amendment_opens_an_edition_from_its_own_date() -> None:
    found = periods([record(1, "A", valid_from=D2020), record(2, "B", valid_from=D2021, relation=amends("A"))])
    assert at(found, date(2020, 12, 1)) == [1]
    assert at(found, D2021) == [2]


def test_a_partial_amendment_stacks_on_what_it_amends_from_its_own_date() -> None:
    partial = record(2, "B", valid_from=D2021, relation=amends("A", "partielle"))
    found = periods([record(1, "A", valid_from=D2020), partial, record(3, "C", valid_from=D2022)])
    assert at(found, date(2020, 12, 1)) == [1]
    assert at(found, D2021) == [1, 2]
    assert at(found, D2022) == [3]


def test_a_partial_amendment_follows_a_later_rectification_of_its_base() -> None:
    found = periods(
        [
            record(1, "A", valid_from=D2020),
            record(2, "B", valid_from=D2021, relation=amends("A", "partielle")),
            record(3, "A", act_id="A-RECT", relation=Relation("rectifie", "A")),
        ]
    )
    assert at(found, D2021) == [3, 2]
    assert at(found, D2021, NOON + timedelta(hours=2)) == [1, 2]
    assert at(found, date(2020, 12, 1)) == [3]


def test_a_partial_amendment_of_an_amended_act_bears_on_the_text_then_in_force() -> None:
    first = record(1, "A", valid_from=D2020, signed=D2020)
    second = record(2, "B", valid_from=D2021, signed=D2021, relation=amends("A"))
    partial = record(3, "C", valid_from=D2022, signed=D2022, relation=amends("A", "partielle"))
    assert at(periods([first, second, partial]), D2022) == [2, 3]


def test_a_partial_amendment_older_than_all_it_could_amend_bears_on_the_edition_it_names() -> None:
    """Never on a later one, which says again all that it sets."""
    first = record(1, "A", valid_from=D2021)
    second = record(2, "B", valid_from=D2022, relation=amends("A"))
    early = record(3, "C", valid_from=D2020, relation=amends("A", "partielle"))
    found = periods([first, second, early])
    assert (at(found, D2020), at(found, D2021), at(found, D2022)) == ([], [1, 3], [2])


@pytest.mark.parametrize("day", [D2021, date(2021, 1, 1)])
def test_a_partial_amendment_annulled_from_its_beginning_leaves_no_trace(day: date) -> None:
    annulled = record(3, "X", rows=0, relation=Relation("annule", "B", date_effet=day))
    partial = record(2, "B", valid_from=D2021, relation=amends("A", "partielle"))
    found = [p for p in periods([record(1, "A", valid_from=D2020), partial, annulled]) if p.known_to is None]
    assert [(p.version_no, p.valid_from, p.valid_to, p.valid_to_base) for p in found] == [(1, D2020, None, "aucune")]


def test_a_partial_amendment_alone_answers_for_no_day() -> None:
    assert periods([record(1, "B", valid_from=D2021, relation=amends("A", "partielle"))]) == []


def test_a_rectification_changes_known_time_only() -> None:
    rectified = record(2, "A-RECT", valid_from=D2021, published=D2021, relation=Relation("rectifie", "A"))
    found = periods([record(1, "A", valid_from=D2020), rectified])
    assert [(p.version_no, p.edition, p.valid_from, p.valid_to) for p in found] == [
        (1, "A", D2020, None),
        (2, "A", D2020, None),
    ]
    assert found[0].known_to == found[1].known_from == NOON + timedelta(hours=2)


def test_reading_the_first_act_again_does_not_undo_its_rectification() -> None:
    rectified = record(2, "A-RECT", published=D2021, relation=Relation("rectifie", "A"))
    found = periods([record(1, "A", valid_from=D2020), rectified, record(3, "A", valid_from=D2020)])
    assert at(found, D2022) == [2]


def test_a_partial_rectification_lies_below_a_later_amendment() -> None:
    found = periods(
        [
            record(1, "A", valid_from=D2020),
            record(2, "B", valid_from=D2021, published=D2021, relation=amends("A", "partielle")),
            record(3, "A-RECT", published=D2022, relation=Relation("rectifie", "A", "partielle")),
        ]
    )
    assert at(found, date(2020, 12, 1)) == [1, 3]
    assert at(found, D2021) == [1, 3, 2]


def test_a_rectification_of_a_partial_act_takes_its_place() -> None:
    found = periods(
        [
            record(1, "A", valid_from=D2020),
            record(2, "B", valid_from=D2021, relation=amends("A", "partielle")),
            record(3, "B-RECT", relation=Relation("rectifie", "B")),
        ]
    )
    assert at(found, D2021) == [1, 3]
    assert at(found, date(2020, 12, 1)) == [1]


@pytest.mark.parametrize(("kind", "why"), [("abroge", "abroge"), ("annule", "annule")])
def test_a_repeal_or_annulment_ends_without_a_successor(kind: str, why: str) -> None:
    ending = Relation(kind, "A", date_effet=date(2021, 1, 1))  # type: ignore[arg-type]
    found = periods([record(1, "A", valid_from=D2020), record(2, "X", rows=0, relation=ending)])
    assert ends(found) == {1: (date(2021, 1, 1), why)}
    assert at(found, date(2021, 1, 1)) == []
    assert at(found, date(2021, 1, 1), NOON + timedelta(hours=1)) == [1]


def test_a_repeal_read_again_ends_on_the_day_that_its_newest_reading_says() -> None:
    readings = [
        record(number, "X", rows=0, relation=Relation("abroge", "A", date_effet=day))
        for number, day in ((2, date(2021, 1, 1)), (3, date(2021, 3, 1)))
    ]
    found = periods([record(1, "A", valid_from=D2020), *readings])
    assert ends(found) == {1: (date(2021, 3, 1), "abroge")}
    assert at(found, date(2021, 2, 1), NOON + timedelta(hours=2)) == []


def test_what_an_annulled_act_had_replaced_is_not_brought_back() -> None:
    annulled = Relation("annule", "B", date_effet=D2021)
    found = periods(
        [record(1, "A", valid_from=D2020), record(2, "B", valid_from=D2021), record(3, "X", rows=0, relation=annulled)]
    )
    assert ends(found) == {1: (D2021, "remplace")}


def test_a_retroactive_act_answers_from_its_effect_once_known() -> None:
    retroactive = record(2, "B", valid_from=date(2025, 1, 1), published=date(2025, 6, 4))
    found = periods([record(1, "A", valid_from=date(2024, 6, 1)), retroactive])
    spring = date(2025, 3, 1)
    assert at(found, spring, NOON + timedelta(hours=1)) == [1]
    assert at(found, spring) == [2]


def test_an_edition_older_than_those_held_finds_its_place() -> None:
    found = periods([record(1, "B", valid_from=D2021), record(2, "A", valid_from=D2020)])
    assert at(found, date(2020, 12, 1)) == [2]
    assert at(found, D2022) == [1]


def test_an_undated_edition_has_a_period_without_days() -> None:
    found = periods([record(1, "A"), record(2, "B", valid_from=D2021)])
    assert [(p.version_no, p.valid_from, p.valid_to) for p in found] == [(1, None, None), (2, D2021, None)]


def test_acts_that_accumulate_never_end_each_other() -> None:
    acts = KnownActs(NOON, (known("C", D2022),))
    records = [record(1, "A", valid_from=D2020), record(2, "B", valid_from=D2021)]
    assert ends(periods(records, known_acts=[acts], accumulates={"seuils"})) == {
        1: (None, "aucune"),
        2: (None, "aucune"),
    }


def test_a_withdrawn_version_gives_way_to_the_reading_before_it() -> None:
    records = [record(1, "A", valid_from=D2020), record(2, "A", valid_from=D2020)]
    withdrawn = Withdrawal("seuils", 2, NOON + timedelta(hours=9), "mauvaise lecture")
    found = periods(records, [withdrawn])
    assert at(found, D2021) == [1]
    assert at(found, D2021, NOON + timedelta(hours=8)) == [2]


def test_a_clock_set_back_makes_no_rectangle_of_negative_length() -> None:
    earlier = NOON - timedelta(days=30)
    found = periods([record(1, "A", valid_from=D2020), record(2, "A", valid_from=D2020, accepted_at=earlier)])
    assert [(p.version_no, p.known_to) for p in found] == [(2, None)]
    assert found[0].known_from == NOON + timedelta(hours=1)


def test_datasets_do_not_see_each_other() -> None:
    records: list[VersionRecord] = [record(1, "A", valid_from=D2020), record(2, "B", dataset="autre", valid_from=D2021)]
    assert ends(periods(records)) == {1: (None, "aucune"), 2: (None, "aucune")}
