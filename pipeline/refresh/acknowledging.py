"""Writing raw/<document>/findings.toml for findings of staged outcomes. The text itself is made in `quality`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.quality import acknowledge as texts
from pipeline.refresh.outcome import documents
from pipeline.refresh.publishing import acknowledged, outcomes
from pipeline.settings import Settings
from pipeline.warehouse.files import write_durably


class UnknownFindingError(Exception):
    """No document read has a finding of this id (French message)."""


def acknowledge(settings: Settings, findings: Sequence[str], reason: str) -> list[Path]:
    """Add the findings, with the reason, to the findings.toml of their documents; the files written.

    Raises UnknownFindingError before anything is written, AcknowledgeError for a file that cannot be read.
    """
    owners = _owners(settings)
    for finding in findings:
        if finding not in owners:
            raise UnknownFindingError(_unknown(finding))
    new = {
        name: texts.with_reasons(_text(settings, name), dict.fromkeys(same, reason))
        for name, same in _by_document(findings, owners).items()
    }
    return [_write(settings, name, text) for name, text in new.items()]


def forget(settings: Settings, findings: Sequence[str]) -> list[Path]:
    """Take the findings out of the findings.toml that has them; the files written.

    Raises UnknownFindingError before anything is written when no file has one of them.
    """
    owners = {f: name for name in documents(settings) for f in _held(settings, name)}
    for finding in findings:
        if finding not in owners:
            raise UnknownFindingError(f"{finding} : dans aucun raw/<document>/{texts.FILE}, rien à défaire")
    new = {name: texts.without(_text(settings, name), same) for name, same in _by_document(findings, owners).items()}
    return [_write(settings, name, text) for name, text in new.items()]


def _owners(settings: Settings) -> dict[str, str]:
    """Finding → the document that has it, as last read."""
    return {finding.id: o.document for o in outcomes(settings) for finding in o.findings}


def _by_document(findings: Sequence[str], owners: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in findings:
        found.setdefault(owners[finding], []).append(finding)
    return found


def _unknown(finding: str) -> str:
    return (
        f"{finding} : aucun document lu n'a cette anomalie ; `annexes findings` donne les identifiants "
        "(un acte non détenu se règle en versant l'acte, pas ici)"
    )


def _held(settings: Settings, document: str) -> list[str]:
    return [a.finding for a in acknowledged(settings, document)]


def _path(settings: Settings, document: str) -> Path:
    return settings.raw / document / texts.FILE


def _text(settings: Settings, document: str) -> str:
    path = _path(settings, document)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _write(settings: Settings, document: str, text: str) -> Path:
    path = _path(settings, document)
    if not text:
        path.unlink(missing_ok=True)
        return path
    write_durably(path, lambda target: _put(target, text))
    return path


def _put(target: Path, text: str) -> None:
    target.write_text(text, encoding="utf-8")
