"""Which version a reading is compared with, and what a declaration may say to the gate."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.store.versions import VersionStore
from tests.refresh.small import ACT, DATASET, DOCUMENT, PRICES, project, read
from tests.warehouse.made import NOON

FEWER = {"A": 4_300, "B1": 2_900}
"""Two zones of the four."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Four zones read, in effect from 10 April 2009."""
    made = project(tmp_path / "project")
    assert read(made).status == "accepted"
    return made


def another_act(settings: Settings, effect: date, parameters: str = "") -> None:
    """The document now carries another act, of another day."""
    path = settings.raw / DOCUMENT / "document.toml"
    text = path.read_text(encoding="utf-8").replace(ACT, f"XXXX{effect:%y%m%d}A")
    path.write_text(text.replace("2009-04-10", effect.isoformat()) + parameters, encoding="utf-8")


def test_a_later_edition_keeps_nine_keys_in_ten_of_the_one_before(settings: Settings) -> None:
    another_act(settings, date(2010, 1, 1))
    edition = read(settings, FEWER)
    assert edition.status == "refused"
    assert edition.reasons == ("50 % seulement des clés de l'édition précédente",)


def test_or_says_why_not(settings: Settings) -> None:
    reason = f'[act.parameters.{DATASET}]\ncles_perdues = "l\'arrêté ne cite plus que deux zones"\n'
    another_act(settings, date(2010, 1, 1), f"\n{reason}")
    assert read(settings, FEWER).status == "accepted"


def test_an_edition_of_the_same_day_is_held_to_the_keys_of_the_one_read_before(settings: Settings) -> None:
    another_act(settings, date(2009, 4, 10))
    edition = read(settings, FEWER)
    assert (edition.status, edition.reasons) == ("refused", ("50 % seulement des clés de l'édition précédente",))


def test_an_older_edition_read_late_is_not_held_to_the_keys_of_a_newer_one(settings: Settings) -> None:
    another_act(settings, date(2008, 1, 1))
    assert read(settings, FEWER).status == "accepted"


def test_a_withdrawn_edition_is_not_compared_with(settings: Settings) -> None:
    VersionStore(settings.versions).withdraw(1, "mauvais document", NOON)
    another_act(settings, date(2010, 1, 1))
    assert read(settings, FEWER).status == "accepted"


def test_a_withdrawn_reading_is_not_taken_again(settings: Settings) -> None:
    VersionStore(settings.versions).withdraw(1, "mauvais document", NOON)
    again = read(settings)
    assert (again.status, again.version_no) == ("set_aside", None)
    assert "mauvais document" in again.reasons[0]


def test_the_same_rows_with_other_dates_are_a_new_version_at_once(settings: Settings) -> None:
    path = settings.raw / DOCUMENT / "document.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("2009-04-10", "2009-04-11"), encoding="utf-8")
    edition = read(settings)
    assert (edition.status, edition.version_no) == ("accepted", 2)


def test_the_second_reading_of_an_edition_is_compared_with_its_own_first(settings: Settings) -> None:
    """Zones lost from one reading of an act to the next are no matter of editions."""
    edition = read(settings, FEWER)
    assert (edition.status, edition.version_no) == ("refused", 1)
    assert read(settings, PRICES).status == "unchanged"


def declare(settings: Settings, before: str, after: str) -> None:
    path = settings.raw / DOCUMENT / "document.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_what_a_person_mends_in_the_declaration_is_a_new_record_of_the_same_content(settings: Settings) -> None:
    declare(settings, 'url = "https://exemple.fr/arrete"', 'url = "https://exemple.fr/eli"')
    declare(settings, "signed = 2009-04-07", "signed = 2009-04-08")
    edition = read(settings)
    assert (edition.status, edition.version_no) == ("accepted", 2)
    assert edition.reasons == ("document.toml corrigé : date de signature, adresse",)
    before, after = VersionStore(settings.versions).live(DATASET)
    assert before.content_sha256 == after.content_sha256
    assert [r.act.signed for r in (before, after) if r.act] == [date(2009, 4, 7), date(2009, 4, 8)]
    assert (before.source_url, after.source_url) == ("https://exemple.fr/arrete", "https://exemple.fr/eli")
    assert read(settings).status == "unchanged"


def test_a_mended_declaration_that_was_withdrawn_does_not_come_back(settings: Settings) -> None:
    declare(settings, 'title = "Arrêté relatif', 'title = "Arrête relatif')
    assert read(settings).version_no == 2
    VersionStore(settings.versions).withdraw(2, "faute de frappe", NOON)
    assert read(settings).status == "unchanged"


def move_down(settings: Settings) -> None:
    """One line more above the table: the same rows, printed elsewhere."""
    path = settings.raw / DOCUMENT / "annexe.md"
    path.write_text(path.read_text(encoding="utf-8").replace("# Annexe II\n", "# Annexe II\n\n"), encoding="utf-8")


def test_the_same_rows_cited_at_other_places_of_the_file_are_one_more_record(settings: Settings) -> None:
    move_down(settings)
    edition = read(settings)
    assert (edition.status, edition.version_no) == ("accepted", 2)
    assert edition.reasons == ("mêmes lignes, citées autrement : d'autres mots ou lieux imprimés",)
    store = VersionStore(settings.versions)
    before, after = store.live(DATASET)
    assert before.content_sha256 == after.content_sha256
    lines = [min(store.cells(r).column("line").to_pylist()) for r in (before, after)]
    assert lines[1] == lines[0] + 1
    assert read(settings).status == "unchanged"


def test_other_citations_that_a_person_took_back_do_not_come_again(settings: Settings) -> None:
    move_down(settings)
    assert read(settings).version_no == 2
    VersionStore(settings.versions).withdraw(2, "mauvaise copie", NOON)
    assert read(settings).status == "unchanged"
