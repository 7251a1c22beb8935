"""The shipped bulletin, whole: every commune of 2009, the names that decide, the same from the complete original."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from pipeline.contract.findings import ordered
from pipeline.gazetteer import load
from pipeline.refresh.read import ReadEditions
from tests import golden_files
from tests.conftest import ROOT
from tests.datasets.reading import editions_of, of, rows

BULLETIN, ORIGINAL = "BOI-8A-2-09", "boi_8a-2-09.md.txt"


@cache
def shipped() -> ReadEditions:
    return editions_of(BULLETIN)


@cache
def communes() -> list[dict[str, object]]:
    return rows(of(shipped(), "zonage_abc"))


def test_one_row_for_every_commune_of_the_day() -> None:
    assert len(communes()) == 36_682
    assert not of(shipped(), "zonage_abc").prepared.failed_checks
    assert set(shipped().unbalanced.values()) == {0}


def test_rows_that_are_not_simply_the_rest_are_those_of_the_golden_file() -> None:
    golden_files.check(
        "zonage_abc", [r for r in communes() if r["portee"] != "reste_du_territoire" or r["reserve"] is not None]
    )


def test_the_seven_rules_are_those_of_the_golden_file() -> None:
    golden_files.check("zonage_abc_effets", rows(of(shipped(), "zonage_abc_effets")))


def test_six_whole_departements() -> None:
    whole = Counter(r["code_departement"] for r in communes() if r["portee"] == "departement")
    assert set(whole) == {"2A", "2B", "971", "972", "973", "974"}
    assert (whole.total(), whole["971"]) == (472, 32)


def test_eleven_metropolitan_departements_have_no_list() -> None:
    without = {str(r["code_departement"]) for r in communes()} - {
        str(r["code_departement"]) for r in communes() if r["portee"] != "reste_du_territoire"
    }
    assert without == {"09", "12", "15", "23", "32", "46", "48", "52", "55", "61", "89"}
    assert {r["zone"] for r in communes() if r["code_departement"] in without} == {"C"}


def test_no_commune_is_in_two_zones_and_no_name_counts_twice() -> None:
    named = [r["rang_impression"] for r in communes() if r["portee"] == "commune"]
    assert len(named) == len(set(named)) > 5_000
    refused = of(shipped(), "zonage_abc").prepared.refused
    assert len(named) + len(refused) == 5_058


def test_what_an_undecided_name_could_mean_has_no_zone() -> None:
    said = [f.message for f in shipped().findings if f.rule in ("nom_douteux", "zone_indeterminee")]
    left = {str(r["code_commune"]): r for r in communes() if r["portee"] == "indeterminee"}
    assert all(r["zone"] is None and r["reserve"] == "nom_douteux" for r in left.values())
    for code in left:
        assert any(f"({code})" in message for message in said), f"{code} is left open by no name"


def test_the_list_that_ends_without_its_full_stop() -> None:
    reserved = [r for r in communes() if r["reserve"] == "liste_non_terminee"]
    assert {r["code_departement"] for r in reserved} == {"71"}
    assert {r["zone"] for r in reserved} == {"C"}
    assert min(str(r["code_commune"]) for r in reserved) > "71475"


def test_a_name_cut_by_a_page_is_whole_and_cites_both_lines() -> None:
    edition = of(shipped(), "zonage_abc").prepared
    row = next(r for r in edition.rows if r["code_commune"].value == "77090")
    cell, heading = row["zone"].cites
    assert heading.text == "Zone B2"
    assert (cell.text, cell.source.line, cell.source.last_line) == ("La Chapelle-Saint-Sulpice", 883, 885)


def test_a_zone_cites_its_heading_behind_the_words_that_give_it() -> None:
    by_code = {row["code_commune"].value: row for row in of(shipped(), "zonage_abc").prepared.rows}
    cited = {
        "01021": ["Ars-sur-Formans", "Zone B2"],
        "97101": ["L'ensemble des communes du département.", "Zone B1"],
        "09001": ["Le reste du territoire national.", "Zone C"],
    }
    for code, texts in cited.items():
        assert [cell.text for cell in by_code[code]["zone"].cites] == texts
        assert [cell.text for cell in by_code[code]["portee"].cites] == texts[:1]


def test_names_printed_as_a_real_commune_of_elsewhere_are_not_taken_at_face_value() -> None:
    """« Orléans » is printed in the list of département 69."""
    by_code = {r["code_commune"]: r for r in communes()}
    assert (by_code["69148"]["libelle_imprime"], by_code["69148"]["resolution"]) == ("Orléans", "corrected")
    assert by_code["45234"]["zone"] == "B1"


def test_an_exact_name_that_is_probably_damage_is_doubted() -> None:
    """« Clara » (66), a hamlet of the mountains, in a list of the plain: Claira is one letter away."""
    by_code = {r["code_commune"]: r for r in communes()}
    clara, claira = by_code["66051"], by_code["66050"]
    assert (clara["zone"], clara["resolution"], clara["reserve"]) == ("B2", "exact", "nom_douteux")
    assert (claira["zone"], claira["portee"], claira["reserve"]) == (None, "indeterminee", "nom_douteux")
    assert sum(1 for r in communes() if r["reserve"] == "nom_douteux") == 2
    (finding,) = (f for f in shipped().findings if f.rule == "nom_douteux")
    assert "Clara (66051)" in finding.message
    assert "Claira (66050)" in finding.message


@pytest.mark.parametrize(
    ("printed", "code", "evidence"),
    [
        ("Metzling", "57466", "groupement"),
        ("Noyal", "56150", "groupement"),
        ("Nuillé", "49231", "groupement"),
        ("Orléans", "69148", "Orliénas"),
    ],
)
def test_names_settled_by_the_rest_of_their_list(printed: str, code: str, evidence: str) -> None:
    row = next(r for r in communes() if r["code_commune"] == code)
    assert (row["libelle_imprime"], row["reserve"]) == (printed, None)
    (finding,) = (f for f in shipped().findings if f.printed == printed and f.rule.startswith("nom_"))
    assert (finding.severity, evidence in finding.message) == ("info", True)


def test_every_name_says_how_it_got_its_code() -> None:
    gazetteer = load(ROOT / "raw" / "reference", of(shipped(), "zonage_abc").act.signed)  # type: ignore[union-attr, arg-type]
    for row in communes():
        if row["portee"] == "commune":
            commune = gazetteer.commune(str(row["code_commune"]))
            assert commune is not None
            assert commune.nom == row["nom_commune"]
            assert row["resolution"] is not None
            assert 0.6 <= float(str(row["score"])) <= 1.0
        else:
            assert row["libelle_imprime"] is row["resolution"] is row["score"] is row["rang_impression"] is None


def test_findings() -> None:
    found = Counter(f.rule for f in ordered(shipped().findings) if f.dataset.startswith("zonage"))
    assert found["liste_non_terminee"] == 1
    assert found["ordre_rompu"] == 1
    assert found["date_de_publication_inconnue"] == 1
    assert found["zone_indeterminee"] == len(of(shipped(), "zonage_abc").prepared.refused)


@pytest.mark.parametrize("dataset", ["zonage_abc", "zonage_abc_effets"])
def test_the_complete_original_gives_the_same_rows(dataset: str, seeds: Path) -> None:
    whole = editions_of(BULLETIN, seeds / ORIGINAL)
    assert rows(of(whole, dataset)) == rows(of(shipped(), dataset))
    assert "annexe_non_reproduite" not in {f.rule for f in whole.findings if f.edition == "LOGU0907606A"}


def test_cited_names_stand_at_their_place_in_the_original(seeds: Path) -> None:
    lines = (seeds / ORIGINAL).read_text(encoding="utf-8").split("\n")
    for row in of(shipped(), "zonage_abc").prepared.rows:
        for cell in row["portee"].cites:
            source = cell.source
            assert source.line is not None
            if source.last_line is None:
                assert lines[source.line - 1][source.start : source.end] == cell.text
            else:
                cut = lines[source.line - 1][source.start :] + lines[source.last_line - 1][: source.end]
                assert cut == cell.text
