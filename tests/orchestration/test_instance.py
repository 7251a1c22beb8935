"""Old runs go; the interface keeps something to show of every job and document."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from dagster import AssetKey, DagsterRun, DagsterRunStatus

from pipeline.orchestration.instance import old_runs, open_instance, purge
from pipeline.orchestration.run import execute
from pipeline.refresh.plan import Plan, plan
from pipeline.settings import Settings
from tests.bulletin import BULLETIN


def run(name: str, document: str = "A", status: DagsterRunStatus = DagsterRunStatus.SUCCESS) -> DagsterRun:
    tags = {"dagster/partition": document} if document else {}
    return DagsterRun(run_id=name, job_name="lecture" if document else "rafraichir", status=status, tags=tags)


def test_the_newest_are_kept_and_one_of_each_document() -> None:
    runs = [run("6"), run("5", "B"), run("4", ""), run("3"), run("2", "B"), run("1", "")]
    assert old_runs(runs, 2) == ["3", "2", "1"]
    assert old_runs(runs, 0) == ["3", "2", "1"]
    assert old_runs(runs, 100) == []


def test_a_failure_does_not_push_out_the_last_success() -> None:
    failed = DagsterRunStatus.FAILURE
    runs = [run("4", status=failed), run("3", status=failed), run("2"), run("1")]
    assert old_runs(runs, 0) == ["3", "1"]


def test_a_run_under_way_is_never_touched() -> None:
    runs = [run("3"), run("2", status=DagsterRunStatus.STARTED), run("1")]
    assert old_runs(runs, 0) == ["1"]


def test_a_project_without_history_has_nothing_to_purge(settings: Settings) -> None:
    shutil.rmtree(settings.root / "history")
    assert purge(settings, 0).runs == ()
    assert not (settings.root / "history").exists()


def test_purged_runs_leave_no_file_and_the_rest_stays(settings: Settings, progress: Callable[[str], None]) -> None:
    execute(settings, plan(settings), progress)
    execute(settings, Plan((), (BULLETIN,), publish=True), progress)
    files = set((settings.root / "history/runs").glob("*-*.db"))
    rehearsed = purge(settings, 0, dry_run=True)
    assert set((settings.root / "history/runs").glob("*-*.db")) == files
    done = purge(settings, 0)
    assert done.runs == rehearsed.runs
    assert len(done.runs) == 1
    assert len(set((settings.root / "history/runs").glob("*-*.db"))) == len(files) - 1
    with open_instance(settings) as instance:
        assert [r.job_name for r in instance.get_runs()] == ["rafraichir"]
        assert instance.get_latest_materialization_event(AssetKey("prix_psla")) is not None


@pytest.mark.parametrize("keep", [0, 3])
def test_what_is_kept_is_counted_from_the_newest(keep: int) -> None:
    runs = [run(str(n)) for n in range(9, 0, -1)]
    assert len(old_runs(runs, keep)) == 9 - max(keep, 1)
