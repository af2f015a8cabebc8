"""Modules that stand for others."""

from __future__ import annotations

from flask_hmr.core.forwarding import following, forwarding, renamed

TARGET = "/a.js?m=0123456789abcdef"


def follow(source: str, *, has_default: bool = False) -> str:
    return following(TARGET, "/a.js", source, "/client.js", has_default=has_default)


def test_one_instance() -> None:
    assert forwarding(TARGET, has_default=False) == f'export*from"{TARGET}";'
    assert forwarding(TARGET, has_default=True) == (
        f'export*from"{TARGET}";export{{default}}from"{TARGET}";'
    )


def test_the_newest_instance() -> None:
    text = follow("export let a = 1;\nexport default a;", has_default=True)
    assert text == (
        f'import{{forward}}from"/client.js";import*as first from"{TARGET}";'
        'let $0,$1;const set=(m)=>{$0=m["a"];$1=m["default"];};set(first);'
        'forward("/a.js",set);export{$0 as a,$1 as default};'
        f'export*from"{TARGET}";'
    )


def test_a_name_that_is_none_of_javascripts() -> None:
    text = follow("const a = 1;\nexport { a as 'b,c' };")
    assert 'set=(m)=>{$0=m["b,c"];};' in text
    assert 'export{$0 as "b,c"};' in text


def test_what_names_no_exports_is_that_of_one_instance() -> None:
    for source in ("", "export * from './b.js';"):
        assert follow(source) == forwarding(TARGET, has_default=False)


def test_an_instance_that_was_asked_for_by_another_version() -> None:
    assert renamed("/a.js", "old", "new", "/client.js") == (
        'import{rename}from"/client.js";rename("/a.js","old","new");'
    )
