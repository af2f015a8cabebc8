"""Plugins that are client code alone, which is there before the page's modules run."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from ..plugins import Document, Plugin, Tag
from .suffixes import JAVASCRIPT, TYPESCRIPT

MODULES = tuple(f"*{suffix}" for suffix in JAVASCRIPT + TYPESCRIPT)
"""What files with the code of components are called; a plugin makes TypeScript
JavaScript before."""

ACCEPT = "import.meta.hot.accept(({module})=>__hmr.accepted(import.meta.hot,module));"
"""Has a module accept itself, in its text, where the server sees it: the module knows
the client code as ``__hmr``."""


def client_code(name: str) -> str:
    """Return the client code that comes with an integration.

    :param name: its file.
    """
    folder = resources.files(__package__) / "client"
    return (folder / name).read_text(encoding="utf-8")


class ClientCode(Plugin):
    """Puts files of client code into each document."""

    clients: tuple[str, ...] = ()
    """The files, in the order in which they run."""

    def load(self, name: str) -> str | None:
        """Return the client code."""
        return client_code(name) if name in self.clients else None

    def tags(self, document: Document) -> Iterator[Tag]:
        """Have it run before the modules of the page."""
        for name in self.clients:
            yield Tag.module(f"@hmr/{name}")
