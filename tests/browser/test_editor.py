"""The place of a problem opens the developer's editor."""

from __future__ import annotations

import json
import sys

from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

# Writes down how it was started.
EDITOR = """
import json, os, sys
name = sys.argv[1] + ".part"
with open(name, "w") as file:
    json.dump(sys.argv[2:], file)
os.replace(name, sys.argv[1])
"""


def with_editor(project) -> dict[str, str]:
    """Return the app and an editor that notes its arguments in a file."""
    command = [
        sys.executable,
        str(project.path("editor.py")),
        str(project.path("static/opened.json")),
        "{file}",
        "{line}",
        "{column}",
    ]
    app = project.read("app.py").replace(
        "HMR(app)", f"app.config['HMR_EDITOR'] = {command!r}\nHMR(app)"
    )
    return {"editor.py": EDITOR, "app.py": app}


def arguments(project, page) -> list[str]:
    """Wait until the editor has been started, and return what it got."""
    page.wait_for(
        """() => {
          const request = new XMLHttpRequest();
          request.open("GET", "/static/opened.json", false);
          request.send();
          return request.status === 200;
        }"""
    )
    found: list[str] = json.loads(project.read("static/opened.json"))
    project.delete("static/opened.json")
    return found


def opened(project, page) -> list[str]:
    """Click the place, and return what the editor got."""
    page.locator(OVERLAY).locator("button.place").click()
    return arguments(project, page)


def test_a_module_is_opened_at_line_and_column(project):
    page = open_page(project, with_editor(project))
    project.save("static/main.js", "1;\nconst a = ;\n")
    assert opened(project, page) == [str(project.path("static/main.js")), "2", "11"]


def test_a_template_is_opened_at_its_line(project):
    page = open_page(project, with_editor(project))
    edit(project, "templates/index.html", "<main>", "<main>{{ 1 / 0 }}")
    page.locator(OVERLAY).locator("h3", has_text="ZeroDivisionError").wait_for()
    path = str(project.path("templates/index.html"))
    assert opened(project, page)[:2] == [path, "10"]


def test_python_code_is_opened_also_when_the_app_cannot_be_imported(project):
    page = open_page(project, with_editor(project))
    edit(project, "app.py", "def index():", "def index()")
    page.locator(OVERLAY).locator("h3", has_text="SyntaxError").wait_for()
    # The server cannot open anything now, and says so by not answering.
    edit(project, "app.py", "def index()", "def index():\n    1 / 0")
    page.locator(OVERLAY).locator("h3", has_text="ZeroDivisionError").wait_for()
    path = str(project.path("app.py"))
    lines = project.read("app.py").splitlines()
    line = 1 + lines.index("    1 / 0")
    assert opened(project, page)[:2] == [path, str(line)]


def test_what_is_no_file_of_the_project_is_not_opened(project):
    page = open_page(project, with_editor(project))
    files = ["/etc/passwd", "../secret", "static", "", "nothing.js", "/static/no.js"]
    page.evaluate(
        """async (files) => {
          const { token } = await (await fetch("/_hmr/session")).json();
          const socket = new WebSocket(
            `${location.origin.replace("http", "ws")}/_hmr/socket?token=${token}`);
          await new Promise((resolve) => { socket.onopen = resolve });
          for (const file of [...files, null, 7, ["a"]]) {
            socket.send(JSON.stringify({ type: "open", file, line: 1, column: 1 }));
          }
          socket.send(JSON.stringify({ type: "open", file: "app.py", line: -1 }));
        }""",
        files,
    )
    project.wait_for_output("is no file to be opened", times=len(files) + 3)
    assert arguments(project, page) == [str(project.path("app.py")), "1", "1"]


def test_without_an_editor_a_place_is_only_text(project):
    page = open_page(project, {}, env={"VISUAL": "", "EDITOR": "vi"})
    project.save("static/main.js", "const a = ;\n")
    page.locator(OVERLAY).locator("p.place", has_text="main.js:1:11").wait_for()
    assert page.locator(OVERLAY).locator("button.place").count() == 0
