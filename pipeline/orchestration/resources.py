"""What every asset and job is given: the project's folders, the lock under which they are written, the clock, and whom
to tell of what happens. No asset here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.store.lock import refresh_lock
from pipeline.store.pending import Stores, open_stores
from pipeline.store.versions import VersionStore

if TYPE_CHECKING:
    from pipeline.orchestration.results import Executed
    from pipeline.refresh.ahead import Proposed
    from pipeline.refresh.plan import Plan
    from pipeline.refresh.state import DocumentOutcome

LOCK_WAIT_SECONDS = 600.0

Lock = Callable[[Settings], AbstractContextManager[Stores]]
Clock = Callable[[], datetime]
Alert = Callable[[Settings, "DocumentOutcome"], str]
"""Told of each document's outcome; says why nobody could be told, '' when all is well."""
Progress = Callable[[str], None]
Proposals = Callable[[Settings, "Plan", Progress], Iterable[tuple[str, "Proposed"]]]


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def waiting(settings: Settings) -> Iterator[Stores]:
    """The refresh lock, for runs that the interface or a sensor started: they wait for the command to end."""
    with refresh_lock(settings, wait=LOCK_WAIT_SECONDS):
        yield open_stores(settings)


def alerting(settings: Settings, outcome: DocumentOutcome) -> str:
    """The alert command, for runs that the interface or a sensor started."""
    from pipeline.refresh import alert

    try:
        alert.send(settings, list(alert.new_errors(settings, [outcome])))
    except alert.AlertError as error:
        return str(error)
    return ""


def told_by_the_caller(_settings: Settings, _outcome: DocumentOutcome) -> str:
    """Nothing here: the caller of the runs alerts once, when all of them have ended."""
    return ""


def nobody(_what: object) -> None:
    """For runs whose steps and results nobody in this process waits for."""


@dataclass(frozen=True)
class Project:
    """The one resource. Entering `exclusive()` makes this step the only writer of warehouse/ and of what is staged,
    and gives the stores; LockedError says who else is. `clock` dates what becomes known, in UTC. `progress` hears in
    French what begins, `done` the result of a refresh; `proposed` gives what the documents of a plan say, where the
    caller has read them already."""

    settings: Settings
    lock: Lock = waiting
    clock: Clock = utc_now
    alert: Alert = alerting
    progress: Progress = nobody
    proposed: Proposals | None = None
    done: Callable[[Executed], None] = nobody
    stores: Stores | None = None
    """Those of a caller who holds the lock from plan to publish, opened once for all that the run does."""
    repairs: bool = True
    """Whether a refresh looks first for what is damaged: the caller may have done so in another turn."""

    def exclusive(self) -> AbstractContextManager[Stores]:
        return nullcontext(self.stores) if self.stores else self.lock(self.settings)

    def versions(self) -> VersionStore:
        """The versions, for questions."""
        return (self.stores or open_stores(self.settings)).versions
