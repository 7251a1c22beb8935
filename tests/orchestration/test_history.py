"""The history is disposable: half made or damaged, it is set aside by name and made again, to show the same."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dagster import AssetKey

from pipeline.orchestration import instance as history
from pipeline.orchestration.instance import ASIDE, HistoryError, damaged, ensure, open_instance
from pipeline.orchestration.run import execute, finish
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from tests.bulletin import BULLETIN
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history that is whole."""
    home = tmp_path_factory.mktemp("historique")
    shutil.copy(ROOT / "dagster.yaml", home)
    ensure(Settings(home))
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Settings:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Settings(tmp_path)


def no_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not name.startswith("sqlite_"):
                connection.execute(f'DROP TABLE "{name}"')
    connection.close()


def no_stamp(path: Path) -> None:
    """As far as the making of the tables, and not to its end."""
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM alembic_version")
    connection.close()


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


DATABASES = ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"]


HARMS = [no_table, no_stamp, zeroed, cut, lambda path: path.write_bytes(b""), Path.unlink]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("database", DATABASES)
def test_a_history_that_cannot_be_used_is_known_by_the_database(
    home: Settings, database: str, harm: Callable[[Path], None]
) -> None:
    harm(home.root / database)
    assert damaged(home.root) == database


def test_a_damaged_history_is_set_aside_and_made_again(home: Settings) -> None:
    zeroed(home.root / DATABASES[1])
    aside = ensure(home)
    assert aside and aside.parent == home.root / ASIDE
    assert (aside / "history").is_dir()
    assert damaged(home.root) == ""
    with open_instance(home) as instance:
        assert list(instance.get_runs()) == []
    assert ensure(home) is None


def test_a_history_that_is_whole_is_left_alone(home: Settings) -> None:
    before = (home.root / DATABASES[0]).stat().st_ino
    assert ensure(home) is None
    assert (home.root / DATABASES[0]).stat().st_ino == before
    assert not (home.root / ASIDE).exists()


def test_two_histories_set_aside_within_a_second_have_two_names(home: Settings) -> None:
    first = history.set_aside(home)
    ensure(home)
    assert history.set_aside(home) != first


def test_a_damaged_page_is_found_when_looked_for(home: Settings) -> None:
    path = home.root / DATABASES[1]
    with path.open("r+b") as file:
        file.seek(-4096, 2)
        file.write(b"\xff" * 4096)
    assert damaged(home.root, thorough=True) == DATABASES[1]


MAKE = "import sys; from pathlib import Path; from pipeline.settings import Settings; \
from pipeline.orchestration import instance; {fault}; instance.ensure(Settings(Path(sys.argv[1])))"
KILLED = "import os, signal; instance.{at} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
FULL = (
    "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
)


def making(root: Path, fault: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "dagster.yaml", root)
    command = [sys.executable, "-c", MAKE.format(fault=fault), str(root)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def whole_after(root: Path) -> None:
    ensure(Settings(root))
    assert damaged(root, thorough=True) == ""
    assert not list(root.glob(".history.*"))
    assert not (root / ASIDE).exists()


@pytest.mark.parametrize("at", ["_fill", "_move_in"])
def test_a_kill_while_the_history_is_made_leaves_none_or_all_of_it(tmp_path: Path, at: str) -> None:
    assert making(tmp_path, KILLED.format(at=at)).returncode == -9
    assert not (tmp_path / "history").exists()
    whole_after(tmp_path)


@pytest.mark.parametrize("size", [0, 8192, 100_000])
def test_a_full_disk_while_the_history_is_made_is_said_and_leaves_none(tmp_path: Path, size: int) -> None:
    done = making(tmp_path, FULL.format(size=size))
    assert done.returncode == 1
    assert HistoryError.__name__ in done.stderr.splitlines()[-1]
    assert "libérer de la place" in done.stderr
    assert not (tmp_path / "history").exists()
    whole_after(tmp_path)


def test_a_history_kept_elsewhere_is_not_ours_to_mend(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text("storage:\n  postgres: {}\n", encoding="utf-8")
    (tmp_path / "history").mkdir()
    assert ensure(Settings(tmp_path)) is None
    assert list((tmp_path / "history").iterdir()) == []


def test_a_new_history_shows_again_what_is_held(settings: Settings, progress: Callable[[str], None]) -> None:
    execute(settings, plan(settings), progress)
    (settings.root / DATABASES[1]).write_bytes(b"autre chose")
    assert plan(settings).nothing
    finish(settings)
    with open_instance(settings) as instance:
        assert instance.get_materialized_partitions(AssetKey("prix_psla")) == {BULLETIN}
        assert instance.get_latest_materialization_event(AssetKey("base")) is not None
    assert len(list((settings.root / ASIDE).iterdir())) == 1
