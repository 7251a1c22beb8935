"""One more version added to a published file, against the whole build of the same, in processor and wall time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.warehouse import BASE, fill_store
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.publish import Published, publish


@dataclass(frozen=True)
class Added:
    """Seconds of a whole build and of an addition, of processor and of the clock."""

    whole: tuple[float, float]
    added: tuple[float, float]

    @property
    def ratios(self) -> tuple[float, float]:
        return self.added[0] / self.whole[0], self.added[1] / self.whole[1]


def added_to(folder: Path, editions: int, rows: int) -> Added:
    """So many editions of so many rows published whole, then one more added."""
    settings, now = Settings(folder), datetime(2026, 11, 1, tzinfo=UTC)
    fill_store(settings, 1, editions, rows)

    def made(whole: bool) -> Published:
        return publish(settings, VersionStore(settings.versions), [BASE], Catalogue(), now=now, whole=whole)

    made(whole=True)
    fill_store(settings, editions + 1, editions + 1, rows)
    added = _taken(lambda: made(whole=False))
    assert added[0].added == 1, "built whole"
    return Added(_taken(lambda: made(whole=True))[1], added[1])


def _taken(work: Callable[[], Published]) -> tuple[Published, tuple[float, float]]:
    processor, clock = time.process_time(), time.perf_counter()
    done = work()
    return done, (time.process_time() - processor, time.perf_counter() - clock)
