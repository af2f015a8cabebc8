"""The text of modules as browsers get it: a table, and what holds for every text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_hmr.core.lexer import ImportKind, Scan, scan
from flask_hmr.core.rewrite import Runtime, apply_edits, rewrite
from flask_hmr.core.specifiers import resolve, split_version

RUNTIME = Runtime("/_hmr/client.js")
V = "vvvvvvvvvvvvvvvv"
OLD = "0123456789abcdef"
OWN = "oooooooooooooooo"
BASE = "/static/main.js"
BARE = {"lib": "/static/lib/index.js", "lib/a b.js": "/static/lib/a%20b.js"}
LOAD = 'import{load as __hmr_load}from"/_hmr/client.js";'


def resolver(specifier: str) -> str | None:
    return BARE.get(specifier) or resolve(specifier, BASE)


def version_of(url: str) -> str | None:
    """Everything has a version but for views and what is gone."""
    return None if "view" in url or "gone" in url else V


def rewritten(source: str, own: str | None = None, version: str = V) -> str:
    def versions(url: str) -> str | None:
        return version if version_of(url) else None

    return rewrite(source, scan(source), resolver, versions, RUNTIME, own)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ""),
        ("export const a = 1;\n", "export const a = 1;\n"),
        ("import './b.js'", f'import "./b.js?m={V}"'),
        ('import {b} from "./b.js";', f'import {{b}} from "./b.js?m={V}";'),
        ("import b from'./b.js';b", f'import b from"./b.js?m={V}";b'),
        ("import * as b from '/x/b.js'", f'import * as b from "/x/b.js?m={V}"'),
        ("import '../b.js'", f'import "../b.js?m={V}"'),
        ("export * from './b.js'", f'export * from "./b.js?m={V}"'),
        ("export {b as c} from './b.js'", f'export {{b as c}} from "./b.js?m={V}"'),
        # What follows the literal stays.
        (
            "import s from './s.css' with {type: 'css'};",
            f"import s from \"./s.css?m={V}\" with {{type: 'css'}};",
        ),
        # The developer's own query and fragment stay, our version is the last.
        ("import './b.js?x=1'", f'import "./b.js?x=1&m={V}"'),
        ("import './b.js?x=1#f'", f'import "./b.js?x=1&m={V}#f"'),
        ("import './b.js?m=dark'", f'import "./b.js?m=dark&m={V}"'),
        # A version that the source carries is replaced.
        (f"import './b.js?m={OLD}'", f'import "./b.js?m={V}"'),
        (f"import './b.js?x&m={OLD}&m={OLD}'", f'import "./b.js?x&m={V}"'),
        # Escapes mean what they mean in JavaScript.
        (r"import './\x62.js'", f'import "./b.js?m={V}"'),
        (r"import './\u{62}\'.js'", f'import "./b\'.js?m={V}"'),
        ("import './</script>.js'", rf'import "./\u003c/script>.js?m={V}"'),
        ("import './ü.js'", rf'import "./\u00fc.js?m={V}"'),
        # A bare specifier becomes the URL that import maps give it.
        ("import 'lib'", f'import "/static/lib/index.js?m={V}"'),
        ("import 'lib/a b.js'", f'import "/static/lib/a%20b.js?m={V}"'),
        # No version, no change.
        ("import './gone.js'", "import './gone.js'"),
        ("import '/view/a.js'", "import '/view/a.js'"),
        ("import 'other'", "import 'other'"),
        ("import 'https://x.example/a.js'", "import 'https://x.example/a.js'"),
        ("import '//x.example/a.js'", "import '//x.example/a.js'"),
        # No import, no change.
        ("// import './b.js'\n", "// import './b.js'\n"),
        ("const s = \"import './b.js'\";\n", "const s = \"import './b.js'\";\n"),
        ("const s = `import('./b.js')`;\n", "const s = `import('./b.js')`;\n"),
        ("const r = /import('.\\/b.js')/;\n", "const r = /import('.\\/b.js')/;\n"),
        ("x.import('./b.js')", "x.import('./b.js')"),
        # Several on one line, nothing between them is touched.
        (
            "import './b.js' ; /* x */ import './c.js'//y\n",
            f'import "./b.js?m={V}" ; /* x */ import "./c.js?m={V}"//y\n',
        ),
        # Line ends stay what they are.
        ("import\r\n'./b.js'\r\n", f'import\r\n"./b.js?m={V}"\r\n'),
        # Dynamic imports.
        (
            "a = import('./b.js')",
            f'{LOAD}a = __hmr_load(import.meta.url,"./b.js?m={V}")',
        ),
        ("a = import(x + y)", f"{LOAD}a = __hmr_load(import.meta.url,x + y)"),
        (
            "import('./gone.js')",
            f"{LOAD}__hmr_load(import.meta.url,'./gone.js')",
        ),
        ("import('other')", f"{LOAD}__hmr_load(import.meta.url,'other')"),
        (
            "import('./b.json', {with: {type: 'json'}})",
            f'{LOAD}__hmr_load(import.meta.url,"./b.json?m={V}",'
            " {with: {type: 'json'}})",
        ),
        (
            "import (\n /* why */ './b.js')",
            f'{LOAD}__hmr_load (import.meta.url,\n /* why */ "./b.js?m={V}")',
        ),
        (
            "import(`./${x}.js`)",
            f"{LOAD}__hmr_load(import.meta.url,`./${{x}}.js`)",
        ),
        (
            "`${import('./b.js')}`",
            f'{LOAD}`${{__hmr_load(import.meta.url,"./b.js?m={V}")}}`',
        ),
        # The outer argument holds an import of its own.
        (
            "import(import('./b.js'))",
            f"{LOAD}__hmr_load(import.meta.url,"
            f'__hmr_load(import.meta.url,"./b.js?m={V}"))',
        ),
    ],
)
def test_what_becomes_of_a_text(source: str, expected: str) -> None:
    assert rewritten(source) == expected


@pytest.mark.parametrize(
    ("source", "map_"),
    [
        ("import.meta.hot", "{}"),
        ("import.meta.dispose(f)", "{}"),
        (
            "import './b.js';import.meta.hot",
            f'{{["./b.js"]:"/static/b.js?m={V}"}}',
        ),
        # A key as it is written, once, with what it means.
        (
            "import 'lib';import {x} from 'lib';import.meta.hot",
            f'{{["lib"]:"/static/lib/index.js?m={V}"}}',
        ),
        # A dynamic import binds to no instance.
        ("import('./b.js');import.meta.hot", '{["./b.js"]:"/static/b.js"}'),
        (
            "import('./b.js');import './b.js';import.meta.hot",
            f'{{["./b.js"]:"/static/b.js?m={V}"}}',
        ),
        (
            "import './b.js';import('./b.js');import.meta.hot",
            f'{{["./b.js"]:"/static/b.js?m={V}"}}',
        ),
        # What has no version is known nevertheless.
        ("import './gone.js';import.meta.hot", '{["./gone.js"]:"/static/gone.js"}'),
        # What only the page can tell, or the code while it runs.
        (
            "import 'https://x.example/';import 'none';import.meta.hot",
            '{},["https://x.example/","none"]',
        ),
        ("export*from 'none';import 'none';import.meta.hot", '{},["none"]'),
        ("import('none');import.meta.hot", "{},[],true"),
        ("import(x);import.meta.hot", "{},[],true"),
        (
            "import './__proto__';import.meta.hot",
            f'{{["./__proto__"]:"/static/__proto__?m={V}"}}',
        ),
    ],
)
def test_the_runtime_learns_what_a_module_imports(source: str, map_: str) -> None:
    text = rewritten(source)
    setup = re.search(r"__hmr_setup\(import\.meta,(\{.*?\}.*?)\);", text)
    assert setup is not None
    assert setup[1] == map_


def test_a_module_that_takes_part_gets_a_prelude() -> None:
    assert rewritten("import.meta.hot.accept();\n") == (
        'import{setup as __hmr_setup}from"/_hmr/client.js";'
        "__hmr_setup(import.meta,{});import.meta.hot.accept();\n"
    )


def test_one_prelude_brings_all_that_is_needed() -> None:
    assert rewritten("import.meta.hot;import(x)").startswith(
        "import{setup as __hmr_setup,load as __hmr_load}"
        'from"/_hmr/client.js";__hmr_setup(import.meta,{},[],true);import.meta.hot;'
    )


@pytest.mark.parametrize("start", ["\ufeff", "#!/x\n", "#!/x\r\n", "\ufeff#!/x\n", ""])
def test_the_prelude_comes_after_what_has_to_be_first(start: str) -> None:
    text = rewritten(f"{start}import.meta.hot")
    assert text.startswith(f"{start}import{{setup")


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("import.meta.hot;import(x);let __hmr_setup", ["setup as __hmr_setup_,"]),
        ("import.meta.hot;import(x);__hmr_load()", ["load as __hmr_load_}"]),
        ("import.meta.hot;let __hmr_setup, __hmr_load_", ["setup as __hmr_setup__}"]),
        ("import.meta.hot;'__hmr_setup'", ["setup as __hmr_setup_}"]),
        (
            r"import.meta.hot;let \u005f_hmr_setup",
            ["setup as __hmr_setup_written_with_escapes}"],
        ),
    ],
)
def test_names_that_a_module_uses_are_left_to_it(source: str, taken: list[str]) -> None:
    text = rewritten(source)
    assert all(name in text for name in taken)


def test_its_own_url_is_without_version_to_a_module_that_reads_it() -> None:
    source = "x(import.meta.url)"
    prelude = "import.meta.url=import.meta.url.slice(0,-19);"
    assert len(f"?m={OWN}") == 19
    assert rewritten(source, own=OWN) == prelude + source
    assert rewritten(source, own=None) == source


def test_the_runtime_itself_sees_to_the_url_of_a_module_that_takes_part() -> None:
    text = rewritten("import.meta.hot;x(import.meta.url)", own=OWN)
    assert "slice" not in text


@pytest.mark.parametrize(
    ("base", "expected"),
    [(BASE, f"/static/else.js?m={V}"), (None, f"./b.js?m={V}")],
)
def test_what_an_import_map_redirects_is_replaced_by_its_meaning(
    base: str | None, expected: str
) -> None:
    source = "import './b.js?m=0123456789abcdef';"

    def redirect(specifier: str) -> str | None:
        return "/static/else.js"

    text = rewrite(source, scan(source), redirect, version_of, RUNTIME, None, base=base)
    assert text == f'import "{expected}";'


def test_a_text_without_edits_is_the_very_same_object() -> None:
    source = "export const a = 'import.meta.hot';\n"
    assert rewritten(source, own=OWN) is source


def test_bytes_that_are_no_utf_8_survive() -> None:
    source = "import './b.js'; // \udce9\udcff\n"
    assert rewritten(source) == f'import "./b.js?m={V}"; // \udce9\udcff\n'


# Edits


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], "abcdef"),
        ([(0, 0, "1")], "1abcdef"),
        ([(6, 6, "1")], "abcdef1"),
        ([(0, 6, "")], ""),
        ([(4, 5, "2"), (1, 2, "1")], "a1cd2f"),
        ([(1, 2, "1"), (2, 3, "2")], "a12def"),
        ([(1, 2, "2"), (1, 1, "1")], "a12cdef"),
    ],
)
def test_edits(edits: list[tuple[int, int, str]], expected: str) -> None:
    assert apply_edits("abcdef", edits) == expected


# What holds for every text

SPECIFIERS = st.sampled_from(
    [
        "./b.js",
        "../b.js?x=1",
        "/a/b.js#f",
        "./gone.js",
        "lib",
        "other",
        "https://x.example/a.js",
        f"./b.js?m={OLD}",
        f"/b.js?x&m={OLD}#f",
        "./ü b.js",
        "",
    ]
)
QUOTES = st.sampled_from(["'", '"'])
BLANKS = st.sampled_from(["", " ", "\n", "\r\n", "/* import('./x') */", "// '\n"])


@st.composite
def statements(draw: st.DrawFn) -> str:
    quote, blank = draw(QUOTES), draw(BLANKS)
    literal = f"{quote}{draw(SPECIFIERS)}{quote}"
    return draw(
        st.sampled_from(
            [
                f"import{blank}{literal};",
                f"import * as a{blank} from{blank}{literal};",
                f"export * from{blank}{literal}\n",
                f"export {{x}} from {literal}{blank};",
                f"import s from {literal} with {{type: 'css'}};",
                f"x = import({blank}{literal});",
                f"import({literal}, {{with: {{type: 'json'}}}});",
                "import(name);",
                f"x = `${{import({literal})}}{blank}`;",
                f"{blank}import.meta.hot?.accept({literal});",
                "x(import.meta.url);",
                f"const s = `import {literal}`;",
                f"const r = /import {re.escape(literal)}/;",
                f"// import {literal}\n",
                f"/* import({literal})\n*/",
                "const x = {import: 1}; x.import();",
                "let __hmr_load = 1;",
                "\n\n",
                "é€𝒳\udcff;",
            ]
        )
    )


@st.composite
def sources(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from(["", "", "\ufeff", "#!/x\n", "#!/x\r\n", "\n"]))
    return start + "".join(draw(st.lists(statements(), max_size=8)))


def line_ends(text: str) -> list[str]:
    return re.findall("\r\n|[\n\r\u2028\u2029]", text)


def static_imports(found: Scan) -> list[tuple[str | None, ImportKind, str | None]]:
    return [
        (resolver(split_version(item.specifier or "")[0]) or item.specifier, k, t)
        for item in found.imports
        if (k := item.kind) is not ImportKind.DYNAMIC
        for t in [item.type]
    ]


@settings(max_examples=150)
@given(sources(), st.sampled_from([None, OWN]))
def test_lines_never_move(source: str, own: str | None) -> None:
    text = rewritten(source, own)
    assert line_ends(text) == line_ends(source)
    # Neither do the first columns of lines but for the first that is code.
    assert len(text.split("\n")) == len(source.split("\n"))


@settings(max_examples=150)
@given(st.text(max_size=200))
def test_any_text_can_be_rewritten(source: str) -> None:
    assert line_ends(rewritten(source)) == line_ends(source)


@settings(max_examples=150)
@given(sources())
def test_nothing_but_literals_and_the_word_import_is_replaced(source: str) -> None:
    """Whatever lies between two edits is in the result, in the same order."""
    found = scan(source)
    cuts = [(found.body, found.body)]
    for item in found.imports:
        cuts.append((item.start, item.end))
        if item.argument >= 0:
            cuts += [(item.keyword, item.keyword + 6), (item.argument, item.argument)]
    cuts.sort()
    text = rewritten(source, OWN)
    at = position = 0
    for start, end in [*cuts, (len(source), len(source))]:
        between = source[position:start]
        at = text.index(between, at) + len(between)
        position = end
    assert text.endswith(source[position:])


@settings(max_examples=150)
@given(sources())
def test_the_result_names_the_same_modules(source: str) -> None:
    before, after = scan(source), scan(rewritten(source))
    loads = any(i.argument >= 0 for i in before.imports)
    runtime = [(RUNTIME.url, ImportKind.STATIC, None)]
    runtime = runtime if loads or before.uses_hot else []
    assert static_imports(after) == runtime + static_imports(before)
    assert not [i for i in after.imports if i.argument >= 0]
    assert after.uses_hot == before.uses_hot
    assert after.accepts_self == before.accepts_self


@settings(max_examples=150)
@given(sources())
def test_the_result_carries_one_version_for_each_module(source: str) -> None:
    for item in scan(rewritten(source)).imports:
        if item.kind is ImportKind.DYNAMIC or item.specifier is None:
            continue
        plain, version = split_version(item.specifier)
        url = resolver(plain)
        if url is not None and url != RUNTIME.url:
            expected = version_of(url)
            if expected is not None:
                assert version == expected
            assert item.specifier.count("m=") <= 1


@settings(max_examples=150)
@given(sources())
def test_rewriting_again_replaces_versions_and_never_piles_them_up(source: str) -> None:
    """What a page was given may be pasted back into a source."""
    newer = "n" * 16
    once = rewritten(source)
    twice = rewrite(once, scan(once), resolver, lambda url: newer, RUNTIME, None)
    before, after = static_specifiers(once), static_specifiers(twice)
    # Taking part already, the text gets a second prelude with another import.
    after = after[len(after) - len(before) :]
    assert [split_version(s)[0] for s in before] == [split_version(s)[0] for s in after]
    for specifier in after:
        ours = resolver(specifier) is not None
        assert split_version(specifier)[1] == (newer if ours else None)
        assert specifier.count("m=") == ours


def static_specifiers(text: str) -> list[str]:
    return [
        item.specifier or ""
        for item in scan(text).imports
        if item.kind is not ImportKind.DYNAMIC
    ]
