"""What a refresh has to do, decided from fingerprints before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.errors import USAGE, AnnexesError
from pipeline.refresh import state
from pipeline.refresh.publish import is_current
from pipeline.refresh.state import documents, staged_outcome
from pipeline.settings import Settings


class UnknownDocumentError(AnnexesError):
    """No folder of raw/ has this name."""

    code = USAGE


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
        return state.digest([(name, b"") for name in self.changed] + [("publish", str(self.publish).encode())])


def plan(settings: Settings, only: Sequence[str] = (), force: bool = False) -> Plan:
    """The plan for all documents, or for `only` some. Raises UnknownDocumentError for a name that is not in raw/."""
    known = documents(settings)
    for name in only:
        if name not in known:
            raise UnknownDocumentError(f"{name} : aucun dossier raw/{name} ; documents : {', '.join(known) or 'aucun'}")
    changed: list[str] = []
    unchanged: list[str] = []
    for name in only or known:
        same = state.is_staged(settings, name)
        (unchanged if same and not force else changed).append(name)
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
