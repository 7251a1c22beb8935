"""The Dagster instance of the project: its history made whole, set aside when it is damaged, cleared of runs that were
killed and of old ones. What the runs do is in `jobs`, how much is recorded at once in `bulk`.

The history is disposable: what it shows of documents and of the published file is recorded again from what is staged.
Dagster is imported inside the functions, once DAGSTER_HOME says where the instance is.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import AnnexesError
from pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

ORIGIN = {"annexes/origine": "commande"}
"""Tag of the runs of the command: with the refresh lock held, one that is still open was killed."""
ASIDE = "history.aside"
"""Folder of histories that were damaged, each under the moment when that was seen."""

PARTS = ("storage", "schedules", "history")
"""The folders of an instance; the last one is there only when all are."""
_DATABASES = {
    "history/runs.db": "runs",
    "history/runs/index.db": "event_logs",
    "schedules/schedules.db": "job_ticks",
}
"""The databases of an instance, each with a table that it must have."""
_RUNLESS = "history/runs/.db"
"""Made with the first event that belongs to no run."""
_ELSEWHERE = ("storage:", "run_storage:", "event_log_storage:", "schedule_storage:")
_PARTITION = "dagster/partition"


class HistoryError(AnnexesError):
    """The history can be neither opened nor made anew (French message)."""


class RunError(AnnexesError):
    """A run of the command ended on an error that is nobody's document (French message)."""


# Opened, made, set aside.


@contextmanager
def open_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The project's instance, whatever the working directory; DAGSTER_HOME stays set for what this process starts.
    Raises HistoryError."""
    ensure(settings)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    from dagster import DagsterInstance

    with DagsterInstance.get() as instance:
        yield instance


def ensure(settings: Settings) -> Path | None:
    """Leave a history that can be written: damaged or half made, it is set aside by name; missing, it is made. Returns
    where it was set aside, None when nothing was. Raises HistoryError when the disk refuses."""
    if _is_elsewhere(settings.dagster_home):
        return None
    try:
        aside = set_aside(settings) if damaged(settings.dagster_home) else None
        if not (settings.dagster_home / PARTS[-1]).is_dir():
            _make(settings)
    except OSError as error:
        raise HistoryError(
            f"l'historique de Dagster ne peut être écrit dans {settings.dagster_home} : {error.strerror or error} ; "
            "libérer de la place ou rendre le dossier accessible, puis relancer"
        ) from error
    return aside


def damaged(home: Path, thorough: bool = False) -> str:
    """Which database of a history cannot be read, '' for none (or no history). `thorough` looks at every page."""
    if not (home / PARTS[-1]).exists():
        return ""
    named = {**_DATABASES, **({_RUNLESS: "event_logs"} if (home / _RUNLESS).exists() else {})}
    return next((name for name, table in named.items() if not _is_sound(home / name, table, thorough)), "")


def set_aside(settings: Settings) -> Path:
    """Move the history out of the way, so that a new one is made; it stands to be looked at, and may be deleted."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    room = settings.dagster_home / ASIDE
    target = next(path for n in range(1000) if not (path := room / (f"{stamp}-{n}" if n else stamp)).exists())
    target.mkdir(parents=True)
    for part in PARTS[::-1]:
        with suppress(FileNotFoundError):
            (settings.dagster_home / part).rename(target / part)
    return target


def _is_elsewhere(home: Path) -> bool:
    """Whether dagster.yaml keeps the history in a database of its own choice: that one is not ours to mend."""
    try:
        lines = (home / "dagster.yaml").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return any(line.startswith(_ELSEWHERE) for line in lines)


def _is_sound(path: Path, table: str, thorough: bool) -> bool:
    """Whether a database opens, was made to the end and, looked at thoroughly, has no damaged page."""
    if not path.is_file():
        return False
    connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=60.0)
    try:
        connection.execute(f'SELECT * FROM "{table}" LIMIT 1').fetchall()
        # The version is stamped last when a database is made.
        stamped = connection.execute("SELECT count(*) FROM alembic_version").fetchone()[0] == 1
        return stamped and (not thorough or connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "full" in str(error) or "unable to open" in str(error):
            raise OSError(f"{path} : {error}") from error
        return False
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def _make(settings: Settings) -> None:
    """An empty history made beside and moved in, so that a kill or a full disk leaves none rather than half of one."""
    home, beside = settings.dagster_home, settings.dagster_home / f".history.{os.getpid()}.new"
    for left in home.glob(".history.*.new"):
        shutil.rmtree(left, ignore_errors=True)
    beside.mkdir()
    try:
        if (home / "dagster.yaml").is_file():
            shutil.copy(home / "dagster.yaml", beside)
        _fill(beside)
        for part in PARTS:
            if (beside / part).is_dir():
                _move_in(beside / part, home / part)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fill(home: Path) -> None:
    from dagster import DagsterInstance
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with DagsterInstance.from_config(str(home)) as instance:
            instance.get_runs(limit=1)
            instance.get_dynamic_partitions("aucune")
            instance.all_instigator_state()
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise OSError(str(getattr(error, "orig", error))) from error
    if broken := damaged(home):
        raise OSError(f"{broken} n'a pas été fait jusqu'au bout")


def _move_in(made: Path, target: Path) -> None:
    """Another process may have made it meanwhile: that one stays."""
    try:
        made.rename(target)
    except OSError:
        if not target.is_dir():
            raise


# The runs of the command.


@contextmanager
def recorded(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance for the runs of one refresh, cleared of those that were killed. The caller holds the lock."""
    with open_instance(settings) as instance:
        close_dead_runs(instance)
        yield instance


def begin(settings: Settings) -> float | None:
    """Note that a refresh is under way. After a kill the note is still there, even when nothing else is left to do:
    returns since when (seconds since the epoch) what was staged may not be in the history, None when all is."""
    note = settings.under_way
    since = note.stat().st_mtime if note.is_file() else None
    if since is None:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.touch()
    return since


def end(settings: Settings) -> None:
    """All that was staged is in the history."""
    settings.under_way.unlink(missing_ok=True)


def was_interrupted(settings: Settings) -> bool:
    """Whether a refresh ended before it could record what it did. Loads nothing."""
    return settings.under_way.is_file()


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


# Old runs.


@dataclass(frozen=True)
class Purged:
    """The runs deleted (or that would be), and the bytes of their files."""

    runs: tuple[str, ...] = ()
    bytes: int = 0


def purge(settings: Settings, keep: int, dry_run: bool = False) -> Purged:
    """Delete the finished runs but the `keep` newest, wherever the instance keeps them. The caller holds the refresh
    lock."""
    if not _is_elsewhere(settings.dagster_home) and not _history(settings).is_dir():
        return Purged()
    with open_instance(settings) as instance:
        gone = old_runs(instance.get_runs(), keep)
        files = [path for run_id in gone for path in _files(settings, run_id)]
        freed = sum(path.stat().st_size for path in files)
        if not dry_run:
            for run_id in gone:
                instance.delete_run(run_id)
    # What is left of a run once its events are deleted is an empty file.
    for path in [] if dry_run else files:
        path.unlink(missing_ok=True)
    return Purged(tuple(gone), freed)


def old_runs(runs: Sequence[DagsterRun], keep: int) -> list[str]:
    """Ids of the runs that may go; `runs` newest first. Never the newest of a job and document, nor the newest that
    succeeded: the interface shows what those recorded."""
    spared = {run.run_id for run in (*runs[:keep], *_shown(runs))}
    return [run.run_id for run in runs if run.is_finished and run.run_id not in spared]


def _shown(runs: Iterable[DagsterRun]) -> Iterable[DagsterRun]:
    """The newest of each job and document, and the newest of each that succeeded."""
    newest: dict[tuple[str, str | None, bool], DagsterRun] = {}
    for run in runs:
        for succeeded in {False, run.is_success}:
            newest.setdefault((run.job_name, run.tags.get(_PARTITION), succeeded), run)
    return newest.values()


def _history(settings: Settings) -> Path:
    return settings.dagster_home / "history" / "runs"


def _files(settings: Settings, run_id: str) -> list[Path]:
    return [p for p in _history(settings).glob(f"{run_id}.db*") if p.is_file()]
