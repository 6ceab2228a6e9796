"""How much a project's metrics are used."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import sqrt

from django.db import connection

from adaptive_site.lib.database.model_rows import ModelRows
from interactions.filters.sql.queries import Count
from projects.models import Metric, Project

# The sums are of binary fractions: of a variance that is less than this part of the mean square,
# no digit is certain.
_NOISE = 1e-12
_METRICS = ModelRows(Metric, "m")
# Of a metric `m`. With EXISTS, PostgreSQL reads all comparisons of the site to find that a metric
# has none, metric by metric: 5 ms of every page at 3,361 comparisons.
_HAS_FEEDBACK = (
    "(SELECT f.id FROM feedback f WHERE f.metric_id = m.id"
    " ORDER BY f.metric_id, f.interaction_id LIMIT 1) IS NOT NULL"
)
HAS_COMPARISONS = (
    "(SELECT c.id FROM comparison c WHERE c.metric_id = m.id"
    " ORDER BY c.metric_id, c.id LIMIT 1) IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class FeedbackUse:
    """The feedback under a metric: how many values, their sum and the sum of their squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The average; of yes and no, the share of yes."""
        return self.total / self.n

    @property
    def deviation(self) -> float:
        """The standard deviation of these values."""
        square = self.squares / self.n
        variance = square - self.mean**2
        return sqrt(variance) if variance > square * _NOISE else 0.0

    @property
    def yes(self) -> int:
        """How often yes was said, under a metric of yes and no."""
        return round(self.total)

    @property
    def no(self) -> int:
        """How often no was said, under a metric of yes and no."""
        return self.n - self.yes


def feedback_uses(
    project: Project, *, start: date | None = None, end: date | None = None
) -> dict[int, FeedbackUse]:
    """By metric id, where there is any: all feedback under the metric, exactly, by the roll-up.

    With `start` or `end`, the feedback on interactions of that day (UTC) or later, and before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT metric_id, sum(n), sum(total), sum(squares) FROM ("
            "  SELECT metric_id, day, n, total, squares FROM feedback_count"
            "  WHERE project_id = %(project)s"
            "  UNION ALL SELECT metric_id, day, n, total, squares FROM feedback_delta"
            "  WHERE project_id = %(project)s"
            ") AS given WHERE day >= coalesce(%(start)s::date, '-infinity')"
            " AND day < coalesce(%(end)s::date, 'infinity')"
            " GROUP BY metric_id HAVING sum(n) > 0",
            {"project": project.id, "start": start, "end": end},
        )
        return {id: FeedbackUse(int(n), *sums) for id, n, *sums in cursor.fetchall()}


def feedback_counts(project: Project) -> dict[int, Count]:
    """By metric id, where there is any: how many values of feedback the metric has."""
    return {id: Count(use.n, True) for id, use in feedback_uses(project).items()}


def metrics(project: Project) -> list[tuple[Metric, bool]]:
    """The metrics of a project by key, and of each whether only comparisons were given under it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_METRICS.columns},"
            f" NOT {_HAS_FEEDBACK} AND {HAS_COMPARISONS}"
            " FROM projects_metric m WHERE m.project_id = %s AND m.is_linked ORDER BY m.key",
            [project.id],
        )
        return [(_METRICS.made(row), bool(row[-1])) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class MetricUse:
    """Whether anything was ever given under a metric, and whether anything was compared."""

    has_feedback: bool = False
    has_comparisons: bool = False


def uses(metrics: Iterable[Metric]) -> dict[int, MetricUse]:
    """By metric id: what it was used for; two probes of an index each, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.id, {_HAS_FEEDBACK}, {HAS_COMPARISONS} FROM unnest(%s::int[]) AS m(id)",
            [[metric.id for metric in metrics]],
        )
        return {id: MetricUse(*used) for id, *used in cursor.fetchall()}
