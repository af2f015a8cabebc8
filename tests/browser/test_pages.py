"""Pages and files of many kinds: where they are served, how they are saved."""

from __future__ import annotations

import pytest

from .support.editors import STYLES
from .support.project import APP, INDEX
from .support.steps import edit, open_page

ACCEPTING = """
    log.push("one");
    import.meta.hot.accept();
"""

# A module below one that accepts only when it runs, and one that is imported late:
# what a page holds has to go by one name through all of it.
FAMILY = {
    "static/main.js": """
        import { part } from "./part.js";
        window.part = () => part;
        window.load = () => import("./late.js");
        log.push("main");
    """,
    "static/part.js": """
        import { value } from "./value.js";
        export let part = { value };
        for (const hot of [import.meta.hot]) {
          hot?.accept(({ module }) => { part = module.part; });
        }
    """,
    "static/late.js": """
        import "./main.js";
        export { part } from "./part.js";
    """,
    "static/value.js": """
        export const value = "one";
    """,
}


def assert_family_updates(page, project, folder="static"):
    """Update the modules of ``FAMILY`` twice, and import one late."""
    page.wait_for_log(["main"])

    edit(project, f"{folder}/value.js", "one", "two")
    page.wait_for("() => part().value === 'two'")
    assert page.evaluate("async () => (await load()).part === part()")

    edit(project, f"{folder}/value.js", "two", "three")
    page.wait_for("() => part().value === 'three'")
    assert page.evaluate("async () => (await load()).part.value") == "three"
    assert page.log() == ["main"]
    page.assert_not_reloaded()
    assert "error" not in page.console


def moved(folder):
    return {name.replace("static/", folder): text for name, text in FAMILY.items()}


# Where an app is mounted


@pytest.mark.rule(28)
def test_an_app_on_its_own_domain_updates(project):
    page = open_page(project, FAMILY)
    assert_family_updates(page, project)


MOUNT = """
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

app.wsgi_app = DispatcherMiddleware(NotFound(), {"/mounted/here": app.wsgi_app})
"""


@pytest.mark.rule(28)
@pytest.mark.parametrize("order", ["outside", "inside"])
def test_an_app_under_a_script_name_updates(project, order):
    app = APP.replace("HMR(app)", f"HMR(app)\n{MOUNT}")
    if order == "outside":
        app = APP.replace("HMR(app)", f"{MOUNT}\nHMR(app)")

    page = open_page(
        project,
        {
            **FAMILY,
            "app.py": app,
            "templates/index.html": INDEX.replace(
                "/static/main.js", "{{ url_for('static', filename='main.js') }}"
            ),
        },
        "/mounted/here/",
    )

    assert "/mounted/here/static/main.js" in page.evaluate(
        "() => document.body.outerHTML + document.head.outerHTML"
    )
    assert_family_updates(page, project)


@pytest.mark.rule(28)
def test_an_app_behind_a_proxy_that_sets_a_prefix_updates(project):
    # The browser talks to "/sub/…"; the proxy cuts that off and says so.
    page = open_page(
        project,
        {
            **FAMILY,
            "app.py": f"""{APP}
from werkzeug.middleware.proxy_fix import ProxyFix

app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)


def proxy(environ, start_response, inner=app.wsgi_app):
    path = environ["PATH_INFO"]
    if path.startswith("/sub/"):
        environ["PATH_INFO"] = path[4:]
        environ["REQUEST_URI"] = environ["RAW_URI"] = path[4:]
        environ["HTTP_X_FORWARDED_PREFIX"] = "/sub"
    return inner(environ, start_response)


app.wsgi_app = proxy
""",
            "templates/index.html": INDEX.replace(
                "/static/main.js", "{{ url_for('static', filename='main.js') }}"
            ),
        },
        "/sub/",
    )
    assert_family_updates(page, project)


# Policies


def with_policy(policy):
    return f"""{APP}
@app.after_request
def add_policy(response):
    response.headers["Content-Security-Policy"] = "{policy}"
    return response
"""


@pytest.mark.rule(28)
@pytest.mark.parametrize(
    "policy",
    [
        "script-src 'nonce-c2VjcmV0'",
        "script-src 'nonce-c2VjcmV0' 'strict-dynamic'; base-uri 'none'",
        "default-src 'none'; script-src 'nonce-c2VjcmV0'; connect-src 'self';"
        " img-src data:",
    ],
)
def test_a_page_with_a_nonce_updates(project, policy):
    page = open_page(
        project,
        {
            **FAMILY,
            "app.py": with_policy(policy),
            "templates/index.html": INDEX.replace(
                "<script", '<script nonce="c2VjcmV0"'
            ),
        },
    )
    assert_family_updates(page, project)


@pytest.mark.rule(28)
def test_a_page_whose_policy_allows_its_own_files_updates(project):
    page = open_page(
        project,
        {
            **FAMILY,
            # An accept that only running the module shows would need an import map
            # to keep main.js in place, which such a policy does not allow.
            "static/part.js": """
                import { value } from "./value.js";
                export let part = { value };
                import.meta.hot?.accept(({ module }) => { part = module.part; });
            """,
            "app.py": with_policy("default-src 'self'; img-src data:"),
        },
    )
    assert_family_updates(page, project)


@pytest.mark.rule(17, 28)
def test_an_error_is_shown_under_a_strict_policy(project):
    page = open_page(
        project,
        {
            "app.py": with_policy("default-src 'self'; img-src data:"),
            "static/main.js": ACCEPTING,
        },
    )
    edit(project, "static/main.js", '"one");', '"two"')
    page.locator("[data-hmr-overlay]").get_by_text("main.js").first.wait_for()

    edit(project, "static/main.js", '"two"', '"three");')
    page.wait_for_log(["one", "three"])
    page.locator("[data-hmr-overlay]").wait_for(state="detached")
    assert "Content Security Policy" not in page.console


# Import maps

IMPORT_MAP = """
    <!doctype html>
    <title>Import map</title>
    <link rel="icon" href="data:,">
    <script type="importmap">
      {
        "imports": {
          "tools": "/static/vendor/tools.js",
          "lib/": "/static/lib/",
          "/static/old.js": "/static/new.js"
        },
        "scopes": { "/static/scoped/": { "tools": "/static/scoped/tools.js" } }
      }
    </script>
    <script type="module" src="/static/main.js"></script>
"""


def test_names_of_an_import_map_update(project):
    page = open_page(
        project,
        {
            "templates/index.html": IMPORT_MAP,
            "static/main.js": """
                import { tool } from "tools";
                import { lib } from "lib/deep/one.js";
                import { moved } from "./old.js";
                import { scoped } from "./scoped/part.js";
                log.push([tool, lib, moved, scoped].join());
                import.meta.hot.accept();
            """,
            "static/vendor/tools.js": "export const tool = 'tool1';",
            "static/lib/deep/one.js": "export const lib = 'lib1';",
            "static/new.js": "export const moved = 'moved1';",
            "static/scoped/part.js": "export { tool as scoped } from 'tools';",
            "static/scoped/tools.js": "export const tool = 'scoped1';",
        },
    )
    page.wait_for_log(["tool1,lib1,moved1,scoped1"])

    edit(project, "static/vendor/tools.js", "tool1", "tool2")
    page.wait_for("() => log.at(-1) === 'tool2,lib1,moved1,scoped1'")
    edit(project, "static/lib/deep/one.js", "lib1", "lib2")
    page.wait_for("() => log.at(-1) === 'tool2,lib2,moved1,scoped1'")
    edit(project, "static/new.js", "moved1", "moved2")
    page.wait_for("() => log.at(-1) === 'tool2,lib2,moved2,scoped1'")
    edit(project, "static/scoped/tools.js", "scoped1", "scoped2")
    page.wait_for("() => log.at(-1) === 'tool2,lib2,moved2,scoped2'")
    page.assert_not_reloaded()
    assert len(page.log()) == 5


@pytest.mark.rule(8)
def test_names_of_an_import_map_can_be_accepted(project):
    page = open_page(
        project,
        {
            "templates/index.html": IMPORT_MAP,
            "static/main.js": """
                import { tool } from "tools";
                import { lib } from "lib/one.js";
                window.load = (name) => import(name);
                log.push(tool, lib);
                import.meta.hot.accept(["tools", "lib/one.js"], ({ deps }) => {
                  log.push([deps[0].tool, deps[1].lib]);
                });
            """,
            "static/vendor/tools.js": "export const tool = 'tool1';",
            "static/lib/one.js": "export const lib = 'lib1';",
        },
    )
    edit(project, "static/vendor/tools.js", "tool1", "tool2")
    page.wait_for_log(["tool1", "lib1", ["tool2", "lib1"]])
    edit(project, "static/lib/one.js", "lib1", "lib2")
    page.wait_for_log(["tool1", "lib1", ["tool2", "lib1"], ["tool2", "lib2"]])

    assert page.evaluate("async () => (await load('tools')).tool") == "tool2"
    assert page.evaluate("async () => (await load('lib/one.js')).lib") == "lib2"
    page.assert_not_reloaded()
    assert "warning" not in page.console


@pytest.mark.rule(21)
def test_two_pages_may_map_one_name_to_two_files(project):
    def with_map(target):
        return f"""
            <!doctype html>
            <title>Import map</title>
            <link rel="icon" href="data:,">
            <script type="importmap">{{"imports": {{"tools": "{target}"}}}}</script>
            <script type="module" src="/static/main.js"></script>
        """

    first = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/other")
def other():
    return render_template("other.html")
""",
            "templates/index.html": with_map("/static/a.js"),
            "templates/other.html": with_map("/static/b.js"),
            "static/main.js": """
                import { tool } from "tools";
                log.push(tool);
                import.meta.hot.accept();
            """,
            "static/a.js": "export const tool = 'a1';",
            "static/b.js": "export const tool = 'b1';",
        },
    )
    second = project.open("/other")
    second.wait_until_connected()
    first.wait_for_log(["a1"])
    second.wait_for_log(["b1"])

    edit(project, "static/a.js", "a1", "a2")
    first.wait_for("() => log.at(-1) === 'a2'")
    edit(project, "static/b.js", "b1", "b2")
    second.wait_for("() => log.at(-1) === 'b2'")

    edit(project, "static/main.js", "push(tool)", "push(`${tool}!`)")
    first.wait_for("() => log.at(-1) === 'a2!'")
    second.wait_for("() => log.at(-1) === 'b2!'")


@pytest.mark.rule(28)
def test_a_document_with_a_base_updates(project):
    page = open_page(
        project,
        {
            **FAMILY,
            "templates/index.html": INDEX.replace(
                '<meta charset="utf-8">', '<meta charset="utf-8"><base href="/static/">'
            ).replace("/static/main.js", "main.js"),
        },
        "/?from=here",
    )
    assert_family_updates(page, project)


@pytest.mark.rule(23)
def test_two_scripts_of_a_page_share_modules_and_update_together(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                "<main>", "<script async type=module src=static/two.js></script><main>"
            ),
            "static/main.js": """
                import { shared } from "./shared.js";
                window.one = shared;
                import.meta.hot.accept();
            """,
            "static/two.js": """
                import { shared } from "./shared.js";
                window.two = shared;
                import.meta.hot.accept();
            """,
            "static/shared.js": "export const shared = { name: 'one' };",
        },
    )
    page.wait_for("() => window.one && one === window.two")

    edit(project, "static/shared.js", "'one'", "'new'")

    page.wait_for("() => one.name === 'new' && two === one")
    page.assert_not_reloaded()


def test_a_script_that_is_added_later_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './shared.js';",
            "static/shared.js": "log.push('shared');\nexport const value = {};\n",
            "static/added.js": """
                import { value } from "./shared.js";
                log.push("one");
                import.meta.hot.accept();
            """,
        },
    )
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.type = "module";
            script.src = "/static/added.js";
            document.head.append(script);
        }"""
    )
    page.wait_for_log(["shared", "one"])

    edit(project, "static/added.js", "one", "two")
    page.wait_for_log(["shared", "one", "two"])
    edit(project, "static/added.js", "two", "three")
    page.wait_for_log(["shared", "one", "two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(2)
def test_modules_of_a_worker_run(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const url = new URL("./worker.js", import.meta.url);
                const worker = new Worker(url, { type: "module" });
                worker.onmessage = ({ data }) => log.push(data);
            """,
            "static/worker.js": """
                import { value } from "./value.js";
                const { more } = await import("./more.js");
                postMessage(`${value} ${more} ${typeof import.meta.hot}`);
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 'value';",
            "static/more.js": "export const more = 'more';",
        },
    )

    page.wait_for_log(["value more object"])


# Frames and fragments


@pytest.mark.rule(28)
def test_a_page_in_a_frame_updates_and_leaves_the_outer_page_alone(project):
    page = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/inner")
def inner():
    return render_template("inner.html")
""",
            "templates/index.html": INDEX.replace(
                "<main>", '<iframe src="/inner"></iframe><main>'
            ),
            "templates/inner.html": INDEX.replace("main.js", "inner.js"),
            "static/main.js": "log.push('outer');",
            "static/inner.js": ACCEPTING,
        },
    )
    frame = page.tab.frames[1]
    frame.wait_for_function("() => log.includes('one')")

    edit(project, "static/inner.js", "one", "two")
    frame.wait_for_function("() => log.join() === 'one,two'")

    edit(project, "static/inner.js", ".accept()", "")
    frame.wait_for_function("() => log.join() === 'one,two,two'")
    edit(project, "static/inner.js", "two", "three")
    frame.wait_for_function("() => log.join() === 'three'")
    assert page.log() == ["outer"]
    page.assert_not_reloaded()


@pytest.mark.rule(28)
def test_a_fragment_is_left_as_it_is(project):
    fragment = '<p id="new">fetched <script type="module" src="/x.js"></script></p>'
    page = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/fragment")
def fragment():
    return {fragment!r}
""",
            "static/main.js": ACCEPTING,
        },
    )

    assert project.fetch("/fragment").text == fragment
    assert page.evaluate("async () => (await fetch('/fragment')).text()") == fragment


@pytest.mark.rule(28)
def test_an_error_page_is_a_page_like_any_other(project):
    page = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.errorhandler(404)
def not_found(error):
    return render_template("index.html"), 404
""",
            "static/main.js": ACCEPTING,
        },
        "/nowhere",
    )
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


# Where files come from


def test_the_static_folder_of_a_blueprint_updates(project):
    page = open_page(
        project,
        {
            **moved("shop/"),
            "app.py": f"""{APP}
from flask import Blueprint, g

shop = Blueprint("shop", __name__, static_folder="shop", url_prefix="/<lang>/store")


@shop.url_value_preprocessor
def take_language(endpoint, values):
    g.lang = values.pop("lang")


@shop.get("/")
def shop_index():
    return render_template("shop.html")


app.register_blueprint(shop)
""",
            "templates/shop.html": INDEX.replace(
                "/static/main.js",
                "{{ url_for('shop.static', filename='main.js', lang=g.lang) }}",
            ),
        },
        "/en/store/",
    )
    other = project.open("/de/store/")
    other.wait_until_connected()

    assert_family_updates(page, project, "shop")
    other.wait_for("() => part().value === 'three'")
    other.assert_not_reloaded()


def test_files_that_a_view_sends_update(project):
    page = open_page(
        project,
        {
            **moved("frontend/src/"),
            "app.py": f"""{APP}
from flask import send_from_directory


@app.get("/assets/<path:name>")
def assets(name):
    return send_from_directory("frontend/src", name)
""",
            "templates/index.html": INDEX.replace("/static/", "/assets/"),
        },
    )
    assert_family_updates(page, project, "frontend/src")


def test_a_folder_given_by_configuration_updates(project):
    page = open_page(
        project,
        {
            **moved("frontend/"),
            "app.py": f"""{APP}
from flask import send_from_directory

app.config["HMR_ROOTS"] = {{"/assets": "frontend"}}


@app.get("/assets/<path:name>")
def assets(name):
    return send_from_directory("frontend", name)
""",
            "templates/index.html": INDEX.replace("/static/", "/assets/"),
        },
    )
    assert_family_updates(page, project, "frontend")


def test_a_static_folder_at_the_top_updates(project):
    page = open_page(
        project,
        {
            **FAMILY,
            "app.py": APP.replace("__name__", '__name__, static_url_path=""'),
            "templates/index.html": INDEX.replace("/static/", "/"),
        },
    )
    assert_family_updates(page, project)


def test_a_static_folder_elsewhere_updates(project):
    page = open_page(
        project,
        {
            **moved("web/public/"),
            "app.py": APP.replace(
                "__name__", '__name__, static_folder="web/public", static_url_path="/p"'
            ),
            "templates/index.html": INDEX.replace("/static/", "/p/"),
        },
    )
    assert_family_updates(page, project, "web/public")


def test_a_folder_behind_a_symbolic_link_updates(project):
    project.write(moved("elsewhere/"))
    project.path("static/linked").symlink_to(project.path("elsewhere"))
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace("/static/", "/static/linked/"),
        },
    )
    assert_family_updates(page, project, "elsewhere")


def test_a_folder_that_is_made_later_updates(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    project.write({"static/new/folder/part.js": "export const value = 'new';"})
    project.save(
        "static/main.js",
        """
        import { value } from "./new/folder/part.js";
        log.push(value);
        import.meta.hot.accept();
        """,
    )
    page.wait_for_log(["one", "new"])

    edit(project, "static/new/folder/part.js", "'new'", "'newer'")
    page.wait_for_log(["one", "new", "newer"])
    page.assert_not_reloaded()


def test_modules_with_a_query_are_modules_of_their_own(project):
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace("main.js", "main.js?v=1.2"),
            "static/main.js": """
                import { url as a } from "./part.js?a";
                import { url as b } from "./part.js?b=1&c";
                log.push(import.meta.url.split("/").at(-1), a, b, "one");
                import.meta.hot.accept();
            """,
            "static/part.js": """
                export const url = import.meta.url.split("/").at(-1);
            """,
        },
    )
    expected = ["main.js?v=1.2", "part.js?a", "part.js?b=1&c"]
    page.wait_for_log([*expected, "one"])

    edit(project, "static/main.js", "one", "two")
    page.wait_for_log([*expected, "one", *expected, "two"])

    page.clear_log()
    edit(project, "static/part.js", "export", "log.push('part'); export")
    page.wait_for_log(["part", "part", *expected, "two"])
    page.assert_not_reloaded()


NAMES = {
    "a space": ("with space.js", "with space.js"),
    "an escaped space": ("with space.js", "with%20space.js"),
    "a percent sign": ("100%.js", "100%25.js"),
    "a percent sign and digits": ("a%20b.js", "a%2520b.js"),
    "a number sign": ("a#b.js", "a%23b.js"),
    "a question mark": ("a?b.js", "a%3Fb.js"),
    "a plus sign": ("a+b.js", "a+b.js"),
    "an ampersand": ("a&b.js", "a&b.js"),
    "a quote": ("it's.js", "it's.js"),
    "brackets": ("[id].js", "[id].js"),
    "umlauts": ("größe.js", "größe.js"),
    "escaped umlauts": ("größe.js", "gr%C3%B6%C3%9Fe.js"),
    "Japanese": ("日本/部品.js", "日本/部品.js"),
    "an emoji": ("🌱.js", "🌱.js"),
}


@pytest.mark.parametrize(("name", "specifier"), NAMES.values(), ids=NAMES)
def test_files_may_have_any_name(project, name, specifier):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import {{ value }} from "./{specifier}";
                log.push(value);
                window.load = async (name) => (await import(name)).value;
                import.meta.hot.accept();
            """,
            f"static/{name}": "export const value = 'one';",
        },
    )
    page.wait_for_log(["one"])

    edit(project, f"static/{name}", "one", "two")
    page.wait_for_log(["one", "two"])
    assert page.evaluate("name => load(name)", f"./{specifier}") == "two"

    edit(project, f"static/{name}", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()


# Ways to save


@pytest.mark.rule(26)
@pytest.mark.parametrize("style", STYLES)
def test_every_way_of_saving_makes_one_update(project, style):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": ACCEPTING,
        },
    )
    for old, new in (("one", "two"), ("two", "three"), ("three", "four")):
        text = project.read("static/part.js").replace(old, new)
        project.save("static/part.js", text, style)
        page.wait_for_log_entry(new)

    page.wait_for_log(["one", "two", "three", "four"])
    page.assert_not_reloaded()
    assert "error" not in page.console


def test_half_of_a_file_is_never_evaluated(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './slow.js';\nimport './quick.js';\n",
            "static/slow.js": "log.push('slow');\nimport.meta.hot.accept();\n",
            "static/quick.js": ACCEPTING,
        },
    )
    page.wait_for_log(["slow", "one"])

    with project.path("static/slow.js").open("w") as file:
        file.write("import.meta.hot.accept();\nlog.push('half');\n")
        file.flush()
        edit(project, "static/quick.js", "one", "two")
        page.wait_for_log(["slow", "one", "two"])
        file.write("log.pop();\nlog.push('whole');\n")

    page.wait_for_log(["slow", "one", "two", "whole"])
    page.assert_not_reloaded()


def test_a_page_that_loads_while_a_file_is_half_written_gets_no_half(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    with project.path("static/main.js").open("w") as file:
        file.write("import.meta.hot.accept();\nlog.push('half');\n")
        file.flush()
        page.refresh()
        file.write("log.push('whole');\n")

    page.wait_for("() => log.includes('whole')")
    before = page.log()[: page.log().index("whole")]
    assert before in (["half"], ["one", "half"])
    page.assert_not_reloaded()


def test_a_burst_of_saves_ends_with_the_last(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    for number in range(20):
        project.save(
            "static/main.js", f"log.push({number});\nimport.meta.hot.accept();\n"
        )

    page.wait_for("() => log.at(-1) === 19")
    numbers = page.log()[1:]
    assert numbers == sorted(numbers)
    page.assert_not_reloaded()


# Modules that are no JavaScript


def test_json_modules_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import data from "./data.json" with { type: "json" };
                import { other } from "./part.js";
                log.push(`${data.name} ${other()}`);
                import.meta.hot.accept();
            """,
            "static/part.js": """
                import data from "./data.json" with { type: "json" };
                export const other = () => data.name;
            """,
            "static/data.json": '{"name": "one"}',
        },
    )
    page.wait_for_log(["one one"])

    edit(project, "static/data.json", "one", "two")
    page.wait_for_log(["one one", "two two"])

    edit(project, "static/data.json", '"}', '"')
    page.locator("[data-hmr-overlay]").wait_for()
    project.save("static/data.json", '{"name": "three"}')
    page.wait_for_log(["one one", "two two", "three three"])
    page.assert_not_reloaded()


@pytest.mark.rule(6)
def test_json_and_css_modules_can_be_accepted(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import data from "./data.json" with { type: "json" };
                import sheet from "./look.css" with { type: "css" };
                document.adoptedStyleSheets = [sheet];
                log.push(data.name);
                import.meta.hot.accept(["./data.json", "./look.css"], ({ deps }) => {
                  log.push(deps[0].default.name);
                  document.adoptedStyleSheets = [deps[1].default];
                });
            """,
            "static/data.json": '{"name": "one"}',
            "static/look.css": "main { width: 100px }",
        },
    )
    width = "w => getComputedStyle(document.querySelector('main')).width === w"
    page.wait_for(width, "100px")

    edit(project, "static/data.json", "one", "two")
    page.wait_for_log(["one", "two"])

    edit(project, "static/look.css", "100px", "200px")
    page.wait_for(width, "200px")
    page.wait_for_log(["one", "two", "two"])
    page.assert_not_reloaded()


def test_css_modules_below_a_boundary_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import sheet from "./look.css" with { type: "css" };
                document.adoptedStyleSheets = [sheet];
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/look.css": "main { width: 100px }",
        },
    )
    width = "w => getComputedStyle(document.querySelector('main')).width === w"
    page.wait_for(width, "100px")

    edit(project, "static/look.css", "100px", "200px")
    page.wait_for(width, "200px")
    page.wait_for_log(["main", "main"])
    edit(project, "static/look.css", "200px", "300px")
    page.wait_for(width, "300px")
    assert page.log() == ["main", "main", "main"]
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_json_imported_dynamically_is_new_after_an_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.load = async () => {
                  const options = { with: { type: "json" } };
                  return (await import("./data.json", options)).default.name;
                };
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/data.json": '{"name": "one"}',
        },
    )
    assert page.evaluate("() => load()") == "one"

    edit(project, "static/data.json", "one", "two")

    page.wait_for_log(["main", "main"])
    assert page.evaluate("() => load()") == "two"


# A module that a view makes


@pytest.mark.rule(23)
def test_a_generated_module_imports_current_instances(project):
    page = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/generated.js")
def generated():
    text = 'export {{ value }} from "/static/value.js";'
    return text, {{"Content-Type": "text/javascript"}}
""",
            "static/main.js": """
                import { value } from "/generated.js";
                import { value as same } from "./value.js";
                log.push(value.name, value === same);
            """,
            "static/value.js": """
                export const value = { name: "one" };
            """,
        },
    )
    page.wait_for_log(["one", True])

    edit(project, "static/value.js", "one", "two")
    page.wait_for("() => log[0] === 'two'")
    assert page.log() == ["two", True]


# Off


@pytest.mark.parametrize("level", ["info", "debug"])
def test_the_terminal_shows_own_requests_only_when_asked(project, level):
    project.write(
        {
            "app.py": f"{APP}\napp.config['HMR_LOG'] = {level!r}\n",
            "static/main.js": 'log.push("one"); import.meta.hot.accept();',
        }
    )
    project.start()
    page = project.open()
    page.wait_until_connected()
    project.save("static/main.js", 'log.push("two"); import.meta.hot.accept();')
    page.wait_for_log(["one", "two"])
    page.close()
    # The server logs a socket when it ends.
    project.fetch("/static/main.js?last")
    project.wait_for_output("/static/main.js?last")
    assert "[hmr] update /static/main.js" in project.output
    # That of the inspector is an address for the developer, not a request.
    assert ('"GET /_hmr/' in project.output) == (level == "debug")


@pytest.mark.rule(2)
def test_without_debug_there_is_no_trace_of_it(project):
    project.write(
        {
            "static/main.js": """
                import "./part.js";
                log.push(typeof import.meta.hot, typeof import.meta.dispose);
                log.push(import.meta.url);
            """,
            "static/part.js": "export {};",
        }
    )
    project.start(debug=False)
    page = project.open()

    page.wait_for_log(["undefined", "undefined", project.url("/static/main.js")])
    assert project.fetch("/").text == project.read("templates/index.html").rstrip("\n")
    assert project.fetch("/static/main.js").text == project.read("static/main.js")
    assert project.fetch("/_hmr/session").status == 404
    assert "[hmr]" not in page.console + project.output


@pytest.mark.rule(2)
def test_it_can_be_switched_off_in_debug_mode(project):
    project.write(
        {
            "app.py": f"{APP}\napp.config['HMR_ENABLED'] = False\n",
            "static/main.js": "log.push(typeof import.meta.hot);",
        }
    )
    project.start()
    page = project.open()

    page.wait_for_log(["undefined"])
    assert "data-hmr" not in project.fetch("/").text


# Going back and forward

OTHER = f"""{APP}
@app.get("/other")
def other():
    return "<!doctype html><title>Other</title><p>other</p>"
"""


@pytest.mark.rule(29)
@pytest.mark.parametrize("cache", [False, True], ids=["without cache", "with cache"])
def test_back_and_forward_show_no_old_code(project, cache):
    project.write(
        {
            "app.py": OTHER,
            "static/main.js": """
                import { value } from "./value.js";
                document.querySelector("main").textContent = value;
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 'one';",
        }
    )
    project.start()
    page = project.open(back_forward_cache=cache)
    page.wait_until_connected()
    page.wait_for_text("main", "one")

    page.goto("/other")
    edit(project, "static/value.js", "one", "two")
    page.back()
    page.wait_for_text("main", "two")

    page.goto("/other")
    edit(project, "static/value.js", "two", "three")
    page.back()
    page.wait_for_text("main", "three")

    edit(project, "static/value.js", "three", "four")
    page.wait_for_text("main", "four")

    page.forward()
    page.wait_for_text("p", "other")


# What shows the value, and what of it an edit replaces in place.
SHOWN = 'document.querySelector("main").textContent = "one"; import.meta.hot.accept();'
VIEW = """

@app.get("/view.js")
def view():
    return "import '/static/view.js';", {"Content-Type": "text/javascript"}
"""
BELOW = {
    "an importer": {"static/main.js": 'import "./view.js";'},
    "two importers": {
        "static/main.js": 'import "./middle.js";',
        "static/middle.js": 'import "./view.js";',
    },
    "an importer that loads it later": {"static/main.js": 'import("./view.js");'},
    "an importer that accepts it": {
        "static/main.js": """
            import "./view.js";
            import.meta.hot.accept("./view.js", () => {});
        """
    },
    "a view": {"app.py": OTHER + VIEW, "static/main.js": 'import "/view.js";'},
}


@pytest.mark.rule(29)
@pytest.mark.parametrize("files", BELOW.values(), ids=BELOW)
def test_back_shows_what_was_replaced_below_a_module_that_stayed(project, files):
    project.write({"app.py": OTHER, "static/view.js": SHOWN, **files})
    project.start()
    page = project.open()
    page.wait_until_connected()
    page.wait_for_text("main", "one")

    edit(project, "static/view.js", "one", "two")
    page.wait_for_text("main", "two")
    page.goto("/other")
    page.back()
    page.wait_for_text("main", "two")

    page.goto("/other")
    edit(project, "static/view.js", "two", "three")
    page.back()
    page.wait_for_text("main", "three")
