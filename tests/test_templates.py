"""Which templates a page was made from, and which of them changed."""

from __future__ import annotations

import json
import logging
import os
import re
from html import unescape
from pathlib import Path

import pytest
from flask import Blueprint, Flask, render_template, render_template_string
from flask.templating import Environment
from jinja2 import DictLoader, TemplateNotFound

from flask_hmr.templates import MISSING, STALE, USED, Templates


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "base.html": "<html>{% block body %}{% endblock %}",
        "index.html": '{% extends "base.html" %}{% block body %}'
        '{% include "part.html" %}{% endblock %}',
        "part.html": '{% from "macros.html" import m %}{{ m() }}',
        "macros.html": "{% macro m() %}m{% endmacro %}",
        "choice.html": '{% include ["a.html", "b/c.html"] ignore missing %}',
        "broken.html": "{{ oh",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def app(folder: Path) -> Flask:
    return Flask(__name__, template_folder=str(folder))


class Followed:
    """Templates of an app, with the folders that they want watched."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.watched: list[str] = []
        log = logging.getLogger("flask_hmr")
        self.templates = Templates(app, self.watched.append, log)
        self.templates.follow()

    def used(self, name: str | list[str]) -> dict[str, str]:
        """Render a template in a request; return what that used."""
        with self.app.test_request_context() as context:
            render_template(name)
            return self.templates.used(context.request.environ)


@pytest.fixture
def followed(app: Flask) -> Followed:
    return Followed(app)


def test_all_that_a_template_extends_includes_and_imports_is_used(followed):
    assert set(followed.used("index.html")) == {
        "index.html",
        "base.html",
        "part.html",
        "macros.html",
    }


def test_the_same_again_is_used_again_though_jinja_has_it_in_its_cache(followed):
    assert followed.used("index.html") == followed.used("index.html")


def test_a_template_made_of_a_string_uses_what_it_includes(followed):
    with followed.app.test_request_context() as context:
        render_template_string('{% include "part.html" %}')
        used = followed.templates.used(context.request.environ)
    assert set(used) == {"part.html", "macros.html"}


def test_templates_are_loaded_anew_without_debug_mode_too(followed, folder):
    assert not followed.app.debug
    with followed.app.test_request_context():
        assert render_template("base.html") == "<html>"
        (folder / "base.html").write_text("<html>, and more")
        assert render_template("base.html") == "<html>, and more"


def test_an_overlay_of_the_environment_tells_as_well(followed):
    with followed.app.test_request_context() as context:
        followed.app.jinja_env.overlay(trim_blocks=True).get_template("base.html")
        assert set(context.request.environ[USED]) == {"base.html"}


def test_outside_of_a_request_nothing_is_noted(followed):
    with followed.app.app_context():
        assert render_template("base.html") == "<html>"
    assert followed.templates.missed() == []


def test_names_that_would_have_come_first_are_noted_as_missing(followed, folder):
    assert followed.used("choice.html").keys() == {"choice.html", "a.html", "b/c.html"}
    assert followed.used("choice.html")["a.html"] == MISSING
    (folder / "b").mkdir()
    (folder / "b" / "c.html").write_text("c")
    used = followed.used("choice.html")
    assert used["a.html"] == MISSING != used["b/c.html"]
    assert followed.used(["x.html", "base.html"]).keys() == {"x.html", "base.html"}


def test_a_template_that_is_not_there_is_noted(followed):
    with followed.app.test_request_context() as context:
        for name in ("none.html", ["no.html", "none.html"]):
            with pytest.raises(TemplateNotFound):
                render_template(name)
        used = followed.templates.used(context.request.environ)
    assert used == {"none.html": MISSING, "no.html": MISSING}


def test_a_template_with_an_error_is_noted(followed, folder):
    with followed.app.test_request_context() as context:
        with pytest.raises(Exception, match="unexpected end"):
            render_template("broken.html")
        assert followed.templates.used(context.request.environ) == {
            "broken.html": STALE
        }
    assert followed.templates.changed([str(folder / "broken.html")]) == ["broken.html"]


def test_templates_that_come_from_no_file_cannot_change(app):
    app.jinja_loader = DictLoader({"a.html": "a"})
    assert Followed(app).used("a.html") == {}


def test_changed_files_and_folders_stand_for_names(followed, folder):
    followed.used("index.html")
    changed = followed.templates.changed
    assert changed([str(folder / "part.html")]) == ["part.html"]
    assert changed([str(folder / "unused.html"), str(folder / "x.py")]) == []
    assert changed([str(folder)]) == [
        "base.html",
        "index.html",
        "macros.html",
        "part.html",
    ]
    assert changed([str(folder / "par")]) == []


def test_a_new_file_stands_for_the_name_that_was_looked_for(followed, folder):
    followed.used("choice.html")
    assert followed.templates.changed([str(folder / "b" / "c.html")]) == ["b/c.html"]


def test_a_template_that_comes_to_stand_before_another_is_a_change(tmp_path, app):
    other = tmp_path / "blueprint"
    other.mkdir()
    (other / "own.html").write_text("own")
    app.register_blueprint(Blueprint("b", __name__, template_folder=str(other)))
    followed = Followed(app)
    used = followed.used("own.html")
    above = tmp_path / "own.html"
    above.write_text("the app's")
    assert followed.templates.changed([str(above)]) == ["own.html"]
    followed.used("own.html")
    assert followed.templates.compare(used) == ["own.html"]


def test_links_lead_to_the_file(followed, folder):
    (folder / "link.html").symlink_to(folder / "base.html")
    followed.used("link.html")
    assert followed.templates.changed([str(folder / "base.html")]) == ["link.html"]


def test_a_page_is_compared_with_what_is_there(followed, folder):
    used = followed.used("index.html")
    assert followed.templates.compare(used) == []
    status = os.stat(folder / "part.html")
    (folder / "part.html").write_text("changed")
    os.utime(folder / "part.html", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert followed.templates.compare(used) == ["part.html"]
    (folder / "base.html").unlink()
    assert followed.templates.compare(used) == ["base.html", "part.html"]


def test_a_process_that_never_used_a_template_can_compare_it(app, followed, folder):
    used = followed.used("index.html")
    other = Followed(Flask(__name__, template_folder=str(folder)))
    assert other.templates.compare(used) == []
    assert other.templates.compare({"none.html": MISSING}) == []
    hostile = {"../x": "1", "": "", "a\0b": "x", "broken.html": "y"}
    assert set(other.templates.compare(hostile)) == set(hostile)


def test_what_was_missed_is_told_once(followed, folder):
    followed.used("index.html")
    assert followed.templates.missed() == []
    (folder / "part.html").write_text("changed, and longer")
    assert followed.templates.missed() == ["part.html"]
    assert followed.templates.missed() == []


def test_folders_are_those_of_all_loaders(followed, folder, tmp_path):
    assert followed.templates.folders() == [str(folder)]
    followed.used("index.html")
    assert set(followed.watched) == {str(folder)}


def test_an_environment_that_cannot_be_followed_is_said(app, caplog):
    class Odd(Environment):
        """One whose class cannot be exchanged."""

        @property
        def __class__(self):  # type: ignore[override]
            return Environment

        @__class__.setter
        def __class__(self, kind):
            raise TypeError("object layout differs")

    app.jinja_environment = Odd
    followed = Followed(app)
    assert "edits of templates are not seen" in caplog.text
    assert followed.used("base.html") == {}


def test_a_document_names_its_templates(folder):
    from flask_hmr import HMR

    app = Flask(__name__, template_folder=str(folder))
    app.debug = True
    HMR(app)

    @app.get("/")
    def index():
        return render_template("index.html")

    text = app.test_client().get("/").get_data(as_text=True)
    found = re.search(r'data-hmr="([^"]*)"', text)
    assert found is not None
    mark = json.loads(unescape(found[1]))
    assert set(mark["templates"]) == {
        "index.html",
        "base.html",
        "part.html",
        "macros.html",
    }
    state = app.extensions["hmr"]
    assert state.documents.sent(mark["document"]) == text
    assert state.documents.sent("another") is None
    assert state.documents.sent(["no", "name"]) is None
    state.close()
