"""The values of ``HMR_*`` keys: each is checked, and put in the form that is used.

A function for each key takes what was written and returns what is meant. A value that
cannot be used is an error that says what can be, with an example.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from . import editors
from .hosts import normalize_host, normalize_origin
from .plugins import Plugin
from .servers import TRANSPORTS

if TYPE_CHECKING:
    from .mapping import Mapped

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
CONSOLE_LEVELS = ("debug", "log", "info", "warn", "error")
"""The methods of the console whose messages can be forwarded."""

# Letters that mean the same in a URL, in a Flask rule, in HTML and in a log line.
_URL_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)+")
_PLUGIN = re.compile(r"!?[\w.-]+|[\w.]+:\w+")
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


def enabled(key: str, value: object) -> bool | None:
    """Return whether HMR is on; ``None`` leaves that to ``app.debug``."""
    if value is None:
        return None
    switched = _boolean(value)
    if switched is None:
        raise _refuse(
            key,
            value,
            f"Allowed are True, False and None (on when app.debug is), or the words "
            f"{', '.join(_BOOLEAN_WORDS)}. Example: {key} = False",
        )
    return switched


def roots(key: str, value: object, root_path: str) -> tuple[Root, ...]:
    """Return the folders, made absolute, with the URL path of each."""
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

    found: dict[Root, None] = {}
    for prefix, item in pairs:
        path = os.fspath(item) if isinstance(item, (str, os.PathLike)) else None
        if not isinstance(path, str) or not path.strip() or "\0" in path:
            raise _refuse(key, item, allowed)
        root = Root(prefix, os.path.abspath(os.path.join(root_path, path)))
        if prefix is not None and any(root.prefix == other.prefix for other in found):
            raise ConfigError(key, f"the URL path {prefix!r} is given to two folders.")
        found[root] = None
    return tuple(found)


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


def url_prefix(key: str, value: object) -> str:
    """Return the URL path as it is."""
    if isinstance(value, str) and _URL_PATH.fullmatch(value):
        return value
    raise _refuse(
        key,
        value,
        f"It must start with '/', must not end with '/', and may hold letters, "
        f"digits and '_.~-'. Example: {key} = \"/_hmr\"",
    )


def ignore(key: str, value: object) -> tuple[str, ...]:
    """Return glob patterns without a slash at their end."""
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


def invalidate(key: str, value: object) -> str:
    """Return one of the two words."""
    if isinstance(value, str) and value in ("reload", "propagate"):
        return value
    raise _refuse(
        key,
        value,
        f'Allowed are "reload" (reload the page) and "propagate" (hand the update on '
        f'to the importers). Example: {key} = "propagate"',
    )


def allowed_hosts(key: str, value: object) -> tuple[str, ...]:
    """Return host names as :mod:`flask_hmr.hosts` normalises them."""
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


def allowed_origins(key: str, value: object) -> tuple[str, ...]:
    """Return origins as :mod:`flask_hmr.hosts` normalises them."""
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


def transports(key: str, value: object) -> tuple[str, ...]:
    """Return the names of transports, the best one first."""
    if value is None:
        return TRANSPORTS
    allowed = (
        f"Allowed are {', '.join(map(repr, TRANSPORTS))}, a list of these, and None "
        f'for all. Example: {key} = ["socket", "poll"]'
    )
    names = _strings(key, value, allowed)
    for name in names:
        if name not in TRANSPORTS:
            raise _refuse(key, name, allowed)
    if not names:
        raise _refuse(key, value, allowed)
    return tuple(name for name in TRANSPORTS if name in names)


def message_queue(key: str, value: object) -> str | None:
    """Return the URL as it is."""
    if value is None:
        return None
    if isinstance(value, str) and value.startswith(
        ("redis://", "rediss://", "unix://")
    ):
        if find_spec("redis") is None:
            raise ConfigError(
                key,
                "the redis package is not installed. Install it with:"
                " pip install 'Flask-HMR[redis]'",
            )
        return value
    # The value may have a password in it, so it is not shown.
    kind = "What was given" if isinstance(value, str) else _shown(value)
    raise ConfigError(
        key,
        f"{kind} cannot be used here. Allowed are the URL of a Redis server and None."
        f' Example: {key} = "redis://localhost:6379/0"',
    )


def public_without_debug(key: str, value: object) -> bool:
    """Return whether a running production server is what is meant."""
    switched = _boolean(value)
    if switched is None:
        raise _refuse(key, value, f"Allowed are True and False. Example: {key} = True")
    return switched


def editor(key: str, value: object) -> tuple[str, ...] | None:
    """Return the editor's command line; empty for none, ``None`` leaves it open."""
    if value is None:
        return None
    if value is False:
        return ()
    if isinstance(value, str) and value.strip():
        command = editors.command_of(value.strip())
        if command is not None:
            return command
    elif (
        isinstance(value, (list, tuple))
        and all(isinstance(word, str) for word in value)
        and any("{file}" in word for word in value[1:])
    ):
        return tuple(value)
    names = ", ".join(sorted(editors.KNOWN))
    raise _refuse(
        key,
        value,
        f"Allowed are {names}, the path of one of these, False, or the list of a"
        f" command and its arguments, of which one has {{file}}. Example: {key} = "
        f'["my-editor", "{{file}}:{{line}}:{{column}}"]',
    )


def plugins(key: str, value: object) -> tuple[object, ...]:
    """Plugins, or the names under which they are found; they are loaded later."""
    items = value if isinstance(value, (list, tuple)) else (value,)
    for item in items:
        is_plugin = isinstance(item, Plugin) or (
            isinstance(item, type) and issubclass(item, Plugin)
        )
        is_name = isinstance(item, str) and _PLUGIN.fullmatch(item)
        if not is_plugin and not is_name:
            raise _refuse(
                key,
                value,
                'Allowed are plugins, their classes, "module:Class", the name of one'
                ' in flask_hmr.contrib, and "!name" to leave an installed one out.'
                f' Example: {key} = ["lit", "my_app.hmr:Icons"]',
            )
    return tuple(items)


def importmap(key: str, value: object) -> Mapped | None:
    """Return the mapping, checked; ``None`` for no import map."""
    if value is None:
        return None
    # Imported only here: apps without an import map need none of it.
    from .mapping import MappingError, mapped

    try:
        return mapped(value)
    except MappingError as error:
        raise ConfigError(key, str(error)) from None


def log(key: str, value: object) -> int | None:
    """Return the number of a level of :mod:`logging`; ``None`` leaves it open."""
    if value is None:
        return None
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
        f"Allowed are True, False, None and the levels {', '.join(_LOG_LEVELS)}. "
        f'Example: {key} = "warning"',
    )


def forward_console(key: str, value: object) -> tuple[str, ...]:
    """Return methods of the console, in the order of their weight."""
    switched = _boolean(value)
    if switched is not None:
        return CONSOLE_LEVELS if switched else ()
    allowed = (
        f"Allowed are True, False, {', '.join(map(repr, CONSOLE_LEVELS))}, and a list"
        f' of these. Example: {key} = ["warn", "error"]'
    )
    names = _strings(key, value, allowed)
    for name in names:
        if name not in CONSOLE_LEVELS:
            raise _refuse(key, name, allowed)
    return tuple(name for name in CONSOLE_LEVELS if name in names)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _REPR_LENGTH else f"{text[: _REPR_LENGTH - 3]}..."


def _refuse(key: str, value: object, allowed: str) -> ConfigError:
    return ConfigError(key, f"{_shown(value)} cannot be used here. {allowed}")
