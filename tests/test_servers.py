"""What a server can do, read from the environment that it gives to apps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from flask_hmr import servers
from flask_hmr.servers import find_ending, is_public, transports

ENVIRONS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "werkzeug": (
        {"werkzeug.socket": object(), "wsgi.multithread": True},
        ("socket", "stream", "poll"),
    ),
    "werkzeug without threads": ({"werkzeug.socket": object()}, ("poll",)),
    "gunicorn sync": ({"gunicorn.socket": object()}, ("poll",)),
    "gunicorn gthread": (
        {"gunicorn.socket": object(), "wsgi.multithread": True},
        ("stream", "poll"),
    ),
    "gthread, several": (
        {
            "gunicorn.socket": object(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
        },
        ("poll",),
    ),
    "waitress": (
        {"SERVER_SOFTWARE": "waitress", "wsgi.multithread": True},
        ("stream", "poll"),
    ),
    "nothing is known": ({}, ("poll",)),
}


@pytest.mark.parametrize("name", ENVIRONS)
def test_the_transports_follow_from_the_environment(name: str) -> None:
    environ, expected = ENVIRONS[name]
    assert transports(environ) == expected


@pytest.mark.parametrize(
    ("module", "environ", "expected"),
    [
        ("gevent", {"gunicorn.socket": object()}, ("socket", "stream", "poll")),
        ("gevent", {"SERVER_SOFTWARE": "gevent/20"}, ("socket", "stream", "poll")),
        (
            "gevent",
            {"gunicorn.socket": object(), "wsgi.multiprocess": True},
            ("socket", "poll"),
        ),
        ("gevent", {}, ("stream", "poll")),
        ("eventlet", {"eventlet.input": object()}, ("socket", "poll")),
    ],
)
def test_green_threads_can_hold_any_number_of_connections(
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    environ: dict[str, Any],
    expected: tuple[str, ...],
) -> None:
    patched = SimpleNamespace(
        is_module_patched=lambda name: name == "threading",
        is_monkey_patched=lambda name: name == "thread",
    )
    name = {"gevent": "gevent.monkey", "eventlet": "eventlet.patcher"}[module]
    monkeypatch.setitem(sys.modules, name, patched)  # type: ignore[misc]
    assert transports(environ) == expected


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (["socket"], ("socket",)),
        (["poll", "socket"], ("socket", "poll")),
        (["stream"], ("stream",)),
        ([], ("poll",)),
    ],
)
def test_the_configuration_chooses_among_them(
    allowed: list[str], expected: tuple[str, ...]
) -> None:
    environ = {"werkzeug.socket": object(), "wsgi.multithread": True}
    assert transports(environ, allowed) == expected


def test_what_the_server_cannot_do_is_not_offered_for_being_allowed() -> None:
    assert transports({}, ["socket"]) == ("poll",)


# Whether a server is about to end


def called_by(owner: Any, ask: Callable[[], Any] = find_ending) -> Any:
    """Call a function in a method of an object."""
    cls = type(
        "Owner",
        (),
        {
            "__module__": owner.pop("module"),
            "call": lambda self: self.inner(),
            "inner": lambda self: ask(),
        },
    )
    found = cls()
    vars(found).update(owner)
    return found, found.call()


@pytest.mark.parametrize(
    ("module", "fields", "ends"),
    [
        ("gunicorn.workers.gthread", {"alive": True}, {"alive": False}),
        (
            "waitress.task",
            {"stop_count": 0, "threads": {1, 2}},
            {"stop_count": 1},
        ),
        (
            "cheroot.workers.threadpool",
            {"server": SimpleNamespace(ready=True)},
            {"server": SimpleNamespace(ready=False)},
        ),
        (
            "eventlet.wsgi",
            {"conn_state": [None, None, "request"]},
            {"conn_state": [None, None, "close"]},
        ),
    ],
)
def test_the_servers_own_object_tells_when_it_ends(
    module: str, fields: dict[str, Any], ends: dict[str, Any]
) -> None:
    owner, is_ending = called_by({"module": module, **fields})
    assert is_ending is not None
    assert not is_ending()
    vars(owner).update(ends)
    assert is_ending()


@pytest.mark.parametrize(
    "module", ["gunicorn.workers.gthread", "waitress.task", "werkzeug.serving"]
)
def test_other_objects_tell_nothing(module: str) -> None:
    _, is_ending = called_by({"module": module})
    assert is_ending is None


@pytest.mark.parametrize(
    ("module", "fields", "spare", "several"),
    [
        ("gunicorn.workers.gthread", {"threads": 1}, 1, False),
        ("gunicorn.workers.gthread", {"threads": 4}, 1, True),
        ("gunicorn.workers.gthread", {"threads": 120}, 30, True),
        ("waitress.task", 3, 1, True),
        ("waitress.task", 16, 4, True),
        ("elsewhere", None, 1, True),
    ],
)
def test_a_part_of_the_threads_may_be_held(
    module: str, fields: Any, spare: int, several: bool
) -> None:
    owner: dict[str, Any] = {"module": module, "alive": True, "stop_count": 0}
    if isinstance(fields, dict):
        owner["cfg"] = SimpleNamespace(**fields)
    elif fields is not None:
        owner["threads"] = set(range(fields))
    assert called_by({**owner}, servers.spare_threads)[1] == spare
    assert called_by({**owner}, servers.has_threads)[1] is several
    environ = {"wsgi.multithread": True}
    offered = called_by({**owner}, lambda: transports(environ))[1]
    assert ("stream" in offered) is several


# Whether other machines reach it


@pytest.mark.parametrize(
    ("name", "address", "expected"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("127.0.0.5", "", False),
        ("localhost", "", False),
        ("::1", "::1", False),
        ("0.0.0.0", "127.0.0.1", True),
        ("::", "::1", True),
        ("192.168.1.20", "192.168.1.30", True),
        ("fe80::1%eth0", "", True),
        # Names that tell nothing: who asks has to do.
        ("waitress.invalid", "127.0.0.1", False),
        ("my-machine", "192.168.1.30", True),
        ("my-machine", "", False),
        ("", "", False),
        (None, None, False),
    ],
)
def test_an_address_that_others_reach_is_known(
    name: str | None, address: str | None, expected: bool
) -> None:
    environ = {"SERVER_NAME": name, "REMOTE_ADDR": address}
    assert is_public(environ) is expected


def test_all_transports_have_a_place() -> None:
    assert servers.TRANSPORTS == ("socket", "stream", "poll")
