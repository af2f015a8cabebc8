"""Style sheets, images and whatever else a page shows from files.

They have a graph of their own, apart from that of modules: style sheets import one
another and name images and fonts, and a page that shows one of them can show its new
state without anybody accepting it.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, request

from .bodies import file_of
from .core import css, messages
from .core.facts import OPAQUE, Change, Edge, Facts, Kind
from .core.graph import ModuleGraph
from .core.specifiers import resolve_url, with_version
from .core.versions import digest
from .file_graph import FileGraph
from .files import Files, Identity, encode
from .logs import few
from .requests import Place, place_of

if TYPE_CHECKING:
    from .roots import Roots
    from .transport import Pages

STYLE = "text/css"

MAX_HASHED = 4 * 1024 * 1024
"""Bytes; of a larger file its time of modification and its size tell whether it
changed."""

MAX_KNOWN = 50_000
"""Files that are known at most: the same one has many names, by its queries."""

_SHOWN = ("image/", "font/", "audio/", "video/", "application/font")
_ALSO_SHOWN = frozenset({STYLE, "application/pdf", "application/vnd.ms-fontobject"})


def is_shown(mimetype: str | None) -> bool:
    """Tell whether pages show what is of this type, scripts and documents apart."""
    kind = (mimetype or "").lower()
    return kind in _ALSO_SHOWN or kind.startswith(_SHOWN)


class Assets(FileGraph):
    """Knows the files that pages show, and tells pages when they change.

    :param roots: where files are.
    :param files: reads style sheets.
    :param pages: who is told.
    :param log: gets one line for each change.
    :param watch: is called with folders that turned out to hold such files.
    """

    about = "assets"

    def __init__(
        self,
        roots: Roots,
        files: Files,
        pages: Pages,
        log: logging.Logger,
        watch: Callable[[str], None],
    ) -> None:
        super().__init__(ModuleGraph(b"assets"), roots, files, watch)
        self._pages = pages
        self._log = log
        # Of those that are not kept in memory, the state that was read.
        self._states: dict[str, Identity] = {}
        self._changed: frozenset[str] = frozenset()

    # Reading

    def follow(self, urls: Iterable[str]) -> None:
        """Read whatever these name, and what they name in turn."""
        if len(self.graph) < MAX_KNOWN:
            super().follow(urls)

    def _facts(self, url: str) -> Facts:
        paths = self._locate(url)
        if not paths or not is_shown(mimetypes.guess_type(paths[0])[0]):
            return OPAQUE
        path = paths[0]
        if path.endswith(".css"):
            source = self.files.read(path)
            if source is None:
                exists = self.files.identity(path) is not None
                return Facts(Kind.OPAQUE if exists else Kind.MISSING, paths=paths)
            edges = self._edges(url, source.text)
            return Facts(Kind.FILE, source.content, b"", edges=edges, paths=paths)
        state = self.files.identity(path)
        if state is None:
            return Facts(Kind.MISSING, paths=paths)
        self._states[path] = state
        return Facts(Kind.FILE, _content(path, state), b"", paths=paths)

    def _is_current(self, url: str, facts: Facts) -> bool:
        if facts.kind is not Kind.FILE or facts.paths[0].endswith(".css"):
            return super()._is_current(url, facts)
        path = facts.paths[0]
        return self._states.get(path) == self.files.identity(path)

    def _edges(self, url: str, text: str) -> tuple[Edge, ...]:
        found = {_target(one.url, url): None for one in css.references(text)}
        return tuple(Edge(key) for key in found if key is not None and key != url)

    # Responses

    def prepare(self, response: Response) -> bytes | None:
        """Take note of a file that is sent, and have the browser ask again for it.

        :return: what to send instead, ``None`` if it is to stay as it is.
        """
        path = file_of(response)
        if path is None:
            return None
        place = place_of(request)
        key = place.key.partition("#")[0]
        self._place_file(key, path)
        self.follow([key])
        facts = self.graph.facts(key)
        if facts is None or facts.kind is not Kind.FILE:
            return None  # one that is ignored, or that nobody can follow
        # A page that is loaded after an edit has to show what there is now.
        response.cache_control.no_cache = True
        response.cache_control.max_age = None
        if place.version is None or response.mimetype != STYLE:
            return None
        return self._style(key, place, response)

    def _place_file(self, key: str, path: str) -> None:
        if self._roots.file_of(key) == path:
            return
        view, arguments = request.endpoint, request.view_args or {}
        folder = self._roots.saw(key, view, arguments, path)
        if folder is not None:
            self._watch(folder)

    def _style(self, key: str, place: Place, response: Response) -> bytes | None:
        """Return a style sheet that names the present state of what has changed."""
        path = self._roots.file_of(key)
        source = None if path is None else self.files.read(path)
        if source is None:
            return None
        versions = self.graph.versions([key])
        text = css.versioned(source.text, lambda url: self._present(url, key))
        if versions.get(key) == place.version:
            response.cache_control.no_cache = None
            response.cache_control.max_age = 31536000
            response.cache_control.immutable = True
        return None if text == source.text else encode(text)

    def _present(self, reference: str, base: str) -> str | None:
        """Return a reference with its version, if it has changed since it was read.

        What has not is left alone, for the browser has it under the plain URL.
        """
        key = _target(reference, base)
        if key not in self._changed or key is None:
            return None
        version = self.graph.versions([key]).get(key)
        return None if version is None else with_version(reference, version)

    # Changes

    def _tell(self, change: Change) -> int:
        if not change:
            return 0
        self._changed |= change.affected.keys()
        return self._pages.broadcast(_message(change))

    def _log_update(
        self, change: Change, pages: int, seconds: float
    ) -> Mapping[str, Any]:
        if pages:
            self._log.info("[hmr] changed %s", few(change.changed))
        return {}

    # Pages

    def since(self, seq: object) -> str | None:
        """Return the message about what changed after a state of the graph, if any.

        :param seq: the number that the page's document was given.
        """
        change = self.graph.since(seq) if isinstance(seq, int) else None
        return _message(change) if change else None

    def compare(self, held: Mapping[str, Any]) -> str:
        """Return the message with the present versions of what a page shows.

        :param held: key to version, ``None`` where the page does not know it.
        """
        keys = [key for key in held if self._roots.file_of(key) is not None]
        self.follow(keys)
        versions = self.graph.versions(keys)
        # What nobody can tell the state of is left out.
        known = {key: version for key, version in versions.items() if version}
        return messages.assets(self.graph.seq, known, reply=True)


def _message(change: Change) -> str:
    versions = {key: one.version for key, one in change.affected.items()}
    return messages.assets(change.seq, versions)


def _target(reference: str, base: str) -> str | None:
    """Return the key that a reference in a style sheet stands for."""
    key = resolve_url(reference, base)
    return None if key is None else key.partition("#")[0]


def _content(path: str, state: Identity) -> bytes:
    """Return a digest of a file, or of its state where that is large."""
    if state.size <= MAX_HASHED:
        try:
            with open(path, "rb") as file:
                return digest(file.read(MAX_HASHED + 1))
        except OSError:
            pass
    return digest(f"{state.modified} {state.size}".encode())
