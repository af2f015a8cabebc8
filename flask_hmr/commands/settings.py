"""Findings about the app's configuration, and about how it is started."""

from __future__ import annotations

import ast
import os
import shlex
import sys
from collections.abc import Iterator
from typing import Any

from flask import Flask

from ..checks import Check
from ..hosts import parse_host
from .layers import layers_of

GUNICORN = "gunicorn.conf.py"


def check_settings(app: Flask) -> Iterator[Check]:
    """Look at what switches hot module replacement on and off.

    :param app: the app as it was loaded, before anything is done with it.
    """
    if "hmr" not in app.extensions:
        yield Check.problem(
            "The app does not use the extension",
            f"Nothing called HMR(app) or hmr.init_app(app) for {app.name!r}.",
            "Call it where the app is made: from flask_hmr import HMR; HMR(app)",
        )
    else:
        yield Check.fine("The app uses the extension", repr(app.name))
    enabled = app.config.get("HMR_ENABLED")
    is_off = enabled is False or str(enabled).lower() in ("0", "false", "off", "no")
    if enabled is not None and is_off:
        yield Check.problem(
            "HMR_ENABLED is false",
            "Hot module replacement is off, whatever debug mode says.",
            "Leave HMR_ENABLED out: it follows debug mode then.",
        )
    elif app.debug:
        yield Check.fine("Debug mode is on")
    elif enabled is not None:
        yield Check.warning(
            "HMR_ENABLED is true without debug mode",
            "It stays off where others can reach the server, and templates are not"
            " read again without debug mode.",
            "Leave HMR_ENABLED out, and start the server with: flask run --debug",
        )
    else:
        yield Check.problem(
            "Debug mode is off",
            "Without it the extension takes itself out of the app.",
            "Start the server with: flask run --debug. To look at the app in that mode:"
            " flask hmr doctor --debug",
        )
    yield from _check_names(app)


def _check_names(app: Flask) -> Iterator[Check]:
    """Look at the names under which pages of the app are opened."""
    allowed = app.config.get("HMR_ALLOWED_HOSTS") or ()
    several = allowed if isinstance(allowed, (list, tuple, set, frozenset)) else ()
    allowed = (allowed,) if isinstance(allowed, str) else tuple(map(str, several))
    name = app.config.get("SERVER_NAME")
    host = parse_host(str(name)) if name else None
    if host is not None and not host.is_loopback and not _is_listed(host.name, allowed):
        yield Check.problem(
            f"Pages under {host.name} may not connect",
            "SERVER_NAME says that the app is reached under this name.",
            f'Allow it: HMR_ALLOWED_HOSTS = ["{host.name}"]',
        )
    scheme = app.config.get("PREFERRED_URL_SCHEME")
    if scheme == "https" and not _is_fixed(app):
        yield Check.warning(
            "The app is behind a proxy, and does not know it",
            "PREFERRED_URL_SCHEME is https, but nothing tells the app what the browser"
            " sees. Sockets are then refused: the page's origin is another one.",
            "Use ProxyFix: app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1),"
            " or name the origin in HMR_ALLOWED_ORIGINS.",
        )


def _is_listed(name: str, allowed: tuple[str, ...]) -> bool:
    return any(
        name == one or (one.startswith(".") and f".{name}".endswith(one))
        for one in allowed
    )


def _is_fixed(app: Flask) -> bool:
    if app.config.get("HMR_ALLOWED_ORIGINS"):
        return True
    return any(type(one).__name__ == "ProxyFix" for one in layers_of(app.wsgi_app))


# Threads


def check_threads(app: Flask) -> Iterator[Check]:
    """Look at what says how many threads the server is to have."""
    for place in (*_environment(), *_run_calls(app)):
        yield Check.warning(
            "The server has one thread",
            f"{place} says so. A page that keeps a connection open would be all that it"
            " serves, so pages ask once a second instead.",
            "Leave it out during development, or give the server more threads.",
        )
    for place in _gunicorn():
        yield Check.note(
            "Gunicorn would have one thread",
            f"{place} says so. Under it, pages ask once a second.",
            "If you develop with Gunicorn, give it more: gunicorn --threads 100",
        )


def _environment() -> Iterator[str]:
    for name in ("FLASK_RUN_WITH_THREADS", "FLASK_RUN_WITHOUT_THREADS"):
        value = os.environ.get(name, "").strip().lower()
        falsy = value in ("0", "false", "off", "no", "n", "f")
        if value and falsy == (name == "FLASK_RUN_WITH_THREADS"):
            yield f"The environment variable {name}={os.environ[name]}"


def _gunicorn() -> Iterator[str]:
    settings: dict[str, Any] = {}
    found = ""
    if os.path.isfile(GUNICORN):
        found = GUNICORN
        settings |= _assignments(GUNICORN)
    words = shlex.split(os.environ.get("GUNICORN_CMD_ARGS", ""))
    if words:
        found = found or "GUNICORN_CMD_ARGS"
        settings |= _options(words)
    kind = str(settings.get("worker_class", settings.get("k", "sync")))
    threads = str(settings.get("threads", 1))
    if found and kind in ("sync", "gthread") and threads == "1":
        yield f"{found} (worker_class {kind}, threads {threads})"


def _assignments(path: str) -> dict[str, Any]:
    """Return what a file of Python assigns to names, where that is literal."""
    found = {}
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = node.value.value
    return found


def _options(words: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word, following in zip(words, [*words[1:], ""], strict=True):
        name, equals, value = word.partition("=")
        if word.startswith("-"):
            key = name.lstrip("-").replace("-", "_")
            found[key] = value if equals else following
    return found


def _run_calls(app: Flask) -> Iterator[str]:
    """Find ``app.run(threaded=False)`` in the app's own module."""
    path = getattr(sys.modules.get(app.import_name), "__file__", None)
    if path is None:
        return
    try:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "run"
            and any(
                one.arg == "threaded"
                and isinstance(one.value, ast.Constant)
                and one.value.value is False
                for one in node.keywords
            )
        ):
            yield f"{os.path.relpath(path)}:{node.lineno} (threaded=False)"
