"""A DuckDB file that is being made: how it is opened, within which limits. What goes into it is in `build`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.warehouse.ddl import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Fixed, so that clients of DuckDB 1.5 open the file even when DuckDB 2 wrote it.
STORAGE_VERSION = "v1.2.0"
MEMORY_LIMIT = "700MB"


@contextmanager
def opened(target: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[DuckDBPyConnection]:
    """A connection that writes the file `target`, its current database; all is in the file once the block is left."""
    import duckdb

    with duckdb.connect(config={"memory_limit": memory_limit}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = {literal(str(target.parent / '.spill'))}")
        connection.execute(f"ATTACH {literal(str(target))} AS annexes (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE annexes")
        yield connection
        connection.execute("USE memory")
        connection.execute("DETACH annexes")


def run_all(connection: DuckDBPyConnection, statements: Iterable[str]) -> None:
    """The statements one after the other, handed over at once: hundreds of small ones cost half."""
    if together := ";\n".join(statements):
        connection.execute(together)
