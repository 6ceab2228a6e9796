"""The bars of the histogram, stacked by feedback, each a link to its span."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from math import ceil

from django.utils import timezone

from adaptive_site.lib.ids import EPOCH
from interactions.filters.notation import LATEST_TIME
from interactions.services.analysis.good_and_bad import FeedbackTally
from interactions.web.charts.histogram_scale import Tick, ticks_of
from interactions.web.filtering.query_string import QueryString

MOST_BARS = 72
# Heights are in percent of 64 pixels (fewer on a small screen), and across all is in percent too.
LEAST_HEIGHT = 3  # of a bar that is not empty
LEAST_PART_HEIGHT = 2.5  # of a part that is not empty, or a third of its bar
GAP = 0.1  # percent of the width between two bars
SPIKE_NAME_WIDTH = 9  # percent of the width
BAR_LENGTHS = [timedelta(**step) for step in (
    {"minutes": 1}, {"minutes": 5}, {"minutes": 15}, {"hours": 1}, {"hours": 3}, {"hours": 6},
    {"hours": 12}, {"days": 1}, {"days": 2}, {"days": 7}, {"days": 14}, {"days": 28},
    {"days": 91}, {"days": 364},
)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class BarPart:
    """A piece of a bar, from the top."""

    y: float
    height: float


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """One span of time: where it is drawn, what it counts, and the link that narrows to it.

    Good stands on no feedback, bad on top. `has_feedback_counted` tells whether that is known. A
    bar that `is_cut` goes on above the chart.
    """

    x: float
    width: float
    height: float
    is_cut: bool
    tally: FeedbackTally
    has_feedback_counted: bool
    start: datetime
    end: datetime
    span: str
    link: str

    @property
    def n(self) -> int:
        """How many interactions the span has."""
        return self.tally.n

    @property
    def bad(self) -> BarPart | None:
        """The part of the bar for bad feedback."""
        height = self._height(self.tally.bad)
        return BarPart(round(100 - self.height, 1), height) if height else None

    @property
    def good(self) -> BarPart | None:
        """The part of the bar for good feedback."""
        height, above = self._height(self.tally.good), self._height(self.tally.bad)
        height = min(height, round(self.height - above, 1))
        return BarPart(round(100 - self.height + above, 1), height) if height > 0 else None

    @property
    def words(self) -> str:
        """When it is and what it counts."""
        n = f"{self.span}: {self.n:,} interaction{'s' * (self.n != 1)}"
        if not self.has_feedback_counted:
            return n
        tally = self.tally
        return f"{n}; {tally.bad:,} bad, {tally.good:,} good, {tally.silent:,} neither"

    @property
    def y(self) -> float:
        """The top of the bar, from the top of the chart."""
        return round(100 - self.height, 1)

    def _height(self, n: int) -> float:
        part = n / self.tally.n * self.height if self.tally.n else 0
        return round(max(min(LEAST_PART_HEIGHT, self.height / 3), part), 1) if n else 0


@dataclass(frozen=True, slots=True)
class SpikeName:
    """The number of a bar that is cut off: where it begins or ends, from the left."""

    x: float
    anchor: str
    n: int


@dataclass(frozen=True, slots=True)
class SpanLinks:
    """Links to other spans: half and twice as long, and half a span earlier and later."""

    closer: str
    wider: str
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class HistogramChart:
    """The bars, and what they leave out.

    `newest` is how many of the newest matches were counted, 0 when all were. Feedback was counted
    from `feedback_since` on, None when all was; not at all when that took too long.
    """

    bars: list[HistogramBar]
    top: int
    newest: int
    start: datetime
    end: datetime
    links: SpanLinks
    feedback_since: datetime | None = None
    has_feedback_counted: bool = True

    @property
    def uncounted(self) -> float:
        """Up to where it is not known how many there are, from the left."""
        return next((bar.x for bar in self.bars if bar.n), 0.0) if self.newest else 0.0

    @property
    def without_feedback_counted(self) -> float:
        """Up to where the feedback was not counted, from the left."""
        since = self.feedback_since
        if not self.has_feedback_counted or since is None or self.newest:
            return 0.0
        return next((bar.x for bar in self.bars if bar.end > since), 100.0)

    @property
    def total(self) -> int:
        """Interactions in all bars."""
        return sum(bar.n for bar in self.bars)

    @property
    def bad(self) -> int:
        """Bad ones in all bars."""
        return sum(bar.tally.bad for bar in self.bars)

    @property
    def good(self) -> int:
        """Good ones in all bars."""
        return sum(bar.tally.good for bar in self.bars)

    @property
    def without_feedback(self) -> int:
        """Those without good or bad feedback in all bars."""
        return max(0, self.total - self.bad - self.good)

    @property
    def most(self) -> HistogramBar:
        """The highest bar."""
        return max(self.bars, key=lambda bar: bar.n)

    @property
    def spikes(self) -> list[SpikeName]:
        """What stands beside the bars that are cut off, the higher first where there is no room."""
        cut = sorted((bar for bar in self.bars if bar.is_cut), key=lambda bar: -bar.n)
        taken = [(bar.x, bar.x + bar.width) for bar in cut]
        names = []
        for bar in cut:
            before, after = round(bar.x - 2 * GAP, 2), round(bar.x + bar.width + 2 * GAP, 2)
            sides = [("end", before, before - SPIKE_NAME_WIDTH), ("start", after, after)]
            for anchor, x, left in sides if bar.x > 50 else reversed(sides):
                right = left + SPIKE_NAME_WIDTH
                if left >= 0 and right <= 100 and not any(a < right and left < b for a, b in taken):
                    taken.append((left, right))
                    names.append(SpikeName(x, anchor, bar.n))
                    break
        return names

    @property
    def ticks(self) -> list[Tick]:
        """The dates below the bars."""
        return ticks_of(self.bars[0].start, self.bars[-1].end)

    @property
    def first(self) -> str:
        """When the first bar starts, for the script."""
        return self.bars[0].start.isoformat()

    @property
    def step(self) -> int:
        """How many seconds a bar is long."""
        return int((self.bars[0].end - self.bars[0].start).total_seconds())


def edges_of(start: datetime, end: datetime) -> list[datetime]:
    """Where the bars begin and end."""
    longest = BAR_LENGTHS[-1] * ceil((end - start) / (BAR_LENGTHS[-1] * MOST_BARS))
    step = next((s for s in BAR_LENGTHS if (end - start) / s <= MOST_BARS), longest)
    # As the clock on the wall goes, so that days begin at midnight, also where it is changed.
    zone = timezone.get_current_timezone()
    wall = start.astimezone(zone).replace(tzinfo=None)
    wall -= (wall - WALL_EPOCH) % step
    edges = [max(EPOCH, wall.replace(tzinfo=zone).astimezone(UTC))]
    while edges[-1] < end:
        wall += step
        at = wall.replace(tzinfo=zone).astimezone(UTC)
        if at > edges[-1]:
            edges.append(min(at, LATEST_TIME))
    return edges


def bars_of(
    page: QueryString,
    edges: Sequence[datetime],
    tallies: Sequence[FeedbackTally],
    top: int,
    has_feedback_counted: Callable[[datetime], bool],
) -> list[HistogramBar]:
    """A bar for each span up to `top`; `has_feedback_counted` tells that by a span's start.

    The parts of a bar are in proportion within it, also where it is cut off.
    """

    def height(n: int) -> float:
        return round(max(LEAST_HEIGHT, min(1.0, n / top) * 100), 1) if n else 0

    width = 100 / len(tallies)
    names = _spans(edges)
    return [
        HistogramBar(
            x=round(number * width, 2),
            width=round(width - GAP, 2),
            height=height(tally.n),
            is_cut=tally.n > top,
            tally=tally,
            has_feedback_counted=has_feedback_counted(edges[number]),
            start=edges[number],
            end=edges[number + 1],
            span=names[number],
            link=_between(page, edges[number], edges[number + 1]),
        )
        for number, tally in enumerate(tallies)
    ]


def _spans(edges: Sequence[datetime]) -> list[str]:
    """The time of each bar in words, by the reader's clock; a day that begins and ends is one."""
    zone = timezone.get_current_timezone()
    local = [edge.astimezone(zone) for edge in edges]
    days = [f"{at.day} {at:%b %Y}" for at in local]
    made = []
    for number, (start, end) in enumerate(pairwise(local)):
        until = f"{end:%H:%M}" if start.date() == end.date() else f"{days[number + 1]} {end:%H:%M}"
        is_day = end - start == timedelta(days=1) and not (start.hour or start.minute)
        made.append(days[number] if is_day else f"{days[number]} {start:%H:%M} – {until}")
    return made


def span_links(page: QueryString, start: datetime, end: datetime) -> SpanLinks:
    """The links beside a chart of this span; those that lead nowhere are empty."""
    long = end - start
    quarter, half = long / 4, long / 2
    link = partial(_between, page)
    now = datetime.now(UTC)
    return SpanLinks(
        closer=link(start + quarter, end - quarter) if long > 4 * BAR_LENGTHS[0] else "",
        wider=link(_within(start, -half), _within(end, half)),
        earlier=link(_within(start, -half), _within(end, -half)) if start - half > EPOCH else "",
        later=link(_within(start, half), _within(end, half)) if end < now else "",
    )


def _within(at: datetime, by: timedelta) -> datetime:
    """`at` moved, but no further than a filter may ask."""
    if by > timedelta(0):
        return LATEST_TIME if LATEST_TIME - at < by else at + by
    return EPOCH if at - EPOCH < -by else at + by


WALL_EPOCH = EPOCH.replace(tzinfo=None)


def _between(page: QueryString, start: datetime, end: datetime) -> str:
    """The page with this span of time, to the minute."""
    return page.between(f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")
