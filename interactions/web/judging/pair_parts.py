"""The parts of a page of pairs."""

from dataclasses import dataclass

from adaptive_site.lib.word_diff import CHARACTERS_COMPARED
from interactions.models import Interaction
from interactions.services.judging.pairs import Pair
from interactions.web.rendering.cards import Card
from interactions.web.rendering.turns import Turn, answer_text


@dataclass(frozen=True, slots=True)
class Side:
    """One answer: what it says, and who said it, which is told only afterwards."""

    name: str
    value: str
    card: Card
    turn: Turn

    @property
    def text(self) -> str:
        """What it says, to be compared word by word."""
        return answer_text(self.card.interaction.body)

    @property
    def beginning(self) -> str:
        """As much of that as is shown unmarked."""
        return self.text[:CHARACTERS_COMPARED]

    @property
    def rest(self) -> int:
        """How many characters that leaves out."""
        return max(0, len(self.text) - CHARACTERS_COMPARED)


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
