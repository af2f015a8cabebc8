"""What a document loads besides its module scripts, and pages that answer a form."""

from __future__ import annotations

import pytest

from .support.project import APP, INDEX
from .support.steps import edit, open_page

ACCEPTING = """
    log.push("main");
    import.meta.hot.accept();
"""


def assert_reloads_once(page, project, name):
    """Edit a script that a page runs and takes no updates of, then one that it does."""
    edit(project, name, '"one"', '"two"')
    page.wait_for_reload()
    page.wait_for_log_entry("two")
    page.wait_until_connected()

    project.save("static/main.js", 'log.push("new"); import.meta.hot.accept();')
    page.wait_for_log_entry("new")
    page.assert_not_reloaded()


# Scripts that are no modules, and what they import


@pytest.mark.rule(21)
@pytest.mark.parametrize(
    "code",
    ['log.push("one");', '<!-- sloppy\nwith (window) log.push("one");'],
    ids=["plain", "no module"],
)
def test_a_change_of_a_classic_script_reloads_once(project, code):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                '<script type="module"',
                '<script src="/static/old.js?v=1"></script>\n<script type="module"',
            ),
            "static/old.js": code,
            "static/main.js": ACCEPTING,
        },
    )
    assert_reloads_once(page, project, "static/old.js")
    page.wait_for_console("a classic script cannot be replaced: /static/old.js?v=1")


@pytest.mark.rule(21)
def test_a_module_that_a_classic_script_imports_reloads_once(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                "<main>", '<script>import("/static/late.js")</script><main>'
            ),
            "static/late.js": 'log.push("one");',
            "static/main.js": ACCEPTING,
        },
    )
    page.wait_for_log_entry("one")
    assert_reloads_once(page, project, "static/late.js")


@pytest.mark.rule(4, 21)
def test_a_module_that_a_classic_script_imports_may_accept_itself(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                "<main>", '<script>import("/static/late.js")</script><main>'
            ),
            "static/late.js": 'log.push("one"); import.meta.hot.accept();',
        },
    )
    page.wait_for_log(["one"])
    edit(project, "static/late.js", "one", "two")
    page.wait_for_log(["one", "two"])
    edit(project, "static/late.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()


# Inline module scripts

INLINE = """
    <!doctype html>
    <title>Inline</title>
    <link rel="icon" href="data:,">
    <script type="module">
      import { value } from "/static/value.js";
      log.push(`inline ${value}`);
      import.meta.hot?.accept("/static/value.js", ({ deps: [{ value }] }) => {
        log.push(`inline ${value}`);
      });
      window.later = () => import("/static/later.js");
    </script>
    <!-- more -->
    <main></main>
"""

INLINE_FILES = {
    "templates/index.html": INLINE,
    "static/value.js": """
        import { deep } from "./deep.js";
        export const value = deep;
        import.meta.hot?.dispose(() => log.push(`dispose ${value}`));
    """,
    "static/deep.js": 'export const deep = "one";',
    "static/later.js": 'export const later = "one";',
}


@pytest.mark.rule(6)
def test_an_inline_script_accepts_what_it_imports(project):
    page = open_page(project, INLINE_FILES)
    page.wait_for_log(["inline one"])
    edit(project, "static/deep.js", "one", "two")
    page.wait_for_log(["inline one", "dispose one", "inline two"])
    edit(project, "static/deep.js", "two", "three")
    page.wait_for_log_entry("inline three")
    expected = ["inline one", "dispose one", "inline two", "dispose two"]
    assert page.log() == [*expected, "inline three"]
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_one_inline_script_that_does_not_accept_is_enough_for_a_reload(project):
    other = '<script type="module">import "/static/value.js";</script>'
    html = INLINE.replace("<!-- more -->", other)
    page = open_page(project, {**INLINE_FILES, "templates/index.html": html})
    page.wait_for_log(["inline one"])
    edit(project, "static/deep.js", "one", "two")
    page.wait_for_reload()
    page.wait_for_log(["inline two"])


@pytest.mark.rule(21)
def test_what_an_inline_script_may_import_later_takes_no_part_until_then(project):
    page = open_page(project, INLINE_FILES)
    edit(project, "static/later.js", "one", "two")
    edit(project, "static/deep.js", "one", "two")
    page.wait_for_log_entry("inline two")
    page.assert_not_reloaded()

    assert page.evaluate("async () => (await later()).later") == "two"
    edit(project, "static/later.js", "two", "three")
    page.wait_for_reload()


# Elements that are hard to see

ELEMENTS = {
    "in a shadow root": """
        const host = document.querySelector("main");
        const root = host.attachShadow({ mode: "open" });
        root.append(script);
    """,
    "in a closed shadow root": """
        const host = document.querySelector("main");
        const root = host.attachShadow({ mode: "closed" });
        root.append(script);
    """,
    "taken out at once": """
        document.head.append(script);
        script.remove();
    """,
}


@pytest.mark.rule(21)
@pytest.mark.parametrize("add", ELEMENTS.values(), ids=ELEMENTS)
def test_a_script_that_is_no_longer_to_be_seen_counts(project, add):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                const script = document.createElement("script");
                script.type = "module";
                script.src = "/static/added.js";
                {add}
            """,
            "static/added.js": 'log.push("one");',
        },
    )
    page.wait_for_log_entry("one")
    edit(project, "static/added.js", "one", "two")
    page.wait_for_reload()
    page.wait_for_log_entry("two")


# Workers

STARTER = """
    const url = new URL("./worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }) => log.push(data);
    import.meta.hot.accept();
"""


@pytest.mark.rule(21)
@pytest.mark.parametrize("name", ["worker.js", "value.js", "deep.js"])
def test_a_change_reaches_a_worker_by_one_reload(project, name):
    page = open_page(
        project,
        {
            "static/main.js": STARTER,
            "static/worker.js": """
                import { value } from "./value.js";
                postMessage(`${value} and ${"one"}`);
            """,
            "static/value.js": """
                import { deep } from "./deep.js";
                export const value = `${deep} and ${"one"}`;
                import.meta.hot.accept();
            """,
            "static/deep.js": 'export const deep = "one";',
        },
    )
    page.wait_for_log(["one and one and one"])
    edit(project, f"static/{name}", '"one"', '"two"')
    page.wait_for_reload()
    page.wait_for("log.length === 1 && log[0].includes('two')")
    page.wait_for_console("[hmr] reload the worker /static/worker.js runs")


@pytest.mark.rule(21)
def test_a_module_of_page_and_worker_reaches_both(project):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import {{ value }} from "./value.js";
                log.push(value);
                {STARTER}
            """,
            "static/worker.js": """
                import { value } from "./value.js";
                postMessage(value);
            """,
            "static/value.js": """
                export const value = "one";
                import.meta.hot?.accept();
            """,
        },
    )
    page.wait_for_log(["one", "one"])
    edit(project, "static/value.js", "one", "two")
    page.wait_for_reload()
    page.wait_for_log(["two", "two"])


@pytest.mark.rule(21)
def test_a_worker_that_no_page_has_started_changes_nothing(project):
    files = {
        "static/main.js": ACCEPTING,
        "static/other.js": STARTER,
        "static/worker.js": 'postMessage("one");',
        "templates/other.html": INDEX.replace("main.js", "other.js"),
        "app.py": f"{APP}\n\n@app.get('/other')\ndef other():\n"
        "    return render_template('other.html')\n",
    }
    page = open_page(project, files)
    other = project.open("/other")
    other.wait_for_log(["one"])
    other.close()

    edit(project, "static/worker.js", "one", "two")
    edit(project, "static/main.js", '"main"', '"new"')
    page.wait_for_log(["main", "new"])
    page.assert_not_reloaded()


@pytest.mark.rule(29)
def test_a_worker_edited_while_the_server_is_down_is_new_after_it(project):
    page = open_page(
        project,
        {"static/main.js": STARTER, "static/worker.js": 'postMessage("one");'},
    )
    page.wait_for_log(["one"])
    project.stop()
    edit(project, "static/worker.js", "one", "two")
    project.start()
    page.wait_for_reload()
    page.wait_for_log(["two"])


# Pages that answer a form

FORM = """
    <!doctype html>
    <title>Form</title>
    <link rel="icon" href="data:,">
    <form method="post"><button>Send</button></form>
    <p>{{ request.method }} {{ count }}</p>
    <script type="module" src="/static/main.js"></script>
"""

COUNTING = f"""
from flask import request
{APP}
posts = []


@app.route("/form", methods=["GET", "POST"])
def form():
    if request.method == "POST":
        posts.append(1)
    return render_template("form.html", count=len(posts))
"""


@pytest.mark.rule(28)
def test_a_page_that_answers_a_form_updates_and_is_never_sent_again(project):
    page = open_page(
        project,
        {
            "app.py": COUNTING,
            "templates/form.html": FORM,
            "static/main.js": """
                import "./part.js";
                log.push("one");
                import.meta.hot.accept();
                import.meta.hot.accept("./part.js");
            """,
            "static/part.js": "import './deep.js';",
            "static/deep.js": "import.meta.hot?.decline();",
        },
        "/form",
    )
    page.locator("button").click()
    page.wait_for_text("p", "POST 1")
    page.wait_until_connected()
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])

    project.save("static/deep.js", "import.meta.hot?.decline(); // changed")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("reload it yourself").first.wait_for()
    edit(project, "static/main.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    assert page.text("p") == "POST 1"


@pytest.mark.rule(28)
def test_a_document_without_a_url_of_its_own_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const frame = document.createElement("iframe");
                frame.srcdoc =
                  '<!doctype html><script type="module" src="/static/in.js"></script>';
                document.body.append(frame);
                window.frameLog = log;
            """,
            "static/in.js": """
                parent.frameLog.push("one");
                import.meta.hot.accept();
            """,
        },
    )
    page.wait_for_log(["one"])
    page.wait_for_console("connected")
    edit(project, "static/in.js", "one", "two")
    page.wait_for_log(["one", "two"])
    edit(project, "static/in.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()
