"""The Dagster interface on this machine: code server, daemon and web server in one process group, ended together.
Dagster itself is not imported here."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import AnnexesError
from pipeline.orchestration import instance
from pipeline.orchestration.webserver import HOST
from pipeline.settings import Settings

DEFAULT_PORT = 3000
STARTUP_SECONDS = 240.0
_GRACE_SECONDS = 10.0
_LEVEL = ("--log-level", "warning")


class InterfaceError(AnnexesError):
    """The interface did not come up; the French message says why."""


def code_server(settings: Settings, at: Path) -> list[str]:
    """What serves the definitions, at a socket that only this user reaches."""
    where = ["--working-directory", str(settings.root), "--module-name", "pipeline.definitions"]
    return [sys.executable, "-P", "-m", "dagster", "code-server", "start", *where, "--socket", str(at), *_LEVEL]


def others(at: Path, port: int) -> list[list[str]]:
    """What runs sensors and schedules, and what answers the browser, on loopback only."""
    daemon = [sys.executable, "-P", "-m", "dagster._daemon", "run", "--grpc-socket", str(at), *_LEVEL]
    return [daemon, [sys.executable, "-P", "-m", "pipeline.orchestration.webserver", str(port), str(at)]]


def environment(settings: Settings) -> dict[str, str]:
    """The variables under which the processes find this project and its instance."""
    return {
        **os.environ,
        "PYTHONSAFEPATH": "1",
        "DAGSTER_HOME": str(settings.dagster_home),
        "ANNEXES_ROOT": str(settings.root),
    }


def lineage_url(port: int) -> str:
    """The page to open first: all that leads to the published file."""
    return f"http://{HOST}:{port}/assets/base?view=lineage&lineageScope=upstream&lineageDepth=6"


def serve(settings: Settings, port: int, say: Callable[[str], None]) -> int:
    """Run the interface until it ends or this process is asked to; `say` is told the link once it answers.

    Returns 0 when it was stopped on purpose, 1 when a part of it ended by itself. Raises InterfaceError when the port
    is taken or nothing answers in time, HistoryError when the history can be neither read nor made.
    """
    with started(settings, port) as processes:
        say(lineage_url(port))
        try:
            while all(process.poll() is None for process in processes):
                time.sleep(0.5)
        except KeyboardInterrupt:
            return 0
    return 1


@contextmanager
def started(settings: Settings, port: int) -> Iterator[Sequence[subprocess.Popen[bytes]]]:
    """The interface answering on `port`; its whole process group is ended on the way out."""
    if _answers(port):
        raise InterfaceError(f"le port {port} est déjà pris ; en choisir un autre")
    instance.ensure(settings)
    processes: list[subprocess.Popen[bytes]] = []

    def start(command: Sequence[str]) -> None:
        group = processes[0].pid if processes else 0
        processes.append(subprocess.Popen(command, cwd=settings.root, env=environment(settings), process_group=group))

    with tempfile.TemporaryDirectory(prefix="annexes-") as folder, _terminated_as_interrupted():
        at = Path(folder) / "code.sock"
        try:
            start(code_server(settings, at))
            _wait(processes, at.exists, "le serveur de définitions ne démarre pas")
            for command in others(at, port):
                start(command)
            _wait(processes, lambda: _answers(port), f"l'interface ne répond pas sur le port {port}")
            yield processes
        finally:
            _end(processes)


def _wait(processes: Sequence[subprocess.Popen[bytes]], ready: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + STARTUP_SECONDS
    while not ready():
        for process in processes:
            if process.poll() is not None:
                raise InterfaceError(
                    f"l'interface s'est arrêtée au démarrage (code {process.returncode}) ; voir plus haut"
                )
        if time.monotonic() > deadline:
            raise InterfaceError(f"{otherwise} après {STARTUP_SECONDS:.0f} s")
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


def _end(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """End the group and what its members started; what outlives the grace is killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(processes[0].pid, number)
        except (IndexError, ProcessLookupError):
            break
        if _group_ended(processes):
            break


def _group_ended(processes: Sequence[subprocess.Popen[bytes]]) -> bool:
    deadline = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < deadline:
        for process in processes:
            process.poll()
        try:
            os.killpg(processes[0].pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
