"""The example app while somebody works on it: every kind of edit, nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import example_app

from .support.media import write_clip
from .support.steps import edit

pytestmark = pytest.mark.interpreter

PACKAGE = Path(example_app.__file__).parent
STATE = """() => {
  const filter = document.querySelector("seed-filter").shadowRoot;
  const text = filter.querySelector("#text");
  return {
    text: text.value,
    focus: filter.activeElement === text,
    caret: [text.selectionStart, text.selectionEnd],
    shown: document.querySelectorAll("[data-seed]:not([hidden])").length,
    bed: document.querySelector("[name=bed]").value,
    rows: document.querySelector("sowing-plan").shadowRoot.textContent
      .replace(/\\s+/g, " ").trim(),
    scroll: scrollY,
    dialog: document.querySelector("dialog").open,
    clip: [document.querySelector("audio").paused, window.stops.length],
    same: window.kept === document.querySelector("sowing-plan"),
  };
}"""


@pytest.fixture
def furrow(project):
    """The example app, running from a copy."""
    shutil.copytree(
        PACKAGE,
        project.path("example_app"),
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    write_clip(project, "example_app/static/clip.wav")
    project.start(app="example_app")
    return project


def work(page):
    """Sow two rows, name a bed, search, scroll, open a dialog and play a clip."""
    page.locator("sow-button").nth(0).locator("button").first.click()
    page.locator("sow-button").nth(2).locator("button").first.click()
    page.locator("[name=bed]").fill("By the wall")
    page.locator("seed-filter #text").fill("ra")
    page.evaluate(
        """() => {
          document.querySelector("seed-filter").shadowRoot.querySelector("#text")
            .setSelectionRange(1, 1);
          document.body.style.minHeight = "4000px";
          scrollTo(0, 120);
          window.kept = document.querySelector("sowing-plan");
        }"""
    )
    # As a library would: the templates say nothing of either.
    page.evaluate(
        """async () => {
          const dialog = document.createElement("dialog");
          dialog.textContent = "In the dialog";
          document.body.append(dialog);
          dialog.show();
          document.querySelector("seed-filter").shadowRoot.querySelector("#text").focus();
          const clip = document.createElement("audio");
          clip.muted = clip.loop = true;
          clip.src = "/static/clip.wav";
          document.body.append(clip);
          await clip.play();
          window.stops = [];
          for (const event of ["pause", "seeking", "emptied"]) {
            clip.addEventListener(event, () => stops.push(event));
          }
        }"""
    )


def test_every_kind_of_edit_keeps_what_was_done(furrow):
    page = furrow.open()
    page.wait_until_connected()
    work(page)
    before = page.evaluate(STATE)
    assert before["rows"]
    assert before["focus"]
    assert 0 < before["shown"] < page.locator("[data-seed]").count()

    def same() -> None:
        __tracebackhide__ = True
        assert page.evaluate(STATE) == before
        page.assert_not_reloaded()

    shop = "example_app/shop"
    # A partial, in every row of the list.
    edit(
        furrow, f"{shop}/templates/shop/_seed.html", 'class="hint"', 'class="hint new"'
    )
    page.wait_for(
        "() => document.querySelectorAll('.hint.new').length"
        " === document.querySelectorAll('[data-seed]').length"
    )
    same()
    # The base of all pages.
    edit(
        furrow, "example_app/templates/base.html", "        Furrow\n", "        Drill\n"
    )
    page.wait_for_text(".brand", "Drill")
    same()
    # A stylesheet.
    style = furrow.read(f"{shop}/static/shop.css")
    furrow.save(f"{shop}/static/shop.css", f"{style}h1 {{ letter-spacing: 3px; }}\n")
    page.wait_for(
        "() => getComputedStyle(document.querySelector('h1')).letterSpacing === '3px'"
    )
    same()
    # A picture.
    edit(furrow, "example_app/static/furrow.svg", "<svg ", '<svg data-new="" ')
    page.wait_for("() => document.querySelector('.brand img').src.includes('?m=')")
    same()
    # Code of the server.
    edit(furrow, f"{shop}/seeds.py", "Radish", "Red radish")
    page.wait_for_text("[data-seed=radish] h3", "Red radish")
    same()
    # A mistake in it, and its mending.
    view = "    return render_template(\n"
    edit(furrow, f"{shop}/views.py", view, f"    1 / 0\n{view}")
    overlay = page.locator("[data-hmr-overlay]")
    overlay.locator(".place", has_text="views.py").wait_for()
    same()
    edit(furrow, f"{shop}/views.py", "    1 / 0\n", "")
    overlay.wait_for(state="detached")
    same()
    # And a module once more, after all of that.
    edit(furrow, f"{shop}/static/elements/seed-filter.js", "Search seeds", "Find seeds")
    page.wait_for(
        "() => document.querySelector('seed-filter').shadowRoot"
        ".querySelector('#text').placeholder === 'Find seeds'"
    )
    assert page.evaluate(STATE)["rows"] == before["rows"]
    page.assert_not_reloaded()
