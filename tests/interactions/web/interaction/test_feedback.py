"""Giving feedback on the page, and taking it back."""

from typing import Any

import pytest
from django.test import Client

from interactions.models import Feedback, Interaction
from projects.models import Event, Metric, Project, User
from tests import make

HTMX = {"HX-Request": "true"}


@pytest.fixture
def interaction(project: Project) -> Interaction:
    return make.make_interaction(project)


@pytest.fixture
def helpful(project: Project) -> Metric:
    return make.make_metric(project)


@pytest.fixture
def csat(project: Project) -> Metric:
    return make.make_metric(project, "csat", "SCALAR")


def page(interaction: Interaction) -> str:
    return f"/projects/maple/interactions/{interaction.id}/"


def give(client: Client, interaction: Interaction, htmx: bool = False, **form: str) -> Any:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/projects/maple/interactions/"}
    return client.post(f"{page(interaction)}feedback/", form, headers=headers if htmx else None)


def test_a_member_gives_feedback_and_is_led_back(
    client: Client, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(bob)
    back = f"/projects/maple/interactions/?label=env:prod&open={interaction.id}"
    answer = give(client, interaction, metric="helpful", value="0", reason=" wrong ", next=back)
    assert (answer.status_code, answer.headers["Location"]) == (303, back)
    given = Feedback.objects.get()
    assert (given.value, given.reason, given.created_by) == (0.0, "wrong", bob)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "http:///x"]
)
def test_nobody_is_led_elsewhere(
    client: Client, bob: User, interaction: Interaction, helpful: Metric, back: str
) -> None:
    client.force_login(bob)
    answer = give(client, interaction, metric="helpful", value="1", next=back)
    assert answer.headers["Location"] == page(interaction)


def test_htmx_gets_the_section_and_the_marks_of_the_row(
    client: Client, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(bob)
    text = give(client, interaction, htmx=True, metric="helpful", value="1").text
    assert text.strip().startswith(f'<section class="feedback" id="feedback-{interaction.id}"')
    mark = f'<span id="fb-{interaction.id}" hx-swap-oob="true" class="mark" role="img"'
    assert f'{mark} title="helpful: yes" aria-label="Feedback: helpful: yes">' in text
    assert "<html" not in text


def test_on_its_own_page_there_is_no_row_to_mark(
    client: Client, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(bob)
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{page(interaction)}?raw=1"}
    form = {"metric": "helpful", "value": "1"}
    text = client.post(f"{page(interaction)}feedback/", form, headers=headers).text
    assert "hx-swap-oob" not in text


@pytest.mark.parametrize("value", ["", "abc", "nan", "inf", "1e999", "--1", "1\0"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_wrong_number_is_said_at_the_field_and_not_stored(
    client: Client, bob: User, interaction: Interaction, csat: Metric, value: str, htmx: bool
) -> None:
    client.force_login(bob)
    answer = give(client, interaction, htmx=htmx, metric="csat", value=value, reason="because")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "expected" in answer.text or "Null characters" in answer.text
    assert "because" in answer.text
    assert not Feedback.objects.exists()


def test_yes_or_no_takes_nothing_between(
    client: Client, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(bob)
    answer = give(client, interaction, metric="helpful", value="0.5")
    assert answer.status_code == 422
    assert "expected true, false, 0 or 1 for helpful" in answer.text


def test_a_metric_the_project_lacks_is_not_found(
    client: Client, bob: User, interaction: Interaction, charlies_project: Project
) -> None:
    make.make_metric(charlies_project, "theirs")
    client.force_login(bob)
    assert give(client, interaction, metric="theirs", value="1").status_code == 404
    assert give(client, interaction, metric="a\0b", value="1").status_code == 404


def test_a_stranger_finds_nothing_and_a_viewer_may_not(
    client: Client, project: Project, charlie: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(charlie)
    assert give(client, interaction, metric="helpful", value="1").status_code == 404
    make.share(project, charlie, "viewer")
    assert give(client, interaction, metric="helpful", value="1").status_code == 403
    assert "give-" not in client.get(page(interaction)).text
    assert not Feedback.objects.exists()


def test_an_interaction_of_another_project_takes_none(
    client: Client, alice: User, helpful: Metric, charlies_project: Project
) -> None:
    theirs = make.make_interaction(charlies_project)
    client.force_login(alice)
    assert give(client, theirs, metric="helpful", value="1").status_code == 404
    assert not Feedback.objects.exists()


def withdraw(client: Client, interaction: Interaction, given: Feedback) -> int:
    address = f"{page(interaction)}feedback/{given.id}/withdraw/"
    return client.post(address).status_code


def test_own_feedback_is_withdrawn_and_the_audit_log_keeps_it(
    client: Client, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(bob)
    give(client, interaction, metric="helpful", value="0", reason="wrong")
    assert "withdraw</button>" in client.get(page(interaction)).text
    assert withdraw(client, interaction, Feedback.objects.get()) == 303
    assert not Feedback.objects.exists()
    event = Event.objects.get()
    assert (event.verb, event.details["reason"]) == ("feedback.withdrawn", "wrong")


def test_only_an_owner_withdraws_what_another_gave(
    client: Client, alice: User, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(alice)
    give(client, interaction, metric="helpful", value="0")
    client.force_login(bob)
    given = Feedback.objects.get()
    assert "withdraw</button>" not in client.get(page(interaction)).text
    assert withdraw(client, interaction, given) == 403
    give(client, interaction, metric="helpful", value="1")
    client.force_login(alice)
    for one in Feedback.objects.all():
        assert withdraw(client, interaction, one) == 303


def test_a_metric_whose_values_run_from_one_to_five_has_five_buttons(
    client: Client, bob: User, project: Project, csat: Metric
) -> None:
    interaction = make.make_interaction(project, feedback={csat: 1})
    client.force_login(bob)
    assert 'inputmode="decimal"' in client.get(page(interaction)).text
    make.make_interaction(project, feedback={csat: 5})
    assert (
        client.get(page(interaction)).text.count(f'<button id="give-{interaction.id}-{csat.id}-')
        == 5
    )


def test_lower_is_better_turns_good_and_bad(client: Client, bob: User, project: Project) -> None:
    toxic = make.make_metric(project, "toxic", scoring_type=Metric.Scoring.LOWER_IS_BETTER)
    client.force_login(bob)
    text = client.get(page(make.make_interaction(project, feedback={toxic: True}))).text
    assert '<span class="fb bad">▼ yes</span>' in text


def test_giving_needs_a_csrf_token(bob: User, interaction: Interaction, helpful: Metric) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert give(client, interaction, metric="helpful", value="1").status_code == 403


def test_a_person_has_one_value_a_metric(alice: User, bob: User, project: Project) -> None:
    metric = make.make_metric(project)
    it = make.make_interaction(project, feedback={metric: 1}, created_by=alice)
    url = f"/projects/maple/interactions/{it.id}/feedback/"

    def said() -> list[tuple[str, float]]:
        feedback = Feedback.objects.in_project(project).order_by("id")
        return [(str(one.created_by), one.value) for one in feedback]

    mine, his = Client(), Client()
    mine.force_login(alice)
    his.force_login(bob)
    press = {"metric": metric.key, "choice": "1"}
    mine.post(url, {**press, "value": "1"})
    his.post(url, {**press, "value": "1"})
    assert said() == [("Alice", 1), ("Alice", 1), ("Bob", 1)]  # the first came in by the API
    mine.post(url, {**press, "value": "0"})
    assert said() == [("Alice", 1), ("Bob", 1), ("Alice", 0)]
    mine.post(url, {**press, "value": "0"})
    assert said() == [("Alice", 1), ("Bob", 1)]
    mine.post(url, {"metric": metric.key, "value": "1"})
    mine.post(url, {"metric": metric.key, "value": "1"})  # typed, not pressed: said, not let go
    assert said() == [("Alice", 1), ("Bob", 1), ("Alice", 1)]
    assert Event.objects.filter(verb="feedback.withdrawn").count() == 3


def by_key(client: Client, interaction: Interaction, key: str) -> Any:
    headers = {**HTMX, "HX-Current-URL": "http://testserver/projects/maple/interactions/"}
    return client.post(f"{page(interaction)}feedback/by-key/", {"key": key}, headers=headers)


def test_a_number_key_gives_the_primary_metric_and_once_more_withdraws_it(
    client: Client, bob: User, interaction: Interaction, helpful: Metric, csat: Metric
) -> None:
    client.force_login(bob)
    for key, value in (("1", 1.0), ("2", 0.0)):
        answer = by_key(client, interaction, key)
        word = "yes" if value else "no"
        assert f'<p id="said">helpful: {word} given. {key} again withdraws it.</p>' in answer.text
        assert f'id="feedback-{interaction.id}"' in answer.text
        assert f'id="fb-{interaction.id}"' in answer.text
        given = Feedback.objects.get()
        assert (given.metric, given.value, given.created_by) == (helpful, value, bob)
        assert given.source == Feedback.Source.REVIEW
    assert "helpful: no withdrawn." in by_key(client, interaction, "2").text
    assert not Feedback.objects.exists()


def test_the_primary_metric_is_first_and_on_the_first_keys(
    client: Client, bob: User, project: Project, interaction: Interaction, helpful: Metric
) -> None:
    make.make_metric(project, "correct")
    other = make.make_interaction(project, feedback={helpful: 1})
    client.force_login(bob)
    feedback = client.get(page(interaction)).context["detail"].feedback
    assert [(row.metric.key, row.is_primary) for row in feedback.shown] == [
        ("helpful", True),
        ("correct", False),
    ]
    keys = [[button.key for button in row.buttons] for row in feedback.shown]
    assert keys == [["1", "2"], ["3", "4"]]
    assert client.get(page(other)).context["detail"].feedback.shown[0].is_primary


def test_digits_type_the_primary_metric_that_is_a_number(
    client: Client, bob: User, project: Project, interaction: Interaction, csat: Metric
) -> None:
    make.make_metric(project)
    project.primary_metric = csat
    project.save()
    client.force_login(bob)
    feedback = client.get(page(interaction)).context["detail"].feedback
    assert feedback.shown[0].is_primary
    assert [button.key for row in feedback.shown for button in row.buttons] == ["", ""]
    answer = by_key(client, interaction, "1")
    assert "csat is a number: open the interaction to type it." in answer.text


def test_a_key_without_a_value_says_so(
    client: Client, bob: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(bob)
    assert "helpful has its values on the keys 1 to 2." in by_key(client, interaction, "3").text
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("key", ["0", "", "a", "1.0", "11", "\0", "१"])
def test_what_is_no_number_key_is_refused(
    client: Client, bob: User, interaction: Interaction, helpful: Metric, key: str
) -> None:
    client.force_login(bob)
    assert by_key(client, interaction, key).status_code == 400
    assert not Feedback.objects.exists()


def test_without_metrics_a_key_says_where_to_choose_one(
    client: Client, bob: User, interaction: Interaction
) -> None:
    client.force_login(bob)
    answer = by_key(client, interaction, "1")
    assert "No metric of this project has its values on keys" in answer.text


def test_a_stranger_gives_nothing_by_key(
    client: Client, charlie: User, interaction: Interaction, helpful: Metric
) -> None:
    client.force_login(charlie)
    assert by_key(client, interaction, "1").status_code == 404
    assert not Feedback.objects.exists()
