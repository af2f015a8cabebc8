"""Imports that may lead nowhere, for an error that does not say which one does."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .core.facts import Facts, Kind
from .core.lexer import Import, ImportKind
from .core.places import TextPlace, place_at
from .core.specifiers import is_bare
from .updates import Updates

MAX_WALKED = 10_000
"""Modules that are looked at."""

_SCRIPTS = (".js", ".mjs")


class Doubt(enum.Enum):
    """Why an import may lead nowhere."""

    MISSING = "missing"
    """There is no such file."""
    BARE = "bare"
    """It is a bare specifier that no import map gives a meaning."""
    UNCERTAIN = "uncertain"
    """Only the browser can tell: a view answers, or the file is no JavaScript."""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """One import that may lead nowhere."""

    importer: str
    """The key of the module that holds it."""
    specifier: str
    url: str | None
    """The key of the module that it names, if it names one."""
    place: TextPlace
    doubt: Doubt


def dead_ends(updates: Updates, urls: Iterable[str]) -> Iterator[DeadEnd]:
    """Find static imports that may lead nowhere.

    :param updates: knows the files of modules, and what specifiers mean.
    :param urls: the keys of the modules where to begin; all that they import is
        looked at.
    """
    waiting = list(dict.fromkeys(urls))
    updates.follow(waiting)
    seen = set(waiting)
    # It grows: from the top down, as a browser fetches them.
    for importer in waiting:
        source = updates.current_source(importer)
        if source is None:
            continue
        find = updates.resolver(importer)
        for item in source.scan.imports:
            if item.kind is ImportKind.DYNAMIC or item.specifier is None:
                continue
            url = find(item.specifier)
            doubt = _doubt(item, url, updates.graph.facts(url) if url else None)
            if doubt is not None:
                place = place_at(source.text, item.start)
                yield DeadEnd(importer, item.specifier, url, place, doubt)
            elif url is not None and url not in seen and len(seen) < MAX_WALKED:
                seen.add(url)
                waiting.append(url)


def _doubt(item: Import, url: str | None, facts: Facts | None) -> Doubt | None:
    if url is None:
        bare = item.specifier is not None and is_bare(item.specifier)
        return Doubt.BARE if bare else None
    if facts is None or facts.kind is Kind.OPAQUE:
        return Doubt.UNCERTAIN
    if facts.kind is Kind.MISSING:
        return Doubt.MISSING
    path = url.partition("#")[0].partition("?")[0]
    if path.endswith(_SCRIPTS) or item.type is not None:
        return None
    return Doubt.UNCERTAIN
