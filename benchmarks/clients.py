"""Many clients on one server: how long until the last of them is told of a save."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import struct
import time

from .servers import Server, Socket

COUNT = 100
QUIET = 0.3
"""Seconds without a word, after which a server has said all that it had to say."""
DEADLINE = 10.0


class Clients:
    """WebSocket clients that read and say nothing, a context.

    They are no browsers: a hundred of those would measure the machine.

    :param server: what they connect to.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._selector = selectors.DefaultSelector()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Clients:
        wanted = self._server.socket()
        for _ in range(COUNT):
            opened = _connect(self._server.port, wanted)
            self._sockets.append(opened)
            self._selector.register(opened, selectors.EVENT_READ)
        self._drain()
        return self

    def __exit__(self, *error: object) -> None:
        for opened in self._sockets:
            opened.close()
        self._selector.close()

    def told(self, start: float) -> float:
        """Return the milliseconds from a start until all have been told something.

        :param start: in seconds of :func:`time.perf_counter`.
        """
        waiting = set(self._sockets)
        end = start
        while waiting:
            events = self._selector.select(DEADLINE)
            if not events:
                raise RuntimeError(f"{len(waiting)} clients of {COUNT} heard nothing.")
            end = time.perf_counter()
            for key, _ in events:
                opened = key.fileobj
                assert isinstance(opened, socket.socket)
                opened.recv(65536)
                waiting.discard(opened)
        self._drain()
        return (end - start) * 1000

    def _drain(self) -> None:
        while events := self._selector.select(QUIET):
            for key, _ in events:
                opened = key.fileobj
                assert isinstance(opened, socket.socket)
                opened.recv(65536)


def _connect(port: int, wanted: Socket) -> socket.socket:
    """Open a WebSocket: https://www.rfc-editor.org/rfc/rfc6455#section-4.1."""
    opened = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    lines = [
        f"GET {wanted.path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Origin: http://127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
    ]
    if wanted.protocol:
        lines.append(f"Sec-WebSocket-Protocol: {wanted.protocol}")
    opened.sendall("\r\n".join([*lines, "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = opened.recv(4096)
        if not part:
            break
        answer += part
    if b" 101 " not in answer.partition(b"\r\n")[0]:
        opened.close()
        raise RuntimeError(f"No WebSocket at {wanted.path}: {answer[:200]!r}")
    if wanted.hello:
        opened.sendall(_frame(wanted.hello.encode()))
    return opened


def _frame(data: bytes) -> bytes:
    """Return a text frame with a mask of zeros, which changes nothing."""
    assert len(data) < 65536
    if len(data) < 126:
        head = struct.pack("!BB", 0x81, 0x80 | len(data))
    else:
        head = struct.pack("!BBH", 0x81, 0xFE, len(data))
    return head + bytes(4) + data
