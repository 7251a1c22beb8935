"""What the datasets without a section of their own say of a commune: those whose rows carry its code, or the SIREN of a
grouping it is in. Made from the declarations that the warehouse keeps, for any dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from pipeline.cleaning.values import day_in_words
from pipeline.products.fiche.commune import MISSING, Commune, Line, Section, euros, number
from pipeline.products.fiche.sources import Row, Sources

TOLD = frozenset({"premier_quartile", "zonage_abc", "zonage_abc_liste", "places_sites"})
"""Those that the other sections tell of."""
_MOST_ROWS = 20
_PLACE = frozenset(
    {"code_commune", "nom_commune", "code_departement", "nom_departement", "code_region", "nom_region", "siren"}
)
"""Columns that say where: the page says it already."""


def others(sources: Sources) -> tuple[Callable[[Commune, Sources], Section], ...]:
    """What tells the section of each such dataset that is held."""
    return tuple(partial(_section, dataset=dataset) for dataset in _datasets(sources))


def _datasets(sources: Sources) -> list[Row]:
    """The datasets held with a code_commune, else a siren: name, title, whether dated, the column that says where."""
    found = sources.rows(
        "SELECT d.dataset, d.title, d.dated, min(c.column_name) AS place FROM meta.datasets d "
        "JOIN meta.columns c USING (dataset) WHERE c.column_name IN ('code_commune', 'siren') "
        "AND EXISTS (SELECT 1 FROM meta.versions v WHERE v.dataset = d.dataset AND v.withdrawn_at IS NULL) "
        "GROUP BY ALL ORDER BY d.dataset"
    )
    return [row for row in found if row["dataset"] not in TOLD]


def _section(commune: Commune, sources: Sources, dataset: Row) -> Section:
    name, title, dated = dataset["dataset"], dataset["title"], dataset["dated"]
    table = f"{name}_as_of(?)" if dated else name
    on = (sources.on,) if dated else ()
    if dated and not sources.rows(f"SELECT 1 FROM {table} LIMIT 1", *on):
        return Section(title, (Line(MISSING, sources.absence(name)),))
    if dataset["place"] == "code_commune":
        rows = sources.of_commune(commune.code, f"SELECT * FROM {table} ORDER BY version_no, row_no", *on)
    else:
        rows = sources.of_commune(commune.code, _OF_GROUPING.format(table=table), *on, sources.year)
    if not rows:
        return Section(title, (Line("Cette commune", "aucune ligne ne la nomme"),))
    columns = sources.rows("SELECT * FROM meta.columns WHERE dataset = ? ORDER BY col_no", name)
    lines = _one(rows[0], columns, sources) if len(rows) == 1 else _several(rows, columns, sources)
    note = sources.validity(rows[0]) if dated and rows[0]["valid_from"] else _UNDATED
    return Section(title, tuple(lines), (note,))


_OF_GROUPING = """SELECT m.code_commune, d.* FROM {table} d JOIN ref.epci_membres m USING (siren)
WHERE m.millesime = (SELECT max(millesime) FROM ref.epci_membres WHERE millesime <= ?) ORDER BY version_no, row_no"""
_UNDATED = "Document sans date d'effet : il ne répond pas du jour de la fiche."


def _one(row: Row, columns: Sequence[Row], sources: Sources) -> Iterator[Line]:
    """A row as lines, one a column that says something."""
    for column in columns:
        name = column["column_name"]
        if name not in _PLACE and row[name] is not None:
            yield Line(_label(column), _shown(row[name], column["unit"]), sources.of(row))


def _several(rows: Sequence[Row], columns: Sequence[Row], sources: Sources) -> Iterator[Line]:
    """Rows as one line each, called by what their key says besides the place."""
    telling = [c for c in columns if c["column_name"] not in _PLACE]
    keys = [c for c in telling if c["in_key"]]
    for rank, row in enumerate(rows[:_MOST_ROWS], start=1):
        said = [_shown(row[c["column_name"]], c["unit"]) for c in keys if row[c["column_name"]] is not None]
        values = [
            f"{_label(c)} : {_shown(row[c['column_name']], c['unit'])}"
            for c in telling
            if c not in keys and row[c["column_name"]] is not None
        ]
        yield Line(", ".join(said) or f"Ligne {rank}", " ; ".join(values) or "nommée", sources.of(row))
    if len(rows) > _MOST_ROWS:
        yield Line("Et", f"{len(rows) - _MOST_ROWS} autres lignes")


def _label(column: Row) -> str:
    """What a column is, as its comment begins; its name where that is long."""
    comment = str(column["comment"]).partition(";")[0].partition(" (")[0].strip().rstrip(".")
    return comment if 0 < len(comment) <= 60 else str(column["column_name"]).replace("_", " ")


def _shown(value: Any, unit: str | None) -> str:
    """A value as it is read in French, with its unit."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | Decimal):
        return euros(value, unit) if unit else number(value)
    if isinstance(value, float):
        return _shown(Decimal(str(value)), unit)
    if isinstance(value, date):
        return day_in_words(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
