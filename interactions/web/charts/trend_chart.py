"""A trend as a drawing: points with their intervals, and links to the rows behind each.

Every position is in percent of the drawing, so it fits any width without distortion.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from interactions.services.analysis.confidence_intervals import Interval, ValueSample, change
from interactions.services.analysis.trends import Course, Period, TrendPart
from interactions.web.charts import numbers
from interactions.web.charts.numbers import AxisScale
from projects.models import Metric

BARS_SHARE = 0.2  # of the height, for how many values there were
AXIS_LABELS = 8  # below; half as many of a part

Segment = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Point:
    """A bucket with feedback: where it is drawn, its mean, and the link to its rows."""

    start: datetime
    end: datetime
    name: str
    x: float
    y: float
    left: float
    width: float
    top: float | None  # of its interval, whose height is `height`
    height: float
    bar: float  # how high the bar of its number is
    n: int
    mean: str
    interval: str
    before: str
    link: str

    @property
    def is_few(self) -> bool:
        """Whether there are so few values that their mean says little."""
        return self.n < numbers.FEW_VALUES

    @property
    def bar_y(self) -> float:
        """Where the bar that shows the number of values begins."""
        return round(100 - self.bar, 2)

    @property
    def in_words(self) -> str:
        """The point in words."""
        interval = f" ({self.interval})" if self.interval else ""
        before = f"; before: {self.before}" if self.before else ""
        return f"{self.name}: {self.mean} of {self.n:,}{interval}{before}"


@dataclass(frozen=True, slots=True)
class AxisLabel:
    """A label of an axis, and where it stands."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class TrendSeries:
    """A drawing of one part, with its change in words."""

    name: str
    is_none: bool
    link: str
    points: list[Point]
    segments: list[Segment]
    before: list[Segment]
    before_dots: list[tuple[float, float]]
    marks: list[AxisLabel]
    axis: list[AxisLabel]
    total: ValueSample | None
    mean: str
    interval: str
    change: "TrendChange | None"
    most: int  # values in a bucket
    limit: float | None = None  # where the metric's threshold stands


@dataclass(frozen=True, slots=True)
class TrendChange:
    """The change against the time before: by how much, and whether chance may explain it."""

    by: str
    before: str
    n: int
    interval: str
    is_certain: bool
    is_better: bool


@dataclass(frozen=True, slots=True)
class TrendDrawing:
    """What the parts of a metric's drawing share."""

    metric: Metric
    period: Period
    step: str  # day, week or month
    scale: AxisScale
    has_before: bool

    @property
    def is_share(self) -> bool:
        """Whether its means are shares of yes."""
        return self.metric.is_yes_no

    def y(self, value: float) -> float:
        """Where a value stands, from the top; the bars of numbers have the foot."""
        return round((100 - self.scale.at(value)) * (1 - BARS_SHARE), 2)

    def series(
        self, part: TrendPart, link: Callable[[datetime, datetime], str], *, name: str = ""
    ) -> TrendSeries:
        """The drawing of a part."""
        now, before = part.now, part.before
        most = max((one.n for one in now.buckets if one), default=0)
        total = now.total
        mean = numbers.figure(total.mean, is_share=self.is_share) if total else ""
        interval = numbers.between(total.interval, is_share=self.is_share) if total else ""
        old = before.buckets if self.has_before else [None] * self.period.many
        points = [
            self._point(at, one, old[at], most, link) for at, one in enumerate(now.buckets) if one
        ]
        return TrendSeries(
            name,
            part.name is None and not part.is_others,
            link(self.period.start, self.period.end),
            points,
            self._segments(now.buckets),
            self._segments(old),
            self._alone(old),
            [AxisLabel(self.y(tick), self._tick(tick)) for tick in self.scale.ticks()],
            self._axis(AXIS_LABELS // 2 if name else AXIS_LABELS),
            total,
            mean,
            interval,
            self._change(now, before),
            most,
            self._limit(),
        )

    def _limit(self) -> float | None:
        """Where a number's threshold stands, if it is within the scale."""
        limit = None if self.is_share else self.metric.limit
        return None if limit is None or not self.scale.holds(limit) else self.y(limit)

    def name(self, at: int) -> str:
        """What a bucket is called."""
        start, end = self.period.edges[at], self.period.edges[at + 1]
        if self.step == "day":
            return f"{start:%a} {start.day} {start:%b %Y}"
        if self.step == "month":
            return f"{start:%B %Y}"
        last = end - (end - start) / 7
        return f"{start.day} {start:%b} – {last.day} {last:%b %Y}"

    def _point(
        self,
        at: int,
        one: ValueSample,
        old: ValueSample | None,
        most: int,
        link: Callable[[datetime, datetime], str],
    ) -> Point:
        interval, width = one.interval, 100 / self.period.many
        top, height = self._band(interval)
        start, end = self.period.edges[at], self.period.edges[at + 1]
        return Point(
            start,
            end,
            self.name(at),
            self._x(at),
            self.y(one.mean),
            round(at * width, 3),
            round(width, 3),
            top,
            height,
            round(max(one.n / most * 100 * (BARS_SHARE - 0.05), 0.8), 2),
            one.n,
            numbers.figure(one.mean, is_share=self.is_share),
            numbers.between(interval, is_share=self.is_share),
            f"{numbers.figure(old.mean, is_share=self.is_share)} of {old.n:,}" if old else "",
            link(max(start, self.period.start), min(end, self.period.end)),
        )

    def _band(self, interval: Interval | None) -> tuple[float | None, float]:
        if interval is None:
            return None, 0.0
        top = self.y(interval.high)
        return top, round(max(self.y(interval.low) - top, 0.4), 2)

    def _x(self, at: int) -> float:
        return round((at + 0.5) * 100 / self.period.many, 3)

    def _segments(self, buckets: Sequence[ValueSample | None]) -> list[Segment]:
        """Lines between neighbours; where there is no feedback there is none."""
        return [
            (self._x(at), self.y(one.mean), self._x(at + 1), self.y(other.mean))
            for at, (one, other) in enumerate(zip(buckets, buckets[1:], strict=False))
            if one and other
        ]

    def _alone(self, buckets: Sequence[ValueSample | None]) -> list[tuple[float, float]]:
        """The points without a neighbour, which no line would show."""
        around = [None, *buckets, None]
        return [
            (self._x(at), self.y(one.mean))
            for at, one in enumerate(buckets)
            if one and not around[at] and not around[at + 2]
        ]

    def _tick(self, value: float) -> str:
        return f"{100 * value:.0f} %" if self.is_share else numbers.tick(value)

    def _axis(self, most: int) -> list[AxisLabel]:
        many, made, year = self.period.many, [], 0
        for at in range(0, many, -(-many // most)):
            edge = self.period.edges[at]
            day = "" if self.step == "month" else f"{edge.day} "
            text = f"{day}{edge:%b}" + (f" {edge:%Y}" if edge.year != year else "")
            made.append(AxisLabel(self._x(at), text))
            year = edge.year
        return made

    def _change(self, now: Course, before: Course) -> TrendChange | None:
        if not self.has_before or now.total is None or before.total is None:
            return None
        by = now.total.mean - before.total.mean
        interval = change(now.total, before.total)
        ends = numbers.signed_between(interval, is_share=self.is_share) if interval else ""
        is_up = not self.metric.is_low_better
        return TrendChange(
            numbers.signed(by, is_share=self.is_share),
            numbers.figure(before.total.mean, is_share=self.is_share),
            before.total.n,
            ends,
            interval is not None and not interval.holds_zero,
            (by > 0) == is_up,
        )
