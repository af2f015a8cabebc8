"""Random histories, each from a number alone."""

from __future__ import annotations

import random
import typing as t
from dataclasses import replace

from .editors import STYLES
from .histories import (
    ENTRIES,
    Close,
    Edit,
    History,
    Impossible,
    Load,
    Open,
    Refresh,
    Step,
    World,
    has_deadlock,
)
from .model import Undetermined
from .modules import Accept, Form, How, Import, Spec
from .project import SaveStyle

NAMES = (*ENTRIES, "a", "b", "c", "d", "e", "f")
"""Modules import those behind them, and seldom one before."""

STEPS = 8
TRIES = 40
"""Steps that are drawn until there is one whose outcome is determined."""


def generate(seed: int) -> History:
    """Return the history that a number stands for."""
    return _Generator(seed).history()


class _Generator:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)
        self._number = 0
        self._earlier: dict[str, list[Spec]] = {}

    def history(self) -> History:
        while True:
            files = {name: self._spec(name) for name in NAMES}
            world = World(dict(files))
            steps: list[Step] = [Open("main")]
            if has_deadlock(files):
                continue
            world.take(steps[0])
            self._earlier = {name: [spec] for name, spec in files.items()}
            while len(steps) <= STEPS and (found := self._next(world)):
                step, world = found
                steps.append(step)
                if isinstance(step, Edit):
                    for name, spec in step.files:
                        if spec is not None:
                            self._earlier[name].append(spec)
            if len(steps) > STEPS // 2:
                return History(self._seed, tuple(files.items()), tuple(steps))

    def _next(self, world: World) -> tuple[Step, World] | None:
        for _ in range(TRIES):
            after = world.copy()
            step = self._step(world)
            if step is None:
                continue
            try:
                after.take(step)
            except (Impossible, Undetermined):
                continue
            after.outcomes()
            return step, after
        return None

    def _chance(self, percent: int) -> bool:
        return self._random.randrange(100) < percent

    # Steps

    def _step(self, world: World) -> Step | None:
        number = self._random.randrange(100)
        tabs = sorted(world.open_tabs)
        if number < 74 or not tabs:
            return self._edit(world)
        if number < 88:
            tab = self._random.choice(tabs)
            loads = [
                Load(tab, instance.name, item.name)
                for instance in world.open_tabs[tab].current.values()
                for item in instance.spec.imports
                if item.how is How.LAZY
            ]
            return self._random.choice(loads) if loads else None
        if number < 94:
            if len(tabs) == 3:
                return None
            return Open(ENTRIES[self._chance(40)])
        if number < 97:
            return Refresh(self._random.choice(tabs))
        return Close(self._random.choice(tabs)) if len(tabs) > 1 else None

    def _edit(self, world: World) -> Edit:
        wrong = [n for n in NAMES if n not in world.disk or world.disk[n].broken]
        count = self._random.choices((1, 2, 3), (65, 25, 10))[0]
        loaded = sorted({n for tab in world.open_tabs.values() for n in tab.current})
        names = self._random.sample(NAMES, count)
        if loaded and self._chance(70):
            names = self._random.sample(loaded, min(count, len(loaded)))
        if wrong and self._chance(55):
            names = self._random.sample(wrong, 1)
        files = [(name, self._new(name, world.disk.get(name))) for name in names]
        styles: list[SaveStyle] = sorted(t.cast("t.Any", STYLES))
        style = self._random.choice(styles)
        return Edit(tuple(sorted(files)), style)

    def _new(self, name: str, old: Spec | None) -> Spec | None:
        number = self._random.randrange(100)
        earlier = self._earlier[name]
        if old is None:
            return self._spec(name) if number < 30 else self._random.choice(earlier)
        if old.broken:
            if number < 25:
                return replace(old, broken=False)
            return replace(old, broken=False, number=self._count())
        if number < 4 and name not in ENTRIES:
            return None
        if number < 10:
            return replace(old, broken=True)
        if number < 16:
            return old
        if number < 26:
            return self._random.choice(earlier)
        if number < 42:
            return self._calls(name, replace(old, number=self._count()))
        if number < 60:
            spec = replace(old, imports=self._imports(name), number=self._count())
            return self._calls(name, spec)
        return replace(old, number=self._count())

    # Modules

    def _count(self) -> int:
        self._number += 1
        return self._number

    def _spec(self, name: str) -> Spec:
        spec = Spec(self._count(), self._imports(name))
        return self._calls(name, spec)

    def _imports(self, name: str) -> tuple[Import, ...]:
        behind = NAMES[max(NAMES.index(name) + 1, len(ENTRIES)) :]
        most = 3 if name in ENTRIES else 2
        count = min(len(behind), self._random.randint(name in ENTRIES, most))
        found = self._random.sample(behind, count)
        if self._chance(4):
            found.append(
                self._random.choice([n for n in NAMES if n not in (name, *found)])
            )
        how = [How.STATIC, How.EXPORT, How.AWAIT, How.LAZY]
        return tuple(
            Import(item, self._random.choices(how, (60, 15, 10, 15))[0])
            for item in found
        )

    def _calls(self, name: str, spec: Spec) -> Spec:
        """Draw anew how a module deals with updates."""
        if not self._chance(70):
            return Spec(spec.number, spec.imports)
        accepts: list[Accept] = []
        forms = [*Form]
        weights = [40, 12, 12, 12, 8, 8, 8]

        def form() -> Form:
            found: Form = self._random.choices(forms, weights)[0]
            return found

        for percent in (55, 15):
            if self._chance(percent):
                callback, bubbles = self._chance(65), self._chance(12)
                accepts.append(Accept(None, callback, bubbles, form()))
        ready = [item.name for item in spec.imports if item.how is not How.LAZY]
        for percent in (50, 20):
            if spec.imports and self._chance(percent):
                deps = self._random.sample(ready, self._random.randint(0, len(ready)))
                if not deps:
                    # A list with a module that is not loaded would load it.
                    deps = [self._random.choice(spec.imports).name]
                accepts.append(
                    Accept(
                        tuple(deps),
                        self._chance(85),
                        form=form(),
                        variable=self._chance(20),
                        string=len(deps) == 1 and self._chance(50),
                    )
                )
        self._random.shuffle(accepts)
        return Spec(
            spec.number,
            spec.imports,
            hot=True,
            accepts=tuple(accepts),
            declines=self._chance(4),
            disposes=self._random.choices((0, 1, 2), (35, 45, 20))[0],
            prunes=self._chance(50),
        )
