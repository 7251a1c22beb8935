"""A Dask scheduler and workers as processes of their own on loopback, as an operator starts them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.parallel_dask import Tls

ROOT = Path(__file__).parents[2]
_SCHEDULER_AT = re.compile(rb"Scheduler at: +(\S+)")


def _tls_options(tls: Tls) -> list[str]:
    return ["--tls-ca-file", str(tls.ca), "--tls-cert", str(tls.cert), "--tls-key", str(tls.key)]


def _start(*command: str, log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=log.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            process_group=0,
        )


@dataclass
class DaskProcesses:
    """`address` is where the scheduler listens; `workers` the processes in the order they were started."""

    folder: Path
    tls: Tls
    address: str = ""
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_scheduler(self) -> None:
        """Starts it and waits until it says where it listens."""
        log = self.folder / "scheduler.log"
        options = ["--host", "127.0.0.1", "--port", "0", "--protocol", "tls", "--no-dashboard"]
        self.scheduler = _start("distributed.cli.dask_scheduler", *options, *_tls_options(self.tls), log=log)
        found = _SCHEDULER_AT.search(self._until(self.scheduler, log, b"Scheduler at:"))
        assert found
        self.address = found[1].decode()

    def start_worker(
        self, env: Mapping[str, str] | None = None, tls: Tls | None = None, wait: bool = True
    ) -> subprocess.Popen[bytes]:
        log = self.folder / f"worker{len(self.workers)}.log"
        options = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]
        options += ["--local-directory", str(self.folder / f"local{len(self.workers)}")]
        started = _start("distributed.cli.dask_worker", *options, *_tls_options(tls or self.tls), log=log, env=env)
        self.workers.append(started)
        if wait:
            self._until(started, log, b"Registered to:")
        return started

    def _until(self, process: subprocess.Popen[bytes], log: Path, said: bytes) -> bytes:
        while said not in (text := log.read_bytes()):
            assert process.poll() is None, text.decode()
            time.sleep(0.1)
        return text

    def stop(self) -> None:
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """The process as if its machine had gone."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
