"""What interactions say, read for training records: many at once, without models of rows.

A model of each row, with everything that a page shows beside it, takes ten times as long.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from adaptive_site.lib import exact_json
from adaptive_site.lib.database.raw_rows import packed_uuids, raw_rows, uuid_list
from interactions.models import Dataset
from interactions.services.training.record import (
    EVERYTHING,
    Message,
    ModelAnswer,
    ReadBeside,
    TrainingRecord,
)
from projects.models import Metric, Project

# Bytes, as PostgreSQL keeps them, that are read at once: most of them are short, and long ones
# become some five times as long.
FEW_BYTES = 2 * 1024 * 1024
_LABELS_KNOWN = 100_000

# Whatever has so many digits, or an exponent, may be a number that a double does not hold.
_ODD_NUMBER = re.compile(rb"[0-9][0-9.]{15}|[0-9][eE][+-]?[0-9]")

_COLUMNS = ("messages", "completion", "completion_parts", "parameters", "user_metadata")
_SIZE = " + ".join(f"coalesce(pg_column_size({one}), 0)" for one in _COLUMNS)
_STORED = (
    f"SELECT coalesce(sum({_SIZE}), 0)::bigint FROM interaction_body"
    " WHERE project_id = %s AND interaction_id = ANY(%s::uuid[])"
)
_STORED_EACH = (
    f"SELECT interaction_id, ({_SIZE})::bigint FROM interaction_body"
    " WHERE project_id = %s AND interaction_id = ANY(%s::uuid[])"
)
_BODIES = """
SELECT b.interaction_id, b.messages::text, b.completion, b.completion_parts::text,
  (b.parameters -> 'tools')::text
FROM interaction_body b WHERE b.project_id = %s AND b.interaction_id = ANY(%s::uuid[])"""
_WITH_ORIGIN = """
SELECT b.interaction_id, b.messages::text, b.completion, b.completion_parts::text,
  (b.parameters -> 'tools')::text,
  i.session_id::text, i.created_at, m.key, i.label_ids, b.user_metadata::text
FROM interaction_body b JOIN interaction i ON i.id = b.interaction_id
LEFT JOIN projects_llm m ON m.id = i.llm_id
WHERE b.project_id = %s AND i.project_id = b.project_id AND b.interaction_id = ANY(%s::uuid[])"""
_LABELS = "SELECT id, key, value FROM label WHERE project_id = %s AND id = ANY(%s)"
_FEEDBACK = """
SELECT f.interaction_id, m.key, m.kind, f.value FROM feedback f
JOIN projects_metric m ON m.id = f.metric_id
WHERE f.project_id = %s AND f.interaction_id = ANY(%s::uuid[])
  AND (%s::timestamptz IS NULL OR f.created_at <= %s::timestamptz)"""

GivenFeedback = tuple[str, str, float]  # key and kind of a metric, and a value


class BodyReader:
    """Reads records of the interactions of a project, whose ids are 16 bytes each.

    `kind` is one of `Dataset.Kind`: what it does not ask for is left out. `as_of` leaves out later
    feedback. Labels it has met are remembered.
    """

    def __init__(
        self,
        project: Project,
        kind: str,
        as_of: datetime | None = None,
        beside: ReadBeside = EVERYTHING,
    ) -> None:
        self._project, self._as_of = project, as_of
        self._has_answers = kind != Dataset.Kind.PROMPT
        self._has_feedback = beside.feedback and kind == Dataset.Kind.FEEDBACK
        self._has_origin = beside.origin
        self._labels: dict[int, tuple[str, str]] = {}

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """These ids in pieces of no more bytes than are read at once, and of one id at least."""
        known = self.sizes(packed)
        if known is None:
            yield packed
            return
        piece, size = bytearray(), 0
        for id in packed_uuids(packed):
            mine = known.get(id, 0)
            if piece and size + mine > FEW_BYTES:
                yield bytes(piece)
                piece, size = bytearray(), 0
            piece += id
            size += mine
        if piece:
            yield bytes(piece)

    def sizes(self, packed: bytes) -> dict[bytes, int] | None:
        """The bytes of each as they are kept, by id; None where they are few together."""
        ids = uuid_list(packed)
        ((stored,),) = raw_rows(_STORED, [self._project.id, ids])
        return (
            None if stored <= FEW_BYTES else dict(raw_rows(_STORED_EACH, [self._project.id, ids]))
        )

    def read(self, packed: bytes) -> dict[bytes, TrainingRecord]:
        """The records of these interactions, by id, of those that are there."""
        ids = uuid_list(packed)
        query = _WITH_ORIGIN if self._has_origin else _BODIES
        rows = raw_rows(query, [self._project.id, ids])
        if self._has_origin:
            self._learn({id for row in rows for id in row[8]})
        made = {row[0]: self._made(*row) for row in rows}
        if self._has_feedback:
            for id, given in self._feedback(ids).items():
                if id in made:
                    made[id].feedback = one_value_a_metric(given)
        return made

    def _made(
        self,
        id: bytes,
        messages: bytes,
        completion: bytes,
        parts: bytes | None,
        tools: bytes | None,
        *origin: Any,
    ) -> TrainingRecord:
        record = TrainingRecord(_messages(messages), interaction_id=UUID(bytes=id))
        if self._has_answers:
            answer = ModelAnswer(completion.decode())
            if parts is not None:
                answer.parts = _json(parts)
            record.answer = answer
        if tools is not None:
            known = _json(tools)
            record.tools = known if isinstance(known, list) and known else None
        if origin:
            self._add_origin(record, *origin)
        return record

    def _add_origin(
        self,
        record: TrainingRecord,
        session: bytes | None,
        at: datetime,
        llm: bytes | None,
        labels: list[int],
        metadata: bytes | None,
    ) -> None:
        record.created_at = at.isoformat()
        record.session_id = session.decode() if session else None
        if record.answer is not None and llm is not None:
            record.answer.model = llm.decode()
        if labels:
            known = self._labels
            record.labels = dict(sorted(known[id] for id in labels if id in known))
        if metadata is not None:
            record.metadata = _json(metadata) or {}

    def _learn(self, ids: set[int]) -> None:
        missing = ids - self._labels.keys()
        if not missing:
            return
        if len(self._labels) > _LABELS_KNOWN:
            self._labels.clear()
            missing = ids
        rows = raw_rows(_LABELS, [self._project.id, list(missing)])
        self._labels |= {id: (key.decode(), (value or b"").decode()) for id, key, value in rows}

    def _feedback(self, ids: str) -> dict[bytes, list[GivenFeedback]]:
        found: dict[bytes, list[GivenFeedback]] = {}
        rows = raw_rows(_FEEDBACK, [self._project.id, ids, self._as_of, self._as_of])
        for id, key, kind, value in rows:
            found.setdefault(id, []).append((key.decode(), kind.decode(), value))
        return found


def one_value_a_metric(given: list[GivenFeedback]) -> dict[str, bool | float]:
    """The mean of a metric's numbers, or what most of its bools say (a tie: true)."""
    values: dict[str, list[float]] = {}
    kinds: dict[str, str] = {}
    for key, kind, value in given:
        values.setdefault(key, []).append(value)
        kinds[key] = kind
    return {key: _mean(kinds[key], some) for key, some in sorted(values.items())}


def _mean(kind: str, values: list[float]) -> Any:
    mean = sum(values) / len(values)
    return mean >= 0.5 if kind == Metric.Kind.BOOL else mean


def _messages(raw: bytes) -> list[Message]:
    """Messages as PostgreSQL wrote them. Most are a role and a text each, which hold no number,
    so that no digit of the texts has to be looked at.
    """
    try:
        said: list[Message] = orjson.loads(raw)
    except orjson.JSONDecodeError:  # a number beyond what doubles hold
        return exact_json.read(raw.decode())  # type: ignore[no-any-return]
    for one in said:
        if len(one) != 2 or type(one.get("content")) is not str or type(one.get("role")) is not str:
            return _json(raw)  # type: ignore[no-any-return]
    return said


def _json(raw: bytes) -> Any:
    """JSON as PostgreSQL wrote it; with care where a number may need it."""
    return exact_json.read(raw.decode()) if _ODD_NUMBER.search(raw) else orjson.loads(raw)
