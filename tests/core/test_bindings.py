"""Which exports an import uses."""

from __future__ import annotations

import pytest

from flask_hmr.core.bindings import imported_names
from flask_hmr.core.lexer import scan


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import './a.js'", ()),
        ("import {} from './a.js'", ()),
        ("import d from './a.js'", ("default",)),
        ("import d, { a } from './a.js'", ("a", "default")),
        ("import { a, b as c } from './a.js'", ("a", "b")),
        ("import{a,b as c,}from'./a.js'", ("a", "b")),
        ("import { default as d } from './a.js'", ("default",)),
        ("import { from } from './a.js'", ("from",)),
        ("import from from './a.js'", ("default",)),
        ("import { /* x, */ a // y\n } from './a.js'", ("a",)),
        ("import * as all from './a.js'", None),
        ("import d, * as all from './a.js'", None),
        ("import/* c */ './a.js'", ()),
        ("import { as } from './a.js'", ("as",)),
        ("import { as as as, b } from './a.js'", ("as", "b")),
        ("import source d from './a.js'", ("default",)),
        ("import d, { 'a' as b, 'default' as c } from './a.js'", ("a", "default")),
        ("import{'a'as r}from'./a.js'", ("a",)),
        ("import { 'a b' as c } from './a.js'", ("a b",)),
        ("import { \"a, b } from\" as c, d } from './a.js'", ("a, b } from", "d")),
        ("import { '// a' as b, '/* c */*' as d } from './a.js'", ("// a", "/* c */*")),
        ("import { 'a\\'\\x62\\u{1f600}' as c } from './a.js'", ("a'b\U0001f600",)),
        ("import { '\\ud83d\\ude00' as a } from './a.js'", ("\U0001f600",)),
        ("import { '\\ud83d' as a } from './a.js'", None),
        ("import { '\\u{110000}' as a } from './a.js'", None),
        ("import { '\\u12' as a } from './a.js'", None),
        ("import { '' as a } from './a.js'", ("",)),
        ("import { \\u0061 as k } from './a.js'", ("a",)),
        ("import { \\u{61}b\\u0063, d } from './a.js'", ("abc", "d")),
        ("import { \\u0061, a as b } from './a.js'", ("a",)),
        ("import { d\\u0065fault as a } from './a.js'", ("default",)),
        ("import \\u0061 from './a.js'", ("default",)),
        ("import { a\\x62 as c } from './a.js'", None),
        ("import { a\\ as c } from './a.js'", None),
        ("import { \\u{110000} as a } from './a.js'", None),
        ("import { é, $ as _ } from './a.js'", ("é", "$")),
        ("export { 'a' as 'b' } from './a.js'", ("a",)),
        ("export { 'a', b as 'c', \\u0064 as default } from './a.js'", ("a", "b", "d")),
        ("export { '*' } from './a.js'", ("*",)),
        ("export { a, b as c } from './a.js'", ("a", "b")),
        ("export * from './a.js'", None),
        ("export * as all from './a.js'", None),
        ("import('./a.js')", None),
    ],
)
def test_the_names_that_an_import_uses(
    source: str, names: tuple[str, ...] | None
) -> None:
    (item,) = scan(source).imports
    assert imported_names(source, item) == names
