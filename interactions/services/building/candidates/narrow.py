"""What a record may be made of: interactions and pairs of them, in narrow columns."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from uuid import UUID

from interactions.models import Comparison
from interactions.services.building.candidates.columns import IdColumn

NO_VALUE = -1
TIES = ("", *Comparison.Tied.values)


class Flaw(IntEnum):
    """What is wrong with an answer, as far as it can be told without reading it."""

    NONE = 0
    EMPTY = 1
    CUT_OFF = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One interaction, or two that answer the same prompt, the preferred one first.

    `at` says when: the interaction's own id, a comparison's id, or the newer of two that were
    mined. `value` is the id of the label or model that a sample is balanced by. `digest` is of the
    answer, or of both.
    """

    at: bytes
    id: bytes
    prompt: bytes
    session: bytes | None
    value: int = NO_VALUE
    flaw: int = Flaw.NONE
    digest: bytes | None = None
    other: bytes | None = None
    other_session: bytes | None = None
    metric_id: int = 0
    tied: int = 0


@dataclass(slots=True)
class CandidateColumns:
    """Many of them in columns, oldest first: 90 bytes each, 140 of a pair."""

    at: IdColumn = field(default_factory=IdColumn)
    ids: IdColumn = field(default_factory=IdColumn)
    prompts: IdColumn = field(default_factory=IdColumn)
    sessions: IdColumn = field(default_factory=IdColumn)
    digests: IdColumn = field(default_factory=IdColumn)
    others: IdColumn = field(default_factory=IdColumn)
    other_sessions: IdColumn = field(default_factory=IdColumn)
    values: "array[int]" = field(default_factory=lambda: array("i"))
    metric_ids: "array[int]" = field(default_factory=lambda: array("i"))
    flaws: bytearray = field(default_factory=bytearray)
    ties: bytearray = field(default_factory=bytearray)

    def __len__(self) -> int:
        return len(self.ids)

    def append(self, one: Candidate) -> None:
        """Add one at the end."""
        self.at.append(one.at)
        self.ids.append(one.id)
        self.prompts.append(one.prompt)
        self.sessions.append(one.session)
        self.values.append(one.value)
        self.flaws.append(one.flaw)
        self.digests.append(one.digest)
        if one.other is not None:
            self.others.append(one.other)
            self.other_sessions.append(one.other_session)
            self.metric_ids.append(one.metric_id)
            self.ties.append(one.tied)

    @property
    def has_pairs(self) -> bool:
        """Whether they are pairs."""
        return len(self.others) > 0

    def key(self, at: int) -> bytes:
        """What tells one from all others, the same in every run."""
        return self.ids[at] + (self.others[at] if self.has_pairs else b"")

    def ids_of(self, at: int) -> Iterator[UUID]:
        """The interaction, or both."""
        yield self.ids.id(at)
        if self.has_pairs:
            yield self.others.id(at)

    def oldest_first(self) -> list[int]:
        """The places of all of them in the order of time."""
        if not self.has_pairs:
            return list(range(len(self)))
        return sorted(range(len(self)), key=lambda n: self.at[n] + self.key(n))
