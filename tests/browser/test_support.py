"""The fixtures of this folder themselves, with an app that knows no HMR.

What claims that a page did *not* reload is worth something only if it would notice.
"""

from __future__ import annotations

import os
import re

import pytest

from .support import page as pages
from .support.editors import STYLES
from .support.project import Project

PLAIN_APP = """
from flask import Flask, render_template

app = Flask(__name__)
print("imported", flush=True)


@app.get("/")
def index():
    return render_template("index.html")
"""


@pytest.fixture
def plain(project: Project) -> Project:
    project.write({"app.py": PLAIN_APP, "static/main.js": "log.push('main');"})
    return project


def test_a_page_collects_its_log_and_console(plain):
    plain.write({"static/main.js": "log.push('main'); console.warn('careful', 1);"})
    plain.start()
    page = plain.open()

    page.wait_for_log(["main"])
    page.wait_for_console("warning: careful 1")
    page.clear_log()
    page.evaluate("() => Promise.resolve().then(() => log.push({ a: [1] }))")
    page.wait_for_log_entry({"a": [1]})
    assert page.log() == [{"a": [1]}]


def test_reloads_are_noticed_and_navigation_is_none(plain):
    plain.start()
    page = plain.open()
    page.refresh()
    page.goto("/?second")
    page.back()
    page.forward()
    page.assert_not_reloaded()

    page.evaluate("() => location.reload()")
    page.wait_for_reload()
    page.wait_for_log(["main"])

    page.evaluate("() => { log.push('old'); location.reload(); }")
    page.wait_for_log(["main"])
    page.settle()
    with pytest.raises(AssertionError, match="but there were 1"):
        page.assert_not_reloaded()


def test_a_wait_in_vain_tells_log_and_console(plain, monkeypatch):
    plain.start()
    page = plain.open()
    page.evaluate("() => console.info('a hint')")
    monkeypatch.setattr(pages, "DEADLINE", 200.0)

    with pytest.raises(AssertionError, match=r"(?s)other.*Log: .*main.*info: a hint"):
        page.wait_for_log(["other"])


def test_a_connection_counts_for_its_load_only(plain, monkeypatch):
    plain.write({"static/main.js": f"console.debug('{pages.CONNECTED}');"})
    plain.start()
    page = plain.open()
    page.wait_until_connected()
    page.evaluate(f"() => console.debug('{pages.CONNECTED}')")
    page.wait_until_reconnected()

    plain.write({"static/main.js": ""})
    page.refresh()
    monkeypatch.setattr(pages, "DEADLINE", 200.0)
    with pytest.raises(AssertionError, match="connect to the server"):
        page.wait_until_connected()


def test_a_page_out_of_the_back_forward_cache_was_not_loaded_again(plain):
    plain.start()
    page = plain.open(back_forward_cache=True)
    page.evaluate("() => log.push('kept')")
    page.goto("/?second")
    page.back()

    page.wait_for_log(["main", "kept"])
    page.assert_not_reloaded()


def test_users_share_no_profile_and_tabs_do(plain):
    plain.start()
    plain.open().evaluate("() => localStorage.setItem('seen', 'yes')")

    assert plain.open().evaluate("() => localStorage.getItem('seen')") == "yes"
    other = plain.open(user="other")
    assert other.evaluate("() => localStorage.getItem('seen')") is None


def test_saving_python_restarts_the_app_and_stopping_ends_it_all(plain):
    plain.start()
    assert plain.restart_count == 0

    plain.save("app.py", PLAIN_APP.replace("imported", "changed"))
    plain.wait_for_restart()
    plain.wait_for_output("changed")
    assert plain.restart_count == 1

    server = plain.server
    plain.stop()
    with pytest.raises(OSError, match="refused"):
        plain.fetch("/")
    plain.start()
    assert plain.server is not server
    assert plain.fetch("/").status == 200
    assert "changed" in plain.output


def test_without_debug_there_is_no_reloader(plain):
    plain.start(debug=False)

    assert plain.fetch("/").status == 200
    assert "Debug mode: off" in plain.output
    assert "Restarting with" not in plain.output


def test_a_server_that_dies_says_why(plain):
    plain.write({"app.py": "raise RuntimeError('no luck')"})

    with pytest.raises(AssertionError, match=r"(?s)ended with code 1.*no luck"):
        plain.start(debug=False)


@pytest.mark.parametrize("style", STYLES)
def test_every_way_of_saving_leaves_the_new_text_and_nothing_else(project, style):
    project.save("static/main.js", "one", style)
    project.save("static/new.js", "two", style)

    assert project.read("static/main.js") == "one"
    assert project.read("static/new.js") == "two"
    assert sorted(os.listdir(project.path("static"))) == ["main.js", "new.js"]


def test_written_text_may_be_indented(project):
    project.write(
        {
            "a.txt": """
                one
                  two
            """
        }
    )

    assert project.read("a.txt") == "one\n  two\n"
    assert re.match(r"^<!doctype html>\n", project.read("templates/index.html"))
