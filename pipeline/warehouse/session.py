"""The process in which one query of an analyst runs, for `access.query`: `python -m pipeline.warehouse.session`.

A JSON job comes by standard input (root, sql, memory in bytes, threads); rows leave as an Arrow stream by standard
output, or a message by standard error with exit code 1. The parent ends it when its time is over.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pipeline.settings import Settings
from pipeline.warehouse.access import QueryError, connect

# Beyond DuckDB's own limit: the interpreter, the libraries, and what functions take without asking.
_HEADROOM = 1 << 29
_BATCH_ROWS = 100_000
_ALLOWED = frozenset({"SELECT", "EXPLAIN", "CREATE", "MULTI"})


def main() -> int:
    """Run the job of standard input. 0: rows were written; 1: refused, with a message."""
    import duckdb

    job = json.load(sys.stdin)
    _bound_memory(job["memory"] + _HEADROOM)
    try:
        run(Settings(Path(job["root"])), job["sql"], job["memory"], job["threads"])
    except (duckdb.Error, QueryError) as error:
        print(error, file=sys.stderr)
        return 1
    except MemoryError:
        print("mémoire dépassée", file=sys.stderr)
        return 1
    return 0


def run(settings: Settings, sql: str, memory: int, threads: int) -> None:
    """Write the rows of the last statement to standard output. Raises QueryError or duckdb.Error."""
    import pyarrow as pa

    _check(sql)
    with connect(settings, f"{memory}B", threads) as connection:
        reader = connection.sql(sql).to_arrow_reader(_BATCH_ROWS)
        written = 0
        sink: Any = sys.stdout.buffer
        with pa.ipc.new_stream(sink, reader.schema) as stream:
            for batch in reader:
                written += batch.nbytes
                if written > memory:
                    raise QueryError(f"le résultat dépasse {memory >> 20} Mo ; le réduire, ou exporter")
                stream.write_batch(batch)


def _check(sql: str) -> None:
    """Only queries: a few other statements could write a log, or end the process, in spite of the locks.

    CREATE (in DuckDB 2, MULTI) is let through because PIVOT is rewritten with one; the file is read-only and the
    session's own objects die with it.
    """
    import duckdb

    kinds = [statement.type.name for statement in duckdb.extract_statements(sql)]
    refused = [kind for kind in kinds if kind not in _ALLOWED]
    if refused or not kinds:
        raise QueryError(f"seules les requêtes (SELECT) sont acceptées, non {', '.join(refused) or 'un texte vide'}")


def _bound_memory(limit: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


if __name__ == "__main__":
    sys.exit(main())
