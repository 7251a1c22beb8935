"""The parts put together as Definitions. Everything that changes from one use to another is an argument."""

from __future__ import annotations

import warnings

import dagster as dg

from pipeline import settings as project_settings
from pipeline.orchestration import assets, triggers
from pipeline.orchestration.jobs import FETCH, PUBLISH, REFRESH
from pipeline.orchestration.resources import Project
from pipeline.settings import Settings


def build_defs(settings: Settings | None = None, project: Project | None = None) -> dg.Definitions:
    """All definitions, on the project found from the working directory unless told (ProjectNotFoundError). `project` is
    what assets and jobs are given, where that is not the usual lock, clock and alert.

    Steps run in the process of their run: the default executor would start one for each, some seconds every time.
    """
    # Dagster copies the sensors when it puts the definitions together, and warns of a parameter that nobody gave.
    warnings.filterwarnings("ignore", "Parameter `owners` of initializer `SensorDefinition", dg.BetaWarning)
    with warnings.catch_warnings():
        # The range of dagster in pyproject.toml is held to this minor: what is in preview in it does not move.
        for category in (dg.BetaWarning, dg.PreviewWarning):
            warnings.simplefilter("ignore", category)
        return _defs(project or Project(settings or project_settings.load()))


def refresh_job(project: Project) -> dg.JobDefinition:
    """The job `rafraichir` alone, for a refresh that is run here: what the interface shows besides is not needed."""
    alone = dg.Definitions(jobs=[REFRESH], resources={"project": project}, executor=dg.in_process_executor)
    return alone.resolve_job_def("rafraichir")


def _defs(given: Project) -> dg.Definitions:
    on = triggers.is_on(given.settings)
    return dg.Definitions(
        assets=assets.build(given.settings),
        asset_checks=[assets.lateness],
        jobs=[REFRESH, PUBLISH, FETCH],
        schedules=[triggers.schedule(on)],
        sensors=triggers.sensors(given.settings, on, given.clock),
        resources={"project": given},
        executor=dg.in_process_executor,
    )
