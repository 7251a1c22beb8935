"""What a refresh has to do, decided from fingerprints before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import USAGE, AnnexesError
from pipeline.files import read_sealed
from pipeline.known_hashes import KnownHashes
from pipeline.refresh import state
from pipeline.refresh.publish import is_current
from pipeline.refresh.state import documents, staged_outcome
from pipeline.settings import Settings


class UnknownDocumentError(AnnexesError):
    """No folder of raw/ has this name."""

    code = USAGE


@dataclass(frozen=True)
class Plan:
    """Documents to read (new, changed, or forced), documents that are as they were, and whether to publish. `again`: on
    demand, files are extracted even where their readings are kept, and the whole file is built."""

    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    publish: bool
    again: bool = False
    refused: tuple[str, ...] = ()
    """What stands refused among the documents that are as they were: one sentence each."""

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
    for name in sorted(set(only) - set(known)):
        raise UnknownDocumentError(f"{name} : aucun dossier raw/{name} ; documents : {', '.join(known) or 'aucun'}")
    if force and (only or known):
        return Plan(tuple(only or known), (), publish=True, again=True)
    hashes = state.known_hashes(settings)
    changed: list[str] = []
    unchanged: list[str] = []
    refused: list[str] = []
    for name in only or known:
        staged, sentences, whole = _outcome(settings, hashes, name)
        same = staged and staged == state.document_fingerprint(settings, name, hashes.of)
        if same and (whole or _readings_stand(settings, hashes, name)):
            unchanged.append(name)
            refused += sentences
        else:
            changed.append(name)
    publish = bool(changed) or not is_current(settings, hashes.of)
    if not only and not changed:
        hashes.keep()
    return Plan(tuple(changed), tuple(unchanged), publish, refused=tuple(refused))


def staged_refusals(settings: Settings, names: Sequence[str]) -> list[str]:
    """What stands refused of these documents: one sentence each."""
    hashes = state.known_hashes(settings)
    return [sentence for name in names for sentence in _outcome(settings, hashes, name)[1]]


def _outcome(settings: Settings, hashes: KnownHashes, name: str) -> tuple[str, list[str], bool]:
    """Of the last outcome of a document as staged: its fingerprint ('' when there is none), what it refuses, and
    whether that is all of the document, which then has no readings."""
    path = state.outcome_path(settings, name)
    try:
        found = hashes.said(path, lambda _: _told(name, staged_outcome(settings, name) or {}))
    except OSError:
        found = None
    return (found[0], found[1], found[2]) if found else ("", [], False)


def _told(name: str, outcome: Mapping[str, Any]) -> list[Any]:
    refused = [str(outcome["error"])] if outcome.get("error") else []
    for edition in outcome.get("editions", ()):
        if edition["status"] == "refused":
            reasons = " ; ".join(edition["reasons"])
            refused.append(f"{name} : {edition['dataset']} ({edition['edition']}) refusé : {reasons}")
    return [str(outcome.get("fingerprint", "")), refused, bool(outcome.get("error"))]


def _readings_stand(settings: Settings, hashes: KnownHashes, name: str) -> bool:
    """Whether the readings staged of a document are, to the bit, what was written."""
    folder = state.readings_folder(settings, name)
    try:
        noted = hashes.said(folder / state.READINGS_STATE, lambda path: dict((read_sealed(path) or {}).get("seen", {})))
        if noted and all(_untouched(folder / f"{file}.parquet", seen) for file, seen in noted.items()):
            return True
    except OSError:
        return False
    return state.whole_readings(state.readings_folder(settings, name)) is not None


def _untouched(path: Path, seen: Sequence[Any]) -> bool:
    there = path.stat()
    return [there.st_size, there.st_mtime_ns] == list(seen[1:])
