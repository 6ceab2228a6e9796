"""The feedback under one metric on a filter's matches, counted by match."""

from dataclasses import dataclass, replace
from datetime import datetime

from adaptive_site.lib.database.sql import Bounds, Sql, fetch
from adaptive_site.lib.ids import time_of
from interactions.filters.sql.queries import newest
from interactions.filters.tree import Tree, ids_in_time_alone
from interactions.services.analysis import metric_usage
from interactions.services.analysis.metric_usage import FeedbackUse
from interactions.services.analysis.sample_sizes import counted_of, is_everything
from interactions.services.rollups import counts
from projects.models import Metric, Project

# 200,000 values took 650 ms on a busy machine.
MOST_FEEDBACK_READ = 100_000  # newest values of a metric
MOST_DISTINCT_VALUES = 8  # values of a number, up to which each is a choice of its own


@dataclass(frozen=True, slots=True)
class FeedbackOnMatches:
    """The feedback under a metric on the counted matches: `n` of them have any, and `given` values
    in all have the mean `mean`.

    Matches are counted, as a filter finds them, not values: one with a yes and a no stands in
    both, and `both` says how many do. `values` are the different ones and how many matches have
    each, or none when they are many; then `quarters` are the values below which the lowest, and
    from which the highest quarter lies. `good` and `bad` are of a metric that says so.

    `newest` says that only so many of the newest matches were counted; 0 that all were. Where
    nothing but time filters and there are more than `MOST_FEEDBACK_READ` values, the newest of
    these were read, back to `since`. `in_all` is all feedback there ever was under the metric,
    known where nothing filters. `of` is how many matches were counted, None where only their
    feedback was read.
    """

    n: int
    given: int
    mean: float
    values: list[tuple[float, int]]
    good: int = 0
    bad: int = 0
    quarters: tuple[float, float] | None = None
    newest: int = 0
    since: datetime | None = None
    in_all: FeedbackUse | None = None
    of: int | None = None

    @property
    def without(self) -> int | None:
        """How many of the counted matches have no feedback under the metric."""
        return None if self.of is None or self.since else max(0, self.of - self.n)

    @property
    def both(self) -> int:
        """How many have a good and a bad value."""
        return max(0, self.good + self.bad - self.n)


def feedback_on(project: Project, tree: Tree, metric: Metric) -> FeedbackOnMatches:
    """The feedback under a metric on a filter's matches.

    Where nothing but time filters, the feedback is read without the matches.
    """
    bounds = ids_in_time_alone(tree)
    if bounds is None:
        cap = counted_of(project, tree)
        found, n = _figures(_feedback_of_ids(newest(project, tree, cap).ids, metric), metric)
        return replace(found, newest=cap if n >= cap else 0, of=n)
    found, _ = _figures(_feedback_within(bounds, metric), metric)
    use = metric_usage.feedback_uses(project).get(metric.id) if is_everything(tree) else None
    return replace(found, in_all=use, of=counts.counted(project, tree))


def _feedback_of_ids(ids: Sql, metric: Metric) -> Sql:
    """The feedback on interactions, and how many these are."""
    return Sql(
        f"WITH m AS MATERIALIZED ({ids.text}), f AS MATERIALIZED (SELECT m.id, f.value FROM m"
        " CROSS JOIN LATERAL (SELECT value FROM feedback WHERE interaction_id = m.id"
        " AND metric_id = %s OFFSET 0) AS f),"
        " c AS (SELECT count(*) AS n, NULL::uuid AS cut FROM m)",
        (*ids.params, metric.id),
    )


def _feedback_within(bounds: Bounds, metric: Metric) -> Sql:
    """The newest feedback under a metric in a time; what is older than was read is left out."""
    span = bounds.on("interaction_id")
    return Sql(
        "WITH g AS MATERIALIZED (SELECT interaction_id AS id, value FROM feedback"
        f" WHERE metric_id = %s{span.text} ORDER BY interaction_id DESC LIMIT %s),"
        # The last interaction may have more than was read.
        " c AS (SELECT 0 AS n, CASE WHEN count(*) >= %s THEN"
        " (SELECT id FROM g ORDER BY id LIMIT 1) END AS cut FROM g),"
        " f AS MATERIALIZED (SELECT g.* FROM g CROSS JOIN c WHERE c.cut IS NULL OR g.id > c.cut)",
        (metric.id, *span.params, MOST_FEEDBACK_READ, MOST_FEEDBACK_READ),
    )


def _figures(feedback: Sql, metric: Metric) -> tuple[FeedbackOnMatches, int]:
    """The figures of the feedback `f`, whose count of matches is `c`."""
    limit, sign = metric.limit, ">" if metric.is_low_better else "<"
    is_bad = Sql("FALSE") if limit is None else Sql(f"value {sign} %s", (limit,))
    ((of, cut, n, all, mean, bad, good, quarters, values, times),) = fetch(
        Sql(
            f"{feedback.text}, v AS (SELECT value, count(DISTINCT id) AS n FROM f"
            " GROUP BY value ORDER BY value LIMIT %s)"
            " SELECT (SELECT n FROM c), (SELECT cut FROM c), count(DISTINCT id), count(*),"
            f" avg(value), count(DISTINCT id) FILTER (WHERE {is_bad.text}),"
            f" count(DISTINCT id) FILTER (WHERE NOT ({is_bad.text})),"
            " percentile_disc(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY value),"
            " (SELECT array_agg(value) FROM v), (SELECT array_agg(n) FROM v) FROM f",
            (*feedback.params, MOST_DISTINCT_VALUES + 1, *is_bad.params, *is_bad.params),
        )
    )
    found = FeedbackOnMatches(
        n,
        all,
        mean or 0.0,
        list(zip(values or (), times or (), strict=True)),
        0 if limit is None else good,
        0 if limit is None else bad,
        since=None if cut is None else time_of(cut),
    )
    if len(found.values) > MOST_DISTINCT_VALUES:
        found = replace(found, values=[], quarters=tuple(quarters))
    return found, of
