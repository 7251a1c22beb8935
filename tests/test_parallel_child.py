"""The messages between parent and child: whole, in order, and a closed side is heard of."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from pipeline.parallel_child import Channel


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    channels = [Channel(end.detach()) for end in socket.socketpair()]
    yield channels[0], channels[1]
    for channel in channels:
        with suppress(OSError):
            channel.close()


def test_messages_arrive_whole_and_in_order(ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    # More than any socket holds at once: sending goes on while the other side reads.
    messages = [b"", b"short", bytes(range(256)) * 20_000]
    sender = threading.Thread(target=lambda: [ours.send(message) for message in messages])
    sender.start()
    assert [theirs.receive() for _ in messages] == messages
    sender.join()


def test_receiving_from_a_closed_side_ends(ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    ours.close()
    with pytest.raises(EOFError):
        theirs.receive()


def test_sending_to_a_closed_side_fails(ends: tuple[Channel, Channel]) -> None:
    ours, theirs = ends
    theirs.close()
    with pytest.raises(ConnectionError):
        ours.send(b"message")
