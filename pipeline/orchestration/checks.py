"""What each check says of one dataset in one document, and of the lateness of a yearly dataset; first as plain
verdicts, then as Dagster checks.

A finding counts in one check only, chosen by its rule. A check fails for an error that nobody has acknowledged, and for
a warning that the reading before did not have; all else is a count, which the interface plots. Checks are kept per
document: without a partition, one document's error would hide behind the next one's success. None blocks: an edition
refused must hold back neither its neighbours nor the publish.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipeline.contract.findings import SEVERITIES, Finding, Severity, ordered
from pipeline.contract.rules import CHECKS, rule_named
from pipeline.datasets import all_datasets
from pipeline.orchestration.describe import findings_table
from pipeline.orchestration.partitions import DOCUMENTS, of_dataset

if TYPE_CHECKING:
    from pipeline.refresh.state import DocumentOutcome
    from pipeline.refresh.status import DatasetState

READ, LATE, WHOLE = "fichiers_lus", "a_jour", "versions_entieres"

_COUNTED: Mapping[Severity, str] = {"error": "erreurs", "warning": "avertissements", "info": "infos"}
_STATUSES = {
    "accepted": "éditions acceptées",
    "unchanged": "éditions inchangées",
    "refused": "éditions refusées",
    "pending": "éditions en attente",
    "set_aside": "éditions mises de côté",
}
_FATES = {"published": "cellules publiées", "quarantined": "cellules écartées", "ignored": "cellules ignorées"}


@dataclass(frozen=True)
class Verdict:
    """One check: `severity` is that of the worst finding that makes it fail, info when it passes."""

    check: str
    passed: bool
    severity: Severity
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    said: str = ""
    """Why it fails, or what there is to know (French)."""


def verdicts(
    outcome: DocumentOutcome,
    dataset: str,
    acknowledged: Collection[str] = (),
    before: Collection[str] | None = None,
) -> list[Verdict]:
    """The verdict of every check for a dataset that this document feeds. `before` holds the ids of the findings of the
    reading before; None for a first reading, where nothing is new."""
    editions = [e for e in outcome.editions if e.dataset == dataset]
    acts, files = {e.edition for e in editions}, {e.rendition for e in editions}
    grouped: dict[str, list[Finding]] = {check: [] for check in CHECKS}
    for finding in ordered(outcome.findings):
        check = rule_named(finding.rule).check_of(finding.severity) or "lecture"
        of_ledger = check == "bilan"
        if finding.dataset == dataset or (not finding.dataset and (finding.edition in acts or of_ledger)):
            if of_ledger and finding.rendition not in files:
                continue
            grouped[check].append(finding)
    counts: Mapping[str, Mapping[str, int]] = {
        "bilan": _fates(outcome, dataset, files),
        "decision": Counter(_STATUSES[e.status] for e in editions),
    }
    # A refusal stands whether or not a person has looked at it.
    return [
        _verdict(check, found, counts.get(check, {}), () if check == "decision" else acknowledged, before)
        for check, found in grouped.items()
    ]


def read_verdict(findings: Sequence[Finding], acknowledged: Collection[str] = ()) -> Verdict:
    """Whether every file of a document could be used."""
    return _verdict(READ, findings, {}, acknowledged, None)


def late_verdict(state: DatasetState) -> Verdict:
    """Whether a dataset whose acts come each year is as new as its rhythm explains; acts known and not held are a
    count."""
    said = state.detail if state.state != "held" else ""
    severity: Severity = "warning" if state.late else "info"
    return Verdict(LATE, not state.late, severity, said=said)


def _verdict(
    check: str,
    found: Sequence[Finding],
    counts: Mapping[str, int],
    acknowledged: Collection[str],
    before: Collection[str] | None,
) -> Verdict:
    failing = [f for f in found if f.id not in acknowledged and (f.severity == "error" or _is_new(f, before))]
    worst: Severity = next((s for s in SEVERITIES if any(f.severity == s for f in failing)), "info")
    severities = Counter(_COUNTED[f.severity] for f in found)
    counted = {**counts, **{name: severities[name] for name in _COUNTED.values()}}
    said = failing[0].message if failing else ""
    return Verdict(check, not failing, worst, tuple(found), counted, said)


def _is_new(finding: Finding, before: Collection[str] | None) -> bool:
    return finding.severity == "warning" and before is not None and finding.id not in before


def _fates(outcome: DocumentOutcome, dataset: str, files: Collection[str]) -> Mapping[str, int]:
    fates: Counter[str] = Counter()
    for line in outcome.ledger:
        if line.dataset == dataset and line.rendition in files:
            fates[_FATES[line.fate]] += line.cells
    return fates


# As Dagster knows them.


def read_spec(asset: str) -> dg.AssetCheckSpec:
    """The one check of the readings."""
    return _spec(READ, asset, "Chaque fichier du document a été lu.", DOCUMENTS)


def dataset_specs(dataset: str) -> list[dg.AssetCheckSpec]:
    """The checks of one dataset, kept per document."""
    return [_spec(name, dataset, said, of_dataset(dataset)) for name, said in CHECKS.items()]


def whole_spec(asset: str) -> dg.AssetCheckSpec:
    """The check of the published file."""
    said = "Tous les fichiers de version sont entiers ; un fichier altéré n'est pas servi."
    return dg.AssetCheckSpec(WHOLE, asset=asset, description=said)


def late_specs() -> list[dg.AssetCheckSpec]:
    """The freshness of each dataset whose acts come every year. It asks the calendar of the acts, not when a run was:
    reading an old act again makes nothing newer."""
    said = "Aucun acte de l'année n'est attendu depuis plus longtemps que d'habitude sans que personne n'en sache rien."
    return [dg.AssetCheckSpec(LATE, asset=d.name, description=said) for d in all_datasets() if d.rhythm == "yearly"]


def _spec(name: str, asset: str, description: str, partitions: dg.PartitionsDefinition[str]) -> dg.AssetCheckSpec:
    with warnings.catch_warnings():
        # `partitions_def` on a check is in preview; the range of dagster in pyproject.toml is held to this minor.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(name, asset=asset, description=description, partitions_def=partitions)


def results(found: Sequence[Verdict], asset: str) -> Iterator[dg.AssetCheckResult]:
    """Verdicts on an asset, for the step that makes it."""
    for verdict in found:
        yield dg.AssetCheckResult(asset_key=asset, check_name=verdict.check, **_shown(verdict))


def evaluations(found: Sequence[Verdict], asset: str, document: str | None) -> Iterator[dg.AssetCheckEvaluation]:
    """The same, to be recorded outside of a step; `document` is the partition."""
    for verdict in found:
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(asset), check_name=verdict.check, partition=document, **_shown(verdict)
        )


def _shown(verdict: Verdict) -> dict[str, Any]:
    shown: dict[str, Any] = dict(verdict.counts)
    if verdict.findings:
        shown["constats"] = findings_table(verdict.findings)
    return {
        "passed": verdict.passed,
        "severity": dg.AssetCheckSeverity.ERROR if verdict.severity == "error" else dg.AssetCheckSeverity.WARN,
        "description": verdict.said or None,
        "metadata": {name: dg.MetadataValue.int(v) if isinstance(v, int) else v for name, v in shown.items()},
    }
