"""The count, the bars over time and the panel that stand around the list."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from interactions.services import rollups
from interactions.web import facets
from projects.models import Project, User
from tests import make

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


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
    assert len(answer.context["chart"].bars) <= 74


def test_an_interaction_of_the_far_future_breaks_no_chart(
    watching: Client, filled: Project
) -> None:
    for year in (2999, 9999):
        at = datetime(year, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
        make.make_interaction(filled, "late", created_at=at)
    for query in ("", "?text=late", "?label=env:prod", "?since=2999-12-31"):
        chart = watching.get(f"{URL}histogram/{query}").context["chart"]
        assert len(chart.bars) <= 74
        assert all(
            watching.get(f"{URL}{bar.link}").context["listing"].filter.is_valid()
            for bar in chart.bars
        )


def test_the_panel_says_what_its_counts_are_of(watching: Client, filled: Project) -> None:
    make.make_interaction(filled, llm=make.make_llm(filled))
    said = watching.get(f"{URL}facets/").content.decode()
    assert said.count("of the newest 50,000") == 1


def test_of_many_label_keys_the_panel_shows_the_most_used_and_says_so(
    watching: Client, filled: Project
) -> None:
    keys = [f"key-{number:02}" for number in range(60)]
    make.make_interaction(filled, labels=dict.fromkeys(keys, "x"))
    said = watching.get(f"{URL}facets/")
    assert [facet.name for facet in said.context["facets"]] == ["env", *keys[:49], "ok"]
    assert "of its label keys the 50 most used" in said.text


def test_a_panel_that_takes_too_long_says_so(
    watching: Client, filled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facets, "LIMIT_MS", 50)
    monkeypatch.setattr(rollups, "label_uses", asleep)
    answer = watching.get(f"{URL}facets/")
    assert answer.status_code == 200
    assert "took too long" in answer.content.decode()


def asleep(*args: object, **known: object) -> None:
    """A query of a database under load."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_a_cache_keeps_fragments_and_pages_apart(watching: Client, filled: Project) -> None:
    for fragment in ("count/", "histogram/", "facets/"):
        assert "HX-Request" in watching.get(URL + fragment)["Vary"]


def test_fragments_are_pages_without_htmx(watching: Client, filled: Project) -> None:
    for fragment in ("count/", "histogram/", "facets/"):
        assert b"<html" in watching.get(URL + fragment).content
        assert b"<html" not in watching.get(URL + fragment, headers={"HX-Request": "true"}).content


def test_bars_add_up_to_the_count(watching: Client, filled: Project) -> None:
    for query in ("", "?label=env:prod", "?label=env:prod&feedback=ok:eq:1", "?text=question"):
        chart = watching.get(f"{URL}histogram/{query}").context["chart"]
        count = watching.get(f"{URL}count/{query}").context["found"]
        assert chart.total == count.n
        bar = chart.most
        narrowed = watching.get(f"{URL}count/{bar.link}").context["found"]
        assert narrowed.n == bar.n
