"""The app's code: does another process run the same, and is it to be loaded again?"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Mapping

from .core.versions import digest


def code_state() -> str:
    """Name the state of all Python modules that are not part of an installation.

    :return: the same text in all processes that have loaded the same files.
    """
    states = sorted("\0".join(state) for state in _states(_files()).items())
    return digest("\n".join(states).encode()).hex()


class LoadedCode:
    """The files of the app's code, as they were when this was made.

    :param environ: the variables of the process.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        # What Werkzeug's reloader tells the processes that it starts.
        is_reloaded = environ.get("WERKZEUG_RUN_MAIN") == "true"
        self._states = _states(_files()) if is_reloaded else {}

    @property
    def is_stale(self) -> bool:
        """Whether a file is another one now, so that the reloader ends the process."""
        return _states(self._states) != self._states


def _files() -> set[str]:
    installed = tuple(
        path.rstrip(os.sep) + os.sep
        for name, path in sysconfig.get_paths().items()
        if name in ("stdlib", "platstdlib", "purelib", "platlib")
    )
    paths = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {p for p in paths if isinstance(p, str) and not p.startswith(installed)}


def _states(paths: Iterable[str]) -> dict[str, str]:
    states = {}
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue
        states[path] = f"{status.st_mtime_ns}\0{status.st_size}"
    return states
