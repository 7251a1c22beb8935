"""The messages between parent and child: whole, in order, and a closed side is heard of."""

from __future__ import annotations

import socket
import threading

import pytest

from pipeline.parallel_child import Channel


def test_messages_arrive_whole_and_in_order() -> None:
    ours, theirs = socket.socketpair()
    # More than any socket holds at once: sending goes on while the other side reads.
    messages = [b"", b"short", bytes(range(256)) * 20_000]
    with ours, theirs:
        channel = Channel(ours.fileno())
        sender = threading.Thread(target=lambda: [channel.send(message) for message in messages])
        sender.start()
        received = Channel(theirs.fileno())
        assert [received.receive() for _ in messages] == messages
        sender.join()


def test_receiving_from_a_closed_side_ends() -> None:
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs, pytest.raises(EOFError):
        Channel(theirs.fileno()).receive()


def test_sending_to_a_closed_side_fails() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(ConnectionError):
        Channel(ours.fileno()).send(b"message")
