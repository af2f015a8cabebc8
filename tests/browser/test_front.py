"""Modules that WhiteNoise serves, before Flask is asked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .support.project import Project

APP = """
from flask import Flask, render_template
from whitenoise import WhiteNoise

from flask_hmr import HMR

app = Flask(__name__, static_folder=None)
app.config.from_prefixed_env()


@app.get("/")
def index():
    return render_template("index.html")

"""

INSIDE = """
app.wsgi_app = WhiteNoise(app.wsgi_app, root="assets", prefix="static")
HMR(app)
"""

OUTSIDE = """
hmr = HMR(app)
application = hmr.wrap(WhiteNoise(app, root="assets", prefix="static"))
"""

MAIN = """
import { leaf } from "./deep/leaf.js";
window.log.push(`main ${leaf}`);
import.meta.hot.accept("./deep/leaf.js", (m) => window.log.push(`got ${m.leaf}`));
"""


@pytest.mark.parametrize("place", ["inside", "outside"])
def test_modules_that_whitenoise_serves_update(project: Project, place: str) -> None:
    project.write(
        {
            "app.py": APP + (INSIDE if place == "inside" else OUTSIDE),
            "assets/main.js": MAIN,
            "assets/deep/leaf.js": "export const leaf = 1;",
            "assets/style.css": "p { color: rgb(1, 2, 3) }",
        }
    )
    if place == "inside":
        project.start(debug=False, env={"FLASK_HMR_ENABLED": "1"})
    else:
        gunicorn = str(Path(sys.executable).parent / "gunicorn")
        bind = ["--bind", "127.0.0.1:{port}", "--threads", "4"]
        project.start(
            debug=False,
            env={"FLASK_HMR_ENABLED": "1", "PYTHONPATH": str(project.root)},
            command=[gunicorn, *bind, "app:application"],
        )
    page = project.open()
    page.wait_until_connected()
    page.wait_for_log(["main 1"])

    for number in range(2, 5):
        project.save("assets/deep/leaf.js", f"export const leaf = {number};")
        page.wait_for_log_entry(f"got {number}")

    page.assert_not_reloaded()
    page.refresh()
    page.wait_for_log(["main 4"])
