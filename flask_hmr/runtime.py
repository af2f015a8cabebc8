"""The client runtime as pages get it: the files of ``client/``, most of them in one.

The development server makes a new connection for each file, and a page needs forty of
them before its first module can run. So what ``client.js`` imports is sent along with
it: each file is the body of a function that returns what the file exports. A file that
is asked for by its own name, by a plugin's code for one, takes its exports from there,
so that everything exists once.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from importlib import resources

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""What is served, by the end of its name."""

_CLIENT = "client.js"
_INSPECTOR = "inspector/inspector.js"

# The files are written in this form only; tests hold them to it.
_IMPORT = re.compile(
    r'^import \{ ([^}]+) \} from "(\.\.?/[\w/-]+\.js)";$', re.MULTILINE
)
_EXPORT = re.compile(
    r"^export ((?:async )?(?:class|const|function\*?) (\w+))", re.MULTILINE
)


class Runtime:
    """The files of the client runtime, as they are served."""

    def __init__(self) -> None:
        folder = resources.files(__package__) / "client"
        texts = {
            prefix + item.name: item.read_text("utf-8")
            for prefix, place in (("", folder), ("inspector/", folder / "inspector"))
            for item in place.iterdir()
            if item.name.endswith(tuple(TYPES))
        }
        texts |= {**joined(texts, _INSPECTOR), **joined(texts, _CLIENT)}
        self.files = {name: text.encode() for name, text in texts.items()}
        """What is sent, by name."""
        state = hashlib.blake2b(digest_size=8)
        for name in sorted(self.files):
            state.update(name.encode() + b"\0" + self.files[name])
        self.digest = state.hexdigest()
        """Changes whenever one of the files does."""


def joined(texts: dict[str, str], entry: str) -> dict[str, str]:
    """Put all that a module imports into its file.

    :param texts: the files, by their path.
    :param entry: the path of the module.
    :return: what files are to be instead: the module, with everything that it imports,
        and what it imports, which takes its exports from there.
    """
    parts: dict[str, str] = {}

    def add(path: str) -> None:
        if path in parts:
            return
        for _, specifier in _IMPORT.findall(texts[path]):
            add(_resolved(path, specifier))
        parts[path] = _part(path, texts[path])

    add(entry)
    own = posixpath.basename(entry)
    files = {
        path: f'import {{ $files }} from "./{own}";\n{_exports(path, texts[path])}'
        for path in parts
        if posixpath.dirname(path) == posixpath.dirname(entry)
    }
    every = "\n".join(parts.values())
    files[entry] = (
        f"export const $files = {{}};\n{every}{_exports(entry, texts[entry])}"
    )
    return files


def _part(path: str, text: str) -> str:
    """Return a file as a function that is called, and what it exports is kept."""

    def taken(found: re.Match[str]) -> str:
        names = found[1].replace(" as ", ": ")
        return f'const {{ {names} }} = $files["{_resolved(path, found[2])}"];'

    names = ", ".join(name for _, name in _EXPORT.findall(text))
    body = _IMPORT.sub(taken, _EXPORT.sub(r"\1", text))
    return f'$files["{path}"] = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n'


def _exports(path: str, text: str) -> str:
    names = ", ".join(name for _, name in _EXPORT.findall(text))
    return f'export const {{ {names} }} = $files["{path}"];\n'


def _resolved(path: str, specifier: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))
