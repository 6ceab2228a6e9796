"""Feedback over time, against the same put into days, weeks and months in plain Python."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import mean, stdev

import pytest
from django.db import connection
from django.test import Client

from interactions.filters.conditions import CreatedIn, HasLabel
from interactions.filters.tree import EVERYTHING, And, Tree
from interactions.services.analysis import sample_sizes as sizes
from interactions.services.analysis import trends
from interactions.services.analysis.confidence_intervals import ValueSample
from interactions.services.analysis.group_queries import Grouping, GroupKind
from interactions.services.analysis.trends import Course, Period, trend
from interactions.services.recording.log import log_interactions
from interactions.services.rollups.compaction import compact
from interactions.web.charts import trend_buckets
from projects.models import Metric, Project, User
from tests import make
from tests.interactions.opened import asleep, count
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/feedback/"
DAY = timedelta(days=1)
START = datetime(2024, 1, 30, 22, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Judged:
    """An interaction as it was logged."""

    at: datetime
    llm: str | None
    env: str
    ok: bool | None
    stars: float | None


@pytest.fixture
def judged(project: Project) -> list[Judged]:
    """300 interactions over 150 days with a gap of 40, half of them folded into the roll-up."""
    chance = Random(5)
    metrics = make.make_metric(project, "ok"), make.make_metric(project, "stars", "SCALAR")
    llms = {key: make.make_llm(project, key) for key in "abcdefg"}
    made = []
    for n in range(300):
        hours = chance.randrange(0, 150 * 24)
        if 60 <= hours // 24 < 100:
            hours -= 60 * 24
        ok = chance.choice([None, True, True, False])
        made.append(
            Judged(
                START + timedelta(hours=hours, minutes=n % 60),
                chance.choice([None, *"aaabbbccdefg"]),
                chance.choice(["prod", "dev"]),
                ok,
                None if ok is None else chance.uniform(-2, 9),
            )
        )
    for some in (made[:150], made[150:]):
        log_interactions(
            project,
            [
                make.make_draft(
                    f"Question {n}",
                    created_at=one.at,
                    labels={"env": one.env},
                    llm=llms[one.llm] if one.llm else None,
                    feedback={
                        metric: value
                        for metric, value in zip(metrics, (one.ok, one.stars), strict=True)
                        if value is not None
                    },
                )
                for n, one in enumerate(some)
            ],
        )
        if some[0] is made[0]:
            compact(project)
    return made


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


def bucket_of(at: datetime, step: str) -> str:
    """What a bucket is called, without counting edges."""
    if step == "week":
        return "{}-{}".format(*at.isocalendar()[:2])
    return f"{at:%Y-%m-%d}" if step == "day" else f"{at:%Y-%m}"


def check(course: Course, period: Period, step: str, facts: list[Judged], key: str) -> None:
    """Compare a course with the facts between its ends."""
    expected: dict[str, list[float]] = defaultdict(list)
    for one in facts:
        value = getattr(one, key)
        if value is not None and period.start <= one.at < period.end:
            expected[bucket_of(one.at, step)].append(float(value))
    names = [bucket_of(edge, step) for edge in period.edges[:-1]]
    found = {n: one for n, one in zip(names, course.buckets, strict=True) if one is not None}
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        same(found[name], values)
    if expected:
        assert course.total is not None
        same(course.total, [value for values in expected.values() for value in values])
    else:
        assert course.total is None


def same(sample: ValueSample, values: list[float]) -> None:
    assert sample.n == len(values)
    assert sample.mean == pytest.approx(mean(values))
    if len(values) > 1:
        assert sample.deviation == pytest.approx(stdev(values), abs=1e-9)


SPANS = {
    "whole days": (START.replace(hour=0, minute=0) + timedelta(days=30), timedelta(days=30)),
    "ragged days": (START + timedelta(days=31), timedelta(days=29, hours=5, minutes=7)),
    "a few hours": (START + timedelta(days=5), timedelta(hours=7)),
    "all": (START, timedelta(days=151)),
}


@pytest.mark.parametrize("step", trend_buckets.BUCKET_STEPS)
@pytest.mark.parametrize("name", SPANS)
def test_a_trend_is_what_plain_python_makes_of_it(
    project: Project, judged: list[Judged], step: str, name: str
) -> None:
    start, length = SPANS[name]
    period = trend_buckets.period(start, start + length, step)
    trees: list[tuple[Tree, Callable[[Judged], bool]]] = [
        (EVERYTHING, lambda one: True),  # by the roll-up
        (And((CreatedIn(start, start + length),)), lambda one: True),
        (And((HasLabel("env", ("prod",)), CreatedIn(start))), lambda one: one.env == "prod"),
    ]
    for metric in Metric.objects.in_project(project):
        for tree, holds in trees:
            facts = [one for one in judged if holds(one)]
            found = trend(project, tree, metric, period, has_before=True)
            check(found.all.now, period, step, facts, metric.key)
            total = [
                float(getattr(one, metric.key))
                for one in facts
                if start - length <= one.at < start and getattr(one, metric.key) is not None
            ]
            if total:
                assert found.all.before.total is not None
                same(found.all.before.total, total)
            assert sum(one.n for one in found.all.before.buckets if one) == len(total)


def test_a_split_has_the_five_most_judged_and_all_others(
    project: Project, judged: list[Judged]
) -> None:
    metric = Metric.objects.in_project(project).get(key="ok")
    period = trend_buckets.period(START, START + timedelta(days=151), "month")
    found = trend(
        project, EVERYTHING, metric, period, has_before=False, split=Grouping(GroupKind.MODEL)
    )
    check(found.all.now, period, "month", judged, "ok")
    given = [one for one in judged if one.ok is not None]
    names = [part.name for part in found.parts if not part.is_others]
    sizes = {name: sum(1 for one in given if one.llm == name) for name in [None, *"abcdefg"]}
    assert sorted(sizes.values(), reverse=True)[:5] == [sizes[name] for name in names]
    for part in found.parts:
        facts = [
            one
            for one in judged
            if (one.llm not in names if part.is_others else one.llm == part.name)
        ]
        check(part.now, period, "month", facts, "ok")
    assert found.parts[-1].is_others and len(found.parts) == 6


def test_before_is_compared_in_words(watching: Client, judged: list[Judged]) -> None:
    answer = watching.get(f"{URL}?metric=ok&since=2024-03-01&until=2024-03-31&split=label:env")
    (chart,) = answer.context["page"].charts
    start = datetime(2024, 3, 1, tzinfo=UTC)
    n = sum(1 for one in judged if one.ok is not None and start <= one.at < start + 30 * DAY)
    whole = chart.whole
    assert whole.total.n == n
    assert "against the 30 days before" in answer.text
    assert (whole.change.by[0] == "+") == (whole.total.mean >= chart.trend.all.before.total.mean)
    assert [curve.change is not None for curve in chart.parts] == [True, True]


@pytest.mark.parametrize(
    "query",
    ["", "metric=stars&by=month", "split=model", "split=label:env&by=day", "label=env:prod",
     "since=2024-02-10T05:00&until=2024-03-20T10:10", "model=a&model=(none)&split=model"],
)  # fmt: skip
def test_a_point_opens_its_very_rows(watching: Client, judged: list[Judged], query: str) -> None:
    look = watching.get(f"{URL}?{query}").context["page"]
    assert not look.faults and look.charts
    chart = look.charts[0]
    for curve in [chart.whole, *chart.parts]:
        assert sum(point.n for point in curve.points) == curve.total.n
        for point in curve.points[:3] + curve.points[-3:]:
            if point.link:
                assert count(watching, point.link) == point.n, point.link
            else:
                assert curve.name == "all others"


def test_where_nothing_was_judged_there_is_no_line(watching: Client, judged: list[Judged]) -> None:
    curve = watching.get(f"{URL}?metric=ok&by=day").context["page"].charts[0].whole
    assert len(curve.segments) < len(curve.points) - 1
    width = curve.points[0].width
    for x1, _, x2, _ in curve.segments:
        assert x2 - x1 == pytest.approx(width, abs=0.01)


def test_long_spans_take_longer_steps_and_say_so() -> None:
    steps = [trend_buckets.step_for(START, START + n * DAY) for n in (1, 62, 63, 750, 751, 9000)]
    assert steps == ["day", "day", "week", "week", "month", "month"]
    assert trend_buckets.step_for(START, START + 400 * DAY, "day") == "day"
    assert trend_buckets.step_for(START, START + 401 * DAY, "day") == "week"
    assert trend_buckets.step_for(START, START + 9000 * DAY, "week") == "month"


def test_weeks_begin_on_monday_and_months_on_their_first() -> None:
    weeks = trend_buckets.period(START, START + timedelta(days=20), "week").edges
    assert {edge.weekday() for edge in weeks} == {0} and weeks[0] <= START < weeks[1]
    months = trend_buckets.period(START, START + timedelta(days=400), "month").edges
    assert {(edge.day, edge.hour) for edge in months} == {(1, 0)} and len(months) == 16


def test_beyond_its_bound_the_newest_are_counted_and_it_says_so(
    watching: Client, judged: list[Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "MOST_COUNTED", 40)
    monkeypatch.setattr(sizes, "LEAST_COUNTED", 40)
    answer = watching.get(f"{URL}?metric=ok&label=env&since=2024-03-01")
    (chart,) = answer.context["page"].charts
    assert (chart.trend.newest, chart.whole.total.n, chart.whole.change) == (40, 40, None)
    assert "the newest 40 matches with feedback" in answer.text
    assert "the newest" not in watching.get(f"{URL}?metric=ok&since=2024-03-01").text  # the roll-up


def test_a_chart_that_takes_too_long_says_so_alone(
    watching: Client, judged: list[Judged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trends, "TREND_LIMIT_MS", 10)
    monkeypatch.setattr(trends, "_counted", asleep)
    answer = watching.get(f"{URL}?label=env:prod")
    assert answer.status_code == 200
    assert [chart.is_late for chart in answer.context["page"].charts] == [True, True]


@pytest.mark.parametrize(
    ("query", "name"),
    [("by=hour", "by"), ("split=colour", "split"), ("split=label:nowhere", "split"),
     ("metric=nowhere", "metric"), ("time=soon", "time"), ("colour=red", "colour")],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_shows_nothing(
    watching: Client, judged: list[Judged], query: str, name: str
) -> None:
    look = watching.get(f"{URL}?{query}").context["page"]
    assert ([fault.name for fault in look.faults], look.charts) == ([name], [])


def test_without_feedback_the_page_teaches(watching: Client, project: Project) -> None:
    assert "No feedback in this project yet" in watching.get(URL).text
    make.make_metric(project, "ok")
    make.make_interaction(project)
    assert "No feedback for ok" in watching.get(f"{URL}?metric=ok").text


def test_a_page_of_trends_takes_as_many_queries_whatever_it_shows(
    watching: Client, judged: list[Judged], query_counts: QueryCounts
) -> None:
    watching.get(URL)
    with query_counts("feedback: two charts"):
        watching.get(URL)
    with query_counts("feedback: two charts under a filter, split"):
        watching.get(f"{URL}?label=env:prod&split=model")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM feedback_delta")
        assert cursor.fetchone()[0] > 0  # half of it is not folded
