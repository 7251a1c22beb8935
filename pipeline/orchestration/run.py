"""The job `rafraichir` run in this process, on the real instance, for the `annexes refresh` command. Nothing is decided
here: the plan comes from `refresh.plan`, what came of it from `refreshing`.

Dagster is imported inside the functions, once DAGSTER_HOME says where the instance is.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.orchestration import instance as history
from pipeline.orchestration.instance import RunError
from pipeline.orchestration.refreshing import BATCH, proposals
from pipeline.orchestration.resources import (
    LOCK_WAIT_SECONDS,
    Progress,
    Project,
    nobody,
    told_by_the_caller,
)
from pipeline.orchestration.results import Executed
from pipeline.refresh import ahead
from pipeline.refresh.plan import Plan
from pipeline.settings import Settings
from pipeline.store.head import Head, read_head
from pipeline.store.lock import refresh_lock
from pipeline.store.pending import Stores, WaitingReadings, open_stores
from pipeline.store.versions import VersionStore, open_versions

if TYPE_CHECKING:
    from dagster import DagsterInstance, ExecuteInProcessResult
    from dagster_shared.error import SerializableErrorInfo

    from pipeline.refresh.state import DocumentOutcome


def execute(settings: Settings, plan: Plan, progress: Progress) -> Executed:
    """Read the changed documents, then publish. Each batch of documents is read without the refresh lock, and decided
    and recorded under it, in one run.

    `progress` is told in French what begins. A document that is refused or crashes stops no other one; an interrupt
    (KeyboardInterrupt) stops here, and what was accepted before it stays. A history that turns out to be damaged is
    set aside, and what it lacks recorded anew. Raises LockedError, HistoryError, RunError.
    """
    started, held = time.monotonic(), _Held(settings)
    batches = [plan.changed[n : n + BATCH] for n in range(0, len(plan.changed), BATCH)] or [()]
    done: list[Executed] = []
    with closing(proposals(settings, plan, progress)) as found:
        for n, batch in enumerate(batches, start=1):
            made, last = list(islice(found, len(batch))), n == len(batches)
            if last:
                found.close()  # nothing more is read: its processes end
            publish = last and plan.publish
            demand = {"documents": list(batch), "relire": True, "extraire": plan.again, "publier": publish}
            with held.turn() as stores:
                turn = _Turn(stores, tuple(made), first=n == 1)
                done.append(_without_details(_recorded(settings, turn, demand, progress)))
    return replace(_together(done), seconds=time.monotonic() - started)


class _Held:
    """The stores of a refresh that lets go of the lock in between: opened again only where somebody else wrote."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._versions: VersionStore | None = None
        self._head: Head | None = None

    @contextmanager
    def turn(self) -> Iterator[Stores]:
        """The stores, under the refresh lock. Raises LockedError."""
        settings = self._settings
        with refresh_lock(settings, wait=LOCK_WAIT_SECONDS):
            if self._versions is None or self._head is None or read_head(settings.versions) != self._head:
                self._versions = open_versions(settings)
            yield Stores(self._versions, WaitingReadings(settings.pending))
            self._head = read_head(settings.versions)


@dataclass(frozen=True)
class _Turn:
    """One batch of a refresh, under the lock: the stores, documents with what each one says, and whether it is the
    first, which looks for what is damaged."""

    stores: Stores
    made: tuple[tuple[str, ahead.Proposed], ...] = ()
    first: bool = True


def _recorded(settings: Settings, turn: _Turn, demand: Mapping[str, Any], progress: Progress) -> Executed:
    """One run on the history as it is; on a new one if that proves damaged."""
    heard: list[Executed] = []
    try:
        with history.recorded(settings) as instance:
            return _run(settings, turn, instance, demand, progress, heard)
    except Exception as error:
        if not history.damaged(settings.dagster_home, thorough=True):
            raise
        progress(f"historique de Dagster endommagé, mis de côté : {history.set_aside(settings)} ({error})")
    if heard:
        finish(settings)
        return heard[0]
    with history.recorded(settings) as instance:
        return _run(settings, turn, instance, demand, progress, heard)


def finish(settings: Settings) -> None:
    """Close the runs of a refresh that was killed, and record what the history lacks of what is staged and published.
    The caller holds the refresh lock. Raises HistoryError, RunError."""
    with history.recorded(settings) as instance:
        _run(settings, _Turn(open_stores(settings)), instance, {"documents": []}, nobody, [])


def _without_details(done: Executed) -> Executed:
    """What the caller needs: of tens of thousands of documents, the fates of all cells would fill the memory, and all
    that was read and mended."""
    return replace(done, outcomes=tuple(map(_errors_only, done.outcomes)))


def _errors_only(outcome: DocumentOutcome) -> DocumentOutcome:
    errors = tuple(finding for finding in outcome.findings if finding.severity == "error")
    return replace(outcome, ledger=(), quarantine=(), findings=errors)


def _together(done: Sequence[Executed]) -> Executed:
    crashed: dict[str, str] = {}
    for each in done:
        crashed |= each.crashed
    repaired = tuple(line for each in done for line in each.repaired)
    return Executed(tuple(o for each in done for o in each.outcomes), crashed, done[-1].published, repaired=repaired)


def _run(
    settings: Settings,
    turn: _Turn,
    instance: DagsterInstance,
    demand: Mapping[str, Any],
    progress: Progress,
    heard: list[Executed],
) -> Executed:
    """One run, its failure left in what it hands back, which `heard` has as soon as the work is done. Raises
    KeyboardInterrupt when the person at the keyboard ended it, which Dagster takes for an error of the step."""
    from dagster import DagsterExecutionInterruptedError

    from pipeline.orchestration.definitions import refresh_job

    project = Project(
        settings,
        alert=told_by_the_caller,
        progress=progress,
        proposed=lambda *_: turn.made,
        done=heard.append,
        stores=turn.stores,
        repairs=turn.first,
    )
    result = refresh_job(project).execute_in_process(
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
    if kinds or not heard:
        raise RunError("le rafraîchissement s'est arrêté : " + " ; ".join(kinds.values()))
    return heard[0]


def _failures(result: ExecuteInProcessResult) -> dict[str, str]:
    """Class of each error that ended a step and is no refusal → its text, without Dagster's wrapping."""
    found: dict[str, str] = {}
    for event in result.filter_events(lambda e: e.is_step_failure):
        error = event.step_failure_data.error
        if error and not event.step_failure_data.user_failure_data:
            inner = _interrupt(error) or error.cause or error
            found[inner.cls_name or ""] = " ".join(inner.message.split())
    return found


def _interrupt(error: SerializableErrorInfo) -> SerializableErrorInfo | None:
    """The interrupt that an error comes of, if it does: DuckDB turns one that arrives during a query into an error of
    its own."""
    from dagster import DagsterExecutionInterruptedError

    at: SerializableErrorInfo | None = error
    while at and at.cls_name != DagsterExecutionInterruptedError.__name__:
        at = at.cause
    return at
