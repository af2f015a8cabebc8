"""How a page finds out whether an update can be had: what it asks the server for."""

from __future__ import annotations

import pytest

from .support.project import APP
from .support.steps import edit, open_page

MAIN = """
    import { value } from "./one.js";
    log.push(value);
    import.meta.hot.accept();
"""
FILES = {
    "static/main.js": MAIN,
    "static/one.js": 'export { value } from "./two.js";',
    "static/two.js": 'export { value } from "./three.js";',
    "static/three.js": "export const value = 1;",
}


def with_header(name: str, value: str) -> str:
    return f"""{APP}

@app.after_request
def policy(response):
    response.headers["{name}"] = "{value}"
    return response
"""


def requests_of(page) -> list[str]:
    """Take down what the page asks for from now on, without queries."""
    asked: list[str] = []

    def note(request) -> None:
        path = request.url.partition("?")[0]
        asked.append("/" + path.split("/", 3)[3])

    page.tab.on("request", note)
    return asked


def test_an_update_asks_for_nothing_but_its_modules(project):
    page = open_page(project, FILES)
    edit(project, "static/three.js", "1", "2")
    page.wait_for_log([1, 2])

    asked = requests_of(page)
    edit(project, "static/three.js", "2", "3")
    page.wait_for_log([1, 2, 3])
    names = ["main.js", "one.js", "three.js", "two.js"]
    assert sorted(asked) == [f"/static/{name}" for name in names]
    page.assert_not_reloaded()


def test_new_instances_are_asked_for_all_at_once(project):
    page = open_page(project, FILES)
    held = []

    def hold(route) -> None:
        # None is answered before the last one is asked for.
        held.append(route)
        if len(held) == 4:
            for one in held:
                one.continue_()

    page.tab.route("**/static/*.js?m=*", hold)
    edit(project, "static/three.js", "1", "2")
    page.wait_for_log([1, 2])
    page.assert_not_reloaded()


@pytest.mark.parametrize(
    "name", ["Content-Security-Policy", "Content-Security-Policy-Report-Only"]
)
def test_where_a_policy_may_forbid_it_the_check_comes_from_the_server(project, name):
    header = with_header(name, "script-src 'self'")
    page = open_page(project, {**FILES, "app.py": header})
    asked = requests_of(page)
    edit(project, "static/three.js", "1", "2")
    page.wait_for_log([1, 2])
    assert "/_hmr/check.js" in asked
    page.assert_not_reloaded()
    assert "error:" not in page.console


def test_a_policy_that_the_app_knows_nothing_of_is_found_out(project):
    middleware = f"""{APP}

inner = app.wsgi_app


def policy(environ, start_response):
    def start(status, headers, *more):
        headers = [*headers, ("Content-Security-Policy", "script-src 'self'")]
        return start_response(status, headers, *more)

    return inner(environ, start)


app.wsgi_app = policy
"""
    page = open_page(project, {**FILES, "app.py": middleware})
    asked = requests_of(page)
    edit(project, "static/three.js", "1", "2")
    page.wait_for_log([1, 2])
    edit(project, "static/three.js", "2", "3")
    page.wait_for_log([1, 2, 3])
    page.assert_not_reloaded()
    # It is tried once, and asked for each time.
    assert page.console.count("data:text/javascript") == 1
    assert asked.count("/_hmr/check.js") == 2


def test_a_meta_element_is_a_policy_too(project):
    index = project.read("templates/index.html")
    policy = '<meta http-equiv="content-security-policy" content="script-src \'self\'">'
    page = open_page(
        project,
        {
            **FILES,
            "templates/index.html": index.replace("<head>", f"<head>\n{policy}"),
        },
    )
    edit(project, "static/three.js", "1", "2")
    page.wait_for_log([1, 2])
    assert "error:" not in page.console
    page.assert_not_reloaded()


def test_a_mistake_in_the_only_new_module_leaves_the_old_one_alone(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                import.meta.hot.data.count = (import.meta.hot.data.count ?? 0) + 1;
                import.meta.hot.accept(() => log.push(import.meta.hot.data.count));
            """
        },
    )
    edit(project, "static/main.js", '"one"', '"one')
    page.wait_for_console("Syntax error")
    page.wait_for_log(["one"])

    edit(project, "static/main.js", '"one', '"two"')
    page.wait_for_log(["one", "two", 2])
    page.assert_not_reloaded()


def test_a_mistake_is_known_before_an_update_is_said_to_begin(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./only.js";
                import.meta.hot.on("hmr:beforeUpdate", () => log.push("before"));
                import.meta.hot.on("hmr:error", () => log.push("error"));
                import.meta.hot.accept("./only.js");
            """,
            "static/only.js": "log.push(1);",
        },
    )
    edit(project, "static/only.js", "push(1)", "push(1")
    page.wait_for_log([1, "error"])
    edit(project, "static/only.js", "push(1", "push(2)")
    page.wait_for_log([1, "error", "before", 2])


def test_what_a_module_got_by_import_stays_its_own(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                const { value } = await import("./late.js");
                log.push(`main 1 ${value}`);
                import.meta.hot.accept();
            """,
            "static/late.js": "export const value = 1;",
        },
    )
    page.wait_for_log(["main 1 1"])
    edit(project, "static/main.js", "main 1", "main 2")
    page.wait_for_log(["main 1 1", "main 2 1"])
    edit(project, "static/late.js", "1", "2")
    page.wait_for_log(["main 1 1", "main 2 1", "main 2 2"])
    page.assert_not_reloaded()
