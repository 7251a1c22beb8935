"""Many events recorded in one go: one transaction, a few statements, where Dagster would make an engine, ask for its
tables, connect and commit several times for each. Only how they are written is here; which ones is in `record`.

Dagster's SQLite storage has no way of writing several: it is lent one connection a database, and its `store_event` is
replaced while the block lasts. Another kind of storage is left as it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.events.log import EventLogEntry

_AT_ONCE = 2_000
"""Events in memory before they are handed to the database."""


@contextmanager
def written_together(instance: dg.DagsterInstance) -> Iterator[Together | None]:
    """Inside, the events that this thread records stand in one transaction: all of them, or none. None for a storage
    that is left as it is."""
    storage: Any = instance.event_log_storage
    if not hasattr(storage, "conn_string_for_shard"):
        yield None
        return
    connect, owner = storage._connect, threading.get_ident()
    with ExitStack() as stack:
        opened: dict[str, Any] = {}

        @contextmanager
        def lent(shard: str) -> Iterator[Any]:
            if threading.get_ident() != owner:
                with connect(shard) as own:
                    yield own
                return
            if shard not in opened:
                with connect(shard):
                    pass  # makes the database if it is not there
                opened[shard] = stack.enter_context(_transaction(storage.conn_string_for_shard(shard)))
            yield opened[shard]

        # What its tables are does not change meanwhile.
        replaced: dict[str, Callable[..., Any]] = {"_connect": lent, "has_table": cache(storage.has_table)}
        together = Together(storage, storage.store_event, owner)
        replaced["store_event"] = together.store
        for name, by in replaced.items():
            setattr(storage, name, by)
            stack.callback(delattr, storage, name)
        yield together
        together.write()


class Together:
    """The events of one block, numbered as the database will, and written when there are many and at the end."""

    def __init__(self, storage: Any, one_by_one: Callable[[EventLogEntry], None], owner: int) -> None:
        self._storage = storage
        self._one_by_one = one_by_one
        self._owner = owner
        self._waiting: list[tuple[int, EventLogEntry]] = []
        self._next = 0

    @property
    def last(self) -> dg.EventLogRecord:
        """The event stored last."""
        from dagster import EventLogRecord

        number, event = self._waiting[-1]
        return EventLogRecord(storage_id=number, event_log_entry=event)

    def store(self, event: EventLogEntry) -> None:
        """Keep an event about an asset or a check; another one is written as Dagster does."""
        from dagster._core.events import ASSET_EVENTS, DagsterEventType

        if threading.get_ident() != self._owner:
            self._one_by_one(event)
            return
        if event.dagster_event_type not in {*ASSET_EVENTS, DagsterEventType.ASSET_CHECK_EVALUATION}:
            self.write()
            self._one_by_one(event)
            self._next = 0
            return
        if len(self._waiting) >= _AT_ONCE:
            self.write()
        self._next = self._next or self._first_free()
        self._waiting.append((self._next, event))
        self._next += 1

    def write(self) -> None:
        """Hand what waits to the database: the log of its run, the index over all runs, and what that keeps of assets
        and checks."""
        from dagster._core.storage.event_log.schema import (
            AssetCheckExecutionsTable,
            AssetEventTagsTable,
            SqlEventLogStorageTable,
        )

        if not self._waiting:
            return
        rows = [(number, event, self._storage._event_to_row(event)) for number, event in self._waiting]
        of_runs: dict[str, list[dict[str, Any]]] = {}
        for _, event, row in rows:
            of_runs.setdefault(event.run_id, []).append(row)
        for run_id, own in of_runs.items():
            with self._storage.run_connection(run_id) as connection:
                connection.execute(SqlEventLogStorageTable.insert(), own)
        with self._storage.index_connection() as connection:
            numbered = [{"id": number, **row} for number, _, row in rows]
            connection.execute(SqlEventLogStorageTable.insert(), numbered)
            tags = [tag for number, event, row in rows for tag in self._tags(number, event, row)]
            if tags:
                connection.execute(AssetEventTagsTable.insert(), tags)
            checks = [_check(number, event, row) for number, event, row in rows if _is_check(event)]
            if checks:
                # One that a run evaluates again is that check of the run.
                connection.execute(AssetCheckExecutionsTable.insert().prefix_with("OR REPLACE"), checks)
            for number, event in _newest(self._waiting):
                self._storage._store_asset_event(connection, event, number)
        self._waiting = []

    def _first_free(self) -> int:
        """The number of the next event in the index, where nobody else writes from now on."""
        from sqlalchemy import text

        with self._storage.index_connection() as connection:
            connection.execute(text("UPDATE event_logs SET run_id = run_id WHERE 0"))
            highest = connection.execute(text("SELECT coalesce(max(id), 0) FROM event_logs")).scalar_one()
        return int(highest) + 1

    def _tags(self, number: int, event: EventLogEntry, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for key, value in self._storage._tags_for_asset_event(event).items():
            about = {"event_id": number, "asset_key": row["asset_key"], "event_timestamp": row["timestamp"]}
            yield {**about, "key": key, "value": value}


def _is_check(event: EventLogEntry) -> bool:
    from dagster._core.events import ASSET_CHECK_EVENTS

    return event.dagster_event_type in ASSET_CHECK_EVENTS


def _newest(stored: list[tuple[int, EventLogEntry]]) -> list[tuple[int, EventLogEntry]]:
    """Of each asset and kind of event the last one: what the index keeps of an asset is overwritten by each."""
    last: dict[Any, tuple[int, EventLogEntry]] = {}
    for number, event in stored:
        if not _is_check(event):
            last[event.get_dagster_event().asset_key, event.dagster_event_type] = (number, event)
    return sorted(last.values(), key=lambda each: each[0])


def _check(number: int, event: EventLogEntry, row: dict[str, Any]) -> dict[str, Any]:
    """The line of an evaluation among those of checks."""
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status

    evaluation = event.get_dagster_event().asset_check_evaluation_data
    target = evaluation.target_materialization_data
    return {
        "asset_key": evaluation.asset_key.to_string(),
        "check_name": evaluation.check_name,
        "partition": evaluation.partition,
        "run_id": event.run_id,
        "execution_status": (Status.SUCCEEDED if evaluation.passed else Status.FAILED).value,
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None),
        "evaluation_event_storage_id": number,
        "materialization_event_storage_id": target.storage_id if target else None,
    }


@contextmanager
def _transaction(url: str) -> Iterator[Any]:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 60.0})
    with engine.begin() as connection:
        yield connection
    engine.dispose()
