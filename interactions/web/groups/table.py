"""Groups as lines of a table: their names and links, and what was judged of them, drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from interactions.filters import feedback_text
from interactions.filters.conditions import HasFeedback
from interactions.models import Source
from interactions.services.analysis.group_queries import GroupKind
from interactions.services.analysis.groups import Figures, MatchGroup, MatchGroups
from interactions.web.charts import numbers
from interactions.web.charts.numbers import Scale
from interactions.web.filtering.group_links import Opening
from projects.models import Metric

FEW = 10  # values, of which a mean says little
_NONE = {
    GroupKind.MODEL: "no model",
    GroupKind.SESSION: "no session",
    GroupKind.USER: "nobody known",
    GroupKind.LABEL: "not set",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A metric, its common scale, and the mean of all groups together."""

    metric: Metric
    scale: Scale
    overall: Figures | None
    sort: str  # the link that sorts by it
    is_sorted: bool

    @property
    def is_share(self) -> bool:
        """Whether its means are shares of yes."""
        return self.metric.kind == Metric.Kind.BOOL

    @property
    def yes_no(self) -> tuple[str, ...]:
        """The metric's key, if its values are yes and no."""
        return (self.metric.key,) if self.metric.is_yes_no else ()

    @property
    def middle(self) -> float | None:
        """Where the mean of all stands, in percent."""
        return None if self.overall is None else self.scale.at(self.overall.sample.mean)

    @property
    def mean(self) -> str:
        """The mean of all."""
        if self.overall is None:
            return ""
        return numbers.figure(self.overall.sample.mean, is_share=self.is_share)

    @property
    def ends(self) -> tuple[str, str]:
        """What the scale's ends are."""
        if self.is_share:
            return "0 %", "100 %"
        return numbers.tick(self.scale.low), numbers.tick(self.scale.high)


@dataclass(frozen=True, slots=True)
class Cell:
    """What was given under a column's metric in one group."""

    column: Column
    figures: Figures
    opened: dict[str, str]  # links to the rows with it, by what they are: any, good, bad

    @property
    def n(self) -> int:
        """How many interactions have any."""
        return self.figures.n

    @property
    def values(self) -> str:
        """How many values these have, where one has several."""
        many = self.figures.sample.n
        return f"{many:,} values" if many != self.n else ""

    @property
    def is_few(self) -> bool:
        """Whether they are so few that the mean says little."""
        return self.figures.sample.n < FEW

    @property
    def mean(self) -> str:
        """Their mean; of yes and no the share of yes."""
        return numbers.figure(self.figures.sample.mean, is_share=self.column.is_share)

    @property
    def interval(self) -> str:
        """Where the mean of more such values may lie."""
        return numbers.between(self.figures.interval, is_share=self.column.is_share)

    @property
    def is_judged(self) -> bool:
        """Whether its values are good or bad."""
        return self.column.metric.limit is not None

    @property
    def good(self) -> str:
        """What good values are: `yes`, `≥ 0.5`."""
        condition = feedback_text.good(self.column.metric)
        return feedback_text.compared(condition, self.column.yes_no) if condition else ""

    @property
    def bad(self) -> str:
        """Likewise of bad ones."""
        condition = feedback_text.bad(self.column.metric)
        return feedback_text.compared(condition, self.column.yes_no) if condition else ""

    @property
    def least(self) -> str:
        """The lowest."""
        return numbers.number(self.figures.least)

    @property
    def most(self) -> str:
        """The highest."""
        return numbers.number(self.figures.most)

    @property
    def deviation(self) -> str:
        """How far they scatter, as a sample."""
        scatter = self.figures.sample.deviation
        return "" if scatter is None else numbers.number(scatter)

    @property
    def tick(self) -> float:
        """Where the mean stands, in percent of the drawing."""
        return self.column.scale.at(self.figures.sample.mean)

    @property
    def bar(self) -> tuple[float, float] | None:
        """Where the interval begins and how wide it is, likewise."""
        interval = self.figures.interval
        if interval is None:
            return None
        low, high = self.column.scale.at(interval.low), self.column.scale.at(interval.high)
        return low, round(max(high - low, 0.5), 2)


@dataclass(frozen=True, slots=True)
class Line:
    """A group as a line; `link` opens its rows, `term` ticks it, each "" where it cannot be."""

    group: MatchGroup
    name: str
    is_none: bool
    share: float
    link: str
    term: str
    cells: list[Cell | None]

    @property
    def percent(self) -> str:
        """Its share of the matches."""
        return numbers.share(self.share)

    @property
    def spark(self) -> list[tuple[int, float]]:
        """The spans of time with some of it: number, and height from 0 to 1."""
        most = max(self.group.ticks, default=0)
        return [(at, round(max(n / most, 0.08), 3)) for at, n in enumerate(self.group.ticks) if n]


def columns(look: Any, metrics: Sequence[Metric]) -> list[Column]:
    """A column for each metric, scaled to the groups that are shown."""
    found: MatchGroups = look.groups
    made = []
    for metric in metrics:
        is_share = metric.kind == Metric.Kind.BOOL
        all = [group.figures for group in found.shown] + [found.overall]
        given = [figures for of in all if (figures := of.get(metric.id))]
        ends = (min(g.least for g in given), max(g.most for g in given)) if given else None
        name = f"mean:{metric.key}"
        made.append(
            Column(
                metric,
                numbers.scale_of((g.sample for g in given), is_share=is_share, within=ends),
                found.overall.get(metric.id),
                look.sorted_by(name, descending=True),
                look.sorting.metric_id == metric.id,
            )
        )
    return made


def lines(look: Any, found: MatchGroups, shown: Sequence[Column]) -> list[Line]:
    """A line for each group."""
    opening: Opening = look.opening
    kind, sources = look.grouping.kind, dict(Source.choices)
    made = []
    for group in found.shown:
        name = None if group.value is None else group.name
        called = _NONE.get(kind, "none") if name is None else sources.get(name, name)
        made.append(
            Line(
                group,
                called,
                name is None,
                group.n / found.of,
                opening.link(name),
                opening.term(name) if opening.ticked else "",
                [_cell(opening, column, group, name) for column in shown],
            )
        )
    return made


def _cell(opening: Opening, column: Column, group: MatchGroup, name: str | None) -> Cell | None:
    figures = group.figures.get(column.metric.id)
    if figures is None:
        return None
    metric = column.metric
    asked = {
        "any": HasFeedback(metric.key),
        "good": feedback_text.good(metric),
        "bad": feedback_text.bad(metric),
    }
    opened = {what: opening.link(name, one) for what, one in asked.items() if one is not None}
    return Cell(column, figures, opened)
