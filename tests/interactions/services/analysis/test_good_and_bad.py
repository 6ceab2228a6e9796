"""Bad, good and not judged, counted in Python beside what the database says."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from adaptive_site.lib.database.time_limits import TookTooLong
from adaptive_site.lib.ids import first_id_at
from interactions.filters.conditions import CreatedIn, HasLabel
from interactions.filters.tree import EVERYTHING, And
from interactions.models import Interaction, Label
from interactions.services.analysis import good_and_bad
from interactions.services.analysis.good_and_bad import FeedbackTally
from interactions.services.recording.log import log_interactions
from interactions.web.charts import histogram
from interactions.web.listing import count
from projects.models import Metric, Project, User
from tests import make
from tests.query_counts import QueryCounts

pytestmark = pytest.mark.django_db
URL = "/projects/maple/interactions/"


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def judged(project: Project) -> Project:
    """60 interactions, one a minute, under metrics of both directions, several at once."""
    helpful = make.make_metric(project, "helpful")
    harmful = make.make_metric(project, "harmful", scoring_type="LOWER_IS_BETTER")
    stars = make.make_metric(project, "stars", "SCALAR")
    given: tuple[dict[Metric, object], ...] = (
        {helpful: True},
        {helpful: False},
        {harmful: True},
        {harmful: False},
        {helpful: True, harmful: True},
        {stars: 1},
        {},
    )
    log_interactions(
        project,
        [
            make.make_draft(
                f"Question {number}",
                created_at=make.NOON + timedelta(minutes=number),
                labels={"env": "prod" if number % 3 else "staging"},
                feedback=given[number % len(given)],
            )
            for number in range(60)
        ],
    )
    return project


def by_hand(project: Project, env: str | None = None) -> FeedbackTally:
    """The same by `Metric.tone`, row by row."""
    n = bad = good = 0
    labels = Label.objects.in_project(project).in_bulk()
    for one in Interaction.objects.in_project(project).prefetch_related("feedback__metric"):
        if env is not None and env not in {labels[id].value for id in one.label_ids}:
            continue
        said = {given.metric.tone(given.value) for given in one.feedback.all()}
        n += 1
        bad += "bad" in said
        good += "good" in said and "bad" not in said
    return FeedbackTally(n, bad, good)


ALWAYS = (UUID(int=0), UUID(int=2**128 - 1))


def test_any_bad_verdict_makes_it_bad_in_the_direction_of_each_metric(judged: Project) -> None:
    expected = by_hand(judged)
    assert (expected.n, expected.bad, expected.good) == (60, 26, 18)
    of_feedback = good_and_bad.of_feedback(judged, EVERYTHING, ALWAYS)
    assert of_feedback is not None
    assert of_feedback.all == FeedbackTally(expected.judged, expected.bad, expected.good)
    # With `n` given, all values are read where they are fewer than the matches.
    for n in (None, 0, 1000):
        found = good_and_bad.of_matches(judged, EVERYTHING, ALWAYS, cap=1000, n=n)
        assert found.all == expected
    prod = And((HasLabel("env", ("prod",)),))
    assert good_and_bad.of_feedback(judged, prod, ALWAYS) is None
    for n in (None, 0, 1000):
        some = good_and_bad.of_matches(judged, prod, ALWAYS, cap=1000, n=n)
        assert some.all == by_hand(judged, "prod")


def test_spans_add_up_and_end_where_they_say(judged: Project) -> None:
    edges = [first_id_at(make.NOON + timedelta(minutes=10 * number)) for number in range(7)]
    one, other = (
        good_and_bad.of_feedback(judged, EVERYTHING, edges),
        good_and_bad.of_matches(judged, EVERYTHING, edges, cap=1000),
    )
    assert one is not None
    assert [tally.n for tally in other.spans] == [10] * 6
    assert [(t.bad, t.good) for t in one.spans] == [(t.bad, t.good) for t in other.spans]
    within = CreatedIn(make.NOON, make.NOON + timedelta(minutes=20))
    some = good_and_bad.of_feedback(judged, And((within,)), edges)
    assert some is not None
    assert some.spans[:2] == one.spans[:2]
    assert some.spans[2:] == [FeedbackTally()] * 4


def test_what_is_older_than_was_read_is_not_said(
    judged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(good_and_bad, "MOST_VALUES_READ", 0)
    monkeypatch.setattr(good_and_bad, "LEAST_VALUES_READ_EACH", 5)
    edges = [first_id_at(make.NOON + timedelta(minutes=number)) for number in range(61)]
    whole = good_and_bad.of_matches(judged, EVERYTHING, edges, cap=1000)
    some = good_and_bad.of_feedback(judged, EVERYTHING, edges)
    assert whole.since is None
    assert some is not None
    assert some.since is not None
    first = int((some.since - make.NOON).total_seconds() // 60)
    assert 30 < first < 58
    assert some.spans[: first + 1] == [FeedbackTally()] * (first + 1)
    assert [(t.bad, t.good) for t in some.spans[first + 1 :]] == [
        (t.bad, t.good) for t in whole.spans[first + 1 :]
    ]
    for n in (None, 1000):
        newest = good_and_bad.of_matches(judged, EVERYTHING, edges, cap=10, n=n)
        assert newest.since == make.NOON + timedelta(minutes=50)
        assert newest.all.n == 10


def test_a_spike_is_cut_off_and_named_so_that_the_other_bars_are_seen(
    watching: Client, judged: Project
) -> None:
    answer = watching.get(f"{URL}histogram/", headers={"HX-Request": "true"})
    chart = answer.context["page"].chart
    assert (chart.spikes, chart.top >= chart.most.n) == ([], True)
    helpful = Metric.objects.in_project(judged).get(key="helpful")
    at = make.NOON + timedelta(minutes=69)
    drafts = [make.make_draft(f"Much {n}", created_at=at) for n in range(60)]
    drafts += [
        make.make_draft(f"Bad {n}", created_at=at, feedback={helpful: False}) for n in range(40)
    ]
    log_interactions(judged, drafts)
    answer = watching.get(f"{URL}histogram/", headers={"HX-Request": "true"})
    chart = answer.context["page"].chart
    assert [one.n for one in chart.spikes] == [100]
    assert "100 interactions</text>" in answer.text.replace("\n", "").replace(" <", "<")
    assert chart.top < 10
    one = next(bar for bar in chart.bars if bar.n == 1)
    assert (one.is_cut, one.height) == (False, pytest.approx(100 / chart.top, abs=0.1))
    assert (chart.most.is_cut, chart.most.height) == (True, 100)
    assert chart.most.bad.height == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize("query", ["", "?label=env:prod", "?since=2024-02-21", "?feedback=stars"])
def test_bars_are_stacked_and_the_summary_says_the_same(
    watching: Client, judged: Project, query: str
) -> None:
    answer = watching.get(f"{URL}histogram/{query}", headers={"HX-Request": "true"})
    chart = answer.context["page"].chart
    said = watching.get(f"{URL}feedback-counts/{query}", headers={"HX-Request": "true"})
    found = said.context["page"].found.all
    assert (chart.bad, chart.good) == (found.bad, found.good)
    for bar in chart.bars:
        parts = [part for part in (bar.bad, bar.good) if part]
        assert sum(part.height for part in parts) <= bar.height + 0.11
        if bar.n:
            numbers = f"{bar.tally.bad} bad, {bar.tally.good} good, {bar.tally.silent} neither"
            assert numbers in answer.text
    if query == "":
        assert "44 with good or bad feedback (59 % bad)" in said.text
    if query == "?feedback=stars":
        assert said.text.strip() == ""


def test_bars_stand_without_their_stacks_when_these_take_too_long(
    watching: Client, judged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*args: object, **known: object) -> None:
        raise TookTooLong("stopped")

    monkeypatch.setattr(good_and_bad, "of_feedback", late)
    monkeypatch.setattr(good_and_bad, "of_matches", late)
    for query in ("", "?label=env:prod&feedback=helpful"):
        answer = watching.get(f"{URL}histogram/{query}")
        assert answer.context["page"].chart.total > 0
        assert "Counting the feedback took too long" in answer.text
        assert "neither</title>" not in answer.text
    assert "feedback not counted" in watching.get(f"{URL}feedback-counts/").text


def test_the_newest_are_stacked_where_a_label_has_more(
    watching: Client, judged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histogram, "MOST_MATCHES_COUNTED", 10)
    monkeypatch.setattr(count, "MOST_MATCHES_WITH_FEEDBACK", 10)
    chart = watching.get(f"{URL}histogram/?label=env:prod&not_label=x").context["page"].chart
    assert (chart.total, chart.newest, chart.without_feedback_counted) == (10, 10, 0)
    said = watching.get(f"{URL}feedback-counts/?label=env:prod")
    assert "good or bad feedback (50 % bad) since 21 Feb 2024" in said.text


def test_a_step_leads_to_half_and_twice_the_time(watching: Client, judged: Project) -> None:
    query = "?label=env:prod&since=2024-02-21T12:00&until=2024-02-21T13:00"
    steps = watching.get(f"{URL}histogram/{query}").context["page"].chart.links
    day = "?label=env:prod&since=2024-02-21T"
    assert steps.closer == f"{day}12:15&until=2024-02-21T12:45"
    assert steps.wider == f"{day}11:30&until=2024-02-21T13:30"
    assert steps.earlier == f"{day}11:30&until=2024-02-21T12:30"
    assert steps.later == f"{day}12:30&until=2024-02-21T13:30"
    for ends in ("since=1970-01-01&until=3000-01-01", "since=2999-12-31T23:59&until=3000-01-01"):
        for step in ("closer", "wider", "earlier", "later"):
            chart = watching.get(f"{URL}histogram/?{ends}").context["page"].chart
            if chart and (link := getattr(chart.links, step)):
                assert watching.get(f"{URL}{link}").context["listing"].filter.is_valid(), link


def test_queries_are_few_whatever_the_number_of_bars(
    watching: Client, judged: Project, query_counts: QueryCounts
) -> None:
    for name, query in (("no filter", ""), ("one label", "?label=env:prod")):
        with query_counts(f"histogram: {name}"):
            watching.get(f"{URL}histogram/{query}", headers={"HX-Request": "true"})
        with query_counts(f"judged: {name}"):
            watching.get(f"{URL}feedback-counts/{query}", headers={"HX-Request": "true"})


def test_a_stranger_sees_nothing(client: Client, charlie: User, judged: Project) -> None:
    client.force_login(charlie)
    assert client.get(f"{URL}feedback-counts/").status_code == 404
    assert client.get(f"{URL}histogram/").status_code == 404
