"""Fast refresh of React's components, by React's own runtime for it."""

from __future__ import annotations

from .fast_refresh import FastRefresh


class React(FastRefresh):
    """Keeps the state of components while the hooks that they call are the same.

    The page's import map has to name ``react-refresh/runtime`` besides ``react``, and
    development builds of both.
    """

    name = "react"
    libraries = ("react", "htm/react")
    clients = ("react.js", "fast-refresh.js")


plugin = React
