"""The commands of ``flask hmr``.

They are an entry point of Flask's own command, so that they are there even when the app
cannot be loaded. What they need is imported when one of them runs: Flask imports this
module for each of its commands, in production too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from flask import Flask


@click.group("hmr")
def hmr() -> None:
    """Look into hot module replacement.

    Give the app as for "flask run", by --app before "hmr". These commands serve nothing
    and watch nothing.
    """


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write JSON instead of text."
)


@hmr.command("strip")
@click.argument("source", metavar="SRC", type=click.Path(exists=True, path_type=Path))
@click.argument("target", metavar="DST", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
def strip(source: Path, target: Path, quiet: bool) -> None:
    """Copy SRC to DST, modules without import.meta.hot.

    SRC is a file or a folder. What import.meta.hot guards is taken out, and so are calls
    such as import.meta.hot.accept(). Line numbers stay. Other files are copied as they
    are. Links are followed.

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
