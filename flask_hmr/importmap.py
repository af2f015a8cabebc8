"""The import map that templates render: names, addresses, hashes, links to preload.

This is the one part of the extension that works in production as well, in apps that
have a ``HMR_IMPORTMAP``. Where that is not set, nothing imports this module.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import urljoin

from flask import Flask, current_app, has_request_context, request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug.security import safe_join

from .mapping import STATIC, Addresses, Mapped
from .values import ConfigError

NAME = "hmr_importmap"
"""What templates call it."""

KEY = "HMR_IMPORTMAP"

T = TypeVar("T")


class ImportMaps:
    """Renders the import map of one app.

    :param app: the app, with all its blueprints.
    :param mapped: what names stand for.
    :raises ConfigError: a static folder is meant that does not exist.
    """

    def __init__(self, app: Flask, mapped: Mapped) -> None:
        self._mapped = mapped
        self._folders = _static_folders(app)
        # What was made of files, by what it is, path and state.
        self._kept: dict[tuple[str, str], tuple[tuple[int, int], Any]] = {}
        self._check()

    def install(self, app: Flask) -> None:
        """Give it to the templates of an app, unless one of that name is there."""
        app.jinja_env.globals.setdefault(NAME, self._in_template)

    @pass_context
    def _in_template(self, context: Context, nonce: str | None = None) -> Markup:
        if nonce is None:
            # As Flask-Talisman offers it.
            found = context.get("csp_nonce")
            nonce = found() if callable(found) else found
        return self.render(nonce)

    def render(self, nonce: str | None = None) -> Markup:
        """Return the import map as an element, and the links to preload.

        :param nonce: that of the Content-Security-Policy.
        """
        if not has_request_context():
            raise RuntimeError(
                f"'{NAME}' was called outside of a request: where files are depends on"
                " where the app is mounted."
            )
        found = self.build()
        attribute = Markup(' nonce="{}"').format(nonce) if nonce else ""
        # Nothing in it can end the element, or begin a comment.
        text = json.dumps(found, separators=(",", ":")).replace("<", "\\u003c")
        lines = [Markup(f'<script type="importmap"{attribute}>{text}</script>')]
        for name in self._mapped.preload:
            url = self._url(self._mapped.imports[name] or "")
            hashes = found.get("integrity", {}).get(url)
            pinned = Markup(' integrity="{}"').format(hashes) if hashes else ""
            link = Markup('<link rel="modulepreload" href="{}"{}{}>')
            lines.append(link.format(url, pinned, attribute))
        return Markup("\n").join(lines)

    def build(self) -> dict[str, Any]:
        """Return the import map, for the present request."""
        mapped = self._mapped
        imports = self._prefixes() | self._urls(mapped.imports)
        scopes = {
            self._url(prefix): self._urls(inner)
            for prefix, inner in mapped.scopes.items()
        }
        integrity = self._integrity()
        for file in mapped.files:
            more = self._file(file)
            imports = more["imports"] | imports
            integrity = more["integrity"] | integrity
            for prefix, inner in more["scopes"].items():
                scopes[prefix] = inner | scopes.get(prefix, {})
        found: dict[str, Any] = {"imports": imports}
        if scopes:
            found["scopes"] = scopes
        if integrity:
            found["integrity"] = integrity
        return found

    # Addresses

    def _prefixes(self) -> dict[str, str | None]:
        """Return what ``@/`` and ``@blueprint/`` stand for."""
        return {f"@{name}/": self._url(f"@{name}/") for name in self._folders}

    def _urls(self, addresses: Addresses) -> dict[str, str | None]:
        return {
            name if not name.startswith("/") else self._url(name): (
                None if address is None else self._url(address)
            )
            for name, address in addresses.items()
        }

    def _url(self, address: str) -> str:
        static = STATIC.fullmatch(address)
        if static is not None:
            url = url_for(_endpoint(static[1]), filename=static[2])
            # What is below a prefix goes right behind it.
            return url.partition("?")[0] if address.endswith("/") else url
        if address.startswith("/"):
            return request.script_root + address
        return address

    def _path(self, address: str) -> str | None:
        """Return the file that an address stands for."""
        static = STATIC.fullmatch(address)
        if static is None or not static[2] or static[2].endswith("/"):
            return None
        return safe_join(self._folders[static[1]], static[2])

    def _check(self) -> None:
        for address in self._addresses():
            static = STATIC.fullmatch(address)
            if static is not None and static[1] not in self._folders:
                known = ", ".join(f'"@{name}/"' for name in self._folders) or "none"
                whose = f"blueprint {static[1]!r}" if static[1] else "app"
                raise ConfigError(
                    KEY,
                    f"{address!r} is in the static folder of the {whose}, which does"
                    f" not exist or has none. There are: {known}.",
                )

    def _addresses(self) -> Iterator[str]:
        mapped = self._mapped
        for addresses in (mapped.imports, *mapped.scopes.values()):
            yield from filter(None, addresses.values())
        yield from mapped.scopes
        yield from mapped.files

    # Hashes

    def _integrity(self) -> dict[str, str]:
        mapped = self._mapped
        found = {}
        for key, hashes in mapped.integrity.items():
            address = mapped.imports.get(key) or key
            # What is replaced in the page is not served with the bytes of its file.
            if not (_is_on() and _is_local(address)):
                found[self._url(address)] = hashes
        if mapped.computes and not _is_on():
            for address in filter(None, mapped.imports.values()):
                path = self._path(address)
                if path is not None:
                    found[self._url(address)] = self._of_file(path, _hash, "integrity")
        return found

    def _of_file(self, path: str, make: Callable[[bytes], T], what: str) -> T:
        """Return what is made of a file, once for each of its states."""
        try:
            status = os.stat(path)
            state = status.st_mtime_ns, status.st_size
            kept = self._kept.get((what, path))
            if kept is None or kept[0] != state:
                with open(path, "rb") as file:
                    kept = self._kept[what, path] = state, make(file.read())
        except OSError as error:
            raise ConfigError(
                KEY, f'"{what}" cannot be had of {path}: {error.strerror}.'
            ) from error
        found: T = kept[1]
        return found

    # More of the map

    def _file(self, address: str) -> dict[str, dict[str, Any]]:
        """Return the import map that is in a file, with URLs from where that is."""
        path = self._path(address)
        assert path is not None
        if _is_on() and not os.path.exists(path):
            # To be made by a build step, which development can do without.
            return _sections({})
        found = self._of_file(path, _read, "files")
        base = self._url(address).partition("?")[0]
        if any(not isinstance(one, dict) for one in found.values()):
            raise ConfigError(KEY, f"{path} is no import map.")
        hashes = {urljoin(base, url): one for url, one in found["integrity"].items()}
        return {
            "imports": _joined(base, found["imports"]),
            "scopes": {
                urljoin(base, prefix): _joined(base, inner)
                for prefix, inner in found["scopes"].items()
            },
            "integrity": {} if _is_on() else hashes,
        }


def install(app: Flask, mapped: Mapped) -> ImportMaps:
    """Give the templates of an app its import map."""
    maps = ImportMaps(app, mapped)
    maps.install(app)
    return maps


def _is_on() -> bool:
    """Tell whether modules are replaced in open pages."""
    return current_app.extensions.get("hmr") is not None


def _is_local(address: str) -> bool:
    return address.startswith(("/", "@"))


def _static_folders(app: Flask) -> dict[str, str]:
    """Return the static folders by the name of their blueprint, ``""`` for the app."""
    found = {}
    for name, holder in {"": app, **app.blueprints}.items():
        folder = holder.static_folder
        if folder is not None and _endpoint(name) in app.view_functions:
            found[name] = os.path.abspath(folder)
    return found


def _endpoint(name: str) -> str:
    return f"{name}.static" if name else "static"


def _hash(data: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(data).digest()).decode()


def _read(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise ConfigError(KEY, f'one of "files" is no JSON: {error}.') from None
    return _sections(found if isinstance(found, dict) else {})


def _sections(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found.get(name, {}) for name in ("imports", "scopes", "integrity")}


def _joined(base: str, addresses: dict[str, Any]) -> dict[str, str | None]:
    return {
        _key(base, name): urljoin(base, address) if isinstance(address, str) else None
        for name, address in addresses.items()
    }


def _key(base: str, name: str) -> str:
    """Return a name of an import map, whose path is one below the map.

    https://html.spec.whatwg.org/multipage/webappapis.html#normalizing-a-specifier-key
    """
    return urljoin(base, name) if name.startswith(("/", "./", "../")) else name
