"""Findings that belong together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..checks import Check


@dataclass(frozen=True, slots=True)
class Section:
    """One of them, under a title."""

    title: str
    checks: tuple[Check, ...]

    def as_json(self) -> Iterator[dict[str, Any]]:
        """Yield the findings as JSON can express them."""
        for check in self.checks:
            yield {
                "section": self.title,
                "title": check.title,
                "level": check.level,
                "detail": check.detail,
                "cure": check.cure,
            }


def section(title: str, checks: Iterable[Check]) -> Section:
    """Gather findings; one that fails is a finding, too."""
    found = []
    try:
        for check in checks:
            found.append(check)
    except Exception as error:
        found.append(
            Check.warning(
                "This could not be looked at to its end",
                f"{type(error).__name__}: {error}",
                "That is a mistake of the extension's. Please report it.",
            )
        )
    return Section(title, tuple(found))
