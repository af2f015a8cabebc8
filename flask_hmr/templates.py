"""Which templates made a page, and which of them have changed since.

Templates are known by the names under which Jinja loads them, with all that they
extend, include and import. Each page is told its own, so any process of the app can
say what became of them.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from flask import Flask, has_request_context, request
from jinja2 import (
    BaseLoader,
    Environment,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
)

from .core.versions import digest
from .files import Identity, real_path

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    Saw = Callable[[str, "str | None", "str | None"], None]

USED = "flask_hmr.templates"
"""Where a request keeps its templates, in its environment: name to version."""

MISSING = "missing"
"""The version of a template that was looked for and not found."""

STALE = "stale"
"""The version of a template that is not what its file says: equal to no other."""


class Templates:
    """The templates of one app.

    :param app: the app.
    :param watch: is called with folders that hold templates.
    :param log: where to say that it cannot follow.
    """

    def __init__(
        self, app: Flask, watch: Callable[[str], None], log: logging.Logger
    ) -> None:
        self._app = app
        self._watch = watch
        self._log = log
        # Guards the two below: dictionary work alone.
        self._lock = threading.Lock()
        self._paths: dict[str, str | None] = {}
        self._versions: dict[str, str] = {}

    def follow(self) -> None:
        """Take note, from now on, of each template that a request uses.

        Jinja has no signal for what a template extends, includes and imports, but
        all of it is loaded by two documented methods of the environment.
        """
        environment = self._app.jinja_env
        # Without debug mode Jinja would go on with what it has.
        environment.auto_reload = True
        kind: Any = _recording(type(environment), self._saw)
        try:
            environment.__class__ = kind
        except TypeError:
            # A class of the app's own, in another layout.
            self._log.warning(
                "[hmr] edits of templates are not seen: %r cannot be followed",
                type(environment),
            )

    def folders(self) -> list[str]:
        """Return the folders in which the app's loaders look for templates."""
        loaders = [self._app.jinja_loader]
        loaders += [one.jinja_loader for one in self._app.blueprints.values()]
        found = [folder for loader in loaders for folder in _search_path(loader)]
        return list(dict.fromkeys(os.path.abspath(folder) for folder in found))

    def changed(self, paths: Iterable[str]) -> list[str]:
        """Return the names of known templates that files or folders stand for.

        :param paths: absolute paths, links resolved; of a folder all that is below.
        """
        folders = [os.path.realpath(folder) + os.sep for folder in self.folders()]
        found: set[str] = set()
        shadowing: set[str] = set()
        for path in paths:
            inside = [folder for folder in folders if path.startswith(folder)]
            names = [path[len(f) :].replace(os.sep, "/") for f in inside]
            with self._lock:
                found.update(n for n, p in self._paths.items() if _is_below(p, path))
                # One that was not there, or that now stands before another.
                shadowing.update(n for n in names if self._paths.get(n, path) != path)
        cache = self._app.jinja_env.cache
        if shadowing and cache is not None:
            # Jinja looks whether the file that it has is still the same, no further.
            cache.clear()
        return sorted(found | shadowing)

    def missed(self) -> list[str]:
        """Return the names of those that changed since they were used last.

        For a time in which nobody told of changes.
        """
        with self._lock:
            versions = dict(self._versions)
        found = [n for n, version in versions.items() if self._now(n) != version]
        now = {name: self._now(name) for name in found}
        with self._lock:
            self._versions |= now
        return found

    def compare(self, held: Mapping[str, Any]) -> list[str]:
        """Return the names of templates that are not what a page was made from.

        :param held: name to version, as the page was told.
        """
        return sorted(name for name in held if self._now(name) != held[name])

    def used(self, environ: WSGIEnvironment) -> dict[str, str]:
        """Return the templates that a request has used so far: name to version."""
        found: dict[str, str] = environ.get(USED, {})
        return found

    def _now(self, name: str) -> str:
        with self._lock:
            path = self._paths.get(name)
        if path is None:
            try:
                path = self._app.jinja_env.get_template(name).filename
            except TemplateNotFound:
                return MISSING
            except Exception:
                return STALE  # it is there, and has an error in it
        return STALE if path is None else _version(path)

    def _saw(self, name: str, path: str | None, version: str | None) -> None:
        """Take note of a template that a request uses, or looked for.

        :param path: its file, ``None`` where there is none.
        :param version: what it was made from, ``None`` where there is none.
        """
        if not has_request_context():
            return
        version = version or MISSING
        request.environ.setdefault(USED, {})[name] = version
        path = None if path is None else real_path(path)
        with self._lock:
            is_new = path is not None and self._paths.get(name) != path
            self._paths[name] = path
            self._versions[name] = version
        if is_new and path is not None:
            self._watch(os.path.dirname(path))


def _recording(base: type[Environment], saw: Saw) -> type[Environment]:
    """Return a kind of environment that tells of each template that it loads.

    A class and no wrapped methods, so that overlays of the environment tell as well.
    """

    class Recording(base):  # type: ignore[valid-type,misc]
        def get_template(self, name: Any, *args: Any, **kwargs: Any) -> Template:
            with _errors_told(name, saw):
                template: Template = super().get_template(name, *args, **kwargs)
            _tell(template, saw)
            return template

        def select_template(self, names: Any, *args: Any, **kwargs: Any) -> Template:
            for name in names if isinstance(names, (list, tuple)) else ():
                # One that is not there now would be the one, if it came.
                with suppress(TemplateNotFound), _errors_told(name, saw):
                    found: Template = super().select_template([name], *args, **kwargs)
                    _tell(found, saw)
                    return found
            # Nothing was found: Jinja knows best what to say.
            template: Template = super().select_template(names, *args, **kwargs)
            _tell(template, saw)
            return template

    Recording.__name__ = base.__name__
    Recording.__qualname__ = base.__qualname__
    return Recording


@contextmanager
def _errors_told(name: object, saw: Saw) -> Iterator[None]:
    """Tell of a template that cannot be loaded: it may be there, or right, soon."""
    try:
        yield
    except TemplateNotFound:
        if isinstance(name, str):
            saw(name, None, None)
        raise
    except TemplateSyntaxError as error:
        if error.name is not None:
            saw(error.name, error.filename, STALE)
        raise


def _tell(template: Template, saw: Saw) -> None:
    path = template.filename
    # What comes from no file cannot change.
    if template.name is not None and path is not None and os.path.isfile(path):
        # What is current after its file was looked at was made from that state.
        version = _version(path)
        saw(template.name, path, version if template.is_up_to_date else STALE)


def _search_path(loader: BaseLoader | None) -> Iterator[str]:
    """Yield the folders of a loader, and of those that it asks in turn."""
    yield from getattr(loader, "searchpath", ())
    for inner in getattr(loader, "loaders", ()):
        yield from _search_path(inner)
    for inner in getattr(loader, "mapping", {}).values():
        if isinstance(inner, BaseLoader):
            yield from _search_path(inner)


def _is_below(path: str | None, top: str) -> bool:
    """Tell whether a file is the one named, or in the folder named."""
    return path is not None and (path == top or path.startswith(top + os.sep))


def _version(path: str) -> str:
    try:
        state = Identity.of(os.stat(path))
    except OSError:
        return MISSING
    return digest(f"{state.modified} {state.changed} {state.size}".encode()).hex()[:8]
