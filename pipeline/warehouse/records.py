"""The records of the system of record: one JSON a version (its commit), one JSON a withdrawal. Plain values;
reading and writing the files is in `store`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.documents.model import FromBasis, Relation, Role, ToBasis

FORMAT = 1


@dataclass(frozen=True)
class ActRecord:
    """The act as it stood when the version was accepted (None fields: not printed, not known)."""

    id: str
    title: str
    nor: str | None = None
    signed: date | None = None
    published: date | None = None
    url: str | None = None


@dataclass(frozen=True)
class VersionRecord:
    """One accepted reading of one edition. `accepted_at` is UTC; legal dates are plain dates.

    Files beside it: `<no>.parquet` (row_no from 1, then the business columns, in the dataset's order) and
    `<no>.cells.parquet` (see `store.CELLS_SCHEMA`).
    """

    dataset: str
    version_no: int
    edition: str
    document: str
    rendition: str
    role: Role
    accepted_at: datetime
    rows: int
    quarantined: int
    content_sha256: str
    inputs_sha256: str
    act: ActRecord | None = None
    publisher: str = ""
    licence: str = ""
    source_url: str = ""
    valid_from: date | None = None
    valid_from_base: FromBasis = "inconnue"
    valid_to: date | None = None
    valid_to_base: ToBasis = "aucune"
    relation: Relation | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    """File name → sha256."""
    findings: Mapping[str, int] = field(default_factory=dict)
    """Severity → count."""
    format: int = FORMAT


@dataclass(frozen=True)
class Withdrawal:
    """A version taken back: its reading no longer counts for what is known from `withdrawn_at` on."""

    dataset: str
    version_no: int
    withdrawn_at: datetime
    reason: str
    format: int = FORMAT
