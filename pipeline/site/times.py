"""The drawing of a dataset's two times: what answers for which legal day, in each state of this warehouse's knowledge.

Geometry only, from plain rows; templates/dessins/temps.html writes the SVG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

WIDTH = 720.0
LABEL = 150.0
"""Room at the left for what a line is called."""
STATES = 8
"""States of knowledge drawn: the newest, and the first."""
NAMED = 14
"""Acts that have a line with their name; when there are more, lines are thin and the table names them."""
_TICKS = (1, 2, 5, 10, 20, 50)


@dataclass(frozen=True)
class HeldPeriod:
    """An edition held, the legal days it answers for, the moments at which this warehouse knew it so."""

    edition: str
    title: str
    begin: date
    end: date | None
    known_from: datetime
    known_to: datetime | None


@dataclass(frozen=True)
class KnownAct:
    """An act known and not held, by its day of effect."""

    act: str
    title: str
    begin: date


@dataclass(frozen=True)
class Band:
    """A stretch of legal time on a line. `open`: no end is known."""

    kind: Literal["held", "known"]
    x: float
    width: float
    title: str
    open: bool = False


@dataclass(frozen=True)
class Lane:
    """One line of the drawing, its bands from left to right."""

    label: str
    y: float
    height: float
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class TwoTimes:
    """The whole drawing. `states`: one line a state of knowledge, the newest first; `acts`: one line an act."""

    height: float
    ticks: tuple[tuple[float, str], ...]
    today: float
    states: tuple[Lane, ...]
    acts: tuple[Lane, ...]
    named: bool
    words: str
    width: float = WIDTH


def two_times(held: Sequence[HeldPeriod], known: Sequence[KnownAct], today: date, succeeds: bool) -> TwoTimes | None:
    """The drawing; None when nothing has a date. `succeeds`: an edition ends where the next act begins."""
    days = [p.begin for p in held] + [p.end for p in held if p.end] + [a.begin for a in known]
    if not days:
        return None
    first, last = min(days), max([*days, today])
    scale = _Scale(first - (last - first) / 30, last + (last - first) / 30)
    y = 8.0
    states: list[Lane] = []
    for moment in _moments(held):
        then = [p for p in held if p.known_from <= moment and (p.known_to is None or p.known_to > moment)]
        newest = not states
        bands = [_held_band(p, scale) for p in then]
        bands += _known_bands(known, then, scale, succeeds) if newest else []
        height = 22.0 if newest else 9.0
        label = "aujourd'hui" if newest else f"su le {moment:%d/%m/%Y}"
        states.append(Lane(label, y, height, tuple(sorted(bands, key=lambda b: b.x))))
        y += height + (10 if newest else 5)
    current = [p for p in held if p.known_to is None]
    lines = sorted(
        [(p.begin, p.title, _held_band(p, scale)) for p in current] + _named(known, scale, current, succeeds)
    )
    named = len(lines) <= NAMED
    y += 14 if named else 4
    acts = []
    for _, title, band in lines:
        acts.append(Lane(title, y, 7.0 if named else 4.0, (band,)))
        y += 19 if named else 5
    words = _words(current, known)
    return TwoTimes(y + 26, scale.ticks(), scale.x(today), tuple(states), tuple(acts), named, words)


class _Scale:
    """Days to points along the line."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, max(last, first + timedelta(days=30))

    def x(self, day: date) -> float:
        share = (day - self.first).days / (self.last - self.first).days
        return round(LABEL + share * (WIDTH - LABEL), 1)

    def ticks(self) -> tuple[tuple[float, str], ...]:
        years = range(self.first.year + 1, self.last.year + 1)
        step = next((s for s in _TICKS if len(years) / s <= 10), 100)
        drawn = ((self.x(date(year, 1, 1)), str(year)) for year in years if year % step == 0)
        return tuple((x, year) for x, year in drawn if x < WIDTH - 16)


def _moments(held: Iterable[HeldPeriod]) -> list[datetime]:
    """Moments at which what was known changed, newest first; those in between left out when there are many. Changes of
    one day are one."""
    by_day = {p.known_from.date(): p.known_from for p in sorted(held, key=lambda p: p.known_from)}
    moments = sorted(by_day.values(), reverse=True)
    return moments if len(moments) <= STATES else [*moments[: STATES - 1], moments[-1]]


def _held_band(period: HeldPeriod, scale: _Scale) -> Band:
    x = scale.x(period.begin)
    end = scale.x(period.end) if period.end else WIDTH
    until = f"au {period.end:%d/%m/%Y} exclu" if period.end else "sans fin connue"
    title = f"{period.title} : détenu, du {period.begin:%d/%m/%Y} {until}"
    return Band("held", x, max(end - x, 2), title, period.end is None)


def _known_bands(known: Sequence[KnownAct], held: Sequence[HeldPeriod], scale: _Scale, succeeds: bool) -> list[Band]:
    return [band for _, _, band in _named(known, scale, held, succeeds)]


def _named(
    known: Sequence[KnownAct], scale: _Scale, held: Sequence[HeldPeriod], succeeds: bool
) -> list[tuple[date, str, Band]]:
    """Each act known and not held, from its day of effect to the next act of either kind."""
    begins = sorted({a.begin for a in known} | {p.begin for p in held})
    found = []
    for act in known:
        after = next((day for day in begins if day > act.begin), None) if succeeds else None
        x = scale.x(act.begin)
        end = scale.x(after) if after else WIDTH
        title = f"{act.title} : connu et non détenu, effet le {act.begin:%d/%m/%Y}"
        found.append((act.begin, act.title, Band("known", x, max(end - x, 2), title, after is None)))
    return found


def _words(held: Sequence[HeldPeriod], known: Sequence[KnownAct]) -> str:
    """The drawing for those who do not see it."""
    said = [
        f"{p.title} répond du {p.begin:%d/%m/%Y} " + (f"au {p.end:%d/%m/%Y} exclu" if p.end else "sans fin connue")
        for p in sorted(held, key=lambda p: p.begin)[:NAMED]
    ]
    said += [f"{a.title} (effet le {a.begin:%d/%m/%Y}) est connu et non détenu" for a in known[:NAMED]]
    return " ; ".join(said) + "."
