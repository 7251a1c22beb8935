"""Documents read where the project's folder is not seen: their files go by sha256, what is read comes back the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import Engine, Store
from pipeline.refresh import ahead
from pipeline.refresh.ahead import Crashed, Refused, proposals_in_order, read_elsewhere
from pipeline.refresh.propose import Proposal
from pipeline.refresh.remote import HandedOut, RemoteReadings
from pipeline.refresh.state import document_fingerprint, readings_folder
from pipeline.settings import Settings
from pipeline.store.shelf import ShelfError
from tests.refresh import small


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = small.project(tmp_path / "project")
    made.configuration.write_text(f'[store]\nraw = "{tmp_path / "shelf"}"\ncache = "{tmp_path / "cache"}"\n')
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(raw=str(tmp_path / "shelf"), cache=str(tmp_path / "cache"))


@contextmanager
def _at_once(*_: object) -> Iterator[Any]:
    """An engine whose one worker is this process."""

    class Here:
        def map(self, function: Callable[[Any], Any], items: Any, *_: object) -> Iterator[Any]:
            return map(function, items)

    yield Here()


def test_what_a_worker_reads_is_what_is_read_here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (here,) = proposals_in_order(settings, [small.DOCUMENT], Engine())
    monkeypatch.setattr(ahead, "opened", _at_once)
    (there,) = proposals_in_order(settings, [small.DOCUMENT], Engine(kind="dask", address="tls://x"))
    assert isinstance(here, Proposal) and isinstance(there, Proposal)
    assert (there.candidates, there.findings, there.summary) == (here.candidates, here.findings, here.summary)
    assert there.fingerprint == document_fingerprint(settings, small.DOCUMENT)


def test_a_refusal_comes_back_as_one(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.raw / small.DOCUMENT / "annexe.md").unlink()
    (here,) = proposals_in_order(settings, [small.DOCUMENT], Engine())
    monkeypatch.setattr(ahead, "opened", _at_once)
    (there,) = proposals_in_order(settings, [small.DOCUMENT], Engine(kind="dask", address="tls://x"))
    assert isinstance(here, Refused) and there == here


def test_a_file_of_the_cache_that_changed_is_fetched_again(settings: Settings, store: Store, tmp_path: Path) -> None:
    sent = HandedOut(settings, store).hand_out(small.DOCUMENT)
    assert isinstance(read_elsewhere(sent), RemoteReadings)
    for path in (tmp_path / "cache" / "files").iterdir():
        path.write_bytes(b"damaged")
    assert isinstance(read_elsewhere(sent), RemoteReadings)


def test_a_file_of_the_shelf_that_changed_is_named_and_not_read(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    sent = HandedOut(settings, store).hand_out(small.DOCUMENT)
    name = sent.files["annexe.md"]
    (tmp_path / "shelf" / "files" / name).write_bytes(b"damaged")
    found = read_elsewhere(sent)
    assert isinstance(found, Crashed) and name in found.why


def test_the_files_of_a_document_are_put_once(settings: Settings, store: Store, tmp_path: Path) -> None:
    for _ in range(2):
        HandedOut(settings, store).hand_out(small.DOCUMENT)
    assert len(list((tmp_path / "shelf" / "files").iterdir())) == 2
    assert list((tmp_path / "cache").glob("document-*")) == []


def test_a_name_that_leads_elsewhere_is_refused(settings: Settings, store: Store, tmp_path: Path) -> None:
    handed = HandedOut(settings, store)
    handed.hand_out(small.DOCUMENT)
    with pytest.raises(ShelfError, match="nom impossible"):
        handed.take_in(small.DOCUMENT, RemoteReadings({"../x": b"", "state.json": b"{}"}), tmp_path / "made")
    with pytest.raises(ShelfError, match="pas arrivé entier"):
        handed.take_in(small.DOCUMENT, RemoteReadings({"state.json": b"{}"}), tmp_path / "made")
    assert not readings_folder(settings, small.DOCUMENT).exists()
