"""One connected page, and the bounded queue of what it is to be told.

Whoever has something to tell puts it into the queue and goes on; the writer of the
page takes it from there. A queue that is full means that the page has stopped reading.
It is then cut off, and brought up to date when it comes back.
"""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from .core import messages
from .sockets import Socket, cut, frame, offer

PING = '{"type":"ping"}'
REST = ""
"""No message: what is left of one that was written in part."""


class Client:
    """A connected page, as handlers of ``HMR.on`` get it.

    :param send: sends a message to it.
    :param named: whether several processes may hand it the same message.
    """

    def __init__(self, send: Callable[[str], object], *, named: bool = False) -> None:
        self._send = send
        self._named = named

    def send(self, event: str, data: Any = None) -> bool:
        """Send an event to this page only.

        :return: whether the page was still there.
        :raises TypeError: ``data`` is nothing that JSON can express.
        """
        name = secrets.token_hex(8) if self._named else None
        return bool(self._send(messages.custom(event, data, name)))


class Page:
    """One connected page: a tab, a frame or a worker.

    :param page_id: A number that no other page of this process has.
    :param socket: The socket that leads to the page.
    :param info: What the owner wants to remember, such as the page's URL.
    :param queue_size: How many messages may wait.
    """

    def __init__(
        self, page_id: int, socket: Socket, info: dict[str, Any], *, queue_size: int
    ) -> None:
        self.id = page_id
        self.info = info
        #: Set when the page is gone, and its writer with it.
        self.gone = threading.Event()
        #: Whether the page was cut off because it did not read its messages.
        self.overflowed = False
        #: Whether nothing is to be read from the page or written to it any more.
        self.ended = False
        #: The code and the reason to close the socket with, if there is the time.
        self.farewell: tuple[int, str] | None = None
        self._socket = socket
        self._queue_size = queue_size
        self._queue: deque[str] = deque()
        # Whether the writer has taken a message that it has not written yet.
        self._is_writing = False
        self._changed = threading.Condition()

    def __repr__(self) -> str:
        return f"<Page {self.id} {self.info.get('url', '')}>"

    def send(self, message: str, data: bytes | None = None) -> bool:
        """Write a message if that needs no waiting, else queue it. Never waits.

        :param data: the message as a frame, for whoever sends it to many.
        :return: ``False`` if the page is gone or its queue is full. A full queue
            ends the page.
        """
        if data is None:
            data = frame(message)
        with self._changed:
            if self.ended:
                return False
            # Each thread that has to wake up first takes its time, with a hundred
            # pages all the more.
            left = (
                None if self._queue or self._is_writing else offer(self._socket, data)
            )
            if left == 0:
                return True
            if left is not None:
                message = REST
            if len(self._queue) < self._queue_size:
                self._queue.append(message)
                self._changed.notify()
                return True
            self.overflowed = True
        self.cut()
        return False

    def close(self, code: int, reason: str) -> None:
        """Ask the writer to close the socket with a code, and to end. Never waits.

        :param code: A close code of :rfc:`6455`, section 7.4.
        :param reason: A text for the page, at most 123 bytes.
        """
        self.end((code, reason))

    def cut(self) -> None:
        """End the page at once, even if its writer waits for it. Never waits."""
        self.end(None)
        cut(self._socket)

    def end(self, farewell: tuple[int, str] | None) -> None:
        """Drop what is queued, and tell the writer to end. Never waits."""
        with self._changed:
            if not self.ended:
                self.ended = True
                self.farewell = farewell
                self._queue.clear()
                self._changed.notify()

    def next(self, clock: Callable[[], float], ping_at: float) -> str | None:
        """Wait for what is to be written next: ``None`` at the end.

        :param clock: Gives the time in seconds.
        :param ping_at: The time at which that is a ping.
        """
        with self._changed:
            self._is_writing = False
            while True:
                if self.ended:
                    return None
                if self._queue or clock() >= ping_at:
                    self._is_writing = True
                    return self._queue.popleft() if clock() < ping_at else PING
                self._changed.wait(ping_at - clock())
