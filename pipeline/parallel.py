"""The project's one way of working in parallel: an ordered `map` over child processes that may die alone.

Knows nothing of documents or pages; what runs in the children is in `parallel_child`. A distributed engine would come
behind the same two names, `map` and `Pool`.

Children are plain interpreters that import the mapped function and nothing else: `multiprocessing` would import the
parent's main module (the command, or Dagster) in each of them, and `concurrent.futures` gives up the whole pool when
one child dies.
"""

from __future__ import annotations

import os
import pickle
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypeVar

from pipeline.parallel_child import Channel

T = TypeVar("T")
R = TypeVar("R")

# How many chunks for each worker may be finished before their turn: memory stays flat when one item is slow.
CHUNKS_AHEAD = 4
_BOOT = "import sys; sys.path[:] = sys.argv[2:]; from pipeline.parallel_child import serve; serve(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """Yielded in the place of the result of item `index`: its worker ended, or was ended, while it held it.

    `cause` is "died" (`exit_code` as subprocess gives it: minus the signal) or "late" (the call's time was up).
    """

    index: int
    cause: Literal["died", "late"]
    exit_code: int | None = None


def available_cpus() -> int:
    """Processors this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map(  # noqa: A001 - read at the call as parallel.map
    function: Callable[[T], R], items: Iterable[T], workers: int | None = None, *, chunk: int = 1
) -> Iterator[R | WorkerLost]:
    """Yields function(item) for each item, in order; see `Pool.map`. One worker means this very process.

    `workers` defaults to the processors available.
    """
    count = available_cpus() if workers is None else workers
    if count <= 1:
        yield from (function(item) for item in items)
        return
    with Pool(count) as pool:
        yield from pool.map(function, items, chunk=chunk)


@dataclass(eq=False)
class _Worker:
    """One child. `held` are the items sent and not answered yet, the first of them being worked on."""

    process: subprocess.Popen[bytes]
    pipe: Channel
    ready: bool = False
    held: deque[tuple[int, Any]] = field(default_factory=deque)

    def send(self, message: object) -> None:
        # A worker that has just died closes the pipe: `_collect` reads that and tells which item is lost.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))

    def end(self) -> int:
        self.pipe.close()
        self.process.kill()
        return self.process.wait()


@dataclass
class _Call(Generic[T, R]):
    """One `Pool.map` under way. `answers` wait for their turn, the index of the next result to be yielded."""

    function: Callable[[T], R]
    source: Iterator[tuple[int, T]]
    chunk: int
    ends_at: float | None
    turn: int = 0
    exhausted: bool = False
    again: deque[tuple[int, T]] = field(default_factory=deque)
    answers: dict[int, tuple[R | WorkerLost | None, Exception | None]] = field(default_factory=dict)

    def take(self, ahead: int) -> list[tuple[int, T]]:
        """The next chunk to send: first what a dead worker left, then the source, at most `ahead` of the turn."""
        if self.again:
            return [self.again.popleft() for _ in range(min(self.chunk, len(self.again)))]
        if self.exhausted or len(self.answers) > ahead:
            return []
        items = list(islice(self.source, self.chunk))
        self.exhausted = len(items) < self.chunk
        return items

    def seconds_left(self) -> float | None:
        return None if self.ends_at is None else max(0.0, self.ends_at - time.monotonic())


class Pool:
    """Up to `workers` child processes, started when there is work for them and ended on leaving the `with` block.

    `start` runs once in each child before its first item.
    """

    def __init__(self, workers: int | None = None, *, start: Callable[[], None] | None = None) -> None:
        self._size = available_cpus() if workers is None else max(1, workers)
        self._start = start
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._drop(self._workers)

    def map(
        self, function: Callable[[T], R], items: Iterable[T], *, chunk: int = 1, seconds: float | None = None
    ) -> Iterator[R | WorkerLost]:
        """Yields function(item) for each item, in order, whatever the number of workers.

        `function` and the items are pickled: the function is defined in an importable module. Items travel `chunk` at
        a time, and are read from the iterable as they are needed. When a worker dies, only the item it was working on
        is lost and comes as a `WorkerLost`. After `seconds` what is not finished comes as lost and late. An exception
        of `function` is raised here, at its item's turn, with the child's traceback as a note; the rest is dropped.
        RuntimeError when a child cannot even start.
        """
        ends_at = None if seconds is None else time.monotonic() + seconds
        call: _Call[T, R] = _Call(function, enumerate(items), chunk, ends_at)
        try:
            while True:
                self._feed(call)
                while call.turn in call.answers:
                    value, error = call.answers.pop(call.turn)
                    call.turn += 1
                    if error is not None:
                        raise error
                    yield value  # type: ignore[misc]  # None only beside an error, or as R itself
                if self._busy():
                    self._collect(call)
                elif call.exhausted and not call.again:
                    return
        finally:
            self._drop(self._busy())

    def hire(self, count: int) -> None:
        """Starts so many workers now, or all: those that will surely be needed are ready as soon as the first."""
        while len(self._workers) < min(count, self._size):
            self._hire()

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.held]

    def _drop(self, workers: list[_Worker]) -> None:
        for worker in list(workers):
            worker.end()
            self._workers.remove(worker)

    def _feed(self, call: _Call[T, R]) -> None:
        """Gives a chunk to each idle worker, starting workers as long as there are chunks for them."""
        self._drop([worker for worker in self._workers if worker.process.poll() is not None and not worker.held])
        idle = [worker for worker in self._workers if not worker.held]
        while idle or len(self._workers) < self._size:
            items = call.take(CHUNKS_AHEAD * self._size * call.chunk)
            if not items:
                return
            worker = idle.pop() if idle else self._hire()
            worker.held.extend(items)
            worker.send((call.function, [item for _, item in items]))

    def _hire(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            command = [sys.executable, "-P", "-c", _BOOT, str(theirs.fileno()), *sys.path]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            worker = _Worker(process, Channel(ours.detach()))
        self._workers.append(worker)
        worker.send(self._start)
        return worker

    def _collect(self, call: _Call[T, R]) -> None:
        """Waits for one message at least, or a death, or the end of the call's time."""
        with selectors.DefaultSelector() as selector:
            for worker in self._busy():
                selector.register(worker.pipe, selectors.EVENT_READ, worker)
            arrived: list[_Worker] = [key.data for key, _ in selector.select(call.seconds_left())]
        if not arrived:
            self._stop_late(call)
        for worker in arrived:
            try:
                message = worker.pipe.receive()
            except (EOFError, OSError):
                self._bury(worker, call)
                continue
            if worker.ready:
                index, _ = worker.held.popleft()
                call.answers[index] = pickle.loads(message)  # noqa: S301 - from our own child
            worker.ready = True

    def _bury(self, worker: _Worker, call: _Call[T, R]) -> None:
        """The item being worked on is lost; those sent with it go to another worker."""
        code = worker.end()
        self._workers.remove(worker)
        if not worker.ready:
            raise RuntimeError(f"a worker ended with code {code} before its first item")
        index, _ = worker.held.popleft()
        call.answers[index] = WorkerLost(index, "died", code), None
        call.again.extend(worker.held)

    def _stop_late(self, call: _Call[T, R]) -> None:
        late = [index for worker in self._busy() for index, _ in worker.held]
        self._drop(self._busy())
        late += [index for index, _ in (*call.again, *call.source)]
        call.again.clear()
        call.exhausted = True
        call.answers |= {index: (WorkerLost(index, "late"), None) for index in late}
