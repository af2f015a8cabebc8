"""A graph that is kept in step with the files behind it.

What is the same for modules and for what else pages show: following what files name,
and taking in that they changed.
"""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from .core.facts import Change, Facts, Kind
from .core.graph import ModuleGraph
from .files import Files, Source

if TYPE_CHECKING:
    from .roots import Roots

REREADS = 3
"""Times that files are read again which change meanwhile; the watcher follows up."""


class Told(NamedTuple):
    """A change, and that pages were told of it."""

    about: str
    """``modules`` or ``assets``."""
    change: Change
    pages: int
    """How many were told."""
    seconds: float
    """What it took to find out what it means."""
    more: Mapping[str, Any]
    """What else is known of it."""


class FileGraph(ABC):
    """Keeps one graph in step with the disk.

    :param graph: the graph.
    :param roots: where files are.
    :param files: reads them.
    :param watch: is called with folders that links turned out to lead to.
    """

    about: ClassVar[str]
    """What it is a graph of: ``modules`` or ``assets``."""

    def __init__(
        self,
        graph: ModuleGraph,
        roots: Roots,
        files: Files,
        watch: Callable[[str], None],
    ) -> None:
        self.graph = graph
        self.files = files
        self._roots = roots
        self._watch = watch
        self.on_told: Callable[[Told], object] = lambda told: None
        """Is called with each change that pages were told of, with no lock held."""
        # Changes are told in the order in which they were made. Held while a change
        # is made and put into queues, never while anything is read or sent.
        self._order = threading.Lock()

    @abstractmethod
    def _facts(self, url: str) -> Facts:
        """Read what stands behind a key."""

    @abstractmethod
    def _tell(self, change: Change) -> int:
        """Tell pages of a change; return how many were told."""

    @abstractmethod
    def _log_update(
        self, change: Change, pages: int, seconds: float
    ) -> Mapping[str, Any]:
        """Say in the terminal what changed; return what else is known of it."""

    def source(self, url: str, raw: Source) -> Source:
        """Return the source of what stands behind a key, from that of its file."""
        return raw

    def _locate(self, url: str) -> tuple[str, ...]:
        """Return the file behind a key: as it is reached, and its real path."""
        path = self._roots.file_of(url)
        if path is None:
            return ()
        real = self._roots.real(path)
        folder = self._roots.unwatched(real)
        if folder is not None:
            self._watch(folder)
        return tuple(dict.fromkeys((path, real)))

    def follow(self, urls: Iterable[str]) -> None:
        """Read whatever these reach and nobody has read yet."""
        wanted = list(urls)
        while waiting := self.graph.frontier(wanted):
            while waiting:
                found = {url: self._facts(url) for url in waiting}
                self.graph.record(found)
                # Saved while it was read: the watcher did not know it yet.
                self._reread(u for u, f in found.items() if not self._is_current(u, f))
                targets = {e.url: None for f in found.values() for e in f.edges}
                waiting = self.graph.unknown(targets)

    def changed(self, paths: Iterable[str], held: Collection[str] = ()) -> None:
        """Take in that files may have changed.

        :param paths: files and folders; of a folder all that is below it.
        :param held: keys whose change is to be taken in, and nothing done about it.
        """
        urls = dict.fromkeys(url for path in paths for url in self.urls_of(path))
        self._reread(urls, held)

    def urls_of(self, path: str) -> list[str]:
        """Return the keys that a file stands for, or a folder with all below it."""
        urls = dict.fromkeys(self.graph.urls_at(path))
        if not os.path.isfile(path):
            urls.update(dict.fromkeys(self.graph.urls_below(path, os.sep)))
        return list(urls)

    def stale(self) -> list[str]:
        """Return the known files that are not what was read of them.

        They may be half written, so they are not read here.
        """
        found: dict[str, None] = {}
        for url in {u for urls in self.graph.files().values() for u in urls}:
            facts = self.graph.facts(url)
            if facts is not None and not self._is_current(url, facts):
                found[facts.paths[-1]] = None
        return list(found)

    def _reread(self, urls: Iterable[str], held: Collection[str] = ()) -> None:
        start = time.perf_counter()
        facts = {url: self._facts(url) for url in urls}
        for _ in range(REREADS):
            if not facts:
                return
            self._apply(facts, start, held)
            # Two threads may read in one order and come here in the other.
            old = [u for u, value in facts.items() if not self._is_current(u, value)]
            facts = {url: self._facts(url) for url in old}

    def _is_current(self, url: str, facts: Facts) -> bool:
        """Tell whether a file still is what was read."""
        if not facts.paths:
            return True
        path = facts.paths[0]
        identity = self.files.identity(path)
        if facts.kind is not Kind.FILE:
            return (identity is None) == (facts.kind is Kind.MISSING)
        kept = self.files.kept(path)
        if kept is None:
            return False
        is_same = kept.identity == identity
        return is_same and self.source(url, kept).content == facts.content

    def _apply(
        self, facts: Mapping[str, Facts], start: float, held: Collection[str] = ()
    ) -> None:
        targets = {e.url: None for f in facts.values() for e in f.edges}
        self.follow(targets)
        with self._order:
            change = self.graph.apply(facts)
            if held:
                told = tuple(url for url in change.changed if url not in held)
                change = replace(change, changed=told)
            pages = self._tell(change)
        self._say(change, pages, start)

    def _say(self, change: Change, pages: int, start: float) -> None:
        """Say what pages were told, in the terminal and to whoever wants to know."""
        if not change:
            return
        seconds = time.perf_counter() - start
        more = self._log_update(change, pages, seconds) if change.changed else {}
        self.on_told(Told(self.about, change, pages, seconds, more))
