"""An app with a login, protected forms, a policy and compression, in a browser."""

from __future__ import annotations

import pytest

from .support.project import Project

APP = """
from flask import Flask, redirect, render_template, request
from flask_compress import Compress
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_talisman import Talisman
from flask_wtf import CSRFProtect

from flask_hmr import HMR

app = Flask(__name__)
app.config.from_prefixed_env()
app.config.update(SECRET_KEY="x", COMPRESS_MIN_SIZE=1)
hmr = HMR(app)
manager = LoginManager(app)
manager.login_view = "login"
manager.user_loader(lambda name: User(name))


class User(UserMixin):
    def __init__(self, name):
        self.id = name


@app.before_request
def everything_behind_a_login():
    open_to_all = request.endpoint in ("login", "static")
    if not current_user.is_authenticated and not open_to_all:
        return manager.unauthorized()


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        login_user(User("me"))
        return redirect("/")
    return render_template("login.html")


@app.get("/")
def index():
    return render_template("index.html")


@hmr.on("ask")
def ask(data, client):
    client.send("answer", data + 1)


CSRFProtect(app)
Talisman(app, force_https=False, session_cookie_secure=False)
Compress(app)
"""

LOGIN = """
<!doctype html>
<title>Log in</title>
<link rel="icon" href="data:,">
<script type="module" src="/static/main.js"></script>
<form method="post">
  <input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
  <button>Log in</button>
</form>
"""

MAIN = """
window.log.push("{0}");
import.meta.hot.accept();
import.meta.hot.on("answer", (data) => window.log.push(`answer ${{data}}`));
if ("{0}" === "two") import.meta.hot.send("ask", 1);
"""


@pytest.mark.parametrize("transport", ["socket", "stream", "poll"])
def test_pages_update_before_and_after_the_login(
    project: Project, transport: str
) -> None:
    project.write(
        {
            "app.py": APP,
            "templates/login.html": LOGIN,
            "static/main.js": MAIN.format("one"),
        }
    )
    project.start(env={"FLASK_HMR_TRANSPORTS": transport})
    page = project.open()
    page.wait_for_console(f"[hmr] connected ({transport})")
    assert page.tab.title() == "Log in"
    project.save("static/main.js", MAIN.format("two"))
    page.wait_for_log(["one", "two", "answer 2"])
    page.assert_not_reloaded()

    page.locator("button").click()
    page.locator("main").wait_for(state="attached")
    page.wait_for_log(["two", "answer 2"])
    project.save("static/main.js", MAIN.format("three"))
    page.wait_for_log(["two", "answer 2", "three"])
    project.save("templates/login.html", LOGIN.replace("Log in", "Enter"))
    project.save(
        "templates/index.html", project.read("templates/index.html") + "<p>new"
    )
    page.wait_for_text("p", "new")
    violations = [line for line in page.console.splitlines() if "violates" in line]
    # That of the test's own icon.
    assert all("Loading the image" in line for line in violations)
