"""What the module graph takes in, and what it gives out: plain values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple


class Kind(enum.Enum):
    """What stands behind a URL."""

    FILE = "file"
    MISSING = "missing"
    OPAQUE = "opaque"
    """No file that can be read: a view's own output, another origin."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One import, seen from the importer."""

    url: str
    """The key of the imported module."""
    dynamic: bool = False
    accepted: bool = False
    """The importer's text makes it certain that it accepts this dependency."""
    names: tuple[str, ...] | None = None
    """The exports that the importer uses, ``None`` if it may be any."""
    unsettled: str | None = None
    """The specifier, where pages differ in what it means to them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one module's file says, and where it is."""

    kind: Kind
    content: bytes = b""
    modified: bytes = b""
    edges: tuple[Edge, ...] = ()
    """One for each imported module, however often it is named."""
    accepts_self: bool = False
    """The text makes it certain that the module accepts itself."""
    may_accept: bool = False
    """It mentions an accept that only running it can decide."""
    accepts_exports: bool = False
    """It mentions that it accepts some of its exports."""
    declines: bool = False
    paths: tuple[str, ...] = ()
    """The file: as it is reached, and its real path where that differs."""


OPAQUE = Facts(Kind.OPAQUE)


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Module(NamedTuple):
    """A module as a change describes it."""

    # A tuple, for one change may describe a hundred thousand of them.

    url: str
    version: str | None
    previous: str | None
    importers: tuple[str, ...] = ()
    """Keys of static importers."""
    dynamic_importers: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    missing: bool = False
    accepts_self: bool = False
    may_accept: bool = False
    declines: bool = False
    accepted_by: frozenset[str] = frozenset()
    """Importers whose text makes it certain that they accept this module."""
    names: Mapping[str, tuple[str, ...]] = _NOTHING
    """Which exports importers use; told where the module accepts only some."""
    unsettled: Mapping[str, str] = _NOTHING
    """Importers whose specifier means this module in some pages only."""


class Surveyed(NamedTuple):
    """A module as whoever looks at the whole graph sees it."""

    url: str
    version: str | None
    facts: Facts | None
    """``None`` if nobody has looked at it yet."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed, what that affects, and what lost an importer by it."""

    seq: int
    """The number of this change in the life of the graph."""
    changed: tuple[str, ...]
    """Modules whose own content changed."""
    affected: Mapping[str, Module]
    """All modules with a new version, the changed ones among them."""
    orphans: Mapping[str, Module]
    """Modules that a changed one no longer imports, with what is below them."""
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Static importers of those modules that orphans still have above them."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.affected)
