"""Which interactions are held, asked before anything is deleted.

An interaction is held by the labels it carries now, so its labels are asked for under its lock.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.errors import Conflict, Forbidden
from projects.models import Project

# Any number: with a project's id it names the lock that deletions share and a new hold takes alone.
_LOCK = 0x5EED_401D


def held_labels(project: Project) -> list[int]:
    """The labels that hold what carries them; a key alone is posted of all its values."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT label_id FROM legal_hold WHERE project_id = %s", [project.id])
        return [id for (id,) in cursor.fetchall()]


def held_values(project: Project) -> list[int]:
    """The same as rows and copies of them carry it: each value of a key that holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id FROM legal_hold h JOIN label k ON k.id = h.label_id"
            " JOIN label l ON l.project_id = k.project_id AND l.key = k.key"
            "  AND (l.id = k.id OR k.value IS NULL AND l.value IS NOT NULL)"
            " WHERE h.project_id = %s",
            [project.id],
        )
        return [id for (id,) in cursor.fetchall()]


def share_lock(project: Project) -> None:
    """Keep a new hold waiting until the transaction that deletes has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_LOCK, project.id])


def take_lock(project: Project) -> None:
    """Wait until all that is being deleted is deleted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, project.id])


def is_held(project: Project, labels: Sequence[int], id: str) -> Sql:
    """The test whether the interaction `id` (an expression) carries one of the labels."""
    return Sql(
        # OFFSET keeps it a look into the postings for each row, however many rows there may be.
        "EXISTS (SELECT FROM interaction_label p WHERE p.project_id = %s"
        f" AND p.label_id = ANY(%s) AND p.interaction_id = {id} OFFSET 0)",
        (project.id, list(labels)),
    )


def among(project: Project, ids: Collection[UUID]) -> set[UUID]:
    """Which of these interactions are held now."""
    labels = held_labels(project)
    if not labels or not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT interaction_id FROM interaction_label WHERE project_id = %s"
            " AND label_id = ANY(%s) AND interaction_id = ANY(%s)",
            [project.id, labels, list(ids)],
        )
        return {id for (id,) in cursor.fetchall()}


def count(project: Project) -> int:
    """How many interactions are held, one that several labels hold once."""
    labels = held_labels(project)
    if not labels:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT interaction_id) FROM interaction_label"
            " WHERE project_id = %s AND label_id = ANY(%s)",
            [project.id, labels],
        )
        return int(cursor.fetchone()[0])


def is_any(project: Project) -> bool:
    """Whether an interaction of the project is held, in the list or in the bin."""
    labels, values = held_labels(project), held_values(project)
    if not labels:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM interaction_label"
            "  WHERE project_id = %s AND label_id = ANY(%s))"
            " OR EXISTS (SELECT FROM bulk_action_change c JOIN bulk_action a ON a.id = c.action_id"
            f"  WHERE a.project_id = %s AND a.kind = 'delete' AND {IN_BIN})",
            [project.id, labels, project.id, values],
        )
        return bool(cursor.fetchone()[0])


# Whether an entry `c` of the bin is of an interaction that carries one of the values.
IN_BIN = (
    "EXISTS (SELECT FROM jsonb_array_elements_text(c.before -> 'row' -> 'label_ids') x"
    " WHERE x::int = ANY(%s))"
)


def is_held_anywhere(project: Project, id: str) -> Sql | None:
    """The test whether the interaction `id` (an expression) is held, in the list or in the bin;
    None where nothing is.
    """
    labels, values = held_labels(project), held_values(project)
    if not labels:
        return None
    there = is_held(project, labels, id)
    return Sql(
        f"({there.text} OR EXISTS (SELECT FROM bulk_action_change c"
        "  JOIN bulk_action a ON a.id = c.action_id WHERE a.project_id = %s"
        f"  AND a.kind = 'delete' AND c.interaction_id = {id} AND {IN_BIN} OFFSET 0))",
        (*there.params, project.id, values),
    )


def lifts(labels: Collection[int], *, key_id: int, before: int | None, after: int | None) -> bool:
    """Whether changing the label of a key from `before` to `after` takes a hold away."""
    if before is None:
        return False
    return (key_id in labels and after is None) or (before in labels and after != before)


def refuse_lifting(project: Project, key: str) -> Forbidden:
    """Why a label that holds is not taken away."""
    return Forbidden(
        f"{key} is a legal hold of {project.key}: who may not manage the project cannot take it"
        " away or change its value"
    )


def refuse_deletion(names: Sequence[str]) -> Conflict:
    """Why an interaction is not deleted."""
    held_by = ", ".join(names)
    return Conflict(f"it is held by {held_by}: nothing deletes it until the hold is lifted")
