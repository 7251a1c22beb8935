"""A document from its readings to its staged outcome: each edition decided (`deciding`), and all that is said of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.contract.findings import Finding, Severity, ordered
from pipeline.contract.quarantine import LedgerLine
from pipeline.documents.model import Document, DocumentError
from pipeline.refresh import fingerprint, outcome, readings
from pipeline.refresh.deciding import decide_edition
from pipeline.refresh.editions import read_editions
from pipeline.refresh.endings import decide_endings, without_object
from pipeline.refresh.outcome import DocumentOutcome, EditionOutcome, Status
from pipeline.refresh.plan import outcome_path, staged_outcome
from pipeline.refresh.readings import StagedReadings
from pipeline.settings import Settings

# Status of an edition whose reading is not published → rule and severity of the finding that says so, and how.
_NOT_PUBLISHED: Mapping[Status, tuple[str, Severity, str]] = {
    "refused": ("edition_refusee", "error", "refusé"),
    "pending": ("version_en_attente", "warning", "en attente d'une personne (`annexes pending`)"),
    "set_aside": ("lecture_ecartee", "info", "écarté"),
}

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def stage_document(settings: Settings, document_id: str) -> StagedReadings | DocumentOutcome:
    """First half: the readings as staged, or the outcome of a document that cannot be read. Never raises for what the
    document is: a refusal is an outcome."""
    started = time.monotonic()
    try:
        return readings.stage(settings, document_id)
    except DocumentError as error:
        return _refuse(settings, document_id, error, time.monotonic() - started)


def _refuse(settings: Settings, document_id: str, error: DocumentError, seconds: float = 0.0) -> DocumentOutcome:
    """Stage the refusal of a whole document; what was published of it stays."""
    finding = Finding("document_refuse", "error", document_id, str(error), error.place, place=error.place)
    mark = fingerprint.of_document(settings, document_id)
    return _staged(settings, DocumentOutcome(document_id, mark, str(error), findings=(finding,), seconds=seconds))


def accept_editions(settings: Settings, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """Second half: editions from the staged readings, each decided, accepted ones committed as versions."""
    started = time.monotonic()
    try:
        staged = readings.staged(settings, document_id)
        read = read_editions(settings, staged.document, staged.readings)
    except DocumentError as error:
        return _refuse(settings, document_id, error, time.monotonic() - started)
    findings = [*staged.findings, *read.findings]
    results: list[EditionOutcome] = []
    for edition in read.editions:
        results.append(decide_edition(settings, staged.document, edition, read, findings, staged.fingerprint, clock()))
    for (dataset, act), reason in read.failed.items():
        results.append(
            EditionOutcome(dataset, act, _title(staged.document, act), "", "", "refused", 0, 0, {}, None, (reason,))
        )
    heard = {(r.dataset, r.edition) for r in results}
    results += decide_endings(settings, staged.document, heard, findings, staged.fingerprint, clock())
    findings += without_object(staged.document, results)
    findings += [_decision(document_id, r) for r in results if r.status in _NOT_PUBLISHED]
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


def _after_decision(lines: Sequence[LedgerLine], results: Sequence[EditionOutcome]) -> tuple[LedgerLine, ...]:
    """What an edition that is not accepted would have published is not published."""
    rules = {(r.dataset, r.edition): _NOT_PUBLISHED[r.status][0] for r in results if r.status in _NOT_PUBLISHED}
    return tuple(
        replace(line, fate="quarantined", reason=rules[line.dataset, line.edition])
        if line.fate == "published" and (line.dataset, line.edition) in rules
        else line
        for line in lines
    )


def _title(document: Document, edition: str) -> str:
    return next((a.title for a in document.acts if a.id == edition), document.title)


def _decision(document: str, result: EditionOutcome) -> Finding:
    """Why what was read of an edition is not what is published of it."""
    rule, severity, said = _NOT_PUBLISHED[result.status]
    stays = f" ; la version {result.version_no} reste publiée" if result.version_no else ""
    message = f"{result.dataset} {said} : {' ; '.join(result.reasons)}{stays}"
    return Finding(rule, severity, document, message, result.edition, result.dataset, result.edition)


def _staged(settings: Settings, made: DocumentOutcome) -> DocumentOutcome:
    before = staged_outcome(settings, made.document)
    known = _error_ids(outcome.from_json(before)) if before else set()
    new = tuple(f.id for f in made.findings if f.severity == "error" and f.id not in known)
    made = replace(made, new_errors=new)
    outcome.save(made, outcome_path(settings, made.document))
    return made


def _error_ids(before: DocumentOutcome) -> set[str]:
    return {f.id for f in before.findings if f.severity == "error"}
