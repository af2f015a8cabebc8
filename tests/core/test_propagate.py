"""Propagation by the text of the modules: a table, a slow model, and its costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_hmr.core.facts import Module
from flask_hmr.core.propagate import Outcome, propagate

Site = dict[str, Module]


def site(*lines: str) -> Site:
    """Modules in a short notation, one line each: ``"main: a b! c?"``.

    A mark after the module's own name says how it takes part: ``*`` accepts itself,
    ``-`` declines, ``~`` may accept when it runs. One after an import says how it is
    imported: ``!`` accepts it, ``?`` by a dynamic import.
    """
    marks: dict[str, str] = {}
    imports: dict[str, list[str]] = {}
    for line in lines:
        head, _, tail = line.partition(":")
        name = head.strip().rstrip("*-~")
        marks[name] = head.strip()[len(name) :]
        imports[name] = tail.split()
    return {name: _module(name, marks, imports) for name in marks}


def _module(name: str, marks: dict[str, str], imports: dict[str, list[str]]) -> Module:
    def importers(matches: Callable[[str], bool]) -> tuple[str, ...]:
        return tuple(
            importer
            for importer, targets in imports.items()
            if any(t.rstrip("!?") == name and matches(t) for t in targets)
        )

    return Module(
        url=name,
        version="2",
        previous="1",
        importers=importers(lambda target: not target.endswith("?")),
        dynamic_importers=importers(lambda target: target.endswith("?")),
        imports=tuple(target.rstrip("!?") for target in imports[name]),
        missing=False,
        accepts_self="*" in marks[name],
        may_accept="~" in marks[name],
        declines="-" in marks[name],
        accepted_by=frozenset(importers(lambda target: target.endswith("!"))),
        names={},
    )


CASES: dict[str, tuple[list[str], str, str, str]] = {
    # what: modules, changed, boundaries, dead end
    "accepts itself": (["main: a", "a*"], "a", "a", ""),
    "accepts itself, imported by nobody": (["a*"], "a", "a", ""),
    "nobody accepts": (["main: a", "a: b", "b"], "b", "", "b a main"),
    "imported by nobody": (["a"], "a", "", "a"),
    "the importer accepts itself": (["main: a", "a*: b", "b"], "b", "a", ""),
    "the importer accepts it": (["main: a!", "a"], "a", "main", ""),
    "what is below an accepted import": (["main: a!", "a: b", "b"], "b", "main", ""),
    "the importer accepts another": (["main: a b!", "a", "b"], "a", "", "a main"),
    "an accepted import is no acceptance of its own": (
        ["main: a!", "a"],
        "main",
        "",
        "main",
    ),
    "both forms, the nearest takes it": (["main: a!", "a*: b", "b"], "b", "a", ""),
    "both forms, by the listed import": (["main*: a!", "a"], "a", "main", ""),
    "several changed": (["main: a b", "a*", "b*"], "a b", "a b", ""),
    "one that is not known beside one that is": (["main: a", "a*"], "a x", "a", ""),
    "several changed, one of them for nobody": (
        ["main: a b", "a*", "b"],
        "a b",
        "a",
        "b main",
    ),
    # Declining
    "declined": (["main: a", "a-"], "a", "", "a"),
    "declined though it accepts": (["main: a", "a-*"], "a", "", "a"),
    "declined under an accepting importer": (["main*: a", "a-"], "a", "", "a"),
    "declined though the importer accepts it": (["main: a!", "a-"], "a", "", "a"),
    "declined on the way": (["main*: a", "a-: b", "b"], "b", "", "b a"),
    "declined above the boundary": (["main-: a", "a*: b", "b"], "b", "a", ""),
    "declined below the change": (["main*: a", "a: b", "b-"], "a", "main", ""),
    "the boundary of an import declines itself": (["main-: a!", "a"], "a", "main", ""),
    # Diamonds
    "a diamond under one boundary": (
        ["main*: a b", "a: c", "b: c", "c"],
        "c",
        "main",
        "",
    ),
    "a diamond with two boundaries": (
        ["main: a b", "a*: c", "b*: c", "c"],
        "c",
        "a b",
        "",
    ),
    "a diamond with one open side": (
        ["main: a b", "a*: c", "b: c", "c"],
        "c",
        "a",
        "c b main",
    ),
    "a diamond with one accepted side": (
        ["main: a! b", "a: c", "b: c", "c"],
        "c",
        "main",
        "c b main",
    ),
    "two entries": (["one*: a", "other: a", "a"], "a", "one", "a other"),
    # Dynamic importers
    "a dynamic importer accepts itself": (["main*: a?", "a"], "a", "main", ""),
    "a dynamic importer does not accept": (["main: a?", "a"], "a", "", "a main"),
    "a dynamic and a static importer": (["m*: a?", "n: a", "a"], "a", "m", "a n"),
    # Circles
    "a circle under a boundary": (["main*: a", "a: b", "b: a"], "b", "main", ""),
    "a circle under nobody": (["main: a", "a: b", "b: a"], "b", "", "b a main"),
    "a boundary inside a circle": (["main: a", "a*: b", "b: c", "c: a"], "c", "a", ""),
    "a boundary inside a circle, beside the way in": (
        ["main: a", "a: b", "b*: c", "c: a"],
        "c",
        "b",
        "",
    ),
    "a boundary inside a circle that is left elsewhere": (
        ["main: c", "a*: b", "b: c", "c: a"],
        "c",
        "a",
        "c main",
    ),
    "an accepted import inside a circle": (
        ["main: a", "a: b!", "b: a"],
        "b",
        "a",
        "",
    ),
    "a module that imports itself": (["main*: a", "a: a"], "a", "main", ""),
    "a module that accepts itself as an import": (["a: a!"], "a", "a", ""),
    # A way that only goes round ends nowhere.
    "a circle that nothing leads into": (["a: b", "b: a"], "a", "", "a"),
    "a circle beside a boundary": (
        ["main: a x", "a: main z", "x*: z", "z"],
        "z",
        "x",
        "z a",
    ),
    "a circle with a boundary, that nothing leads into": (
        ["a*: b", "b: c", "c: a"],
        "c",
        "a",
        "",
    ),
}


@pytest.mark.parametrize(
    ("modules", "changed", "boundaries", "dead_end"), CASES.values(), ids=CASES
)
def test_where_a_change_ends(
    modules: list[str], changed: str, boundaries: str, dead_end: str
) -> None:
    outcome = propagate(changed.split(), site(*modules).get)
    assert set(outcome.boundaries) == set(boundaries.split())
    assert len(outcome.boundaries) == len(set(outcome.boundaries))
    assert " ".join(outcome.dead_end) == dead_end


@pytest.mark.parametrize(
    ("modules", "changed", "certain"),
    [
        (["main: a", "a"], "a", True),
        (["main: a", "a*"], "a", True),
        (["main: a", "a~"], "a", False),
        (["main~: a", "a"], "a", False),
        # It may take an import besides those of which the text makes it certain.
        (["main: a", "a*~"], "a", False),
        # Beyond the boundary nobody is asked.
        (["main~: a", "a*"], "a", True),
        (["main~: a!", "a"], "a", True),
        (["main: a~ b", "a~", "b"], "b", True),
    ],
)
def test_it_is_certain_where_no_module_on_the_way_may_accept(
    modules: list[str], changed: str, certain: bool
) -> None:
    assert propagate(changed.split(), site(*modules).get).certain is certain


def test_no_change_ends_nowhere() -> None:
    assert propagate([], site("a").get) == Outcome((), (), True)


def test_a_module_that_is_not_known_ends_nothing() -> None:
    modules = site("main*: a", "a")
    assert propagate(["gone", "a"], modules.get) == Outcome(("main",), (), True)


def test_a_boundary_is_named_once() -> None:
    modules = site("main: a! b!", "a", "b: c", "c")
    assert propagate(["a", "b", "c"], modules.get).boundaries == ("main",)


# Against an obvious model

NAMES = "abcdef"


@st.composite
def sites(draw: st.DrawFn) -> Site:
    lines = []
    for name in NAMES:
        marks = draw(st.sampled_from(["", "", "", "*", "-", "~", "*-"]))
        targets = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
        ways = [t + draw(st.sampled_from(["", "", "!", "?"])) for t in targets]
        lines.append(f"{name}{marks}: {' '.join(ways)}")
    return site(*lines)


def ends(modules: Site, way: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Follow every way that visits no module twice, to where it ends.

    :return: pairs of the boundary, ``""`` at a dead end, and the way to it.
    """
    here = modules[way[-1]]
    if here.accepts_self and not here.declines:
        yield here.url, way
        return
    importers = {*here.importers, *here.dynamic_importers}
    if here.declines or not importers:
        yield "", way
        return
    for importer in importers:
        if importer in here.accepted_by:
            yield importer, way
        elif importer not in way:
            yield from ends(modules, (*way, importer))


def on_the_way(modules: Site, way: tuple[str, ...]) -> set[str]:
    """Every module that is asked whether it takes the change."""
    here = modules[way[-1]]
    found = {here.url}
    if here.declines or here.accepts_self:
        return found
    for importer in {*here.importers, *here.dynamic_importers}:
        if importer not in here.accepted_by and importer not in way:
            found |= on_the_way(modules, (*way, importer))
    return found


@settings(max_examples=300)
@given(sites(), st.sets(st.sampled_from(NAMES), min_size=1))
def test_it_finds_what_trying_every_way_finds(modules: Site, changed: set[str]) -> None:
    outcome = propagate(sorted(changed), modules.get)
    all_ends = [end for url in changed for end in ends(modules, (url,))]
    dead_ends = {way for boundary, way in all_ends if not boundary}
    assert set(outcome.boundaries) == {b for b, _ in all_ends if b}
    asked = {u for url in changed for u in on_the_way(modules, (url,))}
    assert outcome.certain is not any(modules[url].may_accept for url in asked)
    # Those from which every way only goes round.
    lost = {url for url in asked if not any(ends(modules, (url,)))}
    if dead_ends:
        assert outcome.dead_end in dead_ends
    elif lost:
        assert outcome.dead_end[0] in changed
        assert outcome.dead_end[-1] in lost
    else:
        assert not outcome.dead_end


# Its costs


def lookups(modules: Site, changed: list[str]) -> int:
    """Count how often propagation looks something up."""
    count = 0

    def look(url: str) -> Module | None:
        nonlocal count
        count += 1
        return modules.get(url)

    propagate(changed, look)
    return count


def chain(n: int) -> Site:
    return site(*(f"m{i}: m{i + 1}" for i in range(n)), f"m{n}")


def ladder(n: int) -> Site:
    """Two to the power of ``n`` ways from the bottom to the top."""
    steps = (f"l{i}: l{i + 1} r{i + 1}" for i in range(n))
    others = (f"r{i}: l{i + 1} r{i + 1}" for i in range(n))
    return site(*steps, *others, f"l{n}", f"r{n}")


def clique(n: int) -> Site:
    """Modules that all import each other."""
    names = [f"m{i}" for i in range(n)]
    return site(*(f"{name}: {' '.join(names)}" for name in names))


@pytest.mark.parametrize(
    ("make", "bottom"),
    [(chain, "m{}"), (ladder, "l{}"), (clique, "m0")],
    ids=["chain", "ladder", "clique"],
)
def test_each_module_is_looked_up_once(
    make: Callable[[int], Site], bottom: str
) -> None:
    for n in (30, 60):
        modules = make(n)
        changed = [bottom.format(n)]
        assert lookups(modules, changed) <= len(modules)
        assert lookups(modules, list(modules)) <= len(modules)


def test_a_long_chain_is_no_deep_recursion() -> None:
    modules = {
        f"m{i}": Module(
            url=f"m{i}",
            version="2",
            previous="1",
            importers=(f"m{i - 1}",) if i else (),
            dynamic_importers=(),
            imports=(f"m{i + 1}",),
            missing=False,
            accepts_self=False,
            may_accept=False,
            declines=False,
            accepted_by=frozenset(),
            names={},
        )
        for i in range(20_000)
    }
    outcome = propagate(["m19999"], modules.get)
    assert len(outcome.dead_end) == 20_000
