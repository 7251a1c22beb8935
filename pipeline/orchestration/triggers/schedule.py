"""Twice a day after the feed's hours: the issue of the day comes a little after midnight in Paris, its second delivery
towards nine in the evening."""

from __future__ import annotations

from dagster import DefaultScheduleStatus, ScheduleDefinition

from pipeline.orchestration.jobs import FETCH

AFTER_THE_FEED = ("20 1 * * *", "40 21 * * *")


def twice_a_day(on: bool) -> ScheduleDefinition:
    """The schedule of the job `fetch`; running from the start when `on`."""
    return ScheduleDefinition(
        name="deux_fois_par_jour",
        job=FETCH,
        cron_schedule=list(AFTER_THE_FEED),
        execution_timezone="Europe/Paris",
        default_status=DefaultScheduleStatus.RUNNING if on else DefaultScheduleStatus.STOPPED,
        description="Un tour d'arrivée après chaque livraison du Journal officiel. La lecture suit par capteur.",
    )
