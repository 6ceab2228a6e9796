"""Ids whose order is time order."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_site.lib.ids import EPOCH, first_id_at, time_of, to_millisecond, uuid7

times = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))


def test_it_is_a_uuid_of_version_7() -> None:
    id = uuid7(datetime(2024, 2, 21, tzinfo=UTC))
    assert id.version == 7
    assert id.variant == "specified in RFC 4122"


@given(times)
def test_its_clock_is_the_time_to_the_millisecond(at: datetime) -> None:
    assert time_of(uuid7(at)) == to_millisecond(at)


def test_ids_of_one_moment_keep_the_order_they_were_made_in() -> None:
    at = datetime(2024, 2, 21, tzinfo=UTC)
    made = [uuid7(at) for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_threads_never_make_the_same_id() -> None:
    at = datetime(2024, 2, 21, tzinfo=UTC)
    made: list[UUID] = []
    threads = [
        threading.Thread(target=lambda: made.extend([uuid7(at) for _ in range(500)]))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ticks = {id.int >> 32 for id in made}  # all but the 32 random bits
    assert len(ticks) == len(made) == 4000


@given(times, times)
def test_the_first_id_of_a_time_parts_what_is_earlier_from_what_is_not(
    created: datetime, bound: datetime
) -> None:
    created = to_millisecond(created)
    assert (uuid7(created) >= first_id_at(bound)) == (created >= bound)


def test_the_first_id_of_a_time_before_1970_is_the_least_of_all() -> None:
    assert first_id_at(EPOCH - timedelta(days=365)) == UUID(int=0)


def test_a_time_before_1970_has_no_id() -> None:
    with pytest.raises(ValueError, match="before 1970"):
        uuid7(EPOCH - timedelta(milliseconds=1))


def test_to_millisecond_cuts_and_turns_to_utc() -> None:
    at = datetime(2024, 2, 21, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert to_millisecond(at) == datetime(2024, 2, 21, 6, 30, 0, 999_000, tzinfo=UTC)
    assert to_millisecond(at).tzinfo is UTC
