"""Files on disk: how they are saved, named, moved, made and removed."""

from __future__ import annotations

import os

import pytest

from .support.project import APP
from .support.steps import edit, open_page

OVERLAY = "[data-hmr-overlay]"

ACCEPTING = """
    log.push("one");
    import.meta.hot.accept();
"""


def accepting(value):
    return f"log.push({value!r});\nimport.meta.hot.accept();\n"


# What counts as another content


@pytest.mark.rule(25)
@pytest.mark.parametrize(
    "seconds", [-3600, 0, 3600], ids=["older", "the same", "in the future"]
)
def test_a_save_counts_whatever_its_size_and_time(project, seconds):
    page = open_page(project, {"static/main.js": ACCEPTING})
    path = project.path("static/main.js")
    before = path.stat()
    size = before.st_size

    for old, new in (("one", "two"), ("two", "six"), ("six", "ten")):
        edited = project.read("static/main.js").replace(old, new)
        # Ready with its time when it comes, as rsync and tar do it.
        ready = project.path("static/ready.tmp")
        ready.write_text(edited)
        time = before.st_mtime_ns + seconds * 1_000_000_000
        os.utime(ready, ns=(time, time))
        ready.replace(path)
        page.wait_for_log_entry(new)
        assert path.stat().st_size == size

    page.wait_for_log(["one", "two", "six", "ten"])
    page.assert_not_reloaded()


@pytest.mark.rule(25)
def test_a_file_whose_time_goes_back_after_the_save_is_as_new_as_any(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    for old, new in (("one", "two"), ("two", "six")):
        edit(project, "static/main.js", old, new)
        os.utime(project.path("static/main.js"), (1_000_000_000, 1_000_000_000))
        page.wait_for_log_entry(new)

    assert page.log() == ["one", "two", "six"]
    page.refresh()
    page.wait_for_log(["six"])


@pytest.mark.rule(25)
def test_touching_a_file_is_no_update(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport './other.js';\n",
            "static/part.js": accepting("part"),
            "static/other.js": accepting("one"),
        },
    )
    os.utime(project.path("static/part.js"), (2_000_000_000, 2_000_000_000))
    project.path("static/part.js").touch()
    edit(project, "static/other.js", "one", "two")
    page.wait_for_log(["part", "one", "two"])

    edit(project, "static/other.js", "two", "three")
    page.wait_for_log(["part", "one", "two", "three"])
    page.assert_not_reloaded()


@pytest.mark.rule(25)
def test_two_saves_at_once_end_with_the_second(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    for number in range(0, 10, 2):
        project.save("static/main.js", accepting(f"{number}"))
        project.save("static/main.js", accepting(f"{number + 1}"))
        page.wait_for("last => log.at(-1) === last", f"{number + 1}")

    numbers = [int(entry) for entry in page.log()[1:]]
    # The first update of two may fetch what the second save has written already.
    assert numbers == sorted(numbers)
    page.assert_not_reloaded()


@pytest.mark.rule(25)
def test_there_and_back_at_once_ends_with_what_is_on_disk(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    edit(project, "static/main.js", "one", "two")
    edit(project, "static/main.js", "two", "one")
    edit(project, "static/main.js", "one", "six")
    edit(project, "static/main.js", "six", "one")
    project.write({"static/unrelated.js": ""})
    page.refresh()
    page.wait_until_connected()
    page.wait_for("() => log.at(-1) === 'one'")

    edit(project, "static/main.js", "one", "end")
    page.wait_for("() => log.at(-1) === 'end'")
    page.assert_not_reloaded()


@pytest.mark.rule(25)
@pytest.mark.parametrize("added", [" ", "\n", "\r\n", "// é", "\x00// null"], ids=repr)
def test_one_byte_is_a_change(project, added):
    page = open_page(project, {"static/main.js": ACCEPTING})

    with project.path("static/main.js").open("ab") as file:
        file.write(f"//{added}".encode())

    page.wait_for_log(["one", "one"])
    page.assert_not_reloaded()


def test_a_file_that_is_no_utf_8_updates(project):
    page = open_page(project, {"static/main.js": ""})

    for text in ("caf\xe9", "th\xe9"):
        source = f"log.push('{text}');\nimport.meta.hot.accept();\n"
        project.path("static/main.js").write_bytes(source.encode("latin-1"))
        if page.log() == []:
            page.wait_for_reload()
            page.wait_until_connected()

    page.wait_for("() => log.at(-1) === 'th\\ufffd'")


@pytest.mark.rule(25)
def test_a_file_that_is_emptied_on_purpose_is_empty(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import "./part.js";
                log.push("main");
                import.meta.hot.accept();
            """,
            "static/part.js": "log.push('part');",
        },
    )
    project.save("static/part.js", "")
    page.wait_for_log(["part", "main", "main"])

    project.save("static/part.js", "log.push('full');")
    page.wait_for_log(["part", "main", "main", "full", "main"])
    page.assert_not_reloaded()


# Evaluation that takes its time


@pytest.mark.rule(22, 25)
def test_a_slow_evaluation_is_not_the_last_when_a_quick_save_overtakes_it(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./part.js";
                window.value = () => value;
            """,
            "static/part.js": """
                export let value = "one";
                // SLOW
                log.push(value);
                import.meta.hot.accept(({ module }) => { value = module.value; });
            """,
        },
    )
    good = project.read("static/part.js")
    slow = """
        log.push("begins");
        await new Promise((resolve) => setTimeout(resolve, 1000));
    """
    project.save("static/part.js", good.replace("one", "two").replace("// SLOW", slow))
    page.wait_for_log(["one", "begins"])
    project.save("static/part.js", good.replace("one", "three"))

    page.wait_for("() => value() === 'three'")
    page.wait_for_log(["one", "begins", "two", "three"])

    edit(project, "static/part.js", "three", "four")
    page.wait_for("() => value() === 'four'")
    page.assert_not_reloaded()


# Files that editors leave beside a module


@pytest.mark.rule(21, 25)
def test_what_editors_leave_beside_a_module_causes_nothing(project):
    page = open_page(project, {"static/main.js": ACCEPTING})
    page.wait_for_log(["one"])

    for name in (
        ".main.js.swp",
        ".main.js.swx",
        "main.js~",
        "#main.js#",
        "main.js.bak",
        "main.js.orig",
        "main.js.tmp",
        "main.js.12345.tmp",
        ".main.js.kate-swp",
        ".goutputstream-ABC123",
        "main.js___jb_tmp___",
        "4913",
        "main (copy).js",
    ):
        project.write(
            {f"static/{name}": "log.push('never');\nimport.meta.hot.accept();"}
        )
        project.write({f"static/{name}": "log.push(;"})
    # Emacs's lock: a link that leads nowhere.
    project.path("static/.#main.js").symlink_to("someone@somewhere.1234:567")
    project.path("static/.#main.js").unlink()
    edit(project, "static/main.js", "one", "two")
    page.wait_for_log(["one", "two"])

    edit(project, "static/main.js", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()
    assert page.locator(OVERLAY).count() == 0
    assert "error" not in page.console
    assert (
        project.output.count("hmr update") + project.output.count("[hmr] update") <= 2
    )


# Moves


@pytest.mark.rule(26, 27)
def test_a_module_and_its_importer_renamed_in_one_go_update_once(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./old.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/old.js": "export const value = 'old';",
        },
    )
    main = project.read("static/main.js")
    new = project.read("static/old.js").replace("'old'", "'new'")

    project.write({"static/new.js": new, "static/main.js": main.replace("old", "new")})
    project.delete("static/old.js")
    page.wait_for_log(["old", "new"])

    edit(project, "static/new.js", "'new'", "'newer'")
    page.wait_for_log(["old", "new", "newer"])
    page.assert_not_reloaded()
    assert "error" not in page.console


@pytest.mark.rule(26, 27)
def test_a_folder_of_modules_may_be_renamed_with_its_importer(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./old/index.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/old/index.js": "export { value } from './deep/value.js';",
            "static/old/deep/value.js": "export const value = 'one';",
        },
    )
    project.rename("static/old", "static/new")
    edit(project, "static/main.js", "./old/", "./new/")
    page.wait_for_log(["one", "one"])

    edit(project, "static/new/deep/value.js", "one", "two")
    page.wait_for_log(["one", "one", "two"])
    page.locator(OVERLAY).wait_for(state="detached")
    page.assert_not_reloaded()


@pytest.mark.rule(27)
def test_a_folder_that_goes_and_comes_back_is_followed_again(project):
    page = open_page(
        project,
        {
            "static/main.js": """
                import { value } from "./lib/value.js";
                log.push(value);
                import.meta.hot.accept();
            """,
            "static/lib/value.js": "export const value = 'one';",
        },
    )
    project.rename("static/lib", "elsewhere/lib")
    page.locator(OVERLAY).wait_for()
    assert page.log() == ["one"]

    project.rename("elsewhere/lib", "static/lib")
    page.locator(OVERLAY).wait_for(state="detached")
    edit(project, "static/lib/value.js", "one", "two")
    page.wait_for("() => log.at(-1) === 'two'")
    page.assert_not_reloaded()


def test_a_folder_that_is_moved_in_with_its_modules_is_followed(project):
    page = open_page(
        project,
        {
            "static/main.js": ACCEPTING,
            "elsewhere/lib/deep/value.js": "export const value = 'new';",
        },
    )
    project.rename("elsewhere/lib", "static/lib")
    project.save(
        "static/main.js",
        """
        import { value } from "./lib/deep/value.js";
        log.push(value);
        import.meta.hot.accept();
        """,
    )
    page.wait_for_log(["one", "new"])

    edit(project, "static/lib/deep/value.js", "'new'", "'newer'")
    page.wait_for_log(["one", "new", "newer"])
    page.assert_not_reloaded()


@pytest.mark.rule(17, 27)
def test_an_import_may_be_written_before_its_file_and_folder(project):
    page = open_page(project, {"static/main.js": ACCEPTING})

    edit(project, "static/main.js", "log", "import './not/yet/there.js';\nlog")
    overlay = page.locator(OVERLAY)
    overlay.get_by_text("there.js").first.wait_for()
    overlay.get_by_text("main.js").first.wait_for()
    assert page.log() == ["one"]

    project.write({"static/not/yet/there.js": "log.push('there');"})
    page.wait_for_log(["one", "there", "one"])
    overlay.wait_for(state="detached")

    edit(project, "static/not/yet/there.js", "'there'", "'here'")
    page.wait_for_log(["one", "there", "one", "here", "one"])
    page.assert_not_reloaded()


@pytest.mark.rule(25, 27)
def test_a_module_that_is_deleted_and_written_anew_at_once_is_just_saved(project):
    page = open_page(
        project,
        {
            "static/main.js": "import './part.js';\nimport.meta.hot.accept();\n",
            "static/part.js": ACCEPTING,
        },
    )
    for old, new in (("one", "two"), ("two", "three")):
        text = project.read("static/part.js").replace(old, new)
        project.delete("static/part.js")
        project.write({"static/part.js": text})
        page.wait_for_log_entry(new)

    assert page.log() == ["one", "two", "three"]
    page.assert_not_reloaded()


def test_a_module_behind_a_link_follows_the_file_and_the_link(project):
    project.write(
        {"shared/a.js": accepting("a one"), "shared/b.js": accepting("b one")}
    )
    project.path("static/part.js").symlink_to(project.path("shared/a.js"))
    page = open_page(project, {"static/main.js": "import './part.js';"})
    page.wait_for_log(["a one"])

    edit(project, "shared/a.js", "a one", "a two")
    page.wait_for_log(["a one", "a two"])

    new_link = project.path("static/part.new")
    new_link.symlink_to(project.path("shared/b.js"))
    new_link.replace(project.path("static/part.js"))
    page.wait_for_log(["a one", "a two", "b one"])
    edit(project, "shared/b.js", "b one", "b two")
    page.wait_for_log(["a one", "a two", "b one", "b two"])
    page.assert_not_reloaded()


# Names: that such files can be imported is tested in test_pages.py.

NAMES = {
    "a space": ("with space.js", "with space.js", "with%20space.js"),
    "a percent sign": ("100%.js", "100%25.js", "100%25.js"),
    "a number sign": ("a#b.js", "a%23b.js", "a%23b.js"),
    "a plus sign": ("a+b.js", "a+b.js", "a+b.js"),
    "brackets": ("[id].js", "[id].js", "[id].js"),
    "umlauts": ("größe.js", "größe.js", "gr%C3%B6%C3%9Fe.js"),
    "a folder with a space": (
        "my parts/a b.js",
        "my%20parts/a b.js",
        "my parts/a%20b.js",
    ),
}


@pytest.mark.rule(6, 8)
@pytest.mark.parametrize(("name", "imported", "accepted"), NAMES.values(), ids=NAMES)
def test_a_file_of_any_name_can_be_accepted(project, name, imported, accepted):
    page = open_page(
        project,
        {
            "static/main.js": f"""
                import {{ value }} from "./{imported}";
                log.push(value);
                import.meta.hot.accept("./{accepted}", ({{ deps }}) => {{
                  log.push(deps[0].value);
                }});
            """,
            f"static/{name}": "export const value = 'one';",
        },
    )
    edit(project, f"static/{name}", "one", "two")
    page.wait_for_log(["one", "two"])

    edit(project, f"static/{name}", "two", "three")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()
    assert "warning" not in page.console


# File systems that tell nothing

DEAF = """
from flask import Flask, render_template

from flask_hmr import HMR, folders, inotify

# As on a network share: what another machine writes comes without a word.
folders.silent_type = lambda path: "nfs4"
inotify.Inotify.read = lambda self: None

app = Flask(__name__)
HMR(app)


@app.get("/")
def index():
    return render_template("index.html")
"""


def test_a_file_that_another_machine_writes_is_found(project):
    page = open_page(
        project,
        {
            "app.py": DEAF,
            "static/main.js": """
                import { value } from "./leaf.js";
                log.push(value);
                import.meta.hot.accept("./leaf.js", ({ deps }) => {
                  log.push(deps[0].value);
                });
            """,
            "static/leaf.js": "export const value = 'one';",
        },
    )
    edit(project, "static/leaf.js", "one", "two")
    page.wait_for_log(["one", "two"])

    project.save("static/leaf.js", "export const value = 'three';", "atomic")
    page.wait_for_log(["one", "two", "three"])
    page.assert_not_reloaded()
    project.wait_for_output("is on a file system of type nfs4")


GATED = APP.replace(
    "HMR(app)\n",
    """HMR(app)

import threading

from flask import request

gate = threading.Event()
gate.set()


@app.before_request
def wait_at_the_gate():
    if request.path == "/static/part.js" and not gate.is_set():
        print("at the gate", flush=True)
        gate.wait()


@app.get("/shut")
def shut():
    gate.clear()
    return ""


@app.get("/open")
def open():
    gate.set()
    return ""
""",
)


@pytest.mark.rule(25)
@pytest.mark.parametrize("more", ["", "import.meta.hot.dispose(() => log.push('end'))"])
@pytest.mark.parametrize("is_told", [True, False], ids=["told at once", "told later"])
@pytest.mark.parametrize("name", ["part", "value"])
def test_a_save_that_is_undone_before_the_page_has_asked_for_it(
    project, name, more, is_told
):
    files = {
        "static/main.js": "import './part.js'; window.kept = true;",
        "static/part.js": f"""
            import {{ value }} from "./value.js";
            const own = "part one";
            log.push(own, value);
            import.meta.hot.accept();
            {more}
        """,
        "static/value.js": 'export const value = "value one";',
    }
    page = open_page(
        project,
        {"app.py": GATED, **files},
        env={"FLASK_HMR_TRANSPORTS": "poll"},
    )
    page.wait_for_log(["part one", "value one"])
    edited = f"static/{name}.js"
    project.fetch("/shut")
    project.save(edited, files[edited].replace("one", "two"))
    project.wait_for_output("at the gate")
    held = []
    if not is_told:
        page.tab.route("**/_hmr/exchange*", lambda route: held.append(route))
    project.save(edited, files[edited])
    project.wait_for_output(f"[hmr] update /{edited}", 2)
    project.fetch("/open")
    if not is_told:
        page.wait_for(
            "() => performance.getEntriesByType('resource')"
            ".filter(({ name }) => name.includes('part.js?m=')).length > 1"
        )
        page.settle()
        page.tab.unroute("**/_hmr/exchange*")
        for route in held:
            route.continue_()

    project.save("static/value.js", 'export const value = "value three";')
    page.wait_for_log_entry("value three")

    assert f"{name} two" not in page.log()
    page.assert_not_reloaded()
