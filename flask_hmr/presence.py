"""Which pages are there that have no socket, whose end would show.

They ask once in a while. One that has asked nothing for a minute counts as gone.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from .feed import FORGET_AFTER, MAX_READERS
from .page import Client


class Presence:
    """The pages that ask, by the names that they gave themselves. For any thread.

    :param client_of: makes what handlers of the app know a page by.
    :param came: is called with each page that is new, with no lock held.
    :param went: is called with each page that has gone, with no lock held.
    :param clock: gives the time in seconds, from any start, never backwards.
    """

    def __init__(
        self,
        client_of: Callable[[str], Client],
        came: Callable[[Client], None],
        went: Callable[[Client], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client_of = client_of
        self._came = came
        self._went = went
        self._clock = clock
        self._lock = threading.Lock()
        # The one that has been silent for longest comes first.
        self._pages: OrderedDict[str, tuple[Client, float]] = OrderedDict()

    def __len__(self) -> int:
        with self._lock:
            return len(self._pages)

    def saw(self, name: str) -> Client:
        """Take note that a page has asked, and return it."""
        self.look()
        with self._lock:
            known = self._pages.pop(name, None)
            client = self._client_of(name) if known is None else known[0]
            self._pages[name] = client, self._clock()
        if known is None:
            self._came(client)
        return client

    def look(self) -> None:
        """Let go of the pages that have gone."""
        gone = []
        with self._lock:
            now = self._clock()
            while self._pages:
                client, seen = next(iter(self._pages.values()))
                if now - seen < FORGET_AFTER and len(self._pages) < MAX_READERS:
                    break
                self._pages.popitem(last=False)
                gone.append(client)
        for client in gone:
            self._went(client)

    def close(self) -> None:
        """Let go of all pages."""
        with self._lock:
            gone = [client for client, _ in self._pages.values()]
            self._pages.clear()
        for client in gone:
            self._went(client)
