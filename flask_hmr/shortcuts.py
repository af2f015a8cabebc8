"""Answers for known modules that Flask need not be asked for.

A page asks for hundreds of modules when it is loaded, and most of the time of each
goes into dispatching the request. Where nothing of the app's own has a part in that,
and the route is Flask's own static route, all that the answer depends on is known after
one file of a folder was answered: the others get the same headers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import flask
from flask import Blueprint, Flask, signals
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from .core.specifiers import encode_path
from .modules import KEPT_SIZE, SERVED, Kept, Modules, Served
from .recent import Recent
from .requests import ASIDE, MODULE_SUFFIXES, Place, path_in, place_in, script_root_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_EXAMPLES = 1_000
"""Folders, by host and mount, whose headers are kept in mind."""

_HOOKS = (
    "before_request_funcs",
    "after_request_funcs",
    "url_value_preprocessors",
)
_METHODS = (
    "wsgi_app",
    "request_context",
    "create_url_adapter",
    "full_dispatch_request",
    "preprocess_request",
    "dispatch_request",
    "make_response",
    "finalize_request",
    "process_response",
    "send_static_file",
    "request_class",
    "response_class",
)
_SIGNALS = (
    signals.request_started,
    signals.request_finished,
    signals.request_tearing_down,
    signals.appcontext_pushed,
)
# Names that no header has to quote.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]+")

Headers = list[tuple[str, str]]


class _Address(NamedTuple):
    """All of a request that its answer depends on."""

    scheme: str
    host: str
    mount: str
    path: str
    query: str
    raw: str


class _Answer(NamedTuple):
    place: Place
    kept: Kept
    headers: Headers


class Shortcuts:
    """Stands before an app and answers in its place where that makes no difference.

    :param inner: the app, with what of ours stands before it.
    :param app: the same, as Flask knows it.
    :param original: the app's own ``wsgi_app`` attribute.
    :param modules: knows the modules.
    """

    def __init__(
        self,
        inner: WSGIApplication,
        app: Flask,
        original: Any,
        modules: Modules,
    ) -> None:
        self._inner = inner
        self._app = app
        self._original = original
        self._modules = modules
        self._applies: bool | None = None
        # Flask's own static routes, and their folders.
        self._folders: dict[str, str] = {}
        self._routes = app.url_map.bind("localhost")
        self._cookie = ""
        self._answers: Recent[_Address, _Answer] = Recent(KEPT_SIZE)
        # By folder and suffix of the URL: the headers of one file, and its name.
        self._examples: Recent[tuple[str, ...], tuple[str, Headers]]
        self._examples = Recent(MAX_EXAMPLES)

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request, or have the app do so."""
        address = self._address(environ)
        if address is None:
            return self._inner(environ, start_response)
        answer = self._current(address) or self._by_example(address, environ)
        if answer is not None:
            start_response("200 OK", answer.headers.copy())
            return [answer.kept.rewritten.body]

        def started(status: str, headers: Headers, *exc_info: Any) -> Any:
            served: Served | None = environ.get(SERVED)
            if served is not None and status.startswith("200 "):
                self._learn(address, served, headers)
            return start_response(status, headers, *exc_info)

        return self._inner(environ, started)

    def _address(self, environ: WSGIEnvironment) -> _Address | None:
        """Return the address of a request that may be answered here."""
        if (
            environ.get("HTTP_SEC_FETCH_DEST") != "script"
            or environ.get("HTTP_SEC_FETCH_MODE") != "cors"
            or environ["REQUEST_METHOD"] != "GET"
            or ASIDE in environ
            or not environ["PATH_INFO"].endswith(MODULE_SUFFIXES)
        ):
            return None
        if self._applies is None:
            self._look_at_app()
        # A session that is there may be written anew with any answer.
        if (
            not self._applies
            or self._cookie in environ.get("HTTP_COOKIE", "")
            or any(signal.receivers for signal in _SIGNALS)
        ):
            return None
        return _Address(
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST", ""),
            environ.get("SCRIPT_NAME", ""),
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            environ.get("REQUEST_URI", ""),
        )

    def _look_at_app(self) -> None:
        app = self._app
        self._folders = dict(_static_folders(app))
        self._cookie = f"{app.config['SESSION_COOKIE_NAME']}="
        hooks = [
            function
            for name in _HOOKS
            for functions in getattr(app, name).values()
            for function in functions
        ]
        self._applies = (
            all(map(_is_ours, hooks))
            and not app.url_map.host_matching
            and not app.subdomain_matching
            and getattr(self._original, "__func__", None) is Flask.wsgi_app
            and all(getattr(type(app), n) is getattr(Flask, n) for n in _METHODS)
            and type(app.session_interface) is SecureCookieSessionInterface
        )

    def _current(self, address: _Address) -> _Answer | None:
        answer = self._answers.get(address)
        if answer is None or not self._modules.is_current(answer.place, answer.kept):
            return None
        return answer

    def _learn(self, address: _Address, served: Served, headers: Headers) -> None:
        endpoint, place, kept = served
        if endpoint not in self._folders:
            return
        self._keep(address, _Answer(place, kept, headers.copy()))
        example, name = _example_of(address)
        if example is not None:
            self._examples.put(example, (name, headers.copy()), 1)

    def _keep(self, address: _Address, answer: _Answer) -> None:
        self._answers.put(address, answer, len(answer.kept.rewritten.body))

    def _by_example(
        self, address: _Address, environ: WSGIEnvironment
    ) -> _Answer | None:
        example, name = _example_of(address)
        known = self._examples.get(example) if example is not None else None
        if known is None:
            return None
        path = self._static_file(path_in(environ))
        if path is None:
            return None
        script_root = encode_path(script_root_in(environ))
        place = place_in(environ)
        kept = self._modules.known(place, path, script_root)
        if kept is None:
            return None
        answer = _Answer(place, kept, _adapted(known[1], known[0], name, kept))
        self._keep(address, answer)
        return answer

    def _static_file(self, url_path: str) -> str | None:
        """Return the file that one of Flask's own static routes would send."""
        try:
            endpoint, arguments = self._routes.match(url_path, method="GET")
        except (HTTPException, RequestRedirect):
            return None
        folder = self._folders.get(endpoint)
        if folder is None:
            return None
        return os.path.join(folder, *str(arguments["filename"]).split("/"))


def _is_ours(function: Any) -> bool:
    return getattr(function, "__module__", "").partition(".")[0] == __package__


def _static_folders(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield Flask's own static routes, unless somebody wrapped them, and folders."""
    for endpoint, view in app.view_functions.items():
        holder: Flask | Blueprint | None = None
        if endpoint == "static":
            # A function of Flask's own file, which no decorator can claim to be.
            code = getattr(view, "__code__", None)
            if code is not None and code.co_filename == flask.app.__file__:
                holder = app
        elif getattr(view, "__func__", None) is Blueprint.send_static_file:
            holder = getattr(view, "__self__", None)
        if holder is not None and holder.static_folder is not None:
            yield endpoint, os.path.abspath(holder.static_folder)


def _example_of(address: _Address) -> tuple[tuple[str, ...] | None, str]:
    """Return what addresses with like headers share, and the name of the file."""
    folder, _, name = address.path.rpartition("/")
    if not _PLAIN_NAME.fullmatch(name):
        return None, name
    suffix = name[name.rfind(".") :]
    return (address.scheme, address.host, address.mount, folder, suffix), name


def _adapted(headers: Headers, old: str, new: str, kept: Kept) -> Headers:
    """Return the headers of one file for another one of the same folder."""
    replaced = {
        "content-length": str(len(kept.rewritten.body)),
        "etag": f'"{kept.rewritten.tag}"',
        "cache-control": kept.rewritten.cache,
    }
    if ("Content-Disposition", f"inline; filename={old}") in headers:
        replaced["content-disposition"] = f"inline; filename={new}"
    return [(name, replaced.get(name.lower(), value)) for name, value in headers]
