"""The job `rafraichir` run in this process, on the real instance, for the `annexes refresh` command. Nothing is decided
here: the plan comes from `refresh.plan`, what came of it from `refreshing`.

Dagster is imported inside the functions, once DAGSTER_HOME says where the instance is.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.orchestration import instance as history
from pipeline.orchestration.refreshing import Executed
from pipeline.orchestration.resources import Progress, Project, already_held, told_by_the_caller, utc_now
from pipeline.refresh.plan import Plan
from pipeline.refresh.state import documents
from pipeline.settings import Settings
from pipeline.store.pending import Stores, open_stores

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult

BATCH = 500
"""Documents of one run: what it records is written together."""


class RunError(Exception):
    """A run ended on an error that is nobody's document (French message)."""


def execute(settings: Settings, plan: Plan, progress: Progress) -> Executed:
    """Read the changed documents, in one run for each batch of them, then publish. The caller holds the refresh lock.

    `progress` is told in French what begins. A document that is refused or crashes stops no other one; an interrupt
    (KeyboardInterrupt) stops here, and what was accepted before it stays. Raises HistoryError, RunError.
    """
    started = time.monotonic()
    stores = open_stores(settings)
    batches = [plan.changed[n : n + BATCH] for n in range(0, len(plan.changed), BATCH)] or [()]
    done: list[Executed] = []
    with history.recorded(settings) as instance:
        for n, batch in enumerate(batches, start=1):
            demand = {"documents": list(batch), "relire": True, "publier": n == len(batches)}
            done.append(_run(settings, stores, instance, demand, progress))
    return replace(_together(done), seconds=time.monotonic() - started)


def finish(settings: Settings) -> None:
    """Close the runs of a refresh that was killed, and record what it staged. The caller holds the refresh lock."""
    from pipeline.orchestration import record

    with history.recorded(settings) as instance:
        since = history.begin(settings)
        record.record_documents(instance, settings, record.unrecorded(instance, settings, documents(settings), since))
        record.record_publication(instance, settings, None, utc_now())
    history.end(settings)


def _together(done: Sequence[Executed]) -> Executed:
    crashed: dict[str, str] = {}
    for each in done:
        crashed |= each.crashed
    return Executed(tuple(o for each in done for o in each.outcomes), crashed, done[-1].published)


def _run(
    settings: Settings, stores: Stores, instance: DagsterInstance, demand: Mapping[str, Any], progress: Progress
) -> Executed:
    """One run, its failure left in what it hands back. Raises KeyboardInterrupt when the person at the keyboard ended
    it, which Dagster takes for an error of the step."""
    from dagster import DagsterExecutionInterruptedError

    from pipeline.orchestration.definitions import build_defs

    heard: list[Executed] = []
    project = Project(settings, already_held(stores), alert=told_by_the_caller, progress=progress, done=heard.append)
    job = build_defs(settings, project).resolve_job_def("rafraichir")
    result = job.execute_in_process(
        run_config={
            # The command says itself what was refused; Dagster's console would print a trace of it too.
            "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            "ops": {"lire_et_publier": {"config": dict(demand)}},
        },
        instance=instance,
        tags=history.ORIGIN,
        raise_on_error=False,
    )
    kinds = _failures(result)
    if DagsterExecutionInterruptedError.__name__ in kinds:
        raise KeyboardInterrupt
    if not heard:
        raise RunError("le rafraîchissement s'est arrêté : " + " ; ".join(kinds.values()))
    return heard[0]


def _failures(result: ExecuteInProcessResult) -> dict[str, str]:
    """Class of each error that ended a step → its text, without Dagster's wrapping."""
    found: dict[str, str] = {}
    for event in result.filter_events(lambda e: e.is_step_failure):
        error = event.step_failure_data.error
        if error:
            inner = error.cause or error
            found[inner.cls_name or ""] = " ".join(inner.message.split())
    return found
