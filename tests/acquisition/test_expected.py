"""What is late: days of publication without a delivery, acts of the year."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.acquisition.expected import holidays, is_publication_day, missed_days, overdue, silence
from pipeline.datasets import dataset
from pipeline.documents.model import KnownAct

QUARTILE = dataset("premier_quartile")


@pytest.mark.parametrize(
    ("day", "appears"),
    [
        (date(2026, 6, 12), True),  # Friday
        (date(2026, 6, 14), True),  # Sunday
        (date(2026, 6, 15), False),  # Monday
        (date(2026, 5, 1), True),  # a holiday itself
        (date(2026, 5, 2), False),  # the day after Labour Day
        (date(2026, 4, 7), False),  # the day after Easter Monday
        (date(2026, 5, 15), False),  # the day after Ascension
        (date(2027, 1, 2), False),  # the day after New Year
    ],
)
def test_the_journal_has_its_days(day: date, appears: bool) -> None:
    assert is_publication_day(day) is appears


def test_moving_holidays_follow_easter() -> None:
    assert {date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 20)} <= holidays(2024)


def test_today_is_not_over() -> None:
    friday, tuesday = date(2026, 6, 12), date(2026, 6, 16)
    assert missed_days(friday, tuesday) == [date(2026, 6, 13), date(2026, 6, 14)]
    assert missed_days(date(2026, 6, 14), tuesday) == []
    assert missed_days(tuesday, tuesday) == []


def test_silence_is_told_from_the_tolerated_number_of_days_on() -> None:
    last = date(2026, 6, 14)
    assert list(silence(last, date(2026, 6, 17), 2)) == []
    (found,) = silence(last, date(2026, 6, 18), 2)
    assert found.message == "le flux se tait depuis le 14/06/2026 : 2 jours de parution sans livraison"
    assert found.id == next(iter(silence(last, date(2026, 7, 18), 2))).id
    assert list(silence(None, last, 2)) == []


def act(year: int, published: date) -> KnownAct:
    return KnownAct(f"JORFTEXT00000000{year}", "premier_quartile", "", published=published, year=year)


ACTS = (act(2021, date(2021, 7, 17)), act(2022, date(2022, 5, 13)), act(2023, date(2023, 4, 30)))


def test_an_act_is_late_two_months_after_the_latest_day_of_former_years() -> None:
    assert list(overdue((QUARTILE,), ACTS, (), date(2024, 9, 15))) == []
    (found,) = overdue((QUARTILE,), ACTS, (), date(2024, 9, 16))
    assert (found.rule, found.subject, found.dataset) == ("acte_annuel_en_retard", "2024", "premier_quartile")


def test_an_act_held_is_not_late() -> None:
    assert list(overdue((QUARTILE,), ACTS, (act(2024, date(2024, 5, 16)),), date(2024, 12, 1))) == []


def test_a_dataset_without_a_rhythm_is_never_late() -> None:
    assert list(overdue((dataset("zonage_abc"),), ACTS, (), date(2050, 1, 1))) == []
