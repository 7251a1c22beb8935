"""Reading the published file: locked sessions without files, network or settings to change.

`connect` is for SQL that this project wrote; `query` runs anyone's SQL in a process of its own (`session`), because
some functions of DuckDB heed neither its interrupt nor its memory limit. Writing the file is in `publish`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pipeline.errors import AnnexesError
from pipeline.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_GIGABYTE = 1 << 30


class QueryError(AnnexesError):
    """The query was refused or stopped; the message is fit for the person who wrote it."""


def connect(settings: Settings, memory: str = "1GB", threads: int = 2) -> DuckDBPyConnection:
    """A read-only session on the published file: no files, no network, no extensions, no Python variables as tables,
    and none of this can be changed from SQL. Raises QueryError when nothing is published.

    Within one process a file stays the one first opened until every connection to it is closed, and all of them must
    ask for the same limits: close it soon.
    """
    import duckdb

    if not settings.database.is_file():
        raise QueryError(f"aucune base publiée à {settings.database} ; lancer `annexes refresh`")
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": memory,
        "threads": threads,
        # Nothing is spilled: a query that does not fit in memory is refused instead of filling the disk.
        "temp_directory": "",
    }
    connection = duckdb.connect(str(settings.database), read_only=True, config=config)
    for setting in ("python_enable_replacements = false", "lock_configuration = true"):
        connection.execute(f"SET {setting}")
    return connection


def query(settings: Settings, sql: str, timeout: float = 60.0, memory: int = _GIGABYTE, threads: int = 2) -> pa.Table:
    """The rows of one query (SELECT, or EXPLAIN), run in a locked session of a process of its own. Columns are known
    by their position: two of them may have one name.

    `timeout` in seconds and `memory` in bytes bound it whatever it does; the result counts in the memory. The process
    ends with this one, however this one ends. Raises QueryError: nothing published, not a query, refused, out of
    memory, too long.
    """
    import pyarrow as pa

    if not settings.database.is_file():
        raise QueryError(f"aucune base publiée à {settings.database} ; lancer `annexes refresh`")
    job = {"root": str(settings.root), "sql": sql, "memory": memory, "threads": threads}
    # -P: nothing that lies in a current directory is imported.
    command = [sys.executable, "-P", "-m", "pipeline.warehouse.session"]
    pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    process: Any = subprocess.Popen(command, cwd=settings.root, **pipes)
    with process, _killed_after(process, timeout) as late:
        rows: pa.Table | None = None
        with suppress(BrokenPipeError):  # the process is dead, and says why
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
        with suppress(pa.ArrowInvalid, OSError):  # a stream cut short, which the exit code explains
            rows = pa.ipc.open_stream(process.stdout).read_all()
        said = process.stderr.read().decode(errors="replace").strip()
        code = process.wait()
    if late.is_set():
        raise QueryError(f"requête arrêtée après {timeout:g} secondes")
    if code != 0 or rows is None:
        raise QueryError(said or f"la requête a mis fin à son processus (code {code}) : mémoire dépassée ?")
    return rows


@contextmanager
def _killed_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Ends the process when the time is over, which the event says, or when the block is left."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        if process.poll() is None:
            process.kill()
