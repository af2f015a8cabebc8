"""What plugins do, as a page sees it."""

from __future__ import annotations

import pytest

from .support.project import APP, Project
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"


def app_with(plugins: str) -> str:
    """Return an app with hooks, as functions of ``hmr``."""
    return APP.replace("HMR(app)\n", f"hmr = HMR(app)\n{plugins}\n")


ACCEPTS = app_with("""
@hmr.transform("*.part.js")
def accept(source, module):
    return source + "\\nimport.meta.hot.accept();"
""")


def test_what_a_plugin_adds_makes_a_module_accept_itself(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": ACCEPTS,
            "static/main.js": 'import "./a.part.js"; log.push("main");',
            "static/a.part.js": 'log.push("one");',
        },
    )
    page.wait_for_log(["one", "main"])

    edit(project, "static/a.part.js", "one", "two")

    page.wait_for_log(["one", "main", "two"])
    page.assert_not_reloaded()


def test_line_numbers_stay_those_of_the_file(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": ACCEPTS,
            "static/main.js": 'import "./a.part.js";',
            "static/a.part.js": """
                // One.
                log.push(new Error("x").stack.match(/a\\.part\\.js[^:]*:(\\d+)/)[1]);
            """,
        },
    )

    page.wait_for_log(["2"])


FAILS = app_with("""
@hmr.transform("*.js")
def picky(source, module):
    if "bad" in source:
        raise ValueError("I do not like it")
    return source.replace("VALUE", "'value'")
""")


def test_a_plugin_that_fails_is_named_until_it_works_again(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": FAILS,
            "static/main.js": "log.push(VALUE); import.meta.hot.accept();",
        },
    )
    page.wait_for_log(["value"])

    project.save("static/main.js", 'log.push("bad"); import.meta.hot.accept();')

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("The plugin picky failed in transform()").first.wait_for()
    overlay.get_by_text("ValueError: I do not like it").first.wait_for()
    # It goes on without the plugin.
    page.wait_for_log(["value", "bad"])

    project.save("static/main.js", "log.push(VALUE); import.meta.hot.accept();")

    page.wait_for_log(["value", "bad", "value"])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()
    project.wait_for_output("the plugin picky failed in transform(): /static/main.js")


def test_a_page_that_comes_later_learns_what_is_wrong(project: Project) -> None:
    page = open_page(
        project,
        {"app.py": FAILS, "static/main.js": 'log.push("bad");'},
    )

    page.locator(OVERLAY).get_by_text("The plugin picky failed").first.wait_for()

    page.wait_for_log(["bad"])


RESOLVES = app_with("""
@hmr.resolve
def lib(specifier, importer):
    names = {"lib": "/static/vendor/lib.js"}
    return names.get(specifier)

@hmr.load
def load(name):
    if name == "greeting.js":
        return 'import { on } from "@hmr/client"; export const greet = () => typeof on;'

@hmr.tags
def early(document):
    from flask_hmr import Tag
    yield Tag.script("window.early = [document.readyState];")
    yield Tag.module("@hmr/greeting.js")
""")


def test_specifiers_that_only_plugins_understand(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": RESOLVES,
            "static/vendor/lib.js": 'export const lib = "one";',
            "static/main.js": """
                import { lib } from "lib";
                import { greet } from "@hmr/greeting.js";
                log.push(lib, greet(), early[0]);
                const name = ["l", "ib"].join("");
                import(name).then((module) => log.push(module.lib));
                import.meta.hot.accept("lib", ({ lib }) => log.push(lib));
            """,
        },
    )
    page.wait_for_log(["one", "function", "loading", "one"])

    edit(project, "static/vendor/lib.js", "one", "two")

    page.wait_for_log(["one", "function", "loading", "one", "two"])
    page.assert_not_reloaded()


def test_a_made_up_module_is_updated_when_its_plugin_says_so(project: Project) -> None:
    made = app_with("""
from pathlib import Path

file = Path(app.root_path, "static", "tokens.txt")

@hmr.load
def load(name):
    return f"export default {file.read_text()!r};" if name == "tokens.js" else None

@hmr.hot_update
def update(update):
    return ["@hmr/tokens.js"] if update.path == file else None
""")
    page = open_page(
        project,
        {
            "app.py": made,
            "static/tokens.txt": "red",
            "static/main.js": """
                import tokens from "@hmr/tokens.js";
                log.push(tokens);
                import.meta.hot.accept();
            """,
        },
    )
    page.wait_for_log(["red"])

    project.save("static/tokens.txt", "blue")

    page.wait_for_log(["red", "blue"])
    page.assert_not_reloaded()


def test_files_that_are_no_javascript_become_modules(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": app_with("""
import json

@hmr.transform(serves=["*.csv"])
def rows(source, module):
    rows = [line.split(",") for line in source.split()]
    return f"export default {json.dumps(rows)};"
"""),
            "static/rows.csv": "a,1\n",
            "static/main.js": """
                import rows from "./rows.csv";
                log.push(rows.length);
                const text = await (await fetch("/static/rows.csv")).text();
                log.push(text.trim());
                import.meta.hot.accept("./rows.csv", ({ deps: [fresh] }) => {
                  log.push(fresh.default.length);
                });
            """,
        },
    )
    page.wait_for_log([1, "a,1"])

    project.save("static/rows.csv", "a,1\nb,2\n")

    page.wait_for_log([1, "a,1", 2])
    page.assert_not_reloaded()


DECIDES = app_with("""
@hmr.hot_update
def decide(update):
    if update.path.name == "quiet.js":
        update.send("quiet", update.read().strip())
        return ()
    if update.path.suffix == ".data":
        return ["/static/reader.js"]
    if update.path.suffix == ".reload":
        update.reload("the plugin says so")
        return ()
""")

DECIDED = {
    "app.py": DECIDES,
    "static/a.data": "1",
    "static/a.reload": "1",
    "static/quiet.js": 'export const quiet = "one";',
    "static/reader.js": """
        log.push("reader");
        import.meta.hot.accept();
    """,
    "static/shares.js": """
        import { quiet } from "./quiet.js";
        window.state ??= {};
        export const mark = {};
        export { quiet };
    """,
    "static/panel.js": """
        import { mark, quiet } from "./shares.js";
        window.marks = [...(window.marks ?? []), mark];
        log.push(`panel ${quiet}`);
        import.meta.hot.accept();
    """,
    "static/main.js": """
        import "./reader.js";
        import "./panel.js";
        import { mark } from "./shares.js";
        window.mark = mark;
        import.meta.hot.on("quiet", (text) => log.push(text));
    """,
}


def test_a_plugin_deals_with_a_change_by_itself(project: Project) -> None:
    page = open_page(project, DECIDED)
    page.wait_for_log(["reader", "panel one"])

    project.save("static/quiet.js", 'export const quiet = "two";')

    page.wait_for_log(["reader", "panel one", 'export const quiet = "two";'])
    # What the page has of it stays, for whoever is evaluated anew, too.
    edit(project, "static/panel.js", "panel", "new panel")
    page.wait_for_log(
        ["reader", "panel one", 'export const quiet = "two";', "new panel one"]
    )
    assert page.evaluate("marks.every((one) => one === mark)")
    page.assert_not_reloaded()


def test_a_plugin_has_modules_evaluated_whose_files_did_not_change(
    project: Project,
) -> None:
    page = open_page(project, DECIDED)
    page.wait_for_log(["reader", "panel one"])

    project.save("static/a.data", "2")
    page.wait_for_log(["reader", "panel one", "reader"])

    project.save("static/a.data", "3")
    page.wait_for_log(["reader", "panel one", "reader", "reader"])
    page.assert_not_reloaded()


def test_a_plugin_has_pages_reload(project: Project) -> None:
    page = open_page(project, DECIDED)

    project.save("static/a.reload", "2")

    page.wait_for_reload()
    project.wait_for_output("reload the plugin says so")


def test_the_client_side_of_a_plugin(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": app_with("""
@hmr.on_message
def hears(event, data, client):
    client.send("answer", [event, data])
"""),
            "static/main.js": """
                import * as client from "@hmr/client";
                const { on, send, morph, showProblem, clearProblem } = client;
                const off = on("answer", (data) => { log.push(data); off(); });
                // It waits for the connection, or there is one.
                send("question", 1);
                const list = document.createElement("ul");
                list.innerHTML = "<li id=a>one</li><li id=b>two</li>";
                const first = list.firstChild;
                const next = "<ul><li id=c>zero</li><li id=a>1</li></ul>";
                const { added } = morph(list, next);
                log.push(added.length, list.textContent, list.children[1] === first);
                showProblem("mine", { title: "My problem", message: "is this" });
                window.done = () => clearProblem("mine");
            """,
        },
    )

    page.wait_for_log([1, "zero1", True, ["question", 1]])
    page.locator(OVERLAY).get_by_role("heading", name="My problem").wait_for()
    page.evaluate("done()")
    page.locator(OVERLAY).wait_for(state="detached")


def test_plugins_hear_of_what_another_has_changed(project: Project) -> None:
    page = open_page(
        project,
        {
            "static/main.js": """
                import { morph, on } from "@hmr/client";
                const list = document.createElement("ul");
                const inner = document.createElement("ol");
                on("hmr:beforeRefresh", () => log.push(list.children.length));
                on("hmr:afterRefresh", ({ added }) => {
                  log.push(added.map((one) => one.outerHTML));
                  // It does not hear of its own.
                  morph(inner, "<ol><li>inner</li></ol>");
                });
                morph(list, "<ul><li>one</li></ul>");
                log.push(inner.textContent);
            """,
        },
    )

    page.wait_for_log([0, ["<li>one</li>"], "inner"])


ROWS = app_with("""
import json

@hmr.transform(serves=["*.csv"])
def rows(source, module):
    rows = [line.split(",") for line in source.split()]
    return f"export default {json.dumps(rows)};"
""")
READS_ROWS = {
    "static/rows.csv": "a,1\n",
    "static/main.js": """
        import rows from "./rows.csv";
        log.push(rows.length);
        import.meta.hot.accept();
    """,
}
BROKEN_ROWS = ROWS.replace("json.dumps", "json.dump")


@pytest.mark.interpreter
def test_a_page_goes_on_when_the_python_of_a_plugin_is_mended(
    project: Project,
) -> None:
    page = open_page(project, {"app.py": ROWS, **READS_ROWS})
    page.wait_for_log([1])
    overlay = page.locator(OVERLAY)
    project.save("app.py", BROKEN_ROWS)
    overlay.get_by_text("The plugin rows failed in transform()").first.wait_for()
    # By then the page has tried its update.
    overlay.get_by_text("A plugin makes no module of it").first.wait_for()

    project.save("app.py", ROWS)
    overlay.wait_for(state="detached")

    project.save("static/rows.csv", "a,1\nb,2\n")
    page.wait_for_log([1, 2])
    page.assert_not_reloaded()


@pytest.mark.interpreter
def test_a_page_that_a_plugin_has_kept_from_loading_comes_up_when_it_is_mended(
    project: Project,
) -> None:
    page = open_page(project, {"app.py": BROKEN_ROWS, **READS_ROWS})
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("The plugin rows failed in transform()").first.wait_for()

    project.save("app.py", ROWS)

    page.wait_for_log([1])
    overlay.wait_for(state="detached")


TELLS = app_with("""
@hmr.hot_update
def told(update):
    if update.path.suffix == ".data":
        update.send("data", update.read())
        return ()

@hmr.on_message
def answered(event, data, client):
    client.send("answer", data["number"])
""")


@pytest.mark.interpreter
def test_what_was_wrong_with_a_plugin_is_forgotten_with_its_server(
    project: Project,
) -> None:
    page = open_page(
        project,
        {
            "app.py": TELLS.replace('["number"]', '["other"]'),
            "static/main.js": """
                import.meta.hot.on("answer", (number) => log.push(number));
                window.ask = () => import.meta.hot.send("ask", { number: 42 });
            """,
        },
    )
    page.evaluate("() => ask()")
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("The plugin answered failed in on_message()").first.wait_for()

    project.save("app.py", TELLS)

    overlay.wait_for(state="detached")
    page.evaluate("() => ask()")
    page.wait_for_log([42])
    page.assert_not_reloaded()


def test_an_import_that_leads_nowhere_is_named_beside_what_a_plugin_serves(
    project: Project,
) -> None:
    page = open_page(project, {"app.py": ROWS, **READS_ROWS})
    page.wait_for_log([1])

    edit(project, "static/main.js", '"./rows.csv";', '"./rows.csv"; import "./no.js";')

    page.wait_for_console("/static/main.js imports /static/no.js, and there is no such")
    assert "rows.csv, which the server sends" not in page.console


FAILS_TO_LOAD = app_with("""
@hmr.load
def load(name):
    raise ValueError("not today")
""")


def test_a_module_that_a_plugin_fails_to_make_up_is_said_to_have_failed(
    project: Project,
) -> None:
    main = {"static/main.js": 'import "@hmr/own.js";'}
    page = open_page(project, {"app.py": FAILS_TO_LOAD, **main})

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("The plugin load failed in load()").first.wait_for()
    overlay.get_by_text("A plugin makes no module of it").first.wait_for()
    assert overlay.get_by_text("no plugin has a module").count() == 0


STRICT = app_with("""
import json

@hmr.transform(serves="*.rows")
def rows(source, module):
    for number, line in enumerate(source.splitlines(), 1):
        if "\\t" in line:
            place = (str(module.path), number, line.index("\\t") + 1, None)
            raise SyntaxError("a tab", place)
    return f"export default {json.dumps(source.split())};"
""")
READS_FILE = {
    "static/a.rows": "one\ntwo\n",
    "static/main.js": """
        import rows from "./a.rows";
        log.push(rows.length);
        import.meta.hot.accept();
    """,
}


def test_a_file_that_a_plugin_cannot_read_is_named_with_its_place(
    project: Project,
) -> None:
    page = open_page(project, {"app.py": STRICT, **READS_FILE})
    page.wait_for_log([2])

    project.save("static/a.rows", "one\ntwo\tx\n")

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("The plugin rows failed in transform()").first.wait_for()
    overlay.get_by_text("static/a.rows:2:4").first.wait_for()
    overlay.get_by_text("A plugin makes no module of it").first.wait_for()
    assert overlay.get_by_text("does not say why").count() == 0
    assert "Traceback" not in project.output
    project.save("static/a.rows", "one\ntwo\nthree\n")
    page.wait_for_log([2, 3])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


def test_it_is_named_when_the_page_opens(project: Project) -> None:
    page = open_page(
        project, {"app.py": STRICT, **READS_FILE, "static/a.rows": "one\tx\n"}
    )

    overlay = page.locator(OVERLAY)
    overlay.get_by_text("static/a.rows:1:4").first.wait_for()
    overlay.get_by_text("A plugin makes no module of it").first.wait_for()
    project.save("static/a.rows", "one\n")
    page.wait_for_log([1])
    overlay.wait_for(state="detached")


def test_a_name_that_no_plugin_knows_is_told(project: Project) -> None:
    page = open_page(
        project,
        {
            "app.py": STRICT,
            "static/main.js": 'import "@hmr/rose.js"; log.push(1);',
        },
    )
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("imports @hmr/rose.js, and no plugin").first.wait_for()


INLINE = app_with("""
from pathlib import Path

from flask_hmr import Plugin, Tag

CLIENT = Path(__file__).with_name("client_code.js")


class Client(Plugin):
    def load(self, name):
        return CLIENT.read_text() if name == "mine.js" else None

    def tags(self, document):
        code = 'import { mine } from "@hmr/mine.js"; log.push(mine);'
        yield Tag("script", {"type": "module"}, code)


hmr._plugins.append(Client())
""")


def test_the_client_code_of_a_plugin_is_new_when_the_page_is_reloaded(
    project: Project,
) -> None:
    page = open_page(
        project,
        {
            "app.py": INLINE,
            "client_code.js": 'export const mine = "one";',
            "static/main.js": "export {};",
        },
    )
    page.wait_for_log(["one"])

    project.save("client_code.js", 'export const mine = "two";')
    page.refresh()

    page.wait_for_log(["two"])


STUCK_ROWS = (
    BROKEN_ROWS
    + """

import threading

from flask import request


@app.before_request
def never_answer():
    if request.path == WAITS and request.args.get("m"):
        print("asked", flush=True)
        threading.Event().wait()
"""
)


@pytest.mark.interpreter
@pytest.mark.parametrize("name", ["main.js", "rows.csv"])
def test_a_page_that_was_asking_goes_on_with_the_next_server(
    project: Project, name: str
) -> None:
    page = open_page(project, {"app.py": ROWS, **READS_ROWS})
    page.wait_for_log([1])
    project.save("app.py", STUCK_ROWS.replace("WAITS", f'"/static/{name}"'))
    project.wait_for_output("asked")
    page.wait_until_reconnected()

    project.save("app.py", ROWS)
    project.wait_for_restart(2)
    page.wait_until_reconnected()
    page.locator(OVERLAY).wait_for(state="detached")

    project.save("static/rows.csv", "a,1\nb,2\n")
    page.wait_for_log_entry(2)
    page.assert_not_reloaded()


@pytest.mark.interpreter
def test_what_a_plugin_makes_of_a_file_may_be_again_what_it_was(
    project: Project,
) -> None:
    page = open_page(project, {"app.py": ROWS, **READS_ROWS})
    page.wait_for_log([1])
    project.save("app.py", ROWS.replace("dumps(rows)", "dumps(rows * 2)"))
    page.wait_for_log([1, 2])

    project.save("app.py", ROWS)
    page.wait_for_log([1, 2, 1])

    project.save("static/rows.csv", "a,1\nb,2\nc,3\n")
    page.wait_for_log([1, 2, 1, 3])
    page.assert_not_reloaded()
