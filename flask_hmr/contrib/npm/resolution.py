"""What the specifier of an installed package means: the rules of Node.

They are those of `Resolution Algorithm Specification
<https://nodejs.org/api/esm.html#resolution-algorithm-specification>`__ and `Modules:
Packages <https://nodejs.org/api/packages.html>`__; each function here names its
counterpart there. Two things differ. The conditions are a browser's. And a package
without ``exports`` is asked for its ``module`` before its ``main``, as bundlers do, for
``main`` is CommonJS nearly always.

Paths are given as they are on disk, links resolved, and are what comes back.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

CONDITIONS = ("browser", "development", "import")
"""Conditions of ``exports`` that hold; ``default`` always does."""

_INVALID = re.compile(
    r"(?:^|[/\\])(?:|\.{1,2}|(?:\.|%2e){1,2}|(?:n|%6e)ode_modules)(?=[/\\]|$)",
    re.IGNORECASE,
)
"""Segments that no target may have."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ENCODED_SLASH = re.compile(r"%2f|%5c", re.IGNORECASE)


class PackageError(SyntaxError):
    """A specifier that cannot be resolved; the message says why."""


class NotInstalledError(PackageError):
    """There is no package of that name."""


class _TargetError(PackageError):
    """One target is invalid, but a list of targets may have another."""


class Packages:
    """The packages in one folder, and in those inside.

    :param folder: the ``node_modules`` folder.
    :param conditions: those that hold.
    """

    def __init__(self, folder: str, conditions: Sequence[str] = CONDITIONS) -> None:
        self._top = os.path.dirname(folder)
        self._conditions = frozenset(conditions)
        self._read: dict[str, tuple[tuple[int, int], dict[str, Any]]] = {}

    def resolve(self, specifier: str, importer: str | None = None) -> str:
        """Return the file that a bare specifier stands for.

        :param specifier: such as ``lit``, ``@scope/name/part.js`` or ``#internal``.
        :param importer: the file that imports it; ``None`` for one of the app.
        :raises PackageError: there is none, by the rules.
        """
        folder = self._top if importer is None else os.path.dirname(importer)
        if specifier.startswith("#"):
            found = self._imports(specifier, folder)
        else:
            found = self._package(specifier, folder)
        if _ENCODED_SLASH.search(found):
            raise PackageError(f"{specifier!r} has an escaped slash in it.")
        if os.path.isdir(found):
            raise PackageError(f"{specifier!r} leads to a folder, {found}.")
        if not os.path.isfile(found):
            raise PackageError(f"{specifier!r} leads to {found}, which does not exist.")
        return os.path.realpath(found)

    def package_of(self, path: str) -> str | None:
        """Return the folder of the package that a file is in.

        LOOKUP_PACKAGE_SCOPE.
        """
        for folder in _upwards(os.path.dirname(path)):
            if os.path.basename(folder) == "node_modules":
                return None
            if os.path.isfile(os.path.join(folder, "package.json")):
                return folder
        return None

    def description(self, package: str) -> dict[str, Any]:
        """Return what the ``package.json`` in a folder says.

        READ_PACKAGE_JSON.
        """
        path = os.path.join(package, "package.json")
        try:
            status = os.stat(path)
        except OSError:
            return {}
        state = status.st_mtime_ns, status.st_size
        kept = self._read.get(path)
        if kept is None or kept[0] != state:
            try:
                with open(path, encoding="utf-8") as file:
                    found = json.load(file)
            except (OSError, ValueError, RecursionError) as error:
                raise PackageError(f"{path} cannot be read: {error}.") from error
            kept = self._read[path] = state, found if isinstance(found, dict) else {}
        return kept[1]

    def _package(self, specifier: str, folder: str) -> str:
        """PACKAGE_RESOLVE."""
        name, subpath = _split(specifier)
        own = self.package_of(os.path.join(folder, "package.json"))
        if own is not None:
            # PACKAGE_SELF_RESOLVE
            said = self.description(own)
            if said.get("exports") is not None and said.get("name") == name:
                return self._exports(own, subpath, said["exports"], specifier)
        for above in _upwards(folder):
            package = os.path.join(above, "node_modules", *name.split("/"))
            if os.path.isdir(package):
                return self._in_package(os.path.realpath(package), subpath, specifier)
            if above == self._top:
                break
        raise NotInstalledError(f"The package {name!r} is not installed.")

    def _in_package(self, package: str, subpath: str, specifier: str) -> str:
        said = self.description(package)
        if said.get("exports") is not None:
            return self._exports(package, subpath, said["exports"], specifier)
        if subpath != ".":
            return os.path.join(package, *subpath[2:].split("/"))
        for field in ("module", "main"):
            if isinstance(said.get(field), str):
                found = completed(os.path.join(package, said[field]))
                if found is not None:
                    return found
        return os.path.join(package, "index.js")

    def _exports(self, package: str, subpath: str, exports: Any, specifier: str) -> str:
        """PACKAGE_EXPORTS_RESOLVE."""
        dots = _dots(exports, package)
        target = None
        if subpath == ".":
            main = exports.get(".") if dots else exports
            target = self._target(package, main, None, internal=False)
        elif dots:
            target = self._matched(subpath, exports, package, internal=False)
        if not target:
            raise PackageError(
                f"{specifier!r} is not exported: {package}/package.json has no"
                f' "exports" for {subpath!r} under the conditions'
                f" {', '.join(sorted(self._conditions))} and default."
            )
        return target

    def _imports(self, specifier: str, folder: str) -> str:
        """PACKAGE_IMPORTS_RESOLVE."""
        package = self.package_of(os.path.join(folder, "package.json"))
        found = None
        if specifier != "#" and package is not None:
            imports = self.description(package).get("imports")
            if isinstance(imports, dict):
                found = self._matched(specifier, imports, package, internal=True)
        if not found:
            raise PackageError(
                f'{specifier!r} has no meaning in {folder}: no "imports" of its'
                " package.json define it."
            )
        return found

    def _matched(
        self, key: str, targets: dict[str, Any], package: str, *, internal: bool
    ) -> str | None:
        """PACKAGE_IMPORTS_EXPORTS_RESOLVE."""
        if key.endswith("/"):
            return None
        if key in targets and "*" not in key:
            return self._target(package, targets[key], None, internal=internal)
        patterns = [one for one in targets if one.count("*") == 1]
        # PATTERN_KEY_COMPARE: what is longer before the asterisk, then what is longer.
        patterns.sort(key=lambda one: (one.index("*"), len(one)), reverse=True)
        for pattern in patterns:
            start, end = pattern.split("*")
            if (
                key.startswith(start)
                and key != start
                and key.endswith(end)
                and (not end or len(key) >= len(pattern))
            ):
                part = key[len(start) : len(key) - len(end)]
                return self._target(package, targets[pattern], part, internal=internal)
        return None

    def _target(
        self, package: str, target: Any, part: str | None, *, internal: bool
    ) -> str | None:
        """PACKAGE_TARGET_RESOLVE: ``None`` is its undefined, ``""`` its null."""
        if isinstance(target, str):
            return self._target_path(package, target, part, internal)
        if isinstance(target, dict):
            if any(name.isdigit() for name in target):
                raise PackageError(
                    f"{package}/package.json has a number in place of a condition."
                )
            for condition, inner in target.items():
                if condition == "default" or condition in self._conditions:
                    found = self._target(package, inner, part, internal=internal)
                    if found is not None:
                        return found
            return None
        if isinstance(target, list):
            return self._first(package, target, part, internal)
        if target is None:
            return ""
        raise _TargetError(f"{package}/package.json leads to {target!r}.")

    def _first(
        self, package: str, targets: list[Any], part: str | None, internal: bool
    ) -> str:
        error: _TargetError | None = None
        for target in targets:
            try:
                found = self._target(package, target, part, internal=internal)
            except _TargetError as invalid:
                error = invalid
                continue
            if found:
                return found
            error = None if found == "" else error
        if error is not None:
            raise error
        return ""

    def _target_path(
        self, package: str, target: str, part: str | None, internal: bool
    ) -> str:
        if not target.startswith("./"):
            if not internal or target.startswith(("../", "/")) or _URL.match(target):
                raise _TargetError(f"{package}/package.json leads out to {target!r}.")
            name = target if part is None else target.replace("*", part)
            return self._package(name, package)
        if _INVALID.search(target[2:]):
            raise _TargetError(f"{package}/package.json leads out to {target!r}.")
        if part is not None:
            if _INVALID.search(part):
                raise PackageError(f"{part!r} is no part of a path in a package.")
            target = target.replace("*", part)
        return os.path.join(package, *target[2:].split("/"))


def is_relative(specifier: str) -> bool:
    """Tell what names a file by its place from other specifiers."""
    return specifier.startswith(("./", "../"))


def is_bare(specifier: str) -> bool:
    """Tell what may be the name of a package from paths and URLs."""
    # A colon as in "node:fs" or "https:" makes it something else.
    return not specifier.startswith(("/", "./", "../")) and ":" not in specifier


def _split(specifier: str) -> tuple[str, str]:
    """Return the name of the package, and the rest with a dot in its place."""
    parts = specifier.split("/")
    count = 2 if specifier.startswith("@") else 1
    name = "/".join(parts[:count])
    if (
        len(parts) < count
        or not all(parts[:count])
        or name.startswith(".")
        or "\\" in name
        or "%" in name
    ):
        raise PackageError(f"{specifier!r} is no name of a package.")
    subpath = specifier[len(name) :]
    if subpath.endswith("/"):
        raise PackageError(f"{specifier!r} ends in a slash: it names no module.")
    return name, f".{subpath}"


def _dots(exports: Any, package: str) -> bool:
    """Tell whether ``exports`` has subpaths, not conditions or a target alone."""
    if not isinstance(exports, dict):
        return False
    kinds = {name.startswith(".") for name in exports}
    if len(kinds) > 1:
        raise PackageError(f'{package}/package.json mixes subpaths in "exports".')
    return kinds == {True}


def path_of(specifier: str, importer: str) -> str:
    """Return what a file names that imports something by its place.

    :param specifier: one that begins with ``./`` or ``../``.
    :param importer: the file that imports it.
    """
    plain = unquote(specifier.partition("?")[0].partition("#")[0])
    return os.path.normpath(os.path.join(os.path.dirname(importer), *plain.split("/")))


def completed(path: str) -> str | None:
    """Return the file that a path means, if any.

    Packages that are meant for bundlers leave out ends of names, in ``main`` as well.
    """
    for suffix in ("", ".js", ".mjs", "/index.js", "/index.mjs"):
        if os.path.isfile(path + suffix):
            return path + suffix
    return None


def _upwards(folder: str) -> Iterator[str]:
    """Yield a folder and those above it."""
    while True:
        # A package in node_modules/node_modules is nobody's.
        if os.path.basename(folder) != "node_modules":
            yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
