"""Findings: observations with an identity that outlives the line, the version and the run they were made in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from pipeline.published import DatasetName, DocumentId, EditionId, Published, Words

Severity = Literal["info", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
SEVERITY_WORDS: Words = (("error", "erreur"), ("warning", "avertissement"))
"""As the published file says it; info is the same."""


@dataclass(frozen=True)
class Finding:
    """`info`: read and mended. `warning`: published, a person should look. `error`: something printed is not published.

    `subject` is what identifies it inside (rule, document, edition): a key or the printed text; never a line number.
    `place` is where to look ("ligne 12", "p. 3"), `printed` what is there, `expected` what another source says.
    """

    rule: Annotated[str, Published("Règle.")]
    severity: Annotated[
        Severity,
        Published(
            "info : lu et réparé ; avertissement : publié, à regarder ; erreur : imprimé et non publié.",
            words=SEVERITY_WORDS,
        ),
    ]
    document: DocumentId
    message: Annotated[str, Published("Ce qui est constaté.")]
    subject: Annotated[str, Published("Clé ou texte imprimé qui l'identifie.")] = ""
    dataset: DatasetName = ""
    edition: EditionId = ""
    place: Annotated[str, Published("Où regarder.")] = ""
    printed: Annotated[str, Published("Ce qui est imprimé.")] = ""
    expected: Annotated[str, Published("Ce que dit une autre source.")] = ""
    rendition: Annotated[str, Published("Fichier.")] = ""

    @property
    def id(self) -> str:
        parts = (self.rule, self.document, self.dataset, self.edition, self.subject)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Most severe first, then by rule and subject; one of each id (the first met is kept)."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        kept.setdefault(finding.id, finding)
    return sorted(kept.values(), key=lambda f: (SEVERITIES.index(f.severity), f.document, f.dataset, f.rule, f.subject))
