"""Versions: short names for the state of a module and of what it brings along.

A version is a pure function of files. It says which instance of a module a page
gets, so everyone who computes it (another worker, the next process) has to arrive
at the same one. It has two halves: the first stands for content, the second for
modification stamps. Going back to earlier content therefore still gives a new
version, while a file that was only touched can be told from one that was changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

HALF = 8
"""Characters in each half of a version."""

NOWHERE = "0" * 16
"""A version that no module has: what is asked for by it is not there."""

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [one + two for one in _ALPHABET for two in _ALPHABET]
"""Two characters for each number of ten bits."""
_SIZE = 16


def digest(*parts: bytes) -> bytes:
    """Return a 16 byte digest of ``parts``, each delimited by its length."""
    lengths = ",".join([str(len(part)) for part in parts]).encode()
    return hashlib.blake2b(b"\0".join((lengths, *parts)), digest_size=_SIZE).digest()


def combine(digests: Iterable[bytes]) -> bytes:
    """Return one digest for many of equal length, in the order given."""
    return hashlib.blake2b(b"".join(digests), digest_size=_SIZE).digest()


def version(content: bytes, modified: bytes) -> str:
    """Return the version made of two digests.

    :param content: digest of the content of all that the version stands for.
    :param modified: digest of the modification stamps of the same.
    :return: 16 characters out of ``0-9a-z``.
    """
    number = int.from_bytes(content[:5] + modified[:5], "big")
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(70, -1, -10)])


def same_content(one: str, other: str) -> bool:
    """Tell whether two versions differ by modification stamps at most."""
    return one[:HALF] == other[:HALF]
