"""The rules of ``import.meta.hot``, in a real page."""

from __future__ import annotations

import pytest

from .support.project import APP, INDEX
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

IMPORTS_PART = """
    import { value } from "./part.js";
    window.value = () => value;
    log.push("main");
"""

EVENTS_APP = APP.replace("HMR(app)", "hmr = HMR(app)")


def assert_reloaded_once(page):
    page.wait_for_reload()
    page.wait_until_connected()
    page.settle()
    page.assert_not_reloaded()


# What a module accepts is known from its code and from what it calls


@pytest.mark.rule(1, 3)
@pytest.mark.parametrize(
    "accepts",
    [
        "const hot = import.meta.hot; hot.accept();",
        "const { hot } = import.meta; hot.accept();",
        "const meta = import.meta; meta.hot.accept();",
        "import.meta['hot']['accept']();",
        "takeUpdates(import.meta.hot);",
        "takeUpdates(import.meta?.hot);",
        "setTimeout(() => import.meta.hot.accept());",
        "await null; import.meta.hot.accept();",
        "if (Date.now() > 0) import.meta.hot.accept();",
        "for (const f of [import.meta.hot.accept]) f();",
    ],
)
def test_a_call_that_no_reading_could_foresee_works_all_the_same(project, accepts):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./helper.js";
                import { value } from "./part.js";
                log.push(`main ${value}`);
                window.load = () => import("./late.js");
            """,
            "static/late.js": """
                export { value } from "./part.js";
            """,
            "static/helper.js": "window.takeUpdates = (hot) => hot.accept();",
            "static/part.js": f"""
                export const value = "one";
                log.push(value);
                {accepts}
            """,
        },
    )
    page.wait_for_log(["one", "main one"])
    page.settle()

    for old, new in (("one", "two"), ("two", "three")):
        edit(project, "static/part.js", old, new)
        page.wait_for("new_ => log.at(-1) === new_", new)

    # Whoever imports it now gets the instance that is there, and no further one.
    assert page.evaluate("async () => (await load()).value") == "three"
    assert page.log() == ["one", "main one", "two", "three"]
    page.assert_not_reloaded()


@pytest.mark.rule(3)
def test_an_accept_that_is_called_late_counts_from_then_on(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nlog.push('main');\n",
            "static/part.js": """
                log.push("one");
                window.acceptNow = () => import.meta.hot.accept();
            """,
        },
    )
    edit(project, "static/part.js", "one", "two")
    assert_reloaded_once(page)
    page.wait_for_log(["two", "main"])

    page.evaluate("() => acceptNow()")
    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["two", "main", "three"])
    page.assert_not_reloaded()

    # The new instance has not accepted anything yet.
    edit(project, "static/part.js", "three", "four")
    assert_reloaded_once(page)


@pytest.mark.rule(3)
def test_an_accept_in_a_branch_that_is_not_taken_leaves_it_to_the_importer(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/part.js": """
                export const value = "one";
                if (log.length > 100) import.meta.hot.accept();
                function never() { import.meta.hot.accept(); }
            """,
        },
    )
    edit(project, "static/part.js", "one", "two")

    page.wait_for_log(["main one", "main two"])
    page.assert_not_reloaded()


@pytest.mark.rule(2)
def test_hot_is_an_object_in_a_module_that_never_accepts(project):
    page = open_page(
        project, {"static/main.js": "log.push(typeof import.meta.hot, 'one');"}
    )
    page.wait_for_log(["object", "one"])

    edit(project, "static/main.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["object", "two"])


@pytest.mark.rule(3)
@pytest.mark.parametrize("rest", ["import.meta.hot;", ""], ids=["hot", "plain"])
def test_a_module_that_accepts_no_longer_reloads_at_the_update_after(project, rest):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';",
            "static/part.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    project.save("static/part.js", f"log.push('two');\n{rest}\n")
    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()

    edit(project, "static/part.js", "two", "three")
    assert_reloaded_once(page)
    page.wait_for_log(["three"])


@pytest.mark.rule(3)
def test_a_module_that_begins_to_accept_does_so_at_the_update_after(project):
    page = open_page(
        project,
        {"static/main.js": "import './part.js';", "static/part.js": "log.push('one');"},
    )
    project.save("static/part.js", "log.push('two');\nimport.meta.hot.accept();\n")
    assert_reloaded_once(page)
    page.wait_for_log(["two"])

    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(3, 22)
def test_a_module_below_a_boundary_may_begin_to_accept(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/part.js": "log.push('one');",
        },
    )
    project.save("static/part.js", "log.push('two');\nimport.meta.hot.accept();\n")
    page.wait_for_log(["one", "main", "two", "main"])

    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["one", "main", "two", "main", "three"])

    project.save("static/part.js", "log.push('four');")
    page.wait_for_log(["one", "main", "two", "main", "three", "four"])

    edit(project, "static/part.js", "four", "five")
    page.wait_for_log(["one", "main", "two", "main", "three", "four", "five", "main"])
    page.assert_not_reloaded()


# accept(), accept(callback)


@pytest.mark.rule(5)
def test_a_callback_gets_the_new_module_and_no_dependencies(project):
    page = open_page(
        project,
        {
            "static/part.js": """
                export const value = "one";
                import.meta.hot.accept(({ module, deps }) => {
                  log.push([value, module.value, deps]);
                });
            """,
            "static/main.js": "import './part.js';",
        },
    )
    edit(project, "static/part.js", '"one"', '"two"')

    page.wait_for_log([["one", "two", []]])
    page.assert_not_reloaded()


# accept(dependencies, callback)

TWO_DEPENDENCIES = {
    "static/a.js": "export const value = 'a1';\nlog.push(value);\n",
    "static/b.js": "export const value = 'b1';\nlog.push(value);\n",
}


@pytest.mark.rule(6)
def test_a_list_gets_all_its_modules_in_order_changed_or_not(project):
    page = open_page(
        project,
        {
            **TWO_DEPENDENCIES,
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                export const name = "main";
                import.meta.hot.accept(["./b.js", "./a.js"], ({ deps, module }) => {
                  log.push([module.name, ...deps.map((dep) => dep.value)]);
                });
            """,
        },
    )
    page.wait_for_log(["a1", "b1"])

    edit(project, "static/a.js", "a1", "a2")
    page.wait_for_log(["a1", "b1", "a2", ["main", "b1", "a2"]])

    page.clear_log()
    edit(project, "static/b.js", "b1", "b2")
    page.wait_for_log(["b2", ["main", "b2", "a2"]])
    page.assert_not_reloaded()


@pytest.mark.rule(6)
def test_one_update_makes_one_call_however_many_of_the_list_changed(project):
    page = open_page(
        project,
        {
            **TWO_DEPENDENCIES,
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                import.meta.hot.accept(["./a.js", "./b.js"], ({ deps }) => {
                  log.push(deps.map((dep) => dep.value));
                });
            """,
        },
    )
    page.clear_log()
    project.write(
        {
            "static/a.js": "export const value = 'a2';",
            "static/b.js": "export const value = 'b2';",
        }
    )

    page.wait_for_log_entry(["a2", "b2"])
    # A machine that is held up between the two makes two updates of it.
    calls = project.output.count("[hmr] update")
    assert len(page.log()) == calls
    edit(project, "static/a.js", "a2", "a3")
    page.wait_for_log_entry(["a3", "b2"])
    assert len(page.log()) == calls + 1
    page.assert_not_reloaded()


@pytest.mark.rule(6)
def test_one_string_is_a_list_of_one(project):
    page = open_page(
        project,
        {
            **TWO_DEPENDENCIES,
            "static/main.js": """
                import "./a.js";
                import.meta.hot.accept("./a.js", ({ deps }) => {
                  log.push(deps.map((dep) => dep.value));
                });
            """,
        },
    )
    edit(project, "static/a.js", "a1", "a2")

    page.wait_for_log(["a1", "a2", ["a2"]])
    page.assert_not_reloaded()


@pytest.mark.rule(6)
@pytest.mark.parametrize(
    "accepts",
    ["import.meta.hot.accept(['./a.js']);", "import.meta.hot.accept('./a.js');"],
)
def test_the_callback_of_a_list_may_be_left_out(project, accepts):
    page = open_page(
        project,
        {
            **TWO_DEPENDENCIES,
            "static/main.js": f"""
                import "./a.js";
                log.push("main");
                {accepts}
            """,
        },
    )
    edit(project, "static/a.js", "a1", "a2")

    page.wait_for_log(["a1", "main", "a2"])
    page.assert_not_reloaded()


@pytest.mark.rule(3, 6)
def test_a_list_in_a_variable_works(project):
    page = open_page(
        project,
        {
            **TWO_DEPENDENCIES,
            "static/main.js": """
                import "./a.js";
                const names = ["./a.js"];
                import.meta.hot.accept(names, ({ deps }) => log.push([deps[0].value]));
            """,
        },
    )
    for n in (1, 2, 3):
        edit(project, "static/a.js", f"a{n}", f"a{n + 1}")
        page.wait_for_log_entry([f"a{n + 1}"])

    page.assert_not_reloaded()
    assert page.log() == ["a1", "a2", ["a2"], "a3", ["a3"], "a4", ["a4"]]


@pytest.mark.rule(6)
def test_what_reaches_a_module_through_the_list_only_is_taken(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                log.push("main");
                import.meta.hot.accept(["./a.js"], ({ deps }) => {
                  log.push([deps[0].value]);
                });
            """,
            "static/a.js": "export { value } from './deep.js';",
            "static/deep.js": "export const value = 'one';",
        },
    )
    edit(project, "static/deep.js", "one", "two")

    page.wait_for_log(["main", ["two"]])
    page.assert_not_reloaded()


@pytest.mark.rule(6, 7)
def test_what_reaches_a_module_in_another_way_too_is_not_taken(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import { value } from "./deep.js";
                log.push(value);
                import.meta.hot.accept(["./a.js"], () => log.push("called"));
            """,
            "static/a.js": "export { value } from './deep.js';",
            "static/deep.js": "export const value = 'one';",
        },
    )
    edit(project, "static/deep.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["two"])


@pytest.mark.rule(7)
@pytest.mark.parametrize("changed", ["main.js", "b.js"])
def test_a_list_takes_neither_the_modules_own_code_nor_other_modules(project, changed):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                import.meta.hot.accept(["./a.js"], () => log.push("called"));
            """,
            "static/a.js": "log.push('a');",
            "static/b.js": "log.push('b');",
        },
    )
    project.save(f"static/{changed}", project.read(f"static/{changed}") + "// more")

    assert_reloaded_once(page)
    page.wait_for_log(["a", "b"])


@pytest.mark.rule(7, 12)
def test_both_forms_in_one_module_each_get_their_own(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nlog.push('main');\n",
            "static/part.js": """
                import "./a.js";
                export const name = "one";
                import.meta.hot.accept(["./a.js"], ({ deps, module }) => {
                  log.push([name, deps[0].value, module.name]);
                });
                import.meta.hot.accept(({ module }) => {
                  log.push([name, module.name]);
                });
            """,
            "static/a.js": "export const value = 'a1';",
        },
    )
    edit(project, "static/a.js", "a1", "a2")
    page.wait_for_log(["main", ["one", "a2", "one"]])

    page.clear_log()
    edit(project, "static/part.js", '"one"', '"two"')
    page.wait_for_log([["one", "two"]])

    # The first instance is the one that main.js holds, the second the newest.
    page.clear_log()
    edit(project, "static/a.js", "a2", "a3")
    page.wait_for("() => log.length === 2")
    calls = sorted(page.log())
    assert [call[:2] for call in calls] == [["one", "a3"], ["two", "a3"]]
    page.assert_not_reloaded()


@pytest.mark.rule(6, 21)
def test_a_module_got_by_import_can_be_accepted(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                let view = await import("./view.js");
                window.value = () => view.value;
                import.meta.hot.accept("./view.js", ({ deps: [fresh] }) => {
                  view = fresh;
                  log.push(fresh.value);
                });
            """,
            "static/view.js": "export const value = 1;",
        },
    )
    for number in (1, 2, 3):
        edit(project, "static/view.js", f"= {number}", f"= {number + 1}")
        page.wait_for("n => value() === n", number + 1)

    assert page.log() == [2, 3, 4]
    page.assert_not_reloaded()


@pytest.mark.rule(6, 24)
def test_two_modules_may_accept_each_other(project):
    def module(name, other):
        return f"""
            import "./{other}.js";
            export const name = "{name}1";
            import.meta.hot.accept("./{other}.js", ({{ deps }}) => {{
              log.push(deps[0].name);
            }});
        """

    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nimport.meta.hot.accept('./a.js');\n",
            "static/a.js": module("a", "b"),
            "static/b.js": module("b", "a"),
        },
    )
    edit(project, "static/b.js", '"b1"', '"b2"')
    page.wait_for_log(["b2"])
    page.assert_not_reloaded()


@pytest.mark.rule(6)
def test_the_namespace_of_an_accepting_module_is_its_own(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import * as part from "./part.js";
                window.part = part;
            """,
            "static/part.js": """
                import "./a.js";
                export let count = 0;
                export const add = () => { count += 1; };
                import.meta.hot.accept("./a.js", ({ module }) => {
                  module.add();
                  log.push(module === part, count);
                });
            """,
            "static/a.js": "// one",
        },
    )
    edit(project, "static/a.js", "one", "two")

    page.wait_for_log([True, 1])


# Specifiers


@pytest.mark.rule(8)
@pytest.mark.parametrize("imported", ["./a.js", "/static/a.js", "../static/a.js"])
@pytest.mark.parametrize("accepted", ["./a.js", "/static/a.js"])
def test_a_specifier_means_what_it_means_in_an_import(project, imported, accepted):
    page = open_page(
        project,
        {
            "static/a.js": "export const value = 'a1';",
            "static/main.js": f"""
                import {{ value }} from "{imported}";
                log.push(value);
                import.meta.hot.accept(["{accepted}"], ({{ deps }}) => {{
                  log.push(deps[0].value);
                }});
            """,
        },
    )
    edit(project, "static/a.js", "a1", "a2")

    page.wait_for_log(["a1", "a2"])
    page.assert_not_reloaded()
    assert "warning" not in page.console


@pytest.mark.rule(8)
def test_a_specifier_that_is_not_imported_is_a_warning_once(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept(["./other.js"], () => {});
                import.meta.hot.accept();
            """,
            "static/other.js": "",
        },
    )
    page.wait_for_console("./other.js")

    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])
    edit(project, "static/main.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])

    warnings = [x for x in page.console.splitlines() if x.startswith("warning")]
    assert len(warnings) == 1
    assert "main.js" in warnings[0]


@pytest.mark.rule(9)
def test_all_calls_count_and_their_callbacks_run_in_order(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';",
            "static/part.js": """
                import "./a.js";
                import.meta.hot.accept("./a.js", () => log.push("a first"));
                import.meta.hot.accept(() => log.push("self first"));
                import.meta.hot.accept(["./a.js"], () => log.push("a second"));
                import.meta.hot.accept(() => log.push("self second"));
                // one
            """,
            "static/a.js": "",
        },
    )
    edit(project, "static/part.js", "// one", "// two")
    page.wait_for_log(["self first", "self second"])

    page.refresh()
    page.wait_until_connected()
    project.save("static/a.js", "// changed")
    page.wait_for_log(["a first", "a second"])
    page.assert_not_reloaded()


# Code written for Vite


@pytest.mark.rule(10)
def test_callbacks_written_for_vite_get_what_they_expect(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';",
            "static/part.js": """
                import "./a.js";
                import "./b.js";
                export const count = 1;
                import.meta.hot.accept((mod) => log.push(["self", mod.count]));
                import.meta.hot.accept("./a.js", (a) => log.push(["a", a.value]));
                import.meta.hot.accept(["./a.js", "./b.js"], ([a, b]) => {
                  log.push(["list", a.value, b.value]);
                });
            """,
            "static/a.js": "export const value = 'a1';",
            "static/b.js": "export const value = 'b1';",
        },
    )
    edit(project, "static/a.js", "a1", "a2")
    page.wait_for_log([["a", "a2"], ["list", "a2", "b1"]])

    page.clear_log()
    edit(project, "static/part.js", "count = 1", "count = 2")
    page.wait_for_log([["self", 2]])
    page.assert_not_reloaded()


def test_who_listens_for_an_event_of_vite_is_told_which_there_is(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                for (const event of ["vite:ws:connect", "vite:error", "vite:error"]) {
                  import.meta.hot.on(event, () => {});
                }
                import.meta.hot.on("other:error", () => {});
            """,
        },
    )
    page.wait_for_console('"vite:error". What comes closest is "hmr:error".')
    assert page.console.count('What comes closest is "hmr:error"') == 1
    assert page.console.count('What comes closest is "hmr:connect"') == 1
    assert "other:error" not in page.console


@pytest.mark.rule(10)
def test_exports_named_like_the_fields_give_way_to_them(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';",
            "static/part.js": """
                export const module = "an export";
                export const deps = "another";
                export const value = 1;
                import.meta.hot.accept((update) => {
                  log.push([update.module.module, update.deps, update.value]);
                });
            """,
        },
    )
    edit(project, "static/part.js", "value = 1", "value = 2")

    page.wait_for_log([["an export", [], 2]])


ACCEPTS_EXPORTS = """
    export let a = "a1";
    export let b = "b1";
    import.meta.hot.acceptExports(["a"], (mod) => { a = mod.a; });
"""


@pytest.mark.rule(10)
def test_accepted_exports_update_where_importers_use_only_those(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { a } from "./part.js";
                window.a = () => a;
                log.push("main");
            """,
            "static/part.js": ACCEPTS_EXPORTS,
        },
    )
    edit(project, "static/part.js", "a1", "a2")

    page.wait_for("() => a() === 'a2'")
    page.assert_not_reloaded()
    assert page.log() == ["main"]


@pytest.mark.rule(10)
def test_accepted_exports_are_not_enough_for_importers_of_other_names(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { a, b } from "./part.js";
                log.push(b);
            """,
            "static/part.js": ACCEPTS_EXPORTS,
        },
    )
    edit(project, "static/part.js", "b1", "b2")

    assert_reloaded_once(page)
    page.wait_for_log(["b2"])


# { bubbles: true }


@pytest.mark.rule(11)
@pytest.mark.parametrize(
    "accepts",
    [
        "import.meta.hot.accept({ bubbles: true });",
        "import.meta.hot.accept(() => log.push('called'), { bubbles: true });",
    ],
)
def test_an_update_that_bubbles_reaches_the_importers_as_well(project, accepts):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/part.js": f"""
                export const value = "one";
                log.push("part");
                {accepts}
            """,
        },
    )
    page.clear_log()
    edit(project, "static/part.js", "one", "two")
    called = ["called"] if "called" in accepts else []
    page.wait_for_log(["part", "main two", *called])

    page.clear_log()
    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["part", "main three", *called])
    page.assert_not_reloaded()


# Every importer sees every update


@pytest.mark.rule(12)
def test_callbacks_of_each_instance_that_is_held_run_at_every_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                window.value = () => value;
                window.load = () => import("./late.js");
            """,
            "static/late.js": """
                import { value } from "./part.js";
                window.late = () => value;
            """,
            "static/part.js": """
                export let value = 1;
                const number = value;
                import.meta.hot.accept(({ module }) => {
                  value = module.value;
                  log.push(number);
                });
            """,
        },
    )
    # main.js holds the first instance, late.js the third.
    expected = {2: [1], 3: [1, 2], 4: [1, 3], 5: [1, 3, 4], 6: [1, 3, 5]}

    for number, instances in expected.items():
        page.clear_log()
        edit(project, "static/part.js", f"= {number - 1}", f"= {number}")
        page.wait_for("n => value() === n", number)
        page.wait_for("n => log.length >= n", len(instances))
        page.settle()
        assert sorted(page.log()) == instances
        assert page.evaluate("() => window.late?.()") in (None, number)

        if number == 3:
            page.evaluate("() => load()")

    assert page.evaluate("() => late()") == 6
    page.assert_not_reloaded()


@pytest.mark.rule(12)
def test_a_namespace_got_by_import_sees_every_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const part = await import("./part.js");
                window.value = () => part.value;
            """,
            "static/part.js": """
                export let value = 1;
                import.meta.hot.accept(({ module }) => { value = module.value });
            """,
        },
    )
    for number in range(1, 6):
        edit(project, "static/part.js", f"= {number}", f"= {number + 1}")
        page.wait_for("n => value() === n", number + 1)

    page.assert_not_reloaded()


@pytest.mark.rule(12)
def test_callbacks_for_dependencies_run_at_every_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { held } from "./part.js";
                window.held = () => held;
            """,
            "static/part.js": """
                import { value } from "./a.js";
                export let held = value;
                import.meta.hot.accept(["./a.js"], ({ deps }) => {
                  held = deps[0].value;
                  log.push(held);
                });
            """,
            "static/a.js": "export const value = 1;",
        },
    )
    for number in range(1, 6):
        edit(project, "static/a.js", f"= {number}", f"= {number + 1}")
        page.wait_for("n => held() === n", number + 1)

    assert page.log() == [2, 3, 4, 5, 6]
    page.assert_not_reloaded()


@pytest.mark.rule(12)
def test_an_importer_that_was_evaluated_again_holds_the_newer_instance(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                window.value = () => value;
                // one
                import.meta.hot.accept();
            """,
            "static/part.js": """
                export let value = 1;
                const number = value;
                import.meta.hot.accept(({ module }) => {
                  value = module.value;
                  log.push(number);
                });
            """,
        },
    )
    edit(project, "static/part.js", "= 1", "= 2")
    page.wait_for_log([1])
    edit(project, "static/main.js", "// one", "window.again = true;")
    page.wait_for("() => window.again")

    # Nothing imports the first instance any longer.
    page.clear_log()
    edit(project, "static/part.js", "= 2", "= 3")
    page.wait_for("() => value() === 3")
    page.settle()
    assert page.log() == [2]
    page.assert_not_reloaded()


@pytest.mark.rule(13)
def test_an_exception_in_a_callback_stops_nothing_else(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport './other.js';\n",
            "static/part.js": """
                export const value = 1;
                import.meta.hot.accept(() => { throw new Error("out of order"); });
                import.meta.hot.accept(({ module }) => log.push(module.value));
            """,
            "static/other.js": "log.push('one');\nimport.meta.hot.accept();\n",
        },
    )
    edit(project, "static/part.js", "= 1", "= 2")
    page.wait_for_log(["one", 2])
    page.wait_for_console("out of order")
    page.locator(OVERLAY).get_by_text("out of order").first.wait_for()

    edit(project, "static/other.js", "one", "two")
    page.wait_for_log(["one", 2, "two"])
    page.assert_not_reloaded()


# decline, invalidate


@pytest.mark.rule(14)
def test_a_declined_module_reloads_even_under_an_accepting_importer(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                import.meta.hot.accept(["./part.js"], () => log.push("called"));
                import.meta.hot.accept();
            """,
            "static/part.js": """
                log.push("one");
                import.meta.hot.accept();
                import.meta.hot.decline();
            """,
        },
    )
    edit(project, "static/part.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["two"])


@pytest.mark.rule(14)
def test_a_change_below_a_declined_module_reloads_too(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": "import './deep.js';\nimport.meta.hot.decline();\n",
            "static/deep.js": "log.push('one');",
        },
    )
    edit(project, "static/deep.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["two"])


INVALIDATES = """
    export const value = "one";
    import.meta.hot.accept(() => import.meta.hot.invalidate("too different"));
"""


@pytest.mark.rule(15)
def test_invalidate_reloads_and_tells_its_message(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/part.js": INVALIDATES,
        },
    )
    edit(project, "static/part.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["main two"])
    page.wait_for_console("too different")
    project.wait_for_output("too different")


PROPAGATES = {"app.py": f"{APP}\napp.config['HMR_INVALIDATE'] = 'propagate'\n"}


@pytest.mark.rule(15)
def test_a_module_that_invalidates_itself_at_each_load_reloads_once(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
            """
        },
    )
    edit(project, "static/main.js", '"one");', '"two"); import.meta.hot.invalidate();')
    page.wait_for_reload()
    page.locator("[data-hmr-overlay]").get_by_text("for ever").first.wait_for()
    page.assert_not_reloaded()

    project.save("static/main.js", 'log.push("three"); import.meta.hot.accept();')
    page.wait_for_log_entry("three")
    page.locator("[data-hmr-overlay]").wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(15)
def test_invalidate_may_hand_the_update_to_the_importers(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": """
                import { value } from "./part.js";
                log.push(`main ${value}`);
                import.meta.hot.accept();
            """,
            "static/part.js": INVALIDATES,
        },
    )
    page.wait_for_log(["main one"])

    edit(project, "static/part.js", "one", "two")
    page.wait_for_log(["main one", "main two"])
    page.wait_for_console("too different")
    project.wait_for_output("too different")

    edit(project, "static/part.js", "two", "three")
    page.wait_for_log(["main one", "main two", "main three"])
    page.assert_not_reloaded()


@pytest.mark.rule(15)
def test_invalidate_reloads_when_no_importer_takes_it(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": """
                import { value } from "./part.js";
                log.push(`main ${value}`);
            """,
            "static/part.js": INVALIDATES,
        },
    )
    edit(project, "static/part.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["main two"])


@pytest.mark.rule(15)
def test_modules_that_invalidate_each_other_end_in_one_reload(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/main.js": "import './a.js';\nlog.push('main');\n",
            "static/a.js": """
                import "./b.js";
                import.meta.hot.accept(() => import.meta.hot.invalidate());
            """,
            "static/b.js": """
                import "./a.js";
                log.push("one");
                import.meta.hot.accept(() => import.meta.hot.invalidate());
            """,
        },
    )
    page.wait_for_log(["one", "main"])

    edit(project, "static/b.js", "one", "two")

    assert_reloaded_once(page)
    page.wait_for_log(["two", "main"])


# dispose, data


@pytest.mark.rule(16, 18)
def test_dispose_runs_once_in_order_with_data_before_the_new_instance(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';",
            "static/part.js": """
                const name = "one";
                log.push(`${name} runs, data ${import.meta.hot.data.name}`);
                import.meta.hot.accept(() => log.push(`${name} is called`));
                import.meta.hot.dispose(async (data) => {
                  await new Promise((resolve) => requestAnimationFrame(resolve));
                  data.name = name;
                  log.push(`${name} disposed first`);
                });
                import.meta.dispose(() => log.push(`${name} disposed second`));
            """,
        },
    )
    page.wait_for_log(["one runs, data undefined"])

    page.clear_log()
    edit(project, "static/part.js", '"one"', '"two"')
    page.wait_for_log(
        [
            "one disposed first",
            "one disposed second",
            "two runs, data one",
            "one is called",
        ]
    )

    page.clear_log()
    edit(project, "static/part.js", '"two"', '"three"')
    page.wait_for("() => log.length >= 5")
    assert page.log()[:3] == [
        "two disposed first",
        "two disposed second",
        "three runs, data two",
    ]
    assert sorted(page.log()[3:]) == ["one is called", "two is called"]
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_dispose_runs_where_a_change_below_replaces_the_module(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./middle.js";
                import "./beside.js";
                import.meta.hot.accept();
                import.meta.hot.dispose(() => log.push("main disposed"));
            """,
            "static/middle.js": """
                import "./deep.js";
                import.meta.hot.dispose(() => log.push("middle disposed"));
            """,
            "static/beside.js": """
                import.meta.hot.dispose(() => log.push("beside disposed"));
            """,
            "static/deep.js": """
                log.push("one");
                import.meta.dispose(() => log.push("deep disposed"));
            """,
        },
    )
    page.clear_log()
    edit(project, "static/deep.js", "one", "two")

    page.wait_for_log_entry("two")
    assert sorted(page.log()[:3]) == [
        "deep disposed",
        "main disposed",
        "middle disposed",
    ]
    assert page.log()[3:] == ["two"]
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_a_dependency_that_is_taken_is_disposed_and_its_importer_is_not(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                import.meta.hot.accept(["./part.js"], () => log.push("called"));
                import.meta.hot.dispose(() => log.push("main disposed"));
            """,
            "static/part.js": """
                log.push("one");
                import.meta.hot.dispose(() => log.push("part disposed"));
            """,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        edit(project, "static/part.js", old, new)
        page.wait_for_log(["part disposed", new, "called"])
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_an_exception_in_dispose_does_not_stop_the_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
                import.meta.hot.dispose(() => { throw new Error("out of order"); });
                import.meta.hot.dispose(() => log.push("disposed"));
            """
        },
    )
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "disposed", "two"])
    page.wait_for_console("out of order")
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_saves_during_a_slow_dispose_end_with_the_last(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const number = 0;
                log.push(number);
                import.meta.hot.accept();
                import.meta.hot.dispose(async () => {
                  for (let i = 0; i < 10; i++) await new Promise(requestAnimationFrame);
                  log.push(`${number} disposed`);
                });
            """
        },
    )
    for number in range(1, 6):
        edit(project, "static/main.js", f"number = {number - 1}", f"number = {number}")

    page.wait_for("() => log.at(-1) === 5")
    numbers = page.log()[::2]
    assert numbers == sorted(numbers)
    assert page.log()[1::2] == [f"{number} disposed" for number in numbers[:-1]]
    page.assert_not_reloaded()


@pytest.mark.rule(18)
def test_data_is_one_object_for_as_long_as_the_page_lives(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                // one
                const { data } = import.meta.hot;
                data.count = (data.count ?? 0) + 1;
                window.first ??= data;
                log.push([data.count, data === first]);
                import.meta.hot.accept();
            """
        },
    )
    edit(project, "static/main.js", "// one", "// two")
    page.wait_for_log([[1, True], [2, True]])
    edit(project, "static/main.js", "// two", "// three")
    page.wait_for_log([[1, True], [2, True], [3, True]])

    page.refresh()
    page.wait_for_log([[1, True]])


# Errors

BROKEN = {
    "a syntax error": "export const value = ;",
    "an exception": "throw new Error('on purpose');",
    "a missing file": "import './nowhere.js';",
    "a missing export": "import { nothing } from './empty.js';",
}


@pytest.mark.rule(17)
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_save_leaves_the_page_alive_until_it_is_mended(project, broken):
    page = open_page(
        project,
        {
            "static/main.js": IMPORTS_PART,
            "static/empty.js": "export {};",
            "static/part.js": """
                export let value = "one";
                // LINE
                import.meta.hot.data.kept ??= "kept";
                import.meta.hot.accept(({ module }) => {
                  value = module.value;
                  log.push(`${value} ${import.meta.hot.data.kept}`);
                });
            """,
        },
    )
    overlay = page.locator(OVERLAY)

    edit(project, "static/part.js", "// LINE", broken)
    overlay.wait_for()
    overlay.get_by_text("part.js").first.wait_for()
    assert page.evaluate("() => value()") == "one"
    assert page.log() == ["main"]

    good = project.read("static/part.js").replace(broken, "// mended")
    project.save("static/part.js", good.replace('"one"', '"two"'))
    page.wait_for("() => value() === 'two'")
    overlay.wait_for(state="detached")

    edit(project, "static/part.js", '"two"', '"three"')
    page.wait_for("() => value() === 'three'")
    assert set(page.log()) == {"main", "two kept", "three kept"}
    page.assert_not_reloaded()


@pytest.mark.rule(17)
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_module_below_a_boundary_leaves_the_page_alive(project, broken):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./middle.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/middle.js": "export { value } from './deep.js';",
            "static/empty.js": "export {};",
            "static/deep.js": "export const value = 'one';\n// LINE\n",
        },
    )
    overlay = page.locator(OVERLAY)

    edit(project, "static/deep.js", "// LINE", broken)
    overlay.wait_for()
    assert page.log() == ["one"]

    project.save("static/deep.js", "export const value = 'two';")
    page.wait_for_log(["one", "two"])
    overlay.wait_for(state="detached")

    edit(project, "static/deep.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_nothing_is_disposed_of_for_an_update_that_cannot_happen(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
                import.meta.hot.dispose(() => log.push("disposed"));
            """
        },
    )
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "disposed", "two"])

    edit(project, "static/main.js", '("two")', '("two"')
    page.locator(OVERLAY).wait_for()
    assert page.log() == ["one", "disposed", "two"]

    edit(project, "static/main.js", '("two"', '("three")')
    page.wait_for_log(["one", "disposed", "two", "disposed", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_another_module_updates_while_one_is_broken(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nimport './b.js';\n",
            "static/a.js": "log.push('a1');\nimport.meta.hot.accept();\n",
            "static/b.js": "log.push('b1');\nimport.meta.hot.accept();\n",
        },
    )
    overlay = page.locator(OVERLAY)

    edit(project, "static/a.js", "log.push('a1');", "log.push('a2'")
    overlay.wait_for()
    edit(project, "static/b.js", "b1", "b2")
    page.wait_for_log(["a1", "b1", "b2"])
    page.settle()
    assert overlay.count() == 1, "a.js is still broken"

    edit(project, "static/a.js", "log.push('a2'", "log.push('a3');")
    page.wait_for_log(["a1", "b1", "b2", "a3"])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(17, 19)
def test_a_broken_module_that_is_no_longer_imported_is_no_error(project):
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
                import.meta.hot.accept();
                import.meta.hot.prune(() => log.push("pruned"));
            """,
        },
    )
    edit(project, "static/part.js", '"part")', '"part"')
    page.locator(OVERLAY).wait_for()

    edit(project, "static/main.js", 'import "./part.js";', "")
    page.wait_for_log(["part", "main", "main", "pruned"])
    page.locator(OVERLAY).wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_several_broken_saves_in_a_row_end_well(project):
    page = open_page(
        project,
        {
            "static/main.js": "log.push('one');\nimport.meta.hot.accept();\n",
            "static/empty.js": "export {};",
        },
    )
    good = project.read("static/main.js")

    for number, broken in enumerate(BROKEN.values()):
        project.save("static/main.js", f"// {number}\n{broken}\n{good}")
        page.wait_for_console(["';'", "on purpose", "nowhere", "nothing"][number])
        page.locator(OVERLAY).wait_for()

    project.save("static/main.js", good.replace("one", "two"))
    page.wait_for_log(["one", "two"])
    page.locator(OVERLAY).wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_going_back_to_the_running_code_takes_an_error_away(project):
    page = open_page(
        project, {"static/main.js": "log.push('one');\nimport.meta.hot.accept();\n"}
    )
    good = project.read("static/main.js")

    project.save("static/main.js", f"{good}\n)")
    page.locator(OVERLAY).wait_for()
    project.save("static/main.js", good)
    page.locator(OVERLAY).wait_for(state="detached")

    project.save("static/main.js", good.replace("one", "two"))
    page.wait_for("() => log.at(-1) === 'two'")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_page_that_opened_with_an_error_comes_up_when_it_is_mended(project, broken):
    page = open_page(
        project,
        {
            "static/main.js": "import { value } from './part.js';\nlog.push(value);\n",
            "static/empty.js": "export {};",
            "static/part.js": f"{broken}\nexport const value = 'mended';\n",
        },
    )
    page.locator(OVERLAY).wait_for()

    project.save("static/part.js", "export const value = 'mended';")

    page.wait_for_log(["mended"])
    page.locator(OVERLAY).wait_for(state="detached")


@pytest.mark.rule(17)
def test_a_syntax_error_names_file_line_and_column(project):
    page = open_page(
        project, {"static/main.js": "log.push('one');\nimport.meta.hot.accept();\n"}
    )

    edit(project, "static/main.js", "\nimport", "\nlet x = );\nimport")

    overlay = page.locator(OVERLAY)
    overlay.wait_for()
    overlay.get_by_text("main.js:2:9").first.wait_for()
    project.wait_for_output("/static/main.js:2")


# prune


@pytest.mark.rule(16, 18, 19)
def test_a_module_that_nothing_imports_any_longer_is_pruned(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./extra.js";
                import.meta.hot.accept();
            """,
            "static/extra.js": """
                import "./below.js";
                const { data } = import.meta.hot;
                data.count = (data.count ?? 0) + 1;
                log.push(`extra ${data.count}`);
                import.meta.hot.dispose(() => log.push("extra disposed"));
                import.meta.hot.prune(() => log.push("extra pruned"));
            """,
            "static/below.js": """
                log.push("below");
                import.meta.hot.prune(() => log.push("below pruned"));
            """,
        },
    )
    page.wait_for_log(["below", "extra 1"])

    page.clear_log()
    edit(project, "static/main.js", 'import "./extra.js";', "")
    page.wait_for("() => log.length >= 3")
    assert sorted(page.log()) == ["below pruned", "extra disposed", "extra pruned"]
    assert page.log().index("extra disposed") < page.log().index("extra pruned")

    # It comes back as if for the first time.
    page.clear_log()
    edit(project, "static/main.js", "import.meta", 'import "./extra.js";\nimport.meta')
    page.wait_for_log(["below", "extra 1"])
    page.assert_not_reloaded()


@pytest.mark.rule(19)
def test_a_module_that_something_still_imports_is_not_pruned(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nimport './b.js';\n",
            "static/a.js": """
                import "./shared.js";
                log.push("a");
                import.meta.hot.accept();
            """,
            "static/b.js": "import './shared.js';",
            "static/shared.js": """
                log.push("shared");
                import.meta.hot.prune(() => log.push("pruned"));
            """,
        },
    )
    edit(project, "static/a.js", 'import "./shared.js";', "")
    page.wait_for_log(["shared", "a", "a"])

    edit(project, "static/a.js", '"a"', '"still a"')
    page.wait_for_log(["shared", "a", "a", "still a"])
    page.assert_not_reloaded()


@pytest.mark.rule(19)
def test_a_module_that_was_imported_dynamically_is_pruned_when_unnamed(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                await import("./extra.js");
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/extra.js": """
                import.meta.hot.prune(() => log.push("pruned"));
            """,
        },
    )
    edit(project, "static/main.js", 'await import("./extra.js");', "")

    page.wait_for_log(["main", "main", "pruned"])
    page.assert_not_reloaded()


@pytest.mark.rule(19, 21)
def test_a_module_is_pruned_where_only_another_page_imports_it(project):
    page = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/other")
def other():
    return render_template("other.html")
""",
            "templates/other.html": INDEX.replace("main.js", "other.js"),
            "static/other.js": "import './extra.js';",
            "static/main.js": """
                import "./extra.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/extra.js": """
                import.meta.hot.prune(() => log.push("pruned"));
            """,
        },
    )
    other = project.open("/other")
    other.wait_until_connected()

    edit(project, "static/main.js", 'import "./extra.js";', "")

    page.wait_for_log(["main", "main", "pruned"])
    page.assert_not_reloaded()
    assert other.log() == []
    other.assert_not_reloaded()


# Events


@pytest.mark.rule(20)
def test_events_tell_of_an_update_around_it(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                import.meta.hot.on("hmr:beforeUpdate", () => log.push("before"));
                import.meta.hot.on("hmr:afterUpdate", () => log.push("after"));
            """,
            "static/part.js": """
                log.push("one");
                import.meta.hot.accept(() => log.push("called"));
                import.meta.hot.dispose(() => log.push("disposed"));
            """,
        },
    )
    page.clear_log()
    edit(project, "static/part.js", "one", "two")

    page.wait_for_log(["before", "disposed", "two", "called", "after"])


@pytest.mark.rule(20)
def test_an_event_tells_of_a_reload_before_it_happens(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push(sessionStorage.getItem("note"));
                import.meta.hot.on("hmr:beforeFullReload", () => {
                  sessionStorage.setItem("note", "about to reload");
                });
                // one
            """
        },
    )
    page.wait_for_log([None])

    edit(project, "static/main.js", "// one", "// two")

    assert_reloaded_once(page)
    page.wait_for_log(["about to reload"])


@pytest.mark.rule(20)
def test_events_tell_of_errors_prunes_and_invalidation(project):
    page = open_page(
        project,
        {
            **PROPAGATES,
            "static/listener.js": """
                for (const name of ["error", "beforePrune", "invalidate"]) {
                  import.meta.hot.on(`hmr:${name}`, () => log.push(name));
                }
            """,
            "static/main.js": """
                import "./listener.js";
                import "./part.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/part.js": """
                import.meta.hot.accept(() => import.meta.hot.invalidate());
            """,
        },
    )
    page.wait_for_log(["main"])
    project.save("static/part.js", project.read("static/part.js") + "// more\n")
    page.wait_for_log(["main", "invalidate", "main"])

    page.clear_log()
    good = project.read("static/part.js")
    project.save("static/part.js", f"{good})")
    page.wait_for_log(["error"])
    project.save("static/part.js", good)
    page.locator(OVERLAY).wait_for(state="detached")

    page.clear_log()
    edit(project, "static/main.js", 'import "./part.js";', "")
    page.wait_for_log_entry("beforePrune")
    page.assert_not_reloaded()


@pytest.mark.rule(20)
def test_events_tell_of_a_lost_connection_and_of_the_next(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import.meta.hot.on("hmr:connect", () => log.push("connect"));
                import.meta.hot.on("hmr:disconnect", () => log.push("disconnect"));
                log.push("main");
            """
        },
    )
    page.clear_log()

    project.stop()
    page.wait_for_log(["disconnect"])
    project.start()
    page.wait_for_log(["disconnect", "connect"])


@pytest.mark.rule(20)
def test_a_listener_goes_with_its_instance_or_by_off(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                const listener = () => log.push("never");
                import.meta.hot.on("hmr:afterUpdate", listener);
                import.meta.hot.off("hmr:afterUpdate", listener);
            """,
            "static/part.js": """
                const name = "one";
                import.meta.hot.on("hmr:afterUpdate", () => log.push(name));
                import.meta.hot.accept();
            """,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        edit(project, "static/part.js", old, new)
        page.wait_for_log([new])


@pytest.mark.rule(20)
def test_pages_and_python_send_each_other_events(project):
    page = open_page(
        project,
        {
            "app.py": f"""{EVENTS_APP}
@hmr.on("ask")
def answer(data, client):
    client.send("answer", {{"to": data["name"]}})


@app.post("/tell")
def tell():
    hmr.send("news", [1, "two", None])
    return "", 204
""",
            "static/main.js": """
                window.ask = (name) => import.meta.hot.send("ask", { name });
                import.meta.hot.on("answer", ({ to }) => log.push(`answer to ${to}`));
                import.meta.hot.on("news", (data) => log.push(data));
            """,
        },
    )
    other = project.open()
    other.wait_until_connected()

    page.evaluate("() => ask('Ada')")
    page.wait_for_log(["answer to Ada"])

    project.fetch("/tell", method="POST")
    page.wait_for_log(["answer to Ada", [1, "two", None]])
    other.wait_for_log([[1, "two", None]])


@pytest.mark.rule(20)
def test_an_exception_in_a_python_handler_stops_nothing(project):
    page = open_page(
        project,
        {
            "app.py": f"""{EVENTS_APP}
@hmr.on("ask")
def fail(data, client):
    raise RuntimeError("out of order")


@hmr.on("ask")
def answer(data, client):
    client.send("answer", data)
""",
            "static/main.js": """
                window.ask = (data) => import.meta.hot.send("ask", data);
                import.meta.hot.on("answer", (data) => log.push(data));
            """,
        },
    )
    page.evaluate("() => ask(1)")
    page.wait_for_log([1])
    project.wait_for_output("out of order")
    page.evaluate("() => ask(2)")
    page.wait_for_log([1, 2])


@pytest.mark.rule(20)
def test_what_a_page_sends_while_it_loads_arrives(project):
    page = open_page(
        project,
        {
            "app.py": f"""{EVENTS_APP}
@hmr.on("ask")
def answer(data, client):
    client.send("answer", data)
""",
            "static/main.js": """
                import.meta.hot.on("answer", (data) => log.push(data));
                import.meta.hot.send("ask", "early");
            """,
        },
    )

    page.wait_for_log(["early"])
