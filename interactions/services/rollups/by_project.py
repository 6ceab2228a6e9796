"""How much every project holds and gets, for who runs the site; nobody else may ask."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection

from interactions.services.rollups.deltas import hour_of

# `label_id` 0 counts all interactions: what was compacted, and what waits to be.
_COUNTS = """
    SELECT project_id,
        sum(n) FILTER (WHERE grain = 't'),
        sum(n) FILTER (WHERE grain = 'h' AND start >= %(hour)s),
        sum(n) FILTER (WHERE grain = 'h' AND start >= %(day)s)
    FROM (
        SELECT project_id, grain, start, n FROM label_count
        WHERE label_id = 0 AND (grain = 't' OR grain = 'h' AND start >= %(day)s)
        UNION ALL
        SELECT project_id, grain, start, counts[array_position(label_ids, 0)]
        FROM label_delta, (VALUES ('t'), ('h')) grains(grain)
    ) parts
    GROUP BY project_id
"""
# One descent of the index of each project: `newest` is its newest interaction's id, a UUIDv7.
_REST = """
    SELECT p.id, p.name, p.key, p.keep_days, p.masking <> '{}',
        (SELECT i.created_at FROM interaction i WHERE i.project_id = p.id
            ORDER BY i.id DESC LIMIT 1),
        (SELECT coalesce(sum(size), 0) FROM image i WHERE i.project_id = p.id),
        (SELECT count(*) FROM dataset d WHERE d.project_id = p.id AND d.deleted_at IS NULL)
    FROM projects_project p WHERE p.deleted_at IS NULL ORDER BY p.id LIMIT %s
"""
MOST_PROJECTS = 1000  # projects; of more only the oldest are looked at


@dataclass(frozen=True, slots=True)
class ProjectTotals:
    """One project; `last_hour` and `last_day` are counted by whole hours, `images` in bytes."""

    name: str
    key: str
    keep_days: int | None
    is_masked: bool
    newest: datetime | None
    images: int
    datasets: int
    interactions: int
    last_hour: int
    last_day: int


def of_all_projects() -> list[ProjectTotals]:
    """The projects of the site with what they hold, the largest first."""
    now = hour_of(datetime.now(UTC))
    spans = {"hour": now - timedelta(hours=1), "day": now - timedelta(days=1)}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, spans)
        counts = {id: [n or 0 for n in numbers] for id, *numbers in cursor.fetchall()}
        cursor.execute(_REST, [MOST_PROJECTS])
        found = [
            ProjectTotals(*facts, *counts.get(id, (0, 0, 0))) for id, *facts in cursor.fetchall()
        ]
    return sorted(found, key=lambda one: (-one.interactions, one.name))
