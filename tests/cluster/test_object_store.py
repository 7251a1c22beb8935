"""The record's files on a server that speaks S3: one writer commits, a put that is cut leaves nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.store.shelf import Shelf, TakenError, honours_put_if_absent
from pipeline.store.shelf_object import ObjectShelf, shelf_at
from tests.cluster.conftest import needs
from tests.cluster.moto_server import BUCKET, PROGRAM, serving

pytestmark = [
    needs("obstore"),
    pytest.mark.skipif(not PROGRAM.is_file(), reason="not installed: moto_server in .venv-moto (`make cluster`)"),
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serving() as address, pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", "test")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield address


@pytest.fixture
def shelf(endpoint: str, tmp_path: Path) -> Shelf:
    return shelf_at(f"s3://{BUCKET}/{tmp_path.name}", tmp_path / "cache", endpoint)


def test_what_is_put_is_read_listed_and_fetched(shelf: Shelf) -> None:
    shelf.put_if_absent("d/000002.json", b"two")
    shelf.put_if_absent("d/000001.json", b"one")
    assert list(shelf.names()) == ["d/000001.json", "d/000002.json"]
    assert shelf.read("d/000001.json") == shelf.fetch("d/000001.json").read_bytes() == b"one"


def test_the_store_honours_the_conditional_put(shelf: Shelf) -> None:
    assert honours_put_if_absent(shelf)


def test_of_two_writers_of_one_number_one_commits(shelf: Shelf) -> None:
    def put(n: int) -> int | None:
        try:
            shelf.put_if_absent("d/000001.json", str(n).encode())
        except TakenError:
            return None
        return n

    with ThreadPoolExecutor(2) as threads:
        done = [n for n in threads.map(put, range(2)) if n is not None]
    assert len(done) == 1
    assert shelf.read("d/000001.json") == str(done[0]).encode()


def test_a_large_file_is_put_whole_and_one_name_replaced(shelf: Shelf, tmp_path: Path) -> None:
    assert isinstance(shelf, ObjectShelf)
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 50_000)
    shelf.put_large("published/1.duckdb", large)
    for text in (b"1", b"2"):
        shelf.replace("latest.json", text)
    assert shelf.read("latest.json") == b"2"
    assert shelf.fetch("published/1.duckdb").read_bytes() == large.read_bytes()


def test_a_put_that_is_cut_leaves_no_name_and_succeeds_when_tried_again(
    endpoint: str, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.store.shelf_object._RETRIES", 0)
    data = bytes(3_000_000)
    with _Cutting(endpoint, after=1_000_000) as through:
        cut = shelf_at(f"s3://{BUCKET}/{tmp_path.name}", tmp_path / "cache", through)
        with pytest.raises(OSError, match=r"d/000001\.parquet"):
            cut.put_if_absent("d/000001.parquet", data)
    assert list(shelf.names()) == []
    shelf.put_if_absent("d/000001.parquet", data)
    assert shelf.read("d/000001.parquet") == data


def test_a_store_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.shelf_object._RETRIES", 0)
    shelf = shelf_at("s3://bucket/p", tmp_path, "http://127.0.0.1:1")
    with pytest.raises(OSError, match="s3://bucket/p/d/x"):
        shelf.put_if_absent("d/x", b"1")


class _Cutting:
    """A way to the store that ends each connection after so many bytes, as a cable does."""

    def __init__(self, endpoint: str, after: int) -> None:
        self._target = ("127.0.0.1", int(endpoint.rsplit(":", 1)[1]))
        self._after = after
        self._server = socket.create_server(("127.0.0.1", 0))

    def __enter__(self) -> str:
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                with client, socket.create_connection(self._target) as store:
                    passed = 0
                    while passed < self._after and (data := client.recv(65536)):
                        store.sendall(data)
                        passed += len(data)
