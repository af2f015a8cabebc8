"""Findings about what is installed. This imports nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from ..checks import Check

LOWEST = {
    "blinker": (1, 8),
    "flask": (3, 0),
    "flask-sock": (0, 7),
    "jinja2": (3, 1),
    "simple-websocket": (1, 0),
    "watchdog": (6, 0),
    "werkzeug": (3, 0),
}
"""The oldest version of each package that will do."""

WATCHDOG_BREAKS = 7
"""The first version of watchdog with which Werkzeug's reloader hears of nothing."""


def check_packages() -> Iterator[Check]:
    """Look at the versions of what is installed."""
    found = {name: _version(name) for name in LOWEST}
    for name, number in found.items():
        least = ".".join(map(str, LOWEST[name]))
        if number is None:
            yield Check.problem(
                f"{name} is not installed",
                cure=f'Install it: pip install "{name}>={least}"',
            )
        elif _numbers(number) < LOWEST[name]:
            yield Check.problem(
                f"{name} {number} is too old",
                f"{least} or later is needed.",
                f'Update it: pip install --upgrade "{name}>={least}"',
            )
    watchdog = found["watchdog"] or "0"
    if _numbers(watchdog) >= (WATCHDOG_BREAKS,):
        yield Check.problem(
            f"watchdog {watchdog} keeps the server from restarting",
            f"The reloader of Werkzeug {found['werkzeug']} uses watchdog where that is"
            f" installed. Since version {WATCHDOG_BREAKS} its patterns for Python files"
            " match none, so that an edit of Python code is never noticed.",
            f'Install an older one: pip install "watchdog>=6,<{WATCHDOG_BREAKS}"',
        )
    names = ("flask", "werkzeug", "watchdog")
    shown = ", ".join(f"{name} {found[name]}" for name in names if found[name])
    yield Check.fine("Versions", shown)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
