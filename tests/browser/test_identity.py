"""One instance for everybody, and updates that go to the nearest boundary."""

from __future__ import annotations

import pytest

from .support.project import APP
from .support.steps import edit, open_page

VALUE = "export const value = { name: 'one' };"


# Dependencies that are accepted


@pytest.mark.rule(6, 22)
def test_a_change_behind_re_exports_reaches_the_accepted_module(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { a } from "./index.js";
                log.push(a);
                import.meta.hot.accept(["./index.js"], ({ deps: [index] }) => {
                  log.push([index.a, index.b, index.space.c, index.default]);
                });
            """,
            "static/index.js": """
                export * from "./middle.js";
                export { b, default } from "./b.js";
                export * as space from "./c.js";
            """,
            "static/middle.js": "export * from './a.js';",
            "static/a.js": "export const a = 'a1';",
            "static/b.js": "export const b = 'b1';\nexport default 'd1';\n",
            "static/c.js": "export const c = 'c1';",
        },
    )
    edit(project, "static/a.js", "a1", "a2")
    page.wait_for_log(["a1", ["a2", "b1", "c1", "d1"]])
    edit(project, "static/b.js", "d1", "d2")
    page.wait_for_log_entry(["a2", "b1", "c1", "d2"])
    edit(project, "static/c.js", "c1", "c2")
    page.wait_for_log_entry(["a2", "b1", "c2", "d2"])
    edit(project, "static/middle.js", "export", "// more\nexport")
    page.wait_for_log_entry(["a2", "b1", "c2", "d2"], times=2)

    assert len(page.log()) == 5
    page.assert_not_reloaded()


@pytest.mark.rule(6, 12)
def test_a_module_of_the_list_that_updates_itself_is_up_to_date_in_the_list(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                import.meta.hot.accept(["./a.js", "./b.js"], ({ deps: [a, b] }) => {
                  log.push([a.value, b.value]);
                });
            """,
            "static/a.js": "export const value = 'a1';",
            # Its importer hears nothing of its updates, since it takes them itself.
            "static/b.js": """
                export const value = "b1";
                log.push(value);
                import.meta.hot.accept();
            """,
        },
    )
    edit(project, "static/b.js", '"b1"', '"b2"')
    page.wait_for_log(["b1", "b2"])

    edit(project, "static/a.js", "a1", "a2")
    page.wait_for_log(["b1", "b2", ["a2", "b2"]])

    edit(project, "static/b.js", '"b2"', '"b3"')
    page.wait_for_log(["b1", "b2", ["a2", "b2"], "b3"])
    edit(project, "static/a.js", "a2", "a3")
    page.wait_for_log(["b1", "b2", ["a2", "b2"], "b3", ["a3", "b3"]])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 26)
def test_two_of_the_list_that_share_what_changed_make_one_call(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                import.meta.hot.accept(["./b.js", "./a.js"], ({ deps: [b, a] }) => {
                  log.push([b.value.name, a.value === b.value]);
                });
            """,
            "static/a.js": "export { value } from './deep.js';",
            "static/b.js": "export { value } from './deep.js';",
            "static/deep.js": VALUE,
        },
    )
    edit(project, "static/deep.js", "one", "two")
    page.wait_for_log([["two", True]])

    edit(project, "static/deep.js", "two", "three")
    page.wait_for_log([["two", True], ["three", True]])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 7, 21)
def test_one_importer_may_take_a_dependency_and_the_other_leave_it_to_its_own(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./takes.js";
                import "./leaves.js";
                log.push("main");
                import.meta.hot.accept(["./leaves.js"], () => log.push("main called"));
            """,
            "static/takes.js": """
                import "./deep.js";
                log.push("takes");
                import.meta.hot.accept(["./deep.js"], () => log.push("takes called"));
            """,
            "static/leaves.js": "import './deep.js';\nlog.push('leaves');\n",
            "static/deep.js": "log.push('one');",
        },
    )
    page.wait_for_log(["one", "takes", "leaves", "main"])

    page.clear_log()
    edit(project, "static/deep.js", "one", "two")
    page.wait_for("() => log.length === 4")
    assert page.log()[:2] == ["two", "leaves"]
    assert sorted(page.log()[2:]) == ["main called", "takes called"]
    page.assert_not_reloaded()


# Nested boundaries


@pytest.mark.rule(21, 22)
def test_an_update_ends_at_the_first_boundary_and_leaves_those_above_alone(project):
    def boundary(name, below):
        return f"""
            import "./{below}.js";
            log.push("{name}");
            import.meta.hot.accept(() => log.push("{name} called"));
            import.meta.hot.dispose(() => log.push("{name} disposed"));
        """

    page = open_page(
        project,
        {
            "static/main.js": boundary("outer", "middle"),
            "static/middle.js": boundary("middle", "inner"),
            "static/inner.js": boundary("inner", "deep"),
            "static/deep.js": "// one",
        },
    )
    page.wait_for_log(["inner", "middle", "outer"])

    page.clear_log()
    edit(project, "static/deep.js", "one", "two")
    page.wait_for_log(["inner disposed", "inner", "inner called"])

    page.clear_log()
    edit(project, "static/middle.js", '("middle")', '("middle again")')
    page.wait_for_log(["middle disposed", "middle again", "middle called"])

    # When the nearest one gives up accepting, the next is in charge.
    project.save("static/inner.js", "import './deep.js';\nlog.push('plain');\n")
    page.wait_for_log_entry("plain")
    page.clear_log()
    edit(project, "static/deep.js", "two", "three")
    page.wait_for_log_entry("plain")
    page.wait_for_log_entry("middle called")
    assert "outer" not in page.log()
    page.assert_not_reloaded()


@pytest.mark.rule(6, 22)
def test_a_list_above_a_boundary_is_not_called_for_what_that_takes(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./inner.js";
                import "./beside.js";
                import.meta.hot.accept(["./inner.js", "./beside.js"], () => {
                  log.push("main called");
                });
            """,
            "static/inner.js": "import './deep.js';\nimport.meta.hot.accept();\n",
            "static/beside.js": "log.push('beside one');",
            "static/deep.js": "log.push('one');",
        },
    )
    edit(project, "static/deep.js", "one", "two")
    page.wait_for_log(["one", "beside one", "two"])

    edit(project, "static/beside.js", "one", "two")
    page.wait_for_log(["one", "beside one", "two", "beside two", "main called"])
    page.assert_not_reloaded()


# One instance, by whatever name and at whatever time


@pytest.mark.rule(23)
def test_relative_and_absolute_specifiers_are_one_module(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value as a } from "./part.js";
                import { value as b } from "/static/part.js";
                import { value as c } from "../static/./deep/../part.js";
                log.push([a.name, new Set([a, b, c]).size]);
                window.all = async () => new Set((await Promise.all([
                  import("./part.js"),
                  import("/static/part.js"),
                  import(new URL("part.js", import.meta.url)),
                ])).map(({ value }) => value).concat(a)).size;
                import.meta.hot.accept();
            """,
            "static/part.js": f"log.push('part');\n{VALUE}",
        },
    )
    page.wait_for_log(["part", ["one", 1]])
    assert page.evaluate("() => all()") == 1

    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["part", ["one", 1], "part", ["two", 1]])
    assert page.evaluate("() => all()") == 1

    edit(project, "static/part.js", "two", "three")
    page.wait_for_log_entry(["three", 1])
    assert page.evaluate("() => all()") == 1
    page.assert_not_reloaded()


@pytest.mark.rule(21, 23)
def test_a_module_that_is_first_loaded_after_its_updates_is_new_and_single(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.load = (name) => import(`./${name}.js`);
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/a.js": "export { value } from './late.js';",
            "static/b.js": "export { value } from './late.js';",
            "static/late.js": f"""
                log.push("late");
                {VALUE}
                import.meta.hot.accept();
            """,
        },
    )
    edit(project, "static/late.js", "one", "two")
    edit(project, "static/late.js", "two", "three")
    edit(project, "static/main.js", '"main"', '"main again"')
    page.wait_for_log(["main", "main again"])

    same = """async () => {
      const [a, b, late] = await Promise.all(["a", "b", "late"].map(load));
      return [a.value.name, new Set([a.value, b.value, late.value]).size];
    }"""
    assert page.evaluate(same) == ["three", 1]

    assert page.log() == ["main", "main again", "late"]
    edit(project, "static/late.js", "three", "four")
    page.wait_for_log(["main", "main again", "late", "late"])
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_imports_while_an_update_is_under_way_all_get_one_instance(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                import.meta.hot.on("hmr:beforeUpdate", () => {
                  window.during = [import("./part.js"), import("./part.js")];
                });
                import.meta.hot.on("hmr:afterUpdate", async () => {
                  during.push(import("./part.js"));
                  const found = await Promise.all(during);
                  log.push([found[0].value.name, new Set(found).size]);
                });
                import.meta.hot.accept("./part.js");
            """,
            "static/part.js": f"""
                log.push("part");
                await new Promise((resolve) => setTimeout(resolve, 50));
                {VALUE}
            """,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        edit(project, "static/part.js", old, new)
        page.wait_for_log(["part", [new, 1]])
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_a_query_of_an_import_makes_a_module_of_its_own_that_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value as plain } from "./part.js";
                import { value as raw } from "./part.js?raw";
                import { value as m } from "./part.js?m=1&x=a%20b#hash";
                log.push([plain.name, raw.name, m.name]);
                log.push(new Set([plain, raw, m]).size);
                window.load = (query) => import(`./part.js${query}`);
                window.raw = raw;
                import.meta.hot.accept();
            """,
            "static/part.js": VALUE,
        },
    )
    page.wait_for_log([["one", "one", "one"], 3])
    is_same = "async () => (await load('?raw')).value === raw"
    assert page.evaluate(is_same)

    edit(project, "static/part.js", "one", "two")
    page.wait_for_log([["one", "one", "one"], 3, ["two", "two", "two"], 3])
    assert page.evaluate(is_same)
    assert page.evaluate("async () => (await load('?new')).value.name") == "two"
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_a_preloaded_module_is_still_one_module(project):
    page = open_page(
        project,
        {
            "templates/index.html": """
                <!doctype html>
                <title>Preload</title>
                <link rel="icon" href="data:,">
                <link rel="modulepreload" href="/static/main.js">
                <link rel="modulepreload" href="/static/part.js">
                <script type="module" src="/static/main.js"></script>
            """,
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": "log.push('one');",
        },
    )
    page.wait_for_log(["one"])

    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


# Each page decides


@pytest.mark.rule(3, 14, 21)
def test_what_one_page_declines_another_takes(project):
    page = open_page(
        project,
        {
            "app.py": APP,
            "static/main.js": """
                import "./part.js";
                import.meta.hot.accept(["./part.js"], () => log.push("called"));
            """,
            "static/part.js": """
                log.push("one");
                if (location.search === "?strict") import.meta.hot.decline();
            """,
        },
    )
    strict = project.open("/?strict")
    strict.wait_until_connected()

    edit(project, "static/part.js", '"one"', '"two"')

    page.wait_for_log(["one", "two", "called"])
    strict.wait_for_reload()
    strict.wait_for_log(["two"])
    page.assert_not_reloaded()


@pytest.mark.rule(21, 28)
def test_ten_tabs_update_once_each(project):
    first = open_page(
        project,
        {"static/main.js": "log.push('one');\nimport.meta.hot.accept();\n"},
    )
    tabs = [first, *(project.open() for _ in range(9))]
    for tab in tabs:
        tab.wait_until_connected()

    for old, new in (("one", "two"), ("two", "three")):
        edit(project, "static/main.js", old, new)
        for tab in tabs:
            tab.wait_for_log_entry(new)

    for tab in tabs:
        assert tab.log() == ["one", "two", "three"]
        tab.assert_not_reloaded()


@pytest.mark.rule(22, 23)
def test_an_importer_runs_anew_although_it_is_what_it_was_before(project):
    silent = """
        export const value = "{0}";
        log.push("{0}");
    """
    accepting = silent + "import.meta.hot.accept();"
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./box.js";
                log.push("main");
            """,
            "static/box.js": """
                import { value } from "./value.js";
                log.push(`box ${value}`);
                import.meta.hot.accept();
            """,
            "static/value.js": silent.format("a"),
        },
    )
    seen = ["a", "box a", "main"]
    page.wait_for_log(seen)

    # While what it imports is a boundary, its version is the same each time.
    for text, news in [
        (accepting.format("b"), ["b", "box b"]),
        (silent.format("c"), ["c"]),
        (silent.format("d"), ["d", "box d"]),
        (accepting.format("e"), ["e", "box e"]),
        (silent.format("f"), ["f"]),
        (silent.format("g"), ["g", "box g"]),
        (accepting.format("h"), ["h", "box h"]),
    ]:
        project.save("static/value.js", text)
        seen += news
        page.wait_for_log(seen)
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_what_nobody_has_asked_for_again_does_not_count_as_loaded(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("main");
                window.load = () => import("./panel.js");
                import("./leaf.js");
                import.meta.hot.accept(() => {});
            """,
            "static/panel.js": 'import "./deep.js";',
            "static/deep.js": """
                window.later = () => import("./leaf.js");
                log.push("deep");
                import.meta.hot.accept("./other.js", () => {});
            """,
            "static/leaf.js": 'log.push("leaf 1");',
            "static/other.js": "",
        },
    )
    page.wait_for_log(["main", "leaf 1"])
    page.evaluate("load()")
    page.wait_for_log(["main", "leaf 1", "deep"])
    edit(project, "static/leaf.js", "leaf 1", "leaf 2")
    page.wait_for_log(["main", "leaf 1", "deep", "main", "leaf 2"])

    # All of it came down to the entry, which did not ask for the panel again.
    project.save("static/leaf.js", 'log.push("leaf 3"); import.meta.hot.accept();')

    page.wait_for_log(["main", "leaf 1", "deep", "main", "leaf 2", "main", "leaf 3"])
    page.assert_not_reloaded()


@pytest.mark.rule(24)
def test_what_nobody_has_asked_for_since_its_update_is_got_as_it_is_then(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.load = () => import("./late.js").then(({ id }) => log.push(id));
                import.meta.hot.accept(() => log.push("main"));
            """,
            "static/late.js": """
                import "./below.js";
                export const id = "late";
                if (import.meta.hot) import.meta.hot.accept("./below.js", () => {});
            """,
            "static/below.js": "import.meta.hot.accept(() => log.push('below'));",
        },
    )
    page.evaluate("() => load()")
    page.wait_for_log(["late"])

    project.save("static/late.js", 'import "./below.js"; export const id = "new late";')
    page.wait_for_log(["late", "main"])
    project.save("static/below.js", "export {};")
    page.wait_for_log(["late", "main", "below"])

    page.evaluate("() => load()")
    page.wait_for_log(["late", "main", "below", "new late"])
    page.assert_not_reloaded()
