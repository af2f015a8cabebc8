"""The plans that were kept, in memory, for as long as the process lives."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .seeds import SEEDS, Seed

#: The most rows of one seed that a plan may have.
MAX_ROWS = 20


@dataclass(frozen=True, slots=True)
class Row:
    """Some rows of one seed.

    :param seed: What is sown.
    :param count: How many rows of it, 1 to :data:`MAX_ROWS`.
    """

    seed: Seed
    count: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be sown in one bed.

    :param bed: What the gardener calls the bed.
    :param notes: What else there is to remember; may be empty.
    :param rows: What to sow, in the order in which it was chosen.
    """

    bed: str
    notes: str
    rows: tuple[Row, ...]


def read_rows(text: str) -> tuple[Row, ...]:
    """Read the value that the ``<sowing-plan>`` element gives to its form.

    :param text: Seeds and numbers of rows, such as ``"carrot:2,pea:1"``.
    :return: The rows, in the same order.
    :raises ValueError: If the text has another form, names a seed that there is
        not, or asks for fewer than one or more than :data:`MAX_ROWS` rows.
    """
    seeds = {seed.slug: seed for seed in SEEDS}
    rows = []
    for item in filter(None, text.split(",")):
        slug, _, count = item.partition(":")
        if slug not in seeds:
            raise ValueError(f"There is no seed called {slug!r}.")
        if not count.isdecimal() or not 1 <= int(count) <= MAX_ROWS:
            raise ValueError(f"{slug}: a plan has 1 to {MAX_ROWS} rows of a seed.")
        rows.append(Row(seeds[slug], int(count)))
    return tuple(rows)


class PlanBook:
    """The newest plans.

    :param size: How many plans to keep; older ones are forgotten.
    """

    def __init__(self, size: int = 6) -> None:
        self._plans: deque[Plan] = deque(maxlen=size)

    def add(self, plan: Plan) -> None:
        """Keep a plan.

        :param plan: The plan.
        """
        self._plans.appendleft(plan)

    def newest(self) -> list[Plan]:
        """Tell which plans are kept.

        :return: The plans, the newest first.
        """
        return list(self._plans)
