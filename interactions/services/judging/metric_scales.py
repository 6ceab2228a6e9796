"""The metrics of a project, each with the values that its feedback usually has."""

from dataclasses import dataclass, replace

from django.db import connection

from adaptive_site.lib.database.model_rows import ModelRows
from interactions.services.analysis.metric_usage import HAS_COMPARISONS
from projects.models import Metric, Project


@dataclass(frozen=True, slots=True)
class Scale:
    """A metric and the values its feedback usually has; without any, a number is typed.

    Of yes and no the good one is first. The primary metric's values are on the number keys.
    """

    metric: Metric
    values: tuple[int, ...] = ()
    is_primary: bool = False

    def of_key(self, key: str) -> int | None:
        """The value on a number key: of yes and no the good one on 1, numbers on their own key."""
        if not self.metric.is_yes_no:
            return next((value for value in self.values if key == str(value)), None)
        return dict(zip("12", self.values, strict=False)).get(key)


def scales(project: Project) -> list[Scale]:
    """Every metric under which single interactions are given feedback, with its scale.

    The primary metric is first, the others follow by key. A metric that only comparisons use is
    left out. Numbers count as 1 to 5 when the least and the greatest value are whole, lie within
    1 to 5 and reach above 2: two probes of an index for each metric, all in one query.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SCALES, {"project": project.id})
        rows = cursor.fetchall()
    found = [
        (_scale(_METRICS.made(row), least, most), n_given)
        for *row, least, most, is_compared, n_given in rows
        if least is not None or not is_compared
    ]
    primary = _primary(project, found)
    others = [scale for scale, _ in found if scale is not primary]
    return [replace(primary, is_primary=True), *others] if primary else others


def _primary(project: Project, found: list[tuple[Scale, int]]) -> Scale | None:
    """The scale that the project's settings name, else the most used of yes and no.

    Without any of yes and no it is the most used that has buttons.
    """
    for scale, _ in found:
        if scale.metric.id == project.primary_metric_id:
            return scale
    most_used = sorted(found, key=lambda one: (not one[0].metric.is_yes_no, -one[1]))
    return next((scale for scale, _ in most_used if scale.values), None)


_METRICS = ModelRows(Metric, "m")
_SCALES = f"""
    -- Once, for they have no index by metric: what the roll-up has not folded in yet.
    WITH waiting AS MATERIALIZED (
        SELECT metric_id, sum(n) AS n FROM feedback_delta WHERE project_id = %(project)s GROUP BY 1
    )
    SELECT {_METRICS.columns},
        (SELECT value FROM feedback WHERE metric_id = m.id ORDER BY value LIMIT 1),
        (SELECT value FROM feedback WHERE metric_id = m.id ORDER BY value DESC LIMIT 1),
        {HAS_COMPARISONS},
        coalesce((SELECT sum(n) FROM feedback_count c
            WHERE c.project_id = %(project)s AND c.metric_id = m.id), 0)
            + coalesce((SELECT n FROM waiting WHERE waiting.metric_id = m.id), 0)
    FROM projects_metric m WHERE m.project_id = %(project)s AND m.is_linked ORDER BY m.key
"""


def _scale(metric: Metric, least: float | None, most: float) -> Scale:
    """Of a metric with its least and its greatest value."""
    if metric.is_yes_no:
        return Scale(metric, (0, 1) if metric.is_low_better else (1, 0))
    if least is None or not (least.is_integer() and most.is_integer()):
        return Scale(metric)
    return Scale(metric, (1, 2, 3, 4, 5) if least >= 1 and 2 < most <= 5 else ())
