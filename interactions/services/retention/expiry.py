"""Deleting what a project no longer keeps: the oldest first, a little at a time."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from adaptive_site.lib.database.monthly_partitions import Part
from adaptive_site.lib.database.sql import Sql
from adaptive_site.lib.ids import first_id_at, time_of
from interactions.services.editing.deletion import DeletionCounts, delete_together
from interactions.services.holds import held
from interactions.services.retention import monthly_bodies, runs
from interactions.services.retention.limits import limit_of, newest_of
from interactions.services.rollups import counts
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
    """What a project lets go: how many interactions are older than `before`, or not among its
    `newest`, of which `held` stay. `oldest` is that of its first interaction, whatever its age.
    """

    before: datetime | None
    newest: int | None
    interactions: int
    held: int
    is_exact: bool
    oldest: datetime | None


def survey(project: Project, *, at_most: int = NO_LIMIT) -> Expired | None:
    """What would go now, counted up to `at_most`; None for a project that keeps all.

    Either limit takes the oldest, so both together take what the greater of them does.
    """
    return survey_by(project, limit_of(project), newest_of(project), at_most=at_most)


def survey_by(
    project: Project, before: datetime | None, newest: int | None, *, at_most: int = NO_LIMIT
) -> Expired | None:
    """What would go with these limits, as `survey`: a dry run."""
    if before is None and newest is None:
        return None
    old = Sql("SELECT 0") if before is None else _older(project, before, at_most)
    all_of_them = counts.count_query(project)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({old.text}), ({all_of_them.text}),"
            " (SELECT id FROM interaction WHERE project_id = %s ORDER BY id LIMIT 1)",
            [*old.params, *all_of_them.params, project.id],
        )
        too_old, total, oldest = cursor.fetchone()
    too_many = 0 if newest is None else max(0, total - newest)
    n = min(at_most, max(too_old, too_many))
    kept = _held_among(project, n) if n else 0
    is_exact = n < at_most
    return Expired(before, newest, n - kept, kept, is_exact, time_of(oldest) if oldest else None)


def _older(project: Project, before: datetime, at_most: int) -> Sql:
    return Sql(
        "SELECT count(*) FROM"
        " (SELECT FROM interaction WHERE project_id = %s AND id < %s LIMIT %s) old",
        (project.id, first_id_at(before), at_most),
    )


def _held_among(project: Project, n: int) -> int:
    """How many of the `n` oldest interactions are under legal hold."""
    labels = held.held_labels(project)
    if not labels:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT interaction_id) FROM interaction_label"
            " WHERE project_id = %s AND label_id = ANY(%s) AND interaction_id <= ("
            "  SELECT id FROM interaction WHERE project_id = %s ORDER BY id OFFSET %s LIMIT 1)",
            [project.id, labels, project.id, n - 1],
        )
        return int(cursor.fetchone()[0])


def expire_some(project: Project, *, seconds: float = SECONDS_OF_WORK) -> int:
    """Delete some of what goes, for about `seconds`; returns how many, 0 when none is left.

    Each batch is a transaction; after each we rest as long as it took, so half of a processor
    and of a disk is left to others. Waits for autovacuum, returning 0, where it is behind.
    """
    runs.note_look(project)
    deadline = time.monotonic() + seconds
    total = 0
    for gone, took in _batches(project):
        total += gone
        if time.monotonic() > deadline:
            break
        time.sleep(min(took, 1.0))
    return total


def _batches(project: Project) -> Iterator[tuple[int, float]]:
    """Delete batch by batch; yields how many went and how long that took."""
    # Where the last batch ended: the index still holds what was just deleted before it.
    after = UUID(int=0)
    before = limit_of(project)
    going = monthly_bodies.going()
    while before is not None and not _is_vacuum_behind(project):
        began = time.monotonic()
        ids = _delete_batch(project, _too_old(project, before, after), going)
        if not ids:
            break
        after = ids[-1]
        yield len(ids), time.monotonic() - began
    newest = newest_of(project)
    while newest is not None and not _is_vacuum_behind(project):
        began = time.monotonic()
        ids = _delete_batch(project, too_many(project, newest), going)
        if not ids:
            return
        yield len(ids), time.monotonic() - began


def _too_old(project: Project, before: datetime, after: UUID) -> Sql:
    """The next that are older than the project keeps, but those under legal hold."""
    free = _free(project, "i.id")
    return Sql(
        "SELECT i.id FROM interaction i WHERE i.project_id = %s AND i.id > %s AND i.id < %s"
        f"{free.text} ORDER BY i.id LIMIT %s",
        (project.id, after, first_id_at(before), *free.params, INTERACTIONS_DELETED_AT_ONCE),
    )


def too_many(project: Project, newest: int) -> Sql:
    """The next of what is beyond the `newest`, but those under legal hold.

    Counted and found in one statement: of one moment, so that what is logged or deleted meanwhile
    makes it neither too many nor too few. Only what goes, and what is held before it, is read.
    """
    free, total = _free(project, "o.id"), counts.count_query(project)
    return Sql(
        "SELECT o.id FROM (SELECT i.id FROM interaction i WHERE i.project_id = %s ORDER BY i.id"
        f" LIMIT (SELECT greatest(0, ({total.text}) - %s))) o"
        f" WHERE TRUE{free.text} ORDER BY o.id LIMIT %s",
        (project.id, *total.params, newest, *free.params, INTERACTIONS_DELETED_AT_ONCE),
    )


def _free(project: Project, id: str) -> Sql:
    labels = held.held_labels(project)
    if not labels:
        return Sql("")
    test = held.is_held(project, labels, id)
    return Sql(f" AND NOT {test.text}", test.params)


@transaction.atomic
def _delete_batch(project: Project, query: Sql, going: list[Part]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, project.id])
        (is_ours,) = cursor.fetchone()
        if not is_ours:  # another worker is at it
            return []
        cursor.execute(query.text, query.params)
        ids = [id for (id,) in cursor.fetchall()]
    if ids:
        bodies = [id for id in ids if not any(part.holds(id) for part in going)]
        _note(project, delete_together(project, ids, bodies=bodies))
    return ids


def _note(project: Project, gone: DeletionCounts) -> None:
    """Have the audit log tell of each batch with the batch: it is right after a crash too."""
    before = limit_of(project)
    until = None if before is None else before.date().isoformat()
    newest = newest_of(project)
    gone_counts = {name: getattr(gone, name) for name in DeletionCounts.__slots__}
    audit.record(
        project,
        actor=None,
        verb=EXPIRED_VERB,
        subject=project.key,
        before=until,
        days=project.keep_days,
        newest=newest,
        **gone_counts,
    )
    runs.note_removed(project, gone.interactions)
    logger.info(
        "%s keeps what is since %s and the newest %s; removed: %s",
        project.key,
        until or "ever",
        newest or "of any number",
        gone_counts,
    )


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
