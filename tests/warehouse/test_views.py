"""What an analyst sees: the latest edition, a day as known at a moment, differences, partial acts stacked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.contract.dataset import Dataset
from pipeline.documents.model import Relation
from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from pipeline.warehouse.catalogue import Catalogue
from tests.warehouse.made import NOON, accept, amends, known, project, publish, seuils

UN, DEUX, TROIS = "200000001", "200000002", "200000003"
D2020, D2021 = date(2020, 6, 15), date(2021, 7, 18)


def first(rows: list[tuple[str, int | None]]) -> list[tuple[Any, ...]]:
    return [(2020, siren, f"CA {siren[-1]}", seuil) for siren, seuil in rows]


class Reader:
    """A published file to ask in SQL."""

    def __init__(self, settings: Settings, catalogue: Catalogue, dataset: Dataset) -> None:
        publish(settings, [dataset], catalogue, now=NOON)
        self.connection = duckdb.connect(str(settings.database), read_only=True)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return project(tmp_path)


@pytest.fixture
def read(settings: Settings) -> Iterator[Any]:
    opened: list[Reader] = []

    def _read(catalogue: Catalogue = Catalogue(), dataset: Dataset | None = None) -> Reader:  # noqa: B008
        opened.append(Reader(settings, catalogue, dataset or seuils()))
        return opened[-1]

    yield _read
    for reader in opened:
        reader.connection.close()


def test_the_day_and_the_moment_both_count(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    accept(settings, "A1", first([(UN, 101)]), valid_from=D2020)
    accept(settings, "A2", first([(UN, 200)]), valid_from=D2021)
    asked = read()
    hour = "TIMESTAMP '2026-01-01 {}:30:00'"
    for day, moment, expected in [
        ("2020-12-01", "NULL", [(101,)]),
        ("2022-01-01", "NULL", [(200,)]),
        ("2022-01-01", hour.format(14), [(101,)]),
        ("2020-12-01", hour.format(13), [(100,)]),
        ("2020-12-01", hour.format(12), []),
        ("2020-01-01", "NULL", []),
    ]:
        assert asked.ask(f"SELECT seuil_euros FROM seuils_as_of('{day}', known_at := {moment})") == expected


def test_a_gap_left_by_an_act_not_held_answers_nothing(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    asked = read(Catalogue(known_acts=(known("A2", D2021, year=2021),)))
    assert asked.ask("FROM seuils_as_of('2022-12-01')") == []
    assert asked.ask("SELECT DISTINCT vigueur, valid_to FROM seuils") == [("remplace", D2021)]
    assert asked.ask("SELECT annee, act_id, etat FROM meta.coverage") == [
        (2020, "A1", "detenu"),
        (2021, "A2", "connu_non_detenu"),
    ]
    assert asked.ask("SELECT rule, subject FROM meta.findings") == [("acte_non_detenu", "A2")]


def test_a_year_without_any_known_act_is_missing(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    accept(settings, "A3", first([(UN, 100)]), valid_from=date(2022, 5, 1))
    asked = read()
    assert asked.ask("SELECT annee, etat FROM meta.coverage WHERE act_id IS NULL") == [(2021, "aucun_acte_connu")]
    assert asked.ask("SELECT rule, subject FROM meta.findings") == [("annee_manquante", "2021")]


def test_an_act_that_only_ends_another_one_is_no_edition_of_its_year(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    accept(settings, "X", [], valid_from=D2021, relation=Relation("abroge", "A1"))
    accept(settings, "A3", first([(UN, 100)]), valid_from=date(2022, 5, 1))
    asked = read()
    assert asked.ask("SELECT annee FROM meta.coverage WHERE act_id IS NULL") == [(2021,)]
    assert asked.ask("SELECT edition, valid_to_base FROM meta.editions ORDER BY 1") == [
        ("A1", "abroge"),
        ("A3", "aucune"),
    ]


def test_a_partial_act_hides_only_the_keys_it_prints(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100), (DEUX, 200)]), valid_from=D2020)
    accept(settings, "A2", first([(DEUX, 222), (TROIS, 333)]), valid_from=D2021, relation=amends("A1", "partielle"))
    asked = read()
    thresholds = "SELECT siren, seuil_euros, edition FROM {} ORDER BY siren"
    before, after = [(UN, 100, "A1"), (DEUX, 200, "A1")], [(UN, 100, "A1"), (DEUX, 222, "A2"), (TROIS, 333, "A2")]
    assert asked.ask(thresholds.format("seuils_as_of('2020-12-01')")) == before
    assert asked.ask(thresholds.format("seuils_as_of('2022-01-01')")) == after
    assert asked.ask(thresholds.format("seuils")) == after
    day = "(SELECT * FROM history.seuils WHERE known_to IS NULL AND '{}' >= valid_from AND valid_to IS {} NULL)"
    assert asked.ask(thresholds.format(day.format("2020-12-01", "NOT"))) == before
    assert asked.ask(thresholds.format(day.format("2022-01-01", ""))) == after


def test_a_partial_act_of_another_year_hides_the_rows_it_amends(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100), (DEUX, 200)]), valid_from=D2020)
    amended = [(2021, DEUX, "CA 2", 222)]
    accept(settings, "A2", amended, valid_from=D2021, relation=amends("A1", "partielle"))
    assert read().ask("SELECT annee, seuil_euros FROM seuils ORDER BY ALL") == [(2020, 100), (2021, 222)]


def test_a_partial_act_follows_the_rectification_of_its_base(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100), (DEUX, 200)]), valid_from=D2020)
    accept(settings, "A2", first([(DEUX, 222)]), valid_from=D2021, relation=amends("A1", "partielle"))
    accept(settings, "A1", first([(UN, 111), (DEUX, 211)]), valid_from=D2020)
    asked = read()
    assert asked.ask("SELECT seuil_euros FROM seuils_as_of('2022-01-01') ORDER BY siren") == [(111,), (222,)]
    earlier = "known_at := TIMESTAMP '2026-01-01 14:30:00'"
    assert asked.ask(f"SELECT seuil_euros FROM seuils_as_of('2022-01-01', {earlier}) ORDER BY siren") == [
        (100,),
        (222,),
    ]


def test_undated_rows_answer_only_when_asked(settings: Settings, read: Any) -> None:
    accept(settings, "S1", first([(UN, 100)]))
    asked = read(dataset=seuils(dated=False))
    assert asked.ask("FROM seuils_as_of('2026-01-01')") == []
    assert asked.ask("SELECT seuil_euros FROM seuils_as_of('2026-01-01', avec_non_date := true)") == [(100,)]
    assert asked.ask("SELECT seuil_euros, valid_from, vigueur FROM seuils") == [(100, None, "a_verifier")]


@pytest.mark.parametrize(
    ("begin", "end", "why", "said"),
    [
        (-800, -10, "revision_annuelle", "expire"),
        (-800, -10, "remplace_par_acte_non_detenu", "remplace"),
        (-800, None, "aucune", "a_verifier"),
        (-100, None, "aucune", "en_vigueur"),
        (-800, 10, "texte", "en_vigueur"),
        (10, None, "aucune", "a_venir"),
    ],
)
def test_old_law_is_shown_as_old_law(
    settings: Settings, read: Any, begin: int, end: int | None, why: str, said: str
) -> None:
    today = datetime.now().astimezone().date()
    until = today + timedelta(days=end) if end else None
    dates = {"valid_from": today + timedelta(days=begin), "valid_to": until, "valid_to_base": why}
    accept(settings, "A1", first([(UN, 100)]), **dates)
    assert read().ask("SELECT vigueur FROM seuils") == [(said,)]


def test_acts_that_accumulate_are_all_shown(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    accept(settings, "A2", first([(DEUX, 200)]), valid_from=D2021)
    asked = read(dataset=seuils(succession="accumulates"))
    assert asked.ask("SELECT seuil_euros FROM seuils ORDER BY ALL") == [(100,), (200,)]
    assert asked.ask("SELECT seuil_euros FROM seuils_as_of('2022-01-01') ORDER BY ALL") == [(100,), (200,)]


def test_a_difference_tells_lost_coverage_from_changed_values(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100), (DEUX, 200), (TROIS, 300)]), valid_from=D2020)
    later = [(2021, UN, "CA 1", 110), (2021, DEUX, "CA 2", None), (2021, "200000009", "CA 9", 900)]
    accept(settings, "A2", later, valid_from=D2021)
    asked = read().ask("SELECT changement, siren, colonne, avant, apres FROM seuils_diff(1, 2) ORDER BY siren")
    assert asked == [
        ("modifie", UN, "seuil_euros", "100", "110"),
        ("valeur_perdue", DEUX, "seuil_euros", "200", None),
        ("retire", TROIS, None, None, None),
        ("ajoute", "200000009", None, None, None),
    ]


def test_a_withdrawn_version_is_listed_with_its_reason_and_not_served(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    accept(settings, "A1", first([(UN, 999)]), valid_from=D2020)
    VersionStore(settings.versions).withdraw(2, "page lue à l'envers", NOON + timedelta(days=1))
    asked = read()
    assert asked.ask("SELECT seuil_euros FROM seuils") == [(100,)]
    assert asked.ask("SELECT version_no, withdrawn_reason FROM meta.versions ORDER BY 1") == [
        (1, None),
        (2, "page lue à l'envers"),
    ]


def test_a_value_leads_to_the_words_it_was_printed_in(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    found = read().ask(
        "SELECT colonne, printed, lieu, role FROM meta.provenance "
        "WHERE version_no = 1 AND row_no IN (0, 1) ORDER BY col_no"
    )
    assert found == [
        ("annee", "pour l'année 2020", "ligne 3", "publie"),
        ("siren", UN, "ligne 17", "publie"),
        ("nom", "CA 1", "ligne 18", "publie"),
        ("seuil_euros", "100", "ligne 19", "publie"),
    ]


def test_a_value_observed_answers_for_the_days_it_is_observed_and_beyond_only_when_asked(
    settings: Settings, read: Any
) -> None:
    until = date(2020, 10, 15)
    observed = {"valid_from_base": "constat", "valid_to": until, "valid_to_base": "constat"}
    accept(settings, "A1", first([(UN, 100)]), valid_from=date(2020, 9, 1), **observed)
    asked = read()
    rows = "SELECT seuil_euros, vigueur FROM seuils_as_of('{}', avec_a_verifier := {})"
    for day, unasked, when_asked in [
        ("2020-08-31", [], [(100, "a_verifier")]),
        ("2020-09-01", [(100, "en_vigueur")], [(100, "en_vigueur")]),
        ("2020-10-14", [(100, "en_vigueur")], [(100, "en_vigueur")]),
        ("2020-10-15", [], [(100, "a_verifier")]),
        ("2100-01-01", [], [(100, "a_verifier")]),
    ]:
        assert asked.ask(rows.format(day, "false")) == unasked
        assert asked.ask(rows.format(day, "true")) == when_asked
    assert asked.ask("SELECT vigueur FROM seuils") == [("a_verifier",)]
    assert asked.ask("SELECT effect_from, etat FROM meta.coverage WHERE act_id IS NOT NULL") == [
        (date(2020, 9, 1), "detenu"),
        (until, "a_verifier"),
    ]


def test_of_two_observations_the_last_before_the_day_is_shown(settings: Settings, read: Any) -> None:
    for edition, value, year in (("A1", 100, 2009), ("A2", 200, 2012)):
        accept(
            settings,
            edition,
            first([(UN, value)]),
            valid_from=date(year, 1, 1),
            valid_from_base="constat",
            valid_to=date(year, 2, 1),
            valid_to_base="constat",
        )
    asked = read()
    rows = "SELECT seuil_euros FROM seuils_as_of('{}', avec_a_verifier := true)"
    shown = [asked.ask(rows.format(day)) for day in ("2008-01-01", "2011-01-01", "2012-01-15", "2013-01-01")]
    assert shown == [[(100,)], [(100,)], [(200,)], [(200,)]]


def test_an_act_for_a_year_that_answers_in_another_carries_a_reserve(settings: Settings, read: Any) -> None:
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    asked = read(dataset=seuils(rhythm="yearly"))
    assert asked.ask("SELECT reserve FROM seuils_as_of('2020-12-31')") == [(None,)]
    (row,) = asked.ask("SELECT reserve FROM seuils_as_of('2021-03-01')")
    assert row == ("acte pour l'année 2020 : aucun acte détenu pour 2021",)


def test_a_column_answers_under_its_former_name_for_one_release(settings: Settings, read: Any) -> None:
    """Version files written before the change have the former name only."""
    accept(settings, "A1", first([(UN, 100)]), valid_from=D2020)
    columns = tuple(
        replace(c, name="seuil_euros_an", formerly="seuil_euros") if c.name == "seuil_euros" else c
        for c in seuils().columns
    )
    asked = read(dataset=seuils(columns=columns))
    assert asked.ask("SELECT seuil_euros_an, seuil_euros FROM seuils") == [(100, 100)]
    assert asked.ask("SELECT DISTINCT colonne FROM meta.provenance WHERE col_no = 4") == [("seuil_euros_an",)]
    (comment,) = asked.ask(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'seuils' AND schema_name = 'main' "
        "AND column_name = 'seuil_euros'"
    )
    assert comment == ("Ancien nom de seuil_euros_an, retiré à la prochaine version.",)
