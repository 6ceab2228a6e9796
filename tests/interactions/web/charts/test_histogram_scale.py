"""The scales of the histogram: its top, its dates, and the names of bars that are cut off."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as some

from interactions.services.analysis.good_and_bad import FeedbackTally
from interactions.web.charts.histogram_buckets import HistogramChart, SpanLinks, bars_of
from interactions.web.charts.histogram_scale import ticks_of, top_of
from interactions.web.filtering.query_string import QueryString
from tests import make

YEARS = timedelta(days=365)


@pytest.mark.parametrize(
    ("numbers", "top"),
    [
        ([], 1),
        ([0, 0], 1),
        ([1], 1),
        ([3, 4], 4),
        ([12_345], 15_000),
        ([241, *[95, 40, 30, 35] * 10], 150),  # a spike
        ([4063, 1100, *[60] * 20], 100),  # two spikes
        ([5000, 10, 8], 15),
        ([1000] * 3 + [30] * 27, 50),  # three of thirty
        ([1000] * 4 + [30] * 26, 1000),  # too many to be spikes
        ([10, 5, 5], 10),  # high, but not so high that the others are flat
        ([100, 60, 10, 10, 10], 100),  # two high bars, of which neither is alone
    ],
)
def test_the_top_is_round_and_leaves_spikes_above(numbers: list[int], top: int) -> None:
    assert top_of(numbers) == top


@given(
    some.datetimes(datetime(1970, 1, 2), datetime(2990, 1, 1)),
    some.timedeltas(timedelta(minutes=10), 1000 * YEARS),
    some.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Sao_Paulo"]),
)
def test_there_are_four_to_six_dates_below_any_span(
    start: datetime, long: timedelta, zone: str
) -> None:
    begin = start.replace(tzinfo=UTC)
    end = min(begin + long, datetime(3000, 1, 1, tzinfo=UTC))
    with timezone.override(zone):
        ticks = ticks_of(begin, end)
    assert 4 <= len(ticks) <= 6
    places = [tick.at for tick in ticks]
    assert places == sorted(set(places))
    assert 0 <= places[0] <= places[-1] <= 100


def test_dates_are_said_once_and_the_year_where_it_changes() -> None:
    with timezone.override("Europe/Berlin"):
        days = ticks_of(make.NOON, make.NOON + timedelta(days=1))
        assert [tick.words for tick in days] == [
            "21 Feb 2024 16:00",
            "20:00",
            "22 Feb",
            "04:00",
            "08:00",
            "12:00",
        ]
        years = ticks_of(make.NOON, make.NOON + 2 * YEARS)
    assert [tick.words for tick in years] == [
        "May 2024",
        "Sep",
        "Jan 2025",
        "May",
        "Sep",
        "Jan 2026",
    ]


def test_spikes_close_together_are_named_on_both_sides() -> None:
    numbers = [1] * 40
    for place in (20, 22, 23):
        numbers[place] = 50 + place
    edges = [make.NOON + n * timedelta(hours=1) for n in range(41)]
    tallies = [FeedbackTally(n, 0, 0) for n in numbers]
    top = top_of(numbers)
    bars = bars_of(QueryString(QueryDict()), edges, tallies, top, lambda at: True)
    chart = HistogramChart(bars, top, 0, edges[0], edges[-1], SpanLinks("", "", "", ""))
    assert [(one.n, one.anchor) for one in chart.spikes] == [(73, "start"), (70, "end")]
    assert [bar.is_cut for bar in bars].count(True) == 3
    assert bars[20].words == "22 Feb 2024 08:00 – 09:00: 70 interactions; 0 bad, 0 good, 70 neither"
