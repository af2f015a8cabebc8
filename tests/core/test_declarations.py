"""What a module declares at its top, and what it exports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core.declarations import Call, calls_in, declarations


def declared(source: str) -> list[tuple[str, str]]:
    return [(one.name, one.kind) for one in declarations(source).declared]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("function App() {}", [("App", "function")]),
        ("async function* App() {}", [("App", "function")]),
        ("export function App() {}", [("App", "function")]),
        ("export default function App() {}", [("App", "function")]),
        ("export default function () {}", [("", "function")]),
        ("export default class extends A {}", [("", "class")]),
        ("class A extends B {}", [("A", "class")]),
        (
            "const App = () => {}, b = 1,\n  /* , x = 1 */ c;",
            [("App", "variable"), ("b", "variable"), ("c", "variable")],
        ),
        ("let a, b", [("a", "variable"), ("b", "variable")]),
        (
            "const a = f(1, b = 2), c = (d, e => 1);",
            [("a", "variable"), ("c", "variable")],
        ),
        ("const a = 1; f(), b = 1;", [("a", "variable")]),
        ("const a = 1\nfor (const b of c, d) {}", [("a", "variable")]),
        ("const a = `,${1}, b = 1`, c = '', d = 1", [(n, "variable") for n in "acd"]),
        ("export let x = 1; var y;", [("x", "variable"), ("y", "variable")]),
        (
            "function a() { function b() {} const c = 1; class D {} }",
            [("a", "function")],
        ),
        ("const a = function b() {};", [("a", "variable")]),
        ("const a = class B {};", [("a", "variable")]),
        ("run(function b() {}, class C {});", []),
        ("// function a() {}\n/* class B {} */ 'const c = 1'", []),
        ("`function a() {} ${function b() {}}`", []),
        ("x.function; x.class; x.const = 1", []),
        ("#!/bin/x\nfunction a() {}", [("a", "function")]),
        ("const ä$1 = 1", [("ä$1", "variable")]),
        ("if (x) { function a() {} }", []),
        ("/function a() {}/.test(x); function b() {}", [("b", "function")]),
        ("export\n/* x */\nconst a = 1", [("a", "variable")]),
        ("export default { a: 1 };", [("", "expression")]),
        ("export default a(b); const c = 1", [("", "expression"), ("c", "variable")]),
        ("const a = 1; export default a;", [("a", "variable")]),
        ("", []),
    ],
)
def test_what_is_declared_at_the_top(
    source: str, expected: list[tuple[str, str]]
) -> None:
    assert declared(source) == expected


@pytest.mark.parametrize(
    ("source", "exports", "exports_all"),
    [
        ("export function a() {}", {"a": "a"}, False),
        ("export default function a() {}", {"default": "a"}, False),
        ("export default function () {}", {"default": ""}, False),
        ("export default memo(A);", {"default": ""}, False),
        ("const A = 1; export default A;", {"default": "A"}, False),
        ("const A = 1; export default A", {"default": "A"}, False),
        ("export { a, b as c, d as default, e as 'f g' };", None, False),
        ("export { a } from './a.js';", {"a": ""}, False),
        ("export * from './a.js';", {}, True),
        ("export * as ns from './a.js';", {"ns": ""}, False),
        ("export const a = 1, b = 2;", {"a": "a", "b": "b"}, False),
        ("const a = 1, b = 2; export { b }", {"b": "b"}, False),
        ("f(`export const a = 1`); // export { b }", {}, False),
    ],
)
def test_what_is_exported(
    source: str, exports: dict[str, str] | None, exports_all: bool
) -> None:
    if exports is None:
        exports = {"a": "a", "c": "b", "default": "d", "f g": "e"}
    found = declarations(source)
    assert found.exports == exports
    assert found.exports_all is exports_all


def test_a_declaration_reaches_to_the_next_one() -> None:
    source = "const a = () => 1;\nexport { a };\nfunction b() {}\nb();\n"
    parts = [source[d.start : d.end] for d in declarations(source).declared]
    assert parts == ["const a = () => 1;\n", "function b() {}\nb();\n"]


def test_a_variable_reaches_to_the_next_one_of_its_statement() -> None:
    source = "export const a = { b: 1 }, c = { d: 2 };\n"
    parts = [source[d.start : d.end] for d in declarations(source).declared]
    assert parts == ["export const a = { b: 1 }, ", "c = { d: 2 };\n"]


def test_calls_are_found_in_code_only() -> None:
    source = (
        "function A() { const x = useState(0); /* useB() */ 'useC()'; obj.useD (1); }"
    )
    calls = calls_in(source, 0, len(source), r"use[A-Z]\w*")
    assert calls == (Call("useState", "x", ("0",)), Call("useD", "", ("1",)))


@pytest.mark.parametrize(
    ("source", "target", "arguments"),
    [
        ("const [a, b] = f()", "[a, b]", ()),
        ("let { a: [b] } /* c */ = f([1], '3, 4', )", "{ a: [b] }", ("[1]", "'3, 4'")),
        ("a=f((b, c) => d, { e, g })", "a", ("(b, c) => d", "{ e, g }")),
        ("f(g(1, 2)\n, 3)", "", ("g(1, 2)", "3")),
        ("a === f()", "", ()),
        ("() => f()", "", ()),
        ("= f(1, 2", "", ()),
    ],
)
def test_what_a_call_is_given_and_gives(
    source: str, target: str, arguments: tuple[str, ...]
) -> None:
    assert calls_in(source, 0, len(source), "f") == (Call("f", target, arguments),)


@given(st.text(alphabet="export default function class{}()=>;'`/$ \nab*,", max_size=60))
def test_any_text_can_be_read(source: str) -> None:
    for one in declarations(source).declared:
        assert 0 <= one.start < one.end <= len(source)
