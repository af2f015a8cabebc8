"""What the page writes to its console, in the terminal (``HMR_FORWARD_CONSOLE``)."""

from __future__ import annotations

import re
import typing as t

import pytest

from ..waiting import wait_until
from .support.page import Page
from .support.project import Project
from .support.steps import edit, open_page

ALL = {"FLASK_HMR_FORWARD_CONSOLE": "1"}


def lines(project: Project) -> list[str]:
    """Return the lines of the terminal that come from consoles, set in ones too."""
    found = []
    for line in project.output.splitlines():
        if re.match(r"\[(console|uncaught|unhandled)", line) or (
            found and line.startswith("    ")
        ):
            found.append(line)
    return found


def say(project: Project, page: Page, script: str) -> list[str]:
    """Run a script in the page, and return what the terminal says of it.

    Places are left out: a script of the test is in no file.
    """
    before = len(lines(project))
    page.evaluate(f"() => {{ {script}; console.log('the end') }}")
    times = sum("the end" in line for line in lines(project)[:before]) + 1
    project.wait_for_output("] the end", times=times)
    told = [line for line in lines(project)[before:] if "the end" not in line]
    return [re.sub(r" \([^()]*:\d+:\d+\)$", "", line) for line in told]


@pytest.mark.parametrize("transport", ["socket", "stream", "poll"])
def test_each_level_is_shown_with_its_place_by_each_transport(project, transport):
    main = """
        console.debug("one");
        console.log("two");
        console.info("three");
        console.warn("four");
        console.error("five");
    """
    page = open_page(
        project,
        {"static/main.js": main},
        env={**ALL, "FLASK_HMR_TRANSPORTS": transport},
    )
    project.wait_for_output("five")
    assert lines(project) == [
        "[console.debug] one (static/main.js:1:9)",
        "[console.log] two (static/main.js:2:9)",
        "[console.info] three (static/main.js:3:9)",
        "[console.warn] four (static/main.js:4:9)",
        "[console.error] five (static/main.js:5:9)",
    ]
    # In the page nothing is different.
    assert [m for m in page.console.splitlines() if "[" not in m and "-" not in m] == [
        "debug: one",
        "log: two",
        "info: three",
        "warning: four",
        "error: five",
    ]


def test_errors_that_nobody_catches_are_shown_with_their_place(project):
    main = """
        import.meta.hot?.accept();
        window.fail = () => { null.x };
        window.refuse = () => Promise.reject(new TypeError("no luck"));
        window.reject = () => { Promise.reject({ code: 7 }) };
    """
    page = open_page(project, {"static/main.js": main}, env=ALL)
    page.evaluate("() => { setTimeout(fail); setTimeout(refuse); setTimeout(reject) }")
    project.wait_for_output("[uncaught error]")
    project.wait_for_output("[unhandled rejection]", times=2)
    text = "\n".join(lines(project))
    assert "[uncaught error] TypeError: Cannot read properties of null" in text
    assert "(static/main.js:2:28)" in text
    assert "[unhandled rejection] TypeError: no luck" in text
    assert "(static/main.js:3:38)" in text
    assert "[unhandled rejection] { code: 7 }" in text
    assert "?m=" not in text


def test_off_it_changes_nothing(project):
    page = open_page(project, {"static/main.js": 'console.log("hidden")'})
    page.evaluate("() => console.error('hidden too')")
    edit(project, "static/main.js", "hidden", "seen")
    page.wait_for_reload()
    assert lines(project) == []
    assert "hidden" not in project.output
    assert "console.js" not in "".join(page.requests)
    assert "wording.js" not in "".join(page.requests)
    assert "console" not in project.fetch("/").text


def test_only_the_levels_that_are_asked_for_are_shown(project):
    env = {"FLASK_HMR_FORWARD_CONSOLE": '["warn"]'}
    page = open_page(project, {"static/main.js": ""}, env=env)
    page.evaluate(
        "() => { console.log('a'); console.error('b'); console.warn('last');"
        " setTimeout(() => { null.x }) }"
    )
    project.wait_for_output("last")
    edit(project, "static/main.js", "", "console.warn('really last')")
    project.wait_for_output("really last")
    shown = [line.partition(" (")[0] for line in lines(project)]
    assert shown == ["[console.warn] last", "[console.warn] really last"]


WORDS: t.Mapping[str, tuple[str, str]] = {
    "texts": ("'a', 'b', 1, true, null, undefined", "a b 1 true null undefined"),
    "directives": (
        "'%s is %d and %i, %f, %o%%', 'x', 4.7, 4.7, 1.5, {a: 1}, 'rest'",
        "x is 4 and 4, 1.5, { a: 1 }% rest",
    ),
    "styles": ("'%cred%c and not', 'color: red', ''", "red and not"),
    "too few": ("'%s and %s', 'one'", "one and %s"),
    "percent": ("'100%'", "100%"),
    "strings inside": ("['a\\nb']", '["a\\nb"]'),
    "objects": (
        "{ a: [1, 'x'], 'b c': { d: null } }",
        '{ a: [1, "x"], "b c": { d: null } }',
    ),
    "deep": ("{ a: { b: { c: { d: 1 } } } }", "{ a: { b: { c: {…} } } }"),
    "long": ("Array.from({ length: 1000 }, () => 0)", "… 980 more]"),
    "holes": ("[, 1]", "[empty, 1]"),
    "collections": (
        "new Map([['a', 1]]), new Set([2])",
        'Map(1) {"a" → 1} Set(1) {2}',
    ),
    "classes": ("new (class Cart { items = 3 })()", "Cart { items: 3 }"),
    "functions": ("function pay() {}, class Cart {}", "ƒ pay() ƒ Cart()"),
    "dates": ("new Date(0), /a+/g", "1970-01-01T00:00:00.000Z /a+/g"),
    "others": ("10n, Symbol('s'), -0, NaN", "10n Symbol(s) -0 NaN"),
    "bytes": ("new Uint8Array([1, 2])", "Uint8Array(2) [1, 2]"),
    "elements": ("document.querySelector('main')", "<main>"),
    "nodes": ("document, document.createTextNode('x')", "#document #text"),
    "getters": ("{ get a() { throw new Error() } }", "{ a: (…) }"),
    "proxies": (
        "new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 2 } })",
        "[an object that cannot be read]",
    ),
    "circles": ("(() => { const a = { b: 1 }; a.a = a; return a })()", "a: [circular]"),
    "nameless": ("Object.create(null)", "{}"),
    "forms": (
        "(() => { const f = document.createElement('form'); f.id = 'f';"
        " f.innerHTML = '<input name=nodeName><input name=getAttribute>';"
        " return f })()",
        "<form#f>",
    ),
}


def test_values_are_worded_as_the_console_would(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    for name, (values, expected) in WORDS.items():
        (line,) = say(project, page, f"console.log({values})")
        assert line.startswith("[console.log] "), name
        assert expected in line, name


def test_errors_are_shown_with_their_stack(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    told = say(project, page, "console.error('it failed:', new RangeError('far'))")
    assert told[0] == "[console.error] it failed: RangeError: far"
    assert told[1].startswith("        at ")


def test_huge_values_are_cut_and_take_no_time(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    lengths, taken = page.evaluate("""async () => {
      const urls = performance.getEntriesByType("resource").map(({ name }) => name);
      const url = urls.find((url) => url.endsWith("wording.js"));
      const { wordingOf } = await import(url);
      const huge = "x".repeat(50_000_000);
      const wide = Object.fromEntries(
        Array.from({ length: 300 }, (_, n) => [`k${n}`, huge]));
      const values = [huge, wide, new Array(1e9), new Uint8Array(1e8), [wide, wide]];
      const start = performance.now();
      const texts = values.map((value) => wordingOf(["a:", value]));
      return [texts.map((text) => text.length), performance.now() - start];
    }""")
    assert max(lengths) <= 2_000
    assert min(lengths) > 10
    assert taken < 2_000


def test_a_page_that_logs_in_a_loop_floods_nothing(project):
    page = open_page(project, {"static/main.js": "import.meta.hot.accept()"}, env=ALL)
    page.evaluate("() => { for (let n = 0; n < 20_000; n++) console.log('again', n) }")
    project.wait_for_output("left out: too many at once")

    def counts() -> tuple[int, int]:
        text = "\n".join(lines(project))
        left = map(int, re.findall(r"(\d+) messages? w", text))
        return text.count("[console.log] again"), sum(left)

    # What is left out is told once a second.
    wait_until(lambda: sum(counts()) == 20_000)
    assert 50 <= counts()[0] < 200
    # And the page goes on as ever.
    edit(project, "static/main.js", "accept()", "accept(); log.push('still here')")
    page.wait_for_log(["still here"])


def test_what_values_do_when_they_are_shown_makes_no_circle(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    script = """
        const loud = new Proxy({}, {
          getPrototypeOf() { console.log("looked at"); return null },
        });
        console.log("a proxy:", loud)
    """
    told = say(project, page, script)
    assert told == ["[console.log] a proxy: {}"]


def test_messages_of_the_client_runtime_are_not_repeated(project):
    page = open_page(project, {"static/main.js": "import.meta.hot.accept()"}, env=ALL)
    edit(project, "static/main.js", "accept()", "accept(); log.push('new')")
    page.wait_for_log(["new"])
    page.wait_for_console("[hmr] update /static/main.js")
    assert say(project, page, "") == []
    assert "[console" not in "".join(
        line for line in lines(project) if "the end" not in line
    )


def test_the_console_stays_what_it_was(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    found = page.evaluate("""() => [
      console.log.name, console.log.length, String(console.log),
      console.log() === undefined, Object.keys(console).includes("log"),
      Object.getOwnPropertyNames(window).includes("wordingOf"),
    ]""")
    assert found[0] == "log"
    assert "[native code]" in found[2]
    assert found[3:] == [True, True, False]


def test_with_several_pages_each_message_says_where_it_comes_from(project):
    one = open_page(project, {"static/main.js": ""}, env=ALL)
    two = project.open("/?second")
    two.wait_until_connected()
    one.evaluate("() => console.log('from one')")
    project.wait_for_output("from one")
    two.evaluate("() => console.log('from two')")
    project.wait_for_output("from two")
    texts = [line.partition(" (")[0] for line in lines(project)]
    first = re.fullmatch(r"\[console\.log / #(\d)\] from one", texts[0])
    second = re.fullmatch(r"\[console\.log /\?second #(\d)\] from two", texts[1])
    assert first
    assert second
    assert first[1] != second[1]


def test_a_page_that_leaves_is_heard_to_the_end(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    page.evaluate("() => { console.log('good bye'); location.hash = 'x' }")
    page.evaluate("() => { console.log('last words'); location.search = '?next' }")
    project.wait_for_output("last words")


def test_escape_sequences_reach_no_terminal(project):
    page = open_page(project, {"static/main.js": ""}, env=ALL)
    text = r"\x1b]0;owned\x07\x1b[2J\r\n[hmr] forged \u202e\x9b\ud800 👩\u200d🚀"
    told = say(project, page, f"console.log('{text}')")
    assert told == [
        r"[console.log] \x1b]0;owned\x07\x1b[2J",
        "    [hmr] forged \\u202e\\x9b\\ud800 👩\u200d🚀",
    ]


def test_what_keeps_an_update_from_being_made_is_told_once(project):
    main = "console.log(1);\nimport.meta.hot.accept();\n"
    page = open_page(project, {"static/main.js": main}, env=ALL)
    project.wait_for_output("[console.log] 1")

    edit(project, "static/main.js", "log(1)", "log(;")
    project.wait_for_output("[hmr] Syntax error")
    page.locator("[data-hmr-overlay]").get_by_text("Syntax error").first.wait_for()
    edit(project, "static/main.js", "log(;", "log(2)")
    project.wait_for_output("[console.log] 2")

    assert not any(line.startswith("[uncaught") for line in lines(project))
