"""Documents read on machines that do not see the project's folder: their files reach a worker through a shelf, by
address and sha256, into a cache that is checked at each use; what was staged there comes back.

The document's fingerprint is taken here, where everything that it depends on is.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from pipeline.config import Store
from pipeline.files import read_sealed, sha256_of, write_sealed
from pipeline.refresh.staging import READINGS
from pipeline.refresh.state import READINGS_STATE, document_fingerprint, ocr_language
from pipeline.settings import Settings
from pipeline.store.shelf import Shelf, ShelfError, TakenError
from pipeline.store.shelf_object import shelf_at

R = TypeVar("R")


@dataclass(frozen=True)
class RemoteDocument:
    """What a worker is sent: the document's files by their names in its folder and their sha256, where they are, and
    the language in which its pages without text are recognised."""

    document: str
    files: Mapping[str, str]
    store: Store
    language: str = ""


@dataclass(frozen=True)
class RemoteReadings:
    """What a worker staged of a document: file name → content."""

    files: Mapping[str, bytes]


class HandedOut:
    """The shelf of [store] raw, filled with the files of the documents that are handed out."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._shelf = _shelf(store)
        self._marks: dict[str, str] = {}

    def hand_out(self, document: str) -> RemoteDocument:
        """Puts the document's files where workers find them, those that are not there. Raises ShelfError."""
        self._marks[document] = document_fingerprint(self._settings, document)
        folder = self._settings.raw / document
        files: dict[str, str] = {}
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
            sha256 = sha256_of(path)
            files[path.relative_to(folder).as_posix()] = sha256
            if _name(sha256) not in self._there:
                with _told(), suppress(TakenError):
                    self._shelf.put_if_absent(_name(sha256), path.read_bytes())
                self._there.add(_name(sha256))
        return RemoteDocument(document, files, self._store, ocr_language(self._settings))

    def take_in(self, document: str, made: RemoteReadings, folder: Path) -> None:
        """Writes what a worker read into `folder`, made anew, as if it were read here. Raises ShelfError when that is
        not whole."""
        shutil.rmtree(folder, ignore_errors=True)
        beside = folder / READINGS
        beside.mkdir(parents=True)
        for name, content in made.files.items():
            if "/" in name or name.startswith("."):
                raise ShelfError(f"{document} : un ouvrier rend un fichier au nom impossible : {name!r}")
            (beside / name).write_bytes(content)
        state = read_sealed(beside / READINGS_STATE)
        if state is None:
            raise ShelfError(f"{document} : ce qu'un ouvrier a lu n'est pas arrivé entier ; relancer la mise à jour")
        write_sealed(beside / READINGS_STATE, {**state, "fingerprint": self._marks.pop(document)})

    @cached_property
    def _there(self) -> set[str]:
        with _told():
            return set(self._shelf.names("files"))


def in_a_folder(remote: RemoteDocument, read: Callable[[Settings, str], R]) -> R:
    """What `read` makes of the document in a project of its own, which is there for so long. Runs in a worker.

    Raises ShelfError when a file cannot be had as it is.
    """
    cache = _cache(remote.store)
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="document-") as root:
        settings = Settings(Path(root))
        for name, sha256 in remote.files.items():
            place = settings.raw / remote.document / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(_cached(remote.store, cache, sha256), place)
        if remote.language:
            settings.configuration.write_text(f'[ocr]\nenabled = true\nlanguage = "{remote.language}"\n')
        return read(settings, remote.document)


def readings_of(folder: Path) -> RemoteReadings:
    """What was read of a document into a folder of proposals, to be sent back."""
    return RemoteReadings({path.name: path.read_bytes() for path in sorted((folder / READINGS).iterdir())})


def _cached(store: Store, cache: Path, sha256: str) -> Path:
    """The file of that sha256 in the cache, fetched where it is not there or not that any more."""
    path = cache / "files" / sha256
    if path.is_file() and sha256_of(path) == sha256:
        return path
    with _told():
        content = _shelf(store).read(_name(sha256))
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: children of one machine may fetch the same file.
    beside = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
    beside.write_bytes(content)
    if sha256_of(beside) != sha256:
        beside.unlink()
        raise ShelfError(
            f"[store] raw : {_name(sha256)} n'a pas le contenu que dit son nom ; l'y retirer, puis relancer"
        )
    beside.replace(path)
    return path


def _shelf(store: Store) -> Shelf:
    return shelf_at(store.raw, _cache(store), store.endpoint, store.region)


def _cache(store: Store) -> Path:
    """The folder of this machine for what is fetched: absolute, for a worker has no project."""
    if store.cache and Path(store.cache).is_absolute():
        return Path(store.cache)
    return Path(tempfile.gettempdir()) / f"annexes-cache-{os.getuid()}"


def _name(sha256: str) -> str:
    return f"files/{sha256}"


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be reached, as a message that names the setting."""
    try:
        yield
    except OSError as error:
        raise ShelfError(f"[store] raw : {error}") from error
