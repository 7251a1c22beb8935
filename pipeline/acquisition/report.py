"""What came of the files at the door, as plain values, and what the last acquisition said, kept for the warehouse:
findings in staged/, texts left out beside the archive. Standard library only: what decides that nothing changed
reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pipeline.contract.findings import Finding
from pipeline.files import OddFileError, read_plain, write_json
from pipeline.settings import Settings

Action = Literal["create", "add", "nothing", "refuse"]


@dataclass(frozen=True)
class Done:
    """What was, or in a rehearsal would be, done with one file. `line` is the whole of it as it is shown (French)."""

    action: Action
    document: str
    name: str
    reason: str
    line: str


@dataclass(frozen=True)
class Excluded:
    """A text left out because it is about persons. Its title, which may name them, is not kept."""

    document: str
    nature: str
    reason: str


def report_path(settings: Settings) -> Path:
    return settings.acquisition / "report.json"


def exclusions_path(settings: Settings) -> Path:
    return settings.raw / "exclusions.json"


Part = Literal["inbox", "feed", "expected"]


def save_findings(settings: Settings, part: Part, found: Iterable[Finding]) -> None:
    """The findings of one part that stand now, in the place of its former ones; those of the other parts stay."""
    held = _read(report_path(settings), {})
    content = {**held, part: [asdict(finding) for finding in found]}
    if content != held:
        write_json(report_path(settings), content)


def findings(settings: Settings, *parts: Part) -> tuple[Finding, ...]:
    """The findings that stand, of these parts or of all; none before the first acquisition."""
    held = _read(report_path(settings), {})
    known = [field.name for field in fields(Finding)]
    found = [item for part in parts or sorted(held) for item in held.get(part, ()) if isinstance(item, dict)]
    return tuple(Finding(**item) for item in found if set(item) <= set(known))


def add_exclusions(settings: Settings, excluded: Iterable[Excluded], now: datetime) -> None:
    """Remember the texts left out, once each."""
    known = {item["document"]: item for item in _read(exclusions_path(settings), [])}
    for text in excluded:
        known.setdefault(text.document, {**asdict(text), "seen": f"{now:%Y-%m-%d}"})
    if len(known) > len(_read(exclusions_path(settings), [])):
        write_json(exclusions_path(settings), [known[name] for name in sorted(known)])


def exclusions(settings: Settings) -> tuple[Excluded, ...]:
    """The texts left out because they are about persons, by identifier."""
    items = [] if problem(settings) else _read(exclusions_path(settings), [])
    return tuple(Excluded(item["document"], item["nature"], item["reason"]) for item in items)


def _read(path: Path, empty: Any) -> Any:
    """What a file of this module holds; `empty` when there is none, or nothing of the kind (`problem` says so)."""
    try:
        held = json.loads(read_plain(path))
    except (OSError, OddFileError, ValueError, RecursionError):
        return empty
    return held if isinstance(held, type(empty)) else empty


def problem(settings: Settings) -> str:
    """Why raw/exclusions.json cannot be read (French), '' when it can or there is none."""
    path = exclusions_path(settings)
    try:
        items = json.loads(read_plain(path))
        if all({"document", "nature", "reason"} <= item.keys() for item in items):
            return ""
        why = "une liste de textes (document, nature, reason) est attendue"
    except FileNotFoundError:
        return ""
    except OddFileError as error:
        why = error.message
    except (OSError, ValueError, RecursionError, TypeError, AttributeError) as error:
        why = f"illisible : {error}"
    return f"raw/{path.name} : {why} ; les textes écartés ne sont pas listés tant qu'il n'est pas rétabli"
