"""All that ``flask hmr doctor`` looks at besides what is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from flask import Flask
from flask.cli import ScriptInfo

from ..checks import Check
from ..loading import unloadable
from ..plugins import name_of
from ..problems import describe
from ..values import ConfigError
from .answers import check_answers, samples
from .instances import check_instances
from .offline import LoadError, Project, load_app, open_project
from .running import check_server
from .sections import Section, section
from .settings import check_settings, check_threads
from .watching import check_watching


def examine_app(
    info: ScriptInfo, pages: Sequence[str], server: str | None
) -> list[Section]:
    """Look at an app and at a server.

    :param info: leads to the app.
    :param pages: see :func:`.doctor.examine`.
    :param server: the same.
    """
    sections = []
    prefix, modules = "/_hmr", dict[str, str]()
    try:
        app = load_app(info)
    except LoadError as error:
        found: Iterable[Check] = [
            Check.problem(
                "The app cannot be loaded",
                str(error),
                "Mend it, or name another one: flask --app NAME hmr doctor. The rest"
                " is looked at when it can be loaded.",
            )
        ]
        sections.append(section("App", found))
    else:
        settings, project = _examine_app(app)
        sections.append(settings)
        if project is not None:
            sections += _examine_project(project, pages)
            prefix = project.config.url_prefix
            modules = {url: project.modules[url] for url in samples(project)}
    if server is not None:
        found = check_server(server, prefix, modules)
        sections.append(section("Server", found))
    return [one for one in sections if one.checks]


def _examine_app(app: Flask) -> tuple[Section, Project | None]:
    """Look at an app as it was loaded, and open it."""
    settings = [*check_settings(app), *check_threads(app)]
    project = None
    try:
        project = open_project(app)
    except ConfigError as error:
        settings.append(
            Check.problem(
                "The configuration cannot be used",
                str(error),
                "Write what the message says. The rest is looked at after that.",
            )
        )
    return Section("App", tuple(settings)), project


def _examine_project(project: Project, pages: Sequence[str]) -> Iterator[Section]:
    yield section("Answers", check_answers(project, pages))
    yield section("Files", check_watching(project))
    yield section("Modules", check_instances(project))
    yield section("Plugins", check_plugins(project))


def check_plugins(project: Project) -> Iterator[Check]:
    """Ask the plugins for what they have found."""
    for point, error in unloadable(project.config.plugins):
        yield Check.problem(
            f"The installed plugin {point.name} cannot be loaded",
            f"{point.value}: {error}",
            f'Mend it, or leave it out: HMR_PLUGINS = ["!{point.name}"].',
        )
    with project.app.app_context():
        for plugin in project.plugins:
            try:
                yield from _findings(plugin.checks(project.app))
            except Exception as error:
                told = describe(error, project.app.root_path)
                place = "{file}:{line}".format_map(told) if "line" in told else ""
                yield Check.warning(
                    f"The plugin {name_of(plugin)} failed in checks()",
                    f"{told['title']}: {told['message']}" + (place and f" ({place})"),
                    "Mend its code, or tell its authors.",
                )
    for problem in project.state.hooks.problems.values():
        place = " ({file}:{line})".format_map(problem) if "line" in problem else ""
        yield Check.problem(
            str(problem.get("title", "A plugin failed")),
            f"{problem.get('message', '')}{place}",
            "Mend the plugin, or leave it out: see HMR_PLUGINS."
            if "stack" in problem
            else "Mend what it names.",
        )


def _findings(found: Check | Iterable[Check] | None) -> Iterator[Check]:
    """Yield what a plugin has found.

    :raises TypeError: it is something else.
    """
    for one in [found] if isinstance(found, Check) else found or ():
        if not isinstance(one, Check):
            raise TypeError(f"checks() returned {type(one).__name__}; it returns Check")
        yield one
