"""The secret that tokens are made of.

All processes that serve an app have to agree on one token: the workers of a server, and
the process that the reloader starts next. Most apps have a secret key. For others, one
is kept in a file that only this user of the machine can read.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import tempfile

from flask import Flask

_LENGTH = 32


def secret_of(app: Flask) -> bytes:
    """Return a secret that is the same in all processes that serve an app."""
    key = app.secret_key or _kept() or secrets.token_bytes(_LENGTH)
    key = key.encode() if isinstance(key, str) else key
    return b"\0".join((key, os.fsencode(app.root_path), app.name.encode()))


def _kept() -> bytes | None:
    """Return the secret of this user, made when it is needed first."""
    user = os.getuid() if hasattr(os, "getuid") else ""
    folder = os.path.join(tempfile.gettempdir(), f"flask-hmr-{user}")
    path = os.path.join(folder, "secret")
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        if not _is_private(folder):
            return None
        if not os.path.exists(path):
            _write(path)
        with open(path, "rb") as file:
            found = file.read(_LENGTH + 1)
    except OSError:
        return None
    return found if len(found) == _LENGTH else None


def _is_private(folder: str) -> bool:
    """Tell whether nobody else can have put something into a folder."""
    status = os.lstat(folder)
    if not stat.S_ISDIR(status.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o077


def _write(path: str) -> None:
    """Write a new secret, unless another process is faster."""
    own = f"{path}.{secrets.token_hex(8)}"
    descriptor = os.open(own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_LENGTH))
        # Complete as soon as it has its name.
        with contextlib.suppress(FileExistsError):
            os.link(own, path)
    finally:
        os.unlink(own)
