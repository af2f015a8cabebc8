"""Modules that are named by their full URL, origin included."""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

VALUE = "export const value = { name: 'one' };"


@pytest.mark.rule(23)
def test_relative_absolute_and_full_urls_are_one_module(project):
    full = project.url("/static/part.js")
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import {{ value as a }} from "./part.js";
                import {{ value as b }} from "/static/part.js";
                import {{ value as c }} from "../static/./deep/../part.js";
                import {{ value as d }} from "{full}";
                log.push([a.name, new Set([a, b, c, d]).size]);
                window.all = async () => new Set((await Promise.all([
                  import("./part.js"), import("/static/part.js"), import("{full}"),
                ])).map(({{ value }}) => value).concat(a)).size;
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


@pytest.mark.rule(8, 23)
def test_an_import_map_may_name_full_urls(project):
    page = open_page(
        project,
        {
            "templates/index.html": f"""
                <!doctype html>
                <title>Import map</title>
                <link rel="icon" href="data:,">
                <script type="importmap">
                  {{"imports": {{
                    "tools": "{project.url("/static/tools.js")}",
                    "lib/": "{project.url("/static/lib/")}"
                  }}}}
                </script>
                <script type="module" src="/static/main.js"></script>
            """,
            "static/main.js": """
                import { value } from "tools";
                import { value as same } from "./tools.js";
                import { lib } from "lib/a.js";
                log.push([value.name, lib, value === same]);
                import.meta.hot.accept("tools", ({ deps }) => {
                  log.push(deps[0].value.name);
                });
                import.meta.hot.accept();
            """,
            "static/tools.js": "export const value = { name: 'one' };",
            "static/lib/a.js": "export const lib = 'lib1';",
        },
    )
    page.wait_for_log([["one", "lib1", True]])

    edit(project, "static/tools.js", "one", "two")
    page.wait_for_log([["one", "lib1", True], "two"])
    edit(project, "static/lib/a.js", "lib1", "lib2")
    page.wait_for_log([["one", "lib1", True], "two", ["two", "lib2", True]])
    page.assert_not_reloaded()
