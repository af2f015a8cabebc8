"""Calls of ``accept`` that nobody expects, and what happens inside callbacks."""

from __future__ import annotations

import pytest

from .support.project import INDEX
from .support.steps import edit, open_page

MAIN = "import './part.js';\nlog.push('main');\n"


@pytest.mark.rule(6)
def test_a_module_that_is_listed_twice_is_there_twice(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import.meta.hot.accept(["./a.js", "/static/a.js"], ({ deps }) => {
                  log.push([deps.length, deps[0].value, deps[0] === deps[1]]);
                });
            """,
            "static/a.js": "export const value = 'one';",
        },
    )
    edit(project, "static/a.js", "one", "two")

    page.wait_for_log([[2, "two", True]])
    page.assert_not_reloaded()


@pytest.mark.rule(7)
@pytest.mark.parametrize("accepts", ["[]", "[], () => log.push('called')"])
def test_an_empty_list_accepts_nothing(project, accepts):
    page = open_page(
        project,
        {
            "static/main.js": MAIN,
            "static/part.js": f"log.push('one');\nimport.meta.hot.accept({accepts});\n",
        },
    )
    edit(project, "static/part.js", "one", "two")

    page.wait_for_reload()
    page.wait_for_log(["two", "main"])


@pytest.mark.rule(4)
@pytest.mark.parametrize("argument", ["undefined", "null", "{}", "undefined, {}"])
def test_accept_without_a_callback_may_be_written_with_nothing(project, argument):
    page = open_page(
        project,
        {
            "static/main.js": MAIN,
            "static/part.js": f"log.push('one'); import.meta.hot.accept({argument});",
        },
    )
    edit(project, "static/part.js", "one", "two")

    page.wait_for_log(["one", "main", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 8)
def test_a_list_may_name_modules_with_a_query_and_of_another_extension(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace("main.js", "main.mjs"),
            "static/main.mjs": """
                import "./a.mjs";
                import "./b.js?x=1&y";
                const deps = ["./a.mjs", "./b.js?x=1&y"];
                import.meta.hot.accept(deps, ({ deps: [a, b] }) => {
                  log.push([a.value, b.value]);
                });
            """,
            "static/a.mjs": "export const value = 'a1';",
            "static/b.js": "export const value = 'b1';",
        },
    )
    edit(project, "static/a.mjs", "a1", "a2")
    page.wait_for_log([["a2", "b1"]])
    edit(project, "static/b.js", "b1", "b2")
    page.wait_for_log([["a2", "b1"], ["a2", "b2"]])
    page.assert_not_reloaded()
    assert "warning" not in page.console


@pytest.mark.rule(3, 12)
def test_an_accept_that_a_callback_calls_counts_from_then_on(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                const again = ({ deps }) => {
                  log.push(deps[0].value);
                  import.meta.hot.accept("./a.js", ({ deps }) => {
                    log.push(`more ${deps[0].value}`);
                  });
                };
                import.meta.hot.accept("./a.js", again);
            """,
            "static/a.js": "export const value = 1;",
        },
    )
    edit(project, "static/a.js", "= 1", "= 2")
    page.wait_for("() => log[0] === 2")
    page.clear_log()

    edit(project, "static/a.js", "= 2", "= 3")
    page.wait_for("() => log.includes(3) && log.includes('more 3')")
    page.assert_not_reloaded()


@pytest.mark.rule(6, 23)
def test_import_in_a_callback_gives_what_the_callback_was_given(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import.meta.hot.accept("./a.js", async ({ deps: [a] }) => {
                  log.push([a.value, a === await import("./a.js")]);
                });
            """,
            "static/a.js": """
                export const value = "one";
                // This one takes its own updates only from time to time.
                if (value === "two") import.meta.hot.accept(async ({ module }) => {
                  log.push([module.value, module === await import("./a.js")]);
                });
            """,
        },
    )
    edit(project, "static/a.js", 'value = "one"', 'value = "two"')
    page.wait_for_log([["two", True]])

    edit(project, "static/a.js", 'value = "two"', 'value = "three"')
    page.wait_for_log([["two", True], ["three", True]])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 26)
def test_a_module_that_begins_to_accept_what_changes_with_it_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": """
                import { value } from "./value.js";
                log.push(value);
            """,
            "static/value.js": "export const value = 1;",
        },
    )
    part = project.read("static/part.js")
    project.write(
        {
            "static/part.js": f"""{part}
                import.meta.hot.accept("./value.js", ({{ deps }}) => {{
                  log.push([deps[0].value]);
                }});
            """,
            "static/value.js": "export const value = 2;",
        }
    )
    page.wait_for("() => log.at(-1) === 2")
    page.clear_log()

    edit(project, "static/value.js", "= 2", "= 3")
    page.wait_for_log([[3]])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 7)
def test_a_module_that_no_longer_accepts_a_dependency_leaves_it_to_others(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": """
                import { value } from "./value.js";
                log.push(value);
                import.meta.hot.accept("./value.js", () => log.push("called"));
            """,
            "static/value.js": "export const value = 1;",
        },
    )
    edit(project, "static/value.js", "= 1", "= 2")
    page.wait_for_log([1, "called"])

    accepts = 'import.meta.hot.accept("./value.js", () => log.push("called"));'
    edit(project, "static/part.js", accepts, "")
    page.wait_for_log([1, "called", 2])

    edit(project, "static/value.js", "= 2", "= 3")
    page.wait_for_log([1, "called", 2, 3])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 21)
def test_a_module_that_is_accepted_before_it_is_loaded_updates_once_it_is(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.load = () => import("./late.js");
                import.meta.hot.accept("./late.js", ({ deps }) => {
                  log.push(deps[0].value);
                });
                import.meta.hot.accept();
                log.push("main");
            """,
            "static/late.js": "export const value = 1;\nlog.push('late');\n",
        },
    )
    # Nobody has loaded it: nothing is evaluated, and nobody called.
    edit(project, "static/late.js", "= 1", "= 2")
    edit(project, "static/main.js", '"main"', '"again"')
    page.wait_for_log(["main", "again"])

    assert page.evaluate("async () => (await load()).value") == 2
    edit(project, "static/late.js", "= 2", "= 3")
    page.wait_for_log(["main", "again", "late", "late", 3])
    page.assert_not_reloaded()


@pytest.mark.rule(3, 12)
def test_accept_after_a_top_level_await_works_for_every_instance(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                window.value = () => value;
            """,
            "static/part.js": """
                await new Promise((resolve) => setTimeout(resolve, 20));
                export let value = 1;
                import.meta.hot.accept(async ({ module }) => {
                  await null;
                  value = module.value;
                });
            """,
        },
    )
    for number in (2, 3, 4):
        edit(project, "static/part.js", f"= {number - 1}", f"= {number}")
        page.wait_for("number => value() === number", number)
    page.assert_not_reloaded()


@pytest.mark.rule(10)
def test_code_for_vite_may_ask_for_events_and_exports_that_are_not_there(project):
    page = open_page(
        project,
        {
            "static/main.js": MAIN,
            "static/part.js": """
                export default "one";
                if (import.meta.hot) {
                  import.meta.hot.accept((mod) => {
                    if (!mod) return;
                    log.push([mod.default, mod.nothing, "default" in mod]);
                  });
                  import.meta.hot.on("vite:beforeUpdate", () => log.push("never"));
                }
            """,
        },
    )
    edit(project, "static/part.js", '"one"', '"two"')

    page.wait_for_log(["main", ["two", None, True]])
    page.assert_not_reloaded()
