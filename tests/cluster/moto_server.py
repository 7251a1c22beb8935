"""A server on loopback that speaks S3, from an environment of its own (`make cluster` makes it)."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / ".venv-moto" / "bin" / "moto_server"
BUCKET = "annexes"


@contextmanager
def serving() -> Iterator[str]:
    """The address of a new server that holds one empty bucket."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [PROGRAM, "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while process.poll() is None:
                with suppress(OSError):
                    urlopen(Request(f"{address}/{BUCKET}", method="PUT"), timeout=10).close()
                    break
                time.sleep(0.1)
            yield address
        finally:
            process.kill()
