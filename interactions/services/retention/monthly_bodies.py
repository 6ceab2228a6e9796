"""Bodies in parts by month, where the operator chose so: retention then drops whole months.

Bodies are three quarters of all bytes. Deleted row by row they leave room to be cleared by
vacuum; a part that is dropped leaves none, and costs nothing however much was in it.
"""

import logging
from uuid import UUID

from django.db import connection

from adaptive_site.lib.database.monthly_partitions import Part, Parted
from adaptive_site.lib.ids import first_id_at
from interactions.services.retention.limits import limit_of, with_limit

# As for the table in migration 0005: parts do not inherit them.
BODIES = Parted(
    "interaction_body",
    "interaction_id",
    "autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,"
    " autovacuum_analyze_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02",
)

BODIES_DELETED_AT_ONCE = 1_000

logger = logging.getLogger(__name__)


def going() -> list[Part]:
    """Parts of which every project's interactions have expired, though some may be there yet.

    Their bodies need not be deleted one by one: `drop_some` takes them all away as soon as the
    last of those interactions is deleted.
    """
    if not BODIES.is_parted():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, (SELECT i.id FROM interaction i WHERE i.project_id = p.id"
            "  ORDER BY i.id LIMIT 1) FROM projects_project p"
        )
        oldest: dict[int, UUID | None] = dict(cursor.fetchall())
        cursor.execute(
            "SELECT p.id FROM projects_project p"
            " WHERE EXISTS (SELECT FROM legal_hold h WHERE h.project_id = p.id)"
        )
        with_holds = {id for (id,) in cursor.fetchall()}
    # Where something is held, its month stays, and the others' bodies have to go one by one.
    limits = {
        project.id: limit_of(project) for project in with_limit() if project.id not in with_holds
    }
    ends = []
    for id, first in oldest.items():
        limit = limits.get(id)
        if first is not None:
            ends.append(first if limit is None else max(first, first_id_at(limit)))
    return [part for part in BODIES.parts() if all(part.end <= end for end in ends)]


def keep_up() -> int:
    """Make the coming months' parts and drop those that are empty of interactions; how many."""
    if not BODIES.is_parted():
        return 0
    done = BODIES.make_ahead()
    for part in going():
        if BODIES.drop(part, unless="SELECT FROM interaction WHERE id < %s"):
            logger.info("%s is dropped: no interaction of that time is left", part.name)
            done += 1
    return done + _delete_left()


def _delete_left() -> int:
    """Delete bodies whose interactions went while their month was going, before a hold kept it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM interaction_body WHERE interaction_id IN (SELECT b.interaction_id"
            "  FROM interaction_body b WHERE b.project_id IN (SELECT project_id FROM legal_hold)"
            "  AND NOT EXISTS (SELECT FROM interaction i WHERE i.id = b.interaction_id) LIMIT %s)",
            [BODIES_DELETED_AT_ONCE],
        )
        return int(cursor.rowcount)
