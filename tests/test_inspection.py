"""What inspectors are told, and that nobody pays for it who has none."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from flask_hmr import inspection as inspections
from flask_hmr.inspection import MAX_OUTCOMES, MAX_UPDATES, Inspection
from flask_hmr.inspector import MAX_SHOWN

from .test_blueprint import Site
from .test_exchanges import Asker


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Told:
    """An inspection, with what pages and one inspector are told."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pages: list[Any] = []
        self.inspector: list[Any] = []
        self.inspection = Inspection(
            lambda text: self.pages.append(json.loads(text)), self.clock
        )

    def open(self, name: str = "i", stamp: object = None) -> dict[str, Any]:
        return self.inspection.inspect(
            name, lambda text: self.inspector.append(json.loads(text)), stamp
        )

    def note(self, *changed: str, about: str = "modules", **more: Any) -> None:
        self.inspection.note(about, changed, pages=1, **more)

    @property
    def updates(self) -> list[Any]:
        updates: list[Any] = self.open(stamp=None)["updates"]
        return updates


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.state.close()


# Changes


def test_changes_are_kept_before_an_inspector_is_opened(told: Told) -> None:
    told.note("/a.js", seconds=0.0021, seq=1, boundaries=("/b.js",))
    (update,) = told.updates
    assert update["changed"] == ["/a.js"]
    assert update["worked"] == 2.1
    assert update["boundaries"] == ["/b.js"]
    assert not told.pages


def test_no_more_changes_and_names_are_kept_than_the_limit(told: Told) -> None:
    for number in range(MAX_UPDATES + 5):
        told.note(*(f"/{number}/{i}.js" for i in range(200)))
    assert len(told.updates) == MAX_UPDATES
    assert len(told.updates[0]["changed"]) == inspections.MAX_NAMES
    assert told.updates[0]["count"] == 200
    assert told.updates[0]["id"] == 6


def test_the_time_from_the_file_to_the_message_is_kept(told: Told) -> None:
    with told.inspection.batch(told.clock.now):
        told.clock.now += 0.25
        told.note("/a.js")
    told.note("/b.js")
    assert [one["waited"] for one in told.updates] == [250.0, None]


def test_an_outcome_belongs_to_the_change_with_its_number(told: Told) -> None:
    told.note("/a.js", seq=1)
    told.note("/b.js", seq=2)
    told.inspection.outcome({"kind": "applied", "about": "modules", "seq": 1, "ms": 3})
    first, second = told.updates
    assert [one["kind"] for one in first["outcomes"]] == ["applied"]
    assert not second["outcomes"]


def test_a_reload_belongs_to_a_template_that_changed_last(told: Told) -> None:
    told.note("/a.js", seq=1)
    told.note("index.html", about="templates")
    told.inspection.outcome({"kind": "reload", "seq": 1, "reason": "why"})
    first, second = told.updates
    assert not first["outcomes"]
    assert second["outcomes"][0]["reason"] == "why"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"kind": "other", "seq": 1},
        {"kind": ["applied"], "seq": 1},
        {"kind": "applied", "about": "modules", "seq": 9},
        {"kind": "applied", "about": "templates", "seq": 1},
    ],
)
def test_what_is_no_outcome_is_passed_over(told: Told, message: dict[str, Any]) -> None:
    told.note("/a.js", seq=1)
    told.inspection.outcome(message)
    assert not told.updates[0]["outcomes"]


def test_no_more_outcomes_are_kept_than_the_limit(told: Told) -> None:
    told.note("/a.js", seq=1)
    for _ in range(MAX_OUTCOMES + 5):
        told.inspection.outcome({"kind": "applied", "seq": 1, "reason": "x" * 10_000})
    outcomes = told.updates[0]["outcomes"]
    assert len(outcomes) == MAX_OUTCOMES
    assert len(outcomes[0]["reason"]) == inspections.MAX_TEXT


# Inspectors


def test_an_inspector_is_told_of_changes_until_it_asks_no_more(told: Told) -> None:
    told.open()
    told.note("/a.js")
    told.clock.now += inspections.LEASE - 1
    told.open()
    told.clock.now += inspections.LEASE - 1
    told.note("/b.js")
    assert [m["updates"][0]["changed"] for m in told.inspector] == [
        ["/a.js"],
        ["/b.js"],
    ]
    told.clock.now += 2
    told.note("/c.js")
    assert len(told.inspector) == 2
    assert not told.inspection.is_open


def test_it_is_not_told_again_what_it_knows(told: Told) -> None:
    told.note("/a.js")
    stamp = told.open()["stamp"]
    assert "updates" not in told.open(stamp=stamp)
    told.note("/b.js")
    assert len(told.open(stamp=stamp)["updates"]) == 2


def test_there_are_no_more_inspectors_than_the_limit(told: Told) -> None:
    for number in range(inspections.MAX_INSPECTORS + 5):
        told.open(f"i{number}")
    told.note("/a.js")
    assert len(told.inspector) == inspections.MAX_INSPECTORS


def test_one_that_left_is_told_nothing(told: Told) -> None:
    told.open()
    told.inspection.left("i", None)
    told.note("/a.js")
    assert not told.inspector


# Pages


def test_what_a_page_holds_is_handed_on_and_not_kept(told: Told) -> None:
    said = {"page": "p", "url": "/", "modules": [["/a.js", ["v"]]], "done": True}
    assert told.inspection.instances(said, "agent") == "p"
    told.open()
    told.inspection.instances(said, "agent")
    told.inspection.left(None, "p")
    page, gone = told.inspector
    assert page["page"]["modules"] == [["/a.js", ["v"]]]
    assert page["page"]["agent"] == "agent"
    assert gone["gone"] == "p"


@pytest.mark.parametrize("name", [None, "", 1, "x" * 65, ["p"]])
def test_a_page_without_a_name_is_passed_over(told: Told, name: object) -> None:
    told.open()
    assert told.inspection.instances({"page": name, "modules": []}, "") is None
    assert not told.inspector


@pytest.mark.parametrize(
    "modules", ["x", [1], [[]], [["/a.js"]], [["/a.js", 1, 2]], {"a": 1}]
)
def test_modules_of_another_form_are_left_out(told: Told, modules: object) -> None:
    told.open()
    told.inspection.instances({"page": "p", "modules": modules}, "")
    assert told.inspector[0]["page"]["modules"] == []


# In an app


def inspect(asker: Asker, **fields: object) -> dict[str, Any]:
    messages = asker.ask({"type": "inspect", "name": "i", **fields})["messages"]
    (answer,) = [m for m in messages if "stamp" in m]
    return answer


def test_the_graph_is_told_once_for_each_state(site: Site) -> None:
    site.state.updates.versions(["/static/main.js"])
    asker = Asker(site)
    asker.hello(inspector=True)
    answer = inspect(asker)
    leaf = answer["modules"]["/static/leaf.js"]
    assert leaf["kind"] == "file"
    assert answer["modules"]["/static/main.js"]["imports"] == {"/static/leaf.js": ""}
    assert (
        leaf["version"] == site.state.updates.versions(["/static/leaf.js"]).popitem()[1]
    )
    assert "modules" not in inspect(asker, revision=answer["revision"])
    site.write("leaf.js", "import.meta.hot.accept();")
    site.state.updates.changed([str(site.folder / "static/leaf.js")])
    again = inspect(asker, revision=answer["revision"])
    assert again["modules"]["/static/leaf.js"]["acceptsSelf"] is True


def test_pages_are_asked_only_if_an_inspector_wants_it(site: Site) -> None:
    page, asker = Asker(site), Asker(site, "inspector")
    page.hello()
    asker.hello(inspector=True)
    assert not page.ask()["messages"]
    inspect(asker)
    assert not page.ask()["messages"]
    inspect(asker, pages="again")
    assert page.ask()["messages"] == [{"type": "inspect", "anew": False}]
    # One that comes later is asked when it comes.
    other = Asker(site, "other")
    assert {"type": "inspect", "anew": True} in other.hello()["messages"]


def test_an_inspector_is_no_page_that_is_told(site: Site) -> None:
    page, asker = Asker(site), Asker(site, "inspector")
    page.hello()
    asker.hello(inspector=True)
    inspect(asker)
    asker.ask()
    assert site.hmr.send("x") == 1


def test_the_file_and_what_is_sent_are_the_first_and_the_last_stage(site: Site) -> None:
    site.write("main.js", "import './leaf.js';\nimport.meta.hot.accept();\n")
    site.state.updates.versions(["/static/main.js"])
    stages = site.state.modules.stages("/static/main.js")
    assert [name for name, _ in stages] == ["file", "sent"]
    assert stages[0][1] == "import './leaf.js';\nimport.meta.hot.accept();\n"
    version = site.state.updates.versions(["/static/main.js"])["/static/main.js"]
    assert site.open(f"/static/main.js?m={version}").text == stages[1][1]


def test_each_plugin_that_changes_a_module_is_a_stage(site: Site) -> None:
    @site.hmr.transform("*/leaf.js")
    def double(source: str, module: object) -> str:
        return source.replace("1", "2")

    @site.hmr.transform("*/leaf.js")
    def nothing(source: str, module: object) -> None:
        return None

    site.state.updates.versions(["/static/leaf.js"])
    stages = site.state.modules.stages("/static/leaf.js")
    assert [text for _, text in stages[:2]] == [
        "export const leaf = 1;\n",
        "export const leaf = 2;\n",
    ]
    assert len(stages) == 3
    assert "double" in stages[1][0]


def source(site: Site, key: str, token: str | None = None) -> TestResponse:
    token = site.state.access.token if token is None else token
    return site.get(f"inspector/source?url={quote(key)}", HMR_Token=token)


@pytest.mark.parametrize(
    "key", ["/static/none.js", "/nowhere", "", "/static/", "//evil/x.js", "/../app.py"]
)
def test_where_there_is_no_source_there_are_no_stages(site: Site, key: str) -> None:
    response = source(site, key)
    assert response.status_code == 200
    assert response.get_json() == {"stages": []}


def test_source_is_for_those_who_have_the_token(site: Site) -> None:
    site.state.updates.versions(["/static/leaf.js"])
    stages = source(site, "/static/leaf.js").get_json()["stages"]
    assert stages[0]["text"] == "export const leaf = 1;\n"
    for token in ("", "x", site.state.access.token[:-1]):
        response = source(site, "/static/leaf.js", token)
        assert response.status_code == 403
        assert "leaf" not in response.text


def test_a_long_text_is_cut(site: Site) -> None:
    site.write("leaf.js", "x" * (MAX_SHOWN + 1))
    site.state.updates.versions(["/static/leaf.js"])
    stage = source(site, "/static/leaf.js").get_json()["stages"][0]
    assert len(stage["text"]) == MAX_SHOWN
    assert stage["cut"] is True


def test_the_page_has_a_policy_and_nothing_of_the_runtime_is_put_in(site: Site) -> None:
    response = site.get("inspector")
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert "data-hmr" not in response.text
    assert not site.state.responses.saw_policy
    for name in ("inspector.js", "inspector.css", "icon.svg"):
        assert f'"client/{site.digest}/inspector/{name}"' in response.text
        assert site.get(f"client/{site.digest}/inspector/{name}").status_code == 200


def test_the_terminal_says_once_where_it_is(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "flask_hmr")
    Asker(site, "i").hello(inspector=True)
    assert "inspector" not in caplog.text
    for name in "abc":
        Asker(site, name).hello()
    assert caplog.text.count("[hmr] inspector http://localhost/_hmr/inspector") == 1


def test_the_terminal_does_not_say_it_again_after_a_restart(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "flask_hmr")
    Asker(site).ask({"type": "hello", "session": "the one before", "seq": 3})
    Asker(site, "other").hello()
    assert "inspector" not in caplog.text


def test_a_page_that_reloads_says_why_without_an_inspector(site: Site) -> None:
    site.state.inspection.note("modules", ["/static/leaf.js"], pages=1, seq=1)
    asker = Asker(site)
    asker.hello()
    report = {"type": "report", "text": "reload x", "reason": "x", "seq": 1, "url": "/"}
    asker.ask(report)
    (update,) = inspect(asker)["updates"]
    assert [one["kind"] for one in update["outcomes"]] == ["reload"]
    assert update["outcomes"][0]["url"] == "/"


def test_without_debug_mode_there_is_no_inspector(tmp_path: Path) -> None:
    site = Site(tmp_path, HMR_ENABLED=False)
    assert site.get("inspector").status_code == 404
