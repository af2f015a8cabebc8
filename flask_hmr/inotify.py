"""Folder trees watched by Linux's inotify(7), read by the thread that needs them.

The general library that serves the other systems does well on Linux for most uses.
Here its limits would be felt: a file moved out of the tree holds back all later
events for half a second, a folder moved into it is never heard again, a queue that
overflowed is not mentioned, three threads hand each event on, and ignored folders
cannot be left out. One descriptor in one thread has none of these.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from .settle import Heard, Sign, Stamp

# <sys/inotify.h>; see inotify(7).
IN_MODIFY = 0x0002
IN_ATTRIB = 0x0004
IN_CLOSE_WRITE = 0x0008
IN_MOVED_FROM = 0x0040
IN_MOVED_TO = 0x0080
IN_CREATE = 0x0100
IN_DELETE = 0x0200
IN_DELETE_SELF = 0x0400
IN_MOVE_SELF = 0x0800
IN_Q_OVERFLOW = 0x4000
IN_IGNORED = 0x8000
IN_ONLYDIR = 0x01000000
IN_DONT_FOLLOW = 0x02000000
IN_EXCL_UNLINK = 0x04000000
IN_ISDIR = 0x40000000

# Opening and closing for reading are left out, so that walking a tree makes no
# events: a walk that follows an overflow cannot cause the next one.
MASK = (
    IN_MODIFY
    | IN_ATTRIB
    | IN_CLOSE_WRITE
    | IN_MOVED_FROM
    | IN_MOVED_TO
    | IN_CREATE
    | IN_DELETE
    | IN_ONLYDIR
    | IN_DONT_FOLLOW
    | IN_EXCL_UNLINK
)

HEADER = struct.Struct("iIII")
READ_SIZE = 64 * 1024

#: Of a new folder with more files than this, only the folder itself is reported.
MANY_FILES = 10_000


@dataclass(slots=True)
class News:
    """What one reading of the queue brought."""

    heard: list[Heard] = field(default_factory=list)

    #: The queue overflowed: events were lost, and with them maybe new folders.
    gap: bool = False

    #: New folders for which there were no watches left.
    deaf: list[str] = field(default_factory=list)


class Inotify:
    """One inotify instance and the folders that it watches.

    Not safe for use by several threads.

    :param ignore: Tells which paths are passed over. What is below an ignored
        folder is neither watched nor reported.
    :raises OSError: If there are too many instances already (``EMFILE``).
    """

    def __init__(self, ignore: Callable[[str], bool]) -> None:
        self._ignore = ignore
        libc = ctypes.CDLL(None, use_errno=True)
        self._libc_add = libc.inotify_add_watch
        self._libc_add.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
        self._libc_remove = libc.inotify_rm_watch
        self._libc_remove.argtypes = (ctypes.c_int, ctypes.c_int)
        self._fd: int = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)

        if self._fd < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

        self._buffer = bytearray(READ_SIZE)
        self._folders: dict[int, str] = {}
        self._watches: dict[str, int] = {}
        # Watches of which it is not known whether they are of use.
        self._doubted: set[int] = set()

    def fileno(self) -> int:
        """The descriptor, readable when there is something to :meth:`read`."""
        return self._fd

    def close(self) -> None:
        """Close the descriptor, which ends all its watches.

        After a fork this is safe in the child: the parent's descriptor keeps the
        instance alive.
        """
        if self._fd >= 0:
            # Whoever closed it before us has spared us the work.
            with contextlib.suppress(OSError):
                os.close(self._fd)

            self._fd = -1

        self._folders.clear()
        self._watches.clear()

    def doubt(self) -> bool:
        """Forget what is watched, for all of it to be added anew.

        Watches that are there already are found again. To close the instance instead
        would take as long as the system likes: it waits until nobody in any process
        can be telling it of an event.

        :return: ``False`` if the descriptor is of no use any more.
        """
        try:
            os.fstat(self._fd)
        except OSError:
            return False

        self._doubted.update(self._folders)
        self._folders.clear()
        self._watches.clear()
        return True

    def settle(self) -> None:
        """Let go of watches that were doubted and not added anew."""
        for watch in self._doubted.difference(self._folders):
            self._libc_remove(self._fd, watch)

        self._doubted.clear()

    def watches(self, folder: str) -> bool:
        """Tell whether a folder is watched, itself or as part of a tree."""
        return folder in self._watches

    def add(self, root: str) -> None:
        """Watch a folder and all that is below it.

        :param root: The folder, without symbolic links in its path.
        :raises OSError: If the folder is not there, or if there are no watches left
            (``ENOSPC``).
        """
        self._walk(root, IN_DELETE_SELF | IN_MOVE_SELF)

    def remove(self, root: str) -> None:
        """Stop watching a folder and all that is below it."""
        below = root + os.sep

        for folder in [f for f in self._watches if f == root or f.startswith(below)]:
            watch = self._watches.pop(folder)
            del self._folders[watch]
            self._libc_remove(self._fd, watch)

    def read(self) -> News | None:
        """Read events that are waiting, ``None`` if there are none.

        Folders that come up are watched from then on, and reported with the files
        in them. Of a folder that went away only the folder is reported.
        """
        try:
            # Green threads have a read() of their own, which waits.
            size = os.readv(self._fd, [self._buffer])
        except BlockingIOError:
            return None

        data = bytes(memoryview(self._buffer)[:size])

        news = News()
        at = 0

        while at < len(data):
            watch, mask, _, length = HEADER.unpack_from(data, at)
            at += HEADER.size
            name = data[at : at + length].rstrip(b"\0")
            at += length

            if mask & IN_Q_OVERFLOW:
                news.gap = True
            elif mask & IN_IGNORED:
                self._forget(watch)
            elif watch in self._folders:
                folder = self._folders[watch]
                path = os.path.join(folder, os.fsdecode(name)) if name else folder
                self._take(path, mask, bool(name), news)

        return news

    def _take(self, path: str, mask: int, named: bool, news: News) -> None:
        """Translate one event."""
        if not named:
            if mask & (IN_DELETE_SELF | IN_MOVE_SELF):
                self.remove(path)
                news.heard.append(Heard(path, Sign.GONE))
        elif self._ignore(path):
            pass
        elif mask & IN_ISDIR:
            if mask & IN_MOVED_FROM:
                # Its watches follow it, under paths that are wrong now. Where it
                # arrives in the tree it is added anew.
                self.remove(path)
                news.heard.append(Heard(path, Sign.GONE))
            elif mask & IN_DELETE:
                news.heard.append(Heard(path, Sign.GONE))
            elif mask & (IN_MOVED_TO | IN_CREATE) or not self.watches(path):
                # The latter when permissions change: it may be readable now.
                self._take_folder(path, news)
        elif mask & (IN_DELETE | IN_MOVED_FROM):
            news.heard.append(Heard(path, Sign.GONE))
        elif mask & (IN_CLOSE_WRITE | IN_MOVED_TO):
            news.heard.append(Heard(path, Sign.COMPLETE))
        elif mask & IN_MODIFY:
            news.heard.append(Heard(path, Sign.WRITTEN))
        elif mask & IN_CREATE:
            news.heard.append(self._created(path))
        elif mask & IN_ATTRIB:
            news.heard.append(Heard(path, Sign.TOUCHED))

    @staticmethod
    def _created(path: str) -> Heard:
        try:
            status = os.lstat(path)
        except (OSError, ValueError):
            return Heard(path, Sign.CREATED)

        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            # Links are made in one step; nobody will close them.
            return Heard(path, Sign.COMPLETE)

        return Heard(path, Sign.CREATED, Stamp.from_status(status))

    def _take_folder(self, path: str, news: News) -> None:
        try:
            files = self._walk(path)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                news.deaf.append(path)

            return

        # What happened in it before it was watched went unheard. Whoever looked at
        # its files meanwhile has to look again.
        news.heard.append(Heard(path, Sign.FOLDER))

        if len(files) <= MANY_FILES:
            for file in files:
                news.heard.append(Heard(file, Sign.CHANGED, Stamp.of(file)))

    def _walk(self, root: str, extra: int = 0) -> list[str]:
        """Watch a tree and list its files.

        Each folder is watched before it is listed: what comes up in between is
        found twice rather than never.
        """
        self._watch(root, MASK | extra)
        files = []
        folders = [root]

        while folders:
            folder = folders.pop()

            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if self._ignore(entry.path):
                            continue

                        if not entry.is_dir(follow_symlinks=False):
                            files.append(entry.path)
                        elif self._watch_below(entry.path):
                            folders.append(entry.path)
            except OSError as error:
                if error.errno == errno.ENOSPC:
                    raise

        return files

    def _watch_below(self, folder: str) -> bool:
        try:
            self._watch(folder, MASK)
        except OSError as error:
            # Gone in the meantime, replaced by a file, or not ours to read.
            if error.errno == errno.ENOSPC:
                raise

            return False

        return True

    def _watch(self, folder: str, mask: int) -> None:
        watch = self._libc_add(self._fd, os.fsencode(folder), mask)

        if watch < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), folder)

        # The kernel knows a folder by its inode, so one that was moved has the same
        # watch as before, under its old path.
        before = self._folders.get(watch)

        if before is not None and before != folder:
            del self._watches[before]

        stale = self._watches.get(folder)

        if stale is not None and stale != watch:
            del self._folders[stale]
            self._libc_remove(self._fd, stale)

        self._folders[watch] = folder
        self._watches[folder] = watch

    def _forget(self, watch: int) -> None:
        folder = self._folders.pop(watch, None)

        if folder is not None:
            del self._watches[folder]
