"""Imports that lead nowhere: the overlay says which, and where they stand."""

from __future__ import annotations

import pytest

from .support.project import APP, INDEX
from .support.steps import edit, open_page

MAIN = """
    // The first line.
    log.push("one");
    import.meta.hot.accept();
"""

# What the import says, what the overlay has to say of it.
NOWHERE = {
    "no such file": ("./no.js", "/static/no.js"),
    "no such folder": ("./no/no.js", "/static/no/no.js"),
    "no extension": ("./value", "/static/value"),
    "outside of the static folder": ("/elsewhere/no.js", "/elsewhere/no.js"),
    "a bare name": ("no-such-package", "no-such-package"),
    "no JavaScript": ("./text.txt", "/static/text.txt"),
}
FILES = {
    "static/main.js": MAIN,
    "static/value.js": "export default 1;",
    "static/text.txt": "text",
}


@pytest.mark.rule(17)
@pytest.mark.parametrize(("specifier", "name"), NOWHERE.values(), ids=NOWHERE)
def test_an_import_that_leads_nowhere_is_named_with_its_place(project, specifier, name):
    page = open_page(project, FILES)
    edit(project, "static/main.js", "log", f'import "{specifier}"; log')
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text(name).first.wait_for()
    overlay.get_by_text("/static/main.js:2").first.wait_for()
    assert page.log() == ["one"]

    project.save("static/main.js", MAIN.replace("one", "two"))
    page.wait_for_log(["one", "two"])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
@pytest.mark.parametrize(("specifier", "name"), NOWHERE.values(), ids=NOWHERE)
def test_it_is_named_when_the_page_opens(project, specifier, name):
    broken = MAIN.replace("log", f'import "{specifier}"; log')
    page = open_page(project, {**FILES, "static/main.js": broken})
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text(name).first.wait_for()
    overlay.get_by_text("/static/main.js:2").first.wait_for()
    project.save("static/main.js", MAIN)
    page.wait_for_log(["one"])
    overlay.wait_for(state="detached")


# What a page makes of a module, and the import of it that stands there.
ON_ITS_OWN = {
    "accepted by its importer": {
        "static/main.js": """\
import './leaf.js';
import.meta.hot.accept('./leaf.js', () => log.push("taken"));
""",
        "static/leaf.js": 'log.push("leaf");\n',
    },
    "accepted by itself": {
        "static/main.js": """\
import './leaf.js';
log.push("main");
""",
        "static/leaf.js": 'log.push("leaf");\nimport.meta.hot.accept();\n',
    },
    "imported dynamically": {
        "static/main.js": """\
import('./leaf.js').catch(() => log.push("refused"));
import.meta.hot.accept('./leaf.js', () => log.push("taken"));
""",
        "static/leaf.js": 'log.push("leaf");\n',
    },
}
MISSING = (
    "A module is missing: "
    "/static/main.js imports /static/leaf.js, and there is no such file."
)


@pytest.mark.rule(27)
@pytest.mark.parametrize("files", ON_ITS_OWN.values(), ids=ON_ITS_OWN)
def test_a_deleted_module_is_named_with_who_imports_it(project, files):
    project.write({**files, "static/elsewhere.js": "import './leaf.js';\n"})
    project.start()
    # Another page has loaded one that imports it, too.
    project.fetch("/static/elsewhere.js", headers={"Sec-Fetch-Dest": "script"})
    page = project.open()
    page.wait_until_connected()
    page.wait_for_log_entry("leaf")
    project.delete("static/leaf.js")

    page.wait_for_console(MISSING)
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("/static/main.js:1").first.wait_for()
    first, *_ = files["static/main.js"].splitlines()
    column = first.index("'") + 1
    assert overlay.locator(".failing code").inner_text() == first
    assert overlay.locator(".caret .unseen").text_content() == first[: column - 1]
    overlay.get_by_text(f"/static/main.js:1:{column}").first.wait_for()
    assert "check.js" not in page.console

    project.save("static/leaf.js", 'log.push("back");\nimport.meta.hot.accept();\n')
    page.wait_for_log_entry("back")
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(27)
def test_it_is_named_where_a_view_makes_who_imports_it(project):
    page = open_page(
        project,
        {
            "app.py": APP
            + """

@app.get("/view.js")
def view():
    text = "import '/static/leaf.js'; import.meta.hot.accept('/static/leaf.js');"
    return text, {"Content-Type": "text/javascript"}
""",
            "static/main.js": 'import "/view.js";',
            "static/leaf.js": 'log.push("leaf");',
        },
    )
    page.wait_for_log(["leaf"])
    project.delete("static/leaf.js")
    page.wait_for_console("/view.js imports /static/leaf.js, and there is no such file")


@pytest.mark.rule(17)
def test_the_code_around_an_import_is_that_of_the_file(project):
    page = open_page(
        project,
        {"static/main.js": 'log.push("one"); import.meta.hot.accept();\n'},
    )
    text = 'log.push("two"); import.meta.hot.accept(); import "./no.js"; import("./x");'
    project.save("static/main.js", f"{text}\n")
    overlay = page.locator("[data-hmr-overlay]")
    column = text.index('"./no.js"') + 1
    overlay.get_by_text(f"/static/main.js:1:{column}").first.wait_for()
    assert overlay.locator(".failing code").inner_text() == text
    assert overlay.locator(".caret .unseen").text_content() == text[: column - 1]


def test_it_is_the_text_of_a_plugin_where_that_has_moved_the_import(project):
    page = open_page(
        project,
        {
            "app.py": APP.replace("HMR(app)", "hmr = HMR(app)")
            + """

@hmr.transform("main.js")
def moved(source, module):
    return "// Moved.\\n" + source
""",
            "static/main.js": "import.meta.hot.accept();\n",
        },
    )
    project.save("static/main.js", "import.meta.hot.accept(); import './no.js';\n")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("/static/main.js:2:34").first.wait_for()
    failing = overlay.locator(".failing code")
    assert failing.inner_text() == "import.meta.hot.accept(); import './no.js';"


@pytest.mark.rule(17)
def test_what_nobody_explains_names_what_was_to_be_loaded(project):
    page = open_page(project, FILES)
    # No browser asks at this port.
    edit(project, "static/main.js", "log", 'import "http://127.0.0.1:9/x.js"; log')
    page.wait_for_console("The browser cannot load /static/main.js, with all")
    assert "check.js" not in page.console


@pytest.mark.rule(27)
def test_a_deleted_module_that_a_script_of_the_page_imports_is_named(project):
    page = open_page(
        project,
        {
            "templates/index.html": """
                <!doctype html>
                <title>Project</title>
                <link rel="icon" href="data:,">
                <script type="module">
                  import "/static/leaf.js";
                  import.meta.hot.accept("/static/leaf.js", () => log.push("taken"));
                </script>
            """,
            "static/leaf.js": 'log.push("leaf");',
        },
    )
    page.wait_for_log(["leaf"])
    project.delete("static/leaf.js")
    page.wait_for_console(
        "A module is missing: "
        "This page imports /static/leaf.js, which the server answers with 404."
    )
    assert "check.js" not in page.console
    project.save("static/leaf.js", 'log.push("back");')
    page.wait_for_log(["leaf", "back", "taken"])


@pytest.mark.rule(17)
def test_a_script_of_the_page_that_is_no_javascript_is_named(project):
    index = INDEX.replace("main.js", "main.jsx")
    page = open_page(
        project, {"templates/index.html": index, "static/main.jsx": "log.push(<p/>);"}
    )
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("This is no JavaScript module").first.wait_for()
    overlay.get_by_text("/static/main.jsx").first.wait_for()


@pytest.mark.rule(17)
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("data.json", 'with { type: "json" }'),
        ("style.css", 'with { type: "css" }'),
        ("logo.svg", 'new URL("./file", import.meta.url)'),
    ],
)
def test_how_to_get_at_what_is_no_javascript_is_told(project, name, hint):
    page = open_page(project, {**FILES, f"static/{name}": ""})
    edit(project, "static/main.js", "log", f'import x from "./{name}"; log')
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text(hint).first.wait_for()
    overlay.get_by_text(f"/static/{name}").first.wait_for()
    assert page.log() == ["one"]


@pytest.mark.rule(17)
def test_what_the_page_once_got_without_a_version_hides_no_deleted_module(project):
    files = {
        "static/main.js": """
            import './middle.js';
            import.meta.hot.accept('./middle.js', () => log.push("taken"));
        """,
        "static/middle.js": 'import "./leaf.js"; log.push("middle");',
        "static/leaf.js": 'log.push("leaf");',
    }
    page = open_page(project, files)
    page.wait_for_log(["leaf", "middle"])
    # What browsers have by this URL they have until the page is left.
    page.evaluate("() => import('/static/leaf.js').then(() => log.push('again'))")
    page.wait_for_log(["leaf", "middle", "again"])
    project.delete("static/leaf.js")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("/static/leaf.js").first.wait_for()
    assert page.log() == ["leaf", "middle", "again"]

    project.save("static/leaf.js", 'log.push("new leaf");')
    page.wait_for_log(["leaf", "middle", "again", "new leaf", "middle", "taken"])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(27)
def test_what_a_deleted_module_imports_is_updated_while_that_is_missed(project):
    files = {
        "static/main.js": 'import "./gone.js"; log.push("main");',
        "static/gone.js": 'import "./leaf.js"; log.push("gone");',
        "static/leaf.js": 'log.push("leaf"); import.meta.hot.accept();',
    }
    page = open_page(project, files)
    page.wait_for_log(["leaf", "gone", "main"])
    project.delete("static/gone.js")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("/static/gone.js").first.wait_for()

    edit(project, "static/leaf.js", "leaf", "new leaf")
    page.wait_for_log(["leaf", "gone", "main", "new leaf"])
    assert overlay.count() == 1
    page.assert_not_reloaded()
