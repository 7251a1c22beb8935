"""Golden files: whole tables as CSV, so that a change of behaviour is a visible diff.

`ANNEXES_UPDATE_GOLDEN=1 make test` writes them anew; read the diff before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.drafting.writing import as_csv

FOLDER = Path(__file__).resolve().parent / "golden"


def names() -> list[str]:
    """The golden files there are."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def check(name: str, rows: Sequence[Mapping[str, object]]) -> None:
    """The rows are those of tests/golden/<name>.csv."""
    check_one_of(name, [rows])


def check_one_of(name: str, editions: Sequence[Sequence[Mapping[str, object]]]) -> None:
    """The rows of one of these editions are those of tests/golden/<name>.csv; the first one is shown where none is."""
    path = FOLDER / f"{name}.csv"
    texts = [as_csv(rows) for rows in editions]
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    text = held if held in texts else texts[0]
    if os.environ.get("ANNEXES_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
