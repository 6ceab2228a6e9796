"""The metrics of a project, each with the values that its feedback usually has."""

from dataclasses import dataclass

from django.db import connection

from adaptive_site.lib.database.model_rows import ModelRows
from projects.models import Metric, Project


@dataclass(frozen=True, slots=True)
class Scale:
    """A metric and the values its feedback usually has; without any, a number is typed."""

    metric: Metric
    values: tuple[int, ...] = ()


def scales(project: Project) -> list[Scale]:
    """Every metric under which single interactions are given feedback, by key, with its scale.

    A metric that only comparisons use is left out. Numbers count as 1 to 5 when the least and
    the greatest value are whole, lie within 1 to 5 and reach above 2: two probes of an index for
    each metric, all in one query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SCALES, [project.id])
        rows = cursor.fetchall()
    return [
        _scale(_METRICS.made(row), least, most)
        for *row, least, most, is_compared in rows
        if least is not None or not is_compared
    ]


_METRICS = ModelRows(Metric, "m")
_SCALES = f"""
    SELECT {_METRICS.columns},
        (SELECT value FROM feedback WHERE metric_id = m.id ORDER BY value LIMIT 1),
        (SELECT value FROM feedback WHERE metric_id = m.id ORDER BY value DESC LIMIT 1),
        -- With EXISTS, all comparisons of the site are read for a metric that has none.
        (SELECT id FROM comparison WHERE metric_id = m.id ORDER BY metric_id, id LIMIT 1)
            IS NOT NULL
    FROM projects_metric m WHERE m.project_id = %s AND m.is_linked ORDER BY m.key
"""


def _scale(metric: Metric, least: float | None, most: float) -> Scale:
    """Of a metric with its least and its greatest value."""
    if metric.is_yes_no:
        return Scale(metric, (1, 0))
    if least is None or not (least.is_integer() and most.is_integer()):
        return Scale(metric)
    return Scale(metric, (1, 2, 3, 4, 5) if least >= 1 and 2 < most <= 5 else ())
