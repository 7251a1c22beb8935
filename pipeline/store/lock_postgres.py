"""One refresh at a time over several machines: an advisory lock of PostgreSQL, freed with its connection.

A holder that dies, or whose machine is cut off, blocks nobody for longer than the server keeps its connection. The only
module that imports psycopg2 (extra `cluster`).
"""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.errors import AnnexesError

if TYPE_CHECKING:
    from psycopg2.extensions import connection

# A server that restarts is asked again for so long before a refresh gives up.
BACK_WITHIN = 20.0
_ASK_EVERY = 0.5
# The server drops a connection whose machine has gone after 60 + 3 × 10 seconds.
_KEEPALIVE = {"keepalives": 1, "keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 3}
_SERVER_KEEPALIVE = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3"
# What the server keeps of an application's name.
_NAME_BYTES = 63
_HOLDER = """
    SELECT a.application_name, host(a.client_addr), a.backend_start
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32) | l.objid::bigint = %s
"""


class SharedLockError(AnnexesError):
    """The lock is held by another one, cannot be reached, or was lost (French: says who, where and what to do)."""


class SharedLock:
    """The lock while it is held."""

    def __init__(self, held: connection) -> None:
        self._held = held

    def check(self) -> None:
        """Raises SharedLockError when the connection has gone, and with it the lock: another one may write by now."""
        import psycopg2

        try:
            with self._held.cursor() as cursor:
                cursor.execute("SELECT 1")
        except psycopg2.Error as error:
            raise SharedLockError(
                "le verrou partagé est perdu (la base PostgreSQL ne répond plus) ; rien de plus n'est écrit, "
                "relancer la mise à jour"
            ) from error


@contextmanager
def shared_lock(
    dsn: str, project: str, wait: float = 0.0, waiting: Callable[[str], None] | None = None
) -> Iterator[SharedLock]:
    """Holds the lock of `project` on the server at `dsn` (a libpq string or address), waiting for it `wait` seconds.

    `waiting` is told once, in French, who holds it meanwhile. Raises SharedLockError naming the holder.
    """
    key = lock_key(project)
    ends_at = time.monotonic() + wait
    told = False
    with closing(_connect(dsn)) as held:
        while not _taken(held, key):
            holder = _holder(held, key)
            if time.monotonic() >= ends_at:
                raise SharedLockError(f"une autre mise à jour est en cours ({holder}) ; attendre sa fin ou l'arrêter")
            if waiting is not None and not told:
                waiting(f"une autre mise à jour est en cours ({holder}) ; attente")
                told = True
            time.sleep(_ASK_EVERY)
        yield SharedLock(held)


def lock_key(project: str) -> int:
    """The number under which the server knows the lock: a positive integer of 63 bits."""
    return int.from_bytes(hashlib.sha256(f"annexes refresh {project}".encode()).digest()[:8], "big") >> 1


def _connect(dsn: str) -> connection:
    try:
        import psycopg2
    except ImportError as error:
        raise SharedLockError("[lock] postgres : le paquet psycopg2 manque ; installer annexes[cluster]") from error
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ")
    name = f"annexes {os.getpid()} sur {socket.gethostname()}"[: _NAME_BYTES - len(since) - 8] + f" depuis {since}"
    ends_at = time.monotonic() + BACK_WITHIN
    while True:
        try:
            made = psycopg2.connect(
                dsn, application_name=name, connect_timeout=10, options=_SERVER_KEEPALIVE, **_KEEPALIVE
            )
        except psycopg2.OperationalError as error:
            if time.monotonic() >= ends_at:
                raise SharedLockError(
                    f"[lock] postgres : base injoignable ({_first_line(error)}) ; vérifier la base et la variable"
                ) from error
            time.sleep(_ASK_EVERY)
            continue
        made.autocommit = True
        return made


def _first_line(error: Exception) -> str:
    """What the driver says, without the lines that could tell a password."""
    return str(error).strip().split("\n", 1)[0]


def _taken(held: connection, key: int) -> bool:
    import psycopg2

    try:
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (key,))
            (taken,) = cursor.fetchone() or (False,)
            return bool(taken)
    except psycopg2.Error as error:
        raise SharedLockError(f"[lock] postgres : base perdue pendant l'attente ({_first_line(error)})") from error


def _holder(held: connection, key: int) -> str:
    import psycopg2

    row = None
    with suppress(psycopg2.Error), held.cursor() as cursor:
        cursor.execute(_HOLDER, (key,))
        row = cursor.fetchone()
    if row is None:
        return "un processus qui vient de finir ou de commencer"
    name, address, _ = row
    return f"{name}, adresse {address}" if address else str(name)
