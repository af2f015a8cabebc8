"""The client runtime as it is served: one file for pages, one for the inspector."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import pytest

import flask_hmr
from flask_hmr.core.lexer import ImportKind, scan
from flask_hmr.runtime import _EXPORT, _IMPORT, Runtime, joined

FOLDER = Path(flask_hmr.__file__).parent / "client"
FILES = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*.js")}
# They run beside the runtime and not as a part of it.
ENTRIES = ("plugin.js", "console.js", "inspected.js")


@pytest.fixture(scope="module")
def runtime():
    return Runtime()


@pytest.mark.parametrize("entry", ["client.js", "inspector/inspector.js"])
def test_a_page_asks_for_one_file(runtime, entry):
    found = scan(runtime.files[entry].decode())

    assert found.errors == ()
    static = [one for one in found.imports if one.kind is not ImportKind.DYNAMIC]
    assert [one.specifier for one in static if one.specifier] == []


@pytest.mark.parametrize("name", sorted(FILES))
def test_files_are_written_in_the_form_that_can_be_joined(name):
    text = FILES[name].read_text("utf-8")
    if name not in ENTRIES:
        lines = re.findall(r"^import\b.*", text, re.MULTILINE)
        assert [line for line in lines if not _IMPORT.fullmatch(line)] == []
    lines = re.findall(r"^export\b.*", text, re.MULTILINE)
    assert [line for line in lines if not _EXPORT.match(line)] == []
    assert "$files" not in text
    # In a function it would be a syntax error.
    assert not re.search(r"^(?:(?:const|let) .*= )?await\b", text, re.MULTILINE)


def test_no_file_of_the_runtime_imports_itself_on_some_way():
    left = {
        name: {
            posixpath.normpath(posixpath.join(posixpath.dirname(name), specifier))
            for _, specifier in _IMPORT.findall(path.read_text("utf-8"))
        }
        for name, path in FILES.items()
    }
    while left:
        free = {name for name, imports in left.items() if not imports & left.keys()}
        assert free, left
        left = {name: its for name, its in left.items() if name not in free}


def test_files_become_functions_in_the_order_in_which_they_are_needed():
    texts = {
        "a.js": 'import { b as other } from "./b.js";\nexport const a = other();\n',
        "b.js": 'import { C } from "./c.js";\nexport function b() {\n  return C;\n}\n',
        "c.js": "export class C {}\n",
        "d.js": 'import { a } from "./a.js";\n',
    }

    files = joined(texts, "a.js")

    assert files["a.js"] == (
        "export const $files = {};\n"
        '$files["c.js"] = (() => {\nclass C {}\n\nreturn { C };\n})();\n\n'
        '$files["b.js"] = (() => {\nconst { C } = $files["c.js"];\n'
        "function b() {\n  return C;\n}\n\nreturn { b };\n})();\n\n"
        '$files["a.js"] = (() => {\nconst { b: other } = $files["b.js"];\n'
        "const a = other();\n\nreturn { a };\n})();\n"
        'export const { a } = $files["a.js"];\n'
    )
    assert files["c.js"] == (
        'import { $files } from "./a.js";\nexport const { C } = $files["c.js"];\n'
    )
    assert "d.js" not in files
