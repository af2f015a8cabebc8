"""What the terminal shows of the extension's own requests."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from flask_hmr.config import Config
from flask_hmr.logs import OwnRequests

SHOWN = {
    "another path": ("GET /static/a.js HTTP/1.1", "200"),
    "a path that looks like it": ("GET /a?next=/_hmr/socket HTTP/1.1", "200"),
    "a refusal": ("GET /_hmr/socket?token=x HTTP/1.1", "403"),
    "a failure": ("GET /_hmr/check.js?url=/a.js HTTP/1.1", "500"),
    "another method": ("DELETE /_hmr/session HTTP/1.1", "200"),
}
HIDDEN = {
    "the socket": ("GET /_hmr/socket?token=x HTTP/1.1", "200"),
    "an upgrade": ("GET /_hmr/socket?token=x HTTP/1.1", "101"),
    "a question": ("POST /_hmr/exchange HTTP/1.1", "200"),
    "the runtime": ("GET /_hmr/client/0123/client.js HTTP/1.1", "304"),
    "a check": ("GET /_hmr/check.js?url=/a.js HTTP/1.1", "200"),
    "in colour": ("\x1b[36mGET /_hmr/client/0123/page.js HTTP/1.1\x1b[0m", "304"),
    "below a mount": ("GET /shop/_hmr/session HTTP/1.1", "200"),
}


def shows(request: str, status: str, **keys: object) -> bool:
    config = Config.load(keys, root_path="/")
    arguments = (request, status, "-")
    record = logging.LogRecord(
        "werkzeug", logging.INFO, "", 0, '"%s" %s %s', arguments, None
    )
    return OwnRequests(config).filter(record)


@pytest.mark.parametrize("request_line", SHOWN.values(), ids=SHOWN)
def test_other_requests_are_shown(request_line):
    assert shows(*request_line)


@pytest.mark.parametrize("request_line", HIDDEN.values(), ids=HIDDEN)
def test_own_requests_are_left_out_unless_everything_is_wanted(request_line):
    assert not shows(*request_line)
    assert shows(*request_line, HMR_LOG="debug")


def test_the_prefix_of_the_configuration_counts():
    own = "GET /dev/live/session HTTP/1.1", "200"
    assert shows(*own)
    assert not shows(*own, HMR_URL_PREFIX="/dev/live")


def test_other_messages_are_shown():
    for arguments in ((), ({"a": 1},), (1,)):
        record = logging.LogRecord("", 20, "", 0, "Hello", arguments, None)
        assert OwnRequests(Config.load({}, root_path="/")).filter(record)


def test_it_goes_when_it_is_stopped():
    own = OwnRequests(Config.load({}, root_path="/"))
    own.start()
    assert own in logging.getLogger("werkzeug").filters
    own.stop()
    assert own not in logging.getLogger("werkzeug").filters


# The logger, as a developer of the app sets it up: each in a process of its own, since
# pytest has handlers too.


def printed(before: str = "", after: str = "", **config: object) -> list[str]:
    """Return what is printed by an app that logs a line of each level."""
    script = f"""
import logging, sys
from flask import Flask
from flask_hmr import HMR
app = Flask("x")
app.config.update({config!r})
app.debug = True
log = logging.getLogger("flask_hmr")
{before}
HMR(app)
app.test_client().get("/")
{after}
for level in ("debug", "info", "warning", "error"):
    getattr(log, level)(f"[hmr] {{level}}")
app.extensions["hmr"].close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    # Werkzeug's reloader and Flask may have something of their own to say.
    return [line for line in done.stderr.splitlines() if "[hmr]" in line]


def test_without_any_setup_each_line_is_printed_once_as_it_is():
    assert printed() == ["[hmr] info", "[hmr] warning", "[hmr] error"]


def test_a_level_of_the_logger_stays():
    assert printed("log.setLevel(logging.ERROR)") == ["[hmr] error"]


def test_the_configured_level_comes_before_that_of_the_logger():
    lines = printed("log.setLevel(logging.ERROR)", HMR_LOG="warning")
    assert lines == ["[hmr] warning", "[hmr] error"]


def test_handlers_of_the_app_get_the_lines_and_no_others_do():
    basic = "logging.basicConfig(format='%(name)s: %(message)s')"
    expected = [f"flask_hmr: [hmr] {level}" for level in ("info", "warning", "error")]
    assert printed(basic) == expected
    assert printed("", basic) == expected


def test_the_logger_may_have_a_handler_of_its_own():
    own = """
handler = logging.StreamHandler()
handler.setFormatter(logging.Formatter("own %(message)s"))
handler.setLevel(logging.ERROR)
log.addHandler(handler)
log.propagate = False
logging.basicConfig(format="root %(message)s")
"""
    assert printed(own) == ["own [hmr] error"]


def test_lines_can_be_silenced():
    assert printed("log.addHandler(logging.NullHandler())") == []


def test_a_second_app_prints_nothing_twice():
    second = """
other = Flask("y")
other.debug = True
HMR(other)
other.test_client().get("/")
other.extensions["hmr"].close()
"""
    assert len(printed("", second)) == 3
