"""raw/<document>/findings.toml: the findings a person has looked at, and why each stands. Text in, text out.

Reading them for the warehouse is in `refresh.publishing`; the caller writes the file.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

FILE = "findings.toml"
_TITLE = '# Findings a person has looked at, and why they stand. `annexes ack FINDING --reason "…"` adds one.\n'
_FIRST = re.compile(r"(?m)^[ \t]*\[\[[ \t]*finding[ \t]*\]\]")

Entries: TypeAlias = Sequence[Mapping[str, Any]]


class AcknowledgeError(Exception):
    """The file cannot be changed; the French message says why."""


def with_reasons(text: str, reasons: Mapping[str, str]) -> str:
    """The file with these findings (id → reason) added or given another reason, all in the order of their ids.

    The comment above the first finding, and every key of the others, stay. Raises AcknowledgeError for a text that is
    not a findings.toml.
    """
    held = {str(entry["id"]): entry for entry in _entries(text)}
    for finding, reason in reasons.items():
        held[finding] = {**held.get(finding, {}), "id": finding, "reason": reason}
    return _written(text, [held[name] for name in sorted(held)])


def without(text: str, findings: Sequence[str]) -> str:
    """The file without these findings; '' when none is left. Raises AcknowledgeError for one that is not in it."""
    entries = _entries(text)
    known = {str(entry["id"]) for entry in entries}
    for finding in findings:
        if finding not in known:
            raise AcknowledgeError(f"{finding} n'est pas dans {FILE} : rien à défaire")
    left = [entry for entry in entries if str(entry["id"]) not in findings]
    return _written(text, left) if left else ""


def _entries(text: str) -> Entries:
    try:
        loaded = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AcknowledgeError(f"{FILE} illisible : {error}") from error
    entries: list[dict[str, Any]] = loaded.get("finding", [])
    if set(loaded) - {"finding"} or not all(isinstance(e, dict) and {"id", "reason"} <= e.keys() for e in entries):
        raise AcknowledgeError(f"{FILE} : attendu des tables [[finding]] avec id et reason")
    return entries


def _written(text: str, entries: Entries) -> str:
    found = _FIRST.search(text)
    head = text[: found.start()].strip("\n") if found else text.strip("\n")
    blocks = ["\n".join(["[[finding]]", *(f"{k} = {_value(v)}" for k, v in e.items())]) + "\n" for e in entries]
    return "\n".join([(head or _TITLE.rstrip("\n")) + "\n", *blocks])


def _value(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    # A JSON text, number, truth value or list of them is TOML too, but for the delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
