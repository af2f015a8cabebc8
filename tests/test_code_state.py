"""What the app's code was made of, and whether it is that still."""

from __future__ import annotations

import importlib
import os
import sys

import pytest

from flask_hmr.code_state import LoadedCode, code_state


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A file that counts as imported."""
    path = tmp_path / "made_up_views.py"
    path.write_text("name = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("made_up_views")
    yield path
    del sys.modules["made_up_views"]


def test_the_state_follows_the_files(module):
    before = code_state()
    assert code_state() == before

    module.write_text("name = 12\n")

    assert code_state() != before


@pytest.mark.parametrize("change", ["content", "time", "gone"])
def test_code_is_stale_when_a_file_changed(module, change):
    code = LoadedCode({"WERKZEUG_RUN_MAIN": "true"})
    assert not code.is_stale

    if change == "content":
        module.write_text("name = 12\n")
    elif change == "time":
        os.utime(module, (1, 1))
    else:
        module.unlink()

    assert code.is_stale


def test_without_a_reloader_nothing_ends_the_process(module):
    code = LoadedCode({})

    module.write_text("name = 12\n")

    assert not code.is_stale
