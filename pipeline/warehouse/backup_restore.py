"""A backup put back: taken out beside, verified, then moved into place. Cut short at any instant, it is either not
begun, or finished by whoever takes the refresh lock next (`finish`)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipeline.settings import Settings
from pipeline.warehouse import store
from pipeline.warehouse.backup import BackupError, Manifest, Readable, check
from pipeline.warehouse.files import sha256_of, sync_folder, write_durably

_ROOMS = ("versions", "pending")


def restore(settings: Settings, source: Path, force: bool = False) -> Manifest:
    """Put back what a backup holds. The caller holds the refresh lock, and publishes afterwards.

    The versions and the readings that wait become those of the backup; declarations it holds replace those of the same
    name, others stay. What was staged is forgotten, so that the next refresh reads every document again. Without
    `force` the project must have no version, and no declaration that differs. Raises BackupError before anything is
    replaced; OSError.
    """
    beside = folder(settings)
    shutil.rmtree(beside, ignore_errors=True)
    taken = beside / "files"
    for room in _ROOMS:
        (taken / "warehouse" / room).mkdir(parents=True)
    try:
        manifest = check(source, lambda name, content: _take_out(taken / name, content))
        _versions_are_whole(taken, source.name)
        if not force:
            _nothing_is_lost(settings, manifest)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    write_durably(_ready(settings), lambda path: path.touch())
    finish(settings)
    return manifest


def folder(settings: Settings) -> Path:
    """Where a backup is taken out before it is put in place."""
    return settings.warehouse / ".restore"


def finish(settings: Settings) -> bool:
    """Move into place what a restore made ready; False when there is nothing of the kind. May be cut short and called
    again: what is moved is no longer there to move."""
    if not _ready(settings).is_file():
        return False
    beside = folder(settings)
    taken, former = beside / "files", beside / "former"
    former.mkdir(exist_ok=True)
    for room in _ROOMS:
        new, place = taken / "warehouse" / room, settings.warehouse / room
        if new.is_dir():
            if place.is_dir():
                place.rename(former / room)
            new.rename(place)
    sync_folder(settings.warehouse)
    for path in sorted(p for p in taken.rglob("*") if p.is_file()):
        place = settings.root / path.relative_to(taken)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    for outcome in settings.staged.glob("*/outcome.json"):
        outcome.unlink()
    _ready(settings).unlink()
    shutil.rmtree(beside, ignore_errors=True)
    return True


def _ready(settings: Settings) -> Path:
    return folder(settings) / "READY"


def _take_out(target: Path, content: Readable) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        shutil.copyfileobj(content, stream, 1 << 20)
        os.fsync(stream.fileno())


def _versions_are_whole(taken: Path, shown: str) -> None:
    """Each record against its files: a backup of a damaged warehouse is not put back in silence."""
    damaged = store.read_store(Settings(taken)).refused
    if damaged:
        first = damaged[0]
        raise BackupError(
            f"{shown} : {len(damaged)} fichiers de version endommagés, d'abord {first.path.name} : {first.reason}"
        )


def _nothing_is_lost(settings: Settings, manifest: Manifest) -> None:
    held = sum(1 for _ in settings.versions.glob("[!_]*/[0-9]*.json"))
    if held:
        raise BackupError(f"ce projet a déjà {held} versions ; --force les remplace par celles de la sauvegarde")
    for name, saved in manifest.files.items():
        place = settings.root / name
        if place.is_file() and sha256_of(place) != saved.sha256:
            raise BackupError(f"{name} n'est pas celui de la sauvegarde ; --force le remplace")
