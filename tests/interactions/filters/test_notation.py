"""Feedback is written one way and counted one way, on every page that shows it."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from interactions.filters import feedback_text
from interactions.filters.conditions import Comparator, HasFeedback
from interactions.filters.query.grammar import parse
from interactions.filters.query.spelling import spell
from interactions.services.recording.drafts import FeedbackDraft
from interactions.services.recording.log import log_interactions
from projects.models import Metric, Project, User
from tests import make
from tests.interactions.web.facets.test_facets import URL, facet

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PROJECT = "/projects/maple"
QUERIES = [
    "",
    "?label=env:prod",
    "?label=env:prod&label=env:staging",
    "?feedback=helpful:eq:0",
    "?feedback=helpful",
    "?since=2024-02-21T12:10",
    "?feedback=task_reward:lt:0.5&not_label=env:prod",
    "?text=question",
]


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def judged(project: Project) -> Project:
    """60 interactions; several have two values under one metric, some a good and a bad one."""
    helpful = make.make_metric(project, "helpful")
    reward = make.make_metric(project, "task_reward", "SCALAR")
    made = []
    for number in range(60):
        one = make.make_draft(
            f"Question {number}",
            created_at=make.NOON + timedelta(minutes=number),
            labels={"env": ("prod", "staging", "test")[number % 3]},
        )
        values = {0: [1], 1: [0], 2: [1, 0], 3: [1, 1], 4: [0, 0, 1]}.get(number % 6, [])
        one.feedback = [FeedbackDraft(metric=helpful, value=float(value)) for value in values]
        if number % 4 in (0, 1):
            one.feedback.append(FeedbackDraft(metric=reward, value=number / 60))
        made.append(one)
    log_interactions(project, made)
    return project


def text(client: Client, address: str) -> str:
    """What a person reads of a page."""
    answer = client.get(address, headers=HTMX)
    assert answer.status_code == 200, address
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


@pytest.mark.parametrize("threshold", [None, 0.5])
@pytest.mark.parametrize("query", QUERIES)
def test_every_count_of_feedback_on_the_page_is_the_number_of_rows_behind_it(
    watching: Client, judged: Project, query: str, threshold: float | None
) -> None:
    Metric.objects.filter(key="task_reward").update(threshold=threshold)
    counted = 0
    for metric in ("helpful", "task_reward"):
        for choice in facet(watching, f"metric:{metric}", query or "?").choices:
            if choice.n is not None and not choice.is_on:
                rows = watching.get(f"{URL}count/{choice.toggle}").context["page"].found
                assert (rows.n, rows.is_exact) == (choice.n, True), (metric, choice)
                counted += 1
    assert counted >= 2
    chart = watching.get(f"{URL}histogram/{query}", headers=HTMX).context["page"].chart
    beside = watching.get(f"{URL}feedback-counts/{query}", headers=HTMX).context["page"].found.all
    assert (chart.bad, chart.good) == (beside.bad, beside.good)
    bad = "feedback.helpful:no" + (" OR feedback.task_reward:<0.5" if threshold else "")
    either = f"feedback.helpful:*{' OR feedback.task_reward:*' if threshold else ''}"
    for asked, n in ((bad, beside.bad), (either, beside.judged)):
        joined = f"{query or '?'}&q={quote(asked)}"
        assert watching.get(f"{URL}count/{joined}").context["page"].found.n == n
    groups = watching.get(f"{PROJECT}/groups/{query or '?'}&by=source").context["page"]
    for cell in filter(None, (cell for line in groups.rows for cell in line.cells)):
        for what, link in cell.links.items():
            n = {"any": cell.n, "good": cell.figures.good, "bad": cell.figures.bad}[what]
            count = link.replace(URL, f"{URL}count/")
            assert watching.get(count).context["page"].found.n == n, (what, link)


def test_values_and_interactions_are_told_apart_where_they_differ(
    watching: Client, judged: Project
) -> None:
    found = facet(watching, "metric:helpful")
    assert [(one.name, one.n) for one in found.choices] == [
        ("▲ yes", 40),
        ("▼ no", 30),
        ("no feedback", 10),
    ]
    assert found.note == "20 with good and bad values"
    beside = text(watching, f"{URL}feedback-counts/")
    assert beside == "50 with good or bad feedback (60 % bad)"
    groups = text(watching, f"{PROJECT}/groups/?by=source")
    assert "n=50" in groups
    answer = watching.get(f"{PROJECT}/groups/?by=source")
    assert "50 with helpful: any, 90 values" in answer.text


def test_a_value_and_a_condition_are_written_alike_on_every_page(
    watching: Client, judged: Project
) -> None:
    query = "?feedback=helpful:eq:0&feedback=task_reward:gte:0.5&not_feedback=helpful:eq:1"
    said = "helpful: no and task_reward: ≥ 0.5 and helpful: not yes"
    page = watching.get(f"{URL}{query}")
    assert page.context["listing"].title == said
    assert page.context["listing"].bar.text == (
        "feedback.helpful:no feedback.task_reward:>=0.5 -feedback.helpful:yes"
    )
    chips = [" ".join(filter(None, one.words)) for one in page.context["listing"].chips]
    assert chips == said.split(" and ")
    assert "helpful: no" in watching.get(f"{URL}?feedback=helpful:eq:0").text
    names = [one.name for one in facet(watching, "metric:helpful").choices]
    assert names == ["▲ yes", "▼ no", "no feedback"]
    row = page.context["listing"].rows[0].interaction
    detail = text(watching, f"{URL}{row.id}/{query}")
    assert "▼ no" in detail
    assert said in detail  # of the filter that it was reached by
    assert "gave ▼ helpful: no" in text(watching, f"{URL}{row.id}/history/")
    why = text(watching, f"{URL}why/{query}&id={row.id}")
    assert "helpful: no" in why
    for written in (page.content.decode(), detail, why):
        assert not re.search(r"helpful (=|is) ?(0|1)|helpful [01]\b|helpful:[01]\b", written)


def test_what_the_bar_writes_is_read_back_and_older_notations_too() -> None:
    bad = HasFeedback("helpful", Comparator.EQUAL, 0.0)
    assert spell(bad, yes_no={"helpful"}) == "feedback.helpful:no"
    assert spell(bad) == "feedback.helpful:0"
    for written in ("feedback.helpful:no", "feedback.helpful:0", "feedback.helpful:false"):
        assert parse(written) == bad
    assert parse("feedback.helpful:any") == parse("feedback.helpful:*") == HasFeedback("helpful")
    assert parse("feedback.helpful:none") == parse("-feedback.helpful:*")


@pytest.mark.parametrize(
    ("kind", "scoring", "threshold", "tones", "good", "bad"),
    [
        ("BOOL", "HIGHER_IS_BETTER", None, {1: "good", 0: "bad"}, "yes", "no"),
        ("BOOL", "LOWER_IS_BETTER", None, {1: "bad", 0: "good"}, "no", "yes"),
        ("SCALAR", "HIGHER_IS_BETTER", 0.5, {0.5: "good", 0.49: "bad"}, "≥ 0.5", "< 0.5"),
        ("SCALAR", "LOWER_IS_BETTER", 2, {2: "good", 2.1: "bad"}, "≤ 2", "> 2"),
        ("SCALAR", "HIGHER_IS_BETTER", None, {0.5: "none"}, "", ""),
    ],
)
def test_good_and_bad_are_conditions_of_the_metric(
    kind: str, scoring: str, threshold: float | None, tones: dict[float, str], good: str, bad: str
) -> None:
    metric = Metric(key="m", kind=kind, scoring_type=scoring, threshold=threshold)
    assert {value: metric.tone(value) for value in tones} == tones
    yes_no = {"m"} if kind == "BOOL" else set()
    said = [
        feedback_text.compared(one, yes_no) if one else ""
        for one in (feedback_text.good(metric), feedback_text.bad(metric))
    ]
    assert said == [good, bad]


@pytest.mark.parametrize(
    ("scoring", "threshold", "given", "shown"),
    [
        ("HIGHER_IS_BETTER", 0.5, 0.49999999999, "0.49999999999"),
        ("HIGHER_IS_BETTER", 0.5, 0.51234567891, "0.5123"),
        ("HIGHER_IS_BETTER", 0.12345678, 0.12345678, "0.1235"),
        ("LOWER_IS_BETTER", 0.5, 0.50000000001, "0.50000000001"),
        ("LOWER_IS_BETTER", 1234567.5, 1234567.25, "1234567.25"),
        ("HIGHER_IS_BETTER", None, 0.49999999999, "0.5"),
    ],
)
def test_a_short_number_is_on_the_side_of_the_threshold_that_it_is_on(
    scoring: str, threshold: float | None, given: float, shown: str
) -> None:
    metric = Metric(key="task", kind="SCALAR", scoring_type=scoring, threshold=threshold)
    said = feedback_text.value_of(metric, given, is_short=True)
    assert metric.tone(float(said)) == metric.tone(given)
    assert said == shown
