"""The page of a review."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from interactions.models import Feedback
from interactions.services.judging import feedback
from interactions.services.recording.drafts import FeedbackDraft
from projects.models import Event, Metric, Project, User
from tests import make
from tests.query_counts import QueryCounts

PAGE = "/projects/maple/review/"
LATER = make.NOON + timedelta(days=300)


@pytest.fixture
def helpful(project: Project) -> Metric:
    return make.make_metric(project)


@pytest.fixture
def csat(project: Project) -> Metric:
    return make.make_metric(project, "csat", "SCALAR")


@pytest.fixture
def ten(project: Project, helpful: Metric) -> list[UUID]:
    """Ten interactions, newest first."""
    return make.make_interactions(project, 10)[::-1]


def store(project: Project, id: UUID, metric: Metric, value: float, by: User) -> None:
    given = FeedbackDraft(metric=metric, value=value)
    feedback.give_own(project, id, given=given, by=by, is_toggle=False)


def give(client: Client, id: UUID, value: str, query: str = "?metric=helpful", **form: str) -> Any:
    return client.post(f"{PAGE}give/{query}", {"interaction": str(id), "value": value, **form})


def shown(text: str) -> str:
    """The id of the interaction that is asked about."""
    found = re.search(r'name="interaction" value="([^"]+)"', text)
    return found[1] if found else ""


def test_the_page_asks_stores_and_goes_on(
    client: Client, bob: User, ten: list[UUID], project: Project
) -> None:
    client.force_login(bob)
    text = client.get(PAGE).text
    assert shown(text) == str(ten[0])
    assert "<b>0 of 10</b> read" in text
    answer = give(client, ten[0], "0", reason=" wrong ")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{PAGE}?metric=helpful&at={ten[1]}"
    given = Feedback.objects.get()
    assert (given.value, given.reason, given.source) == (0.0, "wrong", "REVIEW")
    text = client.get(answer.headers["Location"]).text
    assert shown(text) == str(ten[1])
    assert "<b>1 of 10</b> read; bad <b>100.0 %</b>" in text
    assert shown(client.get(PAGE).text) == str(ten[1])  # where one stopped


def test_undo_takes_the_last_value_back_and_asks_again(
    client: Client, bob: User, ten: list[UUID]
) -> None:
    client.force_login(bob)
    give(client, ten[0], "1")
    give(client, ten[1], "0")
    answer = client.post(f"{PAGE}undo/?metric=helpful")
    assert answer.headers["Location"] == f"{PAGE}?metric=helpful&at={ten[1]}"
    assert [one.interaction_id for one in Feedback.objects.all()] == [ten[0]]
    assert Event.objects.get(verb="feedback.withdrawn").details["value"] == 0.0
    client.post(f"{PAGE}undo/?metric=helpful")
    client.post(f"{PAGE}undo/?metric=helpful")  # nothing is left to undo
    assert not Feedback.objects.exists()


def test_undo_leaves_old_values_and_other_peoples(
    client: Client, bob: User, alice: User, ten: list[UUID], project: Project, helpful: Metric
) -> None:
    store(project, ten[0], helpful, 1, alice)
    store(project, ten[1], helpful, 1, bob)
    Feedback.objects.filter(created_by=bob).update(created_at=make.NOON)
    client.force_login(bob)
    assert "Undo" not in client.get(PAGE).text
    client.post(f"{PAGE}undo/?metric=helpful")
    assert Feedback.objects.count() == 2


def test_the_end_sums_up_and_leads_to_the_bad_ones(
    client: Client, bob: User, ten: list[UUID]
) -> None:
    client.force_login(bob)
    for id in ten[:-1]:
        give(client, id, "1")
    answer = give(client, ten[-1], "0")
    assert answer.headers["Location"] == f"{PAGE}?metric=helpful&at=end"
    text = client.get(answer.headers["Location"]).text
    assert "10 of 10 read; bad 10.0 %" in text
    assert "/interactions/?feedback=helpful:eq:0" in text
    assert f"at={ten[-1]}" in text
    assert "skipped" not in text


def test_what_was_skipped_is_offered_at_the_end(client: Client, bob: User, ten: list[UUID]) -> None:
    client.force_login(bob)
    assert "Begin again with what was skipped" in client.get(f"{PAGE}?at=end").text


def test_a_sample_is_drawn_into_the_address_and_read_with_its_interval(
    client: Client, bob: User, ten: list[UUID]
) -> None:
    client.force_login(bob)
    drawn = client.get(f"{PAGE}?metric=helpful&sample=4").headers["Location"]
    assert re.fullmatch(r"\?metric=helpful&sample=4&seed=\d+&upto=[\d:.T-]+Z", drawn)
    text = client.get(PAGE + drawn).text
    assert "<b>0 of 4</b> drawn at random from 10" in text
    for value in ("0", "1", "1", "1"):
        answer = give(client, UUID(shown(text)), value, drawn)
        text = client.get(answer.headers["Location"]).text
    assert "at=end" in answer.headers["Location"]
    assert re.search(r"bad <b>25.0 % ± \d\d\.\d %</b>", text)
    assert re.search(r"sample=\d+&(amp;)?seed", text)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?metric=nothing", "expected a metric of this project: helpful"),
        ("?sample=many&seed=1&upto=2024-01-01", "expected a number from 1 to 5,000"),
        ("?sample=0&seed=1&upto=2024-01-01", "expected a number from 1 to 5,000"),
        ("?sample=5&seed=x&upto=2024-01-01", "expected a number of at most nine digits"),
        ("?sample=5&seed=1&upto=soon", "expected a date or time"),
        ("?seed=1", "goes with sample"),
        ("?whose=bob", "expected all or nothing"),
        ("?at=here", "expected the id of an interaction, or end"),
        (f"?at={UUID(int=1)}", "expected an interaction of this project"),
        ("?colour=red", "unknown; expected one of"),
        (
            "?sample=5&seed=1&upto=2024-01-01&not_feedback=helpful&metric=helpful",
            "the filter asks for helpful itself",
        ),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_asked(
    client: Client, bob: User, ten: list[UUID], query: str, said: str
) -> None:
    client.force_login(bob)
    text = client.get(PAGE + query).text
    assert said in text.replace("&#x27;", "'")
    assert shown(text) == ""


@pytest.mark.parametrize("value", ["", "2", "much", "nan"])
def test_a_wrong_value_is_said_and_not_stored(
    client: Client, bob: User, ten: list[UUID], value: str
) -> None:
    client.force_login(bob)
    answer = give(client, ten[0], value, reason="because")
    assert answer.status_code == 422
    assert "expected" in answer.text
    assert shown(answer.text) == str(ten[0])
    assert "because" in answer.text
    assert not Feedback.objects.exists()


def test_numbers_of_any_size_are_typed_and_the_mean_told(
    client: Client, bob: User, ten: list[UUID], csat: Metric
) -> None:
    client.force_login(bob)
    text = client.get(f"{PAGE}?metric=csat").text
    assert 'inputmode="decimal" name="value"' in text
    give(client, ten[0], "2.5", "?metric=csat")
    give(client, ten[1], "3.5", "?metric=csat")
    assert "mean csat <b>3</b>" in client.get(f"{PAGE}?metric=csat").text


def test_others_feedback_is_hidden_until_one_has_answered_or_asks(
    client: Client, bob: User, ten: list[UUID], project: Project, helpful: Metric, alice: User
) -> None:
    store(project, ten[0], helpful, 0, alice)
    client.force_login(bob)
    assert "Alice" not in client.get(PAGE).text
    assert "Alice" in client.get(f"{PAGE}?show=1").text
    give(client, ten[0], "1")
    assert "Alice" in client.get(f"{PAGE}?at={ten[0]}").text


def test_the_script_gets_the_card_or_the_status_alone(
    client: Client, bob: User, ten: list[UUID]
) -> None:
    client.force_login(bob)
    card = client.get(PAGE, headers={"HX-Request": "true", "HX-Target": "card"}).text
    assert card.strip().startswith('<div id="card"')
    assert 'id="status"' not in card
    form = {"interaction": str(ten[0]), "value": "1"}
    headers = {"HX-Request": "true", "HX-Target": "queue"}
    status = client.post(f"{PAGE}give/?metric=helpful", form, headers=headers).text
    assert status.strip().startswith('<div id="status"')
    assert "<b>1 of 10</b> read" in status


def test_a_reader_sees_but_gives_no_value(
    client: Client, project: Project, ten: list[UUID]
) -> None:
    reader = make.make_user("ruth")
    make.share(project, reader, "viewer")
    client.force_login(reader)
    text = client.get(PAGE).text
    assert "not give feedback" in text
    assert shown(text) == ""
    assert give(client, ten[0], "1").status_code == 403
    assert client.post(f"{PAGE}undo/?metric=helpful").status_code == 403
    assert not Feedback.objects.exists()


def test_a_stranger_finds_nothing(client: Client, charlie: User, ten: list[UUID]) -> None:
    client.force_login(charlie)
    assert client.get(PAGE).status_code == 404
    assert give(client, ten[0], "1").status_code == 404
    assert client.post(f"{PAGE}undo/").status_code == 404


def test_an_interaction_of_another_project_gets_no_value(
    client: Client, bob: User, ten: list[UUID], charlies_project: Project
) -> None:
    client.force_login(bob)
    other = make.make_interaction(charlies_project).id
    assert give(client, other, "1").status_code == 404
    assert give(client, ten[0], "1", "?metric=unknown").status_code == 422
    bad = client.post(f"{PAGE}give/?metric=helpful", {"interaction": "x", "value": "1"})
    assert bad.status_code == 400
    assert not Feedback.objects.exists()


def test_a_project_without_metrics_says_so(client: Client, bob: User, project: Project) -> None:
    client.force_login(bob)
    assert "this project has none" in client.get(PAGE).text


def test_without_one_asked_it_is_the_yes_or_no_metric_most_given(
    client: Client, alice: User, bob: User, project: Project, csat: Metric, ten: list[UUID]
) -> None:
    usual = make.make_metric(project, "zzz_is_correct")
    store(project, ten[0], usual, 1, alice)
    for id in ten[:3]:
        store(project, id, csat, 4, alice)  # a number
    client.force_login(bob)
    assert client.get(PAGE).context["page"].metric == usual


def test_a_condition_of_the_form_stands_beside_the_metric_that_is_asked(
    client: Client, bob: User, ten: list[UUID]
) -> None:
    client.force_login(bob)
    asked = f"{PAGE}?metric=helpful&given=helpful&given_is=has&order=time"
    assert client.get(asked).headers["Location"] == "?feedback=helpful&metric=helpful"


def test_the_pages_queries_are_counted(
    client: Client, bob: User, ten: list[UUID], query_counts: QueryCounts
) -> None:
    client.force_login(bob)
    give(client, ten[0], "1")
    client.get(PAGE)
    with query_counts("the review page"):
        assert shown(client.get(PAGE).text)
    headers = {"HX-Request": "true", "HX-Target": "card"}
    with query_counts("the next card of a review"):
        assert shown(client.get(PAGE, headers=headers).text)
    form = {"interaction": str(ten[1]), "value": "1"}
    with query_counts("a value of a review"):
        client.post(f"{PAGE}give/?metric=helpful", form, headers=headers)
