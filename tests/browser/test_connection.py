"""Pages that were away for a while, and several pages at a time."""

from __future__ import annotations

import pytest

from .support.project import APP
from .support.steps import edit, open_page

ACCEPTING = """
    log.push("one");
    import.meta.hot.accept();
"""

OTHER_PAGE = """

@app.get("/other")
def other():
    return render_template("other.html")
"""


def page_with(script):
    return f"""
        <!doctype html>
        <title>Page</title>
        <link rel="icon" href="data:,">
        <script type="module" src="/static/{script}"></script>
        <main></main>
    """


# Tabs


@pytest.mark.rule(28)
def test_two_tabs_update_both(project):
    first = open_page(project, {"static/main.js": ACCEPTING})
    second = project.open()
    second.wait_until_connected()

    edit(project, "static/main.js", "one", "two")

    for page in (first, second):
        page.wait_for_log(["one", "two"])
        page.assert_not_reloaded()


@pytest.mark.rule(28)
def test_two_tabs_of_different_users_update_both(project):
    first = open_page(project, {"static/main.js": ACCEPTING})
    second = project.open(user="other")
    second.wait_until_connected()

    edit(project, "static/main.js", "one", "two")

    for page in (first, second):
        page.wait_for_log(["one", "two"])
        page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_one_tab_updates_where_another_reloads_and_a_third_does_nothing(project):
    accepting = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/<name>")
def other(name):
    return render_template(f"{{name}}.html")
""",
            "templates/plain.html": page_with("plain.js"),
            "templates/third.html": page_with("third.js"),
            "static/main.js": """
                import { value } from "./shared.js";
                log.push(`accepting ${value}`);
                import.meta.hot.accept();
            """,
            "static/plain.js": """
                import { value } from "./shared.js";
                log.push(`plain ${value}`);
            """,
            "static/third.js": ACCEPTING,
            "static/shared.js": "export const value = 1;",
        },
    )
    plain = project.open("/plain")
    plain.wait_until_connected()
    third = project.open("/third")
    third.wait_until_connected()

    edit(project, "static/shared.js", "1", "2")

    accepting.wait_for_log(["accepting 1", "accepting 2"])
    accepting.assert_not_reloaded()
    plain.wait_for_reload()
    plain.wait_for_log(["plain 2"])
    edit(project, "static/third.js", "one", "two")
    third.wait_for_log(["one", "two"])
    third.assert_not_reloaded()


@pytest.mark.rule(3, 21)
def test_what_runs_in_a_page_decides_whether_that_page_accepts(project):
    accepting = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                if (location.hash === "#accept") import.meta.hot.accept();
            """
        },
    )
    accepting.goto("/#accept")
    accepting.refresh()
    accepting.wait_until_connected()
    other = project.open()
    other.wait_until_connected()

    edit(project, "static/main.js", "one", "two")

    accepting.wait_for_log(["one", "two"])
    accepting.assert_not_reloaded()
    other.wait_for_reload()
    other.wait_for_log(["two"])


@pytest.mark.rule(29)
def test_a_page_opened_after_updates_is_current(project):
    first = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                import { taken } from "./taken.js";
                log.push(`${value} ${taken}`);
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 1;",
            "static/taken.js": """
                export let taken = 1;
                import.meta.hot.accept(({ module }) => {
                  taken = module.taken;
                  log.push(`taken ${taken}`);
                });
            """,
        },
    )
    edit(project, "static/value.js", "1", "2")
    first.wait_for_log(["1 1", "2 1"])
    edit(project, "static/taken.js", "= 1", "= 2")
    first.wait_for_log_entry("taken 2")

    second = project.open()
    second.wait_for_log(["2 2"])
    second.wait_until_connected()
    edit(project, "static/value.js", "2", "3")

    second.wait_for_log(["2 2", "3 2"])
    first.wait_for_log_entry("3 2")
    first.assert_not_reloaded()
    second.assert_not_reloaded()


@pytest.mark.rule(29)
def test_a_refreshed_page_is_current(project):
    page = open_page(project, {"static/main.js": ACCEPTING})
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])

    page.refresh()

    page.wait_for_log(["two"])
    page.wait_until_connected()
    edit(project, "static/main.js", "two", "three")
    page.wait_for_log(["two", "three"])
    page.assert_not_reloaded()


# Gaps


def go_and_hold(page, project, pattern):
    """Open ``/`` with one request held back; return what lets it go."""
    held = []
    page.tab.route(pattern, lambda route: held.append(route))

    with page.tab.expect_request(pattern):
        page.tab.goto(project.url("/"), wait_until="commit")

    # Playwright hands the request over during calls to it.
    while not held:
        page.evaluate("0")

    def release():
        held.pop().continue_()
        page.tab.unroute(pattern)

    return release


@pytest.mark.rule(29)
def test_an_edit_between_the_html_and_the_connection_is_not_lost(project):
    witness = open_page(
        project,
        {
            "app.py": APP + OTHER_PAGE,
            "templates/other.html": page_with("nothing.js"),
            "static/nothing.js": "",
            "static/main.js": ACCEPTING,
        },
    )
    page = project.open("/other")
    release = go_and_hold(page, project, "**/_hmr/session")
    page.wait_for_log(["one"])

    edit(project, "static/main.js", "one", "two")
    witness.wait_for_log(["one", "two"])
    release()

    page.wait_for_log(["one", "two"])
    page.wait_until_connected()


@pytest.mark.rule(29)
def test_an_edit_between_the_html_and_its_modules_is_not_lost(project):
    page = open_page(
        project,
        {
            "app.py": APP + OTHER_PAGE,
            "templates/other.html": page_with("nothing.js"),
            "static/nothing.js": "",
            "static/main.js": """
                import "./dep.js";
                log.push("main");
            """,
            "static/dep.js": ACCEPTING,
        },
        "/other",
    )
    release = go_and_hold(page, project, "**/static/main.js*")

    edit(project, "static/dep.js", "one", "two")
    release()

    page.wait_for("() => log.includes('main') && log.includes('two')")
    page.wait_until_connected()
    edit(project, "static/dep.js", "two", "three")
    page.wait_for("() => log.at(-1) === 'three'")
    assert page.log().count("main") == 1


@pytest.mark.rule(29)
def test_an_edit_while_a_module_is_being_fetched_is_not_lost(project):
    page = open_page(
        project,
        {
            "app.py": APP + OTHER_PAGE,
            "templates/other.html": page_with("nothing.js"),
            "static/nothing.js": "",
            "static/main.js": ACCEPTING,
        },
        "/other",
    )
    release = go_and_hold(page, project, "**/static/main.js*")

    edit(project, "static/main.js", "one", "two")
    release()

    page.wait_for("() => log.at(-1) === 'two'")
    page.wait_until_connected()
    edit(project, "static/main.js", "two", "three")
    page.wait_for("() => log.at(-1) === 'three'")


@pytest.mark.rule(23, 29)
def test_an_edit_while_an_update_is_being_fetched_reaches_every_importer(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./app.js";
                import { value } from "./dep.js";
                window.value = () => value;
                log.push("main");
            """,
            "static/app.js": """
                import { value } from "./dep.js";
                log.push("app one");
                import.meta.hot.accept();
            """,
            "static/dep.js": """
                export let value = 1;
                import.meta.hot.accept(({ module }) => { value = module.value });
                import.meta.hot.dispose(() => log.push("disposed"));
            """,
        },
    )
    held = []
    page.tab.route("**/static/app.js*", lambda route: held.append(route))
    with page.tab.expect_request("**/static/app.js*"):
        edit(project, "static/app.js", "one", "two")
    while not held:
        page.evaluate("0")

    # The new app.js names whichever dep.js there is when it is served at last.
    edit(project, "static/dep.js", "= 1", "= 2")
    project.wait_for_output("update /static/dep.js")
    held.pop().continue_()
    page.tab.unroute("**/static/app.js*")

    page.wait_for_log_entry("app two")
    page.wait_for("() => value() === 2")
    assert page.log().count("disposed") == 1
    page.assert_not_reloaded()


@pytest.mark.rule(29)
def test_a_page_that_was_offline_is_brought_up_to_date(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
            """,
            "static/a.js": ACCEPTING,
            "static/b.js": "log.push('b');\nimport.meta.hot.accept();\n",
        },
    )
    page.wait_for_log(["one", "b"])

    project.stop()
    page.wait_for_console("[hmr] disconnected")
    edit(project, "static/a.js", "one", "two")
    edit(project, "static/a.js", "two", "three")
    project.start()

    page.wait_until_reconnected()
    page.wait_for_log(["one", "b", "three"])
    page.assert_not_reloaded()


# A server that stops and starts again


@pytest.mark.rule(29)
def test_a_restart_without_edits_leaves_the_page_alone(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                log.push(value);
                window.load = () => import("./lazy.js");
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 1;",
            "static/lazy.js": "log.push('lazy');",
        },
    )
    page.evaluate("async () => { window.lazy = await load() }")
    page.wait_for_log([1, "lazy"])

    project.stop()
    project.start()

    page.wait_until_reconnected()
    assert page.evaluate("async () => lazy === await load()")
    edit(project, "static/value.js", "1", "2")
    page.wait_for_log([1, "lazy", 2])
    page.assert_not_reloaded()


FORGETFUL = """
from flask_hmr.documents import Documents

Documents.sent = lambda self, name: None
"""


# As when the server stops before it has told the page what it was made from.
def test_the_same_document_is_known_again_though_its_text_is_forgotten(project):
    files = {"app.py": FORGETFUL + APP, "static/main.js": "log.push('main');"}
    page = open_page(project, files)

    project.stop()
    project.start()
    page.wait_for_console("nothing new")
    edit(project, "templates/index.html", "<body>", "<body>news")
    page.wait_for_text("body", "news")
    page.assert_not_reloaded()


def test_another_document_is_loaded_where_the_text_of_the_first_is_forgotten(project):
    files = {"app.py": FORGETFUL + APP, "static/main.js": "log.push('main');"}
    page = open_page(project, files)

    project.stop()
    edit(project, "templates/index.html", "<body>", "<body>news")
    project.start()
    page.wait_for_console("nobody knows what the page was made from")
    page.wait_for_reload()


@pytest.mark.rule(29)
def test_edits_during_a_restart_are_applied_without_a_reload(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 1;",
        },
    )

    project.stop()
    edit(project, "static/value.js", "1", "2")
    project.start()

    page.wait_for_log(["main 1", "main 2"])
    page.wait_until_reconnected()
    edit(project, "static/value.js", "2", "3")
    page.wait_for_log(["main 1", "main 2", "main 3"])
    page.assert_not_reloaded()


@pytest.mark.rule(29)
def test_edits_during_a_restart_that_nobody_accepts_reload_once(project):
    page = open_page(project, {"static/main.js": "log.push('one');"})

    project.stop()
    edit(project, "static/main.js", "one", "two")
    project.start()

    page.wait_for_reload()
    page.wait_for_log(["two"])
    page.wait_until_connected()
    page.settle()
    page.assert_not_reloaded()


@pytest.mark.rule(29)
def test_a_module_that_updated_before_a_restart_is_current_after_it(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                window.value = () => value;
                log.push("main");
            """,
            "static/value.js": """
                export let value = 1;
                import.meta.hot.accept(({ module }) => { value = module.value });
            """,
        },
    )
    edit(project, "static/value.js", "= 1", "= 2")
    page.wait_for("() => value() === 2")

    project.stop()
    project.start()
    page.wait_until_reconnected()
    edit(project, "static/value.js", "= 2", "= 3")

    page.wait_for("() => value() === 3")
    assert page.log() == ["main"]
    page.assert_not_reloaded()


@pytest.mark.rule(21, 29)
def test_edits_during_a_restart_of_what_no_page_has_loaded_change_nothing(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("main");
                window.load = () => import("./lazy.js");
            """,
            "static/lazy.js": "log.push('lazy one');",
        },
    )

    project.stop()
    edit(project, "static/lazy.js", "one", "two")
    project.start()

    page.wait_until_reconnected()
    page.evaluate("() => load()")
    page.wait_for_log(["main", "lazy two"])
    page.assert_not_reloaded()


@pytest.mark.rule(16, 29)
def test_edits_during_a_restart_dispose_of_all_that_they_replace(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./middle.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/middle.js": """
                import "./deep.js";
                import.meta.hot.dispose(() => log.push("middle disposed"));
            """,
            "static/deep.js": "log.push('one');",
        },
    )
    page.wait_for_log(["one", "main"])

    project.stop()
    edit(project, "static/deep.js", "one", "two")
    project.start()

    page.wait_for_log(["one", "main", "middle disposed", "two", "main"])
    page.assert_not_reloaded()


@pytest.mark.rule(23, 29)
def test_a_new_import_during_a_restart_shares_what_the_page_holds(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './app.js';\nimport './shared.js';\n",
            "static/app.js": "log.push('one');\nimport.meta.hot.accept();\n",
            "static/shared.js": "log.push('shared');",
        },
    )
    page.wait_for_log(["one", "shared"])

    project.stop()
    new = "import './shared.js';\nlog.push('two');"
    edit(project, "static/app.js", "log.push('one');", new)
    project.start()

    page.wait_for_log(["one", "shared", "two"])
    edit(project, "static/app.js", "two", "three")
    page.wait_for_log(["one", "shared", "two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(25, 29)
def test_a_file_touched_during_a_restart_is_no_change(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    project.stop()
    project.save("static/main.js", ACCEPTING)
    project.start()

    page.wait_until_reconnected()
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(29)
def test_each_of_many_restarts_keeps_the_page(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    for old, new in (("one", "two"), ("two", "three")):
        project.stop()
        project.start()
        page.wait_until_reconnected()
        edit(project, "static/main.js", old, new)
        page.wait_for_log_entry(new)

    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()


# Flask's reloader


@pytest.mark.rule(29)
def test_a_python_edit_restarts_flask_and_keeps_the_page(project):
    page = open_page(project, {"static/main.js": ACCEPTING})
    page.evaluate("() => { document.querySelector('main').textContent = 'typed' }")

    edit(project, "app.py", "HMR(app)", "HMR(app)\nprint('edited')")
    project.wait_for_restart()
    project.wait_for_output("edited")
    page.wait_until_reconnected()
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()
    assert page.text("main") == "typed"


@pytest.mark.rule(29)
def test_a_page_comes_back_after_a_time_in_which_the_app_was_broken(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    edit(project, "app.py", "HMR(app)", "HMR(app)\n1 / 0")
    page.wait_for_console("500")
    edit(project, "app.py", "1 / 0", "print('men', 'ded')")
    project.wait_for_output("men ded")

    page.wait_until_reconnected()
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(29)
def test_python_and_javascript_edited_together_both_arrive(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    edit(project, "app.py", "HMR(app)", "HMR(app)\nprint('edited')")
    edit(project, "static/main.js", "one", "two")
    project.wait_for_restart()

    page.wait_for_log(["one", "two"])
    page.wait_until_reconnected()
    edit(project, "static/main.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()


def test_the_reloader_does_not_restart_for_modules(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])
    edit(project, "app.py", "HMR(app)", "HMR(app)\nprint('edited')")
    project.wait_for_output("edited")

    assert project.restart_count == 1
