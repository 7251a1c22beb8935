"""What people decide beside a document: corrections.toml (a printed text that no rule can settle), findings.toml (the
findings a person has looked at, and why each stands), questions.toml (what a person asks of the authority). Checked key
by key; text in, text out.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.documents.model import DocumentError
from pipeline.errors import AnnexesError

CORRECTIONS_FILE = "corrections.toml"
QUESTIONS_FILE = "questions.toml"
Status = Literal["proposed", "applied", "confirmed_by_publisher"]
_APPLIED: frozenset[Status] = frozenset({"applied", "confirmed_by_publisher"})


@dataclass(frozen=True)
class Where:
    """The place a rule holds for: every field that is set must agree. All unset: the whole document.

    `line` and `page` count from 1, in the published document; `column` is a column's header label, or its number from
    1; `headings` is a text that the headings path above must hold.
    """

    line: int | None = None
    page: int | None = None
    column: str | int | None = None
    headings: str | None = None


@dataclass(frozen=True)
class Correction:
    """One decision: the text `printed` at `where`, a whole cell or a whole name of an enumeration, `should_be` another.

    `expect` is its guard: how many places must print that text there, no more and no less.
    """

    id: str
    printed: str
    should_be: str
    reason: str
    status: Status
    where: Where = Where()
    expect: int = 1

    @property
    def is_applied(self) -> bool:
        """A proposal is guarded and shown, and changes nothing."""
        return self.status in _APPLIED


@dataclass(frozen=True)
class Question:
    """What a person asks of the authority, having read the original: the words `printed` at `line`, and why."""

    act: str
    line: int
    printed: str
    why: str
    expected: str = ""

    @property
    def id(self) -> str:
        """Twelve characters, the same from one letter to the next whatever the line is."""
        return hashlib.sha256("\x1f".join(("question", self.act, self.printed)).encode()).hexdigest()[:12]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _Question(_Strict):
    act: str
    line: int = Field(ge=1)
    printed: str = Field(min_length=1)
    why: str = Field(min_length=1)
    expected: str = ""


class _Questions(_Strict):
    question: list[_Question] = Field(default_factory=list)


class _Where(_Strict):
    line: int | None = Field(default=None, ge=1)
    page: int | None = Field(default=None, ge=1)
    column: int | str | None = None
    headings: str | None = None


class _Correction(_Strict):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    printed: str = Field(min_length=1)
    should_be: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    status: Status
    where: _Where = _Where()
    expect: int = Field(default=1, ge=1)


class _Corrections(_Strict):
    correction: list[_Correction] = Field(default_factory=list)


_REASONS = {
    "extra_forbidden": "clé inconnue",
    "missing": "clé obligatoire absente",
    "string_pattern_mismatch": "identifiant attendu en minuscules, chiffres et tirets",
    "string_too_short": "texte vide",
    "literal_error": "statut inconnu ; attendu : proposed, applied ou confirmed_by_publisher",
    "greater_than_equal": "nombre à partir de 1 attendu",
}


def read_corrections(folder: Path) -> tuple[Correction, ...]:
    """The rules of `folder`/corrections.toml, in file order; none when there is no such file.

    Raises DocumentError for TOML that cannot be read, an unknown or missing key, a value out of range, an id used
    twice, a rule that changes nothing.
    """
    path = folder / CORRECTIONS_FILE
    if not path.is_file():
        return ()
    try:
        declared = _Corrections.model_validate(_load(path, folder.name))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"])
        raise DocumentError(folder.name, f"{CORRECTIONS_FILE}, {place}", reason, "corriger la règle") from error
    rules = tuple(_correction(item) for item in declared.correction)
    _check(rules, folder.name)
    return rules


def _load(path: Path, document: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise DocumentError(document, path.name, f"octet {error.start} illisible en UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(document, path.name, f"TOML illisible : {error}") from error


def read_questions(folder: Path) -> tuple[Question, ...]:
    """The questions of `folder`/questions.toml, in file order; none without that file. Raises DocumentError."""
    path = folder / QUESTIONS_FILE
    if not path.is_file():
        return ()
    try:
        declared = _Questions.model_validate(_load(path, folder.name))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"])
        raise DocumentError(folder.name, f"{QUESTIONS_FILE}, {place}", reason, "corriger la question") from error
    return tuple(Question(**item.model_dump()) for item in declared.question)


def _correction(item: _Correction) -> Correction:
    return Correction(**{**item.model_dump(exclude={"where"}), "where": Where(**item.where.model_dump())})


def _check(rules: tuple[Correction, ...], document: str) -> None:
    for rule_id, uses in Counter(rule.id for rule in rules).items():
        if uses > 1:
            raise DocumentError(
                document, f"{CORRECTIONS_FILE}, {rule_id}", "identifiant employé deux fois", "en donner un autre"
            )
    for rule in rules:
        if rule.printed == rule.should_be:
            raise DocumentError(document, f"{CORRECTIONS_FILE}, {rule.id}", "la règle ne change rien", "la retirer")


FINDINGS_FILE = "findings.toml"
_TITLE = '# Findings a person has looked at, and why they stand. `annexes ack FINDING --reason "…"` adds one.\n'
_FIRST = re.compile(r"(?m)^[ \t]*\[\[[ \t]*finding[ \t]*\]\]")

Entries: TypeAlias = Sequence[Mapping[str, Any]]


class AcknowledgeError(AnnexesError):
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


def without_reason(text: str, findings: Sequence[str]) -> str:
    """The file without these findings; '' when none is left. Raises AcknowledgeError for one that is not in it."""
    entries = _entries(text)
    known = {str(entry["id"]) for entry in entries}
    for finding in findings:
        if finding not in known:
            raise AcknowledgeError(f"{finding} n'est pas dans {FINDINGS_FILE} : rien à défaire")
    left = [entry for entry in entries if str(entry["id"]) not in findings]
    return _written(text, left) if left else ""


def _entries(text: str) -> Entries:
    try:
        loaded = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AcknowledgeError(f"{FINDINGS_FILE} illisible : {error}") from error
    entries: list[dict[str, Any]] = loaded.get("finding", [])
    if set(loaded) - {"finding"} or not all(isinstance(e, dict) and {"id", "reason"} <= e.keys() for e in entries):
        raise AcknowledgeError(f"{FINDINGS_FILE} : attendu des tables [[finding]] avec id et reason")
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
