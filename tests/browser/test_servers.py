"""The same pages on every kind of WSGI server, each by the transport that suits it."""

from __future__ import annotations

import signal
import sys
import typing as t
from pathlib import Path

import pytest

from ..test_broker import Redis
from .support.page import Page
from .support.project import Project

APP = """
from flask import Flask, render_template

from flask_hmr import HMR

hmr = HMR()


def create_app():
    app = Flask(__name__)
    app.config["HMR_ENABLED"] = True
    app.config.from_prefixed_env()
    hmr.init_app(app)

    @app.get("/")
    def index():
        return render_template("index.html")

    return app


@hmr.on("ask")
def ask(data, client):
    client.send("answer", data + 1)
    hmr.send("told", data)


app = create_app()
"""

MAIN = """
import {{ leaf }} from "./leaf.js";
window.log.push(`main {0} ${{leaf}}`);
import.meta.hot.accept("./leaf.js", (m) => window.log.push(`got ${{m.leaf}}`));
if (!window.told) {{
  window.told = [];
  import.meta.hot.on("answer", (data) => window.told.push(`answer ${{data}}`));
  import.meta.hot.on("told", (data) => window.told.push(`told ${{data}}`));
}}
window.ask = (data) => import.meta.hot.send("ask", data);
"""

GEVENT = """
from gevent import monkey

monkey.patch_all()
from app import app
from gevent.pywsgi import WSGIServer

WSGIServer(("127.0.0.1", {port}), app).serve_forever()
"""

EVENTLET = """
import eventlet

eventlet.monkey_patch()
from app import app
from eventlet import wsgi

wsgi.server(eventlet.listen(("127.0.0.1", {port})), app)
"""

WSGIREF = """
from app import app
from wsgiref.simple_server import make_server

make_server("127.0.0.1", {port}, app).serve_forever()
"""


class Kind(t.NamedTuple):
    """A server: how it is run, and what pages are to find.

    :param command: its program and arguments.
    :param transport: what pages choose by themselves.
    :param workers: how many processes answer.
    """

    command: list[str]
    transport: str
    workers: int = 1


BIN = Path(sys.executable).parent


def python(code: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-c", code]


def gunicorn(*options: str) -> list[str]:
    return [str(BIN / "gunicorn"), "-b", "127.0.0.1:{port}", *options, "app:app"]


FLASK = [sys.executable, "-m", "flask", "--app", "app", "run", "--port", "{port}"]
UWSGI = [str(BIN / "uwsgi"), "--http", "127.0.0.1:{port}", "--module", "app:app"]
UWSGI += ["--master", "--die-on-term", "--threads", "4"]

SERVERS = {
    "werkzeug": Kind(FLASK, "socket"),
    "werkzeug without threads": Kind([*FLASK, "--without-threads"], "poll"),
    "gunicorn sync": Kind(gunicorn(), "poll"),
    "gunicorn sync, 4 workers": Kind(gunicorn("-w", "4"), "poll", 4),
    "gunicorn gthread": Kind(gunicorn("--threads", "4"), "stream"),
    "gunicorn gthread, preloaded": Kind(
        gunicorn("--threads", "4", "--preload"), "stream"
    ),
    "gunicorn gthread, 4 workers": Kind(
        gunicorn("--threads", "4", "-w", "4"), "poll", 4
    ),
    "gunicorn gevent": Kind(gunicorn("-k", "gevent"), "socket"),
    "gunicorn gevent, 4 workers": Kind(
        gunicorn("-k", "gevent", "-w", "4"), "socket", 4
    ),
    "gevent": Kind(python(GEVENT), "socket"),
    "eventlet": Kind(python(EVENTLET), "socket"),
    "waitress": Kind(
        [str(BIN / "waitress-serve"), "--listen=127.0.0.1:{port}", "app:app"], "stream"
    ),
    "cheroot": Kind(
        [str(BIN / "cheroot"), "--bind", "127.0.0.1:{port}", "app:app"], "stream"
    ),
    "uwsgi": Kind(UWSGI, "stream"),
    "uwsgi, 4 processes": Kind([*UWSGI, "--processes", "4"], "poll", 4),
    "wsgiref": Kind(python(WSGIREF), "poll"),
}


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest, project: Project) -> Kind:
    """A server that runs the project, with two modules."""
    kind = SERVERS[request.param]
    project.write(
        {
            "app.py": APP,
            "static/main.js": MAIN.format(1),
            "static/leaf.js": "export const leaf = 1;",
        }
    )
    path = str(project.root)
    project.start(debug=False, env={"PYTHONPATH": path}, command=kind.command)
    return kind


def opened(project: Project, count: int) -> list[Page]:
    pages = [project.open() for _ in range(count)]

    for page in pages:
        page.wait_until_connected()

    return pages


def test_pages_are_told_by_the_best_transport(project: Project, kind: Kind) -> None:
    pages = opened(project, 2)

    for page in pages:
        page.wait_for_console(f"[hmr] connected ({kind.transport})")

    for number in range(2, 5):
        project.save("static/leaf.js", f"export const leaf = {number};")
        for page in pages:
            page.wait_for(f"window.log.includes('got {number}')")

    for page in pages:
        assert page.log() == ["main 1 1", "got 2", "got 3", "got 4"]
        page.assert_not_reloaded()

    # What is no file: within one process without anything more.
    if kind.workers == 1:
        pages[0].evaluate("() => window.ask(1)")
        pages[0].wait_for("window.told.includes('answer 2')")

        for page in pages:
            page.wait_for("window.told.includes('told 1')")

        assert sorted(pages[0].evaluate("() => window.told")) == ["answer 2", "told 1"]
        assert pages[1].evaluate("() => window.told") == ["told 1"]

    # What is loaded later, wherever it was asked for.
    late = "window.log.push('late {}'); import.meta.hot.accept();"
    project.write({"static/late.js": late.format(1)})

    for page in pages:
        page.evaluate("() => { import('/static/' + 'late.js') }")
        page.wait_for("window.log.includes('late 1')")

    project.save("static/late.js", late.format(2))

    for page in pages:
        page.wait_for("window.log.includes('late 2')")
        page.assert_not_reloaded()

    # Servers wait for open connections: a minute at the most, or for ever.
    project.stop(signal.SIGINT, first=True)


def test_events_reach_the_pages_of_all_processes(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    redis = Redis(tmp_path_factory.mktemp("redis"))
    redis.start()

    try:
        project.write(
            {
                "app.py": APP,
                "static/main.js": MAIN.format(1),
                "static/leaf.js": "export const leaf = 1;",
            }
        )
        env = {"PYTHONPATH": str(project.root), "FLASK_HMR_MESSAGE_QUEUE": redis.url}
        project.start(debug=False, env=env, command=gunicorn("-w", "4"))
        pages = opened(project, 3)

        # Each time another process may be the one that is told.
        for number in range(5):
            pages[0].evaluate("(number) => window.ask(number)", number)

        for number in range(5):
            pages[0].wait_for(f"window.told.includes('answer {number + 1}')")

            for page in pages:
                page.wait_for(f"window.told.includes('told {number}')")

        for page in pages:
            told = page.evaluate("() => window.told")
            # Several processes have told of it, and it was heard once.
            assert len(told) == len(set(told))

        project.save("static/leaf.js", "export const leaf = 2;")

        for page in pages:
            page.wait_for_log(["main 1 1", "got 2"])
    finally:
        redis.stop()
