"""The schedule and the sensors by real ticks, on the project's own instance and definitions."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterRunStatus, DefaultScheduleStatus, DefaultSensorStatus, SkipReason
from pipeline.orchestration.build import build_defs
from pipeline.orchestration.history import open_instance

from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.refresh.plan import plan
from pipeline.settings import Settings
from tests.bulletin import BULLETIN
from tests.orchestration.conftest import add_refused
from tests.orchestration.ticking import DROP_FOLDER, FEED, READING, SCHEDULE, Project, requests


@pytest.fixture
def project(settings: Settings) -> Iterator[Project]:
    with open_instance(settings) as instance:
        yield Project(settings, instance)


def test_all_is_off_until_the_one_switch_turns_it_on(settings: Settings) -> None:
    off = build_defs(settings)
    assert {s.default_status for s in off.sensors or []} == {DefaultSensorStatus.STOPPED}
    settings.configuration.write_text("[schedule]\nenabled = true\n", encoding="utf-8")
    on = build_defs(settings)
    assert {s.default_status for s in on.sensors or []} == {DefaultSensorStatus.RUNNING}
    schedule = on.resolve_schedule_def(SCHEDULE)
    assert schedule.default_status == DefaultScheduleStatus.RUNNING
    assert (schedule.cron_schedule, schedule.execution_timezone) == (["20 1 * * *", "40 21 * * *"], "Europe/Paris")


def test_a_document_is_read_then_published_then_left_alone(project: Project) -> None:
    (read,) = requests(project.tick(READING))
    assert (read.job_name, read.partition_key) == ("read_document", BULLETIN)
    assert project.run(read)
    (publish,) = requests(project.tick(READING))
    assert publish.job_name == "publish"
    assert project.run(publish)
    assert isinstance(project.tick(READING), SkipReason)
    assert plan(project.settings).nothing


def test_a_document_that_changes_back_is_asked_for_with_another_key(project: Project) -> None:
    path = project.settings.raw / BULLETIN / "bulletin.md"
    first_text = path.read_text(encoding="utf-8")
    keys = []
    for text in (first_text, first_text + "\n", first_text):
        path.write_text(text, encoding="utf-8")
        request = next(r for r in requests(project.tick(READING)) if r.job_name == "read_document")
        assert project.run(request)
        keys.append(request.run_key)
    assert len(set(keys)) == 3


def test_a_refused_document_holds_nothing_back_and_is_not_asked_for_again(project: Project) -> None:
    add_refused(project.settings)
    done = {r.partition_key: project.run(r) for r in requests(project.tick(READING))}
    assert done == {BULLETIN: True, "ARRETE-VIDE": False}
    (publish,) = requests(project.tick(READING))
    assert publish.job_name == "publish"
    assert project.run(publish)
    assert isinstance(project.tick(READING), SkipReason)


def test_what_was_asked_for_and_never_ran_waits_before_it_is_asked_again(project: Project) -> None:
    assert requests(project.tick(READING))
    again = requests(project.tick(READING))
    assert [r.job_name for r in again] == ["publish"]


def test_nothing_is_asked_while_a_run_is_under_way(project: Project) -> None:
    project.instance.add_dynamic_partitions(str(DOCUMENTS.name), [BULLETIN])
    job = project.defs.resolve_job_def("read_document")
    run = project.instance.create_run_for_job(
        job, status=DagsterRunStatus.STARTED, tags={"dagster/partition": BULLETIN}
    )
    assert isinstance(project.tick(READING), SkipReason)
    project.instance.report_run_failed(run, "essai")
    assert requests(project.tick(READING))


def test_a_file_dropped_is_taken_read_and_published(project: Project, tmp_path: Path) -> None:
    assert isinstance(project.tick(DROP_FOLDER), SkipReason)
    project.settings.inbox.mkdir(parents=True)
    dropped = project.settings.inbox / "notes.pdf"
    dropped.write_bytes(b"pas un pdf")
    os.utime(dropped, (time.time() - 60, time.time() - 60))
    (fetch,) = requests(project.tick(DROP_FOLDER))
    assert fetch.job_name == "fetch"
    assert project.run(fetch)
    assert isinstance(project.tick(DROP_FOLDER), SkipReason)


def test_the_feed_sensor_asks_nothing_while_the_feed_is_off(project: Project) -> None:
    skipped = project.tick(FEED)
    assert isinstance(skipped, SkipReason)
    assert "éteint" in str(skipped.skip_message)
