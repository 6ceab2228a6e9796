"""The parts of a page of pairs."""

from dataclasses import dataclass

from adaptive_site.lib.word_diff import CHARACTERS_COMPARED
from interactions.models import Interaction
from interactions.services.judging.pairs import Pair
from interactions.web.rendering.cards import Card
from interactions.web.rendering.turns import Turn, answer_text


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two answers, without its model."""

    name: str
    value: str
    card: Card
    turn: Turn

    @property
    def text(self) -> str:
        """The text of the answer, to be compared word by word."""
        return answer_text(self.card.interaction.body)

    @property
    def beginning(self) -> str:
        """As much of the text as is shown without marks."""
        return self.text[:CHARACTERS_COMPARED]

    @property
    def rest(self) -> int:
        """How many characters are not shown."""
        return max(0, len(self.text) - CHARACTERS_COMPARED)


@dataclass(frozen=True, slots=True)
class ShownPreference:
    """A comparison in words, with the models that were compared."""

    text: str
    tone: str
    link: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair as a row of the table."""

    pair: Pair
    link: str
    newer: Interaction
    older: Interaction
    comparisons: list[str]
