"""One connected page, and the bounded queue of what it is to be told.

Whoever has something to tell writes what the system takes at once, which is nearly
always all of it. Only what would have to wait goes into the queue, and a thread is
started for the page that waits in its stead, until the queue is empty. A queue that is
full means that the page has stopped reading. It is then cut off, and brought up to date
when it comes back.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from .core import messages
from .sockets import Socket, cut, frame, offer, wake, write_rest

_REST = ""
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
    :param log: Where to report.
    """

    def __init__(
        self,
        page_id: int,
        socket: Socket,
        info: dict[str, Any],
        *,
        queue_size: int,
        log: logging.Logger,
    ) -> None:
        self.id = page_id
        self.info = info
        #: Set when the page is gone, and its writer with it.
        self.gone = threading.Event()
        #: Whether the page was cut off because it did not read its messages.
        self.overflowed = False
        #: Whether nothing is to be read from the page or written to it any more.
        self.ended = False
        #: The thread that writes what had to wait, while there is something.
        self.writer: threading.Thread | None = None
        #: Whether it shows the app: an inspector is not counted among pages.
        self.counts = True
        self._socket = socket
        self._queue_size = queue_size
        self._log = log
        self._queue: deque[str] = deque()
        # The code and the reason to close the socket with, until that is done.
        self._farewell: tuple[int, str] | None = None
        # Held for the queue and what is above, and while a system call is made that
        # does not wait.
        self._lock = threading.Lock()

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
        with self._lock:
            if self.ended:
                return False
            # What waits goes before all that comes later.
            left = None if self.writer else offer(self._socket, data)
            if left == 0:
                return True
            if len(self._queue) < self._queue_size:
                self._queue.append(message if left is None else _REST)
                if self._is_being_written():
                    return True
            else:
                self.overflowed = True
        self.cut()
        return False

    def close(self, code: int, reason: str) -> None:
        """Have the socket closed once what is being written is. Never waits.

        :param code: A close code of :rfc:`6455`, section 7.4.
        :param reason: A text for the page, at most 123 bytes.
        """
        with self._lock:
            if not self.ended:
                self._drop()
                self._farewell = (code, reason)
                self._is_being_written()

    def cut(self) -> None:
        """End the page at once, even if its writer waits for it. Never waits."""
        self.end()
        cut(self._socket)

    def end(self) -> None:
        """Drop what is queued. Never waits."""
        with self._lock:
            if not self.ended:
                self._drop()

    def _drop(self) -> None:
        self.ended = True
        self._queue.clear()

    # The writer

    def _is_being_written(self) -> bool:
        """Tell whether there is a writer, after starting one. The lock is held."""
        if self.writer is None:
            name = f"hmr-page-{self.id}"
            writer = threading.Thread(target=self._write, name=name, daemon=True)
            try:
                writer.start()
            except RuntimeError:
                self._log.warning("%r: no thread can be started to write to it", self)
                return False
            self.writer = writer
        return True

    def _write(self) -> None:
        socket = self._socket
        try:
            while (item := self._next()) is not None:
                if item is _REST:
                    write_rest(socket)
                elif isinstance(item, str):
                    socket.send(item)
                elif socket.connected:
                    socket.close(*item)
                    wake(socket)
        except Exception:
            # That the other side has gone is found out by writing. Anything else
            # would also leave the stream in an unknown state.
            self._log.debug("%r: could not be written to", self, exc_info=True)
            self.cut()

    def _next(self) -> str | tuple[int, str] | None:
        """Return what is to be written next, or how to close the socket.

        :return: ``None`` when there is nothing: the writer is let go of.
        """
        with self._lock:
            if self._queue:
                return self._queue.popleft()
            farewell, self._farewell = self._farewell, None
            if farewell is None:
                self.writer = None
            return farewell
