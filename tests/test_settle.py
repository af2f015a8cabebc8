"""When paths are handed over, and which go together, by a clock made of numbers."""

from __future__ import annotations

import os
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_hmr.settle import Settling, Sign, Stamp

CREATED, WRITTEN, COMPLETE = Sign.CREATED, Sign.WRITTEN, Sign.COMPLETE
TOUCHED, CHANGED, GONE = Sign.TOUCHED, Sign.CHANGED, Sign.GONE

FULL = Stamp(10, 1, 1)
EMPTY = Stamp(0, 1, 1)


class Play:
    """Plays events to a Settling and records what it hands over, and when."""

    def __init__(self) -> None:
        self.settling = Settling(settle=0.030, breath=0.002, patience=2.0)
        self.now = 0.0
        self.looks: dict[str, Stamp | None] = {}
        self.batches: list[tuple[float, set[str]]] = []

    def note(self, path: str, sign: Sign) -> None:
        looked = sign in (CREATED, CHANGED)
        stamp = self.looks.get(path, FULL) if looked else None
        self.settling.note(path, sign, self.now, stamp)

    def go_to(self, end: float) -> None:
        """Let time pass, doing what is due on the way."""
        while True:
            deadline = self.settling.deadline()

            if deadline is None or deadline > end:
                break

            self.now = max(self.now, deadline)

            for path in self.settling.questions(self.now):
                self.settling.answer(path, self.looks.get(path, FULL), self.now)

            batch = self.settling.take(self.now)

            if batch:
                self.batches.append((round(self.now, 3), set(batch)))

        self.now = max(self.now, end)


def play(*events: tuple[float, str, Sign], until: float = 10.0) -> Play:
    """Play (time, path, sign) events and let the dust settle."""
    played = Play()

    for when, path, sign in events:
        played.go_to(when)
        played.note(path, sign)

    played.go_to(until)
    return played


Rows = list[tuple[float, str, Sign]]


@pytest.mark.parametrize(
    ("events", "batches"),
    [
        pytest.param(
            [(0.0, "a", WRITTEN), (0.001, "a", COMPLETE)],
            [(0.003, {"a"})],
            id="a save goes out a breath after it was closed",
        ),
        pytest.param(
            [(0.0, "a", COMPLETE)],
            [(0.002, {"a"})],
            id="a file moved into place is complete",
        ),
        pytest.param(
            [(0.0, "a", TOUCHED)],
            [(0.002, {"a"})],
            id="a touched file is handed over",
        ),
        pytest.param(
            [(0.0, "a", WRITTEN), (0.001, "a", TOUCHED), (0.5, "a", COMPLETE)],
            [(0.502, {"a"})],
            id="touching a file does not finish writing it",
        ),
        pytest.param(
            [(0.0, "a", WRITTEN), (1.5, "a", WRITTEN), (3.0, "a", COMPLETE)],
            [(3.002, {"a"})],
            id="a slow writer is waited for",
        ),
        pytest.param(
            [(0.0, "a", WRITTEN)],
            [(2.03, {"a"})],
            id="a file that nobody closes is taken in the end",
        ),
        pytest.param(
            [(0.0, "a", COMPLETE), (0.001, "a", WRITTEN), (0.1, "a", COMPLETE)],
            [(0.16, {"a"})],
            id="a file written again before it went out goes out once, at rest",
        ),
        pytest.param(
            [
                (0.0, "a", COMPLETE),
                (0.0, "a", COMPLETE),
                (0.02, "a", WRITTEN),
                (0.021, "a", COMPLETE),
            ],
            [(0.081, {"a"})],
            id="a file closed twice before it went out may be written in parts",
        ),
        pytest.param(
            [(0.0, "a", COMPLETE), (0.001, "a", GONE), (0.002, "a", COMPLETE)],
            [(0.004, {"a"})],
            id="a file put back before it went out is complete",
        ),
        pytest.param(
            [(0.0, "a", CREATED), (0.001, "a", WRITTEN), (0.002, "a", COMPLETE)],
            [(0.004, {"a"})],
            id="a new file goes out when it is closed",
        ),
        pytest.param(
            [(0.0, "a", CREATED)],
            [(0.03, {"a"})],
            id="a new file with content that nobody closes is soon taken",
        ),
        pytest.param(
            [(0.0, "a", GONE)],
            [(0.03, {"a"})],
            id="a deletion waits whether the name comes back",
        ),
        pytest.param(
            [(0.0, "a", GONE), (0.01, "a", COMPLETE)],
            [(0.012, {"a"})],
            id="a name that comes back is no deletion",
        ),
        pytest.param(
            [
                (0.0, "a", GONE),
                (0.0, "a~", COMPLETE),
                (0.0, "a", CREATED),
                (0.0, "a", WRITTEN),
                (0.001, "a", COMPLETE),
                (0.001, "a~", GONE),
            ],
            [(0.003, {"a"}), (0.031, {"a~"})],
            id="a save by way of a backup does not wait for the backup",
        ),
        pytest.param(
            [(0.0, "a", CHANGED), (0.02, "a", CHANGED)],
            [(0.05, {"a"})],
            id="where nothing is announced a path has to be quiet",
        ),
        pytest.param(
            [(0.0, "a", CHANGED), (0.002, "b", CHANGED), (0.004, "c", CHANGED)],
            [(0.034, {"a", "b", "c"})],
            id="quiet paths that changed together go together",
        ),
        pytest.param(
            [(0.0, "a", WRITTEN), (0.001, "a", CHANGED), (0.1, "a", COMPLETE)],
            [(0.102, {"a"})],
            id="a guess does not overrule what will be announced",
        ),
        pytest.param(
            [(0.001 * i, f"f{i}", COMPLETE) for i in range(500)],
            [(0.535, {f"f{i}" for i in range(500)})],
            id="a checkout is one batch",
        ),
        pytest.param(
            [
                *((0.001 * i, f"f{i}", COMPLETE) for i in range(20)),
                *((0.001 * i, f"g{i}", GONE) for i in range(20)),
            ],
            [(0.055, {f"{x}{i}" for i in range(20) for x in "fg"})],
            id="deletions in a checkout are in the same batch",
        ),
        pytest.param(
            [
                (0.0, "a", WRITTEN),
                (0.0, "b", WRITTEN),
                (0.001, "a", COMPLETE),
                (0.02, "b", COMPLETE),
            ],
            [(0.038, {"a", "b"})],
            id="files written at the same time go together",
        ),
        pytest.param(
            [(0.0, "log", WRITTEN), (0.01, "a", COMPLETE), (1.0, "log", COMPLETE)],
            [(0.03, {"a"}), (1.002, {"log"})],
            id="a file being written holds others for a moment only",
        ),
        pytest.param(
            [
                (0.0, "log", WRITTEN),
                *((0.5 + 0.001 * i, "log", WRITTEN) for i in range(100)),
                (0.6, "a", COMPLETE),
                (0.601, "log", WRITTEN),
                (0.7, "log", COMPLETE),
            ],
            [(0.602, {"a"}), (0.702, {"log"})],
            id="a file that is written all the time holds nothing",
        ),
    ],
)
def test_paths_go_out_when_they_are_at_rest(events: Rows, batches):
    assert play(*sorted(events, key=lambda row: row[0])).batches == batches


def test_a_batch_that_was_held_waits_for_what_belongs_to_it():
    settling = Settling(settle=0.030, breath=0.002)
    for path in ("a", "b", "c"):
        settling.note(path, COMPLETE, 0.0)
    # Something tells for long that more is to come, and then one is saved again.
    for now in (0.5, 1.0, 1.5):
        settling.hold(now)
    settling.note("c", COMPLETE, 1.5)

    assert settling.take(1.502) == frozenset()
    for path in settling.questions(1.535):
        settling.answer(path, FULL, 1.535)
    for path in settling.questions(1.570):
        settling.answer(path, FULL, 1.570)
    assert settling.take(1.6) == {"a", "b", "c"}


def test_a_steady_stream_of_events_does_not_hold_a_save_for_ever():
    stream = [(0.001 * i, f"log{i % 2}", COMPLETE) for i in range(1, 1000)]

    played = play((0.0, "a", COMPLETE), *stream)

    when, batch = played.batches[0]
    assert "a" in batch
    assert when <= 0.110


def test_an_empty_new_file_is_given_time_to_be_filled():
    played = Play()
    played.looks["a"] = EMPTY
    played.note("a", CREATED)
    played.go_to(1.9)

    assert played.batches == []
    assert "a" in played.settling

    played.go_to(10)

    assert [batch for _, batch in played.batches] == [{"a"}]


def test_an_emptied_file_is_given_some_time_where_nothing_is_announced():
    played = Play()
    played.looks["a"] = EMPTY
    played.note("a", CHANGED)
    played.go_to(0.2)

    assert played.batches == []

    played.looks["a"] = FULL
    played.go_to(0.3)

    assert [batch for _, batch in played.batches] == [{"a"}]


def test_a_file_that_looks_different_each_time_is_not_at_rest():
    played = Play()
    played.note("a", CHANGED)

    for size in range(20):
        played.looks["a"] = Stamp(size + 1, size, 1)
        played.go_to(played.now + 0.030)

    assert played.batches == []

    played.go_to(played.now + 0.1)

    assert [batch for _, batch in played.batches] == [{"a"}]


def test_a_file_that_vanished_without_a_word_is_handed_over():
    played = Play()
    played.note("a", CHANGED)
    played.looks["a"] = None
    played.go_to(1)

    assert [batch for _, batch in played.batches] == [{"a"}]


def test_a_folder_that_was_replaced_waits_for_the_files_being_written_in_it():
    inside = os.path.join("dist", "a.js")

    played = play((0.0, "dist", GONE), (0.01, inside, WRITTEN), (0.2, inside, COMPLETE))

    assert [batch for when, batch in played.batches if when < 0.2] == []
    assert set.union(*(batch for _, batch in played.batches)) == {"dist", inside}


def test_a_path_is_in_it_until_its_batch_is_taken():
    settling = Settling()
    settling.note("a", WRITTEN, 0.0)
    assert "a" in settling
    settling.note("a", COMPLETE, 1.0)
    assert "a" in settling
    assert settling.take(1.5) == {"a"}
    assert "a" not in settling
    assert len(settling) == 0
    assert settling.deadline() is None


def test_rows_of_writes_to_one_file_do_not_pile_up():
    settling = Settling()

    for i in range(10_000):
        settling.note("a", WRITTEN, i / 1000)

    assert len(settling._looks) == 1


# Any events whatever, at any pace.
PATHS = ["a", "b", "d", os.path.join("d", "e"), "f"]
STORIES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0005, 0.002, 0.01, 0.029, 0.031, 0.1, 0.5]),
        st.sampled_from(PATHS),
        st.sampled_from(list(Sign)),
        st.sampled_from([None, EMPTY, FULL, Stamp(11, 2, 1)]),
    ),
    max_size=60,
)


class Teller(t.NamedTuple):
    """The outcome of a story."""

    last_heard: dict[str, int]
    last_taken: dict[str, int]
    taken_in_writing: list[str]


def tell(story) -> Teller:
    played = Play()
    last_heard: dict[str, int] = {}
    last_taken: dict[str, int] = {}
    in_writing: dict[str, float] = {}
    broken: list[str] = []

    def collect(step: int) -> None:
        for when, batch in played.batches:
            for path in batch:
                last_taken[path] = step

                # After the patience has run out a file is taken, written or not.
                if when + 0.001 < in_writing.get(path, 0.0):
                    broken.append(path)

        played.batches.clear()

    for step, (pause, path, sign, look) in enumerate(story):
        played.go_to(played.now + pause)
        collect(step)
        played.looks[path] = look
        played.note(path, sign)
        last_heard[path] = step

        if sign is WRITTEN:
            in_writing[path] = played.now + played.settling.patience
        elif sign in (COMPLETE, GONE, CREATED, Sign.EMPTIED, Sign.FOLDER):
            in_writing.pop(path, None)

    played.go_to(played.now + 60)
    collect(len(story))
    assert len(played.settling) == 0
    return Teller(last_heard, last_taken, broken)


@given(STORIES)
def test_no_path_is_ever_lost(story):
    told = tell(story)

    for path, step in told.last_heard.items():
        assert told.last_taken[path] > step


@given(STORIES)
def test_no_path_is_handed_over_while_it_is_written(story):
    assert tell(story).taken_in_writing == []
