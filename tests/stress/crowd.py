"""Many pages in one thread: WebSockets by hand, so that a thousand cost little."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import selectors
import socket
import struct
import time
import typing as t


class Member:
    """One page of the crowd.

    :param port: of the server, on 127.0.0.1.
    :param token: lets it in.
    :param reads: whether it reads what it is told.
    :param agent: what it says to be.
    """

    def __init__(
        self, port: int, token: str, *, reads: bool = True, agent: str = "crowd"
    ) -> None:
        self.reads = reads
        self.messages: list[dict[str, t.Any]] = []
        #: When each of them came.
        self.times: list[float] = []
        self.is_open = False
        self.is_over = False
        self._input = b""
        self.sock = socket.create_connection(("127.0.0.1", port), 30)
        if not reads:
            # The system reads on behalf of those who do not, up to this.
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET /_hmr/socket?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nUser-Agent: {agent}\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        self.sock.sendall(head.encode())

    def say(self, message: object) -> None:
        """Send a message."""
        self.send_frame(0x81, json.dumps(message).encode())

    def send_frame(self, first: int, data: bytes) -> None:
        """Send a frame with a first byte of one's own; masked, as clients must."""
        mask = os.urandom(4)
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", first, 0x80 | size)
        elif size < 65_536:
            head = struct.pack("!BBH", first, 0xFE, size)
        else:
            head = struct.pack("!BBQ", first, 0xFF, size)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        with contextlib.suppress(OSError):
            self.sock.sendall(head + mask + masked)

    def read(self) -> None:
        """Take in what has come."""
        try:
            data = self.sock.recv(1 << 20)
        except OSError:
            data = b""
        if not data:
            self.is_over = True
            return
        self._input += data
        if not self.is_open:
            head, mark, rest = self._input.partition(b"\r\n\r\n")
            if not mark:
                return
            if b" 101 " not in head.partition(b"\r\n")[0]:
                self.is_over = True
                return
            self.is_open, self._input = True, rest
        while (frame := self._frame()) is not None:
            kind, text = frame
            if kind == 8:
                self.is_over = True
            elif kind == 1:
                message = json.loads(text)
                if message["type"] == "ping":
                    self.say({"type": "pong"})
                    continue
                self.messages.append(message)
                self.times.append(time.monotonic())

    def _frame(self) -> tuple[int, bytes] | None:
        data = self._input
        if len(data) < 2:
            return None
        size, at = data[1] & 0x7F, 2
        if size == 126:
            if len(data) < 4:
                return None
            size, at = struct.unpack("!H", data[2:4])[0], 4
        elif size == 127:
            if len(data) < 10:
                return None
            size, at = struct.unpack("!Q", data[2:10])[0], 10
        if len(data) < at + size:
            return None
        self._input = data[at + size :]
        return data[0] & 0xF, data[at : at + size]

    def close(self) -> None:
        """Vanish, as a closed tab does."""
        self.sock.close()
        self.is_over = True


class Crowd:
    """Pages that are read in one loop."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token
        self.members: list[Member] = []
        self._selector = selectors.DefaultSelector()

    def join(self, *, reads: bool = True, agent: str = "crowd") -> Member:
        """Connect one more page."""
        member = Member(self.port, self.token, reads=reads, agent=agent)
        self.members.append(member)
        if reads:
            self._selector.register(member.sock, selectors.EVENT_READ, member)
        return member

    def leave(self, member: Member) -> None:
        """Let a page vanish."""
        self.members.remove(member)
        if member.reads and member.sock.fileno() >= 0:
            with contextlib.suppress(KeyError):
                self._selector.unregister(member.sock)
        member.close()

    def disperse(self) -> None:
        """Let all of them vanish."""
        for member in list(self.members):
            self.leave(member)

    def close(self) -> None:
        """Let all of them vanish, and read no more."""
        self.disperse()
        self._selector.close()

    def turn(self, timeout: float) -> None:
        """Read once what has come."""
        for key, _ in self._selector.select(timeout):
            member: Member = key.data
            member.read()
            if member.is_over:
                self._selector.unregister(member.sock)

    def wait(self, condition: t.Callable[[], bool], timeout: float = 60.0) -> None:
        """Read until a condition is true.

        :raises TimeoutError: it did not become true in time.
        """
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                over = sum(member.is_over for member in self.members)
                told = sum(bool(member.messages) for member in self.members)
                raise TimeoutError(
                    f"It did not happen in time. Of {len(self.members)} pages {over}"
                    f" are closed and {told} have been told something."
                )
            self.turn(0.01)

    def wait_until_open(self) -> None:
        """Wait until all pages that read are let in."""
        self.wait(lambda: all(m.is_open or not m.reads for m in self.members))
