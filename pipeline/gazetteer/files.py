"""Reading raw/reference/: which dates and years it holds, and the rows of a file. Nothing here interprets them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
