"""A real nginx between the page and the app, as the documentation sets it up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest

from ..waiting import wait_until
from .support.project import Project
from .support.server import DEADLINE, free_port, request

CONFIG = Path(__file__).parents[1] / "nginx.conf"
MAIN = 'window.log.push("{0}"); import.meta.hot.accept();'


class Nginx:
    """A proxy in front of a port.

    :param folder: for its files.
    :param app: the port that it passes requests on to.
    :param without: what of the documented configuration is left out.
    """

    def __init__(self, folder: Path, app: int, without: str = "") -> None:
        path = os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"))
        program = shutil.which("nginx", path=path)

        if program is None:
            pytest.fail("There is no nginx. 'make test' installs it.")

        self.port = free_port()
        text = CONFIG.read_text().replace("FOLDER", str(folder))
        text = text.replace(":8080", f":{self.port}").replace(":5000", f":{app}")

        if without:
            text, count = re.subn(rf"^.*{without}.*\n", "", text, flags=re.MULTILINE)
            assert count

        (folder / "nginx.conf").write_text(text)
        command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self._process = subprocess.Popen([*command, "-e", "stderr"])

    def answers(self) -> bool:
        """Tell whether it listens."""
        assert self._process.poll() is None, "nginx has ended"

        try:
            request(self.port, "/favicon.ico")
        except OSError:
            return False

        return True

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(DEADLINE)


@pytest.fixture
def nginx(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[t.Any]:
    """A function that starts one, which ends with the test."""
    started: list[Nginx] = []

    def start(app: int, without: str = "") -> Nginx:
        started.append(Nginx(tmp_path_factory.mktemp("nginx"), app, without))
        wait_until(started[-1].answers)
        return started[-1]

    yield start

    for one in started:
        one.stop()


@pytest.mark.parametrize(
    ("without", "transports", "expected"),
    [
        ("", "", "socket"),
        ("", "stream", "stream"),
        ("", "poll", "poll"),
        # Nobody has told it of WebSockets.
        ("Upgrade", "", "stream"),
    ],
)
def test_pages_behind_a_proxy_update(
    project: Project, nginx: t.Any, without: str, transports: str, expected: str
) -> None:
    project.write({"static/main.js": MAIN.format("one")})
    env = {"FLASK_HMR_TRANSPORTS": transports} if transports else {}
    project.start(env=env)
    proxy = nginx(project.port, without)
    page = project.open()
    page.tab.goto(f"http://127.0.0.1:{proxy.port}/")
    page.wait_for_console(f"[hmr] connected ({expected})")

    for text in ("two", "three"):
        project.save("static/main.js", MAIN.format(text))
        page.wait_for_log_entry(text)

    assert "is not allowed" not in project.output


def test_a_proxy_that_hides_the_host_is_explained(
    project: Project, nginx: t.Any
) -> None:
    project.write({"static/main.js": MAIN.format("one")})
    project.start()
    proxy = nginx(project.port, "Host")
    page = project.open()
    page.tab.goto(f"http://127.0.0.1:{proxy.port}/")
    project.wait_for_output("set up ProxyFix if a proxy stands between")
