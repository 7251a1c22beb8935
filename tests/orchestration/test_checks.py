"""What a document's outcome says of a dataset: one verdict a check, each finding in one of them."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.contract.findings import Finding
from pipeline.contract.rows import LedgerLine, Quarantined
from pipeline.contract.rules import CHECKS
from pipeline.orchestration.checks import Verdict, late_verdict, verdicts
from pipeline.refresh.state import DocumentOutcome, EditionOutcome
from pipeline.refresh.status import DatasetState


def edition(status: str = "accepted", **changes: Any) -> EditionOutcome:
    made = {"dataset": "seuils", "edition": "A1", "act": "Arrêté A1", "rendition": "annexe.txt", "role": "published"}
    return EditionOutcome(**(made | {"status": status, "rows": 3, "quarantined": 0, "findings": {}} | changes))


def finding(
    rule: str, severity: Any, dataset: str = "seuils", edition: str = "A1", rendition: str = "annexe.txt"
) -> Finding:
    return Finding(rule, severity, "D1", f"{rule} vu", dataset=dataset, edition=edition, rendition=rendition)


def judged(
    outcome: DocumentOutcome, acknowledged: tuple[str, ...] = (), before: frozenset[str] | None = None
) -> dict[str, Verdict]:
    return {v.check: v for v in verdicts(outcome, "seuils", acknowledged, before)}


def test_a_document_without_findings_passes_everything() -> None:
    found = judged(DocumentOutcome("D1", "f", editions=(edition(),)))
    assert list(found) == list(CHECKS)
    assert all(v.passed for v in found.values())


@pytest.mark.parametrize(
    ("rule", "check"),
    [
        ("cellule_sans_destin", "bilan"),
        ("cle_en_double", "cles"),
        ("temoins_en_desaccord", "temoins"),
        ("valeur_hors_regle", "valeurs"),
        ("edition_illisible", "lecture"),
        ("edition_refusee", "decision"),
        ("seuil_variable", "controles"),
    ],
)
def test_an_error_fails_the_check_of_its_rule_and_no_other(rule: str, check: str) -> None:
    row = Quarantined("D1", "seuils", "A1", "annexe.txt", "valeur_hors_regle", "hors règle", "x", "ligne 3")
    found = judged(
        DocumentOutcome("D1", "f", editions=(edition(),), findings=(finding(rule, "error"),), quarantine=(row,))
    )
    assert {name for name, v in found.items() if not v.passed} == {check}
    assert found[check].severity == "error"


def test_an_info_fails_nothing_and_a_warning_is_counted() -> None:
    findings = (finding("temoins_concordants", "info"), finding("seuil_variable", "warning"))
    found = judged(DocumentOutcome("D1", "f", editions=(edition(),), findings=findings))
    assert found["temoins"].passed
    assert found["temoins"].findings == findings[:1]
    assert found["controles"].passed
    assert found["controles"].counts["avertissements"] == 1


def test_a_warning_fails_its_check_when_the_reading_before_did_not_have_it() -> None:
    known, new = finding("seuil_variable", "warning"), finding("temoins_en_desaccord", "warning")
    outcome = DocumentOutcome("D1", "f", editions=(edition(),), findings=(known, new))
    found = judged(outcome, before=frozenset({known.id}))
    assert {name: v.severity for name, v in found.items() if not v.passed} == {"temoins": "warning"}
    assert found["temoins"].said == new.message
    assert all(v.passed for v in judged(outcome, before=frozenset({known.id, new.id})).values())


def test_a_reading_that_waits_for_a_person_fails_the_decision_when_it_is_new() -> None:
    waiting = finding("version_en_attente", "warning")
    outcome = DocumentOutcome("D1", "f", editions=(edition("pending"),), findings=(waiting,))
    assert not judged(outcome, before=frozenset())["decision"].passed
    assert judged(outcome, before=frozenset({waiting.id}))["decision"].counts["éditions en attente"] == 1


@pytest.mark.parametrize(("state", "passed"), [("held", True), ("expected", True), ("ended", True), ("late", False)])
def test_a_yearly_dataset_is_late_when_nobody_knows_of_its_act(state: Any, passed: bool) -> None:
    verdict = late_verdict(DatasetState("seuils", "yearly", 1, 2020, state, "aucun acte connu pour 2021"))
    assert (verdict.passed, verdict.severity) == (passed, "info" if passed else "warning")
    assert verdict.said == ("" if state == "held" else "aucun acte connu pour 2021")


def test_what_a_person_has_acknowledged_fails_no_more_but_a_refusal_does() -> None:
    findings = (finding("seuil_variable", "error"), finding("edition_refusee", "error"))
    seen = tuple(f.id for f in findings)
    found = judged(DocumentOutcome("D1", "f", editions=(edition("refused"),), findings=findings), seen)
    assert found["controles"].passed
    assert found["controles"].findings == findings[:1]
    assert not found["decision"].passed


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
    fates = {name: n for name, n in found["bilan"].counts.items() if name.startswith("cellules")}
    assert fates == {"cellules publiées": 15, "cellules ignorées": 6}
