"""The tables of the schema meta and their rows, from records and catalogue: pure, one function a table.

What a record's field is, is said where the record is declared (`pipeline.published`); only columns that no record has,
and the order of columns, are said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.contract.dataset import Column, Dataset
from pipeline.contract.findings import Finding, ordered
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.documents.model import Act, Document, KnownAct, Rendition
from pipeline.published import Field, fields_of, values_of
from pipeline.store.records import VersionRecord, Withdrawal
from pipeline.store.versions import StoreView
from pipeline.timeline.coverage import CoverageLine, coverage, coverage_findings
from pipeline.timeline.editions import edition_ids, is_act, newest_readings, only_ends
from pipeline.timeline.periods import Period, latest_periods, recency
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.ddl import TableSpec

SCHEMAS = {
    "data": "Lignes publiées, version par version, telles que les fichiers de version les gardent.",
    "meta": "Actes, documents, versions, périodes, provenance de chaque valeur, anomalies, dictionnaire.",
    "history": "Lignes de toutes les versions avec les jours et les moments où elles font foi.",
    "grids": "Tableaux d'annexes qu'aucun jeu de données ne lit, tels qu'imprimés, non validés (meta.grids les liste).",
    "ref": "Référentiels : communes, EPCI, départements, régions, à une date.",
    "main": "Ce que l'on interroge d'abord : dernière édition détenue, états à une date, différences, croisements.",
}


def _table(name: str, comment: str, *parts: type | Field, order: str = "") -> TableSpec:
    """A table of records and of columns that none of them has; those of `order` first, the others as they come."""
    given = [f for part in parts for f in ((part,) if isinstance(part, Field) else fields_of(part))]
    first = order.split()
    assert {*first} <= {f.name for f in given}, f"{name}: {first}"
    ranked = sorted(given, key=lambda f: first.index(f.name) if f.name in first else len(first))
    return TableSpec("meta", name, comment, tuple({f.name: f for f in ranked}.values()))


def _of(record: type, *names: str) -> tuple[Field, ...]:
    """Some columns of a record."""
    return tuple(f for f in fields_of(record) if f.name in names)


ACTS = _table(
    "acts",
    "Actes connus, détenus ou non.",
    Act,
    Field("document", "TEXT", "Document qui porte l'acte ; NULL si l'acte n'est pas détenu."),
    Field("detenu", "BOOLEAN", "Vrai si un document archivé porte cet acte."),
    KnownAct,
    order="act_id nor title signed published effect_from effect_base relation relation_act portee document detenu url",
)
DOCUMENTS = _table("documents", "Documents archivés.", Document)
RENDITIONS = _table(
    "renditions",
    "Fichiers des documents : publié, extrait d'un autre fichier, ou composé par ce projet à partir des chiffres.",
    Field("rendition_no", "INTEGER", "Numéro du fichier dans cette base."),
    *_of(VersionRecord, "document"),
    Rendition,
)
VERSIONS = _table(
    "versions",
    "Versions acceptées : une lecture d'une édition. Une version retirée reste ici, avec la raison.",
    VersionRecord,
    Withdrawal,
    order="version_no dataset edition act_id nor title publie_le document rendition role source_url publisher licence "
    "accepted_at withdrawn_at withdrawn_reason valid_from valid_from_base valid_to valid_to_base relation relation_act "
    "portee row_count",
)
EDITIONS = _table(
    "editions",
    "Éditions : ce qu'un acte dit pour un jeu, avec la version qui fait foi aujourd'hui.",
    *_of(VersionRecord, "dataset", "edition"),
    Field("nor", "TEXT", "NOR de l'acte."),
    Field("title", "TEXT", "Titre de l'acte."),
    Field("publie_le", "DATE", "Date de publication de l'acte."),
    *_of(VersionRecord, "valid_from", "valid_from_base", "valid_to", "valid_to_base"),
    Field("version_no", "INTEGER", "Version qui fait foi ; NULL si toutes sont retirées."),
    Field("versions", "INTEGER", "Nombre de versions acceptées."),
    Field("row_count", "INTEGER", "Lignes de la version qui fait foi."),
)
PERIODS = _table(
    "periods",
    "Quelle version répond pour quel jour (valid_from ≤ jour < valid_to), à quel moment de connaissance.",
    Period,
    Field("latest", "BOOLEAN", "Vrai pour ce que montre la vue du jeu dans main."),
)
CELLS = _table(
    "cells",
    "Provenance de chaque valeur : les morceaux imprimés qu'elle cite. Vue lisible : meta.provenance.",
    *_of(VersionRecord, "version_no"),
    Field("row_no", "INTEGER", "Ligne dans la version, à partir de 1 ; 0 : citation valable pour toute la version."),
    Field("col_no", "SMALLINT", "Colonne du jeu, à partir de 1 (meta.columns)."),
    Field("cite_no", "SMALLINT", "Rang de la citation."),
    Field("how", "meta.how", "Comment la valeur en vient."),
    Field("printed", "TEXT", "Texte imprimé."),
    Field("rendition_no", "INTEGER", "Fichier cité (meta.renditions)."),
    Field("page", "INTEGER", "Page, à partir de 1."),
    Field("line", "INTEGER", "Ligne du fichier, à partir de 1."),
    Field("last_line", "INTEGER", "Dernière ligne, si ce n'est pas la même."),
    Field("start_char", "INTEGER", "Premier caractère dans la ligne, à partir de 0."),
    Field("end_char", "INTEGER", "Caractère suivant le dernier."),
    Field("x0", "FLOAT", "Gauche du cadre, en points depuis le bord gauche de la page."),
    Field("top", "FLOAT", "Haut du cadre, en points depuis le haut de la page."),
    Field("x1", "FLOAT", "Droite du cadre, en points."),
    Field("bottom", "FLOAT", "Bas du cadre, en points."),
    Field("path", "TEXT", "Élément de l'arbre XML ou HTML."),
    Field("offset", "BIGINT", "Caractère du fichier décodé, à partir de 0."),
    Field("rules", "meta.rules", "Règles appliquées, séparées par |."),
)
FINDINGS = _table(
    "findings",
    "Anomalies constatées, avec un identifiant stable.",
    Field("finding", "TEXT", "Identifiant stable."),
    Finding,
    Field("acknowledged", "TEXT", "Raison donnée par la personne qui l'a vue, ou NULL."),
    order="finding severity rule document dataset edition subject message",
)
QUARANTINE = _table(
    "quarantine",
    "Lignes et morceaux refusés, avec leur texte brut.",
    Field("quarantine_id", "TEXT", "Identifiant stable."),
    Quarantined,
)
LEDGER = _table(
    "ledger",
    "Sort de chaque cellule imprimée : publiée, en quarantaine, ou ignorée pour une raison déclarée.",
    LedgerLine,
)
COLUMNS = _table(
    "columns",
    "Dictionnaire des colonnes de chaque jeu.",
    *_of(Dataset, "dataset"),
    Field("col_no", "SMALLINT", "Rang de la colonne, à partir de 1."),
    Column,
    Field("in_key", "BOOLEAN", "Vrai si la colonne est dans la clé."),
    Field("checks", "TEXT", "Contrôles appliqués."),
    order="dataset col_no column_name type unit comment in_key",
)
DATASETS = _table(
    "datasets",
    "Jeux de données publiés.",
    Dataset,
    Field("key", "TEXT", "Colonnes de la clé, séparées par des virgules."),
    order="dataset title description key",
)
COVERAGE = _table("coverage", "Ce qui est détenu et ce qui est attendu, acte par acte.", CoverageLine)
SCHEMATA = _table(
    "schemas",
    "Ce que contient chaque schéma (DuckDB ne commente pas les schémas).",
    Field("schema_name", "TEXT", "Schéma."),
    Field("comment", "TEXT", "Ce qu'il contient."),
)


Row = tuple[Any, ...]
Line = Mapping[str, Any]
"""A row by column."""
Renditions = Mapping[tuple[str, str], int]


def rendition_numbers(catalogue: Catalogue, store: StoreView) -> Renditions:
    """(document, file) → number from 1: those that versions were read from, in the order of the versions, then the
    others. A version that is added so changes no number that a citation has."""
    pairs = [(r.document, r.rendition) for r in store.records]
    pairs += [(d.id, r.file) for d in catalogue.documents for r in d.renditions]
    return {pair: number for number, pair in enumerate(dict.fromkeys(pairs), start=1)}


def meta_rows(
    datasets: Sequence[Dataset], store: StoreView, found: Sequence[Period], catalogue: Catalogue, renditions: Renditions
) -> Iterator[tuple[TableSpec, list[Row]]]:
    """Each small table with its rows, in the order of its fields."""
    latest = latest_periods(found, datasets)
    lines = coverage(datasets, store.records, catalogue.known_acts)
    refused = [file.finding for file in store.refused]
    findings = ordered([*catalogue.findings, *coverage_findings(lines), *refused])
    told: Sequence[tuple[TableSpec, Iterable[Line]]] = (
        (ACTS, _acts(catalogue, store)),
        (DOCUMENTS, map(values_of, catalogue.documents)),
        (RENDITIONS, _renditions(catalogue, store, renditions)),
        (VERSIONS, _versions(store)),
        (EDITIONS, _editions(store, found)),
        (PERIODS, ({**values_of(p), "latest": p.period_no in latest} for p in found)),
        (FINDINGS, _findings(findings, catalogue)),
        (QUARANTINE, ({"quarantine_id": q.id, **values_of(q)} for q in catalogue.quarantine)),
        (LEDGER, map(values_of, catalogue.ledger)),
        (COLUMNS, _columns(datasets)),
        (DATASETS, ({**values_of(d), "key": ",".join(d.key)} for d in datasets)),
        (COVERAGE, map(values_of, lines)),
        (SCHEMATA, ({"schema_name": name, "comment": said} for name, said in SCHEMAS.items())),
    )
    for table, rows in told:
        yield table, [_row(table, line) for line in rows]


def _row(table: TableSpec, line: Line) -> Row:
    """The line in the order of the table's fields; NULL for what it does not say."""
    row = tuple(line.get(f.name) for f in table.fields)
    assert len(line.keys() & {f.name for f in table.fields}) == len(line), f"{table.name}: {line.keys()}"
    return row


def _acts(catalogue: Catalogue, store: StoreView) -> Iterator[Line]:
    held: set[str] = set()
    newest = newest_readings(store.records)
    for document in catalogue.documents:
        for a in document.acts:
            held |= {a.id, a.nor or a.id}
            yield {**values_of(a), "url": a.url or document.url, "document": document.id, "detenu": True}
    for k in catalogue.known_acts:
        if not {k.id, k.nor} & held and not any(is_act(r, k) for r in newest):
            yield {**values_of(k), "detenu": False}
            held |= {k.id, k.nor or k.id}


def _renditions(catalogue: Catalogue, store: StoreView, numbers: Renditions) -> Iterator[Line]:
    known = {(d.id, r.file): r for d in catalogue.documents for r in d.renditions}
    roles = {(r.document, r.rendition): r.role for r in store.records}
    for pair, number in numbers.items():
        said = values_of(known[pair]) if pair in known else {"file": pair[1], "role": roles[pair]}
        yield {"rendition_no": number, "document": pair[0], **said}


def _versions(store: StoreView) -> Iterator[Line]:
    taken_back = {w.version_no: w for w in store.withdrawals}
    editions = _all_edition_ids(store.records)
    for r in store.records:
        back = values_of(taken_back[r.version_no]) if r.version_no in taken_back else {}
        yield {**values_of(r), **back, "edition": editions[r.version_no], "source_url": source_url(r)}


def source_url(record: VersionRecord) -> str | None:
    """Where the source can be read, if that is known."""
    return record.source_url or (record.act.url if record.act else None) or None


def _all_edition_ids(records: Sequence[VersionRecord]) -> dict[int, str]:
    found: dict[int, str] = {}
    for dataset in {r.dataset for r in records}:
        found |= edition_ids([r for r in records if r.dataset == dataset])
    return found


def _editions(store: StoreView, found: Sequence[Period]) -> Iterator[Line]:
    editions = _all_edition_ids(store.records)
    groups: dict[tuple[str, str], list[VersionRecord]] = {}
    for r in store.records:
        if not only_ends(r):
            groups.setdefault((r.dataset, editions[r.version_no]), []).append(r)
    open_of: dict[tuple[str, str], list[Period]] = {}
    for p in found:
        if p.known_to is None:
            open_of.setdefault((p.dataset, p.edition), []).append(p)
    for (dataset, edition), records in groups.items():
        now = open_of.get((dataset, edition), [])
        served = min(now, key=lambda p: p.rank).version_no if now else None
        reading = next((r for r in records if r.version_no == served), None)
        own = next((r for r in records if r.edition == edition), records[0])
        last = max(now, key=recency, default=None)
        said = {f.name: value for f in EDITIONS.fields if (value := values_of(own).get(f.name)) is not None}
        end = {"valid_to": last.valid_to, "valid_to_base": last.valid_to_base} if last else {}
        count = reading.rows if reading else None
        counts = {"version_no": served, "versions": len(records), "row_count": count}
        yield {**said, **end, **counts, "dataset": dataset, "edition": edition}


def _findings(findings: Sequence[Finding], catalogue: Catalogue) -> Iterator[Line]:
    seen = {a.finding: a.reason for a in catalogue.acknowledged}
    for f in findings:
        yield {**values_of(f), "finding": f.id, "acknowledged": seen.get(f.id)}


def _columns(datasets: Sequence[Dataset]) -> Iterator[Line]:
    for dataset in datasets:
        for number, c in enumerate(dataset.columns, start=1):
            checks = " ; ".join(check.label for check in c.checks)
            yield {
                **values_of(c),
                "dataset": dataset.name,
                "col_no": number,
                "in_key": c.name in dataset.key,
                "checks": checks,
            }
