"""``flask hmr``: what ``why``, ``graph`` and ``routes`` say of an app."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import threading
import typing as t
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from flask import Blueprint, Flask
from flask.cli import ScriptInfo

from flask_hmr import HMR
from flask_hmr.cli import hmr

ROOT = Path(__file__).parent.parent

HOT = "import.meta.hot?.accept();\n"
FILES = {
    "static/main.js": "import './cart.js';\nimport './lone.js';\n",
    "static/cart.js": f"import './price.js';\n{HOT}",
    "static/price.js": "export const price = 1;\n",
    "static/lone.js": "import './deep.js';\n",
    "static/deep.js": "export {};\n",
    "static/takes.js": "import './given.js';\nimport.meta.hot?.accept('./given.js');\n",
    "static/given.js": "import './below.js';\n",
    "static/below.js": "export {};\n",
    "static/maybe.js": "import './inner.js';\nif (x) import.meta.hot.accept();\n",
    "static/inner.js": "export {};\n",
    "static/stops.js": f"import.meta.hot?.decline();\n{HOT}",
    "static/over.js": f"import './stops.js';\n{HOT}",
    "static/round.js": "import './about.js';\n",
    "static/about.js": "import './round.js';\nimport './ring.js';\n",
    "static/ring.js": "export {};\n",
    "static/old.js": "window.old = 1;\n",
    "static/lazy.js": f"import('./later.js');\n{HOT}",
    "static/later.js": "export {};\n",
    "static/gone-user.js": "import './gone.js';\n",
    "static/a b.js": HOT,
    "static/data.json": "{}",
    "static/style.css": "p {}",
    "static/logo.svg": "<svg></svg>",
    "static/vendor/x.js": HOT,
    "templates/page.html": (
        "<script type=\"module\" src=\"{{ url_for('static', filename='main.js') }}\">"
        "</script>"
        "<script type=module>import '/static/inline.js';"
        "import.meta.hot.accept('/static/inline.js')</script>"
    ),
    "static/inline.js": "export {};\n",
    "views.py": "",
    "notes.txt": "",
}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLASK_DEBUG", "0")
    app = Flask("shop", root_path=str(tmp_path))
    app.config["HMR_IGNORE"] = "vendor"
    HMR(app)
    return app


def invoke(app: Flask, *arguments: str) -> Result:
    info = ScriptInfo(create_app=lambda: app)
    return CliRunner().invoke(hmr, arguments, obj=info, catch_exceptions=False)


def as_json(app: Flask, *arguments: str) -> t.Any:
    result = invoke(app, *arguments, "--json")
    assert result.exit_code == 0
    return json.loads(result.stdout)


# Flask's command


def test_the_group_is_an_entry_point_of_flasks_command():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    name, _, place = setup["options.entry_points"]["flask.commands"].partition("=")
    module, _, attribute = place.strip().partition(":")

    assert name.strip() == "hmr"
    assert getattr(import_module(module), attribute) is hmr
    commands = ["doctor", "graph", "routes", "strip", "types", "why"]
    assert sorted(hmr.commands) == commands


def test_every_command_and_option_has_a_help():
    for command in hmr.commands.values():
        assert command.help
        for parameter in command.params:
            is_option = isinstance(parameter, click.Option)
            assert not is_option or parameter.help, (command.name, parameter.name)


def test_flask_loads_next_to_nothing_for_its_other_commands():
    code = "import sys, flask_hmr.cli; print(*sys.modules)"
    run = [sys.executable, "-c", code]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)

    modules = set(found.stdout.split())
    assert "flask_hmr.cli" in modules
    assert "flask_hmr.state" not in modules
    assert not any(name.startswith("flask_hmr.core") for name in modules)
    assert not any(name.startswith("flask_hmr.commands") for name in modules)


@pytest.mark.parametrize("command", [["graph"], ["routes"], ["why", "x.js"]])
def test_an_app_that_cannot_be_loaded_is_said_so(command):
    def create_app() -> Flask:
        raise ImportError("no such thing")

    info = ScriptInfo(create_app=create_app)
    result = CliRunner().invoke(hmr, command, obj=info)

    assert result.exit_code == 1
    assert "The app cannot be loaded. ImportError: no such thing" in result.output
    assert "test_cli.py" in result.output


def test_a_configuration_that_cannot_be_used_is_said_so(app):
    app.config["HMR_LOG"] = "loud"
    result = invoke(app, "graph")

    assert result.exit_code == 1
    assert "HMR_LOG" in result.output


def test_an_app_without_the_extension_is_looked_at_all_the_same(app, tmp_path):
    plain = Flask("shop", root_path=str(tmp_path))

    urls = [one["url"] for one in as_json(plain, "graph")["modules"]]
    assert "/static/main.js" in urls


def test_no_command_starts_a_thread(app):
    before = threading.enumerate()
    for command in (["graph"], ["routes"], ["why", "static/main.js"]):
        invoke(app, *command)

    assert threading.enumerate() == before


# why

WHY = {
    "static/cart.js": ("update", "It accepts itself.", []),
    "static/price.js": (
        "update",
        "Taken by /static/cart.js (accepts itself).",
        [["/static/price.js", "/static/cart.js"]],
    ),
    "static/below.js": (
        "update",
        "Taken by /static/takes.js (accepts /static/given.js).",
        [["/static/below.js", "/static/given.js", "/static/takes.js"]],
    ),
    "static/deep.js": (
        "reload",
        "Nobody accepts it: nothing imports /static/main.js, and it does not accept"
        " itself. Pages load it by page.html.",
        [["/static/deep.js", "/static/lone.js", "/static/main.js"]],
    ),
    "static/main.js": (
        "reload",
        "Nobody accepts it: nothing imports it, and it does not accept itself. Pages"
        " load it by page.html.",
        [],
    ),
    "static/stops.js": ("reload", "It declines updates.", []),
    "static/ring.js": (
        "reload",
        "Nobody accepts it: the importers import each other in a circle, and nothing"
        " else imports them.",
        [
            [
                "/static/ring.js",
                "/static/about.js",
                "/static/round.js",
                "/static/about.js",
            ]
        ],
    ),
    "static/old.js": (
        "reload",
        "A classic script cannot be replaced: pages that run it reload.",
        [],
    ),
    "static/later.js": (
        "update",
        "Taken by /static/lazy.js (accepts itself).",
        [["/static/later.js", "/static/lazy.js"]],
    ),
    "static/inline.js": (
        "update",
        "Taken by a script in page.html (accepts /static/inline.js).",
        [],
    ),
    "static/a b.js": ("update", "It accepts itself.", []),
    "/static/a%20b.js": ("update", "It accepts itself.", []),
    "/static/cart.js?m=0123456789abcdef": ("update", "It accepts itself.", []),
    "http://localhost:5000/static/cart.js": ("update", "It accepts itself.", []),
}


@pytest.mark.parametrize("name", WHY)
def test_why_a_module_is_taken_or_not(app, name):
    (answer,) = as_json(app, "why", name)

    assert (answer["outcome"], answer["sentence"], answer["ways"]) == WHY[name]


def test_why_says_where_only_running_the_module_can_tell(app):
    (answer,) = as_json(app, "why", "static/inner.js")

    assert answer["outcome"] == "perhaps"
    assert "when it runs" in answer["hint"]


OTHERS = {
    "templates/page.html": ("refresh", "It is the template page.html."),
    "static/style.css": ("update", "It is a style sheet."),
    "static/logo.svg": ("update", "Pages that show it load it anew"),
    "views.py": ("restart", "It is Python."),
    "static/data.json": ("nothing", "No module imports it"),
    "static/vendor/x.js": ("nothing", "It matches a pattern of HMR_IGNORE"),
    "notes.txt": ("nothing", "It is in no folder that is served"),
    "static": ("nothing", "It is a folder."),
}


@pytest.mark.parametrize("name", OTHERS)
def test_why_of_what_is_no_module(app, name):
    (answer,) = as_json(app, "why", name)
    outcome, start = OTHERS[name]

    assert answer["outcome"] == outcome
    assert answer["sentence"].startswith(start)


def test_why_finds_paths_from_the_apps_folder(app, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    (answer,) = as_json(app, "why", "static/cart.js")
    assert answer["subject"] == "/static/cart.js"


@pytest.mark.parametrize("name", ["nonsense", "/static/none.js", "nonsense.py"])
def test_why_of_what_is_not_there(app, name):
    result = invoke(app, "why", name)

    assert result.exit_code == 2
    assert f"There is no file {name}" in result.output


def test_why_draws_the_way(app):
    result = invoke(app, "why", "static/below.js")

    assert result.stdout.splitlines() == [
        "/static/below.js",
        "  update  Taken by /static/takes.js (accepts /static/given.js).",
        "    /static/below.js",
        "    └─ /static/given.js",
        "       └─ /static/takes.js",
    ]


# graph


def test_the_graph_as_text(app):
    lines = invoke(app, "graph").stdout.splitlines()

    start = lines.index("/static/main.js")
    assert lines[start : start + 5] == [
        "/static/main.js",
        "├─ /static/cart.js  accepts itself",
        "│  └─ /static/price.js",
        "└─ /static/lone.js",
        "   └─ /static/deep.js",
    ]
    assert "└─ /static/given.js  accepted by its importer" in lines
    assert "/static/maybe.js  may accept" in lines
    assert "└─ /static/stops.js  accepts itself, declines" in lines or (
        "└─ /static/stops.js  declines" in lines
    )
    assert "└─ /static/later.js  import()" in lines
    assert "└─ /static/gone.js  missing" in lines


def test_modules_that_a_plugin_makes_are_in_the_graph(app, tmp_path):
    app.config["HMR_PLUGINS"] = "typescript"
    (tmp_path / "static" / "typed.ts").write_text(
        "import './price.js'; import.meta.hot?.accept();\n"
    )
    (tmp_path / "static" / "types.txt").write_text("no module")

    lines = invoke(app, "graph").stdout.splitlines()
    why = invoke(app, "why", "static/typed.ts").stdout

    assert "/static/typed.ts  accepts itself" in lines
    assert "It accepts itself." in why
    assert not any("types.txt" in line for line in lines)


def test_the_graph_has_no_ghosts(app, tmp_path):
    app.config["HMR_IMPORTMAP"] = {}
    (tmp_path / "templates").mkdir(exist_ok=True)
    (tmp_path / "templates" / "part.html").write_text(
        "<script type=module src=\"{{ url_for('.static', filename='ghost.js') }}\">"
        "</script>"
    )
    (tmp_path / "static" / "plugged.js").write_text('import "@hmr/client";\n')
    (tmp_path / "static" / "named.js").write_text('import "some-name";\n')

    text = invoke(app, "graph").stdout
    drawing = invoke(app, "graph", "--dot").stdout

    assert "ghost.js" not in text
    assert "/_hmr/" not in text + drawing


def test_what_cannot_be_written_is_said(app, tmp_path):
    result = invoke(app, "strip", "static/main.js", "notes.txt/main.js")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Not all could be written: ")


def test_a_circle_that_nothing_imports_is_drawn_once(app):
    lines = invoke(app, "graph").stdout.splitlines()
    start = lines.index("/static/about.js")

    assert lines[start : start + 4] == [
        "/static/about.js",
        "├─ /static/round.js",
        "│  └─ /static/about.js …",
        "└─ /static/ring.js",
    ]


def test_the_graph_as_json(app):
    modules = {one["url"]: one for one in as_json(app, "graph")["modules"]}

    assert modules["/static/cart.js"] == {
        "url": "/static/cart.js",
        "file": str(Path("static/cart.js")),
        "kind": "file",
        "accepts_self": True,
        "declines": False,
        "may_accept": False,
        "templates": [],
        "imports": [{"url": "/static/price.js", "dynamic": False, "accepted": False}],
    }
    assert modules["/static/main.js"]["templates"] == ["page.html"]
    assert modules["/static/takes.js"]["imports"][0]["accepted"] is True
    assert modules["/static/lazy.js"]["imports"][0]["dynamic"] is True
    assert modules["/static/gone.js"]["kind"] == "missing"


NODE = re.compile(r'  "(?:[^"\\]|\\.)*"(?: \[[^\]]*\])?;')
ARROW = re.compile(r'  "(?:[^"\\]|\\.)*" -> "(?:[^"\\]|\\.)*"(?: \[[^\]]*\])?;')


def test_the_graph_for_graphviz(app):
    result = invoke(app, "graph", "--dot")
    first, _, _, *lines, last = result.stdout.splitlines()

    assert (first, last) == ("digraph modules {", "}")
    assert all(NODE.fullmatch(line) or ARROW.fullmatch(line) for line in lines)
    assert '  "/static/cart.js" [peripheries=2, color="#2b7a3d"];' in lines
    assert '  "/static/cart.js" -> "/static/price.js";' in lines
    assert invoke(app, "graph", "--format", "dot").stdout == result.stdout


def test_a_graph_without_modules(tmp_path):
    app = Flask("empty", root_path=str(tmp_path), static_folder=None)

    assert "There are no modules" in invoke(app, "graph").stdout


# routes


def test_the_routes_of_the_extension_and_the_folders(app, tmp_path):
    app.register_blueprint(
        Blueprint("admin", "admin", static_folder=tmp_path / "static", url_prefix="/x")
    )
    app.config["HMR_ROOTS"] = {"/assets": "nowhere"}
    app.config["HMR_URL_PREFIX"] = "/dev"

    found = as_json(app, "routes")

    rules = {one["rule"]: one for one in found["routes"]}
    assert rules["/dev/socket"] == {
        "method": "GET",
        "rule": "/dev/socket",
        "purpose": "the WebSocket",
    }
    assert all(one["purpose"] for one in rules.values())
    folders = {one["prefix"]: one for one in found["folders"]}
    assert folders["/static"]["folder"] == "static"
    assert folders["/x/static"]["source"] == "admin.static"
    assert folders["/assets"]["exists"] is False
    assert found["templates"] == ["templates"]


def test_routes_as_text_fit_the_terminal(app):
    result = invoke(app, "routes")

    assert result.exit_code == 0
    assert "  /static  static" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_prefix_that_depends_on_the_request_is_not_known(app, tmp_path):
    app.register_blueprint(
        Blueprint("l", "l", static_folder=tmp_path / "static", url_prefix="/<lang>")
    )

    prefixes = [one["prefix"] for one in as_json(app, "routes")["folders"]]
    assert prefixes == ["/static", None]


# doctor, as people read it


def test_what_doctor_says_fits_the_terminal(app, monkeypatch):
    result = invoke(app, "doctor")

    assert result.exit_code == 1
    assert "✗ Debug mode is off" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout
