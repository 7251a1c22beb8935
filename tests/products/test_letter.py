"""What a publisher is told: which findings, once each, in words that mean something to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.contract.findings import Finding
from pipeline.documents.decisions import Correction, Question
from pipeline.documents.model import Act, Document, Rendition, Role
from pipeline.products.letter import Letter, letters, markdown, page
from pipeline.products.why import CellContext

DAY = date(2026, 11, 1)
REFUSED = Finding(
    "nom_ambigu", "error", "D1", "ligne 8 : zone B2 : plusieurs ; candidates : Noyalo (56150) 0,90 ; « Noyal » écarté",
    "Noyal", place="ligne 8", printed="Noyal",
)  # fmt: skip
SAME = Finding(
    "zone_indeterminee", "warning", "D1", "sans code", "B2 / Noyal", place="ligne 8", printed="Noyal", expected="Noyalo"
)
TOTAL = Finding("total_different", "warning", "D1", "total : 12 imprimé, 13", place="p. 3", printed="12", expected="13")
MISSING = Finding("annexe_non_reproduite", "warning", "D1", "annexe II non reproduite", "annexe II")
SPELLING = Finding(
    "departement_mal_ecrit", "info", "D1", "lu Ille-et-Vilaine", place="ligne 2", printed="Villaine", expected="Vilaine"
)
MENDED = Finding("reparation_ligne_non_fermee", "info", "D1", "8 × ligne_non_fermee", printed="121 cellules")
REALIGNED = Finding("cellules_fusionnees_perdues", "info", "D1", "colonnes réalignées")
NOT_HELD = Finding("acte_non_detenu", "warning", "", "acte connu et non détenu")
APPLIED = Finding(
    "correction_appliquee", "info", "D1", "lu", "fontanil", printed="Fontanil", expected="Fontanil-Cornillon"
)
RULE = Correction("fontanil", "Fontanil", "Fontanil-Cornillon", "seule commune de ce nom", "applied")


def document(name: str = "D1", publisher: str = "Ministère", role: Role = "published", *others: Role) -> Document:
    files = tuple(Rendition(f"f{n}.pdf", r, "pdf", "00") for n, r in enumerate((role, *others)))
    return Document(name, f"Document {name}", publisher, "arrete", Path(name), files, url="https://exemple.fr/?a=1&b=2")


def told(findings: Sequence[Finding], *documents: Document, rules: Sequence[Correction] = ()) -> tuple[Letter, ...]:
    held = documents or (document(),)
    return letters(held, findings, {d.id: rules for d in held}, lambda _: None, DAY)


def kinds(*findings: Finding, rules: Sequence[Correction] = ()) -> list[tuple[str, str]]:
    return [(p.kind, p.printed) for letter in told(findings, rules=rules) for c in letter.concerns for p in c.points]


def test_contradictions_spellings_and_what_was_refused_are_told() -> None:
    assert kinds(REFUSED, TOTAL, MISSING, SPELLING) == [
        ("spelling", "Villaine"),
        ("doubt", "12"),
        ("refused", "Noyal"),
    ]


def test_our_own_repairs_and_what_we_do_not_hold_are_not() -> None:
    assert told([MENDED, REALIGNED, NOT_HELD]) == ()


def test_an_omission_that_the_document_marks_is_no_question() -> None:
    assert told([MISSING]) == ()


def test_a_check_of_ours_that_fails_is_not_their_affair() -> None:
    assert kinds(Finding("communes_manquantes", "error", "D1", "3 communes sans ligne")) == []


def test_a_rule_that_nobody_declared_falls_into_no_letter() -> None:
    assert kinds(Finding("regle_nouvelle", "warning", "D1", "douteux", printed="x")) == []


def test_a_warning_is_a_doubt_where_something_is_printed_and_something_missing_where_nothing_is() -> None:
    assert kinds(Finding("seuil_variable", "warning", "D1", "douteux", printed="x")) == [("doubt", "x")]
    assert kinds(Finding("epci_attendu_absent", "warning", "D1", "absente")) == [("missing", "")]


def test_two_findings_about_the_same_words_are_one_point() -> None:
    (letter,) = told([SAME, REFUSED])
    (point,) = letter.concerns[0].points
    assert (point.id, point.others, point.expected) == (REFUSED.id, (SAME.id,), "Noyalo")
    assert point.why == "zone B2 : plusieurs ; candidates : Noyalo (56150)"


def test_a_reading_that_a_person_decided_is_asked_until_the_publisher_confirms_it() -> None:
    assert kinds(APPLIED, rules=[RULE]) == [("confirm", "Fontanil")]
    assert kinds(APPLIED, rules=[replace(RULE, status="confirmed_by_publisher")]) == []


def test_files_that_disagree_concern_the_publisher_unless_we_made_one() -> None:
    finding = Finding("temoins_en_desaccord", "error", "D1", "100 et 101", printed="100")
    assert told([finding], document("D1", "Ministère", "published", "published"))
    assert told([finding], document("D1", "Ministère", "published", "typeset")) == ()


def test_one_letter_a_publisher() -> None:
    other = replace(TOTAL, document="D2")
    found = told([TOTAL, other], document(), document("D2", "Agence"), document("D3", "Personne"))
    assert [(letter.publisher, letter.total) for letter in found] == [("Agence", 1), ("Ministère", 1)]


def test_a_copy_is_not_held_against_the_publisher() -> None:
    (copied,) = told([TOTAL], document("D1", "Ministère", "extract"))
    (published,) = told([TOTAL])
    assert "une copie de son texte" in markdown(copied)
    assert "une copie de son texte" not in markdown(published)


def test_the_letter_counts_names_each_point_and_says_how_to_answer() -> None:
    (letter,) = told([REFUSED, TOTAL, SPELLING])
    text = markdown(letter)
    assert text.startswith("# Relevé d'anomalies à l'attention de : Ministère\n\nÉtabli le 1er novembre 2026.")
    assert "2 questions auxquelles vous seul pouvez répondre et 1 graphie à signaler" in text
    assert f"| `{TOTAL.id}` | p. 3 | 12 | 13 | Total : 12 imprimé, 13 |" in text
    assert "## Comment répondre" in text


def test_printed_text_is_never_markup() -> None:
    strange = replace(TOTAL, printed="<b>*12*</b> | _x_")
    (letter,) = told([strange])
    assert r"| \<b\>\*12\*\</b\> \| \_x\_ |" in markdown(letter)
    assert "<td>&lt;b&gt;*12*&lt;/b&gt; | _x_</td>" in page(letter)


def test_the_words_around_show_the_printed_ones() -> None:
    around = CellContext("Meucon, ", "Noyal", ", Pénestin", "56-Morbihan")
    (letter,) = letters([document()], [REFUSED], {}, lambda _: around, DAY)
    assert "Meucon, **Noyal**, Pénestin" in markdown(letter)
    assert "Meucon, <mark>Noyal</mark>, Pénestin" in page(letter)


class Balance(HTMLParser):
    """Tags opened and not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("findings", [[TOTAL], [REFUSED, MISSING, SPELLING]])
def test_the_page_is_whole(findings: Sequence[Finding]) -> None:
    (letter,) = told(findings)
    parser = Balance()
    parser.feed(page(letter))
    assert parser.open == []


def test_each_authority_is_asked_of_what_it_decided() -> None:
    acts = (Act("A", "Arrêté A", authority="Logement"), Act("B", "Instruction B"))
    held = replace(document(publisher="Impôts"), acts=acts)
    findings = [replace(TOTAL, edition="A"), replace(TOTAL, edition="B", place="p. 4")]
    found = told(findings, held)
    assert [(letter.publisher, letter.concerns[0].acts) for letter in found] == [
        ("Impôts", ("Instruction B",)),
        ("Logement", ("Arrêté A",)),
    ]


def test_the_spellings_of_a_copy_wait_in_the_annex() -> None:
    (letter,) = told([TOTAL, SPELLING], document("D1", "Ministère", "extract"))
    assert (letter.total, [p.printed for p in letter.concerns[0].annex]) == (1, ["Villaine"])
    assert "Villaine" not in markdown(letter) and "En annexe, sur demande : un point" in markdown(letter)
    assert "## Annexe : Document D1 (1)" in markdown(letter, annexes=True)
    assert "Villaine" in page(letter, annexes=True) and "Villaine" not in page(letter)


def test_ten_questions_at_most_the_gravest_first() -> None:
    doubts = [replace(TOTAL, printed=str(n), subject=str(n), place=f"p. {n}") for n in range(12)]
    (letter,) = told([*doubts, REFUSED])
    (concern,) = letter.concerns
    assert (letter.total, len(concern.annex)) == (10, 3)
    assert REFUSED.id in {p.id for p in concern.points}


def test_what_a_person_asks_is_told_with_its_line() -> None:
    asked = Question("A", 12, "[c.A.D.]", "casse abîmée", "CAD")
    (letter,) = letters([document()], [], {}, lambda _: None, DAY, {"D1": [asked]})
    (point,) = letter.concerns[0].points
    assert (point.kind, point.place, point.printed, point.why) == ("doubt", "ligne 12", "[c.A.D.]", "casse abîmée")
    assert point.id == replace(asked, line=13, why="autre").id
