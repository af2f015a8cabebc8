"""Custom elements whose class is edited, with the plugin for them."""

from __future__ import annotations

import pytest

from .support.project import APP, Project
from .support.steps import edit, open_page

ELEMENTS = APP.replace(
    "HMR(app)", 'app.config["HMR_PLUGINS"] = ["custom_elements"]\nHMR(app)'
)
INDEX = """
<!doctype html>
<link rel="icon" href="data:,">
<script type="module" src="/static/main.js"></script>
<like-button id="first"></like-button>
"""
BUTTON = """
class LikeButton extends HTMLElement {
  count = 0;

  connectedCallback() {
    this.attachShadow({ mode: "open" }).innerHTML = "<button></button><input>";
    this.shadowRoot.querySelector("button").onclick = () => this.like();
    this.render();
  }

  like() {
    this.count += 1;
    this.render();
  }

  render() {
    this.shadowRoot.querySelector("button").textContent = `${this.count} likes`;
  }

  static label = "one";

  get double() {
    return this.count * 2;
  }
}
customElements.define("like-button", LikeButton);
log.push("defined");
"""
FILES = {
    "app.py": ELEMENTS,
    "templates/index.html": INDEX,
    "static/main.js": 'import "./like-button.js";\nwindow.main = {};',
    "static/like-button.js": BUTTON,
}
FIRST = "document.querySelector('#first')"


def opened(project: Project, files: dict[str, str] | None = None):
    page = open_page(project, {**FILES, **(files or {})})
    page.evaluate("globalThis.kept = main")
    return page


def assert_kept(page) -> None:
    assert page.evaluate("kept === main")
    page.assert_not_reloaded()


def test_elements_get_new_methods_and_keep_their_state(project):
    page = opened(project)
    button = page.locator("#first button")
    button.click()
    button.click()
    page.locator("#first input").fill("typed")

    edit(project, "static/like-button.js", "likes`", "people like it`")

    button.get_by_text("2 people like it").wait_for()
    button.click()
    button.get_by_text("3 people like it").wait_for()
    assert page.locator("#first input").input_value() == "typed"
    assert_kept(page)


def test_elements_that_are_made_later_have_the_new_class(project):
    page = opened(project)

    edit(project, "static/like-button.js", "likes`", "hearts`")
    page.wait_for_log(["defined", "defined"])
    page.evaluate("document.body.append(document.createElement('like-button'))")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<like-button>')")

    page.wait_for(
        "() => [...document.querySelectorAll('like-button')].every("
        "(e) => e.shadowRoot.textContent === '0 hearts')"
    )
    assert page.evaluate("document.querySelectorAll('like-button').length") == 3


def test_the_same_again_and_again(project):
    page = opened(project)
    page.locator("#first button").click()

    for old, new in [("likes`", "two`"), ("two`", "three`"), ("three`", "likes`")]:
        edit(project, "static/like-button.js", old, new)
        text = f"1 {new.rstrip('`')}"
        page.locator("#first button").get_by_text(text, exact=True).wait_for()
    assert_kept(page)


def test_methods_getters_and_statics_come_and_go(project):
    page = opened(project)

    edit(
        project,
        "static/like-button.js",
        'static label = "one";\n\n  get double() {\n    return this.count * 2;\n  }',
        'static title = "two";\n\n  triple() {\n    return (this.count + 1) * 3;\n  }',
    )
    page.wait_for_log(["defined", "defined"])

    page.wait_for(f"() => {FIRST}.triple?.() === 3")
    assert page.evaluate(f"{FIRST}.double") is None
    assert page.evaluate(f"{FIRST}.constructor.title") == "two"
    assert page.evaluate(f"{FIRST}.constructor.label") is None


def test_fields_that_are_new_are_added_to_elements_that_exist(project):
    page = opened(project)
    page.locator("#first button").click()

    edit(project, "static/like-button.js", "count = 0;", "count = 0;\n  step = 10;")
    page.wait_for(f"() => {FIRST}.step === 10")

    assert page.evaluate(f"{FIRST}.count") == 1
    assert_kept(page)


def test_an_element_without_a_method_render_is_connected_anew(project):
    plain = """
        customElements.define("like-button", class extends HTMLElement {
          connectedCallback() {
            this.textContent = "one";
            log.push("connected");
          }
          disconnectedCallback() {
            log.push("disconnected");
          }
        });
    """
    page = opened(project, {"static/like-button.js": plain})
    page.wait_for_log(["connected"])

    edit(project, "static/like-button.js", '"one"', '"two"')

    page.wait_for_log(["connected", "disconnected", "connected"])
    page.locator("#first").get_by_text("two").wait_for()
    assert_kept(page)


def test_an_element_may_say_itself_what_to_do(project):
    replaced = BUTTON.replace(
        "static label",
        "hotReplacedCallback() { log.push(`replaced ${this.id}`); }\n  static label",
    )
    page = opened(project, {"static/like-button.js": replaced})

    edit(project, "static/like-button.js", "likes`", "hearts`")

    page.wait_for_log(["defined", "defined", "replaced first"])


def test_each_element_is_told_once_however_often_it_was_edited(project):
    replaced = BUTTON.replace(
        "static label",
        "static hotReplacedCallback() { log.push('class'); }\n"
        "  hotReplacedCallback() { log.push(`element ${this.id}`); }\n  static label",
    )
    page = opened(project, {"static/like-button.js": replaced})

    expected = ["defined"]
    for number in range(4):
        edit(project, "static/like-button.js", "likes`", f"{number} likes`")
        expected += ["defined", "class", "element first"]
        page.wait_for_log(expected)


def test_an_element_is_shown_once_if_classes_on_several_levels_change(project):
    shown = "render() { log.push(`${this.localName} ${label}`); }"
    page = opened(
        project,
        {
            "static/main.js": 'import "./b.js";\nwindow.main = {};',
            "static/label.js": 'export const label = "one";',
            "static/a.js": f"""
                import {{ label }} from "./label.js";
                export class A extends HTMLElement {{ {shown} }}
                customElements.define("x-a", A);
            """,
            "static/b.js": f"""
                import {{ label }} from "./label.js";
                import {{ A }} from "./a.js";
                customElements.define("x-b", class extends A {{ {shown} }});
            """,
            "templates/index.html": INDEX + "<x-a></x-a><x-b></x-b>",
        },
    )

    edit(project, "static/label.js", "one", "two")
    page.wait_for_log(["x-a two", "x-b two"])
    edit(project, "static/label.js", "two", "three")
    page.wait_for_log(["x-a two", "x-b two", "x-a three", "x-b three"])
    assert_kept(page)


def test_reactions_that_are_new_are_called(project):
    bare = """
        customElements.define("like-button", class extends HTMLElement {
          static observedAttributes = ["color"];
          attributeChangedCallback() {}
        });
    """
    page = opened(project, {"static/like-button.js": bare})

    project.save(
        "static/like-button.js",
        """
        customElements.define("like-button", class extends HTMLElement {
          static observedAttributes = ["color"];
          attributeChangedCallback(name, old, now) { log.push(`${name} ${now}`); }
          disconnectedCallback() { log.push("gone"); }
        });
        log.push("new");
        """,
    )
    page.wait_for_log(["new"])
    page.evaluate(f"{FIRST}.setAttribute('color', 'red'), {FIRST}.remove()")

    page.wait_for_log(["new", "color red", "gone"])
    assert_kept(page)


def test_attributes_that_are_observed_from_now_on(project):
    page = opened(project)

    edit(
        project,
        "static/like-button.js",
        "static label",
        """attributeChangedCallback(name, old, now) { log.push([name, old, now]); }
  static observedAttributes = ["color"];
  static label""",
    )
    page.wait_for_log(["defined", "defined"])
    page.evaluate(f"{FIRST}.setAttribute('color', 'red')")
    page.wait_for_log(["defined", "defined", ["color", None, "red"]])
    page.evaluate(f"{FIRST}.setAttribute('other', 'red')")
    page.evaluate(f"{FIRST}.removeAttribute('color')")

    page.wait_for_log(
        ["defined", "defined", ["color", None, "red"], ["color", "red", None]]
    )
    assert_kept(page)


def test_attributes_that_are_no_longer_observed(project):
    observing = BUTTON.replace(
        "static label",
        """attributeChangedCallback(name, old, now) { log.push(`${name} ${now}`); }
  static observedAttributes = ["color", "size"];
  static label""",
    )
    page = opened(project, {"static/like-button.js": observing})

    edit(project, "static/like-button.js", '["color", "size"]', '["size"]')
    page.wait_for_log(["defined", "defined"])
    page.evaluate(
        f"{FIRST}.setAttribute('color', 'red'), {FIRST}.setAttribute('size', '7')"
    )

    page.wait_for_log(["defined", "defined", "size 7"])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "static label",
            "static formAssociated = true;\n  static label",
            "is part of forms",
        ),
        ("count = 0;", "count = 0;\n  #secret = 1;", "has private members"),
    ],
)
def test_what_elements_that_exist_cannot_be_given_reloads(project, old, new, reason):
    page = opened(project)

    edit(project, "static/like-button.js", old, new)

    page.wait_for_reload()
    project.wait_for_output(f"<like-button> {reason}")


def test_a_class_makes_elements_by_new_before_and_after(project):
    page = opened(
        project,
        {
            "static/like-button.js": BUTTON.replace("class Like", "export class Like"),
            "static/main.js": """
                import { LikeButton } from "./like-button.js";
                window.main = {};
                window.make = () => {
                  const made = new LikeButton();
                  document.body.append(made);
                  return [made instanceof LikeButton, made.shadowRoot.textContent];
                };
            """,
        },
    )
    assert page.evaluate("make()") == [True, "0 likes"]

    edit(project, "static/like-button.js", "likes`", "hearts`")
    page.wait_for_log(["defined", "defined"])

    page.wait_for("() => make()[1] === '0 hearts'")
    assert page.evaluate("make()") == [True, "0 hearts"]
    assert_kept(page)


def test_elements_that_extend_another_modules_element_follow_it(project):
    page = opened(
        project,
        {
            "static/like-button.js": BUTTON.replace("class Like", "export class Like"),
            "static/main.js": 'import "./love-button.js";\nwindow.main = {};',
            "static/love-button.js": """
                import { LikeButton } from "./like-button.js";
                customElements.define("love-button", class extends LikeButton {
                  render() {
                    super.render();
                    this.title = this.shadowRoot.textContent;
                  }
                });
            """,
            "templates/index.html": INDEX + "<love-button></love-button>",
        },
    )
    page.locator("love-button button").click()

    edit(project, "static/like-button.js", "likes`", "hearts`")

    page.wait_for("() => document.querySelector('love-button').title === '1 hearts'")
    page.locator("#first").get_by_text("0 hearts").wait_for()
    assert_kept(page)


def test_what_extends_another_modules_element_extends_its_new_class(project):
    page = opened(
        project,
        {
            "static/like-button.js": BUTTON.replace("class Like", "export class Like"),
            "static/main.js": """
                import { LikeButton } from "./like-button.js";
                import "./love-button.js";
                window.main = {};
                log.push([...document.querySelectorAll("[id]")].map(
                  (one) => one instanceof LikeButton));
                import.meta.hot.accept();
            """,
            "static/love-button.js": """
                import { LikeButton } from "./like-button.js";
                customElements.define("love-button", class extends LikeButton {});
                import.meta.hot.accept(() => {});
            """,
            "templates/index.html": INDEX + '<love-button id="love"></love-button>',
        },
    )

    edit(project, "static/like-button.js", "count = 0;", "count = 0;\n  step = 10;")
    page.wait_for("() => document.querySelector('love-button').step === 10")
    later = "document.body.appendChild(document.createElement('love-button')).step"
    assert page.evaluate(later) == 10

    edit(project, "static/main.js", "window.main", "\nwindow.main")
    page.wait_for_log(["defined", [True, True], "defined", [True, True]])
    page.assert_not_reloaded()


def test_who_asks_for_the_class_of_a_name_gets_the_newest(project):
    plain = """
        export class LikeButton extends HTMLElement { static label = "one"; }
        const known = customElements.whenDefined("like-button");
        customElements.define("like-button", LikeButton);
        known.then((cls) => {
          const isSame = customElements.get("like-button") === LikeButton;
          const { constructor } = document.querySelector("#first");
          log.push([cls.label, cls === LikeButton, isSame, constructor === LikeButton]);
        });
    """
    page = opened(project, {"static/like-button.js": plain})
    page.wait_for_log([["one", True, True, True]])

    edit(project, "static/like-button.js", '"one"', '"two"')

    page.wait_for_log([["one", True, True, True], ["two", True, True, True]])
    assert_kept(page)


def test_what_extends_a_built_in_element_reloads(project):
    page = opened(
        project,
        {
            "static/like-button.js": """
                customElements.define("like-list", class extends HTMLUListElement {
                  connectedCallback() { this.textContent = "one"; }
                }, { extends: "ul" });
            """,
            "templates/index.html": INDEX + '<ul is="like-list"></ul>',
        },
    )

    edit(project, "static/like-button.js", '"one"', '"two"')

    page.wait_for_reload()
    page.locator("ul").get_by_text("two").wait_for()
    project.wait_for_output('<ul is="like-list"> is left alone')


def test_several_elements_in_one_module(project):
    two = """
        for (const name of ["like-button", "other-button"]) {
          customElements.define(name, class extends HTMLElement {
            render() { this.textContent = `${name} one`; }
            connectedCallback() { this.render(); }
          });
        }
    """
    page = opened(
        project,
        {
            "static/like-button.js": two,
            "templates/index.html": INDEX + "<other-button></other-button>",
        },
    )

    edit(project, "static/like-button.js", "one`", "two`")

    page.locator("like-button").get_by_text("like-button two").wait_for()
    page.locator("other-button").get_by_text("other-button two").wait_for()
    assert_kept(page)


def test_a_change_below_a_module_with_elements_reaches_them(project):
    page = opened(
        project,
        {
            "static/words.js": 'export const word = "likes";',
            "static/like-button.js": 'import { word } from "./words.js";\n'
            + BUTTON.replace("likes`", "${word}`"),
        },
    )
    page.locator("#first button").click()

    edit(project, "static/words.js", "likes", "hearts")

    page.locator("#first button").get_by_text("1 hearts").wait_for()
    assert_kept(page)


def test_a_module_that_exports_something_else_as_well_reloads(project):
    page = opened(
        project,
        {"static/like-button.js": BUTTON + "export const helper = () => 1;"},
    )

    edit(project, "static/like-button.js", "likes`", "hearts`")

    page.wait_for_reload()
    project.wait_for_output("helper may be in use elsewhere")


def test_elements_that_a_helper_defines_where_their_module_accepts_itself(project):
    page = opened(
        project,
        {
            "static/helper.js": "export const as = (...given) => "
            "customElements.define(...given);",
            "static/like-button.js": BUTTON.replace(
                "customElements.define(", 'import { as } from "./helper.js";\nas('
            )
            + "import.meta.hot.accept(() => {});",
        },
    )
    page.locator("#first button").click()

    edit(project, "static/like-button.js", "likes`", "hearts`")

    page.locator("#first button").get_by_text("1 hearts").wait_for()
    assert_kept(page)


def test_a_name_that_two_modules_define_is_an_error_as_ever(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": """
                import "./like-button.js";
                try {
                  customElements.define("like-button", class extends HTMLElement {});
                } catch (error) {
                  log.push(error.name);
                }
            """,
        },
    )

    page.wait_for_log(["defined", "NotSupportedError"])


def test_a_module_that_says_itself_what_it_accepts_is_left_alone(project):
    page = opened(
        project,
        {"static/like-button.js": BUTTON + "import.meta.hot.decline();"},
    )

    edit(project, "static/like-button.js", "likes`", "hearts`")

    page.wait_for_reload()


def test_an_element_that_fails_with_its_new_class_can_be_mended(project):
    page = opened(project)
    page.locator("#first button").click()

    edit(
        project, "static/like-button.js", "${this.count} likes", "${this.no.way} likes"
    )
    page.wait_for_console("<like-button> failed with its new class")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("<like-button> failed with its new class").first.wait_for()
    project.wait_for_output("<like-button> failed with its new class")
    project.save("static/like-button.js", BUTTON.replace("likes`", "hearts`"))
    overlay.wait_for(state="detached")

    page.locator("#first button").get_by_text("1 hearts").wait_for()
    assert_kept(page)


def test_a_listener_that_is_the_element_is_there_once(project):
    listening = """
        customElements.define("like-button", class extends HTMLElement {
          count = 0;
          connectedCallback() {
            this.addEventListener("click", this);
            this.textContent = "0 likes";
          }
          handleEvent() { this.textContent = `${++this.count} likes`; }
        });
        log.push("defined");
    """
    page = opened(project, {"static/like-button.js": listening})
    page.locator("#first").click()

    edit(project, "static/like-button.js", '"0 likes"', "`again ${this.count} likes`")
    page.locator("#first").get_by_text("again 1 likes").wait_for()
    page.locator("#first").click()

    page.locator("#first").get_by_text("2 likes", exact=True).wait_for()
    assert_kept(page)


INDEX_OF_TWO = {
    "static/main.js": 'import "./index.js";\nwindow.main = {};',
    "static/index.js": """
        import { One } from "./one.js";
        import { Two } from "./two.js";
        customElements.define("x-one", One);
        customElements.define("x-two", Two);
    """,
    **{
        f"static/{name.lower()}.js": f"""
            export class {name} extends HTMLElement {{
              connectedCallback() {{ this.render(); }}
              render() {{ this.textContent = "{name} before"; }}
            }}
        """
        for name in ("One", "Two")
    },
    "templates/index.html": INDEX + "<x-one></x-one><x-two></x-two>",
}


@pytest.mark.parametrize("name", ["One", "Two"])
def test_a_module_that_defines_classes_of_several_others(project, name):
    page = opened(project, INDEX_OF_TWO)

    edit(project, f"static/{name.lower()}.js", "before", "after")

    page.locator(f"x-{name.lower()}").get_by_text(f"{name} after").wait_for()
    assert page.locator("x-one, x-two").get_by_text("before").count() == 1
    assert page.locator("[data-hmr-overlay]").count() == 0
    assert_kept(page)


def test_a_module_that_asks_first_whether_a_name_is_free(project):
    page = opened(
        project,
        {
            "static/like-button.js": BUTTON.replace(
                "customElements.define",
                'customElements.get("like-button") || customElements.define',
            )
        },
    )
    page.locator("#first button").click()

    edit(project, "static/like-button.js", "likes`", "hearts`")
    page.locator("#first button").get_by_text("1 hearts").wait_for()
    edit(project, "static/like-button.js", "log.push", "broken(); log.push")
    page.locator("[data-hmr-overlay]").wait_for()
    edit(project, "static/like-button.js", "broken(); log.push", "log.push")
    edit(project, "static/like-button.js", "hearts`", "stars`")
    page.locator("#first button").get_by_text("1 stars").wait_for()
    assert_kept(page)


def test_who_asks_for_the_class_of_another_module_gets_it_in_an_update(project):
    page = opened(
        project,
        {
            "static/main.js": """
                import "./like-button.js";
                import "./other.js";
                window.main = {};
            """,
            "static/other.js": """
                log.push(customElements.get("like-button").label);
                customElements.define("other-button", class extends HTMLElement {});
            """,
        },
    )

    edit(project, "static/other.js", "log.push(", "log.push( ")

    page.wait_for_log(["defined", "one", "one"])
    assert_kept(page)


@pytest.mark.parametrize("name", ["base", "mixin"])
def test_private_members_of_what_a_class_extends_reload(project, name):
    counting = """{
        #count = 0;
        bump() { return ++this.#count; }
        tag() { return "before"; }
    }"""
    page = opened(
        project,
        {
            "static/base.js": f"export class Base extends HTMLElement {counting}",
            "static/mixin.js": "export const Mixin = (Base) => class extends Base "
            + counting,
            "static/like-button.js": {
                "base": """
                    import { Base } from "./base.js";
                    class Button extends Base {
                """,
                "mixin": """
                    import { Mixin } from "./mixin.js";
                    class Button extends Mixin(HTMLElement) {
                """,
            }[name]
            + """
                connectedCallback() { this.render(); }
                render() { this.textContent = `${this.tag()} ${this.bump()}`; }
              }
              customElements.define("like-button", Button);
            """,
        },
    )

    edit(project, f"static/{name}.js", "before", "after")

    page.wait_for_reload()
    page.locator("#first").get_by_text("after 1").wait_for()
    project.wait_for_output("<like-button> has private members")


def test_private_members_that_elements_have_already_do_not_reload(project):
    page = opened(
        project,
        {
            "static/base.js": """
                export class Base extends HTMLElement {
                  #count = 0;
                  bump() { return ++this.#count; }
                }
            """,
            "static/like-button.js": """
                import { Base } from "./base.js";
                customElements.define("like-button", class extends Base {
                  connectedCallback() { this.render(); }
                  render() { this.textContent = `before ${this.bump()}`; }
                });
            """,
        },
    )

    edit(project, "static/like-button.js", "before", "after")

    page.locator("#first").get_by_text("after 2").wait_for()
    assert_kept(page)


@pytest.mark.parametrize(
    "field",
    [
        "hit = () => { this.count += 10; }",
        "handlers = { hit: () => { this.count += 10; } }",
        "controller = new (class { constructor(host) { this.host = host; } })(this)",
    ],
)
def test_a_new_field_that_may_belong_to_one_element_reloads(project, field):
    page = opened(project)
    page.locator("#first button").click()

    edit(project, "static/like-button.js", "count = 0;", f"count = 0;\n  {field};")

    page.wait_for_reload()
    name = field.split()[0]
    project.wait_for_output(f"<like-button> has a new field {name}, which is more than")


def test_each_element_has_its_own_copy_of_a_new_field(project):
    page = opened(
        project,
        {"templates/index.html": INDEX + '<like-button id="second"></like-button>'},
    )
    second = "document.querySelector('#second')"

    edit(
        project,
        "static/like-button.js",
        "count = 0;",
        "count = 0;\n  items = [{ tags: new Set() }];",
    )
    page.wait_for(f"() => {FIRST}.items && {second}.items")

    page.evaluate(f"{FIRST}.items[0].tags.add('new')")
    assert page.evaluate(f"{second}.items[0].tags.size") == 0
    assert_kept(page)


def test_a_constructor_runs_once_for_each_edit_of_its_class(project):
    made = BUTTON.replace(
        "connectedCallback() {",
        "constructor() {\n    super();\n    log.push('made');\n  }\n\n"
        "  connectedCallback() {",
    )
    page = opened(
        project,
        {
            "static/like-button.js": made,
            "templates/index.html": INDEX + "<like-button></like-button>" * 2,
        },
    )
    page.wait_for_log(["made"] * 3 + ["defined"])

    expected = ["made"] * 3 + ["defined"]
    for old, new in [("likes`", "hearts`"), ("hearts`", "stars`")]:
        edit(project, "static/like-button.js", old, new)
        page.locator("#first button").get_by_text(f"0 {new[:-1]}").wait_for()
        expected += ["defined", "made"]
        assert page.log() == expected


def test_a_shadow_root_is_attached_again_when_an_element_is_connected_anew(project):
    page = opened(
        project,
        {
            "static/like-button.js": """
                const sheet = new CSSStyleSheet();
                customElements.define("like-button", class extends HTMLElement {
                  connectedCallback() {
                    const root = this.attachShadow({ mode: "open" });
                    root.adoptedStyleSheets.push(sheet);
                    root.append("one");
                  }
                });
            """
        },
    )

    for old, new in [("one", "two"), ("two", "three")]:
        edit(project, "static/like-button.js", f'"{old}"', f'"{new}"')
        page.wait_for(f"() => {FIRST}.shadowRoot.textContent === '{new}'")

    assert page.evaluate(f"{FIRST}.shadowRoot.adoptedStyleSheets.length") == 1
    assert page.locator("[data-hmr-overlay]").count() == 0
    assert not page.evaluate(f"Object.hasOwn({FIRST}, 'attachShadow')")
    assert_kept(page)


@pytest.mark.parametrize(
    ("moving", "expected"),
    [
        ("", ["gone", "here"]),
        ("connectedMoveCallback() { log.push('moved'); }", ["moved"]),
    ],
)
def test_an_element_that_is_moved_is_told_as_without_the_plugin(
    project, moving, expected
):
    page = opened(
        project,
        {
            "static/like-button.js": f"""
                customElements.define("like-button", class extends HTMLElement {{
                  connectedCallback() {{ log.push("here"); }}
                  disconnectedCallback() {{ log.push("gone"); }}
                  {moving}
                }});
            """
        },
    )
    page.wait_for_log(["here"])

    page.evaluate(f"document.body.moveBefore({FIRST}, null)")

    page.wait_for_log(["here", *expected])
