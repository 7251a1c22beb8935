"""The Dagster instance of the project: opened, written without waiting for the disk at every event, and cleared of
runs that were killed. What the runs do is in `run`.

Dagster is imported inside the functions, once DAGSTER_HOME says where the instance is.
"""

from __future__ import annotations

import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance

ORIGIN = {"annexes/origine": "commande"}
"""Tag of the runs of the command: with the refresh lock held, one that is still open was killed."""

_HELD_OPEN = 8
"""History files held open at once: those of the instance and of the last few runs."""


@contextmanager
def open_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The project's instance, whatever the working directory; DAGSTER_HOME stays set for what this process starts."""
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    from dagster import DagsterInstance

    with _relaxed_writes(), DagsterInstance.get() as instance:
        yield instance


@contextmanager
def recorded(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance for the runs of one refresh, cleared of those that were killed. The caller holds the refresh lock.

    A note stands from before the first run to the end: after a kill it is still there, even when nothing else is left
    to do (see `was_interrupted`).
    """
    _note(settings).parent.mkdir(parents=True, exist_ok=True)
    _note(settings).touch()
    with open_instance(settings) as instance:
        close_dead_runs(instance)
        yield instance
    _note(settings).unlink(missing_ok=True)


def was_interrupted(settings: Settings) -> bool:
    """Whether a refresh ended before it could close its runs. Loads nothing."""
    return _note(settings).is_file()


def _note(settings: Settings) -> Path:
    return settings.warehouse / ".runs_open"


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


@contextmanager
def _relaxed_writes() -> Iterator[None]:
    """Inside, SQLite syncs the history at checkpoints instead of at every commit.

    Dagster opens, commits and closes a connection for every event, and each commit and each last close waits for the
    disk: some hundred times a run. With `synchronous=NORMAL` a commit does not, and a connection held open keeps the
    closes from being the last. A killed process loses nothing; a power cut can lose the last events of the history,
    never its integrity, and the published data do not depend on it.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    held: OrderedDict[str, sqlite3.Connection] = OrderedDict()

    def relax(connection: object, _record: object) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("PRAGMA synchronous=NORMAL")
        path = str(connection.execute("PRAGMA database_list").fetchone()[2])
        # Dagster sets this mode too, but on a new file only after its tables, each of them synced.
        connection.execute("PRAGMA journal_mode=WAL")
        if path and path not in held:
            held[path] = _open(path)
            if len(held) > _HELD_OPEN:
                held.popitem(last=False)[1].close()

    event.listen(Engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(Engine, "connect", relax)
        for connection in held.values():
            connection.close()


def _open(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # only a reader takes part in the log
    return connection
