"""The state of a project at a glance: what is published, what failed, which datasets are late, what waits, what it
weighs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from pipeline import config, parallel_engines
from pipeline.acquisition.expected import overdue
from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import SEVERITIES, Finding
from pipeline.datasets import all_datasets
from pipeline.documents.declaration import known_acts
from pipeline.documents.model import KnownAct
from pipeline.refresh import publish
from pipeline.refresh.plan import plan, staged_refusals
from pipeline.refresh.state import LastRefresh, documents, last_refresh
from pipeline.settings import Settings
from pipeline.store import clock, mirror
from pipeline.store.lock import is_held
from pipeline.store.pending import WaitingReadings
from pipeline.store.records import VersionRecord
from pipeline.store.versions import StoreView, VersionStore
from pipeline.timeline.coverage import CoverageLine, coverage, coverage_findings
from pipeline.timeline.editions import only_ends
from pipeline.warehouse.publish import published_fingerprint, published_refusals

State = Literal["held", "expected", "ended", "late", "empty"]


@dataclass(frozen=True)
class DatasetState:
    """`held`: nothing newer is known; `expected`: a later act is known and not held; `ended`: its text says until when,
    and nothing is known of what follows; `late`: nobody knows; `empty`: no version."""

    name: str
    rhythm: str
    versions: int
    year: int | None
    """Year of the newest edition held, where it has one."""
    state: State
    detail: str = ""

    @property
    def late(self) -> bool:
        return self.state == "late"


def dataset_states(
    datasets: Sequence[Dataset], held: StoreView, known: Sequence[KnownAct], today: date
) -> tuple[DatasetState, ...]:
    """One line a dataset, in their order; versions withdrawn do not count."""
    live = held.live
    return tuple(_state(d, [r for r in live if r.dataset == d.name], known, today) for d in datasets)


def _state(dataset: Dataset, records: Sequence[VersionRecord], known: Sequence[KnownAct], today: date) -> DatasetState:
    lines = coverage([dataset], records, known)
    years = [line.annee for line in lines if line.etat == "detenu" and line.annee]
    year = max(years, default=None)
    state, detail = _verdict(dataset, records, lines, known, today)
    return DatasetState(dataset.name, dataset.rhythm, len(records), year, state, detail)


def _verdict(
    dataset: Dataset,
    records: Sequence[VersionRecord],
    lines: Sequence[CoverageLine],
    known: Sequence[KnownAct],
    today: date,
) -> tuple[State, str]:
    if not records:
        return "empty", "aucune version"
    silent = [line.annee for line in lines if line.etat == "aucun_acte_connu" and line.annee]
    if silent:
        return "late", f"aucun acte connu pour {', '.join(map(str, silent))}"
    ends = _stated_end(records)
    late = [] if ends else list(overdue([dataset], known, _as_known(lines, records), today))
    if late:
        return "late", late[0].message.removeprefix(f"{dataset.name} : ")
    absent = [line for line in lines if line.etat == "connu_non_detenu"]
    if absent:
        named = ", ".join(str(line.annee) for line in absent if line.annee)
        return "expected", f"actes connus et non détenus : {named or len(absent)}"
    if ends and ends <= today:
        return "ended", f"fin le {ends:%d/%m/%Y}, d'après les textes ; aucun acte connu ensuite"
    return "held", ""


def _stated_end(records: Sequence[VersionRecord]) -> date | None:
    """Until when the newest edition is in force, if its text says so, or an act that ends it."""
    editions = [r for r in records if not only_ends(r)]
    newest = max(editions, key=lambda r: (r.valid_from or date.min, r.version_no), default=None)
    if newest is None:
        return None
    ends = [newest.valid_to]
    for record in records:
        if record.relation and record.relation.ends and record.relation.act in newest.names:
            ends.append(record.relation.date_effet or record.valid_from)
    return min((day for day in ends if day), default=None)


def _as_known(lines: Sequence[CoverageLine], records: Sequence[VersionRecord]) -> list[KnownAct]:
    """The acts held, with the year that coverage gives them."""
    years = {line.act_id: line.annee for line in lines}
    acts = {r.act.id: r.act for r in records if r.act}
    dataset = records[0].dataset
    return [
        KnownAct(a.id, dataset, a.title, signed=a.signed, published=a.published, year=years.get(a.id))
        for a in acts.values()
    ]


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
    engine: str
    """Where documents are read (French)."""
    shelves: Mapping[str, str]
    """What is shared with other machines → where it stands."""
    problems: tuple[str, ...]


def status(settings: Settings, now: datetime, max_age: timedelta | None = None) -> Status:
    """The state at `now` (UTC). With `max_age`, a last refresh that is older, or unknown, is a problem too.

    Raises DocumentError when actes.toml or a findings.toml cannot be read.
    """
    held = VersionStore(settings.versions).view()
    known = known_acts(settings)
    datasets = all_datasets()
    lines = coverage(datasets, held.records, known)
    states = dataset_states(datasets, held, known, now.date())
    published, last = _published(settings), last_refresh(settings)
    engine, shelves = _places(settings)
    refused = tuple(staged_refusals(settings, documents(settings)))
    absent = {line.act_id for line in lines if line.etat == "connu_non_detenu"}
    problems = [
        *publish.common_problems(settings),
        *_shelf_problems(settings),
        *_interruption(settings),
        *_file_problems(published, bool(documents(settings))),
        *(last.failed if last else ()),
        *(f"refusé : {line}" for line in refused),
        *held.lost,
        *([said] if (said := clock.ahead(held.records, held.withdrawals, held.known_acts, now)) else []),
        *(f"version endommagée : {damaged.path.name} : {damaged.reason}" for damaged in held.refused),
        *(f"base publiée sans {said}" for said in published_refusals(settings)),
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
            for w in WaitingReadings(settings.pending).waiting()
        ),
        findings=_findings(settings, held, coverage_findings(lines)),
        disk=_disk(settings),
        engine=engine,
        shelves=shelves,
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
    if published_fingerprint(settings) is None:
        why = f"{name} n'est pas le fichier que la dernière publication a mis en place"
        return PublishedState(name, found.st_size, at, 0, False, why)
    try:
        with connect(settings) as connection:
            row = connection.execute("SELECT count(*) FROM meta.versions").fetchone()
    except (duckdb.Error, QueryError) as error:
        return PublishedState(name, found.st_size, at, 0, False, f"{name} ne s'ouvre pas : {error}")
    return PublishedState(name, found.st_size, at, int(row[0]) if row else 0, publish.is_current(settings))


def _interruption(settings: Settings) -> list[str]:
    """A refresh that was killed: what it was to do is not done, whatever the file in place says."""
    if not settings.under_way.is_file() or is_held(settings):
        return []
    return ["la dernière mise à jour a été interrompue : `annexes refresh` la termine"]


def _shelf_problems(settings: Settings) -> list[str]:
    """What cannot be followed of the feed's address, and of the shelf, where there is one."""
    try:
        config.load(settings)
        problem = mirror.shelf_problem(settings)
    except config.ConfigError as error:
        return [] if config.problem(settings) else error.message.split("\n")
    return [problem] if problem else []


def _places(settings: Settings) -> tuple[str, Mapping[str, str]]:
    """Where documents are read, and what stands elsewhere than in the project; as far as the settings can be read."""
    try:
        declared = config.read(settings)
    except config.ConfigError:
        return "", {}
    elsewhere = {name: getattr(declared.store, name) for name in ("versions", "raw", "published")}
    return parallel_engines.label(declared.engine), {name: place for name, place in elsewhere.items() if place}


def _file_problems(published: PublishedState | None, any_document: bool) -> list[str]:
    if published is None:
        return ["rien n'est publié : `annexes refresh`"] if any_document else []
    return [published.problem] if published.problem else []


def _too_old(last: LastRefresh | None, now: datetime, max_age: timedelta | None) -> list[str]:
    if max_age is None or (last and now - last.at <= max_age):
        return []
    since = f"depuis le {last.at:%d/%m/%Y %H:%M} UTC" if last else "connue"
    return [f"aucune mise à jour {since}"]


def _findings(settings: Settings, held: StoreView, missing: Sequence[Finding]) -> Mapping[str, int]:
    """Counts by severity, each finding once; those acknowledged apart."""
    seen = {a.finding for name in documents(settings) for a in publish.acknowledged_or_none(settings, name)}
    staged = [f for outcome in publish.outcomes(settings) for f in outcome.findings]
    found = {f.id: f.severity for f in (*staged, *missing, *(damaged.finding for damaged in held.refused))}
    counts = Counter("acknowledged" if i in seen else severity for i, severity in found.items())
    return {name: counts.get(name, 0) for name in (*SEVERITIES, "acknowledged")}


def _disk(settings: Settings) -> Mapping[str, int]:
    rooms = {
        "raw": (settings.raw,),
        "staged": (settings.staged,),
        "versions": (settings.versions,),
        "pending": (settings.pending,),
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
