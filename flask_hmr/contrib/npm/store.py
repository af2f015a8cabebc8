"""Which files of ``node_modules`` may be served, and what they are called.

A file is served if it is in a package and is no hidden one. Links are followed, for
pnpm makes each package one, but not out of the folder; only the store of the pnpm
workspace that the folder belongs to counts, too.
"""

from __future__ import annotations

import os
from urllib.parse import quote

STORE = ".pnpm"
"""Where pnpm keeps what it links to."""


_SAFE = "/@!$&'()*+,;=:~[]|"
"""What browsers, too, leave in a path as it is."""


def encoded(name: str) -> str:
    """Write the name of a file in a store as a part of a URL."""
    return quote(name, safe=_SAFE)


class Store:
    """The files of one ``node_modules`` folder.

    :param folder: the folder.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = os.path.realpath(folder)
        """Where it really is."""
        self._shared = _shared_store(self.folder)

    def name_of(self, path: str) -> str | None:
        """Return what a file is called, ``None`` if it is not to be served.

        :param path: its path, without links.
        :return: a path with slashes, below the folder.
        """
        name = _below(path, self.folder)
        if name is None and self._shared is not None:
            name = _below(path, self._shared)
            name = None if name is None else f"{STORE}/{name}"
        if name is None:
            return None
        root = _package_in(name.split("/"))
        if root is None or not self._is_package(root):
            return None
        return name

    def path_of(self, name: str) -> str | None:
        """Return the file of a name, without links, if it is to be served."""
        parts = name.split("/")
        if "\0" in name or "\\" in name or not {"", ".", ".."}.isdisjoint(parts):
            return None
        path = self._join(parts)
        real = os.path.realpath(path)
        # By its own name and by that of what it leads to.
        if _package_in(parts) is None or self.name_of(real) is None:
            return None
        return real if os.path.isfile(real) else None

    def _join(self, parts: list[str]) -> str:
        if self._shared is not None and parts[0] == STORE:
            return os.path.join(self._shared, *parts[1:])
        return os.path.join(self.folder, *parts)

    def _is_package(self, parts: list[str]) -> bool:
        return os.path.isfile(os.path.join(self._join(parts), "package.json"))


def _shared_store(folder: str) -> str | None:
    """Return the store of the pnpm workspace that a folder belongs to."""
    above = os.path.dirname(os.path.dirname(folder))
    while not os.path.isfile(os.path.join(above, "pnpm-workspace.yaml")):
        if above == os.path.dirname(above):
            return None
        above = os.path.dirname(above)
    return os.path.realpath(os.path.join(above, "node_modules", STORE))


def _below(path: str, folder: str) -> str | None:
    start = folder.rstrip(os.sep) + os.sep
    if not path.startswith(start):
        return None
    return path[len(start) :].replace(os.sep, "/")


def _package_in(parts: list[str]) -> list[str] | None:
    """Return the folder of the innermost package on the way to a file."""
    start = 0
    if parts[0] == STORE:
        # .pnpm/name@version/node_modules/name
        if len(parts) < 3 or parts[2] != "node_modules":
            return None
        start = 3
    while True:
        size = 2 if parts[start : start + 1] and parts[start].startswith("@") else 1
        end = start + size
        if len(parts) <= end or any(one.startswith(".") for one in parts[start:]):
            return None
        if "node_modules" not in parts[end:]:
            return parts[:end]
        start = parts.index("node_modules", end) + 1
