"""How much a project's metrics and models are used."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from interactions.filters.compile import Count
from projects.models import Metric, Project


def feedback_counts(project: Project, *, cap: int = 10_000) -> dict[int, Count]:
    """By metric id: how much feedback was given under it, exactly up to `cap`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, (SELECT count(*) FROM"
            "  (SELECT 1 FROM feedback f WHERE f.metric_id = m.id LIMIT %s) AS given)"
            " FROM projects_metric m WHERE m.project_id = %s",
            [cap + 1, project.id],
        )
        return {id: Count(min(n, cap), n <= cap) for id, n in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Use:
    """Whether anything was ever given under a metric, and whether anything was compared."""

    has_feedback: bool = False
    has_comparisons: bool = False


def uses(metrics: Iterable[Metric]) -> dict[int, Use]:
    """By metric id: what it was used for; two probes of an index each, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, EXISTS (SELECT 1 FROM feedback f WHERE f.metric_id = m.id),"
            " EXISTS (SELECT 1 FROM comparison c WHERE c.metric_id = m.id)"
            " FROM unnest(%s::int[]) AS m(id)",
            [[metric.id for metric in metrics]],
        )
        return {id: Use(*used) for id, *used in cursor.fetchall()}
