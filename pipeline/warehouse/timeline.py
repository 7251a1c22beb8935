"""The succession of editions as it is known at one moment: who answers from when to when, and why it ends there.

Rules of domain.md, "Dates and relations of acts". Moments of knowledge are put together in `periods`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.documents.model import FromBasis, KnownAct, ToBasis
from pipeline.warehouse.editions import Edition, Overlay, is_act, overlays, whole_editions
from pipeline.warehouse.records import VersionRecord

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


@dataclass(frozen=True)
class Span:
    """A stack of (version_no, edition), lowest rank first, that answers from `valid_from` to `valid_to`."""

    valid_from: date | None
    valid_from_base: FromBasis
    valid_to: date | None
    valid_to_base: ToBasis
    stack: tuple[tuple[int, str], ...]


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
        if begin and not any(is_act(record, act) for record in live):
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
