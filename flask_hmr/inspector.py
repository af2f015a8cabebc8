"""The inspector: a page of our own that shows the module graph and what happens to it.

It is a page like any other to the connection: it says hello and is told of updates.
Then it says, every few seconds, that it is still there::

    {"type": "inspect", "name": "…", "revision": "…", "stamp": <number>, "pages": "…"}

with what it knows already, and whether pages are to say what they hold: all of it
(``anew``) or what is new (``again``). It is told what has changed of what it knows::

    {"type": "inspected", "revision": "…", "modules": {…},
     "stamp": <number>, "updates": […]}

Between that it is told of each change, of what pages say of themselves and that they
have gone, as ``updates``, ``page`` and ``gone`` in messages of the same type. The text
of a module is no message: it is asked for by HTTP, with the token.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response

from .core.facts import OPAQUE, Surveyed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .state import State

MAX_NAME = 64
"""Characters of what an inspector may call itself."""

MAX_SHOWN = 1_000_000
"""Characters of a module's text that are shown."""

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""The page's own Content-Security-Policy: what it needs is on this server."""

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>HMR inspector</title>
<link rel="icon" href="{files}icon.svg">
<link rel="stylesheet" href="{files}inspector.css">
<script type="module" src="{files}inspector.js"></script>
<noscript><p>The inspector needs JavaScript.</p></noscript>
"""


def page(digest: str) -> Response:
    """Return the page.

    :param digest: that of the client runtime, whose files are beside the page.
    """
    response = Response(_PAGE.format(files=f"client/{digest}/inspector/"))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def inspected(state: State, message: Mapping[str, Any], told: dict[str, Any]) -> str:
    """Return what an inspector has asked for.

    :param message: its question.
    :param told: what else it is told.
    """
    found = {"type": "inspected", "editor": state.editor is not None, **told}
    session = state.updates.session
    # Told by numbers alone, as long as nothing has changed.
    if message.get("revision") != f"{session} {state.updates.graph.revision}":
        revision, modules = state.updates.graph.survey()
        found["revision"] = f"{session} {revision}"
        found["modules"] = {one.url: _described(one) for one in modules}
    return json.dumps(found)


def stages(state: State, key: str) -> list[dict[str, Any]]:
    """Return the text of a module, before and after each that changes it."""
    return [
        {"name": name, "text": text[:MAX_SHOWN], "cut": len(text) > MAX_SHOWN}
        for name, text in state.modules.stages(key)
    ]


def _described(module: Surveyed) -> dict[str, Any]:
    facts = module.facts or OPAQUE
    described: dict[str, Any] = {
        "kind": "unread" if module.facts is None else facts.kind.value,
        "version": module.version,
    }
    # Left out where they say nothing: there may be thousands.
    for name in ("accepts_self", "may_accept", "declines"):
        if getattr(facts, name):
            described[name.replace("_s", "S").replace("_a", "A")] = True
    if facts.edges:
        described["imports"] = {
            edge.url: "d" * edge.dynamic + "a" * edge.accepted for edge in facts.edges
        }
    return described
