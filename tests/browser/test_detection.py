"""What counts as a use of ``import.meta.hot``: all that runs as one, however it is
written, and nothing else.
"""

from __future__ import annotations

import pytest

from .support.steps import edit, open_page

SPELLINGS = {
    "line breaks": "import\n  .meta\n  .hot\n  .accept();",
    "comments": "import /* a */ . /* b */ meta // c\n . hot /* d */ . accept ( );",
    "comments that lie": "import.meta/* .cold */.hot// .decline()\n.accept();",
    "optional chaining": "import.meta?.hot?.accept?.();",
    "a condition": "if (import.meta.hot) { import.meta.hot.accept(); }",
    "a short condition": "import.meta.hot&&import.meta.hot.accept();",
    "hot taken out": "const { hot } = import.meta; hot?.accept();",
    "hot renamed": "const { hot: live } = import.meta; live?.accept();",
    "accept taken out": "const { accept } = import.meta.hot ?? {}; accept?.();",
    "all at once": "const { hot: { accept } = {} } = import.meta; accept?.();",
    "a default": "const { url, hot = null } = import.meta; hot?.accept();",
    "a parameter": "((hot = import.meta.hot) => hot.accept())();",
    "the meta object": "(() => import.meta)().hot.accept();",
    "a parameter of meta": "(({ hot }) => hot.accept())(import.meta);",
    "reflection": "Reflect.get(import.meta, 'hot').accept();",
    "a spread": "const all = { ...import.meta }; all.hot.accept();",
    "brackets": "import.meta['hot'].accept();",
    "brackets with a computed name": "import.meta[`h${'o'}t`].accept();",
    "an escape in the name": r"import.meta.h\u006ft.accept();",
    "a substitution": "`${`${import.meta.hot.accept()}`}`;",
    "a tag": "((_, hot) => hot.accept())`${import.meta.hot}`;",
    "a class": "class A { static { import.meta.hot.accept(); } }",
    "a field of a class": "new (class { value = import.meta.hot.accept(); })();",
    "a getter": "({ get a() { return import.meta.hot.accept(); } }).a;",
    "a label": "once: for (;;) { import.meta.hot.accept(); break once; }",
    "after a division": "const half = 4 / 2; import.meta.hot.accept(); half / 1;",
    "after a regular expression": "/[/'`]import/.test(''); import.meta.hot.accept();",
    "after a block": "{ } /'/.test(''); import.meta.hot.accept(); // '",
    "after an increment": "let n = 1; n++ / 1; import.meta.hot.accept(); // /",
    "after a condition": "if (1) /'/.test(''); import.meta.hot.accept(); // '",
    "after a template": "`${'`'}` + '/*'; import.meta.hot.accept(); // */",
    "minified": "const a=import.meta.hot;a&&(a.accept(),a.dispose(()=>{}));",
    "the last thing, without a semicolon": "import.meta.hot.accept()",
}


@pytest.mark.rule(1, 3)
def test_a_use_counts_however_it_is_spelled(project):
    # In one page, since they are many: a spelling that is missed reloads it, and the
    # console then names the file.
    names = [spelling.replace(" ", "-") for spelling in SPELLINGS]
    page = open_page(
        project,
        {
            "static/main.js": "".join(f"import './{name}.js';\n" for name in names),
            **{
                f"static/{name}.js": f"log.push('{name} one');\n{use}"
                for name, use in zip(names, SPELLINGS.values(), strict=True)
            },
        },
    )
    page.wait_for_log([f"{name} one" for name in names])

    for old, new in (("one", "two"), ("two", "three")):
        page.clear_log()
        for name in names:
            edit(project, f"static/{name}.js", f" {old}'", f" {new}'")
        for name in names:
            page.wait_for_log_entry(f"{name} {new}")
        page.assert_not_reloaded()
        assert len(page.log()) == len(names)


# Whole files that begin in a way of their own; ONE is what the test edits.
BEGINNINGS = {
    "a byte order mark": "\ufefflog.push('ONE');import.meta.hot.accept();",
    "a hashbang": "#!/usr/bin/env node\nlog.push('ONE');\nimport.meta.hot.accept();\n",
    "a directive": "'use strict';\nlog.push('ONE');\nimport.meta.hot.accept();\n",
    "a comment": "/* import.meta */ log.push('ONE'); import.meta.hot.accept();",
    "line ends of Windows": "log.push('ONE');\r\n\r\nimport.meta.hot.accept();\r\n",
    "line ends of old Macs": "log.push('ONE');\r// why\rimport.meta.hot.accept();",
    "one line": (
        "import{p as e}from'./part.js';const t=import.meta.hot;"
        "log.push('ONE'+e);t&&t.accept();export{t as default,e as p};"
    ),
}


@pytest.mark.rule(1, 4)
@pytest.mark.parametrize("text", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_file_may_begin_and_end_its_lines_as_it_likes(project, text):
    project.write({"static/part.js": "export const p = '';"})
    project.path("static/main.js").write_bytes(text.replace("ONE", "one").encode())
    project.start()
    page = project.open()
    page.wait_until_connected()
    page.wait_for_log(["one"])

    project.path("static/main.js").write_bytes(text.replace("ONE", "two").encode())

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


NO_USES = {
    "a line comment at the end": "// import.meta.hot.accept()",
    "a comment in a template": "log.at(`${/* import.meta.hot */ 0}`);",
    "a template in a template": "log.at(`${`import.meta.hot`}`);",
    "an escaped substitution": r"log.at(`\${import.meta.hot.accept()}`);",
    "a class of a regular expression": "log.at(/[/]import.meta.hot/);",
    "a string that goes on": "log.at('a\\\n import.meta.hot.accept()');",
    "a quote in a string": r"log.at('\'import.meta.hot.accept()');",
    "a property of something else": "({ import: { meta: {} } }).import.meta.hot;",
    "another property": "import.meta.hotel; import.meta.url;",
    "a name that begins alike": "const importmeta = { hot: 1 }; importmeta.hot;",
}


@pytest.mark.rule(1, 2)
def test_what_only_looks_like_a_use_changes_nothing(project):
    names = [name.replace(" ", "-") for name in NO_USES]
    page = open_page(
        project,
        {
            "static/main.js": "\n".join(
                [
                    *(f"import './{name}.js';" for name in names),
                    "import.meta.hot.accept();",
                ]
            ),
            **{
                f"static/{name}.js": f"log.push('{name} one');\n{text}\n"
                for name, text in zip(names, NO_USES.values(), strict=True)
            },
        },
    )
    page.wait_for_log([f"{name} one" for name in names])
    for name in names:
        served = project.fetch(f"/static/{name}.js").text
        assert served == project.read(f"static/{name}.js")

    # Each is evaluated again for its importer, and for nobody else.
    for name in names:
        edit(project, f"static/{name}.js", " one'", " two'")
        page.wait_for_log_entry(f"{name} two")
    assert len(page.log()) == 2 * len(names)
    page.assert_not_reloaded()


@pytest.mark.rule(2)
def test_dispose_alone_makes_a_module_take_part(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": """
                log.push("one");
                import . meta
                  . dispose?.(() => log.push("disposed"));
            """,
        },
    )
    edit(project, "static/part.js", "one", "two")

    page.wait_for_log(["one", "disposed", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(3, 8)
def test_a_helper_in_another_module_works_with_the_hot_it_was_handed(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './deep/part.js';",
            "static/helper.js": """
                export function renew(hot, deps, callback) {
                  hot.accept(deps, callback);
                  hot.accept(({ module }) => log.push(module.name));
                  hot.dispose(() => log.push("disposed"));
                }
            """,
            "static/deep/part.js": """
                import { value } from "./value.js";
                import { renew } from "../helper.js";
                export const name = "one";
                renew(import.meta.hot, ["./value.js"], ({ deps }) => {
                  log.push(deps[0].value);
                });
            """,
            # The specifier is that of part.js, although the helper makes the call.
            "static/value.js": "export const value = 'the wrong one';",
            "static/deep/value.js": "export const value = 1;",
        },
    )
    edit(project, "static/deep/value.js", "= 1", "= 2")
    page.wait_for_log([2])

    page.clear_log()
    edit(project, "static/deep/part.js", '"one"', '"two"')
    page.wait_for_log(["disposed", "two"])
    page.assert_not_reloaded()
    assert "warning" not in page.console


@pytest.mark.rule(3)
def test_a_helper_that_is_handed_the_meta_object_works_with_its_hot(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { live } from "./helper.js";
                log.push("one");
                live(import.meta);
            """,
            "static/helper.js": "export const live = (meta) => meta.hot?.accept();",
        },
    )
    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two"])
    page.assert_not_reloaded()


@pytest.mark.rule(3)
def test_an_accept_may_wait_for_a_click(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                log.push("one");
                document.body.addEventListener("click", () => {
                  import.meta.hot.accept(() => log.push("called"));
                }, { once: true });
            """
        },
    )
    page.evaluate("() => document.body.click()")

    edit(project, "static/main.js", "one", "two")

    page.wait_for_log(["one", "two", "called"])
    page.assert_not_reloaded()


@pytest.mark.rule(1, 17)
def test_a_use_that_a_save_adds_or_takes_away_counts_from_then_on(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": "log.push('plain');",
        },
    )
    project.save("static/part.js", "log.push(typeof import.meta.hot);")
    page.wait_for_log(["plain", "object"])

    project.save("static/part.js", "// import.meta.hot\nlog.push('plain again');")
    page.wait_for_log(["plain", "object", "plain again"])
    assert "import.meta.hot" in project.fetch("/static/part.js").text
    page.assert_not_reloaded()
