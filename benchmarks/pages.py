"""What a user waits for, in a real browser: loads, and saves until they are applied."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import TimeoutError as OverdueError

from .servers import Server

PAUSE = (0.06, 0.12)
"""Seconds between two saves, so that none waits for the one before."""
DEADLINE = 20_000
"""Milliseconds that anything may take."""

LOADED = "() => globalThis.loadedAt"
REQUESTS = """() => performance.getEntriesByType("resource").filter(
  (entry) => entry.transferSize > 0 && entry.initiatorType !== "fetch").length"""


class Load:
    """A page that is open, and how it was loaded.

    :param context: where it opens.
    :param server: where it comes from.
    """

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.page: Page = context.new_page()
        self._server = server

    def load(self) -> float:
        """Open the page and return the milliseconds until its last module has run."""
        self.page.goto(self._server.url, wait_until="commit")
        return self._loaded()

    def reload(self) -> float:
        """Load it again as a reload by hand does, and return the milliseconds."""
        self.page.reload(wait_until="commit")
        return self._loaded()

    def requests(self) -> int:
        """Return how many modules and styles went over the network."""
        return int(self.page.evaluate(REQUESTS))

    def applied(self, name: str, generation: int, save: Callable[[int], None]) -> float:
        """Save, and return the milliseconds until the page has applied it.

        :param name: what it is called in ``applied``.
        :param generation: a number that no save before had.
        :param save: saves it.
        """
        time.sleep(random.uniform(*PAUSE))
        start = time.time() * 1000
        save(generation)
        try:
            end = self._wait(f"() => globalThis.applied['{name}{generation}']")
        except OverdueError as error:
            loads = self.page.evaluate("() => performance.timeOrigin")
            raise RuntimeError(
                f"{self._server.name} did not apply {name!r}; the page"
                f" was loaded {(start - loads) / 1000:.1f} s before."
            ) from error
        return float(end) - start

    def _loaded(self) -> float:
        return float(self._wait(LOADED))

    def _wait(self, expression: str) -> Any:
        handle = self.page.wait_for_function(expression, timeout=DEADLINE, polling=25)
        return handle.json_value()


@contextlib.contextmanager
def fresh(browser: Browser, server: Server) -> Iterator[Load]:
    """Open a page with an empty cache."""
    context = browser.new_context()
    try:
        yield Load(context, server)
    finally:
        context.close()
