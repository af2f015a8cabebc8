"""Files that pages show: known, compared, and told of when they change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, send_from_directory
from werkzeug.test import TestResponse

from flask_hmr import HMR
from flask_hmr.assets import MAX_HASHED, is_shown
from flask_hmr.config import Config


class Site:
    """An app with static files, and what its pages were told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "static" / "sub").mkdir(parents=True)
        self.app = Flask("site", root_path=str(root))
        self.app.debug = True
        HMR(self.app)
        self.app.add_url_rule("/", "index", lambda: "<!doctype html><html>")
        self.client = self.app.test_client()
        self.get("/")
        self.state = self.app.extensions["hmr"]
        self.assets = self.state.assets
        # The tests say themselves what changed, and no watcher before them.
        self.state.watch().close()
        self.told: list[dict[str, Any]] = []
        self.state.pages.broadcast = self._broadcast

    def _broadcast(self, message: str) -> int:
        self.told.append(json.loads(message))
        return 1

    def get(self, path: str, method: str = "GET", **options: Any) -> TestResponse:
        """Send a request, and close its file."""
        answer = self.client.open(path, method=method, **options)
        answer.get_data()
        answer.close()
        return answer

    def write(self, name: str, data: str | bytes) -> str:
        """Write a static file; return its path."""
        path = self.root / "static" / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return str(path)

    def changed(self, paths: list[str]) -> list[str]:
        """Report files; return what pages are told of."""
        before = len(self.told)
        self.assets.changed(paths)
        return [key for told in self.told[before:] for key in told["versions"]]

    def version(self, key: str) -> str | None:
        """Return the present version of a file, read when nobody knows it."""
        self.assets.follow([key])
        versions: dict[str, str | None] = self.assets.graph.versions([key])
        return versions.get(key)


@pytest.fixture
def site(tmp_path: Path):
    site = Site(tmp_path)
    yield site
    site.state.close()


@pytest.mark.parametrize(
    ("mimetype", "shown"),
    [
        ("text/css", True),
        ("image/png", True),
        ("image/svg+xml", True),
        ("font/woff2", True),
        ("application/font-woff", True),
        ("video/mp4", True),
        ("text/javascript", False),
        ("application/json", False),
        ("text/html", False),
        (None, False),
    ],
)
def test_which_types_pages_show(mimetype, shown):
    assert is_shown(mimetype) is shown


def test_a_change_is_told_with_all_style_sheets_above_it(site):
    site.write("a.css", '@import "sub/b.css";')
    site.write("sub/b.css", "p { background: url(../i.png) }")
    path = site.write("i.png", b"one")
    old = site.version("/static/a.css")
    site.write("i.png", b"two")
    assert "/static/i.png" in site.changed([path])
    (message,) = site.told
    assert message["type"] == "assets"
    assert message["assets"] == site.assets.graph.seq
    assert set(message["versions"]) == {
        "/static/a.css",
        "/static/sub/b.css",
        "/static/i.png",
    }
    assert message["versions"]["/static/a.css"] not in (None, old)


def test_the_same_bytes_again_are_no_change(site):
    path = site.write("a.css", "p { }")
    site.version("/static/a.css")
    site.write("a.css", "p { }")
    assert site.changed([path]) == []
    assert site.told == []


def test_files_that_nobody_asked_for_are_no_change(site):
    path = site.write("a.css", "p { }")
    assert site.changed([path]) == []


def test_a_file_that_goes_is_told_and_comes_back_as_it_was(site):
    path = Path(site.write("a.css", "p { }"))
    old = site.version("/static/a.css")
    path.unlink()
    site.changed([str(path)])
    assert site.told[-1]["versions"] == {"/static/a.css": None}
    site.write("a.css", "p { }")
    site.changed([str(path)])
    assert site.told[-1]["versions"] == {"/static/a.css": old}


def test_what_is_saved_while_it_is_read_is_told(site, monkeypatch):
    path = site.write("i.png", b"one")
    record = site.assets.graph.record

    def save_first(facts):
        monkeypatch.setattr(site.assets.graph, "record", record)
        site.write("i.png", b"two")
        # Nobody knows the file yet.
        assert site.changed([path]) == []
        record(facts)

    monkeypatch.setattr(site.assets.graph, "record", save_first)
    now = site.version("/static/i.png")
    assert [told["versions"] for told in site.told] == [{"/static/i.png": now}]


def test_large_files_are_told_apart_without_being_read(site, monkeypatch):
    path = site.write("v.mp4", b"1" * (MAX_HASHED + 1))
    old = site.version("/static/v.mp4")
    site.write("v.mp4", b"1" * (MAX_HASHED + 2))
    assert site.changed([path]) == ["/static/v.mp4"]
    assert site.version("/static/v.mp4") != old


def test_style_sheets_that_import_each_other_end(site):
    site.write("a.css", '@import "b.css"; @import "a.css";')
    path = site.write("b.css", '@import "a.css";')
    site.version("/static/a.css")
    site.write("b.css", '@import "a.css"; p { }')
    site.changed([path])
    assert set(site.told[-1]["versions"]) == {"/static/a.css", "/static/b.css"}


def test_a_response_is_served_as_it_is_until_something_changes(site):
    site.write("a.css", "p { background: url(i.png) }")
    path = site.write("i.png", b"one")
    answer = site.get("/static/a.css")
    assert answer.get_data(as_text=True) == "p { background: url(i.png) }"
    assert answer.headers["Cache-Control"] == "no-cache"
    version = site.version("/static/a.css")
    answer = site.get(f"/static/a.css?m={version}")
    assert answer.get_data(as_text=True) == "p { background: url(i.png) }"
    assert "immutable" in answer.headers["Cache-Control"]
    site.write("i.png", b"two")
    site.changed([path])
    answer = site.get(f"/static/a.css?m={version}")
    image = site.version("/static/i.png")
    wanted = f'p {{ background: url("i.png?m={image}") }}'
    assert answer.get_data(as_text=True) == wanted
    assert answer.headers["Cache-Control"] == "no-cache"
    version = site.version("/static/a.css")
    answer = site.get(f"/static/a.css?m={version}")
    assert answer.get_data(as_text=True) == wanted
    assert "immutable" in answer.headers["Cache-Control"]
    # Without a version it is the developer's own text.
    answer = site.get("/static/a.css")
    assert answer.get_data(as_text=True) == "p { background: url(i.png) }"


def test_conditional_and_partial_requests_are_answered(site):
    path = site.write("i.png", b"0123456789")
    site.write("a.css", "p { background: url(i.png) }")
    style = {"Sec-Fetch-Dest": "style"}
    site.get("/static/a.css", headers=style)
    site.write("i.png", b"other")
    site.changed([path])
    url = f"/static/a.css?m={site.version('/static/a.css')}"
    tag = site.get(url, headers=style).headers["ETag"]
    answer = site.get(url, headers={**style, "If-None-Match": tag})
    assert answer.status_code == 304
    assert site.get(method="HEAD", path=url, headers=style).status_code == 200
    site.write("i.png", b"0123456789")
    answer = site.get("/static/i.png", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.data) == (206, b"234")
    tag = site.get("/static/i.png").headers["ETag"]
    answer = site.get("/static/i.png", headers={"If-None-Match": tag})
    assert answer.status_code == 304


def test_the_time_that_the_app_lets_browsers_keep_files_is_taken_back(site):
    site.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    site.write("i.png", b"one")
    answer = site.get("/static/i.png")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    site.write("data.json", "{}")
    answer = site.get("/static/data.json")
    assert "max-age=3600" in answer.headers["Cache-Control"]


def test_ignored_files_are_served_as_they_are_however_often(site):
    site.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    site.state.roots._config = Config.load(
        {"HMR_IGNORE": ["sub"]}, root_path=str(site.root)
    )
    path = site.write("sub/a.css", "p { }")
    script = site.write("sub/a.js", "export const a = 1;\nimport.meta.hot.accept();\n")
    for _ in range(3):
        answer = site.get("/static/sub/a.css")
        assert "max-age=3600" in answer.headers["Cache-Control"]
        answer = site.get("/static/sub/a.js")
        assert answer.data == Path(script).read_bytes()
    site.write("sub/a.css", "i { }")
    assert site.changed([path]) == []


def test_files_that_a_view_sends_are_known(site, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "i.png").write_bytes(b"one")
    site.app._got_first_request = False
    site.app.add_url_rule(
        "/media/<path:name>", "media", lambda name: send_from_directory(folder, name)
    )
    assert site.get("/media/i.png").status_code == 200
    (folder / "i.png").write_bytes(b"two")
    assert site.changed([str(folder / "i.png")]) == ["/media/i.png"]


def test_what_a_document_links_is_known_before_it_is_asked_for(site):
    path = site.write("a.css", "p { }")
    site.app._got_first_request = False
    site.app.add_url_rule(
        "/page",
        "page",
        lambda: "<!doctype html><link rel=stylesheet href='static/a.css?x#y'>",
    )
    text = site.get("/page").get_data(as_text=True)
    assert "static/a.css?x#y'" in text
    assert "&quot;assets&quot;: 0" in text
    site.write("a.css", "i { }")
    assert site.changed([path]) == ["/static/a.css?x"]


# What pages ask.


def test_a_page_is_told_what_it_missed(site):
    path = site.write("a.css", "p { }")
    site.version("/static/a.css")
    assert site.assets.since(0) is None
    site.write("a.css", "i { }")
    site.changed([path])
    message = json.loads(site.assets.since(0))
    assert set(message["versions"]) == {"/static/a.css"}
    for seq in (1, 2, -1, None, "0", 1.5):
        assert site.assets.since(seq) is None


def test_a_page_is_told_the_versions_of_what_it_shows(site):
    site.write("a.css", "p { }")
    held = {"/static/a.css": None, "/static/none.png": "x", "//host/x.css": 1, "": 2}
    message = json.loads(site.assets.compare(held))
    assert message["reply"] is True
    assert message["versions"] == {"/static/a.css": site.version("/static/a.css")}


def test_another_process_tells_the_same_versions(site):
    site.write("a.css", "p { background: url(i.png) }")
    site.write("i.png", b"one")
    first = site.version("/static/a.css")
    again = Flask("site", root_path=str(site.root))
    again.debug = True
    HMR(again)
    again.test_client().get("/")
    state = again.extensions["hmr"]
    message = json.loads(state.assets.compare({"/static/a.css": first}))
    assert message["versions"] == {"/static/a.css": first}
    state.close()
