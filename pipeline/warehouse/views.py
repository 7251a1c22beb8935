"""What is generated for each dataset: history view, main view, `_as_of` and `_diff` macros, with their comments; and
the readable view of meta.cells. SQL text only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.contract.dataset import Dataset
from pipeline.published import Field
from pipeline.warehouse.ddl import column_comments, comment_on, identifier, literal, names
from pipeline.warehouse.load import business_fields, data_table
from pipeline.warehouse.meta import CELLS

_ADDED = (
    Field("dataset", "TEXT", "Jeu de données."),
    Field("edition", "TEXT", "Acte (ou document) qui porte l'édition."),
    Field("nor", "TEXT", "NOR de l'acte lu."),
    Field("colonne", "TEXT", "Colonne dont la valeur cite ce morceau."),
    Field("imprime", "TEXT", "Texte imprimé."),
    Field("lecture", "meta.how", "Comment la valeur en vient."),
    Field("document", "TEXT", "Document archivé."),
    Field("fichier", "TEXT", "Fichier cité."),
    Field(
        "role",
        "TEXT",
        "Qui a écrit ces mots : publie (fichier publié), extrait (copie), compose (ce projet ; lieu dit l'original).",
    ),
    Field("lieu", "TEXT", "Page ou lignes où regarder."),
    Field("source_url", "TEXT", "Adresse de la source."),
)
RENAMED = {
    "rules": "regles",
    "line": "ligne",
    "last_line": "derniere_ligne",
    "start_char": "premier_caractere",
    "end_char": "caractere_suivant",
    "x0": "gauche",
    "top": "haut",
    "x1": "droite",
    "bottom": "bas",
    "path": "chemin",
    "offset": "rang_caractere",
    "typeset_line": "ligne_composee",
}
"""Columns of meta.cells, and their names in the readable view."""
_FORMER = {"printed": "imprime", "how": "lecture", "file": "fichier", **RENAMED}
"""What the readable view called its columns in the release before: kept for this one."""


def _provenance_fields() -> tuple[Field, ...]:
    """The columns of meta.provenance in their order, the former names last."""
    cells = [f for f in CELLS.fields if f.name not in ("printed", "how")]
    shown = [*_ADDED, *(replace(f, name=RENAMED.get(f.name, f.name)) for f in cells)]
    types = {f.name: f.type for f in shown}
    former = (Field(o, types[n], f"Ancien nom de {n}, retiré à la prochaine version.") for o, n in _FORMER.items())
    return (*shown, *former)


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
SELECT v.dataset, v.edition, v.nor, k.column_name AS colonne, c.printed AS imprime, c.how AS lecture, r.document,
    r.file AS fichier,
    CASE WHEN c.typeset_line IS NOT NULL THEN 'compose' ELSE r.role END AS role,
    {place("c")} AS lieu,
    v.source_url, {_cell_columns()}, r.file
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
    yield from column_comments("meta.provenance", _provenance_fields())


def _cell_columns() -> str:
    """Those of meta.cells under their French names, then under the former ones."""
    new = (
        f"c.{identifier(f.name)} AS {identifier(RENAMED.get(f.name, f.name))}"
        for f in CELLS.fields
        if f.name not in ("printed", "how")
    )
    return ", ".join([*new, *(f"c.{identifier(old)}" for old in _FORMER if old != "file")])


_VALIDITY = (
    Field("valid_from", "DATE", "Premier jour où la table, telle que montrée, est en vigueur ; NULL : non daté."),
    Field("valid_to", "DATE", "Premier jour où elle ne l'est plus ; NULL : aucune fin connue de cette base."),
)
_SOURCE = (
    Field("edition", "TEXT", "Acte (ou document) qui porte la ligne."),
    Field("nor", "TEXT", "NOR de cet acte, s'il est connu."),
    Field("source_url", "TEXT", "Adresse de la source."),
    Field("source_lieu", "TEXT", "Où la ligne est imprimée : page ou lignes du document."),
    Field(
        "source_role",
        "TEXT",
        "publie (fichier publié), extrait (copie) ou compose (composé par ce projet, d'après source_lieu).",
    ),
)
_VIGUEUR = Field(
    "vigueur",
    "TEXT",
    "Au jour de la requête : en_vigueur, a_venir, expire (fin dite par le texte, abrogation, annulation), remplace "
    "(par un acte détenu ou non), a_verifier (non daté, constaté dans un document qui ne le fixe pas, ou commencé "
    "depuis plus d'un an sans fin connue).",
)
_PLACE = (
    Field("version_no", "INTEGER", "Version (meta.versions)."),
    Field("row_no", "INTEGER", "Ligne dans la version ; avec elle, la clé de meta.provenance."),
)
_HISTORY = (
    *_PLACE,
    Field("edition", "TEXT", "Acte (ou document) qui porte la ligne."),
    *_VALIDITY,
    Field("known_from", "TIMESTAMP", "Moment (UTC) depuis lequel cette base le sait."),
    Field("known_to", "TIMESTAMP", "Moment (UTC) où elle a su autre chose ; NULL si elle le sait encore."),
)


def _vigueur(dataset: Dataset) -> str:
    """An edition that another is due to replace is doubtful after a year; an act that stands alone is not."""
    doubtful = "WHEN p.valid_to IS NULL AND p.valid_from < current_date - INTERVAL 1 YEAR THEN 'a_verifier'"
    return f"""CASE
    WHEN p.valid_from IS NULL THEN 'a_verifier'
    WHEN p.valid_from > current_date THEN 'a_venir'
    WHEN p.valid_to <= current_date AND p.valid_to_base = 'constat' THEN 'a_verifier'
    WHEN p.valid_to <= current_date AND p.valid_to_base LIKE 'remplace%' THEN 'remplace'
    WHEN p.valid_to <= current_date THEN 'expire'
    {doubtful if dataset.succession == "replaces" else ""}
    ELSE 'en_vigueur' END"""


def dataset_views(dataset: Dataset, stacked: bool, latest: Sequence[int], observed: bool = False) -> Iterator[str]:
    """The statements for one dataset. `stacked`: some period has a partial act on top, so rows may hide others.
    `latest`: the versions that the main view shows, written into it, unless they are many, so that it reads no others.
    `observed`: some period
    is a value observed in a document that does not set it (`constat`)."""
    yield from _history(dataset, stacked)
    yield from _main(dataset, stacked, latest)
    yield from _as_of(dataset, stacked, observed)
    yield from _diff(dataset)


def _history(dataset: Dataset, stacked: bool) -> Iterator[str]:
    view = f"history.{identifier(dataset.name)}"
    yield f"""CREATE VIEW {view} AS
SELECT {names(_HISTORY[:2], "d")}, {names(_HISTORY[2:], "p")}, {names(business_fields(dataset), "d")}
FROM {data_table(dataset).qualified} d
JOIN meta.periods p ON p.version_no = d.version_no
{_visible(dataset, "meta.periods") if stacked else ""}"""
    yield comment_on(
        "VIEW", view, f"{dataset.title} : chaque ligne de chaque version, quand elle vaut, quand on l'a su."
    )
    yield from column_comments(view, (*_HISTORY, *business_fields(dataset)))


def _main(dataset: Dataset, stacked: bool, latest: Sequence[int]) -> Iterator[str]:
    view = f"main.{identifier(dataset.name)}"
    # Thousands of acts that stand alone are not written out: nothing would be left out by them.
    written = len(latest) <= _WRITTEN_OUT
    versions = (", ".join(map(str, latest)) or "NULL") if written else "SELECT version_no FROM chosen"
    chosen = f"SELECT * FROM meta.periods WHERE latest AND dataset = {literal(dataset.name)}"
    yield f"""CREATE VIEW {view} AS
WITH chosen AS ({chosen}),
lieux AS ({_lieux(f"SELECT * FROM meta.cells WHERE version_no IN ({versions})")})
{_rows(dataset, stacked, f"d.version_no IN ({versions})" if written else "true", f", {_vigueur(dataset)} AS vigueur")}
{"ORDER BY d.version_no, d.row_no" if dataset.succession == "replaces" else ""}"""
    shown = "dernière édition détenue" if dataset.succession == "replaces" else "tous les actes détenus"
    yield comment_on("VIEW", view, f"{dataset.title} : {shown}. {dataset.description}")
    yield from column_comments(
        view, (*business_fields(dataset), *_SOURCE, *_VALIDITY, _VIGUEUR, *_PLACE, *former_fields(dataset))
    )


_WRITTEN_OUT = 200
"""Versions shown by a view, past which it names none of them."""


def _as_of(dataset: Dataset, stacked: bool, observed: bool) -> Iterator[str]:
    macro = f"main.{identifier(dataset.name + '_as_of')}"
    chosen = f"""SELECT *, CASE WHEN valid_from IS NULL THEN 'a_verifier' ELSE 'en_vigueur' END AS vigueur
    FROM known
    WHERE CASE WHEN valid_from IS NULL THEN avec_non_date ELSE {_IN_FORCE} END"""
    yield f"""CREATE MACRO {macro}(valid_on, known_at := NULL, avec_non_date := false, avec_a_verifier := false)
AS TABLE
WITH known AS (
    SELECT * FROM meta.periods
    WHERE dataset = {literal(dataset.name)}
    AND CASE WHEN known_at IS NULL THEN known_to IS NULL
        ELSE known_from <= CAST(known_at AS TIMESTAMP)
            AND (known_to IS NULL OR known_to > CAST(known_at AS TIMESTAMP)) END),
chosen AS ({chosen}{_OBSERVED if observed else ""}),
lieux AS ({_lieux("SELECT c.* FROM meta.cells c JOIN (SELECT DISTINCT version_no FROM chosen) v USING (version_no)")})
{_rows(dataset, stacked, "true", f", p.vigueur{_reserve(dataset)}")}"""
    yield comment_on(
        "MACRO TABLE",
        macro,
        f"{dataset.title} : ce qui était en vigueur le jour valid_on, d'après ce que cette base savait au moment "
        "known_at (UTC ; par défaut, maintenant). Aucune ligne si rien de détenu ne l'était. avec_non_date := true "
        "ajoute les éditions dont la date d'effet n'est pas connue ; avec_a_verifier := true, hors des jours où elle "
        "est constatée, la valeur d'un document qui ne la fixe pas (vigueur : a_verifier)."
        + (
            " reserve : l'acte d'une année répond d'une autre, faute de successeur détenu." if _reserve(dataset) else ""
        ),
    )


_IN_FORCE = "valid_from <= CAST(valid_on AS DATE) AND (valid_to IS NULL OR valid_to > CAST(valid_on AS DATE))"
# A value observed says nothing of other days: the last observation before the day is shown when asked, else the first.
_OBSERVED = f"""
    UNION ALL
    SELECT *, 'a_verifier' FROM known
    WHERE avec_a_verifier AND NOT EXISTS (SELECT 1 FROM known WHERE {_IN_FORCE}) AND period_no = (
        SELECT coalesce(arg_max(period_no, valid_from) FILTER (valid_from <= CAST(valid_on AS DATE)),
            arg_min(period_no, valid_from)) FROM known WHERE valid_from_base = 'constat')"""


def _reserve(dataset: Dataset) -> str:
    """For a yearly dataset, why an edition of one year that answers in another is doubtful."""
    if dataset.rhythm != "yearly" or "reserve" in dataset.by_name:
        return ""
    year = "d.annee" if "annee" in dataset.by_name else "year(p.valid_from)"
    return f""", CASE WHEN {year} < year(CAST(valid_on AS DATE))
        THEN 'acte pour l''année ' || {year} || ' : aucun acte détenu pour ' || year(CAST(valid_on AS DATE)) END
        AS reserve"""


def _former(dataset: Dataset) -> str:
    """The columns that had another name in the release before, under that name too."""
    return "".join(f", d.{identifier(c.name)} AS {identifier(c.formerly)}" for c in dataset.columns if c.formerly)


def former_fields(dataset: Dataset) -> tuple[Field, ...]:
    """Those columns: kept for one release, and saying so."""
    return tuple(
        Field(c.formerly, c.type, f"Ancien nom de {c.name}, retiré à la prochaine version.")
        for c in dataset.columns
        if c.formerly
    )


def _rows(dataset: Dataset, stacked: bool, where: str, shown: str) -> str:
    """Rows of the periods in the CTE `chosen`, with their source, then `shown`, their place and the former names."""
    return f"""SELECT {names(business_fields(dataset), "d")}, p.edition, v.nor, v.source_url, l.source_lieu,
    CASE WHEN l.typeset THEN 'compose' ELSE v.role END AS source_role,
    p.valid_from, p.valid_to{shown}, d.version_no, d.row_no{_former(dataset)}
FROM {data_table(dataset).qualified} d
JOIN chosen p ON p.version_no = d.version_no
JOIN meta.versions v ON v.version_no = d.version_no
LEFT JOIN lieux l ON l.version_no = d.version_no AND l.row_no = d.row_no
{_visible(dataset, "chosen") if stacked else ""}
{"WHERE" if not stacked else "AND"} {where}"""


def _visible(dataset: Dataset, periods: str) -> str:
    """Leave out the rows hidden by one of the same key in a higher rank of the same period. The part of the key that
    belongs to the edition does not count: an act of 2021 that amends a row of 2020 hides it."""
    same = " AND ".join(f"o.{identifier(k)} IS NOT DISTINCT FROM d.{identifier(k)}" for k in dataset.diff_key)
    return f"""WHERE NOT EXISTS (
    SELECT 1 FROM {data_table(dataset).qualified} o
    JOIN {periods} above ON above.version_no = o.version_no
    WHERE above.rank > 0 AND above.period_no = p.period_no AND above.rank > p.rank AND {same})"""


def _lieux(cells: str) -> str:
    """Where each row is printed first: (version_no, row_no, source_lieu).

    A value cites its own words first; a heading, a note or a sentence behind them is no place of the row.
    """
    return f"""SELECT version_no, row_no, {place("l")} AS source_lieu, typeset FROM (
    SELECT version_no, row_no, min(page) AS page, min(line) AS line, max(coalesce(last_line, line)) AS last_line,
        min("offset") AS "offset", min(path) AS path, bool_or(typeset_line IS NOT NULL) AS typeset
    FROM ({cells}) WHERE row_no > 0 AND cite_no = 1 GROUP BY version_no, row_no) l"""


def _diff(dataset: Dataset) -> Iterator[str]:
    macro = f"main.{identifier(dataset.name + '_diff')}"
    key = dataset.diff_key
    keys = ", ".join(f"coalesce(x.{identifier(k)}, y.{identifier(k)}) AS {identifier(k)}" for k in key)
    same = " AND ".join(f"x.{identifier(k)} IS NOT DISTINCT FROM y.{identifier(k)}" for k in key)
    table = data_table(dataset).qualified
    values = [c.name for c in dataset.columns if c.name not in dataset.key]
    parts = [
        f"struct_pack(colonne := {literal(v)}, avant := CAST(x.{identifier(v)} AS TEXT), "
        f"apres := CAST(y.{identifier(v)} AS TEXT))"
        for v in values
    ]
    whole = "struct_pack(colonne := CAST(NULL AS TEXT), avant := CAST(NULL AS TEXT), apres := CAST(NULL AS TEXT))"
    changed = f"list_filter([{', '.join(parts)}], lambda c: c.avant IS DISTINCT FROM c.apres)" if parts else "[]"
    yield f"""CREATE MACRO {macro}(a, b) AS TABLE
WITH pairs AS (
    SELECT {keys}, x.row_no AS row_a, y.row_no AS row_b,
        unnest(CASE WHEN x.row_no IS NULL OR y.row_no IS NULL THEN [{whole}] ELSE {changed} END) AS c
    FROM (SELECT * FROM {table} WHERE version_no = a) x
    FULL JOIN (SELECT * FROM {table} WHERE version_no = b) y ON {same})
SELECT CASE WHEN row_a IS NULL THEN 'ajoute' WHEN row_b IS NULL THEN 'retire'
        WHEN c.apres IS NULL THEN 'valeur_perdue' WHEN c.avant IS NULL THEN 'valeur_trouvee' ELSE 'modifie' END
        AS changement,
    {", ".join(identifier(k) for k in key)}, c.colonne AS colonne, c.avant AS avant, c.apres AS apres, row_a, row_b
FROM pairs"""
    yield comment_on(
        "MACRO TABLE",
        macro,
        f"{dataset.title} : différences entre les versions a et b (meta.versions), par clé ({', '.join(key)}). "
        "changement : ajoute, retire (la clé n'est que dans b, que dans a), modifie (deux valeurs), valeur_perdue "
        "(NULL dans b : couverture perdue, non un changement), valeur_trouvee (NULL dans a). avant et apres en texte.",
    )
