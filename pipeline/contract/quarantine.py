"""Quarantined rows and ledger lines, as they are staged and published. Plain values; the sums are in `ledger`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Fate = Literal["published", "quarantined", "ignored"]


@dataclass(frozen=True)
class Quarantined:
    """One refused row or piece: the raw printed text, the rule that refused it, where, and why (French)."""

    document: str
    dataset: str
    edition: str
    rendition: str
    rule: str
    reason: str
    raw: str
    place: str
    column: str = ""
    line: int | None = None
    page: int | None = None

    @property
    def id(self) -> str:
        parts = (self.rule, self.document, self.dataset, self.edition, self.raw)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class LedgerLine:
    """How many printed cells of a rendition met one fate, for one reason ('' when published)."""

    document: str
    rendition: str
    dataset: str
    edition: str
    fate: Fate
    reason: str
    cells: int
