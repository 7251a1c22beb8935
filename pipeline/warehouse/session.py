"""The process in which one query of an analyst runs, for `access.query`: `python -P -m pipeline.warehouse.session`.

A JSON job comes as one line of standard input (root, sql, memory in bytes, threads); rows leave as an Arrow stream by
standard output, or a message by standard error with exit code 1. The parent ends it when its time is over; it ends by
itself when the parent is gone, which closes its standard input. It cannot write a file: the system forbids it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from pipeline.settings import Settings
from pipeline.warehouse.access import QueryError, connect

if TYPE_CHECKING:
    from duckdb import Statement

HEADROOM = 200 << 20
"""Beyond DuckDB's own limit: the interpreter, the libraries, and what functions take without asking."""
_BATCH_ROWS = 10_000
_LONGEST_MESSAGE = 4_000
_QUERIES = frozenset({"SELECT", "EXPLAIN", "MULTI"})


def main() -> int:
    """Run the job of standard input. 0: rows were written; 1: refused, with a message."""
    import duckdb

    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    _bound(job["memory"] + HEADROOM)
    try:
        run(Settings(Path(job["root"])), job["sql"], job["memory"], job["threads"], sys.stdout.buffer)
    except (duckdb.Error, QueryError) as error:
        print(str(error)[:_LONGEST_MESSAGE], file=sys.stderr)
        return 1
    except MemoryError:
        print("mémoire dépassée", file=sys.stderr)
        return 1
    return 0


def run(settings: Settings, sql: str, memory: int, threads: int, sink: BinaryIO) -> None:
    """Write the rows of the query to `sink` as an Arrow stream. Raises QueryError or duckdb.Error."""
    import pyarrow as pa

    check(sql)
    with connect(settings, f"{memory}B", threads) as connection:
        reader = connection.sql(sql).to_arrow_reader(_BATCH_ROWS)
        written = 0
        stream_of: Any = pa.ipc.new_stream
        with stream_of(sink, reader.schema) as stream:
            for batch in reader:
                written += batch.nbytes
                if written > memory:
                    raise QueryError(f"le résultat dépasse {memory >> 20} Mo ; le réduire, ou exporter")
                stream.write_batch(batch)


def check(sql: str) -> None:
    """Raise QueryError unless the text is one query: other statements could write a log, or end the process, in spite
    of the locks, and of several only the last would be answered."""
    import duckdb

    statements = [each for each in duckdb.extract_statements(sql) if not _made_by_pivot(each)]
    refused = [kind for kind in (each.type.name for each in statements) if kind not in _QUERIES]
    if refused or not statements:
        raise QueryError(f"seules les requêtes (SELECT) sont acceptées, non {', '.join(refused) or 'un texte vide'}")
    if len(statements) > 1:
        raise QueryError(f"{len(statements)} requêtes : une seule à la fois est acceptée")


def _made_by_pivot(statement: Statement) -> bool:
    """DuckDB 1.5 rewrites a PIVOT as two statements; the first has no text of its own."""
    return statement.type.name == "CREATE" and not statement.query.strip()


def _bound(memory: int) -> None:
    """No more memory than this, and not one byte of a file."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _end_with_parent(stdin: int) -> None:
    while os.read(stdin, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
