"""The connected pages: those with a socket, and the threads that read them.

Writing to a WebSocket waits for as long as the page does not read, and two that write
at once mix up their frames. So whoever has something to tell hands it to the
:class:`~flask_hmr.page.Page`, which sees to it that nobody has to wait.

This module knows nothing of Flask: :meth:`Pages.serve` runs in the thread of the
request that opened the socket, for as long as the page is there.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .core import messages
from .feed import Feed
from .page import Page
from .sockets import Socket, frame, prepare

MAX_MESSAGE_LENGTH = 65_536
"""The longest message that a page may send, in characters."""

MAX_BAD_MESSAGES = 100
"""How many messages of a page are ignored before the page is closed."""

MAX_BACKLOG = 1_000
"""How many messages of a page may wait to be read before the page is closed."""

PING = '{"type":"ping"}'

# How often the reader looks whether the socket ended without waking it: at the most,
# this is how long a page that is gone keeps its thread.
_LOOK_INTERVAL = 5.0

# How often, in seconds, it is looked whether the server is about to end.
_ENDING_INTERVAL = 0.25

# Close codes: RFC 6455, section 7.4.1, and the registry that it sets up.
_GOING_AWAY = 1001
_POLICY_VIOLATION = 1008
_TRY_AGAIN_LATER = 1013


class Pages:
    """All pages that are connected to this process.

    :param queue_size: How many messages may wait for one page.
    :param ping_interval: Seconds between pings. A page from which nothing is heard
        for twice as long is closed.
    :param max_pages: How many pages may be connected at once.
    :param close_timeout: Seconds that a page has to read the end of what it was
        told, once it is being closed.
    :param log: Where to report; the logger ``flask_hmr`` by default.
    :param clock: Gives the time in seconds, from any start, never backwards.
    """

    def __init__(
        self,
        *,
        queue_size: int = 256,
        ping_interval: float = 25.0,
        max_pages: int = 2000,
        close_timeout: float = 1.0,
        log: logging.Logger | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue_size = queue_size
        self._ping_interval = ping_interval
        self._max_pages = max_pages
        self._close_timeout = close_timeout
        self._log = logging.getLogger("flask_hmr") if log is None else log
        self._clock = clock
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._pages: dict[int, Page] = {}
        self._process = os.getpid()
        self._closed = False
        #: What the pages without a socket are told.
        self.feed = Feed(clock)
        self._ending: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self.snapshot())

    def snapshot(self) -> list[Page]:
        """List the pages that are connected now, in the order in which they came."""
        with self._own_lock():
            return list(self._pages.values())

    def broadcast(self, message: str) -> int:
        """Send a message to every page. Never waits for a page.

        :return: How many pages will be told, inspectors not counted.
        """
        data = frame(message)
        told = sum(page.send(message, data) and page.counts for page in self.snapshot())
        return told + self.feed.append(message)

    def close_when(self, is_ending: Callable[[], bool]) -> None:
        """Close all pages as soon as the server is about to end.

        :param is_ending: Tells whether it is. Only that of the first call is asked.
        """

        def watch() -> None:
            while not self._closed:
                if is_ending():
                    self.close()
                    return
                time.sleep(_ENDING_INTERVAL)

        with self._own_lock():
            if self._ending is not None or self._closed:
                return
            self._ending = threading.Thread(target=watch, name="hmr-ending")
            self._ending.daemon = True
        self._ending.start()

    def close(self) -> None:
        """Close all pages, and wait until their writers have ended.

        Pages that are not gone after the close timeout are cut off. From now on, no
        page is served.
        """
        with self._own_lock():
            self._closed = True
        self.feed.close()
        pages = self.snapshot()
        for page in pages:
            page.close(_GOING_AWAY, "The server is going away.")
        # Twice the same: once for those who take leave, once for those who are cut.
        for _ in range(2):
            deadline = time.monotonic() + self._close_timeout
            for page in pages:
                if not page.gone.wait(max(0.0, deadline - time.monotonic())):
                    page.cut()

    def serve(
        self,
        socket: Socket,
        *,
        info: dict[str, Any],
        on_open: Callable[[Page], None],
        on_message: Callable[[Page, dict[str, Any]], None],
    ) -> None:
        """Serve one page until its socket is closed.

        A message of a page is a JSON object whose ``type`` is a string. What is not
        of that form is ignored. An exception in a callback is logged, and the page
        lives on.

        :param socket: The accepted socket.
        :param info: Becomes :attr:`Page.info`.
        :param on_open: Called once the page takes part in broadcasts. One may come
            before what this sends.
        :param on_message: Called with each message of the page, except ``pong``.
        """
        prepare(socket, MAX_MESSAGE_LENGTH)
        page = self._enter(socket, info)
        if page is None:
            return
        try:
            self._call(page, on_open, page)
            self._read(page, socket, on_message)
        finally:
            self._leave(page, socket)

    def _enter(self, socket: Socket, info: dict[str, Any]) -> Page | None:
        with self._own_lock():
            full = len(self._pages) >= self._max_pages
            if not full and not self._closed:
                page = Page(
                    next(self._ids),
                    socket,
                    info,
                    queue_size=self._queue_size,
                    log=self._log,
                )
                self._pages[page.id] = page
                return page
            code = _GOING_AWAY if self._closed else _TRY_AGAIN_LATER
        if code == _TRY_AGAIN_LATER:
            self._log.warning(
                "A page was turned away: %d pages are connected already.",
                self._max_pages,
            )
        with suppress(Exception):
            socket.close(code, "No more pages can be served.")
        return None

    def _leave(self, page: Page, socket: Socket) -> None:
        with self._own_lock():
            self._pages.pop(page.id, None)
        page.end()
        # First everybody gets the time to end well: the writer writes its close
        # frame, and simple-websocket's reading thread reads or writes the answer.
        # A cut in between would look like an accident to the page.
        threads = (page.writer, getattr(socket, "thread", None))
        for thread in threads:
            _join(thread, self._close_timeout)
        page.cut()
        for thread in threads:
            _join(thread, self._close_timeout)
        if page.overflowed:
            self._log.info(
                "%r did not read its messages and was cut off. It is brought up to "
                "date when it comes back.",
                page,
            )
        page.gone.set()

    def _read(
        self,
        page: Page,
        socket: Socket,
        on_message: Callable[[Page, dict[str, Any]], None],
    ) -> None:
        bad = 0
        heard_at = self._clock()
        ping_at = heard_at + self._ping_interval
        while socket.connected and not page.ended:
            silent_at = heard_at + 2 * self._ping_interval
            wait = min(_LOOK_INTERVAL, min(silent_at, ping_at) - self._clock())
            try:
                text = socket.receive(timeout=max(0.0, wait))
            except Exception:
                self._log.debug("%r: closed", page, exc_info=socket.connected)
                return
            if self._clock() >= ping_at:
                page.send(PING)
                ping_at = self._clock() + self._ping_interval
            if text is None:
                if self._clock() >= silent_at:
                    self._log.debug("%r: closed, it does not answer", page)
                    page.close(_GOING_AWAY, "Nothing was heard from this page.")
                continue
            heard_at = self._clock()
            message = _parse(text)
            if message is None:
                bad += 1
                if bad == 1:
                    self._log.debug("%r: sent what is no message: %.80r", page, text)
            elif message["type"] != "pong":
                self._call(page, on_message, page, message)
                # That took its time, perhaps, in which nobody listened to the page.
                heard_at = self._clock()
            waiting = len(getattr(socket, "input_buffer", ()))
            if bad >= MAX_BAD_MESSAGES or waiting > MAX_BACKLOG:
                self._log.debug("%r: closed, it sends too much", page)
                page.close(_POLICY_VIOLATION, "Too many messages, or bad ones.")

    def _call(self, page: Page, callback: Callable[..., None], *args: object) -> None:
        try:
            callback(*args)
        except Exception:
            self._log.exception("%r: a message could not be handled", page)

    def _own_lock(self) -> threading.Lock:
        """Give the lock, after the pages of a parent process were forgotten.

        A forked process has copies of its parent's pages, without their threads. To
        cut one would close the parent's connection.
        """
        if self._process != os.getpid():
            self._process = os.getpid()
            self._lock = threading.Lock()
            self._pages = {}
            self._ending = None
            self.feed = Feed(self._clock)
        return self._lock


def _join(thread: threading.Thread | None, timeout: float) -> None:
    # A thread that could not be started cannot be joined.
    if thread is not None and thread.ident is not None:
        thread.join(timeout)


def _parse(text: str | bytes) -> dict[str, Any] | None:
    """Read a message, or give ``None`` if it is none."""
    if not isinstance(text, str) or len(text) > MAX_MESSAGE_LENGTH:
        return None
    message = messages.parse(text)
    if message is None or not isinstance(message.get("type"), str):
        return None
    return message
