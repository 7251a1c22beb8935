"""Every parser of printed values accepts its own good examples and refuses its own bad ones, with a French reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, shown, squeeze
from pipeline.cleaning.values import UnreadableError

PARSERS: list[tuple[Callable[[str], object], tuple[str, ...], tuple[str, ...]]] = [
    (values.count, values.COUNT_GOOD, values.COUNT_BAD),
    (values.euros, values.EUROS_GOOD, values.EUROS_BAD),
    (values.increment, values.INCREMENT_GOOD, values.INCREMENT_BAD),
    (values.percent, values.PERCENT_GOOD, values.PERCENT_BAD),
    (values.siren, values.SIREN_GOOD, values.SIREN_BAD),
    (values.departement, values.DEPARTEMENT_GOOD, values.DEPARTEMENT_BAD),
    (values.day, values.DAY_GOOD, values.DAY_BAD),
]


@pytest.mark.parametrize(("parse", "text"), [(p, t) for p, good, _ in PARSERS for t in good])
def test_good_examples_are_read(parse: Callable[[str], object], text: str) -> None:
    assert parse(text) is not None


@pytest.mark.parametrize(("parse", "text"), [(p, t) for p, _, bad in PARSERS for t in bad])
def test_bad_examples_are_refused_with_the_text_in_the_reason(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        parse(text)
    assert f"« {shown(text)} »" in refusal.value.reason


def test_values_are_those_printed() -> None:
    assert values.euros("8 861 €") == 8861
    assert values.count("1\u202f000\u202f000") == 1_000_000
    assert values.percent("19,6 %") == Decimal("19.6")
    assert values.departement("2b") == "2B"
    assert values.siren("200 071 751") == "200071751"
    assert values.day("02/01/2025") == values.day("2 janvier 2025") == date(2025, 1, 2)


@given(
    st.integers(0, 10**9),
    st.sampled_from([" ", "\u00a0", "\u2009", "\u202f"]),
    st.sampled_from(["", "€", " €", "\u202f€"]),
)
def test_euros_come_back_whatever_the_typesetting(amount: int, space: str, sign: str) -> None:
    assert values.euros(f"{amount:,}".replace(",", space) + sign) == amount


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from("/.-"))
def test_a_day_comes_back_whatever_parts_it(day: date, mark: str) -> None:
    assert values.day(f"{day:%d}{mark}{day:%m}{mark}{day.year:04}") == day


def test_two_numbers_one_above_the_other_are_named_as_such() -> None:
    with pytest.raises(UnreadableError, match="« 82 ⏎ 190 » : 2 nombres l'un sous l'autre"):
        values.count("82\n190")


def test_cents_are_the_reason_where_they_are_the_reason() -> None:
    with pytest.raises(UnreadableError, match="a des centimes"):
        values.euros("8 861,50 €")


def test_the_siren_of_a_siret_is_its_first_nine_digits() -> None:
    assert values.siren("20007175100016") == "200071751"
    with pytest.raises(UnreadableError, match="le SIRET ne vérifie pas"):
        values.siren("20007175100017")


def test_an_amending_act_closes_its_table_behind_the_last_number() -> None:
    assert (values.euros("6 710 »"), values.increment("« + 6 710 »"), values.unquoted("« 1")) == (6710, 6710, "1")


def test_what_takes_no_room_in_print_is_shown() -> None:
    assert shown("8\u200b861\u00ad €\n 9") == "8[U+200B]861[U+00AD] € ⏎ 9"


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_exactly_one_check_digit_is_right(stem: str) -> None:
    assert sum(values.luhn(stem + digit) for digit in "0123456789") == 1


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert squeeze(squeeze(text)) == squeeze(text)
