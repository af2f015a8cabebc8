"""What a request asked for, as far as the answer depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Request

from .core.specifiers import decoded_path, encode_path, resolve, split_version
from .hosts import parse_host

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ASIDE = "flask_hmr.conditional"
"""Where the conditional headers of a request are set aside, in its environment."""

FRONT = "flask_hmr.front"
"""Where a list is filled by the app's own hook, if the app is what answers."""

_CONDITIONAL = (
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
)
_FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)
MODULE_SUFFIXES = (".js", ".mjs")
_DESTINATIONS = frozenset(
    {
        "script",
        "style",
        "worker",
        "sharedworker",
        "serviceworker",
        "document",
        "iframe",
        "frame",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a request asked for."""

    key: str
    version: str | None


def prepare(environ: WSGIEnvironment) -> None:
    """Hide a request's conditions from the app where the answer will be rewritten.

    The app would compare them with the file, but what the browser holds is the
    rewritten text, which also depends on other files.
    """
    # uWSGI's does not let on which file it sends; others' do, and they count on it.
    if not isinstance(environ.get("wsgi.file_wrapper"), type):
        environ.pop("wsgi.file_wrapper", None)
    if not any(key in environ for key in _CONDITIONAL):
        return
    if (
        environ.get("PATH_INFO", "").endswith(MODULE_SUFFIXES)
        or environ.get("HTTP_SEC_FETCH_DEST") in _DESTINATIONS
        or "text/html" in environ.get("HTTP_ACCEPT", "")
    ):
        environ[ASIDE] = {
            key: environ.pop(key) for key in _CONDITIONAL if key in environ
        }


def place_of(request: Request) -> Place:
    """Return the key and version of what a request asked for."""
    return place_in(request.environ)


def script_root_in(environ: WSGIEnvironment) -> str:
    """Return what Flask calls ``request.script_root``."""
    return _text(environ.get("SCRIPT_NAME", "")).rstrip("/")


def _text(value: str) -> str:
    """Decode what WSGI hands on as Latin-1: :pep:`3333`."""
    return value.encode("latin-1", "replace").decode("utf-8", "replace")


def path_in(environ: WSGIEnvironment) -> str:
    """Return what Flask calls ``request.path``."""
    return _text(environ.get("PATH_INFO", "") or "/")


def place_in(environ: WSGIEnvironment) -> Place:
    """Return the key and version of what a request asked for."""
    path = path_in(environ)
    root = script_root_in(environ)
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


def is_local(environ: WSGIEnvironment) -> bool:
    """Tell whether a request was made on this machine, by nothing in between."""
    if any(key in environ for key in _FORWARDED):
        return False
    host = parse_host(environ.get("HTTP_HOST", ""))
    address = parse_host(_bracketed(environ.get("REMOTE_ADDR") or ""))
    return all(found is not None and found.is_loopback for found in (host, address))


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def is_import(request: Request) -> bool:
    """Tell whether a browser asks for a module, by an import or a script element."""
    headers = request.headers
    return (
        headers.get("Sec-Fetch-Dest") == "script"
        and headers.get("Sec-Fetch-Mode") == "cors"
    )


def is_for_worker(request: Request) -> bool:
    """Tell whether a browser asks for the script that a worker is to run."""
    return request.headers.get("Sec-Fetch-Dest") in ("worker", "sharedworker")
