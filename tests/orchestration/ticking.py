"""A project as Dagster's daemon drives it, one tick and one run at a time in this process, at the moment a test says.

What the daemon does around an evaluation is done here: cursors kept, partitions added, run keys asked for once. What a
test expects of it is in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from dagster import (
    DagsterInstance,
    Definitions,
    RunRequest,
    RunsFilter,
    SkipReason,
    build_schedule_context,
    build_sensor_context,
)
from dagster._utils.schedules import schedule_execution_time_iterator  # the daemon's own; none is public

from pipeline.orchestration import resources
from pipeline.orchestration.definitions import build_defs
from pipeline.orchestration.resources import utc_now
from pipeline.orchestration.results import Executed
from pipeline.settings import Settings

READING = "lecture_et_publication"
FEED = "flux_du_journal_officiel"
DROP_FOLDER = "boite_de_depot"
SCHEDULE = "deux_fois_par_jour"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_RUN_KEY = "dagster/run_key"
_SENSOR = "dagster/sensor_name"


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Project:
    """Definitions and instance of one project, and the cursors of its sensors between ticks."""

    def __init__(self, settings: Settings, instance: DagsterInstance, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.instance = settings, instance
        self.done: list[Executed] = []
        """What came of each refresh."""
        self.defs: Definitions = build_defs(settings, resources.Project(settings, clock=clock, done=self.done.append))
        self.cursors: dict[str, str | None] = {}

    def tick(self, sensor: str) -> list[RunRequest] | SkipReason:
        """One evaluation of a sensor; the requests whose run key never ran."""
        definition = self.defs.resolve_sensor_def(sensor)
        context = build_sensor_context(
            instance=self.instance,
            instance_ref=self.instance.get_ref(),  # partitions are looked up only where this is given
            cursor=self.cursors.get(sensor),
            definitions=self.defs,
        )
        data = definition.evaluate_tick(context)
        self.cursors[sensor] = data.cursor
        if data.skip_message:
            return SkipReason(data.skip_message)
        return [request for request in data.run_requests or [] if not self._ran(sensor, request)]

    def scheduled_after(self, moment: datetime) -> datetime:
        """The next tick of the schedule, in UTC."""
        schedule = self.defs.resolve_schedule_def(SCHEDULE)
        times = schedule_execution_time_iterator(
            moment.timestamp(), schedule.cron_schedule, schedule.execution_timezone
        )
        return next(at for at in times if at > moment).astimezone(UTC)

    def tick_schedule(self, at: datetime) -> list[RunRequest]:
        """The evaluation of the schedule at one of its times."""
        context = build_schedule_context(instance=self.instance, scheduled_execution_time=at)
        schedule = self.defs.resolve_schedule_def(SCHEDULE)
        found = schedule.evaluate_tick(context).run_requests or []
        return [request.with_replaced_attrs(job_name=schedule.job_name) for request in found]

    def run(self, request: RunRequest) -> bool:
        """The run that was asked for, in this process; whether it succeeded."""
        job = self.defs.resolve_job_def(str(request.job_name))
        done = job.execute_in_process(
            run_config=_QUIET,
            instance=self.instance,
            partition_key=request.partition_key,
            asset_selection=list(request.asset_selection) if request.asset_selection else None,
            tags={**request.tags, **({_RUN_KEY: request.run_key} if request.run_key else {})},
            raise_on_error=False,
        )
        return done.success

    def _ran(self, sensor: str, request: RunRequest) -> bool:
        tags = {_RUN_KEY: str(request.run_key), _SENSOR: sensor}
        return bool(request.run_key and self.instance.get_runs(RunsFilter(tags=tags), limit=1))


def requests(found: list[RunRequest] | SkipReason) -> list[RunRequest]:
    """The requests of a tick that must have made some."""
    assert isinstance(found, list), found.skip_message
    return found
