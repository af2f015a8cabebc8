"""Imports that lead nowhere: the overlay says which, and where they stand."""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

MAIN = """
    // The first line.
    log.push("one");
    import.meta.hot.accept();
"""

# What the import says, what the overlay has to say of it.
NOWHERE = {
    "no such file": ("./no.js", "/static/no.js"),
    "no such folder": ("./no/no.js", "/static/no/no.js"),
    "no extension": ("./value", "/static/value"),
    "outside of the static folder": ("/elsewhere/no.js", "/elsewhere/no.js"),
    "a bare name": ("no-such-package", "no-such-package"),
    "no JavaScript": ("./text.txt", "/static/text.txt"),
}
FILES = {
    "static/main.js": MAIN,
    "static/value.js": "export default 1;",
    "static/text.txt": "text",
}


@pytest.mark.rule(17)
@pytest.mark.parametrize(("specifier", "name"), NOWHERE.values(), ids=NOWHERE)
def test_an_import_that_leads_nowhere_is_named_with_its_place(project, specifier, name):
    page = open_page(project, FILES)
    edit(project, "static/main.js", "log", f'import "{specifier}"; log')
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text(name).first.wait_for()
    overlay.get_by_text("/static/main.js:2").first.wait_for()
    assert page.log() == ["one"]

    project.save("static/main.js", MAIN.replace("one", "two"))
    page.wait_for_log(["one", "two"])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
@pytest.mark.parametrize(("specifier", "name"), NOWHERE.values(), ids=NOWHERE)
def test_it_is_named_when_the_page_opens(project, specifier, name):
    broken = MAIN.replace("log", f'import "{specifier}"; log')
    page = open_page(project, {**FILES, "static/main.js": broken})
    overlay = page.locator("[data-hmr-overlay]")
    overlay.get_by_text(name).first.wait_for()
    overlay.get_by_text("/static/main.js:2").first.wait_for()
    project.save("static/main.js", MAIN)
    page.wait_for_log(["one"])
    overlay.wait_for(state="detached")
