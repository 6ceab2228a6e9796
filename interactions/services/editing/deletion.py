"""Deleting interactions with their labels, feedback, comparisons and images."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from adaptive_site.lib.errors import NotFound
from adaptive_site.lib.ids import time_of
from interactions.models import Interaction, Label
from interactions.services.holds import held, rules
from interactions.services.rollups import deltas
from interactions.services.rollups.deltas import (
    ALL_INTERACTIONS,
    CountedFeedback,
    Hour,
    hour_of,
)
from projects.models import Project, User
from projects.services import audit


@dataclass(frozen=True, slots=True)
class DeletionCounts:
    """How much was deleted; `held` were not, since a legal hold keeps them."""

    interactions: int
    feedback: int
    comparisons: int
    held: int = 0


@transaction.atomic
def delete(project: Project, interaction_id: UUID, *, by: User) -> None:
    """Delete the row, body, labels, feedback, comparisons and links to images; for good.

    An image that no other interaction shows is removed by the worker (`images.sweep`). The
    audit log keeps that it was done and how much went, not what was said. Raises NotFound when
    it is not there, Conflict when it is held.
    """
    gone = delete_together(project, [interaction_id])
    if gone.held:
        one = Interaction.objects.in_project(project).with_ids([interaction_id]).get()
        labels = Label.objects.in_project(project).filter(id__in=one.label_ids)
        raise held.refuse_deletion(rules.names_of(project, labels))
    if not gone.interactions:
        raise NotFound(f"EntityNotFound: completion {interaction_id} not found")
    audit.record(
        project,
        actor=by,
        verb="interaction.deleted",
        subject=str(interaction_id),
        created_at=time_of(interaction_id).isoformat(),
        feedback=gone.feedback,
        comparisons=gone.comparisons,
    )


@transaction.atomic
def delete_together(
    project: Project,
    ids: Sequence[UUID],
    *,
    bodies: Sequence[UUID] | None = None,
    with_held: bool = False,
) -> DeletionCounts:
    """Delete interactions of `project` as `delete` does, in one statement a table.

    Ids that are not there are passed over, and those under legal hold, but `with_held`. With
    `bodies`, only these bodies go with them: the others' are dropped by the month. Not audited:
    that is for the caller.
    """
    held.share_lock(project)
    with connection.cursor() as cursor:
        # The order keeps two deletions of the same rows from waiting for each other.
        cursor.execute(
            "SELECT id, created_at, label_ids FROM interaction"
            " WHERE project_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
            [project.id, list(ids)],
        )
        rows: list[tuple[UUID, datetime, list[int]]] = cursor.fetchall()
        if not rows:
            return DeletionCounts(0, 0, 0)
        keys = keys_of(cursor, project, {label for *_, labels in rows for label in labels})
        of_holds = set() if with_held else set(held.held_labels(project))
        n = len(rows)
        if of_holds:
            holds = of_holds | {value for value, key in keys.items() if key in of_holds}
            rows = [row for row in rows if holds.isdisjoint(row[2])]
        if not rows:
            return DeletionCounts(0, 0, 0, n)
        found = [id for id, _, _ in rows]
        postings = [
            (label, id)
            for id, _, labels in rows
            for label in {*labels, *[keys[label] for label in labels]}
        ]
        delete_postings(cursor, project, postings)
        given = _delete_feedback(cursor, project, found)
        comparisons = _delete_rows(cursor, project, found, found if bodies is None else bodies)
    _uncount(project, rows, keys, given)
    return DeletionCounts(len(rows), len(given), comparisons, n - len(rows))


def keys_of(cursor: CursorWrapper, project: Project, labels: set[int]) -> dict[int, int]:
    """By label: the label of its key alone, under which it was posted too."""
    cursor.execute(
        "SELECT l.id, k.id FROM label l JOIN label k"
        " ON k.project_id = l.project_id AND k.key = l.key AND k.value IS NULL"
        " WHERE l.project_id = %s AND l.id = ANY(%s)",
        [project.id, list(labels)],
    )
    return dict(cursor.fetchall())


def delete_postings(
    cursor: CursorWrapper, project: Project, postings: Sequence[tuple[int, UUID]]
) -> None:
    """Delete them by their key, in its order; nothing else indexes them."""
    ordered = sorted(postings)
    cursor.execute(
        "DELETE FROM interaction_label p USING unnest(%s::int[], %s::uuid[]) gone (label, id)"
        " WHERE p.project_id = %s AND p.label_id = gone.label AND p.interaction_id = gone.id",
        [[label for label, _ in ordered], [id for _, id in ordered], project.id],
    )


def _delete_feedback(
    cursor: CursorWrapper, project: Project, ids: list[UUID]
) -> list[CountedFeedback]:
    cursor.execute(
        "DELETE FROM feedback WHERE project_id = %s AND interaction_id = ANY(%s)"
        " RETURNING project_id, interaction_id, metric_id, value",
        [project.id, ids],
    )
    given: list[CountedFeedback] = cursor.fetchall()
    return given


def _delete_rows(
    cursor: CursorWrapper, project: Project, ids: list[UUID], bodies: Sequence[UUID]
) -> int:
    """Delete the rest, the row itself last; returns how many comparisons there were."""
    cursor.execute(
        "DELETE FROM comparison WHERE project_id = %s"
        " AND (preferred_id = ANY(%s) OR other_id = ANY(%s))",
        [project.id, ids, ids],
    )
    comparisons: int = cursor.rowcount
    for table, column, gone in (
        ("interaction_image", "interaction_id", ids),
        ("interaction_body", "interaction_id", list(bodies)),
        ("interaction", "id", ids),
    ):
        cursor.execute(
            f"DELETE FROM {table} WHERE project_id = %s AND {column} = ANY(%s)", [project.id, gone]
        )
    return comparisons


def _uncount(
    project: Project,
    rows: Sequence[tuple[UUID, datetime, list[int]]],
    keys: dict[int, int],
    given: Sequence[CountedFeedback],
) -> None:
    """Append the deltas that take interactions and their feedback out of the roll-ups."""
    fewer: defaultdict[Hour, Counter[int]] = defaultdict(Counter)
    for _, created_at, labels in rows:
        carried = {*labels, *[keys[label] for label in labels]}
        fewer[project.id, hour_of(created_at)].subtract((ALL_INTERACTIONS, *carried))
    deltas.append(deltas.LABEL_DELTAS, deltas.label_rows(fewer))
    deltas.append(deltas.FEEDBACK_DELTAS, deltas.feedback_rows(given, sign=-1))
