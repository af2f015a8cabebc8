"""An app that is loaded in order to be looked at, and served to nobody."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field

from flask import Flask
from flask.cli import NoAppException, ScriptInfo

from ..config import Config
from ..plugins import Plugin
from ..problems import describe
from ..state import State
from .asking import ask
from .markup import Markup, read_templates
from .places import Place, modules_in, places


class LoadError(Exception):
    """The app cannot be loaded; says where that failed."""


@dataclass
class Project:
    """An app, with all that its files say."""

    app: Flask
    config: Config
    state: State
    places: list[Place]
    modules: dict[str, str] = field(default_factory=dict)
    """Every module on disk: key to file."""
    markup: Markup = field(default_factory=Markup)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """The plugins of the app."""
        return tuple(self.state.hooks.plugins)


def load_app(info: ScriptInfo) -> Flask:
    """Load the app as Flask's own commands do.

    :raises LoadError: that failed, for whatever reason.
    """
    try:
        return info.load_app()
    except SystemExit as error:
        raise LoadError(f"It ended the program, with status {error.code}.") from error
    except NoAppException as error:
        # Flask says nothing of where an import failed but in a traceback.
        cause = error.__context__
        is_import = isinstance(cause, ImportError)
        text = _told(cause) if cause and is_import else error.format_message()
        raise LoadError(text) from error
    except Exception as error:
        raise LoadError(_told(error)) from error


def _told(error: BaseException) -> str:
    problem = describe(error, os.getcwd())
    text = f"{problem['title']}: {problem['message']}"
    if "file" in problem and "line" in problem:
        text += f" ({problem['file']}:{problem['line']})"
    return text


def open_project(app: Flask) -> Project:
    """Switch hot module replacement on in an app, and read all its modules.

    Whether or not the app would have it on. No thread is started.

    :raises ConfigError: the configuration cannot be used.
    """
    config = Config.load(app.config, root_path=app.root_path)
    app.debug = True
    app.config["HMR_ENABLED"] = True
    if "hmr" in app.extensions:
        # The gate in front of the app decides at the first request that reaches it.
        ask(app, f"{config.url_prefix}/linked.js")
        if app.extensions["hmr"] is None:
            # Something else answers that.
            ask(app, "/hmr-was-here")
    state = app.extensions.get("hmr")
    if not isinstance(state, State):
        state = app.extensions["hmr"] = State(app, config, {})
    state.log.setLevel(logging.ERROR)
    state.without_threads()
    project = Project(app, config, state, list(places(app, config)))
    project.markup = read_templates(app, state.templates.folders())
    for import_map in project.markup.maps:
        state.updates.saw_maps([import_map])
    entries = project.markup.entries
    project.modules = modules_in(
        project.places, config, state.roots, entries, state.hooks.serves
    )
    state.updates.follow([*project.modules, *entries])
    return project
