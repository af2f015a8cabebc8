"""What the histories of the model test brought to light, each as small as it gets."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"
BROKEN = "export const value = ;"


@pytest.mark.rule(17)
def test_an_error_below_a_boundary_stays_until_it_is_mended(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './plain.js';\nimport './other.js';\n",
            "static/plain.js": "import './box.js';\n",
            "static/box.js": "log.push('box one');\nimport.meta.hot.accept();\n",
            "static/other.js": "log.push('other one');\nimport.meta.hot.accept();\n",
        },
    )
    project.save("static/box.js", f"{BROKEN}\nimport.meta.hot.accept();\n")
    page.locator(OVERLAY).wait_for()
    # Nothing was told of plain.js, by which the page still wants box.js.
    edit(project, "static/other.js", "one", "two")
    page.wait_for_log_entry("other two")
    assert page.locator(OVERLAY).count() == 1

    project.save("static/box.js", "log.push('box two');\nimport.meta.hot.accept();\n")
    page.wait_for_log(["box one", "other one", "other two", "box two"])
    page.locator(OVERLAY).wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(17)
def test_what_an_edit_imports_anew_is_tried_again_when_all_below_it_works(project):
    page = open_page(
        project,
        {
            "static/main.js": "log.push('one');\nimport.meta.hot.accept();\n",
            "static/new.js": "export { value } from './box.js';\n",
            "static/box.js": f"{BROKEN}\nimport.meta.hot.accept();\n",
        },
    )
    project.save(
        "static/main.js",
        """
        import { value } from "./new.js";
        log.push(value);
        import.meta.hot.accept();
        """,
    )
    page.locator(OVERLAY).get_by_text("box.js").first.wait_for()
    # The page never ran new.js, whose text names the box that was broken.
    project.save(
        "static/box.js", "export const value = 'box';\nimport.meta.hot.accept();\n"
    )
    page.wait_for_log(["one", "box"])
    page.assert_not_reloaded()


@pytest.mark.rule(17, 23)
def test_an_import_that_failed_works_when_a_boundary_below_it_is_mended(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                window.load = () => import("./view.js").then(
                  ({ value }) => log.push(value), () => log.push("failed"));
                import.meta.hot.accept();
            """,
            "static/view.js": "export { value } from './box.js';\n",
            "static/box.js": f"{BROKEN}\nimport.meta.hot.accept();\n",
        },
    )
    page.evaluate("load()")
    page.wait_for_log(["failed"])
    edit(project, "static/box.js", "= ;", "= 'box';")
    page.wait_for("async () => { await load(); return log.at(-1) === 'box' }")
    page.assert_not_reloaded()


@pytest.mark.rule(17, 26)
def test_a_module_is_not_held_up_by_an_importer_that_is_broken(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./box.js";
                log.push("main one");
                import.meta.hot.accept();
            """,
            "static/box.js": "log.push('box one');\nimport.meta.hot.accept();\n",
        },
    )
    edit(project, "static/main.js", 'log.push("main one");', "log.push(;")
    page.locator(OVERLAY).wait_for()
    edit(project, "static/box.js", "box one", "box two")
    page.wait_for_log(["box one", "main one", "box two"])

    edit(project, "static/main.js", "log.push(;", 'log.push("main two");')
    page.wait_for_log(["box one", "main one", "box two", "main two"])
    page.assert_not_reloaded()


@pytest.mark.rule(12)
def test_an_instance_that_an_old_instance_holds_is_called(project):
    """``main`` keeps the first ``plain``, and that one the first ``leaf``."""
    page = open_page(
        project,
        {
            "static/main.js": """
                import { read } from "./plain.js";
                window.read = read;
                import.meta.hot.accept("./plain.js", () => {});
            """,
            "static/plain.js": """
                import { leaf } from "./leaf.js";
                export const read = () => leaf;
                // plain one
            """,
            "static/leaf.js": """
                export let leaf = "leaf one";
                import.meta.hot.accept(({ module }) => {
                  leaf = module.leaf;
                  log.push(leaf);
                });
            """,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        edit(project, "static/leaf.js", f"leaf {old}", f"leaf {new}")
        page.wait_for(f"() => log.at(-1) === 'leaf {new}'")
        edit(project, "static/plain.js", f"plain {old}", f"plain {new}")
        project.wait_for_output(
            "update /static/plain.js", times=1 if new == "two" else 2
        )
    edit(project, "static/leaf.js", "leaf three", "leaf four")
    page.wait_for("() => read() === 'leaf four'")
    page.assert_not_reloaded()


@pytest.mark.rule(12)
def test_old_instances_that_hold_each_other_in_a_circle_are_not_called(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import.meta.hot.accept();
            """,
            "static/a.js": "import './b.js';\nimport './leaf.js';\n// one",
            "static/b.js": "import './a.js';\n// b",
            "static/leaf.js": """
                const mine = "leaf one";
                import.meta.hot.accept(() => log.push(mine));
            """,
        },
    )
    edit(project, "static/leaf.js", "leaf one", "leaf two")
    page.wait_for_log(["leaf one"])
    # Both run anew, and bind to the second leaf.
    edit(project, "static/a.js", "// one", "// two\nlog.push('a two');")
    page.wait_for_log(["leaf one", "a two"])
    edit(project, "static/leaf.js", "leaf two", "leaf three")
    page.wait_for_log_entry("leaf two")
    assert page.log() == ["leaf one", "a two", "leaf two"]


@pytest.mark.rule(12)
def test_what_an_update_loads_late_does_not_make_old_instances_count(project):
    def waiting(n):
        return f"""
            import.meta.hot.accept(() => log.push("called {n}"));
            await import("./late{n}.js");
        """

    page = open_page(
        project,
        {
            # Tells nothing of itself, and ran long before anything was loaded late.
            "static/main.js": "import './a.js';\n",
            "static/a.js": waiting(1),
            **{f"static/late{n}.js": "" for n in range(1, 5)},
        },
    )
    for n in (2, 3, 4):
        project.save("static/a.js", waiting(n))
        page.wait_for_log_entry("called 1", times=n - 1)
    page.wait_for_log_entry("called 3")
    # The first is held by main.js, the others by nobody once they were replaced.
    calls = [1, 1, 2, 1, 3]
    assert page.log() == [f"called {n}" for n in calls]


@pytest.mark.rule(16, 19)
@pytest.mark.parametrize(("upper", "lower"), [("x", "y"), ("y", "x")])
def test_pruned_importers_are_disposed_of_before_what_they_import(
    project, upper, lower
):
    callbacks = """
        import.meta.hot.dispose(() => log.push("dispose NAME"));
        import.meta.hot.prune(() => log.push("prune NAME"));
    """
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./x.js";
                import "./y.js";
                import.meta.hot.accept();
            """,
            f"static/{upper}.js": f"import './{lower}.js';\n"
            + callbacks.replace("NAME", "upper"),
            f"static/{lower}.js": callbacks.replace("NAME", "lower"),
        },
    )
    project.save("static/main.js", "import.meta.hot.accept();\n")
    page.wait_for_log(["dispose upper", "prune upper", "dispose lower", "prune lower"])


@pytest.mark.rule(19)
def test_a_module_whose_namespace_was_handed_to_a_callback_can_be_pruned(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./a.js";
                import "./b.js";
                import.meta.hot.accept(["./a.js", "./b.js"], () => log.push("deps"));
                import.meta.hot.accept();
            """,
            "static/a.js": "// a one",
            "static/b.js": "import.meta.hot.prune(() => log.push('prune b'));\n",
        },
    )
    edit(project, "static/a.js", "a one", "a two")
    page.wait_for_log(["deps"])
    project.save("static/main.js", "import.meta.hot.accept();\n")
    page.wait_for_log(["deps", "prune b"])


@pytest.mark.rule(21, 23)
def test_what_one_page_never_had_it_does_not_renew_for_others(project):
    """Of two pages only one has loaded ``leaf``, which an edit leaves unused."""
    page = open_page(
        project,
        {
            "app.py": project.read("app.py")
            + "\n\n@app.get('/other')\ndef other():\n"
            + "    return render_template('other.html')\n",
            "templates/other.html": project.read("templates/index.html").replace(
                "main.js", "other.js"
            ),
            "static/main.js": """
                import "./leaf.js";
                import "./part.js";
                import.meta.hot.accept();
            """,
            "static/other.js": "log.push('other one');\nimport.meta.hot.accept();\n",
            "static/part.js": "import './leaf.js';\nimport.meta.hot.accept();\n",
            "static/leaf.js": "log.push('leaf');\n",
        },
    )
    other = project.open("/other")
    other.wait_until_connected()
    before = project.fetch("/_hmr/version?url=/static/leaf.js").text
    project.save("static/part.js", "log.push('part');\nimport.meta.hot.accept();\n")
    page.wait_for_log(["leaf", "part"])
    edit(project, "static/other.js", "other one", "other two")
    other.wait_for_log(["other one", "other two"])
    assert project.fetch("/_hmr/version?url=/static/leaf.js").text == before
    page.assert_not_reloaded()


@pytest.mark.rule(8, 21)
def test_a_bare_name_that_only_other_pages_know_stops_no_update(project):
    index = project.read("templates/index.html")

    def mapped(target):
        tag = f'<script type="importmap">{{"imports":{{"lib":"{target}"}}}}</script>'
        return index.replace("<script type", f"{tag}<script type", 1)

    routes = "".join(
        f"\n\n@app.get('/{n}')\ndef page_{n}():\n"
        f"    return render_template('{n}.html')\n"
        for n in ("one", "two")
    )
    plain = open_page(
        project,
        {
            "app.py": project.read("app.py") + routes,
            "templates/one.html": mapped("/static/lib1.js").replace("main", "user"),
            "templates/two.html": mapped("/static/lib2.js").replace("main", "user"),
            "static/user.js": "import 'lib';\nimport.meta.hot.accept();\n",
            "static/lib1.js": "log.push('lib one');\n",
            "static/lib2.js": "",
            "static/main.js": "import './lib1.js';\nimport.meta.hot.accept();\n",
        },
    )
    for path in ("/one", "/two"):
        project.open(path).wait_until_connected()
    for old, new in (("one", "two"), ("two", "three")):
        edit(project, "static/lib1.js", f"lib {old}", f"lib {new}")
        plain.wait_for_log_entry(f"lib {new}")
    assert "failed" not in plain.console
    plain.assert_not_reloaded()


@pytest.mark.rule(19, 23)
def test_a_module_that_comes_back_while_its_new_version_is_told_is_evaluated_anew(
    project,
):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./extra.js";
                log.push("main");
                import.meta.hot.accept();
                """,
            "static/extra.js": """
                log.push("extra");
                import.meta.hot.prune(() => new Promise((go) => { window.go = go; }));
                """,
        },
    )
    with_import = project.read("static/main.js")
    edit(project, "static/main.js", 'import "./extra.js";', "")
    page.wait_for("() => window.go")
    held: list[Route] = []
    page.tab.route("**/static/main.js?m=*", lambda route: held.append(route))
    project.save("static/main.js", with_import)
    project.wait_for_output("[hmr] update /static/main.js", times=2)
    with page.sockets[-1].expect_event(
        "framereceived", lambda frame: '"renewed"' in frame
    ):
        page.evaluate("() => go()")
    # It has been told the version that the text will name, before it has the text.
    page.tab.unroute("**/static/main.js?m=*")  # which lets them go on
    page.wait_for_log(["extra", "main", "main", "extra", "main"])
    page.assert_not_reloaded()
