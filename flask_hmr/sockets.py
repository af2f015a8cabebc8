"""What is used of a WebSocket, and how simple-websocket's are made to behave."""

from __future__ import annotations

import socket as sockets
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

_DONT_WAIT = getattr(sockets, "MSG_DONTWAIT", 0)


class Socket(Protocol):
    """What is used of a ``simple_websocket.Server``.

    Besides these, its attributes ``sock``, ``event``, ``thread``, ``input_buffer``
    and ``max_message_size`` are used where they exist.
    """

    connected: bool

    def send(self, data: str) -> object:
        """Write a message, and wait until it is written."""

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        """Wait for a message; ``None`` when none came within ``timeout`` seconds."""

    def close(self, reason: int | None = None, message: str | None = None) -> object:
        """Write a close frame with a code and a text."""


def prepare(socket: Socket, max_message_size: int) -> None:
    """Bound what a socket reads, and make it write each frame in one piece.

    :param socket: An accepted socket.
    :param max_message_size: The longest message that is read, in characters. A longer
        one closes the socket with code 1009.
    """
    # simple-websocket looks at this for each frame that it reads. Its constructor
    # takes the bound too, but Flask-Sock has one set of options for all routes.
    if hasattr(socket, "max_message_size"):
        socket.max_message_size = max_message_size
    if hasattr(socket, "sock") and not isinstance(socket.sock, _SteadySocket):
        socket.sock = _SteadySocket(socket.sock, socket)


class _SteadySocket:
    """A TCP socket whose ``send`` writes everything, one caller at a time.

    simple-websocket ignores how much ``send`` has written, which under gevent may be
    less than all, and answers pings and closes from its own reading thread, in the
    midst of what a writer is writing.

    It also sometimes tells who waits in ``receive`` about the end of a connection
    before that is visible, and then never again. The last thing that its reading
    thread does is to close this, so that is told too.
    """

    def __init__(self, sock: sockets.socket, socket: Socket) -> None:
        self._sock = sock
        self._socket = socket
        self._sending = threading.Lock()
        # The end of a frame that was written in part: it goes before all else.
        self._rest = b""
        # Of others, such as gevent's and those for TLS, no flag keeps from waiting.
        self._can_offer = type(sock) is sockets.socket and _DONT_WAIT != 0

    def send(self, data: bytes) -> int:
        with self._sending:
            rest, self._rest = self._rest, b""
            self._sock.sendall(rest + data)
        return len(data)

    def offer(self, data: bytes) -> int | None:
        """Begin to write, if that needs no waiting.

        :return: how many bytes are left for the next :meth:`send`, ``None`` if
            nothing was written.
        """
        if not self._can_offer or not self._sending.acquire(blocking=False):
            return None
        try:
            if self._rest or not self._socket.connected:
                return None
            self._rest = data[self._sock.send(data, _DONT_WAIT) :]
            return len(self._rest)
        except OSError:
            # Whoever waits for its turn will find out.
            return None
        finally:
            self._sending.release()

    def close(self) -> None:
        self._sock.close()
        wake(self._socket)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def frame(message: str) -> bytes:
    """Return a message as a WebSocket's server writes it.

    One text frame, without compression: :rfc:`6455`, section 5.2, and :rfc:`7692`,
    section 6, which leaves that to the sender.
    """
    data = message.encode()
    if len(data) < 126:
        head = struct.pack("!BB", 0x81, len(data))
    elif len(data) < 65_536:
        head = struct.pack("!BBH", 0x81, 126, len(data))
    else:
        head = struct.pack("!BBQ", 0x81, 127, len(data))
    return head + data


def offer(socket: Socket, data: bytes) -> int | None:
    """Write a frame, if that needs no waiting: see :class:`_SteadySocket`."""
    found: Callable[[bytes], int | None] | None
    found = getattr(getattr(socket, "sock", None), "offer", None)
    return None if found is None else found(data)


def write_rest(socket: Socket) -> None:
    """Write what :func:`offer` has left, and wait until it is written."""
    sock = getattr(socket, "sock", None)
    if sock is not None:
        sock.send(b"")


def cut(socket: Socket) -> None:
    """End the connection under a socket, and wake those who read and write it.

    Never waits, and never raises.
    """
    sock = getattr(socket, "sock", None)
    if sock is not None:
        # Closing it would not wake the threads that wait for it; this does.
        with suppress(OSError):
            sock.shutdown(sockets.SHUT_RDWR)
    wake(socket)


def wake(socket: Socket) -> None:
    """Make ``receive`` look whether the socket is still connected."""
    event = getattr(socket, "event", None)
    if event is not None:
        event.set()
