"""Which imports may lead nowhere, and where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_hmr.core.facts import Edge, Facts, Kind
from flask_hmr.core.importmap import ImportMap
from flask_hmr.dead_ends import NO_PLACE, DeadEnd, Doubt, dead_ends

from .test_updates import Project, url


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path.resolve())


def found(project: Project, *names: str) -> list[tuple[str, str, int, int, str]]:
    return [
        (
            end.importer.removeprefix("/static/"),
            end.specifier,
            end.place.line,
            end.place.column,
            end.doubt.value,
        )
        for end in dead_ends(project.updates, map(url, names))
    ]


def test_imports_that_lead_somewhere_are_in_no_doubt(project: Project) -> None:
    project.write(
        "main.js", "import './a.js'; import data from './b.json' with {type:'json'};"
    )
    project.write("a.js", "import './main.js'; export * from './c.mjs';")
    project.write("b.json", "{}")
    project.write("c.mjs", "import 'https://elsewhere.example/x.js';")
    assert found(project, "main.js") == []


def test_each_doubt_is_told_with_its_place(project: Project) -> None:
    project.write("main.js", "import './a.js';\nimport './no.js';\n  import 'bare';")
    project.write("a.js", "// 😀\n/*😀*/ import '/view.js'; export * from './t.txt';")
    project.write("t.txt", "")
    assert found(project, "main.js") == [
        ("main.js", "./no.js", 2, 8, "missing"),
        ("main.js", "bare", 3, 10, "bare"),
        ("a.js", "/view.js", 2, 15, "uncertain"),
        ("a.js", "./t.txt", 2, 41, "uncertain"),
    ]


def test_what_may_be_imported_later_is_in_no_doubt(project: Project) -> None:
    project.write("main.js", "() => import('./no.js'); () => import('bare');")
    assert found(project, "main.js") == []


def test_a_bare_name_may_have_a_meaning(project: Project) -> None:
    project.write("main.js", "import 'a'; import 'b';")
    project.write("a.js", "")
    text = '{"imports": {"a": "/static/a.js"}}'
    project.updates.saw_maps([ImportMap.parse(text, "/")])
    assert [end[1] for end in found(project, "main.js")] == ["b"]


def test_where_to_begin_may_be_what_is_missing(project: Project) -> None:
    project.write("main.js", "import './mid.js'; import './no.js';")
    project.write("mid.js", "import './gone.js';\nimport('./gone.js');")
    project.write("other.js", "  export * from './gone.js';")
    project.write("gone.js", "")
    project.load("main.js", "other.js")
    path = project.folder / "gone.js"
    path.unlink()
    project.changed(str(path))
    assert found(project, "gone.js") == [
        ("mid.js", "./gone.js", 1, 8, "missing"),
        ("mid.js", "./gone.js", 2, 8, "missing"),
        ("other.js", "./gone.js", 1, 17, "missing"),
    ]
    # Each import once, whatever else the browser was to link.
    assert [end[0] for end in found(project, "main.js", "gone.js", "mid.js")] == [
        "mid.js",
        "mid.js",
        "other.js",
        "main.js",
    ]


def test_where_to_begin_may_be_what_a_view_makes(project: Project) -> None:
    project.write("main.js", "import '/view.js';")
    project.load("main.js")
    ends = list(dead_ends(project.updates, ["/view.js"]))
    assert [(end.importer, end.doubt) for end in ends] == [
        ("/static/main.js", Doubt.UNCERTAIN)
    ]


def test_the_place_of_an_import_that_a_view_wrote_is_not_known(
    project: Project,
) -> None:
    edges = (Edge("/static/no.js"),)
    project.updates.learn("/view.js", Facts(Kind.OPAQUE, edges=edges))
    (end,) = dead_ends(project.updates, ["/static/no.js"])
    assert end == DeadEnd(
        "/view.js", "/static/no.js", "/static/no.js", NO_PLACE, Doubt.MISSING
    )


def test_where_to_begin_may_not_exist(project: Project) -> None:
    assert found(project, "no.js") == []
    assert list(dead_ends(project.updates, [])) == []
