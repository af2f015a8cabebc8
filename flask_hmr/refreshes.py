"""Requests by which open pages fetch themselves again.

They are made like any other request of the app. Where the app raises an exception,
though, the page gets to know what and where, so that it can stay as it is and show it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from .access import Access
from .problems import describe
from .templates import Templates

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "HTTP_HMR_REFRESH"
"""The header of such a request. Only pages of the app's own origin can set it."""

PROBLEM = "HMR-Problem"
"""The header of an answer that is a problem."""


def is_refresh(environ: WSGIEnvironment) -> bool:
    """Tell whether an open page fetches itself again."""
    return HEADER in environ


class Refreshes:
    """Answers such requests in the place of the app when it raises an exception.

    :param inner: the app.
    :param app: the same, as Flask knows it.
    :param access: who may learn of exceptions.
    :param templates: knows what a request has used.
    """

    def __init__(
        self, inner: WSGIApplication, app: Flask, access: Access, templates: Templates
    ) -> None:
        self._inner = inner
        self._app = app
        self._access = access
        self._templates = templates
        self._logged = ""

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Call the app."""
        if not is_refresh(environ):
            return self._inner(environ, start_response)
        try:
            return self._inner(environ, start_response)
        except Exception as error:
            host = environ.get("HTTP_HOST")
            if host is None or not self._access.allows_host(host):
                raise
            body = self._answer(environ, error)
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            (PROBLEM, "1"),
        ]
        start_response("500 INTERNAL SERVER ERROR", headers)
        return [body]

    def _answer(self, environ: WSGIEnvironment, error: Exception) -> bytes:
        problem = describe(error, self._app.root_path)
        # Each open page asks, and one traceback tells it all.
        if problem["stack"] != self._logged:
            self._logged = problem["stack"]
            with self._app.request_context(environ):
                self._app.log_exception(sys.exc_info())
        templates = self._templates.used(environ)
        return json.dumps({"problem": problem, "templates": templates}).encode()
