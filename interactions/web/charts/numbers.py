"""Numbers as people read them, and where they stand on a drawn scale."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from interactions.services.analysis.confidence_intervals import Interval, ValueSample

FEW_VALUES = 10  # of fewer a mean says little
_MINUS = "−"


def number(value: float) -> str:
    """Three digits that matter: `0.648`, `8.12`, `1,204`."""
    if value and not 1e-4 <= abs(value) < 1e7:
        text = f"{value:.3g}"
    elif abs(value) >= 99.95 or value == int(value):
        text = f"{value:,.0f}"
    else:
        text = f"{value:#.3g}"
    return text.replace("-", _MINUS)


def tick(value: float) -> str:
    """A round number, as it stands at an axis: `0.5`, `20`."""
    text = f"{value:,.0f}" if value == int(value) and abs(value) < 1e7 else f"{value:.4g}"
    return text.replace("-", _MINUS)


def share(value: float) -> str:
    """As a percentage: `64.4 %`, never rounded up to all or down to none."""
    percent = 100 * value
    if 0 < percent < 0.05:
        return "<0.1 %"
    if 99.95 <= percent < 100:
        return ">99.9 %"
    return f"{percent:.1f} %" if percent not in (0, 100) else f"{percent:.0f} %"


def figure(value: float, *, is_share: bool) -> str:
    """A mean, as its metric is read."""
    return share(value) if is_share else number(value)


def between(interval: Interval | None, *, is_share: bool) -> str:
    """An interval: `61.2–67.1 %`, `7.9–8.3`, or "" of none."""
    if interval is None:
        return ""
    if is_share:
        return f"{100 * interval.low:.1f}–{100 * interval.high:.1f} %"
    return f"{number(interval.low)} to {number(interval.high)}"


def signed(value: float, *, is_share: bool) -> str:
    """A change: `+3.1 points`, `−0.4`."""
    text = f"{abs(100 * value):.1f} points" if is_share else number(abs(value))
    return f"{'+' if value >= 0 else _MINUS}{text}"


def signed_between(interval: Interval, *, is_share: bool) -> str:
    """Where a change may lie: `+5.2 to +33.4 points`, `−0.4 to +0.1`."""
    low, high = (signed(end, is_share=is_share) for end in (interval.low, interval.high))
    return f"{low.removesuffix(' points')} to {high}"


@dataclass(frozen=True, slots=True)
class AxisScale:
    """From `low` at 0 % to `high` at 100 % of the drawing."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Where a value stands, in percent; what is beyond the ends stands at them."""
        part = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(part, 0.0), 1.0), 2)

    def holds(self, value: float) -> bool:
        """Whether a value is within the scale."""
        return self.low <= value <= self.high

    def ticks(self, about: int = 4) -> list[float]:
        """Round numbers within, about so many."""
        step = _step((self.high - self.low) / about)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [round(n * step, 12) for n in range(first, last + 1)]


SHARES = AxisScale(0.0, 1.0)


def _step(rough: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return float(next(power * n for n in (1, 2, 5, 10) if power * n >= rough * 0.999))


def scale_of(
    samples: Iterable[ValueSample], *, is_share: bool, within: tuple[float, float] | None = None
) -> AxisScale:
    """A scale that shows all means, and the intervals of those that are worth it.

    The interval of two or three numbers may be a hundred times wider than all others; it does not
    stretch the scale, and is drawn up to its ends. Shares always have the whole: 0 to 100 %.
    `within` are the least and most ever given, beyond which nothing is to be seen.
    """
    if is_share:
        return SHARES
    ends: list[float] = []
    for sample in samples:
        ends.append(sample.mean)
        interval = sample.interval
        if interval is not None and sample.n >= FEW_VALUES:
            ends += [interval.low, interval.high]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if low == high:
        low, high = low - (abs(low) / 10 or 1), high + (abs(high) / 10 or 1)
    step = _step((high - low) / 4)
    low, high = floor(low / step + 1e-9) * step, ceil(high / step - 1e-9) * step
    if within is not None and within[0] < within[1]:
        low, high = max(low, within[0]), min(high, within[1])
    return AxisScale(low, high)
