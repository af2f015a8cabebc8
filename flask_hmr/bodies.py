"""The bodies of responses: what is known of them, and how to put in another."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response
from werkzeug.datastructures import Headers

MAX_BODY = 16 * 1024 * 1024
"""Bytes; a larger response passes."""

# Headers that belong to the body that the view sent.
_OF_OLD_BODY = frozenset(
    {"last-modified", "etag", "accept-ranges", "content-md5", "expires"}
)


def file_of(response: Response) -> str | None:
    """Return the path of the file that a response sends as it is."""
    body: Any = response.response
    file = getattr(body, "file", None) or getattr(body, "filelike", None)
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None


def is_bounded(response: Response) -> bool:
    """Tell bodies of a known, moderate length from those that may never end."""
    length = response.headers.get("Content-Length", type=int)
    if length is None:
        return not response.is_streamed
    return length <= MAX_BODY


def tag_of(body: bytes) -> str:
    """Return the ETag of a body."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


def replace(response: Response, body: bytes, cache: str, tag: str | None) -> None:
    """Give a response a new body, and the headers that belong to it.

    :param body: what to send instead.
    :param cache: the value of ``Cache-Control``.
    :param tag: the ETag, ``None`` for none.
    """
    old = response.response
    response.direct_passthrough = False
    close = getattr(old, "close", None)
    if close is not None:
        close()
    kept = [item for item in response.headers if item[0].lower() not in _OF_OLD_BODY]
    response.headers = Headers(kept)
    response.set_data(body)
    if tag is not None:
        response.set_etag(tag)
    response.headers["Cache-Control"] = cache
