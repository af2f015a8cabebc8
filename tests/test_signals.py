"""Signals: when they are sent, with what, and what a failing receiver does."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from blinker import NamedSignal

import flask_hmr
from flask_hmr import (
    file_changed,
    message_received,
    page_connected,
    page_disconnected,
    update_sent,
)
from flask_hmr.feed import FORGET_AFTER
from flask_hmr.page import Client
from flask_hmr.presence import Presence

from .test_blueprint import Site
from .test_exchanges import Asker
from .waiting import wait_until

EVERY = (
    file_changed,
    update_sent,
    page_connected,
    page_disconnected,
    message_received,
)


class Heard(list[tuple[str, Any, dict[str, Any]]]):
    """All signals, in their order: short name, sender, arguments."""

    def of(self, signal: NamedSignal) -> list[dict[str, Any]]:
        name = signal.name
        return [arguments for found, _, arguments in list(self) if found == name]


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    with ExitStack() as stack:
        for signal in EVERY:

            def receive(sender: Any, *, _name: str = signal.name, **rest: Any) -> None:
                heard.append((_name, sender, rest))

            stack.enter_context(signal.connected_to(receive))
        yield heard


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.state.close()


def test_a_page_comes_says_something_and_goes(site: Site, heard: Heard) -> None:
    asker = Asker(site)
    asker.hello()
    asker.ask({"type": "custom", "event": "cart:open", "data": {"n": 1}})
    site.state.close()

    (came,), (went,) = heard.of(page_connected), heard.of(page_disconnected)
    (said,) = heard.of(message_received)
    assert isinstance(came["client"], Client)
    assert went == came
    assert said == {"event": "cart:open", "data": {"n": 1}, **came}
    assert {type(sender) for _, sender, _ in heard} == {type(site.app)}
    assert all(sender is site.app for _, sender, _ in heard)


def test_a_saved_file_is_told_of_and_then_the_update(site: Site, heard: Heard) -> None:
    asker = Asker(site)
    asker.hello()
    path = site.folder / "static" / "signal.js"
    path.write_text("import.meta.hot.accept();")
    site.state.updates.versions(["/static/signal.js"])
    site.state.watch()
    path.write_text("import.meta.hot.accept(); 1")

    wait_until(lambda: heard.of(update_sent))

    names = [name for name, _, _ in heard]
    assert names.index(file_changed.name) < names.index(update_sent.name)
    assert str(path) in heard.of(file_changed)[0]["paths"]
    assert heard.of(update_sent)[0] == {
        "kind": "modules",
        "changed": ("/static/signal.js",),
        "pages": 1,
    }


def test_no_lock_is_held_meanwhile(site: Site) -> None:
    Asker(site).hello()
    free = []

    def receive(sender: Any, **rest: Any) -> None:
        order = site.state.updates._order
        free.append(order.acquire(timeout=5))
        order.release()
        site.state.updates.versions(["/static/other.js"])

    path = site.folder / "static" / "lock.js"
    path.write_text("1")
    site.state.updates.versions(["/static/lock.js"])
    with update_sent.connected_to(receive):
        site.state.updates.renew(["/static/lock.js"])
    assert free == [True]


def test_a_failing_receiver_is_logged_and_breaks_nothing(
    site: Site, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(sender: Any, **rest: Any) -> None:
        raise LookupError("not here")

    with caplog.at_level(logging.ERROR), page_connected.connected_to(fail):
        answer = Asker(site).hello()

    assert [message["type"] for message in answer["messages"]] == ["ready"]
    assert heard.of(page_connected)
    assert "receiver of the signal 'hmr-page-connected' failed" in caplog.text
    assert "LookupError: not here" in caplog.text


def test_receivers_of_another_app_hear_nothing(site: Site) -> None:
    heard = []

    def receive(sender: Any, **rest: Any) -> None:
        heard.append(rest)

    with page_connected.connected_to(receive, sender=object()):
        Asker(site).hello()
    assert heard == []


def test_a_page_that_asks_no_more_has_gone() -> None:
    now = 0.0
    log: list[object] = []
    presence = Presence(
        lambda name: Client(lambda message: name),
        lambda client: log.append(("came", client)),
        lambda client: log.append(("went", client)),
        lambda: now,
    )
    one = presence.saw("one")
    now = FORGET_AFTER / 2
    two = presence.saw("two")
    assert presence.saw("one") is one
    now = FORGET_AFTER * 1.4
    presence.look()
    assert log == [("came", one), ("came", two)]
    now = FORGET_AFTER * 1.5
    presence.look()
    assert log[2:] == [("went", two), ("went", one)]
    assert len(presence) == 0


def test_no_more_pages_are_kept_than_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flask_hmr.presence.MAX_READERS", 10)
    gone: list[Client] = []
    presence = Presence(
        lambda name: Client(lambda message: name), lambda client: None, gone.append
    )
    clients = [presence.saw(str(number)) for number in range(15)]
    assert len(presence) == 10
    assert gone == clients[:5]


def test_signals_are_loaded_for_those_who_ask_for_them() -> None:
    script = """
        import sys
        import flask_hmr
        assert "flask_hmr.signals" not in sys.modules
        flask_hmr.file_changed
        assert "flask_hmr.signals" in sys.modules
    """
    root = Path(__file__).parent.parent
    subprocess.run([sys.executable, "-c", dedent(script)], check=True, cwd=root)
    assert {signal.name for signal in EVERY} == {
        f"hmr-{name.replace('_', '-')}" for name in flask_hmr._SIGNALS
    }
    assert set(flask_hmr._SIGNALS) < set(flask_hmr.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = flask_hmr.no_such_name
