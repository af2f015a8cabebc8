"""Findings about how files are watched."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import closing

from ..checks import Check
from ..folders import HAS_INOTIFY, LIMITS
from ..mounts import silent_type
from .offline import Project
from .places import folders_below

MANY_FOLDERS = 10_000
"""Folders that take noticeably long to be watched."""


def check_watching(project: Project) -> Iterator[Check]:
    """Look at the folders that would be watched."""
    wanted = [*project.state.roots.folders(), *project.state.templates.folders()]
    folders = list(dict.fromkeys(wanted))
    there = [folder for folder in folders if os.path.isdir(folder)]
    for folder in folders:
        if folder not in there and any(
            r.folder == folder for r in project.config.roots
        ):
            is_file = os.path.exists(folder)
            yield Check.problem(
                f"{folder} is no folder" if is_file else f"{folder} does not exist",
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
