"""The two jobs run in this process, on the real instance, for the `annexes refresh` command. Nothing is decided here:
the plan comes from `refresh.plan`, the outcomes from what the runs staged.

Dagster is imported inside the functions, once DAGSTER_HOME says where the instance is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.orchestration.history import ORIGIN, recorded
from pipeline.refresh.plan import Plan
from pipeline.refresh.state import staged_outcome
from pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import AssetKey, DagsterInstance, ExecuteInProcessResult, JobDefinition

    from pipeline.refresh.state import DocumentOutcome

Progress = Callable[[str], None]
_READ = ("raw_document", "reading")
"""The assets of every document, whether or not a dataset reads it."""


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


@dataclass(frozen=True)
class _Failure:
    """A step that failed: the class and text of what it raised, without Dagster's wrapping; `refusal` is what it said
    when it failed on purpose."""

    kind: str
    message: str
    refusal: str


def execute(settings: Settings, plan: Plan, progress: Progress) -> Executed:
    """Run `read_document` for each changed document, then `publish`. The caller holds the refresh lock.

    `progress` is told in French what begins. A document that is refused or crashes stops no other one; an interrupt
    (KeyboardInterrupt) stops here, and what was accepted before it stays.
    """
    started = time.monotonic()
    with recorded(settings) as instance:
        from pipeline.orchestration import partitions
        from pipeline.orchestration.build import build_defs
        from pipeline.orchestration.project import already_held, told_by_the_caller

        partitions.remember(instance, (*plan.changed, *plan.unchanged))
        defs = build_defs(settings, lock=already_held, tell=told_by_the_caller)
        outcomes, crashed = _read(settings, instance, defs.resolve_job_def("read_document"), plan.changed, progress)
        published = None
        if plan.publish:
            progress("publication de la base")
            published = _publish(instance, defs.resolve_job_def("publish"))
            outcomes = tuple(_as_staged(settings, o) for o in outcomes)
    return Executed(outcomes, crashed, published, time.monotonic() - started)


def _read(
    settings: Settings, instance: DagsterInstance, job: JobDefinition, documents: Sequence[str], progress: Progress
) -> tuple[tuple[DocumentOutcome, ...], Mapping[str, str]]:
    from pipeline.refresh import state

    outcomes: list[DocumentOutcome] = []
    crashed: dict[str, str] = {}
    for n, document in enumerate(documents, start=1):
        progress(f"{document} : lecture ({n}/{len(documents)})")
        result = _run(instance, job, document, assets_of(settings, document))
        error = _crash(result)
        staged = staged_outcome(settings, document)
        if error or staged is None:
            crashed[document] = error or "aucun résultat en place"
        else:
            outcomes.append(state.outcome_from_json(staged))
    return tuple(outcomes), crashed


def _as_staged(settings: Settings, before: DocumentOutcome) -> DocumentOutcome:
    """The publish adds what an act read early ends of an edition accepted after it."""
    from pipeline.refresh import state

    staged = staged_outcome(settings, before.document)
    return state.outcome_from_json(staged) if staged else before


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


def assets_of(settings: Settings, document: str) -> list[AssetKey] | None:
    """The assets that this document can make: a run that promises no other is shorter to record and to look at.

    None, all of the job, for one that feeds no dataset (the deciding step says so), or that ends another one: which
    datasets that concerns, the store tells. A refused declaration ends at the
    reading.
    """
    from dagster import AssetKey

    from pipeline.documents.declaration import read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.refresh.read import feeds

    try:
        declared, _ = read_document_leniently(settings.raw / document)
    except DocumentError:
        return [AssetKey(name) for name in _READ]
    if any(act.relation and act.relation.ends for act in declared.acts):
        return None
    fed = dict.fromkeys(dataset.name for act in declared.acts or (None,) for dataset in feeds(declared, act))
    return [AssetKey(name) for name in (*_READ, *fed)] if fed else None


def _run(
    instance: DagsterInstance,
    job: JobDefinition,
    document: str | None = None,
    assets: Sequence[AssetKey] | None = None,
) -> ExecuteInProcessResult:
    """One run, its failure left in the result. Raises KeyboardInterrupt when the person at the keyboard ended it, which
    Dagster takes for an error of the step."""
    from dagster import DagsterExecutionInterruptedError

    result = job.execute_in_process(
        # The command says itself what was refused; Dagster's console would print a trace of it too.
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        instance=instance,
        partition_key=document,
        asset_selection=assets,
        tags=ORIGIN,
        raise_on_error=False,
    )
    if any(failure.kind == DagsterExecutionInterruptedError.__name__ for failure in _failures(result)):
        raise KeyboardInterrupt
    return result


def _failures(result: ExecuteInProcessResult) -> list[_Failure]:
    found: list[_Failure] = []
    for event in result.filter_events(lambda e: e.is_step_failure):
        data = event.step_failure_data
        error = (data.error.cause or data.error) if data.error else None
        found.append(
            _Failure(
                kind=(error.cls_name or "") if error else "",
                message=" ".join(error.message.split()) if error else "échec sans message",
                refusal=(data.user_failure_data.description or "") if data.user_failure_data else "",
            )
        )
    return found


def _refusal(result: ExecuteInProcessResult) -> str:
    """Why a step failed on purpose, '' when none did."""
    return next((failure.refusal for failure in _failures(result) if failure.refusal), "")


def _crash(result: ExecuteInProcessResult) -> str:
    """The error of a run that failed otherwise than by a refusal, '' for none."""
    if result.success or _refusal(result):
        return ""
    return next((failure.message for failure in _failures(result)), "échec sans message")
