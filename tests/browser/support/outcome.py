"""What a page did in one step, as the model expects it and as the page tells it."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

if t.TYPE_CHECKING:
    from .model import Instance

Entry = dict[str, t.Any]
"""One line of a page's log."""


class Call(t.NamedTuple):
    """One call of an ``accept`` callback."""

    who: str
    """The instance whose callback it is."""
    kind: str
    number: int
    """Which call of ``accept`` in the module's text."""
    module: str
    deps: tuple[str, ...]


@dataclass(slots=True)
class Outcome:
    """What the model expects of one page in one step."""

    loads: int
    evaluated: list[tuple[str, int]] = field(default_factory=list)
    data: list[tuple[str, int]] = field(default_factory=list)
    got: list[tuple[str, str]] = field(default_factory=list)
    bound: dict[str, dict[str, Instance]] = field(default_factory=dict)
    disposed: list[tuple[str, int]] = field(default_factory=list)
    importers_first: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of instances, the first of which is disposed of before the second."""
    calls: list[Call] = field(default_factory=list)
    optional: list[Call] = field(default_factory=list)
    """Calls that the contract neither asks for nor forbids."""
    pruned: list[str] = field(default_factory=list)
    let_go: set[str] = field(default_factory=set)
    """All that is pruned, whether or not it has a callback for it."""
    error: bool = False

    def differences(self, report: Entry) -> list[str]:
        """Say where a page's report is not as expected.

        :param report: what the harness in the page returned.
        """
        log: list[Entry] = report["log"]
        found = _differ("loads", self.loads, report["loads"])
        found += _differ("error shown", self.error, report["error"])
        if found:
            return found
        found += _compare(
            "evaluated", self.evaluated, _pairs(log, "evaluate", "number")
        )
        found += _compare("data", self.data, _pairs(log, "data", "number"))
        found += _compare("import() gave", self.got, _pairs(log, "get", "dep"))
        found += _compare("disposed", self.disposed, _pairs(log, "dispose", "number"))
        found += _compare(
            "pruned", self.pruned, [e["who"] for e in _only(log, "prune")]
        )
        found += self._differing_calls(log)
        if not found:
            found += _differ("bindings", self._bindings(), report["binds"])
            found += self._disorder(log)
        return found

    def _bindings(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for importer, bound in self.bound.items():
            found[importer] = {}
            for name, dep in bound.items():
                found[importer][name] = dep.id
                for item in dep.spec.imports:
                    if item.how.name == "EXPORT":
                        found[importer][f"{name}.{item.name}"] = dep.bound[item.name].id
        return found

    def _differing_calls(self, log: list[Entry]) -> list[str]:
        calls = Counter(
            Call(e["who"], e["kind"], e["number"], e["module"], tuple(e["deps"]))
            for e in _only(log, "call")
        )
        missing = Counter(self.calls) - calls
        extra = calls - Counter(self.calls) - Counter(self.optional)
        return [f"not called: {call}" for call in missing.elements()] + [
            f"called although nothing asks for it: {call}" for call in extra.elements()
        ]

    def _disorder(self, log: list[Entry]) -> list[str]:
        """Check what has to come before what."""
        place = {
            (e["what"], e["who"], e.get("kind"), e.get("number")): n
            for n, e in enumerate(log)
        }
        evaluated = {e["who"]: n for n, e in enumerate(log) if e["what"] == "evaluate"}
        first = {
            who: n
            for (what, who, _, _), n in reversed(place.items())
            if what == "dispose"
        }
        last = {who: n for (what, who, _, _), n in place.items() if what == "dispose"}
        prunes = {e["who"]: n for n, e in enumerate(log) if e["what"] == "prune"}
        found = []

        def expect(holds: bool, text: str) -> None:
            if not holds:
                found.append(f"order: {text}")

        for importer, bound in self.bound.items():
            for dep in bound.values():
                if dep.id in evaluated and not _reach(dep, importer):
                    expect(
                        evaluated[dep.id] < evaluated[importer],
                        f"{dep.id} is evaluated before its importer {importer}",
                    )
        names = {who.partition("#")[0] for who in evaluated}
        replaced = {w for w in last if w.partition("#")[0] in names}
        if evaluated:
            for who in replaced:
                expect(
                    last[who] < min(evaluated.values()) or who in self.let_go,
                    f"{who} is disposed of before anything is evaluated",
                )
        pairs = set(self.importers_first)
        for one, other in pairs:
            if one in last and other in first and (other, one) not in pairs:
                expect(last[one] < first[other], f"{one} is disposed of before {other}")
        calls = [(n, e) for n, e in enumerate(log) if e["what"] == "call"]
        if evaluated:
            for n, call in calls:
                expect(
                    n > max(evaluated.values()), f"{call['who']} is called at the end"
                )
        for (_, call_a), (_, call_b) in pairwise(calls):
            expect(
                (call_a["kind"] == "deps") >= (call_b["kind"] == "deps"),
                "callbacks for dependencies come first",
            )
            if (call_a["who"], call_a["kind"]) == (call_b["who"], call_b["kind"]):
                expect(call_a["number"] < call_b["number"], f"calls of {call_a['who']}")
        for who, n in prunes.items():
            expect(last.get(who, -1) < n, f"{who} is disposed of before it is pruned")
        for (what, who, _, number), n in place.items():
            if what == "dispose" and number:
                expect(place[what, who, None, number - 1] < n, f"disposals of {who}")
        return found


def _reach(start: Instance, goal: str) -> bool:
    """Tell whether an instance is in a circle with what it imports."""
    seen = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here.id == goal:
            return True
        if here.id not in seen:
            seen.add(here.id)
            waiting += here.bound.values()
    return False


def _only(log: list[Entry], what: str) -> list[Entry]:
    return [entry for entry in log if entry["what"] == what]


def _pairs(log: list[Entry], what: str, key: str) -> list[tuple[str, t.Any]]:
    return [(entry["who"], entry[key]) for entry in _only(log, what)]


def _differ(what: str, expected: object, actual: object) -> list[str]:
    if expected == actual:
        return []
    return [f"{what}: expected {expected}, got {actual}"]


def _compare(
    what: str, expected: t.Iterable[t.Any], actual: t.Iterable[t.Any]
) -> list[str]:
    wanted, found = Counter(expected), Counter(actual)
    return [f"not {what}: {item}" for item in (wanted - found).elements()] + [
        f"{what} although nothing asks for it: {item}"
        for item in (found - wanted).elements()
    ]
