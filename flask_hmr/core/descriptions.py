"""Modules as a change describes them to pages.

Whoever calls holds the lock of :class:`~flask_hmr.core.graph.ModuleGraph`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .facts import OPAQUE, Kind, Module
from .nodes import Node, Nodes

ORPHANS_TOLD = 2_000
"""How many modules below a dropped import a change describes."""


def describe(node: Node, previous: str | None) -> Module:
    """Return what is told of one module.

    :param previous: the version that pages may have.
    """
    facts = node.facts or OPAQUE
    plain = Module(
        url=node.url,
        version=node.version,
        previous=previous,
        imports=tuple([edge.url for edge in facts.edges]),
        missing=facts.kind is Kind.MISSING,
        accepts_self=facts.accepts_self,
        may_accept=facts.may_accept,
        declines=facts.declines,
    )
    if not node.importers:
        return plain
    edges = node.importers.items()
    return plain._replace(
        importers=_static(node),
        dynamic_importers=tuple([url for url, edge in edges if edge.dynamic]),
        accepted_by=frozenset([url for url, edge in edges if edge.accepted]),
        names=_names(node) if facts.accepts_exports else {},
        unsettled={url: edge.unsettled for url, edge in edges if edge.unsettled},
    )


def orphans(nodes: Nodes, dropped: Iterable[str]) -> dict[str, Module]:
    """Describe modules that lost an importer, with what is below them."""
    found: dict[str, Module] = {}
    waiting = list(dropped)
    while waiting and len(found) < ORPHANS_TOLD:
        url = waiting.pop()
        if url not in found and url in nodes:
            found[url] = module = describe(nodes[url], None)
            waiting.extend(module.imports)
    return found


def importers_above(
    nodes: Nodes, orphans: Mapping[str, Module]
) -> dict[str, tuple[str, ...]]:
    """Return who imports the importers of orphans, as far up as that goes."""
    found: dict[str, tuple[str, ...]] = {}
    modules = orphans.values()
    waiting = [u for m in modules for u in (*m.importers, *m.dynamic_importers)]
    while waiting and len(found) < ORPHANS_TOLD:
        url = waiting.pop()
        if url not in found and url not in orphans:
            found[url] = _static(nodes[url])
            waiting.extend(found[url])
    return found


def _static(node: Node) -> tuple[str, ...]:
    return tuple([url for url, edge in node.importers.items() if not edge.dynamic])


def _names(node: Node) -> dict[str, tuple[str, ...]]:
    edges = node.importers.items()
    return {url: edge.names for url, edge in edges if edge.names is not None}
