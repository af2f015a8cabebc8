"""A reference model of the contract: what each page has to do with each edit.

It is written from the rules and knows nothing of how they are carried out. Values go
in, values come out: what the files say, which of them changed, and for each page an
:class:`Outcome`. Where the rules leave something open, the model either takes what the
documentation says, as noted at the place, or raises :class:`Undetermined`.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .modules import Accept, Disk, How, Spec
from .outcome import Call, Outcome


class Undetermined(Exception):
    """The contract does not say what has to happen. No test should ask for it."""


@dataclass(eq=False, slots=True)
class Instance:
    """One evaluation of a module in one page."""

    id: str
    name: str
    spec: Spec
    bound: dict[str, Instance] = field(default_factory=dict)
    """What it is linked with. A binding stays with its instance."""
    got: list[Instance] = field(default_factory=list)
    """What it got by ``import()``."""

    @property
    def accepts(self) -> list[tuple[int, Accept]]:
        """The calls of ``accept`` that it made, with their number in the text."""
        calls = enumerate(self.spec.accepts)
        return [(n, accept) for n, accept in calls if accept.runs]

    @property
    def accepts_self(self) -> bool:
        return any(accept.deps is None for _, accept in self.accepts)

    @property
    def bubbles(self) -> bool:
        return any(accept.bubbles for _, accept in self.accepts)

    def accepts_dep(self, name: str) -> bool:
        return any(name in (accept.deps or ()) for _, accept in self.accepts)


@dataclass(slots=True)
class Plan:
    """What a set of changed modules means to a page."""

    replaced: list[str] = field(default_factory=list)
    boundaries: list[str] = field(default_factory=list)
    """Modules that accept themselves."""
    acceptors: dict[str, list[str]] = field(default_factory=dict)
    """Dependencies, with the importers that take their update."""
    reload: bool = False

    @property
    def tops(self) -> list[str]:
        """What has to be imported for all that is replaced to be evaluated."""
        return [*self.acceptors, *self.boundaries]


class Page:
    """One tab.

    :param entry: the module that its document loads.
    :param disk: what the files say.
    """

    def __init__(self, entry: str, disk: Disk) -> None:
        self.entry = entry
        self.loads = 0
        self.load(disk)

    # What happens to it

    def load(self, disk: Disk) -> None:
        """Load the document: everything starts anew."""
        self.loads += 1
        self.current: dict[str, Instance] = {}
        """The newest instance of each loaded module."""
        self.instances: list[Instance] = []
        self.stale: set[str] = set()
        """Modules whose instance was replaced and that nobody has imported since."""
        self.pending: set[str] = set()
        """Changed modules whose update has not been possible yet."""
        self._counts: dict[str, int] = {}
        self._data: dict[str, int] = {}
        self.outcome = Outcome(self.loads)
        if not self._links([self.entry], set(), disk):
            raise Undetermined("a page that opens with an error")
        self._evaluate(self.entry, disk)

    def take_outcome(self) -> Outcome:
        """Return what has happened since this was last asked for."""
        self.outcome.error = bool(self.pending)
        outcome, self.outcome = self.outcome, Outcome(self.loads)
        return outcome

    def import_late(self, importer: str, name: str, disk: Disk) -> None:
        """Let the newest instance of a module call ``import()``."""
        if self.pending:
            raise Undetermined("an import while an update waits")
        adrift = {key for key in self.current if self._is_adrift(key)}
        if adrift & ({name} | self._below(name, disk)):
            raise Undetermined("whether a module still counts as loaded")
        if not self._links([name], set(), disk):
            raise Undetermined("an import that fails")
        here = self.current[importer]
        found = self._evaluate(name, disk)
        here.got.append(found)
        self.outcome.got.append((here.id, found.id))

    def update(self, changed: t.Collection[str], disk: Disk) -> None:
        """Take in that files have changed, all of them at once (rules 21 to 27)."""
        if self.stale & set(changed):
            raise Undetermined("whether a module counts as loaded in between")
        starts = {name for name in changed if name in self.current}
        for name in starts:
            items = disk[name].imports if name in disk else ()
            late = {item.name for item in items if not item.is_linked}
            if late & set(self.current[name].bound):
                # Its instance has no importer for a moment that shows in the text.
                raise Undetermined("a static import that becomes a dynamic one")
        # What nobody names waits for nothing, unless what named it is missing itself.
        free = {p for p in self.pending if self._is_free(p, disk)}
        if not self.pending - free - starts:
            self.pending -= free
        for name in set(changed) - starts:
            importers = self._importers(name, disk) if name in disk else ()
            if not starts.isdisjoint(importers):
                raise Undetermined("a module that changes and is imported at once")
        # Rule 27: a module that is gone and that nobody names is not missed.
        starts -= {s for s in starts if s not in disk and self._is_free(s, disk)}
        done = self._attempt(starts | self.pending, disk)
        if not done and starts and self.pending - starts:
            # What is broken does not hold up what is not.
            done = self._attempt(starts, disk)
        if not done:
            self.pending |= starts
        self._prune(disk)

    # The way up

    def _importers(self, name: str, disk: Disk) -> list[str]:
        """Return the loaded modules whose code names this one."""
        loaded = [key for key in self.current if key != name]
        return [key for key in loaded if key in disk and name in disk[key].names]

    def _is_free(self, name: str, disk: Disk) -> bool:
        return name != self.entry and not self._importers(name, disk)

    def _is_adrift(self, name: str) -> bool:
        """Tell whether those who got a module by ``import()`` run anew since, and have
        not asked for it again.
        """
        if name == self.entry:
            return False
        holders = [*self.current.values()]
        return not any(
            name in h.bound or name in {g.name for g in h.got} for h in holders
        )

    def _below_stale(self, disk: Disk) -> set[str]:
        """Return what modules name that were replaced and not imported since, and those
        below them that went with them.
        """
        named: set[str] = set()
        waiting = [*self.stale]
        while waiting:
            spec = disk.get(waiting.pop())
            new = {*spec.names} - named if spec else set()
            named |= new
            waiting += new - set(self.current)
        return named

    def _plan(self, starts: t.Collection[str], disk: Disk) -> Plan:
        plan = Plan()
        above: dict[str, list[str]] = {}
        taken: set[str] = set()
        waiting = sorted(starts)
        while waiting:
            name = waiting.pop()
            if name in plan.replaced:
                continue
            plan.replaced.append(name)
            above[name] = []
            here = self.current[name]
            if here.spec.declines:
                plan.reload = True  # Rule 14.
            if here.accepts_self:
                # The dependency takes its update, and the importers that list it
                # hear nothing, unless it bubbles (rule 11).
                plan.boundaries.append(name)
                taken.add(name)
                if not here.bubbles:
                    continue
            importers = self._importers(name, disk)
            if self._is_adrift(name):
                raise Undetermined("whether a module still counts as loaded")
            if name in self._below_stale(disk):
                raise Undetermined("whether an importer counts as loaded")
            if not importers and not here.accepts_self:
                if name != self.entry:
                    raise Undetermined("a module that changes and is dropped at once")
                plan.reload = True
            for importer in importers:
                if importer in self.stale or self._is_adrift(importer):
                    raise Undetermined("whether an importer counts as loaded")
                if self.current[importer].accepts_dep(name):
                    plan.acceptors.setdefault(name, []).append(importer)
                    taken.add(name)
                else:
                    above[name].append(importer)
                    waiting.append(importer)
        # A way that only goes round ends nowhere.
        while more := {n for n in above if n not in taken and taken & {*above[n]}}:
            taken |= more
        plan.reload = plan.reload or not taken.issuperset(plan.replaced)
        return plan

    # Whether it can happen

    def _links(
        self, names: t.Iterable[str], replaced: t.Collection[str], disk: Disk
    ) -> bool:
        """Tell whether the new instances can be fetched, parsed and linked."""
        blocked: set[str] = set()
        if self.pending:
            blocked = set(self._plan(self.pending, disk).replaced)
        seen = set()
        waiting = list(names)
        uncertain = False
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            spec = disk.get(name)
            if name in self.current and name not in replaced and name not in blocked:
                if spec is None:
                    # Nobody named it when it went (rule 27), and now somebody does.
                    raise Undetermined("an import of what is gone and still runs")
                continue
            if spec is None or spec.broken:
                return False
            uncertain = uncertain or (name in blocked and name not in replaced)
            for item in spec.imports:
                if item.is_linked:
                    waiting.append(item.name)
                elif item.how is How.AWAIT and not self._links(
                    [item.name], replaced, disk
                ):
                    raise Undetermined("an exception while a module is evaluated")
        if uncertain:
            raise Undetermined("a new instance of what has to wait")
        return True

    def _attempt(self, starts: t.Collection[str], disk: Disk) -> bool:
        """Carry out an update, if it can happen (rule 17)."""
        if not starts:
            return True
        plan = self._plan(starts, disk)
        held_up = self.pending - set(starts)
        self.pending, before = held_up, self.pending
        # A page that reloads into an error would be worse off than before.
        top = plan.replaced if plan.reload else plan.tops
        if not self._links(top, plan.replaced, disk):
            self.pending = before
            return False
        if held_up & set(plan.replaced):
            raise Undetermined("an update of what has to wait")
        if plan.reload:
            self.load(disk)
        else:
            self._check_order(plan, disk)
            self._replace(plan, disk)
        return True

    def _check_order(self, plan: Plan, disk: Disk) -> None:
        """Rule 24 leaves open whether a boundary inside a circle can take an update."""
        for name in plan.boundaries:
            below = self._below(name, disk)
            for other in plan.replaced:
                if (
                    other != name
                    and other in below
                    and name in self._below(other, disk)
                ):
                    raise Undetermined("a boundary inside a circle")

    def _below(self, name: str, disk: Disk) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            spec = disk.get(waiting.pop())
            for item in spec.imports if spec else ():
                if item.how is not How.LAZY and item.name not in seen:
                    seen.add(item.name)
                    waiting.append(item.name)
        return seen

    # What it does

    def _replace(self, plan: Plan, disk: Disk) -> None:
        before = dict(self.current)
        live_before, maybe_before = self._live(), self._live(got=True)
        leaving = {self.current[name] for name in plan.replaced}
        for name in plan.replaced:
            self._dispose(self.current.pop(name), disk, leaving)
            self.stale.add(name)
        for name in plan.tops:
            self._evaluate(name, disk)
        if self.entry not in self.current:
            raise Undetermined("an entry that nothing evaluates again")
        live, maybe = self._live(), self._live(got=True)

        def is_due(instance: Instance) -> bool | None:
            """Rule 12: ``None`` where the importer that holds it goes as well."""
            if instance is before.get(instance.name) or instance in live:
                return True
            return None if instance in live_before | maybe_before | maybe else False

        for instance in self.instances:
            if instance is self.current.get(instance.name) and (
                before.get(instance.name) is not instance
            ):
                self._fresh_calls(instance, plan)
                continue
            if (due := is_due(instance)) is not False:
                self._calls(instance, plan, is_due=bool(due))

    def _calls(self, instance: Instance, plan: Plan, *, is_due: bool) -> None:
        for n, accept in instance.accepts:
            if not accept.callback:
                continue
            if accept.deps is None:
                if instance.name not in plan.replaced:
                    continue
                certain = is_due and instance.name in plan.boundaries
                module, deps = self.current.get(instance.name), ()
                if module is None:
                    continue
                call = Call(instance.id, "self", n, module.id, deps)
            else:
                if not set(accept.deps) & set(plan.replaced):
                    continue
                takers = [plan.acceptors.get(dep, ()) for dep in accept.deps]
                certain = is_due and any(instance.name in t for t in takers)
                if any(dep not in self.current for dep in accept.deps):
                    raise Undetermined("a list with a module that is not loaded")
                ids = tuple(self.current[dep].id for dep in accept.deps)
                call = Call(instance.id, "deps", n, instance.id, ids)
            (self.outcome.calls if certain else self.outcome.optional).append(call)

    def _fresh_calls(self, instance: Instance, plan: Plan) -> None:
        """An instance that this update made has the new dependencies. Whether its
        callback for them runs as well is left open.
        """
        for n, accept in instance.accepts:
            if accept.deps is not None and accept.callback:
                if any(dep not in self.current for dep in accept.deps):
                    continue
                ids = tuple(self.current[dep].id for dep in accept.deps)
                call = Call(instance.id, "deps", n, instance.id, ids)
                self.outcome.optional.append(call)

    def _evaluate(self, name: str, disk: Disk) -> Instance:
        """Import a module: everybody gets its newest instance (rule 23)."""
        if name in self.current:
            return self.current[name]
        spec = disk[name]
        count = self._counts[name] = self._counts.get(name, 0) + 1
        here = Instance(f"{name}#{count}", name, spec)
        self.current[name] = here
        self.instances.append(here)
        self.stale.discard(name)
        for item in spec.imports:
            if item.is_linked:
                here.bound[item.name] = self._evaluate(item.name, disk)
        outcome = self.outcome
        outcome.evaluated.append((here.id, spec.number))
        if spec.hot:
            self._data[name] = self._data.get(name, 0) + 1
            outcome.data.append((here.id, self._data[name]))
        for item in spec.imports:
            if item.how is How.AWAIT:
                here.got.append(self._evaluate(item.name, disk))
                outcome.got.append((here.id, here.got[-1].id))
        outcome.bound[here.id] = here.bound
        return here

    def _dispose(
        self, instance: Instance, disk: Disk, others: t.Collection[Instance]
    ) -> None:
        """Dispose of an instance together with others: what is pruned goes after what
        is replaced.
        """
        self.outcome.disposed += [
            (instance.id, n) for n in range(instance.spec.disposes)
        ]
        # Importers first, as documented: they may still use what they import.
        spec = disk.get(instance.name)
        for other in [*instance.bound.values(), *instance.got]:
            if spec is None or other.name not in spec.names or other not in others:
                continue  # Nobody said in which order those go that are parted.
            if instance.name in self._below(other.name, disk):
                continue  # In a circle each is an importer of the other.
            self.outcome.importers_first.append((instance.id, other.id))

    def _prune(self, disk: Disk) -> None:
        """Let go of what no loaded module imports any longer (rule 19)."""
        if not self.current:
            return
        used = self._used(set(self.current), disk)
        unused = [name for name in self.current if name not in used]
        if unused and self.pending:
            raise Undetermined("when to prune while an update waits")
        if (
            self.stale
            and used != self._used(self.stale | set(self.current), disk) - self.stale
        ):
            raise Undetermined("whether an importer counts as loaded")
        leaving = {self.current[name] for name in unused}
        for name in unused:
            instance = self.current.pop(name)
            self._dispose(instance, disk, leaving)
            self.outcome.let_go.add(instance.id)
            if instance.spec.prunes:
                self.outcome.pruned.append(instance.id)
            self._data.pop(name, None)
            self.instances = [i for i in self.instances if i.name != name]
        self.stale = {s for s in self.stale if not self._is_free(s, disk)}

    def _used(self, loaded: set[str], disk: Disk) -> set[str]:
        used: set[str] = set()
        waiting = [self.entry]
        while waiting:
            name = waiting.pop()
            if name in used or name not in loaded:
                continue
            used.add(name)
            # What is gone still is what its last instance was.
            last = self.current.get(name)
            spec = disk.get(name) or (last and last.spec)
            waiting += spec.names if spec else ()
        return used

    def _live(self, *, got: bool = False) -> set[Instance]:
        """Return the newest instances and all that they hold.

        :param got: also what instances hold that have been replaced themselves and
            got it by ``import()``. A module asks again when it runs anew; the rules
            speak of bindings, and nobody can tell whether the result was kept.
        """
        live: set[Instance] = set()
        waiting = [
            instance
            for name, instance in self.current.items()
            if got or not self._is_adrift(name)
        ]
        while waiting:
            instance = waiting.pop()
            if instance not in live and instance in self.instances:
                live.add(instance)
                waiting += instance.bound.values()
                if got or instance is self.current.get(instance.name):
                    waiting += instance.got
        return live
