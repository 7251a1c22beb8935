"""What a person decides of readings: accept one that waits, reject it, or go back to an earlier version. Each decision
is followed by a publish. The caller holds the refresh lock; the files that wait are in `warehouse.pending`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.datasets import dataset
from pipeline.refresh import publishing
from pipeline.refresh.accept import Clock, accept_editions, utc_now
from pipeline.refresh.deciding import change, columns_of
from pipeline.refresh.outcome import documents
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from pipeline.warehouse import pending, store
from pipeline.warehouse.editions import edition_ids
from pipeline.warehouse.pending import Waiting
from pipeline.warehouse.publish import Published
from pipeline.warehouse.records import VersionRecord
from pipeline.warehouse.store import StoreError


@dataclass(frozen=True)
class Question:
    """A reading that waits, the version it would take the place of, and why a person is asked (French sentences)."""

    waiting: Waiting
    current: VersionRecord | None
    reasons: tuple[str, ...]

    @property
    def since(self) -> datetime:
        return self.waiting.record.accepted_at


def questions(settings: Settings) -> list[Question]:
    """Every reading that waits, against what is published of its edition now."""
    found: list[Question] = []
    for item in pending.waiting(settings):
        current = _current(settings, item.record)
        reasons: tuple[str, ...] = ()
        if current:
            after = pending.tables(settings, item)[0].to_pydict()
            reasons = change(dataset(item.record.dataset), columns_of(settings, current), after).reasons
        found.append(Question(item, current, reasons))
    return found


def accept(settings: Settings, waiting_id: str, clock: Clock = utc_now) -> tuple[VersionRecord, Published]:
    """The reading becomes a version. Raises StoreError when nothing of that id waits, PublishError.

    One already accepted by a command that was killed before it could say so is not accepted twice.
    """
    item = pending.find(settings, waiting_id)
    current = _current(settings, item.record)
    if current and pending.said(current) == pending.said(item.record):
        pending.settle(settings, current.dataset, current.edition)
        return current, _published(settings, current, clock)
    written = pending.promote(settings, item, clock())
    return written, _published(settings, written, clock)


def reject(settings: Settings, waiting_id: str, reason: str, clock: Clock = utc_now) -> tuple[VersionRecord, Published]:
    """The reading is set aside, now and whenever its document is read the same again. Raises StoreError, PublishError.

    Returns its record, whose number is not that of a version.
    """
    item = pending.find(settings, waiting_id)
    pending.reject(settings, item, reason, clock())
    return item.record, _published(settings, item.record, clock)


@dataclass(frozen=True)
class Back:
    """What a rollback did: the version that counts again, and the later readings of its edition that no longer do."""

    record: VersionRecord
    withdrawn: tuple[int, ...]
    published: Published


def rollback(settings: Settings, name: str, version_no: int, reason: str, clock: Clock = utc_now) -> Back:
    """Make a version the newest reading of its edition again: later ones are withdrawn. One that was itself withdrawn
    comes back under a new number, for a withdrawal is never undone.

    Raises StoreError when this dataset has no such version, or it is the newest reading already; PublishError.
    """
    held = store.read_store(settings, dataset=name)
    record = next((r for r in held.records if r.version_no == version_no), None)
    if record is None:
        raise StoreError(f"aucune version {version_no} de {name} ; `annexes versions {name}` les montre")
    gone = {w.version_no for w in held.withdrawals}
    ids = edition_ids(held.records)
    later = [n for n, own in ids.items() if own == ids[version_no] and n > version_no and n not in gone]
    if version_no in gone:
        record = _again(settings, record, clock())
    elif not later:
        raise StoreError(f"la version {version_no} est déjà la dernière lecture de son édition")
    for number in later:
        store.withdraw(settings, number, reason, clock())
    return Back(record, tuple(later), _published(settings, record, clock))


def _again(settings: Settings, record: VersionRecord, now: datetime) -> VersionRecord:
    """The same version once more, as the newest."""
    import pyarrow.parquet as pq

    rows, cells = (
        pq.ParquetFile(store.version_path(settings, record.dataset, record.version_no, suffix)).read()
        for suffix in (".parquet", ".cells.parquet")
    )
    number = store.next_version_no(settings)
    return store.write_version(settings, replace(record, version_no=number, accepted_at=now, files={}), rows, cells)


def _published(settings: Settings, record: VersionRecord, clock: Clock) -> Published:
    """The document's outcome said again, then the publish. A document that changed since is left to the next refresh,
    which reads it."""
    if record.document in documents(settings) and record.document in plan(settings).unchanged:
        accept_editions(settings, record.document, clock)
    return publishing.publish(settings)


def _current(settings: Settings, record: VersionRecord) -> VersionRecord | None:
    held = store.read_store(settings, dataset=record.dataset)
    gone = {w.version_no for w in held.withdrawals}
    live = [r for r in held.records if r.edition == record.edition and r.version_no not in gone]
    return live[-1] if live else None
