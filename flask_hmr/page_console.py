"""What pages write to their consoles, in the terminal.

A page is not believed: what it sends is bounded here again, in size and in number, and
holds nothing that a terminal would act on.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .core.specifiers import resolve_url, split_version
from .logs import NAME

MAX_LENGTH = 2_000
"""Characters of one message that are shown."""

MAX_LINES = 1_000
"""Messages that are looked at in what a page sends at once."""

MAX_ROWS = 40
"""Rows of the terminal for one message."""

RATE = 100
"""Messages that are shown in one second, of all pages together. A page that keeps to
the rules stays far below it.
"""

MAX_PAGES = 100
"""Pages that are told apart."""

_MAX_NAME = 64
_MAX_ADDRESS = 100
_MAX_URL = 1_000

_LOGGED = {
    "debug": logging.DEBUG,
    "log": logging.INFO,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "uncaught": logging.ERROR,
    "rejection": logging.ERROR,
}
_NAMES = {"uncaught": "uncaught error", "rejection": "unhandled rejection"}


class PageConsole:
    """Writes what pages say to the logger ``flask_hmr.console``.

    :param levels: the methods of the console that count.
    :param file_of: finds the file of the project behind a URL path.
    :param pages: tells how many pages are connected.
    :param clock: gives the time in seconds, from any start, never backwards.
    """

    def __init__(
        self,
        levels: Iterable[str],
        file_of: Callable[[str], str | None],
        pages: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted = {*levels}
        if "error" in self._wanted:
            self._wanted |= set(_NAMES)
        self._file_of = file_of
        self._pages = pages
        self._clock = clock
        self._log = logging.getLogger(f"{NAME}.console")
        if self._log.level == logging.NOTSET:
            # What the developer has asked for is shown, whatever HMR_LOG says.
            self._log.setLevel(logging.DEBUG)
        self._lock = threading.Lock()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._last_number = 0
        self._began = -1.0
        self._shown = 0
        self._left = 0

    def take(self, message: Mapping[str, Any], origin: str) -> None:
        """Show what one page has sent.

        :param message: ``lines``, each with ``level`` and ``text``, and perhaps with
            ``file``, ``line`` and ``column``; ``left``: how many the page left out;
            ``page``: its address; ``name``: what it calls itself.
        :param origin: of the page.
        """
        lines = message.get("lines")
        left = message.get("left")
        left = left if type(left) is int and 0 < left < 10**9 else 0
        label = self._label(message)
        for item in lines[:MAX_LINES] if isinstance(lines, list) else ():
            if not isinstance(item, Mapping):
                continue
            level, text = item.get("level"), item.get("text")
            if not isinstance(level, str) or not isinstance(text, str):
                continue
            if level not in self._wanted:
                continue
            before = self._may_show()
            if before is None:
                continue
            if before:
                self._say_left(before, "")
            where = self._place(item, origin)
            heading = _NAMES.get(level, f"console.{level}")
            self._log.log(
                _LOGGED[level], "[%s%s] %s%s", heading, label, harmless(text), where
            )
        if left and self._may_show() is not None:
            self._say_left(left, label)

    def _say_left(self, count: int, label: str) -> None:
        self._log.warning(
            "[console%s] %d message%s left out: too many at once",
            label,
            count,
            " was" if count == 1 else "s were",
        )

    def _may_show(self) -> int | None:
        """Return how many messages were left out before one that is to be shown.

        :return: ``None`` for one that is to be left out, too.
        """
        with self._lock:
            now = self._clock()
            if now - self._began >= 1.0 or self._began < 0:
                self._began, self._shown = now, 0
            if self._shown >= RATE:
                self._left += 1
                return None
            self._shown += 1
            left, self._left = self._left, 0
            return left

    def _label(self, message: Mapping[str, Any]) -> str:
        """Return what names the page, where there is more than one."""
        name, address = message.get("name"), message.get("page")
        if not isinstance(name, str) or not isinstance(address, str):
            return ""
        name = name[:_MAX_NAME]
        with self._lock:
            number = self._numbers.pop(name, None)
            if number is None:
                self._last_number += 1
                number = self._last_number
            self._numbers[name] = number
            if len(self._numbers) > MAX_PAGES:
                self._numbers.popitem(last=False)
        if self._pages() < 2:
            return ""
        return f" {_printable(address[:_MAX_ADDRESS])} #{number}"

    def _place(self, item: Mapping[str, Any], origin: str) -> str:
        url, line, column = (item.get(key) for key in ("file", "line", "column"))
        if not isinstance(url, str) or not url:
            return ""
        url = url[:_MAX_URL]
        key = resolve_url(url, "/", origin)
        key = None if key is None else split_version(key)[0]
        path = None if key is None else self._file_of(key)
        place = _printable(key or url) if path is None else _printable(_short(path))
        if type(line) is int and 0 < line < 10**9:
            place += f":{line}"
            if type(column) is int and 0 < column < 10**9:
                place += f":{column}"
        return f" ({place})"


def harmless(text: str) -> str:
    """Return a text that a terminal shows and does not obey.

    Further lines are set in, so that none looks like a line of its own.
    """
    shown = text[:MAX_LENGTH] + ("…" if len(text) > MAX_LENGTH else "")
    rows = shown.replace("\r\n", "\n").split("\n")
    if len(rows) > MAX_ROWS:
        rows = [*rows[:MAX_ROWS], "…"]
    return "\n    ".join(_printable(row.replace("\t", "    ")) for row in rows)


def _printable(text: str) -> str:
    # Joins the parts of emoji, and does nothing else.
    return "".join(c if c.isprintable() or c == "\u200d" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _short(path: str) -> str:
    """Return a path as a terminal can open it: below the present folder in short."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        return path
    return path if relative.startswith(os.pardir) else relative
