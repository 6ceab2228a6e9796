"""The count and the bars over time that stand around the list."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils.html import escape

from interactions.filters.sql import queries
from interactions.services.rollups import counts
from interactions.web.charts import histogram
from interactions.web.listing import count
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"
FRAGMENTS = ("count/", "histogram/", "facets/", "facet/?of=label:env")


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.mark.parametrize(
    "query",
    [
        "?since=1970-01-01&until=3000-01-01",
        "?since=1970-01-01",
        "?until=3000-01-01",
        "?since=2999-12-31T23:59&until=3000-01-01",
        "?label=env:prod&since=1970-01-01&until=2999-12-31",
        "?text=question&since=1970-01-01&until=2999-12-31",
        "?time=99999w",
    ],
)
def test_a_chart_of_any_span_has_a_bounded_number_of_bars(
    watching: Client, filled: Project, query: str
) -> None:
    answer = watching.get(f"{URL}histogram/{query}")
    assert answer.status_code == 200
    assert len(answer.context["page"].chart.bars) <= 74


def test_an_interaction_of_the_far_future_breaks_no_chart(
    watching: Client, filled: Project
) -> None:
    for year in (2999, 9999):
        at = datetime(year, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
        make.make_interaction(filled, "late", created_at=at)
    for query in ("", "?text=late", "?label=env:prod", "?since=2999-12-31"):
        chart = watching.get(f"{URL}histogram/{query}").context["page"].chart
        assert len(chart.bars) <= 74
        assert all(
            watching.get(f"{URL}{bar.link}").context["listing"].filter.is_valid()
            for bar in chart.bars
        )


def asleep(*args: object, **known: object) -> None:
    """A query of a database under load."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_a_cache_keeps_fragments_and_pages_apart(watching: Client, filled: Project) -> None:
    for fragment in FRAGMENTS:
        assert "HX-Request" in watching.get(URL + fragment)["Vary"]


def test_fragments_are_pages_without_htmx(watching: Client, filled: Project) -> None:
    for fragment in FRAGMENTS:
        alone = watching.get(URL + fragment).text
        assert "<html" in alone
        assert alone.count("<h1") == 1
        assert b"<html" not in watching.get(URL + fragment, headers={"HX-Request": "true"}).content


def test_bars_add_up_to_the_count(watching: Client, filled: Project) -> None:
    for query in (
        "",
        "?label=env:prod",
        "?label=env:prod&feedback=ok:eq:1",
        "?text=question",
        "?since=2024-02-21T12:17&until=2024-02-21T13:11",
        "?label=env:prod&since=2024-02-21T12:17",
        "?time=9999d",
    ):
        chart = watching.get(f"{URL}histogram/{query}").context["page"].chart
        count = watching.get(f"{URL}count/{query}").context["page"].found
        assert chart.total == count.n
        bar = chart.most
        narrowed = watching.get(f"{URL}count/{bar.link}").context["page"].found
        assert narrowed.n == bar.n


def test_of_many_matches_the_newest_are_charted_and_the_rest_is_shown_as_uncounted(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "MOST_MATCHES_COUNTED", 10)
    answer = watching.get(f"{URL}histogram/?label=env:prod&not_label=env:staging")
    chart = answer.context["page"].chart
    assert (chart.total, chart.newest) == (10, 10)
    assert chart.uncounted == min(bar.x for bar in chart.bars if bar.n) > 0
    assert "Counted are the newest 10 matches, older ones are not." in answer.text
    years = watching.get(f"{URL}histogram/?since=2023-01-01&until=2025-01-01").context["page"].chart
    assert (years.total, years.newest) == (120, 0)  # by the roll-up


def test_what_came_at_once_stands_within_its_chart_and_not_at_the_edge(
    watching: Client, project: Project
) -> None:
    for second in range(3):
        at = datetime(2024, 2, 21, 11, 59, 59, tzinfo=UTC) + timedelta(seconds=second)
        make.make_interaction(project, f"At once {second}", created_at=at)
    chart = watching.get(f"{URL}histogram/").context["page"].chart
    filled = [number for number, bar in enumerate(chart.bars) if bar.n]
    assert chart.total == 3
    assert 4 <= filled[0] <= filled[-1] <= len(chart.bars) - 5
    assert chart.end - chart.start < timedelta(minutes=11)
    since = watching.get(f"{URL}histogram/?since=2024-02-21T11:59").context["page"].chart
    assert (since.start, since.total) == (datetime(2024, 2, 21, 11, 59, tzinfo=UTC), 3)


def test_a_count_beyond_its_bound_says_so_and_is_exact_when_asked(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "?label=env:prod&not_feedback=ok"
    assert watching.get(f"{URL}count/{query}").context["page"].found == queries.Count(60, True)
    monkeypatch.setattr(queries, "MOST_COUNTED", 50)
    answer = watching.get(f"{URL}count/{query}")
    assert "<b>50+</b> interactions" in answer.text
    exactly = answer.context["page"].exactly
    assert f'href="{URL}count/{escape(exactly)}"' in answer.text
    answer = watching.get(f"{URL}count/{exactly}")
    assert "<b>60</b> interactions" in answer.text
    assert "count exactly" not in answer.text


def test_a_chart_that_takes_too_long_says_so_and_offers_to_try_again(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "HISTOGRAM_LIMIT_MS", 10)
    monkeypatch.setattr(counts, "counted_label", asleep)
    again = f'href="{URL}histogram/?label=env:prod"'
    answer = watching.get(f"{URL}histogram/?label=env:prod", headers={"HX-Request": "true"})
    assert "The chart took too long" in answer.text
    assert f"{again} hx-get" in answer.text
    assert f"{again}>Try again" in watching.get(f"{URL}histogram/?label=env:prod").text


def test_a_count_that_takes_too_long_says_so(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(count, "MATCHES_LIMIT_MS", 10)
    monkeypatch.setattr(queries, "count", asleep)
    answer = watching.get(f"{URL}count/?not_label=env:prod")
    assert "Counting took more than" in answer.text
    assert "Count exactly" in answer.text
