"""What should have come and has not: days of publication without a delivery, yearly acts that are late. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from dateutil.easter import easter

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding
from pipeline.documents.model import KnownAct

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday (Code du travail, art. L. 3133-1)."""
_GRACE = timedelta(days=60)
_MONDAY = 0


def holidays(year: int) -> frozenset[date]:
    """The public holidays of metropolitan France."""
    sunday = easter(year)
    return frozenset(
        [date(year, month, day) for month, day in _FIXED] + [sunday + timedelta(days=n) for n in _AFTER_EASTER]
    )


def is_publication_day(day: date) -> bool:
    """The Journal officiel appears neither on Mondays nor on the day after a public holiday."""
    before = day - timedelta(days=1)
    return day.weekday() != _MONDAY and before not in holidays(before.year)


def missed_days(last: date, today: date) -> list[date]:
    """Days of publication after the last delivery and before today, which is not over."""
    between = (last + timedelta(days=n) for n in range(1, (today - last).days))
    return [day for day in between if is_publication_day(day)]


def silence(last: date | None, today: date, tolerated: int) -> Iterator[Finding]:
    """A warning when the feed has been silent for `tolerated` days of publication or more."""
    if last is None:
        return
    missed = missed_days(last, today)
    if len(missed) >= tolerated:
        message = f"le flux se tait depuis le {last:%d/%m/%Y} : {len(missed)} jours de parution sans livraison"
        yield Finding("flux_silencieux", "warning", "", message, f"{last:%Y-%m-%d}")


def overdue(
    datasets: Sequence[Dataset], known: Sequence[KnownAct], held: Sequence[KnownAct], today: date
) -> Iterator[Finding]:
    """A warning for each yearly dataset whose act of the year should have appeared.

    `known` and `held` are acts with their year. An act is late two months after the latest day of the year at which
    one of the acts of former years was published, or signed where that is all that is known.
    """
    for dataset in datasets:
        acts = [a for a in (*known, *held) if a.dataset == dataset.name and a.year]
        days = [(day.month, day.day) for day in (a.published or a.signed for a in acts) if day]
        if dataset.rhythm != "yearly" or not days:
            continue
        due = max(a.year for a in acts if a.year) + 1
        month, day = max(days)
        late = date(due, month, min(day, 28)) + _GRACE
        if today > late:
            message = f"{dataset.name} : l'acte de {due} est attendu depuis le {late:%d/%m/%Y} et n'est pas connu"
            yield Finding("acte_annuel_en_retard", "warning", "", message, str(due), dataset.name)
