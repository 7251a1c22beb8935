"""The succession of editions worked out whole at every moment: short, quadratic, and what `pipeline.timeline.periods`
is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pipeline.documents.model import KnownAct, ToBasis
from pipeline.store.records import KnownActs, VersionRecord, Withdrawal
from pipeline.timeline.editions import Edition, Overlay, newest_readings, overlays, stands_for, whole_editions
from pipeline.timeline.periods import Period, Span, concerning

# When several causes end an edition on one day, the one said is the first of these.
_CAUSES: tuple[ToBasis, ...] = (
    "annule",
    "abroge",
    "remplace",
    "texte",
    "revision_annuelle",
    "remplace_par_acte_non_detenu",
    "aucune",
)
_End = tuple[date, ToBasis]


def timeline(live: Sequence[VersionRecord], acts: Sequence[KnownAct], replaces: bool) -> list[Span]:
    """The spans of one dataset from the versions held (`live`, by number) and the acts known, in order of valid_from.

    With `replaces`, spans never overlap. Undated editions come first, each with a NULL valid_from. A partial act gives
    no span of its own: it stacks on the edition it amends. An edition annulled or repealed keeps its place in the
    succession: what it had replaced is not brought back.
    """
    whole = whole_editions(live)
    partial = overlays(live, whole)
    law = _ends_by_law(live)
    dated = sorted((e for e in whole if e.dates.valid_from), key=lambda e: e.order)
    missing = _not_held(acts, live) if replaces else []
    undated = [e for e in whole if not e.dates.valid_from]
    spans = [Span(None, "inconnue", None, "aucune", (_ranked(e),)) for e in sorted(undated, key=lambda e: e.id)]
    for i, edition in enumerate(dated):
        ends = _own_ends(edition, law)
        if replaces:
            ends += [(later.begin, "remplace") for later in dated[i + 1 : i + 2]]
            ends += [(begin, "remplace_par_acte_non_detenu") for begin, act in missing if _follows(begin, act, edition)]
        spans += _stacked(edition, _first(ends), [o for o in partial if o.base is edition], law)
    return spans


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


def _not_held(acts: Sequence[KnownAct], live: Sequence[VersionRecord]) -> list[tuple[date, KnownAct]]:
    """Acts known and not held, with the day they begin: stated, else the day after publication, else signature."""
    found: list[tuple[date, KnownAct]] = []
    for act in acts:
        begin = act.effect_from or (act.published + timedelta(days=1) if act.published else act.signed)
        if begin and not any(stands_for(record, act) for record in newest_readings(live)):
            found.append((begin, act))
    return found


def _follows(begin: date, act: KnownAct, edition: Edition) -> bool:
    """Whether an act not held comes after this edition; on one day, only when it was published later."""
    own = edition.dates.act
    if begin != edition.begin:
        return begin > edition.begin
    return bool(own and own.published and act.published and act.published > own.published)


def _first(ends: Sequence[_End]) -> _End | None:
    return min(ends, key=lambda end: (end[0], _CAUSES.index(end[1])), default=None)


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
        moments = _moments(by_dataset[dataset], taken_back, concerning(dataset, by_dataset, known_acts))
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
    records: Sequence[VersionRecord], taken_back: dict[int, datetime], states: Sequence[KnownActs]
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
        moments.append(_Moment(at, live, seen[-1].acts if seen else ()))
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
