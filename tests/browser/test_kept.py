"""Modules that stay although the server, which reads texts, gave them a new URL.

What they accept shows only when they run, so their version changes with what they
accept. Whoever imports them from then on has to get the instance that is there.
"""

from __future__ import annotations

import pytest

from .support.project import APP
from .support.steps import edit, open_page

# part.js accepts value.js by a call that no reading of the text foresees.
FILES = {
    "static/main.js": """
        import { id } from "./part.js";
        log.push(`main one ${id}`);
        import.meta.hot.accept();
    """,
    "static/part.js": """
        import "./value.js";
        window.parts = (window.parts ?? 0) + 1;
        export const id = window.parts;
        const take = (hot) => hot.accept("./value.js", ({ value }) => log.push(value));
        take(import.meta.hot);
    """,
    "static/value.js": 'export const value = "first";',
    "static/late.js": 'import { id } from "./part.js"; export { id };',
}


@pytest.mark.rule(23)
def test_an_importer_that_is_edited_afterwards_finds_it(project):
    page = open_page(project, FILES)
    page.wait_for_log(["main one 1"])
    edit(project, "static/value.js", "first", "second")
    page.wait_for_log(["main one 1", "second"])
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["main one 1", "second", "main two 1"])
    page.assert_not_reloaded()


@pytest.mark.rule(23, 26)
@pytest.mark.parametrize("before", ["", "second"], ids=["at once", "after an update"])
def test_an_importer_that_is_edited_together_with_what_it_accepts_finds_it(
    project, before
):
    page = open_page(project, FILES)
    page.wait_for_log(["main one 1"])

    if before:
        edit(project, "static/value.js", "first", before)
        page.wait_for_log_entry(before)

    project.write(
        {
            "static/value.js": 'export const value = "last";',
            "static/main.js": FILES["static/main.js"].replace("one", "two"),
        }
    )
    page.wait_for_log_entry("main two 1")
    page.wait_for_log_entry("last")
    assert page.evaluate("window.parts") == 1
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_a_module_that_is_loaded_late_finds_it(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": FILES["static/main.js"]
            + "\nwindow.late = () => import('./late.js');",
        },
    )
    edit(project, "static/value.js", "first", "second")
    page.wait_for_log_entry("second")
    assert page.evaluate("async () => (await late()).id") == 1
    page.assert_not_reloaded()


@pytest.mark.rule(23, 28)
def test_where_a_policy_forbids_it_the_page_reloads_rather_than_have_two(project):
    policy = "default-src 'self'; img-src data:"
    page = open_page(
        project,
        {
            **FILES,
            "app.py": f"{APP}\n\n@app.after_request\ndef add_policy(response):\n"
            f"    response.headers['Content-Security-Policy'] = \"{policy}\"\n"
            "    return response\n",
        },
    )
    page.wait_for_log(["main one 1"])
    edit(project, "static/value.js", "first", "second")
    page.wait_for_log(["main one 1", "second"])
    page.assert_not_reloaded()

    edit(project, "static/main.js", "one", "two")
    page.wait_for_reload()
    page.wait_for_console("policy forbids the import map")
    page.wait_for_log(["main two 1"])
