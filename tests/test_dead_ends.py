"""Which imports may lead nowhere, and where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_hmr.core.importmap import ImportMap
from flask_hmr.dead_ends import dead_ends

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


def test_where_to_begin_may_not_exist(project: Project) -> None:
    assert found(project, "no.js") == []
    assert list(dead_ends(project.updates, [])) == []
