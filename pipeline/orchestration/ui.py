"""The Dagster interface on this machine: webserver, daemon and code server in one process group, ended together.
Dagster itself is not imported here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline.settings import Settings

HOST = "127.0.0.1"
DEFAULT_PORT = 3000
STARTUP_SECONDS = 120.0
_GRACE_SECONDS = 10.0


class InterfaceError(Exception):
    """The interface did not come up; the French message says why."""


def command(settings: Settings, port: int) -> list[str]:
    """What starts the interface, on loopback only; it finds the project and its instance by `environment`."""
    workspace = ["--working-directory", str(settings.root), "--module-name", "pipeline.definitions"]
    where = ["--host", HOST, "--port", str(port)]
    # The successor that `dagster dev` recommends on standard error is a tool for a workspace of projects.
    quiet = ["-W", "ignore:Function `dev_command`"]
    return [sys.executable, "-P", *quiet, "-m", "dagster", "dev", *workspace, *where, "--log-level", "warning"]


def environment(settings: Settings) -> dict[str, str]:
    """The variables under which `command` finds this project and its instance."""
    return {
        **os.environ,
        "PYTHONSAFEPATH": "1",
        "DAGSTER_HOME": str(settings.dagster_home),
        "ANNEXES_ROOT": str(settings.root),
    }


def lineage_url(port: int) -> str:
    """The page to open first: all that leads to the warehouse."""
    return f"http://{HOST}:{port}/assets/warehouse?view=lineage&lineageScope=upstream&lineageDepth=6"


def serve(settings: Settings, port: int, say: Callable[[str], None]) -> int:
    """Run the interface until it ends or this process is asked to; `say` is told the link once it answers.

    Returns 0 when it was stopped on purpose. Raises InterfaceError when the port is taken or nothing answers in time.
    """
    with started(settings, port) as process:
        say(lineage_url(port))
        try:
            code = process.wait()
        except KeyboardInterrupt:
            return 0
    return 0 if code in (0, -signal.SIGINT, -signal.SIGTERM) else code


@contextmanager
def started(settings: Settings, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The interface answering on `port`; its whole process group is ended on the way out."""
    if _answers(port):
        raise InterfaceError(f"le port {port} est déjà pris ; en choisir un autre")
    process = subprocess.Popen(
        command(settings, port), cwd=settings.root, env=environment(settings), start_new_session=True
    )
    try:
        with _terminated_as_interrupted():
            _wait(process, port)
            yield process
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while not _answers(port):
        if process.poll() is not None:
            raise InterfaceError(f"l'interface s'est arrêtée au démarrage (code {process.returncode}) ; voir plus haut")
        if time.monotonic() > deadline:
            raise InterfaceError(f"l'interface ne répond pas sur le port {port} après {STARTUP_SECONDS:.0f} s")
        time.sleep(0.2)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM, and a SIGINT that a script's background job inherits as ignored, both end what runs inside."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the group: dagster dev passes SIGTERM on to what it started; what outlives the grace is killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        if _group_ended(process):
            break


def _group_ended(process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline:
        process.poll()
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
