"""What pages without a socket are told: by a stream of events, or when they ask.

All that is broadcast gets a number. A page says which number it has seen last and gets
what came after it, so that nothing is told twice and nothing is lost between two
questions. A stream brings the same sooner, with the same numbers.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

MAX_ENTRIES = 1_000
"""How many messages are kept for pages that ask later."""

MAX_SIZE = 8 * 1024 * 1024
"""Characters of messages that are kept."""

MAX_READERS = 2_000
"""Pages that are counted."""

MAX_ASIDE = 100
"""Inspectors whose names are kept."""

FORGET_AFTER = 60.0
"""Seconds after which a page that asks no more is not counted."""

PING = 5.0
"""Seconds between signs of life in a stream. They show whether anybody reads it."""

LOOK = 0.25
"""How often, in seconds, a stream looks whether the server is about to end."""


class _Entry(NamedTuple):
    number: int
    to: str
    message: str
    time: float


class Feed:
    """The messages that were broadcast lately, by number.

    For any thread. It keeps nothing until the first page has asked.

    :param clock: gives the time in seconds, from any start, never backwards.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._last = 0
        self._entries: deque[_Entry] = deque()
        self._size = 0
        self._readers: OrderedDict[str, float] = OrderedDict()
        self._aside: deque[str] = deque(maxlen=MAX_ASIDE)
        self._streams: dict[str, Stream] = {}
        self._is_read = False
        self._closed = False

    def mark(self) -> int:
        """Return the number of the last message. From now on, messages are kept."""
        with self._changed:
            self._is_read = True
            return self._last

    def append(self, message: str, to: str = "") -> int:
        """Tell a message. Never waits.

        :param to: the one page that it is for, by the name that it gave itself.
        :return: how many of those that it is for have asked lately.
        """
        with self._changed:
            if not self._is_read or self._closed:
                return 0
            self._last += 1
            entry = _Entry(self._last, to, message, self._clock())
            self._entries.append(entry)
            self._size += len(message)
            while len(self._entries) > MAX_ENTRIES or (
                self._size > MAX_SIZE and len(self._entries) > 1
            ):
                self._size -= len(self._entries.popleft().message)
            self._changed.notify_all()
            self._forget()
            return to in self._readers if to else len(self._readers)

    def since(self, number: object, page: str) -> tuple[int, list[str]] | None:
        """Return the number of the last message, and what came for a page until then.

        :param number: what came up to this one is left out.
        :param page: the name that the page gave itself.
        :return: ``None`` when that is no longer known.
        """
        with self._changed:
            self._saw(page)
            entries = self._after(number)
            if entries is None:
                return None
            return self._last, [e.message for e in entries if e.to in ("", page)]

    def set_aside(self, page: str) -> None:
        """Do not count one of those that ask: it is no page of the app."""
        with self._changed:
            if page not in self._aside:
                self._aside.append(page)
            self._readers.pop(page, None)

    def lately(self, seconds: float, page: str) -> list[str]:
        """Return what a page was to be told in the last seconds."""
        with self._changed:
            start = self._clock() - seconds
            entries = [e for e in self._entries if e.time >= start]
            return [e.message for e in entries if e.to in ("", page)]

    def stream(
        self,
        browser: str,
        limit: int,
        session: str,
        is_ending: Callable[[], bool] | None = None,
    ) -> Stream | None:
        """Open the stream of a browser, in the place of the one that it had.

        :param browser: a name that all pages of one browser share.
        :param limit: how many streams there may be at once.
        :param session: names this process.
        :param is_ending: tells whether the server is about to end.
        :return: ``None`` if there are too many.
        """
        with self._changed:
            others = len(self._streams) - (browser in self._streams)
            if self._closed or others >= limit:
                return None
            self._is_read = True
            stream = Stream(self, browser, self._last, session, is_ending)
            self._streams[browser] = stream
            self._changed.notify_all()
            return stream

    def close(self) -> None:
        """End all streams."""
        with self._changed:
            self._closed = True
            self._streams.clear()
            self._changed.notify_all()

    # Of streams

    def wait(self, stream: Stream, number: int, timeout: float) -> list[_Entry] | None:
        """Wait for what comes after a number; nothing after ``timeout`` seconds.

        :return: ``None`` when the stream is to end.
        """
        with self._changed:
            if self._streams.get(stream.browser) is stream and number == self._last:
                self._changed.wait(timeout)
            if self._streams.get(stream.browser) is not stream:
                return None
            return self._after(number)

    def left(self, stream: Stream) -> None:
        """Take note that nobody reads a stream any longer."""
        with self._changed:
            if self._streams.get(stream.browser) is stream:
                del self._streams[stream.browser]

    # The parts; all of them run under the lock

    def _after(self, number: object) -> list[_Entry] | None:
        if not isinstance(number, int) or not 0 <= number <= self._last:
            return None
        count = self._last - number
        if count > len(self._entries):
            return None
        return list(self._entries)[len(self._entries) - count :]

    def _saw(self, page: str) -> None:
        if page in self._aside:
            return
        self._readers[page] = self._clock()
        self._readers.move_to_end(page)
        if len(self._readers) > MAX_READERS:
            self._readers.popitem(last=False)

    def _forget(self) -> None:
        now = self._clock()
        while self._readers:
            page, seen = next(iter(self._readers.items()))
            if now - seen < FORGET_AFTER:
                break
            del self._readers[page]


class Stream:
    """The body of a response of type ``text/event-stream``.

    The format is that of https://html.spec.whatwg.org/multipage/server-sent-events.html.
    Each event's ``id`` is the number of a message; the first one tells where the
    stream begins.
    """

    def __init__(
        self,
        feed: Feed,
        browser: str,
        number: int,
        session: str,
        is_ending: Callable[[], bool] | None,
    ) -> None:
        self.browser = browser
        self._feed = feed
        self._number = number
        self._is_ending = is_ending
        self._first: bytes | None = _event(
            number, "begin", json.dumps({"session": session})
        )

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        for _ in range(round(PING / LOOK) if self._is_ending else 1):
            entries = self._feed.wait(
                self, self._number, LOOK if self._is_ending else PING
            )
            if entries is None or (self._is_ending and self._is_ending()):
                self.close()
                raise StopIteration
            if entries:
                self._number = entries[-1].number
                return b"".join(map(_told, entries))
        return b": here\n\n"

    def close(self) -> None:
        """Is called by the server when the response is over."""
        self._feed.left(self)


def _told(entry: _Entry) -> bytes:
    to = json.dumps(entry.to)
    data = f'{{"to":{to},"message":{entry.message}}}'
    return _event(entry.number, "told", data)


def _event(number: int, kind: str, data: str) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {data}\n\n".encode()
