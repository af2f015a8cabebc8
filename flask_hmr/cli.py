"""The commands of ``flask hmr``.

They are an entry point of Flask's own command, so that they are there even when the app
cannot be loaded. What they need is imported when one of them runs: Flask imports this
module for each of its commands, in production too.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from .commands.offline import Project


@click.group("hmr")
def hmr() -> None:
    """Look into hot module replacement.

    Give the app as for "flask run", by --app before "hmr". These commands serve nothing
    and watch nothing.
    """


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write JSON instead of text."
)


# doctor


def _set_debug(
    context: click.Context, parameter: click.Parameter, value: bool | None
) -> None:
    """Do what Flask's own option of this name does, before the app is loaded."""
    if value is not None:
        os.environ["FLASK_DEBUG"] = "1" if value else "0"


@hmr.command("doctor")
@click.option(
    "--debug/--no-debug",
    default=None,
    expose_value=False,
    callback=_set_debug,
    help="As for flask run: set debug mode.",
)
@click.option(
    "--page",
    "pages",
    multiple=True,
    metavar="URL",
    help="Ask the app for this page, as a browser would. Default: / if there is one.",
)
@click.option(
    "--server",
    metavar="URL",
    help="Also ask a server that runs, such as http://127.0.0.1:5000.",
)
@click.option("--verbose", "-v", is_flag=True, help="Show what is fine in full, too.")
@json_option
@click.pass_context
def doctor(
    context: click.Context,
    pages: tuple[str, ...],
    server: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Find what keeps hot module replacement from working.

    Looks at the installed packages, the app, its answers, the file system and the
    modules, and says what to do about what it finds. The exit status is 1 if there is a
    problem.
    """
    from flask.cli import ScriptInfo

    from .commands.doctor import examine
    from .commands.output import show_sections, write_json

    sections = examine(context.ensure_object(ScriptInfo), pages, server)
    levels = [check.level for section in sections for check in section.checks]
    if as_json:
        checks = [one for section in sections for one in section.as_json()]
        write_json({"ok": "problem" not in levels, "checks": checks})
    else:
        show_sections(sections, verbose)
    if "problem" in levels:
        raise SystemExit(1)


# why


@hmr.command("why")
@click.argument("file")
@json_option
@click.pass_context
def why(context: click.Context, file: str, as_json: bool) -> None:
    """Say what a change of FILE does to pages, and why.

    FILE is a path or a URL: a module, a template, a style sheet, anything. What is said
    of modules is what their text makes certain. Pages decide for themselves.
    """
    from .commands.output import show_answer, write_json
    from .commands.why import UnknownFileError, explain

    project = _open(context)
    try:
        answers = explain(project, file)
    except UnknownFileError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        write_json([answer.as_json() for answer in answers])
        return
    for answer in answers:
        show_answer(answer)


# graph


@hmr.command("graph")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "dot"]),
    default="text",
    help="Text, JSON, or the language of Graphviz.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--dot", "form", flag_value="dot", help="The same as --format dot.")
@click.pass_context
def graph(context: click.Context, form: str) -> None:
    """Draw the module graph, with its HMR boundaries.

    Of all modules in the folders of the app, and what they import. For a picture:
    flask hmr graph --dot | dot -Tsvg > graph.svg
    """
    from .commands import drawing
    from .commands.output import show_graph, write_json

    modules = drawing.draw(_open(context))
    if form == "json":
        write_json(drawing.as_json(modules))
    elif form == "dot":
        for line in drawing.as_dot(modules):
            click.echo(line)
    else:
        show_graph(modules)


# routes


@hmr.command("routes")
@json_option
@click.pass_context
def routes(context: click.Context, as_json: bool) -> None:
    """List what the extension serves, and which URLs lead to which folders."""
    from .commands.output import counted, show_table, write_json
    from .commands.routes import routes as list_routes

    found = list_routes(_open(context))
    if as_json:
        write_json(found)
        return
    show_table(
        "Served by the extension, in debug mode",
        [(one["method"], one["rule"], one["purpose"]) for one in found["routes"]],
    )
    show_table(
        "Folders with modules",
        [
            (
                one["prefix"] or ("(not known)" if one["prefix"] is None else "/"),
                one["folder"] if one["exists"] else f"{one['folder']} (missing)",
                f"{counted(one['modules'], 'module')}, {one['source']}",
            )
            for one in found["folders"]
        ],
    )
    show_table("Folders with templates", [(name,) for name in found["templates"]])


# strip


@hmr.command("strip")
@click.argument("source", metavar="SRC", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="DST", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
def strip(source: Path, target: Path, quiet: bool) -> None:
    """Copy SRC to DST, modules without import.meta.hot.

    SRC is a file or a folder. What import.meta.hot guards is taken out, and so are
    calls such as import.meta.hot.accept(). Line numbers stay. Other files are copied as
    they are. Links are followed.

    Where it is not certain that nothing else would change, nothing at all is written;
    each such place is named, and the exit status is 1.
    """
    from .commands import stripping
    from .commands.output import counted

    try:
        copies = stripping.prepare(source, target)
    except stripping.PlaceError as error:
        raise click.UsageError(str(error)) from error
    for path, why in copies.left_out:
        click.echo(f"{click.format_filename(path)} is left out: {why}.", err=True)
    if copies.complaints:
        for one in copies.complaints:
            place = click.style(f"{one.file}:{one.line}:{one.column}", bold=True)
            click.echo(f"{place}\n    {one.reason}", err=True)
        count = len(copies.complaints)
        places = "one place" if count == 1 else f"{count} places"
        click.echo(
            f"Nothing was written, because of {places} in the modules.", err=True
        )
        raise SystemExit(1)
    try:
        copies.write()
    except OSError as error:
        raise click.ClickException(f"Not all could be written: {error}") from error
    if not quiet:
        click.echo(
            f"{counted(len(copies.files), 'file')} written to"
            f" {click.format_filename(copies.target)}:"
            f" {counted(copies.removed, 'use')} of import.meta.hot taken out of"
            f" {counted(copies.stripped, 'module')}."
        )


# types


@hmr.command("types")
@click.argument(
    "folder",
    default=".",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
def types(folder: Path) -> None:
    """Put the types of import.meta.hot into FOLDER, where the project begins.

    Editors that speak TypeScript find them there by themselves. Run it again after an
    upgrade.
    """
    from .typings import NAME, write_types

    try:
        written = write_types(folder)
    except OSError as error:
        raise click.ClickException(str(error)) from error
    for path in written:
        click.echo(f"wrote {click.format_filename(path.name)}")
    if not written:
        click.echo(f"{NAME} is up to date")


# What they share


def _open(context: click.Context) -> Project:
    """Load the app; end with a message if that fails."""
    from flask.cli import ScriptInfo

    from .commands.offline import LoadError, load_app, open_project
    from .values import ConfigError

    try:
        return open_project(load_app(context.ensure_object(ScriptInfo)))
    except LoadError as error:
        raise click.ClickException(f"The app cannot be loaded. {error}") from error
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
