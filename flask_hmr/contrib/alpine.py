"""Keeps the state of Alpine's components when their code or markup is edited."""

from __future__ import annotations

import re

from ..plugins import Module
from .client_code import MODULES, ClientCode

_REGISTERS = re.compile(r"\bAlpine\.(?:data|store)\(")

# At the end, where no line moves; imports come first wherever they stand.
_ADDED = (
    '\nimport{accepted as __hmr_alpine}from"@hmr/alpine.js";'
    "import.meta.hot.accept(({module})=>__hmr_alpine(import.meta.hot,module));"
)


class Alpine(ClientCode):
    """Has modules that register components and stores accept their updates.

    A module that starts Alpine, or uses ``import.meta.hot`` itself, is left alone.
    """

    name = "alpine"
    include = MODULES
    clients = ("alpine.js",)

    def transform(self, source: str, module: Module) -> str | None:
        """Have a module that registers something accept itself."""
        if (
            module.uses_hot
            or "Alpine.start(" in source
            or "__hmr_alpine" in source
            or not _REGISTERS.search(source)
        ):
            return None
        return source + _ADDED


plugin = Alpine
