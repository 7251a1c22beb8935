"""Long proof of the whole command: 200 kills, and 8 readers through 20 refreshes. Run by `make soak`; made shorter by
ANNEXES_SOAK_KILLS, ANNEXES_SOAK_READERS and ANNEXES_SOAK_REFRESHES."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline import files
from pipeline.settings import Settings
from tests.e2e import killing
from tests.e2e.killing import AT_FIRST, BOURG, SIGKILLED

pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]
KILLS = int(os.environ.get("ANNEXES_SOAK_KILLS", "200"))
READERS = int(os.environ.get("ANNEXES_SOAK_READERS", "8"))
REFRESHES = int(os.environ.get("ANNEXES_SOAK_REFRESHES", "20"))

# Opens the file again and again; each time it holds all the rows that it announces, and never an older state.
READER = f"""
import sys, time, duckdb
from pathlib import Path
path, stop = sys.argv[1:]
opened, seen = 0, 0
while not Path(stop).exists():
    with duckdb.connect(path, read_only=True) as connection:
        for _ in range(3):
            announced, = connection.execute(
                "SELECT sum(row_count) FROM meta.versions WHERE dataset = 'premier_quartile'").fetchone()
            loaded, = connection.execute("SELECT count(*) FROM data.premier_quartile").fetchone()
            assert loaded == announced, (loaded, announced)
            shown, = connection.execute(
                "SELECT seuil_euros_par_uc_an FROM premier_quartile WHERE siren = '{BOURG}'").fetchone()
            assert shown >= seen, (shown, seen)
            seen = shown
    opened += 1
    time.sleep(0.05)
print(opened, seen)
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return killing.published_once(tmp_path / "project")


def test_kills_of_the_command(settings: Settings) -> None:
    """Half at named points, half at random; the next refresh is not always allowed to finish either."""
    chance = random.Random(20_200_615)
    before, killed, longest = [AT_FIRST], 0, 5.0
    while killed < KILLS:
        after = [*before, before[-1] + 1]
        killing.deliver(settings, after[-1])
        if chance.random() < 0.5:
            code = killing.end(killing.start(settings, failpoint=chance.choice(files.FAILPOINTS)))
        else:
            code = killing.killed_after(settings, chance.uniform(0.0, longest))
        assert code in (0, SIGKILLED)
        killed += code == SIGKILLED
        killing.check_whole(settings, before, after)
        if code == 0 or chance.random() < 0.3:
            started = time.monotonic()
            killing.refresh(settings)
            longest = max(1.0, time.monotonic() - started)
            killing.check_complete(settings, after)
            assert killing.open_runs(settings) == []
            before = after


def test_readers_through_refreshes(settings: Settings) -> None:
    stop = settings.root / "stop"
    command = [sys.executable, "-c", READER, str(settings.database), str(stop)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(READERS)]
    try:
        for number in range(1, REFRESHES + 1):
            killing.deliver(settings, AT_FIRST + number)
            killing.refresh(settings)
    finally:
        stop.touch()
    said = [reader.communicate(timeout=120)[0] for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * READERS
    assert all(int(text.split()[0]) > 1 for text in said)
    assert killing.published(settings) == list(range(AT_FIRST, AT_FIRST + REFRESHES + 1))
