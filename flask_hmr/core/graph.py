"""The module graph: what each module imports, and the version that follows.

The graph knows what files say, not what was requested. Whoever reads files hands
in :class:`Facts`; the graph answers with versions and with what a change affects.
Its lock is the only one around shared state, and it is held for dictionary work
only: nothing here reads a file, calls back or sends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .descriptions import describe, importers_above, orphans
from .facts import Change, Facts, Kind, Surveyed
from .nodes import Nodes
from .versioning import Versioning
from .versions import digest, same_content

LOG_LENGTH = 2_000
"""Changes that a page may have missed and still be told exactly."""


@dataclass(frozen=True, slots=True)
class _Entry:
    seq: int
    changed: tuple[str, ...]
    previous: Mapping[str, str | None]
    dropped: tuple[str, ...]


class ModuleGraph:
    """All modules that anyone named so far.

    :param seed: what every version depends on besides files, such as the
        client runtime that rewritten modules refer to.
    """

    def __init__(self, seed: bytes = b"") -> None:
        self._lock = threading.Lock()
        self._nodes = Nodes()
        self._versioning = Versioning(self._nodes, seed)
        self._log: deque[_Entry] = deque(maxlen=LOG_LENGTH)
        self._seq = 0

    # What is known

    @property
    def seq(self) -> int:
        """The number of the last change."""
        return self._seq

    @property
    def revision(self) -> int:
        """A number that changes whenever a module or a version may have."""
        return self._nodes.revision

    def __len__(self) -> int:
        return len(self._nodes)

    def facts(self, url: str) -> Facts | None:
        """Return what is known of a module, or ``None``."""
        with self._lock:
            node = self._nodes.get(url)
            return node.facts if node else None

    def importers(self, url: str) -> tuple[str, ...]:
        """Return the keys of the modules that name this one."""
        with self._lock:
            node = self._nodes.get(url)
            return tuple(node.importers) if node else ()

    def unknown(self, urls: Iterable[str]) -> list[str]:
        """Return those of ``urls`` that nobody has handed in facts for."""
        with self._lock:
            nodes = self._nodes
            return [u for u in urls if u not in nodes or nodes[u].facts is None]

    def frontier(self, urls: Iterable[str]) -> list[str]:
        """Return what these modules reach that nobody has handed in facts for.

        Walks each part of the graph once: what is complete is not walked again.
        """
        with self._lock:
            return self._nodes.frontier(urls)

    def urls_at(self, path: str) -> tuple[str, ...]:
        """Return the modules that come from a file."""
        with self._lock:
            return tuple(self._nodes.paths.get(path, ()))

    def urls_below(self, folder: str, separator: str) -> tuple[str, ...]:
        """Return the modules whose files are anywhere in a folder."""
        prefix = folder.rstrip(separator) + separator
        with self._lock:
            found: dict[str, None] = {}
            for path, urls in self._nodes.paths.items():
                if path.startswith(prefix):
                    found.update(dict.fromkeys(urls))
            return tuple(found)

    def files(self) -> dict[str, tuple[str, ...]]:
        """Return every known file with the modules that come from it."""
        with self._lock:
            return {path: tuple(urls) for path, urls in self._nodes.paths.items()}

    def from_file(self, path: str) -> tuple[str, ...]:
        """Return the modules that come from a file."""
        with self._lock:
            return tuple(self._nodes.paths.get(path, ()))

    def above(self, urls: Iterable[str]) -> set[str]:
        """Return modules with all that import them, past every boundary."""
        with self._lock:
            return self._nodes.importers_of(urls)

    def leading(self, above: Iterable[str], since: int) -> set[str]:
        """Return the modules by which some reach what changed, past every boundary.

        :param above: modules from which the ways lead down.
        :param since: the change after which changed modules count. When that is no
            longer known, every module may have changed.
        :return: all on the way, both ends included.
        """
        with self._lock:
            reached = self._nodes.imports_of(above)
            entries = self._entries_since(since)
            if entries is None:
                return reached
            changed = {url for entry in entries for url in entry.changed}
            return reached & self._nodes.importers_of(changed)

    def survey(self) -> tuple[int, list[Surveyed]]:
        """Return the revision and all modules, as they are in it."""
        with self._lock:
            self._versioning.compute(list(self._nodes))
            found = [Surveyed(u, n.version, n.facts) for u, n in self._nodes.items()]
            return self._nodes.revision, found

    def opaque(self) -> list[str]:
        """Return the modules that seem to have no file."""
        with self._lock:
            nodes = self._nodes.items()
            return [url for url, node in nodes if node.kind is Kind.OPAQUE]

    # Versions

    def record(self, facts: Mapping[str, Facts]) -> None:
        """Take in modules that were not known before; known ones are left alone.

        :param facts: key to facts.
        """
        with self._lock:
            new = [url for url in facts if self._nodes.add(url).facts is None]
            # All at once, so that nothing above them is walked twice.
            self._versioning.forget(new, {})
            for url in new:
                self._nodes.set_facts(self._nodes[url], facts[url])

    def versions(self, urls: Iterable[str]) -> dict[str, str | None]:
        """Return the version of each module.

        ``None`` stands for modules without one: opaque, missing or unknown. The
        answer is final only when facts about all that they reach were recorded.
        """
        with self._lock:
            wanted = self._nodes.known(urls)
            self._versioning.compute(wanted)
            return {u: self._nodes[u].version for u in wanted}

    def is_version(self, url: str, version: str | None) -> bool:
        """Tell whether a module has this version, as far as that is known already."""
        with self._lock:
            node = self._nodes.get(url)
            return node is not None and version is not None and node.version == version

    def fixed(self, url: str) -> bool:
        """Tell whether a module's rewritten text is a function of its version.

        It is not when it names the version of a boundary, which changes without
        the importer's own version doing so.
        """
        with self._lock:
            node = self._nodes.get(url)
            if node is None or node.facts is None or node.facts.kind is not Kind.FILE:
                return False
            return all(self._nodes.carries(edge) for edge in node.facts.edges)

    # Changes

    def apply(self, facts: Mapping[str, Facts]) -> Change:
        """Take in new facts about modules, and say what they change.

        :param facts: key to facts; unchanged ones are ignored.
        """
        with self._lock:
            before: dict[str, str | None] = {}
            changed: list[str] = []
            dropped: dict[str, None] = {}
            news = [u for u, f in facts.items() if self._nodes.add(u).facts != f]
            # A version that no one has asked for yet still is what pages would
            # have got: without it "previous" could not be told.
            self._versioning.compute(news)
            self._versioning.forget(news, before)
            for url in news:
                node = self._nodes[url]
                old, new = node.facts, facts[url]
                if old is not None and old.accepts_self and not new.accepts_self:
                    for importer in node.importers:
                        past = self._nodes[importer].version or before.get(importer)
                        self._versioning.remember(importer, past)
                self._nodes.set_facts(node, new)
                if old is None or old.kind is Kind.OPAQUE:
                    # Learning where a module's file is does not change it.
                    continue
                if (old.kind, old.content) != (new.kind, new.content):
                    changed.append(url)
                kept = {edge.url for edge in new.edges}
                dropped.update((e.url, None) for e in old.edges if e.url not in kept)
            self._versioning.forget(news, before)
            return self._commit(changed, before, tuple(dropped))

    def renew(
        self,
        urls: Iterable[str],
        since: int | None = None,
        *,
        as_changed: bool = False,
    ) -> Change:
        """Give modules a new version although no file changed.

        For what files cannot show: a pruned module that may be imported again,
        the importers of a module that invalidated itself, a URL that a page can
        make no use of any more.

        :param urls: the modules.
        :param since: a change; what has a new version since is left alone. Several
            pages may ask for the same.
        :param as_changed: whether they count as changed, so that boundaries take it.
        """
        with self._lock:
            before: dict[str, str | None] = {}
            new: set[str] = set()
            if since is not None:
                new.update(*(e.previous for e in self._log if e.seq > since))
            known = [url for url in self._nodes.known(urls) if url not in new]
            self._versioning.compute(known)
            self._versioning.forget(known, before)
            self._nodes.revision += 1
            for url in known:
                node = self._nodes[url]
                node.salt = digest(node.salt, (before[url] or "").encode())
            return self._commit(known if as_changed else [], before, ())

    def salts(self, urls: Iterable[str]) -> dict[str, str]:
        """Return what new versions without a change of files were made of.

        Another process that adopts it has the same versions.
        """
        with self._lock:
            known = {url: self._nodes[url].salt for url in self._nodes.known(urls)}
            return {url: salt.hex() for url, salt in known.items() if salt}

    def adopt(self, salts: Mapping[str, str]) -> Change:
        """Give modules the versions that another process has given them.

        :param salts: what :meth:`salts` of that process returned.
        :raises ValueError: it is nothing of that form.
        """
        wanted = {url: bytes.fromhex(salt) for url, salt in salts.items()}
        with self._lock:
            before: dict[str, str | None] = {}
            known = [
                url
                for url in self._nodes.known(wanted)
                if self._nodes[url].salt != wanted[url]
            ]
            self._versioning.compute(known)
            self._versioning.forget(known, before)
            self._nodes.revision += 1
            for url in known:
                self._nodes[url].salt = wanted[url]
            return self._commit([], before, ())

    def since(self, seq: int) -> Change | None:
        """Return all that happened after change ``seq`` as one change.

        :return: ``None`` when that is no longer known.
        """
        with self._lock:
            entries = self._entries_since(seq)
            if entries is None:
                return None
            changed: dict[str, None] = {}
            previous: dict[str, str | None] = {}
            dropped: dict[str, None] = {}
            for entry in entries:
                changed.update(dict.fromkeys(entry.changed))
                dropped.update(dict.fromkeys(entry.dropped))
                for url, old in entry.previous.items():
                    previous.setdefault(url, old)
            return self._describe(tuple(changed), previous, tuple(dropped))

    def compare(self, versions: Mapping[str, str]) -> Change:
        """Return what differs from the versions that a page holds.

        :param versions: key to version, of the modules that the page knows
            about. What they reach without passing a boundary is part of their
            versions, so a change below one of them shows up as its own.
        """
        with self._lock:
            self._versioning.compute(self._nodes.known(versions))
            changed = []
            previous: dict[str, str | None] = {}
            for url, held in versions.items():
                node = self._nodes.get(url)
                if node is None or node.facts is None:
                    continue
                now = node.version
                if now is None or not same_content(now, held):
                    changed.append(url)
                if now != held:
                    previous[url] = held
            for url in self._nodes.above(changed):
                previous.setdefault(url, None)
            return self._describe(tuple(changed), previous, ())

    # The parts; all of them run under the lock

    def _entries_since(self, seq: int) -> list[_Entry] | None:
        """Return the log after change ``seq``, if that is still known."""
        if seq > self._seq or seq < 0:
            return None
        entries = [entry for entry in self._log if entry.seq > seq]
        return entries if len(entries) == self._seq - seq else None

    def _commit(
        self,
        changed: list[str],
        before: dict[str, str | None],
        dropped: tuple[str, ...],
    ) -> Change:
        self._versioning.compute(before)
        self._versioning.renew_past(before)
        previous = {
            url: old for url, old in before.items() if self._nodes[url].version != old
        }
        if changed or previous:
            self._seq += 1
            self._log.append(_Entry(self._seq, tuple(changed), previous, dropped))
        return self._describe(tuple(changed), previous, dropped)

    def _describe(
        self,
        changed: tuple[str, ...],
        previous: Mapping[str, str | None],
        dropped: Iterable[str],
    ) -> Change:
        nodes = self._nodes
        previous = {**dict.fromkeys(changed), **previous}
        known = nodes.known(previous)
        self._versioning.compute(known)
        affected = {url: describe(nodes[url], previous[url]) for url in known}
        lost = orphans(nodes, dropped)
        above = importers_above(nodes, lost)
        return Change(self._seq, changed, affected, lost, above)
