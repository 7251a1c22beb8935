"""Everything that the warehouse is built from, gathered from the project's folders, and the publish itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import config
from pipeline.acquisition import report
from pipeline.files import OddFileError, is_kept, keep_good, read_toml
from pipeline.known_hashes import hash_now
from pipeline.refresh import changes, state
from pipeline.refresh.state import HashOf, documents, outcome_path, staged_outcome
from pipeline.settings import Settings
from pipeline.store import shelf_published
from pipeline.warehouse import publish as warehouse_publish

if TYPE_CHECKING:
    from pipeline.contract.findings import Finding
    from pipeline.contract.rows import LedgerLine, Quarantined
    from pipeline.documents.model import Document
    from pipeline.refresh.state import DocumentOutcome
    from pipeline.store.versions import VersionStore
    from pipeline.warehouse.catalogue import Acknowledged, Catalogue, ReferenceTable


def inputs(settings: Settings) -> Iterator[Path]:
    """The files that a publish reads besides the version store."""
    for name in documents(settings):
        yield settings.raw / name / "document.toml"
        yield settings.raw / name / "findings.toml"
        yield outcome_path(settings, name)
    yield settings.acts
    yield report.report_path(settings)
    yield report.exclusions_path(settings)
    yield from settings.reference.glob("*.*")


def fingerprint(settings: Settings, of: HashOf = hash_now) -> str:
    """What the published file depends on, as one hash. Standard library only. `of` may know the hashes of files that
    have not changed."""
    return warehouse_publish.publish_fingerprint(settings, inputs(settings), of)


def is_current(settings: Settings, of: HashOf = hash_now) -> bool:
    """Whether the published file is the one that a publish would make now, and was handed to whom it is shared with."""
    published = warehouse_publish.published_fingerprint(settings)
    if published is None or published != fingerprint(settings, of):
        return False
    return shelf_published.is_handed_over(settings)


def publish(
    settings: Settings, store: VersionStore, force: bool = False, now: datetime | None = None
) -> warehouse_publish.Published:
    """Build and put in place the warehouse of `store`, unless nothing changed. The caller holds the refresh lock; what
    becomes known by it is dated `now` (UTC).

    `force`: the whole file, even when nothing changed. Raises PublishError when what was made does not say what the
    versions say, ShelfError when the shelf that the file is shared by cannot be reached: the file is in place here
    then, and the next publish hands it over.
    """
    from pipeline.datasets import all_datasets
    from pipeline.documents.declaration import problem_of_acts
    from pipeline.refresh import decide
    from pipeline.refresh.agreement import agreement
    from pipeline.refresh.repair import repair

    now = now or datetime.now(UTC)
    repaired = tuple(repair(settings, store, now))
    if not problem_of_acts(settings):
        keep_good(settings.acts, settings.in_force / settings.acts.name)
    found = catalogue(settings)
    if decide.settle_repeals(settings, store, found.documents, now):
        found = catalogue(settings)
    found = replace(found, findings=(*found.findings, *agreement(store, all_datasets())))
    mark = fingerprint(settings)
    done = warehouse_publish.publish(settings, store, all_datasets(), found, mark, now, whole=force)
    if not done.skipped:
        state.remember_findings(settings)
        changes.write_report(settings, now)
    shelf_published.hand_over(settings)
    store.pack()
    return replace(done, repaired=repaired)


def outcomes(settings: Settings) -> Iterator[DocumentOutcome]:
    """The staged outcome of every document of raw/ that has one, read as it is asked for."""
    found = (staged_outcome(settings, name) for name in documents(settings))
    return (state.outcome_from_json(data) for data in found if data is not None)


def acknowledged(settings: Settings, document_id: str) -> Iterator[Acknowledged]:
    """What raw/<document>/findings.toml says a person has looked at: `[[finding]]` with id and reason."""
    from pipeline.documents.model import DocumentError
    from pipeline.warehouse.catalogue import Acknowledged

    path = settings.raw / document_id / "findings.toml"
    try:
        for item in read_toml(path).get("finding", []):
            yield Acknowledged(str(item["id"]), str(item["reason"]))
    except FileNotFoundError:
        return
    except (OddFileError, OSError) as error:
        raise DocumentError(document_id, path.name, str(error), "[[finding]] avec id et reason") from error
    except (AttributeError, KeyError, TypeError) as error:
        reason = "des tables [[finding]] avec id et reason sont attendues"
        raise DocumentError(document_id, path.name, reason, f"corriger {path.name}") from error


def acknowledged_or_none(settings: Settings, document_id: str) -> tuple[Acknowledged, ...]:
    """The same; none of a findings.toml that cannot be read, which `common_problems` tells."""
    from pipeline.documents.model import DocumentError

    try:
        return tuple(acknowledged(settings, document_id))
    except DocumentError:
        return ()


def common_problems(settings: Settings) -> tuple[str, ...]:
    """What stands beside the documents and cannot be followed (French): it costs itself only, and is said until it is
    mended. Names of folders, actes.toml, annexes.toml, and each document's findings.toml."""
    from pipeline.documents.model import DocumentError

    found = [*state.strange_folders(settings), config.problem(settings), report.problem(settings)]
    if not is_kept(settings.acts, settings.in_force / settings.acts.name):
        from pipeline.documents.declaration import problem_of_acts

        found.append(problem_of_acts(settings))
    for name in documents(settings):
        try:
            tuple(acknowledged(settings, name))
        except DocumentError as error:
            found.append(f"{error} ; aucun constat de ce document ne compte comme vu")
    return tuple(said for said in found if said)


def catalogue(settings: Settings) -> Catalogue:
    """Documents, known acts, findings, quarantine, ledger and reference tables, as they stand now.

    A document whose declaration is refused is not listed; its outcome says why.
    """
    from pipeline.documents.declaration import known_acts, read_document_leniently
    from pipeline.documents.model import DocumentError
    from pipeline.refresh.grids import undeclared
    from pipeline.warehouse.catalogue import Catalogue

    read: list[Document] = []
    for name in documents(settings):
        try:
            read.append(read_document_leniently(settings.raw / name)[0])
        except DocumentError:
            continue  # refused when it was read: its outcome carries the finding
    findings: list[Finding] = []
    quarantine: list[Quarantined] = []
    ledger: list[LedgerLine] = []
    # One at a time: of tens of thousands, what their editions came to would fill the memory.
    for outcome in outcomes(settings):
        findings += outcome.findings
        quarantine += outcome.quarantine
        ledger += outcome.ledger
    grids = undeclared(settings, read)
    mark = state.reference_fingerprint(settings.reference)
    return Catalogue(
        documents=tuple(read),
        known_acts=known_acts(settings),
        findings=(*findings, *report.findings(settings)),
        acknowledged=tuple(a for name in documents(settings) for a in acknowledged_or_none(settings, name)),
        quarantine=tuple(quarantine),
        ledger=tuple(ledger),
        reference=_Reference(settings.reference.resolve(), mark),
        reference_mark=mark,
        grids=grids,
        excluded=grids.excluded,
    )


@dataclass(frozen=True)
class _Reference(Mapping[str, "ReferenceTable"]):
    """The tables of schema ref, made when they are asked for: versions are added to a file without them."""

    folder: Path
    mark: str

    def __getitem__(self, name: str) -> ReferenceTable:
        return _reference(self.folder, self.mark)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_reference(self.folder, self.mark))

    def __len__(self) -> int:
        return len(_reference(self.folder, self.mark))


@cache
def _reference(folder: Path, _mark: str) -> Mapping[str, ReferenceTable]:
    """The tables of schema ref, made once a process for the same snapshots."""
    from pipeline.gazetteer import COMMENTS, ref_tables
    from pipeline.warehouse.catalogue import ReferenceTable

    return {name: ReferenceTable(rows, *COMMENTS[name]) for name, rows in ref_tables(folder).items()}
