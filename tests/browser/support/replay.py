"""Plays a history with a real server and real tabs, and compares with the model."""

from __future__ import annotations

import http.client
import json
import typing as t
from dataclasses import replace

from playwright.sync_api import Error as PlaywrightError

from .editors import STYLES
from .harness import APP, HARNESS, PAGE, sync
from .histories import (
    Close,
    Edit,
    History,
    Load,
    Open,
    Refresh,
    Step,
    is_possible,
    play,
)
from .modules import Spec, source
from .outcome import Outcome
from .page import Page
from .project import Project

# A page that has just begun to load again has no harness yet.
_REPORT = """async (n) => {
  const loaded = (done) => addEventListener("DOMContentLoaded", done);
  if (!window.h) await new Promise(loaded);
  return h.report(n);
}"""


class MismatchError(Exception):
    """A page did not do what the model expects."""


class Stage:
    """A project on which any number of histories are played, one after the other.

    :param project: an empty project.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._count = 0
        project.write(
            {
                "app.py": APP,
                "templates/page.html": PAGE,
                "static/harness.js": HARNESS,
            }
        )
        project.start()

    def play(self, history: History) -> None:
        """Play a history.

        :raises MismatchError: with the history and the differences.
        """
        self._count += 1
        run = _Run(self._project, f"h{self._count}", history)
        try:
            for number, (step, outcomes) in enumerate(play(history), 1):
                differences = run.take(step, outcomes)
                if differences:
                    raise MismatchError(_text(history, number, differences, run))
        finally:
            run.close()

    def shrink(self, history: History, patience: int = 60) -> tuple[History, str]:
        """Return the smallest history found that still goes wrong, and how it does.

        :param patience: how many histories are tried at most.
        """
        message = ""
        found = True
        while found:
            found = False
            for smaller in _smaller(history):
                if patience == 0:
                    return history, message
                if not is_possible(smaller):
                    continue
                patience -= 1
                try:
                    self.play(smaller)
                except MismatchError as error:
                    history, message, found = smaller, str(error), True
                    break
        return history, message


class _Run:
    def __init__(self, project: Project, name: str, history: History) -> None:
        self._project = project
        self._name = name
        self._sync = 0
        self._tabs: list[Page] = []
        for module, spec in history.files:
            self._write(module, spec)
        project.write({f"static/{name}/sync.js": sync(0)})

    def take(self, step: Step, outcomes: t.Mapping[int, Outcome]) -> list[str]:
        """Let a step happen and return where pages differ from what is expected."""
        if isinstance(step, Edit):
            self._save(step)
        elif isinstance(step, Open):
            self._tabs.append(self._project.open(f"/h/{self._name}/{step.entry}"))
        elif isinstance(step, Close):
            self._tabs[step.tab].close()
        elif isinstance(step, Refresh):
            self._tabs[step.tab].refresh()
        elif isinstance(step, Load):
            names = [step.importer, step.name]
            self._tabs[step.tab].evaluate("([a, b]) => h.load(a, b)", names)
        found = []
        for number, outcome in outcomes.items():
            differences = self._compare(self._tabs[number], outcome)
            found += [f"tab {number}: {difference}" for difference in differences]
        return found

    def _compare(self, tab: Page, outcome: Outcome) -> list[str]:
        try:
            report = tab.evaluate(_REPORT, self._sync)
            while report["together"]:
                self._settle([])
                more = tab.evaluate(_REPORT, self._sync)
                if more["loads"] == report["loads"]:
                    more["log"] = report["log"] + more["log"]
                    more["binds"] = report["binds"] | more["binds"]
                report = more
            tab.wait_until_connected()
        except (PlaywrightError, AssertionError) as error:
            return [str(error)]
        return outcome.differences(report)

    def _save(self, edit: Edit) -> None:
        self._post("/hold")
        # Of what a smaller history leaves as it is the watcher hears nothing.
        saved = [name for name, spec in edit.files if self._write(name, spec, edit)]
        self._settle(saved)

    def _settle(self, names: list[str]) -> None:
        self._sync += 1
        step = {"history": self._name, "files": names, "sync": sync(self._sync)}
        self._post("/settle", step)

    def _write(self, module: str, spec: Spec | None, edit: Edit | None = None) -> bool:
        """Write or delete a file; tell whether there was anything to do."""
        name = f"static/{self._name}/{module}.js"
        if spec is not None and edit is None:
            self._project.write({name: source(module, spec)})
        elif spec is not None and edit is not None:
            STYLES[edit.style](self._project.path(name), source(module, spec).encode())
        elif self._project.path(name).exists():
            self._project.delete(name)
        else:
            return False
        return True

    def _post(self, path: str, body: object = None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._project.port)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        if response.status != 200:
            raise AssertionError(f"{path}: {response.status}\n{text}")

    def console(self) -> str:
        return "\n".join(
            f"console of tab {number}:\n{tab.console}"
            for number, tab in enumerate(self._tabs)
        )

    def close(self) -> None:
        for tab in self._tabs:
            tab.close()
            self._project.pages.remove(tab)


def _text(history: History, number: int, differences: list[str], run: _Run) -> str:
    lines = "\n".join(f"  {difference}" for difference in differences)
    return f"{history}\n\nAfter step {number}:\n{lines}\n\n{run.console()}"


def _smaller(history: History) -> t.Iterator[History]:
    """Yield histories with something left out."""
    for n in reversed(range(1, len(history.steps))):
        yield replace(history, steps=history.steps[:n] + history.steps[n + 1 :])
    for n in reversed(range(len(history.steps))):
        step = history.steps[n]
        if isinstance(step, Edit) and len(step.files) > 1:
            for m in range(len(step.files)):
                files = step.files[:m] + step.files[m + 1 :]
                steps = (*history.steps[:n], replace(step, files=files))
                yield replace(history, steps=(*steps, *history.steps[n + 1 :]))
    for n in range(len(history.files)):
        files_left = history.files[:n] + history.files[n + 1 :]
        yield replace(history, files=files_left)
