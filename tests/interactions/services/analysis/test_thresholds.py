"""A number's threshold, on every page that tells good from bad; metrics that only compare."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Comparison
from interactions.services.judging.comparisons import compare_sides
from projects.models import Event, Metric, Project, User
from projects.services import metrics
from projects.services.access import Caller
from tests import make
from tests.interactions.web.facets.test_facets import URL

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PROJECT = "/projects/maple"
FORM = {"name": "", "scoring_type": "HIGHER_IS_BETTER", "description": ""}


@pytest.fixture
def watching(client: Client, alice: User) -> Client:
    """A browser that Alice is logged in with."""
    client.force_login(alice)
    return client


@pytest.fixture
def reward(project: Project) -> Metric:
    """A metric of numbers, given to ten interactions as 0.0, 0.1 … 0.9, and to one not."""
    metric = make.make_metric(project, "task_reward", "SCALAR")
    for number in range(10):
        labels = {"env": "prod" if number % 2 else "staging"}
        make.make_interaction(project, f"{number}", labels=labels, feedback={metric: number / 10})
    make.make_interaction(project, "Without")
    return metric


def put(client: Client, metric: Metric, **changed: str) -> Any:
    return client.post(f"{PROJECT}/metrics/{metric.uuid}/", FORM | changed)


def test_set_once_it_is_used_by_every_page(watching: Client, reward: Metric) -> None:
    beside = f"{URL}feedback-counts/"
    assert watching.get(beside, headers=HTMX).context["page"].found.all.judged == 0
    assert put(watching, reward, threshold="0.3").status_code == 302
    found = watching.get(beside, headers=HTMX).context["page"].found.all
    assert (found.bad, found.good) == (3, 7)
    chart = watching.get(f"{URL}histogram/", headers=HTMX).context["page"].chart
    assert (chart.bad, chart.good, chart.without_feedback) == (3, 7, 1)
    narrowed = (
        watching.get(f"{URL}feedback-counts/?label=env:prod", headers=HTMX)
        .context["page"]
        .found.all
    )
    assert (narrowed.bad, narrowed.good) == (1, 4)
    rows = watching.get(URL).content.decode()
    for value, tone, sign in (("0.2", "bad", "▼"), ("0.9", "good", "▲")):
        said = rf'aria-label="Feedback: task_reward: {value}"><b class="{tone}">{sign}</b>'
        assert said in rows
    groups = watching.get(f"{PROJECT}/groups/?by=label:env").context["page"]
    cells = {line.name: line.cells[0].figures for line in groups.rows if line.cells[0]}
    assert {name: (one.good, one.bad) for name, one in cells.items()} == {
        "prod": (4, 1),
        "staging": (3, 2),
    }
    trend = watching.get(f"{PROJECT}/feedback/")
    judged = trend.context["page"].charts[0].feedback
    assert (judged.good, judged.bad, judged.n) == (7, 3, 10)
    assert "good is ≥ 0.3" in trend.text
    assert 'class="limit"' in trend.text
    assert "good is ≥ 0.3" in watching.get(f"{PROJECT}/metrics/").text


def test_a_changed_threshold_or_direction_holds_at_once_for_what_was_given_before(
    watching: Client, reward: Metric
) -> None:
    def counted() -> tuple[int, int]:
        found = watching.get(f"{URL}feedback-counts/", headers=HTMX).context["page"].found.all
        return found.bad, found.good

    put(watching, reward, threshold="0.3")
    assert counted() == (3, 7)
    put(watching, reward, threshold="0.7")
    assert counted() == (7, 3)
    put(watching, reward, threshold="0.7", scoring_type="LOWER_IS_BETTER")
    assert counted() == (2, 8)
    put(watching, reward, threshold="")
    assert counted() == (0, 0)
    reward.refresh_from_db()
    assert reward.threshold is None
    details = Event.objects.filter(verb="metric.edited").order_by("id").first()
    assert details is not None
    assert details.details["threshold"] == 0.3


def test_review_tells_the_share_that_is_bad_of_a_number_with_a_threshold(
    watching: Client, project: Project, reward: Metric
) -> None:
    put(watching, reward, threshold="3")
    one = make.make_interaction(project, "To review")
    given = {"interaction": str(one.id), "value": "2"}
    assert watching.post(f"{PROJECT}/review/give/?metric=task_reward", given).status_code == 303
    look = watching.get(f"{PROJECT}/review/?metric=task_reward&at=end").context["page"]
    assert (look.progress.subject, look.progress.rate) == ("bad", "100.0 %")
    assert "feedback=task_reward:lt:3" in look.bad_link
    assert [one.word for one in look.bad] == ["2"]


@pytest.mark.parametrize("threshold", ["x", "nan", "inf", "1e101", "-1e101"])
def test_a_wrong_threshold_is_refused_at_its_field(
    watching: Client, reward: Metric, threshold: str
) -> None:
    answer = put(watching, reward, threshold=threshold)
    assert answer.status_code == 422
    assert list(answer.context["page"].form.errors) == ["threshold"]
    assert 'id="threshold-help"' in answer.text
    made = {"key": "other", "kind": "SCALAR", "threshold": threshold} | FORM
    answer = watching.post(f"{PROJECT}/metrics/create/", made)
    assert list(answer.context["page"].form.errors) == ["threshold"]
    assert not Metric.objects.filter(key="other").exists()


def test_yes_and_no_have_no_threshold(watching: Client, project: Project) -> None:
    made = {"key": "fine", "kind": "BOOL", "threshold": "0.5"} | FORM
    answer = watching.post(f"{PROJECT}/metrics/create/", made)
    assert answer.status_code == 422
    assert "expected none" in answer.context["page"].form.errors["threshold"][0]
    metric = make.make_metric(project)
    assert "threshold" not in watching.get(f"{PROJECT}/metrics/{metric.uuid}/").text


def test_a_stranger_and_a_member_cannot_set_one(
    client: Client, bob: User, charlie: User, reward: Metric
) -> None:
    for user, status in ((bob, 403), (charlie, 404)):
        client.force_login(user)
        assert put(client, reward, threshold="0.5").status_code == status
    reward.refresh_from_db()
    assert reward.threshold is None


def test_a_definition_takes_its_threshold_along(project: Project, alice: User) -> None:
    metrics.create(None, key="score", kind="SCALAR", threshold=2.0, by=alice)
    assert metrics.link(project, "score", caller=Caller(alice)).threshold == 2.0


@pytest.fixture
def preference(project: Project, alice: User) -> Metric:
    """A yes-or-no metric under which two answers were compared, and nothing else was given."""
    metric = make.make_metric(project, "preference")
    one, other = make.make_interactions(project, 2)
    compare_sides(project, one, other, metric=metric, tied=None, by=alice)
    assert Comparison.objects.count() == 1
    return metric


def test_a_metric_for_comparisons_is_no_question_about_one_answer(
    watching: Client, project: Project, preference: Metric
) -> None:
    make.make_metric(project, "helpful")
    one = make.make_interaction(project, labels={"env": "prod"})
    page = watching.get(f"{URL}{one.id}/")
    shown = [*page.context["detail"].feedback.shown, *page.context["detail"].feedback.folded]
    assert [row.metric.key for row in shown] == ["helpful"]
    review = watching.get(f"{PROJECT}/review/").context["page"]
    assert review.metric.key == "helpful"
    assert [scale.metric.key for scale in review.scales] == ["helpful"]
    listing = watching.get(URL)
    assert '<option value="preference">' not in listing.text
    assert "preference" not in listing.context["listing"].column_menu.metric_keys
    answer = watching.get(f"{PROJECT}/review/?metric=preference")
    assert "expected a metric of this project: helpful" in answer.text
    panel = watching.get(f"{URL}facets/", headers=HTMX).context["page"].sections[2]
    assert "preference" not in [group.key for group in panel.groups]
    assert "used to compare pairs only" in watching.get(f"{PROJECT}/metrics/").text
    assert "preference" in watching.get(f"{PROJECT}/pairs/").text


def test_once_it_is_given_to_one_answer_too_it_is_offered_again(
    watching: Client, project: Project, preference: Metric
) -> None:
    one = make.make_interaction(project, feedback={preference: True})
    shown = watching.get(f"{URL}{one.id}/").context["detail"].feedback.shown
    assert [row.metric.key for row in shown] == ["preference"]
