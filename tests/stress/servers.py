"""Servers that end and start again, and addresses at random."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.support.chromium import Browsers
from tests.browser.support.project import Project
from tests.browser.support.server import Server, free_port

from .crowd import Crowd
from .site import APP, ROOT, Site

Row = tuple[str, str, str, bool]
BIN = Path(sys.executable).parent

GEVENT = """
from gevent import monkey
monkey.patch_all()
from app import app
from gevent.pywsgi import WSGIServer
WSGIServer(("127.0.0.1", {port}), app, log=None).serve_forever()
"""

GUNICORN = [str(BIN / "gunicorn"), "-b", "127.0.0.1:{port}"]

#: Each with the number of sockets that it can hold, or of streams.
SERVERS: dict[str, tuple[list[str] | None, str, int]] = {
    "werkzeug": (None, "socket", 100),
    "gunicorn gthread": ([*GUNICORN, "--threads", "120", "app:app"], "socket", 100),
    "gunicorn gevent": ([*GUNICORN, "-k", "gevent", "app:app"], "socket", 100),
    "gunicorn sync": ([*GUNICORN, "app:app"], "none", 0),
    "gevent": ([sys.executable, "-c", GEVENT], "socket", 100),
    "waitress": (
        [str(BIN / "waitress-serve"), "--listen=127.0.0.1:{port}", "app:app"],
        "stream",
        1,
    ),
    "cheroot": (
        [str(BIN / "cheroot"), "--bind", "127.0.0.1:{port}", "app:app"],
        "stream",
        1,
    ),
}


def ctrl_c() -> list[Row]:
    """Ctrl-C with 100 sockets open, or with the streams that a server can hold."""
    rows: list[Row] = []
    for name, (command, kind, count) in SERVERS.items():
        site = Site(command=command)
        try:
            crowd = Crowd(site.port, site.token)
            streams = []
            if kind == "socket":
                for _ in range(count):
                    crowd.join()
                crowd.wait_until_open()
            elif kind == "stream":
                url = f"http://127.0.0.1:{site.port}/_hmr/stream?token={site.token}"
                streams = [urllib.request.urlopen(url + "&browser=x", timeout=30)]
                streams[0].readline()
            # With gevent the interrupt is raised in whichever greenlet runs.
            time.sleep(0.5)
            taken = site.stop(signal.SIGINT)
            what = f"Ctrl-C, {name}, {count} {kind}s"
            rows.append((what, f"{taken:.2f} s", "< 2 s", taken < 2))
            for stream in streams:
                with contextlib.suppress(OSError):
                    stream.close()
            crowd.disperse()
        finally:
            site.close()
    return rows


def restarts(count: int = 100) -> list[Row]:
    """Edits of Python under ``flask run --debug``: when is a page in step again?"""
    with tempfile.TemporaryDirectory(prefix="hmr-stress-") as folder:
        root = Path(folder)
        (root / "static").mkdir()
        (root / "static" / "m0.js").write_text("import.meta.hot.accept();\n")
        app = root / "app.py"
        app.write_text(APP)
        server = Server(root, free_port(), env={"PYTHONPATH": str(ROOT)})
        spans = []
        try:
            server.wait_until_it_answers()
            for number in range(count):
                session = _session(server.port)
                assert session is not None
                begin = time.monotonic()
                app.write_text(f"{APP}\n# {number}\n")
                while True:
                    found = _session(server.port)
                    if found and found["session"] != session["session"]:
                        break
                    assert time.monotonic() - begin < 60, server.output
                    time.sleep(0.005)
                answered = time.monotonic()
                crowd = Crowd(server.port, found["token"])
                member = crowd.join()
                crowd.wait_until_open()
                mark = {"session": session["session"], "seq": 0}
                member.say({"type": "hello", **mark})
                held = {"/static/m0.js": "0" * 16}
                crowd.wait(lambda m=member: bool(m.messages))  # type: ignore[misc]
                member.say({"type": "held", "held": held, "done": True})
                crowd.wait(
                    lambda m=member: m.messages[-1]["type"] == "update"  # type: ignore[misc]
                )
                spans.append(time.monotonic() - answered)
                crowd.disperse()
        finally:
            server.stop()
    worst = max(spans)
    what = f"{count} restarts: in step after the server answers, worst"
    return [(what, f"{worst * 1000:.0f} ms", "< 2 s", worst < 2)]


def restarts_under_a_page(count: int = 100) -> list[Row]:
    """The same with a page in a browser: when is it in step, and does it reload?

    In turn: Python alone; then a module that the page accepts, too, while the server
    is away; then one that nobody accepts, which is one reload.
    """
    accepting = "window.log.push('{}');\nimport.meta.hot.accept();\n"
    spans, wrong = [], []
    with (
        tempfile.TemporaryDirectory(prefix="hmr-stress-") as folder,
        sync_playwright() as playwright,
        contextlib.closing(Browsers(playwright.chromium)) as browsers,
        contextlib.closing(Project(Path(folder), browsers)) as project,
    ):
        project.write(
            {
                "static/main.js": "import './taken.js';\nimport './lost.js';\n",
                "static/taken.js": accepting.format(0),
                "static/lost.js": "window.log.push('lost 0');\n",
            }
        )
        project.start(env={"PYTHONPATH": str(ROOT)})
        page = project.open()
        page.wait_until_connected()
        python = project.read("app.py")
        for number in range(1, count + 1):
            kind = number % 3
            known = _session(project.port)
            project.save("app.py", f"{python}\n# {number}\n")
            # A page that reloads just when the server ends gets half an answer.
            while _session(project.port) == known:
                time.sleep(0.005)
            if kind == 1:
                project.save("static/taken.js", accepting.format(number))
            elif kind == 2:
                text = f"window.log.push('lost {number}');\n"
                project.save("static/lost.js", text)
            project.wait_for_restart(number)
            answered = time.monotonic()
            if kind == 1:
                page.wait_for_log_entry(str(number))
            elif kind == 2:
                page.wait_for_reload()
                page.wait_for_log_entry(f"lost {number}")
                page.wait_until_connected()
            if kind != 2:
                page.wait_until_reconnected()
            spans.append(time.monotonic() - answered)
            page.settle()
            try:
                page.assert_not_reloaded()
            except AssertionError as error:
                wrong.append(number)
                print(number, error)
    worst = max(spans)
    return [
        (
            f"{count} restarts under a page: in step after the server answers, worst",
            f"{worst * 1000:.0f} ms (median {statistics.median(spans) * 1000:.0f})",
            "< 2 s",
            worst < 2,
        ),
        (
            "reloads: one where nobody accepts, else none",
            "so" if not wrong else f"not so in rounds {wrong}",
            "so",
            not wrong,
        ),
    ]


def _session(port: int) -> dict[str, str] | None:
    try:
        url = f"http://127.0.0.1:{port}/_hmr/session"
        with urllib.request.urlopen(url, timeout=10) as response:
            answer: dict[str, str] = json.loads(response.read())
            return answer
    except (OSError, http.client.HTTPException):
        # It ends in the midst of an answer.
        return None


def urls_at_random() -> list[Row]:
    """100,000 URLs and 10,000 messages at random, against files with canaries."""
    env = {
        **os.environ,
        "HMR_FUZZED_URLS": "100000",
        "HMR_FUZZED_MESSAGES": "10000",
    }
    tests = ["tests/test_attacks.py", "-k", "at_random", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    return [
        ("100,000 URLs, 10,000 messages at random", last, "passed", not done.returncode)
    ]
