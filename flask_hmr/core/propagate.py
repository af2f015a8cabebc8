"""Which boundaries take a change, as far as the text of the modules tells.

Pages decide for themselves, from what their modules registered when they ran. This
reading serves the terminal and whoever asks why a file reloads the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .facts import Module


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a change ends."""

    boundaries: tuple[str, ...]
    """Modules that take care of it."""
    dead_end: tuple[str, ...]
    """The first way that ends nowhere, from the changed module up; may be empty."""
    certain: bool
    """False where a module on the way may accept when it runs."""
    _reached_by: Mapping[str, str] = field(default_factory=dict, compare=False)
    _came_from: Mapping[str, str | None] = field(default_factory=dict, compare=False)

    def way_to(self, boundary: str) -> tuple[str, ...]:
        """Return the way on which a boundary was reached, from the changed module up.

        :param boundary: one of the boundaries.
        """
        last = self._reached_by[boundary]
        way = _way(last, self._came_from)
        return way if last == boundary else (*way, boundary)

    def takes_dependency(self, boundary: str) -> bool:
        """Tell whether a boundary accepts what it imports, and not itself."""
        return self._reached_by[boundary] != boundary


def propagate(
    changed: Iterable[str], module: Callable[[str], Module | None]
) -> Outcome:
    """Follow a change up to its boundaries.

    Takes time linear in the modules and imports on the way.

    :param changed: keys of the modules that changed.
    :param module: looks up what is known of a module by its key.
    """
    boundaries: dict[str, str] = {}
    dead_end: tuple[str, ...] = ()
    certain = True
    came_from: dict[str, str | None] = dict.fromkeys(changed)
    waiting = list(came_from)
    # From importers down again, and where something takes the change.
    below: dict[str, list[str]] = {}
    taken: list[str] = []
    while waiting:
        url = waiting.pop()
        here = module(url)
        if here is None:
            taken.append(url)
            continue
        certain = certain and not here.may_accept
        if here.accepts_self and not here.declines:
            boundaries.setdefault(url, url)
            taken.append(url)
            continue
        importers = (*here.importers, *here.dynamic_importers)
        if here.declines or not importers:
            dead_end = dead_end or _way(url, came_from)
            continue
        for importer in importers:
            if importer in here.accepted_by:
                boundaries.setdefault(importer, url)
                taken.append(url)
                continue
            below.setdefault(importer, []).append(url)
            if importer not in came_from:
                came_from[importer] = url
                waiting.append(importer)
    if not dead_end:
        # A way that only goes round ends nowhere.
        led = _all_below(taken, below)
        lost = next((url for url in came_from if url not in led), None)
        dead_end = () if lost is None else _way(lost, came_from)
    return Outcome(tuple(boundaries), dead_end, certain, boundaries, came_from)


def _all_below(urls: list[str], below: dict[str, list[str]]) -> set[str]:
    found = set(urls)
    waiting = list(found)
    while waiting:
        for url in below.get(waiting.pop(), ()):
            if url not in found:
                found.add(url)
                waiting.append(url)
    return found


def _way(url: str, came_from: Mapping[str, str | None]) -> tuple[str, ...]:
    way: list[str] = []
    step: str | None = url
    while step is not None:
        way.append(step)
        step = came_from[step]
    return tuple(reversed(way))
