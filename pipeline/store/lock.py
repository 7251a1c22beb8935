"""One refresh at a time on one warehouse. The lock is the system's, so that a dead holder never blocks."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from pipeline import config
from pipeline.errors import AnnexesError
from pipeline.files import is_alive, set_folder_aside, what_is_odd
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.store.lock_postgres import SharedLock


class LockedError(AnnexesError):
    """Another process refreshes this warehouse; the French message names it."""


@contextmanager
def refresh_lock(settings: Settings, wait: float = 0.0) -> Iterator[None]:
    """Hold the refresh lock, waiting for it `wait` seconds, or as long as [lock] says. Raises LockedError with the
    holder's name. Where [lock] names a database, the machines that use it have one lock together."""
    configured = config.read(settings)
    shared = configured.lock
    wait = max(wait, float(shared.wait))
    settings.lock.parent.mkdir(parents=True, exist_ok=True)
    if odd := what_is_odd(settings.lock):
        raise LockedError(f"{settings.lock} : {odd}")
    lock = FileLock(settings.lock)
    try:
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise LockedError(_held_by(_holder_path(settings))) from error
    try:
        _clear_places(settings)
        _holder_path(settings).write_text(json.dumps(_self()), encoding="utf-8")
        with _shared(shared, wait):
            _finish_restore(settings)
            _clear_leftovers(settings)
            config.keep(settings)
            _bring_up_to_date(settings, configured)
            yield
    finally:
        _holder_path(settings).unlink(missing_ok=True)
        lock.release()


def _clear_places(settings: Settings) -> None:
    """A folder where a file of ours goes is set aside by name, and the file made again."""
    ours = (_holder_path(settings), settings.database, settings.published_note, settings.last_refresh_note)
    for path in (*ours, settings.finding_history, settings.under_way):
        if aside := set_folder_aside(path):
            said = f"{path.name} : dossier à la place d'un fichier, mis de côté : {aside}"
            logging.getLogger(__name__).warning(said)


def check_held() -> None:
    """Raises LockedError when the lock that this process shares with other machines was lost: another one may write by
    now. Nothing where no lock is shared."""
    for held in _held_here:
        with _told():
            held.check()


_held_here: list[SharedLock] = []


def is_held(settings: Settings) -> bool:
    """Whether the process that last took the lock still lives; one of another machine is taken to."""
    holder = _holder(_holder_path(settings))
    if not holder:
        return False
    if holder.get("host") != socket.gethostname():
        return True
    pid = holder.get("pid", "")
    return pid.isdigit() and is_alive(int(pid))


@contextmanager
def _shared(declared: config.Lock, wait: float) -> Iterator[None]:
    if not declared.postgres:
        yield
        return
    address = os.environ.get(declared.postgres, "").strip()
    if not address:
        raise LockedError(f"[lock] postgres : la variable {declared.postgres} est vide ; y mettre l'adresse de la base")
    from pipeline.store.lock_postgres import shared_lock

    waiting = logging.getLogger(__name__).warning
    with _told(), shared_lock(address, declared.name, wait, waiting) as held:
        _held_here.append(held)
        try:
            yield
        finally:
            _held_here.remove(held)


@contextmanager
def _told() -> Iterator[None]:
    from pipeline.store.lock_postgres import SharedLockError

    try:
        yield
    except SharedLockError as error:
        raise LockedError(str(error)) from error


def _finish_restore(settings: Settings) -> None:
    """A restore that was cut short leaves the versions half moved: nobody writes, nor builds from them, before it is
    finished."""
    from pipeline.store import backup

    backup.finish_restore(settings)


def _clear_leftovers(settings: Settings) -> None:
    """What an `add` or `fetch` that was killed left on its way into raw/."""
    if (settings.raw / ".incoming").exists():
        from pipeline.documents.archive import clear_leftovers

        for name in clear_leftovers(settings.raw):
            logging.getLogger(__name__).warning(f"{name} : reste d'un dépôt interrompu, enlevé")


def _bring_up_to_date(settings: Settings, configured: config.Configuration) -> None:
    """What other machines wrote since, where versions are shared through a shelf."""
    if configured.store.versions:
        from pipeline.store import mirror

        mirror.pull(settings)


def _holder_path(settings: Settings) -> Path:
    return settings.lock.with_suffix(".holder.json")


def _self() -> dict[str, str]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"pid": str(os.getpid()), "host": socket.gethostname(), "since": since}


def _holder(path: Path) -> dict[str, str]:
    """What the holder says of itself; nothing when there is none, or it has not said yet."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {name: str(value) for name, value in said.items()} if isinstance(said, dict) else {}


def _held_by(path: Path) -> str:
    holder = _holder(path)
    who = "un processus qui ne s'est pas encore nommé"
    if {"pid", "host", "since"} <= holder.keys():
        who = f"processus {holder['pid']} sur {holder['host']}, depuis {holder['since']}"
    return f"une autre mise à jour est en cours ({who}) ; attendre sa fin ou l'arrêter"
