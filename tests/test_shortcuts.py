"""Answers in the place of Flask: the same ones, and only where that is certain."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, request, signals
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_hmr import HMR
from flask_hmr.shortcuts import Shortcuts

MODULE = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "cors"}


class Site:
    """An app whose dispatched requests are counted."""

    def __init__(self, folder: Path, kind: type[Flask] = Flask) -> None:
        self.folder = folder
        self.dispatched: list[str] = []
        dispatched = self.dispatched
        self.app = kind("site", root_path=str(folder))
        inner = self.app.dispatch_request
        self.write("main.js", 'import "./a.js";\nimport.meta.hot.accept();\n')
        self.write("a.js", "import './b.js';\n")
        self.write("b.js", "export {};\n")
        self.app.debug = True
        self.dispatch = inner
        # An instance attribute, so that the app's class stays what it is.
        self.app.dispatch_request = lambda: (  # type: ignore[method-assign]
            dispatched.append(request.path) or inner()
        )

    def write(self, name: str, text: str) -> None:
        path = self.folder / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def versioned(self, name: str) -> str:
        url = f"/static/{name}"
        updates = self.app.extensions["hmr"].updates
        return f"{url}?m={updates.versions([url])[url]}"

    def get(self, url: str, **more: Any) -> Any:
        headers = {**MODULE, **more.pop("headers", {})}
        client = self.app.test_client()
        if "session" in more:
            client.set_cookie("session", more.pop("session"))
        return client.open(url, headers=headers, buffered=True, **more)

    def is_dispatched(self, url: str, **more: Any) -> bool:
        self.dispatched.clear()
        assert self.get(url, **more).status_code == 200
        return bool(self.dispatched)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    made: list[Site] = []

    def site(prepare: Callable[[Flask], object] = HMR, **more: Any) -> Site:
        made.append(Site(tmp_path, **more))
        prepare(made[0].app)
        made[0].get("/nothing")
        return made[0]

    yield site
    for one in made:
        one.app.extensions["hmr"].close()


def without_shortcuts(site: Site, monkeypatch: pytest.MonkeyPatch, url: str) -> Any:
    with monkeypatch.context() as patch:
        patch.setattr(Shortcuts, "_address", lambda self, environ: None)
        return site.get(url)


def test_what_was_asked_for_before_is_not_dispatched_again(
    make: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make()
    url = site.versioned("main.js")
    first = site.get(url)
    assert site.dispatched
    assert not site.is_dispatched(url)
    again = site.get(url)
    assert (again.status, again.data) == (first.status, first.data)
    assert list(again.headers) == list(first.headers)
    dispatched = without_shortcuts(site, monkeypatch, url)
    assert list(again.headers) == list(dispatched.headers)


def test_one_file_of_a_folder_shows_the_headers_of_the_others(
    make: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make()
    site.get(site.versioned("main.js"))
    for name in ("a.js", "b.js"):
        url = site.versioned(name)
        assert not site.is_dispatched(url)
        short, full = site.get(url), without_shortcuts(site, monkeypatch, url)
        assert short.data == full.data
        # One may be made a second after the other.
        pairs = zip(short.headers, full.headers, strict=True)
        assert all(one == other for one, other in pairs if one[0] != "Date")


def test_an_edit_is_served_at_once(make: Callable[..., Site]) -> None:
    site = make()
    url = site.versioned("b.js")
    site.get(url)
    assert not site.is_dispatched(url)
    site.write("b.js", "export const b = 2;\n")
    state = site.app.extensions["hmr"]
    first = site.get(url).data
    state.updates.changed(state.updates.stale())
    assert site.get(url).headers["Cache-Control"] == "no-store"
    new = site.versioned("b.js")
    assert new != url
    # The instance is that of the new state, whoever names the old one.
    assert first == site.get(url).data
    assert first.endswith(f'export*from"{new}";'.encode())
    assert site.get(new).data == b"export const b = 2;\n"
    assert "immutable" in site.get(new).headers["Cache-Control"]


def test_a_file_saved_as_it_was_is_served_by_either_version(
    make: Callable[..., Site],
) -> None:
    site = make()
    url = site.versioned("b.js")
    text = site.get(url).data
    os.utime(site.folder / "static/b.js", (1, 1))
    state = site.app.extensions["hmr"]
    state.updates.changed(state.updates.stale())
    new = site.versioned("b.js")
    assert new != url
    assert site.get(url).data == site.get(new).data == text


def test_an_importer_of_a_boundary_is_served_with_its_new_version(
    make: Callable[..., Site],
) -> None:
    site = make()
    site.write("top.js", 'import "./main.js";\n')
    url = site.versioned("top.js")
    before = site.get(url).data
    assert not site.is_dispatched(url)
    site.write("main.js", "import.meta.hot.accept();\n")
    state = site.app.extensions["hmr"]
    state.updates.changed(state.updates.stale())
    assert site.versioned("top.js") == url
    assert site.get(url).data != before


def test_a_file_that_is_gone_is_not_served(make: Callable[..., Site]) -> None:
    site = make()
    url = site.versioned("b.js")
    site.get(url)
    (site.folder / "static/b.js").unlink()
    assert site.get(url).status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"method": "HEAD"},
        {"headers": {"If-None-Match": '"x"'}},
        {"headers": {"Range": "bytes=0-3"}},
        {"headers": {"Sec-Fetch-Mode": "no-cors"}},
        {"headers": {"Sec-Fetch-Dest": "worker"}},
        {"session": "x"},
        {"headers": {"Host": "other.example"}},
        {"base_url": "https://localhost/"},
    ],
)
def test_other_requests_are_dispatched(
    make: Callable[..., Site], more: dict[str, Any]
) -> None:
    site = make()
    url = site.versioned("a.js")
    site.get(url)
    assert not site.is_dispatched(url)
    site.dispatched.clear()
    site.get(url, **more)
    assert site.dispatched


def decorated(app: Flask) -> None:
    HMR(app)
    view = app.view_functions["static"]

    def guarded(**arguments: Any) -> Any:
        return view(**arguments)

    guarded.__module__, guarded.__qualname__ = view.__module__, view.__qualname__
    guarded.__wrapped__ = view  # type: ignore[attr-defined]
    app.view_functions["static"] = guarded


def before(app: Flask) -> None:
    app.before_request(lambda: None)
    HMR(app)


def before_static(app: Flask) -> None:
    HMR(app)
    bp = Blueprint("part", __name__)
    bp.before_app_request(lambda: None)
    app.register_blueprint(bp)


def after(app: Flask) -> None:
    HMR(app)
    app.after_request(lambda response: response)


def preprocessor(app: Flask) -> None:
    HMR(app)
    app.url_value_preprocessor(lambda endpoint, values: None)


def inside(app: Flask) -> None:
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    HMR(app)


def session_interface(app: Flask) -> None:
    class Own(type(app.session_interface)):  # type: ignore[misc]
        pass

    app.session_interface = Own()
    HMR(app)


@pytest.mark.parametrize(
    "prepare",
    [decorated, before, before_static, after, preprocessor, inside, session_interface],
    ids=lambda prepare: prepare.__name__,
)
def test_an_app_with_a_mind_of_its_own_is_asked(
    make: Callable[..., Site], prepare: Callable[[Flask], None]
) -> None:
    site = make(prepare)
    url = site.versioned("b.js")
    site.get(url)
    assert site.is_dispatched(url)


class Guarded(Flask):
    def send_static_file(self, filename: str) -> Any:
        return super().send_static_file(filename)


def test_an_app_of_another_class_is_asked(make: Callable[..., Site]) -> None:
    site = make(kind=Guarded)
    url = site.versioned("b.js")
    site.get(url)
    assert site.is_dispatched(url)


def test_whoever_listens_to_signals_hears_of_each_request(
    make: Callable[..., Site],
) -> None:
    site = make()
    url = site.versioned("b.js")
    site.get(url)
    assert not site.is_dispatched(url)
    heard: list[object] = []

    def listen(sender: Flask, **more: Any) -> None:
        heard.append(sender)

    with signals.request_started.connected_to(listen, site.app):
        assert site.is_dispatched(url)
    assert heard
    assert not site.is_dispatched(url)


@pytest.mark.parametrize("roots", [None, "/static"])
def test_a_view_of_its_own_below_the_static_folder_is_asked(
    make: Callable[..., Site], roots: str | None
) -> None:
    def prepare(app: Flask) -> None:
        if roots is not None:
            # The graph knows the file then, and the view is asked all the same.
            app.config["HMR_ROOTS"] = {roots: str(Path(app.root_path) / "static")}
        HMR(app)
        view = app.view_functions["static"]
        app.add_url_rule("/static/b.js", "own", lambda: view(filename="b.js"))

    site = make(prepare)
    site.get(site.versioned("main.js"))
    url = site.versioned("b.js")
    site.get(url)
    assert site.is_dispatched(url)


def test_blueprints_have_shortcuts_too(make: Callable[..., Site]) -> None:
    def prepare(app: Flask) -> None:
        HMR(app)
        folder = Path(app.root_path) / "part"
        folder.mkdir()
        (folder / "p.js").write_text("export {};\n")
        (folder / "q.js").write_text("export {};\n")
        bp = Blueprint("part", __name__, static_folder=str(folder), url_prefix="/part")
        app.register_blueprint(bp)

    site = make(prepare)
    updates = site.app.extensions["hmr"].updates
    urls = [f"/part/part/{name}.js" for name in "pq"]
    first, second = (f"{url}?m={updates.versions([url])[url]}" for url in urls)
    assert site.is_dispatched(first)
    assert not site.is_dispatched(first)
    assert not site.is_dispatched(second)
