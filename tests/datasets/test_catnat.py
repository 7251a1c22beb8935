"""Natural disasters by commune: made-up acts for each rule, and the two real arrêtés where they are at hand."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.datasets.catnat_communes import CATNAT_COMMUNES
from pipeline.documents.model import Act
from pipeline.refresh.read import ReadEditions
from tests import golden_files
from tests.conftest import SHARED
from tests.datasets.catnat_made import (
    ACT,
    FLOOD,
    HEADER,
    SLIDE,
    TITLE,
    Annex,
    act_xml,
    cell,
    granted,
    hear,
    read_act,
    rejected,
)
from tests.datasets.reading import of, rows

NAME = "catnat_communes"
BAIX = ("Ardèche", "Baix", FLOOD, "16/11/2019", "17/11/2019", "", "Débit de pointe.")
POUZIN = ("Ardèche", "Pouzin (Le)", FLOOD, "16/11/2019", "16/11/2019", "Cumuls insuffisants.")
REAL = {"JORFTEXT000053398028": date(2026, 1, 19), "JORFTEXT000054245373": date(2026, 6, 12)}
PROSE = "decision_imprimee"


def table(read: ReadEditions) -> list[dict[str, object]]:
    return rows(of(read, NAME))


def only(read: ReadEditions) -> dict[str, object]:
    (row,) = table(read)
    return row


def refusals(read: ReadEditions) -> list[tuple[str, str]]:
    return [(refusal.rule, refusal.raw) for refusal in of(read, NAME).prepared.refused]


def said(read: ReadEditions, rule: str) -> list[str]:
    return [finding.message for finding in read.findings if finding.rule == rule]


def is_balanced(read: ReadEditions) -> bool:
    return set(read.unbalanced.values()) == {0}


def test_a_line_is_a_request_with_its_answer_as_printed() -> None:
    read = hear(granted((*BAIX[:5], "2", BAIX[6])), rejected(POUZIN))
    assert table(read) == [
        {
            "code_departement": "07",
            "departement_imprime": "Ardèche",
            "code_commune": "07022",
            "nom_commune": "Baix",
            "commune_imprimee": "Baix",
            "resolution": "exact",
            "communes_candidates": None,
            "phenomene": FLOOD,
            "debut": date(2019, 11, 16),
            "fin": date(2019, 11, 17),
            "reconnue": True,
            "nombre_reconnaissances": 2,
            "decision_imprimee": "Débit de pointe.",
        },
        {
            "code_departement": "07",
            "departement_imprime": "Ardèche",
            "code_commune": "07181",
            "nom_commune": "Le Pouzin",
            "commune_imprimee": "Pouzin (Le)",
            "resolution": "article_moved",
            "communes_candidates": None,
            "phenomene": FLOOD,
            "debut": date(2019, 11, 16),
            "fin": date(2019, 11, 16),
            "reconnue": False,
            "nombre_reconnaissances": None,
            "decision_imprimee": "Cumuls insuffisants.",
        },
    ]
    assert is_balanced(read)
    assert said(read, "commune_non_resolue") == []


@pytest.mark.parametrize(
    ("column", "printed", "rule"),
    [
        (3, "31/02/2019", "date_illisible"),
        (3, "16/11/19", "date_illisible"),
        (4, "15/11/2019", "periode_inversee"),
        (4, "", "cellule_vide"),
        (0, "", "cellule_vide"),
        (1, "", "cellule_vide"),
        (2, "", "cellule_vide"),
        (5, "deux", "nombre_illisible"),
        (5, "0", "valeur_hors_regle"),
    ],
)
def test_a_line_that_cannot_be_read_is_quarantined_and_the_others_stay(column: int, printed: str, rule: str) -> None:
    bad = (*BAIX[:column], printed, *BAIX[column + 1 :])
    read = hear(granted(bad, ("Ardèche", "Rompon", *BAIX[2:])))
    assert refusals(read) == [(rule, " | ".join(text for text in bad if text))]
    assert only(read)["commune_imprimee"] == "Rompon"
    assert is_balanced(read)


def test_what_nobody_asked_for_may_be_empty() -> None:
    row = only(hear(granted((*BAIX[:5], "", ""))))
    assert row["nombre_reconnaissances"] is None
    assert row["decision_imprimee"] is None


def test_a_commune_unknown_in_its_departement_keeps_its_row_without_a_code() -> None:
    read = hear(granted(("Ardèche", "Privaz", *BAIX[2:])))
    row = only(read)
    assert (row["code_departement"], row["code_commune"], row["resolution"]) == ("07", None, None)
    (message,) = said(read, "commune_non_resolue")
    assert "Privas (07186)" in message
    assert refusals(read) == []
    assert is_balanced(read)


def test_a_name_of_another_departement_is_not_borrowed() -> None:
    assert only(hear(granted(("Ain", "Baix", *BAIX[2:]))))["code_commune"] is None


def test_a_name_of_two_communes_has_candidates_and_no_code() -> None:
    """Two communes of the Gironde were once called Le Pian."""
    read = hear(granted(("Gironde", "Pian (Le)", *BAIX[2:])))
    row = only(read)
    assert row["code_commune"] is None
    assert row["communes_candidates"] == ["33322", "33323"]
    assert said(read, "commune_ambigue") == [
        "Gironde : « Pian (Le) » désigne plusieurs communes : Le Pian-Médoc (33322), Le Pian-sur-Garonne (33323)"
    ]


def test_a_name_out_of_use_is_read_and_said() -> None:
    read = hear(granted(("Charente", "Blanzac-Porcheresse", *BAIX[2:])))
    assert (only(read)["code_commune"], only(read)["resolution"]) == ("16046", "former_name")
    assert len(said(read, "nom_ancien")) == 1


def test_a_departement_that_is_none_leaves_its_communes_without_a_code() -> None:
    read = hear(granted(("Haute-Ardèche", "Baix", *BAIX[2:]), ("Haute-Ardèche", "Rompon", *BAIX[2:])))
    assert {(r["code_departement"], r["code_commune"]) for r in table(read)} == {(None, None)}
    assert len(said(read, "departement_inconnu")) == 2
    assert len({f.id for f in read.findings if f.rule == "departement_inconnu"}) == 1


def test_merged_cells_hold_for_every_line_they_span() -> None:
    first = cell("Ardèche", ' rowspan="2"') + "".join(map(cell, BAIX[1:4])) + cell("17/11/2019", ' rowspan="2"')
    second = "".join(map(cell, ("Rompon", SLIDE, "15/11/2019", "", "Autre.")))
    read = hear(granted(first + "".join(map(cell, BAIX[5:])), second))
    found = {(r["commune_imprimee"], r["code_departement"], r["phenomene"], r["fin"]) for r in table(read)}
    assert found == {("Baix", "07", FLOOD, date(2019, 11, 17)), ("Rompon", "07", SLIDE, date(2019, 11, 17))}
    assert is_balanced(read)


def test_one_cell_over_several_columns_is_no_line() -> None:
    read = hear(granted(cell("Ardèche", ' colspan="7"'), BAIX))
    assert refusals(read) == [("cellules_fusionnees", "Ardèche")]
    assert is_balanced(read)


def test_a_line_printed_twice_stands_once() -> None:
    read = hear(granted(BAIX, BAIX))
    assert only(read)["commune_imprimee"] == "Baix"
    assert [rule for rule, _ in refusals(read)] == ["ligne_repetee"]
    assert is_balanced(read)


def test_a_request_both_granted_and_rejected_is_neither() -> None:
    read = hear(granted(BAIX, ("Ardèche", "Rompon", *BAIX[2:])), rejected((*BAIX[:5], "Cumuls insuffisants.")))
    assert only(read)["commune_imprimee"] == "Rompon"
    assert [rule for rule, _ in refusals(read)] == ["cle_en_double", "cle_en_double"]


def test_two_spellings_of_one_request_are_said() -> None:
    read = hear(granted(("Ardèche", "Pouzin (Le)", *BAIX[2:]), ("Ardèche", "Le Pouzin", *BAIX[2:])))
    assert len(table(read)) == 2
    assert len(said(read, "commune_repetee")) == 1


def test_the_same_commune_may_stand_for_several_risks_and_periods() -> None:
    read = hear(granted(BAIX, (*BAIX[:2], SLIDE, *BAIX[3:]), (*BAIX[:3], "01/01/2019", *BAIX[4:])))
    assert len(table(read)) == 3
    assert refusals(read) == []


@pytest.mark.parametrize("begins_ends", [("16/11/1919", "17/11/1919"), ("16/11/2019", "17/11/2091")])
def test_a_period_before_the_law_or_after_the_signature_is_said(begins_ends: tuple[str, str]) -> None:
    read = hear(granted((*BAIX[:3], *begins_ends, *BAIX[5:])))
    assert len(said(read, "periode_invraisemblable")) == 1


def test_a_header_printed_again_is_no_line() -> None:
    read = hear(granted(BAIX, HEADER, ("Ardèche", "Rompon", *BAIX[2:])))
    assert len(table(read)) == 2
    assert refusals(read) == []
    assert is_balanced(read)


PRINTED = st.sampled_from(["", "Ardèche", "Baix", "Pouzin (Le)", FLOOD, "16/11/2019", "15/11/2019", "31/02", "3", "?"])


@given(st.lists(st.lists(PRINTED, min_size=1, max_size=9), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_whatever_the_lines_hold_every_printed_cell_has_one_fate(lines: list[list[str]]) -> None:
    """Short, long, empty and absurd lines beside a good one."""
    read = hear(granted(BAIX, *lines))
    assert is_balanced(read)


def test_a_third_annex_follows_its_title_not_its_number() -> None:
    read = hear(granted(BAIX), Annex("ANNEXE III", "Communes reconnues", [("Ardèche", "Rompon", *BAIX[2:])]))
    assert [r["reconnue"] for r in table(read)] == [True, True]


@pytest.mark.parametrize(
    ("titles", "recognised"),
    [
        (("Communes reconnues ou non reconnues", "Communes reconnues"), True),
        (("Communes reconnues ou non reconnues", "Communes non-reconnues"), False),
        (("ANNEXE I", "Communes dont la demande est rejetée"), False),
    ],
)
def test_the_nearest_title_that_tells_is_followed(titles: tuple[str, str], recognised: bool) -> None:
    assert only(hear(Annex(*titles, [BAIX])))["reconnue"] is recognised


ARTICLES = (
    "Les communes faisant l'objet d'une constatation sont recensées en annexe I et III du présent arrêté.",
    "Les communes dont les demandes de reconnaissance sont rejetées sont recensées en annexe II du présent arrêté.",
)


@pytest.mark.parametrize(("number", "recognised"), [("ANNEXE I", True), ("ANNEXE II", False), ("ANNEXE III", True)])
def test_without_a_title_the_articles_say_what_an_annex_decides(number: str, recognised: bool) -> None:
    read = hear(Annex(number, "", [BAIX]), articles=ARTICLES)
    assert only(read)["reconnue"] is recognised


def test_an_annex_that_nothing_decides_is_refused() -> None:
    read = hear(Annex("ANNEXE IV", "Communes qui ne sont pas reconnues", [BAIX]), articles=ARTICLES)
    assert read.editions == ()
    assert "reconnues" in read.failed[NAME, ACT]
    assert is_balanced(read)


def test_an_annex_whose_title_contradicts_the_articles_is_refused() -> None:
    read = hear(Annex("ANNEXE II", "Communes reconnues", [BAIX]), articles=ARTICLES)
    assert "la même chose" in read.failed[NAME, ACT]


def test_a_table_of_other_columns_is_named_and_nothing_of_it_is_published() -> None:
    read = hear(granted(BAIX), Annex("ANNEXE II", "Communes non reconnues", [("Baix", "avis")], ("Ville", "Avis")))
    assert of(read, NAME).unknown == ("ville | avis",)


def test_an_act_without_its_annex_is_missing_it() -> None:
    assert of(hear(articles=ARTICLES), NAME).missing == ("annexe des communes",)


def test_without_a_date_no_commune_is_guessed() -> None:
    read = hear(granted(BAIX), signed=None)
    assert "ni date de signature" in read.failed[NAME, ACT]


@pytest.mark.parametrize(
    ("title", "fed"),
    [
        (TITLE, True),
        ("Arrêté du 2 mai 2018 portant reconnaissance de l’état de catastrophe naturelle", True),
        ("Arrêté du 2 mai 2018 portant nomination", False),
    ],
)
def test_acts_are_told_by_their_title(title: str, fed: bool) -> None:
    assert CATNAT_COMMUNES.acts.act(Act("X", title)) is fed


@pytest.mark.parametrize("name", REAL)
def test_the_public_figures_read_from_our_own_typesetting(name: str) -> None:
    """The golden lines set again in the dress of the open data give the golden lines, whole."""
    with (golden_files.FOLDER / f"catnat_{name}.csv").open(encoding="utf-8") as handle:
        golden = list(csv.DictReader(handle))
    lines = [
        (
            *(line["departement_imprime"], line["commune_imprimee"], line["phenomene"]),
            *(f"{date.fromisoformat(line[bound]):%d/%m/%Y}" for bound in ("debut", "fin")),
            line["nombre_reconnaissances"],
            "",
        )
        for line in golden
    ]
    yes = [line for line, printed in zip(lines, golden, strict=True) if printed["reconnue"] == "True"]
    no = [(*line[:5], line[6]) for line, printed in zip(lines, golden, strict=True) if printed["reconnue"] != "True"]
    read = read_act(act_xml(granted(*yes), rejected(*no)), name, REAL[name])
    assert is_balanced(read)
    golden_files.check(f"catnat_{name}", without_prose(read))


def without_prose(read: ReadEditions) -> list[dict[str, object]]:
    """Public figures only: the reasons of the decisions are not kept here."""
    return [{name: value for name, value in row.items() if name != PROSE} for row in table(read)]


@pytest.fixture(scope="module")
def samples() -> Path:
    folder = SHARED / "samples/jorf_xml"
    if not folder.is_dir():
        pytest.skip("the real arrêtés (../shared/samples/jorf_xml) are not at hand")
    return folder


@pytest.mark.parametrize(
    ("name", "decided", "resolved"),
    [
        ("JORFTEXT000053398028", {True: 76, False: 64}, {"exact": 134, "article_moved": 6}),
        ("JORFTEXT000054245373", {True: 183, False: 538}, {"exact": 686, "article_moved": 32, "former_name": 3}),
    ],
)
def test_the_real_arretes_come_out_whole(
    name: str, decided: dict[bool, int], resolved: dict[str, int], samples: Path
) -> None:
    read = read_act((samples / f"{name}.xml").read_bytes(), name, REAL[name])
    found = table(read)
    assert Counter(row["reconnue"] for row in found) == decided
    assert Counter(row["resolution"] for row in found) == resolved
    assert all(row[PROSE] for row in found)
    assert refusals(read) == []
    assert is_balanced(read)
    golden_files.check(f"catnat_{name}", without_prose(read))
