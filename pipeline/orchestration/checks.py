"""Verdicts as Dagster checks, kept per document: without a partition on the check, one document's error would hide
behind the next one's success. None blocks: an edition refused must hold back neither its neighbours nor the publish.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, PreviewWarning

from pipeline.contract.findings import Finding, Severity
from pipeline.orchestration.describe import findings_table
from pipeline.orchestration.partitions import DOCUMENTS
from pipeline.orchestration.verdicts import CHECKS, Verdict, verdicts, worst

if TYPE_CHECKING:
    from pipeline.refresh.state import DocumentOutcome

_SEVERITY: dict[Severity, AssetCheckSeverity] = {
    "error": AssetCheckSeverity.ERROR,
    "warning": AssetCheckSeverity.WARN,
    "info": AssetCheckSeverity.WARN,
}


def _spec(name: str, asset: str, description: str) -> AssetCheckSpec:
    with warnings.catch_warnings():
        # `partitions_def` on a check is in preview; the range of dagster in pyproject.toml is held to this minor.
        warnings.simplefilter("ignore", PreviewWarning)
        return AssetCheckSpec(name, asset=asset, description=description, partitions_def=DOCUMENTS)


def read_spec(asset: str) -> AssetCheckSpec:
    """The one check of the readings."""
    return _spec("read", asset, "Chaque fichier du document a été lu.")


def dataset_specs(dataset: str) -> list[AssetCheckSpec]:
    """The checks of one dataset."""
    return [_spec(name, dataset, description) for name, description in CHECKS.items()]


def read_result(spec: AssetCheckSpec, findings: Sequence[Finding]) -> AssetCheckResult:
    """Fails on any rendition that could not be used."""
    severity = worst(findings)
    return _result(spec.asset_key.to_user_string(), Verdict(spec.name, not findings, severity, tuple(findings)))


def dataset_results(
    outcome: DocumentOutcome, dataset: str, acknowledged: Collection[str] = ()
) -> Iterator[AssetCheckResult]:
    """The result of each check for one dataset that this document feeds."""
    for verdict in verdicts(outcome, dataset, acknowledged):
        yield _result(dataset, verdict)


def _result(asset: str, verdict: Verdict) -> AssetCheckResult:
    found = verdict.findings
    return AssetCheckResult(
        asset_key=asset,
        check_name=verdict.check,
        passed=verdict.passed,
        severity=_SEVERITY[verdict.severity],
        description=found[0].message if found and not verdict.passed else None,
        metadata={**verdict.counts, **({"constats": findings_table(found)} if found else {})},
    )
