"""Readings that wait for a person, and those a person rejected: a version store of its own under warehouse/pending/.

A rejection is the withdrawal of one; its files stay, so that the same reading is known when it comes again. Who decides
is in `refresh.review`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import USAGE
from pipeline.settings import Settings
from pipeline.store.records import VersionRecord, Withdrawal
from pipeline.store.versions import RefusedFile, StoreError, VersionStore, open_versions

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Waiting:
    """A reading that waits. `record.version_no` is its number in this folder, not a version of the warehouse."""

    record: VersionRecord

    @property
    def id(self) -> str:
        """What `annexes accept` is told: the same for the same reading, and never that of another one."""
        r = self.record
        return hashlib.sha256("\x1f".join((r.dataset, r.edition, *map(str, identity(r)))).encode()).hexdigest()[:8]


def identity(record: VersionRecord) -> tuple[object, ...]:
    """What makes two readings of one edition the same: content, dates and relation."""
    r = record
    return r.content_sha256, r.valid_from, r.valid_from_base, r.valid_to, r.valid_to_base, r.relation


def described(record: VersionRecord) -> dict[str, object]:
    """What document.toml says of an edition besides its dates, by the name a person gives it (French): mended there, it
    is published without a person being asked, as one more record of the same content."""
    act = record.act
    said = {
        "identifiant": act.id if act else record.edition,
        "titre": act.title if act else "",
        "NOR": act.nor if act else None,
        "date de signature": act.signed if act else None,
        "date de publication": act.published if act else None,
    }
    return {**said, "adresse": record.source_url, "éditeur": record.publisher, "licence": record.licence}


class WaitingReadings:
    """The readings that wait and those rejected. Only the holder of the refresh lock writes."""

    def __init__(self, folder: Path) -> None:
        self._store = VersionStore(folder, headed=False)

    @property
    def damaged(self) -> tuple[RefusedFile, ...]:
        """Files of this folder that cannot be read; the readings they hold are not shown. The rows of a reading that
        was rejected are of no use any more."""
        held = self._store.view()
        gone = {f"{w.version_no:06d}" for w in held.withdrawals}
        data = (".parquet",)
        return tuple(f for f in held.refused if f.path.suffix not in data or f.path.name.split(".")[0] not in gone)

    @property
    def store(self) -> VersionStore:
        """The store of these readings, for what repairs it."""
        return self._store

    def drop_damaged(self) -> list[VersionRecord]:
        """Forget the readings that wait and whose rows are lost: their documents are read again when they change."""
        dropped = [r for r in self._store.damaged() if r.version_no not in self._store.taken_back]
        for record in dropped:
            self._store.remove(record)
        return dropped

    def waiting(self, dataset: str | None = None) -> list[Waiting]:
        """The readings that wait, oldest first."""
        return [Waiting(r) for r in self._store.view(dataset).live]

    def rejected(self, dataset: str, edition: str) -> list[tuple[VersionRecord, Withdrawal]]:
        """The readings of an edition that a person rejected, and why."""
        return self._store.withdrawn(dataset, edition)

    def find(self, waiting_id: str) -> Waiting:
        """Raises StoreError when nothing of that id waits."""
        found = self.waiting()
        for item in found:
            if item.id == waiting_id:
                return item
        ids = ", ".join(w.id for w in found) or "aucune"
        raise StoreError(f"aucune lecture {waiting_id} en attente ; en attente : {ids} (`annexes pending`)", USAGE)

    def rows(self, item: Waiting) -> pa.Table:
        """The rows of the reading, as a version has them."""
        return self._store.rows(item.record)

    def put(self, record: VersionRecord, rows: pa.Table, cells: pa.Table) -> Waiting:
        """Make the reading wait, in the place of one of the same edition that did. Raises OSError."""
        before = self._of(record.dataset, record.edition)
        same = next((w for w in before if identity(w.record) == identity(record)), None)
        if same is None:
            same = Waiting(self._store.commit(record, rows, cells))
        for other in before:
            if other != same:
                self._store.remove(other.record)
        return same

    def promote(self, item: Waiting, store: VersionStore, now: datetime) -> VersionRecord:
        """Commit the reading as a version of `store`, then forget that it waited. Raises OSError (it then still
        waits)."""
        rows, cells = self._store.rows(item.record), self._store.cells(item.record)
        written = store.commit(replace(item.record, accepted_at=now, files={}), rows, cells)
        self._store.remove(item.record)
        return written

    def reject(self, item: Waiting, reason: str, now: datetime) -> Withdrawal:
        """Remember that a person does not want this reading."""
        return self._store.withdraw(item.record.version_no, reason, now)

    def settle(self, dataset: str, edition: str) -> None:
        """Forget the readings of an edition that wait: what is published is what its document says now."""
        for item in self._of(dataset, edition):
            self._store.remove(item.record)

    def _of(self, dataset: str, edition: str) -> list[Waiting]:
        return [Waiting(r) for r in self._store.live(dataset, edition)]


@dataclass(frozen=True)
class Stores:
    """What the holder of the refresh lock decides into, opened once for all that it does: the versions, and the
    readings that wait."""

    versions: VersionStore
    waiting: WaitingReadings


def open_stores(settings: Settings) -> Stores:
    """The stores of a project. Nothing is read before a question is asked."""
    return Stores(open_versions(settings), WaitingReadings(settings.pending))
