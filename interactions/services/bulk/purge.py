"""How long bulk actions can be undone: after that, what undoing takes is deleted for good."""

from datetime import UTC, datetime

from django.db import connection, transaction

from adaptive_site.lib.ids import first_id_at
from interactions.models import BulkAction, UndoEntry
from interactions.services.bulk.actions import UNDO_KEPT
from interactions.services.retention.limits import limit_of, with_limit

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
    action = (
        old.exclude(state__in=BulkAction.UNDER_WAY)
        .order_by("id")
        .select_for_update(skip_locked=True)
        .first()
    )
    if action is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM bulk_action_change WHERE action_id = %(action)s AND interaction_id IN"
            " (SELECT interaction_id FROM bulk_action_change WHERE action_id = %(action)s"
            "  LIMIT %(batch)s)",
            {"action": action.id, "batch": ROWS_PURGED_AT_ONCE},
        )
        n: int = cursor.rowcount
        if n < ROWS_PURGED_AT_ONCE:
            cursor.execute("DELETE FROM bulk_action_image WHERE action_id = %s", [action.id])
            action.purged_at = datetime.now(UTC)
            action.save(update_fields=["purged_at"])
    return max(n, 1)


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
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM bulk_action_change c USING ("
                "  SELECT action_id, interaction_id FROM bulk_action_change"
                "  WHERE action_id = ANY(%s) AND interaction_id < %s LIMIT %s) old"
                " WHERE c.action_id = old.action_id AND c.interaction_id = old.interaction_id",
                [list(actions), first_id_at(limit), ROWS_PURGED_AT_ONCE],
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
