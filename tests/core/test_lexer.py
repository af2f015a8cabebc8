"""What the lexer reads from single programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flask_hmr.core.lexer import ImportKind, Scan, scan
from flask_hmr.core.outline import Outline

CASES = json.loads(Path(__file__).with_name("lexer_cases.json").read_text("utf-8"))


def specifiers(source: str) -> list[str | None]:
    return [found.specifier for found in scan(source).imports]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_table_of_cases_holds(case: dict[str, Any]) -> None:
    result = scan(case["source"])
    imports = [
        {
            "specifier": found.specifier,
            "kind": found.kind.value,
            "start": found.start,
            "end": found.end,
        }
        for found in result.imports
        if found.specifier is not None
    ]
    assert imports == case["imports"]
    assert result.uses_hot == case["hot"]
    accepts = "self" if result.accepts_self else list(result.accepts_deps) or None
    assert accepts == case["accepts"]
    assert result.errors == ()


# The specifiers of each program; None is a computed one.
IMPORTS: list[tuple[str, list[str | None]]] = [
    ("", []),
    ("import './a'", ["./a"]),
    ("import ''", [""]),
    ("import './a b%20c'", ["./a b%20c"]),
    ("import 'a'import'b'", ["a", "b"]),
    ("import'a';import\n'b'", ["a", "b"]),
    ("import x,* as y from 'a'", ["a"]),
    ("import x,{y}from'a'", ["a"]),
    ("import {} from 'a'", ["a"]),
    ("import {default as x,} from 'a'", ["a"]),
    ("import * as from from 'a'", ["a"]),
    ("import source from 'a'", ["a"]),
    ("import defer from 'a'", ["a"]),
    ("import source from from 'a'", ["a"]),
    ("import source, {b} from 'a'", ["a"]),
    ("import {import as x} from 'a'", ["a"]),
    ("import $ from 'a'; import _ from 'b'; import é from 'c'", ["a", "b", "c"]),
    ("import {\n  a, // one\n  b, /* two */\n} from 'a'", ["a"]),
    ('import {"}" as x} from "a"', ["a"]),
    ("import x from 'it\\'s'", ["it's"]),
    ("import x from './\\x61\\u{62}\\\nc'", ["./abc"]),
    ("import x from '\\ud83d\\ude00'", ["\U0001f600"]),
    ("export {} from 'a'", ["a"]),
    ("export {default} from 'a'", ["a"]),
    ("export {import} from 'a'", ["a"]),
    ("export * as default from 'a'", ["a"]),
    ("export {a}\nfrom\n'a'", ["a"]),
    ("export {a} /* from 'b' */; 'a'", []),
    ("import {\\u0061 as b} from 'a'; import \\u{62}c from 'b'", ["a", "b"]),
    ("export {\\u{61}b as \\u{63}\\u{64}} from 'a'", ["a"]),
    ("export const from = 'a'", []),
    ("export {a}; import 'b'", ["b"]),
    ("import('a')", ["a"]),
    ("import('a',)", ["a"]),
    ("import\n(\n'a'\n)", ["a"]),
    ("import(`a\\`b`)", ["a`b"]),
    ("import(`a\r\nb`)", ["a\nb"]),
    ("import(x)", [None]),
    ("import(x + '.js')", [None]),
    ("import('a'.concat(b))", [None]),
    ("import(a ? 'b' : 'c')", [None]),
    ("import(`a${b}`)", [None]),
    ("import(import('a'))", [None, "a"]),
    ("import.source('a'); import.defer(x)", ["a", None]),
    ("import . defer /**/ ( 'a' )", ["a"]),
    ("await import('a'); void import('b')", ["a", "b"]),
    ("x = y ? import('a') : import('b')", ["a", "b"]),
    ("x = { ...import('a') }", ["a"]),
    ("f(... /* c */ import('a'))", ["a"]),
    ("x = { a: import(b) }", [None]),
    ("if (a) { import(b) }", [None]),
    ("{ import(b)\n}", [None]),
    ("() => { a(); import(b) }", [None]),
    ("switch (a) { case 1: { import(b) } }", [None]),
    ("x = { import(a) {}, async import(b) {}, *import(c) {} }", []),
    ("x = { get import() {}, set import(a) {} }", []),
    ("class A { import(a) {} }", []),
    ("class A { b = 1; import(a) {} }", []),
    ("class A extends B { static async *import(a) {} }", []),
    ("class A { import = 1; 'a' }", []),
    ("class A { import; 'a' }", []),
    ("class A { a = import(b) }", [None]),
    ("class A { m() { import(b) } }", [None]),
    ("class A { static { import(b) } }", [None]),
    ("a?.import('b'); a.#import('b')", []),
    ("a. // c\n import('b')", []),
    ("$import('a'); import_('a'); éimport('a')", []),
    ("a = 'import(\"b\")'", []),
    ("a = 'it\\'s import(\"b\")'", []),
    ("a = 'one \\\n import(\"b\")'", []),
    ("a = '\\\\'; import('b')", ["b"]),
    ("/* import 'a' **/ import 'b'", ["b"]),
    ("/**/import 'b'", ["b"]),
    ("/*/ import 'a' /*/ import 'b'", ["b"]),
    ("// import 'a'\u2029import 'b'", ["b"]),
    ("// import 'a'\rimport 'b'", ["b"]),
    ("`import('a')`", []),
    ("`${import('a')}`", ["a"]),
    ("`$${import('a')}`", ["a"]),
    ("`\\${import('a')}`", []),
    ("`${'`'}${import('a')}`; import('b')", ["a", "b"]),
    ("`${{a: `}`, b: {}}}`; import('b')", ["b"]),
    ("`${a}` / import('b') / 1", ["b"]),
    ("`${`${`${import('a')}`}`} import('b')`", ["a"]),
    ("x = `${a}import('b')${c}`", []),
]

# Whether a slash divides, in all its places; the quote gives mistakes away.
SLASHES: list[tuple[str, list[str | None]]] = [
    (f"{before}/'/.b; import('a')", ["a"])
    for before in [
        "",
        "x = ",
        "x ? ",
        "x =>",
        "x && ",
        "!",
        "[",
        "f(",
        "x = a + ",
        "x = a +",
        "return ",
        "return\n",
        "typeof ",
        "x = a in ",
        "x = a instanceof ",
        "case ",
        "throw ",
        "void ",
        "await ",
        "yield ",
        "export default ",
        "do ",
        "if (a) b; else ",
        "if (a) ",
        "if (a(b) / 2) ",
        "if ((a)) ",
        "if (a)\n",
        "if /* c */ (a) ",
        "if (')') ",
        "if (/[)/]/.test(a)) ",
        "while (a(b)) ",
        "for (;;) ",
        "for (a of ",
        "for (const a of ",
        "for await (a of b()) ",
        "// c\n",
        "/* c */ ",
        "x = // c )\n",
        "{}",
        "{ a }\n",
        "if (a) {} ",
        "if (a) {} else {}\n",
        "function f() {}\n",
        "async function* f() {}\n",
        "class A {}\n",
        "class A extends B {}\n",
        "export default class {}\n",
        "export default function () {}\n",
        "x = () => {}\n",
        "try {} catch {}\n",
        "try {} finally {}\n",
        "a: {}\n",
        "switch (a) { case 1: {} ",
        "switch (a) { default: {} ",
        "`${",
        "...",
        "if (a) break\n",
        "if (a) continue // c\n",
        "if (a) continue /* c\n */ ",
        "break a\n",
        "break\ta // c\r",
        "continue $a_1\n",
        "continue /* c */ a\n",
        "break a /* c */\n",
        "{ break a\u2028",
        "debugger\n",
        "x = a / ",
        "x = a /\n",
        "x = /a/ / ",
        "x = a / --",
        "/a/\n{}",
        "/a/\nfunction f() {}",
        "a++\nfunction f() {}",
        "export {}\n",
        "export { a as b } // c\n",
        "export { a, b as import, c as export } /* c\n */",
        "++",
        ";++",
        "; -- ",
        "x = ++",
        "x = a + ++",
        "x = a - --",
        "x = a+++",
        "x = a---",
        "x = a++ +",
        "f(--",
        "return ++",
        "typeof --",
        "if (a) ++",
        "if ((a)) --",
        "if (')') ++",
        "{} ++",
        "a\n++",
        "a /* c\n */ ++",
        "a // c\n--",
        "f(a)\n++",
        "f(')')\n++",
        "x = {}\n++",
        "if (a) break\n++",
        "`${{}}${",
        "`${function () {} / 2}${",
    ]
]
SLASHES += [
    (f"x = {before} / 2 + '/'; import('a')", ["a"])
    for before in [
        "a",
        "a1",
        "a_",
        "$",
        "é",
        "1",
        "1.",
        ".5",
        "'b'",
        "`b`",
        "`${b}`",
        "a[0]",
        "a++",
        "a--",
        "(a)",
        "(a / 2)",
        "f(a, (b))",
        "f(')')",
        "f(a)\n",
        "f(a) /* c */",
        "a // if (\n",
        "a // if\n",
        "a.if(b)",
        "a?.while(b)",
        "a.return",
        "a. typeof",
        "a.#if(b)",
        "a.#return",
        "returned",
        "preturn",
        "of",
        "{}",
        "{ a: 1 }",
        "{ a: { b: 1 } }",
        "f({ a: {} }.a)",
        "[{ a: {} }]",
        "function () {}",
        "async function* a() {}",
        "class {}",
        "class A extends B {}",
        "y ? {} : {}",
        "/b/",
        "/b/\n",
        "/b/ / /c/",
        "b / {}",
        "b / function () {}",
        "{} / class {}",
        "/b/g",
        "/[/]/g",
        "/[\\]/]/",
        "this",
        "super.x",
        "new.target",
        "import.meta",
        "await (a)",
        "a\n",
        "'b'\n",
        '"b" // c\n',
        "from\n",
        "a.from\n",
        "a.break\n",
        "a?.continue\n",
        "a. debugger\n",
        "a.#break\n",
        "break_\n",
        "(a, breaks)\n",
        "'break' + a\n",
        "b /* break */ + a\n",
        "b /* break */ /* c */ .a\n",
        "/* break */ a\n",
        "a /* c */ ++",
        "a ++",
        "a[0]--",
        "a['b']++",
        "a.return++",
        "(a)--",
        "(a /* ) */)++",
        "f(')').a++",
        "(')')++",
        "`${a}` + a++",
        "a++ + b--",
    ]
]
# The same for what opens a substitution.
SLASHES += [
    (f"x = `${{{before} / 2 + '/'}}`; import('a')", ["a"])
    for before in [
        "a",
        "{}",
        "function () {}",
        "function a() {}",
        "async function* () {}",
        "class {}",
        "class A extends B {}",
        "/* c */ class {}",
        "a}${function () {}",
    ]
]
# Declarations that end with a string, before a statement.
SLASHES += [
    (f"{declaration}{end}/'/.b; import('a')", ["e", "a"])
    for declaration in [
        "import 'e'",
        'import "e"',
        "import'e'",
        "import /* c */ 'e'",
        "import\n'e'",
        "import x from 'e'",
        'import x from "e"',
        "import x from /* c */ 'e'",
        "import from from 'e'",
        "import * as x from 'e'",
        "import x, * as y from 'e'",
        "import {} from 'e'",
        "import{a}from'e'",
        "import x, { a as b } from 'e'",
        "import { 'a' as b } from 'e'",
        "import defer * as x from 'e'",
        "import source x from 'e'",
        "export * from 'e'",
        "export*from'e'",
        "export * as x from 'e'",
        "export * as 'x' from 'e'",
        "export {} from 'e'",
        "export { default } from 'e'",
        "export { default as from } /* c */ from // c\n 'e'",
        "import 'e' with { type: 'json' }",
        "import x from 'e' with {type:'json'}",
        "import x from 'e'\nwith { 'type': \"json\" }",
        "export * from 'e' with { type: 'json' }",
        "export {} from 'e' with {}",
    ]
    for end in ["\n", ";", " // c\n", " /* c\n */ "]
]
# Other strings before a slash.
SLASHES += [
    (f"{before} / 2 + '/'; import('a')", expected)
    for before, expected in [
        ("'use strict'\n", ["a"]),
        ("export default 'e'\n", ["a"]),
        ("export const x = 'e'\n", ["a"]),
        ("import('e')\n", ["e", "a"]),
        ("x = a.from\n'e'\n", ["a"]),
        ("import 'e'\n'f'\n", ["e", "a"]),
        ("import x from 'e'\n+ 'f'\n", ["e", "a"]),
        ("// from\n'e'\n", ["a"]),
        ("x = ['import', 'e'][0]\n", ["a"]),
    ]
]


@pytest.mark.parametrize(("source", "expected"), IMPORTS + SLASHES)
def test_imports_are_found_in_code_alone(
    source: str, expected: list[str | None]
) -> None:
    assert specifiers(source) == expected


@pytest.mark.parametrize("source", [source for source, _ in SLASHES])
def test_an_outline_takes_each_slash_for_what_it_is(source: str) -> None:
    outline = Outline(source)
    outline.advance(len(source))
    assert outline.in_code(source.rindex("import("))


def test_what_slashes_do_not_hide_is_certain() -> None:
    source = "import './e'\n/`/.test('')\nimport.meta.hot?.accept()"
    assert scan(source).accepts_self
    source = "x = `${function(){} /(import.meta.hot.accept(),2)/ 1}`"
    assert scan(source).mentions_accept


def test_a_division_does_not_hide_what_follows_it() -> None:
    assert specifiers("x = a / import('b') / c") == ["b"]


def test_every_offset_points_into_the_source() -> None:
    source = "const s = '😀'; import a from './a'; import(`./b`); import(c)"
    static, literal, computed = scan(source).imports
    assert source[static.start : static.end] == "'./a'"
    assert source[static.keyword :].startswith("import a")
    assert static.argument == -1
    assert source[literal.start : literal.end] == "`./b`"
    assert source[literal.keyword : literal.argument] == "import("
    assert source[computed.keyword : computed.argument] == "import("
    assert (computed.start, computed.end) == (computed.argument, computed.argument)


def test_a_computed_import_starts_just_after_its_parenthesis() -> None:
    (found,) = scan("import /* a */ ( /* b */ c )").imports
    assert (found.keyword, found.argument, found.start) == (0, 16, 16)


@pytest.mark.parametrize("phase", ["source", "defer"])
def test_a_phase_import_has_no_argument_to_rewrite(phase: str) -> None:
    literal, computed = scan(f"import.{phase}('a'); import.{phase}(b)").imports
    assert literal.kind is computed.kind is ImportKind.DYNAMIC
    assert literal.specifier == "a"
    assert literal.argument == computed.argument == -1


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a from 'a'", None),
        ("import a from 'a' with { type: 'css' }", "css"),
        ("import a from 'a'with{type:'css'}", "css"),
        ('import a from "a" /* c */ with { "type": "json", }', "json"),
        ("import a from 'a' with { a: 'b', type: 'css' }", "css"),
        ("import a from 'a' with { a: 'type' }", None),
        ("import a from 'a' assert { type: 'json' }", "json"),
        ("import 'a' with { type: `css` }", "css"),
        ("export * from 'a' with { type: 'json' }", "json"),
        ("export { default } from 'a' with { type: 'json' }", "json"),
        ("import('a', { with: { type: 'css' } })", "css"),
        ("import('a', { assert: { type: 'css' } })", "css"),
        ("import('a', {with:{type:'css'}})", "css"),
        ("import('a', { with: { type: b } })", None),
        ("import('a', options)", None),
        ("import('a')", None),
        ("import 'a'; with_({ type: 'css' })", None),
    ],
)
def test_the_type_is_read_where_it_is_literal(
    source: str, expected: str | None
) -> None:
    assert scan(source).imports[0].type == expected


# uses_hot, uses_url
META: list[tuple[str, bool, bool]] = [
    ("", False, False),
    ("import.meta.hot", True, False),
    ("import.meta.dispose(f)", True, False),
    ("import.meta.url", False, True),
    ("import.meta.env.hot", False, False),
    ("import.meta.hot; import.meta.url", True, True),
    ("import\n.\nmeta\n.\nhot", True, False),
    ("import.meta?.hot", True, False),
    ("import.meta /* c */ ?. /* c */ url", False, True),
    ("import.meta['hot']", True, False),
    ('import.meta["url"]', False, True),
    ("import.meta[`dispose`]", True, False),
    ("import.meta?.['hot']", True, False),
    ("import.meta['env']", False, False),
    ("import.meta['h' + 'ot']", True, True),
    ("import.meta[x]", True, True),
    ("import.meta.h\\u006ft", True, True),
    ("const { hot } = import.meta", True, False),
    ("const { hot: h, env } = import.meta", True, False),
    ("const { url } = import.meta", False, True),
    ("const { env: url } = import.meta", False, False),
    ("const { dispose } = import.meta", True, False),
    ("const { ...all } = import.meta", True, True),
    ("const { [x]: y } = import.meta", True, True),
    ("const { hot = 1 } = import.meta", True, True),
    ("const meta = import.meta", True, True),
    ("f(import.meta)", True, True),
    ("`${import.meta.hot}`", True, False),
    ("`import.meta.hot`", False, False),
    ("'import.meta.hot'", False, False),
    ("/import.meta.hot/", False, False),
    ("// import.meta.hot", False, False),
    ("a.import.meta.hot", False, False),
    ("import.metal.hot", False, False),
    ("import.meta.hotel", False, False),
    ("import.meta.hot_", False, False),
    ("import(import.meta.url)", False, True),
]


@pytest.mark.parametrize(("source", "hot", "url"), META)
def test_what_is_read_from_import_meta(source: str, hot: bool, url: bool) -> None:
    result = scan(source)
    assert (result.uses_hot, result.uses_url) == (hot, url)


HOT = "import.meta.hot"
CERTAIN: list[tuple[str, bool, tuple[str, ...]]] = [
    (f"{HOT}.accept()", True, ()),
    (f"{HOT}.accept( /* c */ )", True, ()),
    (f"{HOT}.accept(() => {{}})", True, ()),
    (f"{HOT}.accept((a, b) => f(a, b))", True, ()),
    (f"{HOT}.accept(a => [a, 1])", True, ()),
    (f"{HOT}.accept(async a => {{}},)", True, ()),
    (f"{HOT}.accept(async ({{ a }}) => {{}})", True, ()),
    (f"{HOT}.accept(function (a) {{ f(a, 1) }})", True, ()),
    (f"{HOT}.accept(async function* name() {{}})", True, ()),
    (f"{HOT}.accept('./a')", False, ("./a",)),
    (f"{HOT}.accept('./a', f)", False, ("./a",)),
    (f"{HOT}.accept(`./a`, f)", False, ("./a",)),
    (f"{HOT}.accept(['./a', `./b`], f)", False, ("./a", "./b")),
    (f"{HOT}.accept([])", False, ()),
    (f"{HOT}.accept('./a'); {HOT}.accept('./b')", False, ("./a", "./b")),
    (f"{HOT}.accept('./a'); {HOT}.accept('./a')", False, ("./a",)),
    (f"{HOT}.accept(); {HOT}.accept('./a')", True, ("./a",)),
    (f"{HOT}?.accept()", True, ()),
    (f"{HOT}['accept']()", True, ()),
    (f"{HOT} && {HOT}.accept()", True, ()),
    (f"a\n{HOT}.accept()", True, ()),
    (f"f(a)\n{HOT}.accept()", True, ()),
    (f"a = /b/\n{HOT}.accept()", True, ()),
    (f"a = {{}}\n{HOT}.accept()", True, ()),
    (f"function f() {{}}\n{HOT}.accept()", True, ()),
    (f"if (a) {{}} {HOT}.accept()", True, ()),
    (f"throw 1; {HOT}.accept()", True, ()),
    (f"// c\n{HOT}.accept()", True, ()),
    (f"`${{a}}`\n{HOT}.accept()", True, ()),
    (f"if ({HOT}) {HOT}.accept()", True, ()),
    (f"if ({HOT})\n\n  {HOT}.accept()", True, ()),
    (f"if ({HOT}) {{ {HOT}.accept() }}", True, ()),
    (f"if ( /* c */ {HOT} ) {{ f(); {HOT}.accept('./a') }}", False, ("./a",)),
    (f"if ({HOT}) {{\n  f()\n  {HOT}.accept()\n}}", True, ()),
    (f"if ({HOT}) {{ if (a) {{}} {HOT}.accept() }} else {{}}", True, ()),
    (f"if (import.meta['hot']) {{ {HOT}?.accept?.() }}", True, ()),
    (f"const hot = {HOT}; hot.accept()", True, ()),
    (f"const hot = {HOT}\nhot?.accept('./a')", False, ("./a",)),
    (f"let h = {HOT}; if (h) {{ h.accept() }}", True, ()),
    (f"var h = {HOT}; if (h) h.accept()", True, ()),
    (f"export const h = {HOT}; h && h.accept()", True, ()),
    (f"const h = {HOT}; if (h) {{ {HOT}.accept() }}", True, ()),
    ("const { hot } = import.meta; hot.accept()", True, ()),
    ("const { env, hot: h } = import.meta; h?.accept()", True, ()),
]
UNCERTAIN = [
    f"{HOT}.accept(f)",
    f"{HOT}.accept({{ bubbles: true }})",
    f"{HOT}.accept(() => {{}}, {{ bubbles: true }})",
    f"{HOT}.accept(() => {{}}, options)",
    f"{HOT}.accept(() => 1, options)",
    f"{HOT}.accept(function () {{}}, options)",
    f"{HOT}.accept(function () {{}}())",
    f"{HOT}.accept((a))",
    f"{HOT}.accept((a, b), c)",
    f"{HOT}.accept(async)",
    f"{HOT}.accept(async(a))",
    f"{HOT}.accept(...a)",
    f"{HOT}.accept('./a' + b)",
    f"{HOT}.accept(`./${{a}}`)",
    f"{HOT}.accept(['./a', b])",
    f"{HOT}.accept(['./a'].concat(b))",
    f"{HOT}.accept(",
    f"{HOT}.acceptExports(['a'])",
    f"const f = {HOT}.accept",
    f"if (a) {HOT}.accept()",
    f"if (a)\n{HOT}.accept()",
    f"if (a) b; else {HOT}.accept()",
    f"if (!{HOT}) {{}} else {{ {HOT}.accept() }}",
    f"if ({HOT}) {{}} else {{ {HOT}.accept() }}",
    f"if (a) b; else if ({HOT}) {HOT}.accept()",
    f"if (a) if ({HOT}) {HOT}.accept()",
    f"if ({HOT} && a) {{ {HOT}.accept() }}",
    f"if ({HOT}.data) {{ {HOT}.accept() }}",
    f"if ({HOT}) {{ if (a) {HOT}.accept() }}",
    f"if ({HOT}) {{ if (a) {{ {HOT}.accept() }} }}",
    f"if ({HOT}) {{ f(() => {HOT}.accept()) }}",
    f"while ({HOT}) {{ {HOT}.accept() }}",
    f"for (;;) {HOT}.accept()",
    f"a && {HOT}.accept()",
    f"a ? {HOT}.accept() : 0",
    f"{HOT} || {HOT}.accept()",
    f"a || {HOT} && {HOT}.accept()",
    f"f(() => {HOT}.accept())",
    f"() => {HOT}.accept()",
    f"function f() {{ {HOT}.accept() }}",
    f"class A {{ static {{ {HOT}.accept() }} }}",
    f"try {{ {HOT}.accept() }} catch {{}}",
    f"{{ {HOT}.accept() }}",
    f"a: {HOT}.accept()",
    f"do {HOT}.accept(); while (a)",
    f"a / {HOT}.accept()",
    f"hot.accept(); var hot = {HOT}",
    f"if (hot) {{ {HOT}.accept() }} var hot = {HOT}",
    f"let hot = {HOT}; hot = null; hot.accept()",
    f"const hot = {HOT}; {{ const hot = a; hot.accept() }}",
    f"const hot = {HOT} || a; hot.accept()",
    f"const hot = {HOT}\n|| a; hot.accept()",
    f"const hot = a && {HOT}; hot.accept()",
    f"{{ const hot = {HOT}; hot.accept() }}",
    f"if (a) var hot = {HOT}; hot.accept()",
    f"const f = hot => hot.accept(); f({HOT})",
    f"const {{ accept }} = {HOT}; accept()",
    "const { hot } = import.meta.env; import.meta.hot; hot.accept()",
    "const { hot = a } = import.meta; hot.accept()",
    "const meta = import.meta; meta.hot.accept()",
]


@pytest.mark.parametrize(("source", "itself", "deps"), CERTAIN)
def test_a_call_that_surely_runs_is_certain(
    source: str, itself: bool, deps: tuple[str, ...]
) -> None:
    result = scan(source)
    assert (result.accepts_self, result.accepts_deps) == (itself, deps)
    assert not result.mentions_accept


@pytest.mark.parametrize("source", UNCERTAIN)
def test_a_call_that_may_not_run_is_only_mentioned(source: str) -> None:
    result = scan(source)
    assert (result.accepts_self, result.accepts_deps) == (False, ())
    if source != "const { hot } = import.meta.env; import.meta.hot; hot.accept()":
        assert result.mentions_accept


@pytest.mark.parametrize(
    "source",
    [
        HOT,
        f"if ({HOT}) {{}}; socket.accept()",
        f"{HOT}.dispose(f); // {HOT}.accept()",
        f"{HOT}.data.x = 'accept'",
        "socket.accept(); import.meta.url",
    ],
)
def test_what_others_accept_is_not_mentioned(source: str) -> None:
    assert not scan(source).mentions_accept


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"{HOT}.decline()", True),
        (f"if ({HOT}) {{ {HOT}.decline() }}", True),
        (f"const h = {HOT}; h?.decline()", True),
        (f"if (a) {HOT}.decline()", False),
        (f"{HOT}.declined()", False),
        (f"{HOT}.accept()", False),
    ],
)
def test_declining_is_read_where_it_is_certain(source: str, expected: bool) -> None:
    assert scan(source).declines is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("export default 1", True),
        ("export default function () {}", True),
        ("export\ndefault class {}", True),
        ("export /* c */ default a", True),
        ("const a = 1; export { a as default }", True),
        ('export { a as "default" }', True),
        ("export { b, a as default, } from 'a'", True),
        ("export { default } from 'a'", True),
        ("export { 'default' } from 'a'", True),
        ("export * as default from 'a'", True),
        ("export const a = 1; export { a as default }", True),
        ("export { default as a } from 'a'", False),
        ("export { a /* , default */ }", False),
        ("export { defaults }", False),
        ("export * from 'default'", False),
        ("export const a = 'default'", False),
        ("import { default as a } from 'a'", False),
        ("'export default 1'", False),
        ("// export default 1", False),
        ("a.export\ndefault_", False),
        ("", False),
    ],
)
def test_the_default_export_is_seen(source: str, expected: bool) -> None:
    assert scan(source).has_default is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import 'a'", True),
        ("export {}", True),
        ("export const a = 1", True),
        ("export let a", True),
        ("export var a", True),
        ("export function f() {}", True),
        ("export async function f() {}", True),
        ("export class A {}", True),
        ("export @decorated class A {}", True),
        ("export default 1", True),
        ("export * from 'a'", True),
        ("import.meta", True),
        ("import('a')", False),
        ("import(a)", False),
        ("await a", False),
        ("a.export\nconst b = 1", False),
        ("a = { export: 1, import: 2 }", False),
        ("class A { export() {} export = 1 }", False),
        ("exports.a = 1; module.exports = 1", False),
        ("'export {}'", False),
        ("", False),
    ],
)
def test_a_module_is_told_by_its_text(source: str, expected: bool) -> None:
    result = scan(source)
    assert result.is_module is expected
    assert result.errors == ()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", 0),
        ("a", 0),
        ("\ufeffa", 1),
        ("#!a\nb", 4),
        ("#!a\r\nb", 5),
        ("#!a\u2028b", 4),
        ("#!a", 3),
        ("\ufeff#!a\nb", 5),
        (" #!a\nb", 0),
    ],
)
def test_the_body_begins_after_mark_and_hashbang(source: str, expected: int) -> None:
    assert scan(source).body == expected


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        ("a = 'b\nimport 'c'", "string", 4),
        ("a = `b; import 'c'", "template", 4),
        ("a = `b\\", "template", 4),
        ("a = `${`b; import 'c'", "template", 7),
        ("/* import 'c'", "comment", 0),
        ("a = /b\nimport 'c'", "regular expression", 4),
        ("import {a b} from 'c'", "import", 0),
        ("a; import b", "import", 3),
        ("import 'c", "import", 0),
        ("export { a b }", "export", 0),
        ("export *; import 'c'", "export", 0),
    ],
)
def test_what_is_malformed_is_reported_where_it_begins(
    source: str, message: str, offset: int
) -> None:
    # The lexer stops at the last word of interest.
    error = scan(source + "\nimport 'd'").errors[0]
    assert message in error.message
    assert error.offset == offset


def test_imports_after_a_malformed_line_are_found() -> None:
    assert specifiers("a = 'b\nimport {c d}\nimport 'e'") == ["e"]


def test_the_imports_are_in_the_order_of_the_source() -> None:
    result: Scan = scan("import('a'); export * from 'b'; import 'c'; import(d)")
    assert [found.keyword for found in result.imports] == sorted(
        found.keyword for found in result.imports
    )
    assert [found.specifier for found in result.imports] == ["a", "b", "c", None]
