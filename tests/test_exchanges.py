"""Questions of pages that have no socket, by HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from flask_hmr import exchanges
from flask_hmr.core import messages

from .test_blueprint import Site

ORIGIN = "http://localhost"


class Asker:
    """A page that polls."""

    def __init__(self, site: Site, name: str = "page") -> None:
        self.site = site
        self.name = name
        self.marks: dict[str, Any] = {}

    def post(
        self, body: object, token: str | None = None, **headers: str
    ) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = self.site.app.test_client()
        given = {
            "Origin": ORIGIN,
            "HMR-Token": self.site.state.access.token if token is None else token,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        return client.post("/_hmr/exchange", data=data, headers=given)

    def ask(self, *messages: dict[str, Any]) -> dict[str, Any]:
        """Ask, remember the mark, and return the answer."""
        body = {"page": self.name, "marks": self.marks, "messages": messages}
        response = self.post(body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.get_json()
        if "at" in answer:
            self.marks[answer["session"]] = answer["at"]
        return answer

    def hello(self, **fields: object) -> dict[str, Any]:
        session = self.site.state.updates.session
        seq = self.site.state.updates.graph.seq
        return self.ask({"type": "hello", "session": session, "seq": seq, **fields})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.state.close()


@pytest.fixture
def asker(site: Site) -> Asker:
    return Asker(site)


def kinds(answer: dict[str, Any]) -> list[str]:
    return [message["type"] for message in answer["messages"]]


def test_a_page_says_hello_and_is_told_what_comes(site: Site, asker: Asker) -> None:
    assert kinds(asker.hello()) == ["ready"]
    assert asker.ask()["messages"] == []
    assert site.hmr.send("news", {"n": 1}) == 1
    assert asker.ask()["messages"] == [
        {"type": "custom", "event": "news", "data": {"n": 1}}
    ]
    assert asker.ask()["messages"] == []


def test_a_page_is_told_of_updates(site: Site, asker: Asker) -> None:
    site.open("/static/main.js")
    asker.hello()
    leaf = site.folder / "static" / "leaf.js"
    leaf.write_text("export const leaf = 2;\n")
    site.state.updates.changed({str(leaf)})
    (update,) = asker.ask()["messages"]
    assert update["changed"] == ["/static/leaf.js"]


def test_a_process_that_does_not_know_a_page_says_so_and_does_nothing(
    site: Site, asker: Asker
) -> None:
    heard = []
    site.hmr.on("event")(lambda data, client: heard.append(data))
    event = {"type": "custom", "event": "event", "data": 1}
    assert asker.ask(event) == {
        "session": site.state.updates.session,
        "unknown": True,
        "code": None,
        "messages": [],
    }
    asker.marks = {"another": 3}
    assert asker.ask(event)["unknown"]
    assert heard == []
    asker.hello()
    asker.ask(event, event)
    assert heard == [1, 1]


def test_a_handler_answers_the_page_that_asked(site: Site, asker: Asker) -> None:
    clients = []

    @site.hmr.on("ask")
    def ask(data: Any, client: Any) -> None:
        clients.append(client)
        assert client.send("answer", data + 1)

    other = Asker(site, "other")
    asker.hello()
    other.hello()
    answer = asker.ask({"type": "custom", "event": "ask", "data": 1})
    assert answer["messages"] == [{"type": "custom", "event": "answer", "data": 2}]
    # And later, from anywhere.
    clients[0].send("late")
    assert other.ask()["messages"] == []
    assert asker.ask()["messages"] == [
        {"type": "custom", "event": "late", "data": None}
    ]


def test_what_a_question_causes_comes_before_its_answer(
    site: Site, asker: Asker
) -> None:
    site.open("/static/main.js")
    asker.hello()
    answer = asker.ask({"type": "renew", "urls": ["/static/main.js"], "id": 7})
    assert kinds(answer) == ["update", "renewed"]


def test_a_page_of_another_process_says_what_it_holds(site: Site, asker: Asker) -> None:
    site.open("/static/main.js")
    answer = asker.ask({"type": "hello", "session": "another", "seq": 1})
    assert kinds(answer) == ["foreign"]
    held = {"/static/main.js": "0" * 16}
    answer = asker.ask({"type": "held", "held": held, "done": True})
    assert kinds(answer) == ["update"]
    introduced = Asker(site, "introduced").ask(
        {"type": "hello", "follows": True},
        {"type": "held", "held": held, "done": True},
    )
    assert kinds(introduced) == ["update"]


def test_a_page_that_asks_too_late_is_not_known_any_more(
    site: Site, asker: Asker
) -> None:
    asker.hello()
    for number in range(1100):
        site.hmr.send("n", number)
    assert asker.ask()["unknown"]


def test_a_handler_that_fails_takes_nothing_from_the_others(
    site: Site, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.hello()
    monkeypatch.setattr(site.state, "report", lambda message: 1 / 0)
    answer = asker.ask({"type": "report"}, {"type": "renew", "urls": [], "id": 1})
    assert kinds(answer) == ["renewed"]


# Among several processes


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Site]]:
    sites = [Site(tmp_path, SECRET_KEY="x") for _ in range(2)]
    for site in sites:
        site.state.updates.code = "code"
        assert site.state.pages.feed.mark() == 0
        site.open("/static/main.js")
    yield sites
    for site in sites:
        site.state.close()


def test_several_processes_agree_on_token_and_versions(workers: list[Site]) -> None:
    one, two = workers
    assert one.state.access.token == two.state.access.token
    assert one.state.updates.session != two.state.updates.session
    main = ["/static/main.js"]
    assert one.state.updates.versions(main) == two.state.updates.versions(main)


def test_an_update_that_another_process_may_have_told_is_left_out(
    workers: list[Site],
) -> None:
    (site, _), asker = workers, Asker(workers[0])
    asker.hello()
    leaf = site.folder / "static" / "leaf.js"
    leaf.write_text("export const leaf = 22;\n")
    site.state.updates.changed({str(leaf)})
    site.hmr.send("news")
    answer = asker.ask()
    assert kinds(answer) == ["custom"]
    assert answer["stale"]
    assert answer["code"] == "code"
    # The page then says what it holds, and gets what differs.
    held = {"/static/leaf.js": "0" * 16}
    answer = asker.ask(
        {"type": "hello", "follows": True},
        {"type": "held", "held": held, "done": True},
    )
    assert kinds(answer) == ["update"]
    assert "stale" not in asker.ask()


def test_what_no_event_told_of_is_found_when_a_page_says_what_it_holds(
    workers: list[Site],
) -> None:
    site, asker = workers[0], Asker(workers[0])
    before = site.state.updates.versions(["/static/leaf.js"])
    # As if the watcher were late.
    site.state.updates.changed = lambda paths: None
    leaf = site.folder / "static" / "leaf.js"
    leaf.write_text("export const leaf = 333;\n")
    del site.state.updates.changed
    answer = asker.ask(
        {"type": "hello", "follows": True},
        {"type": "held", "held": before, "done": True},
    )
    assert kinds(answer) == ["update"]


def test_a_page_that_has_not_said_what_it_holds_gets_no_mark(
    workers: list[Site],
) -> None:
    asker = Asker(workers[0])
    answer = asker.ask({"type": "hello", "session": "another", "seq": 0})
    assert answer["at"] is None
    assert answer["messages"][0]["code"] == "code"


def test_events_that_were_told_by_another_process_are_made_up_for(
    workers: list[Site],
) -> None:
    asker = Asker(workers[1])
    named = {"type": "custom", "event": "news", "data": 1, "name": "x"}
    workers[1].state.pages.broadcast(messages.custom("news", 1, "x"))
    workers[1].state.pages.broadcast(messages.custom("unnamed", 2))
    introduction = {"type": "hello", "follows": True}
    assert asker.ask({**introduction, "away": 3.5})["messages"] == [named]
    # Whoever has just been loaded has missed nothing.
    for away in (None, -1, 1e9, "x", [1]):
        assert asker.ask({**introduction, "away": away})["messages"] == []


# Bad input


BAD = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[1]",
    "a number that is none": b'{"page":"a","marks":{},"messages":[],"x":NaN}',
    "deep": b"[" * 100_000,
    "no UTF-8": b'{"page":"\xff"}',
    "no page": {"marks": {}, "messages": []},
    "an empty page": {"page": "", "marks": {}, "messages": []},
    "a long page": {"page": "x" * 65, "marks": {}, "messages": []},
    "a page that is a number": {"page": 1, "marks": {}, "messages": []},
    "marks that are a list": {"page": "a", "marks": [], "messages": []},
    "no messages": {"page": "a", "marks": {}},
    "messages that are an object": {"page": "a", "marks": {}, "messages": {}},
    "a message that is a text": {"page": "a", "marks": {}, "messages": ["x"]},
    "a message without type": {"page": "a", "marks": {}, "messages": [{}]},
    "a type that is a number": {"page": "a", "marks": {}, "messages": [{"type": 1}]},
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_question_is_refused(asker: Asker, name: str) -> None:
    response = asker.post(BAD[name])
    assert response.status_code == 400
    assert response.headers["Cache-Control"] == "no-store"


def test_a_question_that_is_too_long_is_refused(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_hmr.blueprint.MAX_LENGTH", 100)
    assert asker.post(b"x" * 101).status_code == 413
    assert asker.post(b"x" * 100).status_code == 400


def test_no_more_messages_are_taken_than_there_may_be(
    site: Site, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "MAX_MESSAGES", 3)
    asker.hello()
    renewals = [{"type": "renew", "urls": [], "id": n} for n in range(5)]
    assert len(asker.ask(*renewals)["messages"]) == 3


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000])
def test_without_the_token_nothing_is_answered(asker: Asker, token: str) -> None:
    body = {"page": "a", "marks": {}, "messages": [{"type": "hello"}]}
    assert asker.post(body, token=token).status_code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1"]
)
def test_another_origin_is_refused_with_the_right_token(
    asker: Asker, origin: str
) -> None:
    body = {"page": "a", "marks": {}, "messages": [{"type": "hello"}]}
    response = asker.post(body, Origin=origin)
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


# Streams


def stream(site: Site, **query: str) -> TestResponse:
    token = query.pop("token", site.state.access.token)
    client = site.app.test_client()
    return client.get("/_hmr/stream", query_string={"token": token, **query})


def test_a_stream_is_handed_on_as_it_comes(site: Site) -> None:
    response = stream(site, browser="x")
    assert response.status_code == 200
    assert response.mimetype == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-store, no-transform"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    response.close()


def test_a_stream_too_many_is_refused(site: Site) -> None:
    first = stream(site, browser="x")
    assert stream(site, browser="y").status_code == 503
    assert stream(site, browser="x").status_code == 200
    first.close()


@pytest.mark.parametrize("token", ["", "x"])
def test_a_stream_needs_the_token(site: Site, token: str) -> None:
    assert stream(site, token=token).status_code == 403
