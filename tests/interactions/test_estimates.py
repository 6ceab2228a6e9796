"""What a sample says about all."""

from random import Random

import pytest

from interactions.services.estimates import mean, share


def test_wilson_agrees_with_the_published_values() -> None:
    # Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for hits, n, least, most in [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ]:
        found = share(hits, n, 10**12)
        assert found is not None
        assert (round(found.least, 4), round(found.most, 4)) == (least, most)


def test_all_seen_is_certain_and_none_seen_says_nothing() -> None:
    found = share(3, 12, 12)
    assert found is not None
    assert (found.value, found.least, found.most, found.more) == (0.25, 0.25, 0.25, 0)
    assert share(0, 0, 12) is None
    assert mean([], 12) is None
    whole = mean([1.0, 4.0], 2)
    assert whole is not None
    assert (whole.value, whole.half) == (2.5, 0.0)


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
        assert (then.half <= found.aim) == is_enough


def test_the_interval_holds_about_as_often_as_it_says() -> None:
    random = Random(7)
    population = [random.random() < 0.08 for _ in range(1000)]
    truth = sum(population) / 1000
    held = 0
    for _ in range(400):
        drawn = random.sample(population, 120)
        found = share(sum(drawn), 120, 1000)
        assert found is not None
        held += found.least <= truth <= found.most
    assert held >= 0.92 * 400


def test_a_mean_narrows_with_the_root_of_its_values() -> None:
    few, many = mean([1, 2, 3, 4, 5] * 4, 10**9), mean([1, 2, 3, 4, 5] * 16, 10**9)
    assert few is not None and many is not None
    assert few.value == many.value == 3.0
    assert few.half / many.half == pytest.approx(2, rel=0.05)
    assert few.more > 0 and few.aim < few.half
    alone = mean([4.0], 100)
    assert alone is not None and alone.half == float("inf")
