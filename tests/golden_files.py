"""Golden files: whole tables as CSV, so that a change of behaviour is a visible diff.

`ANNEXES_UPDATE_GOLDEN=1 make test` writes them anew; read the diff before you commit it.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "golden"


def names() -> list[str]:
    """The golden files there are."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def as_csv(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows with the keys of the first as header; None is empty, sequences are joined by '|'."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(rows[0].keys())
    for row in rows:
        writer.writerow(["|".join(map(str, v)) if isinstance(v, list | tuple) else v for v in row.values()])
    return buffer.getvalue()


def check(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """The rows are those of tests/golden/<name>.csv."""
    path = FOLDER / f"{name}.csv"
    text = as_csv(rows)
    if os.environ.get("ANNEXES_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
