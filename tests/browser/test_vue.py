"""Components of Vue that are edited, with its own runtime behind the plugin."""

from __future__ import annotations

import pytest

from .support import npm
from .support.project import APP
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"
MAP = npm.import_map({"vue": "vue/dist/vue.esm-browser.js"})
INDEX = f"""
<!doctype html>
<link rel="icon" href="data:,">
{MAP}
<script type="module" src="/static/main.js"></script>
<main></main>
"""
FILES = {
    "templates/index.html": INDEX,
    "static/main.js": """
        import { createApp } from "vue";
        import App from "./app.js";
        window.main = {};
        createApp(App).mount("main");
    """,
    "static/app.js": """
        import { ref } from "vue";
        import { Counter } from "./counter.js";

        export default {
          components: { Counter },
          setup: () => ({ ups: ref(0) }),
          template: `
            <h1>App</h1>
            <button id="up" @click="ups++">{{ ups }} ups</button>
            <Counter name="a" /><Counter name="b" />
          `,
        };
    """,
    "static/counter.js": """
        import { defineComponent } from "vue";
        import { Row, Other } from "./rows.js";
        import { step } from "./step.js";

        export const Counter = defineComponent({
          components: { Row, Other },
          props: ["name"],
          data: () => ({ count: 0 }),
          methods: {
            add() { this.count += step; },
          },
          template: /* html */ `
            <section :id="name">
              <p>{{ count }} clicks</p>
              <button @click="add">Add</button>
              <input />
              <Row /><Other />
            </section>
          `,
        });
    """,
    "static/step.js": "export const step = 1;",
    "static/rows.js": """
        import { ref } from "vue";

        export const Row = {
          setup() {
            const clicks = ref(0);
            return { clicks };
          },
          template: `<em @click="clicks++">{{ clicks }} row</em>`,
        };

        export const Other = {
          data: () => ({ clicks: 0 }),
          template: `<b @click="clicks++">{{ clicks }} other</b>`,
        };
    """,
}
WITH_PLUGIN = APP.replace("HMR(app)", 'app.config["HMR_PLUGINS"] = "vue"\nHMR(app)')

# An app that takes the markup in its element for its template.
IN_PAGE = {
    **FILES,
    "app.py": npm.served(WITH_PLUGIN, "vue"),
    "static/main.js": """
        import { createApp, ref } from "vue";
        import { Counter } from "./counter.js";
        window.main = {};
        const app = createApp({
          components: { Counter },
          setup: () => ({ ups: ref(0) }),
        });
        app.mount("#app");
    """,
    "templates/index.html": INDEX.replace(
        "<main></main>",
        """<div id="app" class="wide">{% raw %}
          <h1>Page</h1>
          <button id="up" @click="ups++">{{ ups }} ups</button>
          <counter name="a"></counter>
        {% endraw %}</div>""",
    ),
}


@pytest.fixture
def page(project):
    files = {"app.py": npm.served(WITH_PLUGIN, "vue"), **FILES}
    page = open_page(project, files)
    for _ in range(2):
        page.locator("#a button").click()
    for selector in ("#up", "#a em", "#a b"):
        page.locator(selector).click()
    page.locator("#a p").get_by_text("2 clicks").wait_for()
    page.locator("#a b").get_by_text("1 other").wait_for()
    page.locator("#a input").fill("typed")
    page.evaluate("globalThis.kept = main")
    yield page
    assert page.evaluate("kept === main")
    page.assert_not_reloaded()


def shows(page, selector: str, text: str) -> None:
    page.locator(selector).get_by_text(text, exact=True).wait_for()


def assert_state(page, **texts: str) -> None:
    """Wait for what the page shows; what is not named is to be as it was."""
    expected = {"up": "1 ups", "p": "2 clicks", "em": "1 row", "b": "1 other", **texts}
    shows(page, "#up", expected["up"])
    for name in ("p", "em", "b"):
        shows(page, f"#a {name}", expected[name])


def test_a_template_is_edited_and_the_state_is_kept(project, page):
    edit(project, "static/counter.js", "clicks</p>", "times</p>")

    assert_state(page, p="2 times")
    shows(page, "#b p", "0 times")
    assert page.locator("#a input").input_value() == "typed"
    page.locator("#a button").click()
    assert_state(page, p="3 times")


def test_edits_of_a_template_go_on(project, page):
    for number in range(3):
        edit(project, "static/counter.js", "<p>", f"<p>{number} ")
        text = " ".join(map(str, range(number, -1, -1)))
        assert_state(page, p=f"{text} 2 clicks")


def test_the_template_of_the_root_is_edited(project, page):
    edit(project, "static/app.js", "{{ ups }} ups", "{{ ups }} times")

    assert_state(page, up="1 times")
    assert page.locator("#a input").input_value() == "typed"


def test_a_script_is_edited_and_that_component_is_made_anew(project, page):
    edit(project, "static/counter.js", "+= step", "+= 10 * step")

    assert_state(page, p="0 clicks", em="0 row", b="0 other")
    page.locator("#a button").click()
    shows(page, "#a p", "10 clicks")
    shows(page, "#b p", "0 clicks")


def test_what_is_around_a_component_that_is_made_anew_stays(project, page):
    edit(project, "static/rows.js", "ref(0)", "ref(5)")

    assert_state(page, em="5 row")
    assert page.locator("#a input").input_value() == "typed"


def test_a_template_is_edited_after_a_script(project, page):
    edit(project, "static/rows.js", "ref(0)", "ref(5)")
    assert_state(page, em="5 row")
    page.locator("#a em").click()

    edit(project, "static/rows.js", "{{ clicks }} row", "{{ clicks }} new row")

    assert_state(page, em="6 new row")


def test_the_script_of_the_root_is_edited(project, page):
    edit(project, "static/app.js", "ref(0)", "ref(5)")

    assert_state(page, up="5 ups", p="0 clicks", em="0 row", b="0 other")


def test_what_all_components_of_a_module_use_is_edited(project, page):
    edit(
        project, "static/rows.js", 'import { ref } from "vue";', "const ref = (n) => 7;"
    )

    assert_state(page, em="7 row", b="0 other")


def test_a_module_below_is_edited(project, page):
    edit(project, "static/step.js", "= 1", "= 100")

    shows(page, "#a p", "0 clicks")
    shows(page, "#up", "1 ups")
    page.locator("#a button").click()
    shows(page, "#a p", "100 clicks")


def test_a_component_that_is_not_there_at_the_time_is_edited(project, page):
    edit(project, "static/counter.js", "<Row />", '<Row v-if="count > 2" />')
    page.locator("#a em").wait_for(state="detached")

    edit(project, "static/rows.js", "setup() {", "props: ['x'], setup() {")
    edit(project, "static/rows.js", "{{ clicks }} row", "{{ clicks }} late row {{ x }}")
    edit(project, "static/counter.js", "<Row ", '<Row x="y" ')
    page.locator("#a button").click()

    shows(page, "#a em", "0 late row y")


def test_an_error_in_a_template_is_shown_and_mended(project, page):
    edit(project, "static/rows.js", "{{ clicks }} row</em>", "{{ clicks + }} row")

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("cannot be compiled").first.wait_for()
    assert_state(page)

    edit(project, "static/rows.js", "{{ clicks + }} row", "{{ clicks }} mended</em>")
    assert_state(page, em="1 mended")
    overlay.wait_for(state="detached")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{{ clicks }} row", "{{ clicks.no.way }} row"),
        ("const clicks = ref(0);", "const clicks = ref(0); no.way();"),
    ],
)
def test_a_component_that_throws_is_shown_and_mended(project, page, old, new):
    edit(project, "static/rows.js", old, new)
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("failed after it was edited").first.wait_for()

    edit(project, "static/rows.js", new, old)

    page.locator("#a em").get_by_text(" row").wait_for()
    shows(page, "#a p", "2 clicks")
    overlay.wait_for(state="detached")


@pytest.mark.parametrize(
    "more",
    ["export const helper = 1;", "export * from './step.js';"],
)
def test_a_module_that_exports_other_things_is_no_boundary(project, more):
    files = {"app.py": npm.served(WITH_PLUGIN, "vue"), **FILES}
    files["static/rows.js"] += more
    page = open_page(project, files)
    page.wait_for_console("besides components, so those who import it take its updates")
    page.locator("#up").click()
    shows(page, "#up", "1 ups")

    edit(project, "static/rows.js", "{{ clicks }} row", "{{ clicks }} new row")

    # Its importer takes the update.
    shows(page, "#a em", "0 new row")
    shows(page, "#up", "1 ups")
    page.assert_not_reloaded()


def test_the_markup_that_an_app_took_for_its_template_is_edited(project):
    page = open_page(project, IN_PAGE)
    page.locator("#up").click()
    page.locator("#a button").click()
    page.locator("#a input").fill("typed")
    page.evaluate("globalThis.kept = main")

    edit(project, "templates/index.html", "<h1>Page", "<h1>Our page")
    page.locator("h1").get_by_text("Our page").wait_for()
    edit(project, "templates/index.html", "ups }} ups", "ups }} times")
    page.locator("#up").get_by_text("1 times", exact=True).wait_for()
    edit(project, "templates/index.html", "<h1>", '<p v-if="ups > 1">{{ ups }}</p><h1>')
    edit(project, "templates/index.html", 'class="wide"', 'class="slim"')
    page.locator(".slim").wait_for()
    page.locator("#up").click()

    page.locator("p").get_by_text("2", exact=True).wait_for()
    page.locator("#a p").get_by_text("1 clicks").wait_for()
    assert page.locator("#a input").input_value() == "typed"

    edit(project, "templates/index.html", "{{ ups }} times", "{{ ups + }} times")
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("cannot be compiled").first.wait_for()
    edit(project, "templates/index.html", "{{ ups + }} times", "{{ ups + 1 }} times")
    page.locator("#up").get_by_text("3 times", exact=True).wait_for()
    overlay.wait_for(state="detached")
    assert page.evaluate("kept === main")
    page.assert_not_reloaded()


def test_markup_that_throws_is_mended(project):
    page = open_page(project, IN_PAGE)
    page.locator("#up").click()
    shows(page, "#up", "1 ups")

    edit(project, "templates/index.html", "{{ ups }}", "{{ ups.no.way }}")
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("failed after it was edited").first.wait_for()
    edit(project, "templates/index.html", "{{ ups.no.way }}", "{{ ups }} good")

    shows(page, "#up", "1 good ups")
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    ("name", "old", "selector"),
    [
        ("templates/index.html", "[[ ups ]] ups", "#up"),
        ("static/rows.js", "[[ clicks ]] row", "#a em"),
    ],
)
def test_templates_have_the_delimiters_of_their_app(project, name, old, selector):
    files = dict(IN_PAGE)
    files["static/main.js"] = files["static/main.js"].replace(
        "app.mount", 'app.config.compilerOptions.delimiters = ["[[", "]]"]; app.mount'
    )
    files[name] = files[name].replace(old.replace("[[", "{{").replace("]]", "}}"), old)
    page = open_page(project, files)
    page.locator(selector).click()
    shown = old.partition("]] ")[2]
    shows(page, selector, f"1 {shown}")

    edit(project, name, old, old.replace(" ]]", " + ]]"))
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("cannot be compiled").first.wait_for()
    shows(page, selector, f"1 {shown}")

    edit(project, name, " + ]]", " + 1 ]]")
    shows(page, selector, f"2 {shown}")
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.parametrize("template", ["", "template: `<em>{{ text() }}!</em>`,"])
def test_what_a_component_is_extended_by_is_made_anew_with_it(project, template):
    files = {"app.py": npm.served(WITH_PLUGIN, "vue"), **FILES}
    files["static/base.js"] = """
        export const Base = {
          methods: { text: () => "one" },
          template: `<em>{{ text() }}</em>`,
        };
    """
    files["static/rows.js"] = f"""
        import {{ Base }} from "./base.js";
        const Middle = {{ extends: Base }};
        export const Row = {{ extends: Middle, {template} }};
        export const Other = {{ template: "<b></b>" }};
    """
    page = open_page(project, files)
    end = "!" if template else ""
    page.locator("#a button").click()
    shows(page, "#a em", f"one{end}")

    edit(project, "static/base.js", '"one"', '"two"')
    shows(page, "#a em", f"two{end}")

    edit(project, "static/base.js", "{{ text() }}", "{{ text() }} more")
    shows(page, "#a em", "two!" if template else "two more")
    shows(page, "#a p", "1 clicks")
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    "rows",
    [
        "export const Row = ROW, Other = OTHER;",
        # This one is made where it is used, by those who import it.
        "const same = (one) => one; export const Row = ROW, Other = same(OTHER);",
        "const Row = ROW, Other = OTHER; export { Row, Other as default, Other };",
    ],
)
def test_components_of_one_statement_are_edited_one_by_one(project, rows):
    texts = {"ROW": "{ template: `<em>row</em>` }", "OTHER": "{ template: `<b>0</b>` }"}
    for name, text in texts.items():
        rows = rows.replace(name, text)
    files = {"app.py": npm.served(WITH_PLUGIN, "vue"), **FILES}
    page = open_page(project, {**files, "static/rows.js": rows})

    for number in range(3):
        shows(page, "#a b", f"{number}")
        edit(project, "static/rows.js", f"<b>{number}", f"<b>{number + 1}")
        shows(page, "#a b", f"{number + 1}")
    shows(page, "#a em", "row")
    page.assert_not_reloaded()


def test_the_error_that_came_first_is_shown(project, page):
    edit(project, "static/rows.js", "const clicks = ref(0)", "const clicks = reff(0)")
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("reff is not defined").first.wait_for()

    edit(project, "static/rows.js", "reff(0)", "ref(0)")

    overlay.wait_for(state="detached")
    page.locator("#a em").get_by_text("0 row").wait_for()
