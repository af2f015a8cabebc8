"""Opens files in the developer's editor, at the line that a problem is about.

Editors are started by lists of arguments, never through a shell, and for files of the
project alone.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

PAUSE = 0.3
"""Seconds in which no second file is opened: a click is often a double click."""

_PLACEHOLDER = re.compile(r"\{(?:file|line|column)\}")

_COLON = ("{file}:{line}:{column}",)
_VSCODE = ("--goto", *_COLON)
_JETBRAINS = ("--line", "{line}", "--column", "{column}", "{file}")
_EMACS = ("+{line}:{column}", "{file}")
_VIM = ("+{line}", "{file}")

KNOWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor", "windsurf"), _VSCODE),
    **dict.fromkeys(("subl", "zed", "zeditor"), _COLON),
    **dict.fromkeys(("charm", "pycharm", "webstorm", "idea"), _JETBRAINS),
    "emacs": _EMACS,
    "emacsclient": ("--no-wait", *_EMACS),
    "gedit": _EMACS,
    "gvim": _VIM,
    "mvim": _VIM,
    "kate": ("--line", "{line}", "--column", "{column}", "{file}"),
    "mate": ("--line", "{line}:{column}", "{file}"),
    "notepad++": ("-n{line}", "-c{column}", "{file}"),
}
"""The arguments of editors that open a window, by the names of their commands."""


def command_of(name: str) -> tuple[str, ...] | None:
    """Return the command line of a known editor, with its placeholders.

    :param name: the name of its command, or the path of it.
    :return: ``None`` for one that is not known.
    """
    stem = os.path.basename(name).lower().removesuffix(".exe").removesuffix(".cmd")
    arguments = KNOWN.get(stem)
    return None if arguments is None else (name, *arguments)


def from_environment(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the command line of the editor that the system's user has chosen.

    Only of one that opens a window: the terminal belongs to the server.

    :param environ: for ``VISUAL`` and ``EDITOR``.
    """
    for variable in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(variable, ""))
        except ValueError:
            continue
        command = command_of(words[0]) if words else None
        if command is not None and shutil.which(command[0]):
            return command
    return None


class Editor:
    """Starts the editor.

    :param command: its command line, with ``{file}``, ``{line}`` and ``{column}``.
    :param log: where to say that it could not be started.
    """

    def __init__(self, command: Sequence[str], log: logging.Logger) -> None:
        self._command = tuple(command)
        self._log = log
        self._lock = threading.Lock()
        self._next = 0.0

    def open(self, path: str, line: int, column: int) -> bool:
        """Open a file. Does not wait for the editor.

        :param path: its absolute path.
        :param line: from one.
        :param column: from one.
        :return: whether the editor was started.
        """
        with self._lock:
            now = time.monotonic()
            if now < self._next:
                return False
            self._next = now + PAUSE
        values = {"{file}": path, "{line}": str(line), "{column}": str(column)}
        arguments = [_filled(argument, values) for argument in self._command]
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self._log.warning(
                "[hmr] the editor %r cannot be started (%s). Set HMR_EDITOR to another"
                " one, or to its full path.",
                arguments[0],
                error.strerror,
            )
            return False
        # It ends with the editor, or with this process.
        threading.Thread(target=process.wait, name="hmr-editor", daemon=True).start()
        return True


def _filled(argument: str, values: Mapping[str, str]) -> str:
    # In one go: a file's name may hold what looks like a placeholder.
    return _PLACEHOLDER.sub(lambda found: values[found[0]], argument)
