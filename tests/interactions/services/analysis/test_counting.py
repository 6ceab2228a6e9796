"""Over how many matches something is counted, and that feedback is counted one way everywhere."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from interactions.services.analysis import feedback_counts, sample_sizes
from interactions.web.facets import panel as facets_panel
from projects.models import Metric, Project, User
from tests import make
from tests.interactions.web.facets.test_facets import URL, facet, named

pytestmark = pytest.mark.django_db


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def test_how_many_are_counted_hangs_on_sizes_and_not_on_the_clock(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 60)
    monkeypatch.setattr(sample_sizes, "LEAST_COUNTED", 10)
    monkeypatch.setattr(sample_sizes, "FEWER_COUNTED", (30,))
    monkeypatch.setattr(sample_sizes, "MOST_ENTRIES_PASSED", 100)
    asked = [("?label=env", "model"), ("?not_label=env:staging", "source"), ("?", "metric:ok")]
    quick = [facet(watching, of, query) for query, of in asked]
    assert [one.newest for one in quick] == [60, 30, 0]

    def slowed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        time.sleep(0.01)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(slowed):
        assert [facet(watching, of, query) for query, of in asked] == quick


def test_what_was_not_counted_in_time_is_no_other_number(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if "feedback" in sql or "label_ids" in sql:
            sql = f"SELECT * FROM ({sql}) AS slowed, (SELECT pg_sleep(1)) AS p"
        return execute(sql, params, many, context)

    monkeypatch.setattr(facets_panel, "GROUP_LIMIT_MS", 10)
    for of in ("metric:ok", "label:env"):
        with connection.execute_wrapper(slowed):
            answer = watching.get(f"{URL}facet/?source=OFFLINE&of={of}")
        assert "Not counted" in answer.text
        assert answer.context["page"].facet.choices == []


def test_feedback_beyond_what_is_read_says_since_when(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    stars = Metric.objects.in_project(varied).get(key="stars")
    for number in range(3):
        at = make.NOON + timedelta(days=1, minutes=number)
        make.make_interaction(varied, "Later", feedback={stars: 5}, created_at=at)
    monkeypatch.setattr(feedback_counts, "MOST_FEEDBACK_READ", 3)
    found = facet(watching, "metric:stars")
    assert found.note == "mean 3.56 of 9 values; counted since 2024-02-22 12:00"
    assert [(one.name, one.n) for one in found.choices] == [("5", 2), ("no feedback", None)]


def test_a_number_with_a_threshold_is_offered_as_good_and_bad(
    watching: Client, varied: Project
) -> None:
    Metric.objects.in_project(varied).filter(key="stars").update(threshold=3)
    found = named(watching, "metric:stars")
    assert [(name, one.n) for name, one in found.items()] == [
        ("▲ ≥ 3", 3),
        ("▼ < 3", 3),
        ("▼ 1", 1),
        ("▼ 2", 2),
        ("▲ 3", 1),
        ("▲ 4", 1),
        ("▲ 5", 1),
        ("no feedback", 126),
    ]
    assert found["▼ < 3"].toggle == "?feedback=stars:lt:3"
    Metric.objects.in_project(varied).filter(key="stars").update(
        scoring_type="LOWER_IS_BETTER", threshold=1.5
    )
    found = named(watching, "metric:stars")
    assert (found["▲ ≤ 1.5"].n, found["▼ > 1.5"].n) == (1, 5)
    count = watching.get(f"{URL}count/{found['▼ > 1.5'].toggle}").context["page"].found
    assert count.n == 5


def test_the_sign_of_a_value_follows_the_direction_of_its_metric(
    watching: Client, varied: Project
) -> None:
    Metric.objects.in_project(varied).filter(key="ok").update(scoring_type="LOWER_IS_BETTER")
    assert list(named(watching, "metric:ok")) == ["▼ yes", "▲ no", "no feedback"]


def test_groups_trends_and_comparing_are_the_same_under_load(
    watching: Client, varied: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_sizes, "MOST_COUNTED", 40)
    monkeypatch.setattr(sample_sizes, "LEAST_COUNTED", 10)
    monkeypatch.setattr(sample_sizes, "FEWER_COUNTED", (20,))
    monkeypatch.setattr(sample_sizes, "MOST_ENTRIES_PASSED", 60)

    def counted() -> list[Any]:
        made: list[Any] = []
        for query in ("label=env", "not_label=env:staging", "source=OFFLINE&not_label=city"):
            groups = watching.get(f"/projects/maple/groups/?by=model&{query}").context["page"]
            made.append((groups.groups.of, [(one.name, one.group.n) for one in groups.rows]))
            (chart,) = (
                watching.get(f"/projects/maple/feedback/?metric=ok&{query}").context["page"].charts
            )
            made.append((chart.trend.newest, chart.trend.all.now.total))
            panel = watching.get(f"{URL}facets/?{query}&feedback=ok:eq:0&compare=all")
            apart = panel.context["page"].apart
            made.append((apart.of, apart.base_of, apart.base_newest, apart.shown))
        return made

    quick = counted()
    assert [quick[0][0], quick[3][0]] == [40, 20]

    def slowed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        time.sleep(0.005)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(slowed):
        assert counted() == quick
