"""The records of the system of record: versions, withdrawals, and what was known of acts not held. Plain values;
their JSON is in `codec`, their files in `store`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.documents.model import FromBasis, KnownAct, Relation, Role, ToBasis

FORMAT = 2


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

    `version_no` is unique over all datasets and grows with each acceptance. `edition` is the id of the act whose
    table this is; for a `rectifie` relation it may be either act, the edition is that of the act rectified. A record
    of zero rows with relation `abroge` or `annule` is no edition: it only ends the one it names.

    Files beside it: `<no>.parquet` (row_no from 1, then the business columns, in the dataset's order) and
    `<no>.cells.parquet` (see `schemas.CELLS_SCHEMA`).
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


@dataclass(frozen=True)
class KnownActs:
    """The acts known to exist (held or not), as declared from `seen_at` (UTC) on. The first state of a warehouse
    counts from the beginning of time, so that a fresh build answers as one that always knew them."""

    seen_at: datetime
    acts: tuple[KnownAct, ...]
    format: int = FORMAT
