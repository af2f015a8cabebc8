"""The configuration: the ``HMR_*`` keys of an application, checked and normalised.

:meth:`Config.load` reads the keys once and gives a frozen value. A key that does not
exist and a value that cannot be used are errors with a message that says how to mend
them: a misspelt key that is silently ignored costs an afternoon.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from . import values
from .ignores import Ignores
from .servers import TRANSPORTS
from .values import ConfigError, Root

if TYPE_CHECKING:
    from .mapping import Mapped

CONFIG_KEYS: Mapping[str, Any] = MappingProxyType(
    {
        "HMR_ENABLED": None,
        "HMR_ROOTS": (),
        "HMR_URL_PREFIX": "/_hmr",
        "HMR_IGNORE": (),
        "HMR_INVALIDATE": "reload",
        "HMR_ALLOWED_HOSTS": (),
        "HMR_ALLOWED_ORIGINS": (),
        "HMR_TRANSPORTS": None,
        "HMR_MESSAGE_QUEUE": None,
        "HMR_EDITOR": None,
        "HMR_PLUGINS": (),
        "HMR_IMPORTMAP": None,
        "HMR_LOG": None,
        "HMR_FORWARD_CONSOLE": False,
        "HMR_PUBLIC_WITHOUT_DEBUG": False,
    }
)
"""Every key that :meth:`Config.load` knows, with its default."""


@dataclass(frozen=True, slots=True)
class Config:
    """The checked configuration of one application.

    Each attribute is a key of ``app.config`` without ``HMR_``, in lower case.

    ``HMR_ENABLED`` (``bool`` or ``None``, default ``None``)
        Whether hot module replacement is on. ``None`` means: when ``app.debug`` is.
        The words ``1 true on yes 0 false off no`` are understood too, as they come
        from the environment. Example: ``HMR_ENABLED = False``.

    ``HMR_ROOTS`` (folder, list of folders, or mapping; default ``()``)
        Folders with client-side files besides the static folders of the application
        and its blueprints. Relative paths start at ``app.root_path``. A mapping
        names the URL path under which each folder is served. Examples:
        ``HMR_ROOTS = ["../frontend"]``,
        ``HMR_ROOTS = {"/assets": "../frontend/src"}``.

    ``HMR_URL_PREFIX`` (``str``, default ``"/_hmr"``)
        The URL path under which the client runtime and the socket are served.
        Example: ``HMR_URL_PREFIX = "/dev/hmr"``.

    ``HMR_IGNORE`` (pattern or list of patterns, default ``()``)
        Files whose changes are not looked at, added to
        :data:`~flask_hmr.ignores.BUILTIN_IGNORES`. Glob patterns as in
        :mod:`fnmatch`, compared with the path relative to its root, with each folder
        on the way, and with each part of the path. Example:
        ``HMR_IGNORE = ["vendor", "*.min.js", "generated/*.json"]``.

    ``HMR_INVALIDATE`` (``"reload"`` or ``"propagate"``, default ``"reload"``)
        What ``import.meta.hot.invalidate()`` does: reload the page, or hand the
        update on to the importers of the module. Example:
        ``HMR_INVALIDATE = "propagate"``.

    ``HMR_ALLOWED_HOSTS`` (name or list of names, default ``()``)
        Host names, besides those of this machine (``localhost``, ``*.localhost``,
        ``127.0.0.0/8``, ``[::1]``), under which pages may connect. Without a port. A
        leading dot stands for the domain and all its subdomains. Example:
        ``HMR_ALLOWED_HOSTS = ["dev.example", ".tunnel.example", "192.168.1.20"]``.

    ``HMR_ALLOWED_ORIGINS`` (origin or list of origins, default ``()``)
        Origins, besides that of the application itself, whose pages may connect.
        Example: ``HMR_ALLOWED_ORIGINS = ["https://dev.example:8443"]``.

    ``HMR_TRANSPORTS`` (name or list of names, default ``None``)
        The ways in which pages may be told of updates: ``"socket"`` (WebSocket),
        ``"stream"`` (Server-Sent Events), ``"poll"``. ``None`` means all; the best one
        that works is found by itself. Example: ``HMR_TRANSPORTS = "poll"``.

    ``HMR_MESSAGE_QUEUE`` (URL or ``None``, default ``None``)
        The Redis server through which several processes of the app hand on what no
        file shows: events, and what ``invalidate()`` does. Needs the extra ``redis``.
        Example: ``HMR_MESSAGE_QUEUE = "redis://localhost:6379/0"``.

    ``HMR_EDITOR`` (name, path, list, ``False`` or ``None``, default ``None``)
        What opens a file when its place in the overlay is clicked: the name of a
        common editor, its path, or a command with its arguments, in which
        ``{file}``, ``{line}`` and ``{column}`` are replaced. ``None`` means: the one
        of the variables ``VISUAL`` or ``EDITOR``, if it is known and opens a window;
        ``False`` means none. No shell takes part. Examples: ``HMR_EDITOR = "code"``,
        ``HMR_EDITOR = ["my-editor", "{file}:{line}:{column}"]``.

    ``HMR_PLUGINS`` (plugin or list of plugins, default ``()``)
        Plugins, besides those that the extension object was given: objects or classes
        derived from :class:`~flask_hmr.plugins.Plugin`, ``"module:Class"``, or the
        short name of one in ``flask_hmr.contrib``. ``"!name"`` leaves out one that an
        installed distribution brings along. Example:
        ``HMR_PLUGINS = ["lit", "my_app.hmr:Icons", "!svelte"]``.

    ``HMR_IMPORTMAP`` (mapping or ``None``, default ``None``)
        What the names that modules import stand for, as ``hmr_importmap()`` renders it
        in templates, in production as well: see :mod:`flask_hmr.mapping`. Examples:
        ``HMR_IMPORTMAP = {}``, ``HMR_IMPORTMAP = {"cart": "@/js/cart.js"}``.

    ``HMR_LOG`` (``bool``, level name or ``None``, default ``None``)
        The level of the logger ``flask_hmr``: ``True`` is ``"info"``, ``False`` is
        ``"error"``. ``None`` leaves the logger the level that it has, else it is
        ``"info"``. As an attribute, :attr:`log` is the number that :mod:`logging`
        uses. Example: ``HMR_LOG = "debug"``.

    ``HMR_FORWARD_CONSOLE`` (``bool``, name or list of names, default ``False``)
        Which messages of the consoles of pages the terminal shows as well: ``True`` for
        all, or any of ``"debug"``, ``"log"``, ``"info"``, ``"warn"`` and ``"error"``.
        Errors that nobody caught go with ``"error"``. Example:
        ``HMR_FORWARD_CONSOLE = ["warn", "error"]``.

    ``HMR_PUBLIC_WITHOUT_DEBUG`` (``bool``, default ``False``)
        Whether ``HMR_ENABLED = True`` holds even where the app is not in debug mode
        and listens on an address that other machines can reach. Without it hot module
        replacement stays off there, for that is most probably a mistake: whoever
        can reach the app could read all its client-side sources and messages. Example:
        ``HMR_PUBLIC_WITHOUT_DEBUG = True``.
    """

    enabled: bool | None = None
    roots: tuple[Root, ...] = ()
    url_prefix: str = "/_hmr"
    ignore: tuple[str, ...] = ()
    invalidate: Literal["reload", "propagate"] = "reload"
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    transports: tuple[str, ...] = TRANSPORTS
    message_queue: str | None = None
    editor: tuple[str, ...] | None = None
    plugins: tuple[Any, ...] = ()
    importmap: Mapped | None = None
    log: int | None = None
    forward_console: tuple[str, ...] = ()
    public_without_debug: bool = False
    _ignores: Ignores = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ignores", Ignores(self.ignore))

    @classmethod
    def load(cls, mapping: Mapping[str, Any], *, root_path: str) -> Config:
        """Read the ``HMR_*`` keys of a mapping; other keys are left alone.

        :param mapping: The configuration of an application, as ``app.config``.
        :param root_path: The folder at which relative paths start, as
            ``app.root_path``.
        :raises ConfigError: A key with the prefix ``HMR_`` is not known, or a value
            cannot be used.
        """
        for key in mapping:
            if key.startswith("HMR_"):
                _check_key(key)

        checked: dict[str, Any] = {}
        for key, default in CONFIG_KEYS.items():
            name = key.removeprefix("HMR_").lower()
            value = mapping.get(key, default)
            if key == "HMR_ROOTS":
                checked[name] = values.roots(key, value, root_path)
            else:
                checked[name] = _CONVERTERS[key](key, value)
        return cls(**checked)

    def ignores(self, path: str) -> bool:
        """Whether changes of a file are not looked at.

        A folder that is ignored takes everything in it along.

        :param path: The path of the file relative to its root, with the separators
            of the operating system or with slashes.
        """
        return self._ignores.match(path)


def _check_key(key: str) -> None:
    if key in CONFIG_KEYS:
        return
    # Compared without the prefix, which would make every key look alike.
    names = {known.removeprefix("HMR_"): known for known in CONFIG_KEYS}
    near = difflib.get_close_matches(key.removeprefix("HMR_").upper(), names, n=1)
    known = ", ".join(CONFIG_KEYS)
    advice = f"Did you mean {names[near[0]]}?" if near else f"Known: {known}."
    raise ConfigError(key, f"there is no such key. {advice}")


_CONVERTERS: Mapping[str, Callable[[str, Any], Any]] = {
    "HMR_ENABLED": values.enabled,
    "HMR_URL_PREFIX": values.url_prefix,
    "HMR_IGNORE": values.ignore,
    "HMR_INVALIDATE": values.invalidate,
    "HMR_ALLOWED_HOSTS": values.allowed_hosts,
    "HMR_ALLOWED_ORIGINS": values.allowed_origins,
    "HMR_TRANSPORTS": values.transports,
    "HMR_MESSAGE_QUEUE": values.message_queue,
    "HMR_EDITOR": values.editor,
    "HMR_PLUGINS": values.plugins,
    "HMR_IMPORTMAP": values.importmap,
    "HMR_LOG": values.log,
    "HMR_FORWARD_CONSOLE": values.forward_console,
    "HMR_PUBLIC_WITHOUT_DEBUG": values.public_without_debug,
}
