"""Where modules are: from the URL that a page uses to the file, and which folders.

The app's own routes say it: its static folder and every blueprint's, under whatever
prefix or URL converter. ``HMR_ROOTS`` adds to that, and so does every file that a
view was seen to send. Nothing outside these places is ever read, but for what links
in them lead to inside the app's own folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from .config import Config
from .core.specifiers import decoded_path, encode_path
from .files import real_path

MAX_HOSTS = 20
"""Hosts that are kept in mind for an app that matches hosts."""

LINKS_KEPT = 1.0
"""Seconds for which it is taken for true where a folder really is."""


class _RealPaths:
    """Paths with all links resolved; where folders lead is looked up once a second."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._since = 0.0

    def of(self, path: str) -> str:
        now = time.monotonic()
        if now - self._since > LINKS_KEPT:
            self._folders, self._since = {}, now
        folders = self._folders
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = real_path(folder)
        found = os.path.join(folders[folder], name)
        return real_path(found) if os.path.islink(found) else found


class Roots:
    """The places that modules of one app come from.

    :param app: the app, with all its routes.
    :param config: for ``HMR_ROOTS`` and ``HMR_IGNORE``.
    """

    def __init__(self, app: Flask, config: Config) -> None:
        self._app = app
        self._config = config
        self._real = _RealPaths()
        self._adapters: dict[str, MapAdapter] = {}
        self._static = dict(static_folders(app))
        self._mounts: tuple[str, ...] = ("",)
        self._hosts: tuple[str, ...] = ("localhost",)
        # What views were seen to send: endpoint and argument to folder, and key to
        # file where no argument explains the file's name.
        self._seen_folders: dict[tuple[str, str], tuple[str, ...]] = {}
        self._seen_files: dict[str, str] = {}
        # What is served in front of the app: URL path of a folder to the folder.
        self._seen_mounts: dict[str, str] = {}
        self._allowed = tuple(os.path.realpath(f) for f in self.folders())
        # Links may lead from a root to elsewhere in the project, but not out of it.
        self._home = os.path.realpath(app.root_path)

    def folders(self) -> tuple[str, ...]:
        """Return the folders to watch, as configured."""
        found = self._given_folders()
        found += [os.path.dirname(path) for path in self._seen_files.values()]
        return tuple(dict.fromkeys(found))

    def _given_folders(self) -> list[str]:
        found = [root.folder for root in self._config.roots]
        found += self._static.values()
        found += [f for folders in self._seen_folders.values() for f in folders]
        return [*found, *self._seen_mounts.values()]

    def ignores(self, path: str) -> bool:
        """Tell whether changes of a file or folder are not looked at.

        :param path: an absolute path, which links may have led to.
        """
        inside = [folder.rstrip(os.sep) + os.sep for folder in self._allowed]
        names = [path[len(start) :] for start in inside if path.startswith(start)]
        return bool(names) and all(map(self._config.ignores, names))

    def real(self, path: str) -> str:
        """Return an absolute path with all links resolved."""
        return self._real.of(path)

    def unwatched(self, path: str) -> str | None:
        """Return the folder of a file that no watched folder holds.

        :param path: the real path of a file that a link led to.
        :return: the folder, once; ``None`` where it is watched, or is none of ours:
            the link may lead elsewhere since somebody looked.
        """
        if any(_is_inside(path, folder) for folder in self._allowed):
            return None
        if not _is_inside(path, self._home):
            return None
        folder = os.path.dirname(path)
        self._allow(folder)
        return folder

    def mounted(self, script_root: str, host: str) -> None:
        """Take note of where a request found the app.

        :param script_root: the ``SCRIPT_NAME`` of the request, as a URL path.
        :param host: its host, for apps that match hosts.
        """
        mount = decoded_path(script_root)
        if mount is not None and mount not in self._mounts:
            # Longest first, so that "/a/b" is tried before "/a".
            self._mounts = tuple(sorted({*self._mounts, mount}, key=len, reverse=True))
        if self._app.url_map.host_matching and host not in self._hosts:
            self._hosts = (host, *self._hosts)[:MAX_HOSTS]
            self._adapters = {}

    def mount_of(self, key: str) -> str:
        """Return where the app is mounted by which a URL of it is reached.

        :param key: the key of a module or document of the app.
        :return: a URL path without a slash at its end, ``""`` at the top.
        """
        path = decoded_path(key) or ""
        return next(
            (encode_path(one) for one in self._mounts if path.startswith(one + "/")), ""
        )

    def saw(
        self, key: str, endpoint: str | None, arguments: Mapping[str, Any], path: str
    ) -> str | None:
        """Learn from a file that a view sent.

        :param key: the key of the response's URL.
        :param endpoint: the view; ``None`` for what is served in front of the app.
        :param arguments: the arguments that the URL gave it.
        :param path: the file.
        :return: a folder that is new, ``None`` if nothing was learnt, as from a file
            that ``HMR_IGNORE`` names.
        """
        path = os.path.abspath(path)
        if self.file_of(key) == path:
            # A link that leads elsewhere since then: the app sends it all the same.
            if key in self._seen_files and not self._contains(path):
                self._allow(path)
                return os.path.dirname(real_path(path))
            return None
        for name, value in arguments.items():
            if not isinstance(value, str) or not value or endpoint is None:
                continue
            tail = os.sep + os.path.normpath(value)
            if path.endswith(tail):
                if self._config.ignores(value):
                    return None
                folder = path[: -len(tail)]
                known = self._seen_folders.get((endpoint, name), ())
                if folder in known:
                    break  # the view has its own mind about this one
                # The newest first: it explains what the others did not.
                self._seen_folders[endpoint, name] = (folder, *known)
                self._allow(folder)
                return folder
        if self._config.ignores(os.path.basename(path)):
            return None
        prefix, _, name = (decoded_path(key) or "").rpartition("/")
        if endpoint is None and name == os.path.basename(path):
            folder = os.path.dirname(path)
            self._seen_mounts[prefix] = folder
            self._allow(folder)
            return folder
        self._seen_files[key] = path
        self._allow(path)
        return os.path.dirname(path)

    def file_of(self, key: str) -> str | None:
        """Return the file behind a module's key, whether or not it exists.

        :return: an absolute path, or ``None`` for what no root can hold.
        """
        if key in self._seen_files:
            return self._seen_files[key]
        path = decoded_path(key)
        if path is None:
            return None
        places = [
            found
            for folder, name in self._candidates(path)
            if (found := _join(folder, name)) is not None
            and not self._config.ignores(name)
            and self._contains(found)
        ]
        if len(places) > 1:
            return next(filter(os.path.isfile, places), places[0])
        return places[0] if places else None

    def source_of(self, name: str) -> str | None:
        """Return the file of the project that a problem is about.

        :param name: the key of a module, a path below the app's folder, or an
            absolute path.
        :return: a file that exists in the app's folder or a root, else ``None``.
        """
        candidates = [self.file_of(name) if name.startswith("/") else None]
        if name and "\0" not in name:
            candidates.append(os.path.join(self._home, name))
        for path in candidates:
            if path is not None and os.path.isfile(path) and self._contains(path):
                return real_path(path)
        return None

    def _candidates(self, url_path: str) -> Iterator[tuple[str, str]]:
        """Yield folders and names of files in them."""
        for mount in self._mounts:
            if mount and not url_path.startswith(mount + "/"):
                continue
            inside = url_path[len(mount) :]
            for root in self._config.roots:
                if root.prefix is not None and inside.startswith(root.prefix + "/"):
                    yield root.folder, inside[len(root.prefix) + 1 :]
            yield from self._routed(inside)
        for prefix, folder in self._seen_mounts.items():
            if url_path.startswith(prefix + "/"):
                yield folder, url_path[len(prefix) + 1 :]

    def _routed(self, url_path: str) -> Iterator[tuple[str, str]]:
        for host in self._hosts:
            adapter = self._adapters.get(host)
            if adapter is None:
                adapter = self._adapters[host] = self._app.url_map.bind(host)
            try:
                endpoint, arguments = adapter.match(url_path, method="GET")
            except (HTTPException, RequestRedirect):
                continue
            if endpoint in self._static:
                yield self._static[endpoint], str(arguments.get("filename", ""))
            for (seen, name), folders in self._seen_folders.items():
                if seen == endpoint and name in arguments:
                    for folder in folders:
                        yield folder, str(arguments[name])

    def _allow(self, path: str) -> None:
        self._allowed = (*self._allowed, real_path(path))

    def _contains(self, path: str) -> bool:
        """Tell whether a file is in a root or the app's folder, links followed."""
        try:
            real = self.real(path)
        except (OSError, ValueError):
            return False
        return self.allows(real)

    def holds(self, path: str) -> bool:
        """Tell of a path without links whether a folder that is watched is around it.

        Not so of what the app itself sends although a link leads out of its folders.
        """
        folders = map(os.path.realpath, self._given_folders())
        return any(_is_inside(path, folder) for folder in (*folders, self._home))

    def allows(self, path: str) -> bool:
        """Tell of a path without links whether it is where files may be read."""
        return any(_is_inside(path, folder) for folder in (*self._allowed, self._home))


def _is_inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def static_folders(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the endpoint of each static route and its folder."""
    holders = {"static": app.static_folder}
    for name, blueprint in app.blueprints.items():
        holders[f"{name}.static"] = blueprint.static_folder
    for endpoint, folder in holders.items():
        if folder is not None and endpoint in app.view_functions:
            yield endpoint, os.path.abspath(folder)


def _join(folder: str, name: str) -> str | None:
    """Join like the static view does: a name that leads out of the folder is none."""
    if not name or "\0" in name or "\\" in name:
        return None
    parts = name.split("/")
    if ".." in parts or "" in parts or "." in parts:
        return None
    return os.path.join(folder, *parts)
