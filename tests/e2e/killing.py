"""`annexes refresh` as a process that can be killed, on a project whose arrêté is printed anew for each refresh: every
refresh to the end adds one version, told by the threshold that it prints for one agglomeration."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pyarrow.parquet as pq
from dagster import DagsterRun, DagsterRunStatus

from pipeline import files
from pipeline.datasets import all_datasets
from pipeline.orchestration.instance import open_instance
from pipeline.refresh.plan import plan
from pipeline.refresh.publish import is_current
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse import audit
from pipeline.warehouse.access import connect
from tests import reference
from tests.conftest import ROOT
from tests.histories import add_history
from tests.production import publish, read_document
from tests.refresh.acts import FIRST, add, printed_rows, with_thresholds

DATASET, SHEET = "premier_quartile", "places-regionales"
BOURG, AT_FIRST = "200071751", 8861
"""An agglomeration, and its threshold in the annex as it was published (€)."""
SIGKILLED = -signal.SIGKILL
_WAIT_SECONDS = 240.0


def published_once(root: Path) -> Settings:
    """The sheet of places and the arrêté, read and published without Dagster: its history is made by the command."""
    settings = Settings(root)
    reference.link_small(settings.reference)
    add_history(root)
    shutil.copytree(ROOT / "raw" / SHEET, settings.raw / SHEET)
    deliver(settings, AT_FIRST)
    for name in plan(settings).changed:
        read_document(settings, name)
    publish(settings)
    return settings


def deliver(settings: Settings, euros: int) -> None:
    """The annex as it is now delivered, with this threshold for one agglomeration."""
    add(settings, FIRST, with_thresholds(printed_rows(), {BOURG: f"{euros // 1000} {euros % 1000:03} €"}))


def start(settings: Settings, failpoint: str = "") -> subprocess.Popen[str]:
    """The command, in a process group of its own; it kills itself at the fail-point."""
    environment = os.environ | {"ANNEXES_ROOT": str(settings.root), files.FAILPOINT_VARIABLE: failpoint}
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", "refresh"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def end(process: subprocess.Popen[str]) -> int:
    """Its exit code, once it and what it started are gone."""
    process.communicate(timeout=_WAIT_SECONDS)
    return process.returncode


def killed_after(settings: Settings, seconds: float) -> int:
    """Run the command and kill its group so long after it began; its exit code, 0 when it was done before."""
    process = start(settings)
    _wait_until_begun(settings, process)
    time.sleep(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    return end(process)


def _wait_until_begun(settings: Settings, process: subprocess.Popen[str]) -> None:
    """Until it holds the refresh lock: what comes before only loads modules."""
    holder = settings.lock.with_suffix(".holder.json")
    named = f'"{process.pid}"'
    while process.poll() is None:
        with suppress(FileNotFoundError):
            if named in holder.read_text(encoding="utf-8"):
                return
        time.sleep(0.02)


def refresh(settings: Settings) -> None:
    """One refresh to the end."""
    process = start(settings)
    _, said = process.communicate(timeout=_WAIT_SECONDS)
    assert process.returncode == 0, said


def published(settings: Settings) -> list[int]:
    """The threshold in each version of the published file, after checking that every version in it is whole."""
    with connect(settings) as connection:
        for (name,) in connection.execute("SELECT dataset FROM meta.datasets").fetchall():
            wrong = connection.execute(
                f"SELECT version_no FROM meta.versions v LEFT JOIN data.{name} d USING (version_no) "
                "WHERE v.dataset = ? GROUP BY version_no, row_count HAVING count(d.row_no) <> row_count",
                [name],
            ).fetchall()
            assert not wrong, (name, wrong)
        found = connection.execute(
            f"SELECT seuil_euros_par_uc_an FROM data.{DATASET} WHERE siren = ? ORDER BY version_no", [BOURG]
        ).fetchall()
    return [euros for (euros,) in found]


def held(settings: Settings) -> list[int]:
    """The threshold in each version of the system of record."""
    found = VersionStore(settings.versions).view()
    assert found.refused == ()
    versions = [r.version_no for r in found.records if r.dataset == DATASET]
    tables = (pq.read_table(VersionStore(settings.versions).path(DATASET, number)) for number in versions)
    return [row["seuil_euros_par_uc_an"] for table in tables for row in table.to_pylist() if row["siren"] == BOURG]


def check_whole(settings: Settings, before: Sequence[int], after: Sequence[int]) -> None:
    """A killed refresh left all that there was, or all that it was to make."""
    assert published(settings) in (before, after)
    assert held(settings) in (before, after)


def check_complete(settings: Settings, thresholds: Sequence[int]) -> None:
    """The refresh after a killed one made everything and left nothing behind."""
    assert published(settings) == held(settings) == thresholds
    assert plan(settings).nothing
    assert list(audit.audit(settings, all_datasets(), is_current(settings))) == []
    assert not [*settings.warehouse.rglob("*.tmp"), *settings.warehouse.glob(".annexes*")]


def open_runs(settings: Settings) -> list[DagsterRun]:
    """The runs that Dagster believes to be under way."""
    with open_instance(settings) as instance:
        runs = instance.get_runs()
    return [run for run in runs if run.status in (DagsterRunStatus.STARTING, DagsterRunStatus.STARTED)]
