"""The names of the import map, in development: a plugin of the extension's own.

In production the browser looks names up in the map that the page has. In development
specifiers are replaced by versioned URLs, so the server has to know what they mean, and
from the start: before the first page with the map was seen, and in every process. It is
the very map that pages get which is asked here.

A module that works in development only would be a trap. So each one that uses a name
has the page look whether its map knows that, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from .core.specifiers import is_bare, js_string
from .importmap import NAME, ImportMaps
from .plugins import Module, Plugin, Sender

CHECK = "import-map.js"

_CODE = """\
const name = %s;
try {
  import.meta.resolve(name);
} catch {
  const message = typeof document === "undefined"
    ? `Workers have no import map in any browser: ${name} is unknown in production.`
    : `${name} means nothing in this page: its modules fail in production.`;
  console.error(`[hmr] ${message}`);
  if (typeof document !== "undefined") {
    import("@hmr/client").then(({ showProblem }) => showProblem("import-map", {
      title: "This page has no import map",
      message,
      hint: "Put {{ %s() }} into the head, before the first module script.",
    }));
  }
}
"""


class Names(Plugin):
    """Resolves what the import map names.

    :param maps: what templates render.
    """

    name = "import-map"
    # Browsers ask the map before anything else.
    order = "pre"

    def __init__(self, maps: ImportMaps) -> None:
        self._maps = maps
        self._imports: dict[str, str | None] = {}
        self._scopes: dict[str, dict[str, str | None]] = {}
        self._sample = ""
        self._mount_of: Callable[[str], str] = lambda key: ""

    def init_app(self, app: Flask, hmr: Sender) -> None:
        """Build the map as a page at the top gets it, if all pages get the same."""
        if any(app.url_default_functions.values()) or app.url_map.host_matching:
            # Where files are may depend on the request. What names mean is then learnt
            # from the maps of pages, as of any other map.
            return
        with app.test_request_context("/", base_url="http://localhost/"):
            found = self._maps.build()
        self._imports = _by_length(found["imports"])
        scopes: dict[str, Any] = found.get("scopes", {})
        self._scopes = {
            scope: _by_length(scopes[scope]) for scope in sorted(scopes, reverse=True)
        }
        names = [name for name, url in self._imports.items() if url and is_bare(name)]
        # One that stands for a module, if there is one.
        names.sort(key=lambda name: name.endswith("/"))
        sample = names[0] if names else ""
        self._sample = f"{sample}x" if sample.endswith("/") else sample
        self._mount_of = app.extensions["hmr"].roots.mount_of

    def resolve(self, specifier: str, importer: str) -> str | None:
        """Return what the import map says of a name."""
        if not is_bare(specifier):
            # What pages make of URLs is learnt from themselves.
            return None
        return self._look_up(specifier, importer)[1]

    def transform(self, source: str, module: Module) -> str | None:
        """Have the page look whether its map knows names, too."""
        if not any(
            is_bare(one) and self._look_up(one, module.url)[0]
            for one in module.specifiers
        ):
            return None
        return f'{source}\nimport "@hmr/{CHECK}";'

    def load(self, name: str) -> str | None:
        """Return the code that looks."""
        return _CODE % (js_string(self._sample), NAME) if name == CHECK else None

    def _look_up(self, specifier: str, importer: str) -> tuple[bool, str | None]:
        importer = importer.removeprefix(self._mount_of(importer))
        levels = [
            names
            for scope, names in self._scopes.items()
            if importer == scope or (scope.endswith("/") and importer.startswith(scope))
        ]
        for names in (*levels, self._imports):
            for name, url in names.items():
                if name == specifier:
                    return True, url
                if name.endswith("/") and specifier.startswith(name):
                    return True, None if url is None else url + specifier[len(name) :]
        return False, None


def _by_length(names: dict[str, str | None]) -> dict[str, str | None]:
    """Put longer names before what they begin with."""
    return dict(sorted(names.items(), reverse=True))
