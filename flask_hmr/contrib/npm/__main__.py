"""``python -m flask_hmr.contrib.npm static/npm lit``: see :mod:`.copying`."""

from __future__ import annotations

import argparse
import os
import sys

from .copying import CONDITIONS, MAP, copy, names_in
from .resolution import PackageError


def main(arguments: list[str] | None = None) -> int:
    """Copy what names need into a folder."""
    parser = argparse.ArgumentParser(
        prog="python -m flask_hmr.contrib.npm",
        description="Copy modules of installed packages, and all that they import, into"
        f" a folder that is served, and write an import map beside them ({MAP}).",
    )
    parser.add_argument("target", help="the folder, such as static/npm")
    parser.add_argument(
        "names", nargs="*", help="what your modules import: lit, lit/decorators.js"
    )
    parser.add_argument(
        "--used-by",
        dest="users",
        action="append",
        default=[],
        help="a folder with modules whose imports are looked through for names",
    )
    parser.add_argument(
        "--from", dest="folder", default="node_modules", help="the node_modules folder"
    )
    parser.add_argument(
        "--condition",
        dest="conditions",
        action="append",
        help=f"a condition of exports, several times: {', '.join(CONDITIONS)}",
    )
    given = parser.parse_intermixed_args(arguments)
    if not given.names and not given.users:
        parser.error("name what is to be copied, or folders by --used-by")
    for folder in [given.folder, *given.users]:
        if not os.path.isdir(folder):
            parser.error(f"there is no folder {folder}")
    try:
        found = names_in(given.users, given.folder, given.target)
        names = dict.fromkeys([*given.names, *found])
        if not names:
            parser.error(f"no module in {' or '.join(given.users)} imports a package")
        copied = copy(names, given.folder, given.target, given.conditions or CONDITIONS)
    except (PackageError, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    print(f"{len(copied)} files and {MAP} are in {given.target}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
