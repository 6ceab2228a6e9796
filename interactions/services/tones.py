"""Interactions by what people said of them: bad, good, or nothing.

An interaction that any yes-or-no metric finds bad is bad, else one that any finds good is good.
Numbers say neither, since nobody said where good begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adaptive_site.lib.ids import time_of
from interactions.filters.compile import fetch, newest
from interactions.filters.conditions import CreatedIn
from interactions.filters.plan import Look, bounds_of
from interactions.filters.sql import Bounds, Sql
from interactions.filters.tree import And, Tree
from projects.models import Metric, Project

GIVEN = 200_000  # values read from the ends of the metrics' lists, some 100 ms
GIVEN_EACH = 20_000  # of one metric, however many there are


_PARTS = ("n", "bad", "good")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many matches there are, and how many of them are bad and good."""

    n: int = 0
    bad: int = 0
    good: int = 0

    @property
    def judged(self) -> int:
        """Those with feedback under a yes-or-no metric."""
        return self.bad + self.good

    @property
    def silent(self) -> int:
        """Those without."""
        return max(0, self.n - self.bad - self.good)

    @property
    def bad_share(self) -> float:
        """Which part of those with feedback is bad."""
        return self.bad / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Tallies:
    """A tally for each span; what is older than `since` was not looked at, None that all was."""

    spans: list[Tally]
    since: datetime | None = None

    @property
    def all(self) -> Tally:
        """Of all spans together."""
        return Tally(*(sum(getattr(one, name) for one in self.spans) for name in _PARTS))


def of_feedback(project: Project, tree: Tree, edges: Sequence[UUID]) -> Tallies | None:
    """What was said between each two neighbouring `edges`, read from the feedback alone.

    Only of a filter that asks for times or for nothing: None of any other. The `n` of a tally is
    how many were judged. As much is read as `GIVEN` of the newest values, and all that is newer
    than the oldest of those.
    """
    bounds = times_of(tree)
    if bounds is None:
        return None
    metrics = _metrics(project)
    if not metrics:
        return Tallies([Tally()] * (len(edges) - 1))
    most = max(GIVEN_EACH, GIVEN // len(metrics))
    span = bounds.on("interaction_id")
    rows = fetch(
        Sql(
            "WITH g AS MATERIALIZED (SELECT m.id, f.interaction_id, (f.value <> 0) = m.is_low AS"
            " is_bad FROM unnest(%s::int[], %s::bool[]) AS m(id, is_low) CROSS JOIN LATERAL ("
            "SELECT interaction_id, value FROM feedback WHERE metric_id = m.id"
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
                [id for id, _ in metrics],
                [is_low for _, is_low in metrics],
                *span.params,
                most,
                most,
                [str(edge) for edge in edges],
            ),
        )
    )
    spans = [Tally()] * (len(edges) - 1)
    for bucket, n, bad, _ in rows:
        if 1 <= bucket < len(edges):
            spans[bucket - 1] = Tally(n, bad, n - bad)
    least = next((row[3] for row in rows if row[3] is not None), None)
    return Tallies(spans, None if least is None else time_of(least))


def of_matches(project: Project, tree: Tree, edges: Sequence[UUID], *, cap: int) -> Tallies:
    """The `cap` newest matches between each two neighbouring `edges`; of a text, of fewer."""
    found = newest(project, tree, cap)
    metrics = _metrics(project)
    spans = [Tally()] * (len(edges) - 1)
    seen, oldest = 0, None
    for bucket, n, bad, good, least in fetch(
        Sql(
            "SELECT width_bucket(m.id, %s::uuid[]), count(*), count(*) FILTER (WHERE f.is_bad),"
            " count(*) FILTER (WHERE NOT f.is_bad),"
            " (array_agg(m.id ORDER BY m.id))[1]"
            f" FROM ({found.ids.text}) AS m LEFT JOIN LATERAL ("
            "SELECT bool_or((value <> 0) = (metric_id = ANY(%s))) AS is_bad FROM feedback"
            " WHERE interaction_id = m.id AND metric_id = ANY(%s) OFFSET 0) AS f ON TRUE"
            " GROUP BY 1",
            (
                [str(edge) for edge in edges],
                *found.ids.params,
                [id for id, is_low in metrics if is_low],
                [id for id, _ in metrics],
            ),
        )
    ):
        seen += n
        oldest = least if oldest is None else min(oldest, least)
        if 1 <= bucket < len(edges):
            spans[bucket - 1] = Tally(n, bad, good)
    return Tallies(spans, time_of(oldest) if oldest is not None and seen >= found.cap else None)


def times_of(tree: Tree) -> Bounds | None:
    """The span of ids of a filter that asks for times alone; None of any other."""
    children = tree.children if isinstance(tree, And) else (tree,)
    if not all(isinstance(child, CreatedIn) for child in children):
        return None
    return bounds_of(children, Look())


def _metrics(project: Project) -> list[tuple[int, bool]]:
    """The yes-or-no metrics, and of each whether a yes is bad."""
    kinds = Metric.objects.in_project(project).filter(kind=Metric.Kind.BOOL)
    return [
        (id, scoring == Metric.Scoring.LOWER_IS_BETTER)
        for id, scoring in kinds.order_by("id").values_list("id", "scoring_type")
    ]
