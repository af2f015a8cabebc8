"""From changed files to messages: what pages are told, in which order, and the log."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_hmr import updates as module
from flask_hmr.config import Config
from flask_hmr.core.facts import Edge, Facts, Kind
from flask_hmr.core.graph import LOG_LENGTH, ModuleGraph
from flask_hmr.core.importmap import ImportMap
from flask_hmr.files import Files, Source
from flask_hmr.roots import Roots
from flask_hmr.updates import Updates

ACCEPT = "import.meta.hot?.accept();\n"


class FakePages:
    """Stands in for connected pages; remembers what they were told."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.count = 1

    def broadcast(self, message: str) -> int:
        self.told.append(json.loads(message))
        return self.count


class Project:
    """Files in ``static/``, and what keeps pages in step with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "static"
        self.folder.mkdir(exist_ok=True)
        self.pages = FakePages()
        self.files = Files()
        self.graph = ModuleGraph(b"seed")
        app = Flask("project", root_path=str(folder))
        app.add_url_rule("/view.js", "view", lambda: "")
        app.add_url_rule("/lib/<path:name>", "lib", lambda name: "")
        self.roots = Roots(app, Config())
        self.updates = Updates(
            self.graph,
            self.roots,
            self.files,
            self.pages,  # type: ignore[arg-type]
            logging.getLogger("flask_hmr.test"),
        )

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def write(self, name: str, text: str) -> str:
        """Save a file, such that no clock is too coarse to tell."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = self.files.identity(str(path))
        path.write_text(text)
        while self.files.identity(str(path)) == before:
            path.write_text(text)
        return str(path)

    def load(self, *names: str) -> list[str]:
        """Look modules up as a page that loads them does; return their versions."""
        urls = [url(name) for name in names]
        return [version or "" for version in self.updates.versions(urls).values()]

    def changed(self, *paths: str) -> list[Any]:
        """Let the watcher report paths; return what pages are told."""
        del self.pages.told[:]
        self.updates.changed(frozenset(paths))
        return self.pages.told

    def save(self, name: str, text: str) -> Any:
        """Save and report a file; return the one message that this makes."""
        (message,) = self.changed(self.write(name, text))
        return message


def url(name: str) -> str:
    return f"/static/{name}"


def names(urls: Iterable[str]) -> set[str]:
    return {u.removeprefix("/static/") for u in urls}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make ``main`` import ``mid`` and ``box``, ``mid`` import ``leaf``."""
    project = Project(tmp_path.resolve())
    project.write("main.js", "import './mid.js';\nimport './box.js';\n")
    project.write("mid.js", "import './leaf.js';\n")
    project.write("box.js", f"import './inner.js';\n{ACCEPT}")
    project.write("leaf.js", "export const leaf = 1;\n")
    project.write("inner.js", "export const inner = 1;\n")
    project.load("main.js")
    return project


# Edits


def test_an_edit_is_told_with_all_that_it_affects(project: Project) -> None:
    urls = ["main.js", "mid.js", "leaf.js"]
    before = dict(zip(urls, project.load(*urls), strict=True))
    message = project.save("leaf.js", "export const leaf = 2;\n")
    after = dict(zip(urls, project.load(*urls), strict=True))
    assert message["type"] == "update"
    assert message["answer"] is False
    assert message["session"] == project.updates.session
    assert message["seq"] == 1
    assert message["changed"] == [url("leaf.js")]
    assert message["orphans"] == {}
    modules = message["modules"]
    assert names(modules) == set(urls)
    for name in urls:
        assert modules[url(name)]["version"] == after[name]
        assert modules[url(name)]["previous"] == before[name]
        assert after[name] != before[name]
    assert modules[url("leaf.js")]["importers"] == [url("mid.js")]
    assert modules[url("mid.js")]["importers"] == [url("main.js")]
    assert modules[url("mid.js")]["imports"] == [url("leaf.js")]
    assert modules[url("main.js")]["importers"] == []


def test_beyond_a_boundary_nothing_is_affected(project: Project) -> None:
    message = project.save("inner.js", "export const inner = 2;\n")
    assert names(message["modules"]) == {"inner.js", "box.js"}
    assert message["modules"][url("box.js")]["importers"] == [url("main.js")]


def test_a_touched_file_is_not_a_change(project: Project) -> None:
    os.utime(project.path("leaf.js"), ns=(10**18, 10**18))
    (message,) = project.changed(project.path("leaf.js"))
    assert message["changed"] == []
    assert names(message["modules"]) == {"main.js", "mid.js", "leaf.js"}


def test_saving_the_same_bytes_is_not_a_change(project: Project) -> None:
    assert project.save("leaf.js", "export const leaf = 1;\n")["changed"] == []


def test_a_report_without_a_change_tells_nobody(project: Project) -> None:
    assert project.changed(project.path("leaf.js")) == []
    assert project.graph.seq == 0


def test_files_that_no_page_has_loaded_tell_nobody(project: Project) -> None:
    assert project.changed(project.write("other.js", "export {};\n")) == []
    assert project.changed(str(project.folder.parent / "app.py")) == []


def test_going_back_is_an_update_like_any_other(project: Project) -> None:
    versions = set(project.load("main.js"))
    for text in ("2", "1"):
        message = project.save("leaf.js", f"export const leaf = {text};\n")
        assert message["changed"] == [url("leaf.js")]
        versions |= set(project.load("main.js"))
    assert len(versions) == 3


def test_files_that_change_together_are_one_update(project: Project) -> None:
    paths = [
        project.write("leaf.js", "export const leaf = 2;\n"),
        project.write("inner.js", "export const inner = 2;\n"),
        project.write("other.js", "export {};\n"),
    ]
    (message,) = project.changed(*paths)
    assert names(message["changed"]) == {"leaf.js", "inner.js"}
    assert message["seq"] == 1
    expected = {"main.js", "mid.js", "leaf.js", "inner.js", "box.js"}
    assert names(message["modules"]) == expected


def test_a_new_import_is_followed_before_anything_is_told(project: Project) -> None:
    project.write("new.js", "import './deep.js';\n")
    project.write("deep.js", "export {};\n")
    message = project.save("leaf.js", "import './new.js';\n")
    assert message["modules"][url("leaf.js")]["imports"] == [url("new.js")]
    assert all(project.graph.versions([url("new.js"), url("deep.js")]).values())
    message = project.save("deep.js", "export const deep = 2;\n")
    assert "main.js" in names(message["modules"])


def test_a_dropped_import_is_told_with_what_was_below_it(project: Project) -> None:
    message = project.save("main.js", "import './box.js';\n")
    assert message["changed"] == [url("main.js")]
    orphans = message["orphans"]
    assert names(orphans) == {"mid.js", "leaf.js"}
    assert orphans[url("mid.js")]["importers"] == []
    assert orphans[url("leaf.js")]["importers"] == [url("mid.js")]


def test_an_import_that_moves_to_another_module_is_no_orphan_of_its_own(
    project: Project,
) -> None:
    message = project.changed(
        project.write("main.js", "import './box.js';\nimport './leaf.js';\n"),
    )[0]
    assert message["orphans"][url("leaf.js")]["importers"] == [
        url("mid.js"),
        url("main.js"),
    ]


def test_dynamic_importers_are_told_apart(project: Project) -> None:
    project.write("lazy.js", "export {};\n")
    project.write("both.js", "export {};\n")
    project.save(
        "main.js", "import('./lazy.js'); import('./both.js'); import './both.js';\n"
    )
    project.load("lazy.js", "both.js")
    lazy = project.save("lazy.js", "export const a = 2;\n")["modules"]
    assert lazy[url("lazy.js")]["importers"] == []
    assert lazy[url("lazy.js")]["dynamicImporters"] == [url("main.js")]
    both = project.save("both.js", "export const a = 2;\n")["modules"]
    assert both[url("both.js")]["importers"] == [url("main.js")]
    assert "dynamicImporters" not in both[url("both.js")]


def test_an_accepted_import_is_a_boundary(project: Project) -> None:
    project.save("main.js", "import './mid.js';\nimport.meta.hot?.accept('./mid.js');")
    message = project.save("leaf.js", "export const leaf = 2;\n")
    assert names(message["modules"]) == {"leaf.js", "mid.js"}


def test_a_declining_module_is_no_boundary(project: Project) -> None:
    project.save("mid.js", f"import './leaf.js';\n{ACCEPT}import.meta.hot?.decline();")
    message = project.save("leaf.js", "export const leaf = 2;\n")
    assert "main.js" in names(message["modules"])


def test_a_module_that_imports_itself(project: Project) -> None:
    message = project.save("leaf.js", "import * as me from './leaf.js';\n")
    assert message["modules"][url("leaf.js")]["importers"] == [
        url("mid.js"),
        url("leaf.js"),
    ]


def test_only_javascript_is_searched_for_imports(project: Project) -> None:
    project.write("s.css", "import './gone.js';")
    project.write("d.json", "import './gone.js';")
    project.save(
        "main.js",
        "import s from './s.css' with {type: 'css'};\n"
        "import d from './d.json' with {type: 'json'};\n",
    )
    message = project.save("s.css", "import './other.js';")
    assert message["modules"][url("s.css")]["imports"] == []
    assert names(message["modules"]) == {"s.css", "main.js"}
    assert names(project.save("d.json", "{}")["modules"]) == {"d.json", "main.js"}


def test_a_file_is_known_by_its_real_path_too(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "static").symlink_to("elsewhere")
    project = Project(tmp_path)
    project.write("a.js", "1;")
    project.load("a.js")
    project.write("a.js", "2;")
    (message,) = project.changed(str(tmp_path.resolve() / "elsewhere/a.js"))
    assert message["changed"] == [url("a.js")]


def test_one_file_under_two_urls_is_two_modules(project: Project) -> None:
    project.updates.versions([url("leaf.js?one"), url("leaf.js?two")])
    message = project.save("leaf.js", "export const leaf = 2;\n")
    assert names(message["changed"]) == {"leaf.js", "leaf.js?one", "leaf.js?two"}


# Files that come and go


def test_a_deleted_file_is_told_with_who_still_names_it(project: Project) -> None:
    os.unlink(project.path("leaf.js"))
    (message,) = project.changed(project.path("leaf.js"))
    assert message["changed"] == [url("leaf.js")]
    leaf, mid = message["modules"][url("leaf.js")], message["modules"][url("mid.js")]
    assert leaf["missing"] is True
    assert leaf["version"] is None
    assert leaf["importers"] == [url("mid.js")]
    assert mid["imports"] == [url("leaf.js")]
    assert "missing" not in mid


def test_a_deleted_file_that_nobody_names_any_more_is_an_orphan(
    project: Project,
) -> None:
    os.unlink(project.path("leaf.js"))
    (message,) = project.changed(
        project.path("leaf.js"), project.write("mid.js", "export {};\n")
    )
    assert message["modules"][url("mid.js")]["imports"] == []
    assert message["orphans"][url("leaf.js")]["missing"] is True
    assert message["orphans"][url("leaf.js")]["importers"] == []


def test_a_file_that_is_back_is_a_change(project: Project) -> None:
    before = project.load("main.js")
    os.unlink(project.path("leaf.js"))
    project.changed(project.path("leaf.js"))
    message = project.save("leaf.js", "export const leaf = 1;\n")
    assert message["changed"] == [url("leaf.js")]
    assert "missing" not in message["modules"][url("leaf.js")]
    assert project.load("main.js") != before


def test_a_new_file_ends_the_want_of_it(project: Project) -> None:
    project.save("leaf.js", "import './new/a.js';\n")
    assert project.load("new/a.js") == [""]
    message = project.save("new/a.js", "export {};\n")
    assert message["changed"] == [url("new/a.js")]
    expected = {"new/a.js", "leaf.js", "mid.js", "main.js"}
    assert names(message["modules"]) == expected


def make_folder(project: Project) -> None:
    project.write("parts/a.js", "import './deep/b.js';\n")
    project.write("parts/deep/b.js", "export {};\n")
    project.write("parts-too/c.js", "export {};\n")
    project.save("mid.js", "import './parts/a.js';\nimport './parts-too/c.js';\n")


def test_a_deleted_folder_stands_for_all_its_files(project: Project) -> None:
    make_folder(project)
    shutil.rmtree(project.path("parts"))
    (message,) = project.changed(project.path("parts"))
    assert names(message["changed"]) == {"parts/a.js", "parts/deep/b.js"}
    gone = message["modules"][url("parts/a.js")]
    assert gone["missing"] is True
    assert gone["importers"] == [url("mid.js")]


def test_a_folder_that_is_back_stands_for_all_its_files(project: Project) -> None:
    make_folder(project)
    os.rename(project.path("parts"), project.path("away"))
    project.changed(project.path("parts"), project.path("away"))
    os.rename(project.path("away"), project.path("parts"))
    (message,) = project.changed(project.path("parts"), project.path("away"))
    assert url("parts/a.js") in message["changed"]
    assert not any(m.get("missing") for m in message["modules"].values())


def test_a_folder_in_the_place_of_a_file_is_no_file(project: Project) -> None:
    os.unlink(project.path("leaf.js"))
    os.mkdir(project.path("leaf.js"))
    (message,) = project.changed(project.path("leaf.js"))
    assert message["modules"][url("leaf.js")]["missing"] is True


def test_a_file_that_grows_too_large_takes_no_part_any_more(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_hmr.files.MAX_SIZE", 50)
    message = project.save("leaf.js", "x" * 51)
    leaf = message["modules"][url("leaf.js")]
    assert leaf["version"] is None
    assert "missing" not in leaf


def test_changes_that_nobody_reported_are_found(project: Project) -> None:
    project.write("leaf.js", "export const leaf = 2;\n")
    os.unlink(project.path("inner.js"))
    stale = project.updates.stale()
    assert {os.path.basename(path) for path in stale} == {"leaf.js", "inner.js"}
    project.updates.changed(stale)
    (message,) = project.pages.told
    assert names(message["changed"]) == {"leaf.js", "inner.js"}
    assert project.updates.stale() == []


# Import maps


def import_map(**imports: str | None) -> ImportMap:
    return ImportMap.parse(json.dumps({"imports": imports}), "/")


def test_a_map_gives_bare_specifiers_their_meaning(project: Project) -> None:
    project.write("lib.js", "export {};\n")
    project.save("leaf.js", "import 'lib';\n")
    assert project.graph.facts(url("lib.js")) is None
    del project.pages.told[:]
    project.updates.saw_maps([import_map(lib="/static/lib.js")])
    (message,) = project.pages.told
    assert message["changed"] == []
    assert message["modules"][url("leaf.js")]["imports"] == [url("lib.js")]
    message = project.save("lib.js", "export const lib = 2;\n")
    assert names(message["modules"]) == {"lib.js", "leaf.js", "mid.js", "main.js"}


def test_a_map_is_taken_in_once(project: Project) -> None:
    project.write("lib.js", "export {};\n")
    project.save("leaf.js", "import 'lib';\n")
    project.updates.saw_maps([import_map(lib="/static/lib.js")])
    del project.pages.told[:]
    project.updates.saw_maps([import_map(lib="/static/lib.js")])
    project.updates.saw_maps([import_map(lib="/static/lib.js", other="/o.js")])
    assert project.pages.told == []


def test_maps_that_disagree_leave_a_specifier_without_meaning(
    project: Project,
) -> None:
    project.save("leaf.js", "import 'lib';\nimport 'same';\n")
    project.updates.saw_maps([import_map(lib="/static/box.js", same="/static/x.js")])
    project.updates.saw_maps([import_map(lib="/static/inner.js", same="/static/x.js")])
    facts = project.graph.facts(url("leaf.js"))
    assert facts is not None
    unsettled = {edge.url: edge.unsettled for edge in facts.edges}
    assert unsettled[url("x.js")] is None
    assert unsettled[url("box.js")] == unsettled[url("inner.js")] == "lib"


def test_a_map_that_does_not_name_a_specifier_has_no_say(project: Project) -> None:
    project.updates.saw_maps([import_map(lib="/static/lib.js")])
    project.updates.saw_maps([import_map(other="/static/other.js")])
    project.updates.saw_maps([import_map(**{"deep/": "/static/deep/"})])
    resolve = project.updates.resolver(url("main.js"))
    assert resolve("lib") == url("lib.js")
    assert resolve("other") == url("other.js")
    assert resolve("deep/a.js") == url("deep/a.js")
    assert resolve("none") is None
    assert resolve("./mid.js") == url("mid.js")


@pytest.mark.parametrize("address", ["https://x.example/a.js", None])
def test_a_map_that_leads_elsewhere_leaves_a_specifier_without_meaning(
    project: Project, address: Any
) -> None:
    project.updates.saw_maps([import_map(lib=address, **{"/static/mid.js": address})])
    resolve = project.updates.resolver(url("main.js"))
    assert resolve("lib") is None
    assert resolve("./mid.js") is None
    project.updates.saw_maps([import_map(lib="/static/lib.js")])
    resolve = project.updates.resolver(url("main.js"))
    assert resolve("lib") is None
    assert resolve("./mid.js") is None


def test_a_map_may_redirect_a_path(project: Project) -> None:
    resolve = project.updates.resolver(url("main.js"))
    assert resolve("./mid.js") == url("mid.js")
    project.updates.saw_maps([import_map(**{"/static/mid.js": "/static/box.js"})])
    assert project.updates.resolver(url("main.js"))("./mid.js") == url("box.js")


def test_a_path_that_one_map_redirects_means_two_things(project: Project) -> None:
    """The page with the other map loads the module that is named."""
    project.updates.saw_maps([import_map(**{"/static/mid.js": "/static/box.js"})])
    project.updates.saw_maps([import_map(other="/static/other.js")])
    assert project.updates.resolver(url("main.js"))("./mid.js") is None
    assert project.updates.resolver(url("main.js"))("./box.js") == url("box.js")


def test_only_so_many_maps_are_kept_in_mind(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flask_hmr.meanings.MAX_MAPS", 1)
    project.updates.saw_maps([import_map(a="/a.js")])
    project.updates.saw_maps([import_map(b="/b.js")])
    resolve = project.updates.resolver("/")
    assert resolve("a") == "/a.js"
    assert resolve("b") is None


# Modules without a file of their own


def test_what_a_generated_module_imports_is_learnt(project: Project) -> None:
    project.load("leaf.js")
    project.updates.follow(["/view.js"])
    learnt = Facts(Kind.OPAQUE, edges=(Edge(url("leaf.js")),))
    project.updates.learn("/view.js", learnt)
    message = project.save("leaf.js", "export const leaf = 2;\n")
    assert "/view.js" in message["modules"][url("leaf.js")]["importers"]


def test_looking_for_files_keeps_what_was_learnt_without_one(
    project: Project,
) -> None:
    project.updates.follow(["/view.js"])
    project.updates.learn("/view.js", Facts(Kind.OPAQUE, edges=(Edge(url("x.js")),)))
    project.updates.relocate()
    assert project.graph.importers(url("x.js")) == ("/view.js",)


def test_a_module_gets_its_file_once_a_view_was_seen_to_send_it(
    project: Project,
) -> None:
    path = project.write("../library/a.js", "export {};\n")
    path = os.path.abspath(path)
    project.save("leaf.js", "import '/lib/a.js';\n")
    assert project.updates.versions(["/lib/a.js"]) == {"/lib/a.js": None}
    project.roots.saw("/lib/a.js", "lib", {"name": "a.js"}, path)
    del project.pages.told[:]
    project.updates.relocate()
    # Where a module's file is was learnt; nothing changed.
    assert [message["changed"] for message in project.pages.told] == [[]]
    assert project.updates.versions(["/lib/a.js"])["/lib/a.js"]
    project.write("../library/a.js", "export const a = 2;\n")
    (message,) = project.changed(path)
    assert message["changed"] == ["/lib/a.js"]


# New versions without a changed file


def test_renewing_is_told_and_changes_nothing(project: Project) -> None:
    before = project.load("mid.js", "main.js", "leaf.js")
    project.updates.renew([url("mid.js"), "/unknown.js"])
    after = project.load("mid.js", "main.js", "leaf.js")
    (message,) = project.pages.told
    assert message["changed"] == []
    assert names(message["modules"]) == {"mid.js", "main.js"}
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, True]


def test_renewing_what_is_not_known_tells_nobody(project: Project) -> None:
    project.updates.renew(["/unknown.js"])
    assert project.pages.told == []


# Pages that come back


def catch_up(project: Project, seq: object, session: object = None) -> Any:
    own = project.updates.session if session is None else session
    answer = project.updates.catch_up(own, seq)
    return None if answer is None else json.loads(answer)


def test_a_page_that_missed_nothing_is_in_step(project: Project) -> None:
    project.save("leaf.js", "export const leaf = 2;\n")
    assert catch_up(project, 1) == {
        "type": "ready",
        "answer": True,
        "session": project.updates.session,
        "seq": 1,
    }


def test_a_page_is_told_all_that_it_missed_as_one_update(project: Project) -> None:
    before = project.load("main.js")
    project.save("leaf.js", "export const leaf = 2;\n")
    project.save("inner.js", "export const inner = 2;\n")
    project.save("leaf.js", "export const leaf = 3;\n")
    message = catch_up(project, 0)
    assert message["answer"] is True
    assert message["seq"] == 3
    assert names(message["changed"]) == {"leaf.js", "inner.js"}
    assert message["modules"][url("main.js")]["previous"] == before[0]
    message = catch_up(project, 1)
    assert names(message["changed"]) == {"leaf.js", "inner.js"}
    assert names(catch_up(project, 2)["changed"]) == {"leaf.js"}


@pytest.mark.parametrize("session", ["0123456789abcdef", "", 3, [], {}])
def test_a_page_of_another_process_is_asked_what_it_holds(
    project: Project, session: object
) -> None:
    assert catch_up(project, 0, session) is None


@pytest.mark.parametrize("seq", [-1, 1, 10**30, None, "0", 0.0, [0]])
def test_a_page_with_a_number_that_never_was_is_asked_what_it_holds(
    project: Project, seq: object
) -> None:
    assert catch_up(project, seq) is None


def test_a_page_that_missed_too_much_is_asked_what_it_holds(project: Project) -> None:
    for _ in range(LOG_LENGTH + 1):
        project.graph.renew([url("main.js")])
    assert catch_up(project, 0) is None
    assert catch_up(project, 1)["type"] == "update"


def held(project: Project, *loaded: str) -> dict[str, Any]:
    urls = [url(name) for name in loaded]
    return dict(zip(urls, project.load(*loaded), strict=True))


def test_a_page_that_holds_what_is_there_is_in_step(project: Project) -> None:
    other = Project(project.folder.parent)
    answer = json.loads(other.updates.compare(held(project, "main.js", "leaf.js")))
    assert answer["type"] == "ready"
    assert answer["session"] == other.updates.session != project.updates.session
    assert answer["compared"] is True


def test_a_page_is_told_what_differs_from_what_it_holds(project: Project) -> None:
    holds = held(project, "main.js", "mid.js", "leaf.js", "box.js")
    project.write("leaf.js", "export const leaf = 2;\n")
    other = Project(project.folder.parent)
    answer = json.loads(other.updates.compare(holds))
    assert answer["answer"] is True
    assert answer["compared"] is True
    assert url("leaf.js") in answer["changed"]
    assert url("box.js") not in answer["modules"]
    assert answer["modules"][url("leaf.js")]["previous"] == holds[url("leaf.js")]


def test_a_page_is_told_that_what_it_holds_is_gone(project: Project) -> None:
    holds = held(project, "main.js", "mid.js", "leaf.js")
    os.unlink(project.path("leaf.js"))
    other = Project(project.folder.parent)
    answer = json.loads(other.updates.compare(holds))
    assert answer["modules"][url("leaf.js")]["missing"] is True
    assert answer["modules"][url("leaf.js")]["importers"] == [url("mid.js")]


@pytest.mark.parametrize(
    "holds",
    [
        {},
        {"/unknown.js": "0123456789abcdef"},
        {"https://x.example/a.js": "0123456789abcdef"},
        {"": "", "a.js": "x", "//": "x", "__proto__": "x"},
        {"/static/main.js": None, "/static/mid.js": 3, "/static/leaf.js": ["x"]},
        {"/static/../../etc/passwd": "0123456789abcdef", "/static/\0": "x"},
    ],
)
def test_what_a_page_cannot_hold_is_ignored(
    project: Project, holds: dict[str, Any]
) -> None:
    answer = json.loads(project.updates.compare(holds))
    assert answer["type"] == "ready" or not any(
        module["version"] for module in answer["modules"].values()
    )


# Order


def test_updates_are_told_in_the_order_in_which_they_are_made(
    project: Project,
) -> None:
    ready = threading.Barrier(2)

    def work(name: str) -> None:
        ready.wait()
        for number in range(60):
            path = project.write(name, f"export const x = {number + 10};\n")
            project.updates.changed(frozenset({path}))

    threads = [
        threading.Thread(target=work, args=[name]) for name in ("leaf.js", "inner.js")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seqs = [message["seq"] for message in project.pages.told]
    assert seqs == list(range(1, 121))
    assert project.graph.seq == 120


class Paused(Files):
    """Stops after a read of one file until another thread has gone on."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.armed = False
        self.reached = threading.Event()
        self.released = threading.Event()

    def read(self, path: str) -> Source | None:
        source = super().read(path)
        if self.armed and path == self.path:
            self.armed = False
            self.reached.set()
            # The other thread may have to wait for this one; then time is up.
            self.released.wait(0.3)
        return source


def test_what_was_read_first_does_not_replace_what_was_read_later(
    project: Project,
) -> None:
    files = Paused(project.path("leaf.js"))
    project.files = project.updates.files = files
    files.armed = True
    changed = frozenset({project.path("leaf.js")})
    first = threading.Thread(target=project.updates.changed, args=[changed])
    first.start()
    assert files.reached.wait(10)
    path = project.write("leaf.js", "export const leaf = 2;\n")

    def second() -> None:
        project.updates.changed(frozenset({path}))
        files.released.set()

    other = threading.Thread(target=second)
    other.start()
    first.join()
    other.join()
    facts, source = project.graph.facts(url("leaf.js")), files.kept(path)
    assert facts is not None
    assert source is not None
    assert facts.content == source.content


def test_a_file_saved_while_it_is_read_first_is_not_missed(project: Project) -> None:
    path = project.write("new.js", "export {};\n")
    files = Paused(path)
    project.files = project.updates.files = files
    files.armed = True
    first = threading.Thread(target=project.load, args=["new.js"])
    first.start()
    assert files.reached.wait(10)
    project.write("new.js", "export const a = 2;\n")

    def second() -> None:
        project.updates.changed(frozenset({path}))
        files.released.set()

    other = threading.Thread(target=second)
    other.start()
    first.join()
    other.join()
    facts, source = project.graph.facts(url("new.js")), Files().read(path)
    assert facts is not None
    assert source is not None
    assert facts.content == source.content


# The log


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="flask_hmr.test")
    return caplog


def test_an_update_is_one_line(
    project: Project, lines: pytest.LogCaptureFixture
) -> None:
    project.pages.count = 3
    project.save("inner.js", "export const inner = 2;\n")
    (line,) = lines.messages
    start = "[hmr] update /static/inner.js → /static/box.js  2 modules, 3 pages, "
    assert line.startswith(start)
    assert line.endswith(" ms")
    assert "\n" not in line


def test_one_is_singular(project: Project, lines: pytest.LogCaptureFixture) -> None:
    project.save("box.js", ACCEPT)
    assert "  1 module, 1 page, " in lines.messages[0]


def test_many_changed_files_are_counted(
    project: Project, lines: pytest.LogCaptureFixture
) -> None:
    paths = [project.write(f"{n}.js", "1;") for n in range(6)]
    imports = "".join(f"import './{n}.js';\n" for n in range(6))
    project.save("box.js", imports + ACCEPT)
    lines.clear()
    for n in range(6):
        project.write(f"{n}.js", "2;")
    project.changed(*paths)
    assert " and 3 more → /static/box.js  7 modules" in lines.messages[0]


def test_a_change_that_nobody_takes_is_for_the_pages_to_report(
    project: Project, lines: pytest.LogCaptureFixture
) -> None:
    project.save("leaf.js", "export const leaf = 2;\n")
    assert lines.messages == []
    lines.set_level(logging.DEBUG, logger="flask_hmr.test")
    project.save("leaf.js", "export const leaf = 3;\n")
    assert lines.messages == ["[hmr] changed /static/leaf.js  1 pages"]


def test_pages_are_asked_what_they_do_where_files_do_not_tell(
    project: Project,
) -> None:
    project.save("box.js", "// 1\n" + ACCEPT)
    assert "unsure" not in project.pages.told[-1]
    project.save("leaf.js", "export const leaf = 2;\n")
    assert project.pages.told[-1]["unsure"] is True


def test_a_circle_that_nobody_takes_is_for_the_pages_to_report(
    project: Project, lines: pytest.LogCaptureFixture
) -> None:
    project.save("leaf.js", "import './main.js';\n")
    lines.clear()
    project.save("leaf.js", "import './main.js';\n//\n")
    assert lines.messages == []


def test_nothing_is_logged_without_pages(
    project: Project, lines: pytest.LogCaptureFixture
) -> None:
    project.pages.count = 0
    project.save("inner.js", "export const inner = 2;\n")
    assert lines.messages == []


def test_a_touched_file_is_not_logged(
    project: Project, lines: pytest.LogCaptureFixture
) -> None:
    project.save("inner.js", "export const inner = 1;\n")
    assert lines.messages == []


# Scripts that could not be loaded


def test_what_failed_gets_new_versions_down_to_what_changed(project: Project) -> None:
    before = project.load("main.js", "box.js", "mid.js")
    since = project.graph.seq
    project.save("inner.js", "2")
    after = project.load("main.js", "box.js", "mid.js")
    assert before[0] == after[0]

    del project.pages.told[:]
    project.updates.mend([url("main.js")], since)
    (told,) = project.pages.told
    assert told["changed"] == []
    assert names(told["modules"]) == {"main.js"}
    mended = project.load("main.js", "box.js", "mid.js")
    assert mended[0] != after[0]
    assert mended[1:] == after[1:]


def test_what_one_page_had_mended_another_need_not(project: Project) -> None:
    since = project.graph.seq
    project.save("inner.js", "2")
    project.updates.mend([url("main.js")], since)
    version = project.load("main.js")
    project.updates.mend([url("main.js")], since)
    assert project.load("main.js") == version


# Workers


def test_pages_are_told_which_workers_run_what_changed(project: Project) -> None:
    project.write("worker.js", "import './box.js';")
    project.load("worker.js")
    assert "workers" not in project.save("inner.js", "1")

    project.updates.saw_worker(url("worker.js"))
    assert project.save("inner.js", "2")["workers"] == [url("worker.js")]
    assert "workers" not in project.save("leaf.js", "2")


def test_no_more_scripts_of_workers_than_a_limit_are_kept_in_mind(
    project: Project,
) -> None:
    for number in range(module.MAX_WORKERS):
        project.updates.saw_worker(f"/no/{number}.js")
    project.write("worker.js", "1")
    project.load("worker.js")
    project.updates.saw_worker(url("worker.js"))
    assert "workers" not in project.save("worker.js", "2")
