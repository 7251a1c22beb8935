"""The tables of the schema meta and their rows, from records and catalogue: pure, one function a table.

What a record's field is, is said where the record is declared (`pipeline.published`); only columns that no record has,
and the order of columns, are said here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.contract.dataset import Column, Dataset
from pipeline.contract.findings import Finding, ordered
from pipeline.contract.rows import HOW_WORDS, LedgerLine, Quarantined
from pipeline.documents.model import ROLE_WORDS, Act, Document, KnownAct, Rendition
from pipeline.published import Field, fields_of, values_of
from pipeline.store.records import VersionRecord, Withdrawal
from pipeline.store.versions import StoreView
from pipeline.timeline.coverage import CoverageLine, coverage, coverage_findings
from pipeline.timeline.editions import edition_ids, is_act, newest_readings, only_ends
from pipeline.timeline.periods import Period, latest_periods, recency
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.ddl import TableSpec, identifier

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
    order="act_id nor title other_title other_title_origin signed published effect_from effect_base effect_citation "
    "relation relation_act portee document detenu url",
)
LINKS = _table(
    "actes_liens",
    "Relations entre actes, telles que les documents détenus les disent : acte_de fait ceci à acte_vers.",
    Field("acte_de", "TEXT", "Acte : JORFTEXT ou NOR, sinon son nom."),
    Field(
        "lien",
        "TEXT",
        "modifie, remplace_annexe (remplace l'annexe de), dans_la_version_de, applique, rectifie, abroge, annule.",
    ),
    Field("acte_vers", "TEXT", "Acte visé : JORFTEXT ou NOR, sinon son nom."),
    Field("citation", "TEXT", "Mots imprimés qui le disent ; « relation déclarée » quand document.toml seul le dit."),
    *_of(Document, "document"),
    Field("ligne", "INTEGER", "Ligne du document d'origine qui les imprime."),
)
PARAMETERS = _table(
    "parameters",
    "Ce que la prose ou une personne décide pour un jeu (une année), avec les mots cités.",
    *_of(Document, "document"),
    Field("act_id", "TEXT", "Acte, ou NULL pour le document entier."),
    *_of(Dataset, "dataset"),
    Field("name", "TEXT", "Paramètre."),
    Field("value", "TEXT", "Valeur."),
)
DOCUMENTS = _table("documents", "Documents archivés.", Document)
RENDITIONS = _table(
    "renditions",
    "Fichiers des documents : publié, extrait d'un autre fichier, ou composé par ce projet à partir des chiffres.",
    Field("rendition_no", "INTEGER", "Numéro du fichier dans cette base."),
    *_of(VersionRecord, "document"),
    Rendition,
)
PASSAGES = _table(
    "passages",
    "Ce qui, dans une copie, n'est pas l'original : passages composés par ce projet, passages laissés de côté.",
    Field("rendition_no", "INTEGER", "Fichier (meta.renditions)."),
    *_of(Document, "document"),
    *_of(Rendition, "file"),
    Field(
        "nature",
        "TEXT",
        "compose : composé par ce projet ; omis : imprimé dans l'original et non copié.",
        (("typeset", "compose"), ("omitted", "omis")),
    ),
    Field("first_line", "INTEGER", "Première ligne, numérotée comme dans l'original."),
    Field("last_line", "INTEGER", "Dernière ligne."),
    Field("reason", "TEXT", "Pourquoi."),
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
    Field(
        "typeset_line",
        "INTEGER",
        "Ligne de notre fichier où ce texte est composé, line étant celle de l'original qui le dit ; NULL : imprimé.",
    ),
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
    "Sort de chaque cellule imprimée d'un fichier lu : publiée, en quarantaine, ou ignorée pour une raison déclarée. "
    "Le registre est celui de ce fichier : ce qu'une copie laisse de côté de son original est dans meta.passages.",
    LedgerLine,
    Field("role", "TEXT", "Rôle de ce fichier : publie, extrait (copie) ou compose.", ROLE_WORDS),
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
COVERAGE = _table(
    "coverage",
    "Ce qui est détenu et ce qui est attendu, acte par acte.",
    CoverageLine,
    Field(
        "applicable_au_plus_tot",
        "DATE",
        "Avant ce jour, sûrement pas applicable, quelle que soit l'aide ; NULL : ne dépend pas de la publication.",
    ),
    Field("applicable_au_plus_tard", "DATE", "Dès ce jour, sûrement applicable à toutes les aides."),
)
VOCABULARY = _table(
    "vocabulaire",
    "Les mots d'avant dans les valeurs, et ceux d'aujourd'hui : pour reprendre une requête. Retirée à la prochaine "
    "version.",
    Field("table_name", "TEXT", "Table ou vue ; source_role est dans les vues de main."),
    Field("column_name", "TEXT", "Colonne."),
    Field("ancien", "TEXT", "Mot de la version précédente."),
    Field("nouveau", "TEXT", "Mot publié."),
)
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
        (LINKS, _links(catalogue)),
        (PARAMETERS, _parameters(catalogue)),
        (DOCUMENTS, map(values_of, catalogue.documents)),
        (RENDITIONS, _renditions(catalogue, store, renditions)),
        (PASSAGES, _passages(catalogue, renditions)),
        (VERSIONS, _versions(store)),
        (EDITIONS, _editions(store, found)),
        (PERIODS, ({**values_of(p), "latest": p.period_no in latest} for p in found)),
        (FINDINGS, _findings(findings, catalogue)),
        (QUARANTINE, ({"quarantine_id": q.id, **values_of(q)} for q in catalogue.quarantine)),
        (LEDGER, _ledger(catalogue)),
        (COLUMNS, _columns(datasets)),
        (DATASETS, ({**values_of(d), "key": ",".join(d.key)} for d in datasets)),
        (COVERAGE, map(values_of, lines)),
        (VOCABULARY, _vocabulary(datasets)),
        (SCHEMATA, ({"schema_name": name, "comment": said} for name, said in SCHEMAS.items())),
    )
    for table, rows in told:
        yield table, [_row(table, line) for line in rows]


def _row(table: TableSpec, line: Line) -> Row:
    """The line in the order of the table's fields; NULL for what it does not say."""
    row = tuple(f.shown(line.get(f.name)) for f in table.fields)
    assert len(line.keys() & {f.name for f in table.fields}) == len(line), f"{table.name}: {line.keys()}"
    return row


def _acts(catalogue: Catalogue, store: StoreView) -> Iterator[Line]:
    held: set[str] = set()
    newest = newest_readings(store.records)
    for document in catalogue.documents:
        for a in document.acts:
            held |= {a.id, a.nor or a.id}
            said = {name: value or None for name, value in values_of(a).items()}
            yield {**said, "url": a.url or document.url, "document": document.id, "detenu": True}
    for k in catalogue.known_acts:
        if not {k.id, k.nor} & held and not any(is_act(r, k) for r in newest):
            titles = {"title": None, "other_title": k.title, "other_title_origin": "actes.toml"}
            yield {**values_of(k), **titles, "detenu": False}
            held |= {k.id, k.nor or k.id}


def _links(catalogue: Catalogue) -> Iterator[Line]:
    for document in catalogue.documents:
        for act in document.acts:
            if act.relation:
                said = {"lien": act.relation.kind, "acte_vers": act.relation.act, "citation": "relation déclarée"}
                yield {"acte_de": act.id, "document": document.id, **said}
            for link in act.link:
                said = {"lien": link.kind, "acte_vers": link.target, "citation": link.citation}
                yield {"acte_de": link.origin or act.id, "document": document.id, "ligne": link.line, **said}


def _parameters(catalogue: Catalogue) -> Iterator[Line]:
    for document in catalogue.documents:
        for act, found in ((None, document.parameters), *((a.id, a.parameters) for a in document.acts)):
            for dataset, values in found.items():
                for name, value in values.items():
                    said = {"dataset": dataset, "name": name, "value": str(value)}
                    yield {"document": document.id, "act_id": act, **said}


def _ledger(catalogue: Catalogue) -> Iterator[Line]:
    roles = {(d.id, r.file): r.role for d in catalogue.documents for r in d.renditions}
    for line in catalogue.ledger:
        yield {**values_of(line), "role": roles.get((line.document, line.rendition))}


def _passages(catalogue: Catalogue, numbers: Renditions) -> Iterator[Line]:
    for document in catalogue.documents:
        for r in document.renditions:
            of_file = {"rendition_no": numbers[document.id, r.file], "document": document.id, "file": r.file}
            for nature, passages in (("typeset", r.typeset), ("omitted", r.omitted)):
                for passage in passages:
                    for first, last in passage.spans:
                        span = {"first_line": first, "last_line": last, "reason": passage.why}
                        yield {**of_file, "nature": nature, **span}


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
        values = values_of(own)
        said = {f.name: values[f.name] for f in EDITIONS.fields if values.get(f.name) is not None}
        end = {"valid_to": last.valid_to, "valid_to_base": last.valid_to_base} if last else {}
        count = reading.rows if reading else None
        counts = {"version_no": served, "versions": len(records), "row_count": count}
        yield {**said, **end, **counts, "dataset": dataset, "edition": edition}


def _findings(findings: Sequence[Finding], catalogue: Catalogue) -> Iterator[Line]:
    seen = {a.finding: a.reason for a in catalogue.acknowledged}
    for f in findings:
        yield {**values_of(f), "finding": f.id, "acknowledged": seen.get(f.id)}


def _vocabulary(datasets: Sequence[Dataset]) -> Iterator[Line]:
    tables = (RENDITIONS, VERSIONS, PASSAGES, LEDGER, FINDINGS, COLUMNS, DATASETS)
    said = [(f"meta.{t.name}", f.name, f.words) for t in tables for f in t.fields]
    said += [("meta.provenance", "lecture", HOW_WORDS), ("meta.provenance", "role", ROLE_WORDS)]
    said += [("meta.cells", "how", HOW_WORDS), ("main", "source_role", ROLE_WORDS)]
    said += [(f"main.{d.name}", c.name, c.words) for d in datasets for c in d.columns]
    for table, column, words in said:
        for old, new in words:
            yield {"table_name": table, "column_name": column, "ancien": old, "nouveau": new}


def _columns(datasets: Sequence[Dataset]) -> Iterator[Line]:
    for dataset in datasets:
        for number, c in enumerate(dataset.columns, start=1):
            checks = " ; ".join(check.label for check in c.published_checks)
            yield {
                **values_of(c),
                "dataset": dataset.name,
                "col_no": number,
                "in_key": c.name in dataset.key,
                "checks": checks,
            }


def application_bounds(datasets: Sequence[Dataset]) -> Iterator[str]:
    """Statements that give the lines of meta.coverage of an act the bounds its rules of application have: for every
    dataset of an act of which one declares `applicable_au_plus_tot` and `applicable_au_plus_tard`."""
    for dataset in datasets:
        if {"applicable_au_plus_tot", "applicable_au_plus_tard"} <= dataset.by_name.keys():
            yield f"""UPDATE meta.coverage SET applicable_au_plus_tot = b.tot, applicable_au_plus_tard = b.tard
FROM (SELECT p.edition, min(applicable_au_plus_tot) AS tot, max(applicable_au_plus_tard) AS tard
    FROM data.{identifier(dataset.name)} d JOIN meta.periods p USING (version_no) WHERE p.latest GROUP BY ALL) b
WHERE meta.coverage.act_id = b.edition AND meta.coverage.etat = 'detenu'"""
