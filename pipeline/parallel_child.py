"""The child's side of `parallel`, and the messages both sides send each other.

Imports next to nothing: all that is loaded here is paid by every child before its first item.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Iterator
from contextlib import suppress

# Written before each message: its length.
_HEADER = 8
_PIECE = 1 << 20


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
    """Answers one message for each item, until the parent closes the channel or ends this process."""
    # Ctrl-C reaches the whole group; the parent decides what becomes of its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Descriptors passed on are inheritable; what this process starts itself must not hold the channel open.
    os.set_inheritable(descriptor, False)
    channel = Channel(descriptor)
    start = pickle.loads(channel.receive())  # noqa: S301 - from our own parent
    if start is not None:
        start()
    channel.send(b"")
    # Without a parent the channel is closed, and there is nobody left to answer.
    with suppress(EOFError, ConnectionError):
        while True:
            for answer in _answers(channel.receive()):
                channel.send(answer)


def _answers(task: bytes) -> Iterator[bytes]:
    try:
        function, items = pickle.loads(task)  # noqa: S301 - from our own parent
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        yield _packed_error(error)
        return
    for item in items:
        try:
            answer = pickle.dumps((function(item), None), pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001 - raised again in the parent
            answer = _packed_error(error)
        yield answer


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
