"""French printed dates. Nothing is coerced: text that is not wholly one date of the calendar is refused."""

from __future__ import annotations

import re
from datetime import date

from pipeline.cleaning.errors import UnreadableError
from pipeline.cleaning.labels import fold, squeeze

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MONTHS = tuple(map(fold, MONTHS))
# The month is written out, or stands between two separators of one kind; a year of two digits says no century.
_IN_WORDS = re.compile(rf"(?P<day>1er|[0-9]{{1,2}}) (?P<month>{'|'.join(_MONTHS)}) (?P<year>[0-9]{{4}})")
_IN_DIGITS = re.compile(r"(?P<day>[0-9]{1,2})(?P<sep>[/.-])(?P<month>[0-9]{1,2})(?P=sep)(?P<year>[0-9]{4})")

DAY_GOOD = ("16/11/2025", "1/2/2025", "29.04.2024", "29-04-2024", "1er janvier 2025", "5\u00a0Août 2025")
DAY_BAD = ("", "31/02/2025", "16/11/25", "2025-11-16", "16/11-2025", "00/01/2025", "32 mars 2025", "1er brumaire 2025")


def day(text: str) -> date:
    """One day, the day before the month: '16/11/2025', '1er janvier 2025'. Raises UnreadableError."""
    folded = fold(text)
    found = _IN_DIGITS.fullmatch(folded) or _IN_WORDS.fullmatch(folded)
    if found:
        month = found["month"]
        number = int(month) if month.isdigit() else _MONTHS.index(month) + 1
        try:
            return date(int(found["year"]), number, int(found["day"].removesuffix("er")))
        except ValueError as error:
            raise _unreadable(text) from error
    raise _unreadable(text)


def _unreadable(text: str) -> UnreadableError:
    return UnreadableError(
        "date_illisible", f"« {squeeze(text)} » n'est pas une date du calendrier (jour, mois, année)"
    )
