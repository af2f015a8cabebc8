"""Registers Stimulus's controllers anew when they are edited."""

from __future__ import annotations

import json
import re

from ..plugins import Module
from .client_code import MODULES, ClientCode

# What Stimulus's own loaders take for a controller.
_CONTROLLER = re.compile(r"(?:^|/)controllers/(.+?)[_-]controller\.m?[jt]s$")


def identifier_of(url: str) -> str | None:
    """Return the identifier of the controller that a module defines.

    ``/static/controllers/users/list_item_controller.js`` is ``users--list-item``.

    :param url: the URL path of the module.
    """
    found = _CONTROLLER.search(url.partition("?")[0])
    if found is None:
        return None
    return found[1].replace("__", "--").replace("/", "--").replace("_", "-")


class Stimulus(ClientCode):
    """Has modules of controllers accept their updates.

    A module is one if its name ends with ``_controller.js`` or ``_controller.ts``, and
    it is in a folder ``controllers``. One that uses ``import.meta.hot`` itself is left
    alone.
    """

    name = "stimulus"
    include = tuple(f"*controller{pattern[1:]}" for pattern in MODULES)
    clients = ("stimulus.js",)

    def transform(self, source: str, module: Module) -> str | None:
        """Have a controller accept itself."""
        identifier = identifier_of(module.url)
        if identifier is None or module.uses_hot or "__hmr_controller" in source:
            return None
        # At the end, where no line moves; imports come first wherever they stand.
        return (
            f'{source}\nimport{{accepted as __hmr_controller}}from"@hmr/stimulus.js";'
            f"import.meta.hot.accept(({{module}})=>__hmr_controller("
            f"import.meta.hot,{json.dumps(identifier)},module));"
        )


plugin = Stimulus
