"""Names in imports: by the import map of the page, in development and in production."""

from __future__ import annotations

import pytest

from .support.page import Page
from .support.project import APP, Project
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

SHOP = APP.replace(
    "HMR(app)\n",
    """
from flask import Blueprint

admin = Blueprint("admin", __name__, static_folder="admin", url_prefix="/shop")
app.register_blueprint(admin)
app.config["HMR_IMPORTMAP"] = {
    "imports": {"greeting": "@/lib/greeting.js"},
    "scopes": {"@admin/": {"greeting": "@admin/greeting.js"}},
    "integrity": True,
    "preload": True,
}
HMR(app)
""",
)

INDEX = """
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Shop</title>
    <link rel="icon" href="data:,">
    {{ hmr_importmap() }}
    <script type="module" src="/static/main.js"></script>
  </head>
</html>
"""

FILES = {
    "app.py": SHOP,
    "templates/index.html": INDEX,
    "static/main.js": """
        import { greeting } from "greeting";
        import { rows } from "@admin/table.js";
        import { own } from "@/own.js";
        log.push(greeting, rows, own);
        import.meta.hot?.accept("greeting", ({ deps: [fresh] }) => {
          log.push(fresh.greeting);
        });
        import.meta.hot?.accept("@admin/table.js", ({ deps: [fresh] }) => {
          log.push(fresh.rows);
        });
    """,
    "static/lib/greeting.js": 'export const greeting = "hello";',
    "static/own.js": 'export const own = "own";',
    "admin/table.js": """
        import { greeting } from "greeting";
        export const rows = `${greeting} one`;
    """,
    "admin/greeting.js": 'export const greeting = "admin";',
}
LOADED = ["hello", "admin one", "own"]


def test_names_mean_the_same_in_production(project: Project) -> None:
    project.write(FILES)
    project.start(debug=False)

    page = project.open()

    page.wait_for_log(LOADED)
    assert "integrity" in page.text("script[type=importmap]")
    # One instance of each, also of what was preloaded.
    for name in ("greeting.js", "table.js", "own.js"):
        found = [url for url in page.requests if url.endswith(name)]
        assert len(found) == len(set(found))


def test_updates_of_what_names_stand_for_arrive(project: Project) -> None:
    page = open_page(project, FILES)
    page.wait_for_log(LOADED)

    edit(project, "static/lib/greeting.js", "hello", "good morning")
    page.wait_for_log([*LOADED, "good morning"])

    edit(project, "admin/greeting.js", "admin", "boss")
    page.wait_for_log([*LOADED, "good morning", "boss one"])

    edit(project, "admin/table.js", "one", "two")
    page.wait_for_log([*LOADED, "good morning", "boss one", "boss two"])
    page.assert_not_reloaded()
    assert page.locator(OVERLAY).count() == 0


def test_what_names_mean_is_known_after_a_restart(project: Project) -> None:
    page = open_page(project, FILES)
    page.wait_for_log(LOADED)

    project.stop()
    project.start()
    page.wait_until_reconnected()
    edit(project, "admin/table.js", "one", "two")

    page.wait_for_log([*LOADED, "admin two"])
    page.assert_not_reloaded()


@pytest.mark.parametrize("markup", ["", '<script type="importmap">{}</script>'])
def test_a_page_without_the_map_says_so_in_development(project, markup):
    page = open_page(
        project,
        FILES
        | {"templates/index.html": INDEX.replace("{{ hmr_importmap() }}", markup)},
    )

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("This page has no import map").first.wait_for()
    overlay.get_by_text("{{ hmr_importmap() }}").first.wait_for()


def test_a_worker_that_uses_names_says_so_in_development(project: Project) -> None:
    page: Page = open_page(
        project,
        FILES
        | {
            "static/main.js": 'new Worker("/static/worker.js", { type: "module" });',
            "static/worker.js": 'import "@admin/table.js";',
        },
    )

    page.wait_for_console("Workers have no import map in any browser: greeting")
