"""Deleting many interactions into a bin, from which they come back as they were."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from adaptive_site.lib.database.bulk_insert import write_rows
from adaptive_site.lib.database.sql import Sql, fetch
from interactions.models import BulkAction
from interactions.services.bulk import restore_feedback, undo_log
from interactions.services.bulk.preview import Preview, Previewed
from interactions.services.editing.deletion import delete_together, keys_of
from interactions.services.holds import held
from interactions.services.recording.labels import LABEL_POSTINGS, LabelPostings
from interactions.services.rollups import deltas
from projects.models import Project, User
from projects.services.access import DELETE, Caller

PERMISSION = DELETE
REQUIRED = ""


def check(project: Project, given: Mapping[str, Any], *, caller: Caller) -> dict[str, Any]:
    """Nothing is chosen."""
    return {}


def preview(picked: Previewed, arguments: Mapping[str, Any], *, by: User) -> Preview:
    """How much feedback, and how many comparisons and images go with the interactions."""
    seen, ids, project = picked.preview(), picked.ids, picked.project_id
    (row,) = fetch(
        Sql(
            "SELECT (SELECT count(*) FROM feedback WHERE project_id = %s"
            "  AND interaction_id = ANY(%s::uuid[])),"
            " (SELECT count(*) FROM comparison WHERE project_id = %s"
            "  AND (preferred_id = ANY(%s::uuid[]) OR other_id = ANY(%s::uuid[]))),"
            " (SELECT count(*) FROM interaction_image WHERE project_id = %s"
            "  AND interaction_id = ANY(%s::uuid[]))",
            (project, ids, project, ids, ids, project, ids),
        )
    )
    seen.feedback, seen.comparisons, seen.images = row
    seen.held = len(held.among(Project(id=project), ids))
    return seen


def prepare(action: BulkAction) -> None:
    """Nothing is needed beforehand."""


def sentence(arguments: Mapping[str, Any]) -> str:
    """What is done, in words."""
    return "Delete"


def result(arguments: Mapping[str, Any], counted: str) -> str:
    """What was done, in words."""
    return f"{counted} deleted"


# Rows as JSON, made and read back by PostgreSQL: nothing of them passes through here.
_KEEP = """
    INSERT INTO bulk_action_change (action_id, interaction_id, before)
    SELECT %(action)s, i.id, jsonb_build_object(
        'row', to_jsonb(i), 'body', to_jsonb(b),
        'feedback', (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM feedback f
            WHERE f.project_id = %(project)s AND f.interaction_id = i.id),
        'images', (SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') FROM interaction_image p
            WHERE p.interaction_id = i.id),
        'comparisons', (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM comparison c
            WHERE c.preferred_id = i.id OR c.other_id = i.id))
    FROM interaction i LEFT JOIN interaction_body b ON b.interaction_id = i.id
    WHERE i.project_id = %(project)s AND i.id = ANY(%(ids)s)
"""
_KEEP_IMAGES = """
    INSERT INTO bulk_action_image (action_id, image_id)
    SELECT DISTINCT %(action)s, image_id FROM interaction_image
    WHERE project_id = %(project)s AND interaction_id = ANY(%(ids)s)
    ON CONFLICT DO NOTHING
"""


def do(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Move the interactions into the bin, but those under legal hold; returns how many it were."""
    held.share_lock(action.project)
    there = undo_log.lock(action, ids)
    kept = held.among(action.project, there)
    found = [id for id in there if id not in kept]
    which: dict[str, Any] = {"action": action.id, "project": action.project_id, "ids": found}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, which)
        cursor.execute(_KEEP_IMAGES, which)
    return delete_together(action.project, found).interactions


_PUT_ROWS = """
    INSERT INTO interaction SELECT r.* FROM bulk_action_change c
    CROSS JOIN LATERAL jsonb_populate_record(NULL::interaction, c.before -> 'row') r
    WHERE c.action_id = %(action)s AND c.interaction_id = ANY(%(ids)s) ORDER BY c.interaction_id
    ON CONFLICT DO NOTHING RETURNING id, created_at, label_ids
"""
_PUT_BODIES = """
    INSERT INTO interaction_body SELECT r.* FROM bulk_action_change c
    CROSS JOIN LATERAL jsonb_populate_record(NULL::interaction_body, c.before -> 'body') r
    WHERE c.action_id = %(action)s AND c.interaction_id = ANY(%(ids)s)
      AND c.before -> 'body' <> 'null'
    ORDER BY c.interaction_id
"""
_PUT_IMAGES = """
    INSERT INTO interaction_image SELECT r.* FROM bulk_action_change c
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::interaction_image, c.before -> 'images') r
    WHERE c.action_id = %(action)s AND c.interaction_id = ANY(%(ids)s)
"""
# Of two sides the one that went first keeps it. Undoing begins with what went last, so that the
# other side is there again, unless another bulk action deleted it.
_PUT_COMPARISONS = """
    INSERT INTO comparison SELECT r.* FROM bulk_action_change c
    CROSS JOIN LATERAL jsonb_populate_recordset(NULL::comparison, c.before -> 'comparisons') r
    WHERE c.action_id = %(action)s AND c.interaction_id = ANY(%(ids)s)
    AND EXISTS (SELECT FROM interaction i WHERE i.id = r.preferred_id)
    AND EXISTS (SELECT FROM interaction i WHERE i.id = r.other_id)
    AND EXISTS (SELECT FROM projects_metric m WHERE m.id = r.metric_id)
    ON CONFLICT DO NOTHING
"""


def undo(action: BulkAction, ids: Sequence[UUID]) -> int:
    """Put the interactions back with the same ids, except where the external id is taken by now."""
    which: dict[str, Any] = {"action": action.id, "ids": list(ids)}
    with connection.cursor() as cursor:
        cursor.execute(_PUT_ROWS, which)
        rows: list[tuple[UUID, datetime, list[int]]] = cursor.fetchall()
        back = sorted([id for id, *_ in rows])
        which["ids"] = back
        for statement in (_PUT_BODIES, _PUT_IMAGES, _PUT_COMPARISONS):
            cursor.execute(statement, which)
        _count(cursor, action, rows)
        cursor.execute(
            "INSERT INTO arrival (project_id, interaction_ids) SELECT %s, %s::uuid[]"
            " WHERE cardinality(%s::uuid[]) > 0",
            [action.project_id, back, back],
        )
    restore_feedback.put_feedback(action, back)
    undo_log.forget(action, back)
    return len(back)


def _count(
    cursor: CursorWrapper, action: BulkAction, rows: list[tuple[UUID, datetime, list[int]]]
) -> None:
    """Post the interactions under their labels again, and count them."""
    keys = keys_of(cursor, action.project, {label for *_, labels in rows for label in labels})
    carried = LabelPostings()
    for id, created_at, labels in rows:
        posted = {*labels, *[keys[label] for label in labels]}
        carried.add(action.project_id, created_at, posted, id.hex)
    write_rows(LABEL_POSTINGS.name, LABEL_POSTINGS.columns, carried.postings(), is_plain=True)
    deltas.append(deltas.LABEL_DELTAS, carried.deltas())
