"""The succession of editions as it is known at one moment: who answers from when to when, and why it ends there.

Rules of domain.md, "Dates and relations of acts". Moments of knowledge are put together in `periods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.documents.model import FromBasis, KnownAct, ToBasis
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


@dataclass(frozen=True)
class Span:
    """A stack of (version_no, edition), lowest rank first, that answers from `valid_from` to `valid_to`."""

    valid_from: date | None
    valid_from_base: FromBasis
    valid_to: date | None
    valid_to_base: ToBasis
    stack: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _Edition:
    """The reading that counts for one edition (or for one partial act): its version, and the dates of its act."""

    id: str
    reading: VersionRecord
    dates: VersionRecord
    names: frozenset[str]

    @property
    def order(self) -> tuple[date, date, date, str]:
        """Date of effect, then publication, signature and id, so that no two editions tie."""
        act = self.dates.act
        published, signed = (act.published, act.signed) if act else (None, None)
        return self.dates.valid_from or date.min, published or date.min, signed or date.min, self.id


_End = tuple[date, ToBasis]


def timeline(live: Sequence[VersionRecord], acts: Sequence[KnownAct], replaces: bool) -> list[Span]:
    """The spans of one dataset from the versions held (`live`, by number) and the acts known, in order of valid_from.

    With `replaces`, spans never overlap. Undated editions come first, each with a NULL valid_from. A partial act gives
    no span of its own: it stacks on the edition it amends, and gives nothing while that one is not held.
    """
    whole = _editions([r for r in live if not _is_partial(r) and not _only_ends(r)])
    partial = _partials(live)
    dated = sorted((e for e in whole if e.dates.valid_from is not None), key=lambda e: e.order)
    undated = [Span(None, "inconnue", None, "aucune", ((e.reading.version_no, e.id),)) for e in whole if e not in dated]
    missing = _not_held(acts, live) if replaces else []
    spans: list[Span] = []
    for i, edition in enumerate(dated):
        ends = [_stated(edition), *_ended_by_law(edition, live)]
        if replaces:
            ends += [(_begin(later), "remplace") for later in dated[i + 1 : i + 2]]
            ends += [(begin, "remplace_par_acte_non_detenu") for begin, act in missing if _follows(begin, act, edition)]
        end = _first([e for e in ends if e])
        overlays = [o for o in partial if _base(o, whole) is edition]
        spans += _stacked(edition, end, overlays, live)
    return sorted(undated, key=lambda s: s.stack) + spans


def _stacked(
    edition: _Edition, end: _End | None, overlays: Sequence[_Edition], live: Sequence[VersionRecord]
) -> Iterator[Span]:
    """The edition cut wherever a partial act begins or ends, each piece with the acts that then apply."""
    begin, last = _begin(edition), end[0] if end else None
    reach: list[tuple[date, _End | None, _Edition]] = []
    for overlay in sorted(overlays, key=lambda o: o.order):
        own_end = _first([e for e in [_stated(overlay), *_ended_by_law(overlay, live)] if e])
        start = max(begin, overlay.dates.valid_from or begin)
        if own_end is None or own_end[0] > start:
            reach.append((start, own_end, overlay))
    cuts = {begin} | {s for s, _, _ in reach} | {e[0] for _, e, _ in reach if e}
    inside = sorted(c for c in cuts if begin <= c and (last is None or c < last))
    for i, cut in enumerate(inside):
        at = [o for s, e, o in reach if s <= cut and (e is None or cut < e[0])]
        here = next((o for s, _, o in reach if s == cut), edition)
        after = inside[i + 1] if i + 1 < len(inside) else None
        stack = ((edition.reading.version_no, edition.id), *((o.reading.version_no, o.id) for o in at))
        why: ToBasis = _cut_cause(reach, after) if after else end[1] if end else "aucune"
        yield Span(cut, here.dates.valid_from_base, after or last, why, stack)


def _cut_cause(reach: Iterable[tuple[date, _End | None, _Edition]], cut: date) -> ToBasis:
    return next((e[1] for _, e, _ in reach if e and e[0] == cut), "remplace")


def _editions(records: Sequence[VersionRecord]) -> list[_Edition]:
    """One for each edition: a rectification outranks what it rectifies whenever that was read again; else the newest.

    The dates are those of the act itself, not of what rectifies it, when both are held.
    """
    ids = edition_ids(records)
    groups: dict[str, list[VersionRecord]] = {}
    for record in records:
        groups.setdefault(ids[record.version_no], []).append(record)
    found: list[_Edition] = []
    for name, group in groups.items():
        own = [r for r in group if not _is_kind(r, "rectifie")]
        reading = max(group, key=_precedence)
        found.append(_Edition(name, reading, (own or [reading])[-1], frozenset(n for r in group for n in _names(r))))
    return found


def _partials(live: Sequence[VersionRecord]) -> list[_Edition]:
    """The partial acts held, each with its newest reading. A partial rectification counts as from the beginning.

    A `modifie` without a date of effect cannot be placed: it stays in the data and answers for no day.
    """
    amended = _editions([r for r in live if _is_partial(r) and _is_kind(r, "modifie") and r.valid_from is not None])
    mends: dict[str, VersionRecord] = {}
    for record in live:
        if _is_partial(record) and _is_kind(record, "rectifie"):
            mends[record.act.id if record.act else record.document] = record
    ids = edition_ids(live)
    return amended + [_Edition(ids[r.version_no], r, r, frozenset(_names(r))) for r in mends.values()]


def _base(overlay: _Edition, whole: Sequence[_Edition]) -> _Edition | None:
    """The edition a partial act amends: the one it names, or the last whole amendment of that one by its date."""
    relation = overlay.reading.relation
    assert relation is not None, "a partial act has a relation"
    line = [e for e in whole if relation.act in e.names or relation.act == e.id]
    if overlay.reading.relation and _is_kind(overlay.reading, "rectifie"):
        return line[0] if line else None
    for edition in sorted(whole, key=lambda e: e.order):
        amends = edition.dates.relation
        if amends and amends.kind == "modifie" and any(amends.act in e.names | {e.id} for e in line):
            line += [edition] if edition not in line and not _made_after(edition, overlay) else []
    before = [e for e in line if _begin(e) <= _begin(overlay)]
    return max(before or line[:1], key=lambda e: e.order, default=None)


def _made_after(edition: _Edition, other: _Edition) -> bool:
    mine, theirs = edition.dates.act, other.dates.act
    return bool(mine and theirs and mine.signed and theirs.signed and mine.signed > theirs.signed)


def _ended_by_law(edition: _Edition, live: Iterable[VersionRecord]) -> Iterator[_End]:
    """Repeals and annulments held that name this edition, from the day they state."""
    for record in live:
        relation = record.relation
        if relation is None or relation.act not in edition.names | {edition.id}:
            continue
        day = relation.date_effet or record.valid_from
        if day is None:
            continue
        if relation.kind == "abroge":
            yield day, "abroge"
        elif relation.kind == "annule":
            yield day, "annule"


def _not_held(acts: Sequence[KnownAct], live: Sequence[VersionRecord]) -> list[tuple[date, KnownAct]]:
    """Acts known and not held, with the day they begin: stated, else the day after publication, else signature."""
    held = {name for record in live for name in _names(record)}
    found: list[tuple[date, KnownAct]] = []
    for act in acts:
        begin = act.effect_from or (act.published + timedelta(days=1) if act.published else act.signed)
        if begin and not held & {act.id, act.nor}:
            found.append((begin, act))
    return sorted(found, key=lambda pair: (pair[0], pair[1].id))


def _follows(begin: date, act: KnownAct, edition: _Edition) -> bool:
    """Whether an act not held comes after this edition; on one day, only when it was published later."""
    own = edition.dates.act
    if begin != _begin(edition):
        return begin > _begin(edition)
    return bool(own and own.published and act.published and act.published > own.published)


def _first(ends: Sequence[_End]) -> _End | None:
    return min(ends, key=lambda e: (e[0], _CAUSES.index(e[1])), default=None)


def _stated(edition: _Edition) -> _End | None:
    return (edition.dates.valid_to, edition.dates.valid_to_base) if edition.dates.valid_to else None


def _begin(edition: _Edition) -> date:
    return edition.dates.valid_from or date.min


def edition_ids(records: Sequence[VersionRecord]) -> dict[int, str]:
    """The edition of each version: its own act's, or that of the act it rectifies, by whichever id names it."""
    named = {name: r.edition for r in records if not _is_kind(r, "rectifie") for name in _names(r)}
    found: dict[int, str] = {}
    for record in records:
        edition = record.edition
        if record.relation and _is_kind(record, "rectifie"):
            edition = named.get(record.relation.act, record.relation.act)
            named |= dict.fromkeys(_names(record), edition)
        found[record.version_no] = edition
    return found


def _names(record: VersionRecord) -> Iterator[str]:
    """The ids by which other acts may name this one."""
    yield record.edition
    if record.act:
        yield record.act.id
        if record.act.nor:
            yield record.act.nor


def _precedence(record: VersionRecord) -> tuple[bool, date, date, int]:
    act = record.act
    published, signed = (act.published, act.signed) if act else (None, None)
    if not _is_kind(record, "rectifie"):
        return False, date.min, date.min, record.version_no
    return True, published or date.min, signed or date.min, record.version_no


def _is_kind(record: VersionRecord, kind: str) -> bool:
    return record.relation is not None and record.relation.kind == kind


def _is_partial(record: VersionRecord) -> bool:
    relation = record.relation
    return relation is not None and relation.portee == "partielle" and relation.kind in ("modifie", "rectifie")


def _only_ends(record: VersionRecord) -> bool:
    return record.rows == 0 and (_is_kind(record, "abroge") or _is_kind(record, "annule"))
