"""The conditions a filter is made of; each exists once, here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from adaptive_site.lib.database.sql import Bounds
from adaptive_site.lib.ids import first_id_at
from interactions.textindex.places import Place


class Comparator(StrEnum):
    """How a number is compared."""

    EQUAL = "eq"
    NOT_EQUAL = "neq"
    LESS = "lt"
    AT_MOST = "lte"
    MORE = "gt"
    AT_LEAST = "gte"

    @property
    def sign(self) -> str:
        """As mathematics writes it."""
        return {"eq": "=", "neq": "≠", "lt": "<", "lte": "≤", "gt": ">", "gte": "≥"}[self]

    @property
    def sql(self) -> str:
        """As SQL writes it."""
        return {"eq": "=", "neq": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}[self]


class Number(StrEnum):
    """What is measured of an interaction; the values are an address's parameters."""

    LATENCY = "latency"
    TTFT = "ttft"
    TOKENS = "tokens"
    PROMPT_TOKENS = "prompt_tokens"
    COMPLETION_TOKENS = "completion_tokens"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class HasLabel:
    """The label `key` with any of `values`; with None, any value at all."""

    key: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class HasLlm:
    """Answered by one of these models, by key or UUID; None stands for no model."""

    keys: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class HasId:
    """The interaction with this id."""

    id: UUID


@dataclass(frozen=True, slots=True)
class CreatedBy:
    """Sent in by one of these users, by e-mail address or UUID, or by a client in their name.

    With `is_account_alone` only what came with their own accounts: the members of a group of
    users. No address spells that.
    """

    users: tuple[str, ...]
    is_account_alone: bool = False


@dataclass(frozen=True, slots=True)
class HasSource:
    """Came in by one of these ways."""

    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InSession:
    """A turn of this session."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class HasPrompt:
    """The prompt with this hash."""

    prompt_hash: UUID


@dataclass(frozen=True, slots=True)
class HasNumber:
    """A measure that compares with `value` as `comparator` says; times are in milliseconds.

    Of an interaction whose measure is not known it does not hold.
    """

    number: Number
    comparator: Comparator
    value: float


@dataclass(frozen=True, slots=True)
class CreatedIn:
    """Created at `start` or later, and before `end`; None leaves a side open."""

    start: datetime | None = None
    end: datetime | None = None

    @property
    def ids(self) -> Bounds:
        """The span of ids, since an id begins with the time of its interaction."""
        return Bounds(
            least=None if self.start is None else str(first_id_at(self.start)),
            below=None if self.end is None else str(first_id_at(self.end)),
        )


@dataclass(frozen=True, slots=True)
class CreatedWithin:
    """Created in the last while, whenever it is asked; `tree.resolved` makes it a CreatedIn."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class HasFeedback:
    """Some feedback under `metric` whose value compares with `value` as `comparator` says.

    None stands for any metric and for any value.
    `also` are more comparisons of the same value, as a span has two. `reasons` are the reasons the
    feedback may have, to the letter, and `because` texts of which one stands in its reason or
    details (None: any). `given_by` names who gave it, as in `CreatedBy` (None: anyone).
    """

    metric: str | None = None
    comparator: Comparator | None = None
    value: float | None = None
    also: tuple[tuple[Comparator, float], ...] = ()
    reasons: tuple[str, ...] | None = None
    given_by: str | None = None
    because: tuple[str, ...] | None = None

    @property
    def comparisons(self) -> tuple[tuple[Comparator, float], ...]:
        """All comparisons that the value must satisfy."""
        if self.comparator is None or self.value is None:
            return self.also
        return ((self.comparator, self.value), *self.also)


@dataclass(frozen=True, slots=True)
class IsCompared:
    """One side of a comparison under `metric` (None: any metric), preferred or not."""

    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Contains:
    """`text` stands in the prompt or completion, in letters that mean the same (`letters.py`)."""

    text: str
    place: Place = Place.ANYWHERE


@dataclass(frozen=True, slots=True)
class Reads:
    """The completion, or a text of the prompt, is `text` to the letter."""

    text: str
    place: Place = Place.ANYWHERE


Condition: TypeAlias = (
    HasId
    | HasLabel
    | HasLlm
    | HasSource
    | InSession
    | HasPrompt
    | HasNumber
    | CreatedIn
    | CreatedWithin
    | CreatedBy
    | HasFeedback
    | IsCompared
    | Contains
    | Reads
)
