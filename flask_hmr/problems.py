"""What an exception of the app says to the developer: the overlay's kind of problem.

The place is that of the developer's own code: the innermost frame of the traceback
that is in the app's folder, in a template for one, and not in some library.
"""

from __future__ import annotations

import linecache
import os
import traceback
from typing import Any

from jinja2 import TemplateSyntaxError

FRAME_LINES = 3
"""Lines of code shown before and after the one that failed."""

_LIBRARIES = ("site-packages", "dist-packages", "node_modules")


def describe(error: BaseException, home: str) -> dict[str, Any]:
    """Return what the overlay shows of an exception.

    :param error: the exception, with its traceback.
    :param home: the app's folder; paths in it are shown from there on.
    :return: ``title``, ``message`` and, as far as known, ``file``, ``path`` (the same,
        absolute), ``line``, ``column`` (from one), ``frame`` and ``stack``.
    """
    problem: dict[str, Any] = {
        "title": type(error).__name__,
        "message": _message(error),
        "stack": _stack(error, home),
    }
    place = _place_in_source(error) or _place_in_traceback(error, home)
    if place is not None:
        path, line, column = place
        problem |= {"file": _short(path, home), "path": path, "line": line}
        if column is not None:
            problem["column"] = column
        frame = _frame(path, line)
        if frame is not None:
            problem["frame"] = frame
    return problem


def _message(error: BaseException) -> str:
    """Return what an error says, without the place that some add to it."""
    if isinstance(error, SyntaxError):
        return error.msg
    if isinstance(error, TemplateSyntaxError) and error.message:
        return error.message
    return str(error) or type(error).__name__


def _place_in_source(error: BaseException) -> tuple[str, int, int | None] | None:
    """Return where an error about source code says that it is, Python's or Jinja's."""
    if not isinstance(error, (SyntaxError, TemplateSyntaxError)):
        return None
    path, line = error.filename, error.lineno
    if path is None or line is None:
        return None
    # Python's offset counts from one; Jinja knows the line only.
    return path, line, getattr(error, "offset", None) or None


def _place_in_traceback(
    error: BaseException, home: str
) -> tuple[str, int, int | None] | None:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_own(frame.filename, home)]
    if not own and not frames:
        return None
    frame = (own or frames)[-1]
    # Python counts columns from zero, and from 3.11 on knows them. Those of templates
    # belong to the code that Jinja made of them.
    is_python = frame.filename.endswith(".py")
    column = getattr(frame, "colno", None) if is_python else None
    return (
        os.path.abspath(frame.filename),
        frame.lineno or 1,
        None if column is None else column + 1,
    )


def is_own(path: str, home: str) -> bool:
    """Tell whether code is the developer's own, and not some library's."""
    path = os.path.abspath(path)
    inside = path.startswith(home.rstrip(os.sep) + os.sep)
    return inside and not any(f"{os.sep}{name}{os.sep}" in path for name in _LIBRARIES)


def _stack(error: BaseException, home: str) -> str:
    """Return the traceback, in the order of Python's own."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return text.replace(home.rstrip(os.sep) + os.sep, "")


def _short(path: str, home: str) -> str:
    start = home.rstrip(os.sep) + os.sep
    return path[len(start) :] if path.startswith(start) else path


def _frame(path: str, line: int) -> dict[str, Any] | None:
    linecache.checkcache(path)
    lines = [text.rstrip("\r\n") for text in linecache.getlines(path)]
    if not 0 < line <= len(lines):
        return None
    start = max(1, line - FRAME_LINES)
    return {"start": start, "lines": lines[start - 1 : line + FRAME_LINES]}
