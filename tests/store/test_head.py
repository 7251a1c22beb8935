"""A record that vanishes, or is not the one that was written, is said until a person decides: the warehouse never
becomes smaller in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.settings import Settings
from pipeline.store.versions import StoreError, VersionStore
from pipeline.warehouse.audit import audit
from pipeline.warehouse.catalogue import Catalogue
from pipeline.warehouse.publish import PublishError
from tests.warehouse.made import NOON, accept, known, project, publish, seuils

ROWS = [(2020, "200000001", "CA Un", 10_000)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = project(tmp_path)
    for edition in ("A1", "B1", "C1"):
        accept(made, edition, ROWS)
    return made


def lost(settings: Settings) -> tuple[str, ...]:
    return VersionStore(settings.versions).lost


def remove(settings: Settings, name: str) -> None:
    (settings.versions / "seuils" / name).unlink()


def test_a_whole_store_has_lost_nothing(settings: Settings) -> None:
    VersionStore(settings.versions).withdraw(2, "mauvaise page", NOON)
    VersionStore(settings.versions).remember_acts([known("X", None)], NOON)
    assert lost(settings) == ()


@pytest.mark.parametrize("number", [1, 2])
def test_a_record_that_vanished_between_others_is_named(settings: Settings, number: int) -> None:
    remove(settings, f"{number:06d}.json")
    assert lost(settings) == (f"l'enregistrement de la version {number} a disparu",)


def test_the_last_record_and_a_withdrawal_are_missed_too(settings: Settings) -> None:
    VersionStore(settings.versions).withdraw(2, "mauvaise page", NOON)
    remove(settings, "000002.withdrawn.json")
    remove(settings, "000003.json")
    assert lost(settings) == ("2 enregistrements ont disparu sur 4 (versions ou retraits)",)


def test_a_whole_record_of_another_store_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    other = project(tmp_path / "autre")
    for edition in ("A1", "X1"):
        accept(other, edition, ROWS)
    shutil.copy(other.versions / "seuils" / "000002.json", settings.versions / "seuils" / "000002.json")
    assert lost(settings) == (
        "des enregistrements ne sont pas ceux qui ont été écrits : remplacés, ou venus d'ailleurs",
    )


def test_a_commit_cut_before_it_could_say_so_is_no_loss(settings: Settings) -> None:
    places = [settings.versions / ".head.json", settings.versions / "_head" / "head.json"]
    before = [place.read_bytes() for place in places]
    accept(settings, "D1", ROWS)
    for place, content in zip(places, before, strict=True):
        place.write_bytes(content)
    assert lost(settings) == ()
    accept(settings, "E1", ROWS)
    assert lost(settings) == ()


def test_one_place_of_the_head_is_enough(settings: Settings) -> None:
    (settings.versions / ".head.json").unlink()
    remove(settings, "000003.json")
    assert lost(settings) == ("1 enregistrements ont disparu sur 3 (versions ou retraits)",)


def test_nothing_is_published_until_a_person_decides_and_the_file_in_place_stays(settings: Settings) -> None:
    publish(settings, [seuils()], Catalogue())
    published = settings.database.read_bytes()
    remove(settings, "000002.json")
    for _ in range(2):
        with pytest.raises(PublishError, match="version 2 a disparu"):
            publish(settings, [seuils()], Catalogue())
    assert settings.database.read_bytes() == published
    assert "l'enregistrement de la version 2 a disparu" in list(audit(settings, [seuils()], current=False))
    assert VersionStore(settings.versions).forget("disque perdu", NOON) == (2,)
    assert publish(settings, [seuils()], Catalogue()).versions == 2
    assert lost(settings) == ()
    assert accept(settings, "D1", ROWS).version_no == 4


def test_what_is_lost_stays_lost_after_the_next_commit(settings: Settings) -> None:
    remove(settings, "000003.json")
    store = VersionStore(settings.versions)
    assert store.lost
    remove(settings, "000002.json")
    accept(settings, "D1", ROWS)
    assert lost(settings) != ()


def test_there_is_nothing_to_forget_in_a_whole_store(settings: Settings) -> None:
    with pytest.raises(StoreError, match="rien à oublier"):
        VersionStore(settings.versions).forget("pour voir", NOON)
