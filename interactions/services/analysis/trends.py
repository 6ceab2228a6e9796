"""How the feedback under a metric went over time, and in the time of equal length before.

The time is that of the interactions. With no filter but one of time, exactly, by the roll-up, whose
whole days are joined by the ragged ends from the feedback itself; else over the newest matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

from adaptive_site.lib.database.sql import Sql, fetch, joined
from adaptive_site.lib.database.time_limits import time_limit
from adaptive_site.lib.ids import EPOCH, first_id_at, time_of
from interactions.filters.conditions import Contains, CreatedIn, HasFeedback
from interactions.filters.sql import queries
from interactions.filters.tree import And, Tree, ids_in_time_alone, without
from interactions.services.analysis import group_queries
from interactions.services.analysis.confidence_intervals import ValueSample
from interactions.services.analysis.group_queries import Grouping, GroupKind, GroupValue
from interactions.services.analysis.metric_usage import FeedbackUse
from interactions.services.analysis.sample_sizes import counted_of
from projects.models import Metric, Project

TREND_LIMIT_MS = 3_000
MOST_TREND_PARTS = 5  # parts of a split; the others are put together
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time in buckets: between each two neighbouring `edges`, but within the span."""

    start: datetime
    end: datetime
    edges: tuple[datetime, ...]

    @property
    def many(self) -> int:
        """How many buckets."""
        return len(self.edges) - 1

    @property
    def before(self) -> "Period":
        """The span of equal length that ends where this one begins."""
        length = self.end - self.start
        return Period(self.start - length, self.start, tuple(e - length for e in self.edges))


@dataclass(slots=True)
class Course:
    """Samples by bucket, None where there is no feedback, and a sample of all buckets together."""

    buckets: list[ValueSample | None]
    total: ValueSample | None = None


@dataclass(slots=True)
class TrendPart:
    """The course of a part of the matches, and of the same part before; `name` None: of none."""

    name: str | None
    now: Course
    before: Course
    is_others: bool = False


@dataclass(slots=True)
class Trend:
    """The course of all, and part by part where it is split.

    `newest` says that only so many of the newest matches with feedback were read, back to `since`;
    0 that all were. Then nothing is known of before.
    """

    all: TrendPart
    parts: list[TrendPart] = field(default_factory=list)
    newest: int = 0
    since: datetime = EPOCH
    has_before: bool = True


def limited_span(project: Project, tree: Tree, metric: Metric) -> tuple[datetime, datetime] | None:
    """`span` within its time. Raises TookTooLong."""
    with time_limit(TREND_LIMIT_MS):
        return span(project, tree, metric)


def span(project: Project, tree: Tree, metric: Metric) -> tuple[datetime, datetime] | None:
    """When the first and the last match with feedback under the metric were created.

    Of a text without it: its oldest match would be looked for in all there is.
    """
    times = ids_in_time_alone(tree)
    if times is not None:
        bounds = times.on("interaction_id")
        end = f"(SELECT interaction_id FROM feedback WHERE metric_id = %s{bounds.text}"
        end += " ORDER BY interaction_id {} LIMIT 1)"
        query = f"SELECT {end.format('ASC')}, {end.format('DESC')}"
        first, last = fetch(Sql(query, (metric.id, *bounds.params) * 2))[0]
        return (time_of(first), time_of(last)) if first else None
    judged = And((*without(tree, Contains).children, HasFeedback(metric.key)))
    oldest = queries.window(project, judged, limit=1, oldest_first=True)
    newest = queries.window(project, judged, limit=1)
    return (time_of(oldest[0]), time_of(newest[0])) if oldest and newest else None


def ends(metric: Metric) -> tuple[float, float] | None:
    """The least and the most ever given under a metric; two probes of an index."""
    query = "SELECT min(value), max(value) FROM feedback WHERE metric_id = %s"
    least, most = fetch(Sql(query, (metric.id,)))[0]
    return None if least is None else (least, most)


def trend(
    project: Project,
    tree: Tree,
    metric: Metric,
    period: Period,
    *,
    has_before: bool,
    split: Grouping | None = None,
) -> Trend:
    """The feedback under a metric in a period. Raises TookTooLong."""
    if split is None and ids_in_time_alone(tree) is not None:
        with time_limit(TREND_LIMIT_MS):
            before = Course([None] * period.many)
            if has_before:
                before = _exact(metric, period.before)
            return Trend(TrendPart(None, _exact(metric, period), before), has_before=has_before)
    with time_limit(TREND_LIMIT_MS):
        return _counted(project, tree, metric, period, has_before, split)


def exact_query(metric: Metric, period: Period) -> Sql:
    """By bucket: number, sum, sum of squares. Whole days from the roll-up, if all buckets are days;
    what is ragged, or all of it, from the list of the metric's feedback.
    """
    first, last = midnight(period.start + DAY - timedelta(microseconds=1)), midnight(period.end)
    parts, ends = [], [(period.start, period.end)]
    if first < last and all(edge == midnight(edge) for edge in period.edges):
        parts = [_rolled(table, metric, period, first, last) for table in ("count", "delta")]
        ends = [(period.start, first), (last, period.end)]
    parts += [_listed(metric, period, *end) for end in ends if end[0] < end[1]]
    union = joined(parts, " UNION ALL ")
    return Sql(
        "SELECT bucket, sum(n)::bigint, sum(total), sum(squares)"
        f" FROM ({union.text}) AS given(bucket, n, total, squares)"
        " GROUP BY bucket HAVING sum(n) > 0",
        union.params,
    )


def _exact(metric: Metric, period: Period) -> Course:
    rows = fetch(exact_query(metric, period))
    is_share = metric.kind == Metric.Kind.BOOL
    course, uses = Course([None] * period.many), []
    for bucket, *sums in rows:
        uses.append(FeedbackUse(*sums))
        course.buckets[bucket - 1] = _sample(uses[-1], is_share=is_share)
    if uses:
        total = FeedbackUse(*(sum(all) for all in zip(*map(_sums, uses), strict=True)))
        course.total = _sample(total, is_share=is_share)
    return course


def _rolled(table: str, metric: Metric, period: Period, start: datetime, end: datetime) -> Sql:
    return Sql(
        "SELECT width_bucket(day::timestamp AT TIME ZONE 'UTC', %s::timestamptz[]),"
        f" n, total, squares FROM feedback_{table}"
        " WHERE project_id = %s AND metric_id = %s AND day >= %s AND day < %s",
        (list(period.edges), metric.project_id, metric.id, start.date(), end.date()),
    )


def _listed(metric: Metric, period: Period, start: datetime, end: datetime) -> Sql:
    ids = [str(first_id_at(edge)) for edge in period.edges]
    return Sql(
        "SELECT width_bucket(interaction_id, %s::uuid[]), count(*), sum(value),"
        " sum(value * value) FROM feedback WHERE metric_id = %s"
        " AND interaction_id >= %s AND interaction_id < %s GROUP BY 1",
        (ids, metric.id, first_id_at(start), first_id_at(end)),
    )


def _sums(use: FeedbackUse) -> tuple[Any, ...]:
    return use.n, use.total, use.squares


def _sample(use: FeedbackUse, *, is_share: bool) -> ValueSample:
    n = use.n
    return ValueSample(n, use.mean, use.deviation * sqrt(n / (n - 1)) if n > 1 else None, is_share)


# The judged matches `r`, each value with its bucket, and whether it is of the time before.
_GIVEN = """, f AS MATERIALIZED (
    SELECT r.value AS part, r.at < %s AS is_before, v.value,
        CASE WHEN r.at < %s THEN width_bucket(r.at, %s::timestamptz[])
        ELSE width_bucket(r.at, %s::timestamptz[]) END AS bucket
    FROM r CROSS JOIN LATERAL (SELECT value FROM feedback
        WHERE interaction_id = r.id AND metric_id = %s OFFSET 0) v
), t AS (SELECT count(*) AS n, min(at) AS since FROM r)"""
_WHOLE = """ SELECT t.n, t.since, NULL, TRUE, 0, is_before, bucket, count(*), avg(value),
    stddev_samp(value) FROM f CROSS JOIN t
GROUP BY t.n, t.since, GROUPING SETS ((is_before, bucket), (is_before))"""
# Parts have their place by how much they have in the period itself; 0 is all others.
_SPLIT = """, top AS MATERIALIZED (
    SELECT part, row_number() OVER (ORDER BY count(*) DESC, part) AS place
    FROM f WHERE NOT is_before GROUP BY part ORDER BY place LIMIT %s
), p AS (SELECT array_agg(part ORDER BY place) AS parts FROM top)
SELECT t.n, t.since, p.parts, grouping(place) = 1, place, is_before, bucket, count(*), avg(value),
    stddev_samp(value)
FROM (SELECT f.*, coalesce(top.place, 0) AS place
    FROM f LEFT JOIN top ON top.part IS NOT DISTINCT FROM f.part) g CROSS JOIN t CROSS JOIN p
GROUP BY t.n, t.since, p.parts, GROUPING SETS ((is_before, bucket), (is_before),
    (place, is_before, bucket), (place, is_before))"""


def _counted(
    project: Project,
    tree: Tree,
    metric: Metric,
    period: Period,
    has_before: bool,
    split: Grouping | None,
) -> Trend:
    start = period.before.start if has_before else period.start
    timeless = without(tree, CreatedIn).children
    judged = And((*timeless, HasFeedback(metric.key), CreatedIn(start, period.end)))
    cap = counted_of(project, judged)
    these = group_queries.rows(project, judged, split or Grouping(GroupKind.SOURCE), cap)
    given = (period.start, period.start, list(period.before.edges), list(period.edges), metric.id)
    query = (
        these.then(_GIVEN + _SPLIT, *given, MOST_TREND_PARTS)
        if split
        else these.then(_GIVEN + _WHOLE, *given)
    )
    rows = fetch(query)
    found = Trend(_part(period), has_before=has_before)
    parts: dict[int, TrendPart] = {}
    for *_, is_all, place, is_before, bucket, n, mean, deviation in rows:
        part = found.all if is_all else parts.setdefault(place, _part(period, is_others=not place))
        course = part.before if is_before else part.now
        sample = ValueSample(n, mean, deviation, metric.kind == Metric.Kind.BOOL)
        if bucket is None:
            course.total = sample
        else:
            course.buckets[bucket - 1] = sample
    if rows:
        of, since, values = rows[0][:3]
        if these.cap is not None and of >= these.cap:
            found.newest, found.since, found.has_before = of, since, False
        found.parts = _named(split, parts, values or []) if split else []
    return found


def _part(period: Period, *, is_others: bool = False) -> TrendPart:
    now, before = (Course([None] * period.many) for _ in range(2))
    return TrendPart(None, now, before, is_others)


def _named(
    split: Grouping, parts: dict[int, TrendPart], values: Sequence[GroupValue]
) -> list[TrendPart]:
    """The parts with most feedback first, then the others together."""
    known = [value for value in values if value is not None]
    names = dict(fetch(group_queries.names(split.kind, known)))
    for place, value in enumerate(values, start=1):
        if place in parts:
            parts[place].name = None if value is None else names.get(value, str(value))
    return [
        parts[place] for place in sorted(parts, key=lambda place: place or MOST_TREND_PARTS + 1)
    ]


def midnight(at: datetime) -> datetime:
    """The beginning of its day, in UTC."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
