"""Code of the app that takes its time, or never ends."""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

NEVER = "await new Promise(() => {});"


@pytest.mark.rule(17)
def test_a_module_that_never_ends_its_evaluation_stops_no_later_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.accept();
            """
        },
    )
    project.save("static/main.js", f'log.push("two");\n{NEVER}')
    page.wait_for_log(["one", "two"])
    project.save("static/main.js", 'log.push("three"); import.meta.hot.accept();')
    page.wait_for_log(["one", "two", "three"])
    edit(project, "static/main.js", "three", "four")
    page.wait_for_log(["one", "two", "three", "four"])
    page.assert_not_reloaded()


@pytest.mark.rule(22)
def test_a_slow_evaluation_is_waited_for_before_the_next_one(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./value.js";
                import.meta.hot.accept("./value.js", ({ value }) => log.push(value));
            """,
            "static/value.js": 'export const value = "one";',
        },
    )
    project.save(
        "static/value.js",
        """
        log.push("begin");
        await new Promise((resolve) => { window.go = resolve; });
        export const value = "slow";
        """,
    )
    page.wait_for_log(["begin"])
    project.save("static/value.js", 'export const value = "quick";')
    page.evaluate("() => window.go()")
    page.wait_for_log(["begin", "slow", "quick"])
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_a_dispose_that_never_ends_stops_no_later_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.dispose(() => new Promise(() => log.push("dispose")));
                import.meta.hot.accept();
            """
        },
    )
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "dispose"])
    page.wait_for_console("dispose of /static/main.js takes long")
    project.save("static/main.js", 'log.push("three"); import.meta.hot.accept();')
    page.wait_for_log(["one", "dispose", "two", "dispose"])
    edit(project, "static/main.js", "three", "four")
    page.wait_for_log_entry("four")
    assert page.log().count("dispose") == 2
    page.assert_not_reloaded()


@pytest.mark.rule(13)
def test_a_callback_that_never_ends_stops_no_later_update(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./value.js";
                import.meta.hot.accept("./value.js", ({ value }) => {
                  log.push(value);
                  return new Promise(() => {});
                });
            """,
            "static/value.js": 'export const value = "one";',
        },
    )
    for old, new in (("one", "two"), ("two", "three"), ("three", "four")):
        edit(project, "static/value.js", old, new)
        page.wait_for_log_entry(new)
    page.assert_not_reloaded()


ACCEPTING = "import.meta.hot.accept();"
NEXT = f'log.push("next"); {ACCEPTING}'
# Who imports `slow.js`, which is to hang.
HUNG_WAYS = {
    "a module that accepts itself": {"static/main.js": "import './slow.js';"},
    "below two others": {
        "static/main.js": f"import './mid.js'; {ACCEPTING}",
        "static/mid.js": "import './slow.js';",
    },
    "with something to dispose of": {
        "static/main.js": """
            import './slow.js';
            import.meta.hot.accept('./slow.js', () => {});
            import.meta.hot.dispose(() => {});
        """,
    },
}


@pytest.mark.rule(17)
@pytest.mark.parametrize("files", HUNG_WAYS.values(), ids=HUNG_WAYS)
def test_what_never_ends_is_waited_for_once(project, files):
    is_taken = "accept" in files["static/main.js"]
    takes_part = "import.meta.hot.data;" if is_taken else ACCEPTING
    slow = f'log.push("one"); {takes_part}\n'
    page = open_page(project, {**files, "static/slow.js": slow})
    project.save("static/slow.js", f'log.push("two"); {takes_part}\n{NEVER}')
    page.wait_for_log(["one", "two"])
    project.save("static/slow.js", NEXT)
    page.wait_for_log(["one", "two", "next"])
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_all_that_never_ends_in_one_update_is_waited_for_together(project):
    holds_on = """
        import.meta.hot.dispose(() => {
          window.begun = true;
          return new Promise(() => {});
        });
        import.meta.hot.accept();
    """
    names = [f"static/{name}.js" for name in "abc"]
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js'; import './b.js'; import './c.js';",
            **dict.fromkeys(names, holds_on),
        },
    )
    project.write(dict.fromkeys(names, f'log.push("two"); {ACCEPTING}'))
    page.wait_for("() => window.begun")
    project.save("static/c.js", NEXT)
    page.wait_for_log(["two", "two", "two", "next"])
    page.assert_not_reloaded()


@pytest.mark.rule(22)
def test_what_comes_after_it_is_waited_for_as_ever(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './a.js'; import './b.js'; import './c.js';",
            "static/a.js": f'log.push("a"); {ACCEPTING}',
            "static/b.js": 'import.meta.hot.accept(() => log.push("taken"));',
            "static/c.js": ACCEPTING,
        },
    )
    project.save("static/a.js", f'log.push("hung"); {ACCEPTING}\n{NEVER}')
    page.wait_for_log(["a", "hung"])
    slow = "await new Promise((resolve) => { window.go = resolve; });"
    project.save("static/b.js", f"{slow} {ACCEPTING}")
    project.wait_for_output("update /static/b.js")
    # It waits, too, while the one before is carried out.
    project.save("static/c.js", f'log.push("c"); {ACCEPTING}')
    project.wait_for_output("update /static/c.js")
    page.wait_for("() => window.go")
    page.evaluate("() => go()")
    page.wait_for_log(["a", "hung", "taken", "c"])
    page.assert_not_reloaded()


def test_one_update_is_given_its_time_once(project):
    """What it still waits for after that gets little, and the next one has its own."""
    page = open_page(project, {"static/main.js": ""})
    delays, outcomes = page.evaluate(
        """async () => {
          const { src } = document.querySelector("script[data-hmr]");
          const { Patience } = await import(new URL("patience.js", src));
          const patience = new Patience(() => true);
          const { setTimeout } = window;
          const delays = [];
          window.setTimeout = (call, delay) => (delays.push(delay), setTimeout(call));
          const never = new Promise(() => {});
          const wait = () => patience.wait(never, "it").then(() => "", () => "over");
          const outcomes = [await wait(), await wait(), await wait()];
          patience.begin();
          outcomes.push(await wait());
          window.setTimeout = setTimeout;
          return [delays, outcomes];
        }"""
    )
    assert delays == [3000, 100, 100, 3000]
    assert outcomes == ["over"] * 4
