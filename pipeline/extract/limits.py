"""Bounds that keep a hostile file from taking the machine, and the bounded list of repairs.

The bounds are far above anything the Journal officiel prints; nothing here reads a file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from pipeline.extract.model import Repair, Source


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading. `unpacked_bytes`, `tree_bytes`, `package_parts` and those of sheets are of an office
    document; `span_work` counts grid positions that spans make the reader visit, in one document."""

    file_bytes: int = 1 << 29
    depth: int = 500
    nested_tables: int = 32
    table_cells: int = 5_000_000
    col_span: int = 1000
    row_span: int = 65_534
    span_work: int = 10_000_000
    blocks: int = 300_000
    repairs_per_kind: int = 1000
    unpacked_bytes: int = 1 << 30
    tree_bytes: int = 1 << 28
    package_parts: int = 10_000
    book_texts: int = 5_000_000
    sheet_cells: int = 5_000_000


class RepairLog:
    """Repairs in the order they are made; past the bound of a kind they are only counted."""

    def __init__(self, per_kind: int) -> None:
        self._per_kind = per_kind
        self._seen: Counter[str] = Counter()
        self._kept: list[Repair] = []

    def add(self, kind: str, source: Source, before: str = "", after: str = "") -> None:
        self._seen[kind] += 1
        if self._seen[kind] <= self._per_kind:
            self._kept.append(Repair(kind, source, before[:200], after[:200]))

    def drain(self) -> list[Repair]:
        """Repairs since the last call."""
        kept, self._kept = self._kept, []
        return kept

    def rest(self) -> list[Repair]:
        """One repair for each kind that went past the bound, `before` saying how many more there were."""
        return [
            Repair(kind, Source(), f"{seen - self._per_kind} autres réparations de même nature")
            for kind, seen in self._seen.items()
            if seen > self._per_kind
        ]
