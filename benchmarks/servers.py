"""The servers that are compared, each as its users start it.

Flask-HMR and Flask alone run under ``flask run --debug``; Vite and @web/dev-server come
from npm, in the versions that ``peers/package.json`` pins; ``floor`` is a server that
does nothing but send files from memory.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from .projects import Project

HERE = Path(__file__).parent
PEERS = HERE / "peers"
DEADLINE = 60.0
"""Seconds that a server has for starting."""


class Server:
    """One run of a server, a context.

    :param project: what it serves.
    :param port: where it listens, on 127.0.0.1.
    """

    name = ""
    hot = True
    """Whether it replaces modules."""

    def __init__(self, project: Project, port: int) -> None:
        self.project = project
        self.port = port
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """Return what starts it."""
        raise NotImplementedError

    def socket(self) -> Socket:
        """Return where clients are told of updates."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Server:
        cache = self.project.root / ".cache"
        env = {
            **os.environ,
            "BENCH_ROOT": str(self.project.modules),
            "BENCH_PORT": str(self.port),
            "BENCH_CACHE": str(cache),
            "PYTHONPATH": str(HERE.parent),
        }
        self._process = subprocess.Popen(
            self.command(),
            cwd=self.project.root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            self._wait_until_it_answers()
            self.wait_until_idle()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def get(self, path: str) -> str:
        """Return what a path is answered with, whatever the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode("utf-8", "replace")
        finally:
            connection.close()

    def processes(self) -> list[int]:
        """Return the ids of its processes."""
        assert self._process is not None
        group = self._process.pid
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if os.getpgid(int(entry.name)) == group:
                        found.append(int(entry.name))
        return found

    def seconds(self) -> float:
        """Return the CPU time that its processes have used."""
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{pid}/stat").read_text()
                fields = text.rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the memory of its processes in MB; what they share counts once."""
        kilobytes = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
                found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
                kilobytes += int(found[1]) if found else 0
        return kilobytes / 1024

    def wait_until_idle(self) -> None:
        """Wait until its processes have nothing to do."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            before = self.seconds()
            time.sleep(0.4)
            if self.seconds() - before < 0.02:
                return

    def _wait_until_it_answers(self) -> None:
        assert self._process is not None
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                # Nothing that the page needs: its first load is measured.
                self.get("/there-is-no-such-page.txt")
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} did not start: {' '.join(self.command())}")


@dataclass(frozen=True)
class Socket:
    """Where clients are told of updates.

    :param path: its path and query.
    :param protocol: the subprotocol that it wants.
    :param hello: what a client sends at first.
    """

    path: str
    protocol: str = ""
    hello: str = ""


class Hmr(Server):
    """A Flask app with ``HMR(app)``."""

    name = "Flask-HMR"
    app = "with_hmr"

    def command(self) -> list[str]:
        """Return what starts it."""
        flask = [sys.executable, "-m", "flask", "--app", self.app, "run", "--debug"]
        return [*flask, "--host", "127.0.0.1", "--port", str(self.port)]

    def socket(self) -> Socket:
        """Return where clients are told of updates."""
        found = re.search(r'src="(/[^"]*/client/)', self.get("/"))
        assert found is not None
        base = found[1].partition("/client/")[0]
        told = json.loads(self.get(f"{base}/session"))
        hello = {"type": "hello", "session": told["session"], "seq": 0}
        path = f"{base}/socket?token={quote(told['token'])}"
        return Socket(path, hello=json.dumps(hello))


class Gunicorn(Hmr):
    """The same app in a server whose connections stay open.

    Each client of the socket takes a thread.
    """

    name = "HMR on gunicorn"

    def command(self) -> list[str]:
        """Return what starts it."""
        gunicorn = [sys.executable, "-m", "gunicorn", "--threads", "120"]
        options = ["--keep-alive", "5", "--bind", f"127.0.0.1:{self.port}"]
        return [*gunicorn, *options, "--env", "FLASK_DEBUG=1", f"{self.app}:app"]


class Plain(Hmr):
    """The same app without it."""

    name = "Flask"
    app = "plain"
    hot = False


class Vite(Server):
    """Vite, with its defaults."""

    name = "Vite"

    def command(self) -> list[str]:
        """Return what starts it."""
        vite = PEERS / "node_modules/vite/bin/vite.js"
        return ["node", str(vite), "--config", str(PEERS / "vite.config.js")]

    def socket(self) -> Socket:
        """Return where clients are told of updates."""
        found = re.search(r'wsToken = "([^"]+)"', self.get("/@vite/client"))
        assert found is not None
        return Socket(f"/?token={quote(found[1])}", protocol="vite-hmr")


class WebDevServer(Server):
    """@web/dev-server with its plugin for hot module replacement."""

    name = "@web/dev-server"

    def command(self) -> list[str]:
        """Return what starts it."""
        wds = PEERS / "node_modules/@web/dev-server/dist/bin.js"
        return ["node", str(wds), "--config", str(PEERS / "wds.config.mjs")]

    def socket(self) -> Socket:
        """Return where clients are told of updates."""
        return Socket("/wds")


class Floor(Server):
    """Files from memory, to be kept for ever."""

    name = "floor"
    hot = False

    def command(self) -> list[str]:
        """Return what starts it."""
        floor = str(PEERS / "floor.js")
        return ["node", floor, str(self.project.modules), str(self.port)]
