"""Edits of Python code: Flask restarts, and open pages go on from where they were."""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

pytestmark = pytest.mark.interpreter

APP = """
from flask import Flask, render_template

from flask_hmr import HMR

app = Flask(__name__)
app.secret_key = "the same for each run"
HMR(app)
NAME = "one"


@app.get("/")
def index():
    return render_template("index.html", name=NAME)
"""

INDEX = """
<!doctype html>
<html lang="en">
  <head>
    <title>Python</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/static/main.js"></script>
  </head>
  <body>
    <p>Hello {{ name }}</p>
    <input name="field">
    <div id="app"></div>
  </body>
</html>
"""

MAIN = """
document.querySelector("#app").textContent = "made by a script";
log.push("main one");
import.meta.hot.accept();
"""

FILES = {"app.py": APP, "templates/index.html": INDEX, "static/main.js": MAIN}
OVERLAY = "[data-hmr-overlay]"
NOTICE = "[data-hmr-notice]"


def open_and_type(project):
    page = open_page(project, FILES)
    page.locator("input").fill("typed")
    return page


def assert_kept(page):
    __tracebackhide__ = True
    assert page.locator("input").input_value() == "typed"
    assert page.text("#app") == "made by a script"
    page.assert_not_reloaded()


def assert_updates_go_on(project, page):
    """Edit a module, and see that it is updated in the same page."""
    edit(project, "static/main.js", "main one", "main two")
    page.wait_for_log(["main one", "main two"])
    assert_kept(page)


def test_other_output_is_morphed_into_the_page(project):
    page = open_and_type(project)
    edit(project, "app.py", '"one"', '"two"')
    page.wait_for_text("p", "Hello two")
    assert_kept(page)
    page.wait_for_console("[hmr] refresh / (the server restarted)")
    assert_updates_go_on(project, page)


def test_the_same_output_changes_nothing(project):
    page = open_and_type(project)
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver((records) => seen.push(...records))
            .observe(document.body, {subtree: true, childList: true, attributes: true,
              characterData: true});
        }"""
    )
    edit(project, "app.py", "NAME =", "OTHER = 1\nNAME =")
    page.wait_for_console("[hmr] refresh / (the server restarted): nothing new")
    assert page.evaluate("() => seen.length") == 0
    assert_updates_go_on(project, page)


def test_a_view_that_begins_to_raise_is_shown_and_its_fix_brings_the_page_on(project):
    page = open_and_type(project)
    edit(project, "app.py", "    return", "    1 / 0\n    return")
    overlay = page.locator(OVERLAY)
    overlay.locator("h3", has_text="ZeroDivisionError").wait_for()
    overlay.locator(".place", has_text="app.py:13").wait_for()
    assert "1 / 0" in overlay.locator(".failing").inner_text()
    edit(project, "app.py", "    1 / 0\n", "")
    overlay.wait_for(state="detached")
    assert_updates_go_on(project, page)


def test_code_that_does_not_parse_is_shown_and_its_fix_brings_the_page_on(project):
    page = open_and_type(project)
    edit(project, "app.py", 'NAME = "one"', 'NAME = ("two"')
    overlay = page.locator(OVERLAY)
    overlay.locator("h3", has_text="SyntaxError").wait_for()
    overlay.locator(".message", has_text="'(' was never closed").wait_for()
    overlay.locator(".place", has_text="app.py:8:8").wait_for()
    assert 'NAME = ("two"' in overlay.locator(".failing").inner_text()
    assert_kept(page)
    # Werkzeug's own page is what a browser gets that comes now.
    assert "Werkzeug Debugger" in project.fetch("/").text
    edit(project, "app.py", 'NAME = ("two"', 'NAME = "three"')
    page.wait_for_text("p", "Hello three")
    overlay.wait_for(state="detached")
    assert_updates_go_on(project, page)


def test_an_import_that_fails_is_shown_at_the_line_of_the_app(project):
    page = open_and_type(project)
    edit(project, "app.py", "from flask_hmr", "import no_such_module\nfrom flask_hmr")
    overlay = page.locator(OVERLAY)
    overlay.locator("h3", has_text="ModuleNotFoundError").wait_for()
    overlay.locator(".place", has_text="app.py:3").wait_for()
    assert "import no_such_module" in overlay.locator(".failing").inner_text()
    # It is asked for again and again, and told once.
    project.wait_for_output("GET /_hmr/session", times=3)
    assert page.console.count("[hmr] ModuleNotFoundError") == 1
    edit(project, "app.py", "import no_such_module\n", "")
    overlay.wait_for(state="detached")
    assert_updates_go_on(project, page)


def test_a_page_says_discreetly_that_the_server_is_away(project):
    page = open_and_type(project)
    assert page.locator(NOTICE).count() == 0
    project.stop()
    page.locator(NOTICE).get_by_text("Waiting for the server").wait_for()
    assert page.locator(OVERLAY).count() == 0
    page.locator("input").press("End")
    assert_kept(page)
    project.start()
    page.locator(NOTICE).wait_for(state="detached")
    assert_updates_go_on(project, page)


def test_an_edit_of_code_and_template_together_is_seen(project):
    page = open_and_type(project)
    edit(project, "templates/index.html", "Hello", "Good day,")
    edit(project, "app.py", '"one"', '"two"')
    page.wait_for_text("p", "Good day, two")
    assert_kept(page)


def test_a_view_that_is_gone_is_said_and_the_page_stays(project):
    page = open_and_type(project)
    edit(project, "app.py", '@app.get("/")', '@app.get("/elsewhere")')
    message = page.locator(OVERLAY).locator(".message")
    message.filter(has_text="GET / is answered with 404 NOT FOUND now.").wait_for()
    assert_kept(page)
    edit(project, "app.py", '@app.get("/elsewhere")', '@app.get("/")')
    page.locator(OVERLAY).wait_for(state="detached")
    assert_updates_go_on(project, page)


def test_a_view_that_leads_elsewhere_is_followed(project):
    page = open_and_type(project)
    edit(
        project,
        "app.py",
        '@app.get("/")\n',
        '@app.get("/")\ndef lead():\n    from flask import redirect\n'
        '    return redirect("/new")\n\n\n@app.get("/new")\n',
    )
    page.wait_for("() => location.pathname === '/new'")
    page.wait_for_console("[hmr] reload / leads to /new (the server restarted)")


def test_a_reload_waits_for_the_process_that_stays(project):
    app = APP.replace("    return", "    print('asked')\n    return")
    page = open_page(
        project, {**FILES, "app.py": app, "static/main.js": "log.push(1);"}
    )

    project.write(
        {"app.py": app.replace('"one"', '"two"'), "static/main.js": "log.push(2);"}
    )

    page.wait_for_reload()
    page.wait_for_log([2])
    page.wait_for_text("p", "Hello two")
    # The process that goes would have been cut off in the middle of its answer.
    first, _ = project.output.rsplit(" * Restarting with ", 1)
    assert first.count("asked") == 1
    edit(project, "static/main.js", "2", "3")
    page.wait_for_reload()
    page.wait_for_log([3])
