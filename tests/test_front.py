"""Files that something in front of Flask serves: real middleware, real files."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.test import Client, TestResponse
from whitenoise import WhiteNoise

from flask_hmr import HMR

MAIN = "import { leaf } from './sub/leaf.js';\nimport.meta.hot.accept();\n"
LEAF = "export const leaf = 1;\n"


def write(folder: Path) -> Path:
    files = {"main.js": MAIN, "sub/leaf.js": LEAF, "style.css": "p { color: red }\n"}
    files["page.html"] = "<!doctype html><title>A page</title><p>hello"
    files["data.json"] = "{}"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


class Site:
    """An app, and what a server would call."""

    def __init__(self, root: Path, **config: Any) -> None:
        self.root = root
        self.assets = write(root / "assets")
        self.app = Flask("front", root_path=str(root / "app"), static_folder=None)
        self.app.config.update({"HMR_ENABLED": True, **config})
        self.app.add_url_rule("/", "index", lambda: "<!doctype html><p>hello")
        self.app.add_url_rule("/app.js", "js", self._javascript)
        self.hmr = HMR()
        self.entry: Any = self.app

    @staticmethod
    def _javascript() -> Response:
        return Response("import './x.js';", mimetype="text/javascript")

    def get(self, url: str, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(self.entry).get(url, headers=given, buffered=True)

    @property
    def state(self) -> Any:
        return self.app.extensions["hmr"]


def whitenoise(site: Site, app: Any) -> Any:
    return WhiteNoise(app, root=str(site.assets), prefix="assets", autorefresh=True)


def shared_data(site: Site, app: Any) -> Any:
    return SharedDataMiddleware(app, {"/assets": str(site.assets)})


def mounted(site: Site, app: Any) -> Any:
    other = Flask("other", static_folder=str(site.assets), static_url_path="")
    return DispatcherMiddleware(app, {"/assets": other})


MIDDLEWARE: dict[str, Callable[[Site, Any], Any]] = {
    "WhiteNoise": whitenoise,
    "SharedDataMiddleware": shared_data,
    "DispatcherMiddleware": mounted,
}


@pytest.fixture(params=MIDDLEWARE)
def middleware(request: pytest.FixtureRequest) -> Callable[[Site, Any], Any]:
    return MIDDLEWARE[request.param]


@pytest.fixture(params=["inside", "outside"])
def site(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    middleware: Callable[[Site, Any], Any],
) -> Site:
    """Middleware inside of ``app.wsgi_app``, or around it and wrapped."""
    site = Site(tmp_path)
    if request.param == "inside":
        site.app.wsgi_app = middleware(  # type: ignore[method-assign]
            site, site.app.wsgi_app
        )
        site.hmr.init_app(site.app)
    else:
        site.hmr.init_app(site.app)
        site.entry = site.hmr.wrap(middleware(site, site.app))
    return site


def test_modules_take_part(site: Site) -> None:
    main = site.get("/assets/main.js")
    assert main.status_code == 200
    assert main.mimetype == "text/javascript"
    assert "/_hmr/client/" in main.text
    assert main.text.endswith(MAIN.partition("\n")[2])
    assert main.headers["ETag"] == site.get("/assets/main.js").headers["ETag"]
    assert int(main.headers["Content-Length"]) == len(main.data)
    versions = site.state.updates.versions(["/assets/main.js", "/assets/sub/leaf.js"])
    assert all(versions.values())


def test_what_they_import_is_followed_before_it_is_asked_for(site: Site) -> None:
    site.get("/assets/main.js")
    before = site.state.updates.versions(["/assets/main.js"])
    leaf = site.assets / "sub" / "leaf.js"
    leaf.write_text("export const leaf = 22;\n")
    site.state.updates.changed({str(leaf)})
    assert site.state.updates.versions(["/assets/main.js"]) != before
    assert "./sub/leaf.js?m=" in site.get("/assets/main.js").text


def test_conditional_requests_are_answered_for_what_was_sent(site: Site) -> None:
    tag = site.get("/assets/main.js").headers["ETag"]
    assert site.get("/assets/main.js", If_None_Match=tag).status_code == 304
    leaf = site.assets / "sub" / "leaf.js"
    leaf.write_text("export const leaf = 333;\n")
    site.state.updates.changed({str(leaf)})
    again = site.get("/assets/main.js", If_None_Match=tag)
    assert again.status_code == 200
    assert again.headers["ETag"] != tag


def test_documents_and_styles_take_part(site: Site) -> None:
    page = site.get("/assets/page.html")
    assert page.status_code == 200
    assert page.text.count("data-hmr=") == 1
    style = site.get("/assets/style.css")
    assert style.text == "p { color: red }\n"
    assert "no-cache" in style.headers["Cache-Control"]
    tag = style.headers["ETag"]
    assert site.get("/assets/style.css", If_None_Match=tag).status_code == 304


def test_the_rest_passes(site: Site) -> None:
    assert site.get("/assets/data.json").text == "{}"
    assert site.get("/assets/nothing.js").status_code == 404
    assert site.get("/").text.count("data-hmr=") == 1
    assert "./x.js" in site.get("/app.js").text
    assert site.get("/_hmr/session").status_code == 200
    plain = Client(site.entry).post("/assets/main.js", buffered=True)
    assert "/_hmr/client/" not in plain.text
    head = Client(site.entry).head("/assets/main.js")
    assert head.status_code == 200
    assert head.data == b""
    whole = site.get("/assets/main.js")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_where_it_is_off_everything_is_as_it_was(
    tmp_path: Path, middleware: Callable[[Site, Any], Any]
) -> None:
    site = Site(tmp_path, HMR_ENABLED=False)
    site.hmr.init_app(site.app)
    inner = middleware(site, site.app)
    site.entry = site.hmr.wrap(inner)
    assert site.get("/assets/main.js").text == MAIN
    assert site.get("/assets/page.html").text.count("data-hmr") == 0
    assert site.entry._front is inner
    assert site.state is None


def test_files_that_were_compressed_beforehand_take_part(tmp_path: Path) -> None:
    site = Site(tmp_path)
    (site.assets / "main.js.gz").write_bytes(gzip.compress(MAIN.encode()))
    site.hmr.init_app(site.app)
    site.entry = site.hmr.wrap(whitenoise(site, site.app))
    response = site.get("/assets/main.js", Accept_Encoding="gzip")
    assert "Content-Encoding" not in response.headers
    assert "/_hmr/client/" in response.text


def test_which_app_is_meant_has_to_be_clear(tmp_path: Path) -> None:
    one, two = Site(tmp_path / "one"), Site(tmp_path / "two")
    with pytest.raises(RuntimeError, match="0 apps"):
        one.hmr.wrap(one.app)
    one.hmr.init_app(one.app)
    one.hmr.init_app(two.app)
    with pytest.raises(RuntimeError, match="2 apps"):
        one.hmr.wrap(one.app)
    with pytest.raises(RuntimeError):
        one.hmr.wrap(one.app, Flask("x"))
    two.entry = one.hmr.wrap(shared_data(two, two.app), two.app)
    assert "/_hmr/client/" in two.get("/assets/main.js").text


# Applications as PEP 3333 allows them


def served(
    tmp_path: Path, application: Callable[[dict[str, Any], Any], Iterable[bytes]]
) -> Site:
    site = Site(tmp_path)
    site.hmr.init_app(site.app)
    site.entry = site.hmr.wrap(application)
    return site


HTML = [("Content-Type", "text/html; charset=utf-8")]


def test_an_application_that_begins_late(tmp_path: Path) -> None:
    def late(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HTML)
        yield b"<!doctype html><title>late</title>"

    assert served(tmp_path, late).get("/").text == "<!doctype html><title>late</title>"


def test_an_application_that_writes(tmp_path: Path) -> None:
    def old(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", HTML)
        write(b"<!doctype html>")
        write(b"<title>old</title>")
        return []

    site = served(tmp_path, old)
    assert Client(site.entry).get("/").text == "<!doctype html><title>old</title>"


def test_an_application_that_fails_after_it_began(tmp_path: Path) -> None:
    def failing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HTML)
        start_response("500 ERROR", [("Content-Type", "text/plain")])
        return [b"It failed."]

    response = served(tmp_path, failing).get("/")
    assert (response.status_code, response.text) == (500, "It failed.")


def test_what_cannot_be_transformed_is_served_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(tmp_path)
    site.hmr.init_app(site.app)
    site.entry = site.hmr.wrap(shared_data(site, site.app))
    site.get("/")
    site.state.responses.after_request = lambda response: 1 / 0
    assert site.get("/assets/main.js").text == MAIN
    assert "served as it is" in caplog.text
