"""Flask-HMR beside Vite and @web/dev-server, in one run, in a real browser.

Usage: ``python -m benchmarks [--rounds N] [--sizes 100,1000,3000] [--saves N]
[--json FILE] [--servers NAME,…]``

All servers serve the same generated modules and are taken in turns, in another order
in each round. A ratio is that of one round, ours to the better one of the others; the
table gives the median of the ratios, with the lowest and the highest. Needs Node, and
what ``npm install`` puts into ``benchmarks/peers``.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.support.chromium import Browsers
from tests.browser.support.server import free_port

from .clients import Clients
from .pages import Load, fresh
from .projects import Project
from .report import Machine, Row, quantile
from .servers import (
    PEERS,
    Floor,
    Gunicorn,
    Hmr,
    Plain,
    Server,
    Vite,
    WebDevServer,
)

SERVERS: tuple[type[Server], ...] = (
    Hmr,
    Gunicorn,
    Vite,
    WebDevServer,
    Plain,
    Floor,
)
MANY_SAVES = 3
CLIENT_SAVES = 15
IDLE_SECONDS = 5.0
VITE = ("Vite",)
BOTH = ("Vite", "@web/dev-server")


class Run:
    """One run of all measurements."""

    def __init__(
        self, browser: Browser, servers: list[type[Server]], saves: int
    ) -> None:
        self.rows: dict[str, Row] = {}
        self.machine = Machine()
        self._browser = browser
        self._servers = servers
        self._saves = saves
        self._generation = 0

    def round(self, size: int) -> None:
        """Measure every server once, with projects of a size."""
        for kind in random.sample(self._servers, len(self._servers)):
            with tempfile.TemporaryDirectory() as folder:
                project = Project(Path(folder) / "project", size)
                project.write()
                self.machine.look()
                with kind(project, free_port()) as server:
                    self._session(server, size)

    def _session(self, server: Server, size: int) -> None:
        browser, name = self._browser, server.name
        with fresh(browser, server) as page:
            self._add(name, f"{size}: first load", page.load(), 0.9, VITE)
        with fresh(browser, server) as page:
            self._add(name, f"{size}: again, empty cache", page.load(), 1.05, VITE)
            server.wait_until_idle()
            self._add(name, f"{size}: warm reload", page.reload(), 0.3, VITE)
            self._add(name, f"{size}: requests of it", page.requests(), unit="")
            if server.hot:
                self._saved(server, size, page)
                self._quiet(server, size)

    def _saved(self, server: Server, size: int, page: Load) -> None:
        project, name = server.project, server.name
        server.wait_until_idle()
        for what, goal, save in (
            ("hot", 0.6, project.save_hot),
            ("chain", 0.5, project.save_chain),
        ):
            times = [page.applied(what, self._next(), save) for _ in range(self._saves)]
            title = "save → applied" if what == "hot" else "through five modules"
            title = f"{size}: {title}"
            self._add(name, f"{title}, p50", quantile(times, 0.5), goal)
            self._add(name, f"{title}, p95", quantile(times, 0.95), 0.6)
        times = []
        for _ in range(MANY_SAVES):
            times.append(page.applied("many", self._next(), project.save_many))
            server.wait_until_idle()
        self._add(name, f"{size}: 200 files at once", quantile(times, 0.5), 0.5)
        with Clients(server) as clients:
            times = []
            for _ in range(CLIENT_SAVES):
                start = time.perf_counter()
                project.save_hot(self._next())
                times.append(clients.told(start))
        self._add(name, f"{size}: last of 100 clients", quantile(times, 0.5), 0.7)

    def _quiet(self, server: Server, size: int) -> None:
        server.wait_until_idle()
        self._add(server.name, f"{size}: memory", server.memory(), unit="MB")
        before = server.seconds()
        time.sleep(IDLE_SECONDS)
        idle = (server.seconds() - before) / IDLE_SECONDS * 100
        self._add(server.name, f"{size}: idle CPU", idle, unit="%")

    def _next(self) -> int:
        self._generation += 1
        return self._generation

    def _add(
        self,
        server: str,
        name: str,
        value: float,
        goal: float | None = None,
        against: tuple[str, ...] = BOTH,
        unit: str = "ms",
    ) -> None:
        row = self.rows.setdefault(name, Row(name, unit, goal, against))
        row.add(server, value)

    def table(self) -> str:
        """Return what was found, as text."""
        names = [kind.name for kind in self._servers]
        head = f"{'median of the rounds':38}" + "".join(f"{name:>20}" for name in names)
        lines = [f"{head}   ratio  [lowest … highest]"]
        lines += [row.line(names) for row in self.rows.values()]
        return "\n".join([*lines, "", str(self.machine)])

    def as_json(self) -> str:
        """Return every value of every round."""
        return json.dumps(
            {
                "python": platform.python_version(),
                "system": platform.platform(),
                "machine": self.machine.milliseconds,
                "noisy": self.machine.is_noisy,
                "rows": {
                    row.name: {
                        "unit": row.unit,
                        "goal": row.goal,
                        "against": row.against,
                        "values": row.values,
                    }
                    for row in self.rows.values()
                },
            },
            indent=1,
        )


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", default="100,1000,3000")
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--servers", default=",".join(kind.name for kind in SERVERS))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    wanted = options.servers.split(",")
    servers = [kind for kind in SERVERS if kind.name in wanted]
    if not (PEERS / "node_modules").is_dir():
        sys.exit(f"What to compare with is missing: run 'npm install' in {PEERS}.")
    with sync_playwright() as playwright:
        browsers = Browsers(playwright.chromium)
        try:
            run = Run(browsers.get(), servers, options.saves)
            for number in range(1, options.rounds + 1):
                for size in map(int, options.sizes.split(",")):
                    print(f"round {number}, {size} modules", file=sys.stderr)
                    run.round(size)
            print(run.table())
            if options.json:
                options.json.write_text(run.as_json())
        finally:
            browsers.close()


if __name__ == "__main__":
    main()
