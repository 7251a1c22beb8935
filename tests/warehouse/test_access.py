"""An analyst's SQL reads the published tables and nothing else, in bounded time and memory."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipeline.settings import Settings
from pipeline.warehouse import access, session
from pipeline.warehouse.access import QueryError
from pipeline.warehouse.catalogue import Catalogue
from tests.conftest import ROOT
from tests.warehouse.attempts import BOMBS, REFUSED, SLOW
from tests.warehouse.made import accept, project, publish, seuils

MEGABYTE = 1 << 20
BOMB_SECONDS = 3.0
LOADED_SECONDS = 20.0


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = project(tmp_path_factory.mktemp("projet"))
    accept(settings, "A1", [(2020, "200000001", "CA Un", 10_000)])
    publish(settings, [seuils()], Catalogue())
    return settings


@pytest.mark.parametrize("sql", REFUSED)
def test_an_attempt_is_refused_and_leaves_nothing(published: Settings, tmp_path: Path, sql: str) -> None:
    """Run in the session that its own process runs, here without the process."""
    import duckdb

    text = sql.replace("{folder}", str(tmp_path)).replace("{base}", str(published.database))
    with pytest.raises((QueryError, duckdb.Error)):
        session.run(published, text, 256 * MEGABYTE, 2, io.BytesIO())
    assert list(tmp_path.iterdir()) == []


def test_the_process_tells_why_it_refuses(published: Settings) -> None:
    with pytest.raises(QueryError, match="Permission Error"):
        access.query(published, "SELECT * FROM read_text('/etc/passwd')")


@pytest.mark.parametrize("sql", BOMBS[::5])
def test_a_bomb_costs_what_was_allowed_and_no_more(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    ends_within_its_bounds(published, tmp_path, monkeypatch, sql)


def ends_within_its_bounds(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """Time to the limit and a second (more here, where other tests run), memory to the limit and 300 MB, no file."""
    monkeypatch.setenv("TMPDIR", str(folder))
    peaks = watched_peaks(monkeypatch)
    before = files_of(settings.root)
    started = time.monotonic()
    with pytest.raises(QueryError):
        access.query(settings, sql, timeout=BOMB_SECONDS, memory=64 * MEGABYTE)
    assert time.monotonic() - started < BOMB_SECONDS + 1 + LOADED_SECONDS
    assert 0 < peaks[-1] <= (64 + 300) * MEGABYTE
    assert (files_of(settings.root), files_of(folder)) == (before, {})


def watched_peaks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by the greatest memory, in bytes, of each process that a query starts from now on."""
    peaks: list[int] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            peaks.append(0)
            self.watcher = threading.Thread(target=self.watch)
            self.watcher.start()

        def watch(self) -> None:
            while self.returncode is None:
                with suppress(OSError, ValueError, IndexError):
                    status = Path(f"/proc/{self.pid}/status").read_text()
                    peaks[-1] = max(peaks[-1], int(status.split("VmHWM:")[1].split()[0]) << 10)
                time.sleep(0.01)

    monkeypatch.setattr(access.subprocess, "Popen", Watched)
    return peaks


def files_of(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def test_the_process_of_a_query_can_write_no_file(published: Settings, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from pipeline.warehouse.session import _bound; _bound(1 << 30);"
        "pathlib.Path(sys.argv[1]).write_text('x')"
    )
    path = tmp_path / "intrus"
    done = subprocess.run([sys.executable, "-c", script, path], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, "File too large" in done.stderr, path.stat().st_size) == (1, True, 0)


def test_the_process_of_a_query_ends_with_the_one_that_asked(published: Settings) -> None:
    script = (
        "import sys; from pathlib import Path; from pipeline.settings import Settings;"
        "from pipeline.warehouse import access; import subprocess as s; made = s.Popen.__init__\n"
        "def init(self, *a, **k):\n    made(self, *a, **k); print(self.pid, flush=True)\n"
        "s.Popen.__init__ = init; access.query(Settings(Path(sys.argv[1])), sys.argv[2])"
    )
    asking = [sys.executable, "-c", script, str(published.root), SLOW[0]]
    with subprocess.Popen(asking, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(timeout=60)


def test_nothing_in_the_current_directory_is_run(
    published: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("json", "duckdb", "threading", "pyarrow"):
        (tmp_path / f"{name}.py").write_text("open('executed', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert access.query(published, "SELECT 1").num_rows == 1
    assert not (tmp_path / "executed").exists()


def test_two_columns_may_have_one_name(published: Settings) -> None:
    rows = access.query(published, "SELECT 1 AS a, 2 AS a, 3 AS b")
    assert (rows.column_names, [column.to_pylist() for column in rows.columns]) == (["a", "a", "b"], [[1], [2], [3]])


def test_a_log_asked_for_by_a_query_is_not_written(published: Settings, tmp_path: Path) -> None:
    with suppress(QueryError):  # DuckDB 1.5 lets it run and writes nothing, DuckDB 2 refuses it
        access.query(published, f"SELECT * FROM enable_logging(storage_path = '{tmp_path}/journal')")
    assert list(tmp_path.iterdir()) == []


def test_a_python_variable_is_no_table(published: Settings) -> None:
    import pandas as pd

    intrus = pd.DataFrame({"x": [1]})
    with access.connect(published) as connection, pytest.raises(Exception, match="intrus"):
        connection.execute("SELECT * FROM intrus")
    assert len(intrus) == 1


def test_ordinary_queries_run(published: Settings) -> None:
    for sql in (
        "FROM seuils",
        "DESCRIBE seuils",
        "SHOW TABLES",
        "SUMMARIZE seuils",
        "PIVOT seuils ON annee USING max(nom)",
    ):
        assert access.query(published, sql).num_rows > 0


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="aucune base"):
        access.query(project(tmp_path), "SELECT 1")
