"""Values written for a French reader. Reading them is in `dates` and its neighbours."""

from __future__ import annotations

from datetime import date

from pipeline.cleaning.dates import MONTHS


def day_in_words(day: date) -> str:
    """'1er novembre 2026', '15 juin 2020'."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"
