"""Version files: committed whole or not at all, never rewritten, refused by name when damaged."""

from __future__ import annotations

import resource
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.settings import Settings
from pipeline.store.tables import content_hash
from pipeline.store.versions import StoreError, VersionStore
from tests.warehouse.made import NOON, accept, cells_table, known, project, rows_table

ROWS = [(2020, "200000001", "CA Un", 10_000), (2020, "200000002", None, 9_000)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return project(tmp_path)


def test_a_version_comes_back_as_written(settings: Settings) -> None:
    written = accept(settings, "A1", ROWS)
    assert VersionStore(settings.versions).records() == [written]
    assert sorted(written.files) == ["000001.cells.parquet", "000001.parquet"]
    assert written.rows == 2


def test_numbers_are_shared_by_all_datasets_and_never_used_again(settings: Settings) -> None:
    accept(settings, "A1", ROWS)
    second = accept(settings, "B1", ROWS, dataset="autre")
    assert second.version_no == 2
    VersionStore(settings.versions).path("autre", 2, ".json").write_text("{")
    assert VersionStore(settings.versions).next_no == 3


def test_a_committed_version_is_not_written_over(settings: Settings) -> None:
    written = accept(settings, "A1", ROWS)
    fewer = rows_table(ROWS[:1])
    again = VersionStore(settings.versions).commit(written, fewer, cells_table(fewer))
    assert (again.version_no, again.rows) == (2, 1)
    assert VersionStore(settings.versions).records() == [written, again]


def test_what_a_crash_left_is_cleaned_by_the_next_acceptance(settings: Settings) -> None:
    for dataset in ("seuils", "autre"):
        folder = settings.versions / dataset
        folder.mkdir(parents=True)
        (folder / "000001.parquet").write_bytes(b"half")
        (folder / ".000001.json.tmp").write_bytes(b"{")
    assert VersionStore(settings.versions).records() == []
    assert accept(settings, "A1", ROWS).version_no == 1
    assert len(VersionStore(settings.versions).records()) == 1
    assert list((settings.versions / "autre").iterdir()) == []


@pytest.mark.parametrize("name", ["000001.parquet", "000001.cells.parquet", "000001.json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_damaged_version_is_refused_by_name_and_the_rest_served(settings: Settings, name: str, damage: str) -> None:
    accept(settings, "A1", ROWS)
    whole = accept(settings, "A2", ROWS)
    path = settings.versions / "seuils" / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "cut" else content.replace(b"A1", b"A9") + b" \x00")
    found = VersionStore(settings.versions).view()
    assert found.records == (whole,)
    # Without its JSON a version was never committed: there is nothing to refuse.
    expected = [] if (name, damage) == ("000001.json", "gone") else [name]
    assert [refused.path.name for refused in found.refused] == expected


def test_a_record_of_a_newer_format_is_refused(settings: Settings) -> None:
    accept(settings, "A1", ROWS, format=99)
    assert VersionStore(settings.versions).records() == []
    assert "format 99" in VersionStore(settings.versions).view().refused[0].reason


def test_a_withdrawal_is_kept_once(settings: Settings) -> None:
    accept(settings, "A1", ROWS)
    withdrawal = VersionStore(settings.versions).withdraw(1, "mauvaise page", NOON + timedelta(days=1))
    assert VersionStore(settings.versions).view().withdrawals == (withdrawal,)
    with pytest.raises(StoreError, match="déjà retirée"):
        VersionStore(settings.versions).withdraw(1, "encore", NOON)
    with pytest.raises(StoreError, match="aucune version 7"):
        VersionStore(settings.versions).withdraw(7, "?", NOON)


def test_a_version_whose_withdrawal_cannot_be_read_is_not_served(settings: Settings) -> None:
    accept(settings, "A1", ROWS)
    VersionStore(settings.versions).withdraw(1, "mauvaise page", NOON + timedelta(days=1))
    VersionStore(settings.versions).path("seuils", 1, ".withdrawn.json").write_text("{")
    assert VersionStore(settings.versions).records() == []


def test_a_clock_set_back_does_not_rewrite_what_was_known(settings: Settings) -> None:
    first = accept(settings, "A1", ROWS)
    second = accept(settings, "A2", ROWS, accepted_at=NOON - timedelta(days=400))
    assert second.accepted_at == first.accepted_at
    withdrawal = VersionStore(settings.versions).withdraw(1, "essai", NOON - timedelta(days=400))
    assert withdrawal.withdrawn_at == first.accepted_at


def test_the_acts_known_are_kept_when_they_change(settings: Settings) -> None:
    assert VersionStore(settings.versions).remember_acts([], NOON) is not None
    assert VersionStore(settings.versions).remember_acts([], NOON) is None
    state = VersionStore(settings.versions).remember_acts([known("B", None)], NOON + timedelta(days=1))
    assert VersionStore(settings.versions).view().known_acts[-1] == state


def test_the_content_hash_sees_values_and_not_their_storage() -> None:
    rows = rows_table(ROWS)
    same = rows.set_column(1, "annee", rows.column("annee").cast(pa.int64()))
    same = same.set_column(3, "nom", same.column("nom").dictionary_encode())
    assert content_hash(rows) == content_hash(same) == content_hash(rows.drop_columns(["row_no"]))
    assert content_hash(rows) != content_hash(rows_table([*ROWS[:1], (2020, "200000002", "", 9_000)]))
    assert content_hash(rows) != content_hash(rows_table(ROWS[::-1]))


def test_a_full_disk_commits_nothing(settings: Settings) -> None:
    """RLIMIT_FSIZE stands for the full disk: a write beyond it fails."""
    first = accept(settings, "A1", ROWS)
    command = [sys.executable, "-m", "tests.warehouse.churn", str(settings.root), "A2"]
    done = subprocess.run(
        command,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "File too large" in done.stderr
    assert VersionStore(settings.versions).records() == [first]
    assert not list(settings.versions.glob("*/.*"))


def test_an_unwritable_folder_is_an_error_and_no_version(settings: Settings) -> None:
    settings.versions.mkdir(parents=True)
    (settings.versions / "seuils").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="seuils"):
        accept(settings, "A1", ROWS)
    assert VersionStore(settings.versions).records() == []


def test_a_version_of_any_dataset_has_its_own_folder(settings: Settings) -> None:
    accept(settings, "B1", ROWS, dataset="autre")
    assert [r.dataset for r in VersionStore(settings.versions).records("autre")] == ["autre"]
    assert VersionStore(settings.versions).records("seuils") == []


def test_a_store_is_asked_for_what_begins_by_a_day_and_for_the_acts_of_a_name(settings: Settings) -> None:
    for edition, begin in (("A2", date(2021, 6, 1)), ("A1", date(2020, 6, 1)), ("A3", date(2022, 6, 1)), ("A0", None)):
        accept(settings, edition, ROWS, valid_from=begin)
    store = VersionStore(settings.versions)
    store.withdraw(3, "essai", NOON)

    def begun(day: date | None) -> list[str]:
        return [record.edition for record in store.live_before("seuils", day)]

    assert begun(None) == ["A2", "A1", "A0"]
    assert (begun(date(2021, 5, 31)), begun(date(2020, 1, 1))) == (["A1", "A0"], ["A0"])
    assert [record.version_no for record in store.of_edition("seuils", "A3")] == [3]
    assert ([r.version_no for r in store.named("A1")], store.named("A3")) == ([2], [])
