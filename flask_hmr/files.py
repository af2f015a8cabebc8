"""Reading modules from disk: whole files, in one piece, once per state of a file."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .core.lexer import Scan, scan
from .core.versions import digest
from .recent import Recent

MAX_SIZE = 16 * 1024 * 1024
"""Bytes; a larger file is served as it is and takes no part."""

CACHE_SIZE = 32 * 1024 * 1024
"""Characters of text kept in memory."""

COARSEST_CLOCK = 2_500_000_000
"""Nanoseconds: the longest time for which a file system may give one stamp.

Linux stamps files by a clock that ticks every few milliseconds, FAT keeps two seconds.
"""

EMPTY_PATIENCE = 250_000_000
"""Nanoseconds in which a file that has just been emptied may be filled again."""

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one state of a file from another without reading it."""

    modified: int
    changed: int
    size: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """Return the identity in what the system says about a file."""
        # On Windows this is the time of creation, which does no harm here.
        return cls(
            status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
        )


@dataclass(slots=True)
class Source:
    """One file as it was at one moment."""

    path: str
    identity: Identity
    text: str
    """Decoded as UTF-8; bytes that are no UTF-8 survive the way back."""
    content: bytes
    modified: bytes
    is_young: bool = False
    """Written so shortly before it was read that one more write may have left no trace
    in the file's identity."""
    dependencies: tuple[str, ...] = ()
    """Other files that the text was made from, too."""
    _scan: Scan | None = field(default=None, repr=False)

    @property
    def scan(self) -> Scan:
        """What the lexer finds in the text, found once."""
        if self._scan is None:
            self._scan = scan(self.text)
        return self._scan


def decode(data: bytes) -> str:
    """Decode the text of a module, which browsers take as UTF-8 whatever it says."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Undo :func:`decode`."""
    return text.encode("utf-8", "surrogateescape")


class Files:
    """The most recently used sources.

    :param allows: tells of a path without links whether what is there may be read.
    """

    def __init__(self, allows: Callable[[str], bool] = lambda path: True) -> None:
        self._allows = allows
        self._sources: Recent[str, Source] = Recent(CACHE_SIZE)

    def identity(self, path: str) -> Identity | None:
        """Return the present state of a regular file, ``None`` if there is none."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        return Identity.of(status) if stat.S_ISREG(status.st_mode) else None

    def kept(self, path: str) -> Source | None:
        """Return the source read last, whether or not it still is so on disk."""
        return self._sources.get(path)

    def read(self, path: str) -> Source | None:
        """Return a file's present source.

        :return: ``None`` when there is no such regular file, it cannot be read or
            may not, or it is larger than :data:`MAX_SIZE`. Of one that has been
            emptied a moment ago, the source that it had before.
        """
        now = self.identity(path)
        if now is None or now.size > MAX_SIZE:
            return None
        known = self.kept(path)
        if known is not None and not now.size and known.text and _is_fresh(now):
            # Its writer makes room for what comes next, and says when that is there.
            return known
        is_same = known is not None and known.identity == now
        if known is not None and is_same and not known.is_young:
            return known
        source = _read(path, self._allows)
        if known is not None and is_same and source and source.content == known.content:
            known.is_young = source.is_young
            return known
        if source is not None:
            self._sources.put(path, source, len(source.text))
        return source


def _is_fresh(identity: Identity) -> bool:
    age = time.time_ns() - max(identity.modified, identity.changed)
    return 0 <= age < EMPTY_PATIENCE


def _read(path: str, allows: Callable[[str], bool]) -> Source | None:
    """Read a file such that content and identity belong together."""
    for _ in range(_TRIES):
        started = time.time_ns()
        try:
            # Opening a FIFO would wait for its writer; it was a regular file a
            # moment ago, and O_NONBLOCK covers the moment since.
            descriptor = os.open(
                path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY
            )
            try:
                before = os.fstat(descriptor)
                # Whatever the name has meant before: this is what is read.
                if not stat.S_ISREG(before.st_mode) or not allows(
                    _opened(descriptor, path)
                ):
                    return None
                # One more, so that a file that grows is not taken for whole.
                data = _read_all(descriptor, min(before.st_size, MAX_SIZE) + 1)
                after = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except (OSError, ValueError):
            return None
        if len(data) > MAX_SIZE:
            return None
        identity = Identity.of(after)
        if Identity.of(before) == identity and identity.size == len(data):
            break
    else:
        # Still changing: this is no state of the file, so it is read again next time.
        identity = _UNSTABLE
    stamp = f"{identity.modified} {identity.changed}".encode()
    is_young = max(identity.modified, identity.changed) > started - COARSEST_CLOCK
    text = decode(data)
    return Source(path, identity, text, digest(data), digest(stamp), is_young)


def real_path(path: str) -> str:
    """Return a path with all links resolved.

    A link that becomes a file while it is looked at is looked at again:
    :func:`os.path.realpath` raises an error then. Where that goes on and on, the path
    itself is returned.
    """
    for _ in range(_TRIES):
        try:
            return os.path.realpath(path)
        except OSError:
            continue
    return path


def _opened(descriptor: int, path: str) -> str:
    """Return the path of an open file, without links."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        # No system but Linux has that.
        return real_path(path)


def _read_all(descriptor: int, limit: int) -> bytes:
    """Read a file to its end, or so many bytes of it."""
    data = os.read(descriptor, limit)
    while len(data) < limit and (more := os.read(descriptor, limit - len(data))):
        data += more
    return data


_UNSTABLE = Identity(0, 0, -1, 0)
_BINARY = getattr(os, "O_BINARY", 0)
