"""The configuration: the ``HMR_*`` keys of an application, checked and normalised.

:meth:`Config.load` reads the keys once and gives a frozen value. A key that does not
exist and a value that cannot be used are errors with a message that says how to mend
them: a misspelt key that is silently ignored costs an afternoon.
"""

from __future__ import annotations

import difflib
import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from .hosts import normalize_host, normalize_origin
from .ignores import Ignores

CONFIG_KEYS: Mapping[str, Any] = MappingProxyType(
    {
        "HMR_ENABLED": None,
        "HMR_ROOTS": (),
        "HMR_URL_PREFIX": "/_hmr",
        "HMR_IGNORE": (),
        "HMR_INVALIDATE": "reload",
        "HMR_ALLOWED_HOSTS": (),
        "HMR_ALLOWED_ORIGINS": (),
        "HMR_LOG": True,
    }
)
"""Every key that :meth:`Config.load` knows, with its default."""

_BOOLEAN_WORDS = {
    **dict.fromkeys(("1", "true", "on", "yes"), True),
    **dict.fromkeys(("0", "false", "off", "no"), False),
}
_LOG_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}
# Letters that mean the same in a URL, in a Flask rule, in HTML and in a log line.
_URL_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")
_REPR_LENGTH = 80


class ConfigError(ValueError):
    """A configuration key that does not exist, or a value that cannot be used.

    :param key: The name of the key.
    :param message: What is wrong and what to write instead.
    """

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key


@dataclass(frozen=True, slots=True)
class Root:
    """A folder with client-side files.

    :param prefix: The URL path under which the folder is served, such as
        ``"/assets"``: never with a slash at its end, so ``""`` when the folder is
        served at the top. ``None`` when the folder is only watched, and its URLs
        follow from the application's static routes.
    :param folder: The absolute path of the folder. It need not exist yet.
    """

    prefix: str | None
    folder: str


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

    ``HMR_LOG`` (``bool`` or level name, default ``True``)
        The level of the logger ``flask_hmr``: ``True`` is ``"info"``, ``False`` is
        ``"error"``. As an attribute, :attr:`log` is the number that :mod:`logging`
        uses. Example: ``HMR_LOG = "debug"``.
    """

    enabled: bool | None = None
    roots: tuple[Root, ...] = ()
    url_prefix: str = "/_hmr"
    ignore: tuple[str, ...] = ()
    invalidate: Literal["reload", "propagate"] = "reload"
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    log: int = logging.INFO
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

        values: dict[str, Any] = {}
        for key, default in CONFIG_KEYS.items():
            name = key.removeprefix("HMR_").lower()
            value = mapping.get(key, default)
            if key == "HMR_ROOTS":
                values[name] = _roots(key, value, root_path)
            else:
                values[name] = _CONVERTERS[key](key, value)
        return cls(**values)

    def ignores(self, path: str) -> bool:
        """Whether changes of a file are not looked at.

        A folder that is ignored takes everything in it along.

        :param path: The path of the file relative to its root, with the separators
            of the operating system or with slashes.
        """
        return self._ignores.match(path)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _REPR_LENGTH else f"{text[: _REPR_LENGTH - 3]}..."


def _refuse(key: str, value: object, allowed: str) -> ConfigError:
    return ConfigError(key, f"{_shown(value)} cannot be used here. {allowed}")


def _check_key(key: str) -> None:
    if key in CONFIG_KEYS:
        return
    # Compared without the prefix, which would make every key look alike.
    names = {known.removeprefix("HMR_"): known for known in CONFIG_KEYS}
    near = difflib.get_close_matches(key.removeprefix("HMR_").upper(), names, n=1)
    known = ", ".join(CONFIG_KEYS)
    advice = f"Did you mean {names[near[0]]}?" if near else f"Known: {known}."
    raise ConfigError(key, f"there is no such key. {advice}")


def _boolean(value: object) -> bool | None:
    """The truth value that is meant, or ``None`` if none is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):  # FLASK_HMR_ENABLED=1 is read as a number
        return {0: False, 1: True}.get(value)
    if isinstance(value, str):
        return _BOOLEAN_WORDS.get(value.strip().lower())
    return None


def _strings(key: str, value: object, allowed: str) -> tuple[str, ...]:
    """A string as a list of one, a list of strings as it is."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)):
        raise _refuse(key, value, allowed)
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise _refuse(key, item, allowed)
    return tuple(dict.fromkeys(item.strip() for item in items))


def _enabled(key: str, value: object) -> bool | None:
    if value is None:
        return None
    enabled = _boolean(value)
    if enabled is None:
        raise _refuse(
            key,
            value,
            f"Allowed are True, False and None (on when app.debug is), or the words "
            f"{', '.join(_BOOLEAN_WORDS)}. Example: {key} = False",
        )
    return enabled


def _roots(key: str, value: object, root_path: str) -> tuple[Root, ...]:
    allowed = (
        f"Allowed are folders (str or Path, relative to {root_path}), or a mapping "
        f"from URL path to folder. "
        f'Examples: {key} = ["../frontend"], {key} = {{"/assets": "../frontend"}}'
    )
    pairs: list[tuple[str | None, object]]
    if isinstance(value, Mapping):
        pairs = [(_root_prefix(key, prefix), item) for prefix, item in value.items()]
    elif isinstance(value, (str, os.PathLike)):
        pairs = [(None, value)]
    elif isinstance(value, (list, tuple)):
        pairs = [(None, item) for item in value]
    else:
        raise _refuse(key, value, allowed)

    roots: dict[Root, None] = {}
    for prefix, item in pairs:
        path = os.fspath(item) if isinstance(item, (str, os.PathLike)) else None
        if not isinstance(path, str) or not path.strip() or "\0" in path:
            raise _refuse(key, item, allowed)
        root = Root(prefix, os.path.abspath(os.path.join(root_path, path)))
        if prefix is not None and any(root.prefix == other.prefix for other in roots):
            raise ConfigError(key, f"the URL path {prefix!r} is given to two folders.")
        roots[root] = None
    return tuple(roots)


def _root_prefix(key: str, prefix: object) -> str:
    if prefix == "/":
        return ""
    if isinstance(prefix, str):
        path = prefix[:-1] if prefix.endswith("/") else prefix
        if _URL_PATH.fullmatch(path):
            return path
    raise _refuse(
        key,
        prefix,
        f"A URL path starts with '/' and consists of letters, digits and '_.~-'. "
        f'Example: {key} = {{"/assets": "../frontend"}}',
    )


def _url_prefix(key: str, value: object) -> str:
    if isinstance(value, str) and _URL_PATH.fullmatch(value):
        return value
    raise _refuse(
        key,
        value,
        f"It must start with '/', must not end with '/', and may hold letters, "
        f"digits and '_.~-'. Example: {key} = \"/_hmr\"",
    )


def _ignore(key: str, value: object) -> tuple[str, ...]:
    example = f'Example: {key} = ["vendor", "*.min.js", "generated/*.json"]'
    patterns = []
    for pattern in _strings(key, value, f"Allowed are glob patterns. {example}"):
        if pattern.startswith("!"):
            raise _refuse(key, pattern, f"Exceptions ('!') do not exist. {example}")
        if pattern.startswith(("/", "./", "../")):
            raise _refuse(
                key,
                pattern,
                f"Patterns are relative to a root and start with a name. {example}",
            )
        patterns.append(pattern.rstrip("/"))
    return tuple(patterns)


def _invalidate(key: str, value: object) -> str:
    if isinstance(value, str) and value in ("reload", "propagate"):
        return value
    raise _refuse(
        key,
        value,
        f'Allowed are "reload" (reload the page) and "propagate" (hand the update on '
        f'to the importers). Example: {key} = "propagate"',
    )


def _allowed_hosts(key: str, value: object) -> tuple[str, ...]:
    example = f'Example: {key} = ["dev.example", ".tunnel.example"]'
    allowed = f"Allowed are host names, without scheme and port. {example}"
    hosts = []
    for item in _strings(key, value, allowed):
        if item == "*":
            raise _refuse(
                key,
                item,
                "With every host allowed, any web page could connect by pointing "
                f"its own name at this machine (DNS rebinding). Name them. {example}",
            )
        if item.startswith("*."):
            raise _refuse(
                key, item, f"Write {item[1:]!r} for all subdomains. {example}"
            )
        host = normalize_host(item.removeprefix("."))
        if host is None or (item.startswith(".") and host.is_address):
            raise _refuse(key, item, allowed)
        hosts.append(f".{host.name}" if item.startswith(".") else host.name)
    return tuple(dict.fromkeys(hosts))


def _allowed_origins(key: str, value: object) -> tuple[str, ...]:
    allowed = (
        f"Allowed are origins: http or https, a host, a port unless it is the usual "
        f'one, and nothing behind. Example: {key} = ["https://dev.example:8443"]'
    )
    origins = []
    for item in _strings(key, value, allowed):
        origin = normalize_origin(item)
        if origin is None:
            raise _refuse(key, item, allowed)
        origins.append(origin)
    return tuple(dict.fromkeys(origins))


def _log(key: str, value: object) -> int:
    switched = _boolean(value)
    if switched is not None:
        return logging.INFO if switched else logging.ERROR
    if isinstance(value, str) and value.strip().lower() in _LOG_LEVELS:
        return _LOG_LEVELS[value.strip().lower()]
    if isinstance(value, int) and value in _LOG_LEVELS.values():
        return value
    raise _refuse(
        key,
        value,
        f"Allowed are True, False and the levels {', '.join(_LOG_LEVELS)}. "
        f'Example: {key} = "warning"',
    )


_CONVERTERS: Mapping[str, Callable[[str, Any], Any]] = {
    "HMR_ENABLED": _enabled,
    "HMR_URL_PREFIX": _url_prefix,
    "HMR_IGNORE": _ignore,
    "HMR_INVALIDATE": _invalidate,
    "HMR_ALLOWED_HOSTS": _allowed_hosts,
    "HMR_ALLOWED_ORIGINS": _allowed_origins,
    "HMR_LOG": _log,
}
