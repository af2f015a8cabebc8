"""One browser tab, with the questions that a test of HMR asks of it."""

from __future__ import annotations

import json
import time
import typing as t

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, WebSocket
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page as Tab
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

DEADLINE = 30_000.0
"""Milliseconds that a page has until what a test waits for."""

CONNECTED = "[hmr] connected"
"""How the line starts that the client runtime logs for each connection."""

_LOAD = "[test] load "

# Runs before any script of a page. The counter lives as long as the tab does. The
# line in the console parts the messages of one load from those of the next.
_INIT_SCRIPT = """
window.log = [];
if (window === window.top) {
  let count = 1;
  try {
    count += Number(sessionStorage.getItem("test:loads"));
    sessionStorage.setItem("test:loads", count);
  } catch {
    // A page without an origin, about:blank for one, has no storage.
  }
  console.debug(`[test] load ${count}`);
}
"""

_LOADS = "() => Number(sessionStorage.getItem('test:loads'))"


def prepare(context: BrowserContext) -> None:
    """Make every page of a context one that :class:`Page` can follow."""
    context.set_default_timeout(DEADLINE)
    context.add_init_script(_INIT_SCRIPT)


class Page:
    """A tab that shows a page of the project.

    A test's modules write to the list ``window.log``; it starts empty at each load.

    :param tab: Playwright's page, for what this class does not offer.
    :param base_url: what paths start from.
    """

    def __init__(self, tab: Tab, base_url: str) -> None:
        self.tab = tab
        self._base_url = base_url
        self._known_loads = 0
        self.sockets: list[WebSocket] = []
        """Playwright's handles of the connections to the server, the newest last."""
        self.requests: list[str] = []
        """The URLs of all requests, in the order in which they were sent."""
        self._messages: list[str] = []
        self._connections = 0
        self._known_connections = 0
        tab.on("websocket", lambda socket: self.sockets.append(socket))
        tab.on("request", lambda request: self.requests.append(request.url))
        tab.on("console", self._hear)
        tab.on("pageerror", lambda error: self._messages.append(f"uncaught: {error}"))
        tab.on("crash", lambda _: self._messages.append("The tab crashed."))

    # Going somewhere, as a user does. These loads do not count as reloads.

    def goto(self, path: str) -> None:
        """Open a path of the app in this tab."""
        self.tab.goto(self._base_url + path)
        self._known_loads = self._loads()

    def refresh(self) -> None:
        """Load the page again, with the browser's button for it."""
        self.tab.reload()
        self._known_loads = self._loads()

    def back(self) -> None:
        """Go one page back."""
        self.tab.go_back(wait_until="commit")
        self._arrive()

    def forward(self) -> None:
        """Go one page forward."""
        self.tab.go_forward(wait_until="commit")
        self._arrive()

    def close(self) -> None:
        """Close the tab."""
        self.tab.close()

    # Looking at the page.

    def evaluate(self, expression: str, argument: object = None) -> t.Any:
        """Return what a JavaScript expression or function gives in the page."""
        return self._settled(lambda: self.tab.evaluate(expression, argument))

    def locator(self, selector: str) -> Locator:
        """Return Playwright's handle of the elements that match; open shadow roots
        are searched as well.
        """
        return self.tab.locator(selector)

    def text(self, selector: str = "body") -> str:
        """Return the text of the one element that matches."""
        return self.tab.locator(selector).inner_text()

    @property
    def console(self) -> str:
        """What the console shows, one line each: kind and text, and exceptions that
        nothing caught. Loads are marked.
        """
        return "\n".join(self._messages)

    # The log.

    def log(self) -> list[t.Any]:
        """Return ``window.log``."""
        entries: list[t.Any] = self.evaluate("() => window.log")
        return entries

    def clear_log(self) -> None:
        """Empty ``window.log``."""
        self.evaluate("() => { window.log.length = 0 }")

    def wait_for_log(self, expected: list[t.Any]) -> None:
        """Wait until ``window.log`` equals a list."""
        __tracebackhide__ = True
        self._wait(
            "expected => JSON.stringify(window.log) === JSON.stringify(expected)",
            expected,
            f"Expected the log to become\n  {json.dumps(expected)}",
        )

    def wait_for_log_entry(self, entry: object, times: int = 1) -> None:
        """Wait until ``window.log`` holds an entry, wherever.

        :param times: how often it must be there, at least.
        """
        __tracebackhide__ = True
        self._wait(
            """([entry, times]) => window.log.filter(
              (other) => JSON.stringify(other) === JSON.stringify(entry)
            ).length >= times""",
            [entry, times],
            f"Expected the log to hold {times} of\n  {json.dumps(entry)}",
        )

    def wait_for_text(self, selector: str, text: str) -> None:
        """Wait until the first element that matches has a text, spaces trimmed."""
        __tracebackhide__ = True
        self._wait(
            "([selector, text]) =>"
            " document.querySelector(selector)?.textContent.trim() === text",
            [selector, text],
            f"Expected {selector} to have the text\n  {text!r}",
        )

    def wait_for(self, condition: str, argument: object = None) -> None:
        """Wait until a JavaScript expression or function gives something true."""
        __tracebackhide__ = True
        self._wait(condition, argument, f"Expected this to become true\n  {condition}")

    def wait_for_console(self, text: str) -> None:
        """Wait until some message in the console, of any load, contains a text."""
        __tracebackhide__ = True
        self._wait_for_message(
            lambda: any(text in message for message in self._messages),
            f"Expected the console to show\n  {text}",
        )

    # The connection to the server.

    def wait_until_connected(self) -> None:
        """Wait until the client runtime of this load has connected to the server."""
        __tracebackhide__ = True
        self._wait_for_message(
            lambda: self._connections > 0, "Expected the page to connect to the server"
        )
        self._known_connections = self._connections

    def wait_until_reconnected(self) -> None:
        """Wait until it has connected once more than at the last such wait."""
        __tracebackhide__ = True
        self._wait_for_message(
            lambda: self._connections > self._known_connections,
            "Expected the page to connect to the server again",
        )
        self._known_connections = self._connections

    # Reloads.

    def wait_for_reload(self, times: int = 1) -> None:
        """Wait until the page has reloaded, and is loaded.

        Counts from when the test last opened, refreshed or waited for a reload.

        :raises AssertionError: also when it reloaded more often than that.
        """
        __tracebackhide__ = True
        expected = self._known_loads + times
        self._wait(
            f"loads => ({_LOADS})() >= loads && document.readyState === 'complete'",
            expected,
            f"Expected {times} reload(s)",
        )
        self._known_loads = expected
        # The new page has a runtime of its own to wait for.
        self._known_connections = 0
        self.assert_not_reloaded()

    def assert_not_reloaded(self) -> None:
        """Check that the page has not reloaded since it was opened, refreshed or
        waited for.
        """
        __tracebackhide__ = True

        if (reloads := self._loads() - self._known_loads) != 0:
            self._fail(f"Expected no (further) reload, but there were {reloads}")

    def settle(self) -> None:
        """Let the page do what it is about to do: two frames and all pending tasks.

        This cannot show that *nothing* will come, for the server may still be at
        work. Where a test claims that a save has no effect, save something else
        after it that has one, wait for that, and look at the order.
        """
        self.evaluate(
            "() => new Promise((resolve) =>"
            " requestAnimationFrame(() => requestAnimationFrame(() => {"
            "  const { port1, port2 } = new MessageChannel();"
            "  port1.onmessage = resolve;"
            "  port2.postMessage(null);"
            "})))"
        )

    def _arrive(self) -> None:
        # Playwright's own wait would last for ever: a page out of the back/forward
        # cache is complete and does not fire "load" again.
        self.wait_for("() => document.readyState === 'complete'")
        self._known_loads = self._loads()

    def _loads(self) -> int:
        return int(self.evaluate(_LOADS))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.text.startswith(_LOAD):
            self._messages.append(f"--- {message.text.removeprefix('[test] ')}")
            self._connections = 0
            return

        if message.text.startswith(CONNECTED):
            self._connections += 1

        self._messages.append(f"{message.type}: {message.text}")

    def _wait(self, condition: str, argument: object, expectation: str) -> None:
        __tracebackhide__ = True

        try:
            # By a timer: a hidden tab draws no frames.
            self._settled(
                lambda: self.tab.wait_for_function(
                    condition, arg=argument, polling=50, timeout=DEADLINE
                )
            )
        except PlaywrightTimeoutError:
            self._fail(expectation)

    def _wait_for_message(self, holds: t.Callable[[], bool], expectation: str) -> None:
        __tracebackhide__ = True
        end = time.monotonic() + DEADLINE / 1000

        while not holds():
            if time.monotonic() > end:
                self._fail(expectation)

            # Messages and uncaught errors arrive during calls to Playwright only.
            self.tab.wait_for_timeout(20)

    def _settled(self, call: t.Callable[[], t.Any]) -> t.Any:
        """Make a call again when a navigation cut it short."""
        while True:
            try:
                return call()
            except PlaywrightTimeoutError:
                raise
            except PlaywrightError as error:
                if "Execution context was destroyed" not in error.message:
                    raise

                self.tab.wait_for_load_state("domcontentloaded")

    def _fail(self, expectation: str) -> t.NoReturn:
        __tracebackhide__ = True

        try:
            actual = json.dumps(self.tab.evaluate("() => window.log"))
        except PlaywrightError as error:
            actual = f"(not to be had: {error.message})"

        raise AssertionError(
            f"{expectation}\nwithin {DEADLINE / 1000:g} s.\n"
            f"URL: {self.tab.url}\nLog: {actual}\nConsole:\n{self.console}"
        )
