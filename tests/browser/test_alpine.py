"""Components of Alpine, whose code or markup is edited."""

from __future__ import annotations

import pytest

from .support import npm
from .support.project import APP
from .support.steps import edit, open_page

FILES = {
    "app.py": npm.served(
        APP.replace("HMR(app)", 'app.config["HMR_PLUGINS"] = "alpine"\nHMR(app)'),
        "alpinejs",
    ),
    "templates/index.html": f"""
<!doctype html>
<link rel="icon" href="data:,">
{npm.import_map({"alpinejs": "alpinejs/dist/module.esm.js"})}
<script type="module" src="/static/main.js"></script>
<div id="list" x-data="list(3)">
  <h1 x-text="heading"></h1>
  <button @click="add()">Add</button>
  <p x-text="total"></p>
  <ul><template x-for="item in items" :key="item">
    <li><span x-text="item"></span> <input></li>
  </template></ul>
  <input id="typed" x-model="text">
</div>
<div id="inline" x-data="{{ open: false, times: 0 }}">
  <button @click="open = true; times++">Open</button>
  <b x-text="times"></b>
</div>
<div id="store" x-data>
  <button @click="$store.cart.add()">Buy</button>
  <i x-text="$store.cart.label"></i>
</div>
""",
    "static/main.js": """
import Alpine from "alpinejs";
window.Alpine = Alpine;
await Promise.all([import("./list.js"), import("./cart.js")]);
Alpine.start();
""",
    "static/list.js": """
import { unit } from "./unit.js";

Alpine.data("list", (first) => ({
  items: [first],
  text: "",
  heading: "List",

  get total() {
    return `${this.items.length} ${unit}`;
  },

  add() {
    this.items.push(this.items.length + 10);
  },
}));
log.push("list");
""",
    "static/unit.js": 'export const unit = "items";',
    "static/cart.js": """
Alpine.store("cart", {
  count: 0,
  get label() {
    return `${this.count} bought`;
  },
  add() {
    this.count += 1;
  },
});
""",
}


@pytest.fixture
def page(project):
    page = open_page(project, FILES)
    # The page is connected before its modules have started Alpine.
    page.wait_for_text("#list h1", "List")
    page.locator("#list button").click()
    page.locator("#list li").nth(1).wait_for()
    page.locator("#list li input").nth(1).fill("in a clone")
    page.locator("#typed").fill("typed")
    yield page
    assert page.locator("#list li span").all_inner_texts()[:2] == ["3", "11"]
    assert page.locator("#list li input").nth(1).input_value() == "in a clone"
    assert page.locator("#typed").input_value() == "typed"
    assert (
        page.evaluate("Alpine.$data(document.querySelector('#list')).text") == "typed"
    )
    page.assert_not_reloaded()


def test_a_getter_of_a_component_is_edited(project, page):
    edit(project, "static/list.js", "`${this", "`New: ${this")

    page.locator("#list p").get_by_text("New: 2 items").wait_for()


def test_what_a_component_imports_is_edited(project, page):
    edit(project, "static/unit.js", "items", "things")

    page.locator("#list p").get_by_text("2 things").wait_for()


def test_a_method_of_a_component_is_edited(project, page):
    edit(project, "static/list.js", "+ 10", "+ 100")
    page.wait_for_log(["list", "list"])

    page.locator("#list button").click()

    page.locator("#list li span").get_by_text("102").wait_for()


def test_a_value_that_nobody_changed_is_the_new_one(project, page):
    edit(project, "static/list.js", '"List"', '"New list"')

    page.locator("h1").get_by_text("New list").wait_for()


def test_a_store_is_merged(project, page):
    page.locator("#store button").click()
    page.locator("#store i").get_by_text("1 bought").wait_for()

    edit(project, "static/cart.js", "bought", "sold")
    page.locator("#store i").get_by_text("1 sold").wait_for()
    edit(project, "static/cart.js", "+= 1", "+= 10")
    page.wait_for("() => String(Alpine.store('cart').add).includes('10')")

    page.locator("#store button").click()
    page.locator("#store i").get_by_text("11 sold").wait_for()


def test_markup_is_edited_around_a_component(project, page):
    edit(project, "templates/index.html", 'text="total"', "text=\"'Now ' + total\"")
    page.locator("#list p").get_by_text("Now 2 items").wait_for()

    edit(project, "templates/index.html", "<ul>", '<em x-text="text"></em><ul>')
    page.locator("#list em").get_by_text("typed").wait_for()


def test_the_template_of_a_loop_is_edited(project, page):
    edit(project, "templates/index.html", "<li><span", "<li>No. <span")

    page.locator("#list li").get_by_text("No. 11").wait_for()
    page.locator("#list button").click()
    page.locator("#list li").get_by_text("No. 12").wait_for()


def test_an_expression_for_data_is_edited(project, page):
    page.locator("#inline button").click()
    page.locator("#inline b").get_by_text("1").wait_for()

    edit(project, "templates/index.html", "times: 0", "times: 0, word: 'new'")
    edit(project, "templates/index.html", 'text="times"', 'text="word + times"')

    page.locator("#inline b").get_by_text("new1").wait_for()
    page.locator("#inline button").click()
    page.locator("#inline b").get_by_text("new2").wait_for()


def test_what_a_classic_script_calls_alpine_stays(project):
    early = "<script>window.Alpine = { data() {}, store() {}, version: 1 };</script>"
    index = FILES["templates/index.html"].replace("<script", f"{early}<script", 1)
    files = {**FILES, "templates/index.html": index, "static/main.js": "log.push(1);"}

    page = open_page(project, files)

    page.wait_for_log([1])
    assert page.evaluate("Alpine.version") == 1


def test_what_is_around_a_component_is_known_to_its_expression(project):
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": FILES["templates/index.html"]
            + """
            <div x-data="{ rows: [1, 2] }">
              <template x-for="row in rows" :key="row">
                <em x-data="list(row)" x-text="total + items[0]"></em>
              </template>
            </div>
            """,
        },
    )
    page.wait_for_text("#list h1", "List")

    edit(project, "static/list.js", "`${this", "`New: ${this")

    page.wait_for_text("em:nth-of-type(1)", "New: 1 items1")
    page.wait_for_text("em:nth-of-type(2)", "New: 1 items2")
    page.assert_not_reloaded()


def test_what_is_registered_when_alpine_starts_is_edited(project):
    listening = FILES["static/list.js"].replace(
        "Alpine.data(", 'document.addEventListener("alpine:init", () => Alpine.data('
    )
    page = open_page(
        project,
        {**FILES, "static/list.js": listening.replace("}));", "})));")},
    )
    page.wait_for_text("#list h1", "List")
    page.locator("#list button").click()

    edit(project, "static/list.js", "`${this", "`New: ${this")
    page.wait_for_text("#list p", "New: 2 items")
    edit(project, "static/list.js", "New: ", "Newer: ")
    page.wait_for_text("#list p", "Newer: 2 items")
    page.assert_not_reloaded()


def test_the_template_is_refreshed_before_the_component_that_it_names_is_there(project):
    page = open_page(project, FILES)
    page.wait_for_text("#list h1", "List")
    page.locator("#list button").click()
    page.locator("#list li").nth(1).wait_for()

    edit(project, "templates/index.html", 'x-data="list(3)"', 'x-data="rows(3)"')
    data = "Alpine.$data(document.querySelector('#list'))"
    page.wait_for(f"() => {data}.items === undefined")
    edit(project, "static/list.js", '"list"', '"rows"')

    page.wait_for_text("#list p", "2 items")
    page.assert_not_reloaded()


def test_what_alpine_filled_is_markup_from_now_on(project, page):
    edit(
        project,
        "templates/index.html",
        '<p x-text="total"></p>',
        '<p>In all: <b x-text="total"></b></p>',
    )
    page.wait_for_text("#list p", "In all: 2 items")
    edit(
        project,
        "templates/index.html",
        '<span x-text="item"></span>',
        '<span><b x-text="item"></b></span>',
    )
    page.locator("#list li span b").nth(1).get_by_text("11", exact=True).wait_for()
    edit(project, "templates/index.html", "In all: <b", "Altogether: <b")
    page.wait_for_text("#list p", "Altogether: 2 items")


def test_a_store_that_cannot_be_copied_keeps_its_state(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/cart.js": """
            const tree = { name: "root", children: [] };
            tree.children.push({ name: "leaf", parent: tree });
            Alpine.store("cart", {
              count: 0,
              tree,
              prices: { least: 1n },
              get label() {
                return `${this.count} bought, ${this.tree.name} ${this.prices.least}`;
              },
              add() {
                this.count += 1;
                this.tree.name = "new";
              },
            });
            """,
        },
    )
    page.wait_for_text("#store i", "0 bought, root 1")
    page.locator("#store button").click()

    edit(project, "static/cart.js", "bought", "sold")

    page.wait_for_text("#store i", "1 sold, new 1")
    page.assert_not_reloaded()


def test_a_store_of_one_value_that_the_page_set_stays(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/list.js": FILES["static/list.js"] + 'Alpine.store("size", 2);',
            "templates/index.html": FILES["templates/index.html"]
            + '<p id="size" x-data x-text="$store.size"></p>',
        },
    )
    page.wait_for_text("#size", "2")
    page.evaluate("Alpine.store('size', 7)")

    for title in ("New", "Newer"):
        edit(project, "static/list.js", 'heading: "', f'heading: "{title} ')
        page.locator("#list h1").get_by_text(title).wait_for()

    page.wait_for_text("#size", "7")
    page.assert_not_reloaded()


def test_what_was_put_elsewhere_is_edited(project):
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": FILES["templates/index.html"]
            + """
            <div id="elsewhere"></div>
            <div x-data="{ open: false }">
              <button id="opens" @click="open = true">Open</button>
              <template x-teleport="#elsewhere">
                <div x-show="open">Dialog <input></div>
              </template>
            </div>
            """,
        },
    )
    page.wait_for_text("#list h1", "List")
    page.locator("#opens").click()
    page.locator("#elsewhere input").fill("typed")

    edit(project, "templates/index.html", "Dialog", "New dialog")

    page.locator("#elsewhere").get_by_text("New dialog").wait_for()
    assert page.locator("#elsewhere input").input_value() == "typed"
    page.assert_not_reloaded()


NESTED = "".join(
    f"<template {outer}><div><template {inner}><p>Old <input></p></template></div>"
    "</template>"
    for outer in ('x-for="one in 2"', 'x-if="true"', 'x-teleport="#elsewhere"')
    for inner in ('x-for="other in 2"', 'x-if="true"')
)
"""What is put elsewhere stands before the template that it was made from."""


def test_templates_inside_of_templates_are_edited(project):
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": FILES["templates/index.html"]
            + f'<div id="nested" x-data><div id="elsewhere"></div>{NESTED}</div>',
        },
    )
    page.wait_for("() => document.querySelectorAll('#nested p').length === 12")
    fields = page.locator("#nested input")
    for index in range(12):
        fields.nth(index).fill(f"{index}")

    edit(project, "templates/index.html", "<p>Old", "<p>New")

    page.wait_for(
        "() => [...document.querySelectorAll('#nested p')]"
        ".every((one) => one.textContent.includes('New'))"
    )
    assert [fields.nth(index).input_value() for index in range(12)] == [
        f"{index}" for index in range(12)
    ]
    page.assert_not_reloaded()


def test_the_element_in_a_template_becomes_another(project):
    page = open_page(project, FILES)
    page.locator("#list li span").get_by_text("3").wait_for()

    edit(project, "templates/index.html", "<li><span", "<li><b>No.</b> <span")
    page.locator("#list li").get_by_text("No.").wait_for()
    text = project.read("templates/index.html")
    text = text.replace("<li>", "<menu>").replace("</li>", "</menu>")
    project.save("templates/index.html", text)

    page.locator("#list menu span").get_by_text("3").wait_for()
    assert page.locator("#list li").count() == 0
    page.assert_not_reloaded()


COUNTERS = """
<template x-for="name in ['one', 'two']">
  <p x-data="{ times: 0 }">Row <button @click="times++" x-text="name + times"></button>
    <input></p>
</template>
"""


def test_an_expression_for_data_is_edited_in_a_loop(project):
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": FILES["templates/index.html"]
            + f'<div id="counters" x-data>{COUNTERS}</div>',
        },
    )
    page.locator("#counters button").get_by_text("two0").click()
    page.locator("#counters input").nth(1).fill("typed")

    edit(project, "templates/index.html", "times: 0 }", "times: 0, more: 1 }")

    data = "Alpine.$data(document.querySelector('#counters p:last-of-type'))"
    page.wait_for(f"() => {data}.more === 1")
    page.wait_for_text("#counters p:last-of-type button", "two1")
    assert page.locator("#counters input").nth(1).input_value() == "typed"
    page.assert_not_reloaded()


def test_what_htmx_brought_in_is_edited_like_the_page(project):
    view = """
@app.get("/part")
def part():
    return render_template("_part.html")
"""
    app = FILES["app.py"].replace('= "alpine"', '= ["alpine", "htmx"]') + view
    counter = '<i @click="n++" x-text="n"></i>'
    part = f'<div id="part" x-data="{{ n: 0 }}">{counter}{COUNTERS}</div>'
    page = open_page(
        project,
        {
            **FILES,
            "app.py": app,
            "templates/index.html": FILES["templates/index.html"]
            + '<script src="/npm/htmx.org/dist/htmx.js"></script>'
            + '<div hx-get="/part" hx-trigger="load"></div>',
            "templates/_part.html": part,
        },
    )
    page.locator("#part i").get_by_text("0").click()
    page.locator("#part button").get_by_text("two0").click()
    page.locator("#part input").nth(1).fill("typed")

    edit(project, "templates/_part.html", "Row", "New row")
    page.locator("#part p").nth(1).get_by_text("New row").wait_for()
    assert page.locator("#part input").nth(1).input_value() == "typed"
    page.wait_for_text("#part p:last-of-type button", "two1")

    edit(project, "templates/_part.html", "n: 0 }", "n: 0, more: 1 }")
    data = "Alpine.$data(document.querySelector('#part'))"
    page.wait_for(f"() => {data}.more === 1")
    page.wait_for_text("#part i", "1")
    page.assert_not_reloaded()
