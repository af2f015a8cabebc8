"""What specifiers mean under the origins and import maps of an app's pages."""

from __future__ import annotations

import json

import pytest

from flask_hmr import meanings as module
from flask_hmr.core.importmap import ImportMap
from flask_hmr.meanings import Meanings

HERE = "http://127.0.0.1:5000"


def test_a_full_url_of_the_app_is_a_module_of_the_app():
    meanings = Meanings()
    assert meanings.of(f"{HERE}/static/a.js", "/") == {None}
    assert meanings.add_origin(HERE)
    find = meanings.resolver("/static/main.js")
    assert find(f"{HERE}/static/a.js") == "/static/a.js"
    assert find("//127.0.0.1:5000/static/a.js") == "/static/a.js"
    assert find("http://127.0.0.1:5001/static/a.js") is None
    assert find("https://127.0.0.1:5000/static/a.js") is None
    assert find("bare") is None


def test_each_origin_counts_and_is_news_once():
    meanings = Meanings()
    other = "http://localhost:5000"
    assert [meanings.add_origin(o) for o in (HERE, HERE, other)] == [True, False, True]
    assert meanings.of(f"{HERE}/a.js", "/") == meanings.of(f"{other}/a.js", "/")


def test_no_more_origins_than_a_limit_are_kept_in_mind(monkeypatch):
    monkeypatch.setattr(module, "MAX_ORIGINS", 1)
    meanings = Meanings()
    meanings.add_origin(HERE)
    assert not meanings.add_origin("http://localhost")
    assert meanings.of("http://localhost/a.js", "/") == {None}


def test_a_map_with_a_full_url_means_the_same_as_one_with_a_path():
    meanings = Meanings()
    full = f'{{"imports": {{"a": "{HERE}/a.js"}}}}'
    assert meanings.add([ImportMap.parse(full, "/", HERE)])
    assert not meanings.add([ImportMap.parse('{"imports": {"a": "/a.js"}}', "/")])
    assert meanings.of("a", "/") == {"/a.js"}


def bare(**imports: str) -> list[ImportMap]:
    return [ImportMap.parse(json.dumps({"imports": imports}), "/")]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_map_that_no_page_has_any_longer_gives_way_to_one_that_contradicts_it():
    meanings = Meanings()
    first, second = object(), object()
    assert meanings.add(bare(lib="/a.js"), first)
    assert meanings.add(bare(lib="/b.js"), second)
    assert meanings.of("lib", "/") == {"/a.js", "/b.js"}
    assert meanings.left(first)
    assert meanings.of("lib", "/") == {"/b.js"}
    # The last one stays, for the next page may be the same.
    assert not meanings.left(second)
    assert meanings.of("lib", "/") == {"/b.js"}
    assert not meanings.left(second)


def test_a_map_that_contradicts_none_is_kept():
    meanings = Meanings()
    first, second = object(), object()
    meanings.add(bare(lib="/a.js"), first)
    meanings.add(bare(other="/b.js"), second)
    assert not meanings.left(first)
    assert meanings.of("lib", "/") == {"/a.js"}


def test_a_page_that_comes_back_brings_its_map_again():
    meanings = Meanings()
    page, other = object(), object()
    meanings.add(bare(lib="/a.js"), page)
    meanings.add(bare(lib="/b.js"), other)
    meanings.left(page)
    assert meanings.add(bare(lib="/a.js"), page)
    assert meanings.of("lib", "/") == {"/a.js", "/b.js"}
    assert not meanings.add(bare(lib="/a.js"), page)


def test_a_map_counts_for_a_while_after_its_document_was_sent():
    clock = Clock()
    meanings = Meanings(clock=clock)
    meanings.add(bare(lib="/a.js"))
    clock.now = module.UNCLAIMED / 2
    meanings.add(bare(lib="/b.js"), "page")
    assert meanings.of("lib", "/") == {"/a.js", "/b.js"}
    clock.now = module.UNCLAIMED
    assert meanings.add(bare(lib="/b.js"), "page")
    assert meanings.of("lib", "/") == {"/b.js"}


def test_nothing_is_forgotten_where_other_processes_have_pages():
    meanings = Meanings()
    meanings.forgets = False
    meanings.add(bare(lib="/a.js"), "page")
    meanings.add(bare(lib="/b.js"), "other")
    assert not meanings.left("page")
    assert meanings.of("lib", "/") == {"/a.js", "/b.js"}


def test_no_more_maps_than_a_limit_are_kept_in_mind(monkeypatch):
    monkeypatch.setattr(module, "MAX_MAPS", 1)
    meanings = Meanings()
    meanings.add(bare(lib="/a.js"))
    assert not meanings.add(bare(other="/b.js"))
    assert meanings.of("other", "/") == {None}


@pytest.mark.parametrize(
    ("mine", "theirs", "contradict"),
    [
        ({"lib": "/a.js"}, {"lib": "/a.js"}, False),
        ({"lib": "/a.js"}, {"lib": "/b.js"}, True),
        ({"lib": "/a.js"}, {"lib": "https://x.example/"}, True),
        ({"lib": "/a.js"}, {}, False),
        ({"/dep.js": "/a.js"}, {}, True),
        ({"./dep.js": "/a.js"}, {"/dep.js": "/a.js"}, False),
        ({"lib/": "/a/"}, {"other": "/b.js"}, False),
        ({"lib/": "/a/"}, {"lib/x.js": "/b.js"}, True),
    ],
)
def test_which_maps_contradict_each_other(mine, theirs, contradict):
    (one,), (other,) = bare(**mine), bare(**theirs)
    assert one.contradicts(other) is contradict
    assert other.contradicts(one) is contradict


def test_maps_with_different_scopes_contradict_each_other():
    text = '{"scopes": {"/x/": {"lib": "/a.js"}}}'
    scoped, plain = ImportMap.parse(text, "/"), ImportMap.parse("{}", "/")
    assert scoped.contradicts(plain)
    assert not scoped.contradicts(scoped)


def test_a_document_has_its_own_meanings():
    meanings = Meanings()
    (own,) = bare(lib="/a.js", **{"/dep.js": "/b.js"})
    meanings.add(bare(lib="/other.js"))
    find = meanings.within(own, "/page")
    assert [find(s) for s in ("lib", "./dep.js", "./x.js", "none")] == [
        "/a.js",
        "/b.js",
        "/x.js",
        None,
    ]
    assert meanings.within(None, "/")("./dep.js") == "/dep.js"
