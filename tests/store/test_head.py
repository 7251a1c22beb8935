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


def test_nothing_is_written_while_something_is_lost(settings: Settings) -> None:
    remove(settings, "000003.json")
    with pytest.raises(StoreError, match="1 enregistrements ont disparu"):
        accept(settings, "D1", ROWS)
    assert lost(settings) != ()


@pytest.mark.parametrize("name", ["000001.json", "000003.json", "000002.withdrawn.json"])
@pytest.mark.parametrize("damage", ["gone", "cut", "of another store"])
def test_a_record_comes_back_from_its_copy_to_the_byte(settings: Settings, name: str, damage: str) -> None:
    VersionStore(settings.versions).withdraw(2, "mauvaise page", NOON)
    path = settings.versions / "seuils" / name
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(whole[:-40])
    else:
        path.write_bytes(foreign(settings, name))
    store = VersionStore(settings.versions)
    assert store.restore_records() == [f"seuils/{name}"]
    assert path.read_bytes() == whole
    assert (store.lost, VersionStore(settings.versions).lost) == ((), ())
    assert store.restore_records() == []


def foreign(settings: Settings, name: str) -> bytes:
    """The record of that name in a store whose versions were accepted for other acts."""
    other = project(settings.root / "autre")
    for edition in ("X1", "Y1", "Z1"):
        accept(other, edition, ROWS)
    VersionStore(other.versions).withdraw(2, "autre raison", NOON)
    return (other.versions / "seuils" / name).read_bytes()


def test_records_written_before_there_were_copies_are_copied_by_the_next_publish(settings: Settings) -> None:
    shutil.rmtree(settings.versions / "_copies")
    publish(settings, [seuils()], Catalogue())
    remove(settings, "000002.json")
    assert VersionStore(settings.versions).restore_records() == ["seuils/000002.json"]


def test_a_copy_that_is_cut_is_not_believed(settings: Settings) -> None:
    remove(settings, "000002.json")
    copy = settings.versions / "_copies" / "seuils.000002.json"
    copy.write_bytes(copy.read_bytes()[:-10])
    assert VersionStore(settings.versions).restore_records() == []
    assert lost(settings) == ("l'enregistrement de la version 2 a disparu",)


def test_a_version_whose_rows_are_gone_stops_the_publish_until_it_is_forgotten_by_number(settings: Settings) -> None:
    publish(settings, [seuils()], Catalogue())
    published = settings.database.read_bytes()
    remove(settings, "000002.parquet")
    for _ in range(2):
        with pytest.raises(PublishError, match="la version 2 est publiée et ne se lit plus"):
            publish(settings, [seuils()], Catalogue())
    assert settings.database.read_bytes() == published
    with pytest.raises(StoreError, match="la version 1 n'est ni perdue ni endommagée"):
        VersionStore(settings.versions).forget("pour voir", NOON, [1])
    assert VersionStore(settings.versions).forget("disque perdu", NOON, [2]) == (2,)
    assert publish(settings, [seuils()], Catalogue()).versions == 2
    assert VersionStore(settings.versions).view().refused == ()
    assert accept(settings, "D1", ROWS).version_no == 4


def test_a_record_that_vanished_with_both_heads_is_missed_by_its_copy(settings: Settings) -> None:
    (settings.versions / ".head.json").unlink()
    shutil.rmtree(settings.versions / "_head")
    remove(settings, "000003.json")
    assert lost(settings) == ("l'enregistrement seuils/000003.json a disparu",)
    assert VersionStore(settings.versions).restore_records() == ["seuils/000003.json"]
    assert lost(settings) == ()


def test_the_number_of_a_last_version_that_was_forgotten_is_not_used_again(settings: Settings) -> None:
    publish(settings, [seuils()], Catalogue())
    remove(settings, "000003.json")
    assert VersionStore(settings.versions).forget("disque perdu", NOON) == (3,)
    assert publish(settings, [seuils()], Catalogue()).versions == 2
    assert accept(settings, "D1", ROWS).version_no == 4


def test_there_is_nothing_to_forget_in_a_whole_store(settings: Settings) -> None:
    with pytest.raises(StoreError, match="rien à oublier"):
        VersionStore(settings.versions).forget("pour voir", NOON)
