"""File systems that do not tell of changes made on another machine.

Network shares, and folders that a virtual machine or a container shares with its host,
report what is written through this very mount and nothing else. Which they are is read
from ``/proc/self/mountinfo``, see proc(5).
"""

from __future__ import annotations

import os

_MOUNTS = "/proc/self/mountinfo"

SILENT = frozenset(
    {
        "9p",  # WSL below /mnt, Plan 9 shares of virtual machines
        "afs",
        "ceph",
        "cifs",
        "drvfs",
        "fakeowner",  # Docker Desktop
        "fuse.glusterfs",
        "fuse.grpcfuse",  # Docker Desktop
        "fuse.osxfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "fuse.vmhgfs-fuse",
        "ncpfs",
        "nfs",
        "nfs4",
        "prl_fs",
        "smb3",
        "smbfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
    }
)
"""Types of file systems, as the kernel names them."""


def silent_type(path: str) -> str | None:
    """Return the type of the file system that a path is on, if it is such a one.

    :param path: without links.
    """
    found, kind = "", None
    for place, name in _mounts():
        if len(place) >= len(found) and (path + os.sep).startswith(
            place.rstrip(os.sep) + os.sep
        ):
            # Of two mounts at one place, the later one is seen.
            found, kind = place, name
    return kind if kind in SILENT else None


def _mounts() -> list[tuple[str, str]]:
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.partition(" ")[0]
        if len(fields) > 4 and kind:
            found.append((_unescaped(fields[4]), kind))
    return found


def _unescaped(text: str) -> str:
    """Undo what the kernel writes for spaces and the like."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n")):
        text = text.replace(code, char)
    return text.replace("\\134", "\\")
