"""What the lexer finds in a text.

All offsets count code points from the start of the text, a byte order mark
included.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class ImportKind(enum.Enum):
    """How a module refers to another one."""

    STATIC = "static"
    """``import … from "…"`` or ``import "…"``."""

    EXPORT_FROM = "export-from"
    """``export … from "…"``."""

    DYNAMIC = "dynamic"
    """``import(…)``."""


@dataclass(frozen=True, slots=True)
class Import:
    """One reference to another module. All offsets are in code points."""

    specifier: str | None
    """The value of the literal; ``None`` for ``import(x)``."""

    kind: ImportKind

    start: int
    """Offset of the literal, or just after the ``(`` of ``import(x)``."""

    end: int
    """Offset after the literal's closing quote; ``start`` for ``import(x)``."""

    keyword: int
    """Offset of the word ``import`` or ``export``."""

    argument: int
    """Offset just after the ``(`` of ``import(…)``.

    -1 for static imports, and for ``import.source(…)`` and ``import.defer(…)``,
    whose keyword cannot be replaced by a function.
    """

    type: str | None
    """The import attribute ``type``, such as ``"css"`` or ``"json"``."""


@dataclass(frozen=True, slots=True)
class ScanError:
    """What the lexer stumbled over."""

    message: str
    offset: int


@dataclass(frozen=True, slots=True)
class Scan:
    """What the lexer found in a text."""

    imports: tuple[Import, ...]
    """In the order of the source."""

    uses_hot: bool
    """Reads ``import.meta.hot`` or ``import.meta.dispose``.

    Also true where ``import.meta`` as a whole is used in a way that hides what
    is read from it.
    """

    uses_url: bool
    """Reads ``import.meta.url``, or ``import.meta`` as a whole."""

    accepts_self: bool
    """Surely calls ``accept()`` or ``accept(callback)`` when it is evaluated."""

    accepts_deps: tuple[str, ...]
    """The specifiers that it surely accepts when it is evaluated."""

    mentions_accept: bool
    """Has a call of ``accept`` or ``acceptExports`` that may or may not run."""

    declines: bool
    """Surely calls ``decline()`` when it is evaluated."""

    is_module: bool
    """Has a static import, an export or ``import.meta``: no classic script."""

    has_default: bool
    """Has an export named ``default``."""

    body: int
    """Offset where a statement can be put before all others."""

    errors: tuple[ScanError, ...]
    """What the lexer stumbled over, up to the last ``import`` or ``export``."""
