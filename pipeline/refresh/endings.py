"""Acts that end another one and print no table (`abroge`, `annule`): in each dataset that has an edition of the act
named, a version without rows that ends it. An act with a table of its own is an edition, decided in `deciding`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.contract.findings import Finding
from pipeline.datasets import all_datasets, dataset
from pipeline.documents.model import Act, Document
from pipeline.refresh import fingerprint, outcome
from pipeline.refresh.deciding import record_of, severities, why_aside
from pipeline.refresh.outcome import EditionOutcome, outcome_path, staged_outcome
from pipeline.refresh.witness import EditionKey
from pipeline.settings import Settings
from pipeline.warehouse import store
from pipeline.warehouse.editions import names_of, only_ends
from pipeline.warehouse.records import VersionRecord
from pipeline.warehouse.store import Store

_NO_DAY = "aucun jour de fin : ni date_effet dans act.relation, ni valid_from dans act.effect (document.toml)"
_NO_OBJECT = "acte_vise_non_detenu"
_NOTHING_HELD = "cet acte met fin à {}, dont aucune table n'est détenue : rien à clore"
_TABLE_LOST = "une édition de cet acte est publiée, et il n'imprime plus de tableau"


def decide_endings(
    settings: Settings,
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
    ending = [act for act in document.acts if _ends(act)]
    if not ending:
        return []
    held = store.read_store(settings, verify=False)
    results: list[EditionOutcome] = []
    for act in ending:
        for name in _fed_by(held, act):
            if (name, act.id) not in heard:
                record = record_of(document, document.current[0], name, act, inputs, now)
                record = replace(record, findings=severities(findings, name, act.id))
                results.append(_decided(settings, held, record))
    return results


def without_object(document: Document, results: Sequence[EditionOutcome]) -> list[Finding]:
    """One info for each act that ends another one of which nothing is held, as its `results` tell."""
    done = {r.edition for r in results}
    return [
        Finding(_NO_OBJECT, "info", document.id, _NOTHING_HELD.format(act.relation.act), act.id, edition=act.id)
        for act in document.acts
        if act.relation and act.relation.ends and act.id not in done
    ]


def settle(settings: Settings, documents: Sequence[Document], now: datetime) -> bool:
    """What acts read before end of editions accepted since, committed and added to what is staged of their documents;
    whether there was any.

    Acts come in any order: the one that repeals may be read first. A document that changed since it was read is left
    to its next reading. The caller holds the refresh lock.
    """
    settled = False
    for document in documents:
        staged = staged_outcome(settings, document.id) if any(_ends(act) for act in document.acts) else None
        if staged is None or staged["fingerprint"] != fingerprint.of_document(settings, document.id):
            continue
        made = outcome.from_json(staged)
        heard = {(e.dataset, e.edition) for e in made.editions}
        if late := decide_endings(settings, document, heard, made.findings, made.fingerprint, now):
            ended = {e.edition for e in late}
            findings = tuple(f for f in made.findings if f.rule != _NO_OBJECT or f.edition not in ended)
            whole = replace(made, editions=(*made.editions, *late), findings=findings)
            outcome.save(whole, outcome_path(settings, document.id))
            settled = True
    return settled


def _ends(act: Act) -> bool:
    return act.relation is not None and act.relation.ends


def _live(held: Store) -> list[VersionRecord]:
    gone = {w.version_no for w in held.withdrawals}
    return [r for r in held.records if r.version_no not in gone]


def _fed_by(held: Store, act: Act) -> list[str]:
    """The datasets that hold something of the act that this one ends."""
    named = act.relation.act if act.relation else ""
    fed = {r.dataset for r in _live(held) if named in names_of(r) and not only_ends(r)}
    return [d.name for d in all_datasets() if d.name in fed]


def _decided(settings: Settings, held: Store, record: VersionRecord) -> EditionOutcome:
    assert record.act and record.relation, "only an act ends another one"
    own = [r for r in held.records if (r.dataset, r.edition) == (record.dataset, record.edition)]
    live = [r for r in _live(held) if r in own]
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
    if live and _said(live[-1]) == _said(record):
        return result
    same = {r.version_no for r in own if _said(r) == _said(record)}
    aside = next((w for w in held.withdrawals if w.version_no in same), None)
    if aside:
        return replace(result, status="set_aside", reasons=(why_aside(aside),))
    written = _committed(settings, record)
    return replace(result, status="accepted", version_no=written.version_no)


def _said(record: VersionRecord) -> tuple[object, ...]:
    """What makes two endings by one act the same. Not the hash of their content: it has no rows, only columns."""
    return record.valid_from, record.valid_from_base, record.relation


def _committed(settings: Settings, record: VersionRecord) -> VersionRecord:
    from pipeline.warehouse.schemas import CELLS_SCHEMA
    from pipeline.warehouse.tables import rows_schema

    numbered = replace(record, version_no=store.next_version_no(settings))
    rows = rows_schema(dataset(record.dataset)).empty_table()
    return store.write_version(settings, numbered, rows, CELLS_SCHEMA.empty_table())
