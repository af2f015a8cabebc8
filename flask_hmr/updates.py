"""The conductor: from files to the graph, from changed files to messages."""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .core import messages
from .core.bindings import imported_names
from .core.facts import OPAQUE, Change, Edge, Facts, Kind
from .core.graph import ModuleGraph
from .core.importmap import ImportMap
from .core.lexer import ImportKind, Scan
from .core.propagate import Outcome, propagate
from .file_graph import FileGraph
from .files import Files, Source
from .hooks import Hooks
from .logs import few
from .meanings import Meanings
from .roots import Roots
from .transport import Pages

# What modules import besides JavaScript: it has no imports of its own to look for.
LEAVES = (".css", ".json", ".wasm")

MAX_WORKERS = 1000
"""Different scripts of workers that are kept in mind."""


class Updates(FileGraph):
    """Keeps the module graph in step with the disk, and pages with the graph.

    :param graph: the module graph.
    :param roots: where modules are.
    :param files: reads them.
    :param pages: who is told.
    :param log: gets one line for each update.
    :param watch: is called with folders that links turned out to lead to.
    :param hooks: the plugins, if there are any.
    """

    about = "modules"

    def __init__(
        self,
        graph: ModuleGraph,
        roots: Roots,
        files: Files,
        pages: Pages,
        log: logging.Logger,
        watch: Callable[[str], None] = lambda folder: None,
        hooks: Hooks | None = None,
    ) -> None:
        super().__init__(graph, roots, files, watch)
        self._hooks = hooks
        self.session = secrets.token_hex(8)
        """Names this process, so that pages can tell it from the one before."""
        self.code: str | None = None
        """Names the state of the app's code, where several processes serve it."""
        self._pages = pages
        self._log = log
        self._meanings = Meanings() if hooks is None else Meanings(hooks.resolve)
        self.on_renewed: Callable[[dict[str, str]], object] = lambda salts: None
        """Is called with what other processes need for the same new versions."""
        # What becomes of the last change is asked for twice.
        self._last: tuple[Change | None, Outcome] = (None, Outcome((), (), True))
        self.workers: frozenset[str] = frozenset()
        """Scripts that were asked for to be run by a worker."""

    # Reading

    def versions(self, urls: Iterable[str]) -> dict[str, str | None]:
        """Return the version of each module, after following what it imports."""
        wanted = list(dict.fromkeys(urls))
        self.follow(wanted)
        return self.graph.versions(wanted)

    def resolver(self, base: str) -> Callable[[str], str | None]:
        """Return what finds the key that a specifier names: see :class:`Meanings`."""
        return self._meanings.resolver(base)

    def given(self, base: str) -> Callable[[str], str | None]:
        """Return what finds the URL that only plugins give a specifier."""
        return lambda specifier: self._meanings.given(specifier, base)

    def source(self, url: str, raw: Source) -> Source:
        """Return the source of a module after all plugins."""
        return raw if self._hooks is None else self._hooks.transformed(url, raw)

    def serves(self, path: str) -> bool:
        """Tell whether a plugin makes modules of files that are called like this."""
        return self._hooks is not None and self._hooks.serves(path)

    def is_made(self, url: str, raw: Source) -> bool:
        """Tell whether a plugin has made a module of a file that is none."""
        return self._hooks is not None and self._hooks.has_made(url, raw)

    def stages(self, url: str, raw: Source) -> list[tuple[str, str]]:
        """Return the plugins that changed a module, each with its text after it."""
        if self._hooks is None:
            return []
        return [(stage.name, stage.text) for stage in self._hooks.stages(url, raw)]

    def current_source(self, url: str) -> Source | None:
        """Return the source of a module as it is now, ``None`` where there is none."""
        facts = self.graph.facts(url)
        if facts is None or facts.kind is not Kind.FILE:
            return None
        if not facts.paths:
            return None if self._hooks is None else self._hooks.made_up(url)
        raw = self.files.read(facts.paths[0])
        return None if raw is None else self.source(url, raw)

    def last_source(self, url: str) -> Source | None:
        """Return the source of a module's file, as it was read last."""
        facts = self.graph.facts(url)
        return self.files.kept(facts.paths[0]) if facts and facts.paths else None

    def resolver_within(
        self, import_map: ImportMap | None, base: str
    ) -> Callable[[str], str | None]:
        """Return what finds the key in one document: see :meth:`Meanings.within`."""
        return self._meanings.within(import_map, base)

    def saw_maps(
        self, import_maps: Iterable[ImportMap], page: object | None = None
    ) -> None:
        """Take the import maps of one page into account: see :meth:`Meanings.add`."""
        with self._order:
            # What another process is told this one does not hear.
            self._meanings.forgets = self.code is None
            is_news = self._meanings.add(import_maps, page)
        if is_news:
            self._reread_all()

    def page_left(self, page: object) -> None:
        """Take note that a page, which may have had import maps, has gone."""
        with self._order:
            is_news = self._meanings.left(page)
        if is_news:
            self._reread_all()

    def saw_origin(self, origin: str) -> None:
        """Take note of an origin under which the app was found."""
        with self._order:
            is_news = self._meanings.add_origin(origin)
        if is_news:
            self._reread_all()

    def _reread_all(self) -> None:
        self._reread({u for urls in self.graph.files().values() for u in urls})

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins under which the app was found."""
        return self._meanings.origins

    def saw_worker(self, url: str) -> None:
        """Take note of a module that was asked for to be run by a worker."""
        if url not in self.workers and len(self.workers) < MAX_WORKERS:
            self.workers |= {url}

    def _facts(self, url: str) -> Facts:
        paths = self._locate(url)
        if not paths:
            made_up = None if self._hooks is None else self._hooks.made_up(url)
            return OPAQUE if made_up is None else self.facts_of(url, made_up, ())
        raw = self.files.read(paths[0])
        if raw is None:
            exists = self.files.identity(paths[0]) is not None
            return Facts(Kind.OPAQUE if exists else Kind.MISSING, paths=paths)
        source = raw if self._is_leaf(raw.path) else self.source(url, raw)
        for path in source.dependencies:
            self._watch(os.path.dirname(path))
        return self.facts_of(url, source, (*paths, *source.dependencies))

    def _is_leaf(self, path: str) -> bool:
        return path.endswith(LEAVES) and not self.serves(path)

    def facts_of(self, url: str, source: Source, paths: tuple[str, ...]) -> Facts:
        """Return the facts that a module's source states.

        :param url: the module's key.
        :param source: its text.
        :param paths: where the file is.
        """
        if self._is_leaf(source.path):
            return Facts(Kind.FILE, source.content, source.modified, paths=paths)
        try:
            scan = source.scan
        except Exception:
            # No change is ever swallowed, not even where the lexer is at fault.
            self._log.exception("[hmr] %s cannot be read as JavaScript", source.path)
            return Facts(Kind.FILE, source.content, source.modified, paths=paths)
        return Facts(
            Kind.FILE,
            source.content,
            source.modified,
            edges=self.edges(url, source.text, scan),
            accepts_self=scan.accepts_self and not scan.declines,
            may_accept=scan.mentions_accept,
            accepts_exports=scan.mentions_accept and "acceptExports" in source.text,
            declines=scan.declines,
            paths=paths,
        )

    def edges(self, url: str, text: str, scan: Scan) -> tuple[Edge, ...]:
        """Return one edge for each module that a module's text names."""
        find = self.resolver(url)
        accepted = {find(specifier) for specifier in scan.accepts_deps}
        edges: dict[str, Edge] = {}
        for item in scan.imports:
            if item.specifier is None:
                continue
            dynamic = item.kind is ImportKind.DYNAMIC
            names = imported_names(text, item)
            meanings = self._meanings.of(item.specifier, url)
            unsettled = item.specifier if len(meanings) > 1 else None
            for target in sorted(filter(None, meanings)):
                edge = Edge(target, dynamic, target in accepted, names, unsettled)
                edges[target] = _both(edges.get(target, edge), edge)
        if self._hooks is not None:
            self._hooks.imports_only(url, (item.specifier for item in scan.imports))
        return tuple(edges.values())

    # Changes

    def learn(self, url: str, facts: Facts) -> None:
        """Take in what a response showed of a module that has no file."""
        self._apply({url: facts}, time.perf_counter())

    def relocate(self) -> None:
        """Look again for the files of modules that seemed to have none."""
        opaque = self.graph.opaque()
        self._reread(url for url in opaque if self._roots.file_of(url) is not None)

    def renew(self, urls: Iterable[str], since: int | None = None) -> None:
        """Give modules new instances although no file changed.

        :param urls: the modules.
        :param since: a change; what has a new version since is left alone.
        """
        start = time.perf_counter()
        with self._order:
            change = self.graph.renew(urls, since)
            pages = self._tell(change)
        self._say(change, pages, start)
        if change:
            self.on_renewed(self.graph.salts(change.affected))

    def touch(self, urls: Iterable[str]) -> None:
        """Treat modules as changed although no file of theirs is.

        :param urls: their keys; what plugins made up is asked for again.
        """
        wanted = list(dict.fromkeys(urls))
        made_up = [url for url in wanted if self._is_made_up(url)]
        self._reread(made_up)
        others = [url for url in wanted if url not in made_up]
        if not others:
            return
        start = time.perf_counter()
        with self._order:
            change = self.graph.renew(others, as_changed=True)
            pages = self._tell(change)
        self._say(change, pages, start)
        if change:
            self.on_renewed(self.graph.salts(change.affected))

    def has_failed(self, url: str) -> bool:
        """Tell whether a plugin should have made a module, and did not."""
        return self._hooks is not None and self._hooks.failed_to_make(url)

    def ask_again(self) -> None:
        """Ask for the modules again that plugins have made up."""
        made = () if self._hooks is None else self._hooks.made
        if made:
            self._reread(made)

    def _is_made_up(self, url: str) -> bool:
        return self._hooks is not None and self._hooks.name_in(url) is not None

    def adopt(self, salts: Mapping[str, str]) -> None:
        """Give modules the versions that another process gave them."""
        start = time.perf_counter()
        with self._order:
            change = self.graph.adopt(salts)
            pages = self._tell(change)
        self._say(change, pages, start)

    def mend(self, entries: list[str], since: int) -> None:
        """Give new versions to what could not be loaded and perhaps can be now.

        A browser keeps a module that could not be linked or evaluated under its URL,
        and the version of one that imports a boundary stays when the boundary is
        mended.

        :param entries: modules that could not be loaded.
        :param since: the last change that was known then; what has a new version
            since is left alone.
        """
        self.renew(self.graph.leading(entries, since), since)

    def _tell(self, change: Change) -> int:
        if not change:
            return 0
        return self._pages.broadcast(self._message(change))

    def _message(
        self, change: Change, *, answer: bool = False, compared: bool = False
    ) -> str:
        # A worker takes no updates, so that one is concerned past every boundary.
        workers: Iterable[str] = ()
        if self.workers and change.changed:
            workers = sorted(self.workers & self.graph.above(change.changed))
        # Nobody waits for an answer that a page has asked for.
        said = answer or not change.changed
        unsure = not said and not _is_taken(self._outcome(change))
        return messages.update(
            self.session,
            change,
            workers,
            answer=answer,
            compared=compared,
            unsure=unsure,
        )

    def _outcome(self, change: Change) -> Outcome:
        """Return what becomes of a change by what files say."""
        known, outcome = self._last
        if known is not change:
            outcome = propagate(change.changed, change.affected.get)
            self._last = change, outcome
        return outcome

    def _log_update(
        self, change: Change, pages: int, seconds: float
    ) -> Mapping[str, Any]:
        outcome = self._outcome(change)
        more = {
            "seq": change.seq,
            "modules": len(change.affected),
            "boundaries": outcome.boundaries,
            "deadEnd": outcome.dead_end,
            "certain": outcome.certain,
        }
        names = few(change.changed)
        if not _is_taken(outcome) or not pages:
            # What becomes of it is for each page to say.
            self._log.debug("[hmr] changed %s  %d pages", names, pages)
            return more
        count = len(change.affected)
        self._log.info(
            "[hmr] update %s → %s  %d module%s, %d page%s, %.1f ms",
            names,
            few(outcome.boundaries),
            count,
            "" if count == 1 else "s",
            pages,
            "" if pages == 1 else "s",
            seconds * 1000,
        )
        return more

    # Pages

    def catch_up(self, session: object, seq: object) -> str | None:
        """Return the message that brings a page up to date.

        :param session: the process that the page came from.
        :param seq: the last change that it has seen.
        :return: ``None`` if the page has to say what it holds.
        """
        if session == self.session and isinstance(seq, int):
            change = self.graph.since(seq)
            if change is not None:
                if change:
                    return self._message(change, answer=True)
                return messages.ready(self.session, change.seq)
        return None

    def compare(self, held: Mapping[str, Any]) -> str:
        """Return the message for a page that says what it holds.

        :param held: key to version.
        """
        versions = {u: v for u, v in held.items() if isinstance(v, str)}
        self.follow(url for url in versions if url.startswith("/"))
        change = self.graph.compare(versions)
        if change:
            return self._message(change, answer=True, compared=True)
        return messages.ready(self.session, change.seq, compared=True)


def _is_taken(outcome: Outcome) -> bool:
    """Tell whether it is certain that boundaries take a change."""
    return bool(outcome.boundaries) and not outcome.dead_end


def _both(one: Edge, other: Edge) -> Edge:
    """Return one edge for two imports of the same module."""
    names = None
    if one.names is not None and other.names is not None:
        names = tuple(dict.fromkeys((*one.names, *other.names)))
    return Edge(
        one.url,
        one.dynamic and other.dynamic,
        one.accepted,
        names,
        one.unsettled or other.unsettled,
    )
