"""The module graph: versions, changes, and what pages are told of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_hmr.core.facts import OPAQUE, Edge, Facts, Kind
from flask_hmr.core.graph import ModuleGraph
from flask_hmr.core.versions import same_content


def file(text: str = "", *imports: str, **more: Any) -> Facts:
    """A file with some content that imports others: ``"b"``, ``"b!"`` accepts it."""
    edges = tuple(
        Edge(name.rstrip("!?"), dynamic=name.endswith("?"), accepted=name.endswith("!"))
        for name in imports
    )
    more.setdefault("modified", b"1")
    return Facts(Kind.FILE, text.encode(), edges=edges, **more)


def graph_of(**modules: Facts) -> ModuleGraph:
    graph = ModuleGraph()
    graph.record(modules)
    graph.versions(modules)
    return graph


def edit(graph: ModuleGraph, url: str, **changes: Any) -> Any:
    facts = graph.facts(url)
    assert facts is not None
    return graph.apply({url: replace(facts, **changes)})


def chain() -> ModuleGraph:
    return graph_of(main=file("m", "mid"), mid=file("i", "leaf"), leaf=file("l"))


def test_above_a_module_are_all_that_import_it_past_every_boundary() -> None:
    graph = graph_of(
        main=file("m", "box"),
        box=file("b", "leaf", accepts_self=True),
        late=file("l", "leaf?"),
        loop=file("o", "late", "loop"),
        leaf=file("l"),
        other=file("o", "main"),
    )
    assert graph.above(["leaf"]) == {"leaf", "box", "main", "other", "late", "loop"}
    assert graph.above(["other", "unknown"]) == {"other"}


def test_what_leads_to_a_change_is_all_on_the_ways_down() -> None:
    graph = graph_of(
        main=file("m", "mid", "side"),
        mid=file("i", "box"),
        box=file("b", "leaf", accepts_self=True),
        side=file("s"),
        late=file("l", "leaf"),
        leaf=file("f"),
    )
    before = graph.seq
    edit(graph, "leaf", content=b"new")
    assert graph.leading(["main"], before) == {"main", "mid", "box", "leaf"}
    assert graph.leading(["side"], before) == set()
    assert graph.leading(["unknown"], before) == set()
    assert graph.leading(["main"], graph.seq) == set()


def test_everything_leads_to_a_change_that_is_not_known_any_more() -> None:
    graph = graph_of(main=file("m", "side"), side=file("s"))
    assert graph.leading(["main"], graph.seq + 1) == {"main", "side"}


# Versions


def test_a_change_gives_new_versions_up_to_the_entry() -> None:
    graph = chain()
    before = graph.versions(["main", "mid", "leaf"])
    change = edit(graph, "leaf", content=b"new")
    after = graph.versions(["main", "mid", "leaf"])
    assert all(before[url] != after[url] for url in before)
    assert set(change.affected) == {"main", "mid", "leaf"}
    assert change.changed == ("leaf",)
    assert {u: m.previous for u, m in change.affected.items()} == before


def test_a_change_leaves_what_is_below_and_beside_alone() -> None:
    graph = graph_of(
        main=file("m", "a", "b"), a=file("a", "shared"), b=file("b"), shared=file("s")
    )
    before = graph.versions(["b", "shared"])
    assert set(edit(graph, "a", content=b"new").affected) == {"a", "main"}
    assert graph.versions(["b", "shared"]) == before


def test_a_boundary_does_not_hand_its_version_on() -> None:
    graph = graph_of(
        main=file("m", "box"), box=file("b", "leaf", accepts_self=True), leaf=file("l")
    )
    assert set(edit(graph, "leaf", content=b"new").affected) == {"leaf", "box"}


def test_an_accepted_import_does_not_hand_its_version_on() -> None:
    graph = graph_of(
        main=file("m", "a!", "b"), a=file("a", "leaf"), b=file("b"), leaf=file("l")
    )
    assert set(edit(graph, "leaf", content=b"new").affected) == {"leaf", "a"}
    assert set(edit(graph, "b", content=b"new").affected) == {"b", "main"}


def test_a_boundary_that_stops_accepting_changes_its_importers() -> None:
    graph = graph_of(main=file("m", "box"), box=file("b", accepts_self=True))
    change = edit(graph, "box", content=b"new", accepts_self=False)
    assert set(change.affected) == {"box", "main"}
    change = edit(graph, "box", content=b"newer", accepts_self=True)
    assert set(change.affected) == {"box", "main"}
    assert set(edit(graph, "box", content=b"newest").affected) == {"box"}


def test_a_version_does_not_come_back_when_a_module_accepts_again() -> None:
    graph = graph_of(
        main=file("m", "mid"),
        mid=file("i", "box"),
        box=file("b", accepts_self=True),
    )
    seen = {url: [graph.versions([url])[url]] for url in ("main", "mid")}
    for accepts in (False, True, False, True):
        edit(
            graph, "box", modified=str(len(seen["mid"])).encode(), accepts_self=accepts
        )
        for url, versions in seen.items():
            versions.append(graph.versions([url])[url])
    for versions in seen.values():
        assert len(set(versions)) == 5


def test_modules_in_a_circle_change_together() -> None:
    graph = graph_of(
        main=file("m", "a"), a=file("a", "b"), b=file("b", "c"), c=file("c", "a")
    )
    for url in "abc":
        change = edit(graph, url, content=url.encode() * 2)
        assert set(change.affected) == {"main", "a", "b", "c"}


def test_versions_do_not_depend_on_the_order_of_recording() -> None:
    modules = {
        "main": file("m", "a", "b"),
        "a": file("a", "b", "c"),
        "b": file("b", "c"),
        "c": file("c", "b"),
    }
    expected = graph_of(**modules).versions(modules)
    for order in (list(modules), list(modules)[::-1], ["b", "main", "c", "a"]):
        graph = ModuleGraph()
        for url in order:
            graph.record({url: modules[url]})
        assert graph.versions(order) == expected


def test_versions_depend_on_the_runtime_that_modules_refer_to() -> None:
    one, other = ModuleGraph(b"1"), ModuleGraph(b"2")
    one.record({"a": file("a")})
    other.record({"a": file("a")})
    assert one.versions(["a"]) != other.versions(["a"])


def test_a_touched_file_gets_a_version_with_the_same_content() -> None:
    graph = chain()
    before = graph.versions(["main"])["main"]
    change = edit(graph, "leaf", modified=b"2")
    after = graph.versions(["main"])["main"]
    assert before is not None
    assert after is not None
    assert before != after
    assert same_content(before, after)
    assert change.changed == ()
    assert set(change.affected) == {"main", "mid", "leaf"}


def test_going_back_to_earlier_content_gives_a_third_version() -> None:
    graph = chain()
    seen = {graph.versions(["main"])["main"]}
    edit(graph, "leaf", content=b"new", modified=b"2")
    seen.add(graph.versions(["main"])["main"])
    edit(graph, "leaf", content=b"l", modified=b"3")
    seen.add(graph.versions(["main"])["main"])
    assert len(seen) == 3


def test_what_is_below_a_dynamic_import_is_not_the_importers_content() -> None:
    graph = graph_of(main=file("m", "lazy?"), lazy=file("z"))
    held = {"main": graph.versions(["main"])["main"] or ""}
    change = edit(graph, "lazy", content=b"new")
    after = graph.versions(["main"])["main"] or ""
    assert set(change.affected) == {"main", "lazy"}
    assert after != held["main"]
    assert same_content(after, held["main"])
    # So a page that never loaded it has missed nothing.
    assert graph.compare(held).changed == ()


def test_the_same_facts_are_no_change() -> None:
    graph = chain()
    facts = graph.facts("leaf")
    assert facts is not None
    change = graph.apply({"leaf": facts})
    assert not change
    assert graph.seq == 0


def test_what_is_no_file_has_no_version() -> None:
    graph = graph_of(
        main=file("m", "view", "gone"), view=OPAQUE, gone=Facts(Kind.MISSING)
    )
    versions = graph.versions(["main", "view", "gone", "unheard"])
    assert versions["main"] is not None
    assert versions["view"] is None
    assert versions["gone"] is None
    assert "unheard" not in versions


def test_a_file_that_appears_changes_its_importers() -> None:
    graph = graph_of(main=file("m", "gone"), gone=Facts(Kind.MISSING))
    change = graph.apply({"gone": file("here")})
    assert change.changed == ("gone",)
    assert set(change.affected) == {"main", "gone"}


def test_a_file_that_vanishes_is_named_with_its_importer() -> None:
    graph = chain()
    change = graph.apply({"leaf": Facts(Kind.MISSING)})
    assert change.affected["leaf"].missing
    assert change.affected["leaf"].importers == ("mid",)


# Is the text of a module a function of its version?


@pytest.mark.parametrize(
    ("facts", "fixed"),
    [
        (file("m"), True),
        (file("m", "plain"), True),
        (file("m", "box"), False),
        (file("m", "plain!"), False),
        (OPAQUE, False),
    ],
)
def test_text_that_names_a_boundary_is_not_fixed(facts: Facts, fixed: bool) -> None:
    graph = graph_of(main=facts, plain=file("p"), box=file("b", accepts_self=True))
    assert graph.fixed("main") is fixed


# What is still to be read


def test_the_frontier_is_what_nobody_has_read() -> None:
    graph = ModuleGraph()
    assert graph.frontier(["main"]) == ["main"]
    graph.record({"main": file("m", "a", "b"), "a": file("a", "c")})
    assert sorted(graph.frontier(["main"])) == ["b", "c"]
    graph.record({"b": file("b"), "c": file("c")})
    assert graph.frontier(["main"]) == []
    assert graph.frontier(["main"]) == []


def test_recording_leaves_known_modules_alone() -> None:
    graph = chain()
    graph.record({"leaf": file("other")})
    facts = graph.facts("leaf")
    assert facts is not None
    assert facts.content == b"l"


# Files


def test_modules_are_found_by_their_files() -> None:
    graph = graph_of(a=file("a", paths=("/p/a.js", "/real/a.js")), b=OPAQUE)
    assert graph.urls_at("/p/a.js") == graph.urls_at("/real/a.js") == ("a",)
    assert graph.urls_below("/p", "/") == ("a",)
    assert graph.urls_below("/", "/") == ("a",)
    assert graph.urls_below("/p/a", "/") == ()
    graph.apply({"a": file("a", paths=("/moved/a.js",))})
    assert graph.files() == {"/moved/a.js": ("a",)}


# Changes that pages missed


def test_several_changes_are_told_as_one() -> None:
    graph = graph_of(main=file("m", "a", "b"), a=file("a"), b=file("b"))
    before = graph.versions(["main"])["main"]
    edit(graph, "a", content=b"new")
    edit(graph, "b", content=b"new")
    change = graph.since(0)
    assert change is not None
    assert change.changed == ("a", "b")
    assert change.seq == 2
    assert change.affected["main"].previous == before


def test_nothing_happened_since_the_last_change() -> None:
    graph = chain()
    edit(graph, "leaf", content=b"new")
    change = graph.since(graph.seq)
    assert change is not None
    assert not change


@pytest.mark.parametrize("seq", [-1, 5])
def test_a_number_that_never_was_is_not_known(seq: int) -> None:
    assert chain().since(seq) is None


def test_a_page_that_holds_the_present_versions_missed_nothing() -> None:
    graph = chain()
    held = {u: v or "" for u, v in graph.versions(["main", "leaf"]).items()}
    assert not graph.compare(held)


def test_a_page_of_another_process_learns_what_differs() -> None:
    old, new = chain(), chain()
    held = {u: v or "" for u, v in old.versions(["main"]).items()}
    edit(new, "leaf", content=b"new")
    change = new.compare(held)
    assert change.changed == ("main",)
    assert change.affected["main"].previous == held["main"]


def test_a_file_touched_while_the_server_was_down_is_no_change() -> None:
    old, new = chain(), chain()
    held = {u: v or "" for u, v in old.versions(["main"]).items()}
    edit(new, "leaf", modified=b"2")
    change = new.compare(held)
    assert change.changed == ()
    assert set(change.affected) == {"main"}


def test_versions_that_mean_nothing_here_are_ignored() -> None:
    assert not chain().compare({"/nowhere.js": "0123456789abcdef"})


# What loses an importer


def test_what_is_not_known_hides_nothing_that_is() -> None:
    change = chain().compare({"unknown": "0" * 16, "leaf": "0" * 16})
    assert change.changed == ("leaf",)


def test_a_page_that_holds_a_part_learns_what_is_above_it() -> None:
    graph = ModuleGraph()
    graph.record(
        {"main": file("m", "mid"), "mid": file("i", "leaf"), "leaf": file("l")}
    )
    # Nobody has asked for their versions.
    change = graph.compare({"leaf": "0" * 16})
    assert change.changed == ("leaf",)
    assert {url: module.version for url, module in change.affected.items()} == (
        graph.versions(["leaf", "mid", "main"])
    )
    assert change.affected["leaf"].previous == "0" * 16
    assert change.affected["main"].previous is None


def test_a_dropped_import_is_told_with_what_is_below_it() -> None:
    graph = graph_of(
        main=file("m", "a", "b"), a=file("a", "deep"), b=file("b"), deep=file("d")
    )
    change = edit(graph, "main", content=b"n", edges=(Edge("b"),))
    assert set(change.orphans) == {"a", "deep"}
    assert change.orphans["a"].importers == ()
    assert change.orphans["deep"].importers == ("a",)


# New versions without a changed file


def test_a_renewed_module_has_a_new_version_of_the_same_content() -> None:
    graph = chain()
    before = graph.versions(["main", "mid", "leaf"])
    change = graph.renew(["mid"])
    after = graph.versions(["main", "mid", "leaf"])
    assert change.changed == ()
    assert set(change.affected) == {"mid", "main"}
    assert after["leaf"] == before["leaf"]
    assert after["mid"] != before["mid"]
    assert same_content(str(after["mid"]), str(before["mid"]))


def test_renewing_what_is_not_known_does_nothing() -> None:
    assert not chain().renew(["/nowhere.js"])


# Against an obvious model

NAMES = "abcdef"


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Facts]]:
    def facts() -> Facts:
        targets = draw(st.lists(st.sampled_from(NAMES), max_size=3, unique=True))
        edges = tuple(Edge(t, accepted=draw(st.booleans())) for t in targets)
        content = draw(st.sampled_from([b"1", b"2", b"3"]))
        modified = draw(st.sampled_from([b"1", b"2"]))
        kind = draw(st.sampled_from([Kind.FILE] * 6 + [Kind.MISSING, Kind.OPAQUE]))
        if kind is not Kind.FILE:
            return Facts(kind)
        accepts = draw(st.sampled_from([False, False, True]))
        # What a file says follows from its content.
        content += repr((edges, accepts)).encode()
        return Facts(kind, content, modified, edges, accepts_self=accepts)

    first = {name: facts() for name in NAMES}
    changes = draw(st.integers(0, 5))
    rest = [
        {name: facts() for name in draw(st.sets(st.sampled_from(NAMES), min_size=1))}
        for _ in range(changes)
    ]
    return [first, *rest]


def reach(state: dict[str, Facts], url: str) -> set[str]:
    """What a module's version stands for: all it reaches without a boundary."""
    seen: set[str] = set()
    waiting = [url]
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            for edge in state[here].edges:
                if not edge.accepted and not state[edge.url].accepts_self:
                    waiting.append(edge.url)
    return seen


@settings(max_examples=300, deadline=None)
@given(histories())
def test_versions_change_exactly_with_what_they_stand_for(
    history: list[dict[str, Facts]],
) -> None:
    graph = ModuleGraph()
    graph.record(history[0])
    graph.versions(NAMES)
    state = dict(history[0])
    for changes in history[1:]:
        before = graph.versions(NAMES)
        old = {url: [(u, state[u]) for u in sorted(reach(state, url))] for url in NAMES}
        change = graph.apply(changes)
        state.update(changes)
        after = graph.versions(NAMES)
        new = {url: [(u, state[u]) for u in sorted(reach(state, url))] for url in NAMES}
        for url in NAMES:
            if old[url] == new[url]:
                assert before[url] == after[url]
            elif state[url].kind is Kind.FILE:
                assert before[url] != after[url]
        moved = {url for url in NAMES if before[url] != after[url]}
        assert moved | set(change.changed) == set(change.affected)
    fresh = ModuleGraph()
    fresh.record(state)
    # They follow from files, but for those that must not come back.
    fresh.versions(NAMES)
    fresh.adopt(graph.salts(NAMES))
    assert fresh.versions(NAMES) == graph.versions(NAMES)
