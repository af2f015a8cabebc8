"""Parts of a page that htmx fetched, when their templates are edited."""

from __future__ import annotations

import pytest

from .support import npm
from .support.project import APP
from .support.steps import edit, open_page

VIEWS = """

rows = ["one", "two", "three"]
asked = []


@app.before_request
def ask():
    from flask import request
    if request.path.startswith("/part"):
        asked.append(f"{request.method} {request.full_path.rstrip('?')}")


@app.get("/asked")
def all_asked():
    return asked


@app.get("/part/rows")
def part_rows():
    from flask import request
    q = request.args.get("q", "")
    return render_template("_rows.html", rows=[row for row in rows if q in row])


@app.get("/part/more")
def part_more():
    return render_template("_more.html")


@app.get("/part/broken")
def part_broken():
    return render_template("_broken.html")


@app.post("/part/add")
def part_add():
    return render_template("_added.html")


@app.get("/part/oob")
def part_oob():
    return render_template("_oob.html")


@app.get("/part/away")
def part_away():
    from flask import request
    return render_template("_away.html", q=request.args.get("q"))


@app.get("/part/gone")
def part_gone():
    return render_template("_more.html"), 404


@app.get("/tab/<name>")
def tab(name):
    from flask import request
    is_part = "HX-Request" in request.headers
    return render_template("_tab.html" if is_part else "index.html", name=name)


@app.get("/whole")
def whole():
    return render_template("whole.html")


@app.post("/form")
def form():
    return render_template("other.html"), 422


@app.get("/other")
def other():
    return render_template("other.html")
"""
HEAD = """
<!doctype html>
<link rel="icon" href="data:,">
<script src="/static/htmx.js"></script>
<script type="module" src="/static/main.js"></script>
"""
FILES = {
    "app.py": npm.served(
        APP.replace("HMR(app)", 'app.config["HMR_PLUGINS"] = "htmx"\nHMR(app)') + VIEWS,
        "htmx.org",
    ),
    "static/main.js": """
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status >= 500) return;
  Object.assign(detail, { shouldSwap: true, isError: false });
});
// In the way of Idiomorph, which lets the target stay.
htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap(style, target, fragment) {
    const from = style === "morph" ? fragment.firstElementChild : fragment;
    target.replaceChildren(...from.childNodes);
    return [target];
  },
});
""",
    "static/htmx.js": (npm.FOLDER / "htmx.org/dist/htmx.js").read_text("utf-8"),
    "templates/index.html": HEAD
    + """
<title>Index</title>
<body>
<h1>Index</h1>
<input id="q" name="q" hx-get="/part/rows" hx-target="#rows"
  hx-trigger="input">
<ul id="rows">{% include "_rows.html" ignore missing %}</ul>
<button id="more" hx-get="/part/more" hx-target="#list"
  hx-swap="beforeend">More</button>
<div id="list"></div>
<button id="broken" hx-get="/part/broken" hx-target="#list">Broken</button>
<button id="add" hx-post="/part/add" hx-target="#added">Add</button>
<div id="added"></div>
<button id="oob" hx-get="/part/oob" hx-target="#main"
  hx-swap="innerHTML settle:1s">Both</button>
<div id="main"></div><div id="side"></div>
<button id="text" hx-get="/part/more" hx-target="#main"
  hx-swap="textContent">Text</button>
<button id="outer" hx-get="/part/more" hx-swap="outerHTML"
  hx-push-url="true">Outer</button>
<a id="link" href="/other" hx-boost="true">Other</a>
<form action="/form" method="post" hx-boost="true">
  <button id="send">Send</button></form>
<button id="gone" hx-get="/part/gone" hx-target="#list">Gone</button>
<button id="tab-one" hx-get="/tab/one" hx-target="#tab" hx-push-url="true">1</button>
<button id="tab-two" hx-get="/tab/two" hx-target="#tab" hx-push-url="true">2</button>
<div id="tab">{% if name %}{% include "_tab.html" %}{% endif %}</div>
<button id="select" hx-get="/whole" hx-target="#main"
  hx-select="#selected" hx-select-oob="#side:innerHTML">Select</button>
<button id="select-outer" hx-get="/whole" hx-target="#main"
  hx-select="#selected" hx-swap="outerHTML">Select</button>
<nav hx-boost="true" hx-target="#main" hx-select="#selected">
  <a id="select-link" href="/whole">Select</a></nav>
<nav hx-ext="morph" hx-target="#main">
  <button id="morph" hx-get="/part/more" hx-swap="morph">Morph</button>
  <button id="morph-inner" hx-get="/part/more" hx-swap="morph:innerHTML">Morph</button>
</nav>
<nav hx-swap="none">
  <button id="away" hx-get="/part/away?q=1">Away</button>
  <button id="away-again" hx-get="/part/away?q=2">Away</button>
</nav>
</body>
""",
    "templates/other.html": HEAD
    + "<title>Other</title><body><h1>Other</h1><input id=typed></body>",
    "templates/whole.html": HEAD
    + "<title>Whole</title><body><h1>Whole</h1><p id=selected>Part <input></p>"
    "<p id=side>Side</p></body>",
    "templates/_tab.html": "<p>Tab {{ name }}</p>",
    "templates/_away.html": "<p id='side' hx-swap-oob='true'>Away {{ q }}</p>",
    "templates/_rows.html": "{% for row in rows %}<li>{{ row }} <input>"
    "</li>{% endfor %}",
    "templates/_more.html": "<p>More <input></p>",
    "templates/_added.html": "<p>Added</p>",
    "templates/_broken.html": "<p>{{ missing.attribute }}</p>",
    "templates/_oob.html": "<b>Main</b><div id='side' hx-swap-oob='true'>Side</div>",
}


@pytest.fixture
def page(project):
    page = open_page(project, FILES)
    yield page
    page.assert_not_reloaded()


def asked(project) -> list[str]:
    import json

    return json.loads(project.fetch("/asked").text)


def filter_rows(page) -> None:
    page.locator("#q").fill("two")
    page.wait_for("() => document.querySelectorAll('#rows li').length === 1")
    page.locator("#rows input").fill("typed")


def test_a_changed_partial_is_fetched_again_and_keeps_what_was_typed(project, page):
    filter_rows(page)
    page.locator("#more").click()
    page.locator("#list p").wait_for()
    before = asked(project)

    edit(project, "templates/_rows.html", "{{ row }}", "<b>{{ row }}</b>")

    page.locator("#rows b").get_by_text("two").wait_for()
    assert page.locator("#rows li").count() == 1
    assert page.locator("#rows input").input_value() == "typed"
    assert page.locator("#q").input_value() == "two"
    # Nothing else was asked for.
    assert asked(project)[len(before) :] == ["GET /part/rows?q=two"]


def test_a_partial_is_no_business_of_the_page_that_held_it_first(project, page):
    filter_rows(page)

    edit(project, "templates/index.html", "<h1>Index", "<h1>New")
    page.locator("h1").get_by_text("New").wait_for()
    edit(project, "templates/_rows.html", "{% endfor", "<hr>{% endfor")
    page.locator("#rows hr").wait_for()

    edit(project, "templates/_rows.html", "<hr>", "<i></i>")
    page.locator("#rows i").wait_for(state="attached")
    assert page.locator("#rows li").count() == 1
    assert page.locator("#rows i").count() == 1
    assert page.locator("#rows hr").count() == 0
    assert page.locator("#rows input").input_value() == "typed"


def test_what_was_appended_twice_is_changed_twice(project, page):
    page.locator("#more").click()
    page.locator("#list p").wait_for()
    page.locator("#more").click()
    page.locator("#list p").nth(1).wait_for()
    page.locator("#list input").nth(0).fill("first")
    page.locator("#list input").nth(1).fill("second")

    edit(project, "templates/_more.html", "More", "Much more")

    page.wait_for(
        "() => [...document.querySelectorAll('#list p')]"
        ".every((one) => one.textContent.includes('Much more'))"
    )
    assert page.locator("#list p").count() == 2
    assert page.locator("#list input").nth(0).input_value() == "first"
    assert page.locator("#list input").nth(1).input_value() == "second"


def test_what_was_put_in_as_text_is_changed(project, page):
    page.locator("#text").click()
    page.wait_for_text("#main", "<p>More <input></p>")

    for old, new in (("More", "Fewer"), ("Fewer", "No")):
        edit(project, "templates/_more.html", old, new)
        page.wait_for_text("#main", f"<p>{new} <input></p>")


def test_what_took_the_place_of_an_element_is_changed(project, page):
    page.locator("#outer").click()
    page.locator("body > p input").fill("typed")
    assert page.evaluate("location.pathname") == "/part/more"

    edit(project, "templates/_more.html", "More", "Much more")
    page.locator("body > p").get_by_text("Much more").wait_for()
    edit(project, "templates/index.html", "<h1>Index", "<h1>New")

    page.locator("h1").get_by_text("New").wait_for()
    assert page.locator("body > p").count() == 1
    assert page.locator("body > p input").input_value() == "typed"


def test_new_and_changed_elements_are_processed(project, page):
    filter_rows(page)
    page.locator("#more").click()
    page.locator("#list p").wait_for()

    edit(
        project,
        "templates/_more.html",
        "<input></p>",
        "<input><button id=new hx-get=/part/rows?q=one hx-target='next span'>New"
        "</button><span></span></p>",
    )
    page.locator("#new").click()
    page.locator("#list span li").get_by_text("one").wait_for()

    edit(
        project,
        "templates/index.html",
        'hx-get="/part/more" hx-t',
        'hx-get="/part/rows?q=three" hx-t',
    )
    page.locator("#more[hx-get*=three]").click()
    page.locator("#list > li").get_by_text("three").wait_for()

    assert page.locator("#list > p").count() == 1


def test_a_part_with_something_for_elsewhere_changes_in_both_places(project, page):
    page.locator("#oob").click()
    page.locator("#side").get_by_text("Side").wait_for()

    project.save(
        "templates/_oob.html",
        "<b>New main</b><div id='side' class='new' hx-swap-oob='true'>New side</div>",
    )

    page.locator("#main b").get_by_text("New main").wait_for()
    # An element that htmx still settles would lose its class again.
    page.locator("#side.new:not(.htmx-settling)").get_by_text("New side").wait_for()


def test_a_part_of_several_elements_is_asked_for_once(project, page):
    project.save("templates/_more.html", "<p>First</p><p>Second</p>")
    page.locator("#outer").click()
    page.locator("p").get_by_text("Second").wait_for()

    edit(project, "templates/_more.html", "Second", "Last")
    page.locator("p").get_by_text("Last").wait_for()
    edit(project, "templates/_more.html", "Last", "End")
    page.locator("p").get_by_text("End").wait_for()

    assert asked(project) == ["GET /part/more"] * 3


def test_a_post_is_never_sent_again(project, page):
    page.locator("#add").click()
    page.locator("#added p").wait_for()
    filter_rows(page)

    edit(project, "templates/_added.html", "Added", "New")
    edit(project, "templates/_rows.html", "{{ row }}", "<b>{{ row }}</b>")

    page.locator("#rows b").wait_for()
    assert page.locator("#added p").inner_text() == "Added"
    assert asked(project).count("POST /part/add") == 1


def test_a_part_whose_template_breaks_stays_until_it_is_mended(project, page):
    filter_rows(page)
    overlay = page.locator("[data-hmr-overlay]")

    edit(project, "templates/_rows.html", "{{ row }}", "{{ row.a.b }}")
    overlay.get_by_text("UndefinedError").first.wait_for()
    assert page.locator("#rows input").input_value() == "typed"

    edit(project, "templates/_rows.html", "{{ row.a.b }}", "<b>{{ row }}</b>")
    page.locator("#rows b").get_by_text("two").wait_for()
    overlay.wait_for(state="detached")
    assert page.locator("#rows input").input_value() == "typed"


def test_a_part_that_fails_at_first_comes_when_it_is_mended(project, page):
    overlay = page.locator("[data-hmr-overlay]")
    page.locator("#broken").click()
    overlay.get_by_text("UndefinedError").first.wait_for()

    project.save("templates/_broken.html", "<p>Mended</p>")

    page.locator("#list p").get_by_text("Mended").wait_for()
    overlay.wait_for(state="detached")
    edit(project, "templates/_broken.html", "Mended", "Edited")
    page.locator("#list p").get_by_text("Edited").wait_for()


def test_after_a_boosted_link_the_page_is_the_other_document(project, page):
    page.locator("#link").click()
    page.locator("h1").get_by_text("Other").wait_for()
    page.locator("#typed").fill("typed")

    edit(project, "templates/other.html", "<h1>Other", "<h1>New")

    page.locator("h1").get_by_text("New").wait_for()
    assert page.locator("#typed").input_value() == "typed"


def test_an_edit_of_a_view_is_seen_in_its_part(project, page):
    filter_rows(page)

    edit(project, "app.py", '"two"', '"two and a half"')

    page.locator("#rows li").get_by_text("two and a half").wait_for()
    assert page.locator("#rows li").count() == 1
    assert page.locator("#rows input").input_value() == "typed"


@pytest.mark.parametrize("how", ["select", "select-outer", "select-link"])
def test_a_part_that_was_selected_from_a_whole_page_is_changed(project, page, how):
    page.locator(f"#{how}").click()
    page.locator("#selected input").fill("typed")

    for old, new in (("Part", "New part"), ("New part", "Last part")):
        edit(project, "templates/whole.html", old, new)
        page.locator("#selected").get_by_text(new).wait_for()
    edit(project, "templates/index.html", "<h1>Index", "<h1>New")

    # The page is still the same one.
    page.locator("h1").get_by_text("New").wait_for()
    assert page.locator("#selected").count() == 1
    assert page.locator("#selected input").input_value() == "typed"


def test_what_was_selected_for_elsewhere_is_changed_there(project, page):
    page.locator("#select").click()
    page.wait_for_text("#side", "Side")

    for old, new in ((">Side", ">New side"), (">New side", ">Last side")):
        edit(project, "templates/whole.html", old, new)
        page.wait_for_text("#side", new[1:])


@pytest.mark.parametrize("how", ["morph", "morph-inner"])
def test_a_part_that_an_extension_morphs_in_is_changed(project, page, how):
    if how == "morph":
        project.save("templates/_more.html", "<div id=main><p>More <input></p></div>")
    page.locator(f"#{how}").click()
    page.locator("#main input").fill("typed")

    edit(project, "templates/_more.html", "More", "Much more")
    page.locator("#main").get_by_text("Much more").wait_for()
    edit(project, "templates/index.html", "<h1>Index", "<h1>New")

    page.locator("h1").get_by_text("New").wait_for()
    assert page.locator("#main input").count() == 1
    assert page.locator("#main input").input_value() == "typed"


@pytest.mark.parametrize("where", ["true", "innerHTML:#side", "beforeend:#side"])
def test_a_part_that_is_all_for_elsewhere_is_changed_there(project, page, where):
    edit(project, "templates/_away.html", "'true'", f"'{where}'")
    page.locator("#away").click()
    page.wait_for_text("#side", "Away 1")

    for old, new in (("Away", "Far away"), ("Far away", "Near")):
        edit(project, "templates/_away.html", old, new)
        page.wait_for_text("#side", f"{new} 1")


@pytest.mark.parametrize("where", ["true", "innerHTML:#side"])
def test_what_was_put_elsewhere_last_is_what_is_changed(project, page, where):
    edit(project, "templates/_away.html", "'true'", f"'{where}'")
    page.locator("#away").click()
    page.wait_for_text("#side", "Away 1")
    page.locator("#away-again").click()
    page.wait_for_text("#side", "Away 2")
    before = asked(project)

    edit(project, "templates/_away.html", "Away", "Far away")

    page.wait_for_text("#side", "Far away 2")
    assert asked(project)[len(before) :] == ["GET /part/away?q=2"]


def test_a_part_that_is_shown_whatever_its_status_is_changed(project, page):
    page.locator("#gone").click()
    page.locator("#list input").fill("typed")

    edit(project, "templates/_more.html", "More", "Much more")

    page.locator("#list p").get_by_text("Much more").wait_for()
    assert page.locator("#list input").input_value() == "typed"
    assert page.locator("[data-hmr-overlay]").count() == 0


def test_a_page_that_came_back_out_of_the_history_reloads(project, page):
    for name in ("one", "two"):
        page.locator(f"#tab-{name}").click()
        page.wait_for_text("#tab", f"Tab {name}")
    page.evaluate("history.back()")
    page.wait_for_text("#tab", "Tab one")

    edit(project, "templates/_tab.html", "Tab", "New tab")

    page.wait_for_reload()
    page.wait_for_text("#tab", "New tab one")
    assert "TypeError" not in page.console


def test_a_page_that_a_boosted_form_brought_is_never_asked_for(project, page):
    page.locator("#send").click()
    page.locator("h1").get_by_text("Other").wait_for()
    page.locator("#typed").fill("typed")

    edit(project, "templates/other.html", "<h1>Other", "<h1>New")

    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text("the answer to a form, so reload it yourself").first.wait_for()
    assert page.locator("#typed").input_value() == "typed"
