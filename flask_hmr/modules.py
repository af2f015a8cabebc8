"""JavaScript modules: what a page gets for one, and for how long it may keep it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from flask import Response, request

from .bodies import file_of, is_bounded, tag_of
from .core.facts import Facts, Kind
from .core.forwarding import following, forwarding, renamed
from .core.lexer import scan
from .core.rewrite import Runtime, rewrite
from .core.specifiers import (
    encode_path,
    resolve_url,
    split_version,
    with_version,
)
from .core.versions import same_content
from .files import Source, decode, encode, real_path
from .recent import Recent
from .requests import MODULE_SUFFIXES, Place, is_for_worker, is_import, place_of
from .updates import LEAVES, Updates

if TYPE_CHECKING:
    from .roots import Roots
    from .watcher import Watcher

SETTLE_WAIT = 0.5
"""Seconds that a request waits for a file that is being saved."""

FOREVER = "private, max-age=31536000, immutable"

ANEW = "no-store"
"""For text with versions in it that may change alone. What browsers only have to ask
about they take as they kept it when the user goes back, and old code with it."""

KEPT_SIZE = 16 * 1024 * 1024
"""Bytes of rewritten modules kept in memory."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A module as it is sent."""

    body: bytes
    tag: str
    cache: str
    """The value of ``Cache-Control``."""

    @classmethod
    def of(cls, text: str, cache: str) -> Rewritten:
        """Encode a module's text."""
        body = encode(text)
        return cls(body, tag_of(body), cache)


SERVED = "flask_hmr.served"
"""Where the environment of a request tells what was sent, a :class:`Served`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A rewritten file, with all that its text depends on."""

    source: Source
    revision: int
    """That of the graph, unless the text is a function of its URL."""
    rewritten: Rewritten


class Served(NamedTuple):
    """The file that a request was answered with."""

    endpoint: str | None
    place: Place
    kept: Kept


class Modules:
    """Rewrites the modules of one app.

    :param updates: knows versions.
    :param roots: is told which files views send.
    :param runtime: URL of the client runtime, without ``SCRIPT_NAME``.
    :param watch: is called with folders that turned out to hold modules.
    :param watcher: returns the watcher, started.
    :param serves: tells of a file whether plugins make a module of it.
    """

    def __init__(
        self,
        *,
        updates: Updates,
        roots: Roots,
        runtime: str,
        watch: Callable[[str], None],
        watcher: Callable[[], Watcher],
        serves: Callable[[str], bool] = lambda path: False,
    ) -> None:
        self._updates = updates
        self._roots = roots
        self._runtime = runtime
        self._watch = watch
        self._watcher = watcher
        self._serves = serves
        self._kept: Recent[tuple[Place, str, bool, bool], Kept] = Recent(KEPT_SIZE)

    def rewritten(self, response: Response) -> Rewritten | None:
        """Return what to send instead of a response with JavaScript in it.

        :return: ``None`` if the response is to stay as it is.
        """
        path = file_of(response)
        if path is not None:
            return self._from_file(path)
        if is_bounded(response):
            return self._generated(response.get_data())
        return None

    # Modules that are files

    def _from_file(self, path: str) -> Rewritten | None:
        place, wanted = place_of(request), is_import(request)
        if is_for_worker(request):
            self._updates.saw_worker(place.key)
        lives = wanted and place.version is None and not self._is_from_module()
        key = place, request.script_root, wanted, lives
        kept = self._kept.get(key)
        if kept is None or kept.source.path != path or not self.is_current(place, kept):
            kept = self._anew(place, path, wanted, lives)
            if kept is None:
                return None
            self._kept.put(key, kept, len(kept.rewritten.body))
        if not lives:
            request.environ[SERVED] = Served(request.endpoint, place, kept)
        return kept.rewritten

    def _is_from_module(self) -> bool:
        """Tell whether a module asks, whose bindings are those of one instance."""
        updates = self._updates
        url = request.headers.get("Referer")
        origin = f"{request.scheme}://{request.host}"
        key = resolve_url(url, "/", origin) if url else None
        if key is None:
            # Code that has no place, as in a browser's console, names none.
            return bool(url)
        plain = split_version(key)[0]
        source = updates.last_source(plain)
        # A classic script may be followed as well.
        return updates.graph.facts(plain) is not None and (
            source is None or source.scan.is_module
        )

    def is_current(self, place: Place, kept: Kept) -> bool:
        """Tell whether what was sent for a place is what is to be sent now."""
        self._watcher()
        graph, source = self._updates.graph, kept.source
        if kept.rewritten.cache == FOREVER:
            is_same = graph.is_version(place.key, place.version)
        else:
            is_same = kept.revision == graph.revision
        return is_same and source.identity == self._updates.files.identity(source.path)

    def known(self, place: Place, path: str, script_root: str) -> Kept | None:
        """Return what to send for a module that the graph knows, in its state on disk.

        :param path: the file that the app would send.
        :param script_root: where the app is mounted, as a URL path.
        """
        graph, files = self._updates.graph, self._updates.files
        revision = graph.revision
        facts = graph.facts(place.key)
        if (
            place.version is None
            or facts is None
            or facts.kind is not Kind.FILE
            or facts.paths[0] != path
            or not graph.is_version(place.key, place.version)
        ):
            return None
        raw = files.kept(path)
        if raw is None or raw.identity != files.identity(path):
            return None
        source = self._updates.source(place.key, raw)
        return self._current(place, facts, source, revision, script_root)

    def _anew(self, place: Place, path: str, wanted: bool, lives: bool) -> Kept | None:
        graph = self._updates.graph
        known = self._place_file(place.key, path)
        # Taken before all that is looked up: what changes meanwhile makes it old.
        revision = graph.revision
        facts, raw = self._settled(place.key, known)
        if (
            facts is None
            or facts.kind is not Kind.FILE
            or raw is None
            or not self._is_module(place, raw, wanted)
        ):
            return None
        if self._serves(raw.path) and not self._is_made(place.key, raw):
            return None
        source = self._updates.source(place.key, raw)
        version = graph.versions([place.key]).get(place.key)
        if wanted and self._is_other(place, version, path):
            text = self._forward(place, str(version), source, lives=lives)
            return Kept(source, revision, Rewritten.of(text, ANEW))
        script_root = encode_path(request.script_root)
        return self._current(place, facts, source, revision, script_root)

    def _is_other(self, place: Place, version: str | None, path: str) -> bool:
        """Tell whether a request is to be led on to the version that there is.

        It has none, or one of a state that the file has no more: to evaluate the
        present text under it would make a second instance.
        """
        asked, graph = place.version, self._updates.graph
        if version is None or asked == version:
            return False
        if asked is None:
            return True
        # With the same content the page has what is later stand for what it asked for:
        # it would lead on to itself.
        if same_content(asked, version):
            return False
        # Another process may have given it a version that this one has yet to hear of.
        if self._updates.code is not None:
            return False
        # What comes after "#" makes a module of its own, and is not sent.
        return not any(
            url.partition("#")[0] == place.key and graph.is_version(url, asked)
            for url in graph.from_file(path)
        )

    def _current(
        self,
        place: Place,
        facts: Facts,
        source: Source,
        revision: int,
        script_root: str,
    ) -> Kept:
        graph = self._updates.graph
        text = self._text(place.key, source, place.version, script_root)
        is_fixed = (
            place.version is not None
            and graph.is_version(place.key, place.version)
            and _agree(facts, source)
            and graph.fixed(place.key)
            and graph.revision == revision
        )
        cache = FOREVER if is_fixed else ANEW
        return Kept(source, revision, Rewritten.of(text, cache))

    def _place_file(self, key: str, path: str) -> str | None:
        """Return the file behind a key, as the graph names it.

        :param key: the key of the response's URL.
        :param path: the file that the response sends.
        :return: ``None`` if it is not the file that the key stands for.
        """
        self._updates.follow([key])
        facts = self._updates.graph.facts(key)
        if facts is not None and facts.paths and facts.paths[0] == path:
            return path
        view, arguments = request.endpoint, request.view_args or {}
        folder = self._roots.saw(key, view, arguments, path)
        if folder is not None:
            self._watch(folder)
        known = self._roots.file_of(key)
        if known is None or not os.path.samefile(known, path):
            return None
        # Also where another request has learnt of the folder, and is not so far yet:
        # the file as it is would be a second instance.
        if facts is not None and facts.kind is Kind.OPAQUE:
            self._updates.relocate()
        return known

    def _settled(
        self, key: str, path: str | None
    ) -> tuple[Facts | None, Source | None]:
        """Return the facts and the source of a module, as they were last complete.

        A file that is being saved differs from what is known of it. Its complete
        state is a moment away; until then the state before it is served.
        """
        if path is None:
            return None, None
        files = self._updates.files
        watcher = self._watcher()
        kept = files.kept(path)
        if kept is None or kept.identity != files.identity(path):
            watcher.poke(path)
            watcher.wait_settled(path, SETTLE_WAIT)
            kept = files.kept(path)
        return self._updates.graph.facts(key), kept

    def _is_module(self, place: Place, source: Source, wanted: bool) -> bool:
        """Tell modules from classic scripts, which must be left alone."""
        if place.version is not None or source.scan.is_module:
            return True
        if self._serves(source.path):
            return True
        # Only a module is fetched with CORS from its own origin by default.
        return wanted or bool(self._updates.graph.importers(place.key))

    def _is_made(self, key: str, raw: Source) -> bool:
        """Tell whether what plugins make modules of has become one."""
        is_one_already = raw.path.endswith(MODULE_SUFFIXES) and raw.scan.is_module
        return is_one_already or self._updates.is_made(key, raw)

    def _text(
        self, key: str, source: Source, version: str | None, script_root: str
    ) -> str:
        found = source.scan
        find = self._updates.resolver(key)
        named = [find(i.specifier) for i in found.imports if i.specifier is not None]
        versions = self._updates.versions(url for url in named if url is not None)
        runtime = Runtime(script_root + self._runtime)
        given = self._updates.given(key)
        return rewrite(
            source.text,
            found,
            find,
            versions.get,
            runtime,
            version,
            base=key,
            given=given,
        )

    def _forward(
        self, place: Place, version: str, source: Source, *, lives: bool = False
    ) -> str:
        """Return a module that stands for the current instance of another.

        For references that nobody could give a version: without this they would
        make a second instance.

        :param lives: whether it is to stand for later instances as well.
        """
        key, asked = place.key, place.version
        target, has_default = with_version(key, version), source.scan.has_default
        runtime = encode_path(request.script_root) + self._runtime
        if lives:
            return following(target, key, source.text, runtime, has_default=has_default)
        text = forwarding(target, has_default=has_default)
        return text if asked is None else renamed(key, asked, version, runtime) + text

    # How a module came to be what is sent

    def stages(self, key: str) -> list[tuple[str, str]]:
        """Return the text of a module, before and after each that changes it.

        :param key: the module's key.
        :return: names with texts: ``file``, unless a plugin made it up, then what each
            plugin made of it, then ``sent``. Empty where there is nothing to read.
        """
        facts = self._updates.graph.facts(key)
        # Pages may say that they hold whatever they like: what is no client-side file
        # is not shown for that.
        if facts is None or not all(map(self._is_shown, facts.paths)):
            return []
        source = self._updates.current_source(key)
        if source is None:
            return []
        found = [("made up", source.text)]
        if facts.paths:
            raw = self._updates.files.kept(facts.paths[0]) or source
            found = [("file", raw.text), *self._updates.stages(key, raw)]
        version = self._updates.versions([key]).get(key)
        if not key.partition("?")[0].endswith(LEAVES) or self._serves(source.path):
            text = self._text(key, source, version, self._roots.mount_of(key))
            found.append(("sent", text))
        return found

    def _is_shown(self, path: str) -> bool:
        is_client_side = path.endswith((*MODULE_SUFFIXES, *LEAVES)) or self._serves(
            path
        )
        return is_client_side and self._roots.holds(real_path(path))

    # Modules that plugins make up

    def made_up(self) -> Rewritten | None:
        """Return the module that a request asked for, if a plugin has it."""
        place = place_of(request)
        self._updates.follow([place.key])
        facts = self._updates.graph.facts(place.key)
        source = self._updates.current_source(place.key)
        if facts is None or source is None:
            return None
        script_root = encode_path(request.script_root)
        version = self._updates.graph.versions([place.key]).get(place.key)
        if place.version is None and version is not None and is_import(request):
            return Rewritten.of(self._forward(place, version, source), ANEW)
        revision = self._updates.graph.revision
        return self._current(place, facts, source, revision, script_root).rewritten

    # Modules that views make

    def _generated(self, data: bytes) -> Rewritten | None:
        place = place_of(request)
        text = decode(data)
        found = scan(text)
        if not found.is_module:
            return None
        self._updates.follow([place.key])
        edges = self._updates.edges(place.key, text, found)
        facts = self._updates.graph.facts(place.key)
        if facts is None or facts.kind is not Kind.OPAQUE:
            return None
        if facts.edges != edges:
            self._updates.learn(place.key, Facts(Kind.OPAQUE, edges=edges))
        find = self._updates.resolver(place.key)
        versions = self._updates.versions(edge.url for edge in edges)
        runtime = Runtime(encode_path(request.script_root) + self._runtime)
        given = self._updates.given(place.key)
        rewritten = rewrite(
            text,
            found,
            find,
            versions.get,
            runtime,
            place.version,
            base=place.key,
            given=given,
        )
        return None if rewritten is text else Rewritten.of(rewritten, ANEW)


def _agree(facts: Facts, source: Source) -> bool:
    return (facts.content, facts.modified) == (source.content, source.modified)
