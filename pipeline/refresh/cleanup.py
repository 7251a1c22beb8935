"""Files that nothing needs any more: what was staged of documents that are gone, and what crashes left behind. The
caller holds the refresh lock. Versions, readings that wait, and what is published are never touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.refresh.staging import abandoned
from pipeline.refresh.state import documents, outcome_path, readings_folder
from pipeline.settings import Settings
from pipeline.store import backup


@dataclass(frozen=True)
class Leftover:
    """A file or folder that may go, its bytes, and why (French)."""

    path: Path
    bytes: int
    why: str


def leftovers(settings: Settings) -> list[Leftover]:
    """Everything that may go, by path."""
    return sorted(_all(settings), key=lambda item: item.path)


def remove(items: list[Leftover]) -> None:
    """Raises OSError for one that cannot be removed."""
    for item in items:
        if item.path.is_dir():
            shutil.rmtree(item.path)
        else:
            item.path.unlink(missing_ok=True)


def _all(settings: Settings) -> Iterator[Leftover]:
    held = set(documents(settings))
    for folder in settings.staged.glob("*"):
        was_read = readings_folder(settings, folder.name).is_dir() or outcome_path(settings, folder.name).is_file()
        if was_read and folder.name not in held:
            yield _leftover(folder, "document qui n'est plus dans raw/")
            continue
        for left in abandoned(settings, folder.name):
            yield _leftover(left, "lecture interrompue")
    for room in (settings.versions, settings.pending):
        for path in room.glob("*/*"):
            if path.name.endswith(".tmp"):
                yield _leftover(path, "écriture interrompue")
            elif path.suffix == ".parquet" and not path.with_name(f"{path.name.split('.')[0]}.json").is_file():
                yield _leftover(path, "version jamais validée")
    for path in (*settings.warehouse.glob(".*.new*"), settings.warehouse / ".spill"):
        if path.exists():
            yield _leftover(path, "publication interrompue")
    if backup.restore_folder(settings).is_dir():
        yield _leftover(backup.restore_folder(settings), "restauration abandonnée avant son début")


def _leftover(path: Path, why: str) -> Leftover:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return Leftover(path, sum(p.stat().st_size for p in files), why)
