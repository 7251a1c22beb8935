"""Every parser of printed values accepts its own good examples and refuses its own bad ones, with a French reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cleaning import values
from pipeline.cleaning.labels import fold, squeeze
from pipeline.cleaning.values import UnreadableError

PARSERS: list[tuple[Callable[[str], object], tuple[str, ...], tuple[str, ...]]] = [
    (values.count, values.COUNT_GOOD, values.COUNT_BAD),
    (values.euros, values.EUROS_GOOD, values.EUROS_BAD),
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
    assert f"« {squeeze(text)} »" in refusal.value.reason


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


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_exactly_one_check_digit_is_right(stem: str) -> None:
    assert sum(values.luhn(stem + digit) for digit in "0123456789") == 1


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
