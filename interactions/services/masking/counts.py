"""How much was masked, by project, day and kind."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Sum

from projects.models import MaskedCount, Project

_ADD = """
    INSERT INTO masked_count AS c (project_id, day, kind, number)
    SELECT project_id, %s, kind, number
    FROM unnest(%s::int[], %s::text[], %s::bigint[]) AS given (project_id, kind, number)
    ORDER BY project_id, kind
    ON CONFLICT (project_id, day, kind) DO UPDATE SET number = c.number + excluded.number
"""


def add(replaced: Mapping[tuple[int, str], int]) -> None:
    """Count what was replaced just now, by project id and kind.

    In the order of the keys: writers of the same rows must not wait for each other.
    """
    if replaced:
        ids, kinds = zip(*replaced, strict=True)
        numbers = list(replaced.values())
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [datetime.now(UTC).date(), list(ids), list(kinds), numbers])


def lately(project: Project, *, days: int) -> dict[str, int]:
    """By kind how much was masked in the last so many days."""
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    mine = MaskedCount.objects.in_project(project).filter(day__gte=since)
    sums = mine.values_list("kind").annotate(Sum("number")).order_by("kind")
    return dict(sums)
