"""Keeps what htmx put into a page up to date with the templates that it came from."""

from __future__ import annotations

from .client_code import ClientCode


class Htmx(ClientCode):
    """Fetches parts again whose templates changed, and has htmx process new markup."""

    name = "htmx"
    clients = ("htmx.js",)


plugin = Htmx
