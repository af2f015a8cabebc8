"""Asks the plugins: in their order, each on its own, with nothing of ours at stake.

What a plugin gets wrong is told to the developer and passed over.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from .core.specifiers import encode_path, resolve_url
from .core.versions import digest
from .files import Identity, Source, encode
from .plugins import (
    HOOKS,
    ORDERS,
    Document,
    HotUpdate,
    Module,
    Plugin,
    Sender,
    Tag,
    described,
    having,
    name_of,
    patterns,
)
from .problems import describe
from .recent import Recent

if TYPE_CHECKING:
    from .page import Client

RESERVED = "@hmr/"
"""How the specifiers of modules begin that plugins, or the extension, make up."""

CLIENT = "client"
"""The one of them that is the extension's own: what plugins' client code imports."""

TRANSFORMED_SIZE = 32 * 1024 * 1024
"""Characters of transformed modules kept in memory."""

MAX_PROBLEMS = 20
"""Mistakes of plugins that are shown at a time."""

Dependencies = tuple[tuple[str, "Identity | None"], ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """The text of a module after one plugin."""

    name: str
    """The plugin's."""
    text: str


@dataclass(frozen=True, slots=True)
class _Transformed:
    raw: Source
    dependencies: Dependencies
    source: Source
    stages: tuple[Stage, ...] = ()
    is_made: bool = False
    """Whether a plugin has made a module of a file that is none."""


@dataclass
class Decision:
    """What plugins make of changed files."""

    held: set[str] = field(default_factory=set)
    """Modules whose change pages are not told of."""
    more: list[str] = field(default_factory=list)
    """Modules that have changed although their files have not."""
    finished: set[str] = field(default_factory=set)
    """Files that nothing more is to be done about."""


class Hooks:
    """The plugins of one app.

    :param app: the app.
    :param plugins: in the order of their registration.
    :param prefix: the URL path of modules that plugins make up, below the app.
    :param client: that of the module for plugins' client code.
    :param mount_of: finds where the app is mounted, from a URL path in it.
    :param log: where to tell of mistakes.
    """

    def __init__(
        self,
        app: Flask,
        plugins: Iterable[Plugin],
        *,
        prefix: str = "/_hmr/module/",
        client: str = "/_hmr/client.js",
        mount_of: Callable[[str], str] = lambda key: "",
        log: logging.Logger | None = None,
    ) -> None:
        self._app = app
        self.plugins = sorted(plugins, key=lambda one: ORDERS.index(one.order))
        self._having = {hook: list(having(self.plugins, hook)) for hook in HOOKS}
        self._prefix = prefix
        self._client = client
        self._mount_of = mount_of
        self._log = log or logging.getLogger("flask_hmr")
        self._transformed: Recent[str, _Transformed] = Recent(TRANSFORMED_SIZE)
        self._serves = [p for one in self.plugins for p in patterns(one.serves)]
        # Guards what went wrong, by plugin, hook and file, and what was made up.
        self._lock = threading.Lock()
        self._problems: dict[str, dict[str, Any]] = {}
        self._made: set[str] = set()
        self.on_problems: Callable[[Mapping[str, Any]], object] = lambda problems: None
        """Is called with everything that is wrong with plugins, when that changes."""

    @property
    def problems(self) -> dict[str, dict[str, Any]]:
        """What is wrong with plugins at present, as the overlay shows it."""
        with self._lock:
            return dict(self._problems)

    def prepare(self, sender: Sender) -> None:
        """Have plugins prepare the app."""
        for plugin in self.plugins:
            self._ask(plugin, "init_app", self._app.name, None, self._app, sender)

    # Specifiers

    def resolve(self, specifier: str, importer: str) -> str | None:
        """Return the URL that a specifier means by what plugins say.

        :param importer: the key of the module or document.
        :return: the path of a URL or a full URL; ``None`` where no plugin knows it.
        """
        if specifier.startswith(RESERVED):
            name = specifier[len(RESERVED) :]
            path = self._client if name == CLIENT else self._prefix + encode_path(name)
            return self._mount_of(importer) + path
        for plugin in self._having["resolve"]:
            found: str | None
            about = f"{specifier} in {importer}"
            found = self._ask(plugin, "resolve", about, str, specifier, importer)
            if found is not None:
                is_path = found.startswith("/") and not found.startswith("//")
                return self._mount_of(importer) + found if is_path else found
        return None

    def imports_only(self, importer: str, specifiers: Iterable[str | None]) -> None:
        """Take back what was wrong with imports that a module has no longer."""
        if not self._problems:
            return
        end = f" in {importer}"
        named = tuple(f" resolve {specifier}{end}" for specifier in specifiers)
        with self._lock:
            stale = [
                key
                for key in self._problems
                if " resolve " in key and key.endswith(end) and not key.endswith(named)
            ]
            for key in stale:
                del self._problems[key]
        if stale:
            self.on_problems(self.problems)

    # The text of modules

    def name_in(self, key: str) -> str | None:
        """Return the name of the module that plugins make up, from its key."""
        path = key.partition("?")[0][len(self._mount_of(key)) :]
        if not path.startswith(self._prefix):
            return None
        return path[len(self._prefix) :]

    def made_up(self, key: str) -> Source | None:
        """Return the source of a module that is no file, if a plugin has it."""
        name = self.name_in(key) if self._having["load"] else None
        if name is None:
            return None
        for plugin in self._having["load"]:
            text = self._ask(plugin, "load", RESERVED + name, str, name)
            if text is not None:
                with self._lock:
                    self._made.add(key)
                return Source("", _NO_FILE, text, digest(encode(text)), b"")
        return None

    @property
    def made(self) -> list[str]:
        """The keys of the modules that plugins have made up."""
        with self._lock:
            return sorted(self._made)

    def failed_to_make(self, key: str) -> bool:
        """Tell whether a plugin should have made a module, and has failed."""
        name = self.name_in(key)
        if name is not None:
            what = f" load {RESERVED}{name}"
        elif self.serves(key.partition("?")[0]):
            what = f" transform {key}"
        else:
            return False
        with self._lock:
            return any(one.endswith(what) for one in self._problems)

    def serves(self, path: str) -> bool:
        """Tell whether plugins make a module of a file that is none.

        :param path: a path or URL path.
        """
        return bool(self._serves) and _matches(path, self._serves)

    def transformed(self, key: str, raw: Source) -> Source:
        """Return the source of a module, after all plugins.

        :param key: the module's key.
        :param raw: its file, as it is.
        :return: ``raw`` itself where no plugin changes anything.
        """
        if not self._having["transform"]:
            return raw
        kept = self._transformed.get(key)
        if kept is None or kept.raw is not raw or not _are_same(kept.dependencies):
            kept = self._transform(key, raw)
            self._transformed.put(key, kept, len(kept.source.text))
        return kept.source

    def has_made(self, key: str, raw: Source) -> bool:
        """Tell whether a plugin has made a module of a file that is none."""
        self.transformed(key, raw)
        kept = self._transformed.get(key)
        return kept is not None and kept.is_made

    def stages(self, key: str, raw: Source) -> tuple[Stage, ...]:
        """Return what each plugin made of a module, in their order."""
        self.transformed(key, raw)
        kept = self._transformed.get(key)
        return () if kept is None else kept.stages

    def _transform(self, key: str, raw: Source) -> _Transformed:
        text = raw.text
        path = key.partition("?")[0]
        module = described(key, Path(raw.path), raw.scan)
        stages = []
        is_made = False
        for plugin in self._having["transform"]:
            serves = _matches(raw.path, patterns(plugin.serves))
            if serves or _wants(plugin, path):
                made = self._ask(plugin, "transform", key, str, text, module)
                is_made |= serves and made is not None
                if made is not None and made != text:
                    text = made
                    stages.append(Stage(name_of(plugin), text))
        dependencies = _states(map(str, module.dependencies))
        if text == raw.text and not dependencies:
            return _Transformed(raw, (), raw, (), is_made)
        source = Source(
            raw.path,
            raw.identity,
            text,
            # Of the result, so that it has a version of its own whatever led to it.
            digest(raw.content, encode(text)),
            raw.modified,
            raw.is_young,
            tuple(path for path, _ in dependencies),
        )
        return _Transformed(raw, dependencies, source, tuple(stages), is_made)

    # Documents

    def tags(self, document: Document) -> Iterator[Tag]:
        """Yield what plugins put into a document."""
        for plugin in self._having["tags"]:
            found = self._ask(plugin, "tags", document.url, None, document)
            yield from found or ()

    # Updates

    def decide(
        self,
        paths: Iterable[str],
        modules_of: Callable[[str], Sequence[str]],
        source_of: Callable[[str], Source | None],
        send: Callable[[str, Any, str], object],
        reload: Callable[[str], object],
    ) -> Decision:
        """Ask what changes of files mean.

        :param paths: files and folders.
        :param modules_of: finds the keys of the modules that a path stands for.
        :param source_of: finds the last known source of a module.
        :param send: sends an event to all pages; the last argument names the event, so
            that several processes may send it.
        :param reload: has all pages reload.
        """
        decision = Decision()
        if self._having["hot_update"]:
            for path in sorted(paths):
                keys = modules_of(path)
                modules = tuple(self._described(key, source_of(key)) for key in keys)
                told = _Told(path, send)
                update = HotUpdate(Path(path), modules, told, reload)
                self._decide(update, decision)
        return decision

    def _decide(self, update: HotUpdate, decision: Decision) -> None:
        own = {module.url for module in update.modules}
        path = str(update.path)
        for plugin in self._having["hot_update"]:
            found = self._ask(plugin, "hot_update", path, None, update)
            if found is None:
                continue
            wanted = [one.url if isinstance(one, Module) else one for one in found]
            decision.held |= own - set(wanted)
            decision.more += [self._key_of(one) for one in wanted if one not in own]
            known = tuple(one for one in update.modules if one.url in wanted)
            update = HotUpdate(update.path, known, update._send, update._reload)
            if not wanted:
                decision.finished.add(path)
                return

    def _key_of(self, url: str) -> str:
        """Return the key of a module that a plugin names."""
        return resolve_url(self.resolve(url, "/") or url, "/") or url

    def _described(self, key: str, source: Source | None) -> Module:
        if source is None:
            return Module(key, None, (), False, False)
        path = Path(source.path) if source.path else None
        return described(key, path, source.scan)

    def message(self, event: str, data: Any, client: Client) -> None:
        """Hand on what a page sent."""
        for plugin in self._having["on_message"]:
            self._ask(plugin, "on_message", event, None, event, data, client)

    # Mistakes

    def _ask(
        self,
        plugin: Plugin,
        hook: str,
        about: str,
        kind: type | None,
        *arguments: Any,
    ) -> Any:
        """Call a hook; give ``None`` if it fails, and tell the developer.

        :param about: the file, specifier or event.
        :param kind: what it has to return, if not ``None``.
        """
        key = f"{name_of(plugin)} {hook} {about}"
        try:
            with self._app.app_context():
                answer = getattr(plugin, hook)(*arguments)
                if hook in _LISTS:
                    # What it yields is its own code, too.
                    answer = _listed(hook, answer)
            if kind is not None and not isinstance(answer, (kind, type(None))):
                raise TypeError(
                    f"{hook}() returned {type(answer).__name__}; it returns"
                    f" {kind.__name__} or None"
                )
        except Exception as error:
            self._failed(key, plugin, hook, about, error)
            return None
        if key in self._problems:
            self._mended(key)
        return answer

    def _failed(
        self, key: str, plugin: Plugin, hook: str, about: str, error: Exception
    ) -> None:
        name = name_of(plugin)
        problem = describe(error, self._app.root_path)
        problem |= {
            "title": f"The plugin {name} failed in {hook}(): {about}",
            "message": f"{problem['title']}: {problem['message']}",
            "hint": "All goes on as if the plugin had nothing to say about it.",
        }
        if hook == "transform" and self.serves(about.partition("?")[0]):
            problem["hint"] = (
                "Nothing else makes a module of it: pages keep the last one."
            )
        place = about
        is_theirs = isinstance(error, SyntaxError)
        if isinstance(error, SyntaxError):
            # It is about a file or an import, and no mistake of the plugin's.
            del problem["stack"]
            if error.filename is None:
                for part in ("file", "path", "line", "column", "frame"):
                    problem.pop(part, None)
            elif "line" in problem:
                place = "{file}:{line}".format_map(problem)
            place = f"{place}: {problem['message']}"
        with self._lock:
            is_news = self._problems.get(key) != problem
            if key in self._problems or len(self._problems) < MAX_PROBLEMS:
                self._problems[key] = problem
        if is_news:
            self._log.error(
                "[hmr] the plugin %s failed in %s(): %s",
                name,
                hook,
                place,
                exc_info=None if is_theirs else error,
            )
            self.on_problems(self.problems)

    def _mended(self, key: str) -> None:
        with self._lock:
            self._problems.pop(key, None)
        self.on_problems(self.problems)


class _Told:
    """Sends events about one change of a file.

    Every process of the app sees the change. What they send has the same names, so that
    pages which hear of it by several of them take it once.
    """

    def __init__(self, path: str, send: Callable[[str, Any, str], object]) -> None:
        self._change = f"{path} {_state(path)}"
        self._send = send
        self._count = 0

    def __call__(self, event: str, data: Any) -> None:
        self._count += 1
        name = digest(f"{self._change} {event} {self._count}".encode())
        self._send(event, data, name.hex())


_NO_FILE = Identity(0, 0, 0, 0)

_LISTS: dict[str, tuple[type, ...]] = {"tags": (Tag,), "hot_update": (Module, str)}
"""Hooks that return several things, and what each of these has to be."""


def _listed(hook: str, answer: Any) -> list[Any] | None:
    """Return what a hook returned as a list; a single thing stands for a list of one.

    :raises TypeError: there is something else in it.
    """
    if answer is None:
        return None
    kinds = _LISTS[hook]
    found = [answer] if isinstance(answer, kinds) else list(answer)
    for one in found:
        if not isinstance(one, kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise TypeError(
                f"{hook}() returned {type(one).__name__}; it returns {wanted}, one or"
                " several"
            )
    return found


def _wants(plugin: Plugin, path: str) -> bool:
    if plugin.include is None and not plugin.serves:
        return True
    return _matches(path, (*patterns(plugin.include), *patterns(plugin.serves)))


def _matches(path: str, wanted: Iterable[str]) -> bool:
    name = path.replace(os.sep, "/").rpartition("/")[2]
    return any(fnmatchcase(path if "/" in one else name, one) for one in wanted)


def _states(paths: Iterable[str]) -> Dependencies:
    return tuple((path, _state(path)) for path in dict.fromkeys(paths))


def _are_same(dependencies: Dependencies) -> bool:
    return all(_state(path) == state for path, state in dependencies)


def _state(path: str) -> Identity | None:
    try:
        return Identity.of(os.stat(path))
    except (OSError, ValueError):
        return None
