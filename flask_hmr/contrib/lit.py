"""Keeps elements that are made with Lit alive when their class is edited."""

from __future__ import annotations

from .custom_elements import CustomElements


class Lit(CustomElements):
    """The same as for any custom elements, with reactive properties and styles."""

    name = "lit"
    clients = (*CustomElements.clients, "lit.js")


plugin = Lit
