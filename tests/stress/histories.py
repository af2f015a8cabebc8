"""Histories of files and pages at random: in the end every page knows what is on disk.

Hypothesis makes up what people and programs do to files, and how pages come, go, sleep
and come back by whatever transport. Whenever all is at rest, each page that listens
holds the versions of what is on disk, as a module graph computes them that has just
been made; it was told nothing twice; and it has heard every event of the app once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from werkzeug.serving import make_server

from flask_hmr import HMR
from flask_hmr.core.graph import ModuleGraph
from flask_hmr.core.versions import HALF
from flask_hmr.files import Files
from flask_hmr.updates import Updates
from tests.waiting import wait_until

from .crowd import Crowd
from .files import STYLES
from .listeners import KINDS, Listener, Message, SocketListener, StreamListener

Row = tuple[str, str, str, bool]

MAIN = "main.js"
NAMES = ["a.js", "b.js", "c.js", "lib/d.js", "lib/e.js", "lib/deep/f.js", "new/d.js"]
FOLDERS = ["lib", "lib/deep", "new"]
URLS = [f"/static/{name}" for name in (MAIN, *NAMES)]
MOST_PAGES = 8

names = st.sampled_from(NAMES)
styles = st.sampled_from(STYLES)


class Served:
    """An app over a folder, by a real server in this process: one session."""

    def __init__(self, root: Path) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.app = Flask("histories", root_path=str(root))
        self.app.config.update(HMR_ENABLED=True, HMR_LOG="warning", SECRET_KEY="x")
        self.hmr = HMR(self.app)
        self._asker = self.app.test_client()
        self._asker.get("/_hmr/linked.js")
        self.state = self.app.extensions["hmr"]
        self._server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.01])
        self._thread.start()
        self.crowd = Crowd(self.port, self.state.access.token)
        self._handed_over: set[str] = set()
        self._watcher = self.state.watch()
        on_batch = self._watcher._on_batch

        def handed_over(batch: frozenset[str]) -> None:
            on_batch(batch)
            self._handed_over |= batch

        self._watcher._on_batch = handed_over
        self._watcher.ready.wait()

    def session(self) -> Message:
        """Return what a document and the session's endpoint say."""
        updates = self.state.updates
        return {
            "session": updates.session,
            "seq": updates.graph.seq,
            "token": self.state.access.token,
        }

    def mark(self) -> int:
        """Return the number of the last message in the feed."""
        mark: int = self.state.pages.feed.mark()
        return mark

    def ask(self, body: Message) -> Message:
        """Post a question, as a page does."""
        headers = {
            "Origin": "http://localhost",
            "HMR-Token": self.state.access.token,
        }
        response = self._asker.post("/_hmr/exchange", json=body, headers=headers)
        assert response.status_code == 200, response.text
        answer: Message = response.get_json()
        return answer

    def get(self, url: str) -> str:
        """Return the text of a module."""
        response = self._asker.get(url, buffered=True)
        assert response.status_code == 200, (url, response.status)
        return response.text

    def versions(self) -> dict[str, str | None]:
        """Return the versions of all modules, as the server knows them."""
        found: dict[str, str | None] = self.state.updates.versions(URLS)
        return found

    def fresh(self) -> tuple[dict[str, str | None], Updates]:
        """Return the versions of all modules by a graph that was just made."""
        state = self.state
        graph = ModuleGraph(state.updates.graph._versioning._seed)
        files = Files(state.roots.allows)
        updates = Updates(graph, state.roots, files, state.pages, state.log)
        return updates.versions(URLS), updates

    def is_at_rest(self, fence: Path) -> bool:
        """Tell whether all was handed over that happened before a file was written."""
        watcher = self._watcher
        return (
            str(fence) in self._handed_over
            and not len(watcher._settling)
            and not watcher._handling
            and not watcher._gap
        )

    def drop(self, name: str) -> None:
        """Let go of a page's socket or stream."""
        pages = self.state.pages
        for page in pages.snapshot():
            if page.info["agent"] == name:
                page.cut()
        stream = pages.feed._streams.get(name)
        if stream is not None:
            pages.feed.left(stream)

    def stop(self) -> None:
        """End the server."""
        self.state.close()
        self.crowd.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Histories(RuleBasedStateMachine):
    """The actions, and what has to be true whenever all is at rest."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="hmr-histories-")
        self.root = Path(self._folder.name).resolve()
        self.static = self.root / "static"
        self.static.mkdir()
        self._number = 0
        self._texts: dict[str, str] = {}
        self._pages: list[Listener] = []
        self.save_main(STYLES[0])
        for name in NAMES[:-1]:
            self._write(name, self._text([], accepts=name == "a.js"))
        self._served: Served | None = Served(self.root)

    @property
    def served(self) -> Served:
        assert self._served is not None
        return self._served

    @property
    def is_up(self) -> bool:
        return self._served is not None

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _text(self, imports: t.Iterable[str], *, accepts: bool) -> str:
        lines = [f'import "/static/{name}";' for name in imports]
        if accepts:
            lines.append("import.meta.hot?.accept();")
        return "\n".join([*lines, f"export const x = {self._next()};\n"])

    def _write(
        self, name: str, text: str, style: t.Callable[[Path, bytes], None] | None = None
    ) -> None:
        path = self.static / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._texts[name] = text
        if style is None or not path.exists():
            path.write_text(text)
        else:
            style(path, text.encode())

    # Files

    @rule(
        saved=st.lists(names, min_size=1, max_size=len(NAMES), unique=True),
        imports=st.lists(names, max_size=3, unique=True),
        accepts=st.booleans(),
        style=styles,
    )
    def save(
        self,
        saved: list[str],
        imports: list[str],
        accepts: bool,
        style: t.Callable[[Path, bytes], None],
    ) -> None:
        for name in saved:
            others = [other for other in imports if other != name]
            self._write(name, self._text(others, accepts=accepts), style)

    @rule(style=styles)
    def save_main(self, style: t.Callable[[Path, bytes], None]) -> None:
        self._write(MAIN, self._text(NAMES, accepts=True), style)

    @rule(name=names, count=st.integers(1, 3))
    def append(self, name: str, count: int) -> None:
        path = self.static / name
        if path.is_file():
            for _ in range(count):
                with path.open("a") as file:
                    file.write(f"// {self._next()}\n")

    @rule(name=names)
    def touch(self, name: str) -> None:
        path = self.static / name
        if path.is_file():
            os.utime(path)

    @rule(name=names)
    def save_the_same(self, name: str) -> None:
        path = self.static / name
        if path.is_file():
            path.write_bytes(path.read_bytes())

    @rule(name=names)
    def delete(self, name: str) -> None:
        (self.static / name).unlink(missing_ok=True)

    @rule(name=names)
    def restore(self, name: str) -> None:
        if name in self._texts:
            self._write(name, self._texts[name])
            os.utime(self.static / name, (1_000_000_000, 1_000_000_000))

    @rule(one=names, other=names)
    def rename(self, one: str, other: str) -> None:
        path, new = self.static / one, self.static / other
        if path.is_file() and one != other:
            new.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, new)

    @rule(folder=st.sampled_from(FOLDERS))
    def delete_folder(self, folder: str) -> None:
        shutil.rmtree(self.static / folder, ignore_errors=True)

    @rule(folder=st.sampled_from(["lib", "new"]))
    def rename_folder(self, folder: str) -> None:
        new = {"lib": "new", "new": "lib"}[folder]
        path, other = self.static / folder, self.static / new
        if path.is_dir():
            shutil.rmtree(other, ignore_errors=True)
            os.replace(path, other)

    @rule(folder=st.sampled_from(FOLDERS))
    def new_folder(self, folder: str) -> None:
        path = self.static / folder
        path.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            if os.path.dirname(name) == folder and not (self.static / name).exists():
                self._write(name, self._text([], accepts=False))

    # Pages

    @initialize()
    def first(self) -> None:
        for kind in KINDS:
            self.load(kind)
            self._pages[-1].come()

    def _some(self, index: int, *, awake: bool) -> Listener | None:
        found = [page for page in self._pages if page.is_connected is awake]
        return found[index % len(found)] if found else None

    @precondition(lambda self: self.is_up and len(self._pages) < MOST_PAGES)
    @rule(kind=st.sampled_from([*KINDS]))
    def load(self, kind: str) -> None:
        """A document is loaded, whose connection is still to be made."""
        self._pages.append(KINDS[kind](self.served, f"page{self._next()}"))

    @precondition(lambda self: self.is_up)
    @rule(index=st.integers(0, MOST_PAGES), how=st.sampled_from(["mark", "held"]))
    def wake(self, index: int, how: str) -> None:
        page = self._some(index, awake=False)
        if page is not None:
            if how == "held":
                page.forget()
            page.come()

    @rule(index=st.integers(0, MOST_PAGES))
    def sleep(self, index: int) -> None:
        page = self._some(index, awake=True)
        if page is not None:
            page.go()

    @precondition(lambda self: len(self._pages) > 1)
    @rule(index=st.integers(0, MOST_PAGES))
    def leave(self, index: int) -> None:
        page = self._pages.pop(index % len(self._pages))
        page.go()

    @precondition(lambda self: self.is_up)
    @rule(index=st.integers(0, MOST_PAGES))
    def drop(self, index: int) -> None:
        """The server lets go of a socket or a stream."""
        page = self._some(index, awake=True)
        if isinstance(page, SocketListener):
            page.drop()
        elif isinstance(page, StreamListener):
            self.served.drop(page.name)

    @precondition(lambda self: self.is_up)
    @rule(index=st.integers(0, MOST_PAGES))
    def look(self, index: int) -> None:
        page = self._some(index, awake=True)
        if page is not None:
            page.sync()

    @precondition(lambda self: self.is_up)
    @rule()
    def send(self) -> None:
        number = self._next()
        for page in self._pages:
            page.expect(number)
        self.served.hmr.send("news", number)

    @precondition(lambda self: self.is_up)
    @rule()
    def stop(self) -> None:
        for page in self._pages:
            page.go()
        self.served.stop()
        self._served = None

    @precondition(lambda self: not self.is_up)
    @rule()
    def start(self) -> None:
        self._served = Served(self.root)
        for page in self._pages:
            page.server = self._served
        for page in self._pages:
            page.come()

    # What has to be true

    @precondition(lambda self: self.is_up)
    @rule()
    def rest(self) -> None:
        """All that has happened has been told: is it what is on disk?"""
        served = self.served
        fence = self.static / f"fence{self._next()}.txt"
        fence.write_text("at rest")
        wait_until(lambda: served.is_at_rest(fence))
        now = served.versions()
        self._check_versions(now)
        self._check_texts(now)
        for page in self._pages:
            if page.is_connected:
                page.sync()
                wrong = {u: v for u, v in page.held.items() if now[u] != v}
                assert not wrong, f"{page} holds {wrong}, and now is {now}"
                assert page.held.keys() >= {f"/static/{MAIN}"}
                assert page.events == page.expected, page

    def _check_versions(self, now: dict[str, str | None]) -> None:
        served = self.served
        fresh, updates = served.fresh()
        graph = served.state.updates.graph
        for url in URLS:
            known, found = graph.facts(url), updates.graph.facts(url)
            assert known == found, f"{url}: known is {known}, on disk is {found}"
            name = url.removeprefix("/static/")
            assert (now[url] is not None) == (self.static / name).is_file()
        # Salts keep versions from coming back; no file shows them.
        size = HALF if graph.salts(URLS) else None
        assert {u: v and v[:size] for u, v in now.items()} == {
            u: v and v[:size] for u, v in fresh.items()
        }

    def _check_texts(self, now: dict[str, str | None]) -> None:
        """What is served is what is on disk, and names the versions of its imports."""
        for url, version in now.items():
            if version is None:
                continue
            text = self.served.get(f"{url}?m={version}")
            disk = (self.root / url[1:]).read_text()
            assert disk.splitlines()[-1] in text, url
            for name in re.findall(r'^import "(.*?)"', disk, re.M):
                suffix = f"?m={now[name]}" if now[name] else ""
                assert f'import "{name}{suffix}"' in text, (url, text)

    def teardown(self) -> None:
        try:
            # What has failed already is not to be hidden by what follows from it.
            if sys.exc_info()[0] is None:
                if not self.is_up:
                    self.start()
                for page in self._pages:
                    if not page.is_connected:
                        page.come()
                self.rest()
        finally:
            for page in self._pages:
                with contextlib.suppress(Exception):
                    page.go()
            if self._served is not None:
                self._served.stop()
            self._folder.cleanup()


def play(count: int, steps: int = 50) -> None:
    """Play histories.

    :param count: how many.
    :param steps: the most that happens in one.
    :raises AssertionError: one of them went wrong; the shortest like it is printed.
    """
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Histories,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=[*HealthCheck],
        ),
    )


def thousand_histories(count: int | None = None) -> list[Row]:
    """1,000 histories of 50 steps: do pages and disk differ at the end of one?"""
    count = count or int(os.environ.get("HMR_HISTORIES", "1000"))
    begin = time.monotonic()
    found = "none differs"
    try:
        play(count)
    except Exception as error:
        found = f"{type(error).__name__}: {error}"
        print(found)
        for note in getattr(error, "__notes__", ()):
            print(note)
    taken = time.monotonic() - begin
    what = f"{count:,} histories of files and pages, 50 steps each, in {taken:.0f} s"
    met = found == "none differs"
    return [(what, "none differs" if met else "one differs", "none differs", met)]
