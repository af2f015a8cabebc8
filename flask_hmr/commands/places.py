"""Which URLs lead to which folders, and the modules in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

from flask import Flask

from ..config import Config
from ..core.specifiers import encode_path
from ..requests import MODULE_SUFFIXES
from ..roots import Roots, static_folders

SOURCES = (".ts", ".mts", ".tsx", ".jsx")
"""Files that are modules wherever a plugin serves them."""

MAX_MODULES = 20_000
"""Modules that are looked at."""


class Place(NamedTuple):
    """A folder, and where it is served."""

    prefix: str | None
    """The URL path, without a slash at its end; ``None`` where that is not known."""
    folder: str
    source: str
    """What says so: an endpoint or a configuration key."""


def places(app: Flask, config: Config) -> Iterator[Place]:
    """Yield the folders of an app that modules come from."""
    for root in config.roots:
        yield Place(root.prefix, root.folder, "HMR_ROOTS")
    for endpoint, folder in static_folders(app):
        for rule in app.url_map.iter_rules(endpoint):
            prefix, _, rest = rule.rule.partition("/<path:filename>")
            is_plain = not rest and "<" not in prefix
            yield Place(prefix if is_plain else None, folder, endpoint)


def modules_in(
    places: list[Place],
    config: Config,
    roots: Roots,
    used: Container[str] = (),
    serves: Callable[[str], bool] = lambda path: False,
) -> dict[str, str]:
    """Return the key and the file of each module in some places.

    A file that several URLs lead to is there once, for nobody may use the others.

    :param used: keys that are known to be used: these come first.
    :param serves: tells whether plugins make a module of a file.
    """
    found: dict[str, tuple[tuple[bool, bool], str, str]] = {}
    for place in places:
        if place.prefix is None:
            continue
        for name in _names(place.folder, config, serves):
            key = encode_path(f"{place.prefix}/{name}")
            path = os.path.join(place.folder, *name.split("/"))
            if len(found) >= MAX_MODULES or roots.file_of(key) != path:
                continue
            real = os.path.realpath(path)
            rank = (key not in used, os.path.islink(path))
            if real not in found or rank < found[real][0]:
                found[real] = rank, key, path
    return {key: path for _, key, path in found.values()}


def folders_below(folder: str, config: Config) -> Iterator[str]:
    """Yield a folder and all below it that are looked at."""
    for parent, _, _ in _walk(folder, config):
        yield parent


def _names(folder: str, config: Config, serves: Callable[[str], bool]) -> Iterator[str]:
    for parent, _, files in _walk(folder, config):
        for file in sorted(files):
            name = os.path.relpath(os.path.join(parent, file), folder)
            is_module = name.endswith(MODULE_SUFFIXES) or (
                # Of other files it shows when they are imported.
                name.endswith(SOURCES) and serves(name)
            )
            if is_module and not config.ignores(name):
                yield name.replace(os.sep, "/")


def _walk(folder: str, config: Config) -> Iterator[tuple[str, list[str], list[str]]]:
    seen = {os.path.realpath(folder)}
    for parent, folders, files in os.walk(folder, followlinks=True):
        yield parent, folders, files
        kept = []
        for name in sorted(folders):
            path = os.path.join(parent, name)
            real = os.path.realpath(path)
            if os.path.islink(path) and real in seen:
                continue  # a link to a folder that was seen already
            if not config.ignores(os.path.relpath(path, folder)):
                seen.add(real)
                kept.append(name)
        folders[:] = kept
