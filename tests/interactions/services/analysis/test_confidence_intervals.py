"""Intervals against published tables, worked examples, and what an interval promises."""

from math import comb, sqrt
from statistics import mean, stdev

import pytest

from interactions.services.analysis.confidence_intervals import (
    ValueSample,
    change,
    of_mean,
    student,
    wilson,
)


@pytest.mark.parametrize(
    ("freedom", "value"),
    [  # NIST/SEMATECH e-Handbook 1.3.6.7.2, upper 2.5 %
        (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (10, 2.228),
        (29, 2.045), (30, 2.042), (60, 2.000), (100, 1.984), (10**6, 1.960),
    ],
)  # fmt: skip
def test_students_values_are_those_of_the_tables(freedom: int, value: float) -> None:
    assert student(freedom) == pytest.approx(value, abs=5e-4)


def test_sum_and_series_of_students_distribution_meet() -> None:
    assert student(201) == pytest.approx(student(200), abs=7e-5)
    assert [student(n) for n in (198, 199, 200, 201, 202)] == sorted(
        (student(n) for n in (198, 199, 200, 201, 202)), reverse=True
    )


@pytest.mark.parametrize(
    ("yes", "n", "low", "high"),
    [  # Newcombe 1998 (Statistics in Medicine 17, 857), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_what_newcombe_printed(yes: int, n: int, low: float, high: float) -> None:
    found = wilson(yes, n)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([low, high], abs=5e-5)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.9])
def test_wilson_covers_what_it_promises(p: float) -> None:
    """Summed over all outcomes of 40 tries; it is 95 % on average, not at each share."""
    n, covered = 40, 0.0
    for yes in range(n + 1):
        found = wilson(yes, n)
        assert found is not None and 0 <= found.low <= yes / n <= found.high <= 1
        if found.low <= p <= found.high:
            covered += comb(n, yes) * p**yes * (1 - p) ** (n - yes)
    assert 0.92 < covered < 0.99


def test_an_interval_of_a_mean_is_students() -> None:
    values = [1.0, 2, 3, 4, 5]
    found = of_mean(5, mean(values), stdev(values))
    assert found is not None
    assert [found.low, found.high] == pytest.approx([1.0368, 4.9632], abs=1e-4)
    assert found.half == pytest.approx(2.776445 * stdev(values) / sqrt(5), abs=1e-5)


def test_nothing_is_said_of_what_was_not_sampled() -> None:
    assert wilson(0, 0) is None
    assert of_mean(1, 3.0, None) is None
    assert change(ValueSample(1, 3.0, None, False), ValueSample(9, 3.0, 1.0, False)) is None
    assert change(ValueSample(0, 0.0, None, True), ValueSample(9, 0.5, None, True)) is None


def test_a_change_of_shares_is_newcombes() -> None:
    found = change(ValueSample(70, 56 / 70, None, True), ValueSample(80, 48 / 80, None, True))
    assert found is not None
    assert [found.low, found.high] == pytest.approx([0.0524, 0.3339], abs=5e-5)
    assert not found.holds_zero


def test_a_change_of_means_is_welchs() -> None:
    one, other = [3.0, 4, 5, 6, 9], [2.0, 2, 3, 4]
    found = change(
        ValueSample(5, mean(one), stdev(one), False),
        ValueSample(4, mean(other), stdev(other), False),
    )
    assert found is not None
    # Standard error √(5.3/5 + 0.9167/4) = 1.1354; Welch's degrees of freedom 5.53, taken as 5.
    assert found.half == pytest.approx(2.5706 * 1.1354, abs=1e-3)
    assert (found.low + found.high) / 2 == pytest.approx(2.65)
    same = change(ValueSample(5, 2.0, 0.0, False), ValueSample(5, 2.0, 0.0, False))
    assert same is not None and same.holds_zero and same.half == 0


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe 1998 (Statistics in Medicine 17, 873), table II, method 10
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_of_few_shares_is_what_newcombe_printed(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    one, other = (ValueSample(n, yes / n, None, True) for yes, n in (first, second))
    found = change(one, other)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([low, high], abs=6e-5)
    back = change(other, one)
    assert back is not None and [back.low, back.high] == pytest.approx([-found.high, -found.low])


def test_a_difference_of_few_means_is_that_of_students_sleep_data() -> None:
    """Ten values each (Student 1908): R's `t.test(extra ~ group, sleep)` says -3.3655 to 0.2055
    with 17.776 degrees of freedom; these are rounded down here, which is 0.3 % wider.
    """
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    other = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    found = change(
        ValueSample(10, mean(one), stdev(one), False),
        ValueSample(10, mean(other), stdev(other), False),
    )
    assert found is not None and found.holds_zero
    assert [found.low, found.high] == pytest.approx([-3.3655, 0.2055], abs=0.008)
    assert found.low <= -3.3655 and found.high >= 0.2055
