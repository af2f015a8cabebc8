"""What pages without a socket are told: numbers, streams, and who is counted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from flask_hmr import feed as feeds
from flask_hmr.feed import Feed, Stream

DEADLINE = 30.0


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def feed(clock: Clock) -> Iterator[Feed]:
    feed = Feed(clock)
    yield feed
    feed.close()


def message(text: object) -> str:
    return json.dumps({"type": "custom", "event": text})


def told(feed: Feed, number: int, page: str = "a") -> list[object] | None:
    found = feed.since(number, page)
    return None if found is None else [json.loads(m)["event"] for m in found[1]]


def test_nothing_is_kept_before_somebody_asks(feed: Feed) -> None:
    assert feed.append(message(1)) == 0
    assert feed.mark() == 0
    feed.append(message(2))
    assert feed.mark() == 1
    assert told(feed, 0) == [2]


def test_what_came_after_a_number_is_told_in_order(feed: Feed) -> None:
    start = feed.mark()
    for number in range(5):
        feed.append(message(number))
    assert feed.since(start, "a") == (5, [message(n) for n in range(5)])
    assert told(feed, 3) == [3, 4]
    assert told(feed, 5) == []


def test_what_is_for_one_page_is_told_to_that_alone(feed: Feed) -> None:
    start = feed.mark()
    feed.append(message("all"))
    feed.append(message("b alone"), "b")
    assert told(feed, start, "a") == ["all"]
    assert told(feed, start, "b") == ["all", "b alone"]
    # It counts all the same: the next number is one that both have seen.
    assert feed.since(start, "a") == (2, [message("all")])


@pytest.mark.parametrize("number", [-1, 3, 10**30, None, "0", 0.0, [0], {}])
def test_a_number_that_never_was_is_not_known(feed: Feed, number: object) -> None:
    assert feed.mark() == 0
    feed.append(message(1))
    feed.append(message(2))
    assert feed.since(number, "a") is None


def test_the_oldest_messages_go_when_there_are_too_many(feed: Feed) -> None:
    assert feed.mark() == 0
    for number in range(feeds.MAX_ENTRIES + 1):
        feed.append(message(number))
    assert told(feed, 0) is None
    known = told(feed, 1)
    assert known is not None
    assert len(known) == feeds.MAX_ENTRIES


def test_the_oldest_messages_go_when_they_are_too_long(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MAX_SIZE", 100)
    assert feed.mark() == 0
    for number in range(3):
        feed.append(message(str(number) * 20))
    assert told(feed, 0) is None
    assert told(feed, 2) == ["2" * 20]
    # The last one is kept whatever its length.
    feed.append(message("x" * 1000))
    assert told(feed, 3) == ["x" * 1000]
    assert told(feed, 2) is None


def test_pages_that_asked_lately_are_counted(feed: Feed, clock: Clock) -> None:
    assert feed.mark() == 0
    feed.since(0, "a")
    feed.since(0, "b")
    feed.since(0, "a")
    assert feed.append(message(1)) == 2
    clock.now += feeds.FORGET_AFTER - 1
    feed.since(1, "b")
    assert feed.append(message(2)) == 2
    clock.now += 1
    assert feed.append(message(3)) == 1
    clock.now += feeds.FORGET_AFTER
    assert feed.append(message(4)) == 0


def test_no_more_pages_are_counted_than_there_is_room_for(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MAX_READERS", 3)
    assert feed.mark() == 0
    for name in "abcde":
        feed.since(0, name)
    assert feed.append(message(1)) == 3


# Streams


def events(data: bytes) -> list[tuple[int, str, object]]:
    """Read events as https://html.spec.whatwg.org/multipage/server-sent-events.html"""
    found = []
    for block in data.decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


def opened(feed: Feed, browser: str = "x", limit: int = 1) -> Stream:
    stream = feed.stream(browser, limit, "the session")
    assert stream is not None
    return stream


def test_a_stream_says_where_it_begins_and_brings_what_comes(feed: Feed) -> None:
    assert feed.mark() == 0
    feed.append(message("before"))
    stream = opened(feed)
    assert events(next(stream)) == [(1, "begin", {"session": "the session"})]
    feed.append(message("one"))
    feed.append(message("two\nlines\r\u2028"), "a")
    assert events(next(stream)) == [
        (2, "told", {"to": "", "message": json.loads(message("one"))}),
        (3, "told", {"to": "a", "message": json.loads(message("two\nlines\r\u2028"))}),
    ]


def test_a_stream_waits_and_gives_signs_of_life(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "PING", 0.01)
    stream = opened(feed)
    next(stream)
    assert next(stream).startswith(b":")
    monkeypatch.setattr(feeds, "PING", DEADLINE)
    thread = threading.Thread(target=feed.append, args=[message("late")])
    timer = threading.Timer(0.05, thread.start)
    timer.start()
    assert events(next(stream))[0][2] == {
        "to": "",
        "message": json.loads(message("late")),
    }
    timer.join()
    thread.join()


def test_there_are_no_more_streams_than_the_server_can_spare(feed: Feed) -> None:
    first = opened(feed, "one")
    assert feed.stream("two", 1, "s") is None
    assert feed.stream("two", 2, "s") is not None
    first.close()
    assert feed.stream("three", 2, "s") is not None
    assert feed.stream("four", 2, "s") is None


def test_a_browser_has_one_stream_only(feed: Feed) -> None:
    first = opened(feed)
    next(first)
    second = opened(feed)
    assert list(first) == []
    # That the first one ends takes nothing from the second.
    first.close()
    next(second)
    feed.append(message(1))
    assert len(events(next(second))) == 1


def test_a_stream_ends_with_the_feed(feed: Feed) -> None:
    stream = opened(feed)
    next(stream)
    threading.Timer(0.05, feed.close).start()
    assert list(stream) == []
    assert feed.stream("y", 9, "s") is None
    assert feed.append(message(1)) == 0


def test_a_stream_ends_when_the_server_is_about_to(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "LOOK", 0.01)
    ending = threading.Event()
    stream = feed.stream("x", 1, "s", ending.is_set)
    assert stream is not None
    next(stream)
    feed.append(message(1))
    assert len(events(next(stream))) == 1
    threading.Timer(0.05, ending.set).start()
    assert list(stream) == []
    # The place is free again.
    assert feed.stream("y", 1, "s") is not None


def test_a_stream_that_lags_too_far_behind_ends(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "MAX_ENTRIES", 2)
    stream = opened(feed)
    next(stream)
    for number in range(3):
        feed.append(message(number))
    assert list(stream) == []


def test_many_threads_lose_nothing(feed: Feed) -> None:
    start = feed.mark()
    streams = [opened(feed, f"browser {n}", 9) for n in range(3)]
    found: list[list[int]] = [[] for _ in streams]

    def read(stream: Stream, numbers: list[int]) -> None:
        next(stream)
        for data in stream:
            if not data.startswith(b":"):
                numbers += [number for number, _, _ in events(data)]
            if numbers and numbers[-1] == 400:
                return

    readers = [
        threading.Thread(target=read, args=pair)
        for pair in zip(streams, found, strict=True)
    ]
    writers = [
        threading.Thread(target=lambda: [feed.append(message(n)) for n in range(100)])
        for _ in range(4)
    ]
    for thread in (*readers, *writers):
        thread.start()
    for thread in (*writers, *readers):
        thread.join(DEADLINE)
    assert found == [list(range(start + 1, 401))] * 3
