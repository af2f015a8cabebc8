"""The state of the app's code: does another process run the same?"""

from __future__ import annotations

import os
import sys
import sysconfig

from .core.versions import digest


def code_state() -> str:
    """Name the state of all Python modules that are not part of an installation.

    :return: the same text in all processes that have loaded the same files.
    """
    installed = tuple(
        path.rstrip(os.sep) + os.sep
        for name, path in sysconfig.get_paths().items()
        if name in ("stdlib", "platstdlib", "purelib", "platlib")
    )
    states = set()
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or path.startswith(installed):
            continue
        try:
            status = os.stat(path)
        except OSError:
            continue
        states.add(f"{path}\0{status.st_mtime_ns}\0{status.st_size}")
    return digest("\n".join(sorted(states)).encode()).hex()
