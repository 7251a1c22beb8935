"""Which reading counts for each edition and for each partial act, among the versions held at one moment.

Rules of domain.md, "Dates and relations of acts". How editions follow each other in time is in `periods`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date

from pipeline.documents.identity import days_of, is_known_act
from pipeline.documents.model import KnownAct
from pipeline.store.records import VersionRecord


@dataclass(frozen=True)
class Edition:
    """The version that counts (`reading`) and the one whose act gives the dates, with all ids that name the edition.

    The two differ when a rectification is read: it counts from the beginning of what it rectifies.
    """

    id: str
    reading: VersionRecord
    dates: VersionRecord
    names: frozenset[str]

    @property
    def begin(self) -> date:
        """Date of effect; the beginning of time when it is not known."""
        return self.dates.valid_from or date.min

    @property
    def order(self) -> tuple[date, date, date, str]:
        """Date of effect, then publication, signature and id, so that no two editions tie."""
        return (self.begin, *made(self.dates), self.id)


@dataclass(frozen=True)
class Overlay:
    """A partial act on the edition it amends: its rows hide those of the same key from `begin` on. `reading` and
    `dates` as for an edition."""

    id: str
    reading: VersionRecord
    dates: VersionRecord
    base: Edition
    begin: date
    names: frozenset[str]

    @property
    def order(self) -> tuple[date, date, date, int]:
        return (self.begin, *made(self.reading), self.reading.version_no)


def whole_editions(live: Sequence[VersionRecord]) -> list[Edition]:
    """One for each edition held. A rectification outranks the act it rectifies, even when that is read again later;
    otherwise the newest reading counts."""
    groups = _groups([r for r in live if not _is_partial_rectification(r) and not only_ends(r)])
    groups = {name: group for name, group in groups.items() if not any(is_partial(r) for r in group)}
    found: list[Edition] = []
    for name, group in groups.items():
        own = [r for r in group if not is_kind(r, "rectifie")]
        reading = max(group, key=_precedence)
        names = frozenset({name}.union(*(r.names for r in group)))
        found.append(Edition(name, reading, (own or [reading])[-1], names))
    return found


def overlays(live: Sequence[VersionRecord], whole: Sequence[Edition]) -> list[Overlay]:
    """The partial acts held that can be placed, lowest rank first, each with its newest reading.

    An amendment without a date of effect, or whose edition is not held, answers for no day: its rows stay in the data.
    """
    amending: list[Overlay] = []
    for name, group in _groups([r for r in live if not _is_partial_rectification(r)]).items():
        partial = [r for r in group if is_partial(r)]
        base = _amended(partial[-1], whole) if partial else None
        if base and partial[-1].valid_from:
            names = frozenset({name}.union(*(r.names for r in group)))
            begin = max(base.begin, partial[-1].valid_from)
            amending.append(Overlay(name, max(group, key=_precedence), partial[-1], base, begin, names))
    newest = {r.act.id if r.act else r.document: r for r in live if _is_partial_rectification(r)}
    mending = [overlay for record in newest.values() for overlay in _mending(record, whole, amending)]
    return sorted([*amending, *mending], key=lambda o: o.order)


def _groups(records: Sequence[VersionRecord]) -> dict[str, list[VersionRecord]]:
    """Edition → its versions, by number."""
    ids = edition_ids(records)
    found: dict[str, list[VersionRecord]] = {}
    for record in records:
        found.setdefault(ids[record.version_no], []).append(record)
    return found


def _amended(record: VersionRecord, whole: Sequence[Edition]) -> Edition | None:
    """The edition that a partial amendment bears on: the one it names, or the last whole amendment of that one which is
    in effect by then and was not signed after it."""
    named = _target(record)
    line = [e for e in whole if named in e.names]
    for edition in sorted(whole, key=lambda e: e.order):
        later = edition.dates.relation
        amends_line = later and later.kind == "modifie" and any(later.act in e.names for e in line)
        if amends_line and edition not in line and not _signed_after(edition.dates, record):
            line.append(edition)
    before = [e for e in line if record.valid_from and e.begin <= record.valid_from]
    return max(before or line[:1], key=lambda e: e.order, default=None)


def _mending(record: VersionRecord, whole: Sequence[Edition], amending: Sequence[Overlay]) -> Iterator[Overlay]:
    """A partial rectification, on the edition or the partial act it names, from the beginning of that one. A whole
    rectification made after it holds what it said."""
    named, names = _target(record), frozenset(record.names)
    for edition in whole:
        if named in edition.names and not (
            is_kind(edition.reading, "rectifie") and made(edition.reading) > made(record)
        ):
            yield Overlay(edition.id, record, edition.dates, edition, edition.begin, names)
    for overlay in amending:
        if named in overlay.names:
            yield Overlay(overlay.id, record, overlay.dates, overlay.base, overlay.begin, names | overlay.names)


def edition_ids(records: Sequence[VersionRecord]) -> dict[int, str]:
    """The edition of each version: its own act's, or that of the act it rectifies, by whichever id names it."""
    named = {name: r.edition for r in records if not is_kind(r, "rectifie") for name in r.names}
    found: dict[int, str] = {}
    for record in records:
        edition = record.edition
        if record.relation and is_kind(record, "rectifie"):
            edition = named.get(record.relation.act, record.relation.act)
            named |= {name: edition for name in record.names if name not in named}
        found[record.version_no] = edition
    return found


def is_act(record: VersionRecord, known: KnownAct) -> bool:
    """Whether a version is of an act of actes.toml, and of its dataset."""
    if record.dataset != known.dataset:
        return False
    act = record.act if record.act and not is_kind(record, "rectifie") else None
    return is_known_act(record.names, act.title if act else "", act.signed if act else None, known)


def stands_for(record: VersionRecord, known: KnownAct) -> bool:
    """Whether a version is held in the place of an act of actes.toml from the day on which that act begins. An act read
    in a later consolidated state is not: what it said before that day is held by nobody."""
    if not is_act(record, known):
        return False
    begins, held = known.effect_from, record.valid_from
    return not (record.valid_from_base == "consolidation" and begins and held and begins < held)


def signed_days(record: VersionRecord) -> Set[date]:
    """The days that tell this act from others; a rectification has that of its own and tells nothing."""
    if record.act is None or is_kind(record, "rectifie"):
        return frozenset()
    return days_of(record.act.title, record.act.signed)


def newest_readings(records: Iterable[VersionRecord]) -> list[VersionRecord]:
    """The last record of each act: what its document says of it now. In order of version."""
    return list({(r.dataset, act_key(r)): r for r in sorted(records, key=lambda r: r.version_no)}.values())


def act_key(record: VersionRecord) -> str:
    """What tells the act of a record from the others of its dataset."""
    return record.act.id if record.act else record.edition


def made(record: VersionRecord) -> tuple[date, date]:
    """Publication and signature of the act, the beginning of time where not known."""
    act = record.act
    return (act.published or date.min, act.signed or date.min) if act else (date.min, date.min)


def is_kind(record: VersionRecord, kind: str) -> bool:
    return record.relation is not None and record.relation.kind == kind


def is_partial(record: VersionRecord) -> bool:
    """Only the keys printed change."""
    relation = record.relation
    return relation is not None and relation.portee == "partielle" and relation.kind in ("modifie", "rectifie")


def _is_partial_rectification(record: VersionRecord) -> bool:
    return is_partial(record) and is_kind(record, "rectifie")


def only_ends(record: VersionRecord) -> bool:
    """A repeal or annulment that prints no table: it ends an edition and is none."""
    return record.rows == 0 and record.relation is not None and record.relation.ends


def _target(record: VersionRecord) -> str:
    assert record.relation is not None, "a partial act has a relation"
    return record.relation.act


def _signed_after(record: VersionRecord, other: VersionRecord) -> bool:
    mine, theirs = record.act, other.act
    return bool(mine and theirs and mine.signed and theirs.signed and mine.signed > theirs.signed)


def _precedence(record: VersionRecord) -> tuple[bool, date, date, int]:
    rectifies = is_kind(record, "rectifie")
    return (rectifies, *(made(record) if rectifies else (date.min, date.min)), record.version_no)
