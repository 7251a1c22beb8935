"""What every asset is given: the project's folders, the lock under which they are written, the clock, and whom to tell
of new errors. No asset here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.store.lock import refresh_lock

if TYPE_CHECKING:
    from pipeline.refresh.state import DocumentOutcome

LOCK_WAIT_SECONDS = 600.0

Lock = Callable[[Settings], AbstractContextManager[None]]
Clock = Callable[[], datetime]
Tell = Callable[[Settings, "DocumentOutcome"], str]
"""Told of each document's outcome; says why nobody could be told, '' when all is well."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def waiting(settings: Settings) -> AbstractContextManager[None]:
    """The refresh lock, for runs that the interface or a sensor started: they wait for the command to end."""
    return refresh_lock(settings, wait=LOCK_WAIT_SECONDS)


def already_held(_settings: Settings) -> AbstractContextManager[None]:
    """No lock of its own: the caller of the run holds it from plan to publish."""
    return nullcontext()


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


@dataclass(frozen=True)
class Project:
    """The one resource. Entering `turn()` makes this step the only writer of staged/ and warehouse/; LockedError says
    who else is. `clock` dates what becomes known, in UTC."""

    settings: Settings
    lock: Lock = waiting
    clock: Clock = utc_now
    tell: Tell = alerting

    def turn(self) -> AbstractContextManager[None]:
        return self.lock(self.settings)
