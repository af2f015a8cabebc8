"""TypeScript without types: the same lines and columns, and no type left."""

from __future__ import annotations

import pytest

from flask_hmr.contrib.blanking import blank
from flask_hmr.core.lexer import scan

# What is written, and what is left of it. A dot stands for a blank.
CASES = [
    # Annotations.
    ("let a: number = 1;", "let a........ = 1;"),
    ("let a!: string;", "let a.........;"),
    ("let { a }: { a: string } = b;", "let { a }............... = b;"),
    ("for (let i: number = 0; i < 1;) {}", "for (let i........ = 0; i < 1;) {}"),
    ("try {} catch (e: unknown) {}", "try {} catch (e.........) {}"),
    ("let f: (a: A) => void = (a) => {};", "let f................ = (a) => {};"),
    # Functions.
    ("function f<T>(a?: T): T {}", "function f...(a....)... {}"),
    ("function f(this: A, a: B) {}", "function f(........ a...) {}"),
    ("function f(this: A) {}", "function f(.......) {}"),
    ("function f(a): asserts a is B {}", "function f(a)................ {}"),
    ("const f = (a): a is B => true;", "const f = (a)........ => true;"),
    ("const f = <T,>(a: T): T => a;", "const f = ....(a...)... => a;"),
    ("const f = async <T>(a: T) => a;", "const f = async ...(a...) => a;"),
    ("const o = { m<T>(a: T): T {} };", "const o = { m...(a...)... {} };"),
    ("function* g(): Generator<A> {}", "function* g().............. {}"),
    # Expressions.
    ("let x = y as A as B;", "let x = y..........;"),
    ("let x = y as const;", "let x = y.........;"),
    ("let x = y satisfies A;", "let x = y............;"),
    ("a!.b!.c!();", "a..b..c.();"),
    ("x!++;", "x.++;"),
    ("(a as any).b = 1;", "(a.......).b = 1;"),
    ("f<A>(1); new Map<A, B>();", "f...(1); new Map......();"),
    ("const t = f<A>;", "const t = f...;"),
    ("`${a as B}`;", "`${a.....}`;"),
    ("const x = a ? (b) : (c): D => e;", "const x = a ? (b) : (c)... => e;"),
    ("const s = ': number'; // a: number", "const s = ': number'; // a: number"),
    ("const r = /a: b/; `a: ${'b: c'}`;", "const r = /a: b/; `a: ${'b: c'}`;"),
    # Statements.
    ("type A = { a: string };", ";......................"),
    ("interface A extends B<C> { a: D }", ";................................"),
    ("declare const a: number;", ";......................."),
    ("declare module 'x' {}", ";...................."),
    ("declare global { var a: A }", ";.........................."),
    ("declare enum E { A }", ";..................."),
    ("namespace N { export type A = 1; }", ";................................."),
    ("function f(a: A): B; let c;", ";................... let c;"),
    (
        "export default function f(): A; let c;",
        ";.............................. let c;",
    ),
    ("abstract class A {}", ".........class A {}"),
    ("export default abstract class A {}", "export default .........class A {}"),
    # Imports and exports.
    ("import type { A } from './a.ts';", ";..............................."),
    ("import type A from './a.ts';", ";..........................."),
    ("import type * as A from './a.ts';", ";................................"),
    ("import type A = require('a');", ";............................"),
    (
        "import { type A, B, type C } from './a.ts';",
        "import { ....... B, ...... } from './a.ts';",
    ),
    ("import { type A } from './a.ts';", "import { ...... } from './a.ts';"),
    ("import { type as a } from './a.ts';", "import { type as a } from './a.ts';"),
    ("import type from './a.ts';", "import type from './a.ts';"),
    ("export type { A } from './a.ts';", ";..............................."),
    ("export { type A, B };", "export { ....... B };"),
    ("export { x as type };", "export { x as type };"),
    ("export type A = B;", ";................."),
    ("export interface A {}", ";...................."),
    ("export default interface A {}", ";............................"),
    ("export declare const a: A;", ";........................."),
    # Classes.
    (
        "class A<T> extends B<T> implements C {}",
        "class A... extends B................ {}",
    ),
    ("class A { private a: B = 1; }", "class A { ;.......a... = 1; }"),
    ("class A { static readonly a = 1; }", "class A { static .........a = 1; }"),
    ("class A { a?: B; b!: C; }", "class A { a....; b....; }"),
    ("class A { declare a: B; }", "class A { ;...........; }"),
    ("abstract class A { abstract a(): B; }", ".........class A { ;..............; }"),
    ("class A { [key: string]: B; }", "class A { ;...............; }"),
    ("class A { a(): B; a() {} }", "class A { ;.....; a() {} }"),
    ("class A { override a() {} }", "class A { ;........a() {} }"),
    ("class A { a?(): void {} }", "class A { a.()...... {} }"),
    ("class A { @dec public a = 1; }", "class A { @dec .......a = 1; }"),
    ("class A { constructor(a: B) {} }", "class A { constructor(a...) {} }"),
    ("class A { #a: B = 1; get x(): B {} }", "class A { #a... = 1; get x()... {} }"),
    # Names that are words of TypeScript elsewhere.
    ("let of = 1, get = 2, type = 3;", "let of = 1, get = 2, type = 3;"),
    ("type = 1; namespace = 2;", "type = 1; namespace = 2;"),
    # Columns are those of UTF-16.
    ("let a: 'é' = 1;", "let a..... = 1;"),
    ("let a: '😀' = 1;", "let a...... = 1;"),
    ("let é: A = '😀';", "let é... = '😀';"),
]


@pytest.mark.parametrize(("source", "left"), CASES)
def test_types_become_blanks(source, left):
    text = blank(source)

    # Dots that the source has itself are dots in the result, too.
    assert text == "".join(
        " " if shown == "." and found == " " else shown
        for shown, found in zip(left, text, strict=True)
    )
    assert len(utf16(text)) == len(utf16(source))
    assert scan(f"{text}\nexport {{}};").errors == ()


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


# What would go on with the next line, or end too early, if there were blanks alone.
LINES = [
    ("let a = 1\ntype A = B\n(f)()", "let a = 1\n;.........\n(f)()"),
    ("let a = b as A\n(f)()", "let a = b    ;\n(f)()"),
    ("let a = b as A\n[0].c", None),
    ("export default b as A\n(f)()", "export default b    ;\n(f)()"),
    ("let a = b as é\n(f)()", "let a = b    ;\n(f)()"),
    ("class A { a = 1\nprivate ['b'] = 2 }", "class A { a = 1\n;.......['b'] = 2 }"),
    ("class A { get: B\nb() {} }", "class A { get..;\nb() {} }"),
    ("class A { static: B\nb() {} }", "class A { static..;\nb() {} }"),
    ("const f = (a): {\nb: B } => a", "const f = (a....\n.....) => a"),
    ("const f = async <\nT>(a) => a", "const f = async (\n...a) => a"),
    ("let a: {\n b: B\n} = c", "let a...\n.....\n. = c"),
    ("let a = b as A\n+ 1", "let a = b.....\n+ 1"),
    ("let a: A\r\nlet b: {\u2028}\nc", "let a..;\r\nlet b...\u2028;\nc"),
]


@pytest.mark.parametrize(("source", "left"), LINES)
def test_lines_end_where_they_did(source, left):
    if left is None:
        with pytest.raises(SyntaxError, match="A bracket begins this line"):
            blank(source)
        return

    assert blank(source) == left.replace(".", " ")


REFUSED = [
    ("enum E { A }", "An enum is code", 1, 1),
    ("\n  export const enum E { A }", "An enum is code", 2, 10),
    ("namespace N { export const a = 1 }", "A namespace with values", 1, 1),
    ("module N { let a = 1 }", "A namespace with values", 1, 1),
    ("class A {\n  constructor(private a: B) {}\n}", "a property is code", 2, 15),
    ("class A { constructor(readonly a) {} }", "a property is code", 1, 23),
    ("let x = <A>y;", "write `x as T`", 1, 9),
    ("import a = require('a');", "CommonJS", 1, 8),
    ("import a = b.c;", "write `const a = b`", 1, 1),
    ("export = a;", "CommonJS", 1, 1),
    ("export as namespace a;", "CommonJS", 1, 1),
    ("let é = a<b>`c`;", "tagged template", 1, 9),
    ("let a = ;", "not understood", 1, 7),
    ("let a: = 1;", "not understood", 1, 6),
    ("let s = '😀'; enum E {}", "An enum is code", 1, 14),
]


@pytest.mark.parametrize(("source", "says", "line", "column"), REFUSED)
def test_what_needs_more_than_blanks_is_refused_with_its_place(
    source, says, line, column
):
    with pytest.raises(SyntaxError, match=says) as error:
        blank(source, "/app/a.ts")

    assert (error.value.filename, error.value.lineno) == ("/app/a.ts", line)
    assert error.value.offset == column
    assert error.value.text == source.split("\n")[line - 1]


# The grammar does not know these yet; what it does not know must not pass by.
UNKNOWN = [
    "export type * from './a.ts';",
    "class A<in out T> {}",
    "await using a: B = c;",
    "abstract class A { abstract accessor a: B }",
    "import defer * as a from './a.js';",
]


@pytest.mark.parametrize("source", UNKNOWN)
def test_what_the_grammar_does_not_know_is_refused(source):
    with pytest.raises(SyntaxError, match="not understood"):
        blank(source)


def test_what_is_nested_deeply_is_no_trouble():
    source = f"let a: A = {'+'.join(['b'] * 5000)};"

    assert blank(source) == source.replace(": A", "   ")


def test_bytes_that_are_no_text_stay():
    source = b"let a: A = '\xff';".decode("utf-8", "surrogateescape")

    assert blank(source) == source.replace(": A", "   ")
