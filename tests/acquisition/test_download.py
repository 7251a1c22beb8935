"""Downloading from a server that misbehaves: resumed, retried, refused, always in bounded time and with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.acquisition.server import Bounds, FetchError, Patience, Server
from tests.acquisition.served import QUICK, Directory, served, text, text_id

STAMP = "20300206-001500"


@pytest.fixture
def directory() -> Iterator[Directory]:
    with served() as found:
        yield found


def test_a_file_comes_whole(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    path = directory.server().download(name, tmp_path)
    assert path.read_bytes() == directory.files[name]
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_line_cut_in_mid_file_is_resumed_where_it_broke(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = ["cut 100"]
    path = directory.server().download(name, tmp_path)
    assert path.read_bytes() == directory.files[name]
    assert directory.asked == [(name, ""), (name, "bytes=100-")]


def test_a_later_call_goes_on_from_what_an_earlier_one_received(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = ["cut 100", "cut 0", "500"]
    with pytest.raises(FetchError, match=r"en panne \(500\), après 3 essais"):
        directory.server().download(name, tmp_path)
    assert directory.server().download(name, tmp_path).read_bytes() == directory.files[name]


def test_a_file_that_changed_meanwhile_begins_again(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = ["cut 100", "500", "500"]
    with pytest.raises(FetchError):
        directory.server().download(name, tmp_path)
    directory.deliver(STAMP, (text_id(1), text(1, title="Un autre titre")))
    assert directory.server().download(name, tmp_path).read_bytes() == directory.files[name]


@pytest.mark.parametrize(
    ("fault", "said", "requests"),
    [
        ("403", "refuse l'accès (403)", 1),
        ("404", "absent du serveur (404)", 1),
        ("418", "réponse inattendue (418)", 1),
        ("to https://elsewhere.example/x.tar.gz", "hors du serveur déclaré", 1),
        ("to http://127.0.0.1:1/x.tar.gz", "hors du serveur déclaré", 1),
        ("to ftp://127.0.0.1/x.tar.gz", "hors du serveur déclaré", 1),
        ("500", "le serveur est en panne (500), après 3 essais", 3),
        ("503 after 7200", "demande d'attendre 7200 s", 1),
        ("429 after Wed, 06 Feb 2999 00:00:00 GMT", "demande d'attendre", 1),
        ("cut 100", "liaison rompue", 3),
    ],
)
def test_each_refusal_says_its_reason_in_a_bounded_number_of_requests(
    directory: Directory, tmp_path: Path, fault: str, said: str, requests: int
) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = [fault] * 10
    with pytest.raises(FetchError) as caught:
        directory.server().download(name, tmp_path)
    assert said in str(caught.value)
    assert len(directory.asked) == requests
    assert not (tmp_path / name).exists()


def test_a_server_that_hangs_is_left_after_its_time(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = ["hang"] * 2
    with pytest.raises(FetchError, match=r"pas de réponse en 0\.2 s"):
        directory.server(replace(QUICK, attempts=2, answer=0.2)).download(name, tmp_path)


def test_too_many_requests_waits_as_long_as_it_is_asked(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = ["429 after 7"]
    waits: list[float] = []
    directory.server(waits=waits).download(name, tmp_path)
    assert waits == [7.0]


def test_waits_double_and_are_cut_at_random() -> None:
    waits: list[float] = []
    server = Server(
        "http://127.0.0.1:9/", Patience(attempts=4, first=1, ceiling=3), sleep=waits.append, chance=lambda: 0.5
    )
    with pytest.raises(FetchError, match="liaison rompue"):
        server.page()
    assert waits == [0.75, 1.5, 2.25]


def test_a_redirection_on_the_same_server_is_followed(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    directory.faults[name] = [f"to /OPENDATA/JORFSIMPLE/{name}"]
    assert directory.server().download(name, tmp_path).read_bytes() == directory.files[name]


def test_redirections_without_end_are_left(directory: Directory, tmp_path: Path) -> None:
    directory.faults["a"] = ["to a"] * 20
    with pytest.raises(FetchError, match="redirections sans fin"):
        directory.server().download("a", tmp_path)


def test_a_file_larger_than_the_bound_is_not_downloaded(directory: Directory, tmp_path: Path) -> None:
    name = directory.deliver(STAMP, (text_id(1), text(1)))
    with pytest.raises(FetchError, match="au plus 0 sont acceptés"):
        directory.server(bounds=Bounds(file=100)).download(name, tmp_path)
    assert not list(tmp_path.glob("*.gz"))
