"""What the extension serves itself, and whom it refuses; the socket for real."""

from __future__ import annotations

import json
import posixpath
import re
import socket as sockets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import simple_websocket
from flask import Flask, Response, current_app, g
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from flask_hmr import HMR
from flask_hmr.blueprint import MAX_CHECKED

DEADLINE = 10.0

ENDPOINTS = [
    "session",
    "version",
    "check.js",
    "dead-ends",
    "linked.js",
    "client/x/client.js",
    "client/x/inspector/inspector.css",
    "inspector",
]


class Site:
    """An app with HMR switched on, over files that a test writes."""

    def __init__(self, folder: Path, **config: Any) -> None:
        self.folder = folder
        self.address = "127.0.0.1"
        self.hmr = HMR()
        self.app = Flask("site", root_path=str(folder))
        self.app.config.update({"HMR_ENABLED": True, **config})
        self.hmr.init_app(self.app)
        self.write("main.js", "import './leaf.js';\n")
        self.write("leaf.js", "export const leaf = 1;\n")

    def write(self, name: str, text: str) -> None:
        path = self.folder / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def open(self, url: str, method: str = "GET", **headers: str) -> TestResponse:
        names = {k.replace("_", "-"): v for k, v in headers.items()}
        client = self.app.test_client()
        return client.open(
            url,
            method=method,
            headers=names,
            buffered=True,
            environ_base={"REMOTE_ADDR": self.address},
        )

    def get(self, name: str, **headers: str) -> TestResponse:
        return self.open(f"/_hmr/{name}", **headers)

    @property
    def state(self) -> Any:
        if self.app.extensions["hmr"] is None:
            self.get("linked.js")
        return self.app.extensions["hmr"]

    @property
    def digest(self) -> str:
        return str(self.state.runtime.digest)

    def check(self, *urls: str) -> list[str]:
        """Return the lines of the check but for the last, which is always there."""
        query = "&".join(f"url={quote(url, safe='')}" for url in urls)
        lines = self.get(f"check.js?{query}").text.split("\n")
        assert lines.pop() == 'import{linked}from"./linked.js";'
        return lines


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.state.close()


# The client runtime


def test_the_runtime_is_kept_for_ever_under_its_digest(site: Site) -> None:
    response = site.get(f"client/{site.digest}/client.js")
    assert response.status_code == 200
    assert response.mimetype == "text/javascript"
    assert response.cache_control.immutable
    assert response.cache_control.max_age == 31536000
    assert not response.cache_control.no_cache
    assert response.headers["ETag"] == f'"{site.digest}"'


def test_files_of_the_runtime_that_stand_alone_are_served_as_they_were_written(
    site: Site,
) -> None:
    folder = Path(__file__).parent.parent / "flask_hmr/client"
    for name in ("plugin.js", "console.js", "inspected.js", "inspector/inspector.css"):
        response = site.get(f"client/{site.digest}/{name}")
        assert response.data == (folder / name).read_bytes()


def test_all_that_the_runtime_imports_is_served(site: Site) -> None:
    for name, text in site.state.runtime.files.items():
        for imported in re.findall(rb"""from ["'](\.[^"']+)["']""", text):
            found = posixpath.normpath(f"{posixpath.dirname(name)}/{imported.decode()}")
            assert found.lstrip("/") in site.state.runtime.files, name


def test_under_another_digest_the_runtime_is_asked_for_again(site: Site) -> None:
    response = site.get("client/0123456789abcdef/client.js")
    assert response.status_code == 200
    assert response.cache_control.no_cache
    assert not response.cache_control.immutable
    assert response.cache_control.max_age is None


def test_a_runtime_that_did_not_change_is_not_sent_again(site: Site) -> None:
    url = "client/0123456789abcdef/client.js"
    response = site.get(url, If_None_Match=f'"{site.digest}"')
    assert response.status_code == 304
    assert response.data == b""
    assert site.get(url, If_None_Match='"other"').status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "gone.js",
        "client.d.ts",
        "__init__.py",
        "../blueprint.py",
        "..%2fblueprint.py",
        "%2e%2e/blueprint.py",
        "..\\blueprint.py",
        "client.js%00",
        "/etc/passwd",
        "%2fetc/passwd",
        "",
    ],
)
def test_nothing_but_the_runtime_is_served(site: Site, name: str) -> None:
    assert site.get(f"client/{site.digest}/{name}").status_code in (404, 308)
    response = site.open(f"/_hmr/client/{site.digest}/{name}")
    assert b"Blueprint(" not in response.data
    assert b"root:" not in response.data


def test_the_runtime_is_not_rewritten(site: Site) -> None:
    text = site.get(f"client/{site.digest}/client.js").text
    assert "?m=" not in text
    assert "__hmr_setup(import.meta" not in text


# Session and versions


def test_the_session_is_what_a_page_needs_to_connect(site: Site) -> None:
    response = site.get("session")
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json() == {
        "token": site.state.access.token,
        "session": site.state.updates.session,
        "leaving": False,
        "invalidate": "reload",
        "policy": False,
        "transports": ["poll"],
        "several": False,
        "code": None,
    }


@pytest.mark.parametrize("suffix", ["", "-Report-Only"])
def test_pages_are_told_that_a_policy_may_forbid_something(
    site: Site, suffix: str
) -> None:
    def policy(response: Response) -> Response:
        response.headers[f"Content-Security-Policy{suffix}"] = "default-src 'self'"
        return response

    # One that is run after ours, as all that were registered before are.
    site.app.after_request_funcs[None].insert(0, policy)
    site.app.test_client().get("/").close()
    assert site.get("session").get_json()["policy"] is True


def test_the_session_says_how_to_invalidate(tmp_path: Path) -> None:
    site = Site(tmp_path, HMR_INVALIDATE="propagate")
    assert site.get("session").get_json()["invalidate"] == "propagate"


def test_a_version_is_that_of_all_references(site: Site) -> None:
    response = site.get("version?url=/static/leaf.js")
    version = response.get_json()["version"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json()["url"] == "/static/leaf.js"
    assert f"./leaf.js?m={version}" in site.open("/static/main.js").text


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("/static/leaf.js?m=0123456789abcdef", "/static/leaf.js"),
        ("/static/x/../leaf.js", "/static/leaf.js"),
        ("/static/gone.js", "/static/gone.js"),
        ("/view", "/view"),
        ("/../../etc/passwd", "/etc/passwd"),
        ("/static/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"),
        ("leaf.js", None),
        ("https://x.example/a.js", None),
        ("//x.example/a.js", None),
        ("", None),
    ],
)
def test_the_url_of_a_version_is_a_key(site: Site, given: str, url: str | None) -> None:
    answer = site.get(f"version?url={quote(given, safe='')}").get_json()
    assert answer["url"] == url
    assert (answer["version"] is not None) is (url == "/static/leaf.js")


def test_a_version_without_a_question(site: Site) -> None:
    assert site.get("version").get_json() == {"url": None, "version": None}


# The check


def test_a_check_imports_all_and_fails_at_its_last_line(site: Site) -> None:
    response = site.get("check.js?url=/static/a.js%3Fm%3D0123456789abcdef&url=/b.js")
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.text == (
        'import"/static/a.js?m=0123456789abcdef";\n'
        'import"/b.js";\n'
        'import{linked}from"./linked.js";'
    )


def test_what_a_check_asks_of_is_not_there(site: Site) -> None:
    response = site.get("linked.js")
    assert response.text == "export{};"
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-store"


def test_an_empty_check(site: Site) -> None:
    assert site.check() == []


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ('/a".js', r'import"/a\".js";'),
        ("/a\\b.js", r'import"/a\\b.js";'),
        ("/a\n;alert(1)//", r'import"/a\n;alert(1)//";'),
        ("/a\u2028b.js", r'import"/a\u2028b.js";'),
        ("/</script>.js", r'import"/\u003c/script>.js";'),
        ("/ü.js", r'import"/\u00fc.js";'),
    ],
)
def test_a_url_is_never_code(site: Site, url: str, line: str) -> None:
    assert site.check(url) == [line]


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/a.js",
        "HTTP://x.example/a.js",
        "//x.example/a.js",
        "/\\x.example/a.js",
        "\\\\x.example/a.js",
        "/\t/x.example/a.js",
        " //x.example/a.js",
        "https:x.example/a.js",
        "data:text/javascript,alert(1)",
        "blob:http://localhost/x",
        "javascript:alert(1)",
        "lib",
        "",
    ],
)
def test_a_check_imports_nothing_foreign(site: Site, url: str) -> None:
    assert site.check(url) == []


@pytest.mark.parametrize(
    ("url", "type_"),
    [
        ("/a.css", "css"),
        ("/a.json", "json"),
        ("/a.css?m=0123456789abcdef", "css"),
        ("/a.css?theme=dark", "css"),
        ("/a.json?v=1.2&m=0123456789abcdef", "json"),
        ("/a.css#f", "css"),
    ],
)
def test_a_check_says_what_is_no_javascript(site: Site, url: str, type_: str) -> None:
    assert site.check(url) == [f'import"{url}"with{{type:"{type_}"}};']


@pytest.mark.parametrize("url", ["/a.js", "/a", "/a.css/b.js", "/a.js?x=.css", "/css"])
def test_a_check_of_javascript_says_nothing_of_types(site: Site, url: str) -> None:
    assert site.check(url) == [f'import"{url}";']


def test_a_check_has_an_end(site: Site) -> None:
    assert len(site.check(*["/a.js"] * (MAX_CHECKED + 10))) == MAX_CHECKED


# Who is refused


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_foreigners_are_refused(site: Site, name: str, headers: dict[str, str]) -> None:
    response = site.get(name, **headers)
    assert response.status_code == 403
    assert response.data == b"Refused."
    assert response.mimetype == "text/plain"
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost:5000"},
        {"Host": "app.localhost"},
        {"Host": "127.0.0.1:5000"},
        {"Host": "[::1]:5000"},
        {"Origin": "http://localhost"},
        {"Host": "127.0.0.1:81", "Origin": "http://127.0.0.1:81"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_pages_of_the_app_are_served(site: Site, headers: dict[str, str]) -> None:
    for name in ENDPOINTS:
        assert site.get(name, **headers).status_code == 200


def test_a_host_that_cannot_be_understood_is_a_bad_request(site: Site) -> None:
    assert site.get("session", Host="a b").status_code == 400


def test_hosts_and_origins_can_be_allowed(tmp_path: Path) -> None:
    site = Site(
        tmp_path,
        HMR_ALLOWED_HOSTS=["dev.example"],
        HMR_ALLOWED_ORIGINS=["https://other.example"],
    )
    assert site.get("session", Host="dev.example").status_code == 200
    assert site.get("session", Host="x.dev.example").status_code == 403
    assert site.get("session", Origin="https://other.example").status_code == 200


def test_a_refusal_is_explained_to_the_developer_once(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        site.get("session", Host="evil.example")
    hints = [m for m in caplog.messages if "HMR_ALLOWED_HOSTS" in m]
    assert len(hints) == 1


def test_the_origin_is_that_of_the_proxy(tmp_path: Path) -> None:
    site = Site(tmp_path, HMR_ALLOWED_HOSTS=["dev.example"])
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app, x_proto=1, x_host=1)  # type: ignore[method-assign]
    forwarded = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "dev.example"}
    for origin, status in [("https://dev.example", 200), ("http://dev.example", 403)]:
        response = site.get("session", Origin=origin, **forwarded)
        assert response.status_code == status


@pytest.mark.parametrize("name", ENDPOINTS)
def test_answers_are_for_pages_of_the_app_alone(site: Site, name: str) -> None:
    for headers in ({}, {"Host": "evil.example"}):
        response = site.get(name, **headers)
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("name", ENDPOINTS)
def test_endpoints_are_only_read(site: Site, name: str, method: str) -> None:
    assert site.open(f"/_hmr/{name}", method=method).status_code == 405


def test_asking_for_the_headers_alone(site: Site) -> None:
    response = site.open("/_hmr/session", method="HEAD")
    assert response.status_code == 200
    assert response.data == b""


def test_the_socket_is_no_page(site: Site) -> None:
    assert site.get("socket").status_code == 400


# Places


def test_the_prefix_can_be_chosen(tmp_path: Path) -> None:
    site = Site(tmp_path, HMR_URL_PREFIX="/dev/hmr")
    assert site.open("/dev/hmr/session").status_code == 200
    assert site.open("/_hmr/session").status_code == 404


@pytest.mark.parametrize("name", [*ENDPOINTS, "socket"])
def test_there_is_nothing_where_it_is_off(tmp_path: Path, name: str) -> None:
    site = Site(tmp_path, HMR_ENABLED=False)
    assert site.get(name).status_code == 404
    assert "flask_hmr" not in site.app.blueprints


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"X_Forwarded_For": "192.0.2.1"}, "127.0.0.1"),
        ({"X_Forwarded_Host": "localhost"}, "127.0.0.1"),
        ({"Forwarded": "for=192.0.2.1"}, "127.0.0.1"),
        ({"Via": "1.1 proxy"}, "127.0.0.1"),
        ({"Host": "dev.example"}, "127.0.0.1"),
        ({}, "192.0.2.1"),
        ({}, "2001:db8::1"),
        ({}, ""),
    ],
)
def test_the_apps_own_hooks_hold_for_who_comes_from_outside(
    tmp_path: Path, headers: dict[str, str], address: str
) -> None:
    """An app that asks for a password keeps this from those who have none."""
    site = Site(tmp_path, HMR_ALLOWED_HOSTS=["dev.example"])
    site.app.before_request(lambda: ("No.", 401))
    site.address = address
    assert site.get("session", **headers).status_code == 401
    assert site.get("exchange", **headers).status_code != 200
    runtime = site.get(f"client/{site.digest}/client.js", **headers)
    # Without it, no module of a page would run where people are to log in.
    assert runtime.status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.8", "::1"])
def test_on_the_same_machine_the_apps_own_hooks_are_not_asked(
    site: Site, address: str
) -> None:
    site.app.before_request(lambda: ("No.", 401))
    site.address = address
    assert site.get("session").status_code == 200
    assert site.open("/_hmr/session", "OPTIONS").status_code != 200
    assert site.open("/").status_code == 401


def test_functions_after_a_request_that_count_on_those_before_it_stand_aside(
    tmp_path: Path,
) -> None:
    called: list[str] = []
    site = Site(tmp_path)

    @site.app.before_request
    def before() -> None:
        g.connection = "open"

    @site.app.after_request
    def after(response: Response) -> Response:
        response.headers["X-Connection"] = g.connection
        return response

    @site.app.teardown_request
    def teardown(error: BaseException | None) -> None:
        called.append(f"request {g.connection}")

    @site.app.teardown_appcontext
    def teardown_app(error: BaseException | None) -> None:
        called.append(f"app {g.connection}")

    answer = site.get(f"client/{site.digest}/client.js")
    assert (answer.status_code, called) == (200, [])
    assert "X-Connection" not in answer.headers
    assert site.get("session").status_code == 200
    assert called == []
    # Whoever comes from outside meets all of them.
    site.address = "192.0.2.1"
    site.get("session")
    assert called == ["request open", "app open"]
    site.address = "127.0.0.1"
    assert site.open("/static/leaf.js").headers["X-Connection"] == "open"
    assert called == ["request open", "app open"] * 2
    # An app context that was there before is shared.
    with site.app.app_context():
        site.get("session")
        assert site.open("/static/leaf.js").headers["X-Connection"] == "open"


@pytest.mark.parametrize("matching", ["host_matching", "subdomain_matching"])
def test_the_endpoints_answer_under_every_host(tmp_path: Path, matching: str) -> None:
    site = Site(tmp_path, SERVER_NAME="dev.localhost")
    options = {matching: True}
    if matching == "host_matching":
        options["static_host"] = "dev.localhost"  # type: ignore[assignment]
    site.app = Flask("site", root_path=str(tmp_path), **options)  # type: ignore[arg-type]
    site.app.config.update(HMR_ENABLED=True, SERVER_NAME="dev.localhost")
    HMR(site.app)
    for host in ("dev.localhost", "admin.dev.localhost"):
        url = f"client/{site.digest}/client.js"
        assert site.get(url, Host=host).status_code == 200
        assert site.get("session", Host=host).status_code == 200
        assert site.open("/static/no.js", Host=host).status_code == 404
    rules = [r.endpoint for r in site.app.url_map.iter_rules() if r.websocket]
    assert rules == ["flask_hmr.socket"] * 2


def test_the_protection_of_forms_is_told_to_leave_these_alone(tmp_path: Path) -> None:
    class Protection:
        def __init__(self) -> None:
            self.exempted: list[str] = []

        def exempt(self, blueprint: Any) -> None:
            self.exempted.append(blueprint.name)

    site = Site(tmp_path)
    protection = site.app.extensions["csrf"] = Protection()
    assert site.get("session").status_code == 200
    assert protection.exempted == ["flask_hmr"]


# The socket


class Served:
    """A site on a port of its own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._server = make_server("127.0.0.1", 0, site.app, threaded=True)
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.port = self._server.server_port
        # How often it looks whether it was stopped, in seconds.
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01])
        self._thread.start()
        self._tabs: list[Tab] = []

    def tab(self) -> Tab:
        """Connect a page, without a word said yet."""
        token = self.site.state.access.token
        tab = Tab(f"ws://127.0.0.1:{self.port}/_hmr/socket?token={token}")
        self._tabs.append(tab)
        return tab

    def page(self) -> Tab:
        """Connect a page that is in step."""
        tab = self.tab()
        state = self.site.state
        ready = tab.hello(state.updates.session, state.updates.graph.seq)
        assert ready["type"] == "ready"
        assert state.watch().ready.wait(DEADLINE)
        return tab

    def load(self, *names: str) -> dict[str, str]:
        urls = [f"/static/{name}" for name in names]
        for url in urls:
            assert self.site.open(url).status_code == 200
        versions: dict[str, str] = self.site.state.updates.versions(urls)
        return versions

    def handshake(self, *, token: str | None = None, **headers: str) -> bytes:
        """Ask for a socket; return the status line of the answer."""
        query = "" if token is None else f"?token={token}"
        host = f"127.0.0.1:{self.port}"
        lines = {
            "Host": host,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with sockets.create_connection(("127.0.0.1", self.port), DEADLINE) as raw:
            raw.sendall(f"GET /_hmr/socket{query} HTTP/1.1\r\n{text}\r\n".encode())
            return raw.makefile("rb").readline()

    def stop(self) -> None:
        for tab in self._tabs:
            tab.close()
        self.site.state.close()
        self._server.shutdown()
        self._thread.join(DEADLINE)
        self._server.server_close()


class Tab:
    """The page's end of a socket."""

    def __init__(self, url: str) -> None:
        self._socket = simple_websocket.Client(url)

    def say(self, **message: Any) -> None:
        self._socket.send(json.dumps(message))

    def hear(self) -> Any:
        text = self._socket.receive(timeout=DEADLINE)
        assert text is not None, "nothing was heard"
        return json.loads(text)

    def hello(self, session: object, seq: object, **more: Any) -> Any:
        self.say(type="hello", session=session, seq=seq, **more)
        return self.hear()

    def close(self) -> None:
        if self._socket.connected:
            self._socket.close()


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    served = Served(site)
    yield served
    served.stop()


def test_a_page_says_hello_and_is_in_step(served: Served) -> None:
    updates = served.site.state.updates
    answer = served.tab().hello(updates.session, 0)
    expected = {"type": "ready", "answer": True, "session": updates.session, "seq": 0}
    assert answer == expected


def test_an_edit_reaches_every_page(served: Served) -> None:
    before = served.load("main.js", "leaf.js")
    tabs = [served.page(), served.page()]
    served.site.write("leaf.js", "export const leaf = 'changed';\n")
    for tab in tabs:
        message = tab.hear()
        assert message["type"] == "update"
        assert message["answer"] is False
        assert message["changed"] == ["/static/leaf.js"]
        assert set(message["modules"]) == set(before)
        for url, version in before.items():
            assert message["modules"][url]["previous"] == version


def test_a_page_that_was_away_is_told_what_it_missed(served: Served) -> None:
    served.load("main.js", "leaf.js")
    tab = served.page()
    served.site.write("leaf.js", "export const leaf = 'changed';\n")
    seq = tab.hear()["seq"]
    tab.close()
    updates = served.site.state.updates
    message = served.tab().hello(updates.session, seq - 1)
    assert message["type"] == "update"
    assert message["answer"] is True
    assert message["seq"] == seq
    assert message["changed"] == ["/static/leaf.js"]
    assert served.tab().hello(updates.session, seq)["type"] == "ready"


def test_a_page_of_another_process_says_what_it_holds(served: Served) -> None:
    held = served.load("main.js", "leaf.js")
    tab = served.tab()
    answer = tab.hello("another", 12)
    assert answer["type"] == "foreign"
    tab.say(type="held", held={"/static/main.js": held["/static/main.js"]})
    tab.say(type="held", held={"/static/leaf.js": "0" * 16}, done=True)
    answer = tab.hear()
    assert answer["type"] == "update"
    assert answer["answer"] is True
    assert answer["changed"] == ["/static/leaf.js"]
    tab.say(type="held", held=held, done=True)
    assert tab.hear()["type"] == "ready"


def test_a_page_brings_its_import_map(served: Served) -> None:
    served.site.write("main.js", "import 'lib';\n")
    assert served.site.open("/static/main.js").text == "import 'lib';\n"
    maps = [
        {"text": "no json", "base": "/"},
        {"text": 3},
        "nonsense",
        {"text": '{"imports": {"lib": "./leaf.js"}}', "base": "/static/page"},
    ]
    session = served.site.state.updates.session
    served.tab().hello(session, 0, maps=maps)
    assert '"/static/leaf.js?m=' in served.site.open("/static/main.js").text


def test_events_go_from_pages_to_the_app_and_back(served: Served) -> None:
    hmr = served.site.hmr
    heard: list[Any] = []

    @hmr.on("cart:clear")
    def clear(data: Any, client: Any) -> None:
        heard.append(data)
        client.send("cart:cleared", {"by": data["user"]})

    tab, other = served.page(), served.page()
    tab.say(type="custom", event="cart:clear", data={"user": "ü"})
    expected = {"type": "custom", "event": "cart:cleared", "data": {"by": "ü"}}
    assert tab.hear() == expected
    assert heard == [{"user": "ü"}]
    # The other page has heard nothing but what goes to all.
    assert hmr.send("all", [1]) == 2
    for page in (tab, other):
        assert page.hear() == {"type": "custom", "event": "all", "data": [1]}


def test_a_handler_that_fails_stops_neither_the_others_nor_the_page(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    hmr = served.site.hmr

    @hmr.on("x")
    def fail(data: Any, client: Any) -> None:
        raise LookupError("on purpose")

    @hmr.on("x")
    def answer(data: Any, client: Any) -> None:
        client.send("x", data)

    tab = served.page()
    for number in range(2):
        tab.say(type="custom", event="x", data=number)
        assert tab.hear()["data"] == number
    assert "LookupError: on purpose" in caplog.text


def test_a_handler_has_the_app_at_hand(served: Served) -> None:
    @served.site.hmr.on("name")
    def name(data: Any, client: Any) -> None:
        client.send("name", current_app.name)

    tab = served.page()
    tab.say(type="custom", event="name")
    assert tab.hear()["data"] == "site"


def test_a_page_may_ask_for_new_instances(served: Served) -> None:
    before = served.load("main.js", "leaf.js")
    tab = served.page()
    tab.say(type="renew", urls=["/static/leaf.js", 3, None, "/unknown.js"])
    message = tab.hear()
    assert message["type"] == "update"
    assert message["changed"] == []
    assert set(message["modules"]) == set(before)
    after = served.load("main.js", "leaf.js")
    assert all(before[url] != after[url] for url in before)


def test_a_page_that_waits_for_new_versions_is_answered(served: Served) -> None:
    served.load("main.js", "leaf.js")
    tab = served.page()
    tab.say(type="renew", id=7, urls=["/static/leaf.js"], since=0)
    assert tab.hear()["type"] == "update"
    assert tab.hear() == {"type": "renewed", "id": 7}
    tab.say(type="mend", id=8, entries=["/static/main.js"], since=99)
    assert tab.hear()["type"] == "update"
    assert tab.hear() == {"type": "renewed", "id": 8}
    # There is nothing to tell, but the page waits.
    tab.say(type="mend", id=9, entries=[], since=0)
    assert tab.hear() == {"type": "renewed", "id": 9}


def test_a_page_is_answered_even_if_new_versions_cannot_be_made(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(served.site.state.updates, "mend", fail)
    tab = served.page()
    tab.say(type="mend", id=1, entries=["/static/main.js"], since=0)
    assert tab.hear() == {"type": "renewed", "id": 1}


def test_a_page_reports_to_the_terminal(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    tab = served.page()
    tab.say(type="report", level="info", text="reload\n\x1b[2J \u202eboot.js")
    tab.say(type="report", level="error", text="x" * 10_000)
    tab.say(type="report", text=3)
    served_all(tab, served)
    said = [r for r in caplog.records if r.getMessage().startswith("[hmr] ")]
    records = [r for r in said if "[hmr] inspector " not in r.getMessage()]
    assert [r.levelname for r in records] == ["INFO", "WARNING"]
    assert records[0].getMessage() == "[hmr] reload  [2J  boot.js"
    assert len(records[1].getMessage()) < 600


def test_what_several_pages_say_of_one_update_is_said_once(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    tabs = [served.page(), served.page()]
    for text in ("update a", "update a", "update b"):
        for tab in tabs:
            tab.say(type="report", level="info", text=text, once=True)
            served_all(tab, served)
    served.site.open("/static/main.js")
    served.site.state.updates.renew(["/static/main.js"])
    assert tabs[0].hear()["type"] == "update"
    tabs[0].say(type="report", level="info", text="update b", once=True)
    served_all(tabs[0], served)
    said = [r.getMessage() for r in caplog.records if " update " in r.getMessage()]
    assert said == ["[hmr] update a", "[hmr] update b", "[hmr] update b"]


def served_all(tab: Tab, served: Served) -> None:
    """Wait until everything that a page said was heard: it is heard in order."""
    updates = served.site.state.updates
    assert tab.hello(updates.session, updates.graph.seq)["type"] == "ready"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "unknown"},
        {"type": "hello", "session": {}, "seq": {}, "maps": 3},
        {"type": "held", "held": ["/static/main.js"]},
        {"type": "held", "held": {"/static/main.js": {}}},
        {"type": "renew", "urls": "everything"},
        {"type": "renew"},
        {"type": "renew", "urls": [], "since": "yesterday", "id": "x"},
        {"type": "mend"},
        {"type": "mend", "entries": 3, "since": 0},
        {"type": "custom", "event": ["x"]},
        {"type": "custom", "event": "nobody hears this"},
        {"type": "report"},
    ],
)
def test_nonsense_does_no_harm(served: Served, message: dict[str, Any]) -> None:
    tab = served.page()
    tab.say(**message)
    if message["type"] == "hello":
        assert tab.hear()["type"] == "foreign"
    served_all(tab, served)


def test_a_page_that_leaves_is_forgotten(served: Served) -> None:
    tab = served.page()
    (page,) = served.site.state.pages.snapshot()
    tab.close()
    assert page.gone.wait(DEADLINE)
    assert served.site.hmr.send("x") == 0


def test_closing_the_app_takes_leave_of_its_pages(served: Served) -> None:
    tab = served.page()
    served.site.state.close()
    with pytest.raises(simple_websocket.ConnectionClosed) as closed:
        tab.hear()
    assert closed.value.reason == 1001


# Who gets no socket: refused in plain HTTP, before there is any


def test_a_page_of_the_app_gets_a_socket(served: Served) -> None:
    token = served.site.state.access.token
    origin = f"http://127.0.0.1:{served.port}"
    assert b" 101 " in served.handshake(token=token, Origin=origin)
    # No browser: the token alone will do.
    assert b" 101 " in served.handshake(token=token)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
def test_the_right_token_helps_no_foreigner(
    served: Served, headers: dict[str, str]
) -> None:
    token = served.site.state.access.token
    assert b" 403 " in served.handshake(token=token, **headers)
    assert len(served.site.state.pages) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec_WebSocket_Version": "13"},
        {"Sec_WebSocket_Key": "A" * 22 + "=="},
        {"Sec_WebSocket_Version": "8", "Sec_WebSocket_Key": "A" * 22 + "=="},
        {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "short"},
        # As it should be, to a server that has no socket to give.
        {"Sec_WebSocket_Version": "13", "Sec_WebSocket_Key": "A" * 22 + "=="},
    ],
)
def test_what_is_no_handshake_is_a_bad_request(
    site: Site, headers: dict[str, str]
) -> None:
    url = f"/_hmr/socket?token={site.state.access.token}"
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
    response = site.open(url, Host="localhost", **upgrade, **headers)
    assert response.status_code == 400


@pytest.mark.parametrize("token", [None, "", "wrong", "%C3%BC", "%00"])
def test_nobody_gets_a_socket_without_the_token(
    served: Served, token: str | None
) -> None:
    origin = f"http://127.0.0.1:{served.port}"
    assert b" 403 " in served.handshake(token=token, Origin=origin)
    assert len(served.site.state.pages) == 0
