"""Fast refresh of Preact's components, by Prefresh."""

from __future__ import annotations

from .fast_refresh import FastRefresh


class Preact(FastRefresh):
    """Keeps the state of components while the hooks that they call are the same.

    The page's import map has to name ``@prefresh/core`` besides ``preact``.
    """

    name = "preact"
    libraries = ("preact", "htm/preact", "@preact/signals")
    clients = ("preact.js", "fast-refresh.js")


plugin = Preact
