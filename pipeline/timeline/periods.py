"""Which version answers for which day, as known at which moment: the succession of editions, followed from one moment
of knowledge to the next, as rectangles of both times; and the latest of each dataset. Pure functions over the records.

Only what a moment touches is worked out again: acts that name each other form a group, a group's editions depend on its
own records alone, and an edition's end on its neighbour in the succession and on the acts known and not held.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated

from pipeline.contract.dataset import Dataset
from pipeline.documents.identity import days_of
from pipeline.documents.model import FromBasis, KnownAct, ToBasis
from pipeline.published import DatasetName, EditionId, Published, VersionNo
from pipeline.store.records import (
    KnownActs,
    ValidFrom,
    ValidFromBase,
    ValidTo,
    ValidToBase,
    VersionRecord,
    Withdrawal,
)
from pipeline.timeline.editions import (
    Edition,
    Overlay,
    act_key,
    overlays,
    signed_days,
    stands_for,
    whole_editions,
)

# When several causes end an edition on one day, the one said is the first of these.
_CAUSES: tuple[ToBasis, ...] = (
    "annule",
    "abroge",
    "remplace",
    "texte",
    "revision_annuelle",
    "constat",
    "remplace_par_acte_non_detenu",
    "aucune",
)
_End = tuple[date, ToBasis]


_Order = tuple[date, date, date, str]


@dataclass(frozen=True)
class Span:
    """A stack of (version_no, edition), lowest rank first, that answers from `valid_from` to `valid_to`."""

    valid_from: date | None
    valid_from_base: FromBasis
    valid_to: date | None
    valid_to_base: ToBasis
    stack: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Period:
    """One rectangle: this version answers for valid_from ≤ day < valid_to, as known from known_from to known_to.

    Versions of one `period_no` stack: the rows of a higher `rank` hide those of the same key below. A NULL `valid_from`
    is an undated edition; a NULL end is an end not known.
    """

    dataset: DatasetName
    version_no: VersionNo
    edition: EditionId
    valid_from: ValidFrom
    valid_from_base: ValidFromBase
    valid_to: ValidTo
    valid_to_base: ValidToBase
    known_from: Annotated[datetime, Published("Moment (UTC) depuis lequel cette base le sait.")]
    known_to: Annotated[
        datetime | None, Published("Moment (UTC) où elle a su autre chose ; NULL si elle le sait encore.")
    ]
    rank: Annotated[
        int,
        Published("Rang dans la pile : les lignes d'un rang plus haut cachent celles de même clé.", type="SMALLINT"),
    ]
    period_no: Annotated[int, Published("Numéro de la période ; les versions d'une même période s'empilent.")]


def periods(
    records: Iterable[VersionRecord],
    withdrawals: Iterable[Withdrawal] = (),
    known_acts: Sequence[KnownActs] = (),
    accumulates: Collection[str] = (),
) -> list[Period]:
    """The rectangles of all datasets, ordered by dataset, known_from, valid_from and rank.

    At any (day, moment) a dataset not in `accumulates` has one period_no at most. Records are taken in the order of
    their numbers, each known no earlier than the one before, whatever the clock said. Undated editions have a NULL
    valid_from. A partial act gives no span of its own: it stacks on the edition it amends. An edition annulled or
    repealed keeps its place in the succession: what it had replaced is not brought back.
    """
    by_dataset: dict[str, list[VersionRecord]] = {}
    for record in sorted(records, key=lambda r: r.version_no):
        by_dataset.setdefault(record.dataset, []).append(record)
    taken_back: dict[int, datetime] = {}
    for withdrawal in sorted(withdrawals, key=lambda w: w.withdrawn_at):
        taken_back.setdefault(withdrawal.version_no, withdrawal.withdrawn_at)
    found: list[Period] = []
    for dataset in sorted(by_dataset):
        states = concerning(dataset, by_dataset, known_acts)
        rectangles = _rectangles(by_dataset[dataset], taken_back, states, dataset not in accumulates)
        found += _numbered(dataset, rectangles, found[-1].period_no if found else 0)
    return found


def concerning(
    dataset: str, by_dataset: Mapping[str, Sequence[VersionRecord]], states: Sequence[KnownActs]
) -> list[KnownActs]:
    """The known acts that end editions of a dataset: its own, and those of a dataset that one act feeds as well. A
    known act ends all that the act it replaces had set."""
    own = {record.edition for record in by_dataset[dataset]}
    fed = {dataset, *(name for name, records in by_dataset.items() if own & {r.edition for r in records})}
    return [replace(state, acts=tuple(act for act in state.acts if act.dataset in fed)) for state in states]


@dataclass(frozen=True)
class _Moment:
    """What changes at one time: versions that arrive, versions taken back, and the acts known from then on (None: as
    before)."""

    at: datetime
    arrived: tuple[VersionRecord, ...]
    gone: tuple[VersionRecord, ...]
    acts: tuple[KnownAct, ...] | None


@dataclass(frozen=True)
class _Rectangle:
    span: Span
    known_from: datetime
    known_to: datetime | None


def _rectangles(
    records: Sequence[VersionRecord],
    taken_back: Mapping[int, datetime],
    states: Sequence[KnownActs],
    replaces: bool,
) -> list[_Rectangle]:
    """The spans of one dataset over all moments, one that stays the same over several being one rectangle."""
    succession = _Succession(_groups(records), replaces)
    closed: list[_Rectangle] = []
    open_since: dict[Span, datetime] = {}
    for moment in _moments(records, taken_back, states):
        before, after = succession.move(moment)
        for span in before - after:
            closed.append(_Rectangle(span, open_since.pop(span), moment.at))
        for span in after - before:
            open_since[span] = moment.at
    return closed + [_Rectangle(span, since, None) for span, since in open_since.items()]


def _moments(
    records: Sequence[VersionRecord], taken_back: Mapping[int, datetime], states: Sequence[KnownActs]
) -> Iterator[_Moment]:
    """In order of time. The first state of the acts known counts from the beginning."""
    arrived: dict[datetime, list[VersionRecord]] = {}
    gone: dict[datetime, list[VersionRecord]] = {}
    at: datetime | None = None
    for record in records:
        at = max(record.accepted_at, at) if at else record.accepted_at
        end = max(taken_back[record.version_no], at) if record.version_no in taken_back else None
        arrived.setdefault(at, [])
        if end != at:
            arrived[at].append(record)
        if end and end != at:
            gone.setdefault(end, []).append(record)
    ordered = sorted(states, key=lambda s: s.seen_at)
    known = {s.seen_at: s.acts for s in ordered[1:]}
    first = ordered[0].acts if ordered else ()
    for number, time in enumerate(sorted({*arrived, *gone, *known})):
        acts = known.get(time, first if number == 0 else None)
        yield _Moment(time, tuple(arrived.get(time, ())), tuple(gone.get(time, ())), acts)


def _groups(records: Sequence[VersionRecord]) -> dict[int, int]:
    """Version → its group: the records that name each other, directly or through others (union of the ids that each one
    has or bears on)."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for record in records:
        names = [*record.names, *([record.relation.act] if record.relation else ()), *_document_of(record)]
        for other in names[1:]:
            parent[root(other)] = root(names[0])
    numbers: dict[str, int] = {}
    return {r.version_no: numbers.setdefault(root(r.edition), len(numbers)) for r in records}


def _document_of(record: VersionRecord) -> list[str]:
    """A partial rectification without an act is told from others by its document."""
    return [] if record.act else [f"document\x1f{record.document}"]


@dataclass(frozen=True)
class _Standing:
    """An edition held, the partial acts on it, and the repeals and annulments of its group."""

    edition: Edition
    on_top: tuple[Overlay, ...]
    law: Mapping[str, list[_End]]


class _Succession:
    """The editions of one dataset as known at one moment; `move` takes it to the next and says which spans changed.

    With `replaces`, the next edition and the acts known and not held end an edition, and spans never overlap.
    """

    def __init__(self, groups: Mapping[int, int], replaces: bool) -> None:
        self._groups, self._replaces = groups, replaces
        self._live: dict[int, dict[int, VersionRecord]] = {}
        self._dated: dict[_Order, _Standing] = {}
        self._line: list[_Order] = []
        self._of_group: dict[int, tuple[list[_Order], list[Span]]] = {}
        self._spans: dict[_Order, tuple[Span, ...]] = {}
        self._missing = _Missing()

    def move(self, moment: _Moment) -> tuple[set[Span], set[Span]]:
        """The spans of what this moment touches, before it and after it."""
        before: set[Span] = set()
        after: set[Span] = set()
        stale: set[_Order] = set()
        for group in self._touched(moment):
            self._take_out(group, before, stale)
            self._put_in(group, after, stale)
        if self._replaces:
            for begin in self._missing.move(moment):
                stale.update(self._ended_by(begin))
        for key in stale:
            before.update(self._spans.pop(key, ()))
            if key in self._dated:
                self._spans[key] = tuple(self._span_of(key))
                after.update(self._spans[key])
        return before, after

    def _touched(self, moment: _Moment) -> list[int]:
        """The groups whose records change, their records changed."""
        for record in moment.arrived:
            self._live.setdefault(self._groups[record.version_no], {})[record.version_no] = record
        for record in moment.gone:
            del self._live[self._groups[record.version_no]][record.version_no]
        return sorted({self._groups[r.version_no] for r in (*moment.arrived, *moment.gone)})

    def _take_out(self, group: int, before: set[Span], stale: set[_Order]) -> None:
        dated, undated = self._of_group.pop(group, ([], []))
        before.update(undated)
        for key in dated:
            del self._dated[key]
            at = bisect_left(self._line, key)
            del self._line[at]
            stale.update((key, *self._line[max(0, at - 1) : at]))

    def _put_in(self, group: int, after: set[Span], stale: set[_Order]) -> None:
        live = sorted(self._live[group].values(), key=lambda r: r.version_no)
        whole = whole_editions(live)
        partial, law = overlays(live, whole), _ends_by_law(live)
        dated: list[_Order] = []
        for edition in (e for e in whole if e.dates.valid_from):
            key = edition.order
            self._dated[key] = _Standing(edition, tuple(o for o in partial if o.base is edition), law)
            insort(self._line, key)
            at = bisect_left(self._line, key)
            stale.update(self._line[max(0, at - 1) : at + 1])
            dated.append(key)
        undated = [Span(None, "inconnue", None, "aucune", (_ranked(e),)) for e in whole if not e.dates.valid_from]
        after.update(undated)
        self._of_group[group] = (dated, undated)

    def _span_of(self, key: _Order) -> Iterator[Span]:
        standing = self._dated[key]
        ends = _own_ends(standing.edition, standing.law)
        if self._replaces:
            at = bisect_right(self._line, key)
            ends += [(self._dated[later].edition.begin, "remplace") for later in self._line[at : at + 1]]
            ends += [(begin, "remplace_par_acte_non_detenu") for begin in self._missing.after(standing.edition)]
        return _stacked(standing.edition, _first(ends), standing.on_top, standing.law)

    def _ended_by(self, begin: date) -> Sequence[_Order]:
        """The editions that an act not held which begins that day may end: those since the one before it."""
        low = self._missing.before(begin)
        first, last = (low, date.min, date.min, ""), (begin, date.max, date.max, chr(0x10FFFF))
        return self._line[bisect_left(self._line, first) : bisect_right(self._line, last)]


_Mark = str | date


class _Missing:
    """The acts known and not held, by the day they begin: stated, else the day after publication, else signature."""

    def __init__(self) -> None:
        self._readings: dict[str, dict[int, VersionRecord]] = {}
        """Act → its records held; the newest says what it is."""
        self._held: dict[_Mark, dict[str, VersionRecord]] = {}
        """Mark → act → its newest record."""
        self._acts: dict[KnownAct, None] = {}
        self._known: dict[_Mark, list[KnownAct]] = {}
        self._begins: list[date] = []
        self._at: dict[date, list[KnownAct]] = {}

    def move(self, moment: _Moment) -> list[date]:
        """The days on which an act not held begins that did not before the moment, or no longer does after it."""
        asked: list[KnownAct] = []
        for record in moment.arrived:
            asked += self._reads(record, here=True)
        for record in moment.gone:
            asked += self._reads(record, here=False)
        if moment.acts is not None and moment.acts != tuple(self._acts):
            asked = [*self._acts, *moment.acts]
            self._declare(moment.acts)
        changed: list[date] = []
        for act in asked:
            changed += self._settle(act)
        return changed

    def after(self, edition: Edition) -> list[date]:
        """The first day on which one of them follows this edition; on one day, only when it was published later."""
        own, begin = edition.dates.act, edition.begin
        same_day = self._at.get(begin, ())
        if own and own.published and any(a.published and a.published > own.published for a in same_day):
            return [begin]
        return self._begins[bisect_right(self._begins, begin) :][:1]

    def before(self, begin: date) -> date:
        """The last of their days before this one."""
        at = bisect_left(self._begins, begin)
        return self._begins[at - 1] if at else date.min

    def _reads(self, record: VersionRecord, here: bool) -> Iterator[KnownAct]:
        """Take a record in or out of those of its act; the acts known that it, or the one it hides, may be."""
        key = act_key(record)
        readings = self._readings.setdefault(key, {})
        before = readings[max(readings)] if readings else None
        if here:
            readings[record.version_no] = record
        else:
            readings.pop(record.version_no, None)
        after = readings[max(readings)] if readings else None
        if before is after:
            return
        for mark in _marks(before):
            self._held[mark].pop(key, None)
            yield from self._known.get(mark, ())
        for mark in _marks(after):
            assert after is not None, "marks are those of a record"
            self._held.setdefault(mark, {})[key] = after
            yield from self._known.get(mark, ())

    def _declare(self, acts: tuple[KnownAct, ...]) -> None:
        self._acts, self._known = dict.fromkeys(acts), {}
        for act in acts:
            for mark in _marks_of(act):
                self._known.setdefault(mark, []).append(act)

    def _settle(self, act: KnownAct) -> list[date]:
        """Put the act among those not held, or take it out; the day it begins when that is a change."""
        begin = act.effect_from or (act.published + timedelta(days=1) if act.published else act.signed)
        if begin is None or not act.ends:
            return []
        standing = self._at.setdefault(begin, [])
        missing = act in self._acts and not self._is_held(act)
        if missing == (act in standing):
            return []
        if missing:
            standing.append(act)
            insort(self._begins, begin)
        else:
            standing.remove(act)
            del self._begins[bisect_left(self._begins, begin)]
        return [begin]

    def _is_held(self, act: KnownAct) -> bool:
        """Whether one of the acts held is this one: `editions.stands_for`, asked of those alone that may be."""
        return any(stands_for(record, act) for mark in _marks_of(act) for record in self._held.get(mark, {}).values())


def _marks_of(act: KnownAct) -> set[_Mark]:
    """The names and days of an act of actes.toml."""
    return {act.id, act.nor or act.id, *days_of(act.title, act.signed)}


def _marks(record: VersionRecord | None) -> Iterator[_Mark]:
    """What an act of actes.toml may be known by: the names of this one, and its day of signature."""
    if record is not None:
        yield from record.names
        yield from signed_days(record)


def _stacked(
    edition: Edition, end: _End | None, on_top: Sequence[Overlay], law: Mapping[str, list[_End]]
) -> Iterator[Span]:
    """The edition cut wherever a partial act begins or ends, each piece with the acts that then apply."""
    reach = [(overlay, _first(_own_ends(overlay, law))) for overlay in on_top]
    reach = [(overlay, stop) for overlay, stop in reach if stop is None or stop[0] > overlay.begin]
    cuts = {edition.begin} | {o.begin for o, _ in reach} | {stop[0] for _, stop in reach if stop}
    last = end[0] if end else date.max
    inside = sorted(cut for cut in cuts if edition.begin <= cut < last)
    for cut, after in zip(inside, [*inside[1:], None], strict=False):
        applied = [o for o, stop in reach if o.begin <= cut and (stop is None or cut < stop[0])]
        starting = next((o.dates for o in applied if o.begin == cut > edition.begin), edition.dates)
        ended = next((stop[1] for _, stop in reach if stop and stop[0] == after), None)
        why: ToBasis = (ended or "remplace") if after else end[1] if end else "aucune"
        yield Span(
            valid_from=cut,
            valid_from_base=starting.valid_from_base,
            valid_to=after or (end[0] if end else None),
            valid_to_base=why,
            stack=(_ranked(edition), *(_ranked(o) for o in applied)),
        )


def _ranked(item: Edition | Overlay) -> tuple[int, str]:
    return item.reading.version_no, item.id


def _ends_by_law(live: Sequence[VersionRecord]) -> dict[str, list[_End]]:
    """Repeals and annulments held: id of the act they name → the day they state, or their own day of effect. Of an act
    read again, as its newest reading says."""
    found: dict[str, list[_End]] = {}
    for record in {r.edition: r for r in live}.values():
        relation = record.relation
        day = (relation.date_effet or record.valid_from) if relation else None
        if relation and day and (relation.kind == "abroge" or relation.kind == "annule"):
            found.setdefault(relation.act, []).append((day, relation.kind))
    return found


def _own_ends(item: Edition | Overlay, law: Mapping[str, list[_End]]) -> list[_End]:
    """The end its text states, and those that repeals and annulments give it."""
    stated: list[_End] = [(item.dates.valid_to, item.dates.valid_to_base)] if item.dates.valid_to else []
    return stated + [end for name in sorted(item.names) for end in law.get(name, [])]


def _first(ends: Sequence[_End]) -> _End | None:
    return min(ends, key=lambda end: (end[0], _CAUSES.index(end[1])), default=None)


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
