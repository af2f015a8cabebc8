"""The wire format: the shape of each message, whatever it has to carry."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core import messages
from flask_hmr.core.facts import Change, Edge, Facts, Kind, Module
from flask_hmr.core.graph import ModuleGraph


def module(url: str, **more: Any) -> Module:
    values: dict[str, Any] = {
        "version": "2" * 16,
        "previous": None,
        "importers": (),
        "dynamic_importers": (),
        "imports": (),
        "missing": False,
        "accepts_self": False,
        "may_accept": False,
        "declines": False,
        "accepted_by": frozenset(),
        "names": {},
    }
    return Module(url=url, **{**values, **more})


def change(*changed: str, affected: Any = (), orphans: Any = ()) -> Change:
    return Change(
        seq=7,
        changed=changed,
        affected={m.url: m for m in affected},
        orphans={m.url: m for m in orphans},
    )


def test_ready() -> None:
    assert json.loads(messages.ready("s", 3)) == {
        "type": "ready",
        "answer": True,
        "session": "s",
        "seq": 3,
    }


def test_workers_are_named_where_there_are_any() -> None:
    told = json.loads(messages.update("s", change("/a.js"), ["/worker.js"]))
    assert told["workers"] == ["/worker.js"]
    assert "workers" not in json.loads(messages.update("s", change("/a.js")))


def test_pages_are_asked_what_becomes_of_a_change_that_may_be_taken() -> None:
    assert json.loads(messages.update("s", change(), unsure=True))["unsure"] is True
    assert "unsure" not in json.loads(messages.update("s", change()))


def test_foreign_is_no_answer_yet() -> None:
    assert json.loads(messages.foreign("s", 3)) == {
        "type": "foreign",
        "session": "s",
        "seq": 3,
        "code": None,
    }


@pytest.mark.parametrize("data", [None, 0, "", [], {"a": [1.5, None, True]}, "\ud800"])
def test_custom(data: Any) -> None:
    assert json.loads(messages.custom("cart:clear", data)) == {
        "type": "custom",
        "event": "cart:clear",
        "data": data,
    }


@pytest.mark.parametrize("data", [object(), {1, 2}, b"bytes", {"a": object()}])
def test_what_json_cannot_express_is_refused(data: Any) -> None:
    with pytest.raises(TypeError):
        messages.custom("event", data)


def test_an_update_without_anything() -> None:
    assert json.loads(messages.update("s", change())) == {
        "type": "update",
        "answer": False,
        "session": "s",
        "seq": 7,
        "changed": [],
        "modules": {},
        "orphans": {},
    }


def test_an_update_says_all_that_is_known_of_a_module() -> None:
    described = module(
        "/a.js",
        previous="1" * 16,
        importers=("/main.js",),
        dynamic_importers=("/lazy.js",),
        imports=("/b.js", "/gone.js"),
        names={"/main.js": ("x", "default")},
        missing=True,
    )
    message = json.loads(messages.update("s", change("/a.js", affected=[described])))
    assert message["changed"] == ["/a.js"]
    assert message["modules"] == {
        "/a.js": {
            "version": "2" * 16,
            "previous": "1" * 16,
            "importers": ["/main.js"],
            "dynamicImporters": ["/lazy.js"],
            "imports": ["/b.js", "/gone.js"],
            "names": {"/main.js": ["x", "default"]},
            "missing": True,
        }
    }


def test_what_says_nothing_is_left_out() -> None:
    message = json.loads(messages.update("s", change(affected=[module("/a.js")])))
    assert message["modules"]["/a.js"] == {
        "version": "2" * 16,
        "importers": [],
        "imports": [],
    }


def test_a_module_without_a_version_has_null() -> None:
    gone = module("/a.js", version=None, missing=True)
    message = json.loads(messages.update("s", change("/a.js", affected=[gone])))
    assert message["modules"]["/a.js"]["version"] is None


def test_orphans_are_described_like_modules() -> None:
    orphan = module("/old.js", imports=("/deep.js",))
    message = json.loads(messages.update("s", change(orphans=[orphan])))
    assert message["orphans"]["/old.js"] == {
        "version": "2" * 16,
        "importers": [],
        "imports": ["/deep.js"],
    }


def test_an_update_may_be_the_answer_to_one_page() -> None:
    assert json.loads(messages.update("s", change(), answer=True))["answer"] is True


def test_any_url_is_a_key_like_others() -> None:
    names = ["/__proto__", "__proto__", "constructor", "", '"', "\\", "</script>", "\n"]
    message = messages.update(
        "s", change(*names, affected=[module(n, imports=(n,)) for n in names])
    )
    modules = json.loads(message)["modules"]
    assert list(modules) == names
    assert [modules[name]["imports"] for name in names] == [[name] for name in names]


def test_messages_are_one_line_of_ascii() -> None:
    message = messages.update("s", change("/ü€.js", affected=[module("/ü€.js")]))
    assert message.isascii()
    assert message.isprintable()
    assert json.loads(message)["changed"] == ["/ü€.js"]


def test_a_message_of_the_graph_holds_urls_and_versions_and_no_code() -> None:
    graph = ModuleGraph()
    secret = b"export const password = 'hunter2';"
    paths = ("/home/me/project/a.js",)
    main = Facts(Kind.FILE, b"import './a.js'", b"1", (Edge("/a.js"),))
    graph.record({"/main.js": main, "/a.js": Facts(Kind.FILE, secret, paths=paths)})
    changed = Facts(Kind.FILE, secret + b"//", paths=paths)
    message = messages.update("s", graph.apply({"/a.js": changed}))
    assert "hunter2" not in message
    assert "import" not in message.replace('"importers"', "").replace('"imports"', "")
    assert "/home" not in message
    assert json.loads(message)["modules"]["/a.js"]["importers"] == ["/main.js"]


TEXT = st.text(max_size=8)
URLS = st.lists(TEXT, max_size=3).map(tuple)


@given(
    st.dictionaries(
        TEXT,
        st.fixed_dictionaries(
            {
                "version": st.none() | TEXT,
                "previous": st.none() | TEXT,
                "importers": URLS,
                "dynamic_importers": URLS,
                "imports": URLS,
                "names": st.dictionaries(TEXT, URLS, max_size=2),
                "missing": st.booleans(),
            }
        ),
        max_size=4,
    )
)
def test_updates_survive_the_way(modules: dict[str, dict[str, Any]]) -> None:
    affected = [module(url, **values) for url, values in modules.items()]
    message = messages.update("s", change(*modules, affected=affected))
    received = json.loads(message)
    assert received["changed"] == list(modules)
    assert list(received["modules"]) == list(modules)
    for url, values in modules.items():
        got = received["modules"][url]
        assert got["version"] == values["version"]
        assert got.get("previous") == values["previous"]
        assert tuple(got["importers"]) == values["importers"]
        assert tuple(got.get("dynamicImporters", ())) == values["dynamic_importers"]
        assert tuple(got["imports"]) == values["imports"]
        names = {u: tuple(used) for u, used in got.get("names", {}).items()}
        assert names == values["names"]
        assert got.get("missing", False) is values["missing"]
