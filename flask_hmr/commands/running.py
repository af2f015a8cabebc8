"""Findings about a server that runs, and about what stands in front of it."""

from __future__ import annotations

import base64
import json
import os
import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from werkzeug.http import unquote_etag

from ..bodies import tag_of
from ..checks import Check
from ..servers import POLL, SOCKET, STREAM

TIMEOUT = 10.0
"""Seconds to wait for an answer."""

_PROXY = (
    "A proxy has to pass on the Host header, upgrades to WebSocket, and streams as they"
    " come: see the documentation."
)


class _Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


class _Server:
    """Asks a server, each time on a connection of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is no address such as http://127.0.0.1:5000")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.netloc
        self.path = parts.path.rstrip("/")
        self._parts = parts

    def ask(self, path: str, *, read: int = -1, **headers: str) -> _Reply:
        """Return the answer to a request.

        :param read: how many bytes to wait for; all of them if negative.
        """
        connection = self._connect()
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", self.path + path, headers=given)
            response = connection.getresponse()
            is_open = response.status == 101
            body = b"" if is_open else response.read(None if read < 0 else read)
            return _Reply(response.status, dict(response.getheaders()), body)
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        name, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return HTTPConnection(name, port, timeout=TIMEOUT)
        # It is a development server: who has signed for it is not the question.
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return HTTPSConnection(name, port, timeout=TIMEOUT, context=context)


def check_server(
    url: str, prefix: str = "/_hmr", modules: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Check]:
    """Ask a server as a page would: for the token, then for the ways to be told.

    :param url: its address, as it is opened in the browser.
    :param prefix: the value of ``HMR_URL_PREFIX``.
    :param modules: keys and files of modules that it is asked for.
    """
    try:
        server = _Server(url)
        reply = server.ask(f"{prefix}/session")
        if server.path and _session(reply) is None:
            # A page's address, and not where the app is mounted.
            server.path = ""
            reply = server.ask(f"{prefix}/session")
    except ValueError as error:
        yield Check.problem(
            "The server cannot be asked", str(error), "Give its whole address."
        )
        return
    except (OSError, HTTPException) as error:
        yield Check.problem(
            f"No server answers at {url}",
            f"{error}",
            "Start it, or give the address that you open in the browser.",
        )
        return
    session = _session(reply)
    if session is None:
        yield _not_ours(server, reply, prefix)
        return
    yield from _check_session(server, session, reply, prefix)
    for key, path in modules.items():
        yield from _check_module(server, key, path)


def _check_module(server: _Server, key: str, path: str) -> Iterator[Check]:
    """Find out whether a file comes from the app or from what stands before it."""
    try:
        reply = server.ask(key)
        with open(path, "rb") as file:
            content = file.read()
    except (OSError, HTTPException):
        return
    tag, _ = unquote_etag(reply.headers.get("ETag"))
    if reply.status == 200 and reply.body == content and tag != tag_of(content):
        name = reply.headers.get("Server", "what stands in front of it")
        yield Check.problem(
            f"{key} is served in front of the app",
            f"It comes from {name} as the file is, so that import.meta.hot is undefined"
            " in it.",
            "Have it passed on to the app during development.",
        )


def _session(reply: _Reply) -> dict[str, Any] | None:
    try:
        found = json.loads(reply.body)
    except ValueError:
        return None
    is_ours = isinstance(found, dict) and "token" in found
    return found if reply.status == 200 and is_ours else None


def _not_ours(server: _Server, reply: _Reply, prefix: str) -> Check:
    if reply.status in (400, 403) and reply.body.strip() == b"Refused.":
        host = server.host.rpartition(":")[0] or server.host
        return Check.problem(
            f"The server refuses pages under {server.host}",
            "The name is not that of this machine.",
            f'Allow it: HMR_ALLOWED_HOSTS = ["{host}"]',
        )
    if 300 <= reply.status < 400 or reply.status == 401:
        return Check.problem(
            "Something asks people to log in before the extension is asked",
            f"{prefix}/session answers {reply.status}.",
            f"Let requests below {prefix} pass.",
        )
    return Check.problem(
        "The server does not know the extension",
        f"{prefix}/session answers {reply.status}.",
        "Start it in debug mode: flask run --debug. Behind a proxy, have it pass on"
        f" what is below {prefix}.",
    )


def _check_session(
    server: _Server, session: dict[str, Any], reply: _Reply, prefix: str
) -> Iterator[Check]:
    ways = [str(one) for one in session.get("transports", ())]
    kind = reply.headers.get("Server", "")
    if session.get("several"):
        yield Check.note(
            "Several processes serve the app",
            "Events reach the pages of one process only, unless HMR_MESSAGE_QUEUE leads"
            " to Redis.",
        )
    if ways == [POLL]:
        what = "It has one thread" if "Werkzeug" in kind else "It keeps none open"
        yield Check.warning(
            "The server offers no connection that stays open",
            f"{what}, so pages ask once a second. {kind}".strip(),
            "Leave --without-threads out."
            if "Werkzeug" in kind
            else "Give it more threads, or green ones: see the table of servers in the"
            " documentation.",
        )
        return
    token = str(session["token"])
    if SOCKET in ways:
        status = _handshake(server, prefix, token)
        if status == 101:
            yield Check.fine("A WebSocket can be opened", server.origin)
            return
        yield _no_socket(server, status)
    if STREAM in ways:
        yield _check_stream(server, prefix, token)


def _handshake(server: _Server, prefix: str, token: str) -> int:
    """Open a socket as a page would, and return the status."""
    try:
        return server.ask(
            f"{prefix}/socket?token={token}",
            Origin=server.origin,
            Connection="Upgrade",
            Upgrade="websocket",
            Sec_WebSocket_Version="13",
            Sec_WebSocket_Key=base64.b64encode(os.urandom(16)).decode(),
        ).status
    except (OSError, HTTPException):
        return 0


def _no_socket(server: _Server, status: int) -> Check:
    if status == 403:
        return Check.problem(
            f"Pages of {server.origin} may not connect",
            "The app takes them for those of another origin: a proxy has not told it"
            " what the browser sees.",
            f'Use ProxyFix, or name it: HMR_ALLOWED_ORIGINS = ["{server.origin}"]',
        )
    return Check.warning(
        "Something in between does not pass WebSockets on",
        f"The server offers one, and the handshake got {status or 'no answer'}. Pages"
        " find another way, which is slower.",
        _PROXY,
    )


def _check_stream(server: _Server, prefix: str, token: str) -> Check:
    try:
        reply = server.ask(f"{prefix}/stream?token={token}&browser=doctor", read=1)
    except (OSError, HTTPException):
        reply = _Reply(0, {}, b"")
    if reply.status == 200 and reply.body:
        return Check.fine("A stream of events can be had", server.origin)
    return Check.warning(
        "Something in between holds the stream of events back",
        "The server offers one, and nothing of it arrived. Pages ask once a second.",
        _PROXY,
    )
