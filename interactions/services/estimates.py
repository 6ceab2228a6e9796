"""What a random sample says about all it was drawn from: a share or a mean, and how surely."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite, sqrt

Z = 1.959964  # 95 %
STEPS = (0.1, 0.05, 0.03, 0.02, 0.015, 0.01, 0.005, 0.0025, 0.001)  # half-widths to aim for


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and the ends of its 95 % interval; `more` values would bring `aim` to either side.

    `aim` is 0.0 where nothing narrower is worth aiming for, or all have been seen.
    """

    value: float
    least: float
    most: float
    aim: float = 0.0
    more: int = 0

    @property
    def half(self) -> float:
        """Half of the interval's width."""
        return (self.most - self.least) / 2


def share(hits: int, n: int, population: int) -> Estimate | None:
    """The share of hits in a population of which `n` were drawn at random; None of none.

    Wilson's interval, which holds for few and for rare hits too. It narrows as the sample nears
    the population: drawing without return counts as `n × (N - 1) / (N - n)` with.

    >>> estimate = share(3, 100, 1_000_000)
    >>> f"{estimate.least:.3f} {estimate.most:.3f}"
    '0.010 0.085'
    """
    if not n:
        return None
    value = hits / n
    least, most = _wilson(value, n, population)
    half = (most - least) / 2
    aim = next((step for step in STEPS if step < half * 0.9), 0.0)
    if not aim or n >= population:
        return Estimate(value, least, most)
    fewest, enough = n, population
    while fewest + 1 < enough:
        middle = (fewest + enough) // 2
        low, high = _wilson(value, middle, population)
        fewest, enough = (fewest, middle) if high - low <= 2 * aim else (middle, enough)
    return Estimate(value, least, most, aim, enough - n)


def mean(values: Sequence[float], population: int) -> Estimate | None:
    """The mean of a population of which these values were drawn at random; None of none.

    By the normal distribution, so of a handful of values it promises too much; of one, nothing:
    the interval is infinite.
    """
    n = len(values)
    if not n:
        return None
    value = sum(values) / n
    if n >= population:
        return Estimate(value, value, value)
    if n == 1:
        return Estimate(value, -inf, inf)
    deviation = sqrt(sum((one - value) ** 2 for one in values) / (n - 1))
    half = Z * deviation / sqrt(n) * sqrt((population - n) / max(population - 1, 1))
    if not half or not isfinite(half):
        return Estimate(value, value - half, value + half)
    aim = float(f"{half / 2:.1g}")
    needed = (Z * deviation / aim) ** 2
    enough = ceil(needed / (1 + (needed - 1) / population))
    return Estimate(value, value - half, value + half, aim, max(1, min(enough, population) - n))


def _wilson(value: float, n: int, population: int) -> tuple[float, float]:
    if n >= population:
        return value, value
    worth = n * (population - 1) / (population - n)
    spread = Z / (1 + Z * Z / worth) * sqrt(value * (1 - value) / worth + (Z / (2 * worth)) ** 2)
    centre = (value + Z * Z / (2 * worth)) / (1 + Z * Z / worth)
    return max(0.0, centre - spread), min(1.0, centre + spread)
