"""The two jobs run in this process, on the real instance, for the `annexes refresh` command. Nothing is decided here:
the plan comes from `refresh.plan`, the outcomes from what the runs staged.

Dagster is imported inside the functions, once DAGSTER_HOME says where the instance is.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.refresh.plan import Plan, staged_outcome
from pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult, JobDefinition

    from pipeline.refresh.outcome import DocumentOutcome

ORIGIN_TAG = "annexes/origine"
ORIGIN = {ORIGIN_TAG: "commande"}
"""Marks the runs of the command: with the refresh lock held, one that is still open was killed."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class PublishRun:
    """What the publish did. `error` is why nothing new was put in place; `damaged` names the version files that are
    not served (French sentences)."""

    error: str = ""
    skipped: bool = False
    versions: int = 0
    seconds: float = 0.0
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Executed:
    """What came of a plan. `outcomes` in the plan's order, refusals among them; `crashed` holds the documents whose
    run ended on an error that is no refusal (their staged outcome is the former one). `published` is None when the
    plan asked for none."""

    outcomes: tuple[DocumentOutcome, ...] = ()
    crashed: Mapping[str, str] = field(default_factory=dict)
    published: PublishRun | None = None
    seconds: float = 0.0


def execute(settings: Settings, plan: Plan, progress: Progress) -> Executed:
    """Run `read_document` for each changed document, then `publish`. The caller holds the refresh lock.

    `progress` is told in French what begins. A document that is refused or crashes stops no other one.
    """
    started = time.monotonic()
    with open_instance(settings) as instance:
        from pipeline.orchestration import partitions
        from pipeline.orchestration.build import build_defs
        from pipeline.orchestration.project import already_held

        close_dead_runs(instance)
        partitions.remember(instance, (*plan.changed, *plan.unchanged))
        defs = build_defs(settings, lock=already_held)
        outcomes, crashed = _read(settings, instance, defs.resolve_job_def("read_document"), plan.changed, progress)
        published = None
        if plan.publish:
            progress("publication de la base")
            published = _publish(instance, defs.resolve_job_def("publish"))
    return Executed(outcomes, crashed, published, time.monotonic() - started)


@contextmanager
def open_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The project's instance, whatever the working directory; DAGSTER_HOME stays set for what this process starts."""
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    from dagster import DagsterInstance

    with DagsterInstance.get() as instance:
        yield instance


def close_dead_runs(instance: DagsterInstance) -> int:
    """Mark as failed the command's runs that are still open. The caller holds the refresh lock, so that no other
    command is alive. Returns how many; those of the interface are closed by run monitoring."""
    from dagster import DagsterRunStatus, RunsFilter

    # What a run of the command can be left in; it is never queued nor launched.
    left = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
    runs = instance.get_runs(filters=RunsFilter(statuses=left, tags=ORIGIN))
    for run in runs:
        instance.report_run_failed(run, "interrompu : le processus qui l'exécutait n'est plus là")
    return len(runs)


def _read(
    settings: Settings, instance: DagsterInstance, job: JobDefinition, documents: Sequence[str], progress: Progress
) -> tuple[tuple[DocumentOutcome, ...], Mapping[str, str]]:
    from pipeline.refresh import outcome

    outcomes: list[DocumentOutcome] = []
    crashed: dict[str, str] = {}
    for n, document in enumerate(documents, start=1):
        progress(f"{document} : lecture ({n}/{len(documents)})")
        result = _run(instance, job, document)
        error = _crash(result)
        staged = staged_outcome(settings, document)
        if error or staged is None:
            crashed[document] = f"{document} : {error or 'aucun résultat en place'}"
        else:
            outcomes.append(outcome.from_json(staged))
    return tuple(outcomes), crashed


def _publish(instance: DagsterInstance, job: JobDefinition) -> PublishRun:
    result = _run(instance, job)
    if not result.success:
        return PublishRun(error=_crash(result) or _refusal(result))
    metadata = result.asset_materializations_for_node("warehouse")[0].metadata
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    return PublishRun(
        skipped=bool(metadata["inchangée"].value),
        versions=int(str(metadata["versions"].value)),
        seconds=float(str(metadata["secondes"].value)),
        damaged=tuple(check.description or check.check_name for check in failed),
    )


def _run(instance: DagsterInstance, job: JobDefinition, document: str | None = None) -> ExecuteInProcessResult:
    return job.execute_in_process(
        # The command says itself what was refused; Dagster's console would print a trace of it too.
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=instance,
        partition_key=document,
        tags=ORIGIN,
        raise_on_error=False,
    )


def _refusal(result: ExecuteInProcessResult) -> str:
    """The description of the Failure that a step raised on purpose, '' when there is none."""
    for event in result.filter_events(lambda e: e.is_step_failure):
        if event.step_failure_data.user_failure_data:
            return event.step_failure_data.user_failure_data.description or ""
    return ""


def _crash(result: ExecuteInProcessResult) -> str:
    """The error of a run that failed otherwise than by a refusal, '' for none."""
    if result.success or _refusal(result):
        return ""
    errors = [e.step_failure_data.error for e in result.filter_events(lambda e: e.is_step_failure)]
    shown = next((e.cause.message if e.cause else e.message for e in errors if e), "échec sans message")
    return " ".join(shown.split())
