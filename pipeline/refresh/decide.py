"""A document from its readings to its staged outcome: the evidence of each edition gathered, the gate asked, the
version committed or left to wait for a person; acts that only end another one. The rules of the gate are in
`quality.gate`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding, Severity, ordered
from pipeline.contract.rows import LedgerLine
from pipeline.datasets import all_datasets, dataset
from pipeline.documents.model import Act, Document, DocumentError, Effect, Rendition
from pipeline.quality import gate
from pipeline.quality.deviations import deviations
from pipeline.quality.gate import Evidence, Pending, Refused, decide
from pipeline.quality.recognised import RULE
from pipeline.refresh import scanned, state
from pipeline.refresh.read import (
    Edition,
    EditionKey,
    ReadEditions,
    StagedReadings,
    quarantined,
    read_editions,
    stage_readings,
    staged_readings,
)
from pipeline.refresh.state import DocumentOutcome, EditionOutcome, Status, outcome_path, staged_outcome
from pipeline.settings import Settings
from pipeline.store.pending import Stores, described, identity
from pipeline.store.records import ActRecord, VersionRecord, Withdrawal
from pipeline.store.tables import cells_table, content_hash, rows_table
from pipeline.store.versions import OvertakenError, StoreView, VersionStore
from pipeline.timeline.editions import is_partial, names_of, only_ends

LOSS_DECLARED = "cles_perdues"
"""Parameter of an act for a dataset (document.toml): why it has fewer keys than the edition before it."""

_NUMERIC = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class _Held:
    """What the store has of the edition: the version that counts, the one that a reading is compared with (its own, or
    that of the edition before), and the readings that a person set aside (withdrawn or rejected) with why."""

    current: VersionRecord | None
    before: VersionRecord | None
    set_aside: Sequence[tuple[VersionRecord, Withdrawal]]


def decide_edition(
    stores: Stores,
    staged: StagedReadings,
    edition: Edition,
    read: ReadEditions,
    findings: Sequence[Finding],
    now: datetime,
) -> EditionOutcome:
    """Ask the gate and do what it says; again where another machine wrote a version meanwhile. `now` is UTC. Raises
    OSError when the disk refuses the version (nothing is then committed)."""
    while True:
        try:
            return _decide_edition(stores, staged, edition, read, findings, now)
        except OvertakenError:
            continue


def _decide_edition(
    stores: Stores,
    staged: StagedReadings,
    edition: Edition,
    read: ReadEditions,
    findings: Sequence[Finding],
    now: datetime,
) -> EditionOutcome:
    started = time.monotonic()
    prepared, context, name = edition.prepared, edition.prepared.context, edition.dataset.name
    counts = severities(findings, name, edition.id)
    held = _held(stores, edition)
    rows = rows_table(prepared)
    record = replace(_record(staged, edition, counts, now), content_sha256=content_hash(rows))
    result = EditionOutcome(
        name,
        edition.id,
        context.act.name if context.act else staged.document.title,
        context.rendition.file,
        context.rendition.role,
        "unchanged",
        len(prepared.frame),
        len(prepared.refused),
        counts,
        held.current.version_no if held.current else None,
    )
    evidence = _evidence(stores.versions, edition, read, held)
    if held.current and held.current.content_sha256 != record.content_sha256:
        before = columns_of(stores.versions, held.current)
        evidence = replace(evidence, change=change(edition.dataset, before, rows.to_pydict()))
    decision = decide(evidence)
    aside = next((w for r, w in held.set_aside if identity(r) == identity(record)), None)
    if isinstance(decision, Refused):
        result = replace(result, status="refused", reasons=decision.reasons)
    elif held.current and identity(held.current) == identity(record):
        if mended := _mended(held.current, record, [r for r, _ in held.set_aside]):
            written = stores.versions.commit(record, rows, cells_table(prepared))
            result = replace(result, status="accepted", version_no=written.version_no, reasons=(mended,))
        stores.waiting.settle(name, edition.id)
    elif aside:
        result = replace(result, status="set_aside", reasons=(why_aside(aside),))
    elif isinstance(decision, Pending):
        stores.waiting.put(record, rows, cells_table(prepared))
        result = replace(result, status="pending", reasons=decision.reasons)
    else:
        written = stores.versions.commit(record, rows, cells_table(prepared))
        stores.waiting.settle(name, edition.id)
        result = replace(result, status="accepted", version_no=written.version_no)
    return replace(result, seconds=time.monotonic() - started)


def _mended(held: VersionRecord, record: VersionRecord, set_aside: Sequence[VersionRecord]) -> str:
    """What the document declares otherwise than the version held of it, in a French sentence; '' for nothing. Another
    document of the same act speaks for itself alone; what a person took back does not come again."""
    before, after = described(held), described(record)
    taken_back = any((identity(r), described(r)) == (identity(record), after) for r in set_aside)
    if held.document != record.document or before == after or taken_back:
        return ""
    return f"document.toml corrigé : {', '.join(name for name in after if before[name] != after[name])}"


def severities(findings: Sequence[Finding], dataset: str, edition: str) -> dict[str, int]:
    """Severity → how many findings are about this edition."""
    mine = [f for f in findings if f.edition == edition and f.dataset in ("", dataset)]
    return dict(Counter(f.severity for f in ordered(mine)))


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


def _held(stores: Stores, edition: Edition) -> _Held:
    name = edition.dataset.name
    current = next(reversed(stores.versions.live(name, edition.id)), None)
    before = current or _edition_before(edition, stores.versions)
    aside = [*stores.versions.withdrawn(name, edition.id), *stores.waiting.rejected(name, edition.id)]
    return _Held(current, before, aside)


def why_aside(withdrawal: Withdrawal) -> str:
    """That a person set this very reading aside, when, and for what reason."""
    return f"lecture écartée le {withdrawal.withdrawn_at:%d/%m/%Y} : {withdrawal.reason}"


def _evidence(store: VersionStore, edition: Edition, read: ReadEditions, held: _Held) -> Evidence:
    prepared, name = edition.prepared, edition.dataset.name
    relation = edition.act.relation if edition.act else None
    before = held.before
    return Evidence(
        rows=len(prepared.frame),
        quarantined=len(prepared.refused),
        tolerance=edition.dataset.tolerance,
        missing_grids=edition.missing,
        unknown_grids=edition.unknown,
        unbalanced=read.unbalanced[prepared.context.rendition.file],
        failed_checks=prepared.failed_checks,
        keys=prepared.keys,
        previous_keys=_keys(store, edition.dataset, before) if before else None,
        partial=relation is not None and relation.portee == "partielle",
        loss_declared=prepared.context.parameter(name, LOSS_DECLARED) is not None,
    )


def _edition_before(edition: Edition, store: VersionStore) -> VersionRecord | None:
    """The newest reading of the whole edition in effect before this one; None for a first one, and where each act
    stands alone."""
    if edition.dataset.succession == "accumulates":
        return None
    begin = edition.act.effect_on(edition.dataset.name).valid_from if edition.act else None
    tables = [r for r in store.live(edition.dataset.name) if not is_partial(r) and not only_ends(r)]
    whole = [r for r in tables if begin is None or (r.valid_from or date.min) <= begin]
    return max(whole, key=lambda r: (r.valid_from or date.min, r.version_no), default=None)


def _deviations(store: VersionStore, document: Document, edition: Edition) -> list[Finding]:
    """What stands far from the rest of the edition, and from the one before it."""
    prepared = edition.prepared
    before = _other_edition_before(edition, store)
    found = deviations(
        edition.dataset,
        rows_table(prepared).to_pydict(),
        columns_of(store, before) if before else None,
        before.edition if before else "",
    )
    rendition = prepared.context.rendition.file
    return [o.finding(document.id, edition.dataset.name, edition.id, rendition) for o in found]


def _other_edition_before(edition: Edition, store: VersionStore) -> VersionRecord | None:
    """The newest reading of the whole edition in effect before this one begins; none where each act stands alone."""
    begin = edition.act.effect.valid_from if edition.act else None
    if edition.dataset.succession == "accumulates" or begin is None:
        return None
    tables = [r for r in store.live(edition.dataset.name) if not is_partial(r) and not only_ends(r)]
    earlier = [r for r in tables if r.edition != edition.id and (r.valid_from or date.min) < begin]
    return max(earlier, key=lambda r: (r.valid_from or date.min, r.version_no), default=None)


def _keys(store: VersionStore, dataset: Dataset, record: VersionRecord) -> frozenset[tuple[object, ...]] | None:
    """None when the version was written before a column of today's key was."""
    held = columns_of(store, record)
    if not held.keys() >= set(dataset.diff_key):
        return None
    return frozenset(zip(*(held[c] for c in dataset.diff_key), strict=True))


def _record(staged: StagedReadings, edition: Edition, counts: Mapping[str, int], now: datetime) -> VersionRecord:
    """The record of a version of this edition, without its number (0) and the hash of its content."""
    prepared, rendition = edition.prepared, edition.prepared.context.rendition
    record = record_of(staged.document, rendition, edition.dataset.name, edition.act, staged.fingerprint, now)
    return replace(record, rows=len(prepared.frame), quarantined=len(prepared.refused), findings=counts)


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
    ending = [act for act in document.acts if _repeals(act)]
    if not ending:
        return []
    held = store.view(verify=False)
    results: list[EditionOutcome] = []
    for act in ending:
        for name in _fed_by(held, act):
            if (name, act.id) not in heard:
                record = record_of(document, document.current[0], name, act, inputs, now)
                record = replace(record, findings=severities(findings, name, act.id))
                try:
                    results.append(_decided(store, held, record))
                except OvertakenError:
                    heard = {*heard, *((r.dataset, r.edition) for r in results)}
                    return [*results, *decide_repeals(store, document, heard, findings, inputs, now)]
    return results


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


def _fed_by(held: StoreView, act: Act) -> list[str]:
    """The datasets that hold something of the act that this one ends."""
    named = act.relation.act if act.relation else ""
    fed = {r.dataset for r in held.live if named in names_of(r) and not only_ends(r)}
    return [d.name for d in all_datasets() if d.name in fed]


def _decided(store: VersionStore, held: StoreView, record: VersionRecord) -> EditionOutcome:
    assert record.act and record.relation, "only an act ends another one"
    own = [r for r in held.records if (r.dataset, r.edition) == (record.dataset, record.edition)]
    live = [r for r in held.live if r in own]
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
    same = {r.version_no for r in own if _outcome_of_repeal(r) == _outcome_of_repeal(record)}
    aside = next((w for w in held.withdrawals if w.version_no in same), None)
    if aside:
        return replace(result, status="set_aside", reasons=(why_aside(aside),))
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


def utc_now() -> datetime:
    return datetime.now(UTC)


def stage_document(settings: Settings, document_id: str) -> StagedReadings | DocumentOutcome:
    """First half: the readings as staged, or the outcome of a document that cannot be read. Never raises for what the
    document is: a refusal is an outcome."""
    started = time.monotonic()
    try:
        return stage_readings(settings, document_id)
    except DocumentError as error:
        return _refuse(settings, document_id, error, time.monotonic() - started)


def refuse_document(settings: Settings, error: DocumentError) -> DocumentOutcome:
    """Stage the refusal of the document that the error names."""
    return _refuse(settings, error.document, error)


def _refuse(settings: Settings, document_id: str, error: DocumentError, seconds: float = 0.0) -> DocumentOutcome:
    """Stage the refusal of a whole document; what was published of it stays."""
    finding = Finding("document_refuse", "error", document_id, str(error), error.place, place=error.place)
    mark = state.document_fingerprint(settings, document_id)
    return _staged(settings, DocumentOutcome(document_id, mark, str(error), findings=(finding,), seconds=seconds))


def decide_document(settings: Settings, stores: Stores, document_id: str, clock: Clock = utc_now) -> DocumentOutcome:
    """Second half: editions from the staged readings, each decided, accepted ones committed as versions of `stores`.
    The caller holds the refresh lock."""
    started = time.monotonic()
    try:
        staged = staged_readings(settings, document_id)
        read = read_editions(settings, staged.document, staged.readings)
    except DocumentError as error:
        return _refuse(settings, document_id, error, time.monotonic() - started)
    _keep_pictures(settings, document_id, read)
    findings = [*staged.findings, *read.findings]
    results: list[EditionOutcome] = []
    for edition in read.editions:
        findings += _deviations(stores.versions, staged.document, edition)
        results.append(decide_edition(stores, staged, edition, read, findings, clock()))
    for (name, act), reason in read.failed.items():
        results.append(
            EditionOutcome(name, act, _title(staged.document, act), "", "", "refused", 0, 0, {}, None, (reason,))
        )
    heard = {(r.dataset, r.edition) for r in results}
    results += decide_repeals(stores.versions, staged.document, heard, findings, staged.fingerprint, clock())
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


def _keep_pictures(settings: Settings, document_id: str, read: ReadEditions) -> None:
    """A picture of each row that was recognised on a scanned page, and that nothing confirms."""
    if not state.ocr_language(settings):
        return
    wanted = [
        (quarantined(e.prepared, refused).id, e.prepared.context.rendition.file, refused.source)
        for e in read.editions
        for refused in e.prepared.refused
        if refused.rule == RULE
    ]
    scanned.keep_pictures(settings, document_id, wanted)


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
