"""Readers are never blocked by a publish and never see half of one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.settings import Settings
from tests.warehouse.churn import churn
from tests.warehouse.made import project

# Opens the file again and again; each time what is loaded must be what the file itself announces, and never go back.
READER = """
import sys, time, duckdb
path, stop, table, rest = sys.argv[1:]
from pathlib import Path
opened, seen = 0, 0
while not Path(stop).exists():
    with duckdb.connect(path, read_only=True) as connection:
        for _ in range(3):
            versions, announced = connection.execute(
                "SELECT count(*), sum(row_count) FROM meta.versions").fetchone()
            loaded, = connection.execute(f"SELECT count(*) FROM data.{table}").fetchone()
            assert loaded == announced, (loaded, announced)
            assert versions >= seen, (versions, seen)
            seen = versions
    opened += 1
    time.sleep(float(rest))
print(opened, seen)
"""


@contextmanager
def reading(database: Path, table: str, readers: int, rest: float = 0.05) -> Iterator[list[tuple[int, int]]]:
    """So many processes that read until the block ends, resting so many seconds in between. Yields a list, filled then:
    times opened and versions last seen of each; a reader that failed fails here."""
    stop = database.with_name("stop")
    command = [sys.executable, "-c", READER, str(database), str(stop), table, str(rest)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    seen: list[tuple[int, int]] = []
    try:
        yield seen
    finally:
        stop.touch()
        outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * readers
    seen.extend((int(opened), int(last)) for opened, last in (output.split() for output in outputs))


def read_while_publishing(settings: Settings, readers: int, publishes: int) -> list[tuple[int, int]]:
    """(times opened, versions last seen) of each reader."""
    churn(settings, ["A1"])
    with reading(settings.database, "seuils", readers) as seen:
        for last in range(2, publishes + 2):
            churn(settings, [f"A{n}" for n in range(1, last + 1)])
    return seen


def test_four_readers_through_five_publishes(tmp_path: Path) -> None:
    seen = read_while_publishing(project(tmp_path), readers=4, publishes=5)
    assert all(opened > 1 for opened, _ in seen)
