"""Rows of the small tables of the schema meta, from records and catalogue: pure, one function a table.

The declarations are in `meta_tables`; `data` and `meta.cells` are loaded from files by `load`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding, ordered
from pipeline.warehouse import meta_tables as meta
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.coverage import coverage, coverage_findings
from pipeline.warehouse.ddl import TableSpec
from pipeline.warehouse.editions import edition_ids, is_act, only_ends
from pipeline.warehouse.latest import latest_periods, recency
from pipeline.warehouse.periods import Period
from pipeline.warehouse.records import VersionRecord
from pipeline.warehouse.store import Store

Row = tuple[Any, ...]
Renditions = Mapping[tuple[str, str], int]


def rendition_numbers(catalogue: Catalogue, store: Store) -> Renditions:
    """(document, file) → number from 1: those of the documents, then those only old versions name."""
    pairs = [(d.id, r.file) for d in catalogue.documents for r in d.renditions]
    pairs += [(r.document, r.rendition) for r in store.records]
    return {pair: number for number, pair in enumerate(dict.fromkeys(pairs), start=1)}


def meta_rows(
    datasets: Sequence[Dataset], store: Store, found: Sequence[Period], catalogue: Catalogue, renditions: Renditions
) -> Iterator[tuple[TableSpec, list[Row]]]:
    """Each small table with its rows, in the order of its fields."""
    latest = latest_periods(found, datasets)
    lines = coverage(datasets, store.records, catalogue.known_acts)
    yield meta.ACTS, list(_acts(catalogue, store))
    yield (
        meta.DOCUMENTS,
        [(d.id, d.title, d.publisher, d.nature, d.published, d.url, d.licence) for d in catalogue.documents],
    )
    yield meta.RENDITIONS, list(_renditions(catalogue, store, renditions))
    yield meta.VERSIONS, list(_versions(store))
    yield meta.EDITIONS, list(_editions(store, found))
    yield meta.PERIODS, [_period(p, p.period_no in latest) for p in found]
    refused = [file.finding for file in store.refused]
    found_here = [*catalogue.findings, *coverage_findings(lines), *refused]
    yield meta.FINDINGS, list(_findings(ordered(found_here), catalogue))
    yield meta.QUARANTINE, list(_quarantine(catalogue))
    yield (
        meta.LEDGER,
        [(x.document, x.rendition, x.dataset, x.edition, x.fate, x.reason, x.cells) for x in catalogue.ledger],
    )
    yield meta.COLUMNS, list(_columns(datasets))
    yield (
        meta.DATASETS,
        [(d.name, d.title, d.description, ",".join(d.key), d.succession, d.rhythm, d.dated) for d in datasets],
    )
    yield meta.COVERAGE, [astuple(line) for line in lines]
    yield meta.SCHEMATA, list(meta.SCHEMAS.items())


def utc(moment: datetime | None) -> datetime | None:
    """The moment as a plain UTC time, as the file keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _acts(catalogue: Catalogue, store: Store) -> Iterator[Row]:
    held: set[str] = set()
    for document in catalogue.documents:
        for a in document.acts:
            held |= {a.id, a.nor or a.id}
            kind, act, portee = (a.relation.kind, a.relation.act, a.relation.portee) if a.relation else (None,) * 3
            effect = (a.effect.valid_from, a.effect.valid_from_base)
            url = a.url or document.url
            yield a.id, a.nor, a.title, a.signed, a.published, *effect, kind, act, portee, document.id, True, url, None
    for k in catalogue.known_acts:
        if not {k.id, k.nor} & held and not any(is_act(r, k) for r in store.records):
            effect = (k.effect_from, k.effect_base)
            yield k.id, k.nor, k.title, k.signed, k.published, *effect, None, None, None, None, False, None, k.note
            held |= {k.id, k.nor or k.id}


def _renditions(catalogue: Catalogue, store: Store, numbers: Renditions) -> Iterator[Row]:
    known = {(d.id, r.file): r for d in catalogue.documents for r in d.renditions}
    roles = {(r.document, r.rendition): r.role for r in store.records}
    for pair, number in numbers.items():
        r = known.get(pair)
        if r:
            yield number, *pair, r.role, r.media, r.sha256, r.added, r.delivery, r.replaced
        else:
            yield number, *pair, roles[pair], None, None, None, None, None


def _versions(store: Store) -> Iterator[Row]:
    taken_back = {w.version_no: w for w in store.withdrawals}
    editions = _all_edition_ids(store.records)
    for r in store.records:
        back = taken_back.get(r.version_no)
        act = (r.act.id, r.act.nor, r.act.title, r.act.published) if r.act else (None,) * 4
        relation = (r.relation.kind, r.relation.act, r.relation.portee) if r.relation else (None,) * 3
        yield (
            r.version_no,
            r.dataset,
            editions[r.version_no],
            *act,
            *(r.document, r.rendition, r.role, source_url(r), r.publisher, r.licence),
            *(utc(r.accepted_at), utc(back.withdrawn_at) if back else None, back.reason if back else None),
            *(r.valid_from, r.valid_from_base, r.valid_to, r.valid_to_base),
            *relation,
            *(r.rows, r.quarantined, r.content_sha256, r.inputs_sha256),
        )


def source_url(record: VersionRecord) -> str | None:
    """Where the source can be read, if that is known."""
    return record.source_url or (record.act.url if record.act else None) or None


def _all_edition_ids(records: Sequence[VersionRecord]) -> dict[int, str]:
    found: dict[int, str] = {}
    for dataset in {r.dataset for r in records}:
        found |= edition_ids([r for r in records if r.dataset == dataset])
    return found


def _editions(store: Store, found: Sequence[Period]) -> Iterator[Row]:
    editions = _all_edition_ids(store.records)
    groups: dict[tuple[str, str], list[VersionRecord]] = {}
    for r in store.records:
        if not only_ends(r):
            groups.setdefault((r.dataset, editions[r.version_no]), []).append(r)
    for (dataset, edition), records in groups.items():
        now = [p for p in found if (p.dataset, p.edition) == (dataset, edition) and p.known_to is None]
        served = min(now, key=lambda p: p.rank).version_no if now else None
        reading = next((r for r in records if r.version_no == served), None)
        own = next((r for r in records if r.edition == edition), records[0])
        act = (own.act.nor, own.act.title, own.act.published) if own.act else (None, None, None)
        last = max(now, key=recency, default=None)
        validity = (own.valid_from, own.valid_from_base, own.valid_to, own.valid_to_base)
        if last:
            validity = (validity[0], validity[1], last.valid_to, last.valid_to_base)
        yield dataset, edition, *act, *validity, served, len(records), reading.rows if reading else None


def _period(p: Period, latest: bool) -> Row:
    valid = (p.valid_from, p.valid_from_base, p.valid_to, p.valid_to_base)
    known = (utc(p.known_from), utc(p.known_to))
    return p.dataset, p.version_no, p.edition, *valid, *known, p.rank, p.period_no, latest


def _findings(findings: Sequence[Finding], catalogue: Catalogue) -> Iterator[Row]:
    seen = {a.finding: a.reason for a in catalogue.acknowledged}
    for f in findings:
        yield (
            *(f.id, f.severity, f.rule, f.document, f.dataset, f.edition, f.subject, f.message),
            *(f.place, f.printed, f.expected, f.rendition, seen.get(f.id)),
        )


def _quarantine(catalogue: Catalogue) -> Iterator[Row]:
    for q in catalogue.quarantine:
        where = (q.document, q.dataset, q.edition, q.rendition)
        yield q.id, *where, q.rule, q.reason, q.raw, q.place, q.column, q.line, q.page


def _columns(datasets: Sequence[Dataset]) -> Iterator[Row]:
    for dataset in datasets:
        for number, c in enumerate(dataset.columns, start=1):
            checks = " ; ".join(check.label for check in c.checks)
            in_key = c.name in dataset.key
            yield dataset.name, number, c.name, c.type, c.unit, c.comment, in_key, c.nullable, c.merge, checks
