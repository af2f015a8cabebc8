"""Numbers of a run: medians, spreads, ratios, and how quiet the machine was."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the others is."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@dataclass
class Machine:
    """How fast the machine was, over and over, by the time of a fixed piece of work."""

    milliseconds: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Take the time once."""
        start = time.perf_counter()
        sum(n * n for n in range(400_000))
        self.milliseconds.append((time.perf_counter() - start) * 1000)

    @property
    def spread(self) -> float:
        """How much slower the slow tenth was than the fast tenth."""
        return quantile(self.milliseconds, 0.9) / quantile(self.milliseconds, 0.1)

    @property
    def is_noisy(self) -> bool:
        """Whether numbers of this run should not be believed."""
        return self.spread > 1.3

    def __str__(self) -> str:
        told = (
            f"a fixed piece of work took {statistics.median(self.milliseconds):.0f} ms,"
            f" in the slow tenth {self.spread:.2f} times as long as in the fast tenth"
        )
        return f"NOISY, do not believe this run: {told}" if self.is_noisy else told


@dataclass
class Row:
    """One measurement of all servers, round by round.

    :param name: what is measured.
    :param unit: of the values.
    :param goal: the highest ratio that is wanted, to the best of ``against``.
    :param against: the servers that ours is compared with.
    """

    name: str
    unit: str
    goal: float | None = None
    against: tuple[str, ...] = ()
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, server: str, value: float) -> None:
        """Take note of what one round gave."""
        self.values.setdefault(server, []).append(value)

    def ratios(self, own: str = "Flask-HMR") -> list[float]:
        """Return the ratio of ours to the better of the others, for each round."""
        others = [self.values[name] for name in self.against if name in self.values]
        if own not in self.values or not others:
            return []
        best = [min(row) for row in zip(*others, strict=False)]
        pairs = zip(self.values[own], best, strict=False)
        return [ours / its for ours, its in pairs if its]

    def line(self, servers: Sequence[str]) -> str:
        """Return the row of a table."""
        cells = []
        for server in servers:
            found = self.values.get(server)
            cells.append(f"{statistics.median(found):20.1f}" if found else f"{'–':>20}")
        ratios = self.ratios()
        end = ""
        if ratios:
            middle = statistics.median(ratios)
            end = f"{middle:8.2f}  [{min(ratios):.2f} … {max(ratios):.2f}]"
            if self.goal is not None:
                end += f"  goal {self.goal}{'' if middle <= self.goal else ' NOT MET'}"
        return f"{self.name + ', ' + self.unit:38}{''.join(cells)}{end}"
