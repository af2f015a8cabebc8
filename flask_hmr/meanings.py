"""What specifiers mean, in pages with different import maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .core.importmap import ImportMap
from .core.specifiers import resolve

MAX_MAPS = 50
"""Different import maps that are kept in mind."""

MAX_ORIGINS = 20
"""Origins under which the app was found that are kept in mind."""


class Meanings:
    """The import maps that pages of one app were seen to have.

    :param given: says what a specifier means whatever maps say, with the key of the
        module that holds it: the path of a URL, a full URL or ``None``.
    """

    def __init__(
        self, given: Callable[[str, str], str | None] = lambda specifier, base: None
    ) -> None:
        self.given = given
        self._maps: tuple[ImportMap, ...] = ()
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

    def add(self, import_maps: Iterable[ImportMap]) -> bool:
        """Take the import maps of one page into account, in their order.

        :return: whether that is news, so that specifiers may mean something else.
        """
        joined: ImportMap | None = None
        for import_map in import_maps:
            joined = import_map if joined is None else joined.joined(import_map)
        if joined is None or joined in self._maps or len(self._maps) >= MAX_MAPS:
            return False
        self._maps = (*self._maps, joined)
        return True

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
