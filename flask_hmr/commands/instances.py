"""Findings about the modules: copies, circles and imports that lead nowhere."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator

from ..checks import Check
from ..core.circles import circles
from ..core.facts import Facts, Kind
from ..dead_ends import DeadEnd, Doubt, dead_ends
from .drawing import Drawn, draw
from .offline import Project

MOST = 10
"""Findings of one kind."""


def check_instances(project: Project) -> Iterator[Check]:
    """Look at all modules on disk and at what they import."""
    modules = draw(project)
    found = [
        *_check_copies(modules),
        *_check_circles(modules),
        *_check_imports(project),
    ]
    yield from found
    files = [one.facts for one in modules.values() if one.facts.kind is Kind.FILE]
    sure = sum(map(_is_boundary, files))
    perhaps = sum(one.may_accept and not _is_boundary(one) for one in files)
    if not modules:
        yield Check.note(
            "There are no modules in the folders of this app",
            "",
            "HMR_ROOTS names folders besides the static ones.",
        )
    elif not sure and not perhaps:
        yield Check.note(
            "No module accepts updates",
            f"There are {len(files)}. An edit of any of them reloads the page.",
            "Call import.meta.hot?.accept() in one that can be evaluated again.",
        )
    else:
        names = "one module" if len(files) == 1 else f"{len(files)} modules"
        shown = "one boundary" if sure == 1 else f"{sure} boundaries"
        count = "one" if perhaps == 1 else f"{perhaps}"
        more = f", {count} that may be one" if perhaps else ""
        yield Check.fine("The module graph", f"{names}, {shown}{more}")


def _is_boundary(facts: Facts) -> bool:
    return facts.accepts_self or any(edge.accepted for edge in facts.edges)


# Copies


def _check_copies(modules: dict[str, Drawn]) -> Iterator[Check]:
    groups: dict[tuple[int, int], list[Drawn]] = defaultdict(list)
    for module in modules.values():
        if module.facts.paths and (module.importers or module.templates):
            try:
                status = os.stat(module.facts.paths[0])
            except OSError:
                continue
            groups[status.st_dev, status.st_ino].append(module)
    several = [group for group in groups.values() if len(group) > 1]
    for group in several[:MOST]:
        yield _copies(group)


def _copies(group: list[Drawn]) -> Check:
    lines = []
    for module in group:
        users = [*module.importers, *module.templates]
        lines.append(f"{module.url}  in {', '.join(users[:3])}")
    paths = {module.url.partition("?")[0] for module in group}
    detail = "\n".join(lines)
    name = group[0].file or group[0].url
    if len(paths) == 1:
        return Check.warning(
            f"{name} is two modules, by the queries of its URLs",
            detail,
            "A page evaluates each URL by itself, and updates all of them. Import it by"
            " one URL, unless that is what you want.",
        )
    if len({path.lower() for path in paths}) == 1:
        why = (
            "The URLs differ by upper and lower case alone. Write it as the file does."
        )
    elif len({module.file for module in group}) > 1:
        why = "A link leads to the same file. Import it by one of the names."
    else:
        why = "Two routes lead to the same file. Import it by one of the URLs."
    return Check.problem(
        f"{name} is two modules, with variables of their own", detail, why
    )


# Circles


def _check_circles(modules: dict[str, Drawn]) -> Iterator[Check]:
    def below(url: str) -> list[str]:
        return [
            edge.url
            for edge in modules[url].facts.edges
            if edge.url in modules and not edge.dynamic
        ]

    count = 0
    for circle in circles(modules, below):
        members = set(circle)
        boundaries = [
            url
            for url in circle
            if modules[url].facts.accepts_self
            or any(e.accepted and e.url in members for e in modules[url].facts.edges)
        ]
        if len(circle) > 1 and boundaries and count < MOST:
            count += 1
            yield Check.warning(
                f"Imports go in a circle through the boundary {min(boundaries)}",
                _drawn(modules, min(boundaries), members),
                "When one of them changes, the others go on with the instance that they"
                " had, or the page reloads. Move what they share to another module.",
            )


def _drawn(modules: dict[str, Drawn], start: str, members: set[str]) -> str:
    """Return the shortest way round a circle."""
    came_from = {start: ""}
    waiting = [start]
    for url in waiting:
        for edge in modules[url].facts.edges:
            if edge.url == start:
                way = [url]
                while came_from[way[-1]]:
                    way.append(came_from[way[-1]])
                return " → ".join([*reversed(way), start])
            if edge.url in members and edge.url not in came_from:
                came_from[edge.url] = url
                waiting.append(edge.url)
    return " ⇄ ".join(sorted(members))


# Imports


def _check_imports(project: Project) -> Iterator[Check]:
    missing: list[DeadEnd] = []
    bare: dict[str, DeadEnd] = {}
    for one in dead_ends(project.state.updates, project.modules):
        if one.doubt is Doubt.MISSING:
            missing.append(one)
        elif one.url is not None and project.state.hooks.name_in(one.url) is not None:
            yield Check.problem(
                f"No plugin has a module {one.specifier}",
                f"{_place(project, one)} imports it.",
                "Correct the name, or load() of the plugin.",
            )
        elif one.doubt is Doubt.BARE:
            bare.setdefault(one.specifier, one)
    for one in missing[:MOST]:
        near = _other_case(project, one.url or "")
        yield Check.problem(
            f'The import "{one.specifier}" leads nowhere',
            f"{_place(project, one)}: there is no such file.",
            f"There is {near}: write it like that."
            if near
            else "Correct it, or make the file.",
        )
    if len(missing) > MOST:
        yield Check.problem(f"{len(missing) - MOST} more imports lead nowhere")
    if bare:
        named = ", ".join(list(bare)[:MOST])
        first = next(iter(bare.values()))
        yield Check.note(
            "Bare specifiers have no meaning, as far as templates show",
            f"{named}: the first one in {_place(project, first)}.",
            "Pages that import them need an import map.",
        )


def _place(project: Project, one: DeadEnd) -> str:
    path = project.modules.get(one.importer)
    name = one.importer if path is None else os.path.relpath(path)
    return f"{name}:{one.place.line}:{one.place.column}"


def _other_case(project: Project, url: str) -> str | None:
    path = project.state.roots.file_of(url)
    if path is None:
        return None
    try:
        names = os.listdir(os.path.dirname(path))
    except OSError:
        return None
    wanted = os.path.basename(path).lower()
    return next((name for name in names if name.lower() == wanted), None)
