"""How much projects hold and when something last came in, for lists of projects."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from adaptive_site.lib.ids import EPOCH, time_of
from interactions.services.rollups.deltas import ALL_INTERACTIONS
from projects.models import Project

# By the roll-up, and the newest by the index: as dear for a project of ten million as for one.
_FACTS = """
    SELECT p.id, coalesce((
            SELECT n FROM label_count WHERE project_id = p.id AND label_id = %(label)s
            AND grain = 't' AND start = %(epoch)s
        ), 0) + coalesce((
            SELECT sum(counts[array_position(label_ids, %(label)s)]) FROM label_delta
            WHERE project_id = p.id
        ), 0),
        (SELECT id FROM interaction WHERE project_id = p.id ORDER BY id DESC LIMIT 1),
        (SELECT count(*) FROM dataset WHERE project_id = p.id AND deleted_at IS NULL)
    FROM unnest(%(projects)s::int[]) p (id)
"""


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What a project holds; `newest` is the time of its newest interaction."""

    interactions: int
    newest: datetime | None
    datasets: int


def facts(projects: Collection[Project]) -> dict[int, ProjectFacts]:
    """By project id, in one query."""
    given: dict[str, Any] = {
        "label": ALL_INTERACTIONS,
        "epoch": EPOCH,
        "projects": [project.id for project in projects],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, given)
        return {
            id: ProjectFacts(int(n), time_of(newest) if newest else None, datasets)
            for id, n, newest, datasets in cursor.fetchall()
        }
