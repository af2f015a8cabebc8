"""The nodes of the module graph, the edges between them, and the ways along these.

Whoever calls holds the lock of :class:`~flask_hmr.core.graph.ModuleGraph`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .facts import Edge, Facts, Kind


@dataclass(slots=True)
class Node:
    """A module that someone named, with what follows from its facts."""

    url: str
    facts: Facts | None = None
    importers: dict[str, Edge] = field(default_factory=dict)
    content: bytes = b""
    modified: bytes = b""
    version: str | None = None
    salt: bytes = b""
    complete: bool = False
    """Facts about all that it reaches have been handed in."""

    @property
    def kind(self) -> Kind | None:
        """What stands behind the URL, if anybody knows."""
        return None if self.facts is None else self.facts.kind


class Nodes(dict[str, Node]):
    """All nodes by key, and the keys by file."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: dict[str, set[str]] = {}
        self.revision = 0
        """Changes whenever facts or a version may have."""

    def add(self, url: str) -> Node:
        """Return the node of a module, a new one if nobody named it before."""
        node = self.get(url)
        if node is None:
            node = self[url] = Node(url)
        return node

    def set_facts(self, node: Node, facts: Facts) -> None:
        """Put the edges and files that facts tell of in the place of earlier ones."""
        old = node.facts
        if old is not None:
            for edge in old.edges:
                self[edge.url].importers.pop(node.url, None)
            for path in old.paths:
                urls = self.paths.get(path)
                if urls is not None:
                    urls.discard(node.url)
                    if not urls:
                        del self.paths[path]
        self.revision += 1
        node.facts = facts
        node.complete = False
        for edge in facts.edges:
            self.add(edge.url).importers[node.url] = edge
        for path in facts.paths:
            self.paths.setdefault(path, set()).add(node.url)

    def known(self, urls: Iterable[str]) -> list[str]:
        """Return those of ``urls`` that someone named."""
        return [url for url in urls if url in self]

    def carries(self, edge: Edge) -> bool:
        """Tell whether the importer's version depends on the imported module's."""
        facts = self[edge.url].facts
        return not (edge.accepted or (facts is not None and facts.accepts_self))

    def above(self, urls: Iterable[str]) -> dict[str, None]:
        """Return ``urls`` and every module whose version depends on theirs."""
        seen = dict.fromkeys(self.known(urls))
        waiting = list(seen)
        while waiting:
            node = self[waiting.pop()]
            for importer, edge in node.importers.items():
                if importer not in seen and self.carries(edge):
                    seen[importer] = None
                    waiting.append(importer)
        return seen

    def importers_of(self, urls: Iterable[str]) -> set[str]:
        """Return ``urls`` and all that import them, past every boundary."""
        seen = set(self.known(urls))
        waiting = list(seen)
        while waiting:
            new = self[waiting.pop()].importers.keys() - seen
            seen |= new
            waiting += new
        return seen

    def imports_of(self, urls: Iterable[str]) -> set[str]:
        """Return ``urls`` and all that they import, past every boundary."""
        seen = set(self.known(urls))
        waiting = list(seen)
        while waiting:
            facts = self[waiting.pop()].facts
            new = {edge.url for edge in facts.edges} - seen if facts else set()
            seen |= new
            waiting += new
        return seen

    def frontier(self, urls: Iterable[str]) -> list[str]:
        """Return what these modules reach that nobody has handed in facts for."""
        missing = []
        seen: dict[str, None] = dict.fromkeys(urls)
        waiting = list(seen)
        while waiting:
            url = waiting.pop()
            node = self.get(url)
            if node is None or node.facts is None:
                missing.append(url)
            elif not node.complete:
                for edge in node.facts.edges:
                    if edge.url not in seen:
                        seen[edge.url] = None
                        waiting.append(edge.url)
        if not missing:
            for url in seen:
                self[url].complete = True
        return missing
