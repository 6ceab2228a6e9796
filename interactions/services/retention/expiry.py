"""Deleting what a project no longer keeps: whole days, oldest first, a little at a time."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from adaptive_site.lib.database.monthly_partitions import Part
from adaptive_site.lib.ids import first_id_at, time_of
from interactions.services.editing.deletion import DeletionCounts, delete_together
from interactions.services.retention import monthly_bodies
from interactions.services.retention.limits import limit_of
from projects.models import Project
from projects.services import audit

EXPIRED_VERB = "interactions.expired"
INTERACTIONS_DELETED_AT_ONCE = 1000
NO_LIMIT = 2**31 - 1
SECONDS_OF_WORK = 2.0  # seconds of work and rest after which the worker does something else
# Any number: with a project's id it names the lock under which that project's rows expire.
_LOCK = 0x5EED_A6ED
# Deleted rows that autovacuum has not cleared yet, in one table: above this we wait for it, so
# that the room they took is used again and no table grows.
_BEHIND = 50_000
_BEHIND_SHARE = 0.1

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Expired:
    """The interactions of a project that are too old: how many, from when to when.

    `oldest` is that of the project's first interaction, whether it is too old or not.
    """

    before: datetime
    interactions: int
    is_exact: bool
    oldest: datetime | None


def survey(project: Project, *, at_most: int = NO_LIMIT) -> Expired | None:
    """What would go now, counted up to `at_most`; None for a project that keeps all."""
    before = limit_of(project)
    if before is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM"
            "  (SELECT FROM interaction WHERE project_id = %s AND id < %s LIMIT %s) old),"
            " (SELECT id FROM interaction WHERE project_id = %s ORDER BY id LIMIT 1)",
            [project.id, first_id_at(before), at_most, project.id],
        )
        n, oldest = cursor.fetchone()
    return Expired(before, n, n < at_most, time_of(oldest) if oldest else None)


def expire_some(project: Project, *, seconds: float = SECONDS_OF_WORK) -> int:
    """Delete some of what is too old, for about `seconds`; returns how many, 0 when none is left.

    Each batch is a transaction; after each we rest as long as it took, so half of a processor
    and of a disk is left to others. Waits for autovacuum, returning 0, where it is behind.
    """
    found = survey(project, at_most=1)
    if found is None or not found.interactions:
        return 0
    deadline = time.monotonic() + seconds
    total = 0
    for gone, took in _batches(project, found.before):
        total += gone
        if time.monotonic() > deadline:
            break
        time.sleep(min(took, 1.0))
    return total


def _batches(project: Project, before: datetime) -> Iterator[tuple[int, float]]:
    """Delete batch by batch; yields how many went and how long that took."""
    # Where the last batch ended: the index still holds what was just deleted before it.
    after = UUID(int=0)
    going = monthly_bodies.going()
    while not _is_vacuum_behind(project):
        began = time.monotonic()
        ids = _delete_batch(project, before, after, going)
        if not ids:
            return
        after = ids[-1]
        yield len(ids), time.monotonic() - began


@transaction.atomic
def _delete_batch(project: Project, before: datetime, after: UUID, going: list[Part]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, project.id])
        (is_ours,) = cursor.fetchone()
        if not is_ours:  # another worker is at it
            return []
        cursor.execute(
            "SELECT id FROM interaction WHERE project_id = %s AND id > %s AND id < %s"
            " ORDER BY id LIMIT %s",
            [project.id, after, first_id_at(before), INTERACTIONS_DELETED_AT_ONCE],
        )
        ids = [id for (id,) in cursor.fetchall()]
    if ids:
        bodies = [id for id in ids if not any(part.holds(id) for part in going)]
        _note(project, before, delete_together(project, ids, bodies=bodies))
    return ids


def _note(project: Project, before: datetime, gone: DeletionCounts) -> None:
    """Have the audit log tell of each batch with the batch: it is right after a crash too."""
    until = before.date().isoformat()
    counts = {name: getattr(gone, name) for name in DeletionCounts.__slots__}
    audit.record(
        project,
        actor=None,
        verb=EXPIRED_VERB,
        subject=project.key,
        before=until,
        days=project.keep_days,
        **counts,
    )
    logger.info("%s: interactions from before %s expire: %s", project.key, until, counts)


def _is_vacuum_behind(project: Project) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_dead_tup FROM pg_stat_user_tables"
            " WHERE relname IN ('interaction', 'interaction_body', 'interaction_label', 'feedback')"
            " AND n_dead_tup > %s + %s * n_live_tup LIMIT 1",
            [_BEHIND, _BEHIND_SHARE],
        )
        found = cursor.fetchone()
    if found is not None:
        logger.info("%s waits: %s has %s dead rows to be vacuumed", project.key, *found)
    return found is not None
