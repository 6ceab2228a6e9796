"""Times said relative within a day, and the same by the script that keeps them right."""

from datetime import UTC, datetime, timedelta

import pytest

from interactions.template_filters.times import ago, moment, row_time


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (timedelta(milliseconds=5), "just now"),
        (timedelta(seconds=40), "40 s ago"),
        (timedelta(minutes=3, seconds=59), "3 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), ""),
        (timedelta(seconds=-90), ""),
    ],
)
def test_within_a_day_it_is_how_long_ago(since: timedelta, said: str) -> None:
    assert ago(datetime.now(UTC) - since) == said


def test_a_relative_time_is_marked_and_has_the_whole_time_as_its_title() -> None:
    at = datetime.now(UTC) - timedelta(minutes=3)
    said = moment(at)
    exact = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert said == f'<time datetime="{exact}" title="{exact}" data-ago>3 min ago</time>'


def test_an_old_one_is_absolute_and_not_marked() -> None:
    at = datetime(2024, 2, 21, 12, 4, 31, tzinfo=UTC)
    assert ">21 Feb 2024 12:04 UTC<" in moment(at)
    assert row_time(at, "2024-11-01").endswith(">21 Feb</time><small>12:04:31</small>")
    assert ">21 Feb 2024<" in row_time(at, "2026-11-01")
    assert "data-ago" not in moment(at) + row_time(at, "2026-11-01")
