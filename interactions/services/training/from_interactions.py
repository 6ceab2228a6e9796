"""Training records made of interactions and of pairs of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from interactions.models import Dataset, Feedback
from interactions.services.browsing import body_sizes
from interactions.services.training.bodies import BodyReader
from interactions.services.training.record import TrainingRecord
from projects.models import Metric, Project

INTERACTIONS_READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """An interaction chosen for a record, or two of one prompt, the preferred one first."""

    interaction_id: UUID
    other_id: UUID | None = None
    metric: str | None = None
    tied: str | None = None
    split: str = "train"


def records(
    project: Project, chosen: Sequence[Chosen], *, kind: str, as_of: datetime | None = None
) -> Iterator[TrainingRecord]:
    """The record of each of `chosen`, in order, without those of which an interaction is gone.

    `kind` is one of `Dataset.Kind`: what it does not ask for is left out. `as_of` leaves out
    later feedback. Few rows at a time are read, and few bytes.
    """
    reader = BodyReader(project)
    for start in range(0, len(chosen), INTERACTIONS_READ_AT_ONCE):
        for some in _of_few_bytes(reader, chosen[start : start + INTERACTIONS_READ_AT_ONCE]):
            yield from _some(reader, some, kind, as_of)


def _of_few_bytes(reader: BodyReader, chosen: Sequence[Chosen]) -> Iterator[Sequence[Chosen]]:
    """`chosen` in pieces, each of one at least and of no more bytes than are read at once."""
    known = reader.sizes(_ids(chosen))
    if known is None:
        yield chosen
        return
    piece: list[Chosen] = []
    size = 0
    for one in chosen:
        mine = sum(known.get(id, 0) for id in _ids([one]))
        if piece and size + mine > body_sizes.STREAM_PIECE_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(one)
        size += mine
    if piece:
        yield piece


def _ids(chosen: Sequence[Chosen]) -> list[UUID]:
    both = [id for one in chosen for id in (one.interaction_id, one.other_id)]
    return list(dict.fromkeys(id for id in both if id is not None))


def _some(
    reader: BodyReader, chosen: Sequence[Chosen], kind: str, as_of: datetime | None
) -> Iterator[TrainingRecord]:
    bodies = reader.read(_ids(chosen))
    given = reader.feedback(bodies, as_of) if kind == Dataset.Kind.FEEDBACK else {}
    for one in chosen:
        body = bodies.get(one.interaction_id)
        if body is None:
            continue
        other = None
        if one.other_id is not None:
            if one.other_id not in bodies:
                continue
            other = bodies[one.other_id].answer
        yield TrainingRecord(
            messages=body.messages,
            answer=None if kind == Dataset.Kind.PROMPT else body.answer,
            other=other,
            metric=one.metric if other else None,
            tied=one.tied if other else None,
            feedback=_feedback(given.get(one.interaction_id, ())),
            labels=body.labels,
            metadata=body.metadata,
            tools=body.tools,
            session_id=body.session_id,
            created_at=body.created_at,
            interaction_id=one.interaction_id,
            other_id=one.other_id,
            split=one.split,
        )


def feedback_of(given: Sequence[Feedback], as_of: datetime | None) -> dict[str, bool | float]:
    """One value a metric: the mean of its numbers, or what most of its bools say (a tie: true)."""
    told = [one for one in given if as_of is None or one.created_at <= as_of]
    return _feedback([(one.metric.key, one.metric.kind, one.value) for one in told])


def _feedback(given: Iterable[tuple[str, str, float]]) -> dict[str, bool | float]:
    values: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    for key, kind, value in given:
        values.setdefault(key, []).append(value)
        kinds[key] = kind
    return {key: _mean(kinds[key], some) for key, some in sorted(values.items())}


def _mean(kind: str, values: Sequence[float]) -> Any:
    mean = sum(values) / len(values)
    return mean >= 0.5 if kind == Metric.Kind.BOOL else mean
