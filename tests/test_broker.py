"""Several processes of one app, and a real Redis server between them."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flask_hmr import HMR, broker
from flask_hmr.broker import Broker, channel_of, send_once

from .browser.support.server import free_port
from .test_blueprint import Site
from .test_exchanges import Asker
from .waiting import DEADLINE, wait_until


class Redis:
    """A Redis server, started and ended by a test."""

    def __init__(self, folder: Path) -> None:
        path = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"))
        program = shutil.which("redis-server", path=path)
        if program is None:
            pytest.fail("There is no redis-server. 'make test' installs it.")
        self._program = program
        self._folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                self._program,
                *("--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no", "--dir", str(self._folder)),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(DEADLINE)
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        return False


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def workers(tmp_path: Path, redis: Redis) -> Iterator[list[Site]]:
    """Two processes of one app, as far as they know."""
    folder = tmp_path / "app"
    config = {"SECRET_KEY": "x", "HMR_MESSAGE_QUEUE": redis.url}
    sites = [Site(folder, **config) for _ in range(2)]
    for site in sites:
        site.open("/static/main.js")
        assert site.state.broker.connected.wait(DEADLINE)
    yield sites
    for site in sites:
        site.state.close()


def events(asker: Asker) -> list[tuple[str, Any]]:
    return [
        (m["event"], m["data"])
        for m in asker.ask()["messages"]
        if m["type"] == "custom"
    ]


def wait_for_events(asker: Asker, expected: list[tuple[str, Any]]) -> None:
    found: list[tuple[str, Any]] = []

    def arrived() -> bool:
        found.extend(events(asker))
        return len(found) >= len(expected)

    wait_until(arrived)
    assert found == expected


def test_an_event_reaches_the_pages_of_all_processes(workers: list[Site]) -> None:
    one, two = map(Asker, workers)
    one.hello()
    two.hello()
    assert workers[0].hmr.send("news", {"n": 1}) == 1
    assert events(one) == [("news", {"n": 1})]
    wait_for_events(two, [("news", {"n": 1})])
    # A process does not hear itself.
    assert events(one) == []


def test_an_event_has_a_name_by_which_pages_hear_it_once(workers: list[Site]) -> None:
    one, two = map(Asker, workers)
    one.hello()
    two.hello()
    workers[0].hmr.send("news")
    (mine,) = one.ask()["messages"]
    theirs: list[Any] = []
    wait_until(lambda: theirs.extend(two.ask()["messages"]) or theirs)
    assert mine == theirs[0]
    assert len(mine["name"]) == 16


def test_an_answer_to_one_page_reaches_it_wherever_it_asks(
    workers: list[Site],
) -> None:
    clients: list[Any] = []
    workers[0].hmr.on("ask")(lambda data, client: clients.append(client))
    page, other = Asker(workers[0], "page"), Asker(workers[1], "other")
    moved = Asker(workers[1], "page")
    for asker in (page, other, moved):
        asker.hello()
    page.ask({"type": "custom", "event": "ask", "data": None})
    clients[0].send("answer", 7)
    assert events(page) == [("answer", 7)]
    wait_for_events(moved, [("answer", 7)])
    assert events(other) == []


def test_modules_that_were_invalidated_have_one_version_everywhere(
    workers: list[Site],
) -> None:
    one, two = (site.state.updates for site in workers)
    url = "/static/leaf.js"
    before = one.versions([url])
    assert before == two.versions([url])
    one.renew([url])
    after = one.versions([url])
    assert after != before
    wait_until(lambda: two.versions([url]) == after)
    main = ["/static/main.js"]
    assert one.versions(main) == two.versions(main)


def test_a_process_that_serves_no_page_can_send(
    workers: list[Site], redis: Redis
) -> None:
    asker = Asker(workers[0])
    asker.hello()
    job = Site(workers[0].folder, SECRET_KEY="x", HMR_MESSAGE_QUEUE=redis.url)
    assert job.hmr.send("done", 1) == 2
    wait_for_events(asker, [("done", 1)])
    assert job.app.extensions["hmr"] is None


def test_another_app_hears_nothing(workers: list[Site], redis: Redis) -> None:
    asker = Asker(workers[0])
    asker.hello()
    other = Site(workers[0].folder, SECRET_KEY="y", HMR_MESSAGE_QUEUE=redis.url)
    assert other.hmr.send("done", 1) == 0
    assert events(asker) == []


def test_nothing_is_sent_where_it_is_off(tmp_path: Path, redis: Redis) -> None:
    off = Site(tmp_path, HMR_ENABLED=False, HMR_MESSAGE_QUEUE=redis.url)
    assert off.hmr.send("done", 1) == 0


def test_a_broker_that_goes_away_is_told_of_once_and_comes_back(
    workers: list[Site], redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = map(Asker, workers)
    one.hello()
    two.hello()
    redis.stop()
    wait_until(lambda: not any(s.state.broker.connected.is_set() for s in workers))
    workers[0].hmr.send("while away", 1)
    # Within one process nothing is missing, and files need no broker.
    assert events(one) == [("while away", 1)]
    leaf = workers[0].folder / "static" / "leaf.js"
    leaf.write_text("export const leaf = 22;\n")
    for site in workers:
        site.state.updates.changed({str(leaf)})
    versions = [s.state.updates.versions(["/static/leaf.js"]) for s in workers]
    assert versions[0] == versions[1]

    redis.start()
    for site in workers:
        assert site.state.broker.connected.wait(DEADLINE)
    workers[0].hmr.send("back", 2)
    heard: list[tuple[str, Any]] = []
    wait_until(lambda: heard.extend(events(two)) or ("back", 2) in heard)
    # What was sent meanwhile comes too, unless it comes back sooner than the others.
    assert heard in ([("back", 2)], [("while away", 1), ("back", 2)])
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    # Of each of the two processes.
    assert len(warnings) == 2
    assert all("cannot be reached" in r.getMessage() for r in warnings)
    assert caplog.messages.count("[hmr] the message queue is back") == 2


def test_a_broker_that_was_never_there_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"redis://:secret@127.0.0.1:{free_port()}/0"
    site = Site(tmp_path, HMR_MESSAGE_QUEUE=url)
    asker = Asker(site)
    asker.hello()
    site.hmr.send("news")
    assert events(asker) == [("news", None)]
    wait_until(lambda: "cannot be reached" in caplog.text)
    assert "secret" not in caplog.text
    site.state.close()
    outside = Site(tmp_path, HMR_MESSAGE_QUEUE=url)
    assert outside.hmr.send("news") == 0
    assert "'news' reaches no page" in caplog.text
    with pytest.raises(OSError, match="cannot be reached"):
        send_once(url, "x", {})


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"tell": 1}', '{"tell": "x", "to": 1}', '{"salts": {"/a": 1}}'],
)
def test_nonsense_on_the_channel_does_no_harm(
    workers: list[Site], redis: Redis, text: str
) -> None:
    import redis as library

    client = library.Redis.from_url(redis.url)
    asker = Asker(workers[0])
    asker.hello()
    channel = channel_of(workers[0].state.access.token)
    if text.startswith('{"tell": "x"'):
        text = text.replace('"x"', '"{}"')
    client.publish(channel, text)
    client.close()
    workers[1].hmr.send("after", 1)
    found: list[Any] = []
    wait_until(lambda: found.extend(asker.ask()["messages"]) or found)
    assert ("after", 1) in [(m.get("event"), m.get("data")) for m in found] or (
        wait_for_events(asker, [("after", 1)]) is None
    )


def test_its_threads_end_with_it(redis: Redis) -> None:
    before = set(threading.enumerate())
    one = Broker(redis.url, "c", "me", print, logging.getLogger("flask_hmr"))
    one.start()
    assert one.connected.wait(DEADLINE)
    assert len(set(threading.enumerate()) - before) == 2
    one.close()
    assert set(threading.enumerate()) <= before


def test_what_waits_too_long_goes_first(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "MAX_WAITING", 3)
    heard: list[Any] = []
    log = logging.getLogger("flask_hmr")
    other = Broker(redis.url, "c", "other", heard.append, log)
    other.start()
    assert other.connected.wait(DEADLINE)
    one = Broker(redis.url, "c", "one", print, log)
    for number in range(5):
        one.send({"n": number})
    one.start()
    wait_until(lambda: len(heard) == 3)
    assert [m["n"] for m in heard] == [2, 3, 4]
    one.close()
    other.close()


def test_an_extension_of_no_app_sends_to_nobody() -> None:
    assert HMR().send("x") == 0
