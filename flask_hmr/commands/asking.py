"""Requests to an app without a server."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from werkzeug.datastructures import Headers
from werkzeug.test import Client

from ..values import ConfigError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MAX_REDIRECTS = 5


class Answer(NamedTuple):
    """What an app answered."""

    url: str
    """Where the answer came from, after redirects."""
    status: int
    headers: Headers
    body: bytes
    """Without compression."""
    encoding: str
    """How it was compressed: the value of ``Content-Encoding``."""
    error: str = ""
    """The exception that the app raised, instead of an answer."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def mimetype(self) -> str:
        """The type of what is in the body."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def ask(
    application: WSGIApplication,
    url: str,
    headers: Iterable[tuple[str, str]] = (),
    redirects: int = MAX_REDIRECTS,
) -> Answer:
    """Ask for a URL as a browser on this machine would, and follow redirects.

    :param application: the app, or what stands in front of it.
    :param url: a path, and a query if there is one.
    :param headers: of the request.
    :param redirects: how many are followed.
    :raises ConfigError: the app's first request shows that its configuration is wrong.
    """
    client = Client(application)
    answer = _asked(client, url, headers)
    for _ in range(redirects):
        if not (place := _place(answer)):
            return answer
        answer = _asked(client, place, headers)
    if redirects and _place(answer):
        error = "it redirects again and again"
        return answer._replace(status=508, body=b"", error=error)
    return answer


def _asked(client: Client, url: str, headers: Iterable[tuple[str, str]]) -> Answer:
    try:
        response = client.get(
            url,
            headers=Headers(list(headers)),
            buffered=True,
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )
    except ConfigError:
        raise
    except (Exception, SystemExit) as error:
        return Answer(url, 500, Headers(), b"", "", f"{type(error).__name__}: {error}")
    with response:
        encoding = response.headers.get("Content-Encoding", "")
        body = _decoded(response.get_data(), encoding)
        return Answer(url, response.status_code, response.headers, body, encoding)


def _place(answer: Answer) -> str:
    """Return where an answer leads to in the same app, if it does."""
    place = answer.headers.get("Location", "")
    is_here = place.startswith("/") and not place.startswith("//")
    return place if is_here and 300 <= answer.status < 400 else ""


def _decoded(body: bytes, encoding: str) -> bytes:
    kinds: dict[str, Any] = {"gzip": 31, "deflate": 15}
    if encoding not in kinds:
        return body
    try:
        return zlib.decompress(body, kinds[encoding])
    except zlib.error:
        return b""
