"""Pages that were opened while something is broken, and come up when it is mended."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from .support.project import INDEX
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


@pytest.mark.rule(17)
@pytest.mark.parametrize("kind", BROKEN)
def test_a_page_that_opened_broken_says_why_and_comes_up_when_mended(project, kind):
    page = open_page(
        project,
        {**FILES, "static/part.js": TAKES_PART.replace("// BROKEN", BROKEN[kind])},
    )
    see(page, *SAYS[kind])

    edit(project, "static/part.js", BROKEN[kind], "// mended")

    page.wait_for_log(["main"])
    assert page.evaluate("() => value()") == "one"
    overlay_goes(page)
    page.assert_not_reloaded()

    # It is a page like any other from then on.
    page.wait_until_connected()
    edit(project, "static/part.js", '"one"', '"two"')
    page.wait_for("() => value() === 'two'")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
@pytest.mark.parametrize("kind", ["a syntax error", "an exception"])
def test_a_page_whose_own_script_is_broken_says_so(project, kind):
    main = "// first line\nBROKEN\nlog.push('main');\n"
    page = open_page(project, {"static/main.js": main.replace("BROKEN", BROKEN[kind])})
    see(page, "main.js:2")

    project.save("static/main.js", main.replace("BROKEN", ""))

    page.wait_for_log(["main"])
    overlay_goes(page)
    assert "linked" not in page.console


@pytest.mark.rule(17)
def test_a_page_comes_up_when_the_module_that_was_missing_is_written(project):
    page = open_page(
        project, {"static/main.js": "import './part.js';\nlog.push('main');\n"}
    )
    see(page, "main.js", "part.js")

    project.write({"static/part.js": "log.push('part');"})

    page.wait_for_log(["part", "main"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_other_scripts_of_a_page_run_and_update_while_one_is_broken(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                "<main>", "<script type=module src=/static/other.js></script><main>"
            ),
            "static/main.js": "import './nowhere.js';",
            "static/other.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    page.wait_for_log(["one"])
    see(page, "nowhere.js")

    edit(project, "static/other.js", "one", "two")
    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(17, 28)
def test_two_tabs_with_the_same_error_both_recover(project):
    first = open_page(project, FILES)
    second = project.open()
    second.wait_until_connected()

    edit(project, "static/part.js", "// BROKEN", BROKEN["a syntax error"])
    third = project.open()
    for page in (first, second, third):
        see(page, "part.js:2")

    edit(project, "static/part.js", BROKEN["a syntax error"], "// mended")
    for page in (first, second, third):
        overlay_goes(page)
        page.wait_for("() => value() === 'one'")
        page.assert_not_reloaded()


def test_scripts_run_in_the_order_of_the_document_however_slow_one_is(project):
    script = '<script type="module" src="/static/main.js"></script>'
    index = INDEX.replace(script, script.replace("main.js", "slow.js") + script)
    files = {
        "templates/index.html": index,
        "static/slow.js": "log.push('slow');",
        "static/main.js": "log.push('main');",
    }
    page = open_page(project, files)
    held: list[Route] = []
    page.tab.route("**/slow.js*", lambda route: held.append(route))

    # The runtime runs and connects, and what comes after it has to wait.
    with page.tab.expect_websocket():
        page.tab.reload(wait_until="commit")
    for route in held:
        route.continue_()

    page.wait_for_log(["slow", "main"])
