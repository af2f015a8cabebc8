"""What the server makes of console messages, whatever a page sends."""

from __future__ import annotations

import logging
import typing as t

import pytest

from flask_hmr.config import Config
from flask_hmr.page_console import MAX_LENGTH, MAX_ROWS, RATE, PageConsole, harmless
from flask_hmr.values import ConfigError

ORIGIN = "http://localhost:5000"
LEVELS = ("debug", "log", "info", "warn", "error")


class Terminal:
    """A console with a clock that a test sets, and what it has written."""

    def __init__(self, caplog: pytest.LogCaptureFixture, *levels: str) -> None:
        self.now = 0.0
        self.pages = 1
        self._caplog = caplog
        self._console = PageConsole(
            levels or LEVELS,
            {"/static/a.js": "/app/static/a.js"}.get,
            lambda: self.pages,
            lambda: self.now,
        )

    def take(self, *lines: object, **more: t.Any) -> list[str]:
        """Hand lines over; return what is written."""
        self._caplog.clear()
        message = {"type": "console", "page": "/", "name": "x", "lines": [*lines]}
        self._console.take({**message, **more}, ORIGIN)
        return [record.getMessage() for record in self._caplog.records]


@pytest.fixture
def terminal(caplog: pytest.LogCaptureFixture) -> Terminal:
    caplog.set_level(logging.DEBUG, "flask_hmr.console")
    return Terminal(caplog)


def log(text: object, **more: object) -> dict[str, object]:
    return {"level": "log", "text": text, **more}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (f"{ORIGIN}/static/a.js?m=0123456789abcdef", "/app/static/a.js:3:7"),
        (f"{ORIGIN}/other.js", "/other.js:3:7"),
        ("https://cdn.example/lib.js", "https://cdn.example/lib.js:3:7"),
        ("blob:null/\x1b[2J", r"blob:null/\x1b[2J:3:7"),
    ],
)
def test_a_place_is_that_of_the_file_where_that_is_known(
    terminal: Terminal, url: str, place: str
) -> None:
    line = log("a", file=url, line=3, column=7)
    assert terminal.take(line) == [f"[console.log] a ({place})"]


BAD = [
    None,
    7,
    [],
    {},
    {"level": "log"},
    {"level": "log", "text": 7},
    {"level": "table", "text": "x"},
    {"level": ["log"], "text": "x"},
]


@pytest.mark.parametrize("line", BAD, ids=repr)
def test_what_is_no_message_is_passed_over(terminal: Terminal, line: object) -> None:
    assert terminal.take(line, log("good")) == ["[console.log] good"]


@pytest.mark.parametrize(
    "more",
    [
        {"lines": "text"},
        {"lines": None, "left": "7"},
        {"lines": [], "left": -1},
        {"lines": [], "left": True},
        {"lines": [], "left": 1e300},
        {"lines": {}, "page": 7, "name": []},
    ],
    ids=repr,
)
def test_of_what_has_no_form_nothing_is_written(
    terminal: Terminal, more: dict[str, t.Any]
) -> None:
    assert terminal.take(**more) == []


def test_places_of_no_form_are_left_out(terminal: Terminal) -> None:
    bad: dict[str, object]
    for bad in ({"file": 7}, {"file": ""}, {"file": None, "line": 3}):
        assert terminal.take(log("a", **bad)) == ["[console.log] a"]
    assert terminal.take(log("a", file="/b.js", line="3", column=-1)) == [
        "[console.log] a (/b.js)"
    ]


def test_more_than_the_rate_is_left_out_and_counted(terminal: Terminal) -> None:
    shown = []
    for _ in range(10):
        shown += terminal.take(*[log("x")] * 50)
    assert len(shown) == RATE
    terminal.now = 1.5
    first, second = terminal.take(log("later"))
    assert f"{500 - RATE} messages were left out" in first
    assert second == "[console.log] later"


def test_a_page_says_how_many_it_has_left_out(terminal: Terminal) -> None:
    assert terminal.take(left=1) == [
        "[console] 1 message was left out: too many at once"
    ]
    assert "1200 messages were" in terminal.take(left=1200)[0]


def test_pages_are_named_where_there_are_several(terminal: Terminal) -> None:
    terminal.take(log("a"), name="first")
    terminal.pages = 2
    assert terminal.take(log("a"), name="second", page="/o\x1b") == [
        r"[console.log /o\x1b #2] a"
    ]
    assert terminal.take(log("a"), name="first") == ["[console.log / #1] a"]
    for number in range(1_000):
        terminal.take(name=f"page {number}")
    assert len(terminal._console._numbers) == 100


def test_levels_that_are_not_forwarded_are_not_believed(
    terminal: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    only = Terminal(caplog, "warn")
    lines = [{"level": level, "text": "x"} for level in (*LEVELS, "uncaught")]
    assert only.take(*lines) == ["[console.warn] x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ünïcode 漢字", "plain ünïcode 漢字"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b2J\x00\x7f\x08", r"\x9b2J\x00\x7f\x08"),
        ("over\rwritten", r"over\rwritten"),
        ("a\r\nb\n[hmr] c", "a\n    b\n    [hmr] c"),
        ("a\u2028b\u202ec\ufeff", r"a\u2028b\u202ec\ufeff"),
        ("half \ud83d", r"half \ud83d"),
        ("a\tb", "a    b"),
    ],
)
def test_a_terminal_obeys_nothing_of_a_text(text: str, expected: str) -> None:
    assert harmless(text) == expected
    assert harmless(text).encode()


def test_long_texts_are_cut() -> None:
    assert harmless("x" * 10_000) == "x" * MAX_LENGTH + "…"
    assert len(harmless("x\n" * 1_000).splitlines()) == MAX_ROWS + 1


@pytest.mark.parametrize(
    ("value", "levels"),
    [
        (False, ()),
        ("off", ()),
        (True, LEVELS),
        ("1", LEVELS),
        ("warn", ("warn",)),
        (["error", "warn"], ("warn", "error")),
        ([], ()),
    ],
)
def test_the_key_names_levels(value: object, levels: tuple[str, ...]) -> None:
    config = Config.load({"HMR_FORWARD_CONSOLE": value}, root_path="/")
    assert config.forward_console == levels


@pytest.mark.parametrize("value", [None, 7, "warning", ["warn", "table"], {"a": 1}])
def test_other_values_are_refused_with_what_is_allowed(value: object) -> None:
    with pytest.raises(ConfigError, match=r"HMR_FORWARD_CONSOLE: .*'warn'.*Example"):
        Config.load({"HMR_FORWARD_CONSOLE": value}, root_path="/")
