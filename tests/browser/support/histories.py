"""Histories: a set of modules, and what happens to it and to the pages that show it."""

from __future__ import annotations

import copy
import typing as t
from dataclasses import dataclass, field

from .model import Page, Undetermined
from .modules import Disk, How, Spec, source
from .outcome import Outcome
from .project import SaveStyle

ENTRIES = ("main", "side")
"""The modules that documents load."""


class Impossible(Exception):
    """A step that there is nothing for: its page is closed, its import is gone."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Files that are saved together; ``None`` deletes one."""

    files: tuple[tuple[str, Spec | None], ...]
    style: SaveStyle = "inplace"

    def __str__(self) -> str:
        files = "\n".join(
            f"    {name}: {spec or 'deleted'}" for name, spec in self.files
        )
        return f"save ({self.style})\n{files}"


@dataclass(frozen=True, slots=True)
class Open:
    """A new tab. Tabs are numbered in the order in which they open."""

    entry: str

    def __str__(self) -> str:
        return f"open a tab of {self.entry}"


@dataclass(frozen=True, slots=True)
class Close:
    tab: int

    def __str__(self) -> str:
        return f"close tab {self.tab}"


@dataclass(frozen=True, slots=True)
class Refresh:
    tab: int

    def __str__(self) -> str:
        return f"refresh tab {self.tab}"


@dataclass(frozen=True, slots=True)
class Load:
    """A module of a tab calls ``import()``."""

    tab: int
    importer: str
    name: str

    def __str__(self) -> str:
        return f"tab {self.tab}: {self.importer} imports {self.name}"


Step = Edit | Open | Close | Refresh | Load


@dataclass(frozen=True, slots=True)
class History:
    """Where it starts, and what happens.

    :param seed: where it comes from, for the reader.
    """

    seed: int
    files: tuple[tuple[str, Spec], ...]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        files = "\n".join(f"    {name}: {spec}" for name, spec in self.files)
        steps = "\n".join(f"{n:2}. {step}" for n, step in enumerate(self.steps, 1))
        return f"seed {self.seed}\n{files}\n{steps}"


@dataclass(slots=True)
class World:
    """The files and the tabs, as the model has them."""

    disk: dict[str, Spec]
    tabs: list[Page | None] = field(default_factory=list)

    @property
    def open_tabs(self) -> dict[int, Page]:
        return {n: tab for n, tab in enumerate(self.tabs) if tab is not None}

    def copy(self) -> World:
        return copy.deepcopy(self)

    def take(self, step: Step) -> None:
        """Let a step happen.

        :raises Impossible: it cannot.
        :raises Undetermined: nobody can say what comes of it.
        """
        if isinstance(step, Edit):
            self._save(step)
        elif isinstance(step, Open):
            self.tabs.append(Page(step.entry, self.disk))
        elif isinstance(step, Close):
            self._tab(step.tab)
            self.tabs[step.tab] = None
        elif isinstance(step, Refresh):
            self._tab(step.tab).load(self.disk)
        else:
            tab = self._tab(step.tab)
            here = tab.current.get(step.importer)
            names = (
                [i.name for i in here.spec.imports if i.how is How.LAZY] if here else []
            )
            if step.name not in names:
                raise Impossible(step)
            tab.import_late(step.importer, step.name, self.disk)

    def outcomes(self) -> dict[int, Outcome]:
        """Return what the last step meant to each open tab."""
        return {n: tab.take_outcome() for n, tab in self.open_tabs.items()}

    def _tab(self, number: int) -> Page:
        tab = self.open_tabs.get(number)
        if tab is None:
            raise Impossible(number)
        return tab

    def _save(self, edit: Edit) -> None:
        changed = []
        for name, spec in edit.files:
            old = self.disk.get(name)
            if _text(name, old) == _text(name, spec):
                continue
            changed.append(name)
            if spec is None:
                del self.disk[name]
            else:
                self.disk[name] = spec
        if has_deadlock(self.disk):
            raise Undetermined("modules that wait for each other for ever")
        for tab in self.open_tabs.values():
            # The order of Python's sets must not matter to what is expected.
            tab.update(sorted(changed), self.disk)


def _text(name: str, spec: Spec | None) -> str | None:
    return None if spec is None else source(name, spec)


def has_deadlock(disk: Disk) -> bool:
    """Tell whether a module awaits the import of one that waits for it."""

    def below(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            spec = disk.get(waiting.pop())
            for item in spec.imports if spec else ():
                if item.how is not How.LAZY and item.name not in seen:
                    seen.add(item.name)
                    waiting.append(item.name)
        return seen

    return any(
        item.how is How.AWAIT and (name == item.name or name in below(item.name))
        for name, spec in disk.items()
        for item in spec.imports
    )


def play(history: History) -> t.Iterator[tuple[Step, dict[int, Outcome]]]:
    """Yield each step with what it means to each tab, as the model has it."""
    world = World(dict(history.files))
    for step in history.steps:
        world.take(step)
        yield step, world.outcomes()


def is_possible(history: History) -> bool:
    """Tell whether the model can say what comes of a history."""
    try:
        for _ in play(history):
            pass
    except (Impossible, Undetermined):
        return False
    return True
