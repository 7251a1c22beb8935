"""What grows with the number of acts: the succession of editions, and one more commit."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from pipeline.store.records import ActRecord, VersionRecord
from pipeline.store.tables import CELLS_SCHEMA
from pipeline.store.versions import VersionStore
from pipeline.timeline.periods import periods

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_ROWS = pa.table({"row_no": pa.array([1], pa.int32()), "nom": ["Belley"]})
_CELLS = CELLS_SCHEMA.empty_table()


def record(number: int) -> VersionRecord:
    """An act that stands alone, one in five of a yearly table."""
    name = f"JORFTEXT{number:012d}"
    return VersionRecord(
        dataset="seuils" if number % 5 == 0 else "communes",
        version_no=number,
        edition=name,
        document=name,
        rendition="texte.xml",
        role="published",
        accepted_at=_NOON + timedelta(seconds=number),
        rows=1,
        quarantined=0,
        content_sha256="",
        inputs_sha256="",
        act=ActRecord(name, f"Arrêté {number}"),
        valid_from=date(1980, 1, 1) + timedelta(days=number),
        valid_from_base="texte",
    )


def succession(acts: int, rounds: int = 3) -> float:
    """Seconds of processor time of the periods of so many acts, the best of some rounds."""
    records = [record(number) for number in range(1, acts + 1)]
    return min(_taken(lambda: periods(records, accumulates={"communes"})) for _ in range(rounds))


def commits(folder: Path, few: int, many: int, rounds: int = 30) -> tuple[float, float]:
    """Seconds of processor time of one commit in a store opened once for all that a refresh does, which holds `few`
    versions, then `many`."""
    store = VersionStore(folder)
    taken: list[float] = []
    for held in (few, many):
        while store.next_no <= held:
            store.commit(record(store.next_no), _ROWS, _CELLS)
        taken.append(min(_taken(lambda: store.commit(record(store.next_no), _ROWS, _CELLS)) for _ in range(rounds)))
    return taken[0], taken[1]


def _taken(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started
