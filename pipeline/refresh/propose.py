"""What a document says, proposed for decision: its readings staged and interpreted, the tables of each edition left as
Parquet files, all else handed back as small values. Takes no lock, and writes only under staged/<id>/, so that it is
done for many documents at once, in any process. Deciding is in `decide`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contract.findings import Finding, ordered
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.documents.model import Act, Document, Effect, Rendition
from pipeline.extract.model import Grid, Source
from pipeline.quality.recognised import RULE
from pipeline.refresh.read import Edition, EditionKey, ReadEditions, quarantined, read_editions
from pipeline.refresh.staging import StagedReadings, abandoned, extract_readings, proposal_folder
from pipeline.settings import Settings
from pipeline.store.records import ActRecord, VersionRecord
from pipeline.store.tables import cells_table, content_hash, rows_table

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.parallel import Engine

LOSS_DECLARED = "cles_perdues"
"""Parameter of an act for a dataset (document.toml): why it has fewer keys than the edition before it."""
PREVIEW_ROWS = 10
_NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """One edition of one dataset as it was read: the record of the version that it would be, without number and time,
    what the gate wants to know, and where its tables stand."""

    record: VersionRecord
    title: str
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    unbalanced: int
    failed_checks: tuple[str, ...]
    partial: bool
    loss_declared: bool
    folder: Path
    number: int

    @property
    def rows(self) -> pa.Table:
        return _table(self.folder / f"{self.number}.parquet")

    @property
    def cells(self) -> pa.Table:
        return _table(self.folder / f"{self.number}.cells.parquet")


@dataclass(frozen=True)
class ReadingSummary:
    """The readings of a document in figures, and the first rows of the widest table of the best one. `renditions`:
    file, role, grids, cells, repairs, parts unread, parts put aside."""

    title: str
    renditions: tuple[tuple[str, str, int, int, int, int, int], ...]
    grids: int
    rows: int
    headers: tuple[str, ...]
    first: tuple[tuple[str | None, ...], ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Proposal:
    """All of a document, to be decided. `folder` holds its readings and tables until then; None where they are in
    place."""

    document: Document
    fingerprint: str
    candidates: tuple[Candidate, ...]
    failed: Mapping[EditionKey, str]
    findings: tuple[Finding, ...]
    quarantine: tuple[Quarantined, ...]
    ledger: tuple[LedgerLine, ...]
    unconfirmed: tuple[tuple[str, str, Source], ...]
    """Of each row that was recognised on a scanned page and that nothing confirms: id in quarantine, file, place."""
    summary: ReadingSummary
    folder: Path


def propose(
    settings: Settings, document_id: str, owner: str, again: bool = False, engine: Engine | None = None
) -> Proposal:
    """Read a document for the process named `owner`, its files `again` even where their readings are kept.

    Raises DocumentError when nothing of it can be read; nothing is then left of the attempt.
    """
    for left in abandoned(settings, document_id):
        shutil.rmtree(left, ignore_errors=True)
    folder = proposal_folder(settings, document_id, owner)
    try:
        return interpreted(settings, extract_readings(settings, document_id, folder, again, engine), folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def interpreted(settings: Settings, staged: StagedReadings, folder: Path) -> Proposal:
    """What the readings say, the tables of each edition written into `folder`. Raises DocumentError."""
    read = read_editions(settings, staged.document, staged.readings)
    findings = (*staged.findings, *read.findings)
    folder.mkdir(parents=True, exist_ok=True)
    return Proposal(
        document=staged.document,
        fingerprint=staged.fingerprint,
        candidates=tuple(
            _candidate(staged, edition, read, findings, folder, number)
            for number, edition in enumerate(read.editions, start=1)
        ),
        failed=read.failed,
        findings=findings,
        quarantine=read.quarantine,
        ledger=read.ledger,
        unconfirmed=tuple(
            (quarantined(edition.prepared, refused).id, edition.prepared.context.rendition.file, refused.source)
            for edition in read.editions
            for refused in edition.prepared.refused
            if refused.rule == RULE
        ),
        summary=summary(staged),
        folder=folder,
    )


def _candidate(
    staged: StagedReadings,
    edition: Edition,
    read: ReadEditions,
    findings: Sequence[Finding],
    folder: Path,
    number: int,
) -> Candidate:
    prepared, context, name = edition.prepared, edition.prepared.context, edition.dataset.name
    rows = rows_table(prepared)
    record = replace(
        record_of(staged.document, context.rendition, name, edition.act, staged.fingerprint, _NOT_YET),
        rows=rows.num_rows,
        quarantined=len(prepared.refused),
        findings=severities(findings, name, edition.id),
        content_sha256=content_hash(rows),
    )
    relation = edition.act.relation if edition.act else None
    _write(rows, folder / f"{number}.parquet")
    _write(cells_table(prepared), folder / f"{number}.cells.parquet")
    return Candidate(
        record=record,
        title=context.act.name if context.act else staged.document.title,
        missing=edition.missing,
        unknown=edition.unknown,
        unbalanced=read.unbalanced[context.rendition.file],
        failed_checks=prepared.failed_checks,
        partial=relation is not None and relation.portee == "partielle",
        loss_declared=context.parameter(name, LOSS_DECLARED) is not None,
        folder=folder,
        number=number,
    )


def severities(findings: Sequence[Finding], dataset: str, edition: str) -> dict[str, int]:
    """Severity → how many findings are about this edition."""
    mine = [f for f in findings if f.edition == edition and f.dataset in ("", dataset)]
    return dict(Counter(f.severity for f in ordered(mine)))


def record_of(
    document: Document, rendition: Rendition, dataset: str, act: Act | None, inputs: str, now: datetime
) -> VersionRecord:
    """What document.toml says of a version, before any row: `inputs` is its fingerprint, `now` is UTC."""
    effect = act.effect_on(dataset) if act else Effect()
    return VersionRecord(
        dataset=dataset,
        version_no=0,
        edition=act.id if act else document.id,
        document=document.id,
        rendition=rendition.file,
        role=rendition.role,
        accepted_at=now,
        rows=0,
        quarantined=0,
        content_sha256="",
        inputs_sha256=inputs,
        act=ActRecord(act.id, act.name, act.nor, act.signed, act.published, act.url) if act else None,
        publisher=document.publisher,
        licence=document.licence or "",
        source_url=(act.url if act else None) or document.url or "",
        valid_from=effect.valid_from,
        valid_from_base=effect.valid_from_base,
        valid_to=effect.valid_to,
        valid_to_base=effect.valid_to_base,
        relation=act.relation if act else None,
    )


def summary(staged: StagedReadings) -> ReadingSummary:
    """The readings in figures."""
    grids = staged.readings[0][1].grids
    headers, first = _preview(max(grids, key=lambda g: len(g.cells))) if grids else ((), ())
    return ReadingSummary(
        title=staged.document.title,
        renditions=tuple(
            (
                *(r.file, r.role, len(x.grids), sum(len(g.cells) for g in x.grids)),
                *(len(x.repairs), len(x.unread), len(x.asides)),
            )
            for r, x in staged.readings
        ),
        grids=len(grids),
        rows=sum(g.n_rows for g in grids),
        headers=headers,
        first=first,
        findings=tuple(staged.findings),
    )


def _preview(grid: Grid) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    last = grid.header_rows + PREVIEW_ROWS
    rows = (
        tuple(cell.text if (cell := grid.at(row, col)) else None for col in range(grid.n_cols))
        for row in range(grid.header_rows, min(last, grid.n_rows))
    )
    return tuple(label or f"colonne {n}" for n, label in enumerate(grid.headers, start=1)), tuple(rows)


def _write(table: pa.Table, path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")


def _table(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    # Of one file, with the dictionaries that it was written with.
    return pq.ParquetFile(path).read()
