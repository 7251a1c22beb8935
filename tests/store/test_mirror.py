"""The record of two machines that share a shelf: each has all of it, one number is one version, and what is cut is not
there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.store import shelf_published, shelf_segments
from pipeline.store.mirror import Mirror
from pipeline.store.records import VersionRecord
from pipeline.store.shelf import FolderShelf, Shelf, ShelfError
from pipeline.store.versions import OvertakenError, StoreError, VersionStore
from tests.warehouse.made import NOON, cells_table, record, rows_table

ROWS = [(2020, "200000001", "CA Un", 10_000), (2020, "200000002", None, 9_000)]


class Machine:
    """A folder of versions, the copy of the shelf."""

    def __init__(self, folder: Path, shelf: Shelf) -> None:
        self.folder = folder
        self.mirror = Mirror(shelf, folder)
        self.store = VersionStore(folder, mirror=self.mirror)

    def pull(self) -> VersionStore:
        """What it holds after a pull."""
        Mirror(self.mirror.shelf, self.folder).pull()
        self.store.reopen()
        return self.store

    def accept(self, edition: str, dataset: str = "seuils", rows: int = 2) -> VersionRecord:
        table = rows_table(ROWS[:rows])
        return self.store.commit(record(edition=edition, dataset=dataset), table, cells_table(table))


@pytest.fixture
def shelf(tmp_path: Path) -> FolderShelf:
    return FolderShelf(tmp_path / "shelf")


@pytest.fixture
def machines(tmp_path: Path, shelf: Shelf) -> tuple[Machine, Machine]:
    return Machine(tmp_path / "a", shelf), Machine(tmp_path / "b", shelf)


def test_what_one_accepts_the_other_has(machines: tuple[Machine, Machine]) -> None:
    a, b = machines
    a.pull()
    written = [a.accept("A1"), a.accept("B1", dataset="autre")]
    held = b.pull()
    assert held.records() == written
    assert held.rows(written[0]).equals(rows_table(ROWS))
    assert (held.lost, held.next_no) == ((), 3)


def test_a_version_is_the_same_with_and_without_a_shelf(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    alone = VersionStore(tmp_path / "alone")
    table = rows_table(ROWS)
    assert alone.commit(record(), table, cells_table(table)) == machines[0].accept("A1")


def test_of_two_writers_of_one_number_one_commits_and_the_other_takes_the_next(
    machines: tuple[Machine, Machine],
) -> None:
    a, b = machines
    assert (a.store.next_no, b.store.next_no) == (1, 1)
    first = a.accept("A1")
    with pytest.raises(OvertakenError, match=r"autre/000001\.json"):
        b.accept("B1", dataset="autre")
    assert b.store.records() == [first]
    second = b.accept("B1", dataset="autre")
    assert second.version_no == 2
    assert a.pull().records() == b.pull().records() == [first, second]
    assert a.store.lost == b.store.lost == ()


def test_a_withdrawal_and_the_acts_known_are_shared_and_written_once(machines: tuple[Machine, Machine]) -> None:
    a, b = machines
    a.accept("A1")
    b.pull()
    assert a.store.remember_acts((), NOON) is not None
    assert b.store.remember_acts((), NOON) is None
    a.store.withdraw(1, "faux", NOON)
    with pytest.raises(StoreError, match="déjà retirée"):
        b.store.withdraw(1, "faux aussi", NOON)
    assert b.pull().live("seuils") == []


def test_versions_from_before_the_shelf_are_put_on_it(tmp_path: Path, shelf: Shelf) -> None:
    alone = VersionStore(tmp_path / "a")
    table = rows_table(ROWS)
    written = alone.commit(record(), table, cells_table(table))
    a = Machine(tmp_path / "a", shelf)
    a.pull()
    b = Machine(tmp_path / "b", shelf).pull()
    assert (b.records(), b.lost) == ([written], ())


def test_two_histories_are_not_mixed(tmp_path: Path, shelf: Shelf) -> None:
    for name, rows in (("a", 1), ("b", 2)):
        table = rows_table(ROWS[:rows])
        VersionStore(tmp_path / name).commit(record(), table, cells_table(table))
    Machine(tmp_path / "a", shelf).pull()
    with pytest.raises(ShelfError, match=r"records/000001\.json .* deux histoires"):
        Machine(tmp_path / "b", shelf).pull()


def test_what_the_shelf_lost_is_put_back(machines: tuple[Machine, Machine], shelf: Shelf) -> None:
    a, b = machines
    written = [a.accept("A1"), a.accept("A2")]
    for name in ("records/000001.json", f"data/{written[0].files['000001.parquet']}.parquet"):
        shelf.remove(name)
    a.pull()
    assert b.pull().records() == written


def test_what_the_copy_lost_is_fetched_again(machines: tuple[Machine, Machine]) -> None:
    a, _ = machines
    written = a.accept("A1")
    a.pull()
    for name in ("000001.json", "000001.cells.parquet"):
        (a.folder / "seuils" / name).unlink()
        assert a.pull().records() == [written]


def test_a_version_that_was_written_again_is_so_everywhere(machines: tuple[Machine, Machine]) -> None:
    a, b = machines
    written = a.accept("A1")
    b.pull()
    (a.folder / "seuils" / "000001.parquet").unlink()
    a.store.reopen()
    (damaged,) = a.store.damaged()
    table = rows_table(ROWS).replace_schema_metadata({"written": "again"})
    a.store.rewrite(damaged, table, cells_table(table), NOON)
    held = b.pull()
    assert (held.records(), held.damaged(), held.lost) == ([written], [], ())
    assert held.rows(written).schema.metadata == {b"written": b"again"}
    (b.folder / "seuils" / "000001.parquet").unlink()
    assert b.pull().damaged() == []


@pytest.mark.parametrize("name", ["records/000001.json", "data"])
def test_what_is_damaged_on_the_shelf_is_refused_by_name(
    machines: tuple[Machine, Machine], shelf: FolderShelf, tmp_path: Path, name: str
) -> None:
    a, b = machines
    damaged, whole = a.accept("A1", rows=1), a.accept("A2")
    name = name if name != "data" else f"data/{damaged.files['000001.parquet']}.parquet"
    path = tmp_path / "shelf" / name
    path.write_bytes(path.read_bytes()[:-20])
    held = b.pull().view()
    assert held.records == (whole,)
    assert [file.path.name[:6] for file in held.refused] == ["000001"]


class _Cut(FolderShelf):
    """A shelf whose connection is cut at the n-th write, before it or after."""

    def __init__(self, folder: Path, at: int, after: bool) -> None:
        super().__init__(folder)
        self._left, self._after = at, after

    def put_if_absent(self, name: str, data: bytes) -> None:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise OSError("coupé")
        super().put_if_absent(name, data)
        if self._left == 0:
            raise OSError("coupé")

    def replace(self, name: str, data: bytes) -> None:
        self._left -= 1
        if self._left != 0 or self._after:
            super().replace(name, data)
        if self._left == 0:
            raise OSError("coupé")


def _cuts() -> list[tuple[int, bool]]:
    """rows, cells, record, head: before and after each."""
    return [(at, after) for at in range(1, 5) for after in (False, True)]


@pytest.mark.parametrize(("at", "after"), _cuts())
def test_a_store_cut_in_mid_commit_has_the_version_whole_or_not_at_all(
    tmp_path: Path, shelf: FolderShelf, at: int, after: bool
) -> None:
    before = Machine(tmp_path / "a", shelf).accept("A0", rows=1)
    cut = Machine(tmp_path / "a", _Cut(tmp_path / "shelf", at, after))
    with pytest.raises(ShelfError, match="coupé"):
        cut.accept("A1")
    b = Machine(tmp_path / "b", shelf).pull()
    committed = (at, after) >= (3, True)
    assert [r.edition for r in b.records()] == ["A0", "A1"][: 1 + committed]
    assert b.lost == ()
    again = Machine(tmp_path / "a", shelf)
    held = again.pull()
    assert (held.records()[0], held.lost) == (before, ())
    if not committed:
        assert again.accept("A1").version_no == 2
    assert again.pull().records() == Machine(tmp_path / "b", shelf).pull().records()


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf_segments, "A_SEGMENT", 2)
    monkeypatch.setattr(shelf_segments, "RECENT", 1)


def test_old_small_versions_are_packed_and_keep_their_numbers(
    machines: tuple[Machine, Machine], shelf: Shelf, small_segments: None
) -> None:
    a, b = machines
    written = [a.accept(f"A{n}", rows=1 + n % 2) for n in range(6)]
    other = a.accept("B1", dataset="autre")
    assert a.store.pack() == 6
    assert list(shelf.names("segments")) == [f"segments/seuils/{n:06d}-{n + 1:06d}.zip" for n in (1, 3, 5)]
    assert len(list(shelf.names("records"))) == 7
    # What another version names too stays.
    assert set(shelf.names("data")) == {f"data/{sha}.parquet" for sha in other.files.values()}
    assert a.store.pack() == 0
    assert b.pull().records() == a.pull().records() == [*written, other]


def test_packing_that_is_cut_loses_nothing_and_is_finished_later(
    machines: tuple[Machine, Machine], shelf: Shelf, small_segments: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = machines
    written = [a.accept(f"A{n}", rows=1 + n % 2) for n in range(3)]

    def cut(self: FolderShelf, name: str) -> None:
        raise OSError("coupé")

    with monkeypatch.context() as patched, pytest.raises(ShelfError, match="coupé"):
        patched.setattr(FolderShelf, "remove", cut)
        a.store.pack()
    assert b.pull().records() == written
    a.store.pack()
    assert not set(shelf.names("data")) & {f"data/{sha}.parquet" for sha in written[1].files.values()}
    assert b.pull().records() == written


def test_a_copy_that_lost_a_packed_file_has_it_from_the_segment(
    machines: tuple[Machine, Machine], small_segments: None
) -> None:
    a, _ = machines
    written = [a.accept(f"A{n}", rows=1 + n % 2) for n in range(3)]
    a.store.pack()
    (a.folder / "seuils" / "000002.parquet").unlink()
    assert a.pull().records() == written


def test_the_published_file_is_put_whole_and_three_are_kept(shelf: FolderShelf, tmp_path: Path) -> None:
    file = tmp_path / "annexes.duckdb"
    names = []
    for n in range(5):
        file.write_bytes(bytes([n]) * 1000)
        names.append(shelf_published.put(shelf, file, datetime(2026, 1, 1, n, tzinfo=UTC)))
    assert list(shelf.names()) == [*names[-3:], "latest.json"]
    assert f'"file": "{names[-1]}"' in shelf.read("latest.json").decode()
    assert shelf.read(names[-1]) == file.read_bytes()


def test_a_put_that_is_cut_leaves_the_former_latest(tmp_path: Path) -> None:
    file = tmp_path / "annexes.duckdb"
    file.write_bytes(b"1")
    shelf = FolderShelf(tmp_path / "shelf")
    first = shelf_published.put(shelf, file, NOON)
    file.write_bytes(b"2")
    with pytest.raises(OSError, match="coupé"):
        shelf_published.put(_Cut(tmp_path / "shelf", 1, after=False), file, NOON)
    assert first in shelf.read("latest.json").decode()
