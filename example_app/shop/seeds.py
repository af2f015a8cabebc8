"""The seeds that can be sown, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a plant is grown for."""

    ROOT = "Roots"
    LEAF = "Leaves"
    POD = "Pods"
    FRUIT = "Fruit"
    HERB = "Herbs"
    FLOWER = "Flowers"

    @property
    def slug(self) -> str:
        """The name of the kind in attributes and file names."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Season:
    """A run of months, which may go past the end of the year.

    :param first: The first month, 1 to 12.
    :param last: The last month, 1 to 12; before ``first`` if it is in the next year.
    """

    first: int
    last: int

    def __iter__(self) -> Iterator[int]:
        month = self.first
        yield month
        while month != self.last:
            month = month % 12 + 1
            yield month

    def __contains__(self, month: object) -> bool:
        return any(month == each for each in self)


@dataclass(frozen=True, slots=True)
class Seed:
    """A kind of seed.

    :param slug: Its name in addresses and attributes.
    :param name: The plant, as one asks for it.
    :param variety: The name on the packet.
    :param kind: What it is grown for.
    :param sow: When to sow it.
    :param harvest: When to pick it.
    :param spacing: Centimetres between two seeds of a row.
    :param hint: One sentence of advice.
    """

    slug: str
    name: str
    variety: str
    kind: Kind
    sow: Season
    harvest: Season
    spacing: int
    hint: str


SEEDS = (
    Seed(
        "carrot",
        "Carrot",
        "Early Nantes",
        Kind.ROOT,
        Season(3, 7),
        Season(6, 11),
        3,
        "Sow thinly, and the flies will not find them.",
    ),
    Seed(
        "beetroot",
        "Beetroot",
        "Boltardy",
        Kind.ROOT,
        Season(4, 7),
        Season(6, 10),
        10,
        "Soak the seeds overnight before they go in.",
    ),
    Seed(
        "radish",
        "Radish",
        "French Breakfast",
        Kind.ROOT,
        Season(3, 9),
        Season(4, 10),
        4,
        "A short row every fortnight is enough.",
    ),
    Seed(
        "lettuce",
        "Lettuce",
        "Little Gem",
        Kind.LEAF,
        Season(3, 8),
        Season(5, 10),
        20,
        "Does not come up when it is hotter than 25 °C.",
    ),
    Seed(
        "kale",
        "Kale",
        "Nero di Toscana",
        Kind.LEAF,
        Season(4, 6),
        Season(9, 2),
        45,
        "Tastes better after the first frost.",
    ),
    Seed(
        "leek",
        "Leek",
        "Musselburgh",
        Kind.LEAF,
        Season(2, 4),
        Season(9, 3),
        15,
        "Plant out when as thick as a pencil.",
    ),
    Seed(
        "pea",
        "Pea",
        "Kelvedon Wonder",
        Kind.POD,
        Season(3, 6),
        Season(6, 9),
        5,
        "Give it twigs to climb on from the start.",
    ),
    Seed(
        "broad-bean",
        "Broad bean",
        "Aquadulce",
        Kind.POD,
        Season(10, 12),
        Season(5, 7),
        20,
        "Goes in last of all and is ready first.",
    ),
    Seed(
        "tomato",
        "Tomato",
        "Gardener’s Delight",
        Kind.FRUIT,
        Season(2, 4),
        Season(7, 10),
        45,
        "Starts on a warm window sill.",
    ),
    Seed(
        "courgette",
        "Courgette",
        "Defender",
        Kind.FRUIT,
        Season(4, 6),
        Season(7, 10),
        90,
        "Two plants feed a family; three feed the street.",
    ),
    Seed(
        "coriander",
        "Coriander",
        "Calypso",
        Kind.HERB,
        Season(4, 8),
        Season(6, 10),
        5,
        "Sow it where it will stay.",
    ),
    Seed(
        "sweet-pea",
        "Sweet pea",
        "Matucana",
        Kind.FLOWER,
        Season(10, 4),
        Season(5, 9),
        15,
        "The more you cut, the more it flowers.",
    ),
)
