"""Values as a French reader writes them."""

from __future__ import annotations

from datetime import date

from pipeline.cleaning.values import day_in_words


def test_the_first_of_a_month_is_an_ordinal() -> None:
    assert day_in_words(date(2026, 8, 1)) == "1er août 2026"
    assert day_in_words(date(2020, 6, 15)) == "15 juin 2020"
