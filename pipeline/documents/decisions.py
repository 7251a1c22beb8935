"""What people decide beside a document: corrections.toml (a printed text that no rule can settle) and findings.toml
(the findings a person has looked at, and why each stands). Checked key by key; text in, text out.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import tomlkit
from annotated_types import Ge, MinLen
from pydantic import StringConstraints, TypeAdapter, ValidationError
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Table

from pipeline.documents.comments import with_comments
from pipeline.documents.model import CLOSED, DocumentError
from pipeline.errors import AnnexesError
from pipeline.files import OddFileError, read_toml

CORRECTIONS_FILE = "corrections.toml"
QUESTIONS_FILE = "questions.toml"
Status = Literal["proposed", "applied", "confirmed_by_publisher"]
_APPLIED: frozenset[Status] = frozenset({"applied", "confirmed_by_publisher"})
_BY_HAND = {**CLOSED, "str_strip_whitespace": True}
Text = Annotated[str, MinLen(1)]
FromOne = Annotated[int, Ge(1)]


@dataclass(frozen=True)
class Where:
    """The place a rule holds for: every field that is set must agree. All unset: the whole document.

    `line` and `page` count from 1, in the published document; `column` is a column's header label, or its number from
    1; `headings` is a text that the headings path above must hold.
    """

    __pydantic_config__: ClassVar = _BY_HAND

    line: FromOne | None = None
    page: FromOne | None = None
    column: int | str | None = None
    headings: str | None = None


@dataclass(frozen=True)
class Correction:
    """One decision: the text `printed` at `where`, a whole cell or a whole name of an enumeration, `should_be` another.

    `expect` is its guard: how many places must print that text there, no more and no less.
    """

    __pydantic_config__: ClassVar = _BY_HAND

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    printed: Text
    should_be: Text
    reason: Text
    status: Status
    where: Where = Where()
    expect: FromOne = 1

    @property
    def is_applied(self) -> bool:
        """A proposal is guarded and shown, and changes nothing."""
        return self.status in _APPLIED


@dataclass(frozen=True)
class Question:
    """What a person asks of the authority, having read the original: the words `printed` at `line`, and why."""

    __pydantic_config__: ClassVar = _BY_HAND

    act: str
    line: FromOne
    printed: Text
    why: Text
    expected: str = ""

    @property
    def id(self) -> str:
        """Twelve characters, the same from one letter to the next whatever the line is."""
        return hashlib.sha256("\x1f".join(("question", self.act, self.printed)).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class _Questions:
    """questions.toml."""

    __pydantic_config__: ClassVar = _BY_HAND

    question: tuple[Question, ...] = ()


@cache
def _questions() -> TypeAdapter[_Questions]:
    return TypeAdapter(_Questions)


@dataclass(frozen=True)
class _Corrections:
    """corrections.toml."""

    __pydantic_config__: ClassVar = _BY_HAND

    correction: tuple[Correction, ...] = ()


@cache
def _corrections() -> TypeAdapter[_Corrections]:
    return TypeAdapter(_Corrections)


_REASONS = {
    "unexpected_keyword_argument": "clé inconnue",
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
    if not os.path.lexists(path):
        return ()
    try:
        rules = _corrections().validate_python(_load(path, folder.name)).correction
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"])
        raise DocumentError(folder.name, f"{CORRECTIONS_FILE}, {place}", reason, "corriger la règle") from error
    _check(rules, folder.name)
    return rules


def _load(path: Path, document: str) -> Mapping[str, Any]:
    try:
        return read_toml(path)
    except (OddFileError, OSError) as error:
        raise DocumentError(document, path.name, str(error)) from error


def read_questions(folder: Path) -> tuple[Question, ...]:
    """The questions of `folder`/questions.toml, in file order; none without that file. Raises DocumentError."""
    path = folder / QUESTIONS_FILE
    if not os.path.lexists(path):
        return ()
    try:
        return _questions().validate_python(_load(path, folder.name)).question
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        reason = _REASONS.get(first["type"], first["msg"])
        raise DocumentError(folder.name, f"{QUESTIONS_FILE}, {place}", reason, "corriger la question") from error


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
_TITLE = 'Findings a person has looked at, and why they stand. `annexes ack FINDING --reason "…"` adds one.'


class AcknowledgeError(AnnexesError):
    """The file cannot be changed; the French message says why."""


def with_reasons(text: str, reasons: Mapping[str, str]) -> str:
    """The file with these findings (id → reason) added or given another reason, each new one before the first of a
    later id. Comments stay, those right above a finding with it, and so does every key of the others. Raises
    AcknowledgeError for a text that is not a findings.toml.
    """
    whole, entries = _entries(text)
    if not text.strip():
        whole.add(tomlkit.comment(_TITLE))
        whole.add(tomlkit.nl())
    for finding, reason in reasons.items():
        held = [str(entry["id"]) for entry in entries]
        if finding in held:
            entries[held.index(finding)]["reason"] = reason
        else:
            entries.insert(sum(each < finding for each in held), _entry(finding, reason))
    if "finding" not in whole:
        whole["finding"] = entries
    return tomlkit.dumps(whole)


def without_reason(text: str, findings: Sequence[str]) -> str:
    """The file without these findings; '' when none is left. Raises AcknowledgeError for one that is not in it."""
    whole, entries = _entries(text)
    for finding in findings:
        held = [str(entry["id"]) for entry in entries]
        if finding not in held:
            raise AcknowledgeError(f"{finding} n'est pas dans {FINDINGS_FILE} : rien à défaire")
        del entries[held.index(finding)]
    return tomlkit.dumps(whole) if len(entries) else ""


def _entries(text: str) -> tuple[tomlkit.TOMLDocument, AoT]:
    """The file and its findings, each with the comments right above it, to be changed in place."""
    try:
        whole = tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise AcknowledgeError(f"{FINDINGS_FILE} illisible : {error}") from error
    entries = whole.get("finding", AoT([]))
    known = isinstance(entries, AoT) and all({"id", "reason"} <= entry.keys() for entry in entries)
    if set(whole) - {"finding"} or not known:
        raise AcknowledgeError(f"{FINDINGS_FILE} : attendu des tables [[finding]] avec id et reason")
    return whole, with_comments(whole, "finding") if "finding" in whole else entries


def _entry(finding: str, reason: str) -> Table:
    table = tomlkit.table()
    table["id"] = finding
    table["reason"] = reason
    table.add(tomlkit.nl())
    return table
