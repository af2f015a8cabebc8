"""How an update travels: up from what changed, to what takes care of it."""

from __future__ import annotations

import re

import pytest

from .support.project import APP, INDEX
from .support.steps import edit, open_page

ACCEPTING = """
    log.push("one");
    import.meta.hot.accept();
"""


# The way up


@pytest.mark.rule(22)
def test_an_update_bubbles_through_ten_plain_modules(project):
    chain = {
        f"static/m{n}.js": f"""
            export {{ value }} from "./m{n + 1}.js";
            log.push({n});
        """
        for n in range(1, 11)
    }
    page = open_page(
        project,
        {
            **chain,
            "static/main.js": """
                import { value } from "./m1.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/m11.js": "export const value = 'one';",
        },
    )
    once = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    page.wait_for_log([*once, "one"])

    edit(project, "static/m11.js", "one", "two")
    page.wait_for_log([*once, "one", *once, "two"])

    # From the middle: what is below it keeps its instance.
    page.clear_log()
    edit(project, "static/m5.js", "log.push(5)", "log.push('five')")
    page.wait_for_log(["five", 4, 3, 2, 1, "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(22)
def test_every_module_of_a_diamond_is_evaluated_once(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { left } from "./left.js";
                import { right } from "./right.js";
                log.push(left === right, "main");
                import.meta.hot.accept();
            """,
            "static/left.js": """
                export { bottom as left } from "./bottom.js";
                log.push("left");
            """,
            "static/right.js": """
                export { bottom as right } from "./bottom.js";
                log.push("right");
            """,
            "static/bottom.js": """
                export const bottom = {};
                log.push("one");
            """,
        },
    )
    page.wait_for_log(["one", "left", "right", True, "main"])

    page.clear_log()
    edit(project, "static/bottom.js", "one", "two")

    page.wait_for_log(["two", "left", "right", True, "main"])
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_two_boundaries_share_the_new_instance_of_what_changed(project):
    boundary = """
        import { shared } from "./shared.js";
        export let held = shared;
        import.meta.hot.accept(["./shared.js"], ({ deps }) => {
          held = deps[0].shared;
          log.push(`NAME ${held.name}`);
        });
    """
    page = open_page(
        project,
        {
            "static/main.js": """
                import { held as a } from "./a.js";
                import { held as b } from "./b.js";
                import { held as c } from "./c.js";
                window.held = () => [a, b, c];
            """,
            "static/a.js": boundary.replace("NAME", "a"),
            "static/b.js": boundary.replace("NAME", "b"),
            "static/c.js": """
                import { shared } from "./shared.js";
                export let held = shared;
                import.meta.hot.accept(({ module }) => {
                  held = module.held;
                  log.push(`c ${held.name}`);
                });
            """,
            "static/shared.js": """
                export const shared = { name: "one" };
            """,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        edit(project, "static/shared.js", old, new)
        for name in "abc":
            page.wait_for_log_entry(f"{name} {new}")
        assert page.evaluate("() => new Set(held()).size") == 1
    page.assert_not_reloaded()


@pytest.mark.rule(21, 23)
def test_a_module_that_is_imported_late_gets_the_instance_of_everyone_else(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { shared } from "./shared.js";
                export let held = shared;
                window.held = () => held;
                window.load = () => import("./late.js");
                import.meta.hot.accept(["./shared.js"], ({ deps }) => {
                  held = deps[0].shared;
                  log.push(held.name);
                });
            """,
            "static/late.js": """
                export { shared } from "./shared.js";
            """,
            "static/shared.js": """
                export const shared = { name: "one" };
            """,
        },
    )
    edit(project, "static/shared.js", "one", "two")
    page.wait_for_log(["two"])
    assert page.evaluate("async () => (await load()).shared === held()")

    edit(project, "static/shared.js", "two", "three")
    page.wait_for_reload()  # late.js takes no part, and it imports shared.js
    page.evaluate("async () => { window.late = await load() }")
    assert page.evaluate("() => late.shared.name") == "three"
    assert page.evaluate("() => late.shared === held()")


@pytest.mark.rule(12, 23)
def test_a_late_importer_of_a_self_accepting_module_gets_its_newest_instance(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./taken.js";
                window.value = () => value;
                window.load = () => import("./late.js");
                log.push("main");
            """,
            "static/late.js": """
                export { value } from "./taken.js";
            """,
            "static/taken.js": """
                export let value = { name: "one" };
                import.meta.hot.accept(({ module }) => { value = module.value });
            """,
        },
    )
    edit(project, "static/taken.js", "one", "two")
    page.wait_for("() => value().name === 'two'")

    page.evaluate("async () => { window.late = await load() }")
    assert page.evaluate("() => late.value === value()")

    # The binding of main.js is from the first instance, that of late.js from the
    # second: both follow.
    for old, new in (("two", "three"), ("three", "four")):
        edit(project, "static/taken.js", old, new)
        page.wait_for("name => value().name === name", new)
        page.wait_for("name => late.value.name === name", new)
        assert page.evaluate("() => late.value === value()")
    assert page.log() == ["main"]
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_import_gives_the_new_instance_after_an_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.literal = () => import("./lazy.js");
                window.computed = (name) => import(`./${name}.js`);
                window.absolute = (path) => import(new URL(path, import.meta.url));
            """,
            "static/lazy.js": """
                export const value = "one";
                log.push(value);
                import.meta.hot.accept();
            """,
        },
    )
    imports = """async () => {
        const found = [
            await literal(),
            await computed("lazy"),
            await absolute("/static/lazy.js"),
        ];
        return [new Set(found).size, found[0].value];
    }"""
    assert page.evaluate(imports) == [1, "one"]

    edit(project, "static/lazy.js", "one", "two")
    page.wait_for_log(["one", "two"])
    assert page.evaluate(imports) == [1, "two"]

    edit(project, "static/lazy.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    assert page.evaluate(imports) == [1, "three"]
    assert page.log() == ["one", "two", "three"]
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_an_import_by_a_computed_name_is_as_good_as_a_written_one(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const view = "view";
                const { name } = await import(`./${view}.js`);
                log.push(name);
                window.load = async (name) => (await import(`./${name}.js`)).name;
                import.meta.hot.accept();
            """,
            "static/view.js": "export const name = 'one';",
        },
    )
    page.wait_for_log(["one"])

    # Nothing in the text says that main.js imports view.js. It may reload; what it
    # shows has to be new.
    edit(project, "static/view.js", "one", "two")

    page.wait_for("() => log.at(-1) === 'two'")
    assert page.evaluate("() => load('view')") == "two"


@pytest.mark.rule(22)
def test_names_from_re_exports_are_new_after_an_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import standard, { a, renamed, space } from "./index.js";
                log.push([standard, a, renamed, space.c].join());
                import.meta.hot.accept();
            """,
            "static/index.js": """
                export * from "./a.js";
                export { b as renamed, default } from "./b.js";
                export * as space from "./c.js";
            """,
            "static/a.js": "export const a = 'a1';",
            "static/b.js": "export const b = 'b1';\nexport default 'd1';\n",
            "static/c.js": "export const c = 'c1';",
        },
    )
    page.wait_for_log(["d1,a1,b1,c1"])

    for name in "abc":
        edit(project, f"static/{name}.js", f"{name}1", f"{name}2")
        page.wait_for(f"() => log.at(-1).includes('{name}2')")

    assert page.log()[-1] == "d1,a2,b2,c2"
    assert len(page.log()) == 4
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_an_update_goes_up_through_import_too(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const { value } = await import("./view.js");
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/view.js": "export { value } from './deep.js';",
            "static/deep.js": "export const value = 'one';",
        },
    )
    page.wait_for_log(["one"])
    for old, new in (("one", "two"), ("two", "three")):
        edit(project, "static/deep.js", old, new)
        page.wait_for("value => log.at(-1) === value", new)

    assert page.log() == ["one", "two", "three"]
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_an_importer_by_import_that_accepts_nothing_is_a_dead_end(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const { value } = await import("./view.js");
                log.push(value);
            """,
            "static/view.js": "export const value = 'one';",
        },
    )
    page.wait_for_log(["one"])

    edit(project, "static/view.js", "one", "two")

    page.wait_for_reload()
    page.wait_for_log(["two"])


@pytest.mark.rule(22)
def test_modules_with_top_level_await_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./slow.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/slow.js": """
                await new Promise((resolve) => requestAnimationFrame(resolve));
                export const value = "one";
            """,
        },
    )
    page.wait_for_log(["one"])

    edit(project, "static/slow.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(26)
def test_boundaries_that_change_together_are_called_from_below(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './app.js';",
            "static/app.js": """
                import { dep } from "./dep.js";
                export const app = "app1";
                import.meta.hot.accept(({ module }) => log.push(module.app));
                log.push(`app sees ${dep}`);
            """,
            "static/dep.js": """
                export const dep = "dep1";
                import.meta.hot.accept(({ module }) => log.push(module.dep));
            """,
        },
    )
    page.clear_log()
    app, dep = project.read("static/app.js"), project.read("static/dep.js")
    project.write(
        {
            "static/app.js": app.replace("app1", "app2"),
            "static/dep.js": dep.replace("dep1", "dep2"),
        }
    )

    page.wait_for_log(["app sees dep2", "dep2", "app2"])
    page.assert_not_reloaded()


# Cycles


@pytest.mark.rule(24)
def test_a_cycle_below_a_boundary_is_evaluated_once(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { a } from "./a.js";
                log.push(`main ${a()}`);
                import.meta.hot.accept();
            """,
            "static/a.js": """
                import { b } from "./b.js";
                export const a = () => b;
                log.push("a");
            """,
            "static/b.js": """
                import { a } from "./a.js";
                export const b = "one";
                export const back = () => a();
                log.push("b");
            """,
        },
    )
    page.wait_for_log(["b", "a", "main one"])

    page.clear_log()
    edit(project, "static/b.js", "one", "two")
    page.wait_for_log(["b", "a", "main two"])

    page.clear_log()
    edit(project, "static/a.js", "() => b", "() => `${b}!`")
    page.wait_for_log(["b", "a", "main two!"])
    page.assert_not_reloaded()


@pytest.mark.rule(24)
def test_a_module_that_imports_itself_updates(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import * as self from "./main.js";
                export const value = "one";
                log.push(self.value);
                import.meta.hot.accept();
            """
        },
    )
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(21, 24)
def test_a_cycle_that_nobody_accepts_reloads_once(project):
    page = open_page(
        project,
        {
            "static/main.js": 'import "./a.js";\nlog.push("main");\n',
            "static/a.js": 'import "./b.js";',
            "static/b.js": 'import "./a.js";\nlog.push("one");\n',
        },
    )
    page.wait_for_log(["one", "main"])

    edit(project, "static/b.js", "one", "two")

    page.wait_for_reload()
    page.wait_for_log(["two", "main"])
    page.wait_until_connected()
    page.settle()
    page.assert_not_reloaded()


@pytest.mark.rule(24)
def test_a_boundary_inside_a_cycle_never_shows_old_code(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { a } from "./a.js";
                window.a = () => a();
            """,
            "static/a.js": """
                import { b } from "./b.js";
                export let a = () => b;
                import.meta.hot.accept(({ module }) => { a = module.a });
            """,
            "static/b.js": """
                import { a } from "./a.js";
                export const b = "one";
                export const back = () => a();
            """,
        },
    )
    # Whether it updates or reloads depends on the order of evaluation.
    for old, new in (("one", "two"), ("two", "three")):
        edit(project, "static/b.js", old, new)
        page.wait_for("value => window.a?.() === value", new)


# The end of the way


@pytest.mark.rule(21)
def test_a_dead_end_reloads_once_and_says_why(project):
    page = open_page(
        project,
        {
            "static/main.js": 'import "./app.js";\nlog.push("main");\n',
            "static/app.js": 'import "./part.js";',
            "static/part.js": 'log.push("one");',
        },
    )
    page.wait_for_log(["one", "main"])

    edit(project, "static/part.js", "one", "two")

    page.wait_for_reload()
    page.wait_for_log(["two", "main"])
    page.wait_until_connected()
    page.settle()
    page.assert_not_reloaded()
    page.wait_for_console("nobody accepts it")
    reason = next(x for x in page.console.splitlines() if "nobody accepts it" in x)
    assert re.search(r"part\.js.*app\.js.*main\.js", reason)
    assert "m=" not in reason
    project.wait_for_output("nobody accepts it")


@pytest.mark.rule(21)
def test_one_way_to_a_dead_end_is_enough_for_a_reload(project):
    page = open_page(
        project,
        {
            "static/main.js": 'import "./accepting.js";\nimport "./plain.js";\n',
            "static/accepting.js": """
                import { value } from "./shared.js";
                log.push(`accepting ${value}`);
                import.meta.hot.accept();
            """,
            "static/plain.js": """
                import { value } from "./shared.js";
                log.push(`plain ${value}`);
            """,
            "static/shared.js": "export const value = 1;",
        },
    )
    edit(project, "static/shared.js", "1", "2")

    page.wait_for_reload()
    page.wait_for_log(["accepting 2", "plain 2"])
    edit(project, "static/accepting.js", "accepting", "still accepting")
    page.wait_for_log(["accepting 2", "plain 2", "still accepting 2"])
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_a_module_that_no_page_has_loaded_changes_nothing(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
                window.load = () => import("./lazy.js");
            """,
            "static/nobody.js": "export const value = 1;",
            "static/lazy.js": "import './below.js';\nlog.push('lazy');\n",
            "static/below.js": "log.push('below one');",
        },
    )
    edit(project, "static/nobody.js", "1", "2")
    edit(project, "static/lazy.js", "'lazy'", "'new lazy'")
    edit(project, "static/below.js", "one", "two")
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.evaluate("() => load()")
    assert page.log() == ["one", "two", "below two", "new lazy"]
    page.assert_not_reloaded()


@pytest.mark.rule(21)
def test_a_module_whose_pages_were_closed_takes_no_part_any_more(project):
    page = open_page(
        project,
        {
            "app.py": f"""{APP}
@app.get("/other")
def other():
    return render_template("other.html")
""",
            "templates/other.html": INDEX.replace("main.js", "other.js"),
            "static/other.js": "log.push('other');",
            "static/main.js": ACCEPTING,
        },
    )
    other = project.open("/other")
    other.wait_until_connected()
    other.close()

    edit(project, "static/other.js", "other", "changed")
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


# What counts as an update


@pytest.mark.rule(25)
def test_going_back_to_earlier_content_is_an_update(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    for old, new in (("one", "two"), ("two", "one"), ("one", "two"), ("two", "one")):
        edit(project, "static/main.js", old, new)
        page.wait_for(f"() => log.at(-1) === '{new}'")

    assert page.log() == ["one", "two", "one", "two", "one"]
    page.assert_not_reloaded()


@pytest.mark.rule(25)
def test_going_back_evaluates_everything_on_the_way_again(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./middle.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/middle.js": """
                export { value } from "./value.js";
                log.push("middle");
            """,
            "static/value.js": "export const value = 'A';",
        },
    )
    edit(project, "static/value.js", "A", "B")
    page.wait_for_log(["middle", "A", "middle", "B"])

    edit(project, "static/value.js", "B", "A")
    page.wait_for_log(["middle", "A", "middle", "B", "middle", "A"])
    page.assert_not_reloaded()


@pytest.mark.rule(25)
def test_the_same_bytes_saved_again_are_no_update(project):
    page = open_page(
        project,
        {
            "static/main.js": 'import "./a.js";\nimport "./b.js";\n',
            "static/a.js": "log.push('a one');\nimport.meta.hot.accept();\n",
            "static/b.js": ACCEPTING,
        },
    )
    page.wait_for_log(["a one", "one"])

    project.save("static/a.js", project.read("static/a.js"))
    project.save("static/a.js", project.read("static/a.js"), "atomic")
    project.save("static/main.js", project.read("static/main.js"))
    edit(project, "static/b.js", "one", "two")
    page.wait_for_log(["a one", "one", "two"])

    edit(project, "static/a.js", "one", "two")
    page.wait_for_log(["a one", "one", "two", "a two"])
    page.assert_not_reloaded()


@pytest.mark.rule(26)
def test_files_saved_together_make_one_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { a } from "./a.js";
                import { b } from "./b.js";
                import { c } from "./c.js";
                log.push(a + b + c);
                import.meta.hot.accept();
            """,
            "static/a.js": "export const a = 'a1';",
            "static/b.js": "export { b } from './deep.js';",
            "static/deep.js": "export const b = 'b1';",
            "static/c.js": "export const c = 'c1';",
        },
    )
    project.write(
        {
            "static/a.js": "export const a = 'a2';",
            "static/deep.js": "export const b = 'b2';",
            "static/c.js": "export const c = 'c2';",
        }
    )

    page.wait_for_log(["a1b1c1", "a2b2c2"])
    edit(project, "static/a.js", "a2", "a3")
    page.wait_for_log(["a1b1c1", "a2b2c2", "a3b2c2"])
    page.assert_not_reloaded()


@pytest.mark.rule(26)
def test_a_checkout_of_many_files_makes_one_update(project):
    count = 30
    names = ", ".join(f"m{n}" for n in range(count))
    page = open_page(
        project,
        {
            "static/main.js": "".join(
                f'import {{ value as m{n} }} from "./m{n}.js";\n' for n in range(count)
            )
            + f"log.push(new Set([{names}]).size, m0);\nimport.meta.hot.accept();\n",
            **{f"static/m{n}.js": "export const value = 1;" for n in range(count)},
        },
    )
    page.wait_for_log([1, 1])

    project.write({f"static/m{n}.js": "export const value = 2;" for n in range(count)})

    page.wait_for_log([1, 1, 1, 2])
    edit(project, "static/m0.js", "2", "3")
    page.wait_for_log([1, 1, 1, 2, 2, 3])
    page.assert_not_reloaded()


@pytest.mark.rule(26)
def test_an_importer_and_a_new_dependency_saved_together_update(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    # The other way round, the importer may be seen before its dependency is there.
    project.write(
        {
            "static/new.js": "export const value = 'new';",
            "static/main.js": """
                import { value } from "./new.js";
                log.push(value);
                import.meta.hot.accept();
            """,
        }
    )
    page.wait_for_log(["one", "new"])

    edit(project, "static/new.js", "'new'", "'newer'")
    page.wait_for_log(["one", "new", "newer"])
    page.assert_not_reloaded()


@pytest.mark.rule(27)
def test_a_deleted_module_that_nobody_names_any_longer_is_no_error(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 1;",
        },
    )
    project.save("static/main.js", "log.push('alone');\nimport.meta.hot.accept();\n")
    page.wait_for_log([1, "alone"])

    project.delete("static/value.js")
    edit(project, "static/main.js", "alone", "still alone")

    page.wait_for_log([1, "alone", "still alone"])
    page.assert_not_reloaded()
    assert page.locator("[data-hmr-overlay]").count() == 0


@pytest.mark.rule(27)
def test_a_deleted_module_is_an_error_that_names_both_until_it_is_back(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/value.js": "export const value = 1;",
        },
    )
    project.delete("static/value.js")

    overlay = page.locator("[data-hmr-overlay]")
    overlay.wait_for()
    overlay.get_by_text("value.js").first.wait_for()
    overlay.get_by_text("main.js").first.wait_for()
    assert page.log() == [1]

    project.write({"static/value.js": "export const value = 2;"})
    page.wait_for_log([1, 2])
    overlay.wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(26, 27)
def test_a_module_that_was_renamed_goes_on_under_its_new_name(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./old.js";
                log.push(`${value} from ./old.js`);
                import.meta.hot.accept();
            """,
            "static/old.js": "export const value = 1;",
        },
    )
    project.rename("static/old.js", "static/sub/new.js")
    edit(project, "static/main.js", "./old.js", "./sub/new.js")
    # On a busy machine the two come one after the other, and so do their updates.
    page.wait_for_log_entry("1 from ./sub/new.js")

    edit(project, "static/sub/new.js", "1", "2")
    page.wait_for_log_entry("2 from ./sub/new.js")
    page.assert_not_reloaded()


# Who takes part


def test_a_classic_script_is_left_as_it_is(project):
    classic = """
        log.push(typeof require, this === window);
        window.later = () => import("/static/lazy.js");
    """
    page = open_page(
        project,
        {
            "templates/index.html": INDEX.replace(
                '<script type="module"',
                '<script src="/static/classic.js"></script>\n<script type="module"',
            ),
            "static/classic.js": classic,
            "static/lazy.js": "export const value = 'lazy';",
            "static/main.js": ACCEPTING,
        },
    )
    page.wait_for_log(["undefined", True, "one"])
    headers = {"Sec-Fetch-Dest": "script", "Sec-Fetch-Mode": "no-cors"}
    answer = project.fetch("/static/classic.js", headers=headers)
    assert answer.text == project.read("static/classic.js")
    assert page.evaluate("async () => (await later()).value") == "lazy"

    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["undefined", True, "one", "two"])
    page.assert_not_reloaded()


INLINE = """
    <!doctype html>
    <title>Inline</title>
    <link rel="icon" href="data:,">
    <script type="module">
      import { value } from "/static/value.js";
      log.push(`inline ${value}`);
      window.value = () => value;
      window.load = () => import("/static/value.js");
    </script>
    <main></main>
"""


@pytest.mark.rule(21)
def test_a_change_below_an_inline_script_reloads_once(project):
    page = open_page(
        project,
        {
            "templates/index.html": INLINE,
            "static/value.js": "export const value = 1;",
        },
    )
    page.wait_for_log(["inline 1"])

    edit(project, "static/value.js", "1", "2")

    page.wait_for_reload()
    page.wait_for_log(["inline 2"])
    page.wait_until_connected()
    page.settle()
    page.assert_not_reloaded()


@pytest.mark.rule(12)
def test_an_inline_script_keeps_up_with_a_module_that_accepts(project):
    page = open_page(
        project,
        {
            "templates/index.html": INLINE,
            "static/value.js": """
                export let value = 1;
                import.meta.hot.accept(({ module }) => { value = module.value });
            """,
        },
    )
    for n in (1, 2, 3):
        edit(project, "static/value.js", f"= {n}", f"= {n + 1}")
        page.wait_for("n => value() === n", n + 1)
        assert page.evaluate("async () => (await load()).value") == n + 1

    assert page.log() == ["inline 1"]
    page.assert_not_reloaded()


@pytest.mark.rule(23)
def test_an_inline_script_and_a_file_share_one_instance(project):
    page = open_page(
        project,
        {
            "templates/index.html": INLINE.replace(
                "<main>", '<script type="module" src="/static/main.js"></script><main>'
            ),
            "static/main.js": """
                import { value } from "./value.js";
                log.push(`file ${value}`);
            """,
            "static/value.js": "export const value = 1;\nlog.push('evaluated');\n",
        },
    )

    page.wait_for_log(["evaluated", "inline 1", "file 1"])


@pytest.mark.rule(23)
def test_several_documents_elements_share_one_instance(project):
    page = open_page(
        project,
        {
            "templates/index.html": """
                <!doctype html>
                <title>Several</title>
                <link rel="icon" href="data:,">
                <link rel="modulepreload" href="/static/value.js">
                <script type="module" src="/static/value.js"></script>
                <script type="module" src="static/value.js"></script>
                <script type="module">import "./static/value.js";</script>
                <script type="module" src="/static/main.js"></script>
            """,
            "static/main.js": "import './value.js';\nlog.push('main');\n",
            "static/value.js": "log.push('evaluated');",
        },
    )

    page.wait_for_log(["evaluated", "main"])


@pytest.mark.rule(1)
@pytest.mark.parametrize(
    "mention",
    [
        "// import.meta.hot.accept()",
        "/* import.meta.hot.accept() */",
        "log.at('import.meta.hot.accept()');",
        "log.at(`import.meta.hot.accept()`);",
        "log.at(/import.meta.hot.accept()/);",
    ],
    ids=["comment", "block comment", "string", "template", "regular expression"],
)
def test_a_mention_of_the_api_is_no_use_of_it(project, mention):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                export {{}};
                {mention}
                log.push("one");
            """
        },
    )
    page.wait_for_log(["one"])
    assert project.fetch("/static/main.js").text == project.read("static/main.js")

    edit(project, "static/main.js", "one", "two")

    page.wait_for_reload()
    page.wait_for_log(["two"])


@pytest.mark.rule(1)
def test_a_use_inside_a_template_is_a_use(project):
    page = open_page(
        project, {"static/main.js": "log.push(`one ${import.meta.hot.accept()}`);"}
    )

    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one undefined", "two undefined"])
    page.assert_not_reloaded()


@pytest.mark.rule(30)
@pytest.mark.parametrize("use", ["", "import.meta.hot.accept();"], ids=["plain", "hot"])
def test_the_url_of_a_module_is_its_plain_one(project, use):
    page = open_page(
        project,
        {
            "static/main.js": 'import "./js/part.js";\nimport.meta.hot.accept();\n',
            "static/js/part.js": f"""
                log.push(import.meta.url, new URL("./a.png", import.meta.url).href);
                {use}
                // one
            """,
        },
    )
    expected = [project.url("/static/js/part.js"), project.url("/static/js/a.png")]
    page.wait_for_log(expected)

    for old, new in (("one", "two"), ("two", "one")):
        page.clear_log()
        edit(project, "static/js/part.js", f"// {old}", f"// {new}")
        page.wait_for_log(expected)
    page.assert_not_reloaded()


@pytest.mark.rule(30)
@pytest.mark.parametrize("use", ["", "import.meta.hot.accept();"], ids=["plain", "hot"])
def test_line_numbers_are_those_of_the_file(project, use):
    page = open_page(
        project,
        {
            "static/main.js": 'import "./part.js";\nimport.meta.hot.accept();\n',
            "static/part.js": """
                import { one } from "./one.js"; log.push(line(new Error("1")));
                USE
                window.load = () => import("./one.js");
                function line(error) {
                  return Number(/part\\.js.*?:(\\d+):\\d+/.exec(error.stack)[1]);
                }

                log.push(line(new Error("8")), one);
            """.replace("USE", use),
            "static/one.js": "export const one = 1;",
        },
    )
    page.wait_for_log([1, 8, 1])

    edit(project, "static/part.js", "}\n", "}\n\n")
    page.wait_for_log([1, 8, 1, 1, 9, 1])
    page.assert_not_reloaded()


def test_messages_of_the_console_name_no_versions(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])
    page.wait_for_console("[hmr] update /static/main.js")
    project.wait_for_output("[hmr] update /static/main.js")

    assert "m=" not in page.console


@pytest.mark.rule(24)
def test_a_circle_with_the_entry_reloads(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nlog.push('main');\n",
            "static/a.js": "import './main.js';\nlog.push('a one');\n",
        },
    )
    edit(project, "static/a.js", "a one", "a two")
    page.wait_for_reload()
    page.wait_for_log(["a two", "main"])


@pytest.mark.rule(24)
def test_a_change_that_is_taken_here_and_goes_round_there_reloads(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js';\nimport './x.js';\n",
            "static/a.js": "import './main.js';\nimport './z.js';\n",
            "static/x.js": "import './z.js';\nimport.meta.hot?.accept();\n",
            "static/z.js": "log.push('one');",
        },
    )
    edit(project, "static/z.js", "one", "two")
    page.wait_for_reload()
    page.wait_for_log(["two"])
