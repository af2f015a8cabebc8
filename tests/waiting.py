"""Waiting for what nobody announces."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

DEADLINE = 60.0
"""Seconds to wait for something that will happen. Machines may be slow."""


def wait_until(condition: Callable[[], object]) -> None:
    """Look at a condition again and again, and fail if it does not come true."""
    pause = threading.Event()
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "It did not happen."
        pause.wait(0.005)
