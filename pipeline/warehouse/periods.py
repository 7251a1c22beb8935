"""Which version answers for which day, as known at which moment: one pure function over the records.

Legal dates are plain dates, `from` inclusive and `to` exclusive; known times are UTC. No row is looked at. How the
editions of one moment follow each other is in `timeline`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.documents.model import FromBasis, KnownAct, ToBasis
from pipeline.warehouse.records import KnownActs, VersionRecord, Withdrawal
from pipeline.warehouse.timeline import Span, timeline


@dataclass(frozen=True)
class Period:
    """One rectangle: this version answers for valid_from ≤ day < valid_to, as known from known_from to known_to.

    Versions of one `period_no` stack: the rows of a higher `rank` hide those of the same key below. A NULL `valid_from`
    is an undated edition; a NULL end is an end not known.
    """

    dataset: str
    version_no: int
    edition: str
    valid_from: date | None
    valid_from_base: FromBasis
    valid_to: date | None
    valid_to_base: ToBasis
    known_from: datetime
    known_to: datetime | None
    rank: int
    period_no: int


def periods(
    records: Iterable[VersionRecord],
    withdrawals: Iterable[Withdrawal] = (),
    known_acts: Sequence[KnownActs] = (),
    accumulates: Collection[str] = (),
) -> list[Period]:
    """The rectangles of all datasets, ordered by dataset, known_from, valid_from and rank.

    At any (day, moment) a dataset not in `accumulates` has one period_no at most. Records are taken in the order of
    their numbers, each known no earlier than the one before, whatever the clock said.
    """
    by_dataset: dict[str, list[VersionRecord]] = {}
    for record in sorted(records, key=lambda r: r.version_no):
        by_dataset.setdefault(record.dataset, []).append(record)
    taken_back: dict[int, datetime] = {}
    for withdrawal in sorted(withdrawals, key=lambda w: w.withdrawn_at):
        taken_back.setdefault(withdrawal.version_no, withdrawal.withdrawn_at)
    found: list[Period] = []
    for dataset in sorted(by_dataset):
        moments = _moments(dataset, by_dataset[dataset], taken_back, known_acts)
        rectangles = _rectangles(moments, dataset not in accumulates)
        found += _numbered(dataset, rectangles, found[-1].period_no if found else 0)
    return found


@dataclass(frozen=True)
class _Moment:
    at: datetime
    live: tuple[VersionRecord, ...]
    acts: tuple[KnownAct, ...]


@dataclass(frozen=True)
class _Rectangle:
    span: Span
    known_from: datetime
    known_to: datetime | None


def _moments(
    dataset: str, records: Sequence[VersionRecord], taken_back: dict[int, datetime], states: Sequence[KnownActs]
) -> list[_Moment]:
    """What was held and known of one dataset at each time that it changed."""
    known: list[tuple[datetime, VersionRecord]] = []
    for record in records:
        known.append((max(record.accepted_at, known[-1][0]) if known else record.accepted_at, record))
    ends = {r.version_no: max(taken_back[r.version_no], at) for at, r in known if r.version_no in taken_back}
    ordered = sorted(states, key=lambda s: s.seen_at)
    times = {at for at, _ in known} | set(ends.values()) | {s.seen_at for s in ordered[1:]}
    moments: list[_Moment] = []
    for at in sorted(times):
        live = tuple(r for begin, r in known if begin <= at and not (r.version_no in ends and ends[r.version_no] <= at))
        seen = [s for s in ordered[1:] if s.seen_at <= at] or ordered[:1]
        acts = tuple(a for a in (seen[-1].acts if seen else ()) if a.dataset == dataset)
        moments.append(_Moment(at, live, acts))
    return moments


def _rectangles(moments: Sequence[_Moment], replaces: bool) -> list[_Rectangle]:
    """The spans of each moment, a span that stays the same over several moments being one rectangle."""
    closed: list[_Rectangle] = []
    open_since: dict[Span, datetime] = {}
    for moment in moments:
        spans = dict.fromkeys(timeline(moment.live, moment.acts, replaces))
        for gone in [span for span in open_since if span not in spans]:
            closed.append(_Rectangle(gone, open_since.pop(gone), moment.at))
        for span in spans:
            open_since.setdefault(span, moment.at)
    return closed + [_Rectangle(span, since, None) for span, since in open_since.items()]


def _numbered(dataset: str, rectangles: Sequence[_Rectangle], before: int) -> list[Period]:
    ordered = sorted(rectangles, key=lambda r: (r.known_from, r.span.valid_from or date.min, r.span.stack[0][0]))
    return [
        Period(
            dataset=dataset,
            version_no=version_no,
            edition=edition,
            valid_from=r.span.valid_from,
            valid_from_base=r.span.valid_from_base,
            valid_to=r.span.valid_to,
            valid_to_base=r.span.valid_to_base,
            known_from=r.known_from,
            known_to=r.known_to,
            rank=rank,
            period_no=before + number,
        )
        for number, r in enumerate(ordered, start=1)
        for rank, (version_no, edition) in enumerate(r.span.stack)
    ]
