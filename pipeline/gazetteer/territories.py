"""From the code of a commune at one date to the codes of those that hold its territory at another.

The sources know whole communes: a parcel that changed sides without a commune being made or ended is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.gazetteer.files import read_table, snapshot_dates
from pipeline.gazetteer.model import ReferenceMissing

if TYPE_CHECKING:
    import pyarrow


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
