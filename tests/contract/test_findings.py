"""Findings keep their identity whatever run, line or version they are made in, and come most severe first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.contract.findings import Finding, ordered

FINDING = Finding("total_different", "warning", "D1", "La somme diffère.", "Bretagne", "places", "A1")


def test_the_id_is_known_beforehand() -> None:
    """Published ids are cited in letters and acknowledgements: they never change."""
    assert FINDING.id == "1d77dab94f7d"


@pytest.mark.parametrize("field", ["rule", "document", "dataset", "edition", "subject"])
def test_the_id_is_of_what_identifies_it(field: str) -> None:
    assert replace(FINDING, **{field: "autre"}).id != FINDING.id


@pytest.mark.parametrize("field", ["message", "place", "printed", "expected", "rendition"])
def test_the_id_is_of_nothing_else(field: str) -> None:
    assert replace(FINDING, **{field: "autre"}).id == FINDING.id
    assert replace(FINDING, severity="error").id == FINDING.id


def test_two_texts_do_not_run_into_each_other() -> None:
    assert replace(FINDING, dataset="placesA1", edition="").id != FINDING.id


def test_most_severe_first_then_by_document_dataset_rule_and_subject() -> None:
    made = [
        replace(FINDING, severity="info"),
        replace(FINDING, subject="Corse"),
        replace(FINDING, rule="ecart"),
        replace(FINDING, document="C"),
        replace(FINDING, dataset="autre"),
        replace(FINDING, severity="error", subject="Z"),
    ]
    shown = [(f.severity, f.document, f.dataset, f.rule, f.subject) for f in ordered(made)]
    assert shown == [
        ("error", "D1", "places", "total_different", "Z"),
        ("warning", "C", "places", "total_different", "Bretagne"),
        ("warning", "D1", "autre", "total_different", "Bretagne"),
        ("warning", "D1", "places", "ecart", "Bretagne"),
        ("warning", "D1", "places", "total_different", "Corse"),
        ("info", "D1", "places", "total_different", "Bretagne"),
    ]


def test_of_one_id_the_first_met_is_kept() -> None:
    assert ordered([FINDING, replace(FINDING, message="autre")]) == [FINDING]
