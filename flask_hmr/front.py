"""Files that something in front of Flask serves take part, too.

Middleware that answers by itself, such as WhiteNoise or Werkzeug's
``SharedDataMiddleware``, and apps that are mounted beside this one are never seen by
the hooks of the app. What they answer is treated here as if a view had.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from werkzeug.http import parse_options_header

from .bodies import file_of
from .requests import FRONT, MODULE_SUFFIXES, prepare

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .responses import Responses

Headers = list[tuple[str, str]]

_PLAIN_SUFFIXES = (*MODULE_SUFFIXES, ".css")


class Front:
    """Stands before everything that may answer in the place of an app.

    :param inner: what answers: the app with what stands before it.
    :param app: the app.
    :param responses: transforms responses.
    :param log: where to log.
    """

    def __init__(
        self,
        inner: WSGIApplication,
        app: Flask,
        responses: Responses,
        log: logging.Logger,
    ) -> None:
        self._inner = inner
        self._app = app
        self._responses = responses
        self._log = log

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or FRONT in environ:
            return self._inner(environ, start_response)
        seen: list[bool] = []
        environ[FRONT] = seen
        prepare(environ)
        # Whoever dispatches to mounted apps changes the path on the way.
        asked = environ.copy()
        if environ.get("PATH_INFO", "").endswith(_PLAIN_SUFFIXES):
            # Otherwise a file that was compressed beforehand might be sent, or none.
            environ.pop("HTTP_ACCEPT_ENCODING", None)
            environ["REQUEST_METHOD"] = "GET"
        begun: list[Any] = []
        is_late = False

        def begin(status: str, headers: Headers, exc_info: Any = None) -> Any:
            if is_late or seen or not self._concerns(status, headers):
                begun.clear()
                return start_response(status, headers, exc_info)
            begun[:] = [status, headers, exc_info]
            return _write_at_once(begun, start_response)

        body = self._inner(environ, begin)
        is_late = True
        if begun:
            status, headers, exc_info = begun
            transformed = self._transformed(asked, body, status, headers)
            if transformed is not None:
                return transformed(asked, start_response)
            start_response(status, headers, exc_info)
        if asked["REQUEST_METHOD"] == "HEAD":
            _close(body)
            return []
        return body

    def _concerns(self, status: str, headers: Headers) -> bool:
        if not status.startswith("200 "):
            return False
        given = {name.lower(): value for name, value in headers}
        mimetype = parse_options_header(given.get("content-type"))[0].lower()
        return "content-encoding" not in given and self._responses.concerns(mimetype)

    def _transformed(
        self, environ: WSGIEnvironment, body: Any, status: str, headers: Headers
    ) -> Response | None:
        """Return the response to send, ``None`` for the one that was made."""
        response = Response(body, status, headers)
        response.direct_passthrough = file_of(response) is not None
        try:
            with self._app.request_context(environ) as context:
                # No view had a part in this, whichever the URL would lead to.
                context.request.url_rule = None
                return self._responses.after_request(response)
        except Exception:
            self._log.exception(
                "[hmr] %s is served as it is, because transforming it failed",
                environ.get("PATH_INFO"),
            )
            return None


def _close(body: Any) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _write_at_once(begun: list[Any], start_response: StartResponse) -> Any:
    """Return what a few old applications write their answer with: :pep:`3333`."""
    writes: list[Callable[[bytes], object]] = []

    def write(data: bytes) -> object:
        if not writes:
            status, headers, exc_info = begun
            begun.clear()
            writes.append(start_response(status, headers, exc_info))
        return writes[0](data)

    return write
