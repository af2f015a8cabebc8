"""Edits of templates: the open page is refreshed in place, with its state kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from .support.media import write_clip
from .support.steps import edit, open_page

APP = """
from flask import Flask, abort, make_response, redirect, render_template, request

from flask_hmr import HMR

app = Flask(__name__)
HMR(app)


@app.route("/", methods=["GET", "POST"])
def index():
    return render_template("index.html", name=request.form.get("name", "nobody"))


@app.get("/other")
def other():
    return render_template("other.html")
"""

BASE = """
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>{% block title %}Base{% endblock %}</title>
    <link rel="icon" href="data:,">
    <script type="module" src="/static/main.js"></script>
  </head>
  <body>
    <h1>Orders</h1>
    {% block content %}{% endblock %}
    <footer>Foot one</footer>
  </body>
</html>
"""

INDEX = """
{% extends "base.html" %}
{% from "macros.html" import field %}
{% block title %}Index{% endblock %}
{% block content %}
<p id="text">Hello {{ name }}</p>
{% include "part.html" %}
<form method="post">{{ field("name") }}<button>Send</button></form>
<details><summary>More</summary><p>Less</p></details>
<dialog><p>In the dialog</p></dialog>
<div id="app"></div>
<div style="height: 3000px">tall</div>
{% endblock %}
"""

FILES = {
    "app.py": APP,
    "templates/base.html": BASE,
    "templates/index.html": INDEX,
    "templates/part.html": "<ul><li>one</li><li>two</li></ul>\n",
    "templates/macros.html": '{% macro field(name) %}<input name="{{ name }}">'
    "{% endmacro %}\n",
    "templates/other.html": '{% extends "base.html" %}{% block content %}'
    '<p id="text">Other</p>{% endblock %}\n',
    "static/main.js": """
        document.querySelector("#app")?.append("made by a script");
        window.log.push("main");
        """,
}

OVERLAY = "[data-hmr-overlay]"


def leave_state(page):
    """Do what a person and scripts do to a page."""
    page.locator("input").fill("typed")
    page.evaluate(
        """() => {
          document.querySelector('details').open = true;
          document.querySelector('dialog').show();
          document.querySelector('input').focus();
          document.querySelector('input').setSelectionRange(1, 3);
          scrollTo(0, 500);
          window.kept = document.querySelector('input');
        }"""
    )


def assert_state_kept(page, scroll=500):
    """Check that all of that is still there.

    :param scroll: where the page stands now; browsers keep what is in view in its
        place when something above it grows.
    """
    __tracebackhide__ = True
    state = page.evaluate(
        """() => ({
          same: window.kept === document.querySelector('input'),
          value: window.kept.value,
          focus: document.activeElement === window.kept,
          caret: [window.kept.selectionStart, window.kept.selectionEnd],
          details: document.querySelector('details').open,
          dialog: document.querySelector('dialog').open,
          scroll: scrollY,
          app: document.querySelector('#app').textContent,
        })"""
    )
    assert state == {
        "same": True,
        "value": "typed",
        "focus": True,
        "caret": [1, 3],
        "details": True,
        "dialog": True,
        "scroll": scroll,
        "app": "made by a script",
    }
    assert page.log() == ["main"]
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    ("name", "old", "new", "selector", "text"),
    [
        ("index.html", "Hello", "Good day,", "#text", "Good day, nobody"),
        ("base.html", "Foot one", "Foot two", "footer", "Foot two"),
        ("part.html", ">two<", ">2<", "li:last-child", "2"),
        ("macros.html", "<input", "<b>Name</b><input", "form b", "Name"),
    ],
)
def test_an_edit_of_any_template_of_a_page_is_seen_and_its_state_is_kept(
    project, name, old, new, selector, text
):
    page = open_page(project, FILES)
    leave_state(page)
    edit(project, f"templates/{name}", old, new)
    page.wait_for_text(selector, text)
    assert_state_kept(page)
    page.wait_for_console(f"[hmr] refresh / ({name})")
    project.wait_for_output(f"[hmr] template {name}")


def test_only_pages_that_used_a_template_are_refreshed(project):
    project.write(FILES)
    project.start()
    index, other = project.open("/"), project.open("/other")
    index.wait_until_connected()
    other.wait_until_connected()
    edit(project, "templates/part.html", "one", "first")
    index.wait_for_text("li", "first")
    # What comes later on the same way shows that nothing came before it.
    edit(project, "templates/base.html", "Foot one", "Foot two")
    other.wait_for_text("footer", "Foot two")
    other.wait_for_console("[hmr] refresh /other (base.html)")
    assert "part.html" not in other.console


def test_edits_go_on_from_one_another(project):
    page = open_page(project, FILES)
    leave_state(page)
    for number in range(5):
        project.save(
            "templates/part.html",
            "<ul>" + "".join(f"<li>{n}</li>" for n in range(number + 1)) + "</ul>\n",
        )
        page.wait_for_text("ul", "".join(str(n) for n in range(number + 1)))
    assert_state_kept(page, scroll=page.evaluate("() => scrollY"))


@pytest.mark.parametrize("style", ["atomic", "vim", "jetbrains", "truncate"])
def test_any_way_to_save_a_template_is_seen(project, style):
    page = open_page(project, FILES)
    text = project.read("templates/part.html").replace("one", "first")
    project.save("templates/part.html", text, style)
    page.wait_for_text("li", "first")
    page.assert_not_reloaded()


def test_what_changes_between_the_document_and_the_socket_is_not_lost(project):
    project.write(FILES)
    project.start()
    page = project.open("/other")
    page.wait_until_connected()
    held: list[Route] = []
    page.tab.context.route("**/_hmr/session", lambda route: held.append(route))
    page.goto("/")
    edit(project, "templates/part.html", "one", "first")
    page.tab.context.unroute("**/_hmr/session")  # which lets them go on
    page.wait_for_text("li", "first")
    page.assert_not_reloaded()


def test_a_page_that_answers_a_form_is_told_and_not_sent_again(project):
    page = open_page(project, FILES)
    page.locator("input").fill("Ada")
    page.locator("button").click()
    page.wait_for_text("#text", "Hello Ada")
    page.wait_until_connected()
    edit(project, "templates/part.html", "one", "first")
    told = page.locator(OVERLAY).locator(".message", has_text="reload it yourself")
    told.wait_for()
    assert page.text("li:first-child") == "one"


def test_a_template_error_is_shown_and_its_fix_brings_the_page_on(project):
    page = open_page(project, FILES)
    leave_state(page)
    edit(project, "templates/part.html", "<li>two</li>", "<li>{{ two</li>")
    overlay = page.locator(OVERLAY)
    overlay.locator("h3", has_text="TemplateSyntaxError").wait_for()
    overlay.locator(".place", has_text="templates/part.html:1").wait_for()
    assert "{{ two" in overlay.locator(".frame").inner_text()
    assert page.text("li:last-child") == "two"
    edit(project, "templates/part.html", "{{ two", "2")
    page.wait_for_text("li:last-child", "2")
    overlay.wait_for(state="detached")
    assert_state_kept(page)


def test_an_error_in_a_template_that_is_new_to_the_page_can_be_mended_there(project):
    page = open_page(project, FILES)
    project.save("templates/new.html", "<i>{{ 1 / 0 }}</i>\n")
    edit(project, "templates/index.html", "Hello", '{% include "new.html" %}Hello')
    overlay = page.locator(OVERLAY)
    overlay.locator("h3", has_text="ZeroDivisionError").wait_for()
    overlay.locator(".place", has_text="templates/new.html:1").wait_for()
    project.save("templates/new.html", "<i>new</i>\n")
    page.wait_for_text("i", "new")
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


def test_a_template_that_is_missing_can_come_later(project):
    page = open_page(project, FILES)
    project.delete("templates/part.html")
    overlay = page.locator(OVERLAY)
    overlay.locator("h3", has_text="TemplateNotFound").wait_for()
    overlay.locator(".place", has_text="templates/index.html:6").wait_for()
    project.save("templates/part.html", "<ul><li>back</li></ul>\n")
    page.wait_for_text("li", "back")
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


def test_an_optional_template_is_seen_when_it_comes(project):
    page = open_page(
        project,
        {
            **FILES,
            "templates/other.html": "<!doctype html><html><body>"
            "{% include ['note.html', 'spare.html'] ignore missing %}<p>end</p>\n",
        },
        "/other",
    )
    project.save("templates/spare.html", "<b>spare</b>\n")
    page.wait_for_text("b", "spare")
    project.save("templates/note.html", "<b>note</b>\n")
    page.wait_for_text("b", "note")
    page.assert_not_reloaded()


def test_new_module_scripts_run_and_old_ones_do_not_run_again(project):
    page = open_page(
        project, {**FILES, "static/new.js": "window.log.push('new one');\n"}
    )
    script = '<script type="module" src="/static/new.js"></script>'
    edit(project, "templates/base.html", "<footer>", f"{script}<footer>")
    page.wait_for_log(["main", "new one"])
    # It takes part in updates like any other.
    project.save("static/new.js", "log.push('new two'); import.meta.hot.accept();\n")
    page.wait_for_reload()
    page.wait_for_log_entry("new two")
    edit(project, "static/new.js", "two", "three")
    page.wait_for_log_entry("new three")
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "<title>",
            "<script>window.early = 1</script><title>",
            "a script in the page is new in the head",
        ),
        (
            "<title>",
            '<script type="importmap">{"imports":{"a":"/static/a.js"}}</script><title>',
            "the import map has changed",
        ),
        (
            '<script type="module" src="/static/main.js"></script>',
            "",
            "the script /static/main.js has changed or is gone",
        ),
        ("<title>", '<base href="/x/"><title>', "the base URL has changed"),
    ],
)
def test_where_morphing_would_be_wrong_the_page_reloads_and_says_why(
    project, old, new, reason
):
    page = open_page(project, FILES)
    edit(project, "templates/base.html", old, new)
    page.wait_for_reload()
    page.wait_for_console(f"[hmr] reload {reason} (base.html)")
    project.wait_for_output(f"[hmr] reload {reason} (base.html)")


def test_a_style_element_is_changed_in_place(project):
    style = "<style>h1 {{ top: {}px }}</style><title>"
    page = open_page(
        project,
        {**FILES, "templates/base.html": BASE.replace("<title>", style.format(1))},
    )
    leave_state(page)
    page.evaluate("() => { window.style = document.querySelector('style') }")
    edit(project, "templates/base.html", "top: 1px", "top: 2px")
    page.wait_for("() => getComputedStyle(document.querySelector('h1')).top === '2px'")
    assert page.evaluate("() => document.querySelector('style') === window.style")
    assert_state_kept(page)


def test_under_a_strict_policy_the_page_is_refreshed_and_its_scripts_run(project):
    app = (
        APP
        + """

@app.after_request
def add_policy(response):
    nonce = os.urandom(8).hex()
    data = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
    if data:
        response.set_data(data.replace("NONCE", nonce))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'"
    )
    return response
"""
    )
    base = BASE.replace("<script ", '<script nonce="NONCE" ')
    page = open_page(
        project,
        {**FILES, "app.py": f"import os\n{app}", "templates/base.html": base},
    )
    page.locator("input").fill("typed")
    script = '<script nonce="NONCE" type="module">log.push("inline")</script><footer>'
    edit(project, "templates/base.html", "<footer>", script)
    page.wait_for_log(["main", "inline"])
    edit(project, "templates/base.html", "Foot one", "Foot two")
    page.wait_for_text("footer", "Foot two")
    assert page.log() == ["main", "inline"]
    assert page.locator("input").input_value() == "typed"
    page.assert_not_reloaded()


def test_a_page_that_scripts_gave_another_address_is_fetched_from_where_it_came(
    project,
):
    page = open_page(project, FILES)
    page.evaluate("() => history.pushState({}, '', '/made/up')")
    edit(project, "templates/part.html", "one", "first")
    page.wait_for_text("li", "first")
    page.assert_not_reloaded()


def test_clips_play_on_and_drawings_stay(project):
    write_clip(project, "static/clip.wav")
    media = '<audio id="clip" muted loop></audio><canvas width="9" height="9"></canvas>'
    page = open_page(
        project,
        {**FILES, "templates/index.html": INDEX.replace("<form", f"{media}<form")},
    )
    page.evaluate(
        """async () => {
          const clip = document.querySelector("#clip");
          clip.muted = true;
          clip.src = "/static/clip.wav";
          await clip.play();
          document.querySelector("canvas").getContext("2d").fillRect(0, 0, 9, 9);
          window.stops = [];
          for (const event of ["pause", "seeking", "emptied"]) {
            clip.addEventListener(event, () => stops.push(event));
          }
        }"""
    )
    edit(project, "templates/part.html", "<li>one", "<li>new</li><li>one")
    page.wait_for_text("li", "new")
    assert page.evaluate(
        """() => [stops, document.querySelector("#clip").paused,
          [...document.querySelector("canvas").getContext("2d")
            .getImageData(4, 4, 1, 1).data]]"""
    ) == [[], False, [0, 0, 0, 255]]
    page.assert_not_reloaded()


def test_events_tell_of_a_refresh(project):
    page = open_page(
        project,
        {
            **FILES,
            "static/main.js": """
                import.meta.hot.on("hmr:beforeRefresh", (e) => log.push(["before", e]));
                import.meta.hot.on("hmr:afterRefresh", ({ reason, added }) =>
                  log.push(["after", reason, added.map((one) => one.outerHTML)]));
                """,
        },
    )
    edit(project, "templates/part.html", "<li>two", "<li>between</li><li>two")
    page.wait_for_log(
        [
            ["before", {"reason": "part.html"}],
            ["after", "part.html", ["<li>between</li>"]],
        ]
    )


NAMES = [
    *("data-a", "x-on:click", "@click", ":title", "x-bind:title.camel"),
    *("hx-on::after-request", "v-slot:head", "xml:lang", "[prop]", "(event)", "#ref"),
]


@pytest.mark.parametrize("name", NAMES)
def test_attributes_of_any_name_are_changed(project, name):
    page = open_page(
        project,
        {
            "templates/index.html": f"""
                <!doctype html>
                <title>Project</title>
                <link rel="icon" href="data:,">
                <b {name}="one">text</b><i>text</i>
            """,
        },
    )
    shown = """([name, ...wanted]) => ["b", "i"].every((tag, index) =>
      document.querySelector(tag).getAttribute(name) === wanted[index])"""
    template = "templates/index.html"
    edit(project, template, f'{name}="one"', f'{name}="two"')
    page.wait_for(shown, [name, "two", None])
    edit(project, template, "<i>", f'<i {name}="new">')
    page.wait_for(shown, [name, "two", "new"])
    edit(project, template, f'<b {name}="two">', "<b>")
    page.wait_for(shown, [name, None, "new"])
    edit(project, template, "</i>", " later</i>")
    page.wait_for_text("i", "text later")
    page.assert_not_reloaded()
