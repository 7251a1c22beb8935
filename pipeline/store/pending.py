"""Readings that wait for a person, and those a person rejected: version files under warehouse/pending/, written and
checked by the same code as versions. A rejection is the withdrawal of one; its files stay, so that the same reading is
known when it comes again. Who decides is in `refresh.review`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.store import versions as store
from pipeline.store.records import VersionRecord, Withdrawal
from pipeline.store.versions import RefusedFile, StoreError

if TYPE_CHECKING:
    import pyarrow as pa


_SUFFIXES = (".json", ".withdrawn.json", ".cells.parquet", ".parquet")  # the commit goes first


@dataclass(frozen=True)
class Waiting:
    """A reading that waits. `record.version_no` is its number in this folder, not a version of the warehouse."""

    record: VersionRecord

    @property
    def id(self) -> str:
        """What `annexes accept` is told: the same for the same reading, and never that of another one."""
        r = self.record
        return hashlib.sha256("\x1f".join((r.dataset, r.edition, *map(str, identity(r)))).encode()).hexdigest()[:8]


class _Folder(Settings):
    """The project, with warehouse/pending/ in the place of its versions."""

    @cached_property
    def versions(self) -> Path:
        return self.warehouse / "pending"


def identity(record: VersionRecord) -> tuple[object, ...]:
    """What makes two readings of one edition the same: content, dates and relation."""
    r = record
    return r.content_sha256, r.valid_from, r.valid_from_base, r.valid_to, r.valid_to_base, r.relation


def folder(settings: Settings) -> Path:
    return _Folder(settings.root).versions


def waiting(settings: Settings, dataset: str | None = None) -> list[Waiting]:
    """The readings that wait, oldest first."""
    held = store.read_store(_Folder(settings.root), dataset=dataset)
    gone = {w.version_no for w in held.withdrawals}
    return [Waiting(r) for r in held.records if r.version_no not in gone]


def damaged(settings: Settings) -> tuple[RefusedFile, ...]:
    """Files of this folder that cannot be read; the readings they hold are not shown."""
    return store.read_store(_Folder(settings.root)).refused


def rejected(settings: Settings, dataset: str, edition: str) -> list[tuple[VersionRecord, Withdrawal]]:
    """The readings of an edition that a person rejected, and why."""
    held = store.read_store(_Folder(settings.root), verify=False, dataset=dataset)
    taken = {w.version_no: w for w in held.withdrawals}
    return [(r, taken[r.version_no]) for r in held.records if r.edition == edition and r.version_no in taken]


def put(settings: Settings, record: VersionRecord, rows: pa.Table, cells: pa.Table) -> Waiting:
    """Make the reading wait, in the place of one of the same edition that did. Raises OSError."""
    before = [w for w in waiting(settings, record.dataset) if w.record.edition == record.edition]
    same = next((w for w in before if identity(w.record) == identity(record)), None)
    if same is None:
        here = _Folder(settings.root)
        same = Waiting(store.write_version(here, replace(record, version_no=store.next_version_no(here)), rows, cells))
    for other in before:
        if other != same:
            _remove(settings, other.record)
    return same


def find(settings: Settings, waiting_id: str) -> Waiting:
    """Raises StoreError when nothing of that id waits."""
    found = waiting(settings)
    for item in found:
        if item.id == waiting_id:
            return item
    ids = ", ".join(w.id for w in found) or "aucune"
    raise StoreError(f"aucune lecture {waiting_id} en attente ; en attente : {ids} (`annexes pending`)")


def tables(settings: Settings, item: Waiting) -> tuple[pa.Table, pa.Table]:
    """(rows, cells) of the reading, as a version has them."""
    import pyarrow.parquet as pq

    here, r = _Folder(settings.root), item.record
    rows, cells = (store.version_path(here, r.dataset, r.version_no, s) for s in (".parquet", ".cells.parquet"))
    return pq.read_table(rows), pq.read_table(cells)


def promote(settings: Settings, item: Waiting, now: datetime) -> VersionRecord:
    """Commit the reading as a version, then forget that it waited. Raises OSError (it then still waits)."""
    rows, cells = tables(settings, item)
    number = store.next_version_no(settings)
    written = store.write_version(
        settings, replace(item.record, version_no=number, accepted_at=now, files={}), rows, cells
    )
    _remove(settings, item.record)
    return written


def reject(settings: Settings, item: Waiting, reason: str, now: datetime) -> Withdrawal:
    """Remember that a person does not want this reading."""
    return store.withdraw(_Folder(settings.root), item.record.version_no, reason, now)


def settle(settings: Settings, dataset: str, edition: str) -> None:
    """Forget the readings of an edition that wait: what is published is what its document says now."""
    for item in waiting(settings, dataset):
        if item.record.edition == edition:
            _remove(settings, item.record)


def _remove(settings: Settings, record: VersionRecord) -> None:
    here = _Folder(settings.root)
    for suffix in _SUFFIXES:
        store.version_path(here, record.dataset, record.version_no, suffix).unlink(missing_ok=True)
