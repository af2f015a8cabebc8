"""What the terminal shows of the extension's own requests."""

from __future__ import annotations

import logging

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
