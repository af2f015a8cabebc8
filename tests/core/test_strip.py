"""What is taken out of a module for production, what stays, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core.lexer import scan
from flask_hmr.core.places import place_at
from flask_hmr.core.strip import strip

# Each with what is left of it.
TAKEN_OUT = {
    "if (import.meta.hot) { a(); }\nb();": "\nb();",
    "if(import.meta.hot)a();b()": "b()",
    "if (import.meta.hot) a()\nb()": "\nb()",
    "if (import.meta.hot) {\n  a();\n}\nb();": "\n\n\nb();",
    "if (import.meta.hot) {\r\n  a();\r\n}\r\nb();": "\r\n\r\n\r\nb();",
    "if (import.meta.hot) { if (x) { a() } else { b() } } c()": " c()",
    "if (import.meta.hot) if (x) a(); else b();\nc()": "\nc()",
    "if (import . meta /* c */ . hot) a(); b()": " b()",
    "if (import.meta['hot']) a(); b()": " b()",
    "if (import.meta.dispose) a(); b()": " b()",
    "if (import.meta.hot && x) a(); b()": " b()",
    "if (import.meta.hot?.data.x) a(); b()": " b()",
    "if (import.meta.hot) { const s = '}'; /* } */ r = /}/; `${'}'}` } b()": " b()",
    "if (import.meta.hot) { f(() => { var x; }); } b()": " b()",
    "if (import.meta.hot) { f({ var: 1, var() {} }, x.var); } b()": " b()",
    "if (import.meta.hot) { f({ m() { var x } }) } b()": " b()",
    "if (import.meta.hot) { function f() { var x } } b()": " b()",
    "#!/usr/bin/env x\nif (import.meta.hot) { a() }\nb": "#!/usr/bin/env x\n\nb",
    # What follows an else stays.
    "if (import.meta.hot) a(); else b();": "b();",
    "if (import.meta.hot) { a() } else { b() }": "{ b() }",
    "if (import.meta.hot) a()\nelse if (x) b()\nelse c()": "\nif (x) b()\nelse c()",
    "if (x) a(); else if (import.meta.hot) b(); c()": "if (x) a(); else ; c()",
    "if (x) a(); else if (import.meta.hot) b(); else c()": "if (x) a(); else c()",
    "if (import.meta.hot) a(); else if (import.meta.hot) b(); else c();": "c();",
    "if (import.meta.hot) a(); else { import.meta.hot?.accept(); b() }": "{  b() }",
    "if (!import.meta.hot) { a() } else { b() } c()": "{ a() } c()",
    "if (!import.meta.hot) a()\nelse b()\nc()": "a();\n\nc()",
    "if (!import.meta.hot) a();": "a();",
    # As the statement of another one.
    "if (x) if (import.meta.hot) a(); b()": "if (x) ; b()",
    "if (x) import.meta.hot?.accept()\nelse b()": "if (x) ;\nelse b()",
    "for (const x of y) if (import.meta.hot) a(x)\nb()": "for (const x of y) ;\nb()",
    "do if (import.meta.hot) a(); while (x)": "do ; while (x)",
    "label: if (import.meta.hot) { a() } b()": "label: ; b()",
    "switch (x) { default: if (import.meta.hot) a(); }": "switch (x) { default: ; }",
    "class A { static { if (import.meta.hot) { a() } } }": "class A { static {  } }",
    # A semicolon is put in where lines would be joined.
    "x = y\nif (import.meta.hot) { a() }\n(b)()": "x = y\n;\n(b)()",
    "x = y\nimport.meta.hot?.accept();\n[b]": "x = y\n;\n[b]",
    "x = {}\nif (import.meta.hot) a();\n`b`": "x = {}\n;\n`b`",
    "x\nimport.meta.hot?.accept();\n/b/g": "x\n;\n/b/g",
    "x\nif (import.meta.hot) a(); else (b)()": "x\n;(b)()",
    "x\nif (import.meta.hot) a(); else if (import.meta.hot) a(); else (b)()": (
        "x\n;(b)()"
    ),
    "x()\nimport.meta.hot?.accept();\ny()": "x()\n\ny()",
    # Statements.
    "import.meta.hot?.accept();\na()": "\na()",
    "import.meta.hot?.accept()\na()": "\na()",
    "{ import.meta.hot?.accept() }": "{  }",
    "import.meta.hot.accept(({ module }) => { a = module.a });\nb": "\nb",
    "import.meta.hot\n  ?.accept(\n  )\na()": "\n\n\na()",
    "import.meta.hot?.accept?.('./a.js', f).b[c]`d`?.[e]?.(g);h": "h",
    "import.meta.dispose(() => a()); b": " b",
    "import.meta.hot && import.meta.hot.accept();a": "a",
    "import.meta.hot && a(b, c) + d\ne": "\ne",
    "import.meta.hot.data.x = a\nb": "\nb",
    "import.meta.hot.data.x ??= a;b": "b",
    "import.meta.hot.data.x = a\n  + b\nc": "\n\nc",
    "import.meta.hot;a": "a",
    # Values that are not there.
    "let x = import.meta.hot?.data.x ?? 0;": "let x = void 0 ?? 0;",
    "f(import.meta.hot?.data.x)": "f(void 0)",
    "`${import.meta.hot?.data}`": "`${void 0}`",
    "const f = () => import.meta.hot?.accept();": "const f = () => void 0;",
    "return import.meta.hot?.invalidate(\n)": "return void 0",
    "import.meta.hot?.accept() ?? a()": "void 0 ?? a()",
    "case_: import.meta.hot?.accept()": "case_: void 0",
    # Comments and indentation.
    "// a\n  if (import.meta.hot) {\n  } // b\nc": "// a\n\n // b\nc",
    "a\n\n\nif (import.meta.hot) { b }\n": "a\n",
    "a // b\nimport.meta.hot?.accept() // c": "a // b\n // c",
}

STAYS = (
    "",
    "a()",
    "import.meta.url",
    "const { url } = import.meta",
    "import.meta.env.MODE",
    "// import.meta.hot",
    "'import.meta.hot'",
    "`import.meta.hot`",
    "/import.meta.hot/",
    "x.import.meta.hot",
    "import a from './a.js'\nimport('./b.js')\n",
)

NAMED = "given another name"
UNGUARDED = "fails where there is no"

# Each with a part of the reason, which stands where the dollar sign is.
REFUSED = {
    "const hot = $import.meta.hot;": NAMED,
    "const { hot } = $import.meta;": NAMED,
    "const { hot: h, url } = $import.meta;": NAMED,
    "let a = 1, hot = $import.meta.hot": NAMED,
    "f($import.meta)": "used as a whole",
    "const meta = $import.meta": "used as a whole",
    "f($import.meta.hot)": "handed to something",
    "f(a, $import.meta.hot, b)": "handed to something",
    "const x = $import.meta.hot ? a : b": "chooses between two values",
    "$import.meta.hot ? a() : b()": "chooses between two values",
    "$import.meta.hot || a()": "cannot be followed",
    "$import.meta.hot && a() || b()": "more follows",
    "$import.meta.hot && a(), b()": "more follows",
    "$import.meta.hot.data.x = a, b()": "more follows",
    "if (a && $import.meta.hot) b()": "depends on more",
    "if ($import.meta.hot || a) b()": "depends on more",
    "if ($import.meta.hot && a || c) b()": "depends on more",
    "if ($import.meta.hot === undefined) b()": "depends on more",
    "if (!$import.meta.hot?.data) b()": "depends on more",
    "if ($import.meta.hot.data) b()": UNGUARDED,
    "while ($import.meta.hot) a()": "cannot be followed",
    "return $import.meta.hot": "cannot be followed",
    "x = [$import.meta.hot]": "cannot be followed",
    "let x = $import.meta.hot.data.x": UNGUARDED,
    "class A extends $import.meta.hot?.A {}": UNGUARDED,
    "$import.meta.hot.data.x++": UNGUARDED,
    "a = $import.meta.hot?.b ** 2": "cannot be followed",
    "if ($import.meta.hot) { var x = 1; }": "`var`",
    "if ($import.meta.hot) for (var x of y) {}": "not certain where",
    "if ($import.meta.hot) { for (var x of y) {} }": "`var`",
    "if ($import.meta.hot) while (x) {}": "not certain where",
    "if ($import.meta.hot) a: for (;;) {} b()": "not certain where",
    "if ($import.meta.hot) { switch (x) { case 1: var y } }": "`var`",
    "if ($import.meta.hot) { try { } catch (e) { var y } }": "`var`",
    "if ($import.meta.hot) return\na()": "not certain where",
    "if ($import.meta.hot) x = function ()\n{}\na()": "not certain where",
    "if (!$import.meta.hot) a(); else { var x }": "`var`",
    "if ($import.meta.hot) { a( }": "brackets",
    "if (import.meta.hot) a(); else f($import.meta.hot)": "handed to something",
}


@pytest.mark.parametrize("source", TAKEN_OUT)
def test_what_never_runs_in_production_is_taken_out(source):
    stripped = strip(source)

    assert stripped.refusals == ()
    assert stripped.text == TAKEN_OUT[source]
    assert stripped.removed > 0


@pytest.mark.parametrize("source", STAYS)
def test_all_else_stays(source):
    assert strip(source).text == source
    assert strip(source).refusals == ()


@pytest.mark.parametrize("marked", REFUSED)
def test_what_cannot_be_proven_is_refused(marked):
    source = marked.replace("$", "")

    stripped = strip(source)

    (refusal,) = stripped.refusals
    assert REFUSED[marked] in refusal.reason
    if REFUSED[marked] != "brackets":
        assert refusal.offset == marked.index("$")
    assert stripped.text == source


def test_every_use_that_is_refused_is_named():
    source = (
        "const hot = import.meta.hot;\nf(import.meta.hot);\nimport.meta.hot?.x();\n"
    )

    places = [place_at(source, one.offset) for one in strip(source).refusals]

    assert places == [(1, 13), (2, 3)]


# Statements, and what is left of each: they may follow each other in any order.
STATEMENTS = (
    ("const v@ = 1", "const v@ = 1"),
    ("f(import('./x@.js'))", "f(import('./x@.js'))"),
    ("import './s@.js'", "import './s@.js'"),
    ("export const e@ = /[/}]/g, q@ = a / b / c", None),
    ("if (a) { b() } else { c() }", None),
    ("`${a + `${'}'}`} ) `", None),
    ("(function () { g() })()", None),
    ("[1].map(f)", None),
    ("let w@ = import.meta.hot?.data.w ?? 0", "let w@ = void 0 ?? 0"),
    ("if (import.meta.hot) { a(`}${'}'}`, /}/) }", ""),
    ("if (import.meta.hot) a(import('./gone.js'))", ""),
    ("import.meta.hot?.accept(() => { a() })", ""),
    ("import.meta.hot.accept('./x.js')", ""),
    ("import.meta.dispose(() => { /* ) */ })", ""),
    ("if (import.meta.hot) { a() } else { b() }", "{ b() }"),
    ("if (!import.meta.hot) { a() } else { b() }", "{ a() }"),
)
ENDS = (";", ";\n", "\n", "\r\n", " // c\n", " /* c */;\n")

Program = list[tuple[tuple[str, "str | None"], str]]


def separated(program: Program) -> Program:
    """Keep statements apart that would go on in the next line."""
    following = [statement for (statement, _), _ in program[1:]] + [""]
    return [
        (one, ";\n" if after[:1] in ("(", "[", "`") else end)
        for (one, end), after in zip(program, following, strict=True)
    ]


PROGRAMS = st.lists(
    st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(ENDS)),
    min_size=1,
    max_size=12,
).map(separated)

TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\s+|'[^']*'|/\[.*?\]/g|/\}/|[\w$]+|.", re.DOTALL
)


def tokens(source: str) -> list[str]:
    """Return what a text is made of, but for comments, space and semicolons."""
    found = TOKEN.findall(source)
    return [one for one in found if one.strip(" ;\r\n") and one[:2] not in ("//", "/*")]


@given(PROGRAMS)
def test_nothing_but_the_uses_is_changed(program):
    source = expected = ""
    for number, ((statement, kept), end) in enumerate(program):
        source += (statement + end).replace("@", str(number))
        kept = statement if kept is None else kept
        expected += (kept + end).replace("@", str(number))

    stripped = strip(source)

    assert stripped.refusals == ()
    assert tokens(stripped.text) == tokens(expected)
    found = scan(stripped.text)
    assert not found.uses_hot
    named = [(one.specifier, one.kind) for one in scan(expected).imports]
    assert [(one.specifier, one.kind) for one in found.imports] == named
    assert stripped.text.count("\n") <= source.count("\n")


@given(PROGRAMS)
def test_lines_stay_where_they_are(program):
    parts = [statement + end for (statement, _), end in program]
    source = "".join(parts) + "here()"

    line = place_at(source, source.index("here")).line
    stripped = strip(source).text
    assert place_at(stripped, stripped.index("here")).line == line


def test_no_use_is_taken_out_where_another_is_refused():
    source = "import.meta.hot?.accept();\nf(import.meta.hot);\n"

    assert strip(source).text == source
    assert strip(source).removed == 0


def test_uses_are_counted():
    source = (
        "import.meta.hot?.accept();\nif (import.meta.hot) { import.meta.hot.x() }\n"
    )

    assert strip(source).removed == 2
