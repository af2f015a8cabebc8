"""What specifiers mean, in pages with different import maps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from .core.importmap import ImportMap
from .core.specifiers import resolve

MAX_MAPS = 50
"""Different import maps that are kept in mind."""

UNCLAIMED = 30.0
"""Seconds for which a map counts after its document was sent, if no page says that it
has it."""

MAX_ORIGINS = 20
"""Origins under which the app was found that are kept in mind."""


class Meanings:
    """The import maps that pages of one app have.

    A map that no page has any longer, as after an edit of it, is forgotten once it
    contradicts one that is in use.

    :param given: says what a specifier means whatever maps say, with the key of the
        module that holds it: the path of a URL, a full URL or ``None``.
    :param clock: gives the time in seconds, from any start, never backwards.
    """

    def __init__(
        self,
        given: Callable[[str, str], str | None] = lambda specifier, base: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.given = given
        self._clock = clock
        # Each with the time until which it counts although no page is known to have it.
        self._maps: dict[ImportMap, float] = {}
        self._pages: dict[object, ImportMap] = {}
        self.forgets = True
        """Whether all pages of the app say here what they have."""
        self.origins: tuple[str, ...] = ()
        """Where the app was found: specifiers may name it by a full URL."""

    def add_origin(self, origin: str) -> bool:
        """Take note of an origin of the app.

        :param origin: scheme, host and port, such as ``http://127.0.0.1:5000``.
        :return: whether that is news, so that specifiers may mean something else.
        """
        if origin in self.origins or len(self.origins) >= MAX_ORIGINS:
            return False
        self.origins = (*self.origins, origin)
        return True

    def add(self, import_maps: Iterable[ImportMap], page: object | None = None) -> bool:
        """Take the import maps of one page into account, in their order.

        :param page: the page if it is there already, and its document not only about to
            be sent.
        :return: whether that is news, so that specifiers may mean something else.
        """
        joined = joined_map(import_maps)
        if joined is None:
            return self.left(page)
        if page is not None:
            self._pages[page] = joined
        is_new = joined not in self._maps
        if not is_new or len(self._maps) < MAX_MAPS:
            self._maps[joined] = 0.0 if page is not None else self._clock() + UNCLAIMED
        return self._forget() or (is_new and joined in self._maps)

    def left(self, page: object) -> bool:
        """Take note that a page has gone.

        :return: as for :meth:`add`.
        """
        return self._pages.pop(page, None) is not None and self._forget()

    def _forget(self) -> bool:
        if not self.forgets or len(self._maps) < 2:
            return False
        now, used = self._clock(), set(self._pages.values())
        live = [one for one, until in self._maps.items() if one in used or now < until]
        old = [one for one in self._maps if one not in live]
        gone = [one for one in old if any(map(one.contradicts, live))]
        for one in gone:
            del self._maps[one]
        return bool(gone)

    def of(self, specifier: str, base: str) -> set[str | None]:
        """Return the keys that a specifier has in pages with different maps.

        :param base: the key of the module that holds the specifier, or the path
            and query of a document.
        """
        given = self.given(specifier, base)
        if given is not None:
            return {self._plain(given, base)}
        plain = self._plain(specifier, base)
        if not self._maps:
            return {plain}
        rules = [m.look_up(specifier, base) for m in self._maps]
        meanings = {address for named, address in rules if named}
        # A page whose map does not name a path takes it as it is; a bare specifier
        # it cannot import at all.
        if not meanings or (plain is not None and not all(n for n, _ in rules)):
            meanings.add(plain)
        return meanings

    def _plain(self, specifier: str, base: str) -> str | None:
        """Return the key that a specifier has without an import map."""
        key = resolve(specifier, base)
        if key is not None:
            return key
        found = (resolve(specifier, base, origin) for origin in self.origins)
        return next((key for key in found if key is not None), None)

    def within(
        self, import_map: ImportMap | None, base: str
    ) -> Callable[[str], str | None]:
        """Return what finds the key that a specifier names in one document.

        :param import_map: that of the document, if it has one.
        :param base: path and query of the document.
        """

        def find(specifier: str) -> str | None:
            given = self.given(specifier, base)
            if given is not None:
                return self._plain(given, base)
            if import_map is not None:
                named, address = import_map.look_up(specifier, base)
                if named:
                    return address
            return self._plain(specifier, base)

        return find

    def resolver(self, base: str) -> Callable[[str], str | None]:
        """Return what finds the key that a specifier names.

        A specifier that import maps give different meanings has none here.

        :param base: as for :meth:`of`.
        """
        known: dict[str, str | None] = {}

        def find(specifier: str) -> str | None:
            if specifier not in known:
                meanings = self.of(specifier, base)
                known[specifier] = meanings.pop() if len(meanings) == 1 else None
            return known[specifier]

        return find


def joined_map(import_maps: Iterable[ImportMap]) -> ImportMap | None:
    """Return the map that a page has by several, ``None`` if it has none."""
    joined: ImportMap | None = None
    for import_map in import_maps:
        joined = import_map if joined is None else joined.joined(import_map)
    return joined
