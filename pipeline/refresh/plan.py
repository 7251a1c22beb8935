"""What a refresh has to do, decided from fingerprints before anything heavy is loaded.

`publishing` is asked inside `plan`: it needs this module's list of documents.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.refresh import fingerprint
from pipeline.settings import Settings


class UnknownDocumentError(Exception):
    """No folder of raw/ has this name."""


@dataclass(frozen=True)
class Plan:
    """Documents to read (new, changed, or forced), documents that are as they were, and whether to publish."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    publish: bool

    @property
    def nothing(self) -> bool:
        return not self.changed and not self.publish

    @property
    def key(self) -> str:
        """What identifies this plan, for a sensor that must not ask twice."""
        return fingerprint.digest([(name, b"") for name in self.changed] + [("publish", str(self.publish).encode())])


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


def plan(settings: Settings, only: Sequence[str] = (), force: bool = False) -> Plan:
    """The plan for all documents, or for `only` some. Raises UnknownDocumentError for a name that is not in raw/."""
    known = documents(settings)
    for name in only:
        if name not in known:
            raise UnknownDocumentError(f"{name} : aucun dossier raw/{name} ; documents : {', '.join(known) or 'aucun'}")
    changed: list[str] = []
    unchanged: list[str] = []
    for name in only or known:
        outcome = staged_outcome(settings, name)
        same = outcome is not None and outcome.get("fingerprint") == fingerprint.of_document(settings, name)
        (unchanged if same and not force else changed).append(name)
    from pipeline.refresh.publishing import is_current

    return Plan(tuple(changed), tuple(unchanged), bool(changed) or not is_current(settings))


def staged_refusals(settings: Settings, names: Sequence[str]) -> list[str]:
    """What stands refused among documents that did not change: one sentence each."""
    found: list[str] = []
    for name in names:
        outcome = staged_outcome(settings, name) or {}
        if outcome.get("error"):
            found.append(str(outcome["error"]))
        for edition in outcome.get("editions", ()):
            if edition["status"] == "refused":
                reasons = " ; ".join(edition["reasons"])
                found.append(f"{name} : {edition['dataset']} ({edition['edition']}) refusé : {reasons}")
    return found
