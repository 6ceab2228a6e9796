"""Bars over time, stacked by what people said, each a link to its span."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, sqrt
from statistics import median

from django.utils import timezone

from adaptive_site.lib.ids import EPOCH
from interactions.filters.notation import LATEST_TIME
from interactions.services.analysis.good_and_bad import FeedbackTally
from interactions.web.filtering.links import Address

MOST_BARS = 72
WIDTH, HEIGHT = 1440, 44
SEEN = 1.5  # the least height of a part that is not empty, or a third of its bar
UNEVEN = 10  # times the median bar: from such a highest one on, heights are by square root
STEPS = [timedelta(**step) for step in (
    {"minutes": 1}, {"minutes": 5}, {"minutes": 15}, {"hours": 1}, {"hours": 3}, {"hours": 6},
    {"hours": 12}, {"days": 1}, {"days": 2}, {"days": 7}, {"days": 14}, {"days": 28},
    {"days": 91}, {"days": 364},
)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar, from the top."""

    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of time: where it is drawn, what it counts, and the link that narrows to it.

    Good stands on what nobody judged, bad on top. `is_judged` when the feedback was counted.
    """

    x: float
    width: float
    height: float
    tally: FeedbackTally
    is_judged: bool
    start: datetime
    end: datetime
    link: str

    @property
    def n(self) -> int:
        """All in the span."""
        return self.tally.n

    @property
    def bad(self) -> Part | None:
        """Its bad part."""
        height = self._height(self.tally.bad)
        return Part(round(HEIGHT - self.height, 1), height) if height else None

    @property
    def good(self) -> Part | None:
        """Its good part."""
        height, above = self._height(self.tally.good), self._height(self.tally.bad)
        height = min(height, round(self.height - above, 1))
        return Part(round(HEIGHT - self.height + above, 1), height) if height > 0 else None

    @property
    def y(self) -> float:
        """From the top."""
        return round(HEIGHT - self.height, 1)

    def _height(self, n: int) -> float:
        part = n / self.tally.n * self.height if self.tally.n else 0
        return round(max(min(SEEN, self.height / 3), part), 1) if n else 0


@dataclass(frozen=True, slots=True)
class Steps:
    """Links to other spans: half and twice as long, and half a span earlier and later."""

    closer: str
    wider: str
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, and what they leave out.

    `newest` says that only so many of the newest matches were counted; 0 that all were.
    `judged_since` likewise from when on the feedback was: None that all was. `is_judged` is False
    when counting that took too long.
    """

    bars: list[Bar]
    newest: int
    start: datetime
    end: datetime
    steps: Steps
    judged_since: datetime | None = None
    is_judged: bool = True

    width, height = WIDTH, HEIGHT

    @property
    def uncounted(self) -> float:
        """Up to where it is not known how many there are, from the left."""
        return next((bar.x for bar in self.bars if bar.n), 0.0) if self.newest else 0.0

    @property
    def unjudged(self) -> float:
        """Up to where the feedback was not counted, from the left."""
        if not self.is_judged or self.judged_since is None or self.newest:
            return 0.0
        since = self.judged_since
        return next((bar.x for bar in self.bars if bar.end > since), float(WIDTH))

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
    def silent(self) -> int:
        """Those without such feedback."""
        return max(0, self.total - self.bad - self.good)

    @property
    def most(self) -> Bar:
        """The highest bar."""
        return max(self.bars, key=lambda bar: bar.n)

    @property
    def is_by_root(self) -> bool:
        """Whether a bar's height is by the square root of its number."""
        return is_uneven([bar.n for bar in self.bars])

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
    longest = STEPS[-1] * ceil((end - start) / (STEPS[-1] * MOST_BARS))
    step = next((s for s in STEPS if (end - start) / s <= MOST_BARS), longest)
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


def is_uneven(numbers: Sequence[int]) -> bool:
    """Whether one bar would press most of the others flat."""
    filled = [n for n in numbers if n]
    return bool(filled) and max(filled) > UNEVEN * median(filled)


def bars_of(
    address: Address,
    edges: Sequence[datetime],
    tallies: Sequence[FeedbackTally],
    is_judged: Callable[[datetime], bool],
) -> list[Bar]:
    """A bar for each span; `is_judged` tells by a span's end whether its feedback was counted.

    The parts of a bar are in proportion within it, also where its height is by square root.
    """
    numbers = [tally.n for tally in tallies]
    most = max(numbers, default=0) or 1
    is_by_root = is_uneven(numbers)

    def height(n: int) -> float:
        part = sqrt(n / most) if is_by_root else n / most
        return round(max(2.0, part * HEIGHT), 1) if n else 0

    width = WIDTH / len(tallies)
    return [
        Bar(
            x=round(number * width, 1),
            width=round(width - 1.5, 1),
            height=height(tally.n),
            tally=tally,
            is_judged=is_judged(edges[number]),
            start=edges[number],
            end=edges[number + 1],
            link=between(address, edges[number], edges[number + 1]),
        )
        for number, tally in enumerate(tallies)
    ]


def steps_of(address: Address, start: datetime, end: datetime) -> Steps:
    """The links beside a chart of this span; those that lead nowhere are empty."""
    long = end - start
    quarter, half = long / 4, long / 2
    now = datetime.now(UTC)
    return Steps(
        closer=between(address, start + quarter, end - quarter) if long > 4 * STEPS[0] else "",
        wider=between(address, _within(start, -half), _within(end, half)),
        earlier=between(address, _within(start, -half), _within(end, -half))
        if start - half > EPOCH
        else "",
        later=between(address, _within(start, half), _within(end, half)) if end < now else "",
    )


def _within(at: datetime, by: timedelta) -> datetime:
    """`at` moved, but no further than a filter may ask."""
    if by > timedelta(0):
        return LATEST_TIME if LATEST_TIME - at < by else at + by
    return EPOCH if at - EPOCH < -by else at + by


WALL_EPOCH = EPOCH.replace(tzinfo=None)


def between(address: Address, start: datetime, end: datetime) -> str:
    """The filter with this span, to the minute, instead of its own."""
    return address.between(f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")
