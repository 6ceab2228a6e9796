"""A recipe: how records are made of a selection, written as the builder's address."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.http import QueryDict

from interactions.filters.conditions import HasFeedback
from interactions.filters.notation import spell_feedback, spell_label, spell_number
from interactions.models import Dataset
from interactions.services.datasets.placing.split_rule import SplitShares


class RecordKind(StrEnum):
    """What a record holds."""

    PROMPT = "prompt"
    COMPLETION = "completion"
    FEEDBACK = "feedback"
    PREFERENCE = "preference"

    @property
    def of_dataset(self) -> Dataset.Kind:
        """The same as a dataset has it."""
        return Dataset.Kind[self.name]


class PairsFrom(StrEnum):
    """Where the pairs of preferences come from."""

    COMPARISONS = "comparisons"
    MINED = "mined"
    BOTH = "both"


class Ties(StrEnum):
    """What becomes of comparisons in which neither answer is better."""

    OUT = "out"
    TOLD = "told"  # kept, and said to be a tie, for the formats that can say so


class PerPrompt(StrEnum):
    """Which pairs are mined of the answers to one prompt."""

    EXTREMES = "extremes"  # the best with the worst
    ALL = "all"


class Answers(StrEnum):
    """Which answers pairs are mined of."""

    SELECTED = "selected"
    PROMPTS = "prompts"  # all answers to the prompts of the selection; one of a pair is selected


class SampleKind(StrEnum):
    """Which of the records are taken."""

    ALL = "all"
    RANDOM = "random"
    NEWEST = "newest"
    BALANCED = "balanced"  # at random, so many of each value of a label or of each model


class Dedupe(StrEnum):
    """What counts as the same record."""

    NONE = "none"
    PROMPT = "prompt"
    ANSWER = "answer"  # prompt and answer, or a preference's two


class Empty(StrEnum):
    """What becomes of answers that are empty or cut off."""

    OUT = "out"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Balance:
    """What a balanced sample takes so many each of: the values of a label, or else the models."""

    label: str | None = None

    def __str__(self) -> str:
        return "model" if self.label is None else f"label:{spell_label(self.label)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything the builder asks, in the order of its steps; its defaults leave no choice open.

    `of` is the selection. `metric` is what pairs are mined by, if their means differ by `gap` at
    least (None: 1 of yes and no, anything of numbers); of comparisons alone, what they are under.
    `answers` says whether both of a pair have to be selected.
    `n` belongs to every sample but all, and counts each value's where balanced by `by`. `near` is
    from which similarity on records are the same, None for not looked at. `scores` have to hold of
    an interaction, of a pair's preferred one.
    """

    of: UUID
    kind: RecordKind = RecordKind.COMPLETION
    pairs: PairsFrom = PairsFrom.COMPARISONS
    metric: str = ""
    gap: float | None = None
    answers: Answers = Answers.SELECTED
    ties: Ties = Ties.OUT
    per_prompt: PerPrompt = PerPrompt.EXTREMES
    score: tuple[HasFeedback, ...] = ()
    require_feedback: bool = False
    empty: Empty = Empty.OUT
    dedupe: Dedupe = Dedupe.NONE
    near: float | None = None
    sample: SampleKind = SampleKind.ALL
    n: int | None = None
    seed: int = 0
    by: Balance = Balance()
    split: SplitShares = SplitShares()
    name: str = ""

    @property
    def is_preference(self) -> bool:
        """Whether a record is a pair of answers."""
        return self.kind == RecordKind.PREFERENCE

    @property
    def has_answer(self) -> bool:
        """Whether a record holds an answer at all."""
        return self.kind != RecordKind.PROMPT

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and values in their one order, without defaults; `reading.read` reads them."""
        said = []
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "score":
                said += [("score", spell_feedback(condition)) for condition in value]
            elif value != one.default:
                said.append((one.name, _spelt(value)))
        return said

    @property
    def query(self) -> QueryDict:
        """The parameters as Django has them."""
        data = QueryDict(mutable=True)
        for name, value in self.parameters:
            data.appendlist(name, value)
        return data

    @property
    def address(self) -> str:
        """The parameters as an address has them after its question mark."""
        return self.query.urlencode(safe=":/*")


def _spelt(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else ""
    return spell_number(value) if isinstance(value, float) else str(value)
