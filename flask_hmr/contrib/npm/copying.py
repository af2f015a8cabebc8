"""For production: copies what names need out of ``node_modules``, with an import map.

The names of the packages stay in the modules; ``importmap.json`` says where each one
is, for the app and for each package on its own. ``HMR_IMPORTMAP`` takes it in.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote, urljoin

from flask_hmr.plugins import read_module

from ..suffixes import DECLARATIONS, JAVASCRIPT, TYPESCRIPT
from .formats import require_module
from .resolution import (
    PackageError,
    Packages,
    completed,
    is_bare,
    is_relative,
    path_of,
)
from .store import STORE, Store, encoded

CONDITIONS = ("browser", "production", "import")
MAP = "importmap.json"

SOURCES = JAVASCRIPT + TYPESCRIPT
"""How files end that may import packages."""


def copy(
    names: Iterable[str],
    folder: str | os.PathLike[str],
    target: str | os.PathLike[str],
    conditions: Sequence[str] = CONDITIONS,
) -> list[str]:
    """Copy modules of packages, and all that they import, into a folder.

    :param names: the specifiers that the app's own modules use.
    :param folder: the ``node_modules`` folder.
    :param target: a folder that is served, such as ``static/npm``. Files that are there
        already are written anew, others stay.
    :param conditions: which conditions of ``exports`` hold, besides ``default``.
    :return: the paths of the copied files in the target.
    :raises PackageError: a name cannot be resolved, or is CommonJS only.
    """
    copier = _Copier(Store(folder), conditions)
    found: dict[str, Any] = {"imports": {}, "scopes": copier.scopes}
    for name in names:
        found["imports"][name] = copier.take(name, None)
    copier.follow()
    for path, place in copier.places.items():
        end = os.path.join(target, *place.split("/"))
        os.makedirs(os.path.dirname(end), exist_ok=True)
        shutil.copyfile(path, end)
    os.makedirs(target, exist_ok=True)
    with open(os.path.join(target, MAP), "w", encoding="utf-8") as file:
        json.dump(found, file, indent=2, sort_keys=True)
        file.write("\n")
    return sorted(copier.places.values())


def names_in(
    folders: Iterable[str | os.PathLike[str]],
    installed: str | os.PathLike[str],
    without: str | os.PathLike[str],
) -> list[str]:
    """Return the names of installed packages that modules in some folders import.

    :param installed: the ``node_modules`` folder.
    :param without: a folder that is left out, for it holds what was copied before.
    :raises PackageError: TypeScript cannot be read.
    """
    left_out = os.path.realpath(without)
    found: dict[str, None] = {}
    for folder in folders:
        for path, inner, files in os.walk(folder):
            inner[:] = sorted(
                one
                for one in inner
                if os.path.realpath(os.path.join(path, one)) != left_out
            )
            for name in sorted(files):
                if name.endswith(SOURCES) and not name.endswith(DECLARATIONS):
                    module = read_module(_javascript(os.path.join(path, name)))
                    found |= dict.fromkeys(filter(is_bare, module.specifiers))
    return [name for name in found if _is_installed(name, installed)]


def _javascript(path: str) -> str:
    """Return the text of a module, without types."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.endswith(TYPESCRIPT):
        return text
    try:
        from ..typescript import blank

        return blank(text, path)
    except SyntaxError as error:
        raise PackageError(f"{path}:{error.lineno}: {error.msg}") from error
    except ModuleNotFoundError as error:
        raise PackageError(f"{path} cannot be read: {error}") from error


def _is_installed(name: str, folder: str | os.PathLike[str]) -> bool:
    parts = name.split("/")[: 2 if name.startswith("@") else 1]
    return not name.startswith("#") and os.path.isdir(os.path.join(folder, *parts))


class _Copier:
    def __init__(self, store: Store, conditions: Sequence[str]) -> None:
        self._store = store
        self._packages = Packages(store.folder, conditions)
        self._waiting: list[str] = []
        self.places: dict[str, str] = {}
        """Where each file goes."""
        self.scopes: dict[str, dict[str, str]] = {}

    def take(self, specifier: str, importer: str | None) -> str:
        """Resolve a bare specifier, and return the address of what it stands for."""
        return self._place(self._packages.resolve(specifier, importer))

    def follow(self) -> None:
        """Take in what is imported by what was taken in."""
        while self._waiting:
            path = self._waiting.pop()
            module = require_module(self.places[path], path)
            for specifier in module.specifiers if module is not None else ():
                self._import(specifier, path)

    def _import(self, specifier: str, importer: str) -> None:
        if is_relative(specifier):
            path = path_of(specifier, importer)
            found = completed(path)
            if found is None:
                raise PackageError(f"{importer} imports {specifier!r}: no such file.")
            address = self._place(os.path.realpath(found))
            if found != path:
                written = urljoin(self._address(importer)[2:], specifier)
                self._scope(importer)[f"./{written}"] = address
        elif is_bare(specifier):
            self._scope(importer)[specifier] = self.take(specifier, importer)

    def _scope(self, importer: str) -> dict[str, str]:
        """Return the names that hold in the package of a file."""
        package = self._packages.package_of(importer) or ""
        mark = self._address(os.path.join(package, "package.json"))
        return self.scopes.setdefault(mark[: -len("package.json")], {})

    def _place(self, path: str) -> str:
        address = self._address(path)
        if path not in self.places:
            self.places[path] = unquote(address[2:])
            self._waiting.append(path)
        return address

    def _address(self, path: str) -> str:
        name = self._store.name_of(path)
        if name is None:
            raise PackageError(
                f"{path} is in no package in {self._store.folder}: copy it yourself."
            )
        # Names that servers and tools do not take for something to leave out.
        name = name.removeprefix(".") if name.startswith(f"{STORE}/") else name
        return "./" + encoded(name.replace("/node_modules/", "/-/"))
