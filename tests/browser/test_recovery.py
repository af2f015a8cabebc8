"""Broken code beside code that works: neither may hold up the other."""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"


def overlay_goes(page):
    page.locator(OVERLAY).wait_for(state="detached")


@pytest.mark.rule(13, 17)
def test_a_boundary_that_throws_does_not_keep_another_from_its_update(project):
    boundary = """
        import { value } from "./value.js";
        export let seen = value;
        // CHECK
        import.meta.hot.accept(({ module }) => {
          seen = module.seen;
          log.push(`NAME ${seen}`);
        });
    """
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nimport './b.js';\n",
            "static/a.js": boundary.replace("NAME", "a").replace(
                "// CHECK", "if (value === 'two') throw new Error('not two');"
            ),
            "static/b.js": boundary.replace("NAME", "b"),
            "static/value.js": "export const value = 'one';",
        },
    )
    edit(project, "static/value.js", "one", "two")
    page.wait_for_log(["b two"])
    page.locator(OVERLAY).get_by_text("not two").first.wait_for()

    edit(project, "static/value.js", "two", "three")
    page.wait_for("() => log.includes('a three') && log.includes('b three')")
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_an_importer_may_mend_what_a_module_below_it_broke(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/part.js": "export const value = 'one';",
            "static/spare.js": "export const value = 'spare';",
        },
    )
    edit(project, "static/part.js", "'one'", "null.fails")
    page.locator(OVERLAY).wait_for()

    edit(project, "static/main.js", "./part.js", "./spare.js")
    page.wait_for_log(["one", "spare"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17, 26)
def test_what_was_saved_together_with_broken_code_is_not_lost(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nimport './b.js';\n",
            "static/a.js": "log.push('a1');\nimport.meta.hot.accept();\n",
            "static/b.js": "log.push('b1');\nimport.meta.hot.accept();\n",
        },
    )
    a, b = project.read("static/a.js"), project.read("static/b.js")
    project.write(
        {
            "static/a.js": a.replace("a1", "a2"),
            "static/b.js": b.replace("'b1')", "'b2'"),
        }
    )
    page.locator(OVERLAY).wait_for()
    assert "b2" not in page.log()

    project.save("static/b.js", b.replace("b1", "b3"))
    page.wait_for("() => log.includes('a2') && log.includes('b3')")
    assert sorted(page.log()) == ["a1", "a2", "b1", "b3"]
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_broken_json_is_an_error_that_names_it_until_it_is_mended(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import data from "./data.json" with { type: "json" };
                log.push(data.value);
                import.meta.hot.accept();
            """,
            "static/data.json": '{"value": "one"}',
        },
    )
    project.save("static/data.json", '{"value": ')
    page.locator(OVERLAY).get_by_text("data.json").first.wait_for()
    assert page.log() == ["one"]

    project.save("static/data.json", '{"value": "two"}')
    page.wait_for_log(["one", "two"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17, 23)
def test_a_module_that_is_loaded_while_another_is_broken_gets_what_runs(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                window.value = value;
                window.load = () => import("./late.js");
            """,
            "static/late.js": "export { value } from './part.js';",
            "static/part.js": """
                export let value = { name: "one" };
                import.meta.hot.accept(({ module }) => { value = module.value; });
            """,
        },
    )
    good = project.read("static/part.js")
    project.save("static/part.js", f"{good})")
    page.locator(OVERLAY).wait_for()

    name = "() => load().then(({ value: { name } }) => name, (error) => error.name)"
    assert page.evaluate(name) in ("one", "SyntaxError")

    project.save("static/part.js", good.replace("one", "two"))
    overlay_goes(page)
    page.wait_for(f"async () => await ({name})() === 'two'")
    page.assert_not_reloaded()


@pytest.mark.rule(17, 29)
def test_a_save_that_breaks_while_the_server_is_down_leaves_the_page_alive(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
                import.meta.hot.dispose(() => log.push("disposed"));
            """
        },
    )
    project.stop()
    edit(project, "static/main.js", '("one")', '("one"')
    project.start()

    page.locator(OVERLAY).get_by_text("main.js").first.wait_for()
    assert page.log() == ["one"]

    edit(project, "static/main.js", '("one"', '("two")')
    page.wait_for_log(["one", "disposed", "two"])
    overlay_goes(page)
    page.assert_not_reloaded()


@pytest.mark.rule(17, 29)
def test_a_restart_does_not_forget_what_is_still_broken(project):
    page = open_page(
        project,
        {"static/main.js": "log.push('one');\nimport.meta.hot.accept();\n"},
    )
    edit(project, "static/main.js", "('one')", "('one'")
    page.locator(OVERLAY).wait_for()

    project.stop()
    project.start()
    page.wait_until_reconnected()
    page.settle()
    assert page.locator(OVERLAY).count() == 1

    edit(project, "static/main.js", "('one'", "('two')")
    page.wait_for_log(["one", "two"])
    overlay_goes(page)
    page.assert_not_reloaded()
