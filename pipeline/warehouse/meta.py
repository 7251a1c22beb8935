"""The tables of the schema meta: names, types, what each column is, and their rows from records and catalogue: pure,
one function a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from pipeline.contract.dataset import Dataset
from pipeline.contract.findings import Finding, ordered
from pipeline.store.records import VersionRecord
from pipeline.store.versions import StoreView
from pipeline.timeline.coverage import coverage, coverage_findings
from pipeline.timeline.editions import edition_ids, is_act, only_ends
from pipeline.timeline.periods import Period, latest_periods, recency
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.ddl import Field, TableSpec, identifier

SCHEMAS = {
    "data": "Lignes publiées, version par version, telles que les fichiers de version les gardent.",
    "meta": "Actes, documents, versions, périodes, provenance de chaque valeur, anomalies, dictionnaire.",
    "history": "Lignes de toutes les versions avec les jours et les moments où elles font foi.",
    "grids": "Tableaux d'annexes qu'aucun jeu de données ne lit, tels qu'imprimés, non validés (meta.grids les liste).",
    "ref": "Référentiels : communes, EPCI, départements, régions, à une date.",
    "main": "Ce que l'on interroge d'abord : dernière édition détenue, états à une date, différences, croisements.",
}


def _table(name: str, comment: str, *fields: tuple[str, str, str]) -> TableSpec:
    return TableSpec("meta", name, comment, tuple(Field(*f) for f in fields))


DATASET = ("dataset", "TEXT", "Jeu de données.")
EDITION = ("edition", "TEXT", "Acte (ou document) qui porte l'édition.")
DOCUMENT = ("document", "TEXT", "Identifiant du document archivé.")
VERSION = ("version_no", "INTEGER", "Numéro de version, unique sur tous les jeux.")
VALIDITY = (
    ("valid_from", "DATE", "Premier jour d'effet ; NULL si la date d'effet n'est pas connue."),
    ("valid_from_base", "TEXT", "D'où vient valid_from : texte, lendemain_publication, consolidation, signature…"),
    ("valid_to", "DATE", "Premier jour où l'édition ne vaut plus ; NULL si aucune fin n'est connue."),
    (
        "valid_to_base",
        "TEXT",
        "Pourquoi elle finit : texte, remplace, remplace_par_acte_non_detenu, abroge…, aucune.",
    ),
)

ACTS = _table(
    "acts",
    "Actes connus, détenus ou non.",
    ("act_id", "TEXT", "JORFTEXT de l'acte, ou son NOR."),
    ("nor", "TEXT", "Numéro NOR, s'il est connu."),
    ("title", "TEXT", "Titre tel qu'imprimé ; NULL si aucun ne l'est, ou si l'acte n'est pas détenu."),
    ("other_title", "TEXT", "Titre court, ou tenu d'ailleurs."),
    ("other_title_origin", "TEXT", "D'où vient cet autre titre."),
    ("signed", "DATE", "Date de signature."),
    ("published", "DATE", "Date de publication (publie_le) : quand le public a pu savoir."),
    ("effect_from", "DATE", "Date d'effet."),
    ("effect_base", "TEXT", "D'où vient la date d'effet."),
    ("effect_citation", "TEXT", "Ce qui dit la date d'effet, cité ou rapporté."),
    ("relation", "TEXT", "modifie, rectifie, abroge, annule, ou NULL."),
    ("relation_act", "TEXT", "Acte visé par la relation."),
    ("portee", "TEXT", "totale ou partielle."),
    ("document", "TEXT", "Document qui porte l'acte ; NULL si l'acte n'est pas détenu."),
    ("detenu", "BOOLEAN", "Vrai si un document archivé porte cet acte."),
    ("url", "TEXT", "Adresse de l'acte."),
    ("note", "TEXT", "Remarque."),
)
DOCUMENTS = _table(
    "documents",
    "Documents archivés.",
    DOCUMENT,
    ("title", "TEXT", "Titre."),
    ("publisher", "TEXT", "Éditeur."),
    ("nature", "TEXT", "arrete, bulletin, feuille, decret ou autre."),
    ("published", "DATE", "Date de publication."),
    ("url", "TEXT", "Adresse."),
    ("licence", "TEXT", "Licence de réutilisation."),
    ("date_reference_estimee", "TEXT", "Jour ou année dont parle un document qui n'imprime aucune date : estimation."),
    ("date_reference_raison", "TEXT", "Sur quoi repose cette estimation."),
)
LINKS = _table(
    "actes_liens",
    "Relations entre actes, telles que les documents détenus les disent : acte_de fait ceci à acte_vers.",
    ("acte_de", "TEXT", "Acte : JORFTEXT ou NOR, sinon son nom."),
    (
        "lien",
        "TEXT",
        "modifie, remplace_annexe (remplace l'annexe de), dans_la_version_de, applique, rectifie, abroge, annule.",
    ),
    ("acte_vers", "TEXT", "Acte visé : JORFTEXT ou NOR, sinon son nom."),
    ("citation", "TEXT", "Mots imprimés qui le disent ; ou ce que le document déclare."),
    DOCUMENT,
    ("ligne", "INTEGER", "Ligne du document d'origine qui les imprime."),
)
PARAMETERS = _table(
    "parameters",
    "Ce que la prose ou une personne décide pour un jeu (une année), avec les mots cités.",
    DOCUMENT,
    ("act_id", "TEXT", "Acte, ou NULL pour le document entier."),
    DATASET,
    ("name", "TEXT", "Paramètre."),
    ("value", "TEXT", "Valeur."),
)
RENDITIONS = _table(
    "renditions",
    "Fichiers des documents : publié, extrait d'un autre fichier, ou composé par ce projet à partir des chiffres.",
    ("rendition_no", "INTEGER", "Numéro du fichier dans cette base."),
    DOCUMENT,
    ("file", "TEXT", "Nom du fichier."),
    ("role", "TEXT", "published (publié), extract (extrait) ou typeset (composé par ce projet)."),
    ("media", "TEXT", "Format de lecture : cells, markdown, tsv, pdf, xml, html."),
    ("sha256", "TEXT", "Empreinte du fichier."),
    ("added", "DATE", "Date d'archivage."),
    ("delivery", "TEXT", "Livraison du flux qui l'a apporté (AAAAMMJJ-HHMMSS) ; NULL s'il a été déposé à la main."),
    ("replaced", "BOOLEAN", "Vrai si une livraison suivante a pris sa place : gardé, et plus lu."),
)
VERSIONS = _table(
    "versions",
    "Versions acceptées : une lecture d'une édition. Une version retirée reste ici, avec la raison.",
    VERSION,
    DATASET,
    EDITION,
    ("act_id", "TEXT", "Acte lu."),
    ("nor", "TEXT", "Son NOR."),
    ("title", "TEXT", "Son titre."),
    ("publie_le", "DATE", "Date de publication de l'acte : quand le public a pu savoir."),
    DOCUMENT,
    ("rendition", "TEXT", "Fichier lu."),
    ("role", "TEXT", "Rôle du fichier : published, extract ou typeset."),
    ("source_url", "TEXT", "Adresse de la source."),
    ("publisher", "TEXT", "Éditeur."),
    ("licence", "TEXT", "Licence de réutilisation."),
    ("accepted_at", "TIMESTAMP", "Moment de l'acceptation (UTC)."),
    ("withdrawn_at", "TIMESTAMP", "Moment du retrait (UTC), ou NULL."),
    ("withdrawn_reason", "TEXT", "Raison du retrait."),
    *VALIDITY,
    ("relation", "TEXT", "modifie, rectifie, abroge, annule, ou NULL."),
    ("relation_act", "TEXT", "Acte visé par la relation."),
    ("portee", "TEXT", "totale ou partielle."),
    ("row_count", "INTEGER", "Lignes publiées."),
    ("quarantined", "INTEGER", "Lignes mises en quarantaine."),
    ("content_sha256", "TEXT", "Empreinte des lignes publiées, indépendante du fichier."),
    ("inputs_sha256", "TEXT", "Empreinte de ce dont la version a été faite."),
)
EDITIONS = _table(
    "editions",
    "Éditions : ce qu'un acte dit pour un jeu, avec la version qui fait foi aujourd'hui.",
    DATASET,
    EDITION,
    ("nor", "TEXT", "NOR de l'acte."),
    ("title", "TEXT", "Titre de l'acte."),
    ("publie_le", "DATE", "Date de publication de l'acte."),
    *VALIDITY,
    ("version_no", "INTEGER", "Version qui fait foi ; NULL si toutes sont retirées."),
    ("versions", "INTEGER", "Nombre de versions acceptées."),
    ("row_count", "INTEGER", "Lignes de la version qui fait foi."),
)
PERIODS = _table(
    "periods",
    "Quelle version répond pour quel jour (valid_from ≤ jour < valid_to), à quel moment de connaissance.",
    DATASET,
    VERSION,
    EDITION,
    *VALIDITY,
    ("known_from", "TIMESTAMP", "Moment (UTC) depuis lequel cette base le sait."),
    ("known_to", "TIMESTAMP", "Moment (UTC) où elle a su autre chose ; NULL si elle le sait encore."),
    ("rank", "SMALLINT", "Rang dans la pile : les lignes d'un rang plus haut cachent celles de même clé."),
    ("period_no", "INTEGER", "Numéro de la période ; les versions d'une même période s'empilent."),
    ("latest", "BOOLEAN", "Vrai pour ce que montre la vue du jeu dans main."),
)
PASSAGES = _table(
    "passages",
    "Ce qui, dans une copie, n'est pas l'original : passages composés par ce projet, passages laissés de côté.",
    ("rendition_no", "INTEGER", "Fichier (meta.renditions)."),
    DOCUMENT,
    ("file", "TEXT", "Nom du fichier."),
    ("nature", "TEXT", "typeset : composé par ce projet ; omitted : imprimé dans l'original, absent de la copie."),
    ("first_line", "INTEGER", "Première ligne, numérotée comme dans l'original."),
    ("last_line", "INTEGER", "Dernière ligne."),
    ("reason", "TEXT", "Pourquoi."),
)
CELLS = _table(
    "cells",
    "Provenance de chaque valeur : les morceaux imprimés qu'elle cite. Vue lisible : meta.provenance.",
    VERSION,
    ("row_no", "INTEGER", "Ligne dans la version, à partir de 1 ; 0 : citation valable pour toute la version."),
    ("col_no", "SMALLINT", "Colonne du jeu, à partir de 1 (meta.columns)."),
    ("cite_no", "SMALLINT", "Rang de la citation."),
    ("how", "meta.how", "Comment la valeur en vient."),
    ("printed", "TEXT", "Texte imprimé."),
    ("rendition_no", "INTEGER", "Fichier cité (meta.renditions)."),
    ("page", "INTEGER", "Page, à partir de 1."),
    ("line", "INTEGER", "Ligne du fichier, à partir de 1."),
    ("last_line", "INTEGER", "Dernière ligne, si ce n'est pas la même."),
    ("start_char", "INTEGER", "Premier caractère dans la ligne, à partir de 0."),
    ("end_char", "INTEGER", "Caractère suivant le dernier."),
    ("x0", "FLOAT", "Gauche du cadre, en points depuis le bord gauche de la page."),
    ("top", "FLOAT", "Haut du cadre, en points depuis le haut de la page."),
    ("x1", "FLOAT", "Droite du cadre, en points."),
    ("bottom", "FLOAT", "Bas du cadre, en points."),
    ("path", "TEXT", "Élément de l'arbre XML ou HTML."),
    ("offset", "BIGINT", "Caractère du fichier décodé, à partir de 0."),
    (
        "typeset_line",
        "INTEGER",
        "Ligne de notre fichier où ce texte est composé, line étant celle de l'original qui le dit ; NULL : imprimé.",
    ),
    ("rules", "meta.rules", "Règles appliquées, séparées par |."),
)
FINDINGS = _table(
    "findings",
    "Anomalies constatées, avec un identifiant stable.",
    ("finding", "TEXT", "Identifiant stable."),
    ("severity", "TEXT", "info : lu et réparé ; warning : publié, à regarder ; error : imprimé et non publié."),
    ("rule", "TEXT", "Règle."),
    DOCUMENT,
    DATASET,
    EDITION,
    ("subject", "TEXT", "Clé ou texte imprimé qui l'identifie."),
    ("message", "TEXT", "Ce qui est constaté."),
    ("place", "TEXT", "Où regarder."),
    ("printed", "TEXT", "Ce qui est imprimé."),
    ("expected", "TEXT", "Ce que dit une autre source."),
    ("rendition", "TEXT", "Fichier."),
    ("acknowledged", "TEXT", "Raison donnée par la personne qui l'a vue, ou NULL."),
)
QUARANTINE = _table(
    "quarantine",
    "Lignes et morceaux refusés, avec leur texte brut.",
    ("quarantine_id", "TEXT", "Identifiant stable."),
    DOCUMENT,
    DATASET,
    EDITION,
    ("rendition", "TEXT", "Fichier."),
    ("rule", "TEXT", "Règle qui refuse."),
    ("reason", "TEXT", "Pourquoi."),
    ("raw", "TEXT", "Texte imprimé."),
    ("place", "TEXT", "Où regarder."),
    ("column_name", "TEXT", "Colonne en cause."),
    ("line", "INTEGER", "Ligne du fichier."),
    ("page", "INTEGER", "Page."),
)
LEDGER = _table(
    "ledger",
    "Sort de chaque cellule imprimée d'un fichier lu : publiée, en quarantaine, ou ignorée pour une raison déclarée. "
    "Le registre est celui de ce fichier : ce qu'une copie laisse de côté de son original est dans meta.passages.",
    DOCUMENT,
    ("rendition", "TEXT", "Fichier dont c'est le registre."),
    ("role", "TEXT", "Rôle de ce fichier : published, extract (copie) ou typeset."),
    DATASET,
    EDITION,
    ("fate", "TEXT", "published, quarantined ou ignored."),
    ("reason", "TEXT", "Raison, si ignorée ou refusée."),
    ("cells", "INTEGER", "Nombre de cellules imprimées."),
)
COLUMNS = _table(
    "columns",
    "Dictionnaire des colonnes de chaque jeu.",
    DATASET,
    ("col_no", "SMALLINT", "Rang de la colonne, à partir de 1."),
    ("column_name", "TEXT", "Colonne."),
    ("type", "TEXT", "Type SQL."),
    ("unit", "TEXT", "Unité."),
    ("comment", "TEXT", "Ce que c'est."),
    ("in_key", "BOOLEAN", "Vrai si la colonne est dans la clé."),
    ("nullable", "BOOLEAN", "Vrai si la valeur peut manquer."),
    ("merge", "TEXT", "Sens d'une cellule fusionnée : repeat (répétée) ou once (comptée une fois)."),
    ("checks", "TEXT", "Contrôles appliqués."),
)
DATASETS = _table(
    "datasets",
    "Jeux de données publiés.",
    DATASET,
    ("title", "TEXT", "Titre."),
    ("description", "TEXT", "Description."),
    ("key", "TEXT", "Colonnes de la clé, séparées par des virgules."),
    ("succession", "TEXT", "replaces : l'édition suivante clôt la précédente ; accumulates : chaque acte vaut seul."),
    ("rhythm", "TEXT", "Rythme de parution."),
    ("dated", "BOOLEAN", "Faux : pas d'acte juridique, donc pas de dates d'effet."),
)
COVERAGE = _table(
    "coverage",
    "Ce qui est détenu et ce qui est attendu, acte par acte.",
    DATASET,
    ("annee", "INTEGER", "Année de l'édition."),
    ("act_id", "TEXT", "Acte, s'il est connu."),
    ("nor", "TEXT", "Son NOR."),
    ("title", "TEXT", "Son titre."),
    ("published", "DATE", "Date de publication."),
    ("effect_from", "DATE", "Date d'effet."),
    (
        "etat",
        "TEXT",
        "detenu, connu_non_detenu, aucun_acte_connu (année manquante), a_verifier (au-delà du jour d'un constat).",
    ),
    ("effect_to", "DATE", "Premier jour où ce qui est détenu ne vaut plus, quand l'acte le dit."),
    ("remarque", "TEXT", "Ce qu'il faut savoir de cette ligne."),
    (
        "applicable_au_plus_tot",
        "DATE",
        "Avant ce jour, sûrement pas applicable, quelle que soit l'aide ; NULL : ne dépend pas de la publication.",
    ),
    ("applicable_au_plus_tard", "DATE", "Dès ce jour, sûrement applicable à toutes les aides."),
)
SCHEMATA = _table(
    "schemas",
    "Ce que contient chaque schéma (DuckDB ne commente pas les schémas).",
    ("schema_name", "TEXT", "Schéma."),
    ("comment", "TEXT", "Ce qu'il contient."),
)

TABLES = (
    ACTS,
    LINKS,
    PARAMETERS,
    DOCUMENTS,
    RENDITIONS,
    PASSAGES,
    VERSIONS,
    EDITIONS,
    PERIODS,
    FINDINGS,
    QUARANTINE,
    LEDGER,
    COLUMNS,
    DATASETS,
    COVERAGE,
    SCHEMATA,
)


Row = tuple[Any, ...]
Renditions = Mapping[tuple[str, str], int]


def rendition_numbers(catalogue: Catalogue, store: StoreView) -> Renditions:
    """(document, file) → number from 1: those of the documents, then those only old versions name."""
    pairs = [(d.id, r.file) for d in catalogue.documents for r in d.renditions]
    pairs += [(r.document, r.rendition) for r in store.records]
    return {pair: number for number, pair in enumerate(dict.fromkeys(pairs), start=1)}


def meta_rows(
    datasets: Sequence[Dataset], store: StoreView, found: Sequence[Period], catalogue: Catalogue, renditions: Renditions
) -> Iterator[tuple[TableSpec, list[Row]]]:
    """Each small table with its rows, in the order of its fields."""
    latest = latest_periods(found, datasets)
    lines = coverage(datasets, store.records, catalogue.known_acts)
    yield ACTS, list(_acts(catalogue, store))
    yield (
        DOCUMENTS,
        [
            (d.id, d.title, d.publisher, d.nature, d.published, d.url, d.licence, d.reference_date, d.reference_why)
            for d in catalogue.documents
        ],
    )
    yield LINKS, list(_links(catalogue))
    yield PARAMETERS, list(_parameters(catalogue))
    yield RENDITIONS, list(_renditions(catalogue, store, renditions))
    yield PASSAGES, list(_passages(catalogue, renditions))
    yield VERSIONS, list(_versions(store))
    yield EDITIONS, list(_editions(store, found))
    yield PERIODS, [_period(p, p.period_no in latest) for p in found]
    refused = [file.finding for file in store.refused]
    found_here = [*catalogue.findings, *coverage_findings(lines), *refused]
    yield FINDINGS, list(_findings(ordered(found_here), catalogue))
    yield QUARANTINE, list(_quarantine(catalogue))
    yield LEDGER, list(_ledger(catalogue))
    yield COLUMNS, list(_columns(datasets))
    yield (
        DATASETS,
        [(d.name, d.title, d.description, ",".join(d.key), d.succession, d.rhythm, d.dated) for d in datasets],
    )
    yield COVERAGE, [astuple(line) for line in lines]
    yield SCHEMATA, list(SCHEMAS.items())


def utc(moment: datetime | None) -> datetime | None:
    """The moment as a plain UTC time, as the file keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def _acts(catalogue: Catalogue, store: StoreView) -> Iterator[Row]:
    held: set[str] = set()
    for document in catalogue.documents:
        for a in document.acts:
            held |= {a.id, a.nor or a.id}
            kind, act, portee = (a.relation.kind, a.relation.act, a.relation.portee) if a.relation else (None,) * 3
            effect = (a.effect.valid_from, a.effect.valid_from_base)
            url = a.url or document.url
            titles = (a.title or None, a.other_title or None, a.other_title_origin or None)
            related = (a.effect.citation or None, kind, act, portee)
            yield a.id, a.nor, *titles, a.signed, a.published, *effect, *related, document.id, True, url, None
    for k in catalogue.known_acts:
        if not {k.id, k.nor} & held and not any(is_act(r, k) for r in store.records):
            effect = (k.effect_from, k.effect_base)
            titles = (None, k.title, "actes.toml")
            yield k.id, k.nor, *titles, k.signed, k.published, *effect, *(None,) * 5, False, None, k.note
            held |= {k.id, k.nor or k.id}


def _renditions(catalogue: Catalogue, store: StoreView, numbers: Renditions) -> Iterator[Row]:
    known = {(d.id, r.file): r for d in catalogue.documents for r in d.renditions}
    roles = {(r.document, r.rendition): r.role for r in store.records}
    for pair, number in numbers.items():
        r = known.get(pair)
        if r:
            yield number, *pair, r.role, r.media, r.sha256, r.added, r.delivery, r.replaced
        else:
            yield number, *pair, roles[pair], None, None, None, None, None


def _links(catalogue: Catalogue) -> Iterator[Row]:
    for document in catalogue.documents:
        for act in document.acts:
            if act.relation:
                yield act.id, act.relation.kind, act.relation.act, "relation déclarée", document.id, None
            for link in act.links:
                yield link.origin, link.kind, link.target, link.citation, document.id, link.line


def _parameters(catalogue: Catalogue) -> Iterator[Row]:
    for document in catalogue.documents:
        for act, found in ((None, document.parameters), *((a.id, a.parameters) for a in document.acts)):
            for dataset, values in found.items():
                for name, value in values.items():
                    yield document.id, act, dataset, name, str(value)


def _ledger(catalogue: Catalogue) -> Iterator[Row]:
    roles = {(d.id, r.file): r.role for d in catalogue.documents for r in d.renditions}
    for x in catalogue.ledger:
        role = roles.get((x.document, x.rendition))
        yield x.document, x.rendition, role, x.dataset, x.edition, x.fate, x.reason, x.cells


def _passages(catalogue: Catalogue, numbers: Renditions) -> Iterator[Row]:
    for document in catalogue.documents:
        for r in document.renditions:
            for nature, passages in (("typeset", r.typeset), ("omitted", r.omitted)):
                for p in passages:
                    yield numbers[document.id, r.file], document.id, r.file, nature, p.first, p.last, p.why


def _versions(store: StoreView) -> Iterator[Row]:
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


def _editions(store: StoreView, found: Sequence[Period]) -> Iterator[Row]:
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


def application_bounds(datasets: Sequence[Dataset]) -> Iterator[str]:
    """Statements that give the lines of meta.coverage of an act the bounds its rules of application have: for every
    dataset of an act of which one declares `applicable_au_plus_tot` and `applicable_au_plus_tard`."""
    for dataset in datasets:
        if {"applicable_au_plus_tot", "applicable_au_plus_tard"} <= dataset.by_name.keys():
            yield f"""UPDATE meta.coverage SET applicable_au_plus_tot = b.tot, applicable_au_plus_tard = b.tard
FROM (SELECT p.edition, min(applicable_au_plus_tot) AS tot, max(applicable_au_plus_tard) AS tard
    FROM data.{identifier(dataset.name)} d JOIN meta.periods p USING (version_no) WHERE p.latest GROUP BY ALL) b
WHERE meta.coverage.act_id = b.edition AND meta.coverage.etat = 'detenu'"""
