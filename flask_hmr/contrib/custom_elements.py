"""Keeps custom elements alive when the class behind them is edited."""

from __future__ import annotations

from ..plugins import Module
from .client_code import MODULES, ClientCode

_NAME = "custom-elements.js"

# Around the module, where no line moves; imports come first wherever they stand.
_BEFORE = "__hmr_runs(import.meta.hot.data);"
_AFTER = (
    f'\nimport{{accepted as __hmr_accepted,runs as __hmr_runs}}from"@hmr/{_NAME}";'
    "__hmr_runs();"
    "import.meta.hot.accept(({module})=>__hmr_accepted(import.meta.hot,module));"
)


class CustomElements(ClientCode):
    """Has modules that define custom elements accept their updates.

    Elements that exist get the methods of the new class, and are shown anew. A module
    that uses ``import.meta.hot`` itself is left alone.
    """

    name = "custom-elements"
    include = MODULES
    clients: tuple[str, ...] = (_NAME,)

    def transform(self, source: str, module: Module) -> str | None:
        """Have a module that defines elements accept itself."""
        if (
            "customElements.define" not in source
            or module.uses_hot
            or "__hmr_accepted" in source
            # Nothing can stand before this line.
            or source.startswith("#!")
        ):
            return None
        return _BEFORE + source + _AFTER


plugin = CustomElements
