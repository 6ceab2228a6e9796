"""How far a mean or a share may be off, because only a sample has feedback.

All are 95 % intervals and assume that what has feedback is a fair sample of the whole; that
somebody picked the worst answers to give feedback on, no formula knows.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import atan, cos, pi, sin, sqrt
from statistics import NormalDist

Z = 1.959963984540054  # of the normal distribution, 97.5 % lie below
CONFIDENCE = 0.95
MOST_FREEDOM_SUMMED = 200  # degrees of freedom up to which Student's distribution is summed


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`."""

    low: float
    high: float

    @property
    def half(self) -> float:
        """Half its width."""
        return (self.high - self.low) / 2

    @property
    def holds_zero(self) -> bool:
        """Whether a difference may as well be none."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class ValueSample:
    """`n` values, their mean, and their standard deviation as a sample's (divided by n - 1).

    Of yes and no the values are 1 and 0, and the mean is the share of yes.
    """

    n: int
    mean: float
    deviation: float | None
    is_share: bool

    @property
    def interval(self) -> Interval | None:
        """Where the mean of all may lie; None of a single number, which says nothing of it."""
        if self.is_share:
            return wilson(round(self.n * self.mean), self.n)
        return of_mean(self.n, self.mean, self.deviation)


def wilson(yes: float, n: float, z: float = Z) -> Interval | None:
    """The score interval of a share (Wilson 1927): right for small samples, never outside 0 to 1.

    With p = yes / n: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Recommended by Brown, Cai
    and DasGupta (2001), “Interval Estimation for a Binomial Proportion”, Statistical Science 16.

    Of 8 in 10: 0.490 to 0.943. Of 0 in 10, which does not mean never: 0 to 0.278. `z` is for
    another confidence than 95 %.
    """
    if n <= 0:
        return None
    p, part = yes / n, z * z / n
    middle = p + part / 2
    reach = z * sqrt(p * (1 - p) / n + part / (4 * n))
    low, high = ((middle + side * reach) / (1 + part) for side in (-1, 1))
    return Interval(0.0 if yes == 0 else low, 1.0 if yes == n else high)


def of_whole(sample: ValueSample, population: int) -> Interval | None:
    """Where the mean of a whole of this size lies, of which the sample was drawn, none put back.

    It narrows as the sample nears the whole: √((N - n) / (N - 1)) is the finite population
    correction of a standard error (Cochran 1977, Sampling Techniques, 2.6). Put into n, it holds
    for both intervals: n values count as n · (N - 1) / (N - n).
    """
    if not 0 < sample.n < population:
        return Interval(sample.mean, sample.mean) if sample.n else None
    worth = sample.n * (population - 1) / (population - sample.n)
    if sample.is_share:
        return wilson(sample.mean * worth, worth)
    return of_mean(sample.n, sample.mean, sample.deviation, worth=worth)


def of_mean(n: int, mean: float, deviation: float | None, *, worth: float = 0.0) -> Interval | None:
    """Student's interval of a mean: mean ± t · s / √n, t of n - 1 degrees of freedom; with `worth`
    as if of so many values.

    Exact for values that scatter normally, near it for others once there are some thirty.
    NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.2.

    Of 1, 2, 3, 4, 5: n = 5, mean 3, s = 1.581, t = 2.776, so 1.037 to 4.963.
    """
    if n < 2 or deviation is None:
        return None
    reach = student(n - 1) * deviation / sqrt(worth or n)
    return Interval(mean - reach, mean + reach)


def change(now: ValueSample, before: ValueSample) -> Interval | None:
    """Where the difference of two samples' means may lie, `now` less `before`.

    Of shares by Newcombe (1998), “Interval Estimation for the Difference Between Independent
    Proportions”, Statistics in Medicine 17, method 10: it puts together two Wilson intervals. Of
    numbers by Welch (1947), whose degrees of freedom allow for unequal scatter.

    Newcombe's own example, 56 of 70 less 48 of 80: 0.0524 to 0.3339.
    """
    difference = now.mean - before.mean
    if now.is_share:
        one, other = now.interval, before.interval
        if one is None or other is None:
            return None
        return Interval(
            difference - sqrt((now.mean - one.low) ** 2 + (other.high - before.mean) ** 2),
            difference + sqrt((one.high - now.mean) ** 2 + (before.mean - other.low) ** 2),
        )
    if now.deviation is None or before.deviation is None or min(now.n, before.n) < 2:
        return None
    one_error, other_error = (
        s.deviation**2 / s.n for s in (now, before) if s.deviation is not None
    )
    error = one_error + other_error
    if not error:
        return Interval(difference, difference)
    freedom = error**2 / (one_error**2 / (now.n - 1) + other_error**2 / (before.n - 1))
    reach = student(max(1, int(freedom))) * sqrt(error)
    return Interval(difference - reach, difference + reach)


@lru_cache(maxsize=1024)
def z_of_many(many: int) -> float:
    """For so many intervals at once: with 95 % confidence all of them are right (Bonferroni).

    1.96 of one, 3.48 of a hundred.
    """
    return NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * max(1, many)))


@lru_cache(maxsize=1024)
def student(freedom: int) -> float:
    """Below which 97.5 % of Student's distribution lie: 12.706 for 1, 2.228 for 10.

    Abramowitz and Stegun (1964), Handbook of Mathematical Functions: the distribution by its
    finite sum (26.7.3, 26.7.4), halved down to the value; beyond `MOST_FREEDOM_SUMMED` by the
    series 26.7.5, whose first term left out is less than 1e-9 there.
    """
    if freedom > MOST_FREEDOM_SUMMED:
        z, v = Z, float(freedom)
        return (
            z
            + (z**3 + z) / (4 * v)
            + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
            + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
        )
    low, high = 0.0, 20.0
    for _ in range(50):  # 20 / 2**50 is less than a float can tell
        middle = (low + high) / 2
        if _within(middle, freedom) < CONFIDENCE:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """How much of Student's distribution lies between -t and t."""
    angle = atan(t / sqrt(freedom))
    square = cos(angle) ** 2
    if freedom % 2:
        term = total = cos(angle)
        for k in range(3, freedom - 1, 2):
            term *= square * (k - 1) / k
            total += term
        return 2 / pi * (angle + (sin(angle) * total if freedom > 1 else 0.0))
    term = total = 1.0
    for k in range(2, freedom - 1, 2):
        term *= square * (k - 1) / k
        total += term
    return sin(angle) * total
