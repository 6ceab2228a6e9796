"""Reading JSON with care costs no square of its size."""

import tracemalloc
from time import process_time

import pytest

from adaptive_site.lib import exact_json
from adaptive_site.lib.exact_json import Unfit


def _cost(names: int) -> float:
    raw = "{" + ",".join(f'"n{n}":1' for n in range(names)) + f',"n{names - 1}":2}}'
    started = process_time()
    with pytest.raises(Unfit) as caught:
        exact_json.loads(raw)
    assert caught.value.field == f"n{names - 1}"
    return process_time() - started


def test_a_name_twice_among_many_is_found_in_one_pass() -> None:
    assert _cost(80_000) < 8 * max(_cost(20_000), 0.02)


def test_the_way_to_a_deep_value_is_written_once() -> None:
    value: list[object] = [0] * 20_000
    for _ in range(800):
        value = [value]
    tracemalloc.start()
    try:
        assert exact_json.way_to(value, lambda item: item == 1) is None
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
