"""Libraries from npm, as a project without a bundler serves them."""

from __future__ import annotations

import json
import re
import typing as t
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "build" / "npm" / "node_modules"
WANTED = ROOT / "tests" / "npm" / "package.json"

CDN = "https://cdn.jsdelivr.net"
"""The network that the documentation loads packages from."""

_OF_PACKAGE = re.compile(r"/npm/((?:@[^/]+/)?[^/@]+)@([^/]+)(?:/(.+))?")

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


@contextmanager
def cdn() -> t.Iterator[str]:
    """Serve the installed packages as :data:`CDN` does, and give the base URL.

    A server and not Playwright's interception, which now and then lets through what a
    page asks for first.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), _PackageHandler)
    thread = Thread(target=server.serve_forever, name="packages")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _PackageHandler(BaseHTTPRequestHandler):
    """Answers a request of ``/npm/NAME@VERSION/PATH``."""

    def do_GET(self) -> None:
        path = _file_of(self.path)
        if path is None:
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _file_of(url: str) -> Path | None:
    found = _OF_PACKAGE.fullmatch(url)
    description = FOLDER / found[1] / "package.json" if found else None
    if found is None or description is None or not description.is_file():
        return None
    said = json.loads(description.read_text("utf-8"))
    path = FOLDER / found[1] / (found[3] or said.get("jsdelivr") or said["main"])
    return path if said["version"] == found[2] and path.is_file() else None
