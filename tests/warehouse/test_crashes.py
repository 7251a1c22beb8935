"""Killed anywhere, the published file is a whole former or new state, and the next refresh completes."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from pipeline import files
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.publish import PublishError
from tests.warehouse.churn import ROWS_A_EDITION, churn
from tests.warehouse.made import project

SIGKILLED = -9


def start(settings: Settings, *editions: str, failpoint: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {files.FAILPOINT_VARIABLE: failpoint}
    command = [sys.executable, "-m", "tests.warehouse.churn", str(settings.root), *editions]
    return subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE)


def published_editions(settings: Settings) -> list[str]:
    """The editions of the published file, after checking that each is there once and whole."""
    with duckdb.connect(str(settings.database), read_only=True) as connection:
        loaded = connection.execute(
            "SELECT v.edition, count(*), sum(d.seuil_euros) = min(d.annee) * count(*) FROM data.seuils d "
            "JOIN meta.versions v USING (version_no) GROUP BY v.version_no, v.edition ORDER BY v.version_no"
        ).fetchall()
        cells = dict(connection.execute("SELECT version_no, count(*) FROM meta.cells GROUP BY version_no").fetchall())
    assert all(count == ROWS_A_EDITION and whole for _, count, whole in loaded)
    assert set(cells.values()) == {3 * ROWS_A_EDITION + 1}
    return [edition for edition, _, _ in loaded]


def check_whole(settings: Settings, before: list[str], after: list[str]) -> None:
    """The file says what it said, or all that the killed refresh was to say; the store has lost and doubled nothing."""
    assert published_editions(settings) in (before, after)
    held = [r.edition for r in VersionStore(settings.versions).records()]
    assert held in (before, after)
    assert VersionStore(settings.versions).view().refused == ()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("premier")
    churn(project(folder), ["A1"])
    return folder


@pytest.fixture
def settings(first: Path, tmp_path: Path) -> Settings:
    """A project with edition A1 published."""
    return project(shutil.copytree(first, tmp_path / "projet"))


@pytest.mark.parametrize("point", files.FAILPOINTS)
def test_killed_at_a_named_point(settings: Settings, point: str) -> None:
    killed = start(settings, "A1", "A2", failpoint=point)
    killed.communicate(timeout=60)
    assert killed.returncode == SIGKILLED
    check_whole(settings, ["A1"], ["A1", "A2"])

    churn(settings, ["A1", "A2"])
    assert published_editions(settings) == ["A1", "A2"]
    assert not list(settings.root.rglob("*.tmp"))
    assert not list(settings.warehouse.glob(".annexes*"))


WHOLE = [p for p in files.FAILPOINTS if p.startswith(("build.", "publish."))]


@pytest.mark.parametrize(
    "point", [p if p == "publish.before_rename" else pytest.param(p, marks=pytest.mark.soak) for p in WHOLE]
)
def test_killed_while_built_whole(settings: Settings, point: str) -> None:
    """As above, of a file that nothing can be added to. It is no copy of the former one."""
    settings.published_note.unlink()
    killed = start(settings, "A1", "A2", failpoint=point)
    killed.communicate(timeout=60)
    assert killed.returncode == (0 if point == "publish.copied" else SIGKILLED)
    check_whole(settings, ["A1"], ["A1", "A2"])
    churn(settings, ["A1", "A2"])
    assert published_editions(settings) == ["A1", "A2"]
    assert not list(settings.warehouse.glob(".annexes*"))


def test_killed_at_random(settings: Settings) -> None:
    before = ["A1"]
    for number in range(2, 6):
        after = [*before, f"A{number}"]
        refresh = start(settings, *after)
        time.sleep(random.uniform(0.3, 1.6))
        refresh.kill()
        refresh.communicate(timeout=60)
        check_whole(settings, before, after)
        churn(settings, after)
        assert published_editions(settings) == after
        before = after


def test_two_refreshes_at_once_take_turns(settings: Settings) -> None:
    both = [start(settings, "A1", "A2"), start(settings, "A1", "A2", "A3")]
    assert [refresh.wait(timeout=60) for refresh in both] == [0, 0]
    assert [r.edition for r in VersionStore(settings.versions).records()] == ["A1", "A2", "A3"]
    assert set(published_editions(settings)) == {"A1", "A2", "A3"}


def test_a_full_disk_leaves_the_former_file(settings: Settings) -> None:
    """RLIMIT_FSIZE stands for the full disk: the version fits, the new database does not."""
    before = settings.database.read_bytes()
    limit = 200_000
    command = [sys.executable, "-m", "tests.warehouse.churn", str(settings.root), "A1", "A2"]
    full = subprocess.run(
        command,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
    )
    assert full.returncode == 1
    assert settings.database.read_bytes() == before
    assert not list(settings.warehouse.glob(".annexes*"))
    churn(settings, ["A1", "A2"])
    assert published_editions(settings) == ["A1", "A2"]


def test_a_stale_log_beside_the_file_is_removed(settings: Settings) -> None:
    settings.database.with_name("annexes.duckdb.wal").write_bytes(b"left by a dead writer")
    churn(settings, ["A1", "A2"])
    assert published_editions(settings) == ["A1", "A2"]


def test_a_version_damaged_since_it_was_published_stops_the_next_file(settings: Settings) -> None:
    path = VersionStore(settings.versions).path("seuils", 1)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PublishError, match="la version 1 est publiée et ne se lit plus"):
        churn(settings, ["A2"])
    assert published_editions(settings) == ["A1"]
