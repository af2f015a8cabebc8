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
    FAILED = "failed"
    """A plugin makes a module of that file, and that has failed."""
    UNCERTAIN = "uncertain"
    """Only the browser can tell: a view answers, or the file is no JavaScript."""


NO_PLACE = TextPlace(0, 0)
"""Where an import stands whose text is not to be had."""


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """One import that may lead nowhere."""

    importer: str
    """The key of the module that holds it."""
    specifier: str
    url: str | None
    """The key of the module that it names, if it names one."""
    place: TextPlace
    """Where it stands in the importer's text, before that is rewritten."""
    doubt: Doubt


def dead_ends(updates: Updates, urls: Iterable[str]) -> Iterator[DeadEnd]:
    """Find imports that may lead nowhere.

    :param updates: knows the files of modules, and what specifiers mean.
    :param urls: the keys of the modules where to begin; all that they import
        statically is looked at. Where one of them is no file itself, or no plugin made
        a module of it, those imports are found that name it, ``import()`` too.
    """
    waiting = list(dict.fromkeys(urls))
    updates.follow(waiting)
    lost = [
        key
        for key in waiting
        if _is_lost(updates.graph.facts(key)) or updates.has_failed(key)
    ]
    told = {end for key in lost for end in _leading_to(updates, key)}
    yield from sorted(told, key=lambda end: (end.importer, end.place))
    seen = set(waiting)
    # It grows: from the top down, as a browser fetches them.
    for importer in waiting:
        for item, url, end in _imports(updates, importer):
            if item.kind is ImportKind.DYNAMIC or end in told:
                continue
            if end is not None:
                yield end
            elif url is not None and url not in seen and len(seen) < MAX_WALKED:
                seen.add(url)
                waiting.append(url)


def _is_lost(facts: Facts | None) -> bool:
    return facts is None or facts.kind is not Kind.FILE


def _leading_to(updates: Updates, lost: str) -> Iterator[DeadEnd]:
    """Find the imports of one module that is no file, or of which none was made."""
    for importer in updates.graph.importers(lost):
        imports = _imports(updates, importer)
        ends = [end for _, url, end in imports if end is not None and url == lost]
        yield from ends
        if not ends:
            # A view made the importer, or a page's import map the meaning.
            doubt = _doubt_about(updates.graph.facts(lost))
            yield DeadEnd(importer, lost, lost, NO_PLACE, doubt)


def _imports(
    updates: Updates, importer: str
) -> Iterator[tuple[Import, str | None, DeadEnd | None]]:
    """Find what a module names, and whether that is there."""
    source = updates.current_source(importer)
    if source is None:
        return
    find = updates.resolver(importer)
    for item in source.scan.imports:
        if item.specifier is None:
            continue
        url = find(item.specifier)
        facts = updates.graph.facts(url) if url else None
        serves = url is not None and updates.serves(_path(url))
        doubt = _doubt(item, url, facts, serves)
        if url is not None and updates.has_failed(url):
            doubt = Doubt.FAILED
        if doubt is None:
            yield item, url, None
            continue
        place = place_at(source.text, item.start)
        yield item, url, DeadEnd(importer, item.specifier, url, place, doubt)


def _doubt(
    item: Import, url: str | None, facts: Facts | None, serves: bool
) -> Doubt | None:
    if url is None:
        bare = item.specifier is not None and is_bare(item.specifier)
        return Doubt.BARE if bare else None
    if _is_lost(facts):
        return _doubt_about(facts)
    # What a plugin makes a module of is sent as it is to who only asks what it is.
    if _path(url).endswith(_SCRIPTS) or item.type is not None or serves:
        return None
    return Doubt.UNCERTAIN


def _path(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]


def _doubt_about(lost: Facts | None) -> Doubt:
    if lost is not None and lost.kind is Kind.MISSING:
        return Doubt.MISSING
    return Doubt.UNCERTAIN
