"""Which files are not looked at when they change."""

from __future__ import annotations

import fnmatch
import os
import re

BUILTIN_IGNORES: tuple[str, ...] = (
    # Version control and caches: they change in bursts that concern no page.
    ".git",
    ".hg",
    ".svn",
    ".bzr",
    ".jj",
    "__pycache__",
    "*.py[cod]",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".venv",
    # What editors write beside the file that is being saved.
    "*~",
    ".#*",
    "#*#",
    "*.sw[k-px]",
    "*.kate-swp",
    "*___jb_tmp___",
    "*___jb_old___",
    ".goutputstream-*",
    ".~lock.*",
    "*.tmp",
    "*.bak",
    ".idea",
    ".vscode",
    # What desktops leave in folders.
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
)
"""Glob patterns that are ignored whatever ``HMR_IGNORE`` says."""

LITTER = (
    "*.swp",
    "*.swx",
    "*~",
    "4913",
    ".#*",
    "#*#",
    "*___jb_???___",
    ".git",
    "__pycache__",
)
"""Names that editors and tools put beside the files that people mean."""

_is_litter = re.compile("|".join(map(fnmatch.translate, LITTER))).match


class Ignores:
    """The built-in glob patterns and those of one application, ready for matching.

    :param patterns: Glob patterns as in :mod:`fnmatch`; ``*`` matches slashes too.
    """

    __slots__ = ("_pattern",)

    def __init__(self, patterns: tuple[str, ...] = ()) -> None:
        self._pattern = re.compile(
            "|".join(
                fnmatch.translate(os.path.normcase(pattern))
                for pattern in (*BUILTIN_IGNORES, *patterns)
            )
        )

    def match(self, path: str) -> bool:
        """Tell whether a pattern matches a part of a path, or a folder on its way.

        :param path: The path of a file relative to its root, with the separators of
            the operating system or with slashes.
        """
        # normcase also turns slashes around on Windows, in patterns as well as here.
        parts = os.path.normcase(path).split(os.sep)
        folders = (os.sep.join(parts[:end]) for end in range(2, len(parts) + 1))
        matches = self._pattern.match
        return any(map(matches, parts)) or any(map(matches, folders))


def ignore_litter(path: str) -> bool:
    """Tell whether a path is an editor's or a tool's own and no change to report.

    :param path: A file or folder; only its name counts.
    """
    return _is_litter(os.path.basename(path)) is not None
