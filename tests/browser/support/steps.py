"""What most tests begin with, and the smallest edit."""

from __future__ import annotations

import typing as t

from .page import Page
from .project import Project


def open_page(
    project: Project, files: t.Mapping[str, str], path: str = "/", **options: t.Any
) -> Page:
    """Write files, start the project, and return a page that is connected.

    :param options: more arguments of :meth:`.Project.start`.
    """
    project.write(files)
    project.start(**options)
    page = project.open(path)
    page.wait_until_connected()
    return page


def edit(project: Project, name: str, old: str, new: str) -> None:
    """Replace a text in a file and save it.

    :raises ValueError: when the file does not contain the text, for the test would
        then wait for an update that nobody asked for.
    """
    text = project.read(name)

    if old not in text:
        raise ValueError(f"{name} does not contain {old!r}:\n{text}")

    project.save(name, text.replace(old, new))
