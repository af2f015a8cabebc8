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
        ("import { 'a b' as c } from './a.js'", None),
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
