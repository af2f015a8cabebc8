"""TypeScript in the browser, without a build step: a plugin that blanks types.

``import "./cart.ts"`` works in development, with true line numbers and no source map.
For production :func:`write` makes a folder of the same files without their types.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from flask_hmr.plugins import Module, Plugin

from .suffixes import DECLARATIONS, TYPESCRIPT

try:
    from .blanking import blank
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error.name} is not installed. Install it with:"
        " pip install 'Flask-HMR[typescript]'",
        name=error.name,
    ) from error

__all__ = ["TypeScript", "blank", "plugin", "write"]


class TypeScript(Plugin):
    """Serves TypeScript files as JavaScript modules, with blanks in place of types."""

    name = "typescript"
    # Other plugins get JavaScript.
    order = "pre"
    serves = tuple(f"*{suffix}" for suffix in TYPESCRIPT)

    def transform(self, source: str, module: Module) -> str | None:
        """Return the module without its types."""
        return blank(source, str(module.path) if module.path else module.url)


plugin = TypeScript


def write(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> int:
    """Write a folder anew, with the TypeScript files in it blanked.

    Files keep their names, so that imports stay true; declarations (``.d.ts``) are left
    out. All else is copied.

    :param source: the folder.
    :param target: where to write, outside of the source.
    :return: the number of files that were blanked.
    :raises SyntaxError: one of them cannot be: see :func:`blank`.
    """
    start, end = os.path.realpath(source), os.path.realpath(target)
    if f"{end}{os.sep}".startswith(f"{start}{os.sep}"):
        raise ValueError(f"{target} is inside of {source}: choose another folder.")
    count = 0
    for folder, _, files in os.walk(start):
        below = os.path.join(end, os.path.relpath(folder, start))
        os.makedirs(below, exist_ok=True)
        for name in sorted(files):
            path = os.path.join(folder, name)
            if name.endswith(DECLARATIONS):
                continue
            if not name.endswith(TYPESCRIPT):
                shutil.copyfile(path, os.path.join(below, name))
                continue
            with open(path, encoding="utf-8", newline="") as file:
                text = blank(file.read(), path)
            with open(
                os.path.join(below, name), "w", encoding="utf-8", newline=""
            ) as file:
                file.write(text)
            count += 1
    return count


def main(arguments: list[str] | None = None) -> int:
    """Write a folder anew, with blanks in place of types."""
    parser = argparse.ArgumentParser(
        prog="python -m flask_hmr.contrib.typescript",
        description="Write a folder anew, with blanks in place of the types of its"
        " TypeScript files.",
    )
    parser.add_argument("source", help="the folder, such as frontend")
    parser.add_argument("target", help="where to write, such as build/static")
    given = parser.parse_args(arguments)
    if not os.path.isdir(given.source):
        parser.error(f"there is no folder {given.source}")
    try:
        count = write(given.source, given.target)
    except SyntaxError as error:
        place = f"{error.filename}:{error.lineno}:{error.offset}"
        print(f"{place}: {error.msg}\n{error.text}", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"{count} TypeScript files are JavaScript in {given.target}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
