"""The lexer against a slow and obvious one, against nonsense, and at length."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_hmr.core.grammar import decode_literal
from flask_hmr.core.lexer import Import, ImportKind, Scan, _Lexer, scan

# Pieces that may stand in any order. No slash follows a brace, since the slow
# lexer cannot tell blocks from objects.
PIECES = [
    " import('a') ",
    " import(b) ",
    "import(`c`)",
    "f(...import('d'))",
    "x.import('e')",
    "x?.import(f)",
    "x . /* c */ import('g')",
    "imports('h')",
    "'import(\"i\")'",
    '"it\'s // `${ /* "',
    "'\\\\'",
    "'\\\n'",
    "// import('j') ` ' \" /*\n",
    "// it's\u2028",
    "/* import('k') ' ` // */",
    "/***/",
    "`import('l') ' // /* `",
    "`${a}`",
    "`\\${ \\` `",
    " a / 2 ",
    " a.if / 2 ",
    " b[0] / c ",
    " f(a) / 2 / 3 ",
    " f((a), g(b)) / 2 ",
    " if (a) /'/ ",
    " while (f(a)) /[/`]/g ",
    " = /'\"`/ ",
    " = /\\/'/ ",
    " = /[/'\\]]/ ",
    " return /'/ ",
    " typeof /`/ ",
    " a++ / 2 ",
    " a ++ /* c */ / 2 ",
    " ;++/'/.b ",
    " a\n++/`/.b ",
    " = a + ++/[/`]/.b ",
    " if (a) ++/'/.b ",
    " break\n/'/.b ",
    " break a\n/`/.b ",
    " b\n/ 2 ",
    " 'b'\n/ 2 ",
    " ;import 'n'\n/'/.b ",
    " ;import n from 'o' // c\n/`/.b ",
    ' (a, /"/) ',
    " 1 / 2 ",
    " 1. / 2 ",
    " 'a' / 2 ",
    ";",
    ",",
    "\n",
    " ",
    " 😀 ",
    "=",
    " word ",
]

PROGRAMS = st.recursive(
    st.sampled_from(PIECES),
    lambda inner: st.tuples(
        st.sampled_from(["``", "{}", "()", "[]", "` ' ${}${} import('m') `"]),
        st.lists(inner, max_size=6).map("".join),
    ).map(lambda pair: wrapped(*pair)),
    max_leaves=40,
)


def wrapped(brackets: str, inner: str) -> str:
    if brackets == "``":
        return "`${" + inner + "}`"
    if brackets[0] == "`":
        return brackets.replace("${}", "${" + inner + "}", 1)
    # Something that is not a head of a statement, and no slash, around it.
    return f";{brackets[0]}{inner}{brackets[1]};"


HEADS = {"if", "while", "for", "with"}
OPERATORS = {"return", "typeof", "import", "from", "break"}
VALUE = "value"


def slow_imports(source: str) -> list[int]:
    """Return the offsets of `import(` in code, one character after another."""
    found: list[int] = []
    braces: list[str] = []
    heads: list[bool] = []
    last = previous = ""
    at = 0
    # Whether a line has ended since the last token.
    new_line = False

    def template(at: int) -> int:
        while source[at] != "`":
            if source.startswith("${", at):
                braces.append("${")
                return at + 2
            at += 2 if source[at] == "\\" else 1
        return at + 1

    while at < len(source):
        character = source[at]
        start = at
        at += 1
        if character in " \n\u2028":
            new_line = new_line or character != " "
            continue
        if source.startswith("//", start):
            while source[at] not in "\n\u2028":
                at += 1
            continue
        if source.startswith("/*", start):
            at = source.index("*/", start + 2) + 2
            continue
        if character in "'\"":
            while source[at] != character:
                at += 2 if source[at] == "\\" else 1
            at += 1
            last = "declared" if last in ("import", "from") else VALUE
        elif character == "`":
            at = template(at)
            last = "{" if source[at - 1] == "{" else VALUE
        elif character == "/" and last not in (VALUE, ")", "]", "++"):
            in_class = False
            while in_class or source[at] != "/":
                in_class = source[at] == "[" or (in_class and source[at] != "]")
                at += 2 if source[at] == "\\" else 1
            at += 1
            last = VALUE
        elif character.isalnum():
            while at < len(source) and source[at].isalnum():
                at += 1
            word = source[start:at]
            if word.isdigit():
                at += source.startswith(".", at)
                last = VALUE
            elif last == "break" and not new_line:
                last = "label"
            elif last == "." or word not in HEADS | OPERATORS:
                last = VALUE
            else:
                last = word
                if word == "import" and re.match(r"\s*\(", source[at:]):
                    found.append(start)
        elif source.startswith(("...", "++"), start):
            is_postfix = last in (VALUE, ")", "]") and not new_line
            last = "..." if character == "." else "++" if is_postfix else "prefix"
            at = start + (3 if character == "." else 2)
        else:
            last = character
            if character == "(":
                heads.append(previous in HEADS)
            elif character == ")" and heads.pop():
                last = "if (…)"
            elif character == "{":
                braces.append("{")
            elif character == "}" and braces.pop() == "${":
                at = template(at)
                last = "{" if source[at - 1] == "{" else VALUE
        previous = last
        new_line = False
    return found


def is_call(entry: Import) -> bool:
    return entry.kind is ImportKind.DYNAMIC


@settings(max_examples=300, deadline=None)
@given(st.lists(PROGRAMS, max_size=12))
def test_the_fast_lexer_finds_what_a_slow_one_finds(pieces: list[str]) -> None:
    source = "".join(pieces)
    found = [entry.keyword for entry in scan(source).imports if is_call(entry)]
    assert found == slow_imports(source)


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_no_text_makes_the_lexer_raise(source: str) -> None:
    check(source, scan(source))


WORDS_AND_SIGNS = st.sampled_from(
    "import export default from as with { } ( ) [ ] , ; : . ? ?. => = / // /* */ * \\"
    " ' \" ` ${ \n \r \u2028 import.meta import.meta.hot .accept( 'a' accept hot const"
    " function class if else async \ufeff #! 😀 \ud800 a 1 ++ -".split(" ")
)


@settings(max_examples=600, deadline=None)
@given(st.lists(WORDS_AND_SIGNS, max_size=30), st.sampled_from(["", " "]))
def test_no_soup_of_tokens_makes_the_lexer_raise(
    tokens: list[str], between: str
) -> None:
    source = between.join(tokens)
    check(source, scan(source))


def check(source: str, result: Scan) -> None:
    for found in result.imports:
        assert source[found.keyword :].startswith(("import", "export"))
        if found.specifier is None:
            assert source[found.start - 1] == "("
        else:
            literal = source[found.start : found.end]
            assert literal[0] == literal[-1] in "'\"`"
            assert decode_literal(literal) == found.specifier
    assert all(0 <= error.offset < len(source) for error in result.errors)
    assert 0 <= result.body <= len(source)


HARD = {
    "imports": ("import ", ""),
    "opened imports": ("import {", ""),
    "opened exports": ("export {", ""),
    "listed imports": ("import {a,", ""),
    "calls": ("import(", ""),
    "calls in blocks": ("{import(", ""),
    "methods": ("{import(a){", "import(b)"),
    "options": ("import('a',{with:{", ""),
    "metas": ("import.meta", ""),
    "bound metas": ("}=import.meta", ""),
    "hot": ("import.meta.hot.accept(", ""),
    "hot alone": ("import.meta.hot;", "accept"),
    "guards": ("if(import.meta.hot){import.meta.hot.accept()}", ""),
    "aliases": ("const hot=import.meta.hot;hot.accept();", ""),
    "names": ("const {hot}=import.meta;", "accept"),
    "classes": ("x=/[", "\nimport 'a'"),
    "slashes": ("x=/[x=/", "\nimport 'a'"),
    "parentheses": ("(", "/1;import 'a'"),
    "closed parentheses": (")/", "import 'a'"),
    "calls and divisions": ("(a)/", "import 'a'"),
    "nested divisions": ("((((((((((((((a))))))))))))))/", "import 'a'"),
    "heads": ("if(a)", "/'/;import 'a'"),
    "imports and slashes": ("import 'a'\n/'/.b;", ""),
    "strings and slashes": ("'a'\n/2+", "import 'a'"),
    "signs": ("++ ", "/'/;import 'a'"),
    "commented signs": ("++/**/", "/'/;import 'a'"),
    "long signs": ("+", "/'/;import 'a'"),
    "prefixes": (";++/'/", ";import 'a'"),
    "postfixes": ("a++/2+f(')')++/", "import 'a'"),
    "breaks": ("break a\n/'/;", "import 'a'"),
    "commented breaks": ("break/**/a\n/'/;", "import 'a'"),
    "lines of divisions": ("a\n/", "import 'a'"),
    "escapes in a clause": ("import {\\u{61}", ""),
    "braces": ("{", "}/'/;import 'a'"),
    "objects": ("{a:", "}/1;import 'a'"),
    "values and blocks": ("x={}/1;", "import 'a'"),
    "colons": ("a?b:", "{}/1;import 'a'"),
    "functions": ("function f(){", "}/'/;import 'a'"),
    "spaces": (" ", "/'/;import 'a'"),
    "spaces in a clause": ("import {a" + " " * 50, ""),
    "comments": ("/**/", "/'/;import 'a'"),
    "lines of comments": ("//\n", "/'/;import 'a'"),
    "comments in a clause": ("import/**/", ""),
    "open comments": ("/*", "import 'a'"),
    "stars": ("*", "/* import 'a'"),
    "starred comments": ("/*" + "*" * 9, "import 'a'"),
    "quotes": ("'", "import 'a'"),
    "open strings": ("'\n", "import 'a'"),
    "escapes": ("\\", "'import 'a'"),
    "escapes in a string": ("'\\a", "import 'a'"),
    "templates": ("`${", "import 'a'"),
    "template ends": ("}`", "import 'a'"),
    "dollars": ("`$", "import 'a'"),
    "names of words": ("importexport", "import 'a'"),
}


@pytest.mark.parametrize("name", HARD)
def test_twice_the_text_takes_no_more_than_twice_the_steps(name: str) -> None:
    unit, tail = HARD[name]

    def steps(count: int) -> int:
        lexer = _Lexer(unit * count + tail)
        lexer.scan()
        return lexer.steps + lexer.outline.steps

    # The constant allows for what is done once, however long the text is.
    assert steps(2000) <= 2 * steps(1000) + 10


@pytest.mark.parametrize("name", HARD)
def test_a_long_hard_text_is_read_to_its_end(name: str) -> None:
    # A quadratic search, or recursion, would not survive these lengths.
    unit, tail = HARD[name]
    source = unit * 20_000 + tail
    check(source, scan(source))


@pytest.mark.parametrize(
    ("unit", "count"),
    [("import ", 150_000), ("import {", 50_000), ("export {", 100_000)],
)
def test_malformed_clauses_are_given_up_at_once(unit: str, count: int) -> None:
    result = scan(unit * count)
    assert result.imports == ()
    assert result.errors[0].offset == 0


def test_nesting_may_be_deeper_than_the_stack() -> None:
    depth = 100_000
    source = "(" * depth + "{a:" * depth + "}" * depth + ")" * depth + "/1;import 'a'"
    assert [found.specifier for found in scan(source).imports] == ["a"]


def test_a_line_that_never_ends_is_read_to_its_end() -> None:
    line = "x=a/b/c,d='e';if(f)/'/.g(`${h}`),{i:1}/2;" * 20_000
    assert [found.specifier for found in scan(line + "import('j')").imports] == ["j"]
