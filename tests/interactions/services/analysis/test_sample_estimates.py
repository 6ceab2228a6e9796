"""What a sample says about all."""

from random import Random

import pytest

from interactions.services.analysis.confidence_intervals import (
    Interval,
    ValueSample,
    of_mean,
    of_whole,
    wilson,
)
from interactions.services.analysis.sample_estimates import mean, share


def test_all_seen_is_certain_and_none_seen_says_nothing() -> None:
    found = share(3, 12, 12)
    assert found is not None
    assert (found.value, found.interval, found.more) == (0.25, Interval(0.25, 0.25), 0)
    assert share(0, 0, 12) is None
    assert mean([], 12) is None
    whole = mean([1.0, 4.0], 2)
    assert whole is not None
    assert (whole.value, whole.interval.half) == (2.5, 0.0)


@pytest.mark.parametrize(("hits", "n", "population"), [(9, 214, 9310), (0, 30, 400), (40, 80, 90)])
def test_so_many_more_bring_what_was_promised_and_no_fewer(
    hits: int, n: int, population: int
) -> None:
    found = share(hits, n, population)
    assert found is not None and found.aim
    rate = found.value
    for more, is_enough in ((found.more, True), (found.more - 1, False)):
        then = share(rate * (n + more), n + more, population)  # type: ignore[arg-type]
        assert then is not None
        assert (then.interval.half <= found.aim) == is_enough


def test_the_interval_holds_about_as_often_as_it_says() -> None:
    random = Random(7)
    population = [random.random() < 0.08 for _ in range(1000)]
    truth = sum(population) / 1000
    held = 0
    for _ in range(400):
        drawn = random.sample(population, 120)
        found = share(sum(drawn), 120, 1000)
        assert found is not None
        held += found.interval.low <= truth <= found.interval.high
    assert held >= 0.92 * 400


def test_a_mean_narrows_with_the_root_of_its_values() -> None:
    few, many = mean([1, 2, 3, 4, 5] * 4, 10**9), mean([1, 2, 3, 4, 5] * 16, 10**9)
    assert few is not None and many is not None
    assert few.value == many.value == 3.0
    assert few.interval.half / many.interval.half == pytest.approx(2, rel=0.1)
    assert few.more > 0 and few.aim < few.interval.half
    alone = mean([4.0], 100)
    assert alone is not None and alone.interval.half == float("inf")


def test_of_endlessly_many_it_is_the_interval_of_any_sample() -> None:
    for sample, plain in (
        (ValueSample(263, 81 / 263, None, is_share=True), wilson(81, 263)),
        (ValueSample(5, 3.0, 2.5**0.5, is_share=False), of_mean(5, 3.0, 2.5**0.5)),
    ):
        found = of_whole(sample, 10**12)
        assert found is not None and plain is not None
        assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=1e-9)


def test_the_correction_is_that_of_the_standard_error() -> None:
    # Of 80 of 100 a fifth is not seen: √(20 / 99) of the width.
    sample = ValueSample(80, 3.0, 1.0, is_share=False)
    found, plain = of_whole(sample, 100), sample.interval
    assert found is not None and plain is not None
    assert found.half / plain.half == pytest.approx((20 / 99) ** 0.5)
