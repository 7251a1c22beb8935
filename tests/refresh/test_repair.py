"""What vanishes or is altered comes back from what is left of it: records from their copies, rows from the document."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.refresh.plan import plan
from pipeline.refresh.repair import repair
from pipeline.settings import Settings
from pipeline.store import copies
from pipeline.store.versions import VersionStore
from pipeline.warehouse.publish import PublishError
from tests.production import publish
from tests.refresh import small
from tests.refresh.small import DATASET, DOCUMENT, PRICES
from tests.warehouse.made import NOON


@pytest.fixture
def published(tmp_path: Path) -> Settings:
    return small.published(tmp_path / "project")


def file_of(settings: Settings, suffix: str) -> Path:
    return VersionStore(settings.versions).path(DATASET, 1, suffix)


@pytest.mark.parametrize("suffix", [".parquet", ".cells.parquet"])
@pytest.mark.parametrize("damage", ["gone", "cut", "a bit"])
def test_rows_are_made_again_from_the_document_to_the_same_number(
    published: Settings, suffix: str, damage: str
) -> None:
    path = file_of(published, suffix)
    whole = path.read_bytes()
    harm(path, damage)
    done = repair(published, VersionStore(published.versions), NOON)
    assert done == [f"{DATASET}, version 1 : lignes relues dans {DOCUMENT}"]
    assert path.read_bytes() == whole
    assert VersionStore(published.versions, trusting=False).view().refused == ()
    assert repair(published, VersionStore(published.versions), NOON) == []


def harm(path: Path, damage: str) -> None:
    data = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        data[len(data) // 2] ^= 1
        path.write_bytes(data)


def test_rows_in_the_bytes_of_another_day_are_whole_too(published: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release of the library writes the same rows in other bytes: a repair says so, the record stays."""
    import pyarrow.parquet as pq

    from pipeline.store import versions

    file_of(published, ".parquet").unlink()
    monkeypatch.setattr(
        versions, "_write_table", lambda table, target: pq.write_table(table, target, compression="gzip")
    )
    repair(published, VersionStore(published.versions), NOON)
    assert file_of(published, ".repaired.json").is_file()
    store = VersionStore(published.versions, trusting=False)
    assert (store.view().refused, store.lost) == ((), ())
    assert publish(published, force=True).versions == 1


def test_a_document_that_says_something_else_today_repairs_nothing_and_the_file_in_place_stays(
    published: Settings,
) -> None:
    in_place = published.database.read_bytes()
    file_of(published, ".parquet").unlink()
    small.print_prices(published, {**PRICES, "A": 9_999})
    for _ in range(2):
        with pytest.raises(PublishError, match="annexes restore FICHIER --version 1"):
            publish(published)
    assert published.database.read_bytes() == in_place


def test_a_record_that_vanished_is_put_back_and_nothing_else_changes(published: Settings) -> None:
    path = file_of(published, ".json")
    whole = path.read_bytes()
    path.unlink()
    assert publish(published).repaired == (f"{DATASET}/000001.json : enregistrement rétabli de sa copie",)
    assert path.read_bytes() == whole
    assert publish(published).skipped


def test_a_record_without_a_copy_stops_the_publish(published: Settings) -> None:
    file_of(published, ".json").unlink()
    (published.versions / copies.FOLDER / f"{DATASET}.000001.json").unlink()
    with pytest.raises(PublishError, match="1 enregistrements ont disparu"):
        publish(published)


@pytest.mark.parametrize("file", ["outcome.json", "readings/state.json", "readings/annexe.md.parquet"])
@pytest.mark.parametrize("damage", ["gone", "cut", "zeroed", "a bit"])
def test_what_is_staged_and_damaged_is_read_again(published: Settings, file: str, damage: str) -> None:
    path = published.staged / DOCUMENT / file
    if damage == "zeroed":
        path.write_bytes(bytes(path.stat().st_size))
    else:
        harm(path, damage)
    assert plan(published).changed == (DOCUMENT,)
    small.read(published)
    assert plan(published).changed == ()
    assert [r.version_no for r in VersionStore(published.versions).records()] == [1]


def test_readings_half_made_again_are_none(published: Settings) -> None:
    """What a kill leaves between the former readings taken away and the new ones put there."""
    shutil.rmtree(published.staged / DOCUMENT / "readings")
    assert plan(published).changed == (DOCUMENT,)
