"""The examples of the API's documentation, as they are written there.

Each one is copied to a file. What is added is what lets the test see the effect: a
``main.js`` that imports the example, lines that write to ``window.log``, and the
names that an example takes for granted.
"""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

pytestmark = pytest.mark.interpreter

ADD = """
    /** Adds two numbers */
    export let add = (a, b) => {
      return a + b;
    };
"""

ADD_HOT = """
    /** Adds two numbers */
    export let add = (a, b) => {
      return a + b;
    };

    if (import.meta.hot) {
      import.meta.hot.accept(({ module }) => {
        add = module.add;
      });
    }
"""

USES_ADD = """
    import { add } from "./add.js";
    log.push("main");
    window.sum = () => add(2, 3);
"""

SHOWS_FOO = """
    import { foo } from "./foo.js";
    log.push("main");
    window.foo = () => foo;
"""


def type_something(page):
    """Leave something in the page that a reload would lose."""
    page.evaluate("() => { document.querySelector('main').textContent = 'typed' }")


def assert_state_was_kept(page):
    page.settle()
    page.assert_not_reloaded()
    assert page.text("main") == "typed"


@pytest.mark.rule(1, 21)
def test_a_module_that_does_not_use_the_api_reloads_the_page_once(project):
    page = open_page(project, {"static/add.js": ADD, "static/main.js": USES_ADD})
    assert page.evaluate("() => sum()") == 5

    edit(project, "static/add.js", "a + b", "a * b")

    page.wait_for_reload()
    page.wait_for_log(["main"])
    page.wait_until_connected()
    assert page.evaluate("() => sum()") == 6
    page.settle()
    page.assert_not_reloaded()


@pytest.mark.rule(5)
def test_the_add_example_updates_its_export_in_place(project):
    page = open_page(project, {"static/add.js": ADD_HOT, "static/main.js": USES_ADD})
    type_something(page)

    edit(project, "static/add.js", "a + b", "a * b")
    page.wait_for("() => sum() === 6")

    edit(project, "static/add.js", "a * b", "a - b")
    page.wait_for("() => sum() === -1")

    assert page.log() == ["main"]
    assert_state_was_kept(page)


@pytest.mark.rule(4)
def test_accept_runs_a_module_with_side_effects_again(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                // will be set each time the module updates as a side-effect
                window.someGlobal = 303;
                import.meta.hot.accept();
            """
        },
    )
    type_something(page)
    assert page.evaluate("() => someGlobal") == 303

    edit(project, "static/main.js", "303", "404")
    page.wait_for("() => someGlobal === 404")

    edit(project, "static/main.js", "404", "505")
    page.wait_for("() => someGlobal === 505")

    assert_state_was_kept(page)


@pytest.mark.rule(5, 12)
def test_accept_with_a_callback_hands_over_the_updated_module(project):
    page = open_page(
        project,
        {
            "static/foo.js": """
                export let foo = 808;
                import.meta.hot.accept(({ module }) => {
                  foo = module.foo;
                });
            """,
            "static/main.js": SHOWS_FOO,
        },
    )
    type_something(page)
    assert page.evaluate("() => foo()") == 808

    for old, new in (("808", "909"), ("909", "1010"), ("1010", "1111")):
        edit(project, "static/foo.js", old, new)
        page.wait_for("new_ => foo() === new_", int(new))

    assert page.log() == ["main"]
    assert_state_was_kept(page)


@pytest.mark.rule(6)
def test_accept_with_dependencies_hands_over_their_updated_versions(project):
    page = open_page(
        project,
        {
            "static/add.js": ADD,
            "static/foo.js": """
                import { add } from './add.js';

                export let foo = add(10, 10);
                log.push("foo");

                import.meta.hot.accept(['./add.js'], ({ deps, module }) => {
                  foo = deps[0].add(10, 10);
                });
            """,
            "static/main.js": SHOWS_FOO,
        },
    )
    type_something(page)
    assert page.evaluate("() => foo()") == 20

    edit(project, "static/add.js", "a + b", "a * b")
    page.wait_for("() => foo() === 100")

    edit(project, "static/add.js", "a * b", "a - b")
    page.wait_for("() => foo() === 0")

    assert page.log() == ["foo", "main"]
    assert_state_was_kept(page)


@pytest.mark.rule(15)
def test_invalidate_reloads_the_page_and_only_where_it_is_called(project):
    page = open_page(
        project,
        {
            "static/foo.js": """
                export let foo = 303;

                import.meta.hot.accept(({ module }) => {
                  if (!module.foo) {
                    import.meta.hot.invalidate();
                  } else {
                    foo = module.foo;
                  }
                });
            """,
            "static/main.js": SHOWS_FOO,
        },
    )
    type_something(page)

    edit(project, "static/foo.js", "303", "404")
    page.wait_for("() => foo() === 404")
    assert_state_was_kept(page)

    edit(project, "static/foo.js", "404", "0")
    page.wait_for_reload()
    page.wait_until_connected()
    assert page.evaluate("() => foo()") == 0
    page.settle()
    page.assert_not_reloaded()


@pytest.mark.rule(14)
def test_decline_reloads_the_page_at_any_update(project):
    page = open_page(
        project,
        {
            "static/global.js": """
                window.doSomethingGlobal = () => log.push("one");
            """,
            "static/setup.js": """
                doSomethingGlobal();

                import.meta.hot.decline();
            """,
            "static/main.js": """
                import "./global.js";
                import "./setup.js";
            """,
        },
    )
    page.wait_for_log(["one"])

    edit(project, "static/setup.js", "Global();", "Global(); log.push('two');")

    page.wait_for_reload()
    page.wait_for_log(["one", "two"])
    page.wait_until_connected()
    page.settle()
    page.assert_not_reloaded()


@pytest.mark.rule(16)
def test_dispose_stops_the_old_server_before_the_new_module_is_loaded(project):
    page = open_page(
        project,
        {
            "static/server.js": """
                window.running = new Set();
                export class Server {
                  constructor(name) { this.name = name; }
                  start() { running.add(this.name); log.push(`start ${this.name}`); }
                  stop() { running.delete(this.name); log.push(`stop ${this.name}`); }
                }
            """,
            "static/foo.js": """
                import { Server } from "./server.js";

                export let foo = new Server("one");

                foo.start();

                import.meta.hot.accept(({ module }) => {
                  foo = module.foo;
                  foo.start();
                });

                import.meta.dispose(() => {
                  foo.stop();
                });
            """,
            "static/main.js": SHOWS_FOO,
        },
    )
    type_something(page)
    page.wait_for_log(["start one", "main"])

    edit(project, "static/foo.js", '"one"', '"two"')
    # Started by its own module, and by the callback of the one before.
    page.wait_for_log(["start one", "main", "stop one", "start two", "start two"])

    page.clear_log()
    edit(project, "static/foo.js", '"two"', '"three"')
    page.wait_for("() => foo().name === 'three'")
    page.settle()
    assert page.log()[:2] == ["stop two", "start three"]
    assert set(page.log()) == {"stop two", "start three"}
    assert page.evaluate("() => [...running]") == ["three"]
    assert_state_was_kept(page)
