"""Deleting feedback rows whole, and putting them back as they were."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from interactions.models import BulkAction
from interactions.services.rollups import deltas


def feedback_of(
    action: BulkAction, ids: Sequence[UUID], test: str = "TRUE", params: Sequence[Any] = ()
) -> dict[UUID, list[dict[str, Any]]]:
    """Feedback of these interactions that passes a test in SQL, its rows whole."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id, to_jsonb(feedback)::text FROM feedback"
            f" WHERE project_id = %s AND interaction_id = ANY(%s) AND {test} ORDER BY id",
            [action.project_id, list(ids), *params],
        )
        found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for id, row in cursor.fetchall():
            found[id].append(orjson.loads(row))
    return dict(found)


def take_feedback(action: BulkAction, feedback_ids: Sequence[str | UUID]) -> list[UUID]:
    """Delete this feedback, as far as it is there, and uncount it; returns its ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM feedback WHERE project_id = %s AND id = ANY(%s::uuid[])"
            " RETURNING id, project_id, interaction_id, metric_id, value",
            [action.project_id, list(feedback_ids)],
        )
        rows = cursor.fetchall()
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows([row[1:] for row in rows], sign=-1))
    return [row[0] for row in rows]


# A person has one value a metric on the site: one that was given since stays the only one.
_PUT = """
    INSERT INTO feedback SELECT f.* FROM bulk_action_change c
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::feedback, c.before -> 'feedback') f
    WHERE c.action_id = %(action)s AND c.interaction_id = ANY(%(ids)s)
    AND EXISTS (SELECT FROM projects_metric m WHERE m.id = f.metric_id)
    AND EXISTS (SELECT FROM interaction i WHERE i.id = f.interaction_id)
    AND NOT EXISTS (
        SELECT FROM feedback o WHERE f.source = 'REVIEW' AND o.source = 'REVIEW'
        AND o.interaction_id = f.interaction_id AND o.metric_id = f.metric_id
        AND o.created_by_id = f.created_by_id
    )
    ON CONFLICT DO NOTHING
    RETURNING project_id, interaction_id, metric_id, value
"""


def put_feedback(action: BulkAction, ids: Sequence[UUID]) -> list[UUID]:
    """Put back feedback from the undo log; returns the interactions that got some."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT, {"action": action.id, "ids": list(ids)})
        rows = cursor.fetchall()
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows(rows))
    return [row[1] for row in rows]
