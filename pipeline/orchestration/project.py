"""What every asset is given: the project's folders, the lock under which they are written, and the clock. No asset
here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from pipeline.settings import Settings
from pipeline.warehouse.lock import refresh_lock

LOCK_WAIT_SECONDS = 600.0

Lock = Callable[[Settings], AbstractContextManager[None]]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def waiting(settings: Settings) -> AbstractContextManager[None]:
    """The refresh lock, for runs that the interface or a sensor started: they wait for the command to end."""
    return refresh_lock(settings, wait=LOCK_WAIT_SECONDS)


def already_held(_settings: Settings) -> AbstractContextManager[None]:
    """No lock of its own: the caller of the run holds it from plan to publish."""
    return nullcontext()


@dataclass(frozen=True)
class Project:
    """The one resource. Entering `turn()` makes this step the only writer of staged/ and warehouse/; LockedError says
    who else is. `clock` dates what becomes known, in UTC."""

    settings: Settings
    lock: Lock = waiting
    clock: Clock = utc_now

    def turn(self) -> AbstractContextManager[None]:
        return self.lock(self.settings)
