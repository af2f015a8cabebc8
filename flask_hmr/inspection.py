"""What inspectors are told: what changed lately, and what pages say of themselves.

The last changes are kept whether or not an inspector is open, for one is opened when
something was odd. All else is asked of pages only while there is one: it says so again
and again, and what it does not renew ends by itself.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .core import messages

MAX_UPDATES = 100
"""Changes that are kept."""

MAX_NAMES = 50
"""Names that are kept of one change."""

MAX_OUTCOMES = 50
"""What pages made of one change: so many of them are kept."""

MAX_INSPECTORS = 20
"""Inspectors at a time."""

MAX_MODULES = 5_000
"""Modules that one message of a page may name."""

MAX_TEXT = 2_000
"""Characters of each text that a page says of itself."""

LEASE = 30.0
"""Seconds for which an inspector is told of what happens, unless it asks again."""

LATELY = 60.0
"""Seconds after which nothing is taken for the outcome of a change any more."""

_KINDS = ("applied", "failed", "nothing", "reload", "refreshed")

Record = dict[str, Any]


class Inspection:
    """Keeps the last changes of one app, and knows its inspectors. For any thread.

    :param broadcast: sends a message to all pages.
    :param clock: gives the time in seconds, from any start, never backwards.
    """

    def __init__(
        self,
        broadcast: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broadcast = broadcast
        self._clock = clock
        # Held for work on dictionaries only, never while anything is sent.
        self._lock = threading.Lock()
        self._updates: deque[Record] = deque(maxlen=MAX_UPDATES)
        self._count = 0
        self._stamp = 0
        self._inspectors: dict[str, tuple[Callable[[str], object], float]] = {}
        self._batch = threading.local()

    # Changes

    @contextmanager
    def batch(self, since: float | None) -> Iterator[None]:
        """Take note when the files were saved that this thread now deals with.

        :param since: the time of the first event, by the same clock.
        """
        self._batch.since = since
        try:
            yield
        finally:
            self._batch.since = None

    def note(
        self,
        about: str,
        changed: Iterable[str],
        *,
        pages: int,
        seconds: float | None = None,
        **more: Any,
    ) -> None:
        """Keep a change that pages have just been told of.

        :param about: ``modules``, ``assets`` or ``templates``.
        :param changed: what changed.
        :param pages: how many pages were told.
        :param seconds: what it took to find out what it means.
        :param more: what else is known of it.
        """
        now, since = self._clock(), getattr(self._batch, "since", None)
        names = list(changed)
        for key, value in more.items():
            if isinstance(value, tuple):
                more[key] = list(value[:MAX_NAMES])
        record = {
            "about": about,
            "time": time.time(),
            "changed": names[:MAX_NAMES],
            "count": len(names),
            "pages": pages,
            # From the first event of a file until the message was handed over.
            "waited": None if since is None else _ms(now - since),
            "worked": None if seconds is None else _ms(seconds),
            "outcomes": [],
            **more,
        }
        with self._lock:
            self._count += 1
            self._stamp += 1
            record["id"] = self._count
            self._updates.append(record)
            told = _copy(record)
        self._tell({"updates": [told]})

    def outcome(self, message: Mapping[str, Any]) -> None:
        """Keep what a page made of a change.

        :param message: what the page said: of the wrong form it is passed over.
        """
        kind, ms = message.get("kind"), message.get("ms")
        if kind not in _KINDS:
            return
        outcome = {
            "kind": kind,
            "ms": round(ms, 1) if isinstance(ms, (int, float)) else None,
            **{key: _text(message.get(key)) for key in ("page", "url", "reason")},
            "via": [_text(one) for one in _list(message.get("via"))[:MAX_NAMES]],
        }
        with self._lock:
            record = self._record_of(message.get("about"), message.get("seq"))
            if record is None or len(record["outcomes"]) >= MAX_OUTCOMES:
                return
            self._stamp += 1
            record["outcomes"].append(outcome)
            told = _copy(record)
        self._tell({"updates": [told]})

    def _record_of(self, about: object, seq: object) -> Record | None:
        """Find the change that a page speaks of, among those of the last minute."""
        start = time.time() - LATELY
        recent = [one for one in self._updates if one["time"] >= start]
        if about is None and recent and recent[-1]["about"] != "modules":
            # A reload says only which change of modules came last.
            return recent[-1]
        for record in reversed(recent):
            if about in (None, record["about"]) and record.get("seq") in (seq, None):
                return record
        return None

    # Inspectors

    def inspect(
        self, name: str, send: Callable[[str], object], stamp: object
    ) -> dict[str, Any]:
        """Tell an inspector, from now on, of what happens.

        :param name: what it calls itself.
        :param send: sends a message to it, and never waits.
        :param stamp: that of what it knows already.
        :return: the last changes, if there are others than it knows.
        """
        with self._lock:
            until = self._clock() + LEASE
            if name in self._inspectors or len(self._inspectors) < MAX_INSPECTORS:
                self._inspectors[name] = send, until
            told: dict[str, Any] = {"stamp": self._stamp}
            if stamp != self._stamp:
                told["updates"] = [_copy(one) for one in self._updates]
        return told

    def ask(self, *, anew: bool) -> None:
        """Have pages say what they hold.

        :param anew: whether all of it, and not what is new since the last time.
        """
        self._broadcast(messages.inspect(anew=anew))

    @property
    def is_open(self) -> bool:
        """Whether there is an inspector."""
        with self._lock:
            return bool(self._inspectors)

    def left(self, name: str | None, page: str | None) -> None:
        """Take note that a connection has ended, of an inspector or a page."""
        if name is not None:
            with self._lock:
                self._inspectors.pop(name, None)
        if page is not None:
            self._tell({"gone": page})

    def instances(self, message: Mapping[str, Any], agent: str) -> str | None:
        """Hand on what a page says it holds.

        :param message: what it said.
        :param agent: its browser.
        :return: what the page calls itself, if it does.
        """
        name = message.get("page")
        if not isinstance(name, str) or not 0 < len(name) <= 64:
            return None
        if message.get("gone"):
            self.left(None, name)
            return name
        page: dict[str, Any] = {"name": name, "agent": agent[:MAX_TEXT]}
        for key in ("url", "title", "transport"):
            if key in message:
                page[key] = _text(message[key])
        if "modules" in message:
            said = _list(message["modules"])[:MAX_MODULES]
            page["modules"] = [
                [_text(one[0]), [_text(v) for v in _list(one[1])[:MAX_NAMES]]]
                for one in said
                if isinstance(one, list) and len(one) == 2
            ]
            for key in ("first", "done", "partial"):
                page[key] = bool(message.get(key))
        self._tell({"page": page})
        return name

    def _tell(self, told: dict[str, Any]) -> None:
        with self._lock:
            now = self._clock()
            for name in [n for n, (_, t) in self._inspectors.items() if t < now]:
                del self._inspectors[name]
            sends = [send for send, _ in self._inspectors.values()]
        if sends:
            text = json.dumps({"type": "inspected", **told})
            for send in sends:
                send(text)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _copy(record: Record) -> Record:
    return {**record, "outcomes": list(record["outcomes"])}


def _text(value: object) -> str | None:
    return value[:MAX_TEXT] if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
