"""What each check says of one dataset in one document, from the staged outcome. Plain values; no Dagster here.

A finding counts in one check only, that of its rule (`contract.rules`); acknowledged ones are listed but fail nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.contract.findings import SEVERITIES, Finding, Severity, ordered
from pipeline.contract.rules import CHECKS, rule_named

if TYPE_CHECKING:
    from pipeline.refresh.state import DocumentOutcome


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
    grouped: dict[str, list[Finding]] = {check: [] for check in CHECKS}
    for finding in ordered(outcome.findings):
        check = rule_named(finding.rule).check_of(finding.severity) or "read"
        of_ledger = check == "ledger"
        if finding.dataset == dataset or (not finding.dataset and (finding.edition in acts or of_ledger)):
            if of_ledger and finding.rendition not in files:
                continue
            grouped[check].append(finding)
    counts: Mapping[str, Mapping[str, int]] = {
        "ledger": _fates(outcome, dataset, files),
        "accepted": Counter(e.status for e in editions),
    }
    return [_verdict(check, found, counts.get(check, {}), acknowledged) for check, found in grouped.items()]


def _verdict(check: str, found: Sequence[Finding], counts: Mapping[str, int], acknowledged: Collection[str]) -> Verdict:
    # A refusal stands whether or not a person has looked at it.
    severity = worst(found, () if check == "accepted" else acknowledged)
    return Verdict(check, severity == "info", severity, tuple(found), counts)


def _fates(outcome: DocumentOutcome, dataset: str, files: Collection[str]) -> Mapping[str, int]:
    fates: Counter[str] = Counter()
    for line in outcome.ledger:
        if line.dataset == dataset and line.rendition in files:
            fates[line.fate] += line.cells
    return fates
