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
        # By module, versions that may come back without the module being the same.
        self._past: dict[str, set[str]] = {}

    def compute(self, urls: Iterable[str]) -> None:
        """Make sure that these modules have their version."""
        waiting = []
        for url in urls:
            if self._is_due(url):
                # What all that it depends on has its version is done at once, which
                # after most changes is nearly everything.
                if self._due_below(url):
                    waiting.append(url)
                else:
                    self._set_version(url)
        for group in circles(waiting, self._due_below):
            if len(group) == 1:
                self._set_version(group[0])
            else:
                self._set_versions(group)

    def forget(self, urls: Iterable[str], before: dict[str, str | None]) -> None:
        """Take the versions of modules away, and those that depend on them.

        :param before: where to put each version, if none is there yet.
        """
        for url in self._nodes.above(urls):
            node = self._nodes[url]
            before.setdefault(url, node.version)
            node.version = None

    def remember(self, url: str, version: str | None) -> None:
        """Keep in mind a version that may come back, and must not.

        What a module imports has no part in its version while that is a boundary. When
        it ceases to be one and becomes one again, the version would be that of before,
        under which browsers keep an instance that is bound to what was there then.
        """
        if version is not None:
            self._past.setdefault(url, set()).add(version)

    def renew_past(self, before: dict[str, str | None]) -> None:
        """Give modules another version whose new one was theirs already.

        :param before: the versions that they had, of all that have a new one.
        """
        while again := [url for url in before if self._is_back(url, before[url])]:
            for url in again:
                node = self._nodes[url]
                node.salt = digest(node.salt, (node.version or "").encode())
            self.forget(again, before)
            self.compute(before)

    def _is_back(self, url: str, old: str | None) -> bool:
        version = self._nodes[url].version
        return version != old and version in self._past.get(url, ())

    def _is_due(self, url: str) -> bool:
        node = self._nodes[url]
        return node.version is None and node.kind is Kind.FILE

    def _due_below(self, url: str) -> list[str]:
        nodes = self._nodes
        facts = nodes[url].facts
        if facts is None or nodes[url].version is not None:
            return []
        carried = [edge.url for edge in facts.edges if nodes.carries(edge)]
        return [target for target in carried if self._is_due(target)]

    def _set_version(self, url: str) -> None:
        """Give a module that is in no circle its version."""
        node = self._nodes[url]
        node.content, node.modified = self._own(url, {url})
        node.version = version(node.content, node.modified)

    def _set_versions(self, members: list[str]) -> None:
        """Give the members of a circle their versions: each stands for them all."""
        group = set(members)
        members.sort()
        own = [self._own(member, group) for member in members]
        content = combine([one for one, _ in own])
        modified = combine([other for _, other in own])
        for member in members:
            node = self._nodes[member]
            name = member.encode()
            node.content = digest(content, name)
            node.modified = digest(modified, name)
            node.version = version(node.content, node.modified)

    def _own(self, url: str, group: set[str]) -> tuple[bytes, bytes]:
        """Return the digests of what a module brings along, but for its circle."""
        nodes = self._nodes
        node = nodes[url]
        facts = node.facts
        assert facts is not None
        content = [self._seed, url.encode(), facts.content]
        modified = [facts.modified, node.salt]
        for edge in facts.edges:
            content.append(edge.url.encode())
            if edge.url in group or not nodes.carries(edge):
                continue
            target = nodes[edge.url]
            is_known = target.version is not None
            modified.append(target.modified if is_known else _state(target))
            if edge.dynamic:
                # It may never be loaded, so that its content is not content here.
                modified.append(target.content)
            else:
                content.append(target.content if is_known else _state(target))
        return digest(*content), digest(*modified)


def _state(node: Node) -> bytes:
    """What a module without a version contributes to its importers'."""
    return b"" if node.kind is None else node.kind.value.encode()
