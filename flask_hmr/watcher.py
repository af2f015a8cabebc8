"""Watches folders in the background and hands over what changed, at rest."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from .checkouts import Checkouts
from .folders import Folders
from .ignores import ignore_litter
from .settle import Settling, Sign, Stamp

#: How often, in seconds, the folders themselves are looked at, and how often while
#: one of them is missing.
CHECK = 1.0
CHECK_MISSING = 0.5

#: How often, in seconds, it is looked whether git has finished a checkout, and for how
#: long at the most: with several files, and with one alone. When it has, so many looks
#: later the last of its files has been heard of.
HOLD = 0.005
HOLD_MAX = 5.0
HOLD_ALONE = 0.5
LAST_LOOKS = 4


class Watcher:
    """Watches folders in the background and hands over settled batches of paths.

    Nothing is opened or started before :meth:`start`. From then on one thread, a
    daemon, does all the work and makes all the calls, with no lock held. An
    exception in a call is logged and ends nothing.

    The paths in a batch are absolute and below the *real* path of a watched folder,
    that is, with the symbolic links of the folder's own path resolved. Links inside
    the tree are not followed. A path says that something happened there, not what;
    the owner looks at the disk. It may be the path of a folder, which then stands
    for everything that is or was below it: folders that come up, are deleted or moved
    away are reported so. The files of a new folder are named too, up to some
    thousands.

    Where the system tells when a file is closed (Linux), a change is handed over as
    soon as that is heard and nothing else arrives. Elsewhere, and for deletions, a
    path has to be quiet for ``settle`` seconds.

    :param on_batch: Called with the paths that changed together.
    :param name: The name of the thread.
    :param ignore: Tells of an absolute path whether it is passed over. What is below
        an ignored folder is not even watched, unless a folder in it is watched by
        its own name.
    :param log: Where to log.
    :param settle: How many seconds a path has to be quiet.
    :param on_gap: Called when events may have been missed, so that the owner
        compares the files it knows with the disk: when folders have begun to be
        watched, when the system's queue overflowed, when a folder came back or
        watching had to be started again; and once a second where a file system does
        not tell of changes, such as that of a network share.
    :param poll: Look at all files every so many seconds, instead of asking the
        system to tell. For file systems that tell nothing, such as network shares
        and the folders shared with virtual machines.
    """

    def __init__(
        self,
        on_batch: Callable[[frozenset[str]], None],
        *,
        name: str = "hmr-watcher",
        ignore: Callable[[str], bool] = ignore_litter,
        log: logging.Logger | None = None,
        settle: float = 0.030,
        on_gap: Callable[[], None] | None = None,
        poll: float | None = None,
    ) -> None:
        #: Set when all the folders given before the start are watched.
        self.ready = threading.Event()
        self._on_batch = on_batch
        self._on_gap = on_gap
        self._name = name
        self._ignore = ignore
        self._log = log if log is not None else logging.getLogger(__name__)
        self._poll = poll
        self._pid = os.getpid()
        self._thread: threading.Thread | None = None
        self._folders: Folders | None = None
        self._closing = threading.Event()

        # Guards the four below: dictionary work alone.
        self._changed = threading.Condition()
        self._settling = Settling(settle)
        self._handling: frozenset[str] = frozenset()
        self._known: set[str] = set()
        self._asked: list[str] = []

        # Of the thread alone.
        self._checkouts = Checkouts()
        self._held_until = 0.0
        self._ready_since: float | None = None
        self._last_looks = 0
        self._emptied: set[str] = set()
        self._check_at = 0.0
        self._gap = False

    def watch(self, folder: str) -> None:
        """Watch a folder and all that is below it, from soon on.

        Returns at once, in any thread. A folder that does not exist is watched
        when it comes up. One that is watched already changes nothing.

        :param folder: The path of the folder.
        """
        if self._forked():
            return

        folder = os.path.abspath(folder)

        with self._changed:
            if folder in self._known:
                return

            self._known.add(folder)
            self._asked.append(folder)

        self._ring()

    def start(self) -> None:
        """Start the thread, which then begins to watch. Once is enough.

        :raises RuntimeError: If the watcher was closed, or was started by the
            process that this one was forked from.
        """
        if self._closing.is_set() or (self._thread is not None and self._forked()):
            raise RuntimeError(
                "This watcher was closed, or was started by the parent process."
                " Make a new one."
            )

        if self._thread is None:
            self._pid = os.getpid()
            self._folders = Folders(self._ignore, self._log, self._poll)
            self._thread = threading.Thread(
                target=self._run, args=(self._folders,), name=self._name, daemon=True
            )
            self._thread.start()

    def close(self, timeout: float = 2.0) -> None:
        """Stop watching and end the thread.

        Paths that were not handed over yet are dropped. May be called several
        times, and by the callbacks. In a forked child this leaves the watching of
        the parent alone.

        :param timeout: How many seconds to wait for the thread, which may be busy
            with a callback. It ends in any case when that returns.
        """
        thread, folders = self._thread, self._folders

        if self._forked():
            # No lock here: it may be held by a thread that this process has not got.
            if folders is not None and not self._closing.is_set():
                folders.forget()

            self._closing.set()
            return

        self._closing.set()
        self._ring()

        with self._changed:
            self._changed.notify_all()

        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def poke(self, path: str) -> None:
        """Take notice that a file is not what it was, as if an event had come.

        :param path: The file, by its real path.
        """
        if not self._running():
            return

        stamp = Stamp.of(path)

        with self._changed:
            if path in self._settling:
                return

            self._settling.note(path, Sign.CHANGED, time.monotonic(), stamp)

        self._ring()

    def wait_settled(self, path: str, timeout: float) -> bool:
        """Wait until no change of a file is known that was not dealt with.

        It is dealt with when ``on_batch`` has returned from the batch that has it.

        :param path: The file, by its real path.
        :param timeout: The longest time to wait, in seconds.
        :return: Whether it is settled. In a callback the answer comes at once.
        """
        if not self._running():
            return True

        with self._changed:
            if threading.current_thread() is self._thread:
                return not self._holds(path)

            return self._changed.wait_for(lambda: not self._holds(path), timeout)

    @property
    def since(self) -> float | None:
        """When the first event came of the batch that is being dealt with."""
        return self._settling.since

    def _forked(self) -> bool:
        return os.getpid() != self._pid

    def _running(self) -> bool:
        return (
            self._thread is not None
            and not self._closing.is_set()
            and not self._forked()
        )

    def _ring(self) -> None:
        if self._folders is not None:
            self._folders.ring()

    def _holds(self, path: str) -> bool:
        """Tell whether the path waits, or a folder that it is in."""
        if self._closing.is_set():
            return False

        while path not in self._settling and path not in self._handling:
            parent = os.path.dirname(path)

            if parent == path:
                return False

            path = parent

        return True

    def _run(self, folders: Folders) -> None:
        try:
            while not self._closing.is_set():
                try:
                    self._turn(folders)
                except Exception:
                    self._log.exception("Watching files failed; it starts again.")
                    folders.reset()
                    self._gap = True
                    self._closing.wait(CHECK)
        finally:
            folders.close()

    def _turn(self, folders: Folders) -> None:
        """Wait for something to do, and do it."""
        self._check(folders)

        with self._changed:
            deadline = self._settling.deadline()

        now = time.monotonic()
        wake = self._check_at if deadline is None else min(deadline, self._check_at)
        wake = max(wake, self._held_until)
        folders.wait(wake - now if folders.drained else 0.0)
        heard = folders.read()

        if heard:
            signs = [self._weigh(*one) for one in heard]
            now = time.monotonic()

            with self._changed:
                for path, sign, stamp in signs:
                    self._settling.note(path, sign, now, stamp)

        if folders.drained and not self._closing.is_set():
            self._hand_over()

    def _weigh(
        self, path: str, sign: Sign, stamp: Stamp | None
    ) -> tuple[str, Sign, Stamp | None]:
        """Doubt that a file is complete whose writer emptied and closed it.

        Some writers do so first, and open it again for each part.
        """
        if sign is Sign.COMPLETE:
            stamp = Stamp.of(path)
            if path in self._emptied or (stamp is not None and not stamp.size):
                self._emptied.add(path)
                return path, Sign.EMPTIED, stamp
        return path, sign, stamp

    def _check(self, folders: Folders) -> None:
        with self._changed:
            asked, self._asked = self._asked, []

        for folder in asked:
            folders.add(folder)

        if asked or folders.upset or time.monotonic() >= self._check_at:
            # Where nothing is told, everything may have gone unheard.
            self._gap |= folders.check() or folders.silent
            pause = CHECK_MISSING if folders.missing else CHECK
            self._check_at = time.monotonic() + pause
            self.ready.set()

        if self._gap:
            self._gap = False

            if self._on_gap is not None and not self._closing.is_set():
                self._call(self._on_gap)

    def _hand_over(self) -> None:
        now = time.monotonic()

        with self._changed:
            questions = self._settling.questions(now)

        answers = [(path, Stamp.of(path)) for path in questions]

        with self._changed:
            for path, stamp in answers:
                self._settling.answer(path, stamp, now)

            ready = self._settling.ready()

        was_held = self._last_looks > 0
        is_held = self._is_held(ready, now)

        if is_held or was_held:
            # What was held up so far is not for how long the batch has gathered.
            with self._changed:
                self._settling.hold(now)

        if is_held:
            self._held_until = now + HOLD
            return

        with self._changed:
            batch = self._handling = self._settling.take(now)

        if batch:
            self._emptied -= batch
            self._call(lambda: self._on_batch(batch))

            with self._changed:
                self._handling = frozenset()
                self._changed.notify_all()

    def _is_held(self, ready: list[str], now: float) -> bool:
        """Tell whether more is to come that belongs to what is ready."""
        if not ready:
            self._ready_since = None
            self._last_looks = 0
            return False

        if self._ready_since is None:
            self._ready_since = now

        # One file alone may be the first of many, or one that somebody saves meanwhile.
        longest = HOLD_MAX if len(ready) > 1 else HOLD_ALONE
        if now - self._ready_since >= longest:
            return False

        if self._checkouts.is_going_on(ready[0]):
            self._last_looks = LAST_LOOKS
            return True

        # What was saved last may not have been heard of yet.
        self._last_looks = max(0, self._last_looks - 1)
        return self._last_looks > 0

    def _call(self, callback: Callable[[], None]) -> None:
        try:
            callback()
        except Exception:
            self._log.exception("Handling changed files failed; watching goes on.")
