"""Which plugins an app has: those given to it, configured ones, installed ones."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint, entry_points

from .plugins import Plugin, as_plugin, misspelt, name_of
from .values import ConfigError

GROUP = "flask_hmr.plugins"
"""The entry point group by which a distribution brings plugins along."""

KEY = "HMR_PLUGINS"

_CONTRIB = f"{__package__}.contrib"


def load_plugins(
    given: Iterable[Plugin],
    configured: Sequence[object],
    log: logging.Logger,
    installed: Iterable[EntryPoint] | None = None,
) -> list[Plugin]:
    """Return the plugins of an app, in the order of their registration.

    :param given: those of the extension object.
    :param configured: the values of ``HMR_PLUGINS``.
    :param log: where to say which installed one cannot be had.
    :param installed: the entry points, if not all that there are.
    :raises ConfigError: ``HMR_PLUGINS`` names what is no plugin.
    """
    refused = [one for one in configured if isinstance(one, str) and one[:1] == "!"]
    wanted = [one for one in configured if one not in refused]
    found = [*map(as_plugin, given), *(_configured(one) for one in wanted)]
    # One that somebody asked for by name need not come along by itself, too.
    names = {name_of(plugin) for plugin in found} | {one[1:] for one in refused}
    if installed is None:
        installed = entry_points(group=GROUP)
    for point in installed:
        plugin = None if point.name in names else _installed(point, log)
        if plugin is not None and name_of(plugin) not in names:
            found.append(plugin)
            names |= {point.name, name_of(plugin)}
    for plugin in found:
        for name, hook in misspelt(plugin):
            log.warning(
                "[hmr] the plugin %s has a method %s(), which is never called: is it to"
                " be %s()?",
                name_of(plugin),
                name,
                hook,
            )
    return found


def unloadable(configured: Sequence[object]) -> Iterator[tuple[EntryPoint, Exception]]:
    """Yield the installed plugins that cannot be had, each with what went wrong.

    :param configured: the values of ``HMR_PLUGINS``, which may leave some out.
    """
    for point in entry_points(group=GROUP):
        if f"!{point.name}" not in configured:
            try:
                _configured(point.load())
            except Exception as error:
                yield point, error


def _configured(value: object) -> Plugin:
    if isinstance(value, str):
        value = _named(value)
    try:
        return as_plugin(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(KEY, str(error)) from error


def _named(name: str) -> object:
    module, colon, attribute = name.partition(":")
    if not colon:
        # One of ours, by its short name.
        module, attribute = f"{_CONTRIB}.{name}", "plugin"
    try:
        return getattr(importlib.import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{module}.".startswith(f"{error.name}."):
            raise ConfigError(
                KEY,
                f"{name!r} cannot be found: there is no module {error.name!r}. Give"
                ' "module:Class", or the name of a plugin in flask_hmr.contrib.',
            ) from error
        raise
    except AttributeError as error:
        raise ConfigError(
            KEY, f"{name!r} cannot be found: {module!r} has no {attribute!r}."
        ) from error


def _installed(point: EntryPoint, log: logging.Logger) -> Plugin | None:
    """Return a plugin that a distribution brings, if it can be had."""
    try:
        return _configured(point.load())
    except Exception:
        # Installed for another app, perhaps: it must not keep this one from working.
        log.exception(
            '[hmr] the plugin %r (%s) cannot be loaded; HMR_PLUGINS = ["!%s"] leaves'
            " it out",
            point.name,
            point.value,
            point.name,
        )
        return None
