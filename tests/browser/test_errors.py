"""Code that cannot run: what the page does meanwhile, and how it recovers."""

from __future__ import annotations

import pytest

from .support.project import APP, INDEX
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

BROKEN = {
    "a syntax error": "export const x = ;",
    "a missing module": "import './nowhere.js';",
    "a missing export": "import { nothing } from './empty.js';",
    "an exception": "throw new Error('on purpose');",
}

# What the overlay has to say of each, for a developer to find it.
SAYS = {
    "a syntax error": ["part.js:2", "export const x = ;"],
    "a missing module": ["part.js", "nowhere.js"],
    "a missing export": ["part.js", "nothing"],
    "an exception": ["part.js", "on purpose"],
}

TAKES_PART = """
    // first line
    // BROKEN
    export let value = "one";
    import.meta.hot.accept(({ module }) => {
      value = module.value;
      log.push(value);
    });
"""

SHOWS_PART = """
    import { value } from "./part.js";
    window.value = () => value;
    log.push("main");
"""

FILES = {
    "static/main.js": SHOWS_PART,
    "static/part.js": TAKES_PART,
    "static/empty.js": "export {};",
}


def see(page, *texts):
    """Wait until the overlay shows texts."""
    page.wait_for(
        """texts => {
          const overlay = document.querySelector("[data-hmr-overlay]");
          const text = overlay?.shadowRoot.textContent ?? "";
          return texts.every((part) => text.includes(part));
        }""",
        list(texts),
    )


def overlay_goes(page):
    page.locator(OVERLAY).wait_for(state="detached")


# While a page runs


@pytest.mark.rule(17)
@pytest.mark.parametrize("kind", BROKEN)
def test_the_overlay_says_what_is_wrong_and_where_and_goes_by_itself(project, kind):
    page = open_page(project, FILES)

    edit(project, "static/part.js", "// BROKEN", BROKEN[kind])
    see(page, *SAYS[kind])
    assert page.evaluate("() => value()") == "one"

    text = project.read("static/part.js").replace(BROKEN[kind], "// mended")
    project.save("static/part.js", text.replace('"one"', '"two"'))
    page.wait_for("() => value() === 'two'")
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_a_syntax_error_is_told_once_in_console_and_terminal(project):
    page = open_page(project, FILES)

    edit(project, "static/part.js", "// BROKEN", "let x = );")
    see(page, "part.js:2:9", "let x = );")
    page.wait_for_console("/static/part.js:2")
    project.wait_for_output("/static/part.js:2")

    edit(project, "static/part.js", "let x = );", "// mended")
    overlay_goes(page)
    errors = [line for line in page.console.splitlines() if line.startswith("error")]
    assert len(errors) == 1
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_one_error_gives_way_to_the_next(project):
    page = open_page(project, FILES)

    edit(project, "static/part.js", "// BROKEN", "export const x = ;")
    see(page, "export const x = ;")
    edit(project, "static/part.js", "export const x = ;", "import './nowhere.js';")
    see(page, "nowhere.js")
    page.wait_for(
        "text => !document.querySelector('[data-hmr-overlay]')"
        ".shadowRoot.textContent.includes(text)",
        "export const x = ;",
    )

    edit(project, "static/part.js", "import './nowhere.js';", "// mended")
    overlay_goes(page)


@pytest.mark.rule(17, 27)
def test_the_page_goes_on_when_a_missing_module_comes(project):
    page = open_page(project, FILES)

    edit(project, "static/part.js", "// BROKEN", "import { more } from './more.js';")
    see(page, "part.js", "more.js")
    project.write({"static/more.js": "export const more = 1;\nlog.push('more');\n"})

    page.wait_for_log(["main", "more", "one"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_the_page_goes_on_when_a_missing_export_comes(project):
    page = open_page(project, FILES)

    edit(
        project, "static/part.js", "// BROKEN", "import { nothing } from './empty.js';"
    )
    see(page, "nothing")
    project.save("static/empty.js", "export const nothing = 0;\nlog.push('empty');\n")

    page.wait_for_log(["main", "empty", "one"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_an_export_that_is_taken_away_is_an_error_of_who_imports_it(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 1;",
        },
    )
    project.save("static/value.js", "export const other = 2;")
    see(page, "main.js", "value")

    edit(project, "static/main.js", "import { value }", "import { other as value }")
    page.wait_for_log([1, 2])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(13, 17)
def test_a_module_that_throws_has_neither_callbacks_nor_data_of_its_own(project):
    page = open_page(
        project,
        {
            "static/main.js": SHOWS_PART,
            "static/part.js": """
                import.meta.hot.data.seen ??= [];
                import.meta.hot.data.seen.push("one");
                import.meta.hot.accept(({ module }) => {
                  value = module.value;
                  log.push(`one takes ${value}: ${import.meta.hot.data.seen}`);
                });
                import.meta.hot.dispose(() => log.push("one disposed"));
                export let value = "one";
            """,
        },
    )
    good = project.read("static/part.js")

    project.save(
        "static/part.js",
        good.replace("one", "bad") + "throw new Error('on purpose');\n",
    )
    see(page, "on purpose")
    assert page.log() == ["main", "one disposed"]
    assert page.evaluate("() => value()") == "one"

    project.save("static/part.js", good.replace("one", "two"))
    page.wait_for("() => value() === 'two'")
    assert page.log() == ["main", "one disposed", "one takes two: one,bad,two"]
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_an_exception_below_a_boundary_calls_no_callback_until_it_is_mended(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./middle.js";
                log.push(`main ${value}`);
                import.meta.hot.accept(["./middle.js"], ({ deps }) => {
                  log.push(deps[0].value);
                });
            """,
            "static/middle.js": "export { value } from './deep.js';",
            "static/deep.js": "export const value = 'one';",
        },
    )
    project.save("static/deep.js", "export const value = 'two';\nnull.fails;\n")
    page.locator(OVERLAY).wait_for()
    assert page.log() == ["main one"]

    project.save("static/deep.js", "export const value = 'three';")
    page.wait_for_log(["main one", "three"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_a_rejected_top_level_await_is_an_exception_like_others(project):
    page = open_page(project, FILES)

    edit(
        project, "static/part.js", "// BROKEN", "await Promise.reject(new Error('no'));"
    )
    see(page, "part.js", "no")
    assert page.evaluate("() => value()") == "one"

    edit(
        project, "static/part.js", "await Promise.reject(new Error('no'));", "// mended"
    )
    page.wait_for_log(["main", "one"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17, 21)
@pytest.mark.parametrize("kind", ["a syntax error", "a missing module"])
def test_a_broken_save_that_nobody_accepts_waits_with_the_reload(project, kind):
    page = open_page(
        project,
        {"static/main.js": SHOWS_PART, "static/part.js": "export let value = 'one';\n"},
    )
    good = project.read("static/part.js")

    project.save("static/part.js", BROKEN[kind] + good)
    page.locator(OVERLAY).wait_for()
    assert page.evaluate("() => value()") == "one"
    page.assert_not_reloaded()

    project.save("static/part.js", good.replace("one", "two"))
    page.wait_for_reload()
    page.wait_for("() => value() === 'two'")


@pytest.mark.rule(17)
def test_a_module_that_import_cannot_load_rejects_and_can_be_loaded_when_mended(
    project,
):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.load = async () => (await import("./lazy.js")).value;
            """,
            "static/lazy.js": "export const value = ;",
        },
    )
    load = "() => load().catch((error) => error.name)"
    assert page.evaluate(load) == "SyntaxError"

    project.save("static/lazy.js", "export const value = 'mended';")

    page.wait_for(f"async () => await ({load})() === 'mended'")


# What the overlay has to say of a module that no import() can load.
LAZY = {
    "it does not parse": {"static/lazy.js": "// One.\nexport const value = ;"},
    "what it imports does not parse": {
        "static/lazy.js": "export { value } from './part.js';",
        "static/part.js": "// One.\nexport const value = ;",
    },
    "what it imports is missing": {
        "static/lazy.js": "// One.\nexport { value } from './part.js';"
    },
    "an export is missing": {
        "static/lazy.js": "// One.\nexport { value } from './part.js';",
        "static/part.js": "export const other = 1;",
    },
}
PLACES = {
    "it does not parse": "/static/lazy.js:2",
    "what it imports does not parse": "/static/part.js:2",
    "what it imports is missing": "/static/lazy.js:2",
    "an export is missing": "/static/lazy.js:2",
}
LOADER = """
    window.load = async (name) => (await import(name)).value;
    import.meta.hot.accept();
"""


@pytest.mark.rule(17)
@pytest.mark.parametrize("kind", LAZY)
def test_the_overlay_says_why_import_cannot_load_a_module(project, kind):
    page = open_page(project, {"static/main.js": LOADER, **LAZY[kind]})
    load = "() => load('./lazy.js').catch((error) => error.name)"
    assert page.evaluate(load) in ("SyntaxError", "TypeError")
    see(page, PLACES[kind])

    # It stays while nothing that has to do with it is saved,
    project.save("static/main.js", LOADER + "log.push('edited');")
    page.wait_for_log(["edited"])
    see(page, PLACES[kind])

    # and goes when it is mended, before anybody asks for it again.
    name = "static/part.js" if len(LAZY[kind]) == 2 else "static/lazy.js"
    if kind == "what it imports is missing":
        name = "static/part.js"
    project.save(name, "export const value = 'mended';")
    overlay_goes(page)
    assert page.evaluate(load) == "mended"
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_one_mistake_in_what_import_cannot_load_gives_way_to_the_next(project):
    files = {
        "static/lazy.js": "export { value } from './part.js';",
        "static/part.js": "// One.\nexport const value = ;",
    }
    page = open_page(project, {"static/main.js": LOADER, **files})
    load = "() => load('./lazy.js').catch((error) => error.name)"
    assert page.evaluate(load) == "SyntaxError"
    see(page, "/static/part.js:2")

    project.save("static/part.js", "//\n//\n//\nexport const value = (;")
    see(page, "/static/part.js:4")

    project.save("static/part.js", "export const value = 'mended';")
    overlay_goes(page)
    assert page.evaluate(load) == "mended"
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_who_tries_again_and_again_has_it_looked_into_once(project):
    files = {"static/lazy.js": "// One.\nexport const value = ;"}
    page = open_page(project, {"static/main.js": LOADER, **files})
    load = "() => load('./lazy.js').catch((error) => error.name)"
    looked = """() => performance.getEntriesByType("resource")
      .filter(({ name }) => name.includes("check.js")).length"""
    for _ in range(5):
        assert page.evaluate(load) == "SyntaxError"
    see(page, "/static/lazy.js:2")
    for _ in range(5):
        assert page.evaluate(load) == "SyntaxError"
    project.save("static/lazy.js", "export const value = 'mended';")
    overlay_goes(page)
    assert page.evaluate(load) == "mended"
    # Once to link it, once to find the place.
    assert page.evaluate(looked) == 2


@pytest.mark.rule(17)
@pytest.mark.parametrize("source", [None, "throw new Error('mine');"])
def test_what_becomes_of_an_import_is_up_to_who_asked_for_it(project, source):
    files = {} if source is None else {"static/lazy.js": source}
    page = open_page(project, {"static/main.js": LOADER, **files})
    assert page.evaluate("() => load('./lazy.js').catch(() => 'caught')") == "caught"
    # By then the overlay would have been there: what comes next is shown.
    project.write({"static/next.js": "export const value = ;"})
    assert page.evaluate("() => load('./next.js').catch(() => 'caught')") == "caught"
    see(page, "/static/next.js:1")
    assert page.locator(OVERLAY).get_by_text("lazy.js").count() == 0


# A page that was opened while something is broken


@pytest.mark.rule(17)
def test_a_page_comes_up_when_its_own_script_is_written(project):
    page = open_page(
        project,
        {"templates/index.html": INDEX.replace("main.js", "later.js")},
    )

    project.write({"static/later.js": "log.push('later');"})

    page.wait_for_log(["later"])
    overlay_goes(page)


@pytest.mark.rule(17, 29)
@pytest.mark.parametrize("mended", ["// mended", "// BROKEN"])
def test_an_error_that_was_mended_while_the_server_was_down_goes_away(project, mended):
    page = open_page(project, FILES)
    edit(project, "static/part.js", "// BROKEN", BROKEN["a syntax error"])
    see(page, "part.js:2")

    project.stop()
    edit(project, "static/part.js", BROKEN["a syntax error"], mended)
    project.start()

    page.wait_until_reconnected()
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17, 29)
def test_a_page_that_never_came_up_does_when_the_server_is_back(project):
    files = {
        "static/main.js": "import './part.js'; log.push('main');",
        "static/part.js": "export const broken = ; import.meta.hot.accept();",
    }
    page = open_page(project, files)
    see(page, "/static/part.js:1")

    project.stop()
    project.write({"static/part.js": "log.push('part'); import.meta.hot.accept();"})
    project.start()

    page.wait_for_log(["part", "main"])
    overlay_goes(page)


@pytest.mark.rule(20)
def test_an_error_is_an_event_too(project):
    page = open_page(
        project,
        {
            **FILES,
            "app.py": APP,
            "static/main.js": f"""{SHOWS_PART}
                import.meta.hot.on("hmr:error", ({{ file, line, title }}) => {{
                  log.push([file, line, title]);
                }});
            """,
        },
    )
    edit(project, "static/part.js", "// BROKEN", BROKEN["a syntax error"])

    page.wait_for_log(["main", ["/static/part.js", 2, "Syntax error"]])
