"""What is damaged or gone and can be made again, made again: records from their copies, the rows and citations of a
version from its document, to the same number, when that still says what was accepted. The caller holds the lock.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from pipeline.documents.model import DocumentError
from pipeline.refresh.state import documents
from pipeline.settings import Settings
from pipeline.store.pending import WaitingReadings
from pipeline.store.records import VersionRecord
from pipeline.store.versions import VersionStore

if TYPE_CHECKING:
    import pyarrow as pa


def repair(settings: Settings, store: VersionStore, now: datetime, besides: frozenset[int] = frozenset()) -> list[str]:
    """One French sentence for each thing made again; nothing where all is whole. The rows of the versions `besides` are
    of no use any more. Raises OSError."""
    done = [f"{name} : enregistrement rétabli de sa copie" for name in store.restore_records()]
    for record in store.damaged():
        if record.version_no in besides:
            continue
        said = _tables(settings, record)
        if said is not None:
            store.rewrite(record, *said, now)
            done.append(f"{record.dataset}, version {record.version_no} : lignes relues dans {record.document}")
    return done


def repair_waiting(settings: Settings, waiting: WaitingReadings, now: datetime) -> tuple[list[str], list[str]]:
    """The same for the readings that wait and those rejected; then the documents to be read again, for their readings
    cannot be made again. Raises OSError."""
    done = repair(settings, waiting.store, now, waiting.store.taken_back)
    dropped = waiting.drop_damaged()
    done += [f"{r.document} : la lecture en attente ({r.dataset}) était abîmée ; document relu" for r in dropped]
    return [f"pending/{line}" for line in done], [r.document for r in dropped]


def _tables(settings: Settings, record: VersionRecord) -> tuple[pa.Table, pa.Table] | None:
    """The rows and citations of the version as its document gives them today; None when it is gone, or says something
    else."""
    from pipeline.datasets import dataset
    from pipeline.errors import AnnexesError
    from pipeline.refresh.read import read_editions
    from pipeline.refresh.staging import stage_readings
    from pipeline.store.tables import CELLS_SCHEMA, cells_table, content_hash, rows_schema, rows_table

    try:
        if record.relation and record.relation.ends and not record.rows:
            return rows_schema(dataset(record.dataset)).empty_table(), CELLS_SCHEMA.empty_table()
        if record.document not in documents(settings):
            return None
        staged = stage_readings(settings, record.document)
        read = read_editions(settings, staged.document, staged.readings)
    except (DocumentError, AnnexesError):
        return None  # what it is refused for is said by its outcome
    for edition in read.editions:
        if (edition.dataset.name, edition.id) == (record.dataset, record.edition):
            rows = rows_table(edition.prepared)
            return (rows, cells_table(edition.prepared)) if content_hash(rows) == record.content_sha256 else None
    return None
