"""raw/reference/ on disk: the dates and years it holds, its rows, the gazetteer of a date, the passage between two.

What a gazetteer answers is in `communes`; EPCI are in `groupings`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import AnnexesError
from pipeline.gazetteer.communes import Commune, Departement, Gazetteer, Region, departement_of

if TYPE_CHECKING:
    import pyarrow

_COMMUNES = re.compile(r"communes_([0-9]{4}-[0-9]{2}-[0-9]{2})\.parquet")
_EPCI = re.compile(r"epci_([0-9]{4})\.parquet")


def snapshot_dates(reference: Path) -> tuple[date, ...]:
    """The dates at which communes are held, in order; empty when the folder holds none."""
    found = (_COMMUNES.fullmatch(path.name) for path in reference.glob("communes_*.parquet"))
    return tuple(sorted(date.fromisoformat(match[1]) for match in found if match))


def epci_years(reference: Path) -> tuple[int, ...]:
    """The years whose EPCI are held, in order."""
    found = (_EPCI.fullmatch(path.name) for path in reference.glob("epci_*.parquet"))
    return tuple(sorted(int(match[1]) for match in found if match))


def read_table(path: Path, columns: list[str] | None = None) -> pyarrow.Table:
    """A file of the reference. Raises OSError when it cannot be read."""
    import pyarrow.parquet as parquet

    return parquet.ParquetFile(path).read(columns=columns)


def read_rows(path: Path, cog_date: date | None = None) -> list[dict[str, Any]]:
    """The rows of a file, or those of one `cog_date`, one dictionary a row."""
    rows: list[dict[str, Any]] = read_table(path).to_pylist()
    # In Python: an Arrow filter by a date imports pandas, which takes longer than all the rest.
    return rows if cog_date is None else [row for row in rows if row["cog_date"] == cog_date]


class ReferenceMissing(AnnexesError, LookupError):  # noqa: N818 - it is the reference that is missing, not an error of the caller
    """The reference holds nothing for this date or year. The message is French, and names what is held."""


@lru_cache(maxsize=8)
def load(reference: Path, on: date) -> Gazetteer:
    """The gazetteer of the newest snapshot of `reference` (raw/reference) that is not after `on`; cached.

    Raises ReferenceMissing, naming the dates held, when `on` is before all of them.
    """
    held = snapshot_dates(reference)
    before = [day for day in held if day <= on]
    if not before:
        known = ", ".join(day.isoformat() for day in held) or "aucune"
        raise ReferenceMissing(f"Pas de référentiel des communes au {on.isoformat()} ; dates détenues : {known}.")
    day = before[-1]
    departements = [
        Departement(row["code"], row["nom"], row["code_region"])
        for row in read_rows(reference / "departements.parquet", day)
    ]
    regions, former = _regions(reference, day)
    region_of = {d.code: d.code_region for d in departements}
    ended = [
        (row["nom"], row["code_commune"]) for row in read_rows(reference / f"noms_anciens_{day.isoformat()}.parquet")
    ]
    places = [_place(row, region_of) for row in read_rows(reference / f"communes_{day.isoformat()}.parquet")]
    return Gazetteer(day, places, departements, regions, ended, partial(_groups, reference, day), former)


def _regions(reference: Path, day: date) -> tuple[list[Region], list[Region]]:
    """The régions of a date, and the former ones that are parts of them: their names are no names of the whole."""
    rows = read_rows(reference / "regions.parquet")
    now = [row for row in rows if row["cog_date"] == day]
    codes = {row["code"] for row in now}
    gone = {row["code"]: row["nom"] for row in rows if row["cog_date"] < day and row["code"] not in codes}
    former = [
        Region(code, nom, devenue=row["code"])
        for code, nom in sorted(gone.items())
        for row in now
        if nom in row["autres_noms"]
    ]
    parts = set(gone.values())
    regions = [Region(r["code"], r["nom"], tuple(n for n in r["autres_noms"] if n not in parts)) for r in now]
    return regions, former


def _groups(reference: Path, day: date) -> Mapping[str, str]:
    """Commune at a snapshot's date → SIREN of the smallest EPCI or EPT that holds its place in the nearest year held.

    Empty when no EPCI are held, or no passage leads from the date to a year that has them.
    """
    years = [year for year in epci_years(reference) if date(year, 1, 1) in snapshot_dates(reference)]
    if not years or not (reference / "passage.parquet").exists():
        return {}
    year = min(years, key=lambda held: (abs(held - day.year), held))
    siren_of: dict[str, str] = {}
    for row in sorted(read_rows(reference / f"epci_{year}.parquet"), key=lambda row: -len(row["membres"])):
        siren_of |= dict.fromkeys(row["membres"], row["siren"])
    held_by = passage(reference, day, date(year, 1, 1))
    return {code: siren_of[now[0]] for code, now in held_by.items() if now[0] in siren_of}


def _place(row: Mapping[str, Any], region_of: Mapping[str, str]) -> Commune:
    departement = departement_of(row["code"])
    return Commune(row["code"], row["nom"], row["type"], row["rattachement"], departement, region_of[departement])


def passage_table(reference: Path, from_date: date, to_date: date) -> pyarrow.Table:
    """The passage as a table (depuis, vers): one row for each pair of codes that share territory, in order.

    Raises ReferenceMissing when either date is no snapshot, naming those that are.
    """
    pairs = _held_by(reference, from_date, to_date).drop_null()
    distinct = pairs.group_by(["depuis", "vers"], use_threads=False).aggregate([])
    return distinct.sort_by([("depuis", "ascending"), ("vers", "ascending")])


@lru_cache(maxsize=8)
def passage(reference: Path, from_date: date, to_date: date) -> Mapping[str, tuple[str, ...]]:
    """Code at `from_date` → codes at `to_date`, in order; cached.

    A commune that merged goes to the one that took it in; one that was split, or let an absorbed one go, gives
    several; read backwards, a commune gives those it is made of. A commune of Mayotte has no code before 31 March
    2011, so is not there. Raises ReferenceMissing when either date is no snapshot, naming those that are.
    """
    table = _held_by(reference, from_date, to_date)
    found: dict[str, set[str]] = {}
    # In Python, though `passage_table` says the same: grouping in Arrow imports pandas, which takes twice as long.
    for old, new in zip(table["depuis"].to_pylist(), table["vers"].to_pylist(), strict=True):
        if old is not None and new is not None:
            found.setdefault(str(old), set()).add(str(new))
    return {code: tuple(sorted(found[code])) for code in sorted(found)}


def _held_by(reference: Path, from_date: date, to_date: date) -> pyarrow.Table:
    """(depuis, vers): for each undivided territory, the commune that holds it at either date, NULL when none does."""
    held = snapshot_dates(reference)
    for day in (from_date, to_date):
        if day not in held:
            known = ", ".join(d.isoformat() for d in held) or "aucune"
            raise ReferenceMissing(f"Pas de table de passage au {day.isoformat()} ; dates détenues : {known}.")
    names = [from_date.isoformat(), to_date.isoformat()]
    return (
        read_table(reference / "passage.parquet", columns=sorted(set(names)))
        .select(names)
        .rename_columns(["depuis", "vers"])
    )
