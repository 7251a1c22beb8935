"""The child's side of `parallel`, and the messages both sides send each other.

Imports next to nothing: all that is loaded here is paid by every child before its first item.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
from contextlib import suppress
from typing import NoReturn

# Written before each message: its length.
_HEADER = 8
_PIECE = 1 << 20
# A child's first answer when it runs items in forks.
FORKS = b"forks"
# Seconds that the parent has to end an item that is late before the system does.
ALARM_AFTER = 2.0

# Whether this process is a child.
serving = False


class Channel:
    """Whole messages of bytes over a connected stream socket, known by its descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def send(self, message: bytes) -> None:
        """Raises BrokenPipeError or ConnectionResetError when the other side is closed."""
        for part in (len(message).to_bytes(_HEADER, "big"), message):
            left = memoryview(part)
            while left:
                left = left[os.write(self._descriptor, left) :]

    def receive(self) -> bytes:
        """The next message. Raises EOFError when the other side is closed, OSError when the connection breaks."""
        return self._read(int.from_bytes(self._read(_HEADER), "big"))

    def _read(self, n: int) -> bytes:
        parts: list[bytes] = []
        while n:
            part = os.read(self._descriptor, min(n, _PIECE))
            if not part:
                raise EOFError
            parts.append(part)
            n -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def close(self) -> None:
        os.close(self._descriptor)


def serve(descriptor: int) -> None:
    """Answers one message for each item, until the parent closes the channel or ends this process.

    The first message says what this child is (`parallel.Child`), each other one is a function, an item and the seconds
    it may take. The first answer says whether items are run by forks of this process.
    """
    global serving
    serving = True
    # Ctrl-C reaches the whole group; the parent decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Descriptors passed on are inheritable; what this process starts itself must not hold the channel open.
    os.set_inheritable(descriptor, False)
    channel = Channel(descriptor)
    start, apart = pickle.loads(channel.receive())  # noqa: S301 - from our own parent
    if start is not None:
        start()
    forks = apart and has_one_thread()
    if forks:
        # What is loaded stays: forks that looked for cycles in it would only copy its pages.
        gc.collect()
        gc.freeze()
    channel.send(FORKS if forks else b"")
    # Without a parent the channel is closed, and there is nobody left to answer.
    with suppress(EOFError, ConnectionError):
        while True:
            task = channel.receive()
            if forks:
                _answer_in_a_fork(channel, task)
            else:
                channel.send(_answer(task))


def has_one_thread() -> bool:
    """Whether a fork of this process is whole. False where that cannot be told, as where system libraries have threads
    of their own."""
    try:
        return len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208 - one import less in every child
    except OSError:
        return False


def _answer_in_a_fork(channel: Channel, task: bytes) -> None:
    """A fork of this process answers; when something ends it, this process ends in the same way.

    So the parent sees one death, whichever of the two it met, and never half an answer followed by another one.
    """
    fork = os.fork()
    if fork == 0:
        _answer_and_leave(channel, task)
    code = os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1])
    if code < 0:
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    if code:
        os._exit(code)


def _answer_and_leave(channel: Channel, task: bytes) -> NoReturn:
    code = 1
    try:
        channel.send(_answer(task, alarm=True))
        code = 0
    except ConnectionError:
        code = 0  # the parent is gone
    except BaseException:  # noqa: BLE001 - said here: nothing of the fork may return into the child's loop
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _answer(task: bytes, alarm: bool = False) -> bytes:
    """The packed result of a task. With `alarm` the system ends this process when the item's time is up, be there a
    parent to do it or not."""
    try:
        function, item, seconds = pickle.loads(task)  # noqa: S301 - from our own parent
        if alarm and seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, max(seconds, 0) + ALARM_AFTER)
        return pickle.dumps((function(item), None), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        return _packed_error(error)


def _packed_error(error: Exception) -> bytes:
    """The exception as the parent will raise it; one that does not survive pickling comes as RuntimeError."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    error.add_note(trace)
    try:
        packed = pickle.dumps((None, error))
        pickle.loads(packed)  # noqa: S301 - just made
    except Exception:  # noqa: BLE001 - whatever its class does when pickled, the parent must hear of it
        packed = pickle.dumps((None, RuntimeError(trace)))
    return packed
