"""The schedule, the sensors and what follows by itself, by real ticks, on the project's own instance."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from unittest import mock

import dagster as dg
import pytest

from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.instance import open_instance
from pipeline.orchestration.run import execute
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from tests.bulletin import BULLETIN
from tests.orchestration.conftest import add_refused
from tests.orchestration.ticking import DROP_FOLDER, FEED, READING, SCHEDULE, Project, requests


@pytest.fixture
def project(settings: Settings) -> Iterator[Project]:
    with open_instance(settings) as instance:
        yield Project(settings, instance)


def test_all_is_off_until_the_one_switch_turns_it_on(settings: Settings) -> None:
    off = build_defs(settings)
    asking = [s for s in off.sensors or [] if s.name != "la_suite"]
    assert {s.default_status for s in asking} == {dg.DefaultSensorStatus.STOPPED}
    settings.configuration.write_text("[schedule]\nenabled = true\n", encoding="utf-8")
    on = build_defs(settings)
    assert {s.default_status for s in on.sensors or []} == {dg.DefaultSensorStatus.RUNNING}
    schedule = on.resolve_schedule_def(SCHEDULE)
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    assert (schedule.cron_schedule, schedule.execution_timezone) == (["20 1 * * *", "40 21 * * *"], "Europe/Paris")


def test_a_trigger_that_is_off_says_why_and_what_turns_it_on(settings: Settings) -> None:
    off = build_defs(settings)
    for said in (
        *(s.description for s in off.sensors or [] if s.name != "la_suite"),
        off.resolve_schedule_def(SCHEDULE).description,
    ):
        assert said and "À l'arrêt" in said
        assert "    [schedule]\n    enabled = true" in said


def test_what_changed_is_read_and_published_in_one_run_then_left_alone(project: Project) -> None:
    (asked,) = requests(project.tick(READING))
    assert asked.job_name == "rafraichir"
    assert project.run(asked)
    assert isinstance(project.tick(READING), dg.SkipReason)
    assert plan(project.settings).nothing


def test_a_document_that_changes_and_changes_back_is_asked_for_and_read_each_time(project: Project) -> None:
    path = project.settings.raw / BULLETIN / "bulletin.md"
    first_text = path.read_text(encoding="utf-8")
    keys = []
    assert first_text.count("| 4 100") == 1
    for text in (first_text, first_text.replace("| 4 100", "| 4 200"), first_text):
        path.write_text(text, encoding="utf-8")
        (asked,) = requests(project.tick(READING))
        assert project.run(asked)
        keys.append(asked.run_key)
    assert len(set(keys)) == 3
    assert plan(project.settings).nothing
    assert len(project.instance.fetch_materializations(dg.AssetKey("prix_psla"), limit=10).records) == 3
    assert len(VersionStore(project.settings.versions).records("prix_psla")) == 3


def test_a_refused_document_holds_nothing_back_and_is_not_asked_for_again(project: Project) -> None:
    add_refused(project.settings)
    (asked,) = requests(project.tick(READING))
    assert not project.run(asked)
    assert isinstance(project.tick(READING), dg.SkipReason)
    assert plan(project.settings).nothing


def test_what_was_asked_for_and_never_ran_waits_before_it_is_asked_again(project: Project) -> None:
    assert requests(project.tick(READING))
    assert isinstance(project.tick(READING), dg.SkipReason)


def test_nothing_is_asked_while_a_run_is_under_way(project: Project) -> None:
    job = project.defs.resolve_job_def("rafraichir")
    run = project.instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
    assert isinstance(project.tick(READING), dg.SkipReason)
    project.instance.report_run_failed(run, "essai")
    assert requests(project.tick(READING))


def materialise(project: Project, asset: str, partition: str | None = None) -> None:
    """As a person does it in the interface."""
    job = project.defs.resolve_implicit_global_asset_job_def()
    done = job.execute_in_process(
        partition_key=partition, asset_selection=[dg.AssetKey(asset)], instance=project.instance, raise_on_error=False
    )
    assert done.success


Evaluated = dg.EvaluateAutomationConditionsResult


def followers(project: Project, before: Evaluated | None = None) -> tuple[set[str], Evaluated]:
    """The assets that the declared conditions ask for now. They ask for the partitions thousands of times, and none is
    added meanwhile."""
    cursor = before.cursor if before else None
    with mock.patch.object(project.instance, "get_dynamic_partitions", cache(project.instance.get_dynamic_partitions)):
        found = dg.evaluate_automation_conditions(project.defs, instance=project.instance, cursor=cursor)
    keys = {r.key.to_user_string() for r in found.results if not r.true_subset.is_empty}
    return keys, found


def test_a_reading_made_in_the_interface_is_followed_by_its_datasets_and_they_by_the_file(project: Project) -> None:
    execute(project.settings, plan(project.settings), lambda _: None)
    asked, then = followers(project)
    assert asked == set()
    materialise(project, "lecture", BULLETIN)
    asked, then = followers(project, then)
    fed = {"plafonds_plus", "prix_psla", "taux_tva_logement"}
    assert fed <= asked
    assert "base" not in asked
    for name in fed:
        materialise(project, name, BULLETIN)
    asked, then = followers(project, then)
    assert "base" in asked
    materialise_file(project)
    asked, _ = followers(project, then)
    assert asked == set()


def test_a_refresh_leaves_nothing_to_follow(project: Project) -> None:
    _, then = followers(project)
    execute(project.settings, plan(project.settings), lambda _: None)
    asked, then = followers(project, then)
    assert asked == set()
    path = project.settings.raw / BULLETIN / "bulletin.md"
    path.write_text(path.read_text(encoding="utf-8").replace("| 4 100", "| 4 200"), encoding="utf-8")
    execute(project.settings, plan(project.settings), lambda _: None)
    assert followers(project, then)[0] == set()


def materialise_file(project: Project) -> None:
    assert project.defs.resolve_job_def("publier").execute_in_process(instance=project.instance).success


def test_a_file_dropped_is_taken_read_and_published(project: Project, tmp_path: Path) -> None:
    assert isinstance(project.tick(DROP_FOLDER), dg.SkipReason)
    project.settings.inbox.mkdir(parents=True)
    dropped = project.settings.inbox / "notes.pdf"
    dropped.write_bytes(b"pas un pdf")
    os.utime(dropped, (time.time() - 60, time.time() - 60))
    (fetch,) = requests(project.tick(DROP_FOLDER))
    assert fetch.job_name == "acquerir"
    assert project.run(fetch)
    assert isinstance(project.tick(DROP_FOLDER), dg.SkipReason)


def test_the_feed_sensor_asks_nothing_while_the_feed_is_off(project: Project) -> None:
    skipped = project.tick(FEED)
    assert isinstance(skipped, dg.SkipReason)
    assert "éteint" in str(skipped.skip_message)
