"""Which editor is started, and how."""

from __future__ import annotations

import json
import logging
import sys
import threading
from pathlib import Path

import pytest
from flask import Flask

from flask_hmr import HMR, ConfigError
from flask_hmr.config import Config
from flask_hmr.editors import KNOWN, Editor, command_of, from_environment


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("code", ("code", "--goto", "{file}:{line}:{column}")),
        ("/opt/Code.exe", ("/opt/Code.exe", "--goto", "{file}:{line}:{column}")),
        ("subl", ("subl", "{file}:{line}:{column}")),
        (
            "pycharm",
            ("pycharm", "--line", "{line}", "--column", "{column}", "{file}"),
        ),
        ("emacsclient", ("emacsclient", "--no-wait", "+{line}:{column}", "{file}")),
        ("vim", None),
        ("", None),
    ],
)
def test_common_editors_are_known_by_name(name, command):
    assert command_of(name) == command


def test_every_known_editor_gets_file_and_line():
    for arguments in KNOWN.values():
        text = " ".join(arguments)
        assert "{file}" in text
        assert "{line}" in text


def test_the_environment_names_one_that_opens_a_window(tmp_path, monkeypatch):
    (tmp_path / "code").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    wanted = ("code", "--goto", "{file}:{line}:{column}")
    assert from_environment({"EDITOR": "code --wait"}) == wanted
    assert from_environment({"VISUAL": "vi", "EDITOR": "code"}) == wanted
    assert from_environment({"VISUAL": "code", "EDITOR": "vi"}) == wanted
    assert from_environment({"EDITOR": "subl"}) is None  # it is not there
    assert from_environment({"EDITOR": "vi"}) is None
    assert from_environment({"EDITOR": "'unfinished"}) is None
    assert from_environment({}) is None


def config(value: object) -> tuple[str, ...] | None:
    return Config.load({"HMR_EDITOR": value}, root_path="/").editor


def test_the_configuration_takes_a_name_a_path_a_list_or_nothing():
    assert config("code") == ("code", "--goto", "{file}:{line}:{column}")
    assert config(" /usr/bin/subl ") == ("/usr/bin/subl", "{file}:{line}:{column}")
    assert config(["mine", "-f", "{file}"]) == ("mine", "-f", "{file}")
    assert config(False) == ()
    assert config(None) is None


@pytest.mark.parametrize(
    "value",
    [
        "vim",
        "code; rm -rf x",
        "",
        True,
        7,
        [],
        ["mine"],
        ["{file}"],
        ["mine", 7, "{file}"],
    ],
)
def test_other_values_are_refused_with_what_is_allowed(value):
    with pytest.raises(ConfigError, match=r"HMR_EDITOR.*subl.*\{file\}"):
        config(value)


class Note:
    """An editor that writes down its arguments."""

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        self.path = folder / "arguments"
        script = folder / "editor.py"
        script.write_text(
            "import json, os, sys\n"
            "open(sys.argv[1] + 'x', 'w').write(json.dumps(sys.argv[2:]))\n"
            "os.replace(sys.argv[1] + 'x', sys.argv[1])\n"
        )
        self.editor = Editor(
            [sys.executable, str(script), str(self.path), "{file}", "{line}:{column}"],
            logging.getLogger("flask_hmr"),
        )

    def arguments(self) -> list[str]:
        """Wait for the editor to end."""
        for thread in threading.enumerate():
            if thread.name == "hmr-editor":
                thread.join(30)
        found: list[str] = json.loads(self.path.read_text())
        return found


def test_no_name_of_a_file_is_more_than_one_argument(tmp_path, caplog):
    note = Note(tmp_path, caplog)
    name = "/a b; $(touch x) `y` 'z' \"{line}\".js"
    assert note.editor.open(name, 3, 4)
    assert note.arguments() == [name, "3:4"]


def test_a_double_click_opens_one_file(tmp_path, caplog):
    note = Note(tmp_path, caplog)
    assert note.editor.open("/a", 1, 1)
    assert not note.editor.open("/b", 1, 1)
    assert note.arguments()[0] == "/a"


def test_an_editor_that_cannot_be_started_is_said(tmp_path, caplog):
    caplog.set_level(logging.WARNING, "flask_hmr")
    editor = Editor(["/no/such/editor", "{file}"], logging.getLogger("flask_hmr"))
    assert not editor.open("/a", 1, 1)
    assert "'/no/such/editor' cannot be started" in caplog.text
    assert "HMR_EDITOR" in caplog.text


def test_only_files_of_the_project_are_found(tmp_path):
    home = tmp_path / "home"
    (home / "static").mkdir(parents=True)
    (home / "static" / "a.js").touch()
    (home / "app.py").touch()
    (tmp_path / "secret").touch()
    (home / "out").symlink_to(tmp_path / "secret")
    app = Flask("home", root_path=str(home))
    app.debug = True
    HMR(app)
    app.test_client().get("/")
    state = app.extensions["hmr"]
    find = state.roots.source_of
    assert find("/static/a.js") == str(home / "static" / "a.js")
    assert find("/static/a.js?x=1") == str(home / "static" / "a.js")
    assert find("static/a.js") == str(home / "static" / "a.js")
    assert find(str(home / "app.py")) == str(home / "app.py")
    for name in (
        "",
        "out",
        "../secret",
        str(tmp_path / "secret"),
        "/etc/passwd",
        "static",
        "no.py",
        "a\0b",
        "/static/../../secret",
    ):
        assert find(name) is None, name
    state.close()
