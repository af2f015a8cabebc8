"""Plugins: which there are, when they are asked, and what becomes of their answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_hmr import HMR, ConfigError, HotUpdate, Module, Plugin, Tag
from flask_hmr.config import Config
from flask_hmr.hooks import Hooks
from flask_hmr.loading import load_plugins
from flask_hmr.logs import logger

from .test_responses import IMPORT, plain
from .waiting import wait_until

LOG = logger(Config())


class Site:
    """An app with plugins, over files that a test writes."""

    def __init__(self, folder: Path, *plugins: Plugin, **config: Any) -> None:
        self.folder = folder
        self.app = Flask("site", root_path=str(folder))
        self.app.config.update(config)
        self.hmr = HMR(plugins=plugins)
        self.hmr.init_app(self.app)
        self.app.debug = True

        @self.app.get("/")
        def index() -> str:
            return "<!doctype html><title>x</title><p>hello"

    @property
    def state(self) -> Any:
        return self.app.extensions["hmr"]

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def get(self, url: str, **headers: str) -> Any:
        names = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.app.test_client().get(url, headers=names, buffered=True)

    def module(self, url: str) -> str:
        """Return the text that a page gets for the present version of a module."""
        self.get("/")
        version = self.state.updates.versions([url])[url]
        return plain(self.get(f"{url}?m={version}", **IMPORT).text)


@pytest.fixture
def sites(tmp_path: Path) -> Iterator[Any]:
    made: list[Site] = []

    def make(*plugins: Plugin, **config: Any) -> Site:
        made.append(Site(tmp_path, *plugins, **config))
        return made[-1]

    yield make
    for site in made:
        if site.state is not None:
            site.state.close()


class Shout(Plugin):
    def transform(self, source: str, module: Module) -> str | None:
        return source.replace("hello", "HELLO")


class Failing(Plugin):
    name = "failing"

    def transform(self, source: str, module: Module) -> str | None:
        raise LookupError("no such thing")


class Needy(Plugin):
    def __init__(self, what: str) -> None:
        self.what = what


class Late(Plugin):
    order: Any = "last"


class Patterns(Plugin):
    include: Any = ("*.js", 3)


# Which plugins there are


@pytest.mark.parametrize(
    ("value", "kind", "says"),
    [
        (object(), TypeError, "is no plugin"),
        (dict, TypeError, "is no plugin"),
        (Needy, TypeError, "cannot be made without arguments"),
        (Late(), ValueError, "has the order 'last'"),
        (Patterns(), TypeError, "include of the plugin Patterns cannot be used: 3"),
    ],
)
def test_what_cannot_be_a_plugin_is_said_at_once(
    value: Any, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=re.escape(says)):
        HMR(plugins=[value])


def test_a_class_of_plugins_stands_for_a_plugin(sites: Any) -> None:
    site = sites(Shout)
    site.write("static/a.js", "export const a = 'hello';\n")

    assert site.module("/static/a.js") == "export const a = 'HELLO';\n"


def test_a_hook_that_is_misspelt_is_said(caplog: pytest.LogCaptureFixture) -> None:
    class Typo(Plugin):
        def tranform(self, source: str, module: Module) -> None: ...

        def on_mesage(self, *arguments: Any) -> None: ...

        def helper(self) -> None: ...

        def _load(self) -> None: ...

        def resolve(self, *arguments: Any) -> None: ...

        def resolver(self) -> None: ...

    LOG.propagate = True
    load_plugins([Typo()], (), LOG, ())

    assert "tranform(), which is never called: is it to be transform()?" in caplog.text
    assert "on_mesage()" in caplog.text
    assert not [name for name in ("helper", "_load", "resolver") if name in caplog.text]


def test_a_plugin_changes_the_text_of_modules(sites: Any) -> None:
    site = sites(Shout())
    site.write("static/a.js", "export const a = 'hello';\n")

    assert site.module("/static/a.js") == "export const a = 'HELLO';\n"


def test_classic_scripts_are_no_modules_to_be_transformed(sites: Any) -> None:
    site = sites(Shout())
    site.write("static/a.js", "var a = 'hello';\n")

    answer = site.get("/static/a.js", Sec_Fetch_Dest="script", Sec_Fetch_Mode="no-cors")

    assert answer.text == "var a = 'hello';\n"


@pytest.mark.parametrize(
    "configured",
    [
        [Shout],
        [Shout()],
        Shout,
        f"{__name__}:Shout",
        [f"{__name__}:Shout"],
    ],
)
def test_plugins_may_be_configured(sites: Any, configured: object) -> None:
    import sys

    sys.modules.setdefault(__name__, sys.modules[Shout.__module__])
    site = sites(HMR_PLUGINS=configured)
    site.write("static/a.js", "export const a = 'hello';\n")

    assert site.module("/static/a.js") == "export const a = 'HELLO';\n"


@pytest.mark.parametrize(
    ("configured", "says"),
    [
        (["no.such.module:Plugin"], "no module 'no'"),
        (["json:NoSuch"], "'json' has no 'NoSuch'"),
        (["no_such"], "no module 'flask_hmr.contrib.no_such'"),
        (["json:JSONDecoder"], "is no plugin"),
        ([Needy], "Needy cannot be made without arguments"),
        ([Late], 'has the order \'last\'. It can be "pre", "normal", "post".'),
        ([3], "cannot be used here"),
        (["a b"], "cannot be used here"),
        ([None], "cannot be used here"),
    ],
)
def test_what_is_no_plugin_is_said(configured: Any, says: str) -> None:
    def load() -> None:
        plugins = Config.load({"HMR_PLUGINS": configured}, root_path="/").plugins
        load_plugins((), plugins, LOG)

    with pytest.raises(ConfigError, match="HMR_PLUGINS") as error:
        load()

    assert says in str(error.value)


def test_a_missing_module_inside_of_a_plugin_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needy_plugin.py").write_text("import no_such_library\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        load_plugins((), ["needy_plugin:Plugin"], LOG)


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "flask_hmr.plugins")


def test_installed_plugins_take_part_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "installed_plugin.py").write_text(
        "from flask_hmr import Plugin\nclass Mine(Plugin):\n    name = 'mine'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    installed = [point("mine", "installed_plugin:Mine")]

    names = [p.name for p in load_plugins((), (), LOG, installed)]
    without = load_plugins((), ["!mine"], LOG, installed)
    once = load_plugins((), ["installed_plugin:Mine"], LOG, installed)

    assert names == ["mine"]
    assert without == []
    assert len(once) == 1


def test_an_installed_plugin_that_cannot_be_loaded_is_said_and_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    LOG.propagate = True
    found = load_plugins((), (), LOG, [point("broken", "no_such_plugin:Broken")])

    assert found == []
    assert "'broken'" in caplog.text
    assert '"!broken"' in caplog.text


def test_plugins_have_their_turn_by_order_and_registration(sites: Any) -> None:
    def marked(mark: str, order: Any = "normal") -> Plugin:
        class Mark(Plugin):
            def transform(self, source: str, module: Module) -> str:
                return source + mark

        plugin = Mark()
        plugin.order = order
        return plugin

    site = sites(
        marked("// 3\n", "post"),
        marked("// 1\n"),
        marked("// 0\n", "pre"),
        marked("// 2\n"),
    )
    site.write("static/a.js", "export {};\n")

    assert site.module("/static/a.js") == "export {};\n// 0\n// 1\n// 2\n// 3\n"


def test_functions_are_plugins_too(sites: Any) -> None:
    site = sites()

    @site.hmr.transform("*.query.js")
    def inline(source: str, module: Module) -> str:
        return source.replace("QUERY", "{ orders }")

    site.write("static/a.query.js", "export default 'QUERY';\n")
    site.write("static/a.js", "export default 'QUERY';\n")

    assert "{ orders }" in site.module("/static/a.query.js")
    assert "QUERY" in site.module("/static/a.js")


def test_a_function_may_be_registered_without_parentheses(sites: Any) -> None:
    site = sites()

    @site.hmr.transform
    def loud(source: str, module: Module) -> str:
        return source.replace("hello", "HELLO")

    site.write("static/a.js", "export const a = 'hello';\n")

    assert "HELLO" in site.module("/static/a.js")
    assert loud("hello", None) == "HELLO"


@pytest.mark.parametrize(
    ("register", "says"),
    [
        (lambda hmr: hmr.transform(["*.js"]), "['*.js'] is no pattern"),
        (lambda hmr: hmr.transform("*.js", serves=[3]), "3 is no pattern"),
        (lambda hmr: hmr.hot_update("*.csv"), "write '@hmr.hot_update' alone"),
        (lambda hmr: hmr.load("name"), "write '@hmr.load' alone"),
    ],
)
def test_what_is_registered_wrongly_is_said_at_once(
    sites: Any, register: Any, says: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(says)):
        register(sites().hmr)


@pytest.mark.parametrize("serves", ["*.yaml", ["*.yaml"], ("*.txt", "*.yaml")])
def test_one_pattern_stands_for_a_list_of_one(sites: Any, serves: Any) -> None:
    site = sites()

    @site.hmr.transform("*.part.js", serves=serves)
    def module_of(source: str, module: Module) -> str:
        return f"export default {json.dumps(source)};\n"

    class Other(Plugin):
        include = "b.js"

        def transform(self, source: str, module: Module) -> str:
            return source + "// other\n"

    site.hmr._plugins.append(Other())
    site.write("static/a.yaml", "a: 1\n")
    for name in ("a.js", "b.js", "c.part.js"):
        site.write(f"static/{name}", "export {};\n")

    assert site.module("/static/a.yaml") == 'export default "a: 1\\n";\n'
    assert site.module("/static/c.part.js") == 'export default "export {};\\n";\n'
    assert site.module("/static/a.js") == "export {};\n"
    assert site.module("/static/b.js") == "export {};\n// other\n"


def test_functions_cannot_be_registered_when_the_app_is_running(sites: Any) -> None:
    site = sites()
    site.get("/")

    with pytest.raises(RuntimeError, match=r"'HMR\.resolve' was called after"):
        site.hmr.resolve(lambda specifier, importer: None)


def test_plugins_prepare_the_app_once_before_its_first_request(sites: Any) -> None:
    seen = []

    class Mine(Plugin):
        def init_app(self, app: Flask, hmr: Any) -> None:
            app.add_url_rule("/mine", "mine", lambda: "mine")
            seen.append((app.name, hmr.send("event")))

    site = sites(Mine())

    assert site.get("/mine").text == "mine"
    site.get("/")
    assert seen == [("site", 0)]


def test_without_debug_no_plugin_is_asked(sites: Any) -> None:
    site = sites(Failing())
    site.app.debug = False
    site.write("static/a.js", "export const a = 'hello';\n")

    assert site.get("/static/a.js", **IMPORT).text == "export const a = 'hello';\n"
    assert site.state is None


# What they answer


def test_a_transformed_module_has_a_version_of_its_own(sites: Any) -> None:
    plain_site = sites()
    plain_site.write("static/a.js", "export const a = 'hello';\n")
    plain_site.get("/")
    before = plain_site.state.updates.versions(["/static/a.js"])
    site = sites(Shout())
    site.get("/")

    after = site.state.updates.versions(["/static/a.js"])

    assert before != after
    assert None not in after.values()


def test_what_a_plugin_makes_of_a_module_decides_what_it_imports(sites: Any) -> None:
    class Adds(Plugin):
        include = ("main.js",)

        def transform(self, source: str, module: Module) -> str:
            return source + 'import "./added.js"; import.meta.hot.accept();\n'

    site = sites(Adds())
    site.write("static/main.js", "export {};\n")
    site.write("static/added.js", "export {};\n")
    site.module("/static/main.js")

    facts = site.state.updates.graph.facts("/static/main.js")

    assert [edge.url for edge in facts.edges] == ["/static/added.js"]
    assert facts.accepts_self


def test_a_plugin_knows_what_a_module_says_by_itself(sites: Any) -> None:
    seen: list[Module] = []

    class Looks(Plugin):
        include = ("/static/main.js",)

        def transform(self, source: str, module: Module) -> None:
            seen.append(module)

    site = sites(Looks())
    path = site.write(
        "static/main.js",
        'import { html } from "lit/html.js"; import "lite"; import.meta.hot.accept();',
    )
    site.module("/static/main.js")

    [module] = seen
    assert module.url == "/static/main.js"
    assert module.path == path
    assert module.specifiers == ("lit/html.js", "lite")
    assert module.imports("lit")
    assert not module.imports("vue", "lit/html")
    assert module.accepts_self
    assert module.uses_hot


def test_a_plugin_is_asked_once_for_each_state_of_a_file(sites: Any) -> None:
    seen = []

    class Counts(Plugin):
        def transform(self, source: str, module: Module) -> None:
            seen.append(source)

    site = sites(Counts())
    site.write("static/a.js", "export const a = 1;\n")
    for _ in range(3):
        site.module("/static/a.js")

    assert len(seen) == 1


@pytest.mark.parametrize("answer", [3, b"text", ["text"]])
def test_an_answer_of_the_wrong_type_is_a_mistake(sites: Any, answer: Any) -> None:
    class Wrong(Plugin):
        def transform(self, source: str, module: Module) -> Any:
            return answer

    site = sites(Wrong())
    site.write("static/a.js", "export const a = 1;\n")

    assert site.module("/static/a.js") == "export const a = 1;\n"
    [problem] = site.state.hooks.problems.values()
    assert "transform() returned" in problem["message"]
    assert "Wrong" in problem["title"]


def test_a_plugin_that_fails_leaves_the_module_as_it_is(
    sites: Any, caplog: pytest.LogCaptureFixture
) -> None:
    site = sites(Failing(), Shout())
    site.write("static/a.js", "export const a = 'hello';\n")

    assert site.module("/static/a.js") == "export const a = 'HELLO';\n"
    [problem] = site.state.hooks.problems.values()
    assert problem["title"] == "The plugin failing failed in transform(): /static/a.js"
    assert problem["message"] == "LookupError: no such thing"


def test_a_mistake_is_told_once_and_taken_back_when_it_is_mended(sites: Any) -> None:
    class Picky(Plugin):
        def transform(self, source: str, module: Module) -> None:
            if "bad" in source:
                raise ValueError("bad")

    site = sites(Picky())
    told: list[Any] = []
    site.write("static/a.js", "export const a = 'bad';\n")
    site.get("/")
    site.state.hooks.on_problems = told.append
    site.module("/static/a.js")
    site.module("/static/a.js")
    assert [list(found) for found in told] == [["Picky transform /static/a.js"]]

    site.write("static/a.js", "export const a = 'good';\n")
    wait_until(lambda: len(told) == 2)

    assert told[1] == {}


def test_what_is_wrong_with_a_file_is_told_with_its_place_and_no_traceback(
    sites: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Strict(Plugin):
        serves = "*.yaml"

        def transform(self, source: str, module: Module) -> str:
            raise SyntaxError("a tab", (str(module.path), 2, 3, None))

    site = sites(Strict())
    site.write("static/a.yaml", "a: 1\n\tb: 2\n")
    LOG.propagate = True
    site.module("/static/a.yaml")

    [problem] = site.state.hooks.problems.values()
    assert problem["message"] == "SyntaxError: a tab"
    assert (problem["file"], problem["line"], problem["column"]) == (
        "static/a.yaml",
        2,
        3,
    )
    assert "stack" not in problem
    assert "pages keep" in problem["hint"]
    assert "static/a.yaml:2: SyntaxError: a tab" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("depends", [False, True])
@pytest.mark.parametrize("text", ["a: 1\n", "export const a = 1;\n"])
def test_what_a_plugin_fails_to_make_a_module_of_is_not_run(
    sites: Any, text: str, depends: bool
) -> None:
    class Strict(Plugin):
        serves = "*.yaml"

        def transform(self, source: str, module: Module) -> str:
            if depends:
                module.depends_on(module.path.with_name("other"))
            raise ValueError("unreadable")

    site = sites(Strict())
    site.write("static/a.yaml", text)

    answer = site.get("/static/a.yaml", **IMPORT)

    assert answer.text == text
    assert "javascript" not in answer.mimetype


def test_what_a_plugin_leaves_as_it_is_is_a_module_all_the_same(sites: Any) -> None:
    class Same(Plugin):
        serves = "*.es"

        def transform(self, source: str, module: Module) -> str:
            return source

    site = sites(Same())
    site.write("static/a.es", "console.log(1);\n")

    answer = site.get("/static/a.es", **IMPORT)

    assert "javascript" in answer.mimetype


def test_hooks_run_in_an_application_context(sites: Any) -> None:
    class Looks(Plugin):
        def transform(self, source: str, module: Module) -> str:
            return f"{source}// {current_app.name}\n"

    site = sites(Looks())
    site.write("static/a.js", "export {};\n")

    assert site.module("/static/a.js").endswith("// site\n")


def test_a_module_is_transformed_again_when_what_it_depends_on_changes(
    sites: Any, tmp_path: Path
) -> None:
    tokens = tmp_path / "design" / "tokens.json"
    tokens.parent.mkdir()
    tokens.write_text('{"red": "#f00"}')

    class Tokens(Plugin):
        include = ("tokens.js",)

        def transform(self, source: str, module: Module) -> str:
            module.depends_on(tokens)
            return f"export default {tokens.read_text()};\n"

    site = sites(Tokens())
    site.write("static/tokens.js", "export default {};\n")
    assert "#f00" in site.module("/static/tokens.js")
    seq = site.state.updates.graph.seq

    tokens.write_text('{"red": "#c00"}')
    wait_until(lambda: site.state.updates.graph.seq > seq)

    assert "#c00" in site.module("/static/tokens.js")


# Specifiers


class Lib(Plugin):
    def resolve(self, specifier: str, importer: str) -> str | None:
        return {
            "lib": "/static/vendor/lib.js",
            "away": "https://cdn.example/away.js",
            "near": "./near.js",
        }.get(specifier)


def test_a_plugin_gives_specifiers_a_meaning(sites: Any) -> None:
    site = sites(Lib())
    site.write("static/vendor/lib.js", "export {};\n")
    site.write("static/near.js", "export {};\n")
    site.write(
        "static/main.js",
        'import "lib"; import "away"; import "near"; import "other";\n',
    )

    assert site.module("/static/main.js") == (
        'import "/static/vendor/lib.js"; import "https://cdn.example/away.js";'
        ' import "/static/near.js"; import "other";\n'
    )
    facts = site.state.updates.graph.facts("/static/main.js")
    assert [edge.url for edge in facts.edges] == [
        "/static/vendor/lib.js",
        "/static/near.js",
    ]


def test_what_is_wrong_with_an_import_goes_with_it(
    sites: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Refuses(Plugin):
        def resolve(self, specifier: str, importer: str) -> None:
            if specifier == "old":
                raise SyntaxError("The package is CommonJS only.")

    site = sites(Refuses())
    site.write("static/a.js", "import 'old';\n")
    site.write("static/b.js", "import 'old';\n")
    LOG.propagate = True
    site.module("/static/a.js")
    site.module("/static/b.js")

    problems = site.state.hooks.problems
    assert [one["title"] for one in problems.values()] == [
        "The plugin Refuses failed in resolve(): old in /static/a.js",
        "The plugin Refuses failed in resolve(): old in /static/b.js",
    ]
    assert not any({"file", "line", "stack"} & set(one) for one in problems.values())
    assert "Traceback" not in caplog.text
    site.write("static/a.js", "import 'new';\n")
    wait_until(lambda: len(site.state.hooks.problems) == 1)
    assert "/static/b.js" in next(iter(site.state.hooks.problems))


def test_the_first_plugin_that_knows_a_specifier_decides(sites: Any) -> None:
    class Other(Plugin):
        def resolve(self, specifier: str, importer: str) -> str:
            return "/static/other.js"

    site = sites(Lib(), Other())
    site.write("static/main.js", 'import "lib"; import "x";\n')

    assert site.module("/static/main.js") == (
        'import "/static/vendor/lib.js"; import "/static/other.js";\n'
    )


def test_where_the_app_is_mounted_is_put_in_front_of_paths(sites: Any) -> None:
    site = sites(Lib())
    site.write("static/vendor/lib.js", "export {};\n")
    site.write("static/main.js", 'import "lib"; import "@hmr/client";\n')
    client = Client(DispatcherMiddleware(Flask("top"), {"/shop": site.app}))
    client.get("/shop/")
    version = site.state.updates.versions(["/shop/static/main.js"])

    text = client.get(
        f"/shop/static/main.js?m={version['/shop/static/main.js']}", headers=IMPORT
    ).text

    assert plain(text).startswith('import "/shop/static/vendor/lib.js"; import "/shop/')


def test_a_page_may_ask_what_a_computed_specifier_means(sites: Any) -> None:
    site = sites(Lib())
    site.write("static/vendor/lib.js", "export {};\n")
    site.get("/")

    found = site.get("/_hmr/version?specifier=lib&importer=/static/main.js").json
    unknown = site.get("/_hmr/version?specifier=what&importer=/static/main.js").json

    assert found["url"] == "/static/vendor/lib.js"
    assert found["version"]
    assert unknown == {"url": None, "version": None}


# Modules that are no files


class Numbers(Plugin):
    text = "export default 1;\n"

    def load(self, name: str) -> str | None:
        return self.text if name == "numbers.js" else None


def test_a_plugin_makes_modules_up(sites: Any) -> None:
    site = sites(Numbers())
    site.write("static/main.js", 'import n from "@hmr/numbers.js";\n')
    text = site.get("/static/main.js").text
    url = json.loads(text.removeprefix("import n from ").removesuffix(";\n"))

    answer = site.get(url, **IMPORT)

    assert answer.text == "export default 1;\n"
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    again = site.get(url, If_None_Match=answer.headers["ETag"], **IMPORT)
    assert again.status_code == 304


def test_a_module_that_nobody_makes_up_is_not_found(sites: Any) -> None:
    site = sites(Numbers())

    answer = site.get("/_hmr/module/other.js")

    assert answer.status_code == 404
    assert "@hmr/other.js" in answer.text


def test_a_made_up_module_is_asked_for_again_when_a_page_is_loaded(
    sites: Any,
) -> None:
    numbers = Numbers()
    site = sites(numbers)
    site.write("static/main.js", 'import n from "@hmr/numbers.js";\n')
    site.get("/")
    first = site.get("/static/main.js").text

    numbers.text = "export default 2;\n"
    site.get("/")

    second = site.get("/static/main.js").text
    assert second != first
    url = json.loads(second.removeprefix("import n from ").removesuffix(";\n"))
    assert site.get(url, **IMPORT).text == "export default 2;\n"


def test_made_up_modules_import_like_others(sites: Any) -> None:
    class Links(Plugin):
        def load(self, name: str) -> str:
            return 'import "lib"; import "@hmr/client"; import.meta.hot.accept();'

    site = sites(Links(), Lib())
    site.write("static/vendor/lib.js", "export {};\n")

    text = site.module("/_hmr/module/a.js")

    assert 'import "/static/vendor/lib.js"' in text
    assert "/plugin.js" in text
    assert "__hmr_setup(import.meta" in text


def test_a_made_up_module_changes_when_a_plugin_says_so(sites: Any) -> None:
    numbers = Numbers()

    class Watches(Plugin):
        def hot_update(self, update: HotUpdate) -> list[str] | None:
            if update.path.suffix != ".txt":
                return None
            numbers.text = f"export default {update.read()};\n"
            return ["@hmr/numbers.js"]

    site = sites(numbers, Watches())
    site.write("static/numbers.txt", "1")
    site.write("static/main.js", 'import n from "@hmr/numbers.js";\n')
    site.get("/static/main.js")
    site.state.watch().ready.wait()
    seq = site.state.updates.graph.seq

    site.write("static/numbers.txt", "2")
    wait_until(lambda: site.state.updates.graph.seq > seq)

    assert site.module("/_hmr/module/numbers.js") == "export default 2;\n"


# Files that are no JavaScript


class Yaml(Plugin):
    serves = ("*.yaml",)

    def transform(self, source: str, module: Module) -> str | None:
        return None if "bad" in source else f"export default {json.dumps(source)};\n"


def test_a_plugin_makes_modules_of_other_files(sites: Any) -> None:
    site = sites(Yaml())
    site.write("static/data.yaml", "a: 1\n")
    site.write("static/a.js", "export {};\n")

    answer = site.get("/static/data.yaml", **IMPORT)

    assert answer.mimetype == "text/javascript"
    assert 'export*from"/static/data.yaml' in plain(answer.text)
    assert site.module("/static/data.yaml") == 'export default "a: 1\\n";\n'
    assert "Sec-Fetch-Dest" in answer.headers["Vary"]
    # Other modules are none of its business.
    assert site.module("/static/a.js") == "export {};\n"


def test_such_a_file_is_itself_where_it_is_fetched(sites: Any) -> None:
    site = sites(Yaml())
    site.write("static/data.yaml", "a: 1\n")

    answer = site.get("/static/data.yaml", Sec_Fetch_Dest="empty")

    assert answer.text == "a: 1\n"
    assert answer.mimetype != "text/javascript"


def test_such_a_file_is_itself_although_it_seems_to_be_javascript(sites: Any) -> None:
    site = sites(Yaml())
    site.write("static/data.yaml", "a: 1\n")
    # As the system may say of some endings, such as that of TypeScript.
    site.app.after_request(_as_javascript)

    answer = site.get("/static/data.yaml", Sec_Fetch_Dest="empty")

    assert answer.text == "a: 1\n"


def _as_javascript(response: Any) -> Any:
    if request.path.endswith(".yaml"):
        response.mimetype = "text/javascript"
    return response


def test_such_a_file_is_itself_where_no_plugin_makes_anything_of_it(sites: Any) -> None:
    site = sites(Yaml())
    site.write("static/data.yaml", "bad: 1\n")

    answer = site.get("/static/data.yaml", **IMPORT)

    assert answer.text == "bad: 1\n"
    assert answer.mimetype != "text/javascript"


# Documents


def test_a_plugin_puts_elements_into_documents(sites: Any) -> None:
    class Puts(Plugin):
        def load(self, name: str) -> str:
            return "export {};\n"

        def tags(self, document: Any) -> Iterator[Tag]:
            yield Tag.module("@hmr/early.js")
            yield Tag.script("window.early = true;")
            yield Tag("link", {"rel": "x", "href": '/"quoted"', "hidden": True})
            yield Tag(
                "meta", {"name": document.url, "content": document.endpoint or ""}
            )

    site = sites(Puts())

    text = plain(site.get("/").text)

    assert (
        '</script><script type="module" src="/_hmr/module/early.js"></script>'
        "<script>window.early = true;</script>"
        '<link rel="x" href="/&quot;quoted&quot;" hidden>'
        '<meta name="/" content="index">'
    ) in text


def test_the_code_of_module_scripts_imports_like_modules(sites: Any) -> None:
    class Puts(Plugin):
        def load(self, name: str) -> str:
            return "export {};\n"

        def tags(self, document: Any) -> Iterator[Tag]:
            code = 'import "@hmr/early.js"; import "/static/a.js";'
            yield Tag("script", {"type": "module"}, code)
            yield Tag("script", {}, 'import("@hmr/early.js");')

    site = sites(Puts())
    site.write("static/a.js", "export {};\n")
    text = site.get("/").text

    assert re.search(r'import "/_hmr/module/early\.js\?m=\w{16}"; ', text)
    assert re.search(r'import "/static/a\.js\?m=\w{16}";</script>', text)
    assert '<script>import("@hmr/early.js");</script>' in text
    assert set(json.loads(html_state(text))["inline"]) == {
        "/_hmr/module/early.js",
        "/static/a.js",
    }


def html_state(text: str) -> str:
    """Return what the client runtime is told in a document."""
    [found] = re.findall(r' data-hmr="([^"]*)"', text)
    return unescape(str(found))


def test_an_attribute_without_a_value_is_left_out(sites: Any) -> None:
    class Puts(Plugin):
        def tags(self, document: Any) -> Tag:
            return Tag("meta", {"name": "x", "content": None, "hidden": False})

    assert '<meta name="x">' in sites(Puts()).get("/").text


def test_what_is_no_element_is_a_mistake(sites: Any) -> None:
    class Puts(Plugin):
        def tags(self, document: Any) -> Any:
            return ["<meta>"]

    site = sites(Puts())

    assert "<meta>" not in site.get("/").text
    [problem] = site.state.hooks.problems.values()
    assert problem["message"] == (
        "TypeError: tags() returned str; it returns Tag, one or several"
    )


def test_elements_get_the_nonce_of_the_policy(sites: Any) -> None:
    class Puts(Plugin):
        def tags(self, document: Any) -> Iterator[Tag]:
            yield Tag.style("p { color: red }")

    site = sites(Puts())

    @site.app.get("/strict")
    def strict() -> Any:
        policy = "script-src 'nonce-abc123'"
        return "<!doctype html><p>x", {"Content-Security-Policy": policy}

    assert '<style nonce="abc123">p { color: red }</style>' in site.get("/strict").text


def test_what_fails_while_it_yields_puts_nothing_in(sites: Any) -> None:
    class Fails(Plugin):
        def tags(self, document: Any) -> Iterator[Tag]:
            yield Tag.style("")
            raise ValueError("late")

    site = sites(Fails())

    assert "<style>" not in site.get("/").text
    assert len(site.state.hooks.problems) == 1


# Updates


def decided(*answers: Any) -> tuple[Any, list[HotUpdate]]:
    """Return what comes of the answers of plugins about a module that changed."""
    seen: list[HotUpdate] = []

    def plugin(answer: Any) -> Plugin:
        class Decides(Plugin):
            def hot_update(self, update: HotUpdate) -> Any:
                seen.append(update)
                return answer

        return Decides()

    hooks = Hooks(Flask("x"), [plugin(answer) for answer in answers])
    decision = hooks.decide(
        ["/x/a.js"],
        lambda path: ["/a.js", "/a.js?two"],
        lambda key: None,
        lambda event, data, name: None,
        lambda reason: None,
    )
    return decision, seen


def test_a_plugin_that_says_nothing_changes_nothing() -> None:
    decision, seen = decided(None)

    assert (decision.held, decision.more, decision.finished) == (set(), [], set())
    assert [module.url for module in seen[0].modules] == ["/a.js", "/a.js?two"]


def test_a_plugin_may_leave_modules_out() -> None:
    decision, seen = decided(["/a.js"], None)

    assert decision.held == {"/a.js?two"}
    assert [module.url for module in seen[1].modules] == ["/a.js"]
    assert not decision.finished


def test_a_plugin_may_name_others() -> None:
    decision, _ = decided(["/a.js", "/a.js?two", "/b.js"])

    assert (decision.held, decision.more) == (set(), ["/b.js"])


def test_a_plugin_that_deals_with_it_ends_it() -> None:
    decision, seen = decided((), ["/b.js"])

    assert decision.held == {"/a.js", "/a.js?two"}
    assert decision.finished == {"/x/a.js"}
    assert len(seen) == 1


def test_a_plugin_may_name_a_single_one() -> None:
    decision, _ = decided("/a.js")

    assert (decision.held, decision.more) == ({"/a.js?two"}, [])


@pytest.mark.parametrize("answer", [True, [3]])
def test_what_is_no_module_is_a_mistake(answer: Any) -> None:
    decision, _ = decided(answer)

    assert (decision.held, decision.more, decision.finished) == (set(), [], set())
