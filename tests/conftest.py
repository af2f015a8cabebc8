"""Settings for all tests."""

from __future__ import annotations

import logging
import os
import typing as t

import pytest
from hypothesis import settings

from flask_hmr.state import State

# The machine that runs the tests may be slow or busy, which says nothing about the
# code. CI tries the same examples each time, so that a failure is there for everyone.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True)
def _the_logger_has_no_level() -> None:
    """One app of this process may have given it a level, which others keep."""
    logging.getLogger("flask_hmr").setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def _no_threads_of_apps_left(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[None]:
    """End the threads of all apps that a test has made: others count their own."""
    states = []
    make = State.__init__

    def made(self: State, *args: t.Any, **kwargs: t.Any) -> None:
        make(self, *args, **kwargs)
        states.append(self)

    monkeypatch.setattr(State, "__init__", made)
    yield
    for state in states:
        state.close()
