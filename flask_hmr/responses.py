"""Which response is transformed, how, and with what headers.

A module's response is replaced by its rewritten text, a document's by the same
document with the client runtime in it; everything else passes. Whatever goes wrong
here leaves the response as it was.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Request, Response, request
from werkzeug.datastructures import Headers

from .core.facts import Facts, Kind
from .core.lexer import scan
from .core.rewrite import Runtime, rewrite
from .core.specifiers import (
    decoded_path,
    encode_path,
    js_string,
    resolve,
    split_version,
    with_version,
)
from .documents import Documents
from .files import Source, decode, encode
from .updates import Updates

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .roots import Roots
    from .watcher import Watcher

JAVASCRIPT = frozenset(
    {
        "text/javascript",
        "application/javascript",
        "application/x-javascript",
        "text/ecmascript",
        "application/ecmascript",
    }
)
DOCUMENTS = frozenset({"text/html", "application/xhtml+xml"})

MAX_BODY = 16 * 1024 * 1024
"""Bytes; a larger response passes."""

SETTLE_WAIT = 0.5
"""Seconds that a request waits for a file that is being saved."""

ASIDE = "flask_hmr.conditional"
"""Where the conditional headers of a request are set aside, in its environment."""

_CONDITIONAL = (
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
)
_MODULE_SUFFIXES = (".js", ".mjs")
_DESTINATIONS = frozenset(
    {"script", "worker", "sharedworker", "serviceworker", "document", "iframe", "frame"}
)
FOREVER = "private, max-age=31536000, immutable"


def set_aside_conditions(environ: WSGIEnvironment) -> None:
    """Hide a request's conditions from the app where the answer will be rewritten.

    The app would compare them with the file, but what the browser holds is the
    rewritten text, which also depends on other files.
    """
    if not any(key in environ for key in _CONDITIONAL):
        return
    if (
        environ.get("PATH_INFO", "").endswith(_MODULE_SUFFIXES)
        or environ.get("HTTP_SEC_FETCH_DEST") in _DESTINATIONS
        or "text/html" in environ.get("HTTP_ACCEPT", "")
    ):
        environ[ASIDE] = {
            key: environ.pop(key) for key in _CONDITIONAL if key in environ
        }


@dataclass(frozen=True, slots=True)
class Place:
    """What a request asked for."""

    key: str
    version: str | None


class Responses:
    """The ``after_request`` hook of one app.

    :param updates: knows versions.
    :param roots: is told which files views send.
    :param documents: edits HTML.
    :param runtime: URL of the client runtime, without ``SCRIPT_NAME``.
    :param watch: is called with folders that turned out to hold modules.
    :param watcher: returns the watcher, started.
    :param own: tells the extension's own endpoints.
    """

    def __init__(
        self,
        *,
        updates: Updates,
        roots: Roots,
        documents: Documents,
        runtime: str,
        watch: Callable[[str], None],
        watcher: Callable[[], Watcher],
        own: Callable[[str | None], bool],
        log: logging.Logger,
    ) -> None:
        self._updates = updates
        self._roots = roots
        self._documents = documents
        self._runtime = runtime
        self._watch = watch
        self._watcher = watcher
        self._own = own
        self._log = log

    def after_request(self, response: Response) -> Response:
        """Transform a response if it is one of ours to transform."""
        conditions: Mapping[str, str] = request.environ.pop(ASIDE, {})
        request.environ.update(conditions)
        try:
            replaced = self._transform(response)
        except Exception:
            self._log.exception(
                "[hmr] %s is served as it is, because transforming it failed",
                request.path,
            )
            replaced = False
        if conditions and response.status_code == 200:
            # What was hidden from the app is answered here, for the body at hand.
            ranges = replaced or response.headers.get("Accept-Ranges") == "bytes"
            response.make_conditional(
                request.environ,
                accept_ranges=ranges,
                complete_length=response.content_length,
            )
        return response

    def _transform(self, response: Response) -> bool:
        rule = request.url_rule
        if (
            request.method not in ("GET", "HEAD")
            or (rule is not None and rule.websocket)
            or self._own(request.endpoint)
            or "Content-Encoding" in response.headers
        ):
            return False
        if response.mimetype in JAVASCRIPT:
            return response.status_code == 200 and self._module(response)
        if response.mimetype in DOCUMENTS:
            return self._document(response)
        return False

    # Modules

    def _module(self, response: Response) -> bool:
        place = place_of(request)
        path = _file_of(response)
        if path is None:
            return self._generated(place, response)
        facts, source = self._settled(place.key, self._place_file(place.key, path))
        if (
            facts is None
            or facts.kind is not Kind.FILE
            or source is None
            or not self._is_module(place, source)
        ):
            return False
        version = self._updates.graph.versions([place.key]).get(place.key)
        if place.version is None and version is not None and _is_import(request):
            text = self._forward(place.key, version, source)
            cache = "no-cache"
        else:
            text = self._rewritten(place.key, source, place.version)
            fixed = place.version is not None and place.version == version
            fixed = fixed and _agree(facts, source)
            fixed = fixed and self._updates.graph.fixed(place.key)
            cache = FOREVER if fixed else "no-cache"
        _replace(response, encode(text), cache)
        return True

    def _place_file(self, key: str, path: str) -> str | None:
        """Return the file behind a key, as the graph names it.

        :param key: the key of the response's URL.
        :param path: the file that the response sends.
        :return: ``None`` if it is not the file that the key stands for.
        """
        self._updates.follow([key])
        facts = self._updates.graph.facts(key)
        if facts is not None and facts.paths and facts.paths[0] == path:
            return path
        view, arguments = request.endpoint, request.view_args or {}
        folder = self._roots.saw(key, view, arguments, path)
        if folder is not None:
            self._watch(folder)
            self._updates.relocate()
        known = self._roots.file_of(key)
        return known if known and os.path.samefile(known, path) else None

    def _settled(
        self, key: str, path: str | None
    ) -> tuple[Facts | None, Source | None]:
        """Return the facts and the source of a module, as they were last complete.

        A file that is being saved differs from what is known of it. Its complete
        state is a moment away; until then the state before it is served.
        """
        if path is None:
            return None, None
        files = self._updates.files
        watcher = self._watcher()
        kept = files.kept(path)
        if kept is None or kept.identity != files.identity(path):
            watcher.poke(path)
            watcher.wait_settled(path, SETTLE_WAIT)
            kept = files.kept(path)
        return self._updates.graph.facts(key), kept

    def _is_module(self, place: Place, source: Source) -> bool:
        """Tell modules from classic scripts, which must be left alone."""
        if place.version is not None or source.scan.is_module:
            return True
        # Only a module is fetched with CORS from its own origin by default.
        return _is_import(request) or bool(self._updates.graph.importers(place.key))

    def _rewritten(self, key: str, source: Source, version: str | None) -> str:
        found = source.scan
        find = self._updates.resolver(key)
        named = [find(i.specifier) for i in found.imports if i.specifier is not None]
        versions = self._updates.versions(url for url in named if url is not None)
        runtime = self._runtime_here()
        return rewrite(
            source.text, found, find, versions.get, runtime, version, base=key
        )

    def _forward(self, key: str, version: str, source: Source) -> str:
        """Return a module that stands for the current instance of another.

        For references that nobody could give a version: without this they would
        make a second instance.
        """
        target = js_string(with_version(key, version))
        text = f"export*from{target};"
        if source.scan.has_default:
            text += f"export{{default}}from{target};"
        return text

    def _generated(self, place: Place, response: Response) -> bool:
        """Transform a module that a view made without a file."""
        if not _is_bounded(response):
            return False
        text = decode(response.get_data())
        found = scan(text)
        if not found.is_module:
            return False
        self._updates.follow([place.key])
        edges = self._updates.edges(place.key, text, found)
        facts = self._updates.graph.facts(place.key)
        if facts is None or facts.kind is not Kind.OPAQUE:
            return False
        if facts.edges != edges:
            self._updates.learn(place.key, Facts(Kind.OPAQUE, edges=edges))
        find = self._updates.resolver(place.key)
        versions = self._updates.versions(edge.url for edge in edges)
        runtime, version = self._runtime_here(), place.version
        rewritten = rewrite(
            text, found, find, versions.get, runtime, version, base=place.key
        )
        if rewritten is text:
            return False
        _replace(response, encode(rewritten), "no-cache")
        return True

    def _runtime_here(self) -> Runtime:
        return Runtime(encode_path(request.script_root) + self._runtime)

    # Documents

    def _document(self, response: Response) -> bool:
        if response.status_code in (204, 304) or 300 <= response.status_code < 400:
            return False
        if not _is_bounded(response):
            return False
        response.direct_passthrough = False
        body = response.get_data()
        place = place_of(request)
        edited = self._documents.edit(
            body,
            charset=response.mimetype_params.get("charset", "utf-8"),
            base=place.key,
            origin=f"{request.scheme}://{request.host}",
            script_root=encode_path(request.script_root),
            policies=response.headers.getlist("Content-Security-Policy"),
        )
        if edited is None:
            return False
        tagged = "ETag" in response.headers
        # A document names versions, so one from a cache brings old ones back.
        given = response.headers.get("Cache-Control")
        _replace(response, edited, given or "no-store", tagged=tagged)
        return True


def place_of(request: Request) -> Place:
    """Return the key and version of what a request asked for."""
    environ = request.environ
    path = environ.get("PATH_INFO", "") or "/"
    path = path.encode("latin-1", "replace").decode("utf-8", "replace")
    root = request.script_root
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or ""
    raw_path, mark, _ = raw.partition("?")
    query = environ.get("QUERY_STRING", "")
    text = encode_path(root + path)
    # The URL as the browser wrote it, where the server passes it on: "%61.js" and
    # "a.js" are the same file, but not the same module.
    if raw_path.startswith("/"):
        decoded = decoded_path(raw_path)
        if decoded == root + path:
            text = raw_path
        elif decoded == path:
            text = encode_path(root) + raw_path
    if query or mark:
        text += f"?{query}"
    plain, version = split_version(text)
    return Place(resolve(plain, "/") or plain, version)


def _is_import(request: Request) -> bool:
    """Tell whether a browser asks for a module, by an import or a script element."""
    headers = request.headers
    return (
        headers.get("Sec-Fetch-Dest") == "script"
        and headers.get("Sec-Fetch-Mode") == "cors"
    )


def _file_of(response: Response) -> str | None:
    """Return the path of the file that a response sends as it is."""
    body: Any = response.response
    file = getattr(body, "file", None) or getattr(body, "filelike", None)
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None


def _is_bounded(response: Response) -> bool:
    """Tell bodies of a known, moderate length from those that may never end."""
    length = response.headers.get("Content-Length", type=int)
    if length is None:
        return not response.is_streamed
    return length <= MAX_BODY


def _agree(facts: Facts, source: Source) -> bool:
    return (facts.content, facts.modified) == (source.content, source.modified)


def _replace(
    response: Response, body: bytes, cache: str, *, tagged: bool = True
) -> None:
    """Give a response a new body, and the headers that belong to it."""
    old = response.response
    response.direct_passthrough = False
    close = getattr(old, "close", None)
    if close is not None:
        close()
    headers: Headers = response.headers
    for name in ("Last-Modified", "ETag", "Accept-Ranges", "Content-MD5", "Expires"):
        headers.pop(name, None)
    response.set_data(body)
    if tagged:
        response.set_etag(hashlib.blake2b(body, digest_size=16).hexdigest())
    headers["Cache-Control"] = cache
