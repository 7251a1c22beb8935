"""A small refresh, run as a process of its own: `python -m tests.warehouse.churn ROOT EDITION…`.

Accepts each edition that is not held, then publishes; like the real one it may be killed anywhere and run again.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from pathlib import Path

from pipeline.settings import Settings
from pipeline.store import lock
from pipeline.store.versions import VersionStore
from pipeline.warehouse.catalogue import Catalogue
from tests.warehouse.made import accept, publish, seuils

ROWS_A_EDITION = 400


def rows(year: int) -> list[tuple[int, str, str, int]]:
    """Rows whose thresholds add up to year × ROWS_A_EDITION."""
    return [(year, f"{200000000 + n}", f"CA {n}", year) for n in range(ROWS_A_EDITION)]


def churn(settings: Settings, editions: list[str]) -> None:
    """One refresh under the lock. Edition "A7" is of year 2007."""
    with lock.refresh_lock(settings, wait=20):
        held = {r.edition for r in VersionStore(settings.versions).records()}
        for edition in editions:
            if edition not in held:
                year = 2000 + int(edition[1:])
                accept(settings, edition, rows(year), valid_from=date(year, 6, 1), accepted_at=datetime.now(UTC))
        publish(settings, [seuils()], Catalogue())


if __name__ == "__main__":
    churn(Settings(Path(sys.argv[1])), sys.argv[2:])
