"""Types of ``import.meta.hot`` for the editor, where there is no ``node_modules``.

Editors find declarations that are in the project. So a copy is put there, and a
``jsconfig.json`` that makes one project of all files, unless there is one of some kind.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

NAME = "hmr.d.ts"
"""The name of the copy."""

CONFIGS = ("jsconfig.json", "tsconfig.json")

_FIRST = "// Written by Flask-HMR. Write it again after an upgrade.\n"

_CONFIG = """\
{
  "compilerOptions": {
    "checkJs": true,
    "lib": ["esnext", "dom", "dom.iterable"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "target": "esnext"
  },
  "exclude": [".venv", "venv", "env", "node_modules"]
}
"""


def declarations() -> str:
    """Return the declarations of the client API."""
    path = resources.files(__package__) / "client" / "client.d.ts"
    return path.read_text(encoding="utf-8")


def write_types(folder: Path) -> list[Path]:
    """Put the declarations into a project.

    :param folder: where the project begins, which the editor opens.
    :return: what was written: nothing that was so already, and no configuration where
        there is one.
    :raises FileExistsError: there is another file of that name.
    """
    path, text = folder / NAME, _FIRST + declarations()
    old = path.read_text(encoding="utf-8") if path.exists() else None
    if old is not None and not old.startswith(_FIRST):
        raise FileExistsError(
            f"{path} is not from Flask-HMR. Give it another name, then try again."
        )
    written = []
    if old != text:
        path.write_text(text, encoding="utf-8")
        written.append(path)
    if not any((folder / name).exists() for name in CONFIGS):
        config = folder / CONFIGS[0]
        config.write_text(_CONFIG, encoding="utf-8")
        written.append(config)
    return written
