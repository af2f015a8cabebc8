"""The browser of the tests: the Chromium or Chrome that this machine has."""

from __future__ import annotations

import os
import shutil
import typing as t

from playwright.sync_api import Browser, BrowserType

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)

# Containers give no sandbox and no GPU, and a test needs nobody's servers.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserNotFoundError(Exception):
    """This machine has no browser to test with."""


def find_chromium() -> str:
    """Return the path of the browser.

    :raises BrowserNotFoundError: when there is none, with what to do about it.
    """
    path = os.environ.get("HMR_CHROMIUM")

    if path:
        if not os.access(path, os.X_OK):
            raise BrowserNotFoundError(
                f"HMR_CHROMIUM is {path!r}, and that is no program. Unset it, or set"
                " it to the path of Chromium or Chrome."
            )

        return path

    for name in NAMES:
        if path := shutil.which(name):
            return path

    raise BrowserNotFoundError(
        f"No browser was found: none of {', '.join(NAMES)} is on the PATH. Run"
        " 'make test', which installs Chromium, or set HMR_CHROMIUM to the path of"
        " one."
    )


def headless_shell(chromium: str) -> str:
    """Return the headless shell that belongs to a Chromium, if it is installed.

    The same engine without a user interface takes half the time. It has no cache for
    back and forward.
    """
    shell = f"{chromium}-headless-shell"
    return shell if os.access(shell, os.X_OK) else chromium


class Browsers:
    """The browser processes of one test run, each started when first asked for.

    :param chromium: how Playwright starts Chromium.
    """

    def __init__(self, chromium: BrowserType) -> None:
        self._chromium = chromium
        self._running: dict[bool, Browser] = {}

    def get(self, *, back_forward_cache: bool = False) -> Browser:
        """Return a running browser.

        :param back_forward_cache: whether the browser keeps a page alive that the
            user went away from. Playwright turns that off; people's browsers do it.
        :raises BrowserNotFoundError: when this machine has no browser.
        """
        if back_forward_cache not in self._running:
            unwanted: t.Sequence[str] = (
                ["--disable-back-forward-cache"] if back_forward_cache else []
            )
            path = find_chromium()
            self._running[back_forward_cache] = self._chromium.launch(
                executable_path=path if back_forward_cache else headless_shell(path),
                args=ARGUMENTS,
                ignore_default_args=unwanted,
            )

        return self._running[back_forward_cache]

    def close(self) -> None:
        """End every browser."""
        while self._running:
            self._running.popitem()[1].close()
