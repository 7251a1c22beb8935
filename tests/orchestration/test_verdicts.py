"""What a document's outcome says of a dataset: one verdict a check, each finding in one of them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.orchestration.verdicts import CHECKS, Verdict, verdicts
from pipeline.refresh.state import DocumentOutcome, EditionOutcome


def edition(status: str = "accepted", **changes: Any) -> EditionOutcome:
    made = {"dataset": "seuils", "edition": "A1", "act": "Arrêté A1", "rendition": "annexe.txt", "role": "published"}
    return EditionOutcome(**(made | {"status": status, "rows": 3, "quarantined": 0, "findings": {}} | changes))


def finding(
    rule: str, severity: Any, dataset: str = "seuils", edition: str = "A1", rendition: str = "annexe.txt"
) -> Finding:
    return Finding(rule, severity, "D1", f"{rule} vu", dataset=dataset, edition=edition, rendition=rendition)


def judged(outcome: DocumentOutcome, acknowledged: tuple[str, ...] = ()) -> dict[str, Verdict]:
    return {v.check: v for v in verdicts(outcome, "seuils", acknowledged)}


def test_a_document_without_findings_passes_everything() -> None:
    found = judged(DocumentOutcome("D1", "f", editions=(edition(),)))
    assert list(found) == list(CHECKS)
    assert all(v.passed for v in found.values())


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ("cellule_sans_destin", "ledger"),
        ("cle_en_double", "keys"),
        ("temoins_en_desaccord", "agreement"),
        ("valeur_hors_regle", "schema"),
        ("edition_illisible", "read"),
        ("edition_refusee", "accepted"),
        ("version_en_attente", "accepted"),
        ("seuil_variable", "totals"),
    ],
)
def test_an_error_fails_the_check_of_its_rule_and_no_other(rule: str, check: str) -> None:
    row = Quarantined("D1", "seuils", "A1", "annexe.txt", "valeur_hors_regle", "hors règle", "x", "ligne 3")
    found = judged(
        DocumentOutcome("D1", "f", editions=(edition(),), findings=(finding(rule, "error"),), quarantine=(row,))
    )
    assert {name for name, v in found.items() if not v.passed} == {check}
    assert found[check].severity == "error"


def test_an_info_fails_nothing_and_a_warning_fails_as_a_warning() -> None:
    findings = (finding("temoins_concordants", "info"), finding("seuil_variable", "warning"))
    found = judged(DocumentOutcome("D1", "f", editions=(edition(),), findings=findings))
    assert found["agreement"].passed
    assert found["agreement"].findings == findings[:1]
    assert (found["totals"].passed, found["totals"].severity) == (False, "warning")


def test_what_a_person_has_acknowledged_fails_no_more_but_a_refusal_does() -> None:
    findings = (finding("seuil_variable", "warning"), finding("edition_refusee", "error"))
    seen = tuple(f.id for f in findings)
    found = judged(DocumentOutcome("D1", "f", editions=(edition("refused"),), findings=findings), seen)
    assert found["totals"].passed
    assert found["totals"].findings == findings[:1]
    assert not found["accepted"].passed


def test_findings_of_other_datasets_and_files_stay_out() -> None:
    findings = (
        finding("seuil_variable", "error", dataset="autre"),
        finding("annexe_non_reproduite", "warning", dataset="", edition="A2"),
        finding("cellule_sans_destin", "error", dataset="", edition="", rendition="autre.pdf"),
    )
    assert all(v.passed for v in judged(DocumentOutcome("D1", "f", editions=(edition(),), findings=findings)).values())


def test_the_ledger_counts_the_cells_of_the_rendition_that_was_kept() -> None:
    lines = (
        LedgerLine("D1", "annexe.txt", "seuils", "A1", "published", "", 15),
        LedgerLine("D1", "annexe.txt", "seuils", "A1", "ignored", "entete", 5),
        LedgerLine("D1", "annexe.txt", "seuils", "A1", "ignored", "note", 1),
        LedgerLine("D1", "annexe.pdf", "seuils", "A1", "published", "", 15),
    )
    found = judged(DocumentOutcome("D1", "f", editions=(edition(),), ledger=lines))
    assert found["ledger"].counts == {"published": 15, "ignored": 6}
