"""What readers hand over, as findings and quarantine keep it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.contract.rows import Observation, Quarantined, Refused
from pipeline.extract.model import Source
from tests.quality.made import cell


def test_a_refusal_stands_where_all_its_cells_do_and_says_them_all() -> None:
    refused = Refused((cell(1, 0, "A"), cell(2, 1, "4 100")), "montant_illisible", "illisible")
    assert refused.source == Source(line=2, last_line=3, start=0, end=15)
    assert refused.raw == "A | 4 100"


def test_an_observation_becomes_a_finding_with_its_place() -> None:
    observation = Observation("total_different", "warning", "diffère", "Bretagne", Source(line=7), "172", "171")
    finding = observation.finding("D1", "places", "A1", "feuille.tsv")
    assert (finding.rule, finding.severity, finding.message) == ("total_different", "warning", "diffère")
    assert (finding.document, finding.dataset, finding.edition) == ("D1", "places", "A1")
    assert (finding.subject, finding.printed, finding.expected) == ("Bretagne", "172", "171")
    assert (finding.place, finding.rendition) == ("ligne 7", "feuille.tsv")


def test_an_observation_of_a_whole_document_has_no_place_nor_dataset() -> None:
    finding = Observation("temoins_concordants", "info", "lus de même").finding("D1")
    assert (finding.place, finding.dataset, finding.edition, finding.rendition) == ("", "", "", "")


def test_what_identifies_an_observation_is_its_subject_else_what_is_printed_else_its_message() -> None:
    bare = Observation("r", "info", "message")
    assert bare.finding("D").subject == "message"
    assert replace(bare, printed="imprimé").finding("D").subject == "imprimé"
    assert replace(bare, printed="imprimé", subject="sujet").finding("D").subject == "sujet"


QUARANTINED = Quarantined("D1", "prix", "A1", "annexe.md", "zone_inconnue", "inconnue", "D | 4 100", "ligne 2")


def test_a_quarantined_row_has_an_id_of_its_rule_its_edition_and_its_words() -> None:
    assert QUARANTINED.id == "b1f2c2dd452a"


@pytest.mark.parametrize("field", ["rule", "document", "dataset", "edition", "raw"])
def test_its_id_is_of_these(field: str) -> None:
    assert replace(QUARANTINED, **{field: "autre"}).id != QUARANTINED.id


@pytest.mark.parametrize("field", ["rendition", "reason", "place", "column"])
def test_and_of_nothing_else(field: str) -> None:
    assert replace(QUARANTINED, **{field: "autre"}).id == QUARANTINED.id
