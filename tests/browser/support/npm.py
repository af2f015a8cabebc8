"""Libraries from npm, as a project without a bundler serves them."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "build" / "npm" / "node_modules"
WANTED = ROOT / "tests" / "npm" / "package.json"

SERVED = """

@app.get("/npm/<path:name>")
def npm(name):
    from flask import send_from_directory
    return send_from_directory({folder!r}, name)
"""


def served(app: str, *packages: str) -> str:
    """Return an app that serves libraries below ``/npm``.

    :param app: the text of the app.
    :param packages: names of packages that it needs.
    :raises RuntimeError: one of them is not installed in the version that is wanted.
    """
    wanted = json.loads(WANTED.read_text(encoding="utf-8"))["dependencies"]
    for name in packages:
        description = FOLDER / name / "package.json"
        found = None
        if description.exists():
            found = json.loads(description.read_text(encoding="utf-8"))["version"]
        if found != wanted[name]:
            raise RuntimeError(
                f"The test needs {name} {wanted[name]} from npm, and there is"
                f" {found or 'none'}. Run tools/npm.sh, as 'make test' does."
            )
    return app + SERVED.format(folder=str(FOLDER))


def import_map(imports: t.Mapping[str, str]) -> str:
    """Return the element that gives names of packages their URLs.

    :param imports: names to paths below ``/npm/``.
    """
    urls = {name: f"/npm/{path}" for name, path in imports.items()}
    return f'<script type="importmap">{json.dumps({"imports": urls})}</script>'
