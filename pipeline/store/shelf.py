"""Where the files of the record stand, behind one small interface: a folder of this machine, or an object store.

A file is put under a name that must be free, and then never changes: that put is the commit. What the files say is
their readers' affair. Object stores are in `shelf_object`.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from pipeline.errors import AnnexesError
from pipeline.files import sync_folder, write_bytes, write_durably


class TakenError(Exception):
    """The name is taken: somebody else committed under it. Nothing was changed."""


class ShelfError(AnnexesError):
    """The place where the files stand cannot be used (French: names it and says what to do)."""


class Shelf(Protocol):
    """Files by name ("zonage_abc/000012.json": relative, with slashes), each written once and whole."""

    @property
    def label(self) -> str:
        """How a person is told where this is."""
        ...

    def names(self, under: str = "") -> Iterator[str]:
        """The names there are, in order, of all files or of those in one folder."""
        ...

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError, OSError when the place cannot be reached."""
        ...

    def put_if_absent(self, name: str, data: bytes) -> None:
        """Puts a file, whole and durably or not at all. Raises TakenError when the name is taken, OSError."""
        ...

    def fetch(self, name: str) -> Path:
        """A file of this machine with the content of `name`, to be read only. Raises as `read`."""
        ...

    def put_large(self, name: str, path: Path) -> None:
        """Puts the file at `path` under a name that nobody else will choose, without holding it in memory."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Puts a small file in the place of the one of that name, whole."""
        ...

    def remove(self, name: str) -> None:
        """Takes away what was never committed, or is not needed any more; nothing when there is no such file."""
        ...


class FolderShelf:
    """The files of one folder. The names of unfinished ones begin with a dot and are in no list."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def label(self) -> str:
        return str(self._folder)

    def names(self, under: str = "") -> Iterator[str]:
        top = self._folder / under
        for path in sorted(top.rglob("*")) if top.is_dir() else ():
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self._folder).as_posix()

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def put_if_absent(self, name: str, data: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: two writers must not write into one another's file.
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            with beside.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # Unlike a rename, a link does not replace what another one has put meanwhile.
            os.link(beside, path)
        except FileExistsError as error:
            raise TakenError(name) from error
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(path.parent)

    def put_large(self, name: str, path: Path) -> None:
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, partial(_copy, path))

    def replace(self, name: str, data: bytes) -> None:
        target = self._path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, partial(write_bytes, data))

    def fetch(self, name: str) -> Path:
        path = self._path(name)
        if not path.is_file():
            raise FileNotFoundError(name)
        return path

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        checked_name(name)
        return self._folder / name


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def checked_name(name: str) -> str:
    """The name, which leads nowhere but into the shelf. Raises ValueError."""
    parts = name.split("/")
    if name.startswith("/") or any(part in ("", ".", "..") or part.startswith(".") for part in parts):
        raise ValueError(f"not the name of a file: {name!r}")
    return name


def honours_put_if_absent(shelf: Shelf) -> bool:
    """Whether a second put under one name is refused there, tried on a file of no meaning. Raises OSError, ShelfError.

    A store that takes it would let two machines commit under one number, the second over the first.
    """
    name = f"_essai/{secrets.token_hex(8)}"
    shelf.put_if_absent(name, b"1")
    try:
        shelf.put_if_absent(name, b"2")
    except TakenError:
        return shelf.read(name) == b"1"
    finally:
        shelf.remove(name)
    return False
