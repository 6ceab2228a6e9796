"""Groups as rows of a table: their names and links, and their feedback, drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interactions.filters import feedback_text
from interactions.filters.conditions import HasFeedback
from interactions.models import Source
from interactions.services.analysis.group_queries import GroupKind, Sorting
from interactions.services.analysis.groups import Figures, MatchGroup, MatchGroups
from interactions.web.charts import numbers
from interactions.web.charts.numbers import AxisScale
from interactions.web.filtering.group_links import GroupLinks
from projects.models import Metric

_NAMES_OF_NONE = {
    GroupKind.MODEL: "no model",
    GroupKind.SESSION: "no session",
    GroupKind.USER: "nobody known",
    GroupKind.LABEL: "not set",
}


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """A metric, its common scale, and the mean of all groups together."""

    metric: Metric
    scale: AxisScale
    overall: Figures | None
    sort: str  # the link that sorts by it
    is_sorted: bool

    @property
    def is_share(self) -> bool:
        """Whether the means are shares of yes."""
        return self.metric.kind == Metric.Kind.BOOL

    @property
    def yes_no(self) -> tuple[str, ...]:
        """The metric's key, if its values are yes and no."""
        return (self.metric.key,) if self.metric.is_yes_no else ()

    @property
    def middle(self) -> float | None:
        """Where the mean of all groups stands, in percent of the drawing."""
        return None if self.overall is None else self.scale.at(self.overall.sample.mean)

    @property
    def mean(self) -> str:
        """The mean of all groups."""
        if self.overall is None:
            return ""
        return numbers.figure(self.overall.sample.mean, is_share=self.is_share)

    @property
    def ends(self) -> tuple[str, str]:
        """The ends of the scale, in words."""
        if self.is_share:
            return "0 %", "100 %"
        return numbers.tick(self.scale.low), numbers.tick(self.scale.high)


@dataclass(frozen=True, slots=True)
class FeedbackCell:
    """The feedback under a column's metric in one group."""

    column: MetricColumn
    figures: Figures
    links: dict[str, str]  # to the rows with such feedback: any, good, bad

    @property
    def n(self) -> int:
        """How many interactions of the group have such feedback."""
        return self.figures.n

    @property
    def values(self) -> str:
        """How many values they have, where an interaction has several."""
        many = self.figures.sample.n
        return f"{many:,} values" if many != self.n else ""

    @property
    def is_few(self) -> bool:
        """Whether the values are so few that their mean says little."""
        return self.figures.sample.n < numbers.FEW_VALUES

    @property
    def mean(self) -> str:
        """The mean of the values; of yes and no the share of yes."""
        return numbers.figure(self.figures.sample.mean, is_share=self.column.is_share)

    @property
    def interval(self) -> str:
        """The 95 % interval of the mean."""
        return numbers.between(self.figures.interval, is_share=self.column.is_share)

    @property
    def has_good_and_bad(self) -> bool:
        """Whether values of the metric are good or bad."""
        return self.column.metric.limit is not None

    @property
    def good(self) -> str:
        """What good values are: `yes`, `≥ 0.5`."""
        condition = feedback_text.good(self.column.metric)
        return feedback_text.compared(condition, self.column.yes_no) if condition else ""

    @property
    def bad(self) -> str:
        """What bad values are."""
        condition = feedback_text.bad(self.column.metric)
        return feedback_text.compared(condition, self.column.yes_no) if condition else ""

    @property
    def least(self) -> str:
        """The lowest value."""
        return numbers.number(self.figures.least)

    @property
    def most(self) -> str:
        """The highest value."""
        return numbers.number(self.figures.most)

    @property
    def deviation(self) -> str:
        """The standard deviation of the values, as of a sample."""
        scatter = self.figures.sample.deviation
        return "" if scatter is None else numbers.number(scatter)

    @property
    def tick(self) -> float:
        """Where the mean stands, in percent of the drawing."""
        return self.column.scale.at(self.figures.sample.mean)

    @property
    def bar(self) -> tuple[float, float] | None:
        """Where the interval begins and how wide it is, in percent of the drawing."""
        interval = self.figures.interval
        if interval is None:
            return None
        low, high = self.column.scale.at(interval.low), self.column.scale.at(interval.high)
        return low, round(max(high - low, 0.5), 2)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as a row; `link` opens its interactions, `term` ticks it, "" where none can."""

    group: MatchGroup
    name: str
    is_none: bool
    share: float
    link: str
    term: str
    cells: list[FeedbackCell | None]

    @property
    def group_name(self) -> str | None:
        """The name that an address has, None of the group of none."""
        return None if self.is_none else self.group.name

    @property
    def percent(self) -> str:
        """The group's share of the matches."""
        return numbers.share(self.share)

    @property
    def spark(self) -> list[tuple[int, float]]:
        """The spans of time with some of it: number, and height from 0 to 1."""
        most = max(self.group.ticks, default=0)
        return [(at, round(max(n / most, 0.08), 3)) for at, n in enumerate(self.group.ticks) if n]


def metric_columns(
    groups: MatchGroups,
    metrics: Sequence[Metric],
    sorting: Sorting,
    sorted_by: Callable[[str], str],
) -> list[MetricColumn]:
    """A column for each metric, scaled to the groups that are shown.

    `sorted_by` gives the link to the page that is sorted by what it is called with.
    """
    made = []
    for metric in metrics:
        is_share = metric.kind == Metric.Kind.BOOL
        all = [group.figures for group in groups.shown] + [groups.overall]
        given = [figures for of in all if (figures := of.get(metric.id))]
        ends = (min(g.least for g in given), max(g.most for g in given)) if given else None
        made.append(
            MetricColumn(
                metric,
                numbers.scale_of((g.sample for g in given), is_share=is_share, within=ends),
                groups.overall.get(metric.id),
                sorted_by(f"mean:{metric.key}"),
                sorting.metric_id == metric.id,
            )
        )
    return made


def group_rows(
    groups: MatchGroups, columns: Sequence[MetricColumn], links: GroupLinks
) -> list[GroupRow]:
    """A row for each group that is shown."""
    kind, sources = links.grouping.kind, dict(Source.choices)
    made = []
    for group in groups.shown:
        name = None if group.value is None else group.name
        called = _NAMES_OF_NONE.get(kind, "none") if name is None else sources.get(name, name)
        made.append(
            GroupRow(
                group,
                called,
                name is None,
                group.n / groups.of,
                links.link(name),
                links.term(name),
                [_cell(links, column, group, name) for column in columns],
            )
        )
    return made


def _cell(
    links: GroupLinks, column: MetricColumn, group: MatchGroup, name: str | None
) -> FeedbackCell | None:
    figures = group.figures.get(column.metric.id)
    if figures is None:
        return None
    metric = column.metric
    asked = {
        "any": HasFeedback(metric.key),
        "good": feedback_text.good(metric),
        "bad": feedback_text.bad(metric),
    }
    by_kind = {what: links.link(name, one) for what, one in asked.items() if one is not None}
    return FeedbackCell(column, figures, by_kind)
