"""Interactions by their feedback: bad, good, or without.

An interaction with a bad value under any metric is bad, else one with a good value is good. Values
are good or bad of yes-or-no metrics and of numbers with a threshold (`Metric.tone`). This is
computed from the values each time, so a threshold that was changed holds at once for all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adaptive_site.lib.database.sql import FALSE, Sql, fetch, joined
from adaptive_site.lib.ids import time_of
from interactions.filters.sql.queries import newest
from interactions.filters.tree import Tree, ids_in_time_alone
from projects.models import Metric, Project

MOST_VALUES_READ = 200_000  # values read from the ends of the metrics' lists, some 100 ms
LEAST_VALUES_READ_EACH = 20_000  # of one metric, however many there are


_PARTS = ("n", "bad", "good")


@dataclass(frozen=True, slots=True)
class FeedbackTally:
    """How many matches there are, and how many of them are bad and good."""

    n: int = 0
    bad: int = 0
    good: int = 0

    @property
    def judged(self) -> int:
        """How many interactions have a good or a bad value."""
        return self.bad + self.good

    @property
    def silent(self) -> int:
        """How many interactions have neither a good nor a bad value."""
        return max(0, self.n - self.bad - self.good)

    @property
    def bad_share(self) -> float:
        """The share of bad ones among the interactions that are good or bad."""
        return self.bad / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The metrics whose values are good or bad, by id: the worst value that is still good, and
    whether less is better.
    """

    limits: dict[int, tuple[float, bool]]

    @classmethod
    def of(cls, project: Project) -> "Thresholds":
        """The thresholds of a project's metrics."""
        return cls.among(Metric.objects.in_project(project).linked().order_by("id"))

    @classmethod
    def among(cls, metrics: Iterable[Metric]) -> "Thresholds":
        """The thresholds of these metrics."""
        limits = {one.id: (one.limit, one.is_low_better) for one in metrics}
        return cls({id: (limit, low) for id, (limit, low) in limits.items() if limit is not None})

    @property
    def ids(self) -> list[int]:
        """The ids of the metrics that have a threshold."""
        return list(self.limits)

    def is_bad(self, row: str) -> Sql:
        """Whether the value of a row of feedback under one of the metrics is bad.

        One comparison for all metrics of the same limit: joined with their limits as a table, each
        of 50,000 look-ups took twice as long.
        """
        alike: dict[tuple[float, bool], list[int]] = {}
        for id, limit in self.limits.items():
            alike.setdefault(limit, []).append(id)
        tests = [
            Sql(
                f"({row}.metric_id = ANY(%s) AND {row}.value {'>' if is_low else '<'} %s)",
                (ids, limit),
            )
            for (limit, is_low), ids in alike.items()
        ]
        either = joined(tests or [FALSE], " OR ")
        return Sql(f"({either.text})", either.params)


@dataclass(frozen=True, slots=True)
class Tallies:
    """A tally for each span; what is older than `since` was not looked at, None that all was."""

    spans: list[FeedbackTally]
    since: datetime | None = None

    @property
    def all(self) -> FeedbackTally:
        """Of all spans together."""
        return FeedbackTally(*(sum(getattr(one, name) for one in self.spans) for name in _PARTS))


def of_feedback(project: Project, tree: Tree, edges: Sequence[UUID]) -> Tallies | None:
    """How many interactions are good and bad between each two `edges`, by the feedback alone.

    Only of a filter that asks for times or for nothing: None of any other. The `n` of a tally is
    how many have feedback. The newest `MOST_VALUES_READ` values are read, and all that is newer
    than the oldest of these.
    """
    bounds = ids_in_time_alone(tree)
    if bounds is None:
        return None
    metrics = Thresholds.of(project)
    if not metrics.ids:
        return Tallies([FeedbackTally()] * (len(edges) - 1))
    most = max(LEAST_VALUES_READ_EACH, MOST_VALUES_READ // len(metrics.ids))
    span, is_bad = bounds.on("interaction_id"), metrics.is_bad("f")
    rows = fetch(
        Sql(
            f"WITH g AS MATERIALIZED (SELECT m.id, f.interaction_id, {is_bad.text} AS is_bad"
            " FROM unnest(%s::int[]) AS m(id) CROSS JOIN LATERAL ("
            "SELECT interaction_id, metric_id, value FROM feedback WHERE metric_id = m.id"
            f"{span.text} ORDER BY interaction_id DESC LIMIT %s) AS f),"
            # A metric that was not read to its end says nothing of what is older.
            " known AS (SELECT least FROM (SELECT id,"
            " (array_agg(interaction_id ORDER BY interaction_id))[1] AS least FROM g GROUP BY id"
            " HAVING count(*) >= %s) AS cut ORDER BY least DESC LIMIT 1),"
            " said AS (SELECT interaction_id AS id, bool_or(is_bad) AS is_bad FROM g"
            " WHERE NOT EXISTS (SELECT FROM known WHERE g.interaction_id <= known.least)"
            " GROUP BY 1)"
            " SELECT width_bucket(id, %s::uuid[]), count(*), count(*) FILTER (WHERE is_bad),"
            " (SELECT least FROM known) FROM said GROUP BY 1"
            " UNION ALL SELECT 0, 0, 0, least FROM known",
            (
                *is_bad.params,
                metrics.ids,
                *span.params,
                most,
                most,
                [str(edge) for edge in edges],
            ),
        )
    )
    spans = [FeedbackTally()] * (len(edges) - 1)
    for bucket, n, bad, _ in rows:
        if 1 <= bucket < len(edges):
            spans[bucket - 1] = FeedbackTally(n, bad, n - bad)
    least = next((row[3] for row in rows if row[3] is not None), None)
    return Tallies(spans, None if least is None else time_of(least))


def of_matches(project: Project, tree: Tree, edges: Sequence[UUID], *, cap: int) -> Tallies:
    """The `cap` newest matches between each two neighbouring `edges`; of a text, of fewer."""
    found = newest(project, tree, cap)
    metrics = Thresholds.of(project)
    is_bad = metrics.is_bad("g")
    spans = [FeedbackTally()] * (len(edges) - 1)
    seen, oldest = 0, None
    for bucket, n, bad, good, least in fetch(
        Sql(
            "SELECT width_bucket(m.id, %s::uuid[]), count(*), count(*) FILTER (WHERE f.is_bad),"
            " count(*) FILTER (WHERE NOT f.is_bad),"
            " (array_agg(m.id ORDER BY m.id))[1]"
            f" FROM ({found.ids.text}) AS m LEFT JOIN LATERAL ("
            f"SELECT bool_or({is_bad.text}) AS is_bad FROM feedback g"
            " WHERE g.interaction_id = m.id AND g.metric_id = ANY(%s) OFFSET 0) AS f ON TRUE"
            " GROUP BY 1",
            (
                [str(edge) for edge in edges],
                *found.ids.params,
                *is_bad.params,
                metrics.ids,
            ),
        )
    ):
        seen += n
        oldest = least if oldest is None else min(oldest, least)
        if 1 <= bucket < len(edges):
            spans[bucket - 1] = FeedbackTally(n, bad, good)
    return Tallies(spans, time_of(oldest) if oldest is not None and seen >= found.cap else None)
