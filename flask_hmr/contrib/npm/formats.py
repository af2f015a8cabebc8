"""Whether a file is a module that browsers run, or CommonJS."""

from __future__ import annotations

import re

from flask_hmr.plugins import Module, read_module

from .resolution import PackageError

_SCRIPTS = (".js", ".mjs", ".cjs")
_COMMON = re.compile(r"\b(?:module\.exports|exports\.\w|exports\[|require\s*\()")


def require_module(specifier: str, path: str) -> Module | None:
    """Return what is to know of a module; refuse CommonJS.

    :param specifier: as it is written.
    :param path: the file that it stands for.
    :return: ``None`` for what is no JavaScript.
    :raises PackageError: browsers cannot run it.
    """
    if not path.endswith(_SCRIPTS):
        return None
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    module = read_module(text)
    if path.endswith(".cjs") or (not module.is_module and _is_common(path, text)):
        raise PackageError(
            f"{specifier!r} is CommonJS only: {path} has no import and no export, but"
            " module.exports or require(), which browsers do not know. Take a package"
            ' of the same as ES modules, a CDN that turns it into one ("pins" in'
            " HMR_IMPORTMAP), or bundle this one."
        )
    return module


def _is_common(path: str, text: str) -> bool:
    return not path.endswith(".mjs") and _COMMON.search(text) is not None
