"""The folders to watch, each by the best means that work for it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .mounts import silent_type
from .settle import Heard, Sign, Stamp

if TYPE_CHECKING:
    from .inotify import Inotify
    from .observer import Observed

HAS_INOTIFY = sys.platform == "linux"

#: How often, in seconds, the files are looked at where the system cannot tell.
POLL = 1.0

#: Waits shorter than this, in seconds, are slept through.
COARSE = 0.001

#: How long, in seconds, to wait for the threads of an observer to end.
STOP_TIMEOUT = 1.0

#: How many times the queue is read before what was heard is worked on.
READS = 100

#: What to raise when the system has no more to give.
LIMITS = {
    errno.ENOSPC: "fs.inotify.max_user_watches=524288",
    errno.EMFILE: "fs.inotify.max_user_instances=1024",
}

#: Errors that are about the folder; polling would not help.
OUT_OF_REACH = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP}


@dataclass(slots=True)
class _Root:
    """A folder that was asked for, and what is watched for it at the moment."""

    given: str
    real: str = ""
    identity: tuple[int, int] | None = None
    observed: Observed | None = None
    polled: bool = False
    #: Whether not all that happens to it is told.
    silent: bool = False


class Folders:
    """Folders that are watched, or will be as soon as they exist.

    On Linux that is done with inotify, elsewhere with watchdog. Where the system
    has reached a limit, or when ``poll`` says so, the files are polled. All methods
    but :meth:`ring` are for one thread.

    :param ignore: Tells which paths are passed over, with all that is below them.
    :param log: Where to log.
    :param poll: Look at all files every so many seconds, whatever the system can do.
    """

    def __init__(
        self,
        ignore: Callable[[str], bool],
        log: logging.Logger,
        poll: float | None = None,
    ) -> None:
        #: Whether :meth:`check` is needed now.
        self.upset = False
        #: Whether one of the folders does not exist.
        self.missing = False
        #: Whether there is a folder of which changes may go untold for good.
        self.silent = False
        #: Whether the last :meth:`read` brought all that was there.
        self.drained = True
        self._ignore = ignore
        self._log = log
        self._poll = poll
        self._native = HAS_INOTIFY and poll is None
        self._roots: dict[str, _Root] = {}
        self._inotify: Inotify | None = None
        # Filled by the threads of observers.
        self._told: deque[tuple[str, Sign]] = deque()
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._button.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ)

    def add(self, folder: str) -> None:
        """Ask for a folder, to be watched from the next :meth:`check` on.

        :param folder: Its absolute path.
        """
        self._roots.setdefault(folder, _Root(folder))

    def ring(self) -> None:
        """Wake the thread that is in :meth:`wait`, from any thread."""
        # A full buffer means that it will wake anyway, a closed one that it ended.
        with contextlib.suppress(OSError):
            self._button.send(b"!")

    def wait(self, timeout: float) -> None:
        """Wait until there is something to :meth:`read` or somebody rings.

        :param timeout: The longest time to wait, in seconds.
        """
        if 0 < timeout < COARSE:
            # Selectors count in milliseconds. What comes meanwhile waits no longer.
            time.sleep(timeout)
            timeout = 0.0
        self._selector.select(max(timeout, 0.0))

        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)

    def read(self) -> list[Heard]:
        """Return what was heard of paths since the last time."""
        heard = []
        self.drained = True

        while self._told:
            path, sign = self._told.popleft()
            stamp = Stamp.of(path) if sign is Sign.CHANGED else None
            heard.append(Heard(path, sign, stamp))

        if self._inotify is not None:
            self.drained = self._read_inotify(self._inotify, heard)

        reals = {root.real for root in self._roots.values()}

        if any(path in reals for path, _, _ in heard):
            self.upset = True

        return heard

    def check(self) -> bool:
        """Make sure that each folder is the one that is watched.

        Folders come, go and are replaced by others, and observers die.

        :return: Whether events may have been missed.
        """
        gap = False
        self.upset = self.missing = False

        for root in self._roots.values():
            real = os.path.realpath(root.given)
            identity = _identity(real)

            if root.identity is not None:
                same = (real, identity) == (root.real, root.identity)

                if same and self._is_watched(real):
                    continue

                self._leave(root)

                if not same:
                    self._tell(root.real, Sign.GONE)

            if identity is not None and self._is_watched(real):
                root.real, root.identity = real, identity
            elif identity is not None and self._arm(root, real):
                root.real, root.identity = real, identity
                root.silent = self._is_silent(root)
                gap = True
            else:
                self.missing = True

        if self._inotify is not None:
            self._inotify.settle()

        self.silent = any(root.silent for root in self._roots.values())
        return gap

    def _is_silent(self, root: _Root) -> bool:
        kind = silent_type(root.real)

        if kind is None or root.polled or self._poll is not None:
            return False

        if not root.silent:
            self._log.info(
                "%s is on a file system of type %s, which does not tell of changes that"
                " are made elsewhere. The files that pages use are looked at once a"
                " second.",
                root.given,
                kind,
            )

        return True

    def reset(self) -> None:
        """Doubt what is watched, for the next :meth:`check` to begin anew."""
        if self._inotify is not None and not self._inotify.doubt():
            self._selector.unregister(self._inotify)
            self._inotify.close()
            self._inotify = None

        self.upset = True

    def close(self) -> None:
        """Stop watching and free everything."""
        for root in self._roots.values():
            if root.observed is not None:
                root.observed.stop(STOP_TIMEOUT)

        self.forget()

    def forget(self) -> None:
        """Close the descriptors alone, in a process forked from the watching one.

        They are copies there; the watching goes on in the parent.
        """
        self._selector.close()
        self._bell.close()
        self._button.close()

        if self._inotify is not None:
            self._inotify.close()

    def _read_inotify(self, inotify: Inotify, heard: list[Heard]) -> bool:
        for _ in range(READS):
            news = inotify.read()

            if news is None:
                return True

            heard += news.heard

            for folder in news.deaf:
                self._limited(folder)

            if news.gap:
                # New folders may have gone unheard, so all are gone through again.
                self._log.debug("The queue of file events overflowed.")
                self.reset()
                return True

        return False

    def _is_watched(self, real: str) -> bool:
        if self._inotify is not None and self._inotify.watches(real):
            return True

        return any(
            root.observed is not None
            and root.observed.covers(real)
            and root.observed.alive()
            for root in self._roots.values()
        )

    def _arm(self, root: _Root, real: str) -> bool:
        """Begin to watch a folder; tell whether that was possible."""
        try:
            if self._native and not root.polled:
                self._listen().add(real)
            else:
                root.observed = self._observe(real, root.polled)
        except OSError as error:
            if root.polled or error.errno in OUT_OF_REACH:
                self._log.debug("%s cannot be watched yet: %s", real, error)
                return False

            self._poll_instead(root, real, error)
            return self._arm(root, real)

        return True

    def _listen(self) -> Inotify:
        if self._inotify is None:
            from .inotify import Inotify

            self._inotify = Inotify(self._ignore)
            self._selector.register(self._inotify, selectors.EVENT_READ)

        return self._inotify

    def _observe(self, real: str, polled: bool) -> Observed:
        from .observer import Observed

        poll = self._poll

        if poll is None and polled:
            poll = POLL

        return Observed(real, self._ignore, self._tell, poll)

    def _tell(self, path: str, sign: Sign) -> None:
        self._told.append((path, sign))
        self.ring()

    def _limited(self, folder: str) -> None:
        """Poll the trees in which there was no watch left for a new folder."""
        error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        for root in self._roots.values():
            if root.identity and not root.polled and _inside(folder, root.real):
                self._poll_instead(root, root.real, error)
                self.upset = True

    def _poll_instead(self, root: _Root, real: str, error: OSError) -> None:
        if self._inotify is not None:
            self._inotify.remove(real)

        root.polled = True
        message = "%s is polled every %g s, which is slower and costs more: %s."
        hint = LIMITS.get(error.errno or 0)

        if hint is not None:
            message += (
                " The system's limit for watching files is reached. Raise it with"
                f' "sudo sysctl {hint}" and start again.'
            )

        self._log.warning(message, real, POLL, error.strerror)

    def _leave(self, root: _Root) -> None:
        """Stop watching a folder that is not there any more, or is another one."""
        if root.observed is not None:
            root.observed.stop(STOP_TIMEOUT)
            root.observed = None

        others = [r.real for r in self._roots.values() if r is not root and r.identity]

        if self._inotify is not None and not any(
            _inside(root.real, other) for other in others
        ):
            self._inotify.remove(root.real)

        root.identity = None


def _inside(path: str, folder: str) -> bool:
    return f"{path}{os.sep}".startswith(folder.rstrip(os.sep) + os.sep)


def _identity(real: str) -> tuple[int, int] | None:
    """Tell one folder from another that has its name later."""
    try:
        status = os.stat(real)
    except OSError:
        return None

    return (status.st_dev, status.st_ino) if os.path.isdir(real) else None
