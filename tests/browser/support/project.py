"""A small Flask project on disk, with its server and its pages."""

from __future__ import annotations

import contextlib
import os
import signal
import typing as t
from pathlib import Path
from textwrap import dedent

from playwright.sync_api import BrowserContext

from . import editors
from . import page as pages
from . import server as servers
from .chromium import Browsers
from .forks import Nursery
from .page import Page
from .server import Answer, Server

APP = """
from flask import Flask, render_template

from flask_hmr import HMR

app = Flask(__name__)
app.config.from_prefixed_env()
HMR(app)


@app.get("/")
def index():
    return render_template("index.html")
"""

INDEX = """
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Project</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/static/main.js"></script>
  </head>
  <body>
    <main></main>
  </body>
</html>
"""

SaveStyle = t.Literal["inplace", "atomic", "vim", "jetbrains", "truncate"]


class Project:
    """A project that a test writes, runs, edits and looks at.

    It starts with an ``app.py`` that has one page and HMR, the page's template
    ``templates/index.html``, and an empty ``static/main.js`` that the page loads.

    :param root: an empty folder.
    :param browsers: where pages open.
    :param nursery: what servers are forked from; without it they start as a
        developer's do.
    """

    def __init__(
        self, root: Path, browsers: Browsers, nursery: Nursery | None = None
    ) -> None:
        self.root = root
        self.port = servers.free_port()
        self.pages: list[Page] = []
        self._browsers = browsers
        self._nursery = nursery
        self._contexts: dict[tuple[bool, str], BrowserContext] = {}
        self._server: Server | None = None
        self._earlier_output = ""
        self.write({"app.py": APP, "templates/index.html": INDEX, "static/main.js": ""})

    # Files.

    def path(self, name: str) -> Path:
        """Return where a file of the project is on disk."""
        return self.root / name

    def write(self, files: t.Mapping[str, str]) -> None:
        """Write files, by their path in the project. Common indentation goes, and so
        does a line break at the start. A server that runs cannot look in between,
        however long the test is held up.
        """
        is_running = self._server is not None
        with self.server.paused() if is_running else contextlib.nullcontext():
            for name, text in files.items():
                path = self.path(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(_data(text))

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return self.path(name).read_text(encoding="utf-8")

    def save(self, name: str, text: str, style: SaveStyle = "inplace") -> None:
        """Save a file as an editor does; the text is treated as in :meth:`write`.

        :param style: the way of the editor, see :mod:`.editors`.
        """
        editors.STYLES[style](self.path(name), _data(text))

    def delete(self, name: str) -> None:
        """Delete a file."""
        self.path(name).unlink()

    def rename(self, name: str, new_name: str) -> None:
        """Give a file another path in the project."""
        new_path = self.path(new_name)
        new_path.parent.mkdir(parents=True, exist_ok=True)
        self.path(name).rename(new_path)

    # The server.

    def start(
        self,
        *,
        debug: bool = True,
        app: str = "app",
        env: t.Mapping[str, str] | None = None,
        options: t.Sequence[str] = (),
        command: t.Sequence[str] | None = None,
    ) -> None:
        """Run ``flask run`` and wait until it answers. The port stays the same when
        the project is started again.

        :param debug: whether with ``--debug``, hence with the reloader.
        :param app: what ``flask --app`` gets.
        :param env: environment variables to add.
        :param options: more options of ``flask run``.
        :param command: another server to run instead; ``{port}`` stands for the port.
        """
        if self._server is not None:
            raise RuntimeError("The project runs already. Call project.stop() first.")

        # All these tests can be run over any transport: TRANSPORT=poll make test
        transport = os.environ.get("TRANSPORT")
        given = {"FLASK_HMR_TRANSPORTS": transport} if transport else {}
        self._server = Server(
            self.root,
            self.port,
            app=app,
            debug=debug,
            env={**given, **(env or {})},
            options=options,
            command=command,
            nursery=self._nursery,
        )
        self._server.wait_until_it_answers()

    def stop(
        self, number: signal.Signals = signal.SIGTERM, *, first: bool = False
    ) -> None:
        """End the server by a signal: see :meth:`.Server.stop`. Pages stay open."""
        server, self._server = self.server, None

        try:
            server.stop(number, first=first)
        finally:
            self._earlier_output += server.output

    @property
    def server(self) -> Server:
        """The server that runs."""
        if self._server is None:
            raise RuntimeError("The project does not run. Call project.start() first.")

        return self._server

    @property
    def output(self) -> str:
        """Everything that the server printed, earlier runs included."""
        return self._earlier_output + (self._server.output if self._server else "")

    @property
    def restart_count(self) -> int:
        """How often the reloader has started the app anew in this run."""
        return self.server.restart_count

    def wait_for_output(self, text: str, times: int = 1) -> None:
        """Wait until the server, in this run, has printed a text."""
        self.server.wait_for_output(text, times)

    def wait_for_restart(self, count: int = 1) -> None:
        """Wait until the reloader has started the app anew ``count`` times in this
        run, and the app answers.
        """
        self.server.wait_for_restarts(count)

    def fetch(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: t.Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a request without a browser, and return status, headers and text."""
        return servers.request(self.port, path, method=method, headers=headers)

    # Pages.

    def url(self, path: str = "") -> str:
        """Return the full URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def open(
        self,
        path: str = "/",
        *,
        user: str = "",
        back_forward_cache: bool = False,
    ) -> Page:
        """Open a path in a new tab and wait until it has loaded.

        :param user: tabs of one user share a browser profile, with cookies and cache;
            another name gets a profile of its own.
        :param back_forward_cache: see :meth:`.Browsers.get`. When a page comes back
            out of that cache, the browser repeats its console messages.
        """
        context = self._context(user, back_forward_cache)
        page = Page(context.new_page(), self.url())
        self.pages.append(page)
        page.goto(path)
        return page

    def close(self) -> None:
        """Close all pages and end the server."""
        while self._contexts:
            self._contexts.popitem()[1].close()

        if self._server is not None:
            self.stop()

    def _context(self, user: str, back_forward_cache: bool) -> BrowserContext:
        key = (back_forward_cache, user)

        if key not in self._contexts:
            browser = self._browsers.get(back_forward_cache=back_forward_cache)
            self._contexts[key] = browser.new_context()
            pages.prepare(self._contexts[key])

        return self._contexts[key]


def _data(text: str) -> bytes:
    return dedent(text).removeprefix("\n").encode()
