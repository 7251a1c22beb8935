"""Files put once, under a name that must be free: in a folder, and on obstore's stores of one process."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pipeline.store.shelf import FolderShelf, Shelf, ShelfError, TakenError, honours_put_if_absent
from pipeline.store.shelf_object import ObjectShelf, shelf_at

obstore_there = pytest.mark.skipif(
    importlib.util.find_spec("obstore") is None, reason="not installed: obstore (extra cluster)"
)


def folder(tmp_path: Path) -> Shelf:
    return FolderShelf(tmp_path / "shelf")


def memory(tmp_path: Path) -> Shelf:
    from obstore.store import MemoryStore

    return ObjectShelf(MemoryStore(), tmp_path / "cache", "memory")


def local(tmp_path: Path) -> Shelf:
    from obstore.store import LocalStore

    return ObjectShelf(LocalStore(tmp_path / "objects", mkdir=True), tmp_path / "cache", "local")


@pytest.fixture(params=[folder, pytest.param(memory, marks=obstore_there), pytest.param(local, marks=obstore_there)])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    make: Callable[[Path], Shelf] = request.param
    return make(tmp_path)


def test_what_is_put_is_read_and_fetched(shelf: Shelf) -> None:
    shelf.put_if_absent("d/000001.json", b"one")
    assert shelf.read("d/000001.json") == b"one"
    assert shelf.fetch("d/000001.json").read_bytes() == b"one"


def test_a_name_is_given_once(shelf: Shelf) -> None:
    shelf.put_if_absent("d/000001.json", b"one")
    with pytest.raises(TakenError):
        shelf.put_if_absent("d/000001.json", b"two")
    assert shelf.read("d/000001.json") == b"one"


def test_of_many_writers_of_one_name_one_commits(shelf: Shelf) -> None:
    def put(n: int) -> bool:
        try:
            shelf.put_if_absent("d/000001.json", str(n).encode())
        except TakenError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(put, range(8)))
    assert done.count(True) == 1
    assert shelf.read("d/000001.json") == str(done.index(True)).encode()


def test_names_are_listed_in_order(shelf: Shelf) -> None:
    for name in ("b/000002.json", "a/000003.json", "b/000001.json"):
        shelf.put_if_absent(name, b"x")
    assert list(shelf.names()) == ["a/000003.json", "b/000001.json", "b/000002.json"]
    assert list(shelf.names("b")) == ["b/000001.json", "b/000002.json"]
    assert list(shelf.names("none")) == []


def test_what_is_not_there_is_said(shelf: Shelf) -> None:
    for ask in (shelf.read, shelf.fetch):
        with pytest.raises(FileNotFoundError):
            ask("d/none")
    shelf.remove("d/none")


def test_what_was_removed_can_be_put_again(shelf: Shelf) -> None:
    shelf.put_if_absent("d/x", b"1")
    shelf.remove("d/x")
    shelf.put_if_absent("d/x", b"2")
    assert shelf.read("d/x") == b"2"


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../x", "", "a//b", ".hidden", "a/.tmp"])
def test_a_name_leads_nowhere_else(shelf: Shelf, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        shelf.put_if_absent(name, b"x")


def test_the_conditional_put_is_tried_and_leaves_nothing(shelf: Shelf) -> None:
    assert honours_put_if_absent(shelf)
    assert list(shelf.names()) == []


class Careless(FolderShelf):
    """A store that takes the second put as well."""

    def put_if_absent(self, name: str, data: bytes) -> None:
        self.remove(name)
        super().put_if_absent(name, data)


def test_a_store_that_does_not_honour_the_condition_is_found_out(tmp_path: Path) -> None:
    assert not honours_put_if_absent(Careless(tmp_path))


def test_a_put_cut_before_its_end_leaves_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object) -> None:
        raise OSError("no space left")

    shelf = FolderShelf(tmp_path)
    monkeypatch.setattr(os, "fsync", cut)
    with pytest.raises(OSError, match="no space"):
        shelf.put_if_absent("d/x", b"x")
    assert list(tmp_path.rglob("*")) == [tmp_path / "d"]


@obstore_there
def test_a_put_whose_answer_was_lost_is_no_conflict(tmp_path: Path) -> None:
    shelf = memory(tmp_path)
    shelf.put_if_absent("d/x", b"same")
    shelf.put_if_absent("d/x", b"same")


@obstore_there
def test_what_was_fetched_is_not_asked_again(tmp_path: Path) -> None:
    shelf = memory(tmp_path)
    shelf.put_if_absent("d/x", b"1")
    kept = shelf.fetch("d/x")
    shelf.remove("d/x")
    assert shelf.fetch("d/x") == kept


@pytest.mark.parametrize(
    ("address", "endpoint", "said"),
    [
        ("ftp://host/x", "", "s3://"),
        pytest.param("s3://b/p", "http://store.example:9000", "https", marks=obstore_there),
    ],
)
def test_an_address_that_cannot_serve_is_refused(tmp_path: Path, address: str, endpoint: str, said: str) -> None:
    with pytest.raises(ShelfError, match=said):
        shelf_at(address, tmp_path, endpoint)


def test_a_path_is_a_folder(tmp_path: Path) -> None:
    shelf = shelf_at(str(tmp_path / "versions"), tmp_path / "cache")
    shelf.put_if_absent("d/x", b"1")
    assert (tmp_path / "versions" / "d" / "x").read_bytes() == b"1"
