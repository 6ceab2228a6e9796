"""How long bulk actions can be undone: after that, what undoing takes is deleted for good.

What is under legal hold stays in the bin until the hold is lifted, and can be put back so long.
"""

from datetime import UTC, datetime

from django.db import connection, transaction

from adaptive_site.lib.ids import first_id_at
from interactions.models import BulkAction, UndoEntry
from interactions.services.bulk.actions import UNDO_KEPT
from interactions.services.holds import held
from interactions.services.retention.limits import limit_of, with_limit
from projects.models import Project

ROWS_PURGED_AT_ONCE = 1_000


def purge_some() -> int:
    """Delete some undo logs: of old bulk actions, and of days that a project no longer keeps.

    Also what people changed one by one more than a day ago. Returns how many interactions' that
    was, 0 when none is left.
    """
    return _purge_old() or _purge_expired() or _purge_entries()


@transaction.atomic
def _purge_old() -> int:
    old = BulkAction.objects.filter(purged_at=None, created_at__lt=datetime.now(UTC) - UNDO_KEPT)
    old = old.exclude(state__in=BulkAction.UNDER_WAY).order_by("id")
    # Few: those with something under legal hold, and what of the others has not come to its turn.
    for action in old.select_for_update(of=("self",), skip_locked=True).select_related("project"):
        if n := _purge(action):
            return n
    return 0


def _purge(action: BulkAction) -> int:
    """Delete some of a log; 0 where all that is left of it is held."""
    values = _held_values(action.project)
    is_bin = action.kind == BulkAction.Kind.DELETE
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM bulk_action_change WHERE action_id = %s AND interaction_id IN"
            " (SELECT c.interaction_id FROM bulk_action_change c WHERE c.action_id = %s"
            f"  AND NOT (%s AND {held.IN_BIN}) LIMIT %s)",
            [action.id, action.id, is_bin and bool(values), values, ROWS_PURGED_AT_ONCE],
        )
        n: int = cursor.rowcount
        if n >= ROWS_PURGED_AT_ONCE:
            return n
        cursor.execute(
            "SELECT EXISTS (SELECT FROM bulk_action_change WHERE action_id = %s)", [action.id]
        )
        if cursor.fetchone() == (True,):
            return n
        cursor.execute("DELETE FROM bulk_action_image WHERE action_id = %s", [action.id])
    action.purged_at = datetime.now(UTC)
    action.save(update_fields=["purged_at"])
    return max(n, 1)


def _held_values(project: Project) -> list[int]:
    """The labels that hold, once a hold that is just being placed is there."""
    held.share_lock(project)
    return held.held_values(project)


@transaction.atomic
def _purge_expired() -> int:
    """What is older than a project keeps is not kept in its bin either."""
    for project in with_limit():
        limit = limit_of(project)
        actions = (
            BulkAction.objects.in_project(project)
            .filter(purged_at=None)
            .values_list("id", flat=True)
        )
        if limit is None or not actions:
            continue
        values = _held_values(project)
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM bulk_action_change d USING ("
                "  SELECT c.action_id, c.interaction_id FROM bulk_action_change c"
                "  WHERE c.action_id = ANY(%s) AND c.interaction_id < %s"
                f" AND NOT (%s AND {held.IN_BIN}) LIMIT %s) old"
                " WHERE d.action_id = old.action_id AND d.interaction_id = old.interaction_id",
                [
                    list(actions),
                    first_id_at(limit),
                    bool(values),
                    values,
                    ROWS_PURGED_AT_ONCE,
                ],
            )
            if cursor.rowcount:
                return int(cursor.rowcount)
    return 0


def _purge_entries() -> int:
    """Delete some entries that no key undoes any more; the oldest stand first."""
    oldest = UndoEntry.objects.order_by("id")[:ROWS_PURGED_AT_ONCE]
    limit = datetime.now(UTC) - UndoEntry.KEPT
    ids = [one.id for one in oldest if one.created_at < limit]
    UndoEntry.objects.filter(id__in=ids).delete()
    return len(ids)
