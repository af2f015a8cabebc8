"""Whether git is in the midst of changing files: a checkout is one update, not several.

While git writes the files of another state it holds ``index.lock`` in the folder of
the repository. Nothing else tells that more files are to come: a machine that is busy
makes pauses longer than any that one would want to wait for after each save.
"""

from __future__ import annotations

import os
import time

LONGEST = 30.0
"""Seconds after which a lock is taken for one that git has left behind."""

KEPT = 10_000
"""Folders whose repositories are kept in mind."""


class Checkouts:
    """Finds the repositories of files, and looks at their locks. For one thread."""

    def __init__(self) -> None:
        self._locks: dict[str, str | None] = {}

    def is_going_on(self, path: str) -> bool:
        """Tell whether git is changing files of the repository that a file is in."""
        lock = self._lock_of(os.path.dirname(path))
        if lock is None:
            return False
        try:
            age = time.time() - os.stat(lock).st_mtime
        except OSError:
            return False
        return -LONGEST < age < LONGEST

    def _lock_of(self, folder: str) -> str | None:
        if folder not in self._locks:
            if len(self._locks) >= KEPT:
                self._locks.clear()
            self._locks[folder] = self._find(folder)
        return self._locks[folder]

    def _find(self, folder: str) -> str | None:
        place = os.path.join(folder, ".git")
        if os.path.isdir(place):
            return os.path.join(place, "index.lock")
        if os.path.isfile(place):
            return _of_worktree(place)
        parent = os.path.dirname(folder)
        return None if parent == folder else self._lock_of(parent)


def _of_worktree(place: str) -> str | None:
    """Follow what stands in the place of a repository in a further working tree."""
    try:
        with open(place, encoding="utf-8") as file:
            text = file.read(4096)
    except (OSError, UnicodeDecodeError):
        return None
    name, mark, target = text.strip().partition("gitdir: ")
    if name or not mark:
        return None
    return os.path.join(os.path.dirname(place), target, "index.lock")
