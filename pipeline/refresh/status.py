"""The state of a project at a glance: what is published, what failed, what is late, what waits, what it weighs.

Gathered from files only; nothing is read again, and nothing is written. How it is shown is in `cli.operation`.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.contract.findings import SEVERITIES, Finding
from pipeline.datasets import all_datasets
from pipeline.documents.declaration import read_known_acts
from pipeline.documents.model import KnownAct
from pipeline.refresh import publishing
from pipeline.refresh.lateness import DatasetState, dataset_states
from pipeline.refresh.note import LastRefresh, last_refresh
from pipeline.refresh.outcome import documents
from pipeline.refresh.plan import plan, staged_refusals
from pipeline.settings import Settings
from pipeline.warehouse import pending, store
from pipeline.warehouse.coverage import coverage, coverage_findings
from pipeline.warehouse.publish import published_fingerprint
from pipeline.warehouse.store import Store

_BETWEEN_FILE_AND_STAMP = 1.0
"""Seconds."""


@dataclass(frozen=True)
class PublishedState:
    """The file in place. `at` is UTC; `current`: a publish now would make the same; `problem` (French) when it is not
    the one that the last publish made, or does not open."""

    file: str
    bytes: int
    at: datetime
    versions: int
    current: bool
    problem: str = ""


@dataclass(frozen=True)
class WaitingState:
    """A reading that waits for a person."""

    id: str
    dataset: str
    edition: str
    since: datetime


@dataclass(frozen=True)
class Status:
    """`problems` (French sentences) are what a probe should ring for; everything else is for reading."""

    at: datetime
    published: PublishedState | None
    last_refresh: LastRefresh | None
    documents: int
    to_read: tuple[str, ...]
    refused: tuple[str, ...]
    datasets: tuple[DatasetState, ...]
    expected: tuple[KnownAct, ...]
    """Acts declared in actes.toml that no document carries."""
    pending: tuple[WaitingState, ...]
    findings: Mapping[str, int]
    """Severity → open findings; `acknowledged` → those a person has looked at."""
    disk: Mapping[str, int]
    """Bytes."""
    problems: tuple[str, ...]


def status(settings: Settings, now: datetime, max_age: timedelta | None = None) -> Status:
    """The state at `now` (UTC). With `max_age`, a last refresh that is older, or unknown, is a problem too.

    Raises DocumentError when actes.toml or a findings.toml cannot be read.
    """
    held = store.read_store(settings, verify=False)
    known = read_known_acts(settings.acts)
    datasets = all_datasets()
    lines = coverage(datasets, held.records, known)
    states = dataset_states(datasets, held, known, now.date())
    published, last = _published(settings), last_refresh(settings)
    refused = tuple(staged_refusals(settings, documents(settings)))
    absent = {line.act_id for line in lines if line.etat == "connu_non_detenu"}
    problems = [
        *_file_problems(published, bool(documents(settings))),
        *(last.failed if last else ()),
        *(f"refusé : {line}" for line in refused),
        *(f"version endommagée : {damaged.path.name} : {damaged.reason}" for damaged in held.refused),
        *(f"{state.name} : {state.detail}" for state in states if state.late),
        *_too_old(last, now, max_age),
    ]
    return Status(
        at=now,
        published=published,
        last_refresh=last,
        documents=len(documents(settings)),
        to_read=plan(settings).changed,
        refused=refused,
        datasets=states,
        expected=tuple(act for act in known if act.id in absent),
        pending=tuple(
            WaitingState(w.id, w.record.dataset, w.record.edition, w.record.accepted_at)
            for w in pending.waiting(settings)
        ),
        findings=_findings(settings, held, coverage_findings(lines)),
        disk=_disk(settings),
        problems=tuple(problems),
    )


def _published(settings: Settings) -> PublishedState | None:
    import duckdb

    from pipeline.warehouse.access import QueryError, connect

    path = settings.database
    if not path.is_file():
        return None
    found = path.stat()
    at = datetime.fromtimestamp(found.st_mtime, UTC)
    name = path.relative_to(settings.root).as_posix()
    if not _is_the_one_published(settings):
        why = f"{name} n'est pas le fichier que la dernière publication a mis en place"
        return PublishedState(name, found.st_size, at, 0, False, why)
    try:
        with connect(settings) as connection:
            row = connection.execute("SELECT count(*) FROM meta.versions").fetchone()
    except (duckdb.Error, QueryError) as error:
        return PublishedState(name, found.st_size, at, 0, False, f"{name} ne s'ouvre pas : {error}")
    return PublishedState(name, found.st_size, at, int(row[0]) if row else 0, publishing.is_current(settings))


def _is_the_one_published(settings: Settings) -> bool:
    """A publish writes its stamp just after the file: a probe that falls between the two looks again."""
    if published_fingerprint(settings) is None:
        time.sleep(_BETWEEN_FILE_AND_STAMP)
    return published_fingerprint(settings) is not None


def _file_problems(published: PublishedState | None, any_document: bool) -> list[str]:
    if published is None:
        return ["rien n'est publié : `annexes refresh`"] if any_document else []
    return [published.problem] if published.problem else []


def _too_old(last: LastRefresh | None, now: datetime, max_age: timedelta | None) -> list[str]:
    if max_age is None or (last and now - last.at <= max_age):
        return []
    since = f"depuis le {last.at:%d/%m/%Y %H:%M} UTC" if last else "connue"
    return [f"aucune mise à jour {since}"]


def _findings(settings: Settings, held: Store, missing: Sequence[Finding]) -> Mapping[str, int]:
    """Counts by severity, each finding once; those acknowledged apart."""
    seen = {a.finding for name in documents(settings) for a in publishing.acknowledged(settings, name)}
    staged = [f for outcome in publishing.outcomes(settings) for f in outcome.findings]
    found = {f.id: f.severity for f in (*staged, *missing, *(damaged.finding for damaged in held.refused))}
    counts = Counter("acknowledged" if i in seen else severity for i, severity in found.items())
    return {name: counts.get(name, 0) for name in (*SEVERITIES, "acknowledged")}


def _disk(settings: Settings) -> Mapping[str, int]:
    rooms = {
        "raw": (settings.raw,),
        "staged": (settings.staged,),
        "versions": (settings.versions,),
        "pending": (pending.folder(settings),),
        "database": (settings.database,),
        "dagster": tuple(settings.dagster_home / name for name in ("history", "schedules", "storage", "logs")),
    }
    return {room: sum(_size(path) for path in paths) for room, paths in rooms.items()}


def _size(path: Path) -> int:
    """Bytes of a file, or of all files under a folder; what a refresh removes meanwhile counts for nothing."""
    if path.is_file():
        return path.stat().st_size
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(folder) / name).stat().st_size
    return total
