"""What people who know only the documentation tried, and found wanting."""

from __future__ import annotations

import json
import typing as t

import pytest

from .support.page import Page
from .support.project import APP, Project
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"
SHOWS = """(text) => document.querySelector("[data-hmr-overlay]")
    ?.shadowRoot.textContent.includes(text)"""
MARKUP = """
<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">{}</head>
  <body>{}</body>
</html>
"""
MAIN = '<script type="module" src="/static/main.js"></script>'
OTHER = '<script type="module" src="/static/other.js"></script>'
TWO_PAGES = APP.replace(
    "HMR(app)\n",
    """
@app.get("/other")
def other():
    return render_template("other.html")


HMR(app)
""",
)
PROPAGATES = {
    "app.py": APP.replace(
        "HMR(app)", 'app.config["HMR_INVALIDATE"] = "propagate"\nHMR(app)'
    )
}


def importmap(**imports: str) -> str:
    text = json.dumps({"imports": imports})
    return f'<script type="importmap">{text}</script>'


# Import maps that differ

USES_LIB = """
    import { value } from "lib";
    log.push(`main ${value}`);
    import.meta.hot.accept("lib", ({ deps }) => log.push(`called ${deps[0].value}`));
"""
MAPS = {
    "app.py": TWO_PAGES,
    "templates/index.html": MARKUP.format(importmap(lib="/static/lib.js") + MAIN, ""),
    "static/main.js": USES_LIB,
    "static/lib.js": 'export const value = "one";',
    "static/else.js": 'export const value = "else";',
    "static/other.js": "log.push('other');",
}


def open_beside(project: Project, other: str, files: t.Mapping[str, str] = {}) -> Page:
    """Open a page beside one with this markup, which is there first."""
    project.write({**MAPS, **files, "templates/other.html": other})
    project.start()
    project.open("/other").wait_until_connected()
    page = project.open("/")
    page.wait_until_connected()
    return page


@pytest.mark.rule(7, 8, 21)
@pytest.mark.parametrize("address", ["https://cdn.example/lib.js", "/static/else.js"])
def test_a_name_that_another_page_has_for_something_else(project, address):
    other = MARKUP.format(importmap(lib=address) + OTHER, "")
    page = open_beside(project, other)
    page.wait_for_log(["main one"])

    edit(project, "static/lib.js", "one", "two")
    page.wait_for_log(["main one", "called two"])
    page.assert_not_reloaded()
    assert "does not import" not in page.console

    # The page's map goes on to name the first instance.
    edit(project, "static/main.js", "main $", "MAIN $")
    page.wait_for_reload()
    page.wait_for_log(["MAIN two"])


@pytest.mark.rule(7, 21)
@pytest.mark.parametrize("closes", [True, False])
def test_who_imports_a_name_of_two_meanings_is_updated_or_reloads(project, closes):
    main = 'import { value } from "lib";\nlog.push(value);\nimport.meta.hot.accept();'
    other = MARKUP.format(importmap(lib="/static/else.js") + OTHER, "")
    project.write({**MAPS, "static/main.js": main, "templates/other.html": other})
    project.start()
    first = project.open("/other")
    first.wait_until_connected()
    if closes:
        first.close()
    page = project.open("/")
    page.wait_until_connected()
    page.wait_for_log(["one"])

    edit(project, "static/lib.js", "one", "two")
    if closes:
        page.wait_for_log(["one", "two"])
        page.assert_not_reloaded()
    else:
        page.wait_for_reload()
        page.wait_for_log(["two"])


@pytest.mark.rule(8, 21)
def test_a_path_that_only_one_of_two_open_pages_redirects(project):
    redirect = importmap(**{"/static/dep.js": "/static/lib.js"})
    main = USES_LIB.replace('"lib"', '"./dep.js"')
    other = MARKUP.format(importmap(name="/static/else.js") + OTHER, "")
    index = MARKUP.format(redirect + MAIN, "")
    files = {"static/main.js": main, "templates/index.html": index}
    page = open_beside(project, other, files)
    page.wait_for_log(["main one"])

    edit(project, "static/lib.js", "one", "two")
    page.wait_for_log(["main one", "called two"])
    page.assert_not_reloaded()


@pytest.mark.rule(8)
def test_a_name_whose_meaning_was_edited(project):
    page = open_page(project, MAPS)
    page.wait_for_log(["main one"])
    edit(project, "templates/index.html", "/static/lib.js", "/static/else.js")
    page.wait_for_reload()
    page.wait_for_log(["main else"])
    page.wait_until_connected()

    edit(project, "static/else.js", '"else"', '"new"')
    page.wait_for_log(["main else", "called new"])
    edit(project, "static/main.js", "main $", "MAIN $")
    page.wait_for_reload()
    page.wait_for_log(["MAIN new"])


@pytest.mark.rule(8)
def test_a_module_is_accepted_by_another_name_than_it_is_imported_by(project):
    main = USES_LIB.replace('from "lib"', 'from "./lib.js"')
    page = open_page(project, {**MAPS, "static/main.js": main})
    edit(project, "static/lib.js", "one", "two")
    page.wait_for_log(["main one", "called two"])
    page.assert_not_reloaded()
    assert "does not import" not in page.console


# Callbacks


@pytest.mark.rule(6, 12)
def test_an_instance_that_came_with_the_update_is_not_called_for_it(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                const id = (window.count = (window.count ?? 0) + 1);
                log.push(`main ${id}`);
                import.meta.hot.accept("./a.js", () => log.push(`called ${id}`));
                import.meta.hot.accept();
            """,
            "static/a.js": "import './c.js';",
            "static/b.js": "import './c.js';",
            "static/c.js": "log.push('one');",
        },
    )
    edit(project, "static/c.js", "one", "two")
    page.wait_for_log(["one", "main 1", "two", "main 2", "called 1"])


@pytest.mark.rule(10, 12)
@pytest.mark.parametrize("first", ["", "'./dep.js', "])
def test_a_callback_that_accepts_itself_anew_counts_from_the_next_update(
    project, first
):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import "./dep.js";
                import.meta.hot.accept({first}function again() {{
                  if (log.push("called") > 20) return;
                  import.meta.hot.accept({first}again);
                }});
                log.push("main");
            """,
            "static/dep.js": "log.push('one');",
        },
    )
    name = "dep" if first else "main"
    project.save(f"static/{name}.js", project.read(f"static/{name}.js") + "\n//")
    page.wait_for_log_entry("called")
    page.settle()
    assert page.log().count("called") == 1


@pytest.mark.rule(13)
@pytest.mark.parametrize(
    "thrown",
    [
        "Object.create(null)",
        "new Proxy({}, { get() { throw 1; } })",
        "Object.defineProperty(new Error('x'), 'stack', { get() { throw 1; } })",
    ],
)
def test_whatever_a_callback_throws_stops_no_other(project, thrown):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import.meta.hot.accept(() => {{ throw {thrown}; }});
                import.meta.hot.accept(() => log.push("second"));
                log.push("one");
            """,
        },
    )
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two", "second"])
    page.locator(OVERLAY).wait_for(state="attached")


# What was loaded late

LATE = {
    "static/main.js": """
        window.go = () => import("./late.js");
        log.push("main one");
        import.meta.hot.accept();
        import.meta.hot.accept("./late.js", () => log.push("called"));
    """,
    "static/late.js": "log.push('late one');",
}


@pytest.mark.rule(7, 21)
def test_what_was_loaded_late_is_updated_after_its_importer_ran_anew(project):
    page = open_page(project, LATE)
    page.evaluate("go()")
    page.wait_for_log(["main one", "late one"])
    edit(project, "static/main.js", "main one", "main two")
    page.wait_for_log_entry("main two")

    page.clear_log()
    edit(project, "static/late.js", "one", "two")
    page.wait_for_log(["late two", "called"])
    page.assert_not_reloaded()


@pytest.mark.rule(19, 22)
@pytest.mark.parametrize("call", ['import("./late.js")', 'import("./" + "late.js")'])
def test_what_a_late_module_imports_is_not_pruned_when_another_lets_go(project, call):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import "./part.js";
                window.go = () => {call};
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/late.js": "import './part.js';\nlog.push('late');",
            "static/part.js": """
                log.push("part");
                import.meta.hot.prune(() => log.push("pruned"));
            """,
        },
    )
    page.evaluate("go()")
    page.wait_for_log(["part", "main", "late"])
    edit(project, "static/main.js", 'import "./part.js";', "")
    page.wait_for_log(["part", "main", "late", "main"])
    page.settle()
    page.evaluate("go()")
    assert page.log() == ["part", "main", "late", "main"]

    edit(project, "static/main.js", f"window.go = () => {call};", "")
    if "+" not in call:  # what code computes may be computed elsewhere
        page.wait_for_log_entry("pruned")


@pytest.mark.rule(21)
@pytest.mark.parametrize("takes", ["", "'./late.js', () => log.push('called')"])
def test_who_computes_what_it_imports_is_an_importer(project, takes):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                const name = "late";
                log.push("main");
                await import(`./${{name}}.js`);
                import.meta.hot.accept({takes});
            """,
            "static/late.js": "log.push('one');",
        },
    )
    page.wait_for_log(["main", "one"])
    edit(project, "static/late.js", "one", "two")
    page.wait_for_log(
        ["main", "one", "two", "called"] if takes else ["main", "one", "main", "two"]
    )
    page.assert_not_reloaded()
    assert "does not import" not in page.console


@pytest.mark.rule(17, 23)
@pytest.mark.parametrize("broken", ["export const value = ;", "throw new Error('x');"])
def test_what_was_tried_while_something_below_was_broken_is_tried_again(
    project, broken
):
    leaf = "export const value = {};\nimport.meta.hot.accept();\n"
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./leaf.js";
                window.got = undefined;
                const late = () => import("./late.js");
                window.late = () => late().then(({ value }) => value, () => "no");
            """,
            "static/late.js": "export { value } from './middle.js';",
            "static/middle.js": "export { value } from './leaf.js';",
            "static/leaf.js": leaf.format(1),
        },
    )
    project.save("static/leaf.js", f"{broken}\nimport.meta.hot.accept();\n")
    page.locator(OVERLAY).wait_for(state="attached")
    page.evaluate("late()")
    project.save("static/leaf.js", leaf.format(2))
    page.locator(OVERLAY).wait_for(state="detached")

    page.wait_for(
        "() => { late().then((value) => { window.got = value; }); return got === 2; }"
    )
    page.assert_not_reloaded()


# invalidate


@pytest.mark.rule(15)
@pytest.mark.parametrize("names", ["import './leaf.js'", "import('./leaf.js')"])
def test_an_importer_that_accepts_takes_what_a_module_does_not(project, names):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": f"""
                {names};
                import.meta.hot.accept("./leaf.js", () => log.push("taken"));
            """,
            "static/leaf.js": """
                log.push("one");
                import.meta.hot.accept(() => import.meta.hot.invalidate());
            """,
        },
    )
    page.wait_for_log(["one"])
    edit(project, "static/leaf.js", "one", "two")
    page.wait_for_log(["one", "two", "taken"])
    page.assert_not_reloaded()


@pytest.mark.rule(15)
def test_who_accepted_for_another_hands_it_on_with_itself(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": """
                import { value } from "./middle.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/middle.js": """
                export { value } from "./leaf.js";
                import.meta.hot.accept("./leaf.js", () => import.meta.hot.invalidate());
            """,
            "static/leaf.js": "export const value = 1;",
        },
    )
    edit(project, "static/leaf.js", "1", "2")
    page.wait_for_log(["main 1", "main 2"])
    edit(project, "static/leaf.js", "2", "3")
    page.wait_for_log(["main 1", "main 2", "main 3"])
    page.assert_not_reloaded()


@pytest.mark.rule(15)
def test_invalidate_outside_of_an_update_goes_to_the_importers(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": """
                import "./leaf.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/leaf.js": """
                log.push("leaf");
                window.fail = () => import.meta.hot.invalidate();
                import.meta.hot.accept();
            """,
        },
    )
    page.evaluate("fail()")
    page.wait_for_log(["leaf", "main", "leaf", "main"])
    page.assert_not_reloaded()


# Errors and prunes


@pytest.mark.rule(17, 19)
def test_a_new_instance_that_throws_lets_go_of_nothing(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/part.js": """
                log.push("part");
                import.meta.hot.prune(() => log.push("pruned"));
            """,
        },
    )
    good = project.read("static/main.js")
    bad = good.replace('import "./part.js";', "") + "\nthrow new Error('no');"
    project.save("static/main.js", bad)
    page.locator(OVERLAY).wait_for(state="attached")
    project.save("static/main.js", good)
    page.locator(OVERLAY).wait_for(state="detached")
    page.wait_for_log(["part", "main", "main", "main"])

    edit(project, "static/main.js", 'import "./part.js";', "")
    page.wait_for_log_entry("pruned")


@pytest.mark.rule(19, 21, 26)
@pytest.mark.parametrize("order", [("main", "part"), ("part", "main")])
def test_a_module_that_is_edited_and_dropped_at_once_is_no_reason_to_reload(
    project, order
):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./middle.js";
                log.push("main one");
                import.meta.hot.accept();
            """,
            "static/middle.js": "import './part.js';",
            "static/part.js": "log.push('part');",
        },
    )
    texts = {
        "main": "log.push('main two');\nimport.meta.hot.accept();",
        "part": "log.push('never');",
    }
    project.write({f"static/{name}.js": texts[name] for name in order})
    page.wait_for_log(["part", "main one", "main two"])
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_the_overlay_shows_what_is_still_broken(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './first.js';\nimport './second.js';",
            "static/first.js": "import.meta.hot.accept();",
            "static/second.js": "import.meta.hot.accept();",
        },
    )
    for name in ("first", "second"):
        project.save(f"static/{name}.js", "let x = ;\nimport.meta.hot.accept();")
        page.wait_for(SHOWS, f"/{name}.js")
    project.save("static/second.js", "import.meta.hot.accept();\n")
    page.wait_for(SHOWS, "/first.js")
    project.save("static/first.js", "import.meta.hot.accept();\n")
    page.locator(OVERLAY).wait_for(state="detached")


# Pages


@pytest.mark.rule(28)
def test_what_a_page_has_made_up_itself_can_be_imported(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const type = "text/javascript";
                const blob = new Blob(["export default 5"], { type });
                const from = async (url) => log.push((await import(url)).default);
                await from(URL.createObjectURL(blob));
                await from(`data:${type},export default 6`);
                import.meta.hot.accept();
            """,
        },
    )
    page.wait_for_log([5, 6])


BACK = MARKUP.format(
    '<link rel="stylesheet" href="/static/style.css">',
    '<p>x</p><script src="/static/classic.js"></script>',
)


@pytest.mark.rule(29)
@pytest.mark.parametrize("changed", ["classic.js", "style.css", "more.css"])
def test_back_shows_scripts_and_styles_as_they_are_now(project, changed):
    new = {
        "classic.js": "window.value = 2;",
        "style.css": "p { width: 2px }",
        "more.css": "p { height: 2px }",
    }
    page = open_page(
        project,
        {
            "app.py": TWO_PAGES,
            "templates/index.html": BACK,
            "templates/other.html": MARKUP.format("", "other"),
            "static/classic.js": "window.value = 1;",
            "static/style.css": "@import './more.css';\np { width: 1px }",
            "static/more.css": "p { height: 1px }",
        },
    )
    page.goto("/other")
    page.wait_until_connected()
    project.save(f"static/{changed}", new[changed])
    page.back()
    style = "getComputedStyle(document.querySelector('p'))"
    page.wait_for(
        {
            "classic.js": "() => window.value === 2",
            "style.css": f"() => {style}.width === '2px'",
            "more.css": f"() => {style}.height === '2px'",
        }[changed]
    )


@pytest.mark.rule(29)
def test_a_classic_script_that_may_be_kept_for_a_year_is_asked_for_again(project):
    app = APP.replace(
        "HMR(app)", 'app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000\nHMR(app)'
    )
    page = open_page(
        project,
        {
            "app.py": app,
            "templates/index.html": BACK,
            "static/classic.js": "window.value = 1;",
            "static/style.css": "",
        },
    )
    project.save("static/classic.js", "window.value = 2;")
    page.wait_for("() => window.value === 2")


SEES = """(number) => {
  import("/static/leaf.js").then(({ value }) => { window.seen = value; });
  return window.seen === number;
}"""


@pytest.mark.rule(23)
@pytest.mark.parametrize("accepts", ["leaf", "main"])
def test_classic_code_that_imports_gets_the_newest_instance(project, accepts):
    page = open_page(
        project,
        {
            "templates/index.html": MARKUP.format(
                MAIN,
                """<button onclick="import('/static/leaf.js').then(show)"></button>
                <script>
                  log = [];
                  show = (m) => log.push(m.value, m.default, m.more, m["a b"]);
                </script>""",
            ),
            "static/main.js": "import './leaf.js';\nimport.meta.hot.accept();"
            if accepts == "main"
            else "import './leaf.js';",
            "static/leaf.js": """
                export let value = 1, more = value + 10;
                export default value + 100;
                const text = `text ${value}`;
                export { text as "a b" };
            """
            + ("import.meta.hot.accept();" if accepts == "leaf" else ""),
        },
    )
    page.locator("button").click()
    page.wait_for_log([1, 101, 11, "text 1"])
    for number in (2, 3):
        page.clear_log()
        edit(project, "static/leaf.js", f"value = {number - 1}", f"value = {number}")
        page.wait_for_console("update /static/leaf.js")
        page.wait_for(SEES, number)
        page.locator("button").click()
        page.wait_for_log_entry(f"text {number}")
        values = page.log()
        assert values[:2] == [number, number + 100]
    page.assert_not_reloaded()


@pytest.mark.rule(17, 30)
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("import.meta.hot.accept(); let b = ;", 1, 35),
        ("import.meta.hot.accept();\nimport './dep.js'; let b = ;", 2, 28),
        ("let b = ; import './dep.js'; import.meta.hot.accept();", 1, 9),
        ("import.meta.hot.accept();\n\n  let b = ;", 3, 11),
    ],
)
def test_the_column_of_an_error_is_that_in_the_file(project, text, line, column):
    page = open_page(
        project,
        {
            "static/main.js": "import './dep.js';\nimport.meta.hot.accept();\n",
            "static/dep.js": "",
        },
    )
    project.save("static/main.js", text)
    page.wait_for(SHOWS, f"/static/main.js:{line}:{column}")
    page.wait_for(SHOWS, text.split("\n")[0])
    assert not page.evaluate(SHOWS, "__hmr")


@pytest.mark.rule(15)
def test_an_update_that_is_handed_on_goes_through_plain_modules(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": """
                import { value } from "./middle.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/middle.js": "export { value } from './leaf.js';",
            "static/leaf.js": """
                export const value = 1;
                import.meta.hot.accept(() => import.meta.hot.invalidate());
            """,
        },
    )
    for number in (2, 3):
        edit(project, "static/leaf.js", f"value = {number - 1}", f"value = {number}")
        page.wait_for_log_entry(f"main {number}")
    assert page.log() == ["main 1", "main 2", "main 3"]
    page.assert_not_reloaded()


@pytest.mark.rule(5, 25)
@pytest.mark.parametrize("where", ["main", "leaf"])
def test_the_callback_gets_the_last_of_two_saves_in_a_moment(project, where):
    callback = "(u) => log.push(`called ${u.module.value ?? u.deps[0].value}`)"
    text = "export const value = {};\nlog.push(`runs ${{value}}`);\n"
    own = f"import.meta.hot.accept({callback});"
    deps = f"import.meta.hot.accept('./leaf.js', {callback});"
    page = open_page(
        project,
        {
            "static/main.js": "import './leaf.js';\n"
            + (deps if where == "main" else ""),
            "static/leaf.js": text.format(0) + (own if where == "leaf" else ""),
        },
    )
    leaf = project.path("static/leaf.js")
    end = own if where == "leaf" else ""
    for number in range(1, 20, 2):
        page.clear_log()
        leaf.write_text(text.format(number) + end, encoding="utf-8")
        leaf.write_text(text.format(number + 1) + end, encoding="utf-8")
        page.wait_for_log_entry(f"called {number + 1}")
        page.settle()
        # Of an instance that may be both states, one is asked for and one is there.
        assert page.log().count(f"runs {number + 1}") == 1
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_a_module_by_a_fragment_of_its_own_is_updated(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './leaf.js#a';",
            "static/leaf.js": """
                const part = new URL(import.meta.url).hash;
                log.push(`one ${part}`);
                import.meta.hot.accept();
            """,
        },
    )
    edit(project, "static/leaf.js", "one", "two")
    page.wait_for_log(["one #a", "two #a"])
    page.assert_not_reloaded()


@pytest.mark.rule(15)
def test_what_invalidates_itself_at_each_load_makes_no_page_reload_for_ever(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": "import './leaf.js';",
            "static/leaf.js": """
                log.push("leaf");
                import.meta.hot.invalidate("always");
                import.meta.hot.accept();
            """,
        },
    )
    page.wait_for_console("The page would reload for ever")
    page.settle()
    assert page.console.count("--- load") == 2
