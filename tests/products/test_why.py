"""Rows found by the words of a command line, what explains them, and the reference made of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from pipeline.contract.rows import Quarantined
from pipeline.extract.model import Cell, Grid, Reading, Source
from pipeline.products import cite
from pipeline.products.lookup import Found, LookupFailure, Question, conditions, find
from pipeline.products.why import Explanation, explain
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.access import connect
from pipeline.warehouse.catalogue import Catalogue
from tests.warehouse.made import NOON, accept, known, project, publish, seuils

UN, DEUX = "200000001", "200000002"
D2020, D2021 = date(2020, 6, 15), date(2021, 7, 18)
REFUSED = Quarantined(
    "doc-A1", "seuils", "A1", "annexe.txt", "siren_illisible", "pas neuf chiffres", "20000 | CA X", "ligne 30"
)


def two_editions(folder: Path) -> Settings:
    """The first read twice: 100 then 101 euros, and 200 the year after."""
    made = project(folder)
    accept(made, "A1", [(2020, UN, "CA Un", 100)], valid_from=D2020, signed=D2020)
    accept(made, "A1", [(2020, UN, "CA Un", 101), (2020, DEUX, "CA Deux", None)], valid_from=D2020, signed=D2020)
    accept(made, "A2", [(2021, UN, "CA Un", 200)], valid_from=D2021, published=date(2021, 7, 17), nor="TREL0000001A")
    return made


class Asker:
    """Ask for rows of `seuils` in a published file, and explain them."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self.connection = connection

    def __call__(self, *words: str, **when: Any) -> tuple[Found, list[Explanation]]:
        found = find(self.connection, Question(seuils(), conditions(words), **when), 5)
        return found, [explain(self.connection, seuils(), row, reading_of) for row in found.rows]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    settings = two_editions(tmp_path_factory.mktemp("why"))
    catalogue = Catalogue(known_acts=(known("A3", date(2023, 5, 1)),), quarantine=(REFUSED,))
    publish(settings, [seuils()], catalogue, now=NOON)
    with connect(settings) as connection:
        yield Asker(connection)


def reading_of(document: str, file: str) -> Reading | None:
    """What annexe.txt of the first act prints, as `made.cells_table` cites it."""
    assert file == "annexe.txt"
    texts = {17: UN, 18: "CA Un", 19: "101"}
    cells = [
        Cell(0, n, text, Source(line=line, start=0, end=len(text))) for n, (line, text) in enumerate(texts.items())
    ]
    return Reading((Grid(1, 3, tuple(cells)),)) if document == "doc-A1" else None


def failure(asked: Asker, *words: str, **when: Any) -> LookupFailure:
    with pytest.raises(LookupFailure) as caught:
        asked(*words, **when)
    return caught.value


def test_a_row_of_the_latest_edition(asked: Asker) -> None:
    found, (explained,) = asked(f"siren={UN}")
    assert (found.total, explained.row["seuil_euros"], explained.version["nor"]) == (1, 200, "TREL0000001A")


def test_each_value_cites_what_it_rests_on_with_its_neighbours(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}", as_of=D2020)
    by_name = {value.column: value for value in explained.values}
    (cited,) = by_name["seuil_euros"].cites
    assert (cited.printed, cited.place, cited.file, cited.role) == ("101", "ligne 19", "annexe.txt", "publie")
    assert cited.around is not None
    assert cited.around.line == f"{UN} | CA Un | «101»"
    (year,) = by_name["annee"].cites
    assert (year.printed, year.whole_version) == ("pour l'année 2020", True)


def test_words_of_a_file_that_is_gone_are_still_cited(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}")
    (cited,) = next(v for v in explained.values if v.column == "seuil_euros").cites
    assert (cited.printed, cited.around) == ("200", None)


def test_the_life_of_a_key_over_versions(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}")
    assert [(v.version_no, v.status, v.differs) for v in explained.versions] == [
        (1, "remplacée", {"annee": 2020, "seuil_euros": 100}),
        (2, "fait foi", {"annee": 2020, "seuil_euros": 101}),
        (3, "fait foi", {}),
    ]
    assert explained.versions[1].valid == ((D2020, D2021),)


def test_a_day_as_known_before_the_second_reading(asked: Asker) -> None:
    before = (NOON + timedelta(hours=1, minutes=30)).replace(tzinfo=None)
    _, (explained,) = asked(f"siren={UN}", as_of=D2020, known_at=before)
    assert (explained.row["version_no"], explained.row["seuil_euros"]) == (1, 100)


def test_some_columns_only(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}")
    assert [v.column for v in explained.only(["nom"]).values] == ["nom"]
    assert explained.only([]) == explained


def test_a_null_is_asked_for_by_nothing(asked: Asker) -> None:
    found, _ = asked("seuil_euros=", as_of=D2020)
    assert [row["siren"] for row in found.rows] == [DEUX]


def test_a_day_that_nothing_held_answers_for_names_the_act(asked: Asker) -> None:
    said = str(failure(asked, f"siren={UN}", as_of=date(2023, 6, 1)))
    assert "rien de ce qui est détenu n'était en vigueur le 01/06/2023" in said
    assert "acte connu et non détenu : Arrêté A3" in said
    assert "ce qui est détenu avant finit le 01/05/2023" in said
    assert "l'édition détenue suivante commence le 15/06/2020" in str(failure(asked, as_of=date(2019, 1, 1)))


def test_a_row_not_in_the_latest_edition_is_said_where_it_is(asked: Asker) -> None:
    assert "elle est dans la version 2" in str(failure(asked, f"siren={DEUX}"))


def test_a_row_in_quarantine_is_said_to_be_there(asked: Asker) -> None:
    assert "écartée (ligne 30) : 20000 | CA X : pas neuf chiffres" in str(failure(asked, "siren=20000"))


@pytest.mark.parametrize("words", [("inconnu=1",), ("siren",), ("=1",), ("siren=1", "siren=2")])
def test_a_wrong_question_is_wrong_usage(asked: Asker, words: tuple[str, ...]) -> None:
    assert failure(asked, *words).code == 2


def test_a_moment_of_knowledge_goes_with_a_day(asked: Asker) -> None:
    assert failure(asked, known_at=NOON.replace(tzinfo=None)).code == 2


def test_a_quote_in_a_value_is_a_quote(asked: Asker) -> None:
    assert "aucune ligne" in str(failure(asked, "nom=L'Isle' or 1=1 --"))


def test_a_reference_says_what_is_printed_and_what_is_not(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}", as_of=D2020)
    said = cite.plain(cite.reference(asked.connection, seuils(), explained, "Annexe 2"))
    assert said.startswith("Arrêté A1, A1, NOR non imprimé, date de publication non imprimée, reproduit dans doc-A1")
    assert "Annexe 2, lignes 17 à 19 de annexe.txt, https://exemple.fr/A1 (consulté le 1er janvier 2026)" in said
    assert f"Donnée : seuils, annee 2020, siren {UN}, version 2, empreinte " in said


def test_a_reference_names_the_journal_and_the_nor_when_they_are_known(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}")
    ref = cite.reference(asked.connection, seuils(), explained)
    assert "A2, NOR TREL0000001A, Journal officiel du 17 juillet 2021" in cite.plain(ref)
    entry = cite.bibtex(ref)
    assert entry.startswith("@misc{a2-v3,\n")
    assert "  title = {{Arrêté A2}},\n" in entry
    assert "  year = {2021},\n" in entry
    assert "  urldate = {2026-01-01},\n" in entry


def test_signs_of_bibtex_are_escaped(asked: Asker) -> None:
    _, (explained,) = asked(f"siren={UN}")
    ref = cite.reference(asked.connection, seuils(), explained, "Prix & plafonds {50 %}")
    assert r"Prix \& plafonds \{50 \%\}" in cite.bibtex(ref)


def test_a_version_taken_back_is_said_so(tmp_path: Path) -> None:
    settings = two_editions(tmp_path)
    VersionStore(settings.versions).withdraw(3, "essai", NOON + timedelta(days=1))
    publish(settings, [seuils()], Catalogue(), now=NOON)
    with connect(settings) as connection:
        row = find(connection, Question(seuils(), {"siren": UN}), 1).rows[0]
        life = explain(connection, seuils(), row, reading_of).versions
    assert [v.status for v in life] == ["remplacée", "fait foi", "retirée"]
