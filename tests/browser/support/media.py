"""Pictures and clips, made of nothing but their formats."""

from __future__ import annotations

import struct
import zlib

from .project import Project


def png(width: int) -> bytes:
    """Return a picture that is one pixel high."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" + b"\x80" * width)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def write_png(project: Project, name: str, width: int) -> None:
    """Write a picture, and the folder that it is in."""
    project.path(name).parent.mkdir(parents=True, exist_ok=True)
    project.path(name).write_bytes(png(width))


def write_clip(project: Project, name: str, seconds: int = 10) -> None:
    """Write a clip of silence, and the folder that it is in."""
    size = 8000 * seconds
    form = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    parts = [struct.pack("<I", 36 + size), b"WAVEfmt ", form, b"data"]
    data = b"".join([b"RIFF", *parts, struct.pack("<I", size), b"\x80" * size])
    project.path(name).parent.mkdir(parents=True, exist_ok=True)
    project.path(name).write_bytes(data)
