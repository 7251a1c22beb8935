"""Reading the published file: locked sessions without files, network or settings to change.

Writing the file is in `publish`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from pipeline.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection


class QueryError(Exception):
    """The query was refused or stopped; the message is fit for the person who wrote it."""


def connect(settings: Settings, memory: str = "1GB", threads: int = 2) -> DuckDBPyConnection:
    """A read-only session on the published file: no files, no network, no extensions, no Python variables as tables,
    and none of this can be changed from SQL. Raises QueryError when nothing is published."""
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


def query(settings: Settings, sql: str, timeout: float = 60.0, memory: str = "1GB") -> pa.Table:
    """The rows of one query, in a locked session of its own. Raises QueryError: refused, out of memory, too long."""
    import duckdb

    with connect(settings, memory) as connection:
        timer = threading.Timer(timeout, connection.interrupt)
        timer.start()
        try:
            return connection.execute(sql).to_arrow_table()
        except duckdb.InterruptException as error:
            raise QueryError(f"requête arrêtée après {timeout:g} secondes") from error
        except duckdb.Error as error:
            raise QueryError(str(error)) from error
        finally:
            timer.cancel()
