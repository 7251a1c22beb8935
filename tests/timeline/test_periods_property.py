"""Over histories made at random: never two answers for one day, and never a past that changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.documents.model import Relation
from pipeline.store.records import KnownActs, VersionRecord, Withdrawal
from pipeline.timeline.periods import Period, periods
from tests.timeline import oracle
from tests.warehouse.made import NOON, known, record

ACTS = ("A", "B", "C", "D", "E")
DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 9))
MAYBE_DAY = st.none() | DAYS


@dataclass(frozen=True)
class History:
    """Arrivals in order, each at a clock that may go back; the store never lets known time do so."""

    arrivals: tuple[VersionRecord | Withdrawal | KnownActs, ...]

    def upto(self, count: int) -> list[Period]:
        taken = self.arrivals[:count]
        return periods(
            [a for a in taken if isinstance(a, VersionRecord)],
            [a for a in taken if isinstance(a, Withdrawal)],
            [a for a in taken if isinstance(a, KnownActs)],
        )

    def time(self, index: int) -> datetime:
        return _time(self.arrivals[index])


def _time(arrival: VersionRecord | Withdrawal | KnownActs) -> datetime:
    if isinstance(arrival, VersionRecord):
        return arrival.accepted_at
    return arrival.withdrawn_at if isinstance(arrival, Withdrawal) else arrival.seen_at


@st.composite
def relations(draw: st.DrawFn, of: str) -> Relation | None:
    kind = draw(st.sampled_from([None, None, "modifie", "modifie", "rectifie", "abroge", "annule"]))
    other = draw(st.sampled_from([a for a in ACTS if a != of]))
    if kind is None:
        return None
    return Relation(kind, other, draw(st.sampled_from(["totale", "partielle"])), draw(MAYBE_DAY))  # type: ignore[arg-type]


@st.composite
def histories(draw: st.DrawFn, related: bool = True) -> History:
    acts = {name: draw(relations(name)) if related else None for name in ACTS}
    arrivals: list[VersionRecord | Withdrawal | KnownActs] = [KnownActs(NOON, ())]
    for number in range(1, draw(st.integers(1, 8)) + 1):
        now = max(_time(arrivals[-1]), NOON + timedelta(hours=draw(st.integers(0, 40))))
        name = draw(st.sampled_from(ACTS))
        begin, end = draw(MAYBE_DAY), draw(MAYBE_DAY)
        made = record(number, name, valid_from=begin, valid_to=end, accepted_at=now, relation=acts[name])
        arrivals.append(replace(made, valid_to_base="texte" if end else "aucune", rows=draw(st.integers(0, 1))))
        if draw(st.booleans()):
            arrivals.append(_second_thought(draw, number, now + timedelta(hours=draw(st.integers(0, 3)))))
    return History(tuple(arrivals))


def _second_thought(draw: st.DrawFn, number: int, now: datetime) -> Withdrawal | KnownActs:
    if draw(st.booleans()):
        return Withdrawal("seuils", draw(st.integers(1, number)), now, "essai")
    names = draw(st.lists(st.sampled_from([*ACTS, "X"]), max_size=2))
    return KnownActs(now, tuple(known(name, draw(MAYBE_DAY)) for name in names))


def _state(found: list[Period], moment: datetime) -> set[tuple[object, ...]]:
    return {
        (p.version_no, p.edition, p.valid_from, p.valid_to, p.valid_to_base, p.rank)
        for p in found
        if p.known_from <= moment and (p.known_to is None or moment < p.known_to)
    }


@given(histories())
@settings(max_examples=150, deadline=None)
def test_a_day_has_one_answer_at_each_moment(history: History) -> None:
    found = history.upto(len(history.arrivals))
    for p in found:
        assert p.known_to is None or p.known_from < p.known_to
        assert p.valid_from is None or p.valid_to is None or p.valid_from < p.valid_to
    for moment in {_time(a) for a in history.arrivals}:
        stacks: dict[int, list[Period]] = defaultdict(list)
        for p in found:
            if p.valid_from and p.known_from <= moment and (p.known_to is None or moment < p.known_to):
                stacks[p.period_no].append(p)
        days = sorted((s[0].valid_from, s[0].valid_to) for s in stacks.values() if s[0].valid_from)
        assert all(end is not None and end <= begin for (_, end), (begin, _) in pairwise(days))
        for stack in stacks.values():
            assert sorted(p.rank for p in stack) == list(range(len(stack)))
            assert len({(p.valid_from, p.valid_to, p.known_from, p.known_to) for p in stack}) == 1


@given(histories())
@settings(max_examples=150, deadline=None)
def test_what_was_known_never_changes(history: History) -> None:
    whole = history.upto(len(history.arrivals))
    for count in range(1, len(history.arrivals)):
        moment = history.time(count - 1)
        if moment < history.time(count):
            assert _state(history.upto(count), moment) == _state(whole, moment)


def _rule(history: History, day: date, moment: datetime) -> int | None:
    """Who answers, said naively: of the editions held then, the last to begin by that day, unless it had ended."""
    seen = [a for a in history.arrivals if _time(a) <= moment]
    gone = {a.version_no for a in seen if isinstance(a, Withdrawal)}
    held = [a for a in seen if isinstance(a, VersionRecord) and a.version_no not in gone]
    newest = {r.edition: r for r in held}
    begun = [r for r in newest.values() if r.valid_from and r.valid_from <= day]
    last = max(begun, key=lambda r: (r.valid_from, r.edition), default=None)
    if last is None or last.valid_from is None or (last.valid_to and last.valid_to <= day):
        return None
    acts = [a for a in seen if isinstance(a, KnownActs)][-1].acts
    missing = [a.effect_from for a in acts if a.effect_from and a.id not in newest]
    return None if any(last.valid_from < begin <= day for begin in missing) else last.version_no


@given(histories(related=False), DAYS)
@settings(max_examples=150, deadline=None)
def test_the_answer_is_that_of_the_rule(history: History, day: date) -> None:
    found = history.upto(len(history.arrivals))
    for moment in {_time(a) for a in history.arrivals}:
        answers = [
            p.version_no
            for p in found
            if p.valid_from and p.valid_from <= day and (p.valid_to is None or day < p.valid_to)
            if p.known_from <= moment and (p.known_to is None or moment < p.known_to)
        ]
        expected = _rule(history, day, moment)
        assert answers == ([] if expected is None else [expected])


@given(histories(), st.booleans())
@settings(max_examples=300)
def test_the_rectangles_are_those_of_the_succession_worked_out_whole(history: History, alone: bool) -> None:
    records = [a for a in history.arrivals if isinstance(a, VersionRecord)]
    withdrawals = [a for a in history.arrivals if isinstance(a, Withdrawal)]
    states = [a for a in history.arrivals if isinstance(a, KnownActs)]
    accumulates = {r.dataset for r in records} if alone else set()
    found = periods(records, withdrawals, states, accumulates)
    assert found == oracle.periods(records, withdrawals, states, accumulates)
