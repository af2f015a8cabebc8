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
from dataclasses import dataclass, field

from .circles import circles
from .facts import OPAQUE, Change, Edge, Facts, Kind, Module
from .versions import combine, digest, same_content, version

LOG_LENGTH = 2_000
"""Changes that a page may have missed and still be told exactly."""

ORPHANS_TOLD = 2_000
"""How many modules below a dropped import a change describes."""


@dataclass(slots=True)
class _Node:
    url: str
    facts: Facts | None = None
    importers: dict[str, Edge] = field(default_factory=dict)
    content: bytes = b""
    modified: bytes = b""
    version: str | None = None
    salt: bytes = b""
    complete: bool = False
    """Facts about all that it reaches have been handed in."""


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
        self._seed = seed
        self._nodes: dict[str, _Node] = {}
        self._paths: dict[str, set[str]] = {}
        self._log: deque[_Entry] = deque(maxlen=LOG_LENGTH)
        self._seq = 0
        self._revision = 0

    # What is known

    @property
    def seq(self) -> int:
        """The number of the last change."""
        return self._seq

    @property
    def revision(self) -> int:
        """A number that changes whenever a module or a version may have."""
        return self._revision

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
            missing = []
            seen: dict[str, None] = dict.fromkeys(urls)
            waiting = list(seen)
            while waiting:
                url = waiting.pop()
                node = self._nodes.get(url)
                if node is None or node.facts is None:
                    missing.append(url)
                elif not node.complete:
                    for edge in node.facts.edges:
                        if edge.url not in seen:
                            seen[edge.url] = None
                            waiting.append(edge.url)
            if not missing:
                for url in seen:
                    self._nodes[url].complete = True
            return missing

    def urls_at(self, path: str) -> tuple[str, ...]:
        """Return the modules that come from a file."""
        with self._lock:
            return tuple(self._paths.get(path, ()))

    def urls_below(self, folder: str, separator: str) -> tuple[str, ...]:
        """Return the modules whose files are anywhere in a folder."""
        prefix = folder.rstrip(separator) + separator
        with self._lock:
            found: dict[str, None] = {}
            for path, urls in self._paths.items():
                if path.startswith(prefix):
                    found.update(dict.fromkeys(urls))
            return tuple(found)

    def files(self) -> dict[str, tuple[str, ...]]:
        """Return every known file with the modules that come from it."""
        with self._lock:
            return {path: tuple(urls) for path, urls in self._paths.items()}

    def above(self, urls: Iterable[str]) -> set[str]:
        """Return modules with all that import them, past every boundary."""
        with self._lock:
            seen = {url for url in urls if url in self._nodes}
            waiting = list(seen)
            while waiting:
                new = self._nodes[waiting.pop()].importers.keys() - seen
                seen |= new
                waiting += new
            return seen

    def opaque(self) -> list[str]:
        """Return the modules that seem to have no file."""
        with self._lock:
            return [
                url
                for url, node in self._nodes.items()
                if node.facts is not None and node.facts.kind is Kind.OPAQUE
            ]

    # Versions

    def record(self, facts: Mapping[str, Facts]) -> None:
        """Take in modules that were not known before; known ones are left alone.

        :param facts: key to facts.
        """
        with self._lock:
            for url, value in facts.items():
                node = self._node(url)
                if node.facts is None:
                    self._invalidate([url], {})
                    self._set_facts(node, value)

    def versions(self, urls: Iterable[str]) -> dict[str, str | None]:
        """Return the version of each module.

        ``None`` stands for modules without one: opaque, missing or unknown. The
        answer is final only when facts about all that they reach were recorded.
        """
        with self._lock:
            wanted = [u for u in urls if u in self._nodes]
            self._compute(wanted)
            return {u: self._nodes[u].version for u in wanted}

    def fixed(self, url: str) -> bool:
        """Tell whether a module's rewritten text is a function of its version.

        It is not when it names the version of a boundary, which changes without
        the importer's own version doing so.
        """
        with self._lock:
            node = self._nodes.get(url)
            if node is None or node.facts is None or node.facts.kind is not Kind.FILE:
                return False
            return all(self._carries(edge) for edge in node.facts.edges)

    # Changes

    def apply(self, facts: Mapping[str, Facts]) -> Change:
        """Take in new facts about modules, and say what they change.

        :param facts: key to facts; unchanged ones are ignored.
        """
        with self._lock:
            before: dict[str, str | None] = {}
            changed: list[str] = []
            dropped: dict[str, None] = {}
            news = [u for u, f in facts.items() if self._node(u).facts != f]
            # A version that no one has asked for yet still is what pages would
            # have got: without it "previous" could not be told.
            self._compute(news)
            self._invalidate(news, before)
            for url in news:
                node = self._nodes[url]
                old, new = node.facts, facts[url]
                self._set_facts(node, new)
                if old is None or old.kind is Kind.OPAQUE:
                    # Learning where a module's file is does not change it.
                    continue
                if (old.kind, old.content) != (new.kind, new.content):
                    changed.append(url)
                kept = {edge.url for edge in new.edges}
                dropped.update((e.url, None) for e in old.edges if e.url not in kept)
            self._invalidate(news, before)
            return self._commit(changed, before, tuple(dropped))

    def renew(self, urls: Iterable[str]) -> Change:
        """Give modules a new version although no file changed.

        For what files cannot show: a pruned module that may be imported again,
        the importers of a module that invalidated itself.
        """
        with self._lock:
            before: dict[str, str | None] = {}
            known = [u for u in urls if u in self._nodes]
            self._compute(known)
            self._invalidate(known, before)
            self._revision += 1
            for url in known:
                node = self._nodes[url]
                node.salt = digest(node.salt, (before[url] or "").encode())
            return self._commit([], before, ())

    def since(self, seq: int) -> Change | None:
        """Return all that happened after change ``seq`` as one change.

        :return: ``None`` when that is no longer known.
        """
        with self._lock:
            if seq > self._seq or seq < 0:
                return None
            entries = [entry for entry in self._log if entry.seq > seq]
            if len(entries) != self._seq - seq:
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
            self._compute([u for u in versions if u in self._nodes])
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
            for url in self._above(changed):
                previous.setdefault(url, None)
            return self._describe(tuple(changed), previous, ())

    # The parts; all of them run under the lock

    def _node(self, url: str) -> _Node:
        node = self._nodes.get(url)
        if node is None:
            node = self._nodes[url] = _Node(url)
        return node

    def _set_facts(self, node: _Node, facts: Facts) -> None:
        old = node.facts
        if old is not None:
            for edge in old.edges:
                self._nodes[edge.url].importers.pop(node.url, None)
            for path in old.paths:
                urls = self._paths.get(path)
                if urls is not None:
                    urls.discard(node.url)
                    if not urls:
                        del self._paths[path]
        self._revision += 1
        node.facts = facts
        node.complete = False
        for edge in facts.edges:
            self._node(edge.url).importers[node.url] = edge
        for path in facts.paths:
            self._paths.setdefault(path, set()).add(node.url)

    def _carries(self, edge: Edge) -> bool:
        """Tell whether the importer's version depends on the imported module's."""
        facts = self._nodes[edge.url].facts
        return not (edge.accepted or (facts is not None and facts.accepts_self))

    def _above(self, urls: Iterable[str]) -> dict[str, None]:
        """Return ``urls`` and every module whose version depends on theirs."""
        seen = {u: None for u in urls if u in self._nodes}
        waiting = list(seen)
        while waiting:
            node = self._nodes[waiting.pop()]
            for importer, edge in node.importers.items():
                if importer not in seen and self._carries(edge):
                    seen[importer] = None
                    waiting.append(importer)
        return seen

    def _invalidate(self, urls: list[str], before: dict[str, str | None]) -> None:
        for url in self._above(urls):
            node = self._nodes[url]
            before.setdefault(url, node.version)
            node.version = None

    def _commit(
        self,
        changed: list[str],
        before: Mapping[str, str | None],
        dropped: tuple[str, ...],
    ) -> Change:
        self._compute(before)
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
        previous = {**dict.fromkeys(changed), **previous}
        self._compute(u for u in previous if u in self._nodes)
        affected = {
            url: self._module(url, old)
            for url, old in previous.items()
            if url in self._nodes
        }
        orphans = self._orphans(dropped)
        above = self._importers_above(orphans)
        return Change(self._seq, changed, affected, orphans, above)

    def _orphans(self, dropped: Iterable[str]) -> dict[str, Module]:
        found: dict[str, Module] = {}
        waiting = list(dropped)
        while waiting and len(found) < ORPHANS_TOLD:
            url = waiting.pop()
            if url not in found and url in self._nodes:
                found[url] = module = self._module(url, None)
                waiting.extend(module.imports)
        return found

    def _importers_above(
        self, orphans: Mapping[str, Module]
    ) -> dict[str, tuple[str, ...]]:
        """Return who imports the importers of orphans, as far up as that goes."""
        found: dict[str, tuple[str, ...]] = {}
        waiting = [url for module in orphans.values() for url in module.importers]
        while waiting and len(found) < ORPHANS_TOLD:
            url = waiting.pop()
            if url not in found and url not in orphans:
                edges = self._nodes[url].importers.items()
                found[url] = tuple(u for u, edge in edges if not edge.dynamic)
                waiting.extend(found[url])
        return found

    def _module(self, url: str, previous: str | None) -> Module:
        node = self._nodes[url]
        facts = node.facts or OPAQUE
        return Module(
            url=url,
            version=node.version,
            previous=previous,
            importers=tuple(u for u, e in node.importers.items() if not e.dynamic),
            dynamic_importers=tuple(u for u, e in node.importers.items() if e.dynamic),
            imports=tuple(edge.url for edge in facts.edges),
            missing=self._is_missing(url),
            accepts_self=facts.accepts_self,
            may_accept=facts.may_accept,
            declines=facts.declines,
            accepted_by=frozenset(u for u, e in node.importers.items() if e.accepted),
            names=_names(node) if facts.accepts_exports else {},
            unsettled={
                u: e.unsettled for u, e in node.importers.items() if e.unsettled
            },
        )

    def _is_missing(self, url: str) -> bool:
        facts = self._nodes[url].facts
        return facts is not None and facts.kind is Kind.MISSING

    def _compute(self, urls: Iterable[str]) -> None:
        """Make sure that these modules have their version."""
        due = [url for url in urls if self._is_due(url)]
        for group in circles(due, self._due_below):
            self._set_versions(group)

    def _is_due(self, url: str) -> bool:
        node = self._nodes[url]
        return (
            node.version is None
            and node.facts is not None
            and node.facts.kind is Kind.FILE
        )

    def _due_below(self, url: str) -> list[str]:
        facts = self._nodes[url].facts
        assert facts is not None
        carried = (edge.url for edge in facts.edges if self._carries(edge))
        return [target for target in carried if self._is_due(target)]

    def _set_versions(self, members: list[str]) -> None:
        group = set(members)
        members.sort()
        content = combine([self._own_content(m, group) for m in members])
        modified = combine([self._own_modified(m, group) for m in members])
        for member in members:
            node = self._nodes[member]
            name = member.encode()
            node.content = digest(content, name)
            node.modified = digest(modified, name)
            node.version = version(node.content, node.modified)

    def _own_content(self, url: str, group: set[str]) -> bytes:
        facts = self._nodes[url].facts
        assert facts is not None
        parts = [self._seed, url.encode(), facts.content]
        for edge in facts.edges:
            parts.append(edge.url.encode())
            target = self._nodes[edge.url]
            if edge.url not in group and self._carries(edge) and not edge.dynamic:
                parts.append(target.content if target.version else _state(target))
        return digest(*parts)

    def _own_modified(self, url: str, group: set[str]) -> bytes:
        node = self._nodes[url]
        facts = node.facts
        assert facts is not None
        parts = [facts.modified, node.salt]
        for edge in facts.edges:
            target = self._nodes[edge.url]
            if edge.url not in group and self._carries(edge):
                parts.append(target.modified if target.version else _state(target))
                if edge.dynamic:
                    # It may never be loaded, so that its content is not content here.
                    parts.append(target.content)
        return digest(*parts)


def _names(node: _Node) -> dict[str, tuple[str, ...]]:
    edges = node.importers.items()
    return {url: edge.names for url, edge in edges if edge.names is not None}


def _state(node: _Node) -> bytes:
    """What a module without a version contributes to its importers'."""
    return b"" if node.facts is None else node.facts.kind.value.encode()
