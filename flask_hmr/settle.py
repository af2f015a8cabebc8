"""When a file that changes may be looked at, and which files go together.

Between the first event of a save and the last byte of it, the file on disk is
half of something. :class:`Settling` collects what is heard of each path and tells
which paths have come to rest, gathered into batches of what changed together. It
reads no clock and no disk: time and the look of a file are passed in.
"""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import NamedTuple


class Sign(enum.Enum):
    """What was heard of a path."""

    CREATED = "created"
    """A name came up whose file is, as a rule, still open in its writer's hands."""

    WRITTEN = "written"
    """Bytes were written or cut off; the writer will say when it is done."""

    COMPLETE = "complete"
    """The writer closed the file, or a finished one was moved to this name."""

    EMPTIED = "emptied"
    """The writer closed it, but may only have made room for what is to come."""

    TOUCHED = "touched"
    """Times or permissions changed, not a byte."""

    CHANGED = "changed"
    """Something happened, and no word will come when it is over."""

    GONE = "gone"
    """The name was deleted or moved away; editors often put it back at once."""

    FOLDER = "folder"
    """A folder came up, maybe in the place of another."""


_NO_FILE = (Sign.GONE, Sign.FOLDER)


class Stamp(NamedTuple):
    """The look of a file, to see whether it is still changing."""

    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, path: str) -> Stamp | None:
        """Look at a file; ``None`` when there is none.

        :param path: The file. A symbolic link is followed.
        """
        try:
            return cls.from_status(os.stat(path))
        except (OSError, ValueError):
            return None

    @classmethod
    def from_status(cls, status: os.stat_result) -> Stamp:
        """Take the look of a file from what the system says of it.

        :param status: The answer of :func:`os.stat`.
        """
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


class Heard(NamedTuple):
    """What was heard of a path, and how its file looked then, if that matters."""

    path: str
    sign: Sign
    stamp: Stamp | None = None


@dataclass(slots=True)
class _Waiting:
    """A path that has not come to rest."""

    sign: Sign
    since: float
    last: float
    look_at: float
    queued: float
    stamp: Stamp | None
    #: Whether it was complete already, and was written to again before its turn.
    reopened: bool = False


class Settling:
    """Paths on their way from the first event to the batch they go in.

    A path is *waiting* until it is known to be complete, then *ready* until its
    batch is taken. A batch is taken when no more events come: after a breath of
    ``breath`` seconds for each path in it, so that a single save goes out at once
    and a checkout of hundreds of files goes out as one. Files being written when
    the batch is ready are waited for, but for no longer than ``settle``.

    All times are seconds of one monotonic clock.

    :param settle: How long a path must be quiet whose end nobody announces.
    :param breath: The quiet time asked for each path of a batch, ``settle`` and a
        little more at the most.
    :param patience: How long a file may stay open without another write, and a
        new one empty, before it is taken as it is.
    """

    #: A file that is not announced as complete and has no bytes has most probably
    #: just been truncated. It gets this long, in seconds, to be filled.
    EMPTY_PATIENCE = 0.25

    #: The longest time a batch gathers, in seconds: at first, for each path, and in
    #: all. A steady stream of events must not hold back a save for ever.
    GATHER_BASE = 0.1
    GATHER_EACH = 0.002
    GATHER_MAX = 1.0

    def __init__(
        self, settle: float = 0.030, breath: float = 0.0005, patience: float = 2.0
    ) -> None:
        self.settle = settle
        self.breath = breath
        self.patience = patience
        self._waiting: dict[str, _Waiting] = {}
        # Those of the waiting paths that hold back a batch, with the time since
        # when; the youngest is last.
        self._unfinished: dict[str, float] = {}
        self._ready: dict[str, None] = {}
        self._first: dict[str, float] = {}
        #: When the first was heard of what was handed over last.
        self.since: float | None = None
        self._ready_since = 0.0
        self._last_news = 0.0
        # (when to look, path). An entry whose time differs from the path's
        # ``queued`` is out of date.
        self._looks: list[tuple[float, str]] = []

    def __contains__(self, path: object) -> bool:
        return path in self._waiting or path in self._ready

    def __len__(self) -> int:
        return len(self._waiting) + len(self._ready)

    def note(
        self, path: str, sign: Sign, now: float, stamp: Stamp | None = None
    ) -> None:
        """Take in what was heard of a path.

        :param path: The path.
        :param sign: What was heard.
        :param now: The time.
        :param stamp: The look of the file now, for :attr:`Sign.CREATED`,
            :attr:`Sign.EMPTIED` and :attr:`Sign.CHANGED`. Without it, one more look is
            needed later.
        """
        if sign is Sign.TOUCHED:
            if path in self:
                return
            sign = Sign.COMPLETE

        self._first.setdefault(path, now)

        known = self._waiting.get(path)

        if sign is Sign.COMPLETE:
            self._last_news = now

            if path not in self._ready and (known is None or not known.reopened):
                self._make_ready(path, now)
                return

            # Closed twice before anybody could look: its writer may open it for
            # each part, of which there may be more.
            sign = Sign.EMPTIED

        if (
            sign is Sign.CHANGED
            and known is not None
            and known.sign in (Sign.CREATED, Sign.WRITTEN)
        ):
            # Its end will be announced: that is worth more than a guess.
            return

        if sign is Sign.EMPTIED:
            sign = Sign.CHANGED

        was_ready = path in self._ready
        self._ready.pop(path, None)

        if known is None or known.sign is not sign:
            self._last_news = now

        if known is None:
            known = _Waiting(sign, now, now, 0.0, float("inf"), stamp)
            self._waiting[path] = known
        elif known.sign in _NO_FILE:
            known.since = now

        known.reopened |= was_ready and sign not in _NO_FILE

        known.sign = sign
        known.last = now
        known.stamp = stamp

        if sign in _NO_FILE:
            self._unfinished.pop(path, None)
        else:
            self._unfinished.setdefault(path, known.since)

        self._look_again(
            path, known, now + (self.patience if sign is Sign.WRITTEN else self.settle)
        )

    def questions(self, now: float) -> list[str]:
        """Name the paths whose look is wanted now.

        :meth:`answer` must be called for each of them.

        :param now: The time.
        """
        wanted = []

        while (next_look := self._next_look()) is not None and next_look <= now:
            path = heappop(self._looks)[1]
            known = self._waiting[path]
            known.queued = float("inf")

            if known.look_at > now:
                self._look_again(path, known, known.look_at)
            else:
                wanted.append(path)

        return wanted

    def answer(self, path: str, stamp: Stamp | None, now: float) -> None:
        """Say how a path looks, which makes it ready if it is at rest.

        :param path: One of the :meth:`questions`.
        :param stamp: Its look, ``None`` if there is no such file.
        :param now: The time.
        """
        known = self._waiting.get(path)

        if known is None:
            return

        if known.look_at > now:
            self._look_again(path, known, known.look_at)
        elif self._at_rest(path, known, stamp, now):
            self._make_ready(path, now)
        else:
            known.stamp = stamp
            self._look_again(path, known, now + self.settle)

    def take(self, now: float) -> frozenset[str]:
        """Hand over the batch that is ready, or an empty set.

        :param now: The time.
        """
        if not self._ready or now < self._hand_over_at():
            return frozenset()

        batch = frozenset(self._ready)
        self._ready.clear()
        self.since = min(self._first.pop(path) for path in batch)
        return batch

    def ready(self) -> list[str]:
        """Name the paths that are at rest and wait for the rest of their batch."""
        return list(self._ready)

    def hold(self, now: float) -> None:
        """Have the batch wait for something else: the time it may gather begins anew.

        :param now: The time.
        """
        self._ready_since = now

    def deadline(self) -> float | None:
        """Tell when there will be something to do if nothing is heard until then."""
        look = self._next_look()

        if not self._ready:
            return look

        at = self._hand_over_at()
        return at if look is None else min(at, look)

    def _at_rest(
        self, path: str, known: _Waiting, stamp: Stamp | None, now: float
    ) -> bool:
        if known.sign in _NO_FILE:
            # Whoever takes the path of a folder looks at all the files below it:
            # none of them may be half written.
            below = path + os.sep
            return not any(other.startswith(below) for other in self._unfinished)

        if stamp is None:
            return True

        if stamp != known.stamp:
            return False

        if stamp.size == 0:
            new = known.sign is Sign.CREATED
            return now - known.last >= (self.patience if new else self.EMPTY_PATIENCE)

        return True

    def _make_ready(self, path: str, now: float) -> None:
        self._waiting.pop(path, None)
        self._unfinished.pop(path, None)

        if not self._ready:
            self._ready_since = now

        self._ready[path] = None

    def _look_again(self, path: str, known: _Waiting, when: float) -> None:
        known.look_at = when

        # A later time needs no entry of its own: the earlier one leads to it.
        if when < known.queued:
            known.queued = when
            heappush(self._looks, (when, path))

    def _next_look(self) -> float | None:
        """Tell when a look is wanted next, at the earliest."""
        while self._looks:
            when, path = self._looks[0]
            known = self._waiting.get(path)

            if known is not None and known.queued == when:
                return when

            heappop(self._looks)

        return None

    def _hand_over_at(self) -> float:
        count = len(self._ready)
        # With the longest breath, deletions that came with the last change have
        # settled too and go in the same batch.
        breath = min(self.breath * count, self.settle * 1.2)
        if count > 1:
            # Whoever saves several files may be held up between two of them.
            breath = max(breath, self.settle * 0.6)
        at = self._last_news + breath

        if self._unfinished:
            at = max(at, next(reversed(self._unfinished.values())) + self.settle)

        gather = min(self.GATHER_BASE + self.GATHER_EACH * count, self.GATHER_MAX)
        return min(at, self._ready_since + gather)
