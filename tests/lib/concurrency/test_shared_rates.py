"""A limit a minute holds for all processes of a site together."""

from adaptive_site.lib.concurrency.shared_rates import SLOTS, SharedRates

MINUTE = 1_000_000_020.0  # the first second of a minute of the clock


def test_processes_share_a_limit_and_the_next_minute_begins_anew() -> None:
    rates = SharedRates()
    rates.spread(3)
    waits = []
    for n in range(3):
        rates.take_row(n)
        waits += [rates.take(7, 4, MINUTE + n) for _ in range(2)]
    assert waits == [0, 0, 0, 0, 58, 58]
    assert rates.take(8, 1, MINUTE) == 0  # another key
    assert rates.take(7, 4, MINUTE + 60) == 0


def test_what_a_process_that_ended_had_is_forgotten() -> None:
    rates = SharedRates()
    rates.spread(2)
    rates.take_row(1)
    assert rates.take(7, 1, MINUTE) == 0
    assert rates.take(7, 1, MINUTE) > 0
    rates.clear_row(1)
    assert rates.take(7, 1, MINUTE) == 0


def test_ids_beyond_the_slots_are_counted_too() -> None:
    rates = SharedRates()
    assert rates.take(SLOTS * 1000 + 3, 1, MINUTE) == 0
    assert rates.take(SLOTS * 1000 + 3, 1, MINUTE) > 0
