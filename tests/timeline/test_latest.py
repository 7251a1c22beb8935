"""Which period the view of a dataset shows: the last to begin, or one an edition where acts stand alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.documents.model import Relation
from pipeline.store.records import VersionRecord
from pipeline.timeline.periods import Period, latest_periods, periods
from tests.warehouse.made import amends, record, seuils

D2020, D2021, D2022 = date(2020, 6, 15), date(2021, 7, 18), date(2022, 5, 14)


def shown(records: Sequence[VersionRecord], **dataset: object) -> list[tuple[str, date | None, int]]:
    """(edition, first day, rank) of the periods shown."""
    alone = {"seuils"} if dataset.get("succession") == "accumulates" else set()
    found: list[Period] = periods(records, accumulates=alone)
    numbers = latest_periods(found, [seuils(**dataset)])
    return [(p.edition, p.valid_from, p.rank) for p in found if p.period_no in numbers]


def test_the_last_to_begin_is_shown_though_it_was_read_first() -> None:
    assert shown([record(1, "B", valid_from=D2021), record(2, "A", valid_from=D2020)]) == [("B", D2021, 0)]


def test_an_undated_edition_is_shown_when_there_is_no_other() -> None:
    assert shown([record(1, "A")]) == [("A", None, 0)]
    assert shown([record(1, "B", valid_from=D2021), record(2, "A")]) == [("B", D2021, 0)]


def test_of_what_was_known_before_nothing_is_shown() -> None:
    assert shown([record(1, "A", valid_from=D2020), record(2, "A", valid_from=D2020)]) == [("A", D2020, 0)]


def test_another_dataset_shows_nothing() -> None:
    assert shown([record(1, "A", dataset="autre", valid_from=D2020)]) == []


def test_where_acts_stand_alone_each_is_shown() -> None:
    records = [record(1, "B", valid_from=D2021), record(2, "A", valid_from=D2020)]
    assert sorted(shown(records, succession="accumulates"), key=str) == [("A", D2020, 0), ("B", D2021, 0)]


def test_an_amendment_that_ended_is_shown_no_more() -> None:
    """An act that stands alone, amended in part for a year: of its three periods, the last one."""
    records = [
        record(1, "A", valid_from=D2020),
        record(2, "B", valid_from=D2021, relation=amends("A", "partielle")),
        record(3, "X", rows=0, relation=Relation("annule", "B", date_effet=D2022)),
    ]
    assert shown(records, succession="accumulates") == [("A", D2022, 0)]
