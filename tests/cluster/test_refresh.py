"""The command with an engine and a lock that are not this machine's: the same content, and refusals that name them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.settings import Settings
from tests.cluster.certificates import authority
from tests.cluster.conftest import needs
from tests.cluster.dask_processes import DaskProcesses, kill
from tests.cluster.postgres import Server, programs
from tests.conftest import new_project

pytestmark = needs("distributed")
DOCUMENTS = ("JORFTEXT000042056679", "places-regionales")
_HOLD = """
import sys
from pipeline.store.lock_postgres import shared_lock
with shared_lock(sys.argv[1], "annexes"):
    print("held", flush=True)
    sys.stdin.read()
"""


def refresh(settings: Settings, **env: str) -> subprocess.CompletedProcess[str]:
    return annexes(settings, "refresh", **env)


def annexes(settings: Settings, word: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", word]
    around = {**os.environ, "ANNEXES_ROOT": str(settings.root), "NO_COLOR": "1", **env}
    return subprocess.run(command, cwd=settings.root, env=around, capture_output=True, text=True, timeout=280)


def contents(settings: Settings) -> dict[str, str]:
    """The content hash of each version, by dataset and edition."""
    found = [json.loads(path.read_text()) for path in settings.versions.glob("[!_]*/[0-9]*.json")]
    return {f"{record['dataset']} {record['edition']}": record["content_sha256"] for record in found}


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    folder = tmp_path_factory.mktemp("dask")
    processes = DaskProcesses(folder, authority(folder / "tls", "Ours"))
    try:
        processes.start_scheduler()
        processes.start_worker(wait=False)
        processes.start_worker()
        yield processes
    finally:
        processes.stop()


def declare(settings: Settings, processes: DaskProcesses) -> None:
    tls = processes.tls
    settings.configuration.write_text(
        f'[engine]\nkind = "dask"\naddress = "{processes.address}"\n'
        f'ca = "{tls.ca}"\ncert = "{tls.cert}"\nkey = "{tls.key}"\n'
    )


def test_the_versions_are_those_of_one_machine_and_a_dead_engine_is_named(
    processes: DaskProcesses, tmp_path: Path
) -> None:
    here, there = (new_project(tmp_path / name, *DOCUMENTS) for name in ("here", "there"))
    declare(there, processes)
    for settings in (here, there):
        done = refresh(settings)
        assert done.returncode == 0, done.stderr
    assert contents(there) == contents(here)
    assert len(contents(here)) == 3
    seen = annexes(there, "workers")
    assert (seen.returncode, seen.stdout.count("tls://127.0.0.1")) == (0, 3), seen.stderr

    with (there.raw / DOCUMENTS[1] / "document.toml").open("a") as file:
        file.write("# changed\n")
    assert processes.scheduler
    kill(processes.scheduler)
    cut = refresh(there)
    assert cut.returncode == 1
    assert f"moteur Dask {processes.address}" in cut.stderr and "Traceback" not in cut.stderr
    there.configuration.unlink()
    assert refresh(there).returncode == 0
    assert contents(there) == contents(here)


@pytest.mark.skipif(programs() is None, reason="not installed: PostgreSQL (Debian's postgresql)")
def test_of_two_machines_the_second_names_the_first_then_has_its_turn(tmp_path: Path) -> None:
    settings = new_project(tmp_path / "project", DOCUMENTS[1])
    shutil.rmtree(settings.root / "history")  # kept in the database, once it is named
    settings.configuration.write_text('[lock]\npostgres = "ANNEXES_LOCK"\n')
    with Server() as server:
        command = [sys.executable, "-c", _HOLD, server.dsn]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
            assert first.stdout and first.stdout.readline() == "held\n"
            second = refresh(settings, ANNEXES_LOCK=server.dsn)
            assert second.returncode == 1
            assert f"annexes {first.pid} sur " in second.stderr
            settings.configuration.write_text('[lock]\npostgres = "ANNEXES_LOCK"\nwait = 200\n')
            assert first.stdin
            first.stdin.close()
            # Dagster's history in the same database, as docs/scale.md has it.
            with (settings.root / "dagster.yaml").open("a") as file:
                file.write(STORAGE.format(port=server.port))
            done = refresh(settings, ANNEXES_LOCK=server.dsn, ANNEXES_DB_USER="annexes", ANNEXES_DB_PASSWORD="x")
            assert done.returncode == 0, done.stderr
        before, gone, left = _runs_cleaned(settings)
        assert (before > 3, left, gone) == (True, 1, before - 1)
    assert not (settings.root / "history").exists()


STORAGE = """
storage:
  postgres:
    postgres_db:
      hostname: 127.0.0.1
      username: {{env: ANNEXES_DB_USER}}
      password: {{env: ANNEXES_DB_PASSWORD}}
      db_name: postgres
      port: {port}
      scheme: postgresql+psycopg2
"""
_CLEAN = """
import sys
from pathlib import Path
from dagster import DagsterRun, DagsterRunStatus
from pipeline.orchestration.instance import open_instance, purge
from pipeline.settings import Settings
settings = Settings(Path(sys.argv[1]))
with open_instance(settings) as instance:
    for status in (DagsterRunStatus.FAILURE, DagsterRunStatus.SUCCESS, DagsterRunStatus.SUCCESS):
        instance.add_run(DagsterRun(job_name="rafraichir", status=status))
    before = len(instance.get_runs())
gone = purge(settings, 1).runs
with open_instance(settings) as instance:
    print(before, len(gone), len(instance.get_runs()))
"""


def _runs_cleaned(settings: Settings) -> list[int]:
    """How many runs the database holds, how many of them `clean` takes, and how many are left."""
    around = {**os.environ, "ANNEXES_DB_USER": "annexes", "ANNEXES_DB_PASSWORD": "x"}
    command = [sys.executable, "-c", _CLEAN, str(settings.root)]
    said = subprocess.run(command, cwd=settings.root, env=around, capture_output=True, text=True, timeout=280)
    assert said.returncode == 0, said.stderr
    return [int(count) for count in said.stdout.split()]


def test_a_lock_whose_variable_is_empty_is_said(tmp_path: Path) -> None:
    settings = new_project(tmp_path / "project", DOCUMENTS[1])
    settings.configuration.write_text('[lock]\npostgres = "NO_SUCH_VARIABLE"\n')
    done = refresh(settings)
    assert (done.returncode, "NO_SUCH_VARIABLE est vide" in done.stderr) == (1, True)
