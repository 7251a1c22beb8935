"""What a build is told besides the version files: documents, acts, findings, quarantine, ledger, reference tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.cleaning.labels import fold
from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.documents.model import Document, KnownAct

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.extract.model import Grid

WIDEST = 200
"""Columns past which a grid is no table a person would query; it is listed and has no table."""


@dataclass(frozen=True)
class ReferenceTable:
    """One table of the schema ref: its rows, what it is, and what each of its columns is (French)."""

    rows: pa.Table
    comment: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Acknowledged:
    """A finding a person has looked at, and why it stands (raw/<document>/findings.toml)."""

    finding: str
    reason: str


@dataclass(frozen=True)
class PrintedGrid:
    """One grid of a document: `number` is its rank there, from 1."""

    document: str
    rendition: str
    number: int
    grid: Grid

    @property
    def table(self) -> str | None:
        """The table's name in its schema; None for a grid too wide for one, or of persons, whatever its text is."""
        if not 0 < self.grid.n_cols <= WIDEST or self.names_persons:
            return None
        safe = "".join(c if c.isascii() and c.isalnum() else "_" for c in self.document.lower())
        return f"{safe}_{self.number}"

    @property
    def names_persons(self) -> bool:
        """Whether a column is one of first names, by its header or, unmarked, by its first row."""
        first = (cell.text if (cell := self.grid.at(0, col)) else "" for col in range(self.grid.n_cols))
        return any("prenom" in fold(label) for label in (*self.grid.headers, *first))


@dataclass(frozen=True)
class Catalogue:
    """Plain values, all of the present moment; what was known when is in the store."""

    documents: tuple[Document, ...] = ()
    known_acts: tuple[KnownAct, ...] = ()
    findings: tuple[Finding, ...] = ()
    acknowledged: tuple[Acknowledged, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    reference: Mapping[str, ReferenceTable] = field(default_factory=dict)
    """By name inside the schema ref."""
    reference_mark: str = ""
    """What tells these reference tables from others; '' when nothing does."""
    grids: Iterable[PrintedGrid] = ()
    """Tables that no dataset declares, as printed."""
    excluded: Sequence[tuple[str, str, str]] = ()
    """Texts whose tables are not kept: document, nature, reason."""
