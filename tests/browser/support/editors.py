"""How editors save a file. Each way gives the file watcher other events."""

from __future__ import annotations

import typing as t
from pathlib import Path


def in_place(path: Path, data: bytes) -> None:
    """Write over the file, as nano, VS Code and a shell's ``>`` do."""
    path.write_bytes(data)


def atomic(path: Path, data: bytes) -> None:
    """Write a new file beside it and rename that, as Sublime Text and gedit do."""
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def vim(path: Path, data: bytes) -> None:
    """Move the old file to ``name~`` and write a new one, as Vim does.

    Vim also tries first whether the folder can be written, with a file ``4913``,
    and holds a swap file.
    """
    swap = path.with_name(f".{path.name}.swp")
    swap.write_bytes(b"b0VIM")
    probe = path.with_name("4913")
    probe.touch()
    probe.unlink()
    backup = path.with_name(f"{path.name}~")

    if path.exists():
        path.replace(backup)

    path.write_bytes(data)
    backup.unlink(missing_ok=True)
    swap.unlink()


def jetbrains(path: Path, data: bytes) -> None:
    """Swap the old file for a new one with two renames: JetBrains' "safe write"."""
    new = path.with_name(f"{path.name}___jb_tmp___")
    new.write_bytes(data)
    old = path.with_name(f"{path.name}___jb_old___")

    if path.exists():
        path.replace(old)

    new.replace(path)
    old.unlink(missing_ok=True)


def truncate(path: Path, data: bytes) -> None:
    """Empty the file, then write it in two parts, as a slow writer does."""
    path.write_bytes(b"")
    half = len(data) // 2

    for part in (data[:half], data[half:]):
        with path.open("ab") as file:
            file.write(part)


STYLES: t.Final[t.Mapping[str, t.Callable[[Path, bytes], None]]] = {
    "inplace": in_place,
    "atomic": atomic,
    "vim": vim,
    "jetbrains": jetbrains,
    "truncate": truncate,
}
