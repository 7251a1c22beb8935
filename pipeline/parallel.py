"""The project's one way of working in parallel: an ordered `map` over child processes that may die alone.

Knows nothing of documents or pages. `Pool`, the processes of this machine, is the default `Engine`; Dask is another
(`parallel_dask`). What runs in the children is in `parallel_child`.

Children are plain interpreters that import the mapped function and nothing else: `multiprocessing` would import the
parent's main module (the command, or Dagster) in each of them, and `concurrent.futures` gives up the whole pool when
one child dies.
"""

from __future__ import annotations

import atexit
import os
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, Protocol, Self, TypeVar

from pipeline import parallel_child
from pipeline.errors import AnnexesError
from pipeline.parallel_child import FORKS, Channel

T = TypeVar("T")
R = TypeVar("R")

# How many items for each worker may be finished before their turn: memory stays flat when one item is slow.
AHEAD = 4
# Seconds that a child may take to start, on a machine however busy.
START_WITHIN = 120.0
# How many kinds of children a pool keeps idle, as many of each as it has workers.
KINDS_KEPT = 4
_BOOT = "import sys; sys.path[:] = sys.argv[2:]; from pipeline.parallel_child import serve; serve(int(sys.argv[1]))"
_PACKAGE = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """Yielded in the place of the result of item `index`: its worker ended, or was ended, while it held it.

    `cause` is "died" (`exit_code` as subprocess gives it: minus the signal; None when nobody saw it end) or "late"
    (the time of the item, or of the call, was up).
    """

    index: int
    cause: Literal["died", "late"]
    exit_code: int | None = None

    @property
    def ended_by(self) -> str:
        """The signal's name or the exit code, for a message; '' when there is none to name."""
        if self.exit_code is None:
            return ""
        return signal.Signals(-self.exit_code).name if self.exit_code < 0 else f"code {self.exit_code}"


@dataclass(frozen=True)
class Child:
    """What the process that runs an item is: `start` has run in it once, and imported what items need.

    `apart`: no item sees what another one left. Each is run by a fork of a child that is warm, where the system forks
    and the child has one thread; elsewhere by a child of its own. Time limits hold even after the parent's death.
    """

    start: Callable[[], None] | None = None
    apart: bool = False


PLAIN = Child()


class Engine(Protocol):
    """Where work is done. The same results in the same order, whatever the engine and the number of its workers."""

    def map(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        seconds: float | None = None,
        *,
        in_all: float | None = None,
        child: Child = PLAIN,
    ) -> Iterator[R | WorkerLost]:
        """Yields function(item) for each item, in order.

        `function` and the items are pickled: the function is defined in an importable module. Items are read from the
        iterable as they are needed. When a worker dies, the item it was working on is lost and comes as a
        `WorkerLost`; so does, as late, one that takes more than `seconds` (the start of its child apart), and what is
        not finished when the call has taken `in_all` seconds. An exception of `function` is raised here, at its item's
        turn, with the child's traceback as a note; the rest is dropped. RuntimeError when a child cannot even start.
        """
        ...

    def hire(self, count: int, child: Child = PLAIN) -> None:
        """Starts so many children now, or as many as there may be: a hint that they will be needed."""
        ...


class EngineLostError(AnnexesError):
    """The engine itself cannot be reached or trusted (French: names it and says what to do)."""


def available_cpus() -> int:
    """Processors this process may use, which in a container are fewer than the machine has.

    One in a child: it is one of many, each of which would start as many again.
    """
    if parallel_child.serving:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def using(engine: Engine | None = None, workers: int | None = None) -> Iterator[Engine]:
    """`engine`, or without one a pool of this process that is kept for the next who asks, its children warm.

    `workers` defaults to the processors available. Each thread that asks has a pool to itself.
    """
    if engine is not None:
        yield engine
        return
    size = available_cpus() if workers is None else max(1, workers)
    kept = _kept[size]
    try:
        pool = kept.pop()
    except IndexError:
        pool = Pool(size)
    try:
        yield pool
    finally:
        kept.append(pool)


def close_kept() -> None:
    """Ends the children that `using` keeps warm; those at work for another thread go on."""
    for kept in _kept.values():
        while kept:
            kept.pop().close()


_kept: defaultdict[int, deque[Pool]] = defaultdict(deque)
atexit.register(close_kept)
if hasattr(os, "register_at_fork"):
    # Children belong to the process that started them.
    os.register_at_fork(after_in_child=_kept.clear)


@dataclass(eq=False)
class _Worker:
    """One child of some kind (a pickled `Child`), at work on `item`, an index of `call`, which is late at `ends_at`."""

    kind: bytes
    process: subprocess.Popen[bytes]
    pipe: Channel
    ready: bool = False
    forks: bool = False
    call: _Call[Any, Any] | None = None
    item: int = 0
    ends_at: float | None = None

    def send(self, message: bytes) -> None:
        # A worker that has just died closes the pipe: `_collect` reads that and tells which item is lost.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.pipe.send(message)

    @property
    def gone(self) -> bool:
        # Not reaped: its number, which is its group's, stays its own until `end`.
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end(self) -> int:
        """Ends the child and what it forked or started itself; returns its exit code."""
        self.pipe.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()


@dataclass(eq=False)
class _Call(Generic[T, R]):
    """One `Pool.map` under way. `answers` wait for their turn, the index of the next result to be yielded."""

    function: Callable[[T], R]
    source: Iterator[tuple[int, T]]
    kind: bytes
    apart: bool
    seconds: float | None
    ends_at: float | None
    turn: int = 0
    exhausted: bool = False
    answers: dict[int, tuple[R | WorkerLost | None, Exception | None]] = field(default_factory=dict)

    def take(self, ahead: int) -> tuple[int, T] | None:
        """The next item to send; None when the source has ended, or so many are finished before their turn."""
        if self.exhausted or len(self.answers) > ahead:
            return None
        item = next(self.source, None)
        self.exhausted = item is None
        return item

    def lose(self, index: int, cause: Literal["died", "late"], code: int | None = None) -> None:
        self.answers[index] = WorkerLost(index, cause, code), None

    def late_at(self, start: float = 0.0) -> float | None:
        """When an item is late whose child has it now, or will in `start` seconds."""
        own = None if self.seconds is None else time.monotonic() + start + self.seconds
        return min((at for at in (own, self.ends_at) if at is not None), default=None)

    def packed(self, item: T) -> bytes:
        """An item as it is sent, with the seconds that it may take."""
        at = self.late_at()
        left = None if at is None else at - time.monotonic()
        return pickle.dumps((self.function, item, left), pickle.HIGHEST_PROTOCOL)


class Pool:
    """The engine of one machine: up to `size` children, started when there is work for them and kept until `close`, or
    the end of the `with` block. Not for several threads at once, nor for a `map` inside another's loop.

    Children are ended with whatever they started; Ctrl-C does not reach them.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.size = available_cpus() if workers is None else max(1, workers)
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._drop(self._workers)

    def map(
        self,
        function: Callable[[T], R],
        items: Iterable[T],
        seconds: float | None = None,
        *,
        in_all: float | None = None,
        child: Child = PLAIN,
    ) -> Iterator[R | WorkerLost]:
        """See `Engine.map`."""
        ends_at = None if in_all is None else time.monotonic() + in_all
        call: _Call[T, R] = _Call(function, enumerate(items), _kind(child), child.apart, seconds, ends_at)
        # Of a call that was left half way, and whose iterator something still holds.
        self._drop([worker for worker in self._workers if worker.call])
        try:
            while True:
                self._feed(call)
                while call.turn in call.answers:
                    value, error = call.answers.pop(call.turn)
                    call.turn += 1
                    if error is not None:
                        raise error
                    yield value  # type: ignore[misc]  # None only beside an error, or as R itself
                if self._busy(call):
                    self._collect(call)
                elif call.exhausted:
                    return
        finally:
            self._drop(self._busy(call))

    def hire(self, count: int, child: Child = PLAIN) -> None:
        """See `Engine.hire`."""
        kind = _kind(child)
        for _ in range(min(count, self.size) - sum(worker.kind == kind for worker in self._workers)):
            self._hire(kind)

    def _busy(self, call: _Call[T, R]) -> list[_Worker]:
        return [worker for worker in self._workers if worker.call is call]

    def _idle(self, kind: bytes) -> list[_Worker]:
        return [worker for worker in self._workers if not worker.call and worker.kind == kind]

    def _drop(self, workers: list[_Worker]) -> None:
        for worker in list(workers):
            worker.end()
            self._workers.remove(worker)

    def _feed(self, call: _Call[T, R]) -> None:
        """Gives an item to each idle worker of the call's kind, starting workers as long as there are items."""
        self._drop([worker for worker in self._workers if not worker.call and worker.gone])
        idle = self._idle(call.kind)
        while idle or len(self._busy(call)) < self.size:
            taken = call.take(AHEAD * self.size)
            if taken is None:
                return
            worker = idle.pop() if idle else self._hire(call.kind)
            worker.call, (worker.item, item) = call, taken
            worker.ends_at = call.late_at(0.0 if worker.ready else START_WITHIN)
            worker.send(call.packed(item))

    def _hire(self, kind: bytes) -> _Worker:
        """A new child; where too many of other kinds wait for work, the oldest of them make room."""
        idle = [worker for worker in self._workers if not worker.call and worker.kind != kind]
        self._drop(idle[: max(0, len(self._workers) + 1 - KINDS_KEPT * self.size)])
        ours, theirs = socket.socketpair()
        with ours, theirs:
            # -P: nothing that lies in the working directory is imported.
            command = [sys.executable, "-P", "-c", _BOOT, str(theirs.fileno()), *_import_path()]
            process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, process_group=0)
            worker = _Worker(kind, process, Channel(ours.detach()))
        self._workers.append(worker)
        worker.send(kind)
        return worker

    def _collect(self, call: _Call[T, R]) -> None:
        """Waits for one message at least, or a death, or the time when an item is late."""
        busy = self._busy(call)
        first_late = min((worker.ends_at for worker in busy if worker.ends_at is not None), default=None)
        with selectors.DefaultSelector() as selector:
            for worker in busy:
                selector.register(worker.pipe, selectors.EVENT_READ, worker)
            timeout = None if first_late is None else max(0.0, first_late - time.monotonic())
            arrived: list[_Worker] = [key.data for key, _ in selector.select(timeout)]
        for worker in arrived:
            self._hear(worker, call)
        self._end_late(call)

    def _hear(self, worker: _Worker, call: _Call[T, R]) -> None:
        try:
            message = worker.pipe.receive()
        except (EOFError, OSError):
            self._bury(worker, call)
            return
        if not worker.ready:
            worker.ready, worker.forks = True, message == FORKS
            # How long the child took to start is no fault of the item.
            worker.ends_at = call.late_at()
            return
        call.answers[worker.item] = pickle.loads(message)  # noqa: S301 - from our own child
        worker.call = worker.ends_at = None
        if call.apart and not worker.forks:
            self._drop([worker])

    def _bury(self, worker: _Worker, call: _Call[T, R]) -> None:
        code = worker.end()
        self._workers.remove(worker)
        if not worker.ready:
            raise RuntimeError(f"a worker ended with code {code} before its first item")
        call.lose(worker.item, "died", code)

    def _end_late(self, call: _Call[T, R]) -> None:
        now = time.monotonic()
        for worker in self._busy(call):
            if worker.ends_at is not None and worker.ends_at <= now:
                call.lose(worker.item, "late")
                self._drop([worker])
        if call.ends_at is not None and call.ends_at <= now:
            for index, _ in call.source:
                call.lose(index, "late")
            call.exhausted = True


def _kind(child: Child) -> bytes:
    """The child's declaration as it is sent to it: two are alike when these are."""
    return pickle.dumps((child.start, child.apart), pickle.HIGHEST_PROTOCOL)


def _import_path() -> list[str]:
    """This process's import path without the working directory, which stands there under an empty name."""
    own = [str(Path(entry).absolute()) for entry in sys.path if entry]
    return own if _PACKAGE in own else [_PACKAGE, *own]
