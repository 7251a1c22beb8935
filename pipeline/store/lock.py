"""One refresh at a time on one warehouse. The lock is the system's, so that a dead holder never blocks."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.settings import Settings


class LockedError(Exception):
    """Another process refreshes this warehouse; the French message names it."""


@contextmanager
def refresh_lock(settings: Settings, wait: float = 0.0) -> Iterator[None]:
    """Hold the refresh lock, waiting for it `wait` seconds. Raises LockedError with the holder's name."""
    settings.lock.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.lock)
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise LockedError(_held_by(_holder_path(settings))) from error
    try:
        _holder_path(settings).write_text(json.dumps(_self()), encoding="utf-8")
        _finish_restore(settings)
        yield
    finally:
        _holder_path(settings).unlink(missing_ok=True)
        lock.release()


def _finish_restore(settings: Settings) -> None:
    """A restore that was cut short leaves the versions half moved: nobody writes, nor builds from them, before it is
    finished."""
    from pipeline.store import backup

    backup.finish_restore(settings)


def _holder_path(settings: Settings) -> Path:
    return settings.lock.with_suffix(".holder.json")


def _self() -> dict[str, str]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": str(os.getpid()), "host": socket.gethostname(), "since": since}


def _held_by(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"processus {holder['pid']} sur {holder['host']}, depuis {holder['since']}"
    except (OSError, ValueError, KeyError):
        who = "un processus qui ne s'est pas encore nommé"
    return f"une autre mise à jour est en cours ({who}) ; attendre sa fin ou l'arrêter"
