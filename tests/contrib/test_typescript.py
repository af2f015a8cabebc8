"""TypeScript as a plugin, and as a folder for production."""

from __future__ import annotations

import builtins
import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_hmr import HMR
from flask_hmr.contrib.typescript import main, write

RUN = {"Sec-Fetch-Dest": "script"}


@pytest.fixture
def app(tmp_path: Path) -> Any:
    app = Flask("shop", root_path=str(tmp_path))
    app.config["HMR_PLUGINS"] = ["typescript"]
    HMR(app)
    app.debug = True
    (tmp_path / "static").mkdir()
    yield app
    app.extensions["hmr"].close()


@pytest.mark.parametrize("name", ["a.ts", "a.mts"])
def test_a_module_in_typescript_is_sent_as_javascript(app, tmp_path, name):
    (tmp_path / "static" / name).write_text(
        'import type { B } from "./b.ts";\nexport const a: B = 1;\n'
    )

    answer = app.test_client().get(f"/static/{name}", headers=RUN, buffered=True)

    assert answer.mimetype == "text/javascript"
    assert answer.text == f";{' ' * 31}\nexport const a    = 1;\n"


def test_the_file_itself_can_be_had_by_fetch(app, tmp_path):
    (tmp_path / "static" / "a.ts").write_text("let a: B = 1;")

    answer = app.test_client().get(
        "/static/a.ts", headers={"Sec-Fetch-Dest": "empty"}, buffered=True
    )

    assert answer.text == "let a: B = 1;"


def test_what_cannot_be_blanked_is_a_problem_with_its_place(app, tmp_path):
    (tmp_path / "static" / "a.ts").write_text("let a = 1;\n  enum E {}\n")

    app.test_client().get("/static/a.ts", headers=RUN, buffered=True)

    (problem,) = app.extensions["hmr"].hooks.problems.values()
    assert "An enum is code" in problem["message"]
    assert problem["file"] == "static/a.ts"
    assert (problem["line"], problem["column"]) == (2, 3)
    assert problem["frame"]["lines"] == ["let a = 1;", "  enum E {}"]


def test_without_the_parser_it_says_what_to_install(monkeypatch):
    original = builtins.__import__

    def without(name: str, *args: Any) -> Any:
        if name.startswith("tree_sitter"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *args)

    for name in ("typescript", "blanking"):
        monkeypatch.delitem(sys.modules, f"flask_hmr.contrib.{name}", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(ModuleNotFoundError, match=r"Flask-HMR\[typescript\]"):
        importlib.import_module("flask_hmr.contrib.typescript")


def test_a_folder_is_written_anew_without_types(tmp_path, capsys):
    source, target = tmp_path / "frontend", tmp_path / "build" / "static"
    files = {
        "main.ts": 'import "./deep/a.mts";\r\nlet a: A = 1;\r\n',
        "deep/a.mts": "export type A = 1;",
        "types.d.ts": "declare const a: number;",
        "style.css": "p {}",
    }
    for name, text in files.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(text.encode())

    assert main([str(source), str(target)]) == 0

    said = f"2 TypeScript files are JavaScript in {target}.\n"
    assert capsys.readouterr().out == said
    found = {
        str(path.relative_to(target)): path.read_bytes().decode()
        for path in target.rglob("*.*")
        if path.is_file()
    }
    assert found == {
        "main.ts": 'import "./deep/a.mts";\r\nlet a    = 1;\r\n',
        "deep/a.mts": f";{' ' * 17}",
        "style.css": "p {}",
    }


def test_what_cannot_be_written_is_an_error_with_its_place(tmp_path, capsys):
    source = tmp_path / "frontend"
    source.mkdir()
    (source / "a.ts").write_text("let a;\n enum E {}")

    assert main([str(source), str(tmp_path / "out")]) == 1

    assert capsys.readouterr().err == (
        f"{source / 'a.ts'}:2:2: An enum is code and no type: write an object,"
        " `as const`.\n enum E {}\n"
    )


def test_a_folder_is_not_written_into_itself(tmp_path):
    with pytest.raises(ValueError, match="is inside of"):
        write(tmp_path, tmp_path / "out")


def test_folders_that_cannot_be_used_are_said(tmp_path, capsys):
    source = tmp_path / "frontend"
    source.mkdir()
    with pytest.raises(SystemExit):
        main([str(tmp_path / "nowhere"), str(tmp_path / "out")])
    assert "there is no folder" in capsys.readouterr().err

    assert main([str(source), str(source / "out")]) == 1
    assert "choose another folder" in capsys.readouterr().err

    (tmp_path / "file").write_text("")
    assert main([str(source), str(tmp_path / "file" / "out")]) == 1
    assert capsys.readouterr().err
