"""One finding of ``flask hmr doctor``: what plugins give, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["fine", "note", "warning", "problem"]
"""How bad a finding is: see the methods of :class:`Check`."""


@dataclass(frozen=True, slots=True)
class Check:
    """What ``flask hmr doctor`` has looked at, and found."""

    title: str
    """What was found, in a few words: ``"Debug mode is off"``."""
    level: Level = "fine"
    """How bad it is: ``"fine"``, ``"note"``, ``"warning"`` or ``"problem"``."""
    detail: str = ""
    """What more there is to know: where, which, how many."""
    cure: str = ""
    """What to do about it."""

    def __post_init__(self) -> None:
        if self.level not in get_args(Level):
            allowed = ", ".join(f'"{level}"' for level in get_args(Level))
            raise ValueError(f"{self.level!r} is no level: it is one of {allowed}")

    @classmethod
    def fine(cls, title: str, detail: str = "") -> Check:
        """Return a finding that all is well."""
        return cls(title, "fine", detail)

    @classmethod
    def note(cls, title: str, detail: str = "", cure: str = "") -> Check:
        """Return something to know, which need not be changed."""
        return cls(title, "note", detail, cure)

    @classmethod
    def warning(cls, title: str, detail: str = "", cure: str = "") -> Check:
        """Return what makes it work worse than it could."""
        return cls(title, "warning", detail, cure)

    @classmethod
    def problem(cls, title: str, detail: str = "", cure: str = "") -> Check:
        """Return what keeps it from working. The exit status is then 1."""
        return cls(title, "problem", detail, cure)
