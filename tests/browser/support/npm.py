"""Libraries from npm, as a project without a bundler serves them."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "build" / "npm" / "node_modules"
WANTED = ROOT / "tests" / "npm" / "package.json"

SERVED = """

@app.get("/npm/<path:name>")
def npm(name):
    from pathlib import Path
    from flask import send_from_directory
    if not Path({folder!r}, name).suffix:
        # Bundlers, and services that hand packages out as modules, add this.
        name += ".js"
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


def as_module(path: str, urls: t.Mapping[str, str]) -> str:
    """Return a module that exports what a CommonJS file does.

    Services that hand packages out as modules do the same.

    :param path: the file, in the folder of packages.
    :param urls: where what it requires is found.
    """
    code = (FOLDER / path).read_text(encoding="utf-8")
    required = dict.fromkeys(re.findall(r'require\("([^"]+)"\)', code))
    names = dict.fromkeys(re.findall(r"^ *exports\.(\w+) =", code, re.MULTILINE))
    imports = [
        f"import m{n} from {json.dumps(urls[name])};" for n, name in enumerate(required)
    ]
    table = ",".join(f"{json.dumps(name)}:m{n}" for n, name in enumerate(required))
    return "\n".join(
        [
            *imports,
            f"const require = (name) => ({{{table}}})[name];",
            'const process = { env: { NODE_ENV: "development" } };',
            "const module = { exports: {} }, { exports } = module;",
            code,
            "export default exports;",
            f"export const {{ {', '.join(names)} }} = exports;",
        ]
    )
