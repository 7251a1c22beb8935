"""The parts put together as Definitions. Everything that changes from one use to another is an argument."""

from __future__ import annotations

from dagster import Definitions, in_process_executor

from pipeline import settings as project_settings
from pipeline.orchestration.assets.arrivals import arrivals
from pipeline.orchestration.assets.datasets import datasets
from pipeline.orchestration.assets.raw import raw_document
from pipeline.orchestration.assets.staged import reading
from pipeline.orchestration.assets.warehouse import warehouse
from pipeline.orchestration.jobs import FETCH, PUBLISH, READ_DOCUMENT
from pipeline.orchestration.project import Clock, Lock, Project, Tell, alerting, utc_now, waiting
from pipeline.orchestration.triggers.schedule import twice_a_day
from pipeline.orchestration.triggers.sensors import sensors
from pipeline.orchestration.triggers.switch import is_on
from pipeline.settings import Settings


def build_defs(
    settings: Settings | None = None, lock: Lock = waiting, clock: Clock = utc_now, tell: Tell = alerting
) -> Definitions:
    """All definitions, on the project found from the working directory unless told (ProjectNotFoundError).

    Steps run in the process of their run: the default executor would start one for each, some seconds every time.
    """
    found = settings or project_settings.load()
    on = is_on(found)
    return Definitions(
        assets=[arrivals, raw_document, reading, datasets, warehouse],
        jobs=[FETCH, READ_DOCUMENT, PUBLISH],
        schedules=[twice_a_day(on)],
        sensors=sensors(found, on, clock),
        resources={"project": Project(found, lock, clock, tell)},
        executor=in_process_executor,
    )
