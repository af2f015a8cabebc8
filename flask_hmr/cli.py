"""The commands of ``flask hmr``.

They are an entry point of Flask's own command, so that they are there even when the app
cannot be loaded. What they need is imported when one of them runs: Flask imports this
module for each of its commands, in production too.
"""

from __future__ import annotations

import json
import os
import shutil
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .commands.doctor import Section
    from .commands.drawing import Drawn
    from .commands.offline import Project
    from .commands.why import Answer

COLOURS = {"fine": "green", "note": "cyan", "warning": "yellow", "problem": "red"}
OUTCOMES = {"update": "green", "refresh": "green", "restart": "cyan", "reload": "red"}
SIGNS = {"fine": "✓", "note": "·", "warning": "!", "problem": "✗"}


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

    sections = examine(context.ensure_object(ScriptInfo), pages, server)
    levels = [check.level for section in sections for check in section.checks]
    if as_json:
        _write_json(
            {
                "ok": "problem" not in levels,
                "checks": [one for section in sections for one in section.as_json()],
            }
        )
    else:
        for section in sections:
            _show_section(section, verbose)
        counts = [
            _counted(levels.count(level), level)
            for level in ("problem", "warning", "note")
            if level in levels
        ]
        summary = ", ".join(counts) or "all is well"
        colour = next(
            (COLOURS[one] for one in ("problem", "warning") if one in levels), "green"
        )
        click.secho(f"{summary[0].upper()}{summary[1:]}.", fg=colour, bold=True)
    if "problem" in levels:
        raise SystemExit(1)


def _show_section(section: Section, verbose: bool) -> None:
    click.secho(section.title, bold=True)
    for check in section.checks:
        sign = click.style(SIGNS[check.level], fg=COLOURS[check.level], bold=True)
        detail = check.detail
        line = f"{check.title}: {detail}" if detail else check.title
        if check.level == "fine" and len(_wrapped(line, 4)) == 1:
            title, detail = line, ""
        else:
            title = check.title
        first, *rest = _wrapped(title, 4)
        click.echo(f"  {sign} {first.strip()}")
        for line in rest:
            click.echo(line)
        for line in _wrapped(detail, 6) if check.level != "fine" or verbose else ():
            click.secho(line, dim=True)
        for number, line in enumerate(_wrapped(check.cure, 8)):
            line = f"      → {line.strip()}" if number == 0 else line
            click.secho(line, fg=COLOURS[check.level])
    click.echo()


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
    from .commands.why import UnknownFileError, explain

    project = _open(context)
    try:
        answers = explain(project, file)
    except UnknownFileError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        _write_json([answer.as_json() for answer in answers])
        return
    for answer in answers:
        _show_answer(answer)


def _show_answer(answer: Answer) -> None:
    click.secho(answer.subject, bold=True)
    outcome = click.style(answer.outcome, fg=OUTCOMES.get(answer.outcome), bold=True)
    lines = _wrapped(f"{answer.outcome}  {answer.sentence}", 2)
    click.echo(lines[0].replace(answer.outcome, outcome, 1))
    for line in lines[1:]:
        click.echo(line)
    for way in answer.ways:
        for depth, url in enumerate(way):
            click.echo(f"    {'   ' * (depth - 1)}{'└─ ' if depth else ''}{url}")
    for line in _wrapped(answer.hint, 2):
        click.secho(line, dim=True)


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

    modules = drawing.draw(_open(context))
    if form == "json":
        _write_json(drawing.as_json(modules))
    elif form == "dot":
        for line in drawing.as_dot(modules):
            click.echo(line)
    else:
        _show_graph(modules)


def _show_graph(modules: dict[str, Drawn]) -> None:
    from .commands import drawing

    for branch, text, module, edge in drawing.as_text(modules):
        is_boundary = module.facts.accepts_self or (edge is not None and edge.accepted)
        colour = "green" if is_boundary and not module.facts.declines else None
        if module.facts.declines or module.kind == "missing":
            colour = "red"
        words = (*module.marks, *drawing.edge_words(edge))
        marks = click.style(f"  {', '.join(words)}", fg=colour) if words else ""
        click.echo(f"{branch}{click.style(text, fg=colour)}{marks}")
    if not modules:
        click.echo("There are no modules in the folders of this app.")


# routes


@hmr.command("routes")
@json_option
@click.pass_context
def routes(context: click.Context, as_json: bool) -> None:
    """List what the extension serves, and which URLs lead to which folders."""
    from .commands.routes import routes as list_routes

    found = list_routes(_open(context))
    if as_json:
        _write_json(found)
        return
    _show_table(
        "Served by the extension, in debug mode",
        [(one["method"], one["rule"], one["purpose"]) for one in found["routes"]],
    )
    _show_table(
        "Folders with modules",
        [
            (
                one["prefix"] or ("(not known)" if one["prefix"] is None else "/"),
                one["folder"] if one["exists"] else f"{one['folder']} (missing)",
                f"{_counted(one['modules'], 'module')}, {one['source']}",
            )
            for one in found["folders"]
        ],
    )
    _show_table("Folders with templates", [(name,) for name in found["templates"]])


def _show_table(title: str, rows: list[tuple[str, ...]]) -> None:
    click.secho(title, bold=True)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo(f"  {'  '.join(cells).rstrip()}")
    if not rows:
        click.echo("  none")
    click.echo()


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
    copies.write()
    if not quiet:
        click.echo(
            f"{_counted(len(copies.files), 'file')} written to"
            f" {click.format_filename(copies.target)}:"
            f" {_counted(copies.removed, 'use')} of import.meta.hot taken out of"
            f" {_counted(copies.stripped, 'module')}."
        )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


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


def _write_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _wrapped(text: str, indent: int) -> list[str]:
    """Return paragraphs as lines that fit the terminal."""
    width = min(shutil.get_terminal_size().columns, 80)
    lines = []
    for paragraph in text.splitlines():
        lines += textwrap.wrap(
            paragraph,
            width,
            initial_indent=" " * indent,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines
