"""An act that repeals or annuls another one and prints no table: what it ends, in which datasets, when it cannot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.documents.declaration import read_document
from pipeline.refresh import state
from pipeline.refresh.decide import settle_repeals
from pipeline.refresh.state import DocumentOutcome, EditionOutcome, staged_outcome
from pipeline.settings import Settings
from pipeline.store.tables import CELLS_SCHEMA
from pipeline.store.versions import VersionStore
from pipeline.timeline.periods import periods
from tests.refresh import small
from tests.refresh.acts import Act, add, noon, read
from tests.warehouse.made import record, rows_table

DAY = date(2009, 9, 1)
ENDING = Act("XXXX0900002A", date(2009, 10, 1), "Arrêté d'abrogation")


def naming(act: str = small.ACT, day: date | None = DAY) -> Act:
    """The repeal of an act, from a day that its text states."""
    relation = {"kind": "abroge", "act": act} | ({"date_effet": day} if day else {})
    return Act(ENDING.id, ENDING.effect, ENDING.title, relation=relation)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Ceiling prices of four zones, read and held."""
    settings = small.project(tmp_path / "project")
    small.read(settings)
    return settings


def learn(settings: Settings, act: Act, month: int = 2) -> tuple[EditionOutcome, ...]:
    add(settings, act)
    return read(settings, act, noon(month)).editions


def staged(settings: Settings) -> DocumentOutcome:
    return state.outcome_from_json(staged_outcome(settings, ENDING.id) or {})


def ends(settings: Settings) -> list[date | None]:
    """The last day, exclusive, of what is held, as known now."""
    held = VersionStore(settings.versions).view()
    return [p.valid_to for p in periods(held.records, held.withdrawals) if p.known_to is None]


def test_it_is_a_version_without_rows_of_each_dataset_that_holds_something_of_the_act(settings: Settings) -> None:
    other = record(2, small.ACT, dataset="plafonds_plus", valid_from=date(2009, 6, 1))
    VersionStore(settings.versions).commit(other, rows_table([(2009, "1", "CA", 1)]), CELLS_SCHEMA.empty_table())
    found = learn(settings, naming())
    assert [(e.dataset, e.status, e.rows, e.ends) for e in found] == [
        ("plafonds_plus", "accepted", 0, small.ACT),
        ("prix_psla", "accepted", 0, small.ACT),
    ]
    assert ends(settings) == [DAY, DAY]


def test_read_again_it_is_the_same_version(settings: Settings) -> None:
    (first,) = learn(settings, naming())
    (again,) = learn(settings, naming())
    assert (again.status, again.version_no) == ("unchanged", first.version_no)


def test_a_day_put_right_in_its_declaration_counts_instead_of_the_first(settings: Settings) -> None:
    learn(settings, naming())
    (again,) = learn(settings, naming(day=date(2009, 12, 1)))
    assert again.status == "accepted"
    assert ends(settings) == [date(2009, 12, 1)]


def test_without_a_day_of_its_own_the_act_ends_the_other_when_it_takes_effect(settings: Settings) -> None:
    learn(settings, naming(day=None))
    assert ends(settings) == [ENDING.effect]


def test_without_any_day_it_is_refused(settings: Settings) -> None:
    add(settings, naming(day=None))
    declaration = settings.raw / ENDING.id / "document.toml"
    text = declaration.read_text(encoding="utf-8")
    declaration.write_text(text.replace(f"valid_from = {ENDING.effect}\nvalid_from_base", "valid_from_base"), "utf-8")
    (refused,) = read(settings, naming(), noon(2)).editions
    assert refused.status == "refused"
    assert "aucun jour de fin" in refused.reasons[0]
    assert ends(settings) == [None]


def test_a_person_who_withdraws_it_is_not_asked_again(settings: Settings) -> None:
    (first,) = learn(settings, naming())
    assert first.version_no
    VersionStore(settings.versions).withdraw(first.version_no, "arrêté d'une autre année", noon(3))
    (again,) = learn(settings, naming())
    assert again.status == "set_aside"
    assert "arrêté d'une autre année" in again.reasons[0]
    assert ends(settings) == [None]


def test_an_act_of_which_nothing_is_held_ends_nothing_and_a_finding_says_so(settings: Settings) -> None:
    assert learn(settings, naming("XXXX0800001A")) == ()
    assert ends(settings) == [None]
    assert [(f.rule, f.severity, f.edition) for f in staged(settings).findings] == [
        ("acte_vise_non_detenu", "info", ENDING.id)
    ]


def test_read_before_the_act_it_names_it_ends_it_once_both_are_held(tmp_path: Path) -> None:
    settings = small.project(tmp_path / "project")
    assert learn(settings, naming(), month=1) == ()
    small.read(settings)
    documents = [read_document(settings.raw / ENDING.id)]
    assert [settle_repeals(settings, VersionStore(settings.versions), documents, noon(2)) for _ in range(2)] == [
        True,
        False,
    ]
    assert [(e.status, e.version_no) for e in staged(settings).editions] == [("accepted", 2)]
    assert staged(settings).findings == ()
    assert [r.version_no for r in VersionStore(settings.versions).records()] == [1, 2]
    assert ends(settings) == [DAY]


def test_a_declaration_that_changed_is_read_before_it_ends_anything(tmp_path: Path) -> None:
    settings = small.project(tmp_path / "project")
    learn(settings, naming("XXXX0800001A"), month=1)
    small.read(settings)
    add(settings, naming())
    store = VersionStore(settings.versions)
    settle_repeals(settings, store, [read_document(settings.raw / ENDING.id)], noon(2))
    assert ends(settings) == [None]


def test_an_act_recognised_by_its_title_is_asked_for_no_table_and_the_finding_says_so(settings: Settings) -> None:
    title = "Arrêté abrogeant l'arrêté relatif aux prêts conventionnés pour la location-accession"
    act = Act(ENDING.id, ENDING.effect, title, relation=naming().relation)
    add(settings, act)
    read_of = read(settings, act, noon(2))
    assert [e.status for e in read_of.editions] == ["accepted"]
    assert [(f.rule, f.severity) for f in read_of.findings] == [("acte_sans_tableau", "info")]


def test_an_act_with_a_table_of_its_own_is_an_edition_that_also_ends_the_other(settings: Settings) -> None:
    relation = f'\n[act.relation]\nkind = "abroge"\nact = "{small.ACT}"\n'
    folder = settings.raw / ENDING.id
    folder.mkdir()
    first = settings.raw / small.DOCUMENT
    text = (first / "document.toml").read_text(encoding="utf-8")
    text = text.replace(small.DOCUMENT, ENDING.id).replace(small.ACT, ENDING.id).replace("2009-04-10", "2009-09-01")
    (folder / "document.toml").write_text(text + relation, encoding="utf-8")
    (folder / "annexe.md").write_bytes((first / "annexe.md").read_bytes())
    (edition,) = read(settings, ENDING, noon(2)).editions
    assert (edition.status, edition.rows, edition.ends) == ("accepted", 4, "")
    assert ends(settings) == [date(2009, 9, 1), None]
    (folder / "annexe.md").write_text("# Article 1er\n\nSans annexe.\n", encoding="utf-8")
    (again,) = read(settings, ENDING, noon(3)).editions
    assert again.status == "refused"
    assert "n'imprime plus de tableau" in again.reasons[0]
