"""What a change of a file would cause in the pages that show it, and why."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..assets import is_shown
from ..core.facts import Facts, Kind
from ..core.propagate import Outcome, propagate
from ..core.specifiers import resolve_url, split_version
from .offline import Project


class UnknownFileError(Exception):
    """There is nothing of that name."""


@dataclass
class Answer:
    """What is to be said of one URL, or of a file that has none."""

    subject: str
    outcome: str
    """``update``, ``perhaps``, ``reload``, ``refresh``, ``restart`` or ``nothing``."""
    sentence: str
    ways: list[tuple[str, ...]] = field(default_factory=list)
    """From the module up to what takes the change, or to where nobody does."""
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as what JSON can express."""
        return {
            "subject": self.subject,
            "outcome": self.outcome,
            "sentence": self.sentence,
            "ways": [list(way) for way in self.ways],
            "hint": self.hint,
        }


def explain(project: Project, name: str) -> list[Answer]:
    """Say what a change of a file would cause.

    :param name: a path, relative to the working folder or to the app's, or a URL.
    :raises UnknownFileError: nothing is known by this name.
    """
    path, urls = _find(project, name)
    answers = [_of_module(project, url) for url in urls]
    if answers:
        return answers
    if path is None:
        raise UnknownFileError(
            f"There is no file {name}, and no module has this URL. Give a path, or a"
            " URL path such as /static/main.js."
        )
    return [_of_file(project, path)]


def _find(project: Project, name: str) -> tuple[str | None, list[str]]:
    updates = project.state.updates
    found = [
        path
        for folder in (os.getcwd(), project.app.root_path)
        if os.path.exists(path := os.path.abspath(os.path.join(folder, name)))
    ]
    if found:
        path = found[0]
        urls = dict.fromkeys(updates.graph.urls_at(path))
        urls.update(dict.fromkeys(updates.graph.urls_at(os.path.realpath(path))))
        return path, list(urls)
    # A full URL, as it is copied from a browser, is as good as its path.
    text = name.partition("://")[2]
    text = f"/{text.partition('/')[2]}" if text else name
    key = resolve_url(split_version(text)[0], "/")
    if key is None or not text.startswith("/"):
        return None, []
    updates.follow([key])
    facts = updates.graph.facts(key)
    if facts is not None and facts.kind is Kind.FILE:
        return facts.paths[0] if facts.paths else None, [key]
    file = project.state.roots.file_of(key)
    return file if file is not None and os.path.exists(file) else None, []


# Modules


def _of_module(project: Project, url: str) -> Answer:
    updates = project.state.updates
    facts = updates.graph.facts(url)
    if facts is None or facts.kind is not Kind.FILE:
        return Answer(url, "reload", "There is no such file, and something imports it.")
    change = updates.graph.renew([url], as_changed=True)
    outcome = propagate(change.changed, change.affected.get)
    if not outcome.dead_end:
        return _taken(url, outcome)
    return _not_taken(project, url, facts, outcome)


def _taken(url: str, outcome: Outcome) -> Answer:
    ways = [outcome.way_to(boundary) for boundary in outcome.boundaries]
    if list(outcome.boundaries) == [url] and ways == [(url,)]:
        return Answer(url, "update", "It accepts itself.")
    names = _listed([_taker(way, outcome) for way in ways])
    return Answer(url, "update", f"Taken by {names}.", ways)


def _taker(way: tuple[str, ...], outcome: Outcome) -> str:
    last = way[-1]
    if len(way) > 1 and outcome.takes_dependency(last):
        return f"{last} (accepts {way[-2]})"
    return f"{last} (accepts itself)"


def _not_taken(project: Project, url: str, facts: Facts, outcome: Outcome) -> Answer:
    way = outcome.dead_end
    last = way[-1]
    end = project.state.updates.graph.facts(last)
    importers = project.state.updates.graph.importers(last)
    kind = "reload" if outcome.certain else "perhaps"
    hint = (
        ""
        if outcome.certain
        else "A module on the way may accept it when it runs: pages decide for"
        " themselves, by what has run there."
    )
    ways = [way] if len(way) > 1 else []
    if end is not None and end.declines:
        subject = "It" if last == url else last
        return Answer(url, "reload", f"{subject} declines updates.", ways)
    if importers:
        sentence = (
            "Nobody accepts it: the importers import each other in a circle, and"
            " nothing else imports them."
        )
        return Answer(url, kind, sentence, [_round(project, way[-1])], hint)
    if _is_classic(project, last):
        sentence = "A classic script cannot be replaced: pages that run it reload."
        return Answer(url, "reload", sentence, ways)
    templates = project.markup.entries.get(last, [])
    if last in project.markup.accepted:
        sentence = f"Taken by a script in {_listed(templates)} (accepts {last})."
        return Answer(url, "update", sentence, ways)
    sentence = f"Nobody accepts it: nothing imports {last}, and it does not accept"
    sentence += " itself."
    if len(way) == 1:
        sentence = (
            "Nobody accepts it: nothing imports it, and it does not accept itself."
        )
    if templates:
        sentence += f" Pages load it by {_listed(templates)}."
    elif not hint:
        hint = "A page that has not loaded it does nothing at all."
    return Answer(url, kind, sentence, ways, hint)


def _round(project: Project, url: str) -> tuple[str, ...]:
    """Return a way from importer to importer, up to one that is on it already."""
    way = [url]
    while True:
        above = project.state.updates.graph.importers(way[-1])[0]
        way.append(above)
        if above in way[:-1]:
            return tuple(way)


def _is_classic(project: Project, url: str) -> bool:
    source = project.state.updates.current_source(url)
    is_named = url in project.markup.entries
    return source is not None and not source.scan.is_module and not is_named


# All else


def _of_file(project: Project, path: str) -> Answer:
    name = os.path.relpath(path)
    return Answer(name, *next(_outcomes(project, path)))


def _outcomes(project: Project, path: str) -> Iterator[tuple[str, str]]:
    app, state = project.app, project.state
    real = os.path.realpath(path)
    if os.path.isdir(path):
        yield "nothing", "It is a folder. Give a file that is in it."
    inside = next((f for f in state.templates.folders() if _is_in(path, f)), None)
    if inside is not None:
        yield (
            "refresh",
            f"It is the template {os.path.relpath(path, inside)}. Open pages that were"
            " made from it are fetched again, and what differs is put in place.",
        )
    if path.endswith((".py", ".pyi")):
        yield (
            "restart",
            "It is Python. Flask's reloader restarts the server if the file has been"
            " imported; open pages come back and are fetched again.",
        )
    folder = next((f for f in state.roots.folders() if _is_in(path, f)), None)
    if folder is None:
        yield (
            "nothing",
            f"It is in no folder that is served ({app.name} has"
            f" {_listed([os.path.relpath(f) for f in state.roots.folders()])})."
            " HMR_ROOTS adds folders.",
        )
    elif project.config.ignores(os.path.relpath(path, folder)):
        yield (
            "nothing",
            "It matches a pattern of HMR_IGNORE, or is an editor's own file.",
        )
    elif path.endswith((".js", ".mjs")):
        yield (
            "nothing",
            "It is a script, but no URL leads to it as far as routes show. HMR_ROOTS"
            " with a mapping says where it is served.",
        )
    elif path.endswith(".css"):
        yield (
            "update",
            "It is a style sheet. Pages that show it load it anew, and keep all else.",
        )
    elif is_shown(_type_of(path)):
        yield "update", "Pages that show it load it anew, and keep all else."
    elif real and path.endswith((".json", ".wasm")):
        yield "nothing", "No module imports it, so that no page knows of it."
    yield "nothing", "Pages know nothing of files of this kind."


def _type_of(path: str) -> str:
    return mimetypes.guess_type(path)[0] or ""


def _is_in(path: str, folder: str) -> bool:
    start = os.path.join(folder, "")
    real = os.path.join(os.path.realpath(folder), "")
    return path.startswith(start) or os.path.realpath(path).startswith(real)


def _listed(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names) or "none"
    return f"{', '.join(names[:-1])} and {names[-1]}"
