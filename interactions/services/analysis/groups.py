"""The matches of a filter in groups: how many there are of each, and their feedback.

Counted over the newest matches, as many as `sample_sizes.counted_of` says, and whoever asks
learns over how many; or, when asked to, over all of them. Every figure of a page is over the same
matches.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adaptive_site.lib.database.sql import Sql, fetch
from adaptive_site.lib.database.time_limits import time_limit
from adaptive_site.lib.ids import EPOCH
from interactions.filters.tree import Tree
from interactions.services.analysis import group_queries
from interactions.services.analysis.confidence_intervals import Interval, ValueSample
from interactions.services.analysis.good_and_bad import Thresholds
from interactions.services.analysis.group_queries import (
    Grouping,
    GroupKind,
    GroupValue,
    Sorting,
)
from interactions.services.analysis.percentiles import RowNumbers, read_numbers
from interactions.services.analysis.sample_sizes import counted_of
from projects.models import Metric, Project

GROUPS_LIMIT_MS = 3_000
ALL_GROUPS_LIMIT_MS = 30_000  # when somebody asks for all
SPARKLINE_TICKS = 24  # of a sparkline


@dataclass(frozen=True, slots=True)
class Figures:
    """The feedback under a metric: the values, their mean, scatter, least and most.

    `n` interactions have any of it, `good` a good value and `bad` a bad one, as a filter counts
    them; one may have several values.
    """

    sample: ValueSample
    least: float
    most: float
    n: int = 0
    good: int = 0
    bad: int = 0

    @property
    def interval(self) -> Interval | None:
        """Where the mean may lie."""
        return self.sample.interval


@dataclass(slots=True)
class MatchGroup:
    """`n` of the matches, the last one created at `newest`; `name` is what it is sorted by.

    `figures` by metric id; `ticks` how many there are in each span of time, of a day in each hour.
    `preview` is the text of a prompt, or with which a session begins.
    """

    value: GroupValue
    name: str
    n: int
    newest: datetime
    preview: str = ""
    figures: dict[int, Figures] = field(default_factory=dict)
    ticks: list[int] = field(default_factory=list)
    numbers: RowNumbers | None = None


@dataclass(slots=True)
class MatchGroups:
    """A page of groups: `many` there are in all, over `of` matches from `start` to `last`.

    `cap` is how many of the newest matches were to be grouped, None for all. `overall` by metric
    id.
    """

    shown: list[MatchGroup]
    many: int
    of: int
    cap: int | None
    start: datetime = EPOCH
    last: datetime = EPOCH
    overall: dict[int, Figures] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """How many of the newest matches were grouped; 0 when all were."""
        return self.of if self.cap is not None and self.of >= self.cap else 0


def grouped(
    project: Project,
    tree: Tree,
    grouping: Grouping,
    sorting: Sorting,
    *,
    limit: int,
    offset: int = 0,
    of_all: bool = False,
) -> MatchGroups:
    """The groups from `offset` on, at most `limit` of them. Raises TookTooLong."""
    if of_all:
        with time_limit(ALL_GROUPS_LIMIT_MS):
            return _page(project, tree, grouping, sorting, None, limit, offset)
    with time_limit(GROUPS_LIMIT_MS):
        cap = counted_of(project, tree)
        return _page(project, tree, grouping, sorting, cap, limit, offset)


def _page(
    project: Project,
    tree: Tree,
    grouping: Grouping,
    sorting: Sorting,
    cap: int | None,
    limit: int,
    offset: int,
) -> MatchGroups:
    these = group_queries.rows(project, tree, grouping, cap)
    query = group_queries.page(these, sorting, limit=limit, offset=offset)
    found = fetch(query)
    of, start, last, many = found[0][:4]
    shown = [MatchGroup(value, name, n, newest) for *_, value, name, n, newest in found if n]
    _preview(project, grouping.kind, shown)
    return MatchGroups(shown, many, of, these.cap, start or EPOCH, last or EPOCH)


def add_feedback(
    project: Project, tree: Tree, grouping: Grouping, found: MatchGroups, metrics: Sequence[Metric]
) -> None:
    """Add the feedback under `metrics` to each group and overall. Raises TookTooLong."""
    these = group_queries.rows(project, tree, grouping, found.cap)
    groups = {group.value: group for group in found.shown}
    are_shares = {metric.id: metric.kind == Metric.Kind.BOOL for metric in metrics}
    judging = Thresholds.among(metrics)
    is_bad = judging.is_bad("f")
    query = group_queries.figures(these, list(are_shares), list(groups), is_bad)
    for is_overall, value, metric_id, n, mean, least, most, deviation, *judged in fetch(query):
        sample = ValueSample(n, mean, deviation, are_shares[metric_id])
        figures = found.overall if is_overall else groups[value].figures
        of, bad, good = judged if metric_id in judging.limits else (judged[0], 0, 0)
        figures[metric_id] = Figures(sample, least, most, of, good, bad)


def add_ticks(project: Project, tree: Tree, grouping: Grouping, found: MatchGroups) -> None:
    """Add how the members of each group lie in time. Raises TookTooLong."""
    these = group_queries.rows(project, tree, grouping, found.cap)
    step = (found.last - found.start) / SPARKLINE_TICKS
    edges = [found.start + number * step for number in range(SPARKLINE_TICKS)]
    groups = {group.value: group for group in found.shown}
    for group in found.shown:
        group.ticks = [0] * SPARKLINE_TICKS
    for value, tick, n in fetch(group_queries.ticks(these, edges, list(groups))):
        groups[value].ticks[max(tick, 1) - 1] += n


def add_numbers(project: Project, tree: Tree, grouping: Grouping, found: MatchGroups) -> None:
    """Add latency, tokens and cost of the members of each group. Raises TookTooLong."""
    these = group_queries.rows(project, tree, grouping, found.cap)
    groups = {group.value: group for group in found.shown}
    for value, *numbers in fetch(group_queries.numbers(project, these, list(groups))):
        groups[value].numbers = read_numbers(numbers)


_TEXTS = {GroupKind.PROMPT: ("prompt_hash", "DESC"), GroupKind.SESSION: ("session_id", "ASC")}


def _preview(project: Project, kind: GroupKind, shown: Sequence[MatchGroup]) -> None:
    """Add the text of each prompt, or the one that each session begins with."""
    if kind not in _TEXTS:
        return
    column, direction = _TEXTS[kind]
    query = Sql(
        "SELECT g.value, w.prompt_preview FROM unnest(%s::uuid[]) AS g(value)"
        " CROSS JOIN LATERAL (SELECT prompt_preview FROM interaction"
        f" WHERE project_id = %s AND {column} = g.value ORDER BY id {direction} LIMIT 1) w",
        ([group.value for group in shown if group.value is not None], project.id),
    )
    texts = dict(fetch(query))
    for group in shown:
        group.preview = texts.get(group.value, "")
