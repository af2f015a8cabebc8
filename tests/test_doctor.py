"""What ``flask hmr doctor`` finds: each test provokes one finding, for real."""

from __future__ import annotations

import configparser
import errno
import gzip
import json
import os
import subprocess
import sys
import threading
import types
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Blueprint, Flask, Response, redirect, request, send_from_directory
from flask.cli import ScriptInfo
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.middleware.shared_data import SharedDataMiddleware
from werkzeug.serving import make_server
from whitenoise import WhiteNoise

from flask_hmr import HMR, Check, Plugin, mounts
from flask_hmr.cli import hmr
from flask_hmr.commands import packages, watching
from flask_hmr.commands.packages import LOWEST
from flask_hmr.commands.policies import check_policies, read_policies
from flask_hmr.inotify import Inotify

ROOT = Path(__file__).parent.parent

MAIN = "import './price.js';\nimport.meta.hot?.accept();\n"
PRICE = "export const price = 1;\n"
PAGE = "<!doctype html><title>A page</title><p>hello" + " and so on" * 100


class Site:
    """An app on disk, and what the doctor says of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write({"static/main.js": MAIN, "static/price.js": PRICE})
        self.app = Flask("site", root_path=str(root))
        self.app.add_url_rule("/", "index", lambda: PAGE)
        self.hmr = HMR(self.app)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, *arguments: str) -> Result:
        info = ScriptInfo(create_app=lambda: self.app)
        command = ["doctor", "--json", *arguments]
        return CliRunner().invoke(hmr, command, obj=info, catch_exceptions=False)

    def checks(self, *arguments: str) -> list[Check]:
        result = self.run(*arguments)
        found = json.loads(result.stdout)
        checks = [
            Check(one["title"], one["level"], one["detail"], one["cure"])
            for one in found["checks"]
        ]
        has_problem = any(one.level == "problem" for one in checks)
        assert result.exit_code == (1 if has_problem else 0)
        assert found["ok"] is not has_problem
        # Whatever is found comes with what to do about it.
        for check in checks:
            assert check.cure or check.level in ("fine", "note"), check
        return checks

    def bad(self, *arguments: str) -> list[Check]:
        """Return all but what is fine."""
        return [one for one in self.checks(*arguments) if one.level != "fine"]

    def one(self, *arguments: str) -> Check:
        """Return the one finding that there is."""
        (found,) = self.bad(*arguments)
        return found


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.chdir(tmp_path)
    return Site(tmp_path)


def test_an_app_that_is_well_is_fine(site):
    assert site.bad() == []
    assert site.run().exit_code == 0


def test_no_thread_is_started_and_none_is_left(site):
    before = threading.enumerate()
    site.checks()

    assert threading.enumerate() == before


# Packages


def installed(monkeypatch: pytest.MonkeyPatch, **versions: str | None) -> None:
    real = packages.version

    def version(name: str) -> str:
        number = versions.get(name, real(name))
        if number is None:
            raise packages.PackageNotFoundError(name)
        return number

    monkeypatch.setattr(packages, "version", version)


@pytest.mark.parametrize("number", ["7.0.0", "7.1.0", "10.0"])
def test_a_watchdog_with_which_the_reloader_hears_of_nothing(site, monkeypatch, number):
    installed(monkeypatch, watchdog=number)

    found = site.one()

    assert found.level == "problem"
    assert f"watchdog {number}" in found.title
    assert "<7" in found.cure


@pytest.mark.parametrize("name", sorted(LOWEST))
def test_a_package_that_is_too_old(site, monkeypatch, name):
    installed(monkeypatch, **{name: "0.1"})

    found = site.one()

    assert (found.level, found.title) == ("problem", f"{name} 0.1 is too old")


def test_a_package_that_is_not_there(site, monkeypatch):
    installed(monkeypatch, **{"simple-websocket": None})

    assert site.one().title == "simple-websocket is not installed"


def test_a_package_that_cannot_be_imported_is_a_finding():
    code = (
        "import sys; sys.modules['simple_websocket'] = None;"
        " from flask_hmr.cli import hmr; hmr()"
    )
    command = [sys.executable, "-c", code, "doctor"]
    found = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert found.returncode == 1
    assert "The extension cannot be imported" in found.stdout
    assert "simple_websocket" in found.stdout


def test_what_is_needed_is_what_the_package_asks_for():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"].splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    found = {
        name: tuple(int(n) for n in version.split("."))
        for name, _, version in (
            line.partition(",")[0].partition(">=") for line in wanted
        )
    }

    lowest = {name: numbers[: len(found[name])] for name, numbers in LOWEST.items()}
    assert found == lowest
    assert any(f"<{packages.WATCHDOG_BREAKS}" in line for line in wanted)


# The app and its configuration


def test_an_app_that_cannot_be_loaded_is_a_finding(site, monkeypatch):
    installed(monkeypatch, watchdog="7.0.0")

    def create_app() -> Flask:
        raise ModuleNotFoundError("No module named 'nonsense'")

    info = ScriptInfo(create_app=create_app)
    result = CliRunner().invoke(hmr, ["doctor"], obj=info)

    assert result.exit_code == 1
    assert "The app cannot be loaded" in result.output
    assert "No module named 'nonsense'" in result.output
    # What can be said without it is said all the same.
    assert "watchdog 7.0.0" in result.output


def test_debug_mode_that_is_off(site, monkeypatch):
    monkeypatch.delenv("FLASK_DEBUG")

    found = site.one()

    assert (found.level, found.title) == ("problem", "Debug mode is off")
    assert "flask run --debug" in found.cure


def test_debug_mode_can_be_set_as_for_flask_run(site, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "0")

    assert site.bad("--debug") == []
    site.app = Site(site.root).app
    assert site.one("--no-debug").title == "Debug mode is off"


def test_an_app_without_the_extension(tmp_path, site):
    site.app = Flask("other", root_path=str(tmp_path))

    found = site.bad()

    assert found[0].title == "The app does not use the extension"


@pytest.mark.parametrize("value", [False, "off"])
def test_hmr_that_is_switched_off(site, value):
    site.app.config["HMR_ENABLED"] = value

    assert site.one().title == "HMR_ENABLED is false"


def test_hmr_that_is_on_without_debug_mode(site, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "0")
    site.app.config["HMR_ENABLED"] = True

    found = site.one()

    assert found.level == "warning"
    assert found.title == "HMR_ENABLED is true without debug mode"


def test_a_configuration_that_cannot_be_used(site):
    site.app.config["HMR_ROOT"] = "x"

    found = site.one()

    assert found.title == "The configuration cannot be used"
    assert "Did you mean HMR_ROOTS?" in found.detail


def test_a_folder_that_does_not_exist(site):
    site.app.config["HMR_ROOTS"] = {"/assets": "nowhere"}

    found = site.one()

    assert found.title.endswith("nowhere does not exist")


def test_a_name_under_which_pages_may_not_connect(site):
    site.app.config["SERVER_NAME"] = "dev.example"

    found = [one for one in site.bad() if one.level == "problem"]

    assert [one.title for one in found] == ["Pages under dev.example may not connect"]
    assert 'HMR_ALLOWED_HOSTS = ["dev.example"]' in found[0].cure


def test_an_app_that_does_not_know_its_proxy(site):
    site.app.config["PREFERRED_URL_SCHEME"] = "https"

    assert site.one().title == "The app is behind a proxy, and does not know it"


def test_an_app_that_knows_its_proxy(site):
    site.app.config["PREFERRED_URL_SCHEME"] = "https"
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app)

    assert site.bad() == []


# Threads


@pytest.mark.parametrize(
    ("name", "value"),
    [("FLASK_RUN_WITH_THREADS", "false"), ("FLASK_RUN_WITHOUT_THREADS", "1")],
)
def test_a_server_that_is_to_have_one_thread(site, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    found = site.one()

    assert (found.level, found.title) == ("warning", "The server has one thread")
    assert name in found.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLASK_RUN_WITH_THREADS", "true"),
        ("GUNICORN_CMD_ARGS", "--threads=8"),
        ("GUNICORN_CMD_ARGS", "-k gevent"),
    ],
)
def test_a_server_that_is_to_have_many(site, monkeypatch, name, value):
    monkeypatch.setenv(name, value)

    assert site.bad() == []


def test_a_configured_gunicorn_with_one_thread(site):
    site.write({"gunicorn.conf.py": "workers = 3\n"})
    assert "gunicorn.conf.py" in site.one().detail
    assert site.one().level == "note"

    site.write({"gunicorn.conf.py": "worker_class = 'gthread'\nthreads = 4\n"})
    assert site.bad() == []


def test_a_gunicorn_with_one_thread_by_the_environment(site, monkeypatch):
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers=2 -w 3")

    assert "GUNICORN_CMD_ARGS" in site.one().detail


def test_a_call_of_run_with_one_thread(site, monkeypatch):
    site.write({"app.py": "...\napp.run(debug=True, threaded=False)\n"})
    module = types.ModuleType("site_with_run")
    module.__file__ = str(site.root / "app.py")
    monkeypatch.setitem(sys.modules, "site_with_run", module)
    site.app.import_name = "site_with_run"

    assert "app.py:2" in site.one().detail


# What the app answers


def test_static_files_that_are_served_in_front_of_flask(site):
    shared = {"/static": str(site.root / "static")}
    site.app.wsgi_app = SharedDataMiddleware(site.app.wsgi_app, shared)

    found = site.one()

    assert found.level == "problem"
    assert found.title == "/static/main.js is served in front of Flask"
    assert "hmr.wrap" in found.cure


def in_module(site: Site, monkeypatch: pytest.MonkeyPatch, **names: object) -> None:
    module = types.ModuleType("site_module")
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, "site_module", module)
    site.app.import_name = "site_module"


def test_static_files_that_are_served_around_the_app(site, monkeypatch):
    wrapped = WhiteNoise(site.app, root=str(site.root / "static"), prefix="static")
    in_module(site, monkeypatch, app=site.app, application=wrapped)

    assert site.one().title == (
        "/static/main.js is served in front of Flask through application"
    )


def test_static_files_that_are_wrapped_take_part(site, monkeypatch):
    wrapped = WhiteNoise(site.app, root=str(site.root / "static"), prefix="static")
    in_module(site, monkeypatch, application=site.hmr.wrap(wrapped))

    assert site.bad() == []


def test_files_that_are_left_to_the_web_server(site):
    site.app.config["USE_X_SENDFILE"] = True
    site.app.use_x_sendfile = True

    assert site.one().title == "Files are left to the web server"


def test_modules_of_a_type_that_browsers_do_not_run(site):
    @site.app.after_request
    def plain(response: Response) -> Response:
        if response.mimetype == "text/javascript":
            response.mimetype = "text/plain"
        return response

    assert site.one().title == "/static/main.js is served as text/plain"


def test_modules_that_cannot_be_had(site):
    @site.app.before_request
    def refuse() -> tuple[str, int] | None:
        return ("No.", 403) if request.endpoint == "static" else None

    found = site.one()

    assert (found.level, found.title) == ("warning", "/static/main.js cannot be had")


def test_a_folder_that_nothing_serves(site):
    site.write({"assets/a.js": "import.meta.hot?.accept();"})
    site.app.config["HMR_ROOTS"] = {"/assets": "assets"}

    found = site.one()

    assert (found.level, found.title) == (
        "problem",
        "/assets/a.js is served by nothing",
    )


def test_the_extensions_own_urls_that_something_else_answers(site):
    inner = site.app.wsgi_app

    def catch(environ: t.Any, start: t.Any) -> t.Any:
        if environ["PATH_INFO"].startswith("/_hmr/"):
            return Response("mine")(environ, start)
        return inner(environ, start)

    site.app.wsgi_app = catch

    assert "answered by something else" in site.one().title
    assert site.app.extensions["hmr"] is not None


def compressed(response: Response) -> Response:
    response.direct_passthrough = False
    response.set_data(gzip.compress(response.get_data()))
    response.headers["Content-Encoding"] = "gzip"
    return response


class Gzip:
    """Middleware that compresses for those who take it."""

    def __init__(self, inner: t.Any) -> None:
        self.inner = inner

    def __call__(self, environ: t.Any, start: t.Any) -> t.Any:
        response = Response.from_app(self.inner, environ, buffered=True)
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            compressed(response)
        return response(environ, start)


def test_compression_of_modules_before_the_extension(site):
    site.write({"shop/cart.js": MAIN, "shop/price.js": PRICE})
    blueprint = Blueprint("shop", "shop", url_prefix="/shop", root_path=str(site.root))
    blueprint.static_folder = "shop"
    blueprint._static_url_path = "/files"

    @blueprint.after_request
    def compress(response: Response) -> Response:
        wanted = "gzip" in request.headers.get("Accept-Encoding", "")
        return compressed(response) if wanted else response

    site.app.register_blueprint(blueprint)

    found = site.one()

    assert found.title == (
        "/shop/files/cart.js is compressed before the extension sees it"
    )
    assert "not by those of a blueprint" in found.cure


def test_compression_after_the_extension_is_fine(site):
    site.app.wsgi_app = Gzip(site.app.wsgi_app)

    assert site.bad() == []


def test_compression_by_a_blueprint(site):
    blueprint = Blueprint("pages", "pages", url_prefix="/pages")
    blueprint.after_request(compressed)
    blueprint.add_url_rule("/one", "one", lambda: PAGE)
    site.app.register_blueprint(blueprint)

    assert site.bad() == []
    found = site.one("--page", "/pages/one")
    assert found.title == "The page /pages/one does not get the client runtime"
    assert "compressed" in found.detail


def test_a_page_that_raises_an_exception(site):
    site.app.add_url_rule("/bad", "bad", lambda: 1 / 0)

    found = site.one("--page", "/bad")

    assert found.level == "warning"
    assert "ZeroDivisionError" in found.detail


def test_a_page_that_is_no_whole_document(site):
    site.app.add_url_rule("/part", "part", lambda: "<p>hello")

    assert site.one("--page", "/part").detail == "It is no whole document."


def test_a_page_that_is_streamed(site):
    site.app.add_url_rule("/slow", "slow", lambda: Response(iter([PAGE])))

    assert site.one("--page", "/slow").detail == "It is streamed."


def test_a_page_behind_a_redirect(site):
    site.app.add_url_rule("/old", "old", lambda: redirect("/"))

    assert site.bad("--page", "/old") == []


def test_an_app_without_a_page(tmp_path, site):
    site.app = Flask("site", root_path=str(tmp_path))
    HMR(site.app)

    assert site.one().title == "No page was asked for"


# Content-Security-Policy

RUNTIME = '<script type="module" src="/_hmr/c.js" data-hmr="{}" nonce="n1">'
POLICIES = {
    "default-src 'self'": ["import maps"],
    "script-src 'self'; connect-src 'self'": ["import maps"],
    "script-src 'self' 'unsafe-inline'": [],
    "script-src 'nonce-n1'": [],
    "script-src 'strict-dynamic' 'nonce-n1'": [],
    "script-src 'strict-dynamic' 'self' 'nonce-n2'": ["runtime", "import maps"],
    "default-src 'none'": ["runtime", "to connect", "import maps"],
    "script-src https://cdn.example 'unsafe-inline'": ["runtime"],
    "script-src 'unsafe-inline' 'self' 'sha256-abc='": ["import maps"],
    "script-src-elem 'none'; script-src *": ["runtime", "import maps"],
    "connect-src https://api.example": ["to connect"],
    "connect-src 'self' ws:": [],
    "img-src 'self'": [],
    "require-trusted-types-for 'script'": ["Trusted Types"],
    "sandbox": ["all scripts"],
    "sandbox allow-scripts": [],
}


@pytest.mark.parametrize("policy", POLICIES)
def test_what_a_policy_forbids(policy):
    policies = read_policies([policy], "")

    titles = [one.title for one in check_policies("/", policies, RUNTIME)]

    assert len(titles) == len(POLICIES[policy])
    assert all(end in one for end, one in zip(POLICIES[policy], titles, strict=True))


def test_a_policy_of_a_page(site):
    @site.app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "script-src 'none'"
        return response

    titles = [one.title for one in site.bad()]

    assert titles[0] == "The policy of / forbids the client runtime"


def test_a_policy_in_the_markup(site):
    policy = '<meta http-equiv="Content-Security-Policy" content="connect-src x:">'
    site.app.add_url_rule("/meta", "meta", lambda: f"<!doctype html>{policy}")

    assert site.one("--page", "/meta").title == "The policy of /meta forbids to connect"


# Files


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="is about inotify")
@pytest.mark.parametrize(
    ("code", "hint"),
    [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances")],
)
def test_a_limit_of_the_system(site, monkeypatch, code, hint):
    def add(self: Inotify, root: str) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Inotify, "add", add)

    found = site.one()

    assert found.title == "The system's limit for watching files is reached"
    assert f"sudo sysctl fs.inotify.{hint}" in found.cure


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="is about /proc")
def test_a_file_system_that_tells_nothing(site, monkeypatch, tmp_path):
    table = tmp_path / "mountinfo"
    table.write_text(
        f"1 0 0:1 / / rw - ext4 a rw\n2 1 0:2 / {site.root}/static rw - nfs4 b rw\n"
    )
    monkeypatch.setattr(mounts, "_MOUNTS", str(table))

    found = site.one()

    assert found.title == "static is on a file system that tells nothing"
    assert "nfs4" in found.detail


def test_very_many_folders(site, monkeypatch):
    monkeypatch.setattr(watching, "MANY_FOLDERS", 2)
    site.write({"static/a/x.txt": "", "static/b/x.txt": "", "static/c/x.txt": ""})

    assert site.one().title == "4 folders have to be watched"


# Modules


def test_imports_in_a_circle_through_a_boundary(site):
    site.write(
        {
            "static/a.js": "import './b.js';\nimport.meta.hot?.accept();\n",
            "static/b.js": "import './c.js';\n",
            "static/c.js": "import './a.js';\n",
        }
    )

    found = site.one()

    assert found.level == "warning"
    assert found.title == "Imports go in a circle through the boundary /static/a.js"
    assert found.detail == "/static/a.js → /static/b.js → /static/c.js → /static/a.js"


def test_a_circle_without_a_boundary_is_fine(site):
    site.write({"static/a.js": "import './b.js'", "static/b.js": "import './a.js'"})

    assert site.bad() == []


def test_a_file_that_two_routes_lead_to(site):
    def serve_twice() -> None:
        site.app = Site(site.root).app
        site.app.config["HMR_ROOTS"] = {"/assets": "static"}
        site.app.add_url_rule("/assets/<path:filename>", "assets", send)

    def send(filename: str) -> Response:
        return send_from_directory(site.root / "static", filename)

    serve_twice()
    assert site.bad() == []

    serve_twice()
    site.write({"static/other.js": "import '/static/price.js';\n"})

    found = [one for one in site.bad() if "two modules" in one.title]

    assert [one.level for one in found] == ["problem"]
    assert "/assets/price.js  in /assets/main.js" in found[0].detail
    assert "/static/price.js  in /assets/other.js" in found[0].detail
    assert "Two routes" in found[0].cure


def test_a_file_that_a_link_leads_to(site):
    (site.root / "static" / "link.js").symlink_to("price.js")
    site.write({"static/other.js": "import './link.js';\n"})

    found = site.one()

    assert "two modules" in found.title
    assert "A link" in found.cure


def test_a_file_in_upper_and_lower_case(site):
    # What one file is under two names where case does not count.
    os.link(site.root / "static" / "price.js", site.root / "static" / "Price.js")
    site.write({"static/other.js": "import './Price.js';\n"})

    found = site.one()

    assert "two modules" in found.title
    assert "upper and lower case" in found.cure


def test_a_module_under_two_queries(site):
    site.write({"static/other.js": "import './price.js?a=1';\n"})

    assert site.one().level == "warning"


def test_a_file_under_two_urls_one_of_which_nobody_uses_is_fine(site):
    (site.root / "static" / "link.js").symlink_to("price.js")

    assert site.bad() == []


def test_a_script_element_counts_as_an_import(site):
    (site.root / "static" / "link.js").symlink_to("price.js")
    script = (
        "<script type=\"module\" src=\"{{ url_for('static', filename='link.js') }}\">"
        "</script>"
    )
    site.write({"templates/page.html": script})

    assert "/static/link.js  in page.html" in site.one().detail


def test_an_import_that_leads_nowhere(site):
    site.write({"static/other.js": "\n  import './gone.js';\n"})

    found = site.one()

    assert found.title == 'The import "./gone.js" leads nowhere'
    assert found.detail.startswith(f"{Path('static/other.js')}:2:10")


def test_an_import_in_the_wrong_case(site):
    site.write({"static/other.js": "import './PRICE.js';\n"})

    assert "There is price.js" in site.one().cure


def test_bare_specifiers_need_an_import_map(site):
    site.write({"static/other.js": "import 'lit';\n"})
    assert site.one().title.startswith("Bare specifiers have no meaning")

    table = '{"imports": {"lit": "{{ url_for("static", filename="price.js") }}"}}'
    template = f'<script type="importmap">{table}</script>'
    site.write({"templates/base.html": template})
    site.app = Site(site.root).app
    site.write({"static/other.js": "import 'lit';\n"})
    assert site.bad() == []


def test_modules_of_which_none_accepts_updates(site):
    site.write({"static/main.js": "import './price.js';"})

    assert site.one().title == "No module accepts updates"

    site.app = Site(site.root).app
    site.write({"static/main.js": "import './price.js';"})
    site.write({"static/price.js": "if (globalThis.x) import.meta.hot?.accept();"})
    (fine,) = [one for one in site.checks() if one.title == "The module graph"]
    assert fine.detail == "2 modules, 0 boundaries, one that may be one"


def test_what_is_a_module_for_what_a_plugin_adds_is_served_as_one(site):
    site.app.config["HMR_PLUGINS"] = ["custom_elements"]
    site.write({"static/main.js": "customElements.define('x-y', class extends A {});"})

    assert site.bad() == []


def test_the_import_map_of_the_configuration_counts(site):
    site.write({"static/other.js": "import 'cart';\n"})
    site.write({"templates/base.html": "<head>{{ hmr_importmap() }}</head>"})
    site.app.config["HMR_IMPORTMAP"] = {"cart": "/static/price.js"}

    assert site.bad() == []


# Healthy apps


def test_what_an_app_imports_from_flask_is_not_looked_into(site, monkeypatch):
    import flask

    class Holder:
        def __init__(self) -> None:
            self.current = flask.current_app

        def __call__(self) -> None: ...

    module = types.ModuleType("site_module")
    module.app, module.g, module.request = site.app, flask.g, flask.request
    module.holder = Holder()
    monkeypatch.setitem(sys.modules, site.app.import_name, module)
    assert site.bad() == []


def test_a_login_before_each_request_is_no_finding(site):
    @site.app.before_request
    def login() -> t.Any:
        if request.endpoint not in ("static", "login"):
            return redirect("/login")
        return None

    site.app.add_url_rule("/login", "login", lambda: PAGE)
    assert site.bad() == []


def test_modules_that_need_a_login_cannot_be_had(site):
    @site.app.before_request
    def login() -> t.Any:
        return None if request.endpoint == "login" else redirect("/login")

    site.app.add_url_rule("/login", "login", lambda: PAGE)
    assert site.one().title.endswith("main.js cannot be had")


def test_what_is_minified_later_is_no_finding(site):
    @site.app.after_request
    def minify(response: Response) -> Response:
        if response.mimetype == "text/javascript":
            response.set_data(response.get_data().rstrip() + b" ")
        return response

    assert site.bad() == []


def test_a_proxy_that_is_known_before_the_extension_is_no_finding(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("FLASK_DEBUG", "0")
    site = Site(tmp_path)
    site.app = Flask("site", root_path=str(tmp_path))
    site.app.add_url_rule("/", "index", lambda: PAGE)
    site.app.config["PREFERRED_URL_SCHEME"] = "https"
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app, x_proto=1)
    HMR(site.app)
    assert site.bad("--debug") == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("HMR_PLUGINS", ["nosuch"]),
        ("HMR_PLUGINS", "nomod:Class"),
        ("HMR_IMPORTMAP", {"a": "@nobp/x.js"}),
        ("HMR_ALLOWED_HOSTS", 5),
    ],
)
def test_a_value_that_shows_late_is_one_of_the_configuration(site, key, value):
    site.app.config[key] = value
    found = site.one()
    assert found.title == "The configuration cannot be used"
    assert key in found.detail


def test_a_root_that_is_a_file(site):
    site.write({"app.txt": ""})
    site.app.config["HMR_ROOTS"] = str(site.root / "app.txt")
    assert site.one().title.endswith("app.txt is no folder")


def test_a_view_that_ends_the_program_does_not_end_this(site):
    @site.app.get("/end")
    def end() -> str:
        raise SystemExit(4)

    (found,) = site.bad("--page", "/end")
    assert found.title == "The page /end cannot be looked at"


def test_modules_of_middleware_are_learnt_from_pages(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASK_DEBUG", "0")
    site = Site(tmp_path)
    (tmp_path / "static").rename(tmp_path / "assets")
    site.app = Flask("site", root_path=str(tmp_path), static_folder=None)
    script = '<script type="module" src="/assets/main.js"></script>'
    site.app.add_url_rule("/", "index", lambda: PAGE + script)
    inner = site.app.wsgi_app
    site.app.wsgi_app = WhiteNoise(inner, root=tmp_path / "assets", prefix="assets")
    HMR(site.app)
    found = site.checks("--debug")
    assert [one for one in found if one.level != "fine"] == []
    assert "2 modules, one boundary" in [one.detail for one in found]


# Plugins


def test_plugins_add_their_own_checks(site):
    class Cat(Plugin):
        def checks(self, app: Flask) -> t.Iterable[Check]:
            yield Check.problem("There is no cat", cure="Get one.")

    class Dog(Plugin):
        def checks(self, app: Flask) -> t.Iterable[Check]:
            raise LookupError("bone")

    @site.hmr.checks
    def bird(app: Flask) -> t.Iterable[Check]:
        return [Check.note(f"{app.name} has no bird")]

    site.app.config["HMR_PLUGINS"] = [Cat(), Dog()]

    found = [one for one in site.bad() if one.level == "problem"]
    failed = [one for one in site.bad() if one.level == "warning"]

    assert [one.title for one in found] == ["There is no cat"]
    assert "site has no bird" in [one.title for one in site.checks()]
    assert "Dog" in failed[0].title
    assert failed[0].detail.startswith("LookupError: bone (")
    assert "test_doctor.py:" in failed[0].detail


@pytest.mark.parametrize(
    ("findings", "says"),
    [
        (lambda: ["no cat"], "checks() returned str; it returns Check"),
        (lambda: Check("x", level="error"), "'error' is no level: it is one of "),
        (lambda: 3, "'int' object is not iterable"),
    ],
)
def test_what_is_no_finding_is_a_mistake_of_the_plugin(site, findings, says):
    @site.hmr.checks
    def odd(app: Flask) -> t.Any:
        return findings()

    [failed] = [one for one in site.bad() if "failed in checks()" in one.title]
    assert says in failed.detail


def test_an_installed_plugin_that_cannot_be_loaded_is_named(site, monkeypatch):
    points = [EntryPoint("lost", "no_such:Plugin", "flask_hmr.plugins")]
    monkeypatch.setattr("flask_hmr.loading.entry_points", lambda group: points)

    [found] = [one for one in site.bad() if "lost" in one.title]
    assert found.title == "The installed plugin lost cannot be loaded"
    assert found.detail.startswith("no_such:Plugin: ")

    site.app.config["HMR_PLUGINS"] = ["!lost"]
    assert [one for one in site.bad() if "lost" in one.title] == []


def test_a_module_that_no_plugin_makes_up_is_named(site):
    @site.hmr.load
    def icons(name):
        return "export {};" if name == "icons.js" else None

    names = 'import "@hmr/icons.js"; import "@hmr/client";\nimport "@hmr/icon.js";\n'
    site.write({"static/other.js": names})

    [found] = site.bad()
    assert found.title == "No plugin has a module @hmr/icon.js"
    assert "other.js:2:8" in found.detail


def test_a_single_finding_is_enough(site):
    @site.hmr.checks
    def bird(app: Flask) -> t.Any:
        return Check.note("There is no bird")

    assert "There is no bird" in [one.title for one in site.checks()]


# A server that runs


@contextmanager
def serving(app: t.Any, *, threaded: bool = True) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=threaded)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Running(Site):
    """An app that is served, and another of the same files that is looked at."""

    def __init__(self, root: Path, **config: t.Any) -> None:
        super().__init__(root)
        self.served = Site(root).app
        self.served.debug = True
        self.served.config.update(config)


def between(app: Flask, **environ: str) -> t.Any:
    """Return what stands in front of an app and changes its requests."""

    def proxy(found: t.Any, start: t.Any) -> t.Any:
        return app({**found, **environ}, start)

    return proxy


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    monkeypatch.chdir(tmp_path)
    return Running(tmp_path)


def test_a_server_that_is_well(running):
    with serving(running.served) as url:
        checks = running.checks("--server", url)

    assert checks[-1] == Check.fine("A WebSocket can be opened", url)


def test_a_server_with_one_thread(running):
    with serving(running.served, threaded=False) as url:
        found = running.one("--server", url)

    assert found.level == "warning"
    assert "It has one thread" in found.detail
    assert "--without-threads" in found.cure


def test_a_server_that_is_not_there(running):
    with serving(running.served) as url:
        pass

    assert running.one("--server", url).title == f"No server answers at {url}"


def test_an_address_that_is_none(running):
    assert running.one("--server", "ftp://x").title == "The server cannot be asked"


def test_a_server_in_production(running):
    running.served.debug = False
    with serving(running.served) as url:
        found = running.one("--server", url)

    assert found.title == "The server does not know the extension"


def test_a_name_that_the_server_refuses(running):
    proxy = between(running.served, HTTP_HOST="dev.example")
    with serving(proxy) as url:
        found = running.one("--server", url)

    assert "The server refuses pages" in found.title
    assert "HMR_ALLOWED_HOSTS" in found.cure


def test_a_proxy_that_does_not_tell_of_https(running):
    proxy = between(running.served, **{"wsgi.url_scheme": "https"})
    with serving(proxy) as url:
        found = running.one("--server", url)

    assert found.title == f"Pages of {url} may not connect"
    assert "ProxyFix" in found.cure


def test_a_proxy_that_passes_no_socket(running):
    proxy = between(running.served, HTTP_SEC_WEBSOCKET_KEY="")
    with serving(proxy) as url:
        titles = [one.title for one in running.bad("--server", url)]

    assert titles == ["Something in between does not pass WebSockets on"]


def test_a_proxy_that_holds_streams_back(running):
    running.served.config["HMR_TRANSPORTS"] = ["stream"]

    def proxy(environ: t.Any, start: t.Any) -> t.Any:
        if environ["PATH_INFO"].endswith("/stream"):
            return Response("too late", 504)(environ, start)
        return running.served(environ, start)

    with serving(running.served) as url:
        assert running.bad("--server", url) == []
    with serving(proxy) as url:
        found = running.one("--server", url)
    assert found.title == "Something in between holds the stream of events back"


def test_a_login_in_front_of_the_extension(running):
    running.served.before_request(lambda: redirect("/login"))
    proxy = between(running.served, HTTP_X_FORWARDED_FOR="192.0.2.1")
    with serving(proxy) as url:
        found = running.one("--server", url)

    assert "log in" in found.title


def test_a_proxy_that_sends_files_itself(running):
    shared = {"/static": str(running.root / "static")}
    with serving(SharedDataMiddleware(running.served, shared)) as url:
        found = running.one("--server", url)

    assert found.level == "problem"
    assert found.title == "/static/main.js is served in front of the app"


def test_several_processes(running):
    proxy = between(running.served, **{"wsgi.multiprocess": "yes"})
    with serving(proxy) as url:
        found = running.one("--server", url)

    assert (found.level, found.title) == ("note", "Several processes serve the app")
