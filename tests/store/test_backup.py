"""One file saves a project and gives it back; nothing is replaced before all of it was verified."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import date
from pathlib import Path

import pytest

from pipeline.config import ConfigError
from pipeline.settings import Settings
from pipeline.store import backup as backup_restore
from pipeline.store.backup import (
    MANIFEST,
    BackupError,
    backup,
    check_backup,
    finish_restore,
    restore,
    restore_folder,
    restore_versions,
    saved_settings,
)
from pipeline.store.lock import refresh_lock
from pipeline.store.versions import VersionStore
from tests.warehouse.made import NOON, accept


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Settings, Path]:
    """A project of two versions, one withdrawn, and its backup."""
    settings = Settings(tmp_path / "project")
    accept(settings, "A1", [(2020, "200000001", "CA Un", 10_000)], valid_from=date(2020, 6, 15))
    accept(settings, "A2", [(2021, "200000001", "CA Un", 11_000)], valid_from=date(2021, 7, 18))
    VersionStore(settings.versions).withdraw(2, "mal lu", NOON)
    (settings.raw / "doc-A1").mkdir(parents=True)
    (settings.raw / "doc-A1/document.toml").write_text("[document]\n", encoding="utf-8")
    (settings.raw / "doc-A1/annexe.txt").write_text("Ain\n", encoding="utf-8")
    target = tmp_path / "sauvegarde.tar.zst"
    backup(settings, target, NOON)
    return settings, target


def project(tmp_path: Path, name: str) -> Settings:
    settings = Settings(tmp_path / name)
    settings.warehouse.mkdir(parents=True)
    return settings


def held(settings: Settings) -> tuple[list[int], list[int]]:
    """(versions, withdrawn)."""
    found = VersionStore(settings.versions).view()
    assert found.refused == ()
    return [r.version_no for r in found.records], [w.version_no for w in found.withdrawals]


@pytest.mark.parametrize("name", ["s.tar.zst", "s.tar.gz"])
def test_versions_and_declarations_come_back_as_they_were(
    saved: tuple[Settings, Path], tmp_path: Path, name: str
) -> None:
    original, _ = saved
    manifest = backup(original, tmp_path / name, NOON)
    other = project(tmp_path, "other")
    assert restore(other, tmp_path / name) == check_backup(tmp_path / name) == manifest
    assert manifest.versions == 2
    assert held(other) == held(original) == ([1, 2], [2])
    assert (other.raw / "doc-A1/document.toml").read_bytes() == (original.raw / "doc-A1/document.toml").read_bytes()
    assert not restore_folder(other).exists()


def test_the_files_of_raw_are_saved_on_demand_only(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    original, target = saved
    assert "raw/doc-A1/annexe.txt" not in check_backup(target).files
    assert "raw/doc-A1/annexe.txt" in backup(original, tmp_path / "tout.tar.gz", NOON, whole_raw=True).files


def test_a_project_that_holds_something_is_replaced_by_force_only(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    _, target = saved
    other = project(tmp_path, "other")
    accept(other, "B1", [(2020, "200000009", "CA Neuf", 9_000)])
    with pytest.raises(BackupError, match="déjà 1 versions"):
        restore(other, target)
    assert held(other) == ([1], [])
    restore(other, target, force=True)
    assert held(other) == ([1, 2], [2])


def test_a_declaration_that_differs_is_not_overwritten_in_silence(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    other = project(tmp_path, "other")
    (other.raw / "doc-A1").mkdir(parents=True)
    (other.raw / "doc-A1/document.toml").write_text("# la mienne\n", encoding="utf-8")
    with pytest.raises(BackupError, match=r"raw/doc-A1/document\.toml n'est pas celui"):
        restore(other, saved[1])


def test_what_was_staged_is_read_again(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    other = project(tmp_path, "other")
    outcome = other.staged / "doc-A1/outcome.json"
    outcome.parent.mkdir(parents=True)
    outcome.write_text("{}", encoding="utf-8")
    restore(other, saved[1])
    assert not outcome.exists()


@pytest.mark.parametrize("at", [0.1, 0.5, 0.95])
@pytest.mark.parametrize("name", ["s.tar.zst", "s.tar.gz"])
def test_a_backup_cut_short_or_altered_replaces_nothing(
    saved: tuple[Settings, Path], tmp_path: Path, name: str, at: float
) -> None:
    original, _ = saved
    backup(original, tmp_path / name, NOON)
    whole = (tmp_path / name).read_bytes()
    place = int(len(whole) * at)
    altered = bytearray(whole)
    altered[place] ^= 0x55
    for damaged in (whole[:place], bytes(altered)):
        (tmp_path / name).write_bytes(damaged)
        other = project(tmp_path, f"other-{len(damaged)}")
        with pytest.raises(BackupError, match=name):
            restore(other, tmp_path / name)
        assert not other.versions.exists()
        assert not restore_folder(other).exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../dehors.toml", "chemin inattendu"),
        ("/etc/passwd", "chemin inattendu"),
        ("raw/../../dehors.toml", "chemin inattendu"),
        ("pipeline/settings.py", "chemin inattendu"),
        ("warehouse/annexes.duckdb", "chemin inattendu"),
        ("raw", "chemin inattendu"),
        ("raw/.incoming/x", "chemin inattendu"),
        ("raw/doc/\u202eannexe", "chemin inattendu"),
        ("raw/doc/a\x1b[31m", "chemin inattendu"),
        ("warehouse/versions/seuils", "chemin inattendu"),
        ("warehouse/versions/a/b/000001.json", "chemin inattendu"),
        ("dagster.yaml", "chemin inattendu"),
    ],
)
def test_a_member_without_a_place_in_a_project_is_refused(tmp_path: Path, name: str, said: str) -> None:
    body = {"format": 1, "made_at": "", "versions": 0, "files": {name: {"sha256": "0" * 64, "bytes": 1}}}
    source = tmp_path / "hostile.tar.gz"
    with tarfile.open(source, "w:gz") as tar:
        for member, content in ((MANIFEST, json.dumps(body).encode()), (name, b"x")):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    other = project(tmp_path, "other")
    with pytest.raises(BackupError, match=said):
        restore(other, source)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hostile.tar.gz", "other"]


def test_a_damaged_version_is_not_put_back_in_silence(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    original, _ = saved
    VersionStore(original.versions).path("seuils", 1).write_bytes(b"PAR1")
    backup(original, tmp_path / "abime.tar.gz", NOON)
    with pytest.raises(BackupError, match="1 fichiers de version endommagés"):
        restore(project(tmp_path, "other"), tmp_path / "abime.tar.gz")


@pytest.mark.parametrize("moves", range(4))
def test_a_restore_cut_short_is_finished_by_the_next_writer(
    saved: tuple[Settings, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    """The versions that were there are set aside, then the new ones take their place: stopped before each move."""
    _, target = saved
    other = project(tmp_path, "other")
    accept(other, "B1", [(2020, "200000009", "CA Neuf", 9_000)])
    left = [moves]

    def cut_short(self: Path, to: Path) -> Path:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return rename(self, to)

    rename = Path.rename
    with monkeypatch.context() as patched:
        patched.setattr(backup_restore.Path, "rename", cut_short)
        if moves < 3:
            with pytest.raises(KeyboardInterrupt):
                restore(other, target, force=True)
        else:
            restore(other, target, force=True)
    with refresh_lock(other):
        assert held(other) == ([1, 2], [2])
    assert not finish_restore(other)


def test_the_settings_of_a_backup_are_shown_and_taken_on_demand_only(
    saved: tuple[Settings, Path], tmp_path: Path
) -> None:
    """They would run a program at the next refresh."""
    text = 'alert = "touch /tmp/nothing-of-the-kind"\n'
    saved[0].configuration.write_text(text, encoding="utf-8")
    backup(saved[0], tmp_path / "s.tar.gz", NOON)
    other = project(tmp_path, "other")
    assert saved_settings(other, tmp_path / "s.tar.gz") == text
    restore(other, tmp_path / "s.tar.gz")
    assert not other.configuration.exists()
    restore(other, tmp_path / "s.tar.gz", force=True, with_settings=True)
    assert other.configuration.read_text(encoding="utf-8") == text
    assert saved_settings(other, tmp_path / "s.tar.gz") == ""


def test_settings_that_cannot_be_followed_are_not_taken(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    saved[0].configuration.write_text("alert = 3\n", encoding="utf-8")
    backup(saved[0], tmp_path / "s.tar.gz", NOON)
    other = project(tmp_path, "other")
    with pytest.raises(ConfigError, match="alert"):
        restore(other, tmp_path / "s.tar.gz", with_settings=True)
    assert not other.versions.exists()


@pytest.mark.parametrize("odd", ["folder", "link", "link above"])
def test_nothing_is_restored_through_a_link_nor_over_a_folder(
    saved: tuple[Settings, Path], tmp_path: Path, odd: str
) -> None:
    other, outside = project(tmp_path, "other"), tmp_path / "dehors"
    outside.mkdir()
    place = other.raw / "doc-A1/document.toml"
    if odd == "link above":
        other.raw.mkdir()
        place.parent.symlink_to(outside)
    else:
        place.parent.mkdir(parents=True)
        place.mkdir() if odd == "folder" else place.symlink_to(outside / "document.toml")
    with pytest.raises(BackupError, match="doc-A1"):
        restore(other, saved[1], force=True)
    assert list(outside.iterdir()) == []
    assert not other.versions.exists()


@pytest.mark.parametrize("damage", ["gone", "record gone", "altered"])
def test_one_version_comes_back_by_its_number(saved: tuple[Settings, Path], damage: str) -> None:
    original, target = saved
    store = VersionStore(original.versions)
    rows, record = store.path("seuils", 1), store.path("seuils", 1, ".json")
    before = rows.read_bytes(), record.read_bytes()
    if damage == "gone":
        rows.unlink()
    elif damage == "record gone":
        record.unlink()
    else:
        rows.write_bytes(b"PAR1")
    restore_versions(original, target, [1])
    assert (rows.read_bytes(), record.read_bytes()) == before
    assert held(original) == ([1, 2], [2])
    assert VersionStore(original.versions).lost == ()


def test_a_version_of_another_store_is_not_mixed_in(saved: tuple[Settings, Path], tmp_path: Path) -> None:
    other = project(tmp_path, "other")
    accept(other, "B1", [(2020, "200000009", "CA Neuf", 9_000)])
    with pytest.raises(BackupError, match="autre version que celle d'ici"):
        restore_versions(other, saved[1], [1])
    with pytest.raises(BackupError, match="la version 9 n'y est pas"):
        restore_versions(other, saved[1], [9])
    assert [r.edition for r in VersionStore(other.versions).records()] == ["B1"]
