"""Reading the published file: locked sessions without files, network or settings to change.

`connect` is for SQL that this project wrote; `query` runs anyone's SQL in a process of its own (`session`), because
some functions of DuckDB heed neither its interrupt nor its memory limit. Writing the file is in `publish`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from pipeline.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_GIGABYTE = 1 << 30


class QueryError(Exception):
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
    """The rows of one query (SELECT, or EXPLAIN), run in a locked session of a process of its own.

    `timeout` in seconds and `memory` in bytes bound it whatever it does; the result counts in the memory. Raises
    QueryError: nothing published, not a query, refused, out of memory, too long.
    """
    import pyarrow as pa

    if not settings.database.is_file():
        raise QueryError(f"aucune base publiée à {settings.database} ; lancer `annexes refresh`")
    job = {"root": str(settings.root), "sql": sql, "memory": memory, "threads": threads}
    command = [sys.executable, "-m", "pipeline.warehouse.session"]
    try:
        done = subprocess.run(
            command, input=json.dumps(job).encode(), capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise QueryError(f"requête arrêtée après {timeout:g} secondes") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise QueryError(said or f"la requête a mis fin à son processus (code {done.returncode}) : mémoire dépassée ?")
    return pa.ipc.open_stream(done.stdout).read_all()
