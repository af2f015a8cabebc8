"""Which version each module has: what its own file says, and what it brings along.

A version is computed when it is asked for, and forgotten when something that it
depends on changes. Whoever calls holds the lock of
:class:`~flask_hmr.core.graph.ModuleGraph`.
"""

from __future__ import annotations

from collections.abc import Iterable

from .circles import circles
from .facts import Kind
from .nodes import Node, Nodes
from .versions import combine, digest, version


class Versioning:
    """Gives nodes their versions.

    :param nodes: the nodes, changed in place.
    :param seed: what every version depends on besides files.
    """

    def __init__(self, nodes: Nodes, seed: bytes) -> None:
        self._nodes = nodes
        self._seed = seed

    def compute(self, urls: Iterable[str]) -> None:
        """Make sure that these modules have their version."""
        due = [url for url in urls if self._is_due(url)]
        for group in circles(due, self._due_below):
            self._set_versions(group)

    def forget(self, urls: Iterable[str], before: dict[str, str | None]) -> None:
        """Take the versions of modules away, and those that depend on them.

        :param before: where to put each version, if none is there yet.
        """
        for url in self._nodes.above(urls):
            node = self._nodes[url]
            before.setdefault(url, node.version)
            node.version = None

    def _is_due(self, url: str) -> bool:
        node = self._nodes[url]
        return node.version is None and node.kind is Kind.FILE

    def _due_below(self, url: str) -> list[str]:
        facts = self._nodes[url].facts
        assert facts is not None
        carried = (edge.url for edge in facts.edges if self._nodes.carries(edge))
        return [target for target in carried if self._is_due(target)]

    def _set_versions(self, members: list[str]) -> None:
        """Give the members of a circle their versions: each stands for them all."""
        group = set(members)
        if len(members) == 1:
            node = self._nodes[members[0]]
            node.content = self._own_content(members[0], group)
            node.modified = self._own_modified(members[0], group)
            node.version = version(node.content, node.modified)
            return
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
            if edge.url in group or edge.dynamic or not self._nodes.carries(edge):
                continue
            parts.append(target.content if target.version else _state(target))
        return digest(*parts)

    def _own_modified(self, url: str, group: set[str]) -> bytes:
        node = self._nodes[url]
        facts = node.facts
        assert facts is not None
        parts = [facts.modified, node.salt]
        for edge in facts.edges:
            target = self._nodes[edge.url]
            if edge.url in group or not self._nodes.carries(edge):
                continue
            parts.append(target.modified if target.version else _state(target))
            if edge.dynamic:
                # It may never be loaded, so that its content is not content here.
                parts.append(target.content)
        return digest(*parts)


def _state(node: Node) -> bytes:
    """What a module without a version contributes to its importers'."""
    return b"" if node.kind is None else node.kind.value.encode()
