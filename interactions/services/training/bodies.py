"""What interactions say, read for training records: many at once, without models of rows.

A model of each row, with everything that a page shows beside it, takes ten times as long.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from adaptive_site.lib import exact_json
from interactions.services.browsing import body_sizes
from interactions.services.training.record import Message, ModelAnswer
from projects.models import Project

# Bytes, as PostgreSQL keeps them, that are read at once without asking what they will be: most
# of them are short, and long ones become some five times as long.
_FEW_BYTES = 2 * 1024 * 1024
_LABELS_KNOWN = 100_000

# Whatever has so many digits, or an exponent, may be a number that a double does not hold.
_ODD_NUMBER = re.compile(r"[0-9][0-9.]{15}|[0-9][eE][+-]?[0-9]")

_COLUMNS = ("messages", "completion", "completion_parts", "parameters", "user_metadata")
_STORED = (
    f"SELECT coalesce(sum({' + '.join(f'coalesce(pg_column_size({one}), 0)' for one in _COLUMNS)}),"
    " 0) FROM interaction_body WHERE project_id = %s AND interaction_id = ANY(%s)"
)
_BODIES = """
SELECT i.id, i.session_id, i.created_at, m.key, i.label_ids, b.messages::text, b.completion,
  b.completion_parts::text, (b.parameters -> 'tools')::text, b.user_metadata::text
FROM interaction_body b JOIN interaction i ON i.id = b.interaction_id
LEFT JOIN projects_llm m ON m.id = i.llm_id
WHERE b.project_id = %s AND i.project_id = %s AND b.interaction_id = ANY(%s)"""
_LABELS = "SELECT id, key, value FROM label WHERE project_id = %s AND id = ANY(%s)"
_FEEDBACK = """
SELECT f.interaction_id, m.key, m.kind, f.value FROM feedback f
JOIN projects_metric m ON m.id = f.metric_id
WHERE f.project_id = %s AND f.interaction_id = ANY(%s)
  AND (%s::timestamptz IS NULL OR f.created_at <= %s::timestamptz)"""


@dataclass(slots=True)
class ReadBody:
    """What a training record takes of one interaction."""

    messages: list[Message]
    answer: ModelAnswer
    tools: list[Any] | None
    labels: dict[str, str]
    metadata: dict[str, Any]
    session_id: str | None
    created_at: str


class BodyReader:
    """Reads the interactions of a project; labels it has met are remembered."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._labels: dict[int, tuple[str, str]] = {}

    def sizes(self, ids: Collection[UUID]) -> dict[UUID, int] | None:
        """The bytes of each, by id; None where they are few together."""
        with connection.cursor() as cursor:
            cursor.execute(_STORED, [self._project.id, list(ids)])
            ((stored,),) = cursor.fetchall()
        return None if stored <= _FEW_BYTES else body_sizes.of_bodies(self._project, ids)

    def read(self, ids: Collection[UUID]) -> dict[UUID, ReadBody]:
        """What these interactions say, by id, of those that are there."""
        with connection.cursor() as cursor:
            cursor.execute(_BODIES, [self._project.id, self._project.id, list(ids)])
            rows = cursor.fetchall()
        self._learn({id for row in rows for id in row[4]})
        return {row[0]: self._made(row) for row in rows}

    def _made(self, row: tuple[Any, ...]) -> ReadBody:
        _, session, at, llm, labels, messages, completion, parts, tools, metadata = row
        known, known_labels = _json(tools) if tools else None, self._labels
        return ReadBody(
            _json(messages),
            ModelAnswer(completion, _json(parts) if parts else None, llm),
            known if isinstance(known, list) and known else None,
            dict(sorted(known_labels[id] for id in labels if id in known_labels)),
            (_json(metadata) if metadata else None) or {},
            str(session) if session else None,
            at.isoformat(),
        )

    def _learn(self, ids: set[int]) -> None:
        missing = ids - self._labels.keys()
        if not missing:
            return
        if len(self._labels) > _LABELS_KNOWN:
            self._labels.clear()
            missing = ids
        with connection.cursor() as cursor:
            cursor.execute(_LABELS, [self._project.id, list(missing)])
            self._labels |= {id: (key, value or "") for id, key, value in cursor.fetchall()}

    def feedback(
        self, ids: Collection[UUID], as_of: datetime | None
    ) -> dict[UUID, list[tuple[str, str, float]]]:
        """Key, kind and value of all feedback on these interactions until `as_of`."""
        with connection.cursor() as cursor:
            cursor.execute(_FEEDBACK, [self._project.id, list(ids), as_of, as_of])
            found: dict[UUID, list[tuple[str, str, float]]] = {}
            for id, key, kind, value in cursor.fetchall():
                found.setdefault(id, []).append((key, kind, value))
        return found


def _json(text: str) -> Any:
    """JSON as PostgreSQL wrote it; with care where a number may need it."""
    return exact_json.read(text) if _ODD_NUMBER.search(text) else orjson.loads(text)
