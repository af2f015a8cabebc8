"""What specifiers mean under the origins and import maps of an app's pages."""

from __future__ import annotations

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
