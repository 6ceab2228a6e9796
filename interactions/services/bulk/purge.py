"""How long acts can be undone: after that, what undoing takes is deleted for good."""

from datetime import UTC, datetime

from django.db import connection, transaction

from adaptive_site.lib.ids import first_id_at
from interactions.models import Act
from interactions.services.bulk.queue import KEPT
from interactions.services.retention.limits import limit_of, with_limit

BATCH = 1_000


def purge_some() -> int:
    """Delete some of what is kept for undoing: of old acts, and of days a project has let go.

    Returns how many interactions' that was, 0 when none is left.
    """
    return _purge_old() or _purge_expired()


@transaction.atomic
def _purge_old() -> int:
    old = Act.objects.filter(purged_at=None, created_at__lt=datetime.now(UTC) - KEPT)
    act = (
        old.exclude(state__in=Act.UNDER_WAY)
        .order_by("id")
        .select_for_update(skip_locked=True)
        .first()
    )
    if act is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM act_change WHERE act_id = %(act)s AND interaction_id IN ("
            " SELECT interaction_id FROM act_change WHERE act_id = %(act)s LIMIT %(batch)s)",
            {"act": act.id, "batch": BATCH},
        )
        n: int = cursor.rowcount
        if n < BATCH:
            cursor.execute("DELETE FROM act_image WHERE act_id = %s", [act.id])
            act.purged_at = datetime.now(UTC)
            act.save(update_fields=["purged_at"])
    return max(n, 1)


def _purge_expired() -> int:
    """What is older than a project keeps is not kept in its bin either."""
    for project in with_limit():
        limit = limit_of(project)
        acts = Act.objects.in_project(project).filter(purged_at=None).values_list("id", flat=True)
        if limit is None or not acts:
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM act_change c USING (SELECT act_id, interaction_id FROM act_change"
                "  WHERE act_id = ANY(%s) AND interaction_id < %s LIMIT %s) old"
                " WHERE c.act_id = old.act_id AND c.interaction_id = old.interaction_id",
                [list(acts), first_id_at(limit), BATCH],
            )
            if cursor.rowcount:
                return int(cursor.rowcount)
    return 0
