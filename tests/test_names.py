"""The names of the import map in development, before any page was seen."""

from __future__ import annotations

from typing import Any

import pytest

from flask_hmr import Plugin

from .test_importmap import Site, sites

__all__ = ["sites"]

LIT = "https://cdn.jsdelivr.net/npm/lit@3.3.1/+esm"

VALUE = {
    "imports": {
        "cart": "@/cart.js",
        "kit/": "@admin/kit/",
        "kit/own.js": "@/own.js",
        "gone": None,
        "/old.js": "/new.js",
    },
    "pins": {"lit": "3.3.1"},
    "scopes": {
        "@admin/": {"cart": "@admin/cart.js"},
        "@admin/deep/": {"cart": "/deep.js"},
        "/main.js": {"cart": "/of-main.js"},
    },
}


@pytest.fixture
def site(sites: Any) -> Site:
    made: Site = sites(VALUE, debug=True)
    made.text()
    return made


def resolve(site: Site, specifier: str, importer: str = "/static/a.js") -> str | None:
    found: str | None = site.app.extensions["hmr"].hooks.resolve(specifier, importer)
    return found


@pytest.mark.parametrize(
    ("specifier", "importer", "url"),
    [
        ("cart", "/static/a.js", "/static/cart.js"),
        ("cart", "/admin/static/a.js", "/admin/static/cart.js"),
        ("cart", "/admin/static/deep/a.js", "/deep.js"),
        ("cart", "/main.js", "/of-main.js"),
        ("cart", "/main.js.js", "/static/cart.js"),
        ("@/x/y.js", "/static/a.js", "/static/x/y.js"),
        ("@admin/table.js", "/", "/admin/static/table.js"),
        ("kit/a.js", "/", "/admin/static/kit/a.js"),
        ("kit/own.js", "/", "/static/own.js"),
        ("lit", "/", LIT),
        ("lit/decorators.js", "/", None),
        ("gone", "/", None),
        ("unknown", "/", None),
        # What pages make of these is theirs.
        ("/old.js", "/", None),
        ("./cart", "/", None),
    ],
)
def test_specifiers_mean_what_the_map_says(site, specifier, importer, url):
    assert resolve(site, specifier, importer) == url


def test_an_app_that_is_mounted_has_its_names_there(site):
    site.app.extensions["hmr"].roots.mounted("/app", "localhost")

    assert resolve(site, "cart", "/app/static/a.js") == "/app/static/cart.js"
    assert resolve(site, "cart", "/app/main.js") == "/app/of-main.js"
    assert resolve(site, "lit", "/app/main.js") == LIT


class Other(Plugin):
    order = "pre"

    def resolve(self, specifier: str, importer: str) -> str | None:
        return "/other.js"


def test_the_map_is_asked_before_plugins_as_browsers_ask_it_first(sites):
    site = sites(VALUE, debug=True)
    site.app.config["HMR_PLUGINS"] = [Other]
    site.text()

    assert resolve(site, "lit") == LIT
    assert resolve(site, "unknown") == "/other.js"


def test_modules_that_use_no_name_stay_as_they_are(site):
    site.write("static/a.js", 'import "./b.js"; import "unknown";')
    site.write("static/c.js", 'import "cart";')
    updates = site.app.extensions["hmr"].updates

    def text_of(url: str) -> str:
        updates.versions([url])
        return str(updates.current_source(url).text)

    assert text_of("/static/a.js") == 'import "./b.js"; import "unknown";'
    assert text_of("/static/c.js").splitlines() == [
        'import "cart";',
        'import "@hmr/import-map.js";',
    ]
    assert 'const name = "lit"' in text_of("/_hmr/module/import-map.js")


def test_what_depends_on_the_request_is_learnt_from_pages(sites):
    site = sites(VALUE, debug=True)

    @site.app.url_defaults
    def stamp(endpoint, values):
        if endpoint == "static":
            values["v"] = 7

    site.text()
    hooks, updates = (
        getattr(site.app.extensions["hmr"], name) for name in ("hooks", "updates")
    )
    assert hooks.problems == {}
    assert resolve(site, "cart") is None
    assert updates.resolver("/static/a.js")("cart") == "/static/cart.js?v=7"


def test_an_app_without_any_name_works(sites):
    site = sites({}, debug=True)
    site.app.static_folder = None
    site.app.view_functions.pop("static")
    site.app.view_functions.pop("admin.static")

    assert site.map() == {"imports": {}}
    assert resolve(site, "cart") is None
