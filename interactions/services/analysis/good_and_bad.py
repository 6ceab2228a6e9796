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
from interactions.services.analysis import metric_usage
from projects.models import Metric, Project

MOST_VALUES_READ = 200_000  # values read from the ends of the metrics' lists, some 100 ms
LEAST_VALUES_READ_EACH = 20_000  # of one metric, however many there are


_PARTS = ("n", "bad", "good")
_NONE = UUID(int=0)


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
    span = bounds.on("interaction_id")
    given = joined(
        (
            Sql(
                f"SELECT interaction_id AS id, value {'>' if is_low else '<'} %s AS is_bad"
                " FROM feedback WHERE metric_id = %s AND interaction_id >= s.a"
                " AND interaction_id < s.b AND interaction_id > (SELECT least FROM known)"
                f"{span.text}",
                (limit, id, *span.params),
            )
            for id, (limit, is_low) in metrics.limits.items()
        ),
        " UNION ALL ",
    )
    # Span by span, so that each is a walk of the index and a sort of few ids: 200,000 values in
    # 17 ms. Grouped together, and their buckets looked for afterwards, it took 190.
    rows = fetch(
        Sql(
            # A metric that has more values than are read says nothing of what is older.
            "WITH known AS (SELECT coalesce((SELECT least FROM unnest(%s::int[]) AS m(id)"
            " CROSS JOIN LATERAL (SELECT interaction_id AS least FROM feedback"
            f" WHERE metric_id = m.id{span.text} ORDER BY interaction_id DESC OFFSET %s LIMIT 1)"
            " AS cut ORDER BY least DESC LIMIT 1), %s) AS least)"
            " SELECT x.n, x.bad, (SELECT least FROM known)"
            " FROM unnest(%s::uuid[], %s::uuid[]) WITH ORDINALITY AS s(a, b, at)"
            " CROSS JOIN LATERAL (SELECT count(DISTINCT id) AS n,"
            f" count(DISTINCT id) FILTER (WHERE is_bad) AS bad FROM ({given.text}) AS f) x"
            " ORDER BY s.at",
            (
                metrics.ids,
                *span.params,
                most - 1,
                _NONE,
                list(edges[:-1]),
                list(edges[1:]),
                *given.params,
            ),
        )
    )
    least = rows[0][2]
    spans = [FeedbackTally(n, bad, n - bad) for n, bad, _ in rows]
    return Tallies(spans, None if least == _NONE else time_of(least))


def of_matches(
    project: Project, tree: Tree, edges: Sequence[UUID], *, cap: int, n: int | None = None
) -> Tallies:
    """The `cap` newest matches between each two neighbouring `edges`; of a text, of fewer.

    `n` is how many match, where that is known.
    """
    found = newest(project, tree, cap)
    metrics = Thresholds.of(project)
    said = _said(project, metrics, n, found.cap)
    spans = [FeedbackTally()] * (len(edges) - 1)
    rows = fetch(
        Sql(
            f"WITH m AS MATERIALIZED ({found.ids.text})"
            " SELECT width_bucket(m.id, %s::uuid[]), count(*), count(*) FILTER (WHERE f.is_bad),"
            " count(*) FILTER (WHERE NOT f.is_bad), (SELECT id FROM m ORDER BY id LIMIT 1)"
            f"{said.text} GROUP BY 1",
            (*found.ids.params, [str(edge) for edge in edges], *said.params),
        )
    )
    for bucket, many, bad, good, _ in rows:
        if 1 <= bucket < len(edges):
            spans[bucket - 1] = FeedbackTally(many, bad, good)
    is_cut = rows and sum(many for _, many, *_ in rows) >= found.cap
    return Tallies(spans, time_of(rows[0][-1]) if is_cut else None)


def _said(project: Project, metrics: Thresholds, n: int | None, cap: int) -> Sql:
    """What reads the `cap` newest matches `m`, of `n`, with whether one is bad, `f.is_bad`.

    All values as new as these are read where they are fewer than the matches, as they are when
    both are spread evenly over time: 18,600 in 25 ms, where looking for 33,000 matches, each by
    itself, took 120.
    """
    is_bad = metrics.is_bad("g")
    given = metric_usage.feedback_uses(project) if n is not None else {}
    values = sum(given[id].n for id in metrics.ids if id in given)
    if n is not None and values <= n:
        as_new = (
            " AND g.interaction_id >= (SELECT id FROM m ORDER BY id LIMIT 1)" if n > cap else ""
        )
        return Sql(
            f" FROM m LEFT JOIN (SELECT g.interaction_id AS id, bool_or({is_bad.text}) AS is_bad"
            f" FROM feedback g WHERE g.metric_id = ANY(%s){as_new} GROUP BY 1 OFFSET 0) AS f"
            " USING (id)",
            (*is_bad.params, metrics.ids),
        )
    return Sql(
        f" FROM m LEFT JOIN LATERAL (SELECT bool_or({is_bad.text}) AS is_bad FROM feedback g"
        " WHERE g.interaction_id = m.id AND g.metric_id = ANY(%s) OFFSET 0) AS f ON TRUE",
        (*is_bad.params, metrics.ids),
    )
