"""What a document's outcome depends on, as one hash: its files, the reference snapshots, and the source of the rooms
that read it. Standard library only: a refresh with nothing to do must cost next to nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from pipeline.settings import Settings

PACKAGE = Path(__file__).resolve().parent.parent
READING_ROOMS = ("documents", "extract", "cleaning", "gazetteer", "quality", "datasets", "refresh")
_STATE = frozenset({"findings.toml"})
"""Files of a document's folder that say nothing of its content: acknowledging a finding re-reads nothing."""


def digest(parts: Iterable[tuple[str, bytes]]) -> str:
    """One hash of named byte strings, in order; lengths keep neighbours apart."""
    whole = hashlib.sha256()
    for name, data in parts:
        whole.update(f"{name}\x1f{len(data)}\x1e".encode())
        whole.update(data)
    return whole.hexdigest()


def _files(folder: Path, pattern: str = "*") -> Iterator[tuple[str, bytes]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.rglob(pattern)):
        if path.is_file() and path.name not in _STATE and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


@cache
def code(rooms: tuple[str, ...] = READING_ROOMS) -> str:
    """The source of the rooms that read documents."""
    return digest((f"{room}/{name}", data) for room in rooms for name, data in _files(PACKAGE / room, "*.py"))


@cache
def reference(folder: Path) -> str:
    """The reference snapshots."""
    return digest(_files(folder))


def of_document(settings: Settings, document_id: str) -> str:
    """Everything that a document's outcome depends on. A folder that is gone has a fingerprint too."""
    own = digest(_files(settings.raw / document_id))
    return digest(
        (("document", own.encode()), ("code", code().encode()), ("ref", reference(settings.reference).encode()))
    )
