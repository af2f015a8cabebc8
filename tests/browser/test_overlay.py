"""The overlay in a real browser, on a page with the strictest of policies."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from werkzeug.serving import make_server

CLIENT = files("flask_hmr") / "client"

PAGE = """<!doctype html>
<html lang="en">
<title>Orders</title>
<link rel="stylesheet" href="/page.css">
<script type="module" src="/boot.js"></script>
<h1>Orders</h1>
<form><label>Name <input id="name"></label> <button type="button">Save</button></form>
<dialog><button>In the dialog</button></dialog>
<p class="tall">The end</p>
"""

# Rules as careless as those of real pages, and an overlay-hostile `!important`.
PAGE_STYLES = """
div { display: none !important; color: lime; font-size: 3px; transform: scale(0.1); }
button { position: absolute; left: -999px; }
form button { position: static; }
.tall { height: 3000px; }
dialog { inset: 0; width: 100%; height: 100%; max-width: none; max-height: none; }
"""

BOOT = """
import { Overlay } from "/client/overlay.js";
window.opened = [];
window.overlay = new Overlay();
window.overlayThatOpens = new Overlay({
  open: (...place) => window.opened.push(place),
});
"""

WORKER = """
import { Overlay } from "/client/overlay.js";
const overlay = new Overlay();
overlay.show("a", { title: "T", message: "M" });
overlay.show("b", { title: "T", message: "M" });
overlay.clear("a");
postMessage(overlay.keys);
"""

POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

SYNTAX_ERROR = {
    "title": "Syntax error",
    "message": "Unexpected token ')'",
    "file": "static/js/cart.js",
    "line": 10,
    "column": 5,
    "frame": {"start": 9, "lines": ["function total() {", "\t日本x)", "}"]},
    "hint": "Remove the bracket.",
    "stack": "SyntaxError: Unexpected token ')'\n    at cart.js:10:5",
}


class OverlayPage:
    """A page that holds an overlay, with the verbs of these tests."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.violations: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.violations.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.violations.append(text)

    @property
    def panel(self) -> Locator:
        return self.page.locator("[data-hmr-overlay]").get_by_role("dialog")

    @property
    def close_button(self) -> Locator:
        return self.panel.get_by_role("button", name="Close")

    @property
    def keys(self) -> Any:
        return self.page.evaluate("overlay.keys")

    def show(self, key: str, **problem: Any) -> None:
        problem = {"title": "Error", "message": "It broke", **problem}
        self.page.evaluate("([k, p]) => overlay.show(k, p)", [key, problem])

    def clear(self, key: str) -> None:
        self.page.evaluate("k => overlay.clear(k)", key)

    def focused(self) -> Any:
        """Return the id or the tag of the focused element, inside the panel too."""
        return self.page.evaluate(
            """() => {
              let focused = document.activeElement;
              focused = focused.shadowRoot?.activeElement ?? focused;
              return focused.id || focused.localName;
            }"""
        )


def _application() -> Flask:
    app = Flask(__name__, static_folder=None)

    def script(source: str) -> Response:
        return Response(source, mimetype="text/javascript")

    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule(
        "/page.css", "styles", lambda: Response(PAGE_STYLES, mimetype="text/css")
    )
    app.add_url_rule("/boot.js", "boot", lambda: script(BOOT))
    app.add_url_rule("/worker.js", "worker", lambda: script(WORKER))
    app.add_url_rule("/favicon.ico", "icon", lambda: Response(status=204))

    @app.get("/client/<name>")
    def client(name: str) -> Response:
        return script((CLIENT / name).read_text("utf-8"))

    @app.after_request
    def add_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@pytest.fixture(scope="module")
def overlay_url() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, _application(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="overlay-pages")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def overlay_browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    # A thread can run one Playwright only: that of the folder, where it has one.
    try:
        browser = request.getfixturevalue("browsers").get()
    except pytest.FixtureLookupError:
        pass
    else:
        yield browser
        return

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def overlay_page(overlay_browser: Browser, overlay_url: str) -> Iterator[OverlayPage]:
    context = overlay_browser.new_context(viewport={"width": 1000, "height": 700})
    overlay_page = OverlayPage(context.new_page())
    overlay_page.page.goto(overlay_url)
    yield overlay_page
    context.close()
    assert overlay_page.violations == []


def test_it_shows_all_that_is_known_about_a_problem(overlay_page: OverlayPage) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    panel = overlay_page.panel
    expect(panel.get_by_role("heading", name="Syntax error")).to_be_visible()
    expect(panel.locator(".message")).to_have_text("Unexpected token ')'")
    expect(panel.locator(".place")).to_have_text("static/js/cart.js:10:5")
    expect(panel.get_by_text("Remove the bracket.")).to_be_visible()
    expect(panel.locator(".row .gutter").first).to_have_text(re.compile(r"^\s*9 \|"))


def test_the_failing_line_is_marked(overlay_page: OverlayPage) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    failing = overlay_page.panel.locator(".failing")
    expect(failing).to_have_count(1)
    expect(failing.locator(".gutter")).to_have_text(re.compile(r"^> 10 \|"))
    expect(failing.locator("code")).to_have_text("\t日本x)")


def test_the_caret_stands_under_the_column_despite_tabs_and_wide_characters(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    column = overlay_page.page.evaluate(
        """() => {
          const root = document.querySelector("[data-hmr-overlay]").shadowRoot;
          const range = document.createRange();
          const text = root.querySelector(".failing code").firstChild;
          range.setStart(text, 4);
          range.setEnd(text, 5);
          return range.getBoundingClientRect().left;
        }"""
    )
    caret = overlay_page.panel.locator(".mark").bounding_box()
    assert caret is not None
    assert abs(caret["x"] - column) < 1


@pytest.mark.parametrize(
    ("problem", "place"),
    [
        ({"file": "a.js"}, "a.js"),
        ({"file": "a.js", "line": 3}, "a.js:3"),
        ({"file": "a.js", "line": 3, "column": 7}, "a.js:3:7"),
        ({"line": 3, "column": 7}, "line 3:7"),
    ],
)
def test_a_place_is_as_exact_as_what_is_known(
    overlay_page: OverlayPage, problem: dict[str, Any], place: str
) -> None:
    overlay_page.show("a", **problem)
    expect(overlay_page.panel.locator(".place")).to_have_text(place)


def test_a_problem_without_a_place_shows_none(overlay_page: OverlayPage) -> None:
    overlay_page.show("a")
    expect(overlay_page.panel.locator(".message")).to_be_visible()
    expect(overlay_page.panel.locator(".place, pre, details, .hint")).to_have_count(0)


def test_the_stack_is_folded_until_asked_for(overlay_page: OverlayPage) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    stack = overlay_page.panel.locator(".stack")
    expect(stack).to_be_hidden()
    overlay_page.panel.get_by_text("Stack trace").click()
    expect(stack).to_be_visible()


def test_an_unfolded_stack_stays_so_when_the_problem_changes(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    overlay_page.panel.get_by_text("Stack trace").click()
    overlay_page.show("cart", **{**SYNTAX_ERROR, "stack": "another"})
    expect(overlay_page.panel.get_by_text("another")).to_be_visible()


def test_text_from_outside_never_becomes_markup(overlay_page: OverlayPage) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\"></script><b>&amp;"
    overlay_page.page.evaluate(
        """hostile => overlayThatOpens.show(hostile, {
          title: hostile, message: hostile, file: hostile, line: 1, column: 1,
          frame: {start: 1, lines: [hostile]}, stack: hostile, hint: hostile,
        })""",
        hostile,
    )
    panel = overlay_page.panel
    expect(panel.get_by_role("heading", name=hostile)).to_be_visible()
    expect(panel.locator(".failing code")).to_have_text(hostile)
    expect(panel.locator("img, b, script")).to_have_count(0)
    assert overlay_page.page.title() == "Orders"


def test_several_problems_are_shown_the_newest_on_top(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("a", title="First")
    overlay_page.show("b", title="Second")
    expect(overlay_page.panel.locator("h2")).to_have_text("2 problems")
    expect(overlay_page.panel.locator("h3")).to_have_text(["Second", "First"])
    assert overlay_page.keys == ["a", "b"]


def test_a_key_shown_again_replaces_its_problem_in_place(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("a", title="First")
    overlay_page.show("b", title="Second")
    overlay_page.show("a", title="Changed")
    expect(overlay_page.panel.locator("h3")).to_have_text(["Second", "Changed"])
    assert overlay_page.keys == ["a", "b"]


def test_it_goes_with_the_last_problem(overlay_page: OverlayPage) -> None:
    overlay_page.show("a", title="First")
    overlay_page.show("b", title="Second")
    overlay_page.clear("a")
    expect(overlay_page.panel.locator("h3")).to_have_text(["Second"])
    overlay_page.clear("unknown")
    expect(overlay_page.panel).to_be_visible()
    overlay_page.clear("b")
    expect(overlay_page.page.locator("[data-hmr-overlay]")).to_have_count(0)


def test_showing_takes_no_focus_from_a_field(overlay_page: OverlayPage) -> None:
    overlay_page.page.locator("#name").focus()
    overlay_page.page.keyboard.type("Ad")
    overlay_page.show("a")
    overlay_page.page.keyboard.type("a")
    expect(overlay_page.page.locator("#name")).to_have_value("Ada")
    assert overlay_page.focused() == "name"


def test_escape_closes_it_from_a_field_of_the_page(overlay_page: OverlayPage) -> None:
    overlay_page.page.locator("#name").focus()
    overlay_page.show("a")
    overlay_page.page.keyboard.press("Escape")
    expect(overlay_page.panel).to_have_count(0)
    assert overlay_page.focused() == "name"
    assert overlay_page.keys == ["a"]


def test_dismissed_it_stays_so_until_something_is_new(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("a", title="First")
    overlay_page.show("b", title="Second")
    overlay_page.page.keyboard.press("Escape")
    overlay_page.show("a", title="First")
    overlay_page.clear("b")
    assert overlay_page.page.locator("[data-hmr-overlay]").count() == 0
    overlay_page.show("a", title="Changed")
    expect(overlay_page.panel.locator("h3")).to_have_text(["Changed"])


def test_escape_is_the_pages_own_again_once_it_is_closed(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.page.evaluate(
        """() => {
          window.escapes = 0;
          document.addEventListener("keydown", () => { window.escapes += 1; });
        }"""
    )
    overlay_page.show("a")
    overlay_page.page.keyboard.press("Escape")
    overlay_page.page.keyboard.press("Escape")
    assert overlay_page.page.evaluate("escapes") == 1


def test_escape_closes_it_before_a_dialog_of_the_page(
    overlay_page: OverlayPage,
) -> None:
    dialog = overlay_page.page.locator("dialog")
    dialog.evaluate("dialog => dialog.showModal()")
    overlay_page.show("a")
    overlay_page.page.keyboard.press("Escape")
    expect(overlay_page.panel).to_have_count(0)
    expect(dialog).to_be_visible()
    overlay_page.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_it_is_above_a_modal_dialog_of_the_page(overlay_page: OverlayPage) -> None:
    overlay_page.show("a")
    overlay_page.page.locator("dialog").evaluate("dialog => dialog.showModal()")
    covered = overlay_page.page.screenshot()
    overlay_page.show("b")
    # What a modal dialog makes inert is left out of hit tests; the pixels decide.
    assert overlay_page.page.screenshot() != covered


def test_the_close_button_gives_the_focus_back(overlay_page: OverlayPage) -> None:
    overlay_page.page.locator("#name").focus()
    overlay_page.show("a")
    overlay_page.close_button.focus()
    overlay_page.page.keyboard.press("Enter")
    expect(overlay_page.panel).to_have_count(0)
    assert overlay_page.focused() == "name"


def test_the_focus_stays_in_the_panel_when_its_problem_goes(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("a")
    overlay_page.show("cart", **SYNTAX_ERROR)
    overlay_page.panel.locator("summary").focus()
    overlay_page.clear("cart")
    assert overlay_page.focused() == "button"


def test_tab_goes_through_it_in_reading_order(overlay_page: OverlayPage) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    overlay_page.close_button.focus()
    overlay_page.page.keyboard.press("Tab")
    assert overlay_page.focused() == "pre"
    overlay_page.page.keyboard.press("Tab")
    assert overlay_page.focused() == "summary"


def test_a_screen_reader_is_told(overlay_page: OverlayPage) -> None:
    overlay_page.show("cart", **SYNTAX_ERROR)
    alert = overlay_page.page.locator("[data-hmr-overlay]").get_by_role("alert")
    expect(alert).to_have_text(
        "Syntax error: Unexpected token ')', at static/js/cart.js:10:5"
    )


def test_the_page_stays_usable_beside_it(overlay_page: OverlayPage) -> None:
    lines = [f"line {number}" for number in range(200)]
    overlay_page.show("a", frame={"start": 1, "lines": lines})
    # It slides in.
    overlay_page.panel.evaluate(
        "panel => Promise.all(panel.getAnimations().map((move) => move.finished))"
    )
    box = overlay_page.panel.bounding_box()
    assert box is not None
    assert box["height"] <= 0.6 * 700 + 1
    assert box["y"] + box["height"] == pytest.approx(700, abs=1)
    overlay_page.page.get_by_role("button", name="Save").click()
    overlay_page.page.mouse.move(500, 100)
    overlay_page.page.mouse.wheel(0, 400)
    expect(
        overlay_page.page.get_by_role("heading", name="Orders")
    ).not_to_be_in_viewport()


def test_it_fits_a_narrow_window(overlay_page: OverlayPage) -> None:
    overlay_page.page.set_viewport_size({"width": 400, "height": 700})
    overlay_page.show("a", message="unbroken" * 50, file="static/" * 30, line=1)
    box = overlay_page.panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 400)
    assert overlay_page.panel.locator(".problems").evaluate(
        "body => body.scrollWidth === body.clientWidth"
    )
    expect(overlay_page.close_button).to_be_in_viewport()


def test_a_rule_of_the_page_does_not_reach_it(overlay_page: OverlayPage) -> None:
    overlay_page.show("a")
    expect(overlay_page.close_button).to_be_in_viewport()
    message = overlay_page.panel.locator(".message")
    assert message.evaluate("p => getComputedStyle(p).fontSize") == "15px"


def _contrast(colours: list[list[float]]) -> float:
    """Return the contrast of two colours, as WCAG 2 defines it."""

    def luminance(rgb: list[float]) -> float:
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (channel / 255 for channel in rgb)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted(map(luminance, colours))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(
    overlay_page: OverlayPage, scheme: Any
) -> None:
    overlay_page.page.emulate_media(color_scheme=scheme)
    overlay_page.show("cart", **SYNTAX_ERROR)
    overlay_page.panel.get_by_text("Stack trace").click()
    pairs = overlay_page.panel.evaluate(
        """panel => {
          const channels = colour => colour.match(/[\\d.]+/g).map(Number);
          const ground = node => {
            const [r, g, b, a = 1] = channels(getComputedStyle(node).backgroundColor);
            return a ? [r, g, b] : ground(node.parentElement);
          };
          return [...panel.querySelectorAll("*")].map(node => [
            `${node.localName}.${node.className}`,
            [channels(getComputedStyle(node).color).slice(0, 3), ground(node)],
          ]);
        }"""
    )
    assert len(pairs) > 15
    assert {name for name, colours in pairs if _contrast(colours) < 4.5} == set()


def test_it_moves_only_for_those_who_like_motion(overlay_page: OverlayPage) -> None:
    overlay_page.page.emulate_media(reduced_motion="reduce")
    overlay_page.show("a")
    animation = "panel => getComputedStyle(panel).animationName"
    assert overlay_page.panel.evaluate(animation) == "none"
    overlay_page.page.emulate_media(reduced_motion="no-preference")
    assert overlay_page.panel.evaluate(animation) == "rise"


def test_a_place_opens_the_editor_where_that_is_possible(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.page.evaluate(
        "problem => overlayThatOpens.show('cart', problem)", SYNTAX_ERROR
    )
    overlay_page.panel.get_by_role("button", name="static/js/cart.js:10:5").click()
    assert overlay_page.page.evaluate("opened") == [["static/js/cart.js", 10, 5]]


def test_it_needs_no_body(overlay_page: OverlayPage) -> None:
    overlay_page.page.evaluate("document.body.remove()")
    overlay_page.show("a")
    expect(overlay_page.panel).to_be_visible()


def test_it_comes_back_after_the_document_was_written_anew(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.show("a")
    overlay_page.page.evaluate("document.open(); document.close()")
    overlay_page.show("b")
    expect(overlay_page.panel).to_be_visible()
    overlay_page.page.keyboard.press("Escape")
    expect(overlay_page.panel).to_have_count(0)


def test_named_elements_of_the_page_do_not_hide_what_it_uses(
    overlay_page: OverlayPage,
) -> None:
    overlay_page.page.evaluate(
        """() => {
          const names = ["documentElement", "createElement", "body", "head",
            "addEventListener", "Document", "CSSStyleSheet", "Reflect", "window"];
          for (const name of names) {
            const form = document.forms[0].cloneNode();
            form.setAttribute("name", name);
            form.id = name;
            Document.prototype.querySelector.call(document, "h1").append(form);
          }
        }"""
    )
    assert overlay_page.page.evaluate("document.documentElement.localName") == "form"
    overlay_page.show("a")
    overlay_page.page.keyboard.press("Escape")
    overlay_page.show("b")
    host = overlay_page.page.locator(":root > [data-hmr-overlay]")
    expect(host.locator("h2")).to_have_text("2 problems")


def test_a_worker_keeps_the_keys_and_shows_nothing(overlay_page: OverlayPage) -> None:
    # On a page without a policy, since this one forbids to name a worker by a string.
    page = overlay_page.page.context.new_page()
    page.route(
        "**/plain",
        lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"),
    )
    page.goto(f"{overlay_page.page.url}plain")
    keys = page.evaluate(
        """() => new Promise((resolve, reject) => {
          const worker = new Worker("/worker.js", { type: "module" });
          worker.onmessage = (event) => resolve(event.data);
          worker.onerror = reject;
        })"""
    )
    assert keys == ["b"]


def test_it_adds_no_name_to_the_page(overlay_page: OverlayPage) -> None:
    names = "Object.getOwnPropertyNames(window).sort()"
    before = overlay_page.page.evaluate(names)
    overlay_page.show("cart", **SYNTAX_ERROR)
    assert overlay_page.page.evaluate(names) == before
