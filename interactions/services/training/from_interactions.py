"""Training records made of interactions and of pairs of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from interactions.models import Dataset, Feedback, InteractionBody
from interactions.services.browsing import body_sizes, rows
from interactions.services.browsing.rows import Row
from interactions.services.training.record import ModelAnswer, TrainingRecord
from projects.models import Metric, Project

INTERACTIONS_READ_AT_ONCE = 200


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
    for start in range(0, len(chosen), INTERACTIONS_READ_AT_ONCE):
        for some in _of_few_bytes(project, chosen[start : start + INTERACTIONS_READ_AT_ONCE]):
            yield from _some(project, some, kind, as_of)


def _of_few_bytes(project: Project, chosen: Sequence[Chosen]) -> Iterator[list[Chosen]]:
    """`chosen` in pieces, each of one at least and of no more bytes than are read at once."""
    known = body_sizes.of_bodies(project, _ids(chosen))
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
    project: Project, chosen: Sequence[Chosen], kind: str, as_of: datetime | None
) -> Iterator[TrainingRecord]:
    ids = _ids(chosen)
    found = {row.interaction.id: row for row in rows.rows(project, ids, all_feedback=True)}
    bodies = rows.bodies(project, found)
    for one in chosen:
        row, body = found.get(one.interaction_id), bodies.get(one.interaction_id)
        if row is None or body is None:
            continue
        record = _record(row, body, kind, as_of)
        if one.other_id is not None:
            if one.other_id not in bodies:
                continue
            record = replace(
                record,
                other=_answer(found[one.other_id], bodies[one.other_id]),
                metric=one.metric,
                tied=one.tied,
                other_id=one.other_id,
            )
        yield replace(record, split=one.split)


def _answer(row: Row, body: InteractionBody) -> ModelAnswer:
    llm = row.interaction.llm
    return ModelAnswer(body.completion, body.completion_parts, llm.key if llm else None)


def _record(row: Row, body: InteractionBody, kind: str, as_of: datetime | None) -> TrainingRecord:
    one = row.interaction
    tools = (body.parameters or {}).get("tools")
    return TrainingRecord(
        messages=body.messages,
        answer=None if kind == Dataset.Kind.PROMPT else _answer(row, body),
        feedback=feedback_of(row.feedback, as_of) if kind == Dataset.Kind.FEEDBACK else {},
        labels={label.key: label.value or "" for label in row.labels},
        metadata=body.user_metadata or {},
        tools=tools if isinstance(tools, list) and tools else None,
        session_id=str(one.session_id) if one.session_id else None,
        created_at=one.created_at.isoformat(),
        interaction_id=one.id,
    )


def feedback_of(given: Sequence[Feedback], as_of: datetime | None) -> dict[str, bool | float]:
    """One value a metric: the mean of its numbers, or what most of its bools say (a tie: true)."""
    values: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    for one in given:
        if as_of is None or one.created_at <= as_of:
            values.setdefault(one.metric.key, []).append(one.value)
            kinds[one.metric.key] = one.metric.kind
    return {key: _mean(kinds[key], some) for key, some in sorted(values.items())}


def _mean(kind: str, values: Sequence[float]) -> Any:
    mean = sum(values) / len(values)
    return mean >= 0.5 if kind == Metric.Kind.BOOL else mean
