"""Judging the uses of the hot object from the last lines of a module alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.core import hot_calls
from flask_hmr.core.lexer import Scan, scan
from flask_hmr.core.tail import outline_of_tail

GUARDED = "if (import.meta.hot) { import.meta.hot.accept(); }"

# Where the reading may begin at the last statement.
AT_TOP = {
    "nothing before": f"\n{GUARDED}",
    "a statement before": f"const a = f({{}}) / 2;\n{GUARDED}",
    "a block before": f"function f() {{ return /[/'`]/; }}\n{GUARDED}",
    "no guard": "let a = `;`;\nimport.meta.hot?.accept();\n",
    "a comment before": f"f();\n\n// HMR {{\n  // and more\n{GUARDED}",
    "a comment at the top": f"// HMR\n{GUARDED}",
    "a hashbang": f"#!/usr/bin/env node {{\n{GUARDED}",
}

# Where it may not, or where only the whole text can tell.
NOT_AT_TOP = {
    "a function": f"function f() {{\n;\n{GUARDED}\n}}",
    "a parenthesis": "f(a,\n() => {;\nimport.meta.hot.accept() });",
    "an expression before": "const f = () =>\nimport.meta.hot.accept();",
    "an else": f"if (a) b(); else\n{GUARDED}",
    "a comment after an expression": "const f = () => // a;\nimport.meta.hot.accept();",
    "a comment on its own line": "const f = () =>\n// a;\nimport.meta.hot.accept();",
    "the end of a template": "f(`\n// a;`)\nimport.meta.hot.accept();",
    "a condition in a comment": "a &&\n// if (\nimport.meta.hot.accept();",
    "too many brackets": "a;\nimport.meta.hot.accept();}",
    "too few": "a;\nif (import.meta.hot) {",
}


def tail_of(source: str) -> str | None:
    body = scan(source).body
    outline = outline_of_tail(source, body, source.index("import.meta"))
    return None if outline is None else source[outline.start :]


@pytest.mark.parametrize("source", AT_TOP.values(), ids=AT_TOP)
def test_the_last_statement_is_enough(source):
    tail = tail_of(source)
    assert tail is not None
    assert tail.startswith(("if", "import.meta"))
    assert scan(source).accepts_self


@pytest.mark.parametrize("source", NOT_AT_TOP.values(), ids=NOT_AT_TOP)
def test_the_last_statement_is_not_enough(source):
    assert tail_of(source) is None


STATEMENTS = [
    GUARDED,
    "import.meta.hot?.accept();",
    "import.meta.hot && import.meta.hot.decline()",
    "if (import.meta.hot) import.meta.hot.accept(['./a.js'], ([a]) => { f(a); })",
    "use(import.meta.hot);",
    "const hot = import.meta.hot;",
    "hot.accept('./b.js');",
    "x = import.meta",
    "helper.accept();",
    "'accept()';",
    "// if (import.meta.hot) accept() {",
    "/* import.meta.hot.accept(); */",
    "a / 2 / b",
    "a = b =>",
    "else",
    "if (a)",
    "{ /'`{/ }",
    "`${a}\n// ;`",
    "f(",
    ")",
    "function g() {",
    "}",
    ";",
]

PROGRAMS = st.lists(
    st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(["\n", " ", "\u2028"])),
    max_size=12,
).map(lambda pairs: "".join(a + b for a, b in pairs))


def scan_whole(source: str) -> Scan:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hot_calls, "outline_of_tail", lambda *_: None)
        return scan(source)


def is_balanced(source: str) -> bool:
    outline = hot_calls.Outline(source)
    outline.advance(len(source))
    return outline.is_balanced


@given(PROGRAMS.filter(is_balanced))
def test_it_finds_what_reading_the_whole_text_finds(source):
    assert scan(source) == scan_whole(source)
