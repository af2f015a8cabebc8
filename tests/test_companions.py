"""Other extensions in the same app, set up before this one and after it."""

from __future__ import annotations

import gzip
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from werkzeug.test import TestResponse

from flask_hmr import HMR

MAIN = "import { leaf } from './leaf.js';\nimport.meta.hot.accept();\n"
PAGE = """<!doctype html>
<html><head><title>A page</title>
<script type="module" src="/static/main.js"></script></head>
<body><p>hello</p></body></html>"""


def compress(app: Flask) -> None:
    from flask_compress import Compress

    app.config["COMPRESS_MIN_SIZE"] = 1
    Compress(app)


def talisman(app: Flask) -> None:
    from flask_talisman import Talisman

    Talisman(app, force_https=False)


def talisman_with_nonce(app: Flask) -> None:
    from flask_talisman import Talisman

    Talisman(
        app,
        force_https=False,
        content_security_policy={"script-src": "'self'"},
        content_security_policy_nonce_in=["script-src"],
    )


def cors(app: Flask) -> None:
    from flask_cors import CORS

    CORS(app)


def caching(app: Flask) -> None:
    from flask_caching import Cache

    cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})

    @app.get("/cached")
    @cache.cached(timeout=60)
    def cached() -> str:
        return PAGE


def login(app: Flask) -> None:
    from flask_login import LoginManager, current_user

    manager = LoginManager(app)
    manager.user_loader(lambda name: None)

    @app.before_request
    def everything_behind_a_login() -> Any:
        from flask import request

        if not current_user.is_authenticated and request.endpoint not in (
            "index",
            "static",
        ):
            return manager.unauthorized()
        return None


def csrf(app: Flask) -> None:
    from flask_wtf import CSRFProtect

    CSRFProtect(app)


def debug_toolbar(app: Flask) -> None:
    from flask_debugtoolbar import DebugToolbarExtension

    app.debug = True
    DebugToolbarExtension(app)


def server_side_session(app: Flask) -> None:
    from cachelib import SimpleCache
    from flask_session import Session

    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=SimpleCache())
    Session(app)


def socketio(app: Flask) -> None:
    from flask_socketio import SocketIO

    SocketIO(app, async_mode="threading")


def minify(app: Flask) -> None:
    from flask_minify import Minify

    Minify(app, html=True, js=True, cssless=True)


COMPANIONS: dict[str, Callable[[Flask], None]] = {
    "Flask-Compress": compress,
    "Flask-Talisman": talisman,
    "Flask-Talisman with nonces": talisman_with_nonce,
    "Flask-CORS": cors,
    "Flask-Caching": caching,
    "Flask-Login": login,
    "Flask-WTF": csrf,
    "Flask-DebugToolbar": debug_toolbar,
    "Flask-Session": server_side_session,
    "Flask-SocketIO": socketio,
    "Flask-Minify": minify,
}


class Site:
    """An app with one of them, or several."""

    def __init__(self, folder: Path, first: bool, *companions: str) -> None:
        self.folder = folder
        for name, text in {
            "main.js": MAIN,
            "leaf.js": "export const leaf = 1;\n",
        }.items():
            (folder / "static").mkdir(exist_ok=True)
            (folder / "static" / name).write_text(text)
        self.app = Flask("companions", root_path=str(folder))
        self.app.config.update(HMR_ENABLED=True, SECRET_KEY="x")
        self.hmr = HMR()
        if first:
            self.hmr.init_app(self.app)
        with warnings.catch_warnings():
            # What they import may be of the past.
            warnings.simplefilter("ignore")
            for name in companions:
                COMPANIONS[name](self.app)
        if not first:
            self.hmr.init_app(self.app)

        @self.app.get("/")
        def index() -> str:
            session["seen"] = True
            return PAGE

    def get(self, url: str, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        client = self.app.test_client()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return client.get(url, headers=given, buffered=True)

    def text(self, url: str, **headers: str) -> str:
        response = self.get(url, **headers)
        assert response.status_code == 200, (url, response.status)
        data = response.data
        if response.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        return data.decode()

    @property
    def state(self) -> Any:
        return self.app.extensions["hmr"]


@pytest.fixture(params=[True, False], ids=["after ours", "before ours"])
def first(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=COMPANIONS)
def site(request: pytest.FixtureRequest, tmp_path: Path, first: bool) -> Site:
    return Site(tmp_path, first, request.param)


def ask(site: Site, *messages: dict[str, Any]) -> Any:
    body = {"page": "p", "marks": {}, "messages": [{"type": "hello"}, *messages]}
    headers = {"HMR-Token": site.state.access.token, "Origin": "http://localhost"}
    response = site.app.test_client().post(
        "/_hmr/exchange", data=json.dumps(body), headers=headers
    )
    assert response.status_code == 200, response.text
    return response.get_json()


def test_pages_and_modules_take_part(site: Site) -> None:
    page = site.text("/", Accept_Encoding="gzip")
    assert page.count("data-hmr=") == 1
    assert "/static/main.js?m=" in page
    main = site.text("/static/main.js", Accept_Encoding="gzip")
    assert "/_hmr/client/" in main
    assert main.count("import") >= 2


def test_our_endpoints_answer(site: Site) -> None:
    site.get("/")
    answer = site.get("/_hmr/session")
    assert answer.status_code == 200
    assert answer.get_json()["token"] == site.state.access.token
    digest = site.state.runtime.digest
    runtime = site.text(f"/_hmr/client/{digest}/client.js", Accept_Encoding="gzip")
    assert "function setup" in runtime
    assert site.get("/_hmr/check.js?url=/static/main.js").status_code == 200
    assert ask(site)["messages"][0]["type"] == "foreign"
    assert site.get("/_hmr/session", Origin="http://evil.example").status_code == 403


def test_an_edit_is_told_and_served(site: Site) -> None:
    site.get("/")
    site.get("/static/main.js")
    leaf = site.folder / "static" / "leaf.js"
    before = site.state.updates.versions(["/static/main.js", "/static/leaf.js"])
    leaf.write_text("export const leaf = 22;\n")
    site.state.updates.changed({str(leaf)})
    after = site.state.updates.versions(["/static/main.js", "/static/leaf.js"])
    assert after["/static/leaf.js"] != before["/static/leaf.js"]
    url = f"/static/leaf.js?m={after['/static/leaf.js']}"
    assert "22" in site.text(url)


def test_conditional_requests_are_right(site: Site) -> None:
    site.get("/")
    first = site.get("/static/main.js")
    tag = first.headers.get("ETag")
    if tag is None:
        pytest.fail("The module has no ETag.")
    again = site.get("/static/main.js", If_None_Match=tag)
    assert again.status_code == 304
    leaf = site.folder / "static" / "leaf.js"
    leaf.write_text("export const leaf = 333;\n")
    site.state.updates.changed({str(leaf)})
    changed = site.get("/static/main.js", If_None_Match=tag)
    assert changed.status_code == 200


def test_streams_are_handed_on_as_they_come(site: Site) -> None:
    site.get("/")
    client = site.app.test_client()
    token = site.state.access.token
    response = client.get(
        f"/_hmr/stream?token={token}&browser=x", headers={"Accept-Encoding": "gzip"}
    )
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers
    assert next(iter(response.response)).startswith(b"id: ")
    response.close()


def test_a_nonce_is_taken_over(tmp_path: Path, first: bool) -> None:
    site = Site(tmp_path, first, "Flask-Talisman with nonces")
    response = site.get("/")
    policy = response.headers["Content-Security-Policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    if nonce in response.text:
        assert f'nonce="{nonce}"' in response.text
    # What is not inline needs none: the runtime comes from the app's own origin.
    assert "'self'" in policy
    assert "<script>" not in response.text


def test_what_is_cached_gets_the_runtime_once(tmp_path: Path, first: bool) -> None:
    site = Site(tmp_path, first, "Flask-Caching")
    for _ in range(3):
        assert site.text("/cached").count("data-hmr=") == 1


def test_whoever_is_not_logged_in_has_a_working_page(
    tmp_path: Path, first: bool
) -> None:
    site = Site(tmp_path, first, "Flask-Login")
    assert site.get("/elsewhere").status_code in (401, 404)
    assert site.text("/").count("data-hmr=") == 1
    assert site.get("/_hmr/session").status_code == 200


def test_all_of_them_at_once(tmp_path: Path, first: bool) -> None:
    site = Site(
        tmp_path,
        first,
        "Flask-Compress",
        "Flask-Talisman",
        "Flask-CORS",
        "Flask-Caching",
        "Flask-Login",
        "Flask-WTF",
        "Flask-Session",
        "Flask-SocketIO",
    )
    test_pages_and_modules_take_part(site)
    test_our_endpoints_answer(site)
    test_an_edit_is_told_and_served(site)
    # Not even an app that lets everybody read its answers gives the token away.
    answer = site.get("/_hmr/session", Origin="http://evil.example")
    assert answer.status_code == 403
    assert site.state.access.token not in answer.text
