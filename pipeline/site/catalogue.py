"""What the pages on datasets and acts say, asked of the published file. Plain values for the templates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from pipeline.contract.dataset import Column, Dataset
from pipeline.products.addresses import slug
from pipeline.products.fiche.sources import BASES
from pipeline.site.source import PACKAGE, Row, SiteSource
from pipeline.site.times import HeldPeriod, KnownAct, TwoTimes, two_times
from pipeline.warehouse.ddl import identifier

SAMPLE = 12
"""Rows of a dataset shown on its page."""
COMPARED = 12
"""Versions whose difference with the one before is counted on the page; older ones are told without."""
LISTED = 25
"""Findings and rows in quarantine told one by one."""
SEVERITIES = {"erreur": "erreurs", "avertissement": "avertissements", "info": "lus et réparés"}
FATES = {"publie": "publiées", "ecarte": "en quarantaine", "ignore": "ignorées pour une raison déclarée"}
CHANGES = {
    "ajoute": "ajoutées",
    "retire": "retirées",
    "modifie": "modifiées",
    "valeur_perdue": "valeurs perdues",
    "valeur_trouvee": "valeurs trouvées",
}
RHYTHMS = {"yearly": "une édition par an", "once": "document unique", "irregular": "sans rythme"}
STATES = {
    "current": ("en vigueur", "la dernière édition détenue répond aujourd'hui"),
    "doubtful": ("à vérifier", "commencée depuis plus d'un an, sans fin connue"),
    "past": ("ancien droit", "rien de ce qui est détenu ne répond aujourd'hui"),
    "undated": ("non daté", "ce document n'a pas de date d'effet"),
    "records": ("actes distincts", "chaque acte vaut seul"),
}


def summaries(source: SiteSource) -> list[Row]:
    """One line a dataset: title, rows, days it answers for, state today, acts known and not held."""
    found = source.rows(
        "SELECT d.*, p.first, p.last, p.open, e.editions, e.row_count, c.missing, c.next_missing FROM meta.datasets d "
        "JOIN (SELECT dataset, count(*) AS editions, sum(row_count) AS row_count FROM meta.editions "
        "  WHERE version_no IS NOT NULL GROUP BY 1) e USING (dataset) "
        "LEFT JOIN (SELECT dataset, min(valid_from) AS first, max(valid_to) AS last, "
        "  bool_or(valid_from IS NOT NULL AND valid_to IS NULL) AS open FROM meta.periods WHERE known_to IS NULL "
        "  GROUP BY 1) p USING (dataset) "
        "LEFT JOIN (SELECT dataset, count(*) AS missing, min(title) AS next_missing FROM meta.coverage "
        "  WHERE etat = 'connu_non_detenu' GROUP BY 1) c USING (dataset) ORDER BY d.title"
    )
    today = datetime.now(UTC).date()
    for row in found:
        row["state"] = _state(source, row, today)
        row["state_words"] = STATES[row["state"]]
    return found


def _state(source: SiteSource, row: Row, today: date) -> str:
    if row["succession"] == "cumule":
        return "records"
    if row["first"] is None:
        return "undated"
    answering = source.rows(
        "SELECT valid_from, valid_to FROM meta.periods WHERE dataset = ? AND known_to IS NULL AND valid_from <= ? "
        "AND (valid_to IS NULL OR valid_to > ?)",
        row["dataset"],
        today,
        today,
    )
    if not answering:
        return "past"
    old = all(p["valid_to"] is None and (today - p["valid_from"]).days > 366 for p in answering)
    return "doubtful" if old else "current"


def dataset_page(source: SiteSource, dataset: Dataset, summary: Row) -> Mapping[str, Any]:
    """All that the page of one dataset says."""
    name = dataset.name
    versions = source.rows(
        "SELECT v.*, p.valid_from AS answers_from, p.valid_to AS answers_to, p.version_no IS NOT NULL AS answers "
        "FROM meta.versions v LEFT JOIN (SELECT version_no, min(valid_from) AS valid_from, "
        "  CASE WHEN bool_or(valid_to IS NULL) THEN NULL ELSE max(valid_to) END AS valid_to FROM meta.periods "
        "  WHERE known_to IS NULL GROUP BY 1) p USING (version_no) WHERE v.dataset = ? ORDER BY v.version_no DESC",
        name,
    )
    for newer, older in pairwise(versions[: COMPARED + 1]):
        newer["changes"] = differences(source, dataset, older["version_no"], newer["version_no"], 0)
    return {
        "dataset": dataset,
        "summary": summary,
        "rhythm": RHYTHMS[dataset.rhythm],
        "drawing": drawing(source, dataset),
        "columns": source.rows("SELECT * FROM meta.columns WHERE dataset = ? ORDER BY col_no", name),
        "sample": _sample(source, dataset),
        "shown": _telling_first(dataset),
        "versions": versions,
        "coverage": source.rows(
            "SELECT * FROM meta.coverage WHERE dataset = ? AND etat NOT IN ('detenu', 'a_verifier') "
            "ORDER BY effect_from",
            name,
        ),
        "findings": findings(source, "dataset = ?", name),
        "quarantine": source.rows("SELECT * FROM meta.quarantine WHERE dataset = ? ORDER BY line LIMIT 25", name),
        "ledger": source.rows(
            "SELECT fate, sum(cells) AS cells, string_agg(DISTINCT nullif(reason, ''), ', ') AS reasons "
            "FROM meta.ledger WHERE dataset = ? GROUP BY fate ORDER BY fate DESC",
            name,
        ),
        "fates": FATES,
        "severities": SEVERITIES,
        "limit": LISTED,
        "queries": _queries(dataset, summary),
        "slug": slug,
    }


def drawing(source: SiteSource, dataset: Dataset) -> TwoTimes | None:
    """The two times of a dataset; None when nothing of it has a date."""
    held = source.rows(
        "SELECT p.*, v.title FROM meta.periods p JOIN meta.versions v USING (version_no) "
        "WHERE p.dataset = ? AND p.valid_from IS NOT NULL ORDER BY p.valid_from",
        dataset.name,
    )
    known = source.rows(
        "SELECT * FROM meta.coverage WHERE dataset = ? AND etat = 'connu_non_detenu' AND effect_from IS NOT NULL "
        "ORDER BY effect_from",
        dataset.name,
    )
    periods = [
        HeldPeriod(
            p["edition"], p["title"] or p["edition"], p["valid_from"], p["valid_to"], p["known_from"], p["known_to"]
        )
        for p in held
    ]
    acts = [KnownAct(a["act_id"], a["title"] or a["act_id"], a["effect_from"]) for a in known]
    return two_times(periods, acts, datetime.now(UTC).date(), dataset.succession == "replaces")


def differences(source: SiteSource, dataset: Dataset, older: int, newer: int, keys: int) -> Mapping[str, Any]:
    """How many keys differ between two versions, by kind of change, and the first `keys` of them."""
    compared = f"main.{identifier(dataset.name + '_diff')}(?, ?)"
    counted = source.rows(f"SELECT changement, count(*) AS n FROM {compared} GROUP BY 1 ORDER BY 1", older, newer)
    first = source.rows(f"SELECT * FROM {compared} LIMIT ?", older, newer, keys) if keys else []
    return {"counts": {CHANGES[row["changement"]]: row["n"] for row in counted}, "first": first, "against": older}


NAMES = ("nom_epci", "nom_commune", "libelle_feuille", "libelle_imprime")
"""Columns by which a reader knows a row."""


def _telling_first(dataset: Dataset) -> list[Column]:
    """The columns in the order of a sample: the key, a name, what is measured, then the rest."""
    name = next((c.name for c in dataset.columns if c.name in NAMES), "")
    return sorted(dataset.columns, key=lambda c: (c.name not in dataset.key, c.name != name, not c.unit))


def _sample(source: SiteSource, dataset: Dataset) -> list[Row]:
    """The first rows of the latest edition, taken evenly so that they are not all alike."""
    return source.rows(
        f"SELECT * FROM main.{identifier(dataset.name)} "
        "QUALIFY (row_number() OVER (ORDER BY version_no, row_no) - 1) % greatest(1, count(*) OVER () // ?) = 0 "
        "ORDER BY version_no, row_no LIMIT ?",
        SAMPLE,
        SAMPLE,
    )


def findings(source: SiteSource, where: str, value: str) -> Mapping[str, Any]:
    """Findings counted by severity, those seen by a person apart, and the gravest told one by one."""
    counts = source.rows(
        f"SELECT severity, count(*) FILTER (acknowledged IS NULL) AS open, count(acknowledged) AS seen "
        f"FROM meta.findings WHERE {where} GROUP BY severity "
        "ORDER BY array_position(['erreur','avertissement','info'], severity)",
        value,
    )
    first = source.rows(
        f"SELECT * FROM meta.findings WHERE {where} "
        f"ORDER BY array_position(['erreur','avertissement','info'], severity), rule, finding LIMIT {LISTED}",
        value,
    )
    return {"counts": counts, "first": first, "total": sum(row["open"] + row["seen"] for row in counts)}


def _queries(dataset: Dataset, summary: Row) -> list[tuple[str, str]]:
    """SQL to copy, what each asks."""
    name = dataset.name
    asked = [("La dernière édition détenue", f"FROM {name} LIMIT 20;")]
    if summary["first"] is not None:
        asked.append(("Ce qui était en vigueur un jour", f"FROM {name}_as_of(DATE '{summary['first']:%Y-%m-%d}');"))
    asked.append(("Toutes les versions, avec leurs deux temps", f"FROM history.{name};"))
    asked.append(
        (
            "D'où vient chaque valeur",
            f"SELECT t.{dataset.key[-1]}, p.*\nFROM {name} t\nJOIN meta.provenance p USING (version_no, row_no);",
        )
    )
    return asked


def acts(source: SiteSource) -> list[Row]:
    """Every act, held or not, with the datasets it feeds or would feed."""
    return source.rows(
        "SELECT a.* REPLACE (coalesce(a.title, a.other_title) AS title), "
        "list_sort(list_distinct(c.datasets)) AS datasets FROM meta.acts a LEFT JOIN "
        "(SELECT act_id, list(dataset) AS datasets FROM meta.coverage WHERE act_id IS NOT NULL GROUP BY 1) c "
        "USING (act_id) ORDER BY coalesce(a.effect_from, a.published) DESC NULLS LAST, a.act_id"
    )


def act_page(source: SiteSource, act: Row, known: Sequence[Row]) -> Mapping[str, Any]:
    """All that the page of one act says; `known` are all acts."""
    titles = {a["act_id"]: a["title"] or a["act_id"] for a in known}
    return {
        "act": act,
        "editions": source.rows(
            "SELECT e.*, d.title AS dataset_title FROM meta.editions e JOIN meta.datasets d USING (dataset) "
            "WHERE e.edition = ? ORDER BY e.dataset",
            act["act_id"],
        ),
        "neighbours": _neighbours(source, act),
        "targets": [
            {"relation": act["relation"], "act_id": act["relation_act"], "title": titles.get(act["relation_act"])}
        ]
        if act["relation_act"]
        else [],
        "amended_by": [a for a in known if a["relation_act"] and a["relation_act"] in (act["act_id"], act["nor"])],
        "document": next(iter(source.rows("SELECT * FROM meta.documents WHERE document = ?", act["document"])), None),
        "renditions": source.rows("SELECT * FROM meta.renditions WHERE document = ? ORDER BY 1", act["document"]),
        "disagreements": source.rows(
            "SELECT * FROM meta.findings WHERE document = ? AND rule = 'temoins_en_desaccord' ORDER BY finding",
            act["document"],
        ),
        "findings": findings(source, "edition = ?", act["act_id"]),
        "bases": BASES,
        "severities": SEVERITIES,
        "limit": LISTED,
        "slug": slug,
    }


def _neighbours(source: SiteSource, act: Row) -> list[Row]:
    """For each dataset the act feeds or would feed, the act before it and the act after it by day of effect."""
    return source.rows(
        "SELECT * FROM (SELECT act_id, dataset, "
        "  lag(act_id) OVER w AS before, lag(title) OVER w AS before_title, "
        "  lead(act_id) OVER w AS after, lead(title) OVER w AS after_title, "
        "  lag(etat) OVER w AS before_state, lead(etat) OVER w AS after_state "
        "  FROM meta.coverage WHERE act_id IS NOT NULL AND effect_from IS NOT NULL "
        "  WINDOW w AS (PARTITION BY dataset ORDER BY effect_from)) WHERE act_id = ? ORDER BY dataset",
        act["act_id"],
    )


def totals(source: SiteSource) -> Row:
    """The figures of the first page."""
    (found,) = source.rows(
        "SELECT (SELECT count(*) FROM meta.documents) AS documents, "
        "(SELECT count(*) FROM meta.acts WHERE detenu) AS held, "
        "(SELECT count(*) FROM meta.acts WHERE NOT detenu) AS known, "
        "(SELECT sum(row_count) FROM meta.editions WHERE version_no IS NOT NULL) AS rows, "
        "(SELECT sum(cells) FROM meta.ledger) AS cells, (SELECT count(*) FROM meta.quarantine) AS quarantined"
    )
    return found


def notices(source: SiteSource) -> Mapping[str, Any]:
    """Documents with their licences, and the packages that the pages are made with."""
    packages = json.loads((PACKAGE / "assets/vendor/vendor.json").read_text(encoding="utf-8"))
    return {"documents": source.rows("SELECT * FROM meta.documents ORDER BY document"), "packages": packages}


def dictionary(source: SiteSource) -> dict[str, list[str]]:
    """Table → columns, for completion: main by bare names, the other schemas by full ones."""
    found: dict[str, list[str]] = {}
    for row in source.rows(
        "SELECT schema_name AS s, table_name AS t, list(column_name ORDER BY column_index) AS columns "
        "FROM duckdb_columns() WHERE database_name = current_database() AND schema_name IN "
        "('main', 'history', 'meta', 'ref', 'grids') AND NOT internal GROUP BY ALL ORDER BY 1, 2"
    ):
        found[row["t"] if row["s"] == "main" else f"{row['s']}.{row['t']}"] = row["columns"]
    return found
