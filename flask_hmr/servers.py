"""What the WSGI server can do, as far as it matters to how pages are told of updates.

WSGI says nothing about connections that stay open. What each server offers was found
out by trying it; the table in the documentation is made of the same tests.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SOCKET = "socket"
"""A WebSocket for each page."""

STREAM = "stream"
"""Server-Sent Events, one stream for all pages of a browser."""

POLL = "poll"
"""Each page asks again and again."""

TRANSPORTS = (SOCKET, STREAM, POLL)
"""All of them, the best one first."""

_SOCKET_KEYS = ("werkzeug.socket", "gunicorn.socket", "eventlet.input")


def transports(
    environ: WSGIEnvironment, allowed: Iterable[str] = TRANSPORTS
) -> tuple[str, ...]:
    """Return the transports to try, the best one first. The last one always works.

    :param environ: of any request to this server.
    :param allowed: those that the configuration allows.
    """
    green = _green_threads()
    threads = bool(environ.get("wsgi.multithread"))
    found = {POLL}
    if can_hold_many(environ):
        if has_socket(environ):
            found.add(SOCKET)
        # Eventlet's server holds back what is written until much has come together.
        if green != "eventlet":
            found.add(STREAM)
    elif threads and has_threads():
        found.add(STREAM)
    if environ.get("wsgi.multiprocess"):
        # The stream of one process tells nothing of what another one is asked.
        found.discard(STREAM)
    chosen = [name for name in TRANSPORTS if name in found and name in set(allowed)]
    return tuple(chosen) or (POLL,)


def can_hold_many(environ: WSGIEnvironment) -> bool:
    """Tell whether an open connection takes nothing away from other requests.

    Werkzeug's server starts a thread for each, and green threads are as good. Others
    have a fixed number of threads, and one connection for each tab would use them up.
    """
    if _green_threads() is not None:
        return True
    return "werkzeug.socket" in environ and bool(environ.get("wsgi.multithread"))


def has_threads() -> bool:
    """Tell whether the server of the present request has more than one thread.

    One that is made for many may have been started with one.
    """
    server = _find_server()
    return server is None or server.threads is None or server.threads > 1


def spare_threads() -> int:
    """Return how many threads of the server of the present request may be held.

    A quarter of them, and one where it is not known how many there are.
    """
    server = _find_server()
    return 1 if server is None or server.threads is None else server.threads // 4 or 1


def find_ending() -> Callable[[], bool] | None:
    """Return what tells whether the server of the present request is about to end.

    Servers with threads wait for their requests then, for seconds to minutes, and tell
    the app nothing.

    :return: ``None`` where there is no need to know: the server just ends.
    """
    server = _find_server()
    return None if server is None else server.is_ending


def is_public(environ: WSGIEnvironment) -> bool:
    """Tell whether other machines can reach this server, as far as a request shows.

    Servers give the address that they listen on, or a name that tells nothing; then
    the address of who asks has to do.
    """
    for key in ("SERVER_NAME", "REMOTE_ADDR"):
        name = str(environ.get(key) or "")
        if name == "localhost":
            return False
        try:
            return not ipaddress.ip_address(name.partition("%")[0]).is_loopback
        except ValueError:
            continue
    return False


class _Server(NamedTuple):
    """What is known of a server with threads or workers of its own."""

    is_ending: Callable[[], bool]
    threads: int | None


def _find_server() -> _Server | None:
    """Find the server among the callers of this: WSGI has no other way to it."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        server = _known(frame.f_locals.get("self"))
        if server is not None:
            return server
    return None


def _known(owner: Any) -> _Server | None:
    """Return what is known of a server by an object of its own."""
    place = type(owner).__module__
    if place.startswith("gunicorn.workers.") and hasattr(owner, "alive"):
        threads = getattr(getattr(owner, "cfg", None), "threads", None)
        return _Server(lambda: not owner.alive, threads)
    if place == "waitress.task" and hasattr(owner, "stop_count"):
        return _Server(lambda: bool(owner.stop_count), len(owner.threads))
    if place == "eventlet.wsgi" and hasattr(owner, "conn_state"):
        return _Server(lambda: bool(owner.conn_state[2] == "close"), None)
    if place.startswith("cheroot.workers.") and hasattr(owner, "server"):
        return _Server(lambda: not owner.server.ready, None)
    return None


def has_socket(environ: WSGIEnvironment) -> bool:
    """Tell whether simple-websocket can get hold of the connection's socket."""
    if any(key in environ for key in _SOCKET_KEYS):
        return True
    return str(environ.get("SERVER_SOFTWARE", "")).startswith("gevent")


def _green_threads() -> str | None:
    """Name the library that made threads of this process green ones, if any has."""
    # None of them is imported for this: where it is in use, it is there already.
    gevent: Any = sys.modules.get("gevent.monkey")
    if gevent is not None and gevent.is_module_patched("threading"):
        return "gevent"
    eventlet: Any = sys.modules.get("eventlet.patcher")
    if eventlet is not None and eventlet.is_monkey_patched("thread"):
        return "eventlet"
    return None
