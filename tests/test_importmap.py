"""``hmr_importmap()``: what templates render, in production and in development."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from flask import Blueprint, Flask, render_template_string
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_hmr import HMR, ConfigError

HASH = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
LIT = "https://cdn.jsdelivr.net/npm/lit@3.3.1/+esm"
HEAD = "<!doctype html><head>{{ hmr_importmap() }}</head>"


class Site:
    """An app with a blueprint and an import map."""

    def __init__(self, folder: Path, value: Any, *, debug: bool = False) -> None:
        self.folder = folder
        self.template = HEAD
        self.app = Flask("site", root_path=str(folder))
        self.app.config["HMR_IMPORTMAP"] = value
        for name in ("admin", "bare"):
            static = "static" if name == "admin" else None
            self.app.register_blueprint(
                Blueprint(
                    name,
                    __name__,
                    root_path=str(folder / name),
                    static_folder=static,
                    url_prefix=f"/{name}",
                )
            )
        HMR(self.app)
        self.app.debug = debug

        @self.app.get("/")
        def index() -> str:
            return render_template_string(self.template)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def text(self) -> str:
        return self.app.test_client().get("/").text

    def map(self) -> Any:
        return map_in(self.text())


def map_in(text: str) -> Any:
    found = re.search(r'<script type="importmap"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Any]:
    made: list[Site] = []

    def make(value: Any, **options: Any) -> Site:
        made.append(Site(tmp_path, value, **options))
        return made[-1]

    yield make
    for site in made:
        if site.app.extensions["hmr"] is not None:
            site.app.extensions["hmr"].close()


@pytest.mark.parametrize("debug", [False, True])
def test_names_stand_for_urls_and_files_in_static_folders(sites, debug):
    site = sites(
        {
            "imports": {
                "cart": "@/js/cart.js",
                "table": "@admin/table.js",
                "kit/": "@admin/kit/",
                "assets": "/assets/a.js",
                "gone": None,
            },
            "pins": {"lit": "3.3.1"},
            "scopes": {"@admin/": {"cart": "@admin/cart.js"}, "/old/": {"lit": None}},
        },
        debug=debug,
    )

    assert site.map() == {
        "imports": {
            "@/": "/static/",
            "@admin/": "/admin/static/",
            "cart": "/static/js/cart.js",
            "table": "/admin/static/table.js",
            "kit/": "/admin/static/kit/",
            "assets": "/assets/a.js",
            "gone": None,
            "lit": LIT,
        },
        "scopes": {
            "/admin/static/": {"cart": "/admin/static/cart.js"},
            "/old/": {"lit": None},
        },
    }


def test_an_empty_mapping_has_the_static_folders(sites):
    assert sites({}).map() == {
        "imports": {"@/": "/static/", "@admin/": "/admin/static/"}
    }


def test_the_prefix_of_a_static_folder_can_be_given_another_meaning(sites):
    assert sites({"@/": "/elsewhere/"}).map()["imports"]["@/"] == "/elsewhere/"


def test_addresses_begin_where_the_app_is_mounted(sites):
    site = sites({"a": "/a.js", "b": "@/b.js", "/c.js": "/d.js"})
    mounted = Client(DispatcherMiddleware(Flask("none"), {"/app": site.app}))

    assert map_in(mounted.get("/app/").text)["imports"] == {
        "@/": "/app/static/",
        "@admin/": "/app/admin/static/",
        "a": "/app/a.js",
        "b": "/app/static/b.js",
        "/app/c.js": "/app/d.js",
    }


def test_functions_of_the_app_that_add_to_urls_are_asked(sites):
    site = sites({"a": "@/a.js"})

    @site.app.url_defaults
    def stamp(endpoint, values):
        if endpoint == "static":
            values["v"] = 7

    found = site.map()["imports"]
    assert found["a"] == "/static/a.js?v=7"
    assert found["@/"] == "/static/"


# Hashes


def sri(path: Path) -> str:
    digest = hashlib.sha384(path.read_bytes()).digest()
    return "sha384-" + base64.b64encode(digest).decode()


def test_hashes_of_files_are_computed_in_production(sites):
    site = sites(
        {"imports": {"a": "@/a.js", "b/": "@/b/", "c": LIT}, "integrity": True}
    )
    path = site.write("static/a.js", "export {};")
    assert site.map()["integrity"] == {"/static/a.js": sri(path)}

    path.write_text("export const changed = 1;")

    assert site.map()["integrity"] == {"/static/a.js": sri(path)}


def test_files_that_are_replaced_in_the_page_have_none(sites):
    value = {
        "imports": {"a": "@/a.js"},
        "pins": {"lit": "3.3.1"},
        "integrity": {"a": HASH, "lit": HASH},
    }

    assert sites(value).map()["integrity"] == {"/static/a.js": HASH, LIT: HASH}
    assert sites(value, debug=True).map()["integrity"] == {LIT: HASH}
    computed = sites({"imports": {"a": "@/a.js"}, "integrity": True}, debug=True)
    assert "integrity" not in computed.map()


def test_a_hash_of_a_file_that_is_missing_is_an_error(sites):
    site = sites({"imports": {"a": "@/a.js"}, "integrity": True})
    site.app.testing = True

    with pytest.raises(ConfigError, match=r'"integrity" cannot be had of .*a\.js'):
        site.text()


# Elements


def test_modules_are_preloaded_after_the_map(sites):
    site = sites(
        {
            "imports": {"a": "@/a.js"},
            "pins": {"lit": "3.3.1"},
            "integrity": {"lit": HASH},
            "preload": True,
        }
    )

    script, *links = site.text().removeprefix("<!doctype html><head>").splitlines()
    assert script.startswith('<script type="importmap">')
    assert links == [
        '<link rel="modulepreload" href="/static/a.js">',
        f'<link rel="modulepreload" href="{LIT}" integrity="{HASH}"></head>',
    ]


def test_nothing_in_the_map_ends_its_element(sites):
    value = {"</script><script>": "https://host/<!--</script>", "a": "/a&b.js"}
    site = sites({"imports": value, "preload": ["a"]})

    text = site.text()

    assert text.count("</script>") == 1
    assert "<!--" not in text
    assert map_in(text)["imports"].items() >= value.items()
    assert 'href="/a&amp;b.js"' in text


def test_a_nonce_is_given_or_found_as_talisman_offers_it(sites):
    site = sites({"imports": {"a": "/a.js"}, "preload": ["a"]})
    site.template = """{{ hmr_importmap(nonce='x"y') }}"""
    assert site.text().count('nonce="x&#34;y"') == 2

    site.template = HEAD
    assert "nonce" not in site.text()
    site.app.jinja_env.globals["csp_nonce"] = lambda: "of the app"
    assert site.text().count('nonce="of the app"') == 2
    site.template = "{% set csp_nonce = 'a text' %}{{ hmr_importmap() }}"
    assert site.text().count('nonce="a text"') == 2


# More of the map in files


def test_a_file_adds_to_the_map_with_urls_from_where_it_is(sites):
    site = sites({"imports": {"a": "/mine.js"}, "files": ["@/npm/importmap.json"]})
    site.write(
        "static/npm/importmap.json",
        json.dumps(
            {
                "imports": {"a": "./a/a.js", "lit": "./lit/index.js"},
                "scopes": {"./lit/": {"b": "./b/b.js", "./lit/c": "./lit/c.js"}},
                "integrity": {"./lit/index.js": HASH},
            }
        ),
    )

    assert site.map() == {
        "imports": {
            "a": "/mine.js",
            "lit": "/static/npm/lit/index.js",
            "@/": "/static/",
            "@admin/": "/admin/static/",
        },
        "scopes": {
            "/static/npm/lit/": {
                "b": "/static/npm/b/b.js",
                "/static/npm/lit/c": "/static/npm/lit/c.js",
            }
        },
        "integrity": {"/static/npm/lit/index.js": HASH},
    }


def test_development_can_do_without_a_file_that_a_build_makes(sites):
    value = {"files": ["@/npm/importmap.json"]}
    assert "@/" in sites(value, debug=True).map()["imports"]
    site = sites(value)
    site.app.testing = True

    with pytest.raises(ConfigError, match=r'"files" cannot be had of .*importmap\.j'):
        site.text()


@pytest.mark.parametrize("text", ["no json", '{"imports": []}'])
def test_a_file_that_is_no_map_is_an_error(sites, text):
    site = sites({"files": ["@/importmap.json"]})
    site.app.testing = True
    site.write("static/importmap.json", text)

    with pytest.raises(ConfigError, match=r"is no (JSON|import map)"):
        site.text()


# When it is there


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"a": "@admim/a.js"}, "blueprint 'admim'"),
        ({"a": "@bare/a.js"}, r'There are: "@/", "@admin/"'),
        ({"scopes": {"@bare/": {}}}, "blueprint 'bare'"),
        ({"a": "a.js"}, "HMR_IMPORTMAP: 'a' stands for 'a.js'"),
    ],
)
def test_a_mistake_is_told_at_the_first_request(sites, value, says):
    site = sites(value)

    with pytest.raises(ConfigError, match=says):
        site.app.test_client().get("/")


def test_a_function_of_the_app_that_is_called_the_same_stays(sites):
    site = sites({})
    site.app.add_template_global(lambda: "mine", "hmr_importmap")

    assert site.text() == "<!doctype html><head>mine</head>"


def test_it_needs_a_request(sites):
    site = sites({})
    site.text()

    with (
        site.app.app_context(),
        pytest.raises(RuntimeError, match="outside of a request"),
    ):
        render_template_string(HEAD)


def test_without_a_mapping_there_is_nothing(sites):
    site = sites(None)
    site.template = "{{ hmr_importmap is defined }}"

    assert site.text() == "False"


SCRIPT = """
    import sys
    from flask import Flask
    from flask_hmr import HMR
    app = Flask("x")
    app.config["HMR_IMPORTMAP"] = {value}
    HMR(app)
    app.test_client().get("/")
    print(*sorted(name for name in sys.modules if name.startswith("flask_hmr")))
    print(len(app.url_map._rules), app.after_request_funcs, app.wsgi_app.__name__)
"""


def test_in_production_it_costs_an_app_a_function_of_templates_and_no_more():
    def run(value: object) -> tuple[set[str], str]:
        script = dedent(SCRIPT.format(value=value))
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent.parent,
        )
        modules, rest = done.stdout.splitlines()
        return set(modules.split()), rest

    without, plain = run(None)
    loaded, rest = run({})

    assert loaded - without == {"flask_hmr.importmap", "flask_hmr.mapping"}
    assert rest == plain
