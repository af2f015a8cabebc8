"""What a plugin is: a class with hooks, and the values that these are given.

Everything in here is public, and all that plugins need. A plugin takes part in what is
served (``resolve``, ``load``, ``transform``, ``tags``) and in updates (``hot_update``,
``on_message``). It is asked while hot module replacement is on, never in production.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from flask import Flask

    from .checks import Check
    from .core.declarations import (
        Call,
        Declaration,
        Declarations,
        calls_in,
        declarations,
    )
    from .core.lexer import Scan
    from .page import Client

__all__ = [
    "PLUGIN_API",
    "Call",
    "Declaration",
    "Declarations",
    "Document",
    "HotUpdate",
    "Module",
    "Plugin",
    "Tag",
    "calls_in",
    "declarations",
]

_READING = ("Call", "Declaration", "Declarations", "calls_in", "declarations")


def __getattr__(name: str) -> Any:
    # Imported for plugins that ask for it: an app in production loads none of it.
    if name in _READING:
        from .core import declarations as reading

        return getattr(reading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


PLUGIN_API = 1
"""The version of all this: it grows when a plugin would have to be changed."""


@dataclass(frozen=True)
class Module:
    """A module, as its own file describes it."""

    url: str
    """Its URL path, and its query if it has one, as the browser knows it."""
    path: Path | None
    """Its file; ``None`` if a plugin made it up."""
    specifiers: tuple[str, ...]
    """What its imports say, as they are written."""
    accepts_self: bool
    """Whether its text makes it certain that it accepts itself."""
    uses_hot: bool
    """Whether it uses ``import.meta.hot`` anywhere."""
    is_module: bool = True
    """Whether it has imports or exports, or anything else that only modules have."""
    dependencies: list[Path] = field(default_factory=list, repr=False, compare=False)
    """See :meth:`depends_on`."""

    def imports(self, *specifiers: str) -> bool:
        """Tell whether it imports any of these, or something below one of them.

        ``module.imports("lit")`` is true of ``lit`` and of ``lit/decorators.js``.

        :param specifiers: bare specifiers, without a slash at the end.
        """
        return any(
            found == one or found.startswith(f"{one}/")
            for found in self.specifiers
            for one in specifiers
        )

    def depends_on(self, path: str | Path) -> None:
        """Say, while it is transformed, that the result depends on another file, too.

        When that file changes, the module is transformed again.

        :param path: the file, absolute.
        """
        self.dependencies.append(Path(path))


def described(url: str, path: Path | None, scan: Scan) -> Module:
    """Return a module by what the lexer found in it."""
    named = (item.specifier for item in scan.imports if item.specifier is not None)
    return Module(
        url,
        path,
        tuple(dict.fromkeys(named)),
        scan.accepts_self and not scan.declines,
        scan.uses_hot,
        scan.is_module,
    )


def read_module(source: str, url: str = "", path: Path | None = None) -> Module:
    """Return what there is to know of a module by its text alone.

    For plugins that meet JavaScript elsewhere than in :meth:`Plugin.transform`.

    :param source: the text.
    """
    # Imported only here: an app in production lexes nothing.
    from .core.lexer import scan

    return described(url, path, scan(source))


@dataclass(frozen=True)
class Document:
    """An HTML document that is about to be sent."""

    url: str
    """Its URL path, and its query if it has one."""
    endpoint: str | None
    """The view that made it, ``None`` for an error page."""
    templates: tuple[str, ...]
    """The names of the templates that it was made from, as far as known."""


@dataclass(frozen=True)
class Tag:
    """An element to put into a document, right after the client runtime.

    It comes before every module of the page is run. Elements that may need one get the
    nonce of the document's Content-Security-Policy.
    """

    name: str
    """Such as ``"script"``."""
    attributes: Mapping[str, str | bool | None] = field(default_factory=dict)
    """Their values; ``True`` for those without one, ``False`` or ``None`` leaves one
    out. In the ``src`` of a module script a specifier is allowed."""
    text: str = ""
    """What is in it, as it is to be sent: of a script its code. The imports of a module
    script mean what they mean in modules."""

    @classmethod
    def module(cls, specifier: str) -> Tag:
        """Return a module script.

        :param specifier: a URL, or what a plugin resolves, such as ``@hmr/mine.js``.
        """
        return cls("script", {"type": "module", "src": specifier})

    @classmethod
    def script(cls, code: str) -> Tag:
        """Return a classic script, which runs before every module.

        :param code: its code.
        """
        return cls("script", {}, code)

    @classmethod
    def style(cls, text: str) -> Tag:
        """Return a style sheet.

        :param text: its rules.
        """
        return cls("style", {}, text)


@dataclass(frozen=True)
class HotUpdate:
    """A file that changed, and what can be done about it."""

    path: Path
    """The file, or a folder that came, went or got another name."""
    modules: tuple[Module, ...]
    """The modules that come from the file, or depend on it: none if it is none."""
    _send: Callable[[str, Any], object] = field(repr=False)
    _reload: Callable[[str], object] = field(repr=False)

    @property
    def exists(self) -> bool:
        """Whether the file is there now."""
        return self.path.exists()

    def read(self) -> str:
        """Return the text of the file.

        :raises OSError: it is gone, or cannot be read.
        :raises UnicodeDecodeError: it is no UTF-8.
        """
        return self.path.read_text(encoding="utf-8")

    def send(self, event: str, data: Any = None) -> None:
        """Send an event to every page, which hears it by ``import.meta.hot.on``.

        :param event: the name of the event.
        :param data: anything that JSON can express.
        :raises TypeError: ``data`` is nothing that JSON can express.
        """
        self._send(event, data)

    def reload(self, reason: str) -> None:
        """Have every page reload.

        :param reason: is shown in the console and in the terminal.
        """
        self._reload(reason)


class Sender(Protocol):
    """The extension, as plugins know it."""

    def send(self, event: str, data: Any = None) -> int:
        """Send an event to every connected page: see :meth:`.HMR.send`."""


class Plugin:
    """What plugins are derived from: all hooks are there, and do nothing.

    ``None`` always means: that is not mine. Hooks may be called by several threads at
    once, and none of them while the extension holds a lock. There is an application
    context while they run; the request is there in :meth:`tags` only. One that raises
    an exception breaks nothing: all goes on as if it had returned ``None``, and the
    overlay tells what failed.
    """

    name: str = ""
    """What messages call it; without one the name of its class."""
    order: Literal["pre", "normal", "post"] = "normal"
    """When its turn is. Within one of the three it is the order of registration."""
    include: str | Sequence[str] | None = None
    """Which modules :meth:`transform` gets, by a pattern or several, as in
    :mod:`fnmatch`. A pattern with a slash is compared with the whole URL path, such as
    ``"/static/*.part.js"``, others with its last part. ``None`` means all; of a plugin
    that :attr:`serves` files, these alone."""
    serves: str | Sequence[str] = ()
    """Patterns of files that are served as JavaScript modules when a page imports
    them, whatever they are: :meth:`transform` makes JavaScript of them."""

    def __repr__(self) -> str:
        return f"<Plugin {self.name or type(self).__name__}>"

    def init_app(self, app: Flask, hmr: Sender) -> None:
        """Prepare an app, once, before its first request is dispatched.

        :param app: the app, with all its routes and its configuration.
        :param hmr: sends events to the pages of this app.
        """

    def resolve(self, specifier: str, importer: str) -> str | None:
        """Say what a specifier means; the first plugin that knows it decides.

        What it says has to be the same whenever it is asked, until a file changes.

        :param specifier: as it is written in the module.
        :param importer: the URL path of the module or document.
        :return: a URL. A path that begins with a slash is one of the app: where that is
            mounted below another path is put in front of it.
        """

    def load(self, name: str) -> str | None:
        """Return the code of a module that is no file; the first one with it counts.

        It is asked again when a page is loaded. To have open pages updated as well,
        name the module in :meth:`hot_update`.

        :param name: what comes after ``@hmr/`` in the specifier.
        """

    def transform(self, source: str, module: Module) -> str | None:
        """Return what a module is to say instead, ``None`` if it is to stay.

        Each plugin gets what the one before made of it. What is returned has to depend
        on nothing but the arguments, and what :meth:`Module.depends_on` was told.
        Add code to the first line or after the last one, and line numbers stay true.

        :param source: its text.
        :param module: the module, as its file describes it.
        :raises SyntaxError: what is wrong with the file: where its ``filename``,
            ``lineno`` and ``offset`` are set, the overlay shows that place. Whatever
            else is raised is shown as a mistake of the plugin.
        """

    def tags(self, document: Document) -> Iterable[Tag]:
        """Return elements to put into a document.

        :param document: what is known of it.
        """
        return ()

    def hot_update(self, update: HotUpdate) -> Iterable[Module | str] | None:
        """Decide what a change of a file means.

        It is called for every change in the folders that are watched, modules or not.

        :param update: what changed.
        :return: the modules (or their URLs) that have changed by it. None of them
            (``()``) means that nothing more is to happen: pages keep what they have
            of the file until they are loaded again. ``None`` leaves all as it is.
        """

    def on_message(self, event: str, data: Any, client: Client) -> None:
        """Take what a page sent by ``import.meta.hot.send``.

        :param event: the name of the event.
        :param data: what came with it. Nothing in it is to be trusted.
        :param client: the page; ``client.send`` answers it.
        """

    def checks(self, app: Flask) -> Iterable[Check]:
        """Say what keeps this plugin from working, for ``flask hmr doctor``.

        It is asked in a process that serves nobody.

        :param app: the app.
        :return: findings, also of what is fine.
        """
        return ()


ORDERS = ("pre", "normal", "post")
"""The values that :attr:`Plugin.order` may have."""

HOOKS = (
    "resolve",
    "load",
    "transform",
    "tags",
    "hot_update",
    "on_message",
    "checks",
)
"""The names of the hooks."""


def name_of(plugin: Plugin) -> str:
    """Return what messages call a plugin."""
    return plugin.name or type(plugin).__name__


def as_plugin(value: object) -> Plugin:
    """Return the plugin that was meant, after a look at its attributes.

    :param value: a plugin, or a class of plugins that takes no arguments.
    :raises TypeError: it is something else.
    :raises ValueError: an attribute has a value that it cannot have.
    """
    if isinstance(value, type) and issubclass(value, Plugin):
        kind = value
        try:
            value = kind()
        except TypeError as error:
            raise TypeError(
                f"{kind.__name__} cannot be made without arguments ({error}). Make the"
                " plugin yourself, and give the object."
            ) from error
    if not isinstance(value, Plugin):
        raise TypeError(
            f"{value!r} is no plugin. Give an object or a class derived from"
            " flask_hmr.Plugin."
        )
    name = name_of(value)
    if value.order not in ORDERS:
        allowed = ", ".join(f'"{order}"' for order in ORDERS)
        raise ValueError(
            f"The plugin {name} has the order {value.order!r}. It can be {allowed}."
        )
    for attribute in ("include", "serves"):
        try:
            patterns(getattr(value, attribute))
        except TypeError as error:
            raise TypeError(
                f"{attribute} of the plugin {name} cannot be used: {error}"
            ) from error
    return value


def patterns(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """Return patterns as a tuple.

    :param value: one or several; none for ``None``.
    :raises TypeError: one of them is no string.
    """
    found = (value,) if isinstance(value, str) else tuple(value or ())
    for one in found:
        if not isinstance(one, str):
            raise TypeError(f"{one!r} is no pattern. Patterns are strings.")
    return found


def misspelt(plugin: Plugin) -> Iterator[tuple[str, str]]:
    """Yield methods whose names are nearly those of hooks, each with the hook's.

    Beside a hook that is there, such a name is that of a helper.
    """
    missing = [hook for hook in HOOKS if not any(having([plugin], hook))]
    for kind in type(plugin).__mro__:
        for name, value in vars(kind).items() if kind is not Plugin else ():
            if callable(value) and name not in vars(Plugin) and name[0] != "_":
                for hook in get_close_matches(name, missing, 1, 0.8):
                    yield name, hook


def having(plugins: Iterable[Plugin], hook: str) -> Iterator[Plugin]:
    """Yield the plugins that have something to say in a hook."""
    for plugin in plugins:
        if hook in vars(plugin) or getattr(type(plugin), hook) is not getattr(
            Plugin, hook
        ):
            yield plugin


def of_function(hook: str, function: Callable[..., Any], **attributes: Any) -> Plugin:
    """Return a plugin of one function.

    :param hook: which hook it is.
    :param attributes: of the plugin, such as ``include``.
    """
    plugin = Plugin()
    plugin.name = getattr(function, "__qualname__", repr(function))
    for name, value in {**attributes, hook: function}.items():
        setattr(plugin, name, value)
    return plugin
