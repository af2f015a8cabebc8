"""Code of the app that takes its time, or never ends."""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

NEVER = "await new Promise(() => {});"


@pytest.mark.rule(17)
def test_a_module_that_never_ends_its_evaluation_stops_no_later_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
            """
        },
    )
    project.save("static/main.js", f'log.push("two");\n{NEVER}')
    page.wait_for_log(["one", "two"])
    project.save("static/main.js", 'log.push("three"); import.meta.hot.accept();')
    page.wait_for_log(["one", "two", "three"])
    edit(project, "static/main.js", "three", "four")
    page.wait_for_log(["one", "two", "three", "four"])
    page.assert_not_reloaded()


@pytest.mark.rule(22)
def test_a_slow_evaluation_is_waited_for_before_the_next_one(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                import.meta.hot.accept("./value.js", ({ value }) => log.push(value));
            """,
            "static/value.js": 'export const value = "one";',
        },
    )
    project.save(
        "static/value.js",
        """
        log.push("begin");
        await new Promise((resolve) => { window.go = resolve; });
        export const value = "slow";
        """,
    )
    page.wait_for_log(["begin"])
    project.save("static/value.js", 'export const value = "quick";')
    page.evaluate("() => window.go()")
    page.wait_for_log(["begin", "slow", "quick"])
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_a_dispose_that_never_ends_stops_no_later_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.dispose(() => new Promise(() => log.push("dispose")));
                import.meta.hot.accept();
            """
        },
    )
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "dispose"])
    page.wait_for_console("dispose of /static/main.js takes long")
    project.save("static/main.js", 'log.push("three"); import.meta.hot.accept();')
    page.wait_for_log(["one", "dispose", "two", "dispose"])
    edit(project, "static/main.js", "three", "four")
    page.wait_for_log_entry("four")
    assert page.log().count("dispose") == 2
    page.assert_not_reloaded()


@pytest.mark.rule(13)
def test_a_callback_that_never_ends_stops_no_later_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./value.js";
                import.meta.hot.accept("./value.js", ({ value }) => {
                  log.push(value);
                  return new Promise(() => {});
                });
            """,
            "static/value.js": 'export const value = "one";',
        },
    )
    for old, new in (("one", "two"), ("two", "three"), ("three", "four")):
        edit(project, "static/value.js", old, new)
        page.wait_for_log_entry(new)
    page.assert_not_reloaded()
