"""What is held and expected, by act and by year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.contract.dataset import Dataset
from pipeline.documents.model import Relation
from pipeline.store.records import ActRecord
from pipeline.timeline.coverage import CoverageLine, coverage, coverage_findings
from tests.warehouse.made import known, record, seuils

HELD = [record(1, "A", valid_from=date(2019, 6, 15)), record(2, "B", valid_from=date(2022, 6, 15))]


def lines(dataset: Dataset) -> list[tuple[int | None, str]]:
    return [(line.annee, line.etat) for line in coverage([dataset], HELD, [])]


def test_a_yearly_dataset_has_a_line_for_each_year_between_two_known_ones() -> None:
    assert lines(seuils()) == [
        (2019, "detenu"),
        (2020, "aucun_acte_connu"),
        (2021, "aucun_acte_connu"),
        (2022, "detenu"),
    ]


def test_a_dataset_that_comes_when_it_comes_misses_no_year() -> None:
    assert lines(seuils(rhythm="irregular")) == [(2019, "detenu"), (2022, "detenu")]


def test_an_act_known_and_not_held_is_a_line_and_fills_its_year() -> None:
    acts = [known("C", date(2020, 7, 1), year=2020), known("D", date(2021, 7, 1)), known("A", date(2019, 6, 15))]
    found = coverage([seuils()], HELD, acts)
    assert [(line.annee, line.act_id, line.etat) for line in found] == [
        (2019, "A", "detenu"),
        (2020, "C", "connu_non_detenu"),
        (2021, "D", "connu_non_detenu"),
        (2022, "B", "detenu"),
    ]


def test_an_act_read_twice_is_one_line() -> None:
    again = [*HELD, record(3, "B", valid_from=date(2022, 6, 15))]
    assert [line.act_id for line in coverage([seuils()], again, []) if line.act_id] == ["A", "B"]


def test_the_year_of_an_act_is_the_one_declared() -> None:
    """In effect in January, the act of the year before."""
    held = [record(1, "A", valid_from=date(2025, 1, 1))]
    assert [line.annee for line in coverage([seuils()], held, [known("A", date(2025, 1, 1), year=2024)])] == [2024]


def test_an_act_that_only_ends_another_has_no_year_of_its_own() -> None:
    repeal = record(3, "X", rows=0, valid_from=date(2023, 1, 1), relation=Relation("abroge", "B"))
    assert [line.annee for line in coverage([seuils()], [repeal], [])] == [None]


def test_what_is_missing_is_said_and_what_is_held_is_not() -> None:
    acts = [known("C", date(2020, 7, 1), year=2020), known("E", None, year=2019)]
    found = coverage_findings(coverage([seuils()], HELD, acts))
    assert [(f.rule, f.severity, f.subject) for f in found] == [
        ("acte_non_detenu", "warning", "E"),
        ("acte_non_detenu", "warning", "C"),
        ("annee_manquante", "warning", "2021"),
    ]
    assert [f.message for f in found] == [
        "acte connu et non détenu : Arrêté E ; aucune réponse n'est donnée pour sa période",
        "acte connu et non détenu : Arrêté C, en vigueur le 01/07/2020 ; aucune réponse n'est donnée pour sa période",
        "aucun acte connu pour 2021, entre deux années connues",
    ]


def test_a_line_is_of_its_own_dataset() -> None:
    assert coverage([seuils("autres")], HELD, [known("C", None)]) == []
    (line,) = coverage([seuils()], HELD[:1], [])
    assert line == CoverageLine("seuils", 2019, "A", None, "Arrêté A", None, date(2019, 6, 15), "detenu")


NAMED = {"act": ActRecord("arrete-2021", "Arrêté du 30 juin 2021 modifiant l'arrêté du 15 juin 2020")}


def test_an_act_held_without_identifier_is_the_known_one_of_its_kind_and_day() -> None:
    held = [record(1, "arrete-2021", valid_from=date(2021, 7, 18), **NAMED)]
    same = known("JORFTEXT000043798217", date(2021, 7, 18), nor="TREL2114738A", signed=date(2021, 6, 30))
    assert [line.etat for line in coverage([seuils()], held, [same])] == ["detenu"]
    decree = replace(same, title="Décret du 30 juin 2021")
    assert len(coverage([seuils()], held, [decree])) == 2
    other_day = replace(same, signed=date(2021, 6, 29))
    assert len(coverage([seuils()], held, [other_day])) == 2


def test_two_acts_of_one_day_with_other_identifiers_are_two() -> None:
    held = [record(1, "TREL2114739A", valid_from=date(2021, 7, 18), signed=date(2021, 6, 30), nor="TREL2114739A")]
    other = known("JORFTEXT000043798217", date(2021, 7, 18), nor="TREL2114738A", signed=date(2021, 6, 30))
    assert [line.etat for line in coverage([seuils()], held, [other])] == ["connu_non_detenu", "detenu"]


def test_what_is_mended_in_a_declaration_is_what_coverage_says() -> None:
    wrong = record(1, "A", valid_from=date(2019, 6, 15), signed=date(2019, 1, 1))
    mended = record(2, "A", valid_from=date(2019, 6, 15), signed=date(2019, 6, 1), nor="TREL1900001A")
    listed = [known("acte-2019", date(2019, 6, 15), signed=date(2019, 6, 1))]
    assert [(line.nor, line.etat) for line in coverage([seuils()], [wrong, mended], listed)] == [
        ("TREL1900001A", "detenu")
    ]


def test_the_day_that_the_title_prints_counts_beside_the_one_declared() -> None:
    act = ActRecord("acte", "Arrêté du 13 mai 2024 relatif au seuil", signed=date(2024, 5, 14))
    held = [record(1, "acte", valid_from=date(2024, 5, 17), act=act)]
    same = known("seuils-2024-05-13", date(2024, 5, 13), signed=date(2024, 5, 13))
    assert [line.etat for line in coverage([seuils()], held, [same])] == ["detenu"]
