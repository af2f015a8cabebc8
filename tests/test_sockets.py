"""Writing to WebSockets without waiting."""

from __future__ import annotations

import socket as sockets
import threading
from collections.abc import Iterator

import pytest
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import TextMessage

from flask_hmr.sockets import frame, offer, prepare, write_rest

BIG = bytes(range(256)) * 80_000


class Socket:
    """What ``simple_websocket.Server`` is, as far as it matters here."""

    def __init__(self, sock: sockets.socket) -> None:
        self.sock = sock
        self.connected = True


class Pair:
    """A socket, and the page at the other end."""

    def __init__(self) -> None:
        own, self.page = sockets.socketpair()
        self.page.settimeout(10)
        self.socket = Socket(own)
        prepare(self.socket, 1000)  # type: ignore[arg-type]

    def offer(self, data: bytes) -> int | None:
        return offer(self.socket, data)  # type: ignore[arg-type]

    def receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self.page.recv(size - len(data))
        return data


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.socket.sock.close()
    pair.page.close()


@pytest.mark.parametrize("length", [0, 1, 125, 126, 1000, 65_535, 65_536, 100_000])
def test_a_frame_is_one_message_of_the_protocol(length: int) -> None:
    message = "ü" * (length // 2) + "x" * (length % 2)
    page = Connection(ConnectionType.CLIENT)
    page.receive_data(frame(message))
    parts = [event for event in page.events() if isinstance(event, TextMessage)]
    assert "".join(part.data for part in parts) == message
    assert [part.message_finished for part in parts].count(True) == 1


def test_what_fits_is_written_at_once(pair: Pair) -> None:
    assert pair.offer(b"one") == 0
    assert pair.offer(b"two") == 0
    assert pair.receive(6) == b"onetwo"


def test_what_does_not_fit_is_left_and_goes_first(pair: Pair) -> None:
    left = pair.offer(BIG)
    assert left is not None
    assert 0 < left < len(BIG)
    assert pair.offer(b"other") is None

    writer = threading.Thread(target=pair.socket.sock.send, args=[b"next"])
    writer.start()
    assert pair.receive(len(BIG) + 4) == BIG + b"next"
    writer.join()
    assert pair.offer(b"other") == 0


def test_the_rest_can_be_written_alone(pair: Pair) -> None:
    pair.offer(BIG)
    writer = threading.Thread(target=write_rest, args=[pair.socket])
    writer.start()
    assert pair.receive(len(BIG)) == BIG
    writer.join()


def test_nothing_is_written_in_the_midst_of_another_frame(pair: Pair) -> None:
    writer = threading.Thread(target=pair.socket.sock.send, args=[BIG])
    writer.start()
    # Once something of it is there, it is being written.
    begin = pair.page.recv(1)
    assert pair.offer(b"other") is None
    assert begin + pair.receive(len(BIG) - 1) == BIG
    writer.join()


def test_nothing_is_written_to_a_page_that_is_gone(pair: Pair) -> None:
    pair.socket.connected = False
    assert pair.offer(b"x") is None
    pair.socket.connected = True
    pair.page.close()
    # Whoever writes next finds out.
    assert [pair.offer(b"x") for _ in range(3)][-1] is None


def test_sockets_that_may_wait_are_not_offered_anything() -> None:
    class Other(sockets.socket):
        pass

    one, other = sockets.socketpair()
    with one, other:
        socket = Socket(Other(fileno=sockets.dup(one.fileno())))
        prepare(socket, 1000)  # type: ignore[arg-type]
        assert offer(socket, b"x") is None  # type: ignore[arg-type]
        socket.sock.close()
    assert offer(object(), b"x") is None  # type: ignore[arg-type]
