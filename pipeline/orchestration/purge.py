"""Old runs of the Dagster history, deleted when a person asks. Never the newest of a job and document, nor the newest
that succeeded: the interface shows the materialisations and checks that those recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.orchestration.history import open_instance
from pipeline.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterRun

_PARTITION = "dagster/partition"


@dataclass(frozen=True)
class Purged:
    """The runs deleted (or that would be), and the bytes of their files."""

    runs: tuple[str, ...] = ()
    bytes: int = 0


def purge(settings: Settings, keep: int, dry_run: bool = False) -> Purged:
    """Delete the finished runs but the `keep` newest. The caller holds the refresh lock."""
    if not _history(settings).is_dir():
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
    """Ids of the runs that may go; `runs` newest first."""
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
