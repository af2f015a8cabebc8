"""What strangers try: on sockets, hosts, files, names and messages. Nothing leaks.

``canary`` is a text in files that nobody may get through anything of ours: outside the
roots, and inside them in what is no client-side file. What the app's own routes send
without the extension is not its concern; it must not be more with it.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket as sockets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse, run_wsgi_app

from flask_hmr import HMR

CANARY = "canary-7f3a9c"
URLS = int(os.environ.get("HMR_FUZZED_URLS", "3000"))
MESSAGES = int(os.environ.get("HMR_FUZZED_MESSAGES", "1000"))


def plant(root: Path) -> Path:
    """Write an app's folder with canaries around it and in it."""
    app = root / "app"
    files = {
        "app/static/main.js": "import './leaf.js';\n",
        "app/static/leaf.js": "export const leaf = 1;\n",
        "app/static/style.css": "p { color: red }\n",
        "app/static/.env": CANARY,
        "app/static/key.pem": CANARY,
        "app/static/.git/config": CANARY,
        "app/static/code.py": f"# {CANARY}\n",
        "app/static-secret/x.js": f"export const x = '{CANARY}';\n",
        "app/secret.js": f"export const x = '{CANARY}';\n",
        "app/app.py": f"# {CANARY}\n",
        "outside/x.js": f"export const x = '{CANARY}';\n",
        "outside/x.css": f"/* {CANARY} */\n",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (app / "static/link.js").symlink_to(root / "outside/x.js")
    (app / "static/folder").symlink_to(root / "outside", target_is_directory=True)
    return app


class Client(FlaskClient):
    """Sends what it is given: Werkzeug 3.0's reads a URL out of it, or fails."""

    def run_wsgi_app(self, environ: Any, buffered: bool = False) -> Any:
        return run_wsgi_app(self.application, environ, buffered=buffered)


class Target:
    """An app under attack, and the same app without the extension."""

    def __init__(self, root: Path) -> None:
        self.folder = plant(root)
        self.hmr = HMR()
        self.app = self._make()
        self.hmr.init_app(self.app)
        self.plain = self._make()
        self.get("/_hmr/session")
        self.state: Any = self.app.extensions["hmr"]

    def _make(self) -> Flask:
        app = Flask("target", root_path=str(self.folder))
        app.test_client_class = Client
        app.config.update(HMR_ENABLED=True, SECRET_KEY="x")
        app.add_url_rule("/", "index", lambda: "<!doctype html><p>hello")
        return app

    def get(self, url: str, app: Flask | None = None, **headers: str) -> TestResponse:
        client = (app or self.app).test_client()
        # As a server hands it on: decoded once, the original beside it.
        path, _, query = url.partition("?")
        return client.get(
            "/",
            headers=headers,
            buffered=True,
            environ_overrides={
                "PATH_INFO": _decoded(path),
                "QUERY_STRING": query.encode().decode("latin-1"),
                "REQUEST_URI": url,
                "RAW_URI": url,
            },
        )

    def ask(self, *messages: object) -> TestResponse:
        body = {"page": "p", "marks": {}, "messages": [{"type": "hello"}, *messages]}
        return self.app.test_client().post(
            "/_hmr/exchange",
            data=json.dumps(body),
            headers={
                "HMR-Token": self.state.access.token,
                "Origin": "http://localhost",
            },
        )

    def check(self, url: str) -> None:
        """Ask for a URL and see that nothing leaks and nothing breaks."""
        response = self.get(url)
        if CANARY.encode() in response.data:
            plain = self.get(url, self.plain)
            assert CANARY.encode() in plain.data, f"{url} leaks"
        if response.status_code >= 500:
            assert self.get(url, self.plain).status_code >= 500, f"{url} breaks"


def _decoded(path: str) -> str:
    raw = path.encode("utf-8", "surrogatepass")
    out = bytearray()
    at = 0
    while at < len(raw):
        if raw[at] == 0x25:
            try:
                out.append(int(raw[at + 1 : at + 3], 16))
                at += 3
                continue
            except ValueError:
                pass
        out.append(raw[at])
        at += 1
    return out.decode("latin-1")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    target = Target(tmp_path_factory.mktemp("attacks"))
    yield target
    target.state.close()


@pytest.fixture(autouse=True)
def _no_threads_of_apps_left() -> None:
    """The target lives as long as this module."""


# Sockets, streams and questions

ORIGINS = [
    "http://evil.example",
    "https://evil.example",
    "null",
    "file://",
    "chrome-extension://abcdef",
    "http://localhost:1",
    "http://127.0.0.1",
    "https://localhost",
    "http://localhost.evil.example",
    "http://evil.localhost.example",
    "http://user@localhost",
    "http://user:pw@localhost",
    "http://localhost/",
    "http://localhost?",
    "http://localhost#",
    "http://localhost\\@evil.example",
    "http://localhost, http://evil.example",
    "localhost",
    "//localhost",
    "ws://localhost",
    "http://[::1]",
    "http://0.0.0.0",
    "http://192.0.2.1",
    "http://xn--lcalhost-54a",
    "http://l\xf6calhost",
    "http://localhost:99999",
    "http://localhost:-1",
    "",
    " ",
    "http://" + "a" * 10_000,
]
TOKENS = [
    "",
    "x",
    "%00",
    "a" * 100_000,
    "ö",
    "\ud800".encode("utf-8", "replace").decode(),
]
DOORS = ["socket", "stream", "exchange", "inspector/source"]


def knock(
    target: Target, door: str, token: str | None, headers: dict[str, str]
) -> TestResponse:
    client = target.app.test_client()
    if door == "exchange":
        given = dict(headers)
        if token is not None:
            given["HMR-Token"] = token
        body = '{"page":"p","marks":{},"messages":[{"type":"hello"}]}'
        return client.post("/_hmr/exchange", data=body, headers=given)
    query = f"token={quote(token)}" if token is not None else ""
    given = dict(headers)
    if door == "socket":
        given |= {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
    return client.get(f"/_hmr/{door}?{query}", headers=given)


def refused(response: TestResponse) -> None:
    assert response.status_code in (400, 403)
    assert not [k for k, _ in response.headers if k.startswith("Access-Control")]
    assert CANARY not in response.text


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_another_origin_gets_nothing_with_the_right_token(
    target: Target, door: str, origin: str
) -> None:
    token = target.state.access.token
    refused(knock(target, door, token, {"Origin": origin}))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("origin", [None, "http://localhost"])
def test_without_the_token_nobody_gets_anything(
    target: Target, door: str, token: str, origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin}
    if door == "exchange":
        token = token.encode("ascii", "ignore").decode()
    refused(knock(target, door, token, headers))
    refused(knock(target, door, None, headers))


@pytest.mark.parametrize("door", DOORS)
def test_two_origins_are_one_too_many(target: Target, door: str) -> None:
    token = target.state.access.token
    query = f"?token={token}" if door != "exchange" else ""
    status = raw_status(
        target,
        f"{'POST' if door == 'exchange' else 'GET'} /_hmr/{door}{query} HTTP/1.1",
        "Host: localhost",
        "Origin: http://localhost",
        "Origin: http://evil.example",
        f"HMR-Token: {token}",
        "Content-Length: 0",
        *(["Connection: Upgrade", "Upgrade: websocket"] if door == "socket" else []),
    )
    assert status == 403


def raw_status(target: Target, *lines: str) -> int:
    """Send a request as it stands to a real server, and return the status."""
    server = make_server("127.0.0.1", 0, target.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        with sockets.create_connection(("127.0.0.1", server.server_port), 30) as sock:
            sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
            response = http.client.HTTPResponse(sock)
            response.begin()
            status = response.status
            sock.shutdown(sockets.SHUT_RDWR)
            return status
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# Hosts

HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil",
    "evil.localhost.example",
    "localhost.evil.example:80",
    "127.0.0.1evil",
    "0.0.0.0",
    "192.0.2.1",
    "[2001:db8::1]",
    "a@localhost",
    "localhost@evil.example",
    "localhost/evil",
    "local host",
    "[",
    "[::1",
    ":::",
    ":80",
    "localhost:",
    "localhost:x",
    "localhost:99999",
    "a" * 10_000,
    "l\xf6calhost",
    "127.0.0.1,evil.example",
    "0x7f.1.evil",
    "2130706433",
]
ENDPOINTS = [
    "session",
    "version?url=/static/main.js",
    "check.js?url=/static/main.js",
    "dead-ends?url=/static/main.js",
    "linked.js",
    "client/x/client.js",
    "client/x/inspector/inspector.js",
    "inspector",
]


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_name_gets_nothing_of_ours_and_the_app_as_ever(
    target: Target, host: str
) -> None:
    for endpoint in ENDPOINTS:
        refused(target.get(f"/_hmr/{endpoint}", Host=host))
    token = target.state.access.token
    for door in DOORS:
        refused(knock(target, door, token, {"Host": host}))
    ours, plain = (
        target.get("/static/leaf.js", app, Host=host)
        for app in (target.app, target.plain)
    )
    assert ours.status_code == plain.status_code


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "X-Original-Host", "Forwarded"]
)
def test_a_header_that_any_client_can_send_makes_no_host(
    target: Target, endpoint: str, header: str
) -> None:
    value = "host=localhost" if header == "Forwarded" else "localhost"
    refused(target.get(f"/_hmr/{endpoint}", Host="evil.example", **{header: value}))


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("site", ["cross-site", "same-site", "rubbish", ""])
def test_a_page_of_another_site_gets_no_script(
    target: Target, endpoint: str, site: str
) -> None:
    refused(target.get(f"/_hmr/{endpoint}", **{"Sec-Fetch-Site": site}))


@pytest.mark.parametrize("endpoint", [*ENDPOINTS, "exchange", "stream", "socket"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "X"])
def test_other_methods_do_nothing(target: Target, endpoint: str, method: str) -> None:
    response = target.app.test_client().open(f"/_hmr/{endpoint}", method=method)
    assert response.status_code in (400, 403, 404, 405)
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_answers_are_for_the_apps_own_pages(target: Target, endpoint: str) -> None:
    headers = target.get(f"/_hmr/{endpoint}").headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


# Files

PATHS = [
    "../outside/x.js",
    "../../outside/x.js",
    "..%2foutside%2fx.js",
    "..%2F..%2Foutside/x.js",
    "%2e%2e/outside/x.js",
    "%2e%2e%2foutside%2fx.js",
    "%252e%252e%252foutside%252fx.js",
    "..%5coutside%5cx.js",
    "..\\outside\\x.js",
    "..;/outside/x.js",
    "%c0%ae%c0%ae/outside/x.js",
    ".%00./outside/x.js",
    "%00",
    "x.js%00.css",
    "\uff0e\uff0e/outside/x.js",
    "./../outside/x.js",
    ".//..//outside/x.js",
    "folder/../../outside/x.js",
    "folder/x.js",
    "folder/x.css",
    "link.js",
    "link.js/",
    "link.js/.",
    "../static-secret/x.js",
    "%2e%2e/static-secret/x.js",
    "-secret/x.js",
    "../secret.js",
    "../app.py",
    ".env",
    ".ENV",
    ".env/",
    ".env/.",
    ".env%20",
    ".env.",
    ".env::$DATA",
    "ENV~1",
    ".git/config",
    "key.pem",
    "code.py",
    "CON",
    "CON.js",
    "/etc/passwd",
    "//etc/passwd",
    "file:///etc/passwd",
    "~root",
    "C:\\windows\\win.ini",
    "\\\\host\\share",
    "main.js/../../secret.js",
    "main.js%2f..%2f..%2fsecret.js",
]
TAILS = [
    "",
    "?raw",
    "?raw??",
    "?import&raw",
    "?url",
    "?inline",
    "?.svg",
    "?.js",
    "#x",
    "?v=1&t=2",
    "?m=0123456789abcdef",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_out_of_the_roots(target: Target, path: str) -> None:
    for tail in TAILS:
        for top in ("/static/", "/", "/_hmr/", "/_hmr/client/", "/_hmr/client/x/"):
            target.check(top + path + tail)
        for endpoint in ("version", "check.js", "dead-ends"):
            for prefix in ("/static/", "/", "", "file://", "//evil.example/"):
                url = quote(prefix + path + tail, safe="")
                target.check(f"/_hmr/{endpoint}?url={url}")


@pytest.mark.parametrize("path", PATHS)
def test_no_message_makes_the_server_read_what_is_outside(
    target: Target, path: str
) -> None:
    urls = [f"/static/{path}", f"/{path}", path, f"file://{path}", f"//evil/{path}"]
    versions = dict.fromkeys(urls, "0" * 16)
    response = target.ask(
        {"type": "hello", "workers": urls, "templates": versions, "document": path},
        {"type": "hello", "maps": [{"text": json.dumps({"imports": {"x": path}})}]},
        {"type": "held", "held": versions, "done": True},
        {"type": "assets", "held": versions},
        {"type": "renew", "urls": urls, "id": 1},
        {"type": "mend", "entries": urls, "since": 0, "id": 2},
        *({"type": "open", "file": url, "line": 1} for url in urls),
        {"type": "report", "text": path},
        {"type": "inspect", "name": path[:64], "pages": "anew"},
        {"type": path, "url": path},
    )
    assert response.status_code == 200
    assert CANARY not in response.text
    for url in urls:
        asked = f"/_hmr/inspector/source?url={quote(url, safe='')}"
        shown = target.get(asked, **{"HMR-Token": target.state.access.token})
        assert shown.status_code == 200
        assert CANARY not in shown.text


@pytest.mark.parametrize(
    "specifier",
    [
        "/etc/passwd",
        "../../outside/x.js",
        "../secret.js",
        "file:///etc/passwd",
        "//evil.example/x.js",
        "data:text/javascript,1",
        "./link.js",
        "./folder/x.js",
        "./..%2f..%2foutside/x.js",
        "./.env",
        "./code.py",
    ],
)
def test_what_modules_import_is_not_read_outside_the_roots(
    target: Target, specifier: str
) -> None:
    name = f"importing{abs(hash(specifier))}.js"
    text = f"import {json.dumps(specifier)};\nimport.meta.hot.accept();\n"
    (target.folder / "static" / name).write_text(text)
    response = target.get(f"/static/{name}")
    assert response.status_code == 200
    assert json.dumps(specifier)[1:-1] in response.text
    assert CANARY not in response.text
    for endpoint in ("version", "check.js", "dead-ends"):
        target.check(f"/_hmr/{endpoint}?url=/static/{name}")


def test_a_file_that_becomes_a_link_is_not_followed_out(tmp_path: Path) -> None:
    """Between the look at a name and the reading of it somebody swaps the file."""
    # One of its own: what the app itself was seen to send may be read.
    target = Target(tmp_path)
    file = target.folder / "static" / "swapped.js"
    outside = target.folder.parent / "outside" / "x.js"
    new = file.with_name("swapping.js")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            new.unlink(missing_ok=True)
            new.symlink_to(outside)
            os.replace(new, file)
            new.unlink(missing_ok=True)
            new.write_text("export const x = 1;\n")
            os.replace(new, file)

    new.write_text("export const x = 1;\n")
    os.replace(new, file)
    thread = threading.Thread(target=swap)
    thread.start()
    try:
        files, updates = target.state.updates.files, target.state.updates
        for _ in range(500):
            updates.changed({str(file)})
            updates.versions(["/static/swapped.js"])
            facts = updates.graph.facts("/static/swapped.js")
            for path in facts.paths if facts is not None else ():
                kept = files.kept(path)
                assert kept is None or CANARY not in kept.text
    finally:
        stop.set()
        thread.join()
        target.state.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="There are no pipes here.")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "huge", "unreadable"])
def test_what_is_no_file_holds_nothing_up(target: Target, kind: str) -> None:
    path = target.folder / "static" / f"{kind}.js"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(2 * 1024**3)
    else:
        path.write_text("export const x = 1;\n")
        path.chmod(0)
    try:
        (target.folder / "static" / "odd.js").write_text(f"import './{kind}.js';\n")
        assert target.get("/static/odd.js").status_code == 200
        for endpoint in ("version", "check.js", "dead-ends"):
            response = target.get(f"/_hmr/{endpoint}?url=/static/{kind}.js")
            assert response.status_code == 200
    finally:
        if kind == "folder":
            path.rmdir()
        else:
            path.unlink()


NAMES = [
    "it's.js",
    'say "x".js',
    "<script>.js",
    "a&b.js",
    "${x}.js",
    "`x`.js",
    "line\u2028separator.js",
    "100%.js",
    "%2e%2e.js",
    "back\\slash.js",
    "<!--<script>.js",
    "__proto__.js",
    "constructor.js",
    "toString.js",
    "x" * 250 + ".js",
    "\U0001f600.js",
    "e\u0301.js",
    "a;b.js",
    "a b.js",
    "+.js",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_a_name(target: Target, name: str) -> None:
    folder = target.folder / "static" / "names"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("export const x = 1;\nimport.meta.hot.accept();\n")
    url = f"/static/names/{quote(name)}"
    response = target.get(url)
    assert response.status_code == 200
    assert "export const x = 1;" in response.text
    answer = target.get(f"/_hmr/version?url={quote(url, safe='')}").get_json()
    # A backslash is a slash to browsers: no URL of a module has one.
    assert answer["version"] is not None or "\\" in name
    check = target.get(f"/_hmr/check.js?url={quote(url, safe='')}").text
    assert "</script" not in check.lower()
    assert "\u2028" not in check
    assert len(check.split("\n")) == 2


@pytest.mark.parametrize(
    "url", ["__proto__", "constructor", "toString", "/__proto__", "hasOwnProperty"]
)
def test_names_of_javascript_objects_are_no_keys(target: Target, url: str) -> None:
    answer = target.get(f"/_hmr/version?url={url}")
    assert answer.status_code == 200
    assert answer.get_json()["version"] is None


# At random

PARTS = [
    "..",
    ".",
    "",
    "%2e%2e",
    "%252e%252e",
    "..%2f",
    "%5c",
    "\\",
    "%00",
    "static",
    "static-secret",
    "outside",
    "folder",
    "_hmr",
    "client",
    "x",
    "x.js",
    "x.css",
    "secret.js",
    "main.js",
    "link.js",
    "app.py",
    ".env",
    ".git",
    "config",
    "key.pem",
    "\u2025",
    "%c0%ae",
    "%ff",
    "~",
    ":",
    "::$DATA",
    "session",
    "version",
    "check.js",
    "dead-ends",
    "exchange",
    "stream",
    "socket",
    "%0d%0aX: y",
    "a" * 300,
]


def test_no_url_at_random_leaks_or_breaks(target: Target) -> None:
    """``HMR_FUZZED_URLS`` says how many."""
    draw = random.Random(7)
    for _ in range(URLS):
        path = "/" + draw.choice(["/", "", "//", "%2f"]).join(
            draw.choices(PARTS, k=draw.randint(1, 6))
        )
        tail = draw.choice(TAILS)
        if draw.random() < 0.3:
            endpoint = draw.choice(["version", "check.js", "dead-ends"])
            path = f"/_hmr/{endpoint}"
            inner = "/".join(draw.choices(PARTS, k=draw.randint(1, 6)))
            tail = f"?url={draw.choice(['', '/', '/static/', '//'])}{inner}{tail}"
        target.check(path + tail)


VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    2**63,
    10**300,
    1e308,
    "",
    "x",
    "\ud800",
    "\0",
    "__proto__",
    [],
    {},
    [[]],
    {"__proto__": {"x": 1}},
    ["/static/main.js"],
    {"/static/main.js": "0" * 16},
    {"/static/main.js": 1},
    "x" * 5000,
    ["x"] * 500,
    {"constructor": {"prototype": {}}},
]
KINDS = ["hello", "held", "assets", "renew", "mend", "open", "report", "custom"]
KINDS += ["inspect", "instances", "outcome"]
FIELDS = ["session", "seq", "maps", "workers", "templates", "document", "assets"]
FIELDS += ["held", "done", "urls", "entries", "since", "id", "file", "line", "column"]
FIELDS += ["text", "level", "event", "data", "follows", "source"]
FIELDS += ["name", "revision", "stamp", "pages", "key", "page", "modules", "kind", "ms"]
FIELDS += ["about", "reason", "via", "url", "first", "done", "gone", "inspector"]


def test_no_message_at_random_breaks_anything(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    """``HMR_FUZZED_MESSAGES`` says how many."""
    draw = random.Random(11)
    for _ in range(MESSAGES // 10):
        said = [
            {
                "type": draw.choice(KINDS),
                **{f: draw.choice(VALUES) for f in draw.sample(FIELDS, 5)},
            }
            for _ in range(10)
        ]
        response = target.ask(*said)
        assert response.status_code == 200
        assert CANARY not in response.text
    failures = [r for r in caplog.records if r.exc_info]
    assert not failures, failures[0].getMessage()
    versions = target.state.updates.versions(["/static/main.js"])
    assert versions["/static/main.js"] is not None
