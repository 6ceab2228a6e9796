"""What a random sample says about all it was drawn from, and how many more would make it surer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from statistics import fmean, stdev

from interactions.services.analysis.confidence_intervals import Interval, ValueSample, of_whole

HALF_WIDTHS = (0.1, 0.05, 0.03, 0.02, 0.015, 0.01, 0.005, 0.0025, 0.001)  # half-widths to aim for


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its 95 % interval, infinite where one number says nothing; `more` values would
    bring `aim` to either side.

    `aim` is 0.0 where nothing narrower is worth aiming for, or all have been seen.
    """

    value: float
    interval: Interval
    aim: float = 0.0
    more: int = 0


def share(hits: int, n: int, population: int) -> Estimate | None:
    """The share of hits in a population of which `n` were drawn at random; None of none."""
    if not n:
        return None
    sample = ValueSample(n, hits / n, None, is_share=True)
    half = _interval(sample, population).half
    return _estimate(
        sample, population, next((one for one in HALF_WIDTHS if one < half * 0.9), 0.0)
    )


def mean(values: Sequence[float], population: int) -> Estimate | None:
    """The mean of a population of which these values were drawn at random; None of none."""
    if not values:
        return None
    n = len(values)
    sample = ValueSample(n, fmean(values), stdev(values) if n > 1 else None, is_share=False)
    half = _interval(sample, population).half
    return _estimate(sample, population, float(f"{half / 2:.1g}") if 0 < half < inf else 0.0)


def _interval(sample: ValueSample, population: int) -> Interval:
    return of_whole(sample, population) or Interval(-inf, inf)


def _estimate(sample: ValueSample, population: int, aim: float) -> Estimate:
    """With the fewest more that bring the aim, if what comes is like what was seen."""
    interval = _interval(sample, population)
    if not aim:
        return Estimate(sample.mean, interval)
    fewest, enough = sample.n, population
    while fewest + 1 < enough:
        middle = (fewest + enough) // 2
        is_enough = _interval(replace(sample, n=middle), population).half <= aim
        fewest, enough = (fewest, middle) if is_enough else (middle, enough)
    return Estimate(sample.mean, interval, aim, enough - sample.n)
