"""From the code of a commune at one date to the codes of those that hold its territory at another.

The sources know whole communes: a parcel that changed sides without a commune being made or ended is not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from pipeline.gazetteer.files import read_table, snapshot_dates
from pipeline.gazetteer.model import ReferenceMissing


@lru_cache(maxsize=8)
def passage(reference: Path, from_date: date, to_date: date) -> Mapping[str, tuple[str, ...]]:
    """Code at `from_date` → codes at `to_date`, in order; every commune of `from_date` is there.

    A commune that merged goes to the one that took it in; one that was split, or let an absorbed one go, gives
    several; read backwards, a commune gives those it is made of. Mayotte has no commune before 31 March 2011: then
    its communes give (). Raises ReferenceMissing when either date is no snapshot.
    """
    held = snapshot_dates(reference)
    for day in (from_date, to_date):
        if day not in held:
            known = ", ".join(d.isoformat() for d in held) or "aucune"
            raise ReferenceMissing(f"Pas de table de passage au {day.isoformat()} ; dates détenues : {known}.")
    names = [from_date.isoformat(), to_date.isoformat()]
    table = read_table(reference / "passage.parquet", columns=sorted(set(names)))
    found: dict[str, set[str]] = {}
    for old, new in zip(table[names[0]].to_pylist(), table[names[1]].to_pylist(), strict=True):
        if old is not None:
            found.setdefault(old, set()).update(() if new is None else (new,))
    return {code: tuple(sorted(found[code])) for code in sorted(found)}
