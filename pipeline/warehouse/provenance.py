"""The readable view of meta.cells: one line for each printed piece that a value cites. SQL text only."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.warehouse.ddl import Field, column_comments, comment_on, names
from pipeline.warehouse.meta_tables import CELLS

_ADDED = (
    Field("dataset", "TEXT", "Jeu de données."),
    Field("edition", "TEXT", "Acte (ou document) qui porte l'édition."),
    Field("nor", "TEXT", "NOR de l'acte lu."),
    Field("colonne", "TEXT", "Colonne dont la valeur cite ce morceau."),
    Field("document", "TEXT", "Document archivé."),
    Field("file", "TEXT", "Fichier cité."),
    Field("role", "TEXT", "published (publié), extract (extrait) ou typeset (composé par ce projet)."),
    Field("lieu", "TEXT", "Page ou lignes où regarder."),
    Field("source_url", "TEXT", "Adresse de la source."),
)


def place(alias: str) -> str:
    """Where to look, as `Source.label` says it, from the columns of meta.cells under this alias."""
    a = alias
    return f"""CASE WHEN {a}.page IS NOT NULL THEN 'p. ' || {a}.page
        WHEN {a}.last_line > {a}.line THEN 'lignes ' || {a}.line || ' à ' || {a}.last_line
        WHEN {a}.line IS NOT NULL THEN 'ligne ' || {a}.line
        WHEN {a}."offset" IS NOT NULL THEN 'caractère ' || {a}."offset"
        ELSE coalesce({a}.path, 'document') END"""


def provenance_view() -> Iterator[str]:
    """meta.provenance, with its comments. Look up by version_no and row_no; row_no 0 cites for every row."""
    yield f"""CREATE VIEW meta.provenance AS
SELECT v.dataset, v.edition, v.nor, k.column_name AS colonne, r.document, r.file, r.role,
    {place("c")} AS lieu,
    v.source_url, {names(CELLS.fields, "c")}
FROM meta.cells c
JOIN meta.versions v ON v.version_no = c.version_no
LEFT JOIN meta.columns k ON k.dataset = v.dataset AND k.col_no = c.col_no
LEFT JOIN meta.renditions r ON r.rendition_no = c.rendition_no"""
    yield comment_on(
        "VIEW",
        "meta.provenance",
        "D'où vient chaque valeur : chercher par version_no et row_no (données par les vues) ; row_no = 0 vaut pour "
        "toutes les lignes de la version.",
    )
    yield from column_comments("meta.provenance", (*_ADDED, *CELLS.fields))
