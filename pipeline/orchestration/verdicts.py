"""What each check says of one dataset in one document, from the staged outcome. Plain values; no Dagster here.

A finding counts in one check only, chosen by its rule; acknowledged findings are listed but fail nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.contract.findings import SEVERITIES, Finding, Severity, ordered

if TYPE_CHECKING:
    from pipeline.refresh.state import DocumentOutcome

CHECKS: Mapping[str, str] = {
    "read": "Tout ce que l'acte doit porter a été trouvé et lu.",
    "schema": "Chaque valeur imprimée a été comprise et respecte la règle de sa colonne ; sinon la ligne est écartée.",
    "ledger": "Chaque cellule imprimée a un destin et un seul : publiée, écartée ou ignorée pour un motif déclaré.",
    "keys": "Aucune clé ne désigne deux lignes.",
    "agreement": "Les fichiers du même document disent la même chose.",
    "totals": "Les contrôles propres au jeu de données (sommes, constances, références) sont respectés.",
    "accepted": "L'édition est acceptée ; refusée ou en attente, la version publiée auparavant reste.",
}
_LEDGER = frozenset({"cellule_sans_destin", "cellule_a_deux_destins"})
_KEYS = frozenset({"cle_en_double", "ligne_repetee"})
_DECISION = frozenset({"edition_refusee", "version_en_attente", "lecture_ecartee"})
_WITNESS = "temoin"


@dataclass(frozen=True)
class Verdict:
    """One check of one dataset: `severity` is that of the worst finding that is not acknowledged."""

    check: str
    passed: bool
    severity: Severity
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def worst(findings: Sequence[Finding], acknowledged: Collection[str] = ()) -> Severity:
    """The highest severity among those not acknowledged; info for none."""
    open_ = {f.severity for f in findings if f.id not in acknowledged}
    return next((s for s in SEVERITIES if s in open_), "info")


def verdicts(outcome: DocumentOutcome, dataset: str, acknowledged: Collection[str] = ()) -> list[Verdict]:
    """The verdict of every check for a dataset that this document feeds."""
    editions = [e for e in outcome.editions if e.dataset == dataset]
    acts, files = {e.edition for e in editions}, {e.rendition for e in editions}
    quarantined = {q.rule for q in outcome.quarantine if q.dataset == dataset}
    grouped: dict[str, list[Finding]] = {check: [] for check in CHECKS}
    for finding in ordered(outcome.findings):
        if finding.dataset == dataset or (not finding.dataset and (finding.edition in acts or finding.rule in _LEDGER)):
            if finding.rule in _LEDGER and finding.rendition not in files:
                continue
            grouped[_check_of(finding, quarantined)].append(finding)
    counts: Mapping[str, Mapping[str, int]] = {
        "ledger": _fates(outcome, dataset, files),
        "accepted": Counter(e.status for e in editions),
    }
    return [_verdict(check, found, counts.get(check, {}), acknowledged) for check, found in grouped.items()]


def _verdict(check: str, found: Sequence[Finding], counts: Mapping[str, int], acknowledged: Collection[str]) -> Verdict:
    # A refusal stands whether or not a person has looked at it.
    severity = worst(found, () if check == "accepted" else acknowledged)
    return Verdict(check, severity == "info", severity, tuple(found), counts)


def _check_of(finding: Finding, quarantined: Collection[str]) -> str:
    rule = finding.rule
    if rule in _LEDGER:
        return "ledger"
    if rule in _DECISION:
        return "accepted"
    if rule.startswith(_WITNESS):
        return "agreement"
    if rule in _KEYS:
        return "keys"
    if not finding.dataset or rule == "edition_illisible":
        return "read"
    return "schema" if rule in quarantined else "totals"


def _fates(outcome: DocumentOutcome, dataset: str, files: Collection[str]) -> Mapping[str, int]:
    fates: Counter[str] = Counter()
    for line in outcome.ledger:
        if line.dataset == dataset and line.rendition in files:
            fates[line.fate] += line.cells
    return fates
