"""What a build is told besides the version files: documents, acts, findings, quarantine, ledger, reference tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.contract.findings import Finding
from pipeline.contract.quarantine import LedgerLine, Quarantined
from pipeline.documents.model import Document, KnownAct

if TYPE_CHECKING:
    import pyarrow as pa

    from pipeline.warehouse.grids import PrintedGrid


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
    grids: Iterable[PrintedGrid] = ()
    """Tables that no dataset declares, as printed."""
    excluded: Sequence[tuple[str, str, str]] = ()
    """Texts whose tables are not kept: document, nature, reason."""
