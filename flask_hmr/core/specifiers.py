"""Specifiers, URLs and versions: what a reference to a module means, as text.

A module is known by its *key*: path, query and fragment as a browser serialises
them, without the version that this package adds. Browsers keep one instance per
URL, so a key that differs from the browser's by one ``%20`` is a different module;
the rules below are those of the WHATWG URL standard, for ``http`` and ``https``.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote_to_bytes

PARAM = "m"
"""The query parameter that carries a module's version, always the last one."""

_VERSION = re.compile(r"[0-9a-z]{16}")
_VERSION_TAIL = len(f"{PARAM}=") + 16

# "C0 control or space": what the URL parser strips from both ends of its input.
_EDGES = "".join(map(chr, range(0x21)))
# What it drops anywhere else.
_DROPPED = dict.fromkeys(map(ord, "\t\n\r"))

# The percent-encode sets of https://url.spec.whatwg.org/#percent-encoded-bytes.
# Neither holds "%": an escape, even a broken one, stays as it was written.
_PATH_SET = re.compile(r"[\x00-\x20\"#<>?^`{}\x7f-\U0010ffff]+")
_QUERY_SET = re.compile(r"[\x00-\x20\"#'<>\x7f-\U0010ffff]+")
_FRAGMENT_SET = re.compile(r"[\x00-\x20\"<>`\x7f-\U0010ffff]+")
# A path that starts as text needs more: "%" would begin an escape and a browser
# reads "\" as "/".
_TEXT_SET = re.compile(r"[\x00-\x20\"#%<>?\\^`{}\x7f-\U0010ffff]+")

_SCHEME = re.compile(r"([a-z][a-z0-9+.\-]*):", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:(https?):)?//+([^/]*)", re.IGNORECASE)
_DEFAULT_PORT = {"http": "80", "https": "443"}

# Below the folder of the importer, by names that are written as they are.
_PLAIN = re.compile(r"\.(?:/[A-Za-z0-9_-][A-Za-z0-9_.~-]*)+")

_SINGLE_DOT = frozenset({".", "%2e"})
_DOUBLE_DOT = frozenset({"..", ".%2e", "%2e.", "%2e%2e"})


def resolve(specifier: str, base: str, origin: str | None = None) -> str | None:
    """Resolve a specifier of an ``import`` to the key of the module that it names.

    Bare specifiers are the import map's business: see
    :meth:`~flask_hmr.core.importmap.ImportMap.resolve`.

    :param specifier: The specifier as JavaScript sees it, escapes decoded.
    :param base: Path and query of the importing module or document, as a browser
        serialises them.
    :param origin: Scheme, host and port of the page, such as
        ``http://127.0.0.1:5000``. When given, full URLs of this origin resolve too.
    :return: Path, query and fragment without our version; ``None`` when the
        specifier is bare, or leads to another origin or may do so.
    """
    if _PLAIN.fullmatch(specifier) and not base.startswith("//"):
        # Nothing in it needs the rules below, which take ten times as long.
        folder = base.partition("#")[0].partition("?")[0].rpartition("/")[0]
        return f"{folder}{specifier[1:]}"
    return None if is_bare(specifier) else resolve_url(specifier, base, origin)


def resolve_url(reference: str, base: str, origin: str | None = None) -> str | None:
    """Resolve the URL of an attribute such as ``src``, where ``a.js`` is relative.

    Arguments and result are those of :func:`resolve`, for which only ``./a.js``
    would be relative.
    """
    text = _scalar_values(reference).strip(_EDGES).translate(_DROPPED)
    text, hash_mark, fragment = text.partition("#")
    path, query_mark, query = text.partition("?")
    path = path.replace("\\", "/")

    authority = _AUTHORITY.match(path)
    if authority is not None:
        if origin is None or not _same_origin(authority[1], authority[2], origin):
            return None
        segments = path[authority.end() :].split("/")[1:] or [""]
        above: list[str] = []
    elif _SCHEME.match(path):
        return None
    elif path.startswith("/"):
        segments, above = path.split("/")[1:], []
    else:
        base_path, base_mark, base_query = base.partition("#")[0].partition("?")
        above = base_path.split("/")[1:]
        if path:
            segments, above = path.split("/"), above[:-1]
        else:
            segments = []
            if not query_mark:
                query_mark, query = base_mark, base_query

    key = "/" + "/".join(_join(above, segments))
    # "/..//host" is a path, but written down again it would name a host.
    if key.startswith("//"):
        return None
    key += query_mark + _encode(query, _QUERY_SET)
    key += hash_mark + _encode(fragment, _FRAGMENT_SET)
    return split_version(key)[0]


def split_version(url: str) -> tuple[str, str | None]:
    """Take our version off a URL.

    Only a last query parameter ``m`` with 16 characters of ``0-9a-z`` is a version.
    Everything else, ``?m=dark`` too, is the developer's own.

    :param url: A URL or a specifier, in any form.
    :return: The URL without the version, and the version or ``None``.
    """
    head, tail = _cut_before_fragment(url)
    version: str | None = None
    start = head.find("?")
    end = len(head)
    # More than one version comes from adding one to a URL that was copied with its
    # version; all of them go, or the same module would have two keys.
    while start != -1 and end > start:
        begin = end - _VERSION_TAIL
        if (
            begin <= start
            or head[begin - 1] not in "?&"
            or (head[begin - 1] == "?" and begin - 1 != start)
            or not head.startswith(f"{PARAM}=", begin)
            or not _VERSION.fullmatch(head, begin + len(PARAM) + 1, end)
        ):
            break
        version = version or head[begin + len(PARAM) + 1 : end]
        end = begin - 1
    return head[:end] + tail, version


def with_version(url: str, version: str | None) -> str:
    """Give a URL a version in place of the one that it has, if any.

    Nothing else changes, so specifiers as written are welcome, ``./a b.js#x`` for
    one. The fragment stays at the end.

    :param url: A URL or a specifier, in any form.
    :param version: The version, or ``None`` for a URL without one.
    """
    plain = split_version(url)[0]
    if version is None:
        return plain
    head, tail = _cut_before_fragment(plain)
    return f"{head}{'&' if '?' in head else '?'}{PARAM}={version}{tail}"


def decoded_path(url: str) -> str | None:
    """Give the path of a URL as the text that routes are matched against.

    :param url: A key, or any other URL that starts with its path.
    :return: The path with its escapes decoded; ``None`` when that is not UTF-8 or
        holds a NUL, which no file name and no sane route does.
    """
    path = url.partition("#")[0].partition("?")[0]
    try:
        text = unquote_to_bytes(path).decode()
    except UnicodeError:
        return None
    return None if "\0" in text else text


def encode_path(path: str) -> str:
    """Write text, such as the name of a file, as the path of a URL.

    The escapes are those that a browser makes, and ``%``, ``#``, ``?`` and the
    backslash. The inverse of :func:`decoded_path`.

    :param path: The text, with ``/`` between segments.
    """
    return _encode(path, _TEXT_SET)


def is_bare(specifier: str) -> bool:
    """Whether only an import map can give this specifier a meaning.

    See `resolve a URL-like module specifier
    <https://html.spec.whatwg.org/#resolving-a-url-like-module-specifier>`__.
    """
    if specifier.startswith(("/", "./", "../")):
        return False
    return _SCHEME.match(specifier.strip(_EDGES).translate(_DROPPED)) is None


def js_string(text: str) -> str:
    """Write text as a string literal of JavaScript and of JSON.

    Safe in a ``<script>`` element as well: nothing in the result ends the element
    or opens a comment, and it is ASCII whatever the document's encoding.
    """
    return json.dumps(text).replace("<", "\\u003c")


def _cut_before_fragment(url: str) -> tuple[str, str]:
    """Split a URL where the query ends: at the fragment, or at blanks to be stripped.

    A browser strips blanks from the end of a specifier. A version put behind them
    would turn them into a part of the path.
    """
    cut = url.find("#")
    if cut == -1:
        cut = len(url.rstrip(_EDGES))
    return url[:cut], url[cut:]


def _join(above: list[str], segments: list[str]) -> list[str]:
    """Append path segments to a directory, without the dot segments."""
    joined = above.copy()
    last = len(segments) - 1
    for index, segment in enumerate(segments):
        name = segment.lower()
        if name in _DOUBLE_DOT:
            del joined[-1:]
        elif name not in _SINGLE_DOT:
            joined.append(_encode(segment, _PATH_SET))
            continue
        if index == last:
            joined.append("")
    return joined


def _same_origin(scheme: str | None, authority: str, origin: str) -> bool:
    """Whether scheme and authority, the first perhaps implied, are the origin's."""
    ours = _AUTHORITY.match(origin)
    if ours is None or ours[1] is None:
        return False
    own_scheme = ours[1].lower()
    if scheme is not None and scheme.lower() != own_scheme:
        return False
    return _host(authority, own_scheme) == _host(ours[2], own_scheme)


def _host(authority: str, scheme: str) -> str:
    """Host and port in lower case; a port that goes without saying is dropped."""
    host = authority.lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port in ("", _DEFAULT_PORT[scheme]) else host


def _encode(text: str, unsafe: re.Pattern[str]) -> str:
    return unsafe.sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode(errors="surrogatepass"))


def _scalar_values(text: str) -> str:
    """Join surrogate pairs, replace lone surrogates: JavaScript has both, URLs none."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
