"""The differences of two groups as rows of a table, drawn about zero."""

from collections.abc import Sequence
from dataclasses import dataclass

from interactions.services.comparing.group_differences import GroupDifference, difference
from interactions.web.charts import numbers
from interactions.web.charts.numbers import AxisScale
from interactions.web.groups.table import FeedbackCell, GroupRow, MetricColumn
from projects.models import Metric


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A metric: the cells of both groups, None without feedback, and their difference."""

    column: MetricColumn
    first: FeedbackCell | None
    second: FeedbackCell | None
    difference: GroupDifference | None
    scale: AxisScale

    @property
    def metric(self) -> Metric:
        """The metric."""
        return self.column.metric

    @property
    def value(self) -> str:
        """The first mean less the second: `+14.1 points`."""
        assert self.difference is not None
        return numbers.signed(self.difference.value, is_share=self.column.is_share)

    @property
    def interval(self) -> str:
        """Where the difference may lie: `+5.2 to +33.4 points`."""
        assert self.difference is not None
        found = self.difference.interval
        if found is None:
            return ""
        return numbers.signed_between(found, is_share=self.column.is_share)

    @property
    def is_few(self) -> bool:
        """Whether either group has so few values that the difference says little."""
        return any(cell is None or cell.is_few for cell in (self.first, self.second))

    @property
    def tone(self) -> str:
        """`good` where the first group is clearly better, `bad` where worse, else `none`."""
        has_good_and_bad = self.metric.limit is not None
        if self.difference is None or not self.difference.is_clear or not has_good_and_bad:
            return "none"
        return "good" if (self.difference.value < 0) == self.metric.is_low_better else "bad"

    @property
    def verdict(self) -> str:
        """What the interval says of the first group, in words."""
        if self.difference is None:
            return "only one group has values"
        if self.difference.interval is None:
            sizes = self.difference.first.sample.n, self.difference.second.sample.n
            return (
                "one value, no interval" if min(sizes) < 2 else "values all the same, no interval"
            )
        if not self.difference.is_clear:
            return "no clear difference"
        word = "higher" if self.difference.value > 0 else "lower"
        return {"good": f"{word}, better", "bad": f"{word}, worse"}.get(self.tone, word)

    @property
    def tick(self) -> float:
        """Where the difference stands, in percent of the drawing; zero is at 50."""
        assert self.difference is not None
        return self.scale.at(self.difference.value)

    @property
    def bar(self) -> tuple[float, float] | None:
        """Where the interval begins and how wide it is, in percent of the drawing."""
        interval = self.difference.interval if self.difference else None
        if interval is None:
            return None
        low, high = self.scale.at(interval.low), self.scale.at(interval.high)
        return low, round(max(high - low, 0.5), 2)


def difference_rows(
    columns: Sequence[MetricColumn], first: GroupRow, second: GroupRow
) -> list[DifferenceRow]:
    """A row for each column, in their order."""
    return [
        _row(column, *cells)
        for column, *cells in zip(columns, first.cells, second.cells, strict=True)
    ]


def _row(
    column: MetricColumn, first: FeedbackCell | None, second: FeedbackCell | None
) -> DifferenceRow:
    found = difference(first.figures, second.figures) if first and second else None
    return DifferenceRow(column, first, second, found, _scale(column, found))


def _scale(column: MetricColumn, found: GroupDifference | None) -> AxisScale:
    """As far on either side of zero as the difference and its interval reach, with some air."""
    if found is None:
        return AxisScale(-1.0, 1.0)
    ends = [abs(found.value)]
    if found.interval is not None:
        ends += [abs(found.interval.low), abs(found.interval.high)]
    reach = max(ends) * 1.15 or 1.0
    if column.is_share:
        reach = next(step for step in (0.1, 0.25, 0.5, 1.0) if reach <= step or step == 1.0)
    return AxisScale(-reach, reach)
