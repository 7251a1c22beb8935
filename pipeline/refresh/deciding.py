"""One edition decided: the evidence gathered, the gate asked, the version committed or left to wait for a person.
The rules of the gate are in `quality.decide`; a whole document is in `accept`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding, ordered
from pipeline.documents.model import Act, Document, Effect, Rendition
from pipeline.quality import pending as gate
from pipeline.quality.decide import Evidence, Pending, Refused, decide
from pipeline.refresh.editions import Edition, ReadEditions
from pipeline.refresh.outcome import EditionOutcome
from pipeline.settings import Settings
from pipeline.warehouse import pending, store
from pipeline.warehouse.editions import is_partial, only_ends
from pipeline.warehouse.pending import said
from pipeline.warehouse.records import ActRecord, VersionRecord, Withdrawal
from pipeline.warehouse.schemas import content_hash
from pipeline.warehouse.tables import cells_table, rows_table

LOSS_DECLARED = "cles_perdues"
"""Parameter of an act for a dataset (document.toml): why it has fewer keys than the edition before it."""

_NUMERIC = ("INTEGER", "BIGINT", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class _Held:
    """What the store has of the dataset: the versions that count, and the readings of this edition that a person set
    aside (withdrawn or rejected) with why."""

    live: Sequence[VersionRecord]
    current: VersionRecord | None
    set_aside: Sequence[tuple[VersionRecord, Withdrawal]]


def decide_edition(
    settings: Settings,
    document: Document,
    edition: Edition,
    read: ReadEditions,
    findings: Sequence[Finding],
    inputs: str,
    now: datetime,
) -> EditionOutcome:
    """Ask the gate and do what it says. `inputs` is the fingerprint of the document; `now` is UTC. Raises OSError when
    the disk refuses the version (nothing is then committed)."""
    started = time.monotonic()
    prepared, context, name = edition.prepared, edition.prepared.context, edition.dataset.name
    counts = severities(findings, name, edition.id)
    held = _held(settings, edition)
    rows = rows_table(prepared)
    record = replace(_record(document, edition, counts, inputs, now), content_sha256=content_hash(rows))
    result = EditionOutcome(
        name,
        edition.id,
        context.act.title if context.act else document.title,
        context.rendition.file,
        context.rendition.role,
        "unchanged",
        len(prepared.frame),
        len(prepared.refused),
        counts,
        held.current.version_no if held.current else None,
    )
    evidence = _evidence(settings, edition, read, held)
    if held.current and held.current.content_sha256 != record.content_sha256:
        before = columns_of(settings, held.current)
        evidence = replace(evidence, change=change(edition.dataset, before, rows.to_pydict()))
    decision = decide(evidence)
    aside = next((w for r, w in held.set_aside if said(r) == said(record)), None)
    if isinstance(decision, Refused):
        result = replace(result, status="refused", reasons=decision.reasons)
    elif held.current and said(held.current) == said(record):
        pending.settle(settings, name, edition.id)
    elif aside:
        result = replace(result, status="set_aside", reasons=(why_aside(aside),))
    elif isinstance(decision, Pending):
        pending.put(settings, record, rows, cells_table(prepared))
        result = replace(result, status="pending", reasons=decision.reasons)
    else:
        record = replace(record, version_no=store.next_version_no(settings))
        written = store.write_version(settings, record, rows, cells_table(prepared))
        pending.settle(settings, name, edition.id)
        result = replace(result, status="accepted", version_no=written.version_no)
    return replace(result, seconds=time.monotonic() - started)


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
    return gate.compare(business, after, key, numeric)


def columns_of(settings: Settings, record: VersionRecord) -> gate.Columns:
    """The rows of a version as columns of plain values."""
    import pyarrow.parquet as pq

    path = store.version_path(settings, record.dataset, record.version_no)
    columns: gate.Columns = pq.ParquetFile(path).read().to_pydict()
    return columns


def _held(settings: Settings, edition: Edition) -> _Held:
    name = edition.dataset.name
    known = store.read_store(settings, dataset=name)
    gone = {w.version_no: w for w in known.withdrawals}
    live = [r for r in known.records if r.version_no not in gone]
    own = [r for r in known.records if r.edition == edition.id]
    aside = [(r, gone[r.version_no]) for r in own if r.version_no in gone]
    current = next((r for r in reversed(live) if r.edition == edition.id), None)
    return _Held(live, current, [*aside, *pending.rejected(settings, name, edition.id)])


def why_aside(withdrawal: Withdrawal) -> str:
    """That a person set this very reading aside, when, and for what reason."""
    return f"lecture écartée le {withdrawal.withdrawn_at:%d/%m/%Y} : {withdrawal.reason}"


def _evidence(settings: Settings, edition: Edition, read: ReadEditions, held: _Held) -> Evidence:
    prepared, name = edition.prepared, edition.dataset.name
    relation = edition.act.relation if edition.act else None
    before = held.current or _edition_before(edition, held.live)
    return Evidence(
        rows=len(prepared.frame),
        quarantined=len(prepared.refused),
        tolerance=edition.dataset.tolerance,
        missing_grids=edition.missing,
        unknown_grids=edition.unknown,
        unbalanced=read.unbalanced[prepared.context.rendition.file],
        failed_checks=prepared.failed_checks,
        keys=prepared.keys,
        previous_keys=_keys(settings, edition.dataset, before) if before else None,
        partial=relation is not None and relation.portee == "partielle",
        loss_declared=prepared.context.parameter(name, LOSS_DECLARED) is not None,
    )


def _edition_before(edition: Edition, live: Sequence[VersionRecord]) -> VersionRecord | None:
    """The newest reading of the whole edition in effect before this one; None for a first one, and where each act
    stands alone."""
    if edition.dataset.succession == "accumulates":
        return None
    begin = edition.act.effect.valid_from if edition.act else None
    tables = [r for r in live if not is_partial(r) and not only_ends(r)]
    whole = [r for r in tables if begin is None or (r.valid_from or date.min) <= begin]
    return max(whole, key=lambda r: (r.valid_from or date.min, r.version_no), default=None)


def _keys(settings: Settings, dataset: Dataset, record: VersionRecord) -> frozenset[tuple[object, ...]] | None:
    """None when the version was written before a column of today's key was."""
    held = columns_of(settings, record)
    if not held.keys() >= set(dataset.diff_key):
        return None
    return frozenset(zip(*(held[c] for c in dataset.diff_key), strict=True))


def _record(
    document: Document, edition: Edition, counts: Mapping[str, int], inputs: str, now: datetime
) -> VersionRecord:
    """The record of a version of this edition, without its number (0) and the hash of its content."""
    prepared, rendition = edition.prepared, edition.prepared.context.rendition
    record = record_of(document, rendition, edition.dataset.name, edition.act, inputs, now)
    return replace(record, rows=len(prepared.frame), quarantined=len(prepared.refused), findings=counts)


def record_of(
    document: Document, rendition: Rendition, dataset: str, act: Act | None, inputs: str, now: datetime
) -> VersionRecord:
    """What document.toml says of a version, before any row: `inputs` is its fingerprint, `now` is UTC."""
    effect = act.effect if act else Effect()
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
        act=ActRecord(act.id, act.title, act.nor, act.signed, act.published, act.url) if act else None,
        publisher=document.publisher,
        licence=document.licence or "",
        source_url=(act.url if act else None) or document.url or "",
        valid_from=effect.valid_from,
        valid_from_base=effect.valid_from_base,
        valid_to=effect.valid_to,
        valid_to_base=effect.valid_to_base,
        relation=act.relation if act else None,
    )
