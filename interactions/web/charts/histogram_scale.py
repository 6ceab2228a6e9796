"""The scales of the histogram: up to how many its height goes, and the dates below it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import median

from django.utils import timezone

from adaptive_site.lib.ids import EPOCH

SPIKE_RATIO = 2  # a bar so many times as high as the next lower one is cut off …
USUAL_RATIO = 4  # … if it is so many times as high as the median one …
MOST_SPIKES = 10  # … and at most one in so many bars is as high
SPIKE_HEADROOM = 1.5  # of the height is left above the others, so that a spike stands out
LEAST_TICKS, MOST_TICKS = 4, 6
_ROUND = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
_STEPS = [
    *(timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 20, 30)),
    *(timedelta(hours=n) for n in (1, 2, 3, 4, 6, 8, 12)),
    *(timedelta(days=n) for n in (1, 2, 3, 4, 5, 7, 10, 14, 21)),
]
_MONTHS = (1, 2, 3, 4, 6, 12, 24, 36, 60, 120, 240, 600, 1200, 2400, 6000)
_DAY = timedelta(days=1)
_WALL_EPOCH = EPOCH.replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Tick:
    """A date below the chart, and how far from the left that is, from 0 to 100."""

    at: float
    words: str

    @property
    def anchor(self) -> str:
        """Which end of the text stands there, so that none leaves the chart."""
        return "start" if self.at < 3 else "end" if self.at > 97 else "middle"


def top_of(numbers: Sequence[int]) -> int:
    """The round number at the top of the scale, at which higher bars are cut off.

    The highest bars are left above when they are much higher than all others, which would else be
    pressed flat.
    """
    filled = sorted((n for n in numbers if n), reverse=True)
    if not filled:
        return 1
    usual = USUAL_RATIO * median(filled)
    for spikes in range(min(len(filled) - 1, ceil(len(filled) / MOST_SPIKES)), 0, -1):
        if filled[spikes - 1] >= max(usual, SPIKE_RATIO * filled[spikes]):
            return _rounded(ceil(SPIKE_HEADROOM * filled[spikes]))
    return _rounded(filled[0])


def _rounded(n: int) -> int:
    """The next round number from `n` on."""
    if n < 10:
        return n
    power = int(10 ** (len(str(n)) - 2))
    return next(step * power for step in _ROUND if step * power >= n)


def ticks_of(start: datetime, end: datetime) -> list[Tick]:
    """Four to six dates between the ends of the chart, on round times of the reader's zone."""
    zone = timezone.get_current_timezone()
    first, last = (at.astimezone(zone).replace(tzinfo=None) for at in (start, end))
    kind, times = _times(first, last)
    long = end - start
    ticks: list[Tick] = []
    before: datetime | None = None
    for time in times:
        at = 100 * ((time.replace(tzinfo=zone).astimezone(UTC) - start) / long)
        ticks.append(Tick(round(at, 2), _words(kind, time, before)))
        before = time
    return ticks


def _times(first: datetime, last: datetime) -> tuple[str, list[datetime]]:
    """Round times between two, and of which kind they are.

    The finest that are not too many; where these are too few, the next finer ones without those
    at the ends.
    """
    finer: tuple[str, list[datetime]] = ("", [])
    for kind, made in _candidates(first, last):
        if len(made) > MOST_TICKS:
            finer = kind, made
        elif len(made) >= LEAST_TICKS or not finer[1]:
            return kind, made
        else:
            kind, made = finer
            too_many = len(made) - MOST_TICKS
            return kind, made[too_many - too_many // 2 : len(made) - too_many // 2]
    return finer[0], finer[1][:MOST_TICKS]


def _candidates(first: datetime, last: datetime) -> Iterator[tuple[str, list[datetime]]]:
    """Round times between two, from the finest to the coarsest, none of them hopelessly many."""
    for step in _STEPS:
        if (last - first) / step <= 2 * MOST_TICKS:
            at = first + (_WALL_EPOCH - first) % step
            many = max(0, ceil((last - at) / step))
            yield "day" if step >= _DAY else "time", [at + n * step for n in range(many)]
    begin, end = (12 * at.year + at.month - 1 for at in (first, last))
    for months in _MONTHS:
        if (end - begin) / months <= 2 * MOST_TICKS:
            every = range(ceil(begin / months) * months, end + 1, months)
            made = [first.replace(*_year_and_month(n), 1, 0, 0, 0, 0) for n in every]
            kind = "year" if months % 12 == 0 else "month"
            yield kind, [at for at in made if first <= at < last]


def _words(kind: str, at: datetime, before: datetime | None) -> str:
    """A time with as much of its date as the one to its left does not say."""
    if kind == "year":
        return str(at.year)
    known = before.year if before else timezone.localtime().year
    year = f" {at.year}" if known != at.year else ""
    if kind == "month":
        return f"{at:%b}{year}"
    date = f"{at.day} {at:%b}{year}"
    if kind == "day":
        return date
    is_new_day = before is None or before.date() != at.date()
    if is_new_day and not (at.hour or at.minute):
        return date
    return f"{date} {at:%H:%M}" if is_new_day else f"{at:%H:%M}"


def _year_and_month(number: int) -> tuple[int, int]:
    """Of a month counted from the year 0."""
    return number // 12, number % 12 + 1
