"""Elements that are made with Lit, whose class is edited."""

from __future__ import annotations

import pytest

from .support import npm
from .support.project import APP
from .support.steps import edit, open_page

LIT = npm.import_map(
    {
        "lit": "lit/index.js",
        "lit/": "lit/",
        "lit-html": "lit-html/lit-html.js",
        "lit-html/": "lit-html/",
        "lit-element/": "lit-element/",
        "@lit/reactive-element": "@lit/reactive-element/reactive-element.js",
        "@lit/reactive-element/": "@lit/reactive-element/",
    }
)
REACTIVE = "@lit/reactive-element"
DEVELOPMENT = npm.import_map(
    {
        "lit": "lit/index.js",
        "lit-html": "lit-html/development/lit-html.js",
        "lit-html/": "lit-html/development/",
        "lit-element/": "lit-element/development/",
        REACTIVE: f"{REACTIVE}/development/reactive-element.js",
        f"{REACTIVE}/": f"{REACTIVE}/development/",
    }
)
INDEX = f"""
<!doctype html>
<link rel="icon" href="data:,">
{LIT}
<script type="module" src="/static/main.js"></script>
<to-do id="first" heading="List"></to-do>
"""
TODO = """
import { LitElement, css, html } from "lit";
import { line } from "./line.js";

export class ToDo extends LitElement {
  static properties = {
    heading: {},
    items: { state: true },
  };

  static styles = css`
    h2 { color: rgb(1, 2, 3); }
  `;

  constructor() {
    super();
    this.items = ["one"];
  }

  add() {
    this.items = [...this.items, `${this.items.length + 1}`];
  }

  render() {
    return html`
      <h2>${this.heading}</h2>
      <ul>${this.items.map(line)}</ul>
      <input>
      <button @click=${this.add}>Add</button>
    `;
  }
}
customElements.define("to-do", ToDo);
log.push("defined");
"""


def files() -> dict[str, str]:
    app = APP.replace("HMR(app)", 'app.config["HMR_PLUGINS"] = "lit"\nHMR(app)')
    return {
        "app.py": npm.served(app, "lit"),
        "templates/index.html": INDEX,
        "static/main.js": 'import "./to-do.js";\nwindow.main = {};',
        "static/to-do.js": TODO,
        "static/line.js": """
            import { html } from "lit";
            export const line = (item) => html`<li>${item}</li>`;
        """,
    }


@pytest.fixture
def page(project):
    page = open_page(project, files())
    page.locator("#first button").click()
    page.locator("#first li").nth(1).wait_for()
    page.locator("#first input").fill("typed")
    page.evaluate("globalThis.kept = main")
    yield page
    assert page.evaluate("kept === main")
    assert page.locator("#first input").input_value() == "typed"
    page.assert_not_reloaded()


def lines(page) -> list[str]:
    return page.locator("#first li").all_inner_texts()


def test_the_template_of_an_element_is_edited(project, page):
    edit(project, "static/to-do.js", "<h2>${this.heading}", "<h2>My ${this.heading}")

    page.locator("#first h2").get_by_text("My List").wait_for()
    assert lines(page) == ["one", "2"]


def test_a_method_of_an_element_is_edited(project, page):
    edit(project, "static/to-do.js", "`${this.items.length + 1}`", '"new"')
    page.wait_for_log(["defined", "defined"])

    page.locator("#first button").click()

    page.locator("#first li").get_by_text("new").wait_for()
    assert lines(page) == ["one", "2", "new"]


def test_the_styles_of_an_element_are_edited(project, page):
    edit(project, "static/to-do.js", "rgb(1, 2, 3)", "rgb(4, 5, 6)")

    page.wait_for(
        "() => getComputedStyle(document.querySelector('#first').shadowRoot"
        ".querySelector('h2')).color === 'rgb(4, 5, 6)'"
    )
    assert lines(page) == ["one", "2"]


def test_a_property_is_added(project, page):
    edit(project, "static/to-do.js", "heading: {},", "heading: {},\n    more: {},")
    edit(project, "static/to-do.js", "super();", 'super();\n    this.more = "more";')
    edit(project, "static/to-do.js", "</h2>", "</h2><p>${this.more}</p>")

    page.locator("#first p").get_by_text("more").wait_for()
    page.evaluate("document.querySelector('#first').more = 'less'")
    page.locator("#first p").get_by_text("less").wait_for()
    assert lines(page) == ["one", "2"]


def test_a_value_that_was_taken_away_stays_away(project, page):
    page.evaluate("document.querySelector('#first').heading = null")
    text = TODO.replace("super();", 'super();\n    this.heading = "None";')
    project.save("static/to-do.js", text.replace("<h2>", "<h2>Shown "))
    page.locator("#first h2").get_by_text("Shown").wait_for()

    assert page.evaluate("document.querySelector('#first').heading") is None
    assert lines(page) == ["one", "2"]


def test_a_property_is_taken_out(project, page):
    edit(project, "static/to-do.js", "heading: {},", "")
    edit(project, "static/to-do.js", "${this.heading}", "Fixed")

    page.locator("#first h2").get_by_text("Fixed").wait_for()
    page.locator("#first button").click()
    page.locator("#first li").nth(2).wait_for()


def test_a_module_below_the_element_is_edited(project, page):
    edit(project, "static/line.js", "<li>${item}", "<li>- ${item}")

    page.locator("#first li").get_by_text("- one").wait_for()
    assert lines(page) == ["- one", "- 2"]


def test_elements_that_are_made_later_have_the_new_class(project, page):
    edit(project, "static/to-do.js", "<h2>${this.heading}", "<h2>My ${this.heading}")
    page.locator("#first h2").get_by_text("My List").wait_for()

    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend',"
        " '<to-do id=second heading=Other></to-do>')"
    )

    page.locator("#second h2").get_by_text("My Other").wait_for()
    page.locator("#second button").click()
    page.locator("#second li").nth(1).wait_for()
    page.evaluate("document.querySelector('#second').heading = 'Set'")
    page.locator("#second h2").get_by_text("My Set").wait_for()


def test_edits_go_on(project, page):
    for number in range(3):
        edit(project, "static/to-do.js", "<h2>", f"<h2>{number} ")
        text = " ".join(map(str, range(number, -1, -1)))
        page.locator("#first h2").get_by_text(f"{text} List", exact=True).wait_for()
        page.locator("#first button").click()
        page.locator("#first li").nth(2 + number).wait_for()


def test_each_save_costs_the_same(project, page):
    edit(
        project,
        "static/to-do.js",
        "add() {",
        "requestUpdate(...given) {\n    log.push('asked');\n"
        "    return super.requestUpdate(...given);\n  }\n\n  add() {",
    )
    page.wait_for("() => log.length > 2")
    costs = []
    for number in range(4):
        page.evaluate("log.length = 0")
        edit(project, "static/to-do.js", "<h2>", f"<h2>{number} ")
        page.locator("#first h2").get_by_text(f"{number} ").wait_for()
        costs.append(page.evaluate("log.filter((one) => one === 'asked').length"))

    assert costs == [costs[0]] * 4


def test_what_connects_an_element_is_edited(project, page):
    added = """connectedCallback() { super.connectedCallback(); log.push("here"); }
  disconnectedCallback() { super.disconnectedCallback(); log.push("gone"); }

  add() {"""
    edit(project, "static/to-do.js", "add() {", added)

    page.wait_for_log(["defined", "defined", "gone", "here"])
    assert lines(page) == ["one", "2"]


def test_what_cannot_be_rendered_can_be_mended(project, page):
    edit(project, "static/to-do.js", "<h2>${this", "<h2>${this.no.way + this")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("<to-do> failed with its new class").first.wait_for()

    edit(project, "static/to-do.js", "this.no.way + this", "this")

    overlay.wait_for(state="detached")
    assert lines(page) == ["one", "2"]


def test_elements_of_another_module_follow_what_their_class_extends(project, page):
    project.save(
        "static/more.js",
        """
        import { html } from "lit";
        import { ToDo } from "./to-do.js";
        customElements.define("to-do-more", class extends ToDo {
          static properties = { extra: {} };
          constructor() {
            super();
            this.extra = "extra";
          }
          render() {
            return html`<p>${this.extra} ${this.tone}</p>${super.render()}`;
          }
        });
        """,
    )
    page.evaluate("import('/static/more.js')")
    page.evaluate("document.body.append(document.createElement('to-do-more'))")
    page.locator("to-do-more").get_by_text("extra").wait_for()
    page.locator("to-do-more button").click()

    edit(
        project,
        "static/to-do.js",
        "heading: {},",
        'heading: {},\n    tone: { attribute: "tone" },',
    )
    page.wait_for_log(["defined", "defined"])
    page.evaluate("document.body.append(document.createElement('to-do-more'))")
    for number in range(2):
        more = page.locator("to-do-more").nth(number)
        more.evaluate("(one) => { one.setAttribute('tone', 'loud'); }")
        more.get_by_text("extra loud").wait_for()
        more.evaluate("(one) => { one.extra = 'less'; }")
        more.get_by_text("less loud").wait_for()
    assert page.locator("to-do-more").first.locator("li").count() == 2
    assert lines(page) == ["one", "2"]


@pytest.mark.parametrize(
    "styles", ["[super.styles, own]", "[ToDo.styles, own]", "[...super.styles, own]"]
)
def test_inherited_styles_are_edited(project, page, styles):
    if "..." in styles:
        text = TODO.replace("styles = css`", "styles = [css`").replace("`;", "`];", 1)
        project.save("static/to-do.js", text)
        page.wait_for_log(["defined", "defined"])
    project.save(
        "static/more.js",
        f"""
        import {{ css }} from "lit";
        import {{ ToDo }} from "./to-do.js";
        const own = css`h2 {{ margin: 7px }}`;
        customElements.define("to-do-more", class extends ToDo {{
          static styles = {styles};
        }});
        """,
    )
    page.evaluate("import('/static/more.js')")
    page.evaluate("document.body.append(document.createElement('to-do-more'))")
    page.locator("to-do-more h2").wait_for(state="attached")

    for old, new in [("1, 2, 3", "4, 5, 6"), ("4, 5, 6", "7, 8, 9")]:
        edit(project, "static/to-do.js", old, new)
        page.wait_for(
            f"""() => {{
                const root = document.querySelector("to-do-more").shadowRoot;
                const {{ color, margin }} = getComputedStyle(root.querySelector("h2"));
                return color === "rgb({new})" && margin === "7px";
            }}"""
        )


def test_styles_that_a_class_no_longer_inherits_stay_with_the_other(project, page):
    more = """
        import {{ css }} from "lit";
        import {{ ToDo }} from "./to-do.js";
        customElements.define("to-do-more", class extends ToDo {{
          static styles = [{inherited}css`h2 {{ margin: {margin} }}`];
        }});
    """
    project.save(
        "static/more.js", more.format(inherited="super.styles, ", margin="7px")
    )
    page.evaluate("import('/static/more.js')")
    page.evaluate("document.body.append(document.createElement('to-do-more'))")
    page.locator("to-do-more h2").wait_for(state="attached")

    for margin in ("8px", "9px"):
        project.save("static/more.js", more.format(inherited="", margin=margin))
        page.wait_for(
            f"""() => {{
                const root = document.querySelector("to-do-more").shadowRoot;
                const {{ color, margin }} = getComputedStyle(root.querySelector("h2"));
                return color === "rgb(0, 0, 0)" && margin === "{margin}";
            }}"""
        )

    page.evaluate("document.querySelector('to-do-more').remove()")
    page.evaluate("document.body.append(document.createElement('to-do'))")
    other = page.locator("to-do").last.locator("h2")
    assert other.evaluate("(h2) => getComputedStyle(h2).color") == "rgb(1, 2, 3)"


def test_a_new_property_that_may_belong_to_one_element_reloads(project):
    page = open_page(project, files())
    hit = "super();\n    this.hit = () => this.add();"

    edit(project, "static/to-do.js", "heading: {},", "heading: {},\n    hit: {},")
    edit(project, "static/to-do.js", "super();", hit)

    page.wait_for_reload()
    project.wait_for_output("<to-do> has a new field hit, which is more than")


def test_a_new_controller_reloads(project):
    page = open_page(project, files())
    controlled = "super();\n    this.addController({ hostUpdate: () => this.add });"

    edit(project, "static/to-do.js", "super();", controlled)

    page.wait_for_reload()


def test_the_development_build_finds_nothing_to_warn_of(project):
    page = open_page(
        project, {**files(), "templates/index.html": INDEX.replace(LIT, DEVELOPMENT)}
    )
    page.wait_for_console("Lit is in dev mode")

    for number in range(2):
        edit(project, "static/to-do.js", "<h2>", f"<h2>{number} ")
        page.locator("#first h2").get_by_text(f"{number} ").wait_for()

    assert "createProperty" not in page.console
