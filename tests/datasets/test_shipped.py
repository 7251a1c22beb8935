"""The shipped documents, whole: golden rows, balanced ledgers, and the same from the complete originals."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pipeline.cleaning.labels import squeeze
from pipeline.contract.findings import ordered
from pipeline.datasets import all_datasets
from pipeline.documents.declaration import document_folders, read_document_leniently
from pipeline.refresh.read import Edition, feeds
from tests import golden_files
from tests.conftest import ROOT
from tests.datasets.reading import editions_of, of, rows
from tests.shipped import DOCUMENTS

ARRETE, BULLETIN = "JORFTEXT000042056679", "BOI-8A-2-09"
ORIGINALS = {ARRETE: "arrete_2020-06-15_premier_quartile.txt", BULLETIN: "boi_8a-2-09.md.txt"}
WHOLE = [
    (ARRETE, "premier_quartile", 455),
    (BULLETIN, "plafonds_plus", 21),
    (BULLETIN, "prix_psla", 4),
    (BULLETIN, "taux_tva_logement", 6),
]
ELSEWHERE = {"zonage_abc", "places_regions", "places_sites"}
"""Golden files of another form: printed rows only (test_zonage.py), lists joined apart (test_places_golden.py)."""
GOLDEN = [name for name in golden_files.names() if name in {d.name for d in all_datasets()} - ELSEWHERE]


@pytest.mark.parametrize("dataset", GOLDEN)
def test_rows_are_those_of_the_golden_file(dataset: str) -> None:
    """Whatever document of raw/ gives them: a golden file named as its dataset is enough, and another edition that came
    in since changes nothing."""
    golden_files.check_one_of(dataset, [rows(edition) for edition in editions_for(dataset)])


def editions_for(dataset: str) -> list[Edition]:
    """The editions of a dataset in the shipped documents; where these have none, in any other document of raw/."""
    shipped = [e for name in DOCUMENTS for e in editions_of(name).editions if e.dataset.name == dataset]
    return shipped or [
        edition
        for folder in document_folders(ROOT / "raw")
        if folder.name not in DOCUMENTS and feeds_it(folder, dataset)
        for edition in editions_of(folder.name).editions
        if edition.dataset.name == dataset
    ]


def feeds_it(folder: Path, dataset: str) -> bool:
    document, _ = read_document_leniently(folder)
    return any(dataset == d.name for act in (*document.acts, None) for d in feeds(document, act))


@pytest.mark.parametrize(("name", "dataset", "count"), WHOLE)
def test_the_complete_original_gives_the_same_rows(name: str, dataset: str, count: int, seeds: Path) -> None:
    ours, whole = of(editions_of(name), dataset), of(editions_of(name, seeds / ORIGINALS[name]), dataset)
    assert rows(ours) == rows(whole)
    assert len(rows(whole)) == count


@pytest.mark.parametrize("name", [ARRETE, BULLETIN])
def test_places_are_those_of_the_original(name: str, seeds: Path) -> None:
    """A cited line of our copy holds, in the original, the text that is cited."""
    lines = (seeds / ORIGINALS[name]).read_text(encoding="utf-8").split("\n")
    checked = 0
    for edition in editions_of(name).editions:
        for row in edition.prepared.rows:
            for value in row.values():
                for cell in value.cites:
                    if cell.source.line is not None and cell.source.typeset is None:
                        last = cell.source.last_line or cell.source.line
                        text = squeeze(" ".join(lines[cell.source.line - 1 : last]).replace("**", ""))
                        assert cell.text in text or cell.source.last_line is not None
                        checked += 1
    assert checked > 50


@pytest.mark.parametrize("name", [ARRETE, BULLETIN])
def test_every_printed_piece_has_one_fate(name: str) -> None:
    assert set(editions_of(name).unbalanced.values()) == {0}


def test_the_two_renditions_of_the_annex_agree_cell_by_cell() -> None:
    """Not a proof about the Journal officiel: the PDF is set from the same figures. It proves the two extractors."""
    read = editions_of(ARRETE)
    assert [f.message for f in read.findings if f.rule == "temoins_concordants"] == [
        "455 lignes lues de même dans annexe.txt et annexe.pdf"
    ]
    assert of(read, "premier_quartile").prepared.context.rendition.file == "annexe.txt"


def test_premier_quartile_is_the_official_grid_less_four_agglomerations() -> None:
    read = editions_of(ARRETE)
    frame = of(read, "premier_quartile").prepared.frame
    kinds = Counter(frame.drop_duplicates("siren")["type_territoire"])
    assert kinds == {"CA": 218, "CC": 149, "METRO": 20, "CU": 14, "EPT": 11, "MET69": 1, "COMMUNE": 1}
    inside = frame[frame["perimetre_calcul"] == "region_ile_de_france"]
    assert (len(inside), inside["siren"].nunique(), inside["seuil_euros_par_uc_an"].nunique()) == (45, 38, 1)
    found = Counter(f.rule for f in ordered(read.findings))
    assert found["epci_attendu_absent"] == 4
    assert not {"epci_inconnu", "departement_hors_grille", "departement_absent_de_la_grille"} & set(found)


def test_what_the_bulletin_leaves_out_is_said() -> None:
    found = {(f.rule, f.subject) for f in editions_of(BULLETIN).findings}
    assert ("annexe_non_reproduite", "annexe I (redevance PSLA)") in found
    assert ("annexe_non_reproduite", "annexe II (autres plafonds)") in found
    assert ("taux_non_imprime", "guyane") in found


def test_forms_and_lists_of_the_original_are_ignored_for_a_reason(seeds: Path) -> None:
    lines = editions_of(BULLETIN, seeds / ORIGINALS[BULLETIN]).ledger
    reasons = {line.reason for line in lines if line.fate == "ignored"}
    assert {"formulaire à remplir, sans donnée (annexe 3)", "liste de pièces à joindre, sans donnée"} <= reasons
