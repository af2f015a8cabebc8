"""Folder trees watched by watchdog: off Linux, and wherever only polling works."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserverVFS

from .settle import Sign

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

# Opening and closing for reading are left out: on Linux a walk through the tree
# would make so many of those that the kernel's queue overflows.
EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]


class Observed:
    """One folder and all that is below it, watched by watchdog's threads.

    :param root: The folder, without symbolic links in its path.
    :param ignore: Tells which paths are passed over, with all that is below them.
    :param heard: Called in watchdog's thread with each path and what was heard.
    :param poll: Look at all files every so many seconds, instead of asking the
        system to tell.
    :raises OSError: If the folder is not there, or the system has reached a limit.
    """

    def __init__(
        self,
        root: str,
        ignore: Callable[[str], bool],
        heard: Callable[[str, Sign], None],
        poll: float | None = None,
    ) -> None:
        self._handler = _Handler(root, ignore, heard)
        self._observer = Observer() if poll is None else _polling(ignore, poll)
        self._observer.name = "hmr-observer"
        self._observer.schedule(
            self._handler, root, recursive=True, event_filter=EVENTS
        )

        try:
            self._observer.start()
        except BaseException:
            self._observer.unschedule_all()
            raise

    def alive(self) -> bool:
        """Tell whether all the threads that this needs are still running."""
        emitters = self._observer.emitters
        return self._observer.is_alive() and all(e.is_alive() for e in emitters)

    def covers(self, path: str) -> bool:
        """Tell whether what happens to this path is reported."""
        return self._handler.covers(path)

    def stop(self, timeout: float) -> None:
        """Stop watching.

        :param timeout: How many seconds to wait for the threads to end.
        """
        self._observer.stop()
        self._observer.join(timeout)


def _polling(ignore: Callable[[str], bool], interval: float) -> BaseObserver:
    def listdir(folder: str | None) -> Iterator[os.DirEntry[str]]:
        with os.scandir(folder) as entries:
            # What is ignored costs nothing from the second folder level on.
            yield from [entry for entry in entries if not ignore(entry.path)]

    return PollingObserverVFS(
        os.stat,
        listdir,
        polling_interval=interval,  # type: ignore[arg-type]
    )


class _Handler(FileSystemEventHandler):
    """Translates watchdog's events."""

    def __init__(
        self,
        root: str,
        ignore: Callable[[str], bool],
        heard: Callable[[str, Sign], None],
    ) -> None:
        self._root = root
        self._ignore = ignore
        self._heard = heard

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take any event, of a file or a folder."""
        path = os.fsdecode(event.src_path)

        if event.event_type in ("deleted", "moved"):
            self._tell(path, Sign.GONE)
            path = os.fsdecode(event.dest_path)

            if not path:
                return

        if event.is_directory:
            self._tell(path, Sign.FOLDER)
            self._tell_files(path)
        elif event.event_type == "closed":
            self._tell(path, Sign.COMPLETE)
        else:
            self._tell(path, Sign.CHANGED)

    def covers(self, path: str) -> bool:
        """Tell whether a path is in the folder, and no part on its way is ignored."""
        if path != self._root and not path.startswith(
            self._root.rstrip(os.sep) + os.sep
        ):
            return False

        while len(path) > len(self._root):
            if self._ignore(path):
                return False

            path = os.path.dirname(path)

        return True

    def _tell(self, path: str, sign: Sign) -> None:
        if self.covers(path):
            self._heard(path, sign)

    def _tell_files(self, folder: str) -> None:
        # Not every system names the files that came with a folder.
        for parent, folders, files in os.walk(folder):
            folders[:] = [
                f for f in folders if not self._ignore(os.path.join(parent, f))
            ]

            for file in files:
                self._tell(os.path.join(parent, file), Sign.CHANGED)
