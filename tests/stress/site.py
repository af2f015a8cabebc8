"""The app of the stress tests, in a process of its own, and what it costs."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import typing as t
import urllib.request
from pathlib import Path

from tests.browser.support.server import free_port

ROOT = Path(__file__).parents[2]

APP = """
import os, signal, sys, threading

from flask import Flask, jsonify

from flask_hmr import HMR

app = Flask(__name__)
app.config.update(HMR_ENABLED=True, SECRET_KEY="stress")
hmr = HMR(app)
uncaught = []
threading.excepthook = lambda info: uncaught.append(repr(info.exc_value))


@app.get("/")
def index():
    return "<!doctype html><script type=module src=/static/m0.js></script>"


@app.get("/plain")
def plain():
    return "plain"


@app.get("/tell")
def tell():
    return jsonify(hmr.send("told", "x"))


@app.get("/state")
def state():
    kept = app.extensions["hmr"]
    return jsonify(
        threads=threading.active_count(),
        names=sorted(thread.name for thread in threading.enumerate())[:50],
        files=len(os.listdir("/proc/self/fd")),
        pages=len(kept.pages),
        uncaught=uncaught,
    )
"""

SERVER = """
import sys, warnings
warnings.simplefilter("ignore")
from werkzeug.serving import make_server
from app import app
import logging
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", {port}, app, threaded=True)
server.daemon_threads = True
server.request_queue_size = 2048
server.socket.listen(2048)
server.serve_forever()
"""


class Site:
    """A project on disk with so many modules, served.

    :param modules: ``m0.js`` imports all others.
    :param command: another server; ``{port}`` stands for the port.
    """

    def __init__(
        self, modules: int = 50, command: t.Sequence[str] | None = None
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hmr-stress-")
        self.root = Path(self._folder.name)
        self.static = self.root / "static"
        self.static.mkdir()
        (self.root / "app.py").write_text(APP)
        imports = "".join(f"import './m{n}.js';\n" for n in range(1, modules))
        (self.static / "m0.js").write_text(imports + "import.meta.hot.accept();\n")
        for n in range(1, modules):
            (self.static / f"m{n}.js").write_text(f"export const m{n} = 0;\n")
        self.port = free_port()
        self._command = command or [sys.executable, "-c", SERVER]
        self.log = (self.root / "log.txt").open("w")
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        command = [word.replace("{port}", str(self.port)) for word in self._command]
        path = os.pathsep.join((str(ROOT), str(self.root)))
        self.process = subprocess.Popen(
            command,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": path},
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Whoever is started in the background by a shell ignores interrupts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )
        end = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                self.token = self.json("/_hmr/session")["token"]
                break
            if time.monotonic() > end:
                raise TimeoutError((self.root / "log.txt").read_text())
            time.sleep(0.05)
        self.get("/static/m0.js")

    def get(self, path: str) -> bytes:
        """Return what a path answers."""
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=30) as response:
            body: bytes = response.read()
            return body

    def json(self, path: str) -> t.Any:
        """Return what a path answers, read."""
        return json.loads(self.get(path))

    @property
    def memory(self) -> int:
        """Bytes of the server's process in memory."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    @property
    def seconds(self) -> float:
        """Seconds of a core that the process has used."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2]
        user, system = stat.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def stop(self, number: signal.Signals = signal.SIGINT) -> float:
        """End the server; return how many seconds that took."""
        begin = time.monotonic()
        self.process.send_signal(number)
        try:
            self.process.wait(60)
        finally:
            taken = time.monotonic() - begin
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        return taken

    def close(self) -> None:
        """End the server, and remove the project."""
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
        self.log.close()
        self._folder.cleanup()
