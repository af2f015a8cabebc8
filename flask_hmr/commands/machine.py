"""Findings about what is installed, and about how files are watched."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version

from ..checks import Check
from ..folders import HAS_INOTIFY, LIMITS
from ..mounts import silent_type
from .offline import Project
from .places import folders_below

LOWEST = {
    "flask": (3, 0),
    "flask-sock": (0, 7),
    "jinja2": (3, 1),
    "simple-websocket": (1, 0),
    "watchdog": (6, 0),
    "werkzeug": (3, 0),
}
"""The oldest version of each package that will do."""

WATCHDOG_BREAKS = 7
"""The first version of watchdog with which Werkzeug's reloader hears of nothing."""

MANY_FOLDERS = 10_000
"""Folders that take noticeably long to be watched."""


def check_packages() -> Iterator[Check]:
    """Look at the versions of what is installed."""
    found = {name: _version(name) for name in LOWEST}
    for name, number in found.items():
        least = ".".join(map(str, LOWEST[name]))
        if number is None:
            yield Check.problem(
                f"{name} is not installed",
                cure=f'Install it: pip install "{name}>={least}"',
            )
        elif _numbers(number) < LOWEST[name]:
            yield Check.problem(
                f"{name} {number} is too old",
                f"{least} or later is needed.",
                f'Update it: pip install --upgrade "{name}>={least}"',
            )
    watchdog = found["watchdog"] or "0"
    if _numbers(watchdog) >= (WATCHDOG_BREAKS,):
        yield Check.problem(
            f"watchdog {watchdog} keeps the server from restarting",
            f"The reloader of Werkzeug {found['werkzeug']} uses watchdog where that is"
            f" installed. Since version {WATCHDOG_BREAKS} its patterns for Python files"
            " match none, so that an edit of Python code is never noticed.",
            f'Install an older one: pip install "watchdog>=6,<{WATCHDOG_BREAKS}"',
        )
    names = ("flask", "werkzeug", "watchdog")
    shown = ", ".join(f"{name} {found[name]}" for name in names if found[name])
    yield Check.fine("Versions", shown)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


# Watching


def check_watching(project: Project) -> Iterator[Check]:
    """Look at the folders that would be watched."""
    wanted = [*project.state.roots.folders(), *project.state.templates.folders()]
    folders = list(dict.fromkeys(wanted))
    there = [folder for folder in folders if os.path.isdir(folder)]
    for folder in folders:
        if folder not in there and any(
            r.folder == folder for r in project.config.roots
        ):
            yield Check.problem(
                f"{folder} does not exist",
                "HMR_ROOTS names it.",
                "Make the folder, or correct HMR_ROOTS. Relative paths start at"
                f" {project.app.root_path}.",
            )
    if not there:
        yield Check.warning(
            "There is nothing to watch",
            "The app has no static folder and no folder of templates.",
            "HMR_ROOTS names folders with modules.",
        )
        return
    for folder in there:
        kind = silent_type(os.path.realpath(folder))
        if kind is not None:
            yield Check.warning(
                f"{os.path.relpath(folder)} is on a file system that tells nothing",
                f"It is of type {kind}: what is changed on another machine, or by the"
                " host of a container, is not reported. Files that pages use are looked"
                " at once a second, and Flask's reloader hears of nothing.",
                "Keep the project in a file system of this machine: in WSL below your"
                " home directory, with Docker Desktop in a volume.",
            )
    count = sum(1 for one in there for _ in folders_below(one, project.config))
    if count > MANY_FOLDERS:
        yield Check.warning(
            f"{count} folders have to be watched",
            "That takes long to begin, and much of what the system allows.",
            "Keep folders that hold nothing for the browser, such as node_modules,"
            " outside of static folders, or name them in HMR_IGNORE.",
        )
    yield _check_limits(project, there, count)


def _check_limits(project: Project, folders: list[str], count: int) -> Check:
    """Watch everything for a moment: no number tells what others have used up."""
    if not HAS_INOTIFY:
        return Check.fine("Files are watched by watchdog", f"{count} folders")
    from ..inotify import Inotify

    try:
        with closing(Inotify(project.state.roots.ignores)) as inotify:
            for folder in folders:
                inotify.add(os.path.realpath(folder))
    except OSError as error:
        hint = LIMITS.get(error.errno or 0)
        if hint is None:
            return Check.warning(
                "A folder cannot be watched", f"{error}", "See who may read it."
            )
        what = (
            "folders that one user may watch"
            if error.errno == errno.ENOSPC
            else "programs of one user that may watch folders"
        )
        return Check.warning(
            "The system's limit for watching files is reached",
            f"There are {count} folders to be watched; the number of {what} does not"
            " allow that. Files are looked at once a second instead, which is slower.",
            f"Raise it: sudo sysctl {hint}. Or end programs that watch many folders.",
        )
    return Check.fine("Folders can be watched", _counted(count))


def _counted(count: int) -> str:
    return "one folder" if count == 1 else f"{count} folders"
