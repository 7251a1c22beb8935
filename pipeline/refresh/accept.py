"""Editions to versions: the decision asked, the version file written, the outcome staged."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.documents.model import Document, DocumentError
from pipeline.quality.decide import Accepted, Evidence, Refused, decide
from pipeline.quality.findings import Finding, ordered
from pipeline.quality.quarantine import LedgerLine
from pipeline.refresh import fingerprint, outcome, readings
from pipeline.refresh.editions import Edition, ReadEditions, read_editions
from pipeline.refresh.outcome import DocumentOutcome, EditionOutcome
from pipeline.refresh.plan import outcome_path, staged_outcome
from pipeline.settings import Settings
from pipeline.warehouse import store
from pipeline.warehouse.records import ActRecord, VersionRecord
from pipeline.warehouse.schemas import content_hash
from pipeline.warehouse.tables import cells_table, rows_table

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def read_document(settings: Settings, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """Both halves for one document, never raising for what the document is: a refusal is an outcome."""
    started = time.monotonic()
    try:
        readings.stage(settings, document_id)
    except DocumentError as error:
        return refuse(settings, document_id, error, time.monotonic() - started)
    return accept_editions(settings, document_id, clock, started)


def refuse(settings: Settings, document_id: str, error: DocumentError, seconds: float = 0.0) -> DocumentOutcome:
    """Stage the refusal of a whole document; what was published of it stays."""
    finding = Finding("document_refuse", "error", document_id, str(error), error.place, place=error.place)
    mark = fingerprint.of_document(settings, document_id)
    return _staged(settings, DocumentOutcome(document_id, mark, str(error), findings=(finding,), seconds=seconds))


def accept_editions(
    settings: Settings, document_id: str, clock: Clock = utc_now, started: float | None = None
) -> DocumentOutcome:
    """Second half: editions from the staged readings, each decided, accepted ones committed as versions."""
    started = time.monotonic() if started is None else started
    try:
        staged = readings.staged(settings, document_id)
        read = read_editions(settings, staged.document, staged.readings)
    except DocumentError as error:
        return refuse(settings, document_id, error, time.monotonic() - started)
    findings = [*staged.findings, *read.findings]
    results: list[EditionOutcome] = []
    for edition in read.editions:
        results.append(_decide_one(settings, staged.document, edition, read, findings, staged.fingerprint, clock))
    for (dataset, act), reason in read.failed.items():
        results.append(
            EditionOutcome(dataset, act, _title(staged.document, act), "", "", "refused", 0, 0, {}, None, (reason,))
        )
    findings += [_edition_refused(document_id, r) for r in results if r.status == "refused"]
    lines = _after_decision(read.ledger, results)
    return _staged(
        settings,
        DocumentOutcome(
            document_id,
            staged.fingerprint,
            editions=tuple(results),
            findings=tuple(ordered(findings)),
            quarantine=read.quarantine,
            ledger=lines,
            seconds=time.monotonic() - started,
        ),
    )


def _decide_one(
    settings: Settings,
    document: Document,
    edition: Edition,
    read: ReadEditions,
    findings: Sequence[Finding],
    inputs: str,
    clock: Clock,
) -> EditionOutcome:
    started = time.monotonic()
    prepared = edition.prepared
    mine = [f for f in findings if f.edition == edition.id and f.dataset in ("", edition.dataset.name)]
    counts: dict[str, int] = dict(Counter(f.severity for f in ordered(mine)))
    context = prepared.context
    records = store.read_records(settings, edition.dataset.name)
    same = [r for r in records if r.edition == edition.id]
    current = same[-1].version_no if same else None
    result = EditionOutcome(
        edition.dataset.name,
        edition.id,
        context.act.title if context.act else document.title,
        context.rendition.file,
        context.rendition.role,
        "unchanged",
        len(prepared.frame),
        len(prepared.refused),
        counts,
        current,
    )
    decision = decide(_evidence(settings, edition, read, records))
    if isinstance(decision, Refused):
        result = replace(result, status="refused", reasons=decision.reasons)
    else:
        assert isinstance(decision, Accepted)
        record = _record(settings, document, edition, counts, inputs, clock())
        rows = rows_table(prepared)
        record = replace(record, content_sha256=content_hash(rows))
        if not (same and _says_the_same(same[-1], record)):
            written = store.write_version(settings, record, rows, cells_table(prepared))
            result = replace(result, status="accepted", version_no=written.version_no)
    return replace(result, seconds=time.monotonic() - started)


def _evidence(settings: Settings, edition: Edition, read: ReadEditions, records: Sequence[VersionRecord]) -> Evidence:
    prepared = edition.prepared
    relation = edition.act.relation if edition.act else None
    return Evidence(
        rows=len(prepared.frame),
        quarantined=len(prepared.refused),
        tolerance=edition.dataset.tolerance,
        missing_grids=edition.missing,
        unknown_grids=edition.unknown,
        unbalanced=read.unbalanced[prepared.context.rendition.file],
        failed_checks=prepared.failed_checks,
        keys=prepared.keys,
        previous_keys=_previous_keys(settings, edition, records),
        partial=relation is not None and relation.portee == "partielle",
    )


def _previous_keys(
    settings: Settings, edition: Edition, records: Sequence[VersionRecord]
) -> frozenset[tuple[object, ...]] | None:
    """Keys of the newest version of the dataset; None for a first one, or where each act stands alone."""
    if edition.dataset.succession == "accumulates":
        own = [r for r in records if r.edition == edition.id]
    else:
        own = list(records)
    if not own:
        return None
    import pyarrow.parquet as pq

    columns = list(edition.dataset.diff_key)
    table = pq.read_table(store.version_path(settings, own[-1].dataset, own[-1].version_no), columns=columns)
    return frozenset(zip(*(table.column(c).to_pylist() for c in columns), strict=True))


def _record(
    settings: Settings, document: Document, edition: Edition, counts: Mapping[str, int], inputs: str, now: datetime
) -> VersionRecord:
    context, act = edition.prepared.context, edition.act
    effect = act.effect if act else None
    return VersionRecord(
        dataset=edition.dataset.name,
        version_no=store.next_version_no(settings),
        edition=edition.id,
        document=document.id,
        rendition=context.rendition.file,
        role=context.rendition.role,
        accepted_at=now,
        rows=len(edition.prepared.frame),
        quarantined=len(edition.prepared.refused),
        content_sha256="",
        inputs_sha256=inputs,
        act=ActRecord(act.id, act.title, act.nor, act.signed, act.published, act.url) if act else None,
        publisher=document.publisher,
        licence=document.licence or "",
        source_url=(act.url if act else None) or document.url or "",
        valid_from=effect.valid_from if effect else None,
        valid_from_base=effect.valid_from_base if effect else "inconnue",
        valid_to=effect.valid_to if effect else None,
        valid_to_base=effect.valid_to_base if effect else "aucune",
        relation=act.relation if act else None,
        findings=counts,
    )


def _says_the_same(a: VersionRecord, b: VersionRecord) -> bool:
    """Equal content, dates and relation make no new version."""

    def said(r: VersionRecord) -> tuple[object, ...]:
        return r.content_sha256, r.valid_from, r.valid_from_base, r.valid_to, r.valid_to_base, r.relation

    return said(a) == said(b)


def _after_decision(lines: Sequence[LedgerLine], results: Sequence[EditionOutcome]) -> tuple[LedgerLine, ...]:
    """What a refused edition would have published is not published."""
    refused = {(r.dataset, r.edition) for r in results if r.status == "refused"}
    return tuple(
        replace(line, fate="quarantined", reason="edition_refusee")
        if line.fate == "published" and (line.dataset, line.edition) in refused
        else line
        for line in lines
    )


def _title(document: Document, edition: str) -> str:
    return next((a.title for a in document.acts if a.id == edition), document.title)


def _edition_refused(document: str, result: EditionOutcome) -> Finding:
    message = f"{result.dataset} refusé : {' ; '.join(result.reasons)}"
    return Finding("edition_refusee", "error", document, message, result.edition, result.dataset, result.edition)


def _staged(settings: Settings, made: DocumentOutcome) -> DocumentOutcome:
    before = staged_outcome(settings, made.document)
    known = _error_ids(outcome.from_json(before)) if before else set()
    new = tuple(f.id for f in made.findings if f.severity == "error" and f.id not in known)
    made = replace(made, new_errors=new)
    outcome.save(made, outcome_path(settings, made.document))
    return made


def _error_ids(before: DocumentOutcome) -> set[str]:
    return {f.id for f in before.findings if f.severity == "error"}
