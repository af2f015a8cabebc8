"""From the first evaluation to the last callback: decline, dispose, prune, events."""

from __future__ import annotations

import pytest

from .support.project import APP
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

EVENTS_APP = APP.replace("HMR(app)", "hmr = HMR(app)")


# decline


@pytest.mark.rule(14)
@pytest.mark.parametrize("changed", ["part.js", "deep.js"])
def test_a_list_that_names_a_declined_module_does_not_keep_it_from_reloading(
    project, changed
):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                import.meta.hot.accept(["./part.js"], () => log.push("called"));
                import.meta.hot.accept();
            """,
            "static/part.js": "import './deep.js';\nimport.meta.hot.decline();\n",
            "static/deep.js": "log.push('part');",
        },
    )
    text = project.read(f"static/{changed}")
    project.save(f"static/{changed}", f"log.push('new');\n{text}")

    page.wait_for_reload()
    page.wait_for_log_entry("new")
    assert "called" not in page.log()


@pytest.mark.rule(14)
def test_a_boundary_below_a_declined_module_still_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.decline();\n",
            "static/part.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    edit(project, "static/part.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(14)
def test_a_module_that_was_replaced_declines_no_more(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                import.meta.hot.accept(["./part.js"]);
            """,
            "static/part.js": "log.push('one');\nimport.meta.hot.decline();\n",
        },
    )
    edit(project, "static/part.js", "import.meta.hot.decline();", "// declines no more")
    page.wait_for_reload()
    page.wait_until_connected()

    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


# invalidate


@pytest.mark.rule(15)
def test_what_is_invalidated_by_its_callback_is_no_update_that_was_applied(project):
    main = """
        log.push("one");
        import.meta.hot.accept(() => import.meta.hot.invalidate("it is of no use"));
    """
    page = open_page(project, {"static/main.js": main})
    page.wait_for_log(["one"])
    edit(project, "static/main.js", "one", "two")
    page.wait_for_reload()
    assert "reload /static/main.js was invalidated" in page.console
    assert "update /static/main.js" not in page.console


@pytest.mark.rule(15)
def test_invalidate_may_be_called_at_any_time(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("main");
                const { hot } = import.meta;
                window.giveUp = () => hot.invalidate("a button was pressed");
                hot.accept();
            """
        },
    )
    page.evaluate("() => setTimeout(giveUp)")

    page.wait_for_reload()
    page.wait_for_log(["main"])
    page.wait_for_console("a button was pressed")


# dispose


@pytest.mark.rule(13, 16)
def test_all_dispose_callbacks_run_once_in_order_although_one_waits_and_one_throws(
    project,
):
    page = open_page(
        project,
        {
            "static/main.js": """
                const name = "one";
                const { hot } = import.meta;
                hot.data.name = name;
                hot.dispose((data) => log.push(`first ${data.name}`));
                hot.dispose(async (data) => {
                  await new Promise((resolve) => setTimeout(resolve, 100));
                  log.push(`slow ${data.name}`);
                });
                hot.dispose(() => { throw new Error("out of order"); });
                hot.dispose(() => Promise.reject(new Error("rejected")));
                import.meta.dispose((data) => log.push(`last ${data.name}`));
                hot.accept();
                log.push(name);
            """
        },
    )
    page.wait_for_log(["one"])

    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        edit(project, "static/main.js", f'"{old}"', f'"{new}"')
        page.wait_for_log([f"first {old}", f"slow {old}", f"last {old}", new])

    page.wait_for_console("out of order")
    page.wait_for_console("rejected")
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_dispose_runs_before_the_imports_of_the_new_version_do(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                // IMPORTS
                log.push("main");
                import.meta.hot.accept();
                import.meta.hot.dispose(() => log.push("disposed"));
            """,
            "static/added.js": "log.push('added');",
        },
    )
    edit(project, "static/main.js", "// IMPORTS", "import './added.js';")

    page.wait_for_log(["main", "disposed", "added", "main"])
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_a_dispose_that_is_called_late_counts(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
                window.late = () => import.meta.hot.dispose(() => log.push("late"));
            """
        },
    )
    page.evaluate("() => late()")
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "late", "two"])

    # The new instance has registered none.
    edit(project, "static/main.js", "two", "three")
    page.wait_for_log(["one", "late", "two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_a_diamond_disposes_of_each_module_once(project):
    part = """
        import "./bottom.js";
        import.meta.hot.dispose(() => log.push("NAME"));
    """
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./left.js";
                import "./right.js";
                import.meta.hot.accept();
                import.meta.hot.dispose(() => log.push("main"));
            """,
            "static/left.js": part.replace("NAME", "left"),
            "static/right.js": part.replace("NAME", "right"),
            "static/bottom.js": """
                log.push("one");
                import.meta.hot.dispose(() => log.push("bottom"));
            """,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        edit(project, "static/bottom.js", f'"{old}"', f'"{new}"')
        page.wait_for_log_entry(new)
        assert sorted(page.log()[:-1]) == ["bottom", "left", "main", "right"]
        assert page.log()[0] == "main", "importers go first"
    page.assert_not_reloaded()


# Callbacks of accept


@pytest.mark.rule(13)
@pytest.mark.parametrize(
    "fails",
    [
        "() => { throw new Error('out of order'); }",
        "async () => { throw new Error('out of order'); }",
        "() => { throw 'out of order'; }",
        "() => Promise.reject('out of order')",
    ],
)
def test_a_callback_that_fails_is_reported_and_no_other_suffers(project, fails):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import "./part.js";
                import.meta.hot.accept("./part.js", {fails});
                import.meta.hot.accept("./part.js", () => log.push("second"));
            """,
            "static/part.js": "log.push('one');",
        },
    )
    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["one", "two", "second"])
    page.locator(OVERLAY).get_by_text("out of order").first.wait_for()
    page.wait_for_console("out of order")

    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["one", "two", "second", "three", "second"])
    page.assert_not_reloaded()


# prune


@pytest.mark.rule(18, 19)
def test_a_module_comes_back_after_prune_as_if_it_had_never_been_there(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./extra.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/extra.js": """
                const { data } = import.meta.hot;
                data.visits = (data.visits ?? 0) + 1;
                log.push(`extra ${data.visits}`);
                import.meta.hot.accept();
                import.meta.hot.prune(() => { throw new Error("out of order"); });
                import.meta.hot.prune(({ visits }) => log.push(`pruned ${visits}`));
            """,
        },
    )
    with_import = project.read("static/main.js")
    without = with_import.replace('import "./extra.js";', "")
    page.wait_for_log(["extra 1", "main"])
    project.save("static/extra.js", project.read("static/extra.js") + "// more\n")
    page.wait_for_log(["extra 1", "main", "extra 2"])

    for visits in (2, 1):
        page.clear_log()
        project.save("static/main.js", without)
        page.wait_for_log(["main", f"pruned {visits}"])

        page.clear_log()
        project.save("static/main.js", with_import)
        page.wait_for_log(["extra 1", "main"])

    page.wait_for_console("out of order")
    page.assert_not_reloaded()


@pytest.mark.rule(19)
def test_modules_that_import_each_other_are_pruned_together(project):
    def module(name, other):
        return f"""
            import "./{other}.js";
            import.meta.hot.prune(() => log.push("{name} pruned"));
        """

    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import.meta.hot.accept();
            """,
            "static/a.js": module("a", "b"),
            "static/b.js": module("b", "a"),
        },
    )
    edit(project, "static/main.js", 'import "./a.js";', "log.push('main');")

    page.wait_for("() => log.length === 3")
    assert sorted(page.log()) == ["a pruned", "b pruned", "main"]
    page.assert_not_reloaded()


@pytest.mark.rule(19)
def test_what_moves_from_one_importer_to_another_is_not_pruned(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./middle.js";
                import.meta.hot.accept();
            """,
            "static/middle.js": """
                import "./deep.js";
                import.meta.hot.prune(() => log.push("middle pruned"));
            """,
            "static/deep.js": """
                log.push("deep");
                import.meta.hot.prune(() => log.push("deep pruned"));
            """,
        },
    )
    edit(project, "static/main.js", "./middle.js", "./deep.js")
    page.wait_for_log(["deep", "middle pruned"])

    edit(project, "static/main.js", 'import "./deep.js";', "")
    page.wait_for_log(["deep", "middle pruned", "deep pruned"])
    page.assert_not_reloaded()


# Events


@pytest.mark.rule(20)
def test_a_listener_of_the_apps_events_goes_with_its_instance(project):
    page = open_page(
        project,
        {
            "app.py": f"""{EVENTS_APP}
@app.post("/tell/<news>")
def tell(news):
    hmr.send("news", {{"text": news, "more": [1.5, None, "ü"]}})
    return "", 204
""",
            "static/main.js": """
                const name = "one";
                import.meta.hot.on("news", ({ text, more }) => {
                  log.push([name, text, more]);
                });
                log.push(name);
                import.meta.hot.accept();
            """,
        },
    )
    project.fetch("/tell/first", method="POST")
    page.wait_for_log(["one", ["one", "first", [1.5, None, "ü"]]])

    page.clear_log()
    edit(project, "static/main.js", '"one"', '"two"')
    page.wait_for_log(["two"])
    project.fetch("/tell/second", method="POST")
    page.wait_for_log(["two", ["two", "second", [1.5, None, "ü"]]])


@pytest.mark.rule(20)
def test_an_answer_goes_to_the_page_that_asked(project):
    page = open_page(
        project,
        {
            "app.py": f"""{EVENTS_APP}
@hmr.on("ask")
def answer(data, client):
    client.send("answer", data)
    if data == "end":
        hmr.send("answer", "to all")
""",
            "static/main.js": """
                window.ask = (data) => import.meta.hot.send("ask", data);
                import.meta.hot.on("answer", (data) => log.push(data));
            """,
        },
    )
    other = project.open()
    other.wait_until_connected()

    for data in ("text", {"a": [1, {"b": None}]}, None, "end"):
        page.evaluate("data => ask(data)", data)

    page.wait_for_log(["text", {"a": [1, {"b": None}]}, None, "end", "to all"])
    other.wait_for_log(["to all"])


@pytest.mark.rule(13, 20)
def test_a_listener_that_throws_or_leaves_stops_no_other(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                const { hot } = import.meta;
                const once = () => {
                  log.push("once");
                  hot.off("hmr:afterUpdate", once);
                };
                hot.on("hmr:afterUpdate", once);
                hot.on("hmr:afterUpdate", () => { throw new Error("out of order"); });
                hot.on("hmr:afterUpdate", () => log.push("always"));
            """,
            "static/part.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["one", "two", "once", "always"])
    page.wait_for_console("out of order")

    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["one", "two", "once", "always", "three", "always"])


@pytest.mark.rule(20)
def test_a_function_that_two_modules_listen_with_is_called_for_each(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                import "./part.js";
            """,
            "static/shared.js": "export const hear = () => log.push('heard');",
            "static/a.js": """
                import { hear } from "./shared.js";
                import.meta.hot.on("hmr:afterUpdate", hear);
            """,
            "static/b.js": """
                import { hear } from "./shared.js";
                import.meta.hot.on("hmr:afterUpdate", hear);
                // LISTENS NO MORE
                import.meta.hot.accept();
            """,
            "static/part.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["one", "two", "heard", "heard"])

    # b.js is replaced by an instance that does not listen; a.js still does.
    page.clear_log()
    text = project.read("static/b.js")
    listens = 'import.meta.hot.on("hmr:afterUpdate", hear);'
    project.save("static/b.js", text.replace(listens, "log.push('b');"))
    page.wait_for_log(["b", "heard"])
