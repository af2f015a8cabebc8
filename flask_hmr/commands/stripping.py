"""Copies a folder for production, its modules without ``import.meta.hot``."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..core.places import place_at
from ..core.strip import strip
from ..files import decode, encode

SUFFIXES = (".js", ".mjs")
"""How the names of modules end. All else is copied as it is."""


class PlaceError(Exception):
    """Nothing can be copied from there to there."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What keeps a module from being stripped."""

    file: str
    line: int
    column: int
    reason: str


@dataclass
class Copies:
    """What is to be written, and what stands against it."""

    source: Path
    target: Path
    """The file or folder to be written."""
    files: list[tuple[Path, Path, bytes | None]] = field(default_factory=list)
    """Where each file is, where it goes, and its new content if it has one."""
    removed: int = 0
    """How many uses of ``import.meta.hot`` are taken out."""
    stripped: int = 0
    """Out of how many modules."""
    complaints: list[Complaint] = field(default_factory=list)
    left_out: list[tuple[Path, str]] = field(default_factory=list)
    """What cannot be copied, and why."""

    def write(self) -> None:
        """Write all files; those that are there are replaced, others stay."""
        for source, target, content in self.files:
            target.parent.mkdir(parents=True, exist_ok=True)
            # A link is replaced itself, and not what it leads to: a hard link, too.
            target.unlink(missing_ok=True)
            if content is None:
                shutil.copy2(source, target)
            else:
                target.write_bytes(content)
                shutil.copymode(source, target)


def prepare(source: Path, target: Path) -> Copies:
    """Find out what is to be written, and write nothing.

    :param source: a file or folder.
    :param target: a folder that may not be there yet; of a file also a file.
    :raises PlaceError: the two cannot be used together.
    """
    if source.is_file() and target.is_dir():
        target /= source.name
    _check_places(source, target)
    copies = Copies(source, target)
    for path, name in _files(source, copies):
        copies.files.append((path, target / name, _content(path, copies)))
    _check_targets(copies)
    return copies


def _check_places(source: Path, target: Path) -> None:
    real, wanted = source.resolve(), target.resolve()
    if not source.exists():
        raise PlaceError(f"There is no file or folder {source}.")
    if source.is_dir() and wanted.is_relative_to(real):
        raise PlaceError(
            f"{target} is {source} itself or lies in it. Name a folder elsewhere, for"
            " the sources stay as they are."
        )
    if wanted == real:
        raise PlaceError(f"{target} is {source} itself. Name another file or folder.")
    if source.is_dir() and target.exists() and not target.is_dir():
        raise PlaceError(f"{target} is a file, and {source} a folder. Name a folder.")


def _check_targets(copies: Copies) -> None:
    """Make sure that no source is written over, whatever links lead where."""
    sources = {path.resolve() for path, _, _ in copies.files}
    for _, target, _ in copies.files:
        if target.parent.resolve() / target.name in sources:
            raise PlaceError(
                f"{target} is one of the sources, which stay as they are. Name a folder"
                " that no link leads out of."
            )
        if target.is_dir():
            raise PlaceError(f"{target} is a folder, where a file is to be written.")


def _files(source: Path, copies: Copies) -> Iterator[tuple[Path, str]]:
    """Yield all files and their names below the source; links are followed."""
    if source.is_file():
        yield source, ""
        return
    # With the real folders on the way to it: a link to one of those never ends.
    waiting = [(source, frozenset({source.resolve()}))]
    while waiting:
        folder, above = waiting.pop()
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            path = Path(entry.path)
            try:
                mode = path.stat().st_mode
            except OSError:
                copies.left_out.append((path, "a link that leads nowhere"))
                continue
            real = path.resolve()
            if stat.S_ISREG(mode):
                yield path, os.path.relpath(path, source)
            elif not stat.S_ISDIR(mode):
                copies.left_out.append((path, "neither a file nor a folder"))
            elif real in above:
                copies.left_out.append((path, "a link to a folder that it is in"))
            else:
                waiting.append((path, above | {real}))


def _content(path: Path, copies: Copies) -> bytes | None:
    """Return what is to be written for a file; ``None`` for what is in it."""
    if path.suffix not in SUFFIXES:
        return None
    text = decode(path.read_bytes())
    result = strip(text)
    for refusal in result.refusals:
        place = place_at(text, refusal.offset)
        copies.complaints.append(Complaint(str(path), *place, refusal.reason))
    if result.text == text:
        return None
    copies.removed += result.removed
    copies.stripped += 1
    return encode(result.text)
