"""Reloads that cannot be avoided bring back what people had done to the page."""

from __future__ import annotations

from .support.steps import edit, open_page

INDEX = """
<!doctype html>
<html lang="en">
  <head>
    <title>Restore</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/static/main.js"></script>
  </head>
  <body>
    <h1>one</h1>
    <form id="form">
      <input name="text" value="default">
      <input name="secret" type="password">
      <input name="check" type="checkbox">
      <input name="radio" type="radio" value="1" checked>
      <input name="radio" type="radio" value="2">
      <textarea name="area">default</textarea>
      <select name="one"><option>1<option>2<option>3</select>
      <select name="many" multiple><option>1<option>2<option>3</select>
    </form>
    <details><summary>first</summary>1</details>
    <details open><summary>second</summary>2</details>
    <div class="box" style="height: 100px; overflow: auto">
      <div style="height: 1000px"></div>
    </div>
    <div id="late"></div>
    <div style="height: 5000px"></div>
  </body>
</html>
"""

MAIN = """
log.push("main one");
setTimeout(() => {
  document.querySelector("#late").innerHTML = "<input name='late'>";
}, 300);
"""

STATE = """() => {
  const value = (name) => document.querySelector(`[name=${name}]`).value;
  return {
    values: ["text", "secret", "area", "one"].map(value),
    many: [...document.querySelectorAll("[name=many] option")].map((o) => o.selected),
    checks: [...document.querySelectorAll("[name=check],[name=radio]")].map(
      (e) => e.checked),
    details: [...document.querySelectorAll("details")].map((d) => d.open),
    box: document.querySelector(".box").scrollTop,
    scroll: scrollY,
    focus: [document.activeElement.name, document.activeElement.selectionStart],
  };
}"""


def test_a_reload_brings_back_what_was_typed_chosen_opened_and_scrolled(project):
    page = open_page(project, {"templates/index.html": INDEX, "static/main.js": MAIN})
    page.locator("[name=late]").fill("typed later")
    page.locator("[name=text]").fill("typed")
    page.locator("[name=secret]").fill("secret")
    page.locator("[name=area]").fill("written")
    page.locator("[name=check]").check()
    page.locator("[name=radio][value='2']").check()
    page.locator("[name=one]").select_option("3")
    page.locator("[name=many]").select_option(["1", "3"])
    page.evaluate(
        """() => {
          const [first, second] = document.querySelectorAll("details");
          first.open = true;
          second.open = false;
          document.querySelector(".box").scrollTop = 300;
          document.querySelector("[name=text]").focus();
          document.querySelector("[name=text]").setSelectionRange(2, 2);
          scrollTo(0, 700);
        }"""
    )
    wanted = page.evaluate(STATE)
    assert wanted["scroll"] == 700
    wanted["values"][1] = ""

    edit(project, "static/main.js", "main one", "main two")
    page.wait_for_reload()
    page.wait_for_log(["main two"])
    page.wait_for(
        "() => document.querySelector('[name=late]')?.value === 'typed later'"
    )
    assert page.evaluate(STATE) == wanted
    # It is brought back once, not whenever somebody loads the page.
    page.goto("/static/main.js")
    page.goto("/")
    page.wait_for("() => document.querySelector('[name=late]')")
    assert page.locator("[name=text]").input_value() == "default"


def test_fields_in_shadow_roots_are_filled_and_scripts_hear_of_it(project):
    main = """
        log.push("main one");
        const root = document.querySelector("#late").attachShadow({ mode: "open" });
        root.innerHTML = "<section><input name='deep'></section>";
        root.addEventListener("input", ({ target }) => log.push(target.value));
        """
    page = open_page(project, {"templates/index.html": INDEX, "static/main.js": main})
    page.locator("[name=deep]").fill("typed")
    page.wait_for_log(["main one", "typed"])
    edit(project, "static/main.js", "main one", "main two")
    page.wait_for_reload()
    page.wait_for_log(["main two", "typed"])
    assert page.locator("[name=deep]").input_value() == "typed"
    assert page.evaluate(
        "() => document.activeElement.shadowRoot?.activeElement.name === 'deep'"
    )


def test_nothing_is_brought_back_against_somebody_who_scrolls(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX,
            # What was typed into has gone: it is waited for in vain.
            "static/main.js": """
                const field = document.createElement("input");
                field.name = "x";
                document.body.append(field);
                """,
        },
    )
    page.locator("[name=x]").fill("typed")
    page.evaluate("() => scrollTo(0, 700)")
    project.save(
        "static/main.js",
        """
        // Counts the turns of whatever waits for an element.
        window.turns = 0;
        const later = window.setTimeout;
        window.setTimeout = (act, delay) => later(() => { turns++; act(); }, delay);
        """,
    )
    page.wait_for_reload()
    page.wait_for("() => scrollY === 700")
    page.tab.mouse.move(300, 300)
    page.tab.mouse.wheel(0, 200)
    page.wait_for("() => scrollY > 700")
    # What was to look again for the missing field had its turn.
    page.wait_for(
        "(turns) => window.turns > turns", page.evaluate("() => window.turns")
    )
    page.wait_for("() => scrollY === 900")


def test_where_there_is_no_storage_the_page_reloads_all_the_same(project):
    page = open_page(project, {"static/main.js": MAIN, "templates/index.html": INDEX})
    page.evaluate(
        """() => { Storage.prototype.setItem = () => { throw new Error("full") } }"""
    )
    edit(project, "static/main.js", "main one", "main two")
    page.wait_for("() => log[0] === 'main two'")
