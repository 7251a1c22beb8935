"""Readers are never blocked by a publish and never see half of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pipeline.settings import Settings
from tests.warehouse.churn import churn
from tests.warehouse.made import project

# Opens the file again and again; each time what is loaded must be what the file itself announces, and never go back.
READER = """
import sys, time, duckdb
path, stop = sys.argv[1:]
from pathlib import Path
opened, seen = 0, 0
while not Path(stop).exists():
    with duckdb.connect(path, read_only=True) as connection:
        for _ in range(3):
            versions, announced = connection.execute(
                "SELECT count(*), sum(row_count) FROM meta.versions").fetchone()
            loaded, = connection.execute("SELECT count(*) FROM data.seuils").fetchone()
            assert loaded == announced, (loaded, announced)
            assert versions >= seen, (versions, seen)
            seen = versions
    opened += 1
    time.sleep(0.05)
print(opened, seen)
"""


def read_while_publishing(settings: Settings, readers: int, publishes: int) -> list[tuple[int, int]]:
    """(times opened, versions last seen) of each reader; a reader that fails fails the test."""
    churn(settings, ["A1"])
    stop = settings.root / "stop"
    command = [sys.executable, "-c", READER, str(settings.database), str(stop)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    try:
        for last in range(2, publishes + 2):
            churn(settings, [f"A{n}" for n in range(1, last + 1)])
    finally:
        stop.touch()
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * readers
    return [(int(opened), int(seen)) for opened, seen in (output.split() for output in outputs)]


def test_four_readers_through_five_publishes(tmp_path: Path) -> None:
    seen = read_while_publishing(project(tmp_path), readers=4, publishes=5)
    assert all(opened > 1 for opened, _ in seen)
