"""The module graph as text, as JSON and for Graphviz."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..core.circles import circles
from ..core.facts import Edge, Facts, Kind
from .offline import Project


@dataclass(frozen=True, slots=True)
class Drawn:
    """One module of a drawing."""

    url: str
    file: str | None
    kind: str
    facts: Facts
    importers: tuple[str, ...]
    templates: tuple[str, ...]
    """Those with a script element that loads or imports it."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What there is to say of it, in words."""
        facts = self.facts
        words = []
        if facts.accepts_self:
            words.append("accepts itself")
        if facts.declines:
            words.append("declines")
        if facts.may_accept:
            words.append("may accept")
        if facts.kind is Kind.MISSING:
            words.append("missing")
        if facts.kind is Kind.OPAQUE:
            words.append("not a file")
        return tuple(words)


def draw(project: Project) -> dict[str, Drawn]:
    """Return every module that files, imports or templates name, by URL."""
    graph = project.state.updates.graph
    urls = {url for urls in graph.files().values() for url in urls}
    # What plugins' client code imports from the extension is none of the app's.
    own = f"{project.config.url_prefix}/client/"
    urls.update(url for url in graph.opaque() if not url.startswith(own))
    found = {}
    for url in sorted(urls):
        facts = graph.facts(url)
        if facts is not None:
            templates = tuple(project.markup.entries.get(url, ()))
            importers = tuple(sorted(graph.importers(url)))
            file = os.path.relpath(facts.paths[0]) if facts.paths else None
            found[url] = Drawn(url, file, facts.kind.value, facts, importers, templates)
    return found


# Text


def as_text(modules: dict[str, Drawn]) -> Iterator[tuple[str, str, Drawn, Edge | None]]:
    """Yield a line for each import: its branches, the URL and what it stands for.

    What is below a module is drawn once; a second time an ellipsis stands for it.
    """
    seen: set[str] = set()
    for root in _roots(modules):
        # Its own stack, so that depth costs nothing.
        waiting: list[tuple[str, str, str, Edge | None]] = [("", "", root, None)]
        while waiting:
            branch, below, url, edge = waiting.pop()
            module = modules[url]
            edges = [one for one in module.facts.edges if one.url in modules]
            again = url in seen and bool(edges)
            yield branch, f"{url} …" if again else url, module, edge
            if again:
                continue
            seen.add(url)
            for number, one in enumerate(reversed(edges)):
                last = number == 0
                mark, indent = ("└─ ", "   ") if last else ("├─ ", "│  ")
                waiting.append((below + mark, below + indent, one.url, one))


def _roots(modules: dict[str, Drawn]) -> Iterator[str]:
    """Yield modules from which all are reached: those that nothing imports first."""
    tops = [url for url, module in modules.items() if not module.importers]
    yield from tops
    reached = _reached(modules, tops)
    # Circles that nothing else imports, each from one of its modules.
    rest = [url for url in modules if url not in reached]
    for circle in reversed(list(circles(rest, lambda url: _targets(modules, url)))):
        if circle[0] not in reached:
            top = min(circle)
            yield top
            reached |= _reached(modules, [top])


def _reached(modules: dict[str, Drawn], tops: list[str]) -> set[str]:
    found = set(tops)
    waiting = list(tops)
    while waiting:
        new = set(_targets(modules, waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _targets(modules: dict[str, Drawn], url: str) -> list[str]:
    return [edge.url for edge in modules[url].facts.edges if edge.url in modules]


def edge_words(edge: Edge | None) -> tuple[str, ...]:
    """Return what there is to say of an import, in words."""
    if edge is None:
        return ()
    words = []
    if edge.accepted:
        words.append("accepted by its importer")
    if edge.dynamic:
        words.append("import()")
    return tuple(words)


# JSON and Graphviz


def as_json(modules: dict[str, Drawn]) -> dict[str, Any]:
    """Return the graph as what JSON can express."""
    return {
        "modules": [
            {
                "url": module.url,
                "file": module.file,
                "kind": module.kind,
                "accepts_self": module.facts.accepts_self,
                "declines": module.facts.declines,
                "may_accept": module.facts.may_accept,
                "templates": list(module.templates),
                "imports": [
                    {
                        "url": edge.url,
                        "dynamic": edge.dynamic,
                        "accepted": edge.accepted,
                    }
                    for edge in module.facts.edges
                ],
            }
            for module in modules.values()
        ]
    }


def as_dot(modules: dict[str, Drawn]) -> Iterator[str]:
    """Yield the lines of a drawing for Graphviz. Boundaries have a double frame."""
    yield "digraph modules {"
    yield "  rankdir=LR;"
    yield '  node [shape=box, fontname="sans-serif"];'
    for module in modules.values():
        attributes = []
        if module.facts.accepts_self:
            attributes += ["peripheries=2", 'color="#2b7a3d"']
        if module.facts.declines:
            attributes += ['color="#b3261e"']
        if module.facts.kind is not Kind.FILE:
            attributes += ["style=dashed"]
        if module.facts.kind is Kind.MISSING:
            attributes += ['color="#b3261e"', 'fontcolor="#b3261e"']
        yield f"  {_quoted(module.url)}{_attributes(attributes)};"
    for module in modules.values():
        for edge in module.facts.edges:
            if edge.url not in modules:
                continue
            attributes = ["style=dashed"] if edge.dynamic else []
            if edge.accepted:
                attributes += ['color="#2b7a3d"', 'label="accepts"']
            line = f"{_quoted(module.url)} -> {_quoted(edge.url)}"
            yield f"  {line}{_attributes(attributes)};"
    yield "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _attributes(items: list[str]) -> str:
    return f" [{', '.join(items)}]" if items else ""
