"""A document from what it proposes to its staged outcome: the evidence of each edition gathered, the gate asked, the
version committed or left to wait for a person; acts that only end another one. The rules of the gate are in
`quality.gate`.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding, Severity, ordered
from pipeline.contract.rows import LedgerLine
from pipeline.datasets import all_datasets, dataset
from pipeline.documents.model import Act, Document, DocumentError
from pipeline.quality import gate
from pipeline.quality.deviations import deviations, is_amount
from pipeline.quality.gate import Evidence, Pending, Refused, decide
from pipeline.refresh import scanned, state
from pipeline.refresh.propose import Candidate, Proposal, interpreted, propose, record_of, severities
from pipeline.refresh.read import EditionKey
from pipeline.refresh.staging import (
    StagedReadings,
    extract_readings,
    proposal_folder,
    put_in_place,
    staged_readings,
    this_process,
)
from pipeline.refresh.state import DocumentOutcome, EditionOutcome, Status, outcome_path, staged_outcome
from pipeline.settings import Settings
from pipeline.store.pending import Stores, described, identity
from pipeline.store.records import VersionRecord, Withdrawal
from pipeline.store.tables import same_citations
from pipeline.store.versions import OvertakenError, VersionStore
from pipeline.timeline.editions import is_partial, only_ends

if TYPE_CHECKING:
    import pyarrow as pa

_NUMERIC = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class _Held:
    """What the store has of the edition: the version that counts, the one that a reading is compared with (its own, or
    that of the edition before), and the readings that a person set aside (withdrawn or rejected) with why."""

    current: VersionRecord | None
    before: VersionRecord | None
    set_aside: Sequence[tuple[VersionRecord, Withdrawal]]


def decide_candidate(stores: Stores, candidate: Candidate, now: datetime) -> EditionOutcome:
    """Ask the gate about one edition and do what it says, again where another machine wrote a version meanwhile; `now`
    is UTC. Raises OSError when the disk refuses the version (nothing is then committed)."""
    while True:
        try:
            return _decide_candidate(stores, candidate, now)
        except OvertakenError:
            continue


def _decide_candidate(stores: Stores, candidate: Candidate, now: datetime) -> EditionOutcome:
    started = time.monotonic()
    record, read = replace(candidate.record, accepted_at=now), dataset(candidate.record.dataset)
    name, edition = record.dataset, record.edition
    held = _held(stores, candidate)
    result = EditionOutcome(
        name,
        edition,
        candidate.title,
        record.rendition,
        record.role,
        "unchanged",
        record.rows,
        record.quarantined,
        record.findings,
        held.current.version_no if held.current else None,
    )
    rows = candidate.rows
    evidence = _evidence(stores.versions, candidate, rows, held)
    if held.current and held.current.content_sha256 != record.content_sha256:
        before = columns_of(stores.versions, held.current)
        evidence = replace(evidence, change=change(read, before, rows.to_pydict()))
    decision = decide(evidence)
    aside = next((w for r, w in held.set_aside if identity(r) == identity(record)), None)
    if isinstance(decision, Refused):
        result = replace(result, status="refused", reasons=decision.reasons)
    elif held.current and identity(held.current) == identity(record):
        if renewed := _renewed(stores.versions, held, candidate, record):
            written = stores.versions.commit(record, rows, candidate.cells)
            result = replace(result, status="accepted", version_no=written.version_no, reasons=(renewed,))
        stores.waiting.settle(name, edition)
    elif aside:
        result = replace(result, status="set_aside", reasons=(why_aside(aside),))
    elif isinstance(decision, Pending):
        stores.waiting.put(record, rows, candidate.cells)
        result = replace(result, status="pending", reasons=decision.reasons)
    else:
        written = stores.versions.commit(record, rows, candidate.cells)
        stores.waiting.settle(name, edition)
        result = replace(result, status="accepted", version_no=written.version_no)
    return replace(result, seconds=time.monotonic() - started)


def _renewed(store: VersionStore, held: _Held, candidate: Candidate, record: VersionRecord) -> str:
    """Why rows that are held already are to be one more record, in a French sentence; '' where they are not: the
    document declares itself otherwise, or the same file is cited otherwise."""
    assert held.current, "asked of rows that are held"
    set_aside = [r for r, _ in held.set_aside]
    if mended := _mended(held.current, record, set_aside):
        return mended
    of_one_file = (held.current.document, held.current.rendition) == (record.document, record.rendition)
    if not of_one_file or _taken_back(record, set_aside):
        return ""
    alike = same_citations(store.cells(held.current), candidate.cells)
    return "" if alike else "mêmes lignes, citées autrement : d'autres mots ou lieux imprimés"


def _mended(held: VersionRecord, record: VersionRecord, set_aside: Sequence[VersionRecord]) -> str:
    """What the document declares otherwise than the version held of it, in a French sentence; '' for nothing. Another
    document of the same act speaks for itself alone; what a person took back does not come again."""
    before, after = described(held), described(record)
    if held.document != record.document or before == after or _taken_back(record, set_aside):
        return ""
    return f"document.toml corrigé : {', '.join(name for name in after if before[name] != after[name])}"


def _taken_back(record: VersionRecord, set_aside: Sequence[VersionRecord]) -> bool:
    """Whether a person set aside a record that says and declares the same."""
    return any((identity(r), described(r)) == (identity(record), described(record)) for r in set_aside)


def change(dataset: Dataset, before: gate.Columns, after: gate.Columns) -> gate.Change:
    """What one reading of an edition changes against another, both as columns of plain values."""
    numeric = [c.name for c in dataset.columns if c.type.startswith(_NUMERIC) and c.name not in dataset.key]
    business = {c.name: before[c.name] for c in dataset.columns if c.name in before}
    # A column that came into the key since the older reading was written cannot tell its rows apart.
    key = [k for k in dataset.key if k in business]
    return gate.compare_readings(business, after, key, numeric)


def columns_of(store: VersionStore, record: VersionRecord) -> gate.Columns:
    """The rows of a version as columns of plain values."""
    columns: gate.Columns = store.rows(record).to_pydict()
    return columns


def _held(stores: Stores, candidate: Candidate) -> _Held:
    name, edition = candidate.record.dataset, candidate.record.edition
    current = next(reversed(stores.versions.live(name, edition)), None)
    before = current or _edition_before(candidate.record, stores.versions)
    aside = [*stores.versions.withdrawn(name, edition), *stores.waiting.rejected(name, edition)]
    return _Held(current, before, aside)


def why_aside(withdrawal: Withdrawal) -> str:
    """That a person set this very reading aside, when, and for what reason."""
    return f"lecture écartée le {withdrawal.withdrawn_at:%d/%m/%Y} : {withdrawal.reason}"


def _evidence(store: VersionStore, candidate: Candidate, rows: pa.Table, held: _Held) -> Evidence:
    read, before = dataset(candidate.record.dataset), held.before
    return Evidence(
        rows=candidate.record.rows,
        quarantined=candidate.record.quarantined,
        tolerance=read.tolerance,
        missing_grids=candidate.missing,
        unknown_grids=candidate.unknown,
        unbalanced=candidate.unbalanced,
        failed_checks=candidate.failed_checks,
        keys=frozenset(_key_columns(rows, read)),
        previous_keys=_keys(store, read, before) if before else None,
        partial=candidate.partial,
        loss_declared=candidate.loss_declared,
    )


def _edition_before(record: VersionRecord, store: VersionStore) -> VersionRecord | None:
    """The newest reading of the whole edition in effect before this one; None for a first one, and where each act
    stands alone."""
    if dataset(record.dataset).succession == "accumulates":
        return None
    return next((r for r in store.live_before(record.dataset, record.valid_from) if _is_whole_table(r)), None)


def _deviations(store: VersionStore, candidate: Candidate) -> list[Finding]:
    """What stands far from the rest of the edition, and from the one before it."""
    record, read = candidate.record, dataset(candidate.record.dataset)
    if not any(is_amount(column) for column in read.columns):
        return []
    before = _other_edition_before(record, store)
    found = deviations(
        read,
        candidate.rows.to_pydict(),
        columns_of(store, before) if before else None,
        before.edition if before else "",
    )
    return [o.finding(record.document, record.dataset, record.edition, record.rendition) for o in found]


def _with_findings(candidate: Candidate, found: Sequence[Finding]) -> Candidate:
    """The candidate, its record counting these findings too."""
    counts = Counter(candidate.record.findings) + Counter(f.severity for f in ordered(found))
    return replace(candidate, record=replace(candidate.record, findings=dict(counts)))


def _other_edition_before(record: VersionRecord, store: VersionStore) -> VersionRecord | None:
    """The newest reading of the whole edition in effect before this one begins; none where each act stands alone."""
    begin = record.valid_from
    if dataset(record.dataset).succession == "accumulates" or begin is None:
        return None
    earlier = (r for r in store.live_before(record.dataset, begin) if (r.valid_from or date.min) < begin)
    return next((r for r in earlier if _is_whole_table(r) and r.edition != record.edition), None)


def _is_whole_table(record: VersionRecord) -> bool:
    return not is_partial(record) and not only_ends(record)


def _key_columns(rows: pa.Table, read: Dataset) -> Iterator[tuple[object, ...]]:
    return zip(*(rows.column(name).to_pylist() for name in read.diff_key), strict=True)


def _keys(store: VersionStore, dataset: Dataset, record: VersionRecord) -> frozenset[tuple[object, ...]] | None:
    """None when the version was written before a column of today's key was."""
    held = columns_of(store, record)
    if not held.keys() >= set(dataset.diff_key):
        return None
    return frozenset(zip(*(held[c] for c in dataset.diff_key), strict=True))


_NO_DAY = "aucun jour de fin : ni date_effet dans act.relation, ni valid_from dans act.effect (document.toml)"
_NO_OBJECT = "acte_vise_non_detenu"
_NOTHING_HELD = "cet acte met fin à {}, dont aucune table n'est détenue : rien à clore"
_TABLE_LOST = "une édition de cet acte est publiée, et il n'imprime plus de tableau"


def decide_repeals(
    store: VersionStore,
    document: Document,
    heard: Collection[EditionKey],
    findings: Sequence[Finding],
    inputs: str,
    now: datetime,
) -> list[EditionOutcome]:
    """Commit what the acts of a document end, as far as it is held; by act and dataset.

    `heard` are the editions that its own tables gave: their versions carry the relation themselves. `inputs` is the
    fingerprint of the document, `now` is UTC. Raises OSError when the disk refuses a version.
    """
    results: list[EditionOutcome] = []
    for act in (act for act in document.acts if _repeals(act)):
        for name in _fed_by(store, act.relation.act if act.relation else ""):
            if (name, act.id) not in heard:
                record = record_of(document, document.current[0], name, act, inputs, now)
                record = replace(record, findings=severities(findings, name, act.id))
                results.append(_decide_repeal(store, record))
    return results


def _fed_by(store: VersionStore, act: str) -> list[str]:
    """The datasets that hold something of an act."""
    fed = {record.dataset for record in store.named(act) if not only_ends(record)}
    return [d.name for d in all_datasets() if d.name in fed]


def without_object(document: Document, results: Sequence[EditionOutcome]) -> list[Finding]:
    """One info for each act that ends another one of which nothing is held, as its `results` tell."""
    done = {r.edition for r in results}
    return [
        Finding(_NO_OBJECT, "info", document.id, _NOTHING_HELD.format(act.relation.act), act.id, edition=act.id)
        for act in document.acts
        if act.relation and act.relation.ends and act.id not in done
    ]


def settle_repeals(settings: Settings, store: VersionStore, documents: Sequence[Document], now: datetime) -> bool:
    """What acts read before end of editions accepted since, committed and added to what is staged of their documents;
    whether there was any.

    Acts come in any order: the one that repeals may be read first. A document that changed since it was read is left
    to its next reading. The caller holds the refresh lock.
    """
    settled = False
    for document in documents:
        staged = staged_outcome(settings, document.id) if any(_repeals(act) for act in document.acts) else None
        if staged is None or staged["fingerprint"] != state.document_fingerprint(settings, document.id):
            continue
        made = state.outcome_from_json(staged)
        heard = {(e.dataset, e.edition) for e in made.editions}
        if late := decide_repeals(store, document, heard, made.findings, made.fingerprint, now):
            ended = {e.edition for e in late}
            findings = tuple(f for f in made.findings if f.rule != _NO_OBJECT or f.edition not in ended)
            whole = replace(made, editions=(*made.editions, *late), findings=findings)
            state.save_outcome(whole, outcome_path(settings, document.id))
            settled = True
    return settled


def _repeals(act: Act) -> bool:
    return act.relation is not None and act.relation.ends


def _decide_repeal(store: VersionStore, record: VersionRecord) -> EditionOutcome:
    """The same, again where another machine wrote a version meanwhile."""
    while True:
        try:
            return _decided(store, record)
        except OvertakenError:
            continue


def _decided(store: VersionStore, record: VersionRecord) -> EditionOutcome:
    assert record.act and record.relation, "only an act ends another one"
    own = store.of_edition(record.dataset, record.edition)
    live = [r for r in own if r.version_no not in store.taken_back]
    result = EditionOutcome(
        record.dataset,
        record.edition,
        record.act.title,
        record.rendition,
        record.role,
        "unchanged",
        0,
        0,
        record.findings,
        live[-1].version_no if live else None,
        ends=record.relation.act,
    )
    if record.relation.date_effet is None and record.valid_from is None:
        return replace(result, status="refused", reasons=(_NO_DAY,))
    if any(not only_ends(r) for r in live):
        return replace(result, status="refused", reasons=(_TABLE_LOST,))
    mended = ""
    if live and _outcome_of_repeal(live[-1]) == _outcome_of_repeal(record):
        mended = _mended(live[-1], record, [r for r in own if r not in live])
        if not mended:
            return result
    aside = store.withdrawn(record.dataset, record.edition)
    taken_back = (w for r, w in aside if _outcome_of_repeal(r) == _outcome_of_repeal(record))
    if withdrawal := next(taken_back, None):
        return replace(result, status="set_aside", reasons=(why_aside(withdrawal),))
    written = _committed(store, record)
    return replace(result, status="accepted", version_no=written.version_no, reasons=(mended,) if mended else ())


def _outcome_of_repeal(record: VersionRecord) -> tuple[object, ...]:
    """What makes two endings by one act the same. Not the hash of their content: it has no rows, only columns."""
    return record.valid_from, record.valid_from_base, record.relation


def _committed(store: VersionStore, record: VersionRecord) -> VersionRecord:
    from pipeline.store.tables import CELLS_SCHEMA, rows_schema

    return store.commit(record, rows_schema(dataset(record.dataset)).empty_table(), CELLS_SCHEMA.empty_table())


# Status of an edition whose reading is not published → rule and severity of the finding that says so, and how.
_NOT_PUBLISHED: Mapping[Status, tuple[str, Severity, str]] = {
    "refused": ("edition_refusee", "error", "refusé"),
    "pending": ("version_en_attente", "warning", "en attente d'une personne (`annexes pending`)"),
    "set_aside": ("lecture_ecartee", "info", "écarté"),
}

Clock = Callable[[], datetime]
Turn = Callable[[], AbstractContextManager[object]]


def utc_now() -> datetime:
    return datetime.now(UTC)


def stage_document(
    settings: Settings, document_id: str, again: bool = False, turn: Turn = nullcontext
) -> StagedReadings | DocumentOutcome:
    """The readings of a document made and, inside `turn`, put in place; or the outcome of one that cannot be read.
    Never raises for what the document is: a refusal is an outcome. `turn` takes the refresh lock, which is not needed
    to extract files; none where the caller holds it."""
    started, folder = time.monotonic(), proposal_folder(settings, document_id, this_process())
    mark = state.document_fingerprint(settings, document_id)
    try:
        made = _extracted(settings, document_id, folder, again)
        with turn():
            if state.document_fingerprint(settings, document_id) != mark:  # another one by now
                made = _extracted(settings, document_id, folder, again)
            if isinstance(made, DocumentError):
                return _refuse(settings, document_id, made, time.monotonic() - started)
            put_in_place(settings, document_id, folder)
            return made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _extracted(settings: Settings, document_id: str, folder: Path, again: bool) -> StagedReadings | DocumentError:
    try:
        return extract_readings(settings, document_id, folder, again)
    except DocumentError as error:
        return error


def refuse_document(settings: Settings, error: DocumentError) -> DocumentOutcome:
    """Stage the refusal of the document that the error names."""
    return _refuse(settings, error.document, error)


def _refuse(settings: Settings, document_id: str, error: DocumentError, seconds: float = 0.0) -> DocumentOutcome:
    """Stage the refusal of a whole document; what was published of it stays, and none of its readings."""
    shutil.rmtree(state.readings_folder(settings, document_id), ignore_errors=True)
    finding = Finding("document_refuse", "error", document_id, str(error), error.place, place=error.place)
    mark = state.document_fingerprint(settings, document_id)
    return _staged(settings, DocumentOutcome(document_id, mark, str(error), findings=(finding,), seconds=seconds))


def decide_document(settings: Settings, stores: Stores, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """Editions from the readings in place, each decided, accepted ones committed as versions of `stores`. The caller
    holds the refresh lock."""
    started = time.monotonic()
    folder = proposal_folder(settings, document_id, this_process())
    try:
        proposal = interpreted(settings, staged_readings(settings, document_id), folder)
        return _decided_whole(settings, stores, proposal, clock)
    except DocumentError as error:
        return _refuse(settings, document_id, error, time.monotonic() - started)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def decide_proposal(settings: Settings, stores: Stores, proposal: Proposal, clock: Clock = utc_now) -> DocumentOutcome:
    """The editions of a proposal decided, accepted ones committed as versions of `stores`, and its readings put in
    place. One of a document that changed since is made again. The caller holds the refresh lock."""
    document_id = proposal.document.id
    try:
        if proposal.fingerprint != state.document_fingerprint(settings, document_id):
            proposal = propose(settings, document_id, this_process())
        put_in_place(settings, document_id, proposal.folder)
        return _decided_whole(settings, stores, proposal, clock)
    except DocumentError as error:
        return _refuse(settings, document_id, error)
    finally:
        shutil.rmtree(proposal.folder, ignore_errors=True)


def _decided_whole(settings: Settings, stores: Stores, proposal: Proposal, clock: Clock) -> DocumentOutcome:
    started, document = time.monotonic(), proposal.document
    if state.ocr_language(settings):
        scanned.keep_pictures(settings, document.id, proposal.unconfirmed)
    findings = list(proposal.findings)
    results = []
    for candidate in proposal.candidates:
        far = _deviations(stores.versions, candidate)
        findings += far
        results.append(decide_candidate(stores, _with_findings(candidate, far), clock()))
    for (name, act), reason in proposal.failed.items():
        results.append(EditionOutcome(name, act, _title(document, act), "", "", "refused", 0, 0, {}, None, (reason,)))
    heard = {(r.dataset, r.edition) for r in results}
    results += decide_repeals(stores.versions, document, heard, findings, proposal.fingerprint, clock())
    findings += without_object(document, results)
    findings += [_decision(document.id, r) for r in results if r.status in _NOT_PUBLISHED]
    return _staged(
        settings,
        DocumentOutcome(
            document.id,
            proposal.fingerprint,
            editions=tuple(results),
            findings=tuple(ordered(findings)),
            quarantine=proposal.quarantine,
            ledger=_after_decision(proposal.ledger, results),
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
    known = _error_ids(state.outcome_from_json(before)) if before else set()
    new = tuple(f.id for f in made.findings if f.severity == "error" and f.id not in known)
    made = replace(made, new_errors=new)
    state.save_outcome(made, outcome_path(settings, made.document))
    return made


def _error_ids(before: DocumentOutcome) -> set[str]:
    return {f.id for f in before.findings if f.severity == "error"}
