"""The published file on a shelf, for readers of other machines: put whole under a name of its own, then latest.json,
which names it, replaced. The newest three are kept, so that nobody's download is cut by the next one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline import config
from pipeline.files import sha256_of, write_json
from pipeline.settings import Settings
from pipeline.store.mirror import cache_folder
from pipeline.store.shelf import Shelf, ShelfError
from pipeline.store.shelf_object import shelf_at

LATEST = "latest.json"
KEPT = 3


def hand_over(settings: Settings, now: datetime | None = None) -> bool:
    """Put the published file on the project's shelf, where it has one and does not hold it yet: whether it was put.

    The caller holds the refresh lock. Raises ConfigError, ShelfError.
    """
    declared = config.read(settings).store
    if not declared.published or not settings.database.is_file() or is_handed_over(settings):
        return False
    shelf = shelf_at(declared.published, cache_folder(settings, declared), declared.endpoint, declared.region)
    try:
        put(shelf, settings.database, now or datetime.now(UTC))
    except OSError as error:
        raise ShelfError(f"[store] published : {error}") from error
    write_json(_note(settings), _seen(settings, declared.published))
    return True


def is_handed_over(settings: Settings) -> bool:
    """Whether the shelf was given the file in place, as far as this machine knows; true where there is no shelf, and
    where the settings cannot be followed, which stops whoever would hand it over."""
    try:
        declared = config.read(settings).store
    except config.ConfigError:
        return True
    if not declared.published or not settings.database.is_file():
        return True
    try:
        noted = json.loads(_note(settings).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(noted == _seen(settings, declared.published))


def put(shelf: Shelf, file: Path, now: datetime) -> str:
    """Put `file` and make it the latest: its name on the shelf. `now` is UTC. Raises OSError; cut short, the former
    latest stays."""
    sha256 = sha256_of(file)
    name = f"annexes-{now:%Y%m%dT%H%M%SZ}-{sha256[:12]}.duckdb"
    shelf.put_large(name, file)
    latest = {
        "file": name,
        "sha256": sha256,
        "bytes": file.stat().st_size,
        "published_at": now.isoformat(timespec="seconds"),
    }
    shelf.replace(LATEST, (json.dumps(latest, indent=1) + "\n").encode())
    for old in sorted(_files(shelf))[:-KEPT]:
        if old != name:
            shelf.remove(old)
    return name


def _files(shelf: Shelf) -> Iterator[str]:
    return (name for name in shelf.names() if name.startswith("annexes-") and name.endswith(".duckdb"))


def _seen(settings: Settings, address: str) -> dict[str, object]:
    found = settings.database.stat()
    return {"shelf": address, "bytes": found.st_size, "changed": found.st_mtime_ns}


def _note(settings: Settings) -> Path:
    return settings.warehouse / "handed_over.json"
