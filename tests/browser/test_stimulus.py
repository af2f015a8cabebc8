"""Controllers of Stimulus that are edited."""

from __future__ import annotations

import pytest

from flask_hmr.contrib.stimulus import identifier_of

from .support import npm
from .support.project import APP
from .support.steps import edit, open_page

COUNTER = """
import { Controller } from "@hotwired/stimulus";

export default class extends Controller {
  static targets = ["output"];
  static values = { count: Number };

  connect() {
    log.push("connect one");
  }

  disconnect() {
    log.push("disconnect one");
  }

  add() {
    this.countValue += 1;
  }

  countValueChanged() {
    this.outputTarget.textContent = `${this.countValue} clicks`;
  }
}
"""
MAIN = """
import { Application } from "@hotwired/stimulus";
import Counter from "./controllers/my_counter_controller.js";

window.Stimulus = Application.start();
Stimulus.register("my-counter", Counter);
"""
FILES = {
    "app.py": npm.served(
        APP.replace("HMR(app)", 'app.config["HMR_PLUGINS"] = "stimulus"\nHMR(app)'),
        "@hotwired/stimulus",
    ),
    "templates/index.html": f"""
<!doctype html>
<link rel="icon" href="data:,">
{npm.import_map({"@hotwired/stimulus": "@hotwired/stimulus/dist/stimulus.js"})}
<script type="module" src="/static/main.js"></script>
<div data-controller="my-counter" data-my-counter-count-value="3">
  <button data-action="my-counter#add">Add</button>
  <p data-my-counter-target="output"></p>
  <input>
</div>
""",
    "static/main.js": MAIN,
    "static/controllers/my_counter_controller.js": COUNTER,
}
NAME = "static/controllers/my_counter_controller.js"


@pytest.fixture
def page(project):
    page = open_page(project, FILES)
    page.wait_for_log(["connect one"])
    return page


def test_a_controller_is_edited_and_its_values_stay(project, page):
    page.locator("button").click()
    page.locator("p").get_by_text("4 clicks").wait_for()
    page.locator("input").fill("typed")

    edit(project, NAME, "clicks`", "times`")

    page.locator("p").get_by_text("4 times").wait_for()
    page.locator("button").click()
    page.locator("p").get_by_text("5 times").wait_for()
    assert page.locator("input").input_value() == "typed"
    page.assert_not_reloaded()


def test_the_old_controller_is_disconnected_and_the_new_one_connected(project, page):
    edit(project, NAME, "connect one", "connect two")

    page.wait_for_log(["connect one", "disconnect one", "connect two"])
    page.assert_not_reloaded()


def test_each_edit_connects_once(project, page):
    expected = ["connect one"]
    for old, new in (("one", "two"), ("two", "three"), ("three", "four")):
        text = project.read("static/controllers/my_counter_controller.js")
        project.save(
            "static/controllers/my_counter_controller.js",
            text.replace(f"connect {old}", f"connect {new}"),
        )
        expected += [f"disconnect {old}", f"connect {new}"]
        page.wait_for_log(expected)


def test_what_controllers_extend_is_edited(project):
    propagate = 'app.config["HMR_INVALIDATE"] = "propagate"\nHMR(app)'
    page = open_page(
        project,
        {
            **FILES,
            "app.py": FILES["app.py"].replace("HMR(app)", propagate),
            "static/controllers/base_controller.js": COUNTER,
            "static/controllers/my_counter_controller.js": """
                import Base from "./base_controller.js";
                export default class extends Base {}
            """,
        },
    )
    page.locator("button").click()
    page.locator("p").get_by_text("4 clicks").wait_for()

    edit(project, "static/controllers/base_controller.js", "clicks", "times")

    page.locator("p").get_by_text("4 times").wait_for()
    page.assert_not_reloaded()


def test_targets_and_actions_may_be_new(project, page):
    edit(project, NAME, '["output"]', '["output", "more"]')
    edit(
        project,
        NAME,
        "add() {",
        "more() { this.moreTarget.value = 'M'; }\n  add() {",
    )
    edit(
        project,
        "templates/index.html",
        "<input>",
        "<input data-my-counter-target=more>"
        "<i data-action='click->my-counter#more'>M</i>",
    )

    page.locator("i").click()

    page.wait_for("() => document.querySelector('input').value === 'M'")
    page.assert_not_reloaded()


def test_what_a_controller_imports_is_edited(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/label.js": 'export const label = "clicks";',
            NAME: 'import { label } from "../label.js";\n'
            + COUNTER.replace("clicks`", "${label}`"),
        },
    )
    page.locator("p").get_by_text("3 clicks").wait_for()

    edit(project, "static/label.js", "clicks", "times")

    page.locator("p").get_by_text("3 times").wait_for()
    page.assert_not_reloaded()


def test_without_an_application_the_page_reloads(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": MAIN.replace("window.Stimulus", "const Stimulus"),
        },
    )
    page.wait_for_log(["connect one"])

    edit(project, NAME, "connect one", "connect two")

    page.wait_for_log(["connect two"])
    page.wait_for_console("there is no window.Stimulus")


@pytest.mark.parametrize(
    ("url", "identifier"),
    [
        ("/static/controllers/clipboard_controller.js", "clipboard"),
        ("/static/controllers/date_picker_controller.js?x", "date-picker"),
        ("/static/controllers/users/list_item_controller.mjs", "users--list-item"),
        ("/static/controllers/local-time-controller.js", "local-time"),
        ("/static/controllers/users__row_controller.js", "users--row"),
        ("/static/controllers/index.js", None),
        ("/static/list_controller.js", None),
    ],
)
def test_identifiers_follow_from_the_names_of_files(url, identifier):
    assert identifier_of(url) == identifier
