"""The parts of a page of pairs."""

from dataclasses import dataclass

from interactions.models import Interaction
from interactions.services.pairs import Pair

from .cards import Card
from .turns import Turn


@dataclass(frozen=True, slots=True)
class Side:
    """One answer: what it says, and who said it, which is told only afterwards."""

    name: str
    value: str
    card: Card
    turn: Turn


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison in words, with the models that were compared."""

    text: str
    tone: str
    link: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A pair as a row of the table."""

    pair: Pair
    link: str
    newer: Interaction
    older: Interaction
    told: list[str]
