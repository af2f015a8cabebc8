"""Keeps custom elements alive when the class behind them is edited."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from ..plugins import Document, Module, Plugin, Tag

_NAME = "custom-elements.js"

# At the end, where no line moves; imports come first wherever they stand.
_ADDED = (
    f'\nimport{{accepted as __hmr_accepted}}from"@hmr/{_NAME}";'
    "import.meta.hot.accept(({module})=>__hmr_accepted(import.meta.hot,module));"
)


def client_code(name: str) -> str:
    """Return the client code that comes with an integration.

    :param name: its file.
    """
    folder = resources.files(__package__) / "client"
    return (folder / name).read_text(encoding="utf-8")


class CustomElements(Plugin):
    """Has modules that define custom elements accept their updates.

    Elements that exist get the methods of the new class, and are shown anew. A module
    that uses ``import.meta.hot`` itself is left alone.
    """

    name = "custom-elements"
    include = ("*.js", "*.mjs")
    clients: tuple[str, ...] = (_NAME,)
    """The files of client code, in the order in which they run."""

    def load(self, name: str) -> str | None:
        """Return the client code."""
        return client_code(name) if name in self.clients else None

    def tags(self, document: Document) -> Iterator[Tag]:
        """Have it run before the modules of the page."""
        for name in self.clients:
            yield Tag.module(f"@hmr/{name}")

    def transform(self, source: str, module: Module) -> str | None:
        """Have a module that defines elements accept itself."""
        if (
            "customElements.define" not in source
            or module.uses_hot
            or "__hmr_accepted" in source
        ):
            return None
        return source + _ADDED


plugin = CustomElements
