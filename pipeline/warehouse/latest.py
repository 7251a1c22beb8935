"""Which periods the view of each dataset in main shows: the latest edition held. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.contract.dataset import Dataset
from pipeline.warehouse.periods import Period


def latest_periods(found: Sequence[Period], datasets: Sequence[Dataset]) -> set[int]:
    """The period_no that the view of each dataset shows: of what is known now, the last to begin; undated editions
    when there is no other; all of them where acts stand alone."""
    shown: set[int] = set()
    for dataset in datasets:
        now = [p for p in found if p.dataset == dataset.name and p.known_to is None]
        if dataset.succession == "accumulates":
            shown |= {p.period_no for p in _last_of_each(now)}
        elif now:
            shown.add(max(now, key=recency).period_no)
    return shown


def _last_of_each(now: Sequence[Period]) -> list[Period]:
    """For each edition at the bottom of a stack, its last period."""
    last: dict[str, Period] = {}
    for period in sorted((p for p in now if p.rank == 0), key=recency):
        last[period.edition] = period
    return list(last.values())


def recency(period: Period) -> tuple[bool, date, int]:
    """For sorting: undated periods first, then by first day, then by version."""
    return period.valid_from is not None, period.valid_from or date.min, period.version_no
