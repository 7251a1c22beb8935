"""What came of reading a document, as it is staged: plain values, to and from JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pipeline.contract.findings import Finding
from pipeline.contract.quarantine import LedgerLine, Quarantined
from pipeline.settings import Settings

Status = Literal["accepted", "unchanged", "refused", "pending", "set_aside"]
"""`pending`: the reading waits for a person; `set_aside`: a person rejected or withdrew that very reading."""


@dataclass(frozen=True)
class EditionOutcome:
    """One edition of one dataset. `version_no` is that of the version accepted, or of the one that stays."""

    dataset: str
    edition: str
    act: str
    rendition: str
    role: str
    status: Status
    rows: int
    quarantined: int
    findings: Mapping[str, int]
    version_no: int | None = None
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    ends: str = ""
    """The act that this one ends, when that is all it does: it prints no table."""


@dataclass(frozen=True)
class DocumentOutcome:
    """All of a document. `error` says why nothing of it could be read."""

    document: str
    fingerprint: str
    error: str = ""
    editions: tuple[EditionOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    quarantine: tuple[Quarantined, ...] = ()
    ledger: tuple[LedgerLine, ...] = ()
    seconds: float = 0.0
    new_errors: tuple[str, ...] = field(default=())
    """Ids of error findings that the outcome before this one did not have."""

    @property
    def refused(self) -> tuple[str, ...]:
        """One sentence for each thing refused: the document, or an edition."""
        if self.error:
            return (self.error,)
        return tuple(
            f"{self.document} : {e.dataset} ({e.edition}) refusé : {' ; '.join(e.reasons)}"
            for e in self.editions
            if e.status == "refused"
        )


def save(outcome: DocumentOutcome, path: Path) -> None:
    """Write beside and rename: an outcome is whole or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(asdict(outcome), ensure_ascii=False, indent=1), encoding="utf-8")
    beside.replace(path)


def from_json(data: Mapping[str, Any]) -> DocumentOutcome:
    """The outcome as it was saved."""

    def tuples(name: str, make: Any) -> tuple[Any, ...]:
        items: Sequence[Mapping[str, Any]] = data.get(name, ())
        return tuple(make(**item) for item in items)

    editions = tuple(EditionOutcome(**{**e, "reasons": tuple(e["reasons"])}) for e in data["editions"])
    return DocumentOutcome(
        document=data["document"],
        fingerprint=data["fingerprint"],
        error=data["error"],
        editions=editions,
        findings=tuples("findings", Finding),
        quarantine=tuples("quarantine", Quarantined),
        ledger=tuples("ledger", LedgerLine),
        seconds=data["seconds"],
        new_errors=tuple(data["new_errors"]),
    )


def documents(settings: Settings) -> tuple[str, ...]:
    """Ids of the documents of raw/: its folders that hold a document.toml."""
    if not settings.raw.is_dir():
        return ()
    return tuple(sorted(p.parent.name for p in settings.raw.glob("*/document.toml")))


def outcome_path(settings: Settings, document_id: str) -> Path:
    return settings.staged / document_id / "outcome.json"


def staged_outcome(settings: Settings, document_id: str) -> Mapping[str, Any] | None:
    """The last outcome of a document as staged; None when there is none or it is not whole."""
    try:
        loaded = json.loads(outcome_path(settings, document_id).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None
    return loaded if isinstance(loaded, dict) else None
