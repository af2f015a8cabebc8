"""What a page gets that fetches itself again and finds the app broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask, abort, render_template

from flask_hmr import HMR
from flask_hmr.problems import describe

REFRESH = {"HMR-Refresh": "1"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "bad.html").write_text("fine\n{{ 1 / none }}\n")
    (tmp_path / "templates" / "worse.html").write_text("fine\n{% oh %}\n")
    app = Flask("app", root_path=str(tmp_path))
    app.debug = True
    HMR(app)
    app.add_url_rule("/good", view_func=lambda: "<html>good", endpoint="good")
    app.add_url_rule("/gone", view_func=lambda: abort(410), endpoint="gone")
    app.add_url_rule("/zero", view_func=lambda: 1 // 0, endpoint="zero")
    for name in ("bad", "worse"):
        app.add_url_rule(
            f"/{name}", name, lambda name=name: render_template(f"{name}.html")
        )
    return app


def test_an_exception_is_told_in_the_place_of_an_answer(app):
    answer = app.test_client().get("/zero", headers=REFRESH)
    assert answer.status_code == 500
    assert answer.headers["HMR-Problem"] == "1"
    assert answer.headers["Cache-Control"] == "no-store"
    problem = answer.json["problem"]
    assert problem["title"] == "ZeroDivisionError"
    assert problem["message"] == "integer division or modulo by zero"
    assert "lambda: 1 // 0" in problem["stack"]


def test_other_requests_get_the_exception_as_ever(app):
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/zero")


def test_whatever_is_no_exception_is_answered_as_ever(app):
    client = app.test_client()
    assert "good" in client.get("/good", headers=REFRESH).get_data(as_text=True)
    assert client.get("/gone", headers=REFRESH).status_code == 410


def test_a_foreign_host_learns_nothing(app):
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/zero", headers={**REFRESH, "Host": "evil.example"})


def test_one_traceback_is_logged_once(app, caplog):
    for _ in range(3):
        app.test_client().get("/zero", headers=REFRESH)
    assert [r.getMessage() for r in caplog.records] == ["Exception on /zero [GET]"]


def test_an_error_while_a_template_runs_names_its_line(app):
    answer = app.test_client().get("/bad", headers=REFRESH).json
    problem = answer["problem"]
    assert (problem["title"], problem["file"]) == ("TypeError", "templates/bad.html")
    assert problem["line"] == 2
    assert "column" not in problem
    assert problem["frame"] == {"start": 1, "lines": ["fine", "{{ 1 / none }}"]}
    assert set(answer["templates"]) == {"bad.html"}


def test_an_error_in_the_text_of_a_template_names_its_line(app):
    problem = app.test_client().get("/worse", headers=REFRESH).json["problem"]
    assert problem["title"] == "TemplateSyntaxError"
    assert (problem["file"], problem["line"]) == ("templates/worse.html", 2)
    assert problem["path"].endswith("/templates/worse.html")


# Problems by themselves.


def _raised(source: str, path: Path) -> BaseException:
    path.write_text(source)
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        exec(compile(source, str(path), "exec"), {})
    return caught.value


def test_the_place_is_in_the_developers_own_code(tmp_path):
    error = _raised("import json\n\n\njson.loads('{')\n", tmp_path / "own.py")
    problem = describe(error, str(tmp_path))
    assert (problem["file"], problem["line"]) == ("own.py", 4)
    assert problem["frame"]["lines"][-1] == "json.loads('{')"
    assert "json/decoder.py" in problem["stack"]


def test_code_of_libraries_in_the_apps_folder_is_not_its_own(tmp_path):
    library = tmp_path / "venv" / "site-packages"
    library.mkdir(parents=True)
    (library / "inner.py").write_text("def fail():\n    raise KeyError('x')\n")
    source = f"import sys\nsys.path.insert(0, {str(library)!r})\n"
    source += "import inner\ninner.fail()\n"
    problem = describe(_raised(source, tmp_path / "own.py"), str(tmp_path))
    assert (problem["file"], problem["line"]) == ("own.py", 4)


def test_a_syntax_error_names_line_and_column(tmp_path):
    error = _raised("x = 1\ny = (\n", tmp_path / "own.py")
    problem = describe(error, str(tmp_path))
    assert (problem["title"], problem["file"]) == ("SyntaxError", "own.py")
    assert (problem["line"], problem["column"]) == (2, 5)
    assert problem["message"] == "'(' was never closed"


def test_an_exception_without_text_or_place_can_be_told(tmp_path):
    problem = describe(RuntimeError(), str(tmp_path))
    assert problem["message"] == "RuntimeError"
    assert "file" not in problem
    json.dumps(problem)


def test_an_error_about_a_file_is_told_where_it_was_raised(tmp_path):
    error = _raised("a = 1\nopen('/no/such/file')\n", tmp_path / "own.py")
    problem = describe(error, str(tmp_path))
    assert (problem["title"], problem["line"]) == ("FileNotFoundError", 2)
