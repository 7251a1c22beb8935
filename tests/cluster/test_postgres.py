"""The shared lock on a real PostgreSQL: one holder, named to the others, freed with its connection."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from pipeline.store.lock_postgres import SharedLockError, lock_key, shared_lock
from tests.cluster.conftest import needs
from tests.cluster.postgres import Server, programs

pytestmark = [
    needs("psycopg2"),
    pytest.mark.skipif(programs() is None, reason="not installed: PostgreSQL (Debian's postgresql)"),
]

_HOLD = """
import sys, time
from pipeline.store.lock_postgres import shared_lock
with shared_lock(sys.argv[1], "p"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def elsewhere(server: Server) -> Iterator[subprocess.Popen[str]]:
    """Another process, as on another machine, that holds the lock of "p"."""
    command = [sys.executable, "-c", _HOLD, server.dsn]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_who_holds_the_lock_is_named_to_who_is_refused(server: Server, elsewhere: subprocess.Popen[str]) -> None:
    holder = rf"annexes {elsewhere.pid} sur .* depuis 20.*Z, adresse 127\.0\.0\.1"
    with pytest.raises(SharedLockError, match=f"en cours \\({holder}\\)"), shared_lock(server.dsn, "p"):
        pass


def test_who_waits_is_told_once_and_has_its_turn(server: Server, elsewhere: subprocess.Popen[str]) -> None:
    told: list[str] = []

    def hear(message: str) -> None:
        told.append(message)
        threading.Timer(1.2, elsewhere.kill).start()

    with shared_lock(server.dsn, "p", wait=60, waiting=hear) as held:
        held.check()
    assert len(told) == 1 and str(elsewhere.pid) in told[0]


def test_a_holder_that_is_killed_blocks_nobody(server: Server, elsewhere: subprocess.Popen[str]) -> None:
    os.kill(elsewhere.pid, signal.SIGKILL)
    elsewhere.wait()
    with shared_lock(server.dsn, "p", wait=30):
        pass


def test_another_project_has_another_lock(server: Server, elsewhere: subprocess.Popen[str]) -> None:
    assert lock_key("p") != lock_key("q")
    with shared_lock(server.dsn, "q") as held:
        held.check()


def test_the_lock_is_given_back(server: Server) -> None:
    for _ in range(2):
        with shared_lock(server.dsn, "p"):
            pass


def test_a_server_that_restarts_takes_the_lock_with_it_and_is_waited_for(server: Server) -> None:
    with shared_lock(server.dsn, "p") as held:
        held.check()
        server.stop()
        with pytest.raises(SharedLockError, match="perdu"):
            held.check()
        late = threading.Timer(1.0, server.start)
        late.start()
        with shared_lock(server.dsn, "p") as again:
            again.check()
        late.join()


def test_a_server_that_is_not_there_is_said_without_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.store.lock_postgres.BACK_WITHIN", 0.0)
    dsn = "host=127.0.0.1 port=1 user=annexes password=secret dbname=postgres"
    with pytest.raises(SharedLockError, match="injoignable") as caught, shared_lock(dsn, "p"):
        pass
    assert "secret" not in str(caught.value)
