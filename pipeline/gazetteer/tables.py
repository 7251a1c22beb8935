"""The gazetteer as tables, for schema `ref` of the warehouse: Arrow tables and their French comments.

All dates and years of raw/reference/ at once; what serves one date is in `snapshot`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.gazetteer.communes import departement_of
from pipeline.gazetteer.groupings import epci
from pipeline.gazetteer.snapshot import (
    ReferenceMissing,
    epci_years,
    load,
    passage_table,
    read_rows,
    read_table,
    snapshot_dates,
)

if TYPE_CHECKING:
    import pyarrow

# Communes that border Paris, for the ceilings of PLUS housing: three numbers by département. Their legal list was not
# read in the original.
_AROUND_PARIS = {
    "92": (12, 24, 40, 44, 46, 49, 51, 62, 64, 73, 75),
    "93": (1, 6, 45, 48, 55, 61, 66, 70),
    "94": (18, 33, 37, 41, 42, 43, 52, 67, 69, 80),
}
LIMITROPHES_PARIS = tuple(f"{code}{n:03}" for code, numbers in _AROUND_PARIS.items() for n in numbers)

_OF_COMMUNES = ["code", "nom", "type", "rattachement"]
_COG_DATE = "Date du Code officiel géographique"
_COMMUNE = "Code INSEE de la commune, en texte"
_SIREN = "SIREN du groupement (neuf chiffres) ; celui de la commune pour Paris"
_MILLESIME = "Année : composition au 1er janvier"
_PASSAGE = (
    "D'un code de commune à une date à ceux qui tiennent son territoire à une autre : de chaque date détenue à la "
    "suivante et à la plus récente. Plusieurs lignes par code après une scission ou un rétablissement ; se lit aussi "
    "à rebours. Les cessions de parcelles n'y sont pas"
)

COMMENTS: dict[str, tuple[str, dict[str, str]]] = {
    "communes": (
        "Communes, communes déléguées et associées, arrondissements municipaux à chaque date détenue (INSEE)",
        {
            "cog_date": _COG_DATE,
            "code_commune": _COMMUNE + " ; une commune déléguée peut porter celui de la commune qui la contient",
            "nom": "Nom officiel à cette date, article compris",
            "type": "COM commune, COMD déléguée, COMA associée, ARM arrondissement municipal",
            "rattachement": "Code de la commune dont elle est une partie ; NULL pour une commune",
            "code_departement": "Code du département, en texte",
            "code_region": "Code de la région à cette date, en texte",
        },
    ),
    "communes_passage": (
        _PASSAGE,
        {
            "date_depuis": "Date du premier code",
            "code_depuis": _COMMUNE + ", à la première date",
            "date_vers": "Date du second code",
            "code_vers": _COMMUNE + ", à la seconde date",
        },
    ),
    "epci": (
        "EPCI à fiscalité propre par année (DGCL), avec les EPT du Grand Paris et la commune de Paris",
        {
            "millesime": _MILLESIME,
            "siren": _SIREN,
            "nom": "Nom officiel",
            "type": "CA, CC, CU, METRO, MET69 (métropole de Lyon), EPT, COMMUNE (Paris)",
        },
    ),
    "epci_membres": (
        "Communes de chaque groupement, par année ; une commune du Grand Paris est dans la Métropole et dans son EPT",
        {
            "millesime": _MILLESIME,
            "siren": _SIREN,
            "code_commune": _COMMUNE,
            "niveau": "EPCI, EPT, ou COMMUNE pour Paris",
        },
    ),
    "departements": (
        "Départements à chaque date détenue ; Mayotte n'en est pas un avant le 31 mars 2011",
        {
            "cog_date": _COG_DATE,
            "code_departement": "Code du département, en texte",
            "nom": "Nom officiel",
            "code_region": "Code de la région à cette date, en texte",
        },
    ),
    "regions": (
        "Régions à chaque date détenue : celles d'avant 2016, puis les nouvelles",
        {"cog_date": _COG_DATE, "code_region": "Code de la région, en texte", "nom": "Nom officiel à cette date"},
    ),
    "communes_limitrophes_paris": (
        "Les 29 communes limitrophes de Paris. La source légale de la liste n'a pas été lue dans l'original",
        {"code_commune": _COMMUNE, "nom_commune": "Nom officiel"},
    ),
}


def ref_tables(reference: Path) -> dict[str, pyarrow.Table]:
    """The tables of schema `ref`, named and with the columns of COMMENTS, each sorted by its key.

    Dates are DATE, `millesime` is INTEGER, everything else is text. Raises ReferenceMissing when no date is held.
    """
    dates, years = snapshot_dates(reference), epci_years(reference)
    if not dates or not years:
        raise ReferenceMissing(f"Aucun référentiel des communes ou des EPCI dans {reference.name}.")
    departements = read_table(reference / "departements.parquet")
    regions = read_table(reference / "regions.parquet", columns=["cog_date", "code", "nom"])
    communes = _stack([_communes(reference, day) for day in dates])
    return {
        "communes": communes,
        "communes_passage": _stack([_passage(reference, *pair) for pair in _pairs(dates)]),
        "epci": _stack([_epci(reference, year) for year in years]),
        "epci_membres": _stack([_members(reference, year) for year in years]),
        "departements": departements.rename_columns(list(COMMENTS["departements"][1])),
        "regions": regions.rename_columns(list(COMMENTS["regions"][1])),
        "communes_limitrophes_paris": _limitrophes(reference, dates[-1]),
    }


def _stack(parts: Sequence[pyarrow.Table]) -> pyarrow.Table:
    import pyarrow

    return pyarrow.concat_tables(parts).combine_chunks()


def _table(name: str, columns: Sequence[Any]) -> pyarrow.Table:
    """A table of COMMENTS from its columns in order: Arrow arrays, or lists of text."""
    import pyarrow

    arrays = [pyarrow.array(c, pyarrow.string()) if isinstance(c, list) else c for c in columns]
    return pyarrow.table(arrays, names=list(COMMENTS[name][1]))


def _days(day: date, length: int) -> pyarrow.Array[Any]:
    import pyarrow

    return pyarrow.repeat(pyarrow.scalar(day, pyarrow.date32()), length)


def _years(year: int, length: int) -> pyarrow.Array[Any]:
    import pyarrow

    return pyarrow.repeat(pyarrow.scalar(year, pyarrow.int32()), length)


def _communes(reference: Path, day: date) -> pyarrow.Table:
    table = read_table(reference / f"communes_{day.isoformat()}.parquet")
    region_of = {row["code"]: row["code_region"] for row in read_rows(reference / "departements.parquet", day)}
    codes = [departement_of(str(code)) for code in table["code"].to_pylist()]
    regions = [region_of[code] for code in codes]
    return _table("communes", [_days(day, len(table)), *table.select(_OF_COMMUNES).columns, codes, regions])


def _pairs(dates: Sequence[date]) -> list[tuple[date, date]]:
    """From each date to the next, and to the newest."""
    return sorted({*pairwise(dates), *((day, dates[-1]) for day in dates[:-1])})


def _passage(reference: Path, since: date, to: date) -> pyarrow.Table:
    table = passage_table(reference, since, to)
    n = len(table)
    return _table("communes_passage", [_days(since, n), table["depuis"], _days(to, n), table["vers"]])


def _epci(reference: Path, year: int) -> pyarrow.Table:
    table = read_table(reference / f"epci_{year}.parquet", columns=["siren", "nom", "type"])
    return _table("epci", [_years(year, len(table)), *table.columns])


def _members(reference: Path, year: int) -> pyarrow.Table:
    items = [(e, code) for e in epci(reference, year).epci for code in e.membres]
    levels = [e.kind if e.kind in ("EPT", "COMMUNE") else "EPCI" for e, _ in items]
    columns = [_years(year, len(items)), [e.siren for e, _ in items], [code for _, code in items], levels]
    return _table("epci_membres", columns)


def _limitrophes(reference: Path, day: date) -> pyarrow.Table:
    gazetteer = load(reference, day)
    found = [commune for code in LIMITROPHES_PARIS if (commune := gazetteer.commune(code))]
    return _table("communes_limitrophes_paris", [[c.code for c in found], [c.nom for c in found]])
